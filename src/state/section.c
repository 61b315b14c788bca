/* SPDX-License-Identifier: MIT
 *
 * section: records in the order in which they first came. Beside each pointer stands what is asked
 * of a record again and again (hashes of its key and session, whether it ended), so that looking
 * one up and counting the ended ones walks one small array and not the heap.
 */
#include "state/section.h"

#include "base/digest.h"
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16 };

struct slot {
    uint64_t key, session;
    bool ended;
};

struct section_box {
    struct section s; /* first, so that the two addresses are one */
    atomic_int refs;
    size_t cap, ended;
    struct slot *slots; /* as many as s.v */
};

static struct section_box *box_of(const struct section *s)
{
    return CONTAINER_OF(s, struct section_box, s);
}

static uint64_t hash_of(const char *s)
{
    return s ? digest_key(str_of(s)) : 0;
}

static struct section_box *box_new(size_t cap)
{
    struct section_box *box = NEW(struct section_box);
    atomic_init(&box->refs, 1);
    box->cap = cap;
    if (cap) {
        box->s.v = mem_array(cap, sizeof(*box->s.v));
        box->slots = mem_array(cap, sizeof(*box->slots));
    }
    return box;
}

struct section *section_new(void)
{
    return &box_new(0)->s;
}

struct section *section_ref(const struct section *s)
{
    struct section_box *box = box_of(s);
    atomic_fetch_add_explicit(&box->refs, 1, memory_order_relaxed);
    return &box->s;
}

void section_unref(const struct section *s)
{
    if (!s)
        return;
    struct section_box *box = box_of(s);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < box->s.n; i++)
        rec_unref(box->s.v[i]);
    free(box->s.v);
    free(box->slots);
    free(box);
}

struct section *section_own(const struct section *s)
{
    struct section_box *box = box_of(s);
    if (atomic_load_explicit(&box->refs, memory_order_acquire) == 1)
        return &box->s;
    struct section_box *copy = box_new(s->n + ROOM);
    for (size_t i = 0; i < s->n; i++)
        copy->s.v[i] = rec_ref(s->v[i]);
    if (s->n)
        memcpy(copy->slots, box->slots, s->n * sizeof(*copy->slots));
    copy->s.n = s->n;
    copy->s.before = s->before;
    copy->ended = box->ended;
    section_unref(s);
    return &copy->s;
}

/* Where the record of that key stands, or -1. */
static ssize_t place_of(const struct section *s, const char *key)
{
    const struct slot *slots = box_of(s)->slots;
    uint64_t hash = hash_of(key);
    for (size_t i = key ? s->n : 0; i > 0; i--)
        if (slots[i - 1].key == hash && strcmp(rec_key(s->v[i - 1]), key) == 0)
            return (ssize_t)i - 1;
    return -1;
}

const struct rec *section_find(const struct section *s, const char *key)
{
    ssize_t at = place_of(s, key);
    return at < 0 ? NULL : s->v[at];
}

/* Does the record at a place belong to the session? Both may be none. */
static bool is_of(const struct section *s, size_t at, const char *session, uint64_t hash)
{
    if (box_of(s)->slots[at].session != hash)
        return false;
    const char *own = rec_session(s->v[at]);
    return own && session ? strcmp(own, session) == 0 : own == session;
}

bool section_has(const struct section *s, const char *session)
{
    uint64_t hash = hash_of(session);
    for (size_t i = 0; i < s->n; i++)
        if (is_of(s, i, session, hash))
            return true;
    return false;
}

bool section_is_live(const struct section *s, const char *session)
{
    const struct section_box *box = box_of(s);
    uint64_t hash = hash_of(session);
    if (box->ended == s->n)
        return false;
    for (size_t i = 0; i < s->n; i++)
        if (!box->slots[i].ended && is_of(s, i, session, hash))
            return true;
    return false;
}

size_t section_ended(const struct section *s)
{
    return box_of(s)->ended;
}

void section_put(struct section *s, const struct rec *r)
{
    struct section_box *box = box_of(s);
    ssize_t found = place_of(s, rec_key(r));
    size_t at = found < 0 ? s->n : (size_t)found;
    if (found >= 0) {
        box->ended -= box->slots[at].ended;
        rec_unref(s->v[at]);
    } else if (s->n == box->cap) {
        box->cap = box->cap * 2 + ROOM;
        s->v = mem_grow(s->v, box->cap, sizeof(*s->v));
        box->slots = mem_grow(box->slots, box->cap, sizeof(*box->slots));
    }
    s->n += found < 0;
    s->v[at] = r;
    box->slots[at] = (struct slot){hash_of(rec_key(r)), hash_of(rec_session(r)), rec_ended(r)};
    box->ended += box->slots[at].ended;
}

void section_to_front(struct section *s)
{
    struct section_box *box = box_of(s);
    size_t last = s->n - 1;
    const struct rec *r = s->v[last];
    struct slot slot = box->slots[last];
    memmove(s->v + 1, s->v, last * sizeof(*s->v));
    memmove(box->slots + 1, box->slots, last * sizeof(*box->slots));
    s->v[0] = r;
    box->slots[0] = slot;
}

void section_remove(struct section *s, size_t at)
{
    struct section_box *box = box_of(s);
    box->ended -= box->slots[at].ended;
    rec_unref(s->v[at]);
    s->n--;
    memmove(s->v + at, s->v + at + 1, (s->n - at) * sizeof(*s->v));
    memmove(box->slots + at, box->slots + at + 1, (s->n - at) * sizeof(*box->slots));
}

void section_evict(struct section *s, const char *session, size_t keep)
{
    struct section_box *box = box_of(s);
    uint64_t hash = hash_of(session);
    size_t ended = 0;
    for (size_t i = 0; i < s->n; i++)
        ended += box->slots[i].ended && is_of(s, i, session, hash);
    for (size_t i = 0; ended > keep; i++) {
        if (!box->slots[i].ended || !is_of(s, i, session, hash))
            continue;
        section_remove(s, i--);
        s->before++;
        ended--;
    }
}

void section_forget(struct section *s, const char *session)
{
    uint64_t hash = hash_of(session);
    for (size_t i = s->n; i > 0; i--)
        if (is_of(s, i - 1, session, hash)) {
            section_remove(s, i - 1);
            s->before++;
        }
}
