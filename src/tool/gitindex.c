/* SPDX-License-Identifier: MIT
 *
 * gitindex: the entries of an index file in a map by path.
 */
#include "tool/gitindex.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "tool/gitdir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of an entry: where its fields lie. */
enum {
    AT_MTIME_S = 8,
    AT_MTIME_NS = 12,
    AT_INO = 20,
    AT_MODE = 24,
    AT_SIZE = 36,
    AT_OBJECT = 40,
    OBJECT_BYTES = 20,
    AT_FLAGS = 60, /* behind a SHA-1 */
    AT_NAME = 62,
    HEADER = 12,
    TRAILER = 20,
};
enum { FLAG_EXTENDED = 0x4000, FLAG_STAGE = 0x3000, MODE_TYPE = 0170000, MODE_REGULAR = 0100000 };

struct git_entry {
    uint32_t mtime_s, mtime_ns, ino, size;
    unsigned char object[OBJECT_BYTES];
};

struct gitindex {
    struct map entries; /* values are in the arena */
    struct arena arena;
    struct timespec mtime;
};

static uint32_t be32(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static uint32_t be16(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (uint32_t)b[0] << 8 | b[1];
}

/* ---- parsing ---- */

struct parser {
    struct str bytes;
    size_t at;
    uint32_t version;
    char name[GITINDEX_PATH_MAX + 1]; /* of the entry before, for version 4 */
    size_t name_n;
};

/* The number of bytes that version 4 takes off the name before (as offsets in pack files). */
static bool read_strip(struct parser *p, size_t *ret)
{
    size_t value = 0;
    for (int i = 0; i < 4; i++) {
        if (p->at >= p->bytes.n)
            return false;
        unsigned char c = (unsigned char)p->bytes.p[p->at++];
        value = i ? ((value + 1) << 7) | (c & 0x7f) : (size_t)(c & 0x7f);
        if (!(c & 0x80)) {
            *ret = value;
            return value <= p->name_n;
        }
    }
    return false;
}

/* The name that begins at p->at, and what pads the entry. */
static bool read_name(struct parser *p, size_t entry_at)
{
    size_t strip = p->name_n;
    if (p->version == 4 && !read_strip(p, &strip))
        return false;
    size_t keep = p->version == 4 ? p->name_n - strip : 0;
    struct str rest = str_sub(p->bytes, p->at, p->bytes.n);
    ssize_t n = str_index(rest, '\0');
    if (n < 0 || keep + (size_t)n > GITINDEX_PATH_MAX || keep + (size_t)n == 0)
        return false;
    memcpy(p->name + keep, rest.p, (size_t)n);
    p->name_n = keep + (size_t)n;
    p->name[p->name_n] = '\0';
    p->at += (size_t)n + 1;
    if (p->version < 4) /* 1 to 8 NULs, so that an entry is a multiple of 8 bytes */
        p->at = entry_at + (p->at - entry_at + 7) / 8 * 8;
    return p->at <= p->bytes.n;
}

static bool read_entry(struct parser *p, struct gitindex *g, struct str prefix)
{
    size_t from = p->at;
    if (p->bytes.n - p->at < AT_NAME)
        return false;
    const char *b = p->bytes.p + p->at;
    uint32_t flags = be16(b + AT_FLAGS);
    p->at += (size_t)AT_NAME + (flags & FLAG_EXTENDED ? 2u : 0u);
    if ((flags & FLAG_EXTENDED) && p->version < 3)
        return false;
    if (p->at > p->bytes.n || !read_name(p, from))
        return false;
    struct str name = str_make(p->name, p->name_n);
    bool inside = name.n > prefix.n && memcmp(name.p, prefix.n ? prefix.p : "", prefix.n) == 0;
    if (!inside || (flags & FLAG_STAGE) || (be32(b + AT_MODE) & MODE_TYPE) != MODE_REGULAR)
        return true;
    struct git_entry *entry = ARENA_NEW(&g->arena, struct git_entry);
    *entry = (struct git_entry){.mtime_s = be32(b + AT_MTIME_S),
                                .mtime_ns = be32(b + AT_MTIME_NS),
                                .ino = be32(b + AT_INO),
                                .size = be32(b + AT_SIZE)};
    memcpy(entry->object, b + AT_OBJECT, OBJECT_BYTES);
    map_put(&g->entries, str_sub(name, prefix.n, name.n), entry);
    return true;
}

struct gitindex *gitindex_parse(struct str bytes, struct timespec mtime, struct str prefix)
{
    if (bytes.n < HEADER + TRAILER || memcmp(bytes.p, "DIRC", 4) != 0)
        return NULL;
    CLEANUP(mem_free_p) struct parser *p = NEW(struct parser);
    p->bytes = str_sub(bytes, 0, bytes.n - TRAILER);
    p->version = be32(bytes.p + 4);
    p->at = HEADER;
    uint32_t n = be32(bytes.p + 8);
    if (p->version < 2 || p->version > 4 || n > GITINDEX_ENTRIES_MAX)
        return NULL;
    struct gitindex *g = NEW(struct gitindex);
    g->mtime = mtime;
    for (uint32_t i = 0; i < n; i++)
        if (!read_entry(p, g, prefix)) {
            gitindex_free(g);
            return NULL;
        }
    return g;
}

/* ---- finding the repository ---- */

static struct gitindex *read_index(const char *dir, struct str prefix)
{
    CLEANUP(mem_free_p) char *git = gitdir_at(dir);
    if (!git)
        return NULL;
    CLEANUP(mem_free_p) char *path = fs_join(git, "index");
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    CLEANUP(buf_free) struct buf b = BUF_INIT(GITINDEX_BYTES_MAX);
    struct err e = ERR_INIT;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !fs_read_fd(fd, &b, &e))
        return NULL;
    return gitindex_parse(buf_view(&b), st.st_mtim, prefix);
}

struct gitindex *gitindex_open(const struct path_root *root)
{
    CLEANUP(mem_free_p) char *dir = mem_strdup(root->path);
    CLEANUP(buf_free) struct buf prefix = BUF_OWN;
    for (int i = 0; i < GITDIR_PARENTS_MAX; i++) {
        CLEANUP(mem_free_p) char *git = fs_join(dir, ".git");
        char *slash = strrchr(dir, '/');
        if (fs_exists(git) || !slash || slash == dir) {
            struct gitindex *g = read_index(dir, buf_view(&prefix));
            return g ? g : NEW(struct gitindex);
        }
        CLEANUP(mem_free_p) char *below = mem_strndup(buf_cstr(&prefix), prefix.len);
        buf_clear(&prefix);
        buf_printf(&prefix, "%s/%s", slash + 1, below);
        *slash = '\0';
    }
    return NEW(struct gitindex);
}

void gitindex_free(struct gitindex *g)
{
    if (!g)
        return;
    map_free(&g->entries, NULL);
    arena_free(&g->arena);
    free(g);
}

bool gitindex_has(const struct gitindex *g, const char *path, const struct stat *st)
{
    const struct git_entry *entry = map_get(&g->entries, str_of(path));
    if (!entry)
        return false;
    /* A file that changed after git looked at it, but in the same instant, looks unchanged. */
    bool older = st->st_mtim.tv_sec < g->mtime.tv_sec ||
                 (st->st_mtim.tv_sec == g->mtime.tv_sec && st->st_mtim.tv_nsec < g->mtime.tv_nsec);
    return older && entry->mtime_s == (uint32_t)st->st_mtim.tv_sec &&
           entry->mtime_ns == (uint32_t)st->st_mtim.tv_nsec && entry->ino == (uint32_t)st->st_ino &&
           entry->size == (uint32_t)st->st_size;
}

bool gitindex_object(const struct gitindex *g, const char *path, char ret[GITINDEX_OBJECT])
{
    const struct git_entry *entry = map_get(&g->entries, str_of(path));
    for (size_t i = 0; entry && i < OBJECT_BYTES; i++)
        snprintf(ret + 2 * i, 3, "%02x", entry->object[i]);
    return entry != NULL;
}

size_t gitindex_count(const struct gitindex *g)
{
    return g->entries.n;
}
