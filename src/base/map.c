/* SPDX-License-Identifier: MIT
 *
 * map: open addressing with linear probing. At most three quarters of the slots are used; a removal
 * moves the followers of its run back, so there are no tombstones and probing always ends.
 */
#include "base/map.h"

#include "base/digest.h"
#include "base/mem.h"

#include <stdlib.h>

enum { FIRST_CAP = 16 };

struct map_slot {
    char *key; /* NULL: free */
    size_t key_n;
    uint64_t hash;
    void *value;
};

/* The slot of the key, or the free one where it belongs. Needs cap > n. */
static struct map_slot *slot_of(const struct map *m, struct str key, uint64_t hash)
{
    size_t i = (size_t)hash & (m->cap - 1);
    while (m->slots[i].key) {
        struct map_slot *s = &m->slots[i];
        if (s->hash == hash && str_eq(str_make(s->key, s->key_n), key))
            return s;
        i = (i + 1) & (m->cap - 1);
    }
    return &m->slots[i];
}

static void grow(struct map *m)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : FIRST_CAP;
    m->slots = mem_array(m->cap, sizeof(*m->slots));
    for (size_t i = 0; i < old.cap; i++) {
        struct map_slot *s = &old.slots[i];
        if (s->key)
            *slot_of(m, str_make(s->key, s->key_n), s->hash) = *s;
    }
    free(old.slots);
}

void map_free(struct map *m, void (*free_value)(void *))
{
    for (size_t i = 0; i < m->cap; i++) {
        struct map_slot *s = &m->slots[i];
        if (s->key && s->value && free_value)
            free_value(s->value);
        free(s->key);
    }
    free(m->slots);
    *m = (struct map){0};
}

void *map_get(const struct map *m, struct str key)
{
    return m->n ? slot_of(m, key, digest_key(key))->value : NULL;
}

void *map_put(struct map *m, struct str key, void *value)
{
    uint64_t hash = digest_key(key);
    if ((m->n + 1) * 4 > m->cap * 3)
        grow(m);
    struct map_slot *s = slot_of(m, key, hash);
    void *before = s->value;
    if (!s->key) {
        *s = (struct map_slot){.key = mem_strndup(key.p, key.n), .key_n = key.n, .hash = hash};
        m->n++;
    }
    s->value = value;
    return before;
}

void *map_remove(struct map *m, struct str key)
{
    struct map_slot *s = m->n ? slot_of(m, key, digest_key(key)) : NULL;
    if (!s || !s->key)
        return NULL;
    void *value = s->value;
    size_t mask = m->cap - 1;
    size_t hole = (size_t)(s - m->slots);
    free(s->key);
    for (size_t i = (hole + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
        size_t home = (size_t)m->slots[i].hash & mask;
        /* A follower may move back to the hole when its home does not lie between the two. */
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole] = (struct map_slot){0};
    m->n--;
    return value;
}

bool map_next(const struct map *m, size_t *at, const char **ret_key, void **ret_value)
{
    while (*at < m->cap) {
        const struct map_slot *s = &m->slots[(*at)++];
        if (!s->key)
            continue;
        if (ret_key)
            *ret_key = s->key;
        if (ret_value)
            *ret_value = s->value;
        return true;
    }
    return false;
}
