/* SPDX-License-Identifier: MIT
 *
 * sandbox_seal: a digest of each protected path, before and after a command. An entry counts with
 * its name, type, mode, owner and contents; a link with where it points; past the limits of the
 * header, size and time of change stand for the contents.
 */
#include "policy/sandbox.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 16 * 1024 };

struct entry {
    char *path;
    char digest[DIGEST_HEX];
};

struct sandbox_seal {
    VEC(struct entry) all;
};

struct budget {
    size_t files, bytes;
};

static void add_text(struct digest *d, const char *s)
{
    digest_add(d, str_make(s, strlen(s) + 1));
}

static void add_contents(struct digest *d, const char *path, struct budget *left)
{
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char chunk[READ_CHUNK];
    while (fd >= 0 && left->bytes > 0) {
        ssize_t n = read(fd, chunk, MIN(sizeof(chunk), left->bytes));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        digest_add(d, str_make(chunk, (size_t)n));
        left->bytes -= (size_t)n;
    }
}

static void add_entry(struct digest *d, const FTSENT *f, struct budget *left)
{
    char link[4096];
    const struct stat *st = f->fts_statp;
    add_text(d, f->fts_path);
    if (f->fts_info == FTS_NS || f->fts_info == FTS_ERR || f->fts_info == FTS_DNR)
        return;
    digest_add(d, str_make((const char *)&st->st_mode, sizeof(st->st_mode)));
    digest_add(d, str_make((const char *)&st->st_uid, sizeof(st->st_uid)));
    if (f->fts_info == FTS_SL || f->fts_info == FTS_SLNONE) {
        ssize_t n = readlink(f->fts_accpath, link, sizeof(link));
        digest_add(d, str_make(link, n > 0 ? (size_t)n : 0));
    } else if (f->fts_info == FTS_F && left->files > 0 && (size_t)st->st_size <= left->bytes) {
        left->files--;
        add_contents(d, f->fts_accpath, left);
    } else if (f->fts_info == FTS_F) {
        digest_add(d, str_make((const char *)&st->st_size, sizeof(st->st_size)));
        digest_add(d, str_make((const char *)&st->st_ctim, sizeof(st->st_ctim)));
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void look(const char *path, struct budget *left, char out[DIGEST_HEX])
{
    struct digest d;
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    size_t entries = 0;
    digest_init(&d);
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, by_name);
    for (FTSENT *f; walk && (f = fts_read(walk));) {
        if (f->fts_info == FTS_DP)
            continue;
        if (++entries > 4 * SEAL_FILES_MAX) /* of any kind: directories cost time too */
            break;
        add_entry(&d, f, left);
    }
    if (walk)
        fts_close(walk);
    digest_end(&d, out);
}

struct sandbox_seal *sandbox_seal_take(const struct sandbox_profile *p)
{
    struct sandbox_seal *s = NEW(struct sandbox_seal);
    struct budget left = {SEAL_FILES_MAX, SEAL_BYTES_MAX};
    for (size_t i = 0; p->protect && p->protect[i]; i++) {
        struct entry e = {.path = mem_strdup(p->protect[i])};
        look(e.path, &left, e.digest);
        VEC_PUSH(&s->all, e);
    }
    return s;
}

size_t sandbox_seal_check(const struct sandbox_seal *s,
                          void (*changed)(void *arg, const char *path), void *arg)
{
    struct budget left = {SEAL_FILES_MAX, SEAL_BYTES_MAX};
    size_t n = 0;
    for (size_t i = 0; i < s->all.n; i++) {
        char now[DIGEST_HEX];
        look(s->all.v[i].path, &left, now);
        if (strcmp(now, s->all.v[i].digest) == 0)
            continue;
        changed(arg, s->all.v[i].path);
        n++;
    }
    return n;
}

void sandbox_seal_free(struct sandbox_seal *s)
{
    for (size_t i = 0; s && i < s->all.n; i++)
        free(s->all.v[i].path);
    if (s)
        free(s->all.v);
    free(s);
}
