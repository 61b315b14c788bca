/* SPDX-License-Identifier: MIT
 *
 * rewind: files back to what they were.
 */
#include "tool/rewind.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "policy/launch.h"
#include "policy/path.h"
#include "store/blob.h"
#include "json/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GIT_MS = 30000, MODE_NEW = 0644, PERMISSIONS = 0777 };

enum known { KNOWN_NOT, KNOWN_NONE, KNOWN_BLOB, KNOWN_GIT };

struct file {
    struct rewind_file shown; /* first: rewind_files gives these out */
    enum known before, left;
    char object[DIGEST_HEX]; /* of git */
    char left_sha[DIGEST_HEX];
    char also[DIGEST_HEX]; /* a rewind that did not come to its end left this, perhaps */
    bool half;             /* `also` counts */
    int64_t mode;
    bool has_mode;  /* it is known */
    struct stat st; /* of what is there now */
};

struct copy {
    char sha[DIGEST_HEX];
    int64_t mode;
};

struct rewind {
    struct path_root root;
    struct policy *policy;
    char *workspace, *store_dir;
    struct arena arena;
    struct map files;  /* struct file, in the arena */
    struct map copies; /* struct copy, in the arena: the last of each path */
    struct map only;   /* paths; the values mean nothing. Empty: all */
    VEC(struct rewind_file *) order;
};

struct rewind *rewind_new(const char *workspace, const char *store_dir, struct policy *policy,
                          struct err *e)
{
    int fd = open(workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        err_sys(e, ERR_IO, errno, "the workspace");
        return NULL;
    }
    struct rewind *r = NEW(struct rewind);
    r->workspace = mem_strdup(workspace);
    r->store_dir = mem_strdup(store_dir);
    r->policy = policy;
    r->root = (struct path_root){.fd = fd, .path = r->workspace};
    return r;
}

void rewind_free(struct rewind *r)
{
    if (!r)
        return;
    close(r->root.fd);
    map_free(&r->files, NULL);
    map_free(&r->copies, NULL);
    map_free(&r->only, NULL);
    arena_free(&r->arena);
    free(r->order.v);
    free(r->workspace);
    free(r->store_dir);
    free(r);
}

/* ---- what the log says ---- */

static void copy_sha(char out[DIGEST_HEX], const char *sha)
{
    snprintf(out, DIGEST_HEX, "%s", sha ? sha : "");
}

/* The file of a path; *ret_first: this is the first that is heard of it. */
static struct file *file_of(struct rewind *r, const char *path, bool *ret_first, struct err *e)
{
    struct file *f = map_get(&r->files, str_of(path));
    *ret_first = !f;
    if (f)
        return f;
    if (r->files.n == REWIND_FILES_MAX) {
        err_set(e, ERR_TOO_LARGE, "more than %d files changed since", REWIND_FILES_MAX);
        return NULL;
    }
    f = ARENA_NEW(&r->arena, struct file);
    *f = (struct file){.shown.path = arena_strdup(&r->arena, path), .mode = MODE_NEW};
    map_put(&r->files, str_of(path), f);
    return f;
}

static void take_copies(struct rewind *r, const struct json *copies)
{
    for (const struct json *c = json_first(copies); c; c = json_next(c)) {
        struct copy *copy = ARENA_NEW(&r->arena, struct copy);
        copy_sha(copy->sha, json_cstr(json_get(c, "sha256"), ""));
        copy->mode = json_i64(json_get(c, "mode"), MODE_NEW);
        map_put(&r->copies, str_of(json_cstr(json_get(c, "path"), "")), copy);
    }
}

/* What a file was before the first change after the point. */
static void note_before(struct rewind *r, struct file *f, const struct json *change)
{
    const char *object = json_cstr(json_get(change, "git"), NULL);
    const struct copy *copy = map_get(&r->copies, str_of(f->shown.path));
    bool restorable = json_bool(json_get(change, "restorable"), false);
    f->before = KNOWN_NOT;
    if (strcmp(json_cstr(json_get(change, "change"), ""), "created") == 0) {
        f->before = KNOWN_NONE;
    } else if (object) {
        f->before = KNOWN_GIT;
        f->has_mode = json_get(change, "mode") != NULL;
        f->mode = json_i64(json_get(change, "mode"), MODE_NEW) & PERMISSIONS;
        copy_sha(f->object, object);
    } else if (restorable && copy && copy->sha[0]) {
        f->before = KNOWN_BLOB;
        f->has_mode = true;
        f->mode = copy->mode & PERMISSIONS;
        copy_sha(f->shown.want, copy->sha);
    }
}

static bool take_changes(struct rewind *r, const struct json *files, struct err *e)
{
    for (const struct json *c = json_first(files); c; c = json_next(c)) {
        bool first;
        struct file *f = file_of(r, json_cstr(json_get(c, "path"), ""), &first, e);
        const char *sha = json_cstr(json_get(c, "sha256"), NULL);
        bool removed = strcmp(json_cstr(json_get(c, "change"), ""), "removed") == 0;
        if (!f)
            return false;
        if (first)
            note_before(r, f, c);
        f->left = removed ? KNOWN_NONE : sha ? KNOWN_BLOB : KNOWN_NOT;
        f->half = false;
        copy_sha(f->left_sha, sha);
    }
    return true;
}

/* An earlier rewind is a change as any other; until it ended each of its files may be either. */
static bool take_restoring(struct rewind *r, const struct json *files, struct err *e)
{
    for (const struct json *c = json_first(files); c; c = json_next(c)) {
        bool first;
        struct file *f = file_of(r, json_cstr(json_get(c, "path"), ""), &first, e);
        const char *before = json_cstr(json_get(c, "before"), "");
        const char *sha = json_cstr(json_get(c, "sha256"), "");
        if (!f)
            return false;
        if (first) {
            f->before = before[0] ? KNOWN_BLOB : KNOWN_NONE;
            f->has_mode = json_get(c, "mode") != NULL;
            f->mode = json_i64(json_get(c, "mode"), MODE_NEW) & PERMISSIONS;
            copy_sha(f->shown.want, before);
        }
        f->left = sha[0] ? KNOWN_BLOB : KNOWN_NONE;
        copy_sha(f->left_sha, sha);
        copy_sha(f->also, before);
        f->half = true;
    }
    return true;
}

bool rewind_event(struct rewind *r, const struct json *envelope, struct err *e)
{
    struct str kind = json_str(json_get(envelope, "kind"));
    const struct json *data = json_get(envelope, "data");
    if (str_is(kind, "tool.started"))
        take_copies(r, json_get(data, "copies"));
    else if (str_is(kind, "session.restoring"))
        return take_restoring(r, json_get(data, "files"), e);
    else if (str_starts(kind, "tool."))
        return take_changes(r, json_get(data, "files"), e);
    return true;
}

/* ---- what the disk says ---- */

static bool digest_fd(int fd, char out[DIGEST_HEX], struct err *e)
{
    char bytes[64 * 1024];
    struct digest d;
    ssize_t n;
    digest_init(&d);
    while ((n = read(fd, bytes, sizeof(bytes))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "reading");
        digest_add(&d, str_make(bytes, (size_t)n));
    }
    digest_end(&d, out);
    return true;
}

/* What is there now; false with why nothing may be done. */
static bool look_at(struct rewind *r, struct file *f, struct err *e)
{
    struct rewind_file *s = &f->shown;
    struct err none = ERR_INIT;
    s->now[0] = '\0';
    CLEANUP(fd_close_p)
    int fd = path_open(&r->root, s->path, O_RDONLY | O_NOFOLLOW, true, &none);
    if (fd < 0 && none.code == ERR_NOT_FOUND)
        return true;
    if (fd < 0) {
        *e = none;
        return false;
    }
    return (fstat(fd, &f->st) == 0 || err_sys(e, ERR_IO, errno, "%s", s->path)) &&
           digest_fd(fd, s->now, e);
}

/* Fetches an object of git into a copy. It runs in the sandbox, as a command of a model does: what
 * a repository's configuration makes git do is nothing to rely on. */
static bool fetch_object(struct rewind *r, struct file *f, struct err *e)
{
    const char *argv[] = {"git", "cat-file", "blob", f->object, NULL};
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    struct sandbox_profile profile;
    struct launched l;
    struct launch_result end;
    int64_t bytes;
    CLEANUP(fd_close_p) int fd = open(r->store_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "the store");
    policy_sandbox(r->policy, &profile);
    spec.profile = &profile;
    spec.argv = argv;
    spec.out_to = fd;
    spec.separate_stderr = true;
    if (!launch_start(&spec, &l, e) || !launch_wait(&l, NULL, clock_mono_ms() + GIT_MS, &end, e))
        return false;
    if (end.end != LAUNCH_EXITED || end.exit_code != 0)
        return err_set(e, ERR_NOT_FOUND, "git has its old content no more");
    return lseek(fd, 0, SEEK_SET) == 0 && blob_from_fd(r->store_dir, fd, f->shown.want, &bytes, e);
}

/* Is it what tau left there? */
static bool is_ours(const struct file *f)
{
    const char *now = f->shown.now;
    if (f->half && strcmp(now, f->also) == 0)
        return true;
    return f->left == KNOWN_NONE   ? !now[0]
           : f->left == KNOWN_BLOB ? strcmp(now, f->left_sha) == 0
                                   : false;
}

static const char *keep_text(struct rewind *r, const struct err *e)
{
    return arena_strdup(&r->arena, e->message);
}

/* Said before anything is done; it is asked again then (apply_one). */
static bool is_protected(struct rewind *r, const char *path)
{
    struct err e = ERR_INIT;
    const char *name;
    CLEANUP(fd_close_p) int dir = path_open_parent(&r->root, path, false, &name, &e);
    return dir < 0 ? path_protected(&r->root, path, "")
                   : policy_protects(r->policy, &r->root, dir, name);
}

static void judge(struct rewind *r, struct file *f)
{
    struct rewind_file *s = &f->shown;
    struct err e = ERR_INIT;
    s->act = REWIND_LOST;
    if (f->before == KNOWN_NOT) {
        s->why = "no copy was kept of what it was";
        return;
    }
    if (is_protected(r, s->path)) {
        s->why = "it is protected";
        return;
    }
    if ((f->before == KNOWN_GIT && !fetch_object(r, f, &e)) || !look_at(r, f, &e)) {
        s->why = keep_text(r, &e);
        return;
    }
    if (strcmp(s->now, s->want) == 0) {
        s->act = REWIND_SAME;
    } else if (!is_ours(f)) {
        s->act = REWIND_TOUCHED;
        s->why = !s->now[0]             ? "it was removed since"
                 : f->left == KNOWN_NOT ? "what tau left there is not known"
                                        : "it was changed since";
    } else {
        s->act = s->want[0] ? REWIND_WRITE : REWIND_REMOVE;
    }
}

static int by_path(const void *a, const void *b)
{
    const struct rewind_file *const *x = a, *const *y = b;
    return strcmp((*x)->path, (*y)->path);
}

void rewind_only(struct rewind *r, const char *path)
{
    map_put(&r->only, str_of(path), r);
}

void rewind_look(struct rewind *r)
{
    size_t at = 0;
    const char *path;
    void *value;
    r->order.n = 0;
    while (map_next(&r->files, &at, &path, &value)) {
        if (r->only.n > 0 && !map_get(&r->only, str_of(path)))
            continue;
        judge(r, value);
        VEC_PUSH(&r->order, &((struct file *)value)->shown);
    }
    if (r->order.n)
        qsort(r->order.v, r->order.n, sizeof(*r->order.v), by_path);
}

const struct rewind_file *const *rewind_files(const struct rewind *r, size_t *ret_n)
{
    *ret_n = r->order.n;
    return (const struct rewind_file *const *)r->order.v;
}

/* ---- doing it ---- */

static bool wanted(const struct rewind_file *s, bool touched)
{
    return s->act == REWIND_WRITE || s->act == REWIND_REMOVE ||
           (touched && s->act == REWIND_TOUCHED);
}

bool rewind_keep(struct rewind *r, bool touched, struct err *e)
{
    struct blob_batch *batch = blob_batch_new(r->store_dir);
    bool ok = true;
    for (size_t i = 0; ok && i < r->order.n; i++) {
        struct rewind_file *s = r->order.v[i];
        char sha[DIGEST_HEX];
        int64_t bytes;
        if (!wanted(s, touched) || !s->now[0])
            continue;
        CLEANUP(fd_close_p)
        int fd = path_open(&r->root, s->path, O_RDONLY | O_NOFOLLOW, true, e);
        ok = fd >= 0 && blob_batch_copy(batch, fd, sha, &bytes, e);
        if (ok && strcmp(sha, s->now) != 0)
            ok = err_set(e, ERR_CONFLICT, "%s changes just now: try again", s->path);
    }
    if (ok)
        return blob_batch_end(batch, e);
    blob_batch_abort(batch);
    return false;
}

void rewind_write(const struct rewind *r, bool touched, struct buf *out)
{
    struct jsonw w = JSONW(out);
    jsonw_begin_array(&w);
    for (size_t i = 0; i < r->order.n; i++) {
        const struct rewind_file *s = r->order.v[i];
        const struct file *f = (const struct file *)(const void *)s;
        if (!wanted(s, touched))
            continue;
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "path", s->path);
        jsonw_put_cstr(&w, "before", s->now);
        jsonw_put_cstr(&w, "sha256", s->want);
        if (s->now[0])
            jsonw_put_i64(&w, "mode", f->st.st_mode & PERMISSIONS);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
}

/* Still what was looked at? */
static bool unchanged(const struct file *f, int dir, const char *name)
{
    struct stat st;
    bool exists = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!f->shown.now[0])
        return !exists;
    return exists && st.st_dev == f->st.st_dev && st.st_ino == f->st.st_ino &&
           st.st_size == f->st.st_size && st.st_mtim.tv_sec == f->st.st_mtim.tv_sec &&
           st.st_mtim.tv_nsec == f->st.st_mtim.tv_nsec;
}

static bool copy_blob(struct rewind *r, const char *sha, int to, struct err *e)
{
    CLEANUP(fd_close_p) int from = blob_open(r->store_dir, sha, e);
    return from >= 0 && fs_copy(from, to, e);
}

/* Where there was no file none is overwritten that appeared meanwhile. */
static bool settle(const struct file *f, int dir, const char *tmp, const char *name, struct err *e)
{
    if (!unchanged(f, dir, name))
        return err_set(e, ERR_CONFLICT, "it changes just now");
    int failed = f->shown.now[0] ? renameat(dir, tmp, dir, name) : fs_rename_new(dir, tmp, name);
    if (failed && errno == EEXIST)
        return err_set(e, ERR_CONFLICT, "it changes just now");
    return !failed || err_sys(e, ERR_IO, errno, "its name");
}

/* Beside it, then over it: it is whole at any time. */
static bool put_back(struct rewind *r, struct file *f, int dir, const char *name, struct err *e)
{
    char tmp[ID_MAX + 8];
    snprintf(tmp, sizeof(tmp), ".%s.tmp", id_make("tau").s);
    bool keeps = f->shown.now[0] && !f->has_mode; /* the log of an older tau did not say it */
    mode_t mode = keeps ? f->st.st_mode & PERMISSIONS : (mode_t)f->mode;
    CLEANUP(fd_close_p)
    int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", f->shown.path);
    bool ok = copy_blob(r, f->shown.want, fd, e) &&
              (fchmod(fd, mode) == 0 || err_sys(e, ERR_IO, errno, "its mode")) &&
              (fsync(fd) == 0 || err_sys(e, ERR_IO, errno, "sync")) && settle(f, dir, tmp, name, e);
    if (!ok)
        unlinkat(dir, tmp, 0); /* what failed is what is said */
    return ok;
}

static bool apply_one(struct rewind *r, struct file *f, struct err *e)
{
    const char *name;
    CLEANUP(fd_close_p)
    int dir = path_open_parent(&r->root, f->shown.path, f->shown.want[0] != '\0', &name, e);
    if (dir < 0)
        return false;
    if (policy_protects(r->policy, &r->root, dir, name))
        return err_set(e, ERR_PROTECTED, "it is protected");
    if (f->shown.want[0])
        return put_back(r, f, dir, name, e);
    if (!unchanged(f, dir, name))
        return err_set(e, ERR_CONFLICT, "it changes just now");
    return unlinkat(dir, name, 0) == 0 || err_sys(e, ERR_IO, errno, "removing it");
}

size_t rewind_apply(struct rewind *r, bool touched)
{
    size_t done = 0;
    for (size_t i = 0; i < r->order.n; i++) {
        struct rewind_file *s = r->order.v[i];
        struct err e = ERR_INIT;
        if (!wanted(s, touched))
            continue;
        s->done = apply_one(r, (struct file *)(void *)s, &e);
        done += s->done;
        if (!s->done)
            snprintf(s->failure, sizeof(s->failure), "%.*s", (int)sizeof(s->failure) - 1,
                     e.message);
    }
    return done;
}
