/* SPDX-License-Identifier: MIT
 *
 * map: strings to pointers. Keys are copied, values are the caller's. Not shared between threads.
 */
#ifndef TAU_BASE_MAP_H
#define TAU_BASE_MAP_H

#include "base/base.h"
#include "base/str.h"

struct map {
    struct map_slot *slots;
    size_t n, cap;
};

/* The map is empty and usable again. free_value may be NULL; it is not called for NULL values. */
void map_free(struct map *m, void (*free_value)(void *));

void *map_get(const struct map *m, struct str key); /* NULL when it is not there */

/* Returns the value before, or NULL. */
void *map_put(struct map *m, struct str key, void *value);

/* Returns the value that was there, or NULL. */
void *map_remove(struct map *m, struct str key);

/* Walks in no order: size_t at = 0; while (map_next(&m, &at, &key, &value)) ... Both results may be
 * NULL. The key is the map's, NUL-terminated. The map must not change while it is walked. */
bool map_next(const struct map *m, size_t *at, const char **ret_key, void **ret_value);

#endif
