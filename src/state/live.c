/* SPDX-License-Identifier: MIT
 *
 * live: small counted values. A part that two snapshots share is immutable; one delta after a
 * publication copies its struct (not its text, which body_append continues in place), and those
 * that follow until the next publication change it where it is.
 */
#include "state/live.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct part_box {
    struct live_part p; /* first, so that the two addresses are one */
    atomic_int refs;
    char names[]; /* session, turn and part */
};

struct phase_box {
    struct live_phase p;
    atomic_int refs;
    char names[];
};

struct live_box {
    struct live l;
    atomic_int refs;
    VEC(struct live_part *) parts; /* l.parts and l.phases look into these two */
    VEC(struct live_phase *) phases;
};

static struct live_box *box_of(const struct live *l)
{
    return CONTAINER_OF(l, struct live_box, l);
}

/* Puts a copy of s (NULL stays NULL) at *at and moves it on. */
static char *name_put(char **at, const char *s)
{
    if (!s)
        return NULL;
    char *copy = *at;
    size_t n = strlen(s) + 1;
    memcpy(copy, s, n);
    *at += n;
    return copy;
}

static size_t name_bytes(const char *s)
{
    return s ? strlen(s) + 1 : 0;
}

static struct live_part *part_new(const struct live_part *like)
{
    struct part_box *box = mem_new(sizeof(*box) + name_bytes(like->session) +
                                   name_bytes(like->turn) + name_bytes(like->part));
    char *at = box->names;
    atomic_init(&box->refs, 1);
    box->p = (struct live_part){.session = name_put(&at, like->session),
                                .turn = name_put(&at, like->turn),
                                .part = name_put(&at, like->part),
                                .kind = like->kind,
                                .offset = like->offset,
                                .text = body_ref(like->text)};
    return &box->p;
}

static void part_unref(struct live_part *p)
{
    struct part_box *box = CONTAINER_OF(p, struct part_box, p);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    body_unref(p->text);
    free(box);
}

static struct live_phase *phase_new(const struct live_phase *like)
{
    struct phase_box *box = mem_new(sizeof(*box) + name_bytes(like->turn) +
                                    name_bytes(like->phase) + name_bytes(like->detail));
    char *at = box->names;
    atomic_init(&box->refs, 1);
    box->p = (struct live_phase){.turn = name_put(&at, like->turn),
                                 .phase = name_put(&at, like->phase),
                                 .detail = name_put(&at, like->detail),
                                 .since_ms = like->since_ms};
    return &box->p;
}

static void phase_unref(struct live_phase *p)
{
    struct phase_box *box = CONTAINER_OF(p, struct phase_box, p);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) == 1)
        free(box);
}

/* The public face of the two lists. */
static struct live *shown(struct live_box *box)
{
    box->l = (struct live){.n_parts = box->parts.n,
                           .n_phases = box->phases.n,
                           .parts = box->parts.v,
                           .phases = box->phases.v};
    return &box->l;
}

struct live *live_new(void)
{
    struct live_box *box = NEW(struct live_box);
    atomic_init(&box->refs, 1);
    return shown(box);
}

struct live *live_ref(const struct live *l)
{
    struct live_box *box = box_of(l);
    atomic_fetch_add_explicit(&box->refs, 1, memory_order_relaxed);
    return &box->l;
}

void live_unref(const struct live *l)
{
    if (!l)
        return;
    struct live_box *box = box_of(l);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < box->parts.n; i++)
        part_unref(box->parts.v[i]);
    for (size_t i = 0; i < box->phases.n; i++)
        phase_unref(box->phases.v[i]);
    free(box->parts.v);
    free(box->phases.v);
    free(box);
}

struct live *live_own(const struct live *l)
{
    struct live_box *box = box_of(l);
    if (atomic_load_explicit(&box->refs, memory_order_acquire) == 1)
        return &box->l;
    struct live_box *copy = box_of(live_new());
    for (size_t i = 0; i < box->parts.n; i++) {
        struct part_box *part = CONTAINER_OF(box->parts.v[i], struct part_box, p);
        atomic_fetch_add_explicit(&part->refs, 1, memory_order_relaxed);
        VEC_PUSH(&copy->parts, &part->p);
    }
    for (size_t i = 0; i < box->phases.n; i++) {
        struct phase_box *phase = CONTAINER_OF(box->phases.v[i], struct phase_box, p);
        atomic_fetch_add_explicit(&phase->refs, 1, memory_order_relaxed);
        VEC_PUSH(&copy->phases, &phase->p);
    }
    live_unref(l);
    return shown(copy);
}

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static ssize_t place_of(const struct live *l, const char *part)
{
    for (size_t i = 0; i < l->n_parts; i++)
        if (same(l->parts[i]->part, part))
            return (ssize_t)i;
    return -1;
}

struct live_part *live_find(const struct live *l, const char *part)
{
    ssize_t at = place_of(l, part);
    return at < 0 ? NULL : l->parts[at];
}

struct live_phase *live_find_phase(const struct live *l, const char *turn)
{
    for (size_t i = 0; i < l->n_phases; i++)
        if (same(l->phases[i]->turn, turn))
            return l->phases[i];
    return NULL;
}

bool live_has_turn(const struct live *l, const char *turn)
{
    for (size_t i = 0; i < l->n_parts; i++)
        if (same(l->parts[i]->turn, turn))
            return true;
    return live_find_phase(l, turn) != NULL;
}

/* The part at a place, changeable: itself when nobody else has it, else a copy in its stead. */
static struct live_part *part_own(struct live_box *box, size_t at)
{
    struct live_part *p = box->parts.v[at];
    struct part_box *part = CONTAINER_OF(p, struct part_box, p);
    if (atomic_load_explicit(&part->refs, memory_order_acquire) == 1)
        return p;
    box->parts.v[at] = part_new(p);
    part_unref(p);
    return box->parts.v[at];
}

static void part_set(struct live_part *p, int64_t offset, struct body text)
{
    body_unref(p->text);
    p->offset = offset;
    p->text = text;
}

void live_append(struct live *l, const struct live_part *like, int64_t offset, struct str text)
{
    struct live_box *box = box_of(l);
    ssize_t at = place_of(l, like->part);
    if (at < 0) {
        if (l->n_parts == LIVE_PARTS_MAX || offset < 0)
            return;
        struct live_part fresh = *like;
        fresh.offset = offset;
        fresh.text = BODY_NONE;
        VEC_PUSH(&box->parts, part_new(&fresh));
        at = (ssize_t)box->parts.n - 1;
        shown(box);
    }
    const struct live_part *old = box->parts.v[at];
    int64_t end = old->offset + (int64_t)old->text.len;
    if (offset < end) { /* what is there already stays as it is */
        if (offset < 0 || (int64_t)text.n <= end - offset)
            return;
        text = str_sub(text, (size_t)(end - offset), text.n);
        offset = end;
    }
    bool gap = offset > end;
    if ((gap ? 0 : old->text.len) + text.n > LIVE_TEXT_MAX)
        return;
    struct live_part *p = part_own(box, (size_t)at);
    if (gap)
        part_set(p, offset, body_of(text));
    else
        part_set(p, p->offset, body_append(p->text, text));
}

void live_trim(struct live *l, const char *part, int64_t end)
{
    struct live_box *box = box_of(l);
    ssize_t at = place_of(l, part);
    if (at < 0 || end <= box->parts.v[at]->offset)
        return;
    struct live_part *p = part_own(box, (size_t)at);
    int64_t covered = end - p->offset;
    struct str left = covered < (int64_t)p->text.len
                          ? str_sub(body_view(p->text), (size_t)covered, p->text.len)
                          : STR_NULL;
    part_set(p, end, body_of(left));
}

static void part_remove(struct live_box *box, size_t at)
{
    part_unref(box->parts.v[at]);
    box->parts.n--;
    memmove(box->parts.v + at, box->parts.v + at + 1, (box->parts.n - at) * sizeof(*box->parts.v));
    shown(box);
}

void live_end_part(struct live *l, const char *part)
{
    ssize_t at = place_of(l, part);
    if (at >= 0)
        part_remove(box_of(l), (size_t)at);
}

void live_end_turn(struct live *l, const char *turn)
{
    struct live_box *box = box_of(l);
    for (size_t i = box->parts.n; i > 0; i--)
        if (same(box->parts.v[i - 1]->turn, turn))
            part_remove(box, i - 1);
    for (size_t i = box->phases.n; i > 0; i--)
        if (same(box->phases.v[i - 1]->turn, turn)) {
            phase_unref(box->phases.v[i - 1]);
            box->phases.v[i - 1] = box->phases.v[--box->phases.n];
        }
    shown(box);
}

void live_set_phase(struct live *l, const struct live_phase *phase)
{
    struct live_box *box = box_of(l);
    struct live_phase *fresh = phase_new(phase);
    for (size_t i = 0; i < box->phases.n; i++)
        if (same(box->phases.v[i]->turn, phase->turn)) {
            phase_unref(box->phases.v[i]);
            box->phases.v[i] = fresh;
            return;
        }
    VEC_PUSH(&box->phases, fresh);
    shown(box);
}
