/* SPDX-License-Identifier: MIT
 *
 * vfs_shim: databases, WALs and journals are followed; other files pass through. Locks and shared
 * memory are the system's own, so several connections work as they always do.
 */
#include "lib/vfs_shim.h"

#include "lib/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECTOR = 512, FOLLOWED = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL };

struct change {
    sqlite3_int64 at; /* of a truncation: the new size */
    int n;            /* -1: a truncation */
    unsigned char *data;
};

struct node {
    struct node *next;
    char *path;
    unsigned char *image; /* what is safe */
    size_t n, cap;
    struct change *changes; /* since then, in order */
    size_t n_changes, cap_changes;
};

struct shim_file {
    sqlite3_file base;
    struct node *node;
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs, shim_vfs;
static struct node *nodes;
static int64_t writes, syncs, cut_at, full_at, full_until;
static bool cut;

/* ---- what is safe ---- */

static void set_size(struct node *f, size_t n)
{
    if (n > f->cap) {
        f->cap = n * 2;
        f->image = realloc(f->image, f->cap);
        assert_non_null(f->image);
    }
    if (n > f->n)
        memset(f->image + f->n, 0, n - f->n);
    f->n = n;
}

static void apply(struct node *f, const struct change *c, int n)
{
    if (c->n < 0) {
        set_size(f, (size_t)c->at);
        return;
    }
    if ((size_t)c->at + (size_t)n > f->n)
        set_size(f, (size_t)c->at + (size_t)n);
    if (n > 0)
        memcpy(f->image + c->at, c->data, (size_t)n);
}

static void forget_changes(struct node *f)
{
    for (size_t i = 0; i < f->n_changes; i++)
        free(f->changes[i].data);
    f->n_changes = 0;
}

static void remember(struct node *f, sqlite3_int64 at, const void *data, int n)
{
    if (f->n_changes == f->cap_changes) {
        f->cap_changes = f->cap_changes * 2 + 16;
        f->changes = realloc(f->changes, f->cap_changes * sizeof(*f->changes));
        assert_non_null(f->changes);
    }
    struct change *c = &f->changes[f->n_changes++];
    *c = (struct change){.at = at, .n = n};
    if (n > 0) {
        c->data = malloc((size_t)n);
        assert_non_null(c->data);
        memcpy(c->data, data, (size_t)n);
    }
}

static void read_image(struct node *f)
{
    unsigned char chunk[4096];
    FILE *in = fopen(f->path, "rbe");
    size_t n;
    while (in && (n = fread(chunk, 1, sizeof(chunk), in)) > 0)
        apply(f, &(struct change){.at = (sqlite3_int64)f->n, .data = chunk}, (int)n);
    if (in)
        fclose(in);
}

static struct node **place_of(const char *path)
{
    struct node **at = &nodes;
    while (*at && strcmp((*at)->path, path) != 0)
        at = &(*at)->next;
    return at;
}

static struct node *node_of(const char *path)
{
    struct node **at = place_of(path);
    if (!*at) {
        *at = calloc(1, sizeof(**at));
        assert_non_null(*at);
        (*at)->path = strdup(path);
        read_image(*at);
    }
    return *at;
}

static void node_free(struct node *f)
{
    forget_changes(f);
    free(f->changes);
    free(f->image);
    free(f->path);
    free(f);
}

/* ---- faults ---- */

/* False when power is gone; *ret_now: it goes with this one. */
static bool powered(bool *ret_now)
{
    *ret_now = false;
    if (cut)
        return false;
    writes++;
    cut = *ret_now = cut_at > 0 && writes == cut_at;
    return !cut;
}

/* ---- files ---- */

static struct shim_file *of(sqlite3_file *f)
{
    return (struct shim_file *)(void *)f;
}

static int shim_close(sqlite3_file *f)
{
    return of(f)->real->pMethods->xClose(of(f)->real);
}

static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return of(f)->real->pMethods->xRead(of(f)->real, to, n, at);
}

static int shim_write(sqlite3_file *f, const void *data, int n, sqlite3_int64 at)
{
    struct node *node = of(f)->node;
    bool now;
    if (!powered(&now)) {
        if (now && node)
            remember(node, at, data, n); /* some of it may have come through */
        return SQLITE_IOERR_WRITE;
    }
    if (full_at > 0 && writes >= full_at && writes < full_until)
        return SQLITE_FULL;
    if (node)
        remember(node, at, data, n);
    return of(f)->real->pMethods->xWrite(of(f)->real, data, n, at);
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    bool now;
    if (!powered(&now))
        return SQLITE_IOERR_TRUNCATE;
    if (of(f)->node)
        remember(of(f)->node, size, NULL, -1);
    return of(f)->real->pMethods->xTruncate(of(f)->real, size);
}

static int shim_sync(sqlite3_file *f, int flags)
{
    struct node *node = of(f)->node;
    bool now;
    (void)flags; /* the disk below is not what is tested */
    if (!powered(&now))
        return SQLITE_IOERR_FSYNC;
    syncs++;
    for (size_t i = 0; node && i < node->n_changes; i++)
        apply(node, &node->changes[i], node->changes[i].n);
    if (node)
        forget_changes(node);
    return SQLITE_OK;
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *ret_size)
{
    return of(f)->real->pMethods->xFileSize(of(f)->real, ret_size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return of(f)->real->pMethods->xLock(of(f)->real, level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return of(f)->real->pMethods->xUnlock(of(f)->real, level);
}

static int shim_reserved(sqlite3_file *f, int *ret_reserved)
{
    return of(f)->real->pMethods->xCheckReservedLock(of(f)->real, ret_reserved);
}

static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return of(f)->real->pMethods->xFileControl(of(f)->real, op, arg);
}

static int shim_sector(sqlite3_file *f)
{
    return of(f)->real->pMethods->xSectorSize(of(f)->real);
}

static int shim_device(sqlite3_file *f)
{
    return of(f)->real->pMethods->xDeviceCharacteristics(of(f)->real);
}

static int shim_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return of(f)->real->pMethods->xShmMap(of(f)->real, page, size, extend, ret);
}

static int shim_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return of(f)->real->pMethods->xShmLock(of(f)->real, offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *f)
{
    of(f)->real->pMethods->xShmBarrier(of(f)->real);
}

static int shim_shm_unmap(sqlite3_file *f, int remove)
{
    return of(f)->real->pMethods->xShmUnmap(of(f)->real, remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

/* ---- the file system ---- */

static int shim_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *ret_flags)
{
    struct shim_file *file = of(f);
    (void)v;
    file->base.pMethods = NULL;
    file->node = path && (flags & FOLLOWED) ? node_of(path) : NULL;
    file->real = (sqlite3_file *)(void *)(file + 1);
    int rc = real_vfs->xOpen(real_vfs, path, file->real, flags, ret_flags);
    if (rc == SQLITE_OK)
        file->base.pMethods = &methods;
    return rc;
}

/* A file that is gone stays gone: names are safer than contents here, as on a journalled disk. */
static int shim_delete(sqlite3_vfs *v, const char *path, int sync_dir)
{
    (void)v;
    if (cut)
        return SQLITE_IOERR_DELETE;
    struct node **at = place_of(path), *gone = *at;
    if (gone) {
        *at = gone->next;
        node_free(gone);
    }
    return real_vfs->xDelete(real_vfs, path, sync_dir);
}

void shim_reset(void)
{
    if (!real_vfs) {
        real_vfs = sqlite3_vfs_find(NULL);
        shim_vfs = *real_vfs;
        shim_vfs.pNext = NULL;
        shim_vfs.zName = SHIM_VFS;
        shim_vfs.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
        shim_vfs.xOpen = shim_open;
        shim_vfs.xDelete = shim_delete;
        assert_int_equal(sqlite3_vfs_register(&shim_vfs, 0), SQLITE_OK);
    }
    while (nodes) {
        struct node *next = nodes->next;
        node_free(nodes);
        nodes = next;
    }
    writes = syncs = 0;
    shim_power_on();
}

void shim_power_on(void)
{
    cut_at = full_at = full_until = 0;
    cut = false;
}

void shim_cut_after(int64_t n)
{
    cut_at = writes + n;
}

bool shim_is_cut(void)
{
    return cut;
}

void shim_full_after(int64_t n, int64_t count)
{
    full_at = writes + n;
    full_until = full_at + count;
}

int64_t shim_writes(void)
{
    return writes;
}

int64_t shim_syncs(void)
{
    return syncs;
}

/* How much of a write came through. */
static int survives(const struct change *c, bool last, int mode, uint64_t *random)
{
    int sectors = (c->n + SECTOR - 1) / SECTOR;
    int part = (int)(test_random(random) % (uint64_t)(sectors + 1)) * SECTOR;
    if (last)
        return part < c->n ? part : c->n; /* torn */
    switch (mode) {
    case 0:
        return 0; /* nothing since the sync */
    case 1:
        return c->n; /* all but the last */
    default:
        return test_random(random) % 8 == 0 ? (part < c->n ? part : c->n)
                                            : (test_random(random) % 2 ? c->n : 0);
    }
}

void shim_lose_power(uint64_t *random)
{
    int mode = (int)(test_random(random) % 4);
    assert_true(cut);
    for (struct node *f = nodes; f; f = f->next) {
        for (size_t i = 0; i < f->n_changes; i++) {
            const struct change *c = &f->changes[i];
            bool last = i + 1 == f->n_changes;
            if (c->n >= 0)
                apply(f, c, survives(c, last, mode, random));
            else if (mode != 0 && test_random(random) % 2)
                apply(f, c, 0);
        }
        forget_changes(f);
        FILE *out = fopen(f->path, "wbe");
        assert_non_null(out);
        if (f->n > 0)
            assert_int_equal(fwrite(f->image, 1, f->n, out), f->n);
        assert_int_equal(fclose(out), 0);
    }
}
