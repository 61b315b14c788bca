/* SPDX-License-Identifier: MIT
 *
 * draft: a private next snapshot. Evicting is part of reducing each single event and looks at
 * nothing but the records, so that what is left does not depend on how a log was cut into drafts.
 */
#include "state/draft.h"

#include "state/edge.h"
#include "state/section.h"
#include "text/utf8.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

static void (*const reducers[EV_COUNT])(struct draft *, const struct event *) = {
#define EVENT(id, lc, wire, durability, doc) [EV_##id] = reduce_##lc,
#define FIELD(lc, type, member, presence, doc)
#define EVENT_END(lc)
#include "contract/events.def"
#undef EVENT
#undef FIELD
#undef EVENT_END
};

struct draft *draft_new(const struct snapshot *base)
{
    struct draft *d = NEW(struct draft);
    d->next = snapshot_copy(base);
    return d;
}

void draft_drop(struct draft *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->changed.n; i++)
        rec_unref(d->changed.v[i]);
    for (int i = 0; i < REC_COUNT; i++)
        map_free(&d->changed_at[i], NULL);
    free(d->changed.v);
    free(d->fresh.v);
    snapshot_unref(d->next);
    free(d);
}

struct snapshot *draft_finish(struct draft *d, int64_t seq)
{
    struct snapshot *s = TAKE(d->next);
    s->seq = seq;
    draft_drop(d);
    return s;
}

static struct section *own(struct draft *d, enum rec_kind kind)
{
    struct section *s = section_own(d->next->sections[kind]);
    d->next->sections[kind] = s;
    return s;
}

struct live *draft_live(struct draft *d)
{
    struct live *l = live_own(d->next->live);
    d->next->live = l;
    return l;
}

const struct rec *draft_find(const struct draft *d, enum rec_kind kind, const char *key)
{
    return section_find(d->next->sections[kind], key);
}

const struct section *draft_section(const struct draft *d, enum rec_kind kind)
{
    return d->next->sections[kind];
}

void draft_put(struct draft *d, enum rec_kind kind, const void *fields)
{
    struct rec *r = rec_new(kind, fields);
    struct str key = str_of(rec_key(r));
    size_t at = (size_t)(uintptr_t)map_get(&d->changed_at[kind], key);
    section_put(own(d, kind), rec_ref(r));
    if (at > 0) {
        rec_unref(d->changed.v[at - 1]);
        d->changed.v[at - 1] = r;
    } else {
        VEC_PUSH(&d->changed, r);
        at = d->changed.n;
        map_put(&d->changed_at[kind], key, (void *)(uintptr_t)at);
    }
    VEC_PUSH(&d->fresh, at - 1);
}

void draft_forget(struct draft *d, enum rec_kind kind, const char *session)
{
    if (section_has(d->next->sections[kind], session))
        section_forget(own(d, kind), session);
}

static bool session_is_live(const struct draft *d, const char *session)
{
    for (int i = 0; i < REC_COUNT; i++)
        if (section_is_live(d->next->sections[i], session))
            return true;
    return false;
}

/* Sessions that nobody has leased and in which nothing goes on leave with all that is in them. */
static void evict_sessions(struct draft *d)
{
    const struct section *s = d->next->sections[REC_SESSION];
    size_t over = section_ended(s) - rec_table[REC_SESSION].keep;
    for (size_t i = 0; i < s->n && over > 0; i++) {
        const char *id = rec_key(s->v[i]);
        if (!rec_ended(s->v[i]) || session_is_live(d, id))
            continue;
        for (int k = 0; k < REC_COUNT; k++)
            if (rec_table[k].session >= 0)
                draft_forget(d, (enum rec_kind)k, id);
        struct section *owned = own(d, REC_SESSION);
        section_remove(owned, i--);
        owned->before++;
        over--;
        s = owned;
    }
}

/* What this event ended may push older ones out. */
static void evict(struct draft *d)
{
    bool any = false;
    for (size_t i = 0; i < d->fresh.n; i++) {
        const struct rec *r = d->changed.v[d->fresh.v[i]];
        if (!rec_ended(r))
            continue;
        any = true;
        size_t keep = rec_table[r->kind].keep;
        if (r->kind != REC_SESSION && section_ended(d->next->sections[r->kind]) > keep)
            section_evict(own(d, r->kind), rec_session(r), keep);
    }
    if (any && section_ended(d->next->sections[REC_SESSION]) > rec_table[REC_SESSION].keep)
        evict_sessions(d);
    d->fresh.n = 0;
}

void draft_source(struct draft *d,
                  struct rec *(*fn)(void *arg, enum rec_kind kind, const char *key), void *arg)
{
    d->source = fn;
    d->source_arg = arg;
}

/* A record that is not here: as this draft left it, or else as it was stored. */
static struct section *bring_back(struct draft *d, enum rec_kind kind, const char *key)
{
    if (!d->source || !key || draft_find(d, kind, key))
        return NULL;
    size_t at = (size_t)(uintptr_t)map_get(&d->changed_at[kind], str_of(key));
    struct rec *r = at > 0 ? rec_ref(d->changed.v[at - 1]) : d->source(d->source_arg, kind, key);
    if (!r)
        return NULL;
    draft_load(d, r);
    struct section *s = own(d, kind);
    s->before -= s->before > 0;
    return s;
}

const struct rec *draft_bring(struct draft *d, enum rec_kind kind, const char *key)
{
    struct section *s = bring_back(d, kind, key);
    if (s)
        section_to_front(s);
    return draft_find(d, kind, key);
}

void draft_reduce(struct draft *d, const struct event *ev, const char *proc)
{
    if (ev->kind == EV_UNKNOWN || !ev->u)
        return;
    d->proc = proc;
    (void)bring_back(d, REC_SESSION, ev->ids.session);
    reducers[ev->kind](d, ev);
    d->proc = NULL;
    evict(d);
}

void draft_load(struct draft *d, struct rec *r)
{
    if (draft_find(d, r->kind, rec_key(r)))
        rec_unref(r);
    else
        section_put(own(d, r->kind), r);
}

void draft_reload(struct draft *d, struct rec *r)
{
    section_put(own(d, r->kind), r);
}

void draft_load_before(struct draft *d, enum rec_kind kind, int64_t before)
{
    if (d->next->sections[kind]->before != before)
        own(d, kind)->before = before;
}

void draft_unload(struct draft *d, enum rec_kind kind, const char *session)
{
    draft_forget(d, kind, session);
}

void draft_kept(struct draft *d)
{
    for (size_t i = 0; i < d->changed.n; i++)
        rec_unref(d->changed.v[i]);
    d->changed.n = 0;
    for (int k = 0; k < REC_COUNT; k++)
        map_free(&d->changed_at[k], NULL);
}

size_t draft_changed(const struct draft *d, const struct rec *const **ret_v)
{
    *ret_v = d->changed.v;
    return d->changed.n;
}

void draft_degraded(struct draft *d, const char *reason_code)
{
    snprintf(d->next->degraded, sizeof(d->next->degraded), "%s", text_or_empty(reason_code));
}

bool draft_step(const struct draft *d, const struct event *ev, const struct rec **ret_rec,
                const char **ret_status)
{
    enum rec_kind kind = REC_TURN;
    const char *key = edge_subject(ev, &kind);
    if (!key || !key[0])
        return false;
    const struct rec *r = draft_find(d, kind, key);
    enum state_id to = state_step(ev->kind, edge_state(r));
    if (to == STATE_COUNT)
        return false;
    *ret_rec = r;
    *ret_status = state_name(to);
    return true;
}

const char *text_or_empty(const char *s)
{
    return s ? s : "";
}

const char *text_head(struct arena *a, const char *s, size_t n)
{
    struct str whole = str_of(s);
    bool cut;
    if (whole.n <= n)
        return text_or_empty(s);
    return arena_strndup(a, whole.p, utf8_valid_prefix(str_sub(whole, 0, n), &cut));
}

int64_t count_add(int64_t sum, int64_t n)
{
    n = MAX(n, 0);
    return n > INT64_MAX - MAX(sum, 0) ? INT64_MAX : sum + n;
}

double cost_add(double sum, double cost)
{
    return cost > 0 ? MIN(sum + cost, DBL_MAX) : sum;
}

int64_t piece_end(int64_t offset, size_t n)
{
    return offset < 0 || offset > INT64_MAX / 2 || n > INT64_MAX / 2 ? -1 : offset + (int64_t)n;
}

struct body body_with(struct body body, int64_t offset, const char *text, size_t most)
{
    struct str piece = str_of(text);
    int64_t end = piece_end(offset, piece.n);
    if (end < 0 || end <= (int64_t)body.len || body.len >= most)
        return body_ref(body);
    if (offset < (int64_t)body.len)
        piece = str_sub(piece, body.len - (size_t)offset, piece.n);
    return body_append(body, str_sub(piece, 0, most - body.len));
}
