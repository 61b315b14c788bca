/* SPDX-License-Identifier: MIT
 *
 * keep_cache: a map from the state of a file, as text, to a digest.
 */
#include "tool/keep_cache.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_MAX = 160 };

struct keep_cache {
    pthread_mutex_t lock;
    struct map copies; /* values are digests, malloc'd */
};

struct keep_cache *keep_cache_new(void)
{
    struct keep_cache *c = NEW(struct keep_cache);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

void keep_cache_free(struct keep_cache *c)
{
    if (!c)
        return;
    map_free(&c->copies, free);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct str key_of(const struct stat *st, char key[KEY_MAX])
{
    int n =
        snprintf(key, KEY_MAX, "%llx.%llx.%llx.%llx.%lx.%llx.%lx", (unsigned long long)st->st_dev,
                 (unsigned long long)st->st_ino, (unsigned long long)st->st_size,
                 (unsigned long long)st->st_mtim.tv_sec, (unsigned long)st->st_mtim.tv_nsec,
                 (unsigned long long)st->st_ctim.tv_sec, (unsigned long)st->st_ctim.tv_nsec);
    return str_make(key, (size_t)n);
}

bool keep_cache_get(struct keep_cache *c, const struct stat *st, char ret_sha[DIGEST_HEX])
{
    char key[KEY_MAX];
    if (!c)
        return false;
    pthread_mutex_lock(&c->lock);
    const char *sha = map_get(&c->copies, key_of(st, key));
    if (sha)
        memcpy(ret_sha, sha, DIGEST_HEX);
    pthread_mutex_unlock(&c->lock);
    return sha;
}

void keep_cache_put(struct keep_cache *c, const struct stat *st, const char *sha)
{
    char key[KEY_MAX];
    int64_t changed = (int64_t)st->st_ctim.tv_sec * 1000 + st->st_ctim.tv_nsec / 1000000;
    if (!c || clock_wall_ms() - changed < KEEP_CACHE_SETTLE_MS)
        return;
    pthread_mutex_lock(&c->lock);
    if (c->copies.n >= KEEP_CACHE_MAX)
        map_free(&c->copies, free);
    free(map_put(&c->copies, key_of(st, key), mem_dup(sha, DIGEST_HEX)));
    pthread_mutex_unlock(&c->lock);
}
