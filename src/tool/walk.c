/* SPDX-License-Identifier: MIT
 *
 * walk: directories, depth first. One descriptor and one list of names a level.
 */
#include "tool/walk.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/glob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECK_EVERY = 64 };

struct walker {
    struct walk *w;
    struct ignore *ignore; /* NULL: nothing is ignored */
    struct buf path;       /* of the directory that is being read; "" or "a/b" */
    bool ended;
    struct err *e;
};

struct names {
    char **v;
    size_t n, cap;
};

static void names_free(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->v[i]);
    free(names->v);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Must the walk stop with an error? */
static bool stopped(struct walker *k)
{
    const struct walk *w = k->w;
    if (cancel_fired(w->cancel)) {
        err_set(k->e, ERR_CANCELLED, "stopped after %zu entries", w->entries);
        return true;
    }
    if (w->deadline_ms != CLOCK_NEVER && clock_mono_ms() >= w->deadline_ms) {
        err_set(k->e, ERR_TIMEOUT, "not done after %zu entries", w->entries);
        return true;
    }
    return false;
}

/* ---- ignore files ---- */

/* Reads rules for `dir` from a file; what is missing, no file or too large has none. */
static void add_rules(struct ignore *g, int at, const char *name, struct str dir)
{
    CLEANUP(fd_close_p) int fd = openat(at, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    CLEANUP(buf_free) struct buf text = BUF_INIT(WALK_IGNORE_MAX);
    struct err e = ERR_INIT;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fs_read_fd(fd, &text, &e))
        ignore_add(g, dir, buf_view(&text));
}

/* The rules of the directories above the start. */
static void add_rules_above(struct ignore *g, const struct walk *w)
{
    struct err e = ERR_INIT;
    CLEANUP(fd_close_p)
    int git = path_open(w->root, ".git/info", O_PATH | O_DIRECTORY | O_NOFOLLOW, false, &e);
    if (git >= 0)
        add_rules(g, git, "exclude", STR(""));
    const char *at = w->start;
    while (*at) {
        CLEANUP(mem_free_p) char *dir = mem_strndup(w->start, (size_t)(at - w->start));
        CLEANUP(fd_close_p) int fd = path_open(w->root, dir, O_PATH | O_DIRECTORY, false, &e);
        if (fd >= 0)
            add_rules(g, fd, ".gitignore", str_of(dir));
        at += at == w->start ? 0 : 1;
        at += strcspn(at, "/");
    }
}

/* ---- one directory ---- */

static bool read_names(struct walker *k, int fd, struct names *names)
{
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = again >= 0 ? fdopendir(again) : NULL;
    if (!dir) {
        if (again >= 0)
            close(again);
        k->w->cut = true; /* no right to read it: the rest of the tree still counts */
        return true;
    }
    bool ok = true;
    errno = 0;
    for (struct dirent *d = readdir(dir); d; errno = 0, d = readdir(dir)) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        if (names->n == (k->w->max_names ? k->w->max_names : WALK_DIRECTORY_MAX)) {
            k->w->cut = true;
            break;
        }
        char *name = mem_strdup(d->d_name);
        VEC_PUSH(names, name);
        if (names->n % CHECK_EVERY == 0 && stopped(k)) {
            ok = false;
            break;
        }
    }
    if (errno != 0) /* of readdir: what was not read is not there for us */
        k->w->cut = true;
    closedir(dir);
    if (names->n)
        qsort(names->v, names->n, sizeof(*names->v), by_name);
    return ok;
}

static bool walk_directory(struct walker *k, int fd, int depth);

/* Tells of one entry and enters it when it is a directory. False: an error, or the walk is over. */
static bool walk_one(struct walker *k, int fd, const char *name, int depth)
{
    struct walk *w = k->w;
    struct walk_entry entry = {.name = name, .dir = fd, .depth = depth};
    if (fstatat(fd, name, &entry.st, AT_SYMLINK_NOFOLLOW) < 0)
        return true; /* gone meanwhile */
    bool is_dir = S_ISDIR(entry.st.st_mode);
    size_t before = k->path.len;
    if (before)
        buf_putc(&k->path, '/');
    buf_puts(&k->path, name);
    entry.path = buf_cstr(&k->path);
    bool ok = true;
    if (!k->ignore || !ignore_match(k->ignore, buf_view(&k->path), is_dir)) {
        if (w->entries == (w->max_entries ? w->max_entries : WALK_ENTRIES_MAX)) {
            w->cut = k->ended = true;
            ok = false;
        }
        enum walk_next next = ok ? w->each(w->arg, &entry) : WALK_END;
        w->entries += ok;
        k->ended = k->ended || next == WALK_END;
        ok = !k->ended && !(w->entries % CHECK_EVERY == 0 && stopped(k));
        if (ok && is_dir && next == WALK_ON && depth < w->max_depth) {
            CLEANUP(fd_close_p)
            int below = openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (below >= 0)
                ok = walk_directory(k, below, depth + 1);
        }
    }
    buf_truncate(&k->path, before);
    return ok;
}

static bool walk_directory(struct walker *k, int fd, int depth)
{
    if (depth > WALK_DEPTH_MAX) {
        k->w->cut = true;
        return true;
    }
    struct names names = {0};
    bool ok = !stopped(k) && read_names(k, fd, &names);
    if (ok && k->ignore)
        add_rules(k->ignore, fd, ".gitignore", buf_view(&k->path));
    for (size_t i = 0; ok && i < names.n; i++)
        ok = walk_one(k, fd, names.v[i], depth);
    if (k->ignore)
        ignore_pop(k->ignore, buf_view(&k->path));
    names_free(&names);
    return ok;
}

bool walk_run(struct walk *w, struct err *e)
{
    w->entries = 0;
    w->cut = false;
    CLEANUP(fd_close_p) int fd = path_open(w->root, w->start, O_PATH, false, e);
    struct stat st;
    if (fd < 0)
        return false;
    if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode))
        return err_set(e, ERR_INVALID, "%s is not a directory", w->start);
    struct walker k = {.w = w, .path = BUF_OWN, .e = e};
    buf_puts(&k.path, w->start);
    if (w->ignore) {
        k.ignore = ignore_new();
        add_rules_above(k.ignore, w);
    }
    bool ok = walk_directory(&k, fd, 0) || k.ended;
    ignore_free(k.ignore);
    buf_free(&k.path);
    return ok;
}
