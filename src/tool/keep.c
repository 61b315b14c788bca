/* SPDX-License-Identifier: MIT
 *
 * keep: copies before a change, and what a command changed.
 *
 * An entry is the state of one file when it was last walked over: its stat, whether git has it so,
 * and the digest of a copy of it. `round` tells which entries the last walk met. A file counts as
 * changed when size, mtime, ctime, inode or mode differ, unless its copy proves that only times
 * did.
 */
#include "tool/keep.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/blob.h"
#include "text/diff.h"
#include "tool/builtin.h"
#include "tool/gitindex.h"
#include "tool/keep_cache.h"
#include "tool/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PERMISSIONS = 0777 };
enum { DIGESTED_MAX = 128 << 20 }; /* bytes whose digest is made in one diff */
enum { COUNTED_MAX = 32 << 20 }; /* bytes whose changed lines are counted in one diff */

struct entry {
    struct stat st;
    bool git;             /* git could give this state back: */
    char object[GITINDEX_OBJECT];
    char sha[DIGEST_HEX]; /* of a copy of this state; empty: none */
    uint64_t round;
};

struct keep_index {
    struct path_root root;
    struct keep_cache *cache;
    char *root_path, *store_dir;
    struct map entries; /* path to struct entry */
    uint64_t round;
};

/* ---- one file ---- */

bool keep_file(struct tool_call *call, const char *path, struct keep_copy *ret_copy, struct err *e)
{
    char *relative = call_path(call, path, e);
    struct err local = ERR_INIT;
    if (!relative)
        return false;
    *ret_copy = (struct keep_copy){.path = relative};
    CLEANUP(fd_close_p) int fd = path_open(&call->root, relative, O_RDONLY, true, &local);
    if (fd < 0 && local.code == ERR_NOT_FOUND)
        return true;
    if (fd < 0) {
        *e = local;
        return false;
    }
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", relative);
    if (st.st_size > KEEP_BYTES_MAX)
        return err_set(e, ERR_TOO_LARGE, "%s has %lld bytes: too large to keep a copy of it",
                       relative, (long long)st.st_size);
    ret_copy->mode = st.st_mode & PERMISSIONS;
    int64_t bytes;
    return blob_from_fd(call->store_dir, fd, ret_copy->sha256, &bytes, e) ||
           err_wrap(e, "keeping %s", relative);
}

/* ---- the index ---- */

struct keep_index *keep_index_new(const struct path_root *root, const char *store_dir,
                                  struct keep_cache *cache)
{
    struct keep_index *k = NEW(struct keep_index);
    k->cache = cache;
    k->root_path = mem_strdup(root->path);
    k->root = (struct path_root){.fd = root->fd, .path = k->root_path};
    k->store_dir = mem_strdup(store_dir);
    return k;
}

void keep_index_free(struct keep_index *k)
{
    if (!k)
        return;
    map_free(&k->entries, free);
    free(k->root_path);
    free(k->store_dir);
    free(k);
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_ino == b->st_ino && a->st_mode == b->st_mode &&
           same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

/* Drops the entries that the last walk did not meet. */
static void forget_missed(struct keep_index *k)
{
    VEC(char *) gone = {0};
    size_t at = 0;
    const char *path;
    void *value;
    while (map_next(&k->entries, &at, &path, &value)) {
        const struct entry *entry = value;
        if (entry->round != k->round) {
            char *copy = mem_strdup(path);
            VEC_PUSH(&gone, copy);
        }
    }
    for (size_t i = 0; i < gone.n; i++) {
        free(map_remove(&k->entries, str_of(gone.v[i])));
        free(gone.v[i]);
    }
    free(gone.v);
}

static int open_found(const struct walk_entry *found, struct stat *st)
{
    int fd =
        openat(found->dir, found->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    fd_close_p(&fd);
    return -1;
}

/* ---- before a command ---- */

struct refresh {
    struct keep_index *k;
    struct blob_batch *batch;
    struct gitindex *git;
    struct arena *arena;
    VEC(struct keep_copy) copies;
    int64_t bytes; /* copied so far */
    bool failed;
    struct err *e;
};

/* The copy that an earlier turn made of this state, if the store still has it. */
static bool find_copy(struct refresh *r, struct entry *entry)
{
    if (!keep_cache_get(r->k->cache, &entry->st, entry->sha))
        return false;
    bool there = blob_use(r->k->store_dir, entry->sha);
    if (!there)
        entry->sha[0] = '\0';
    return there;
}

static void note_copy(struct refresh *r, const char *path, const struct entry *entry)
{
    struct keep_copy copy = {.path = arena_strdup(r->arena, path)};
    memcpy(copy.sha256, entry->sha, sizeof(copy.sha256));
    copy.mode = entry->st.st_mode & PERMISSIONS;
    VEC_PUSH(&r->copies, copy);
}

/* Copies the state of a file that is being walked over. What can not be opened, or is past a limit,
 * stays without a copy. False: the store failed. */
static bool copy_found(struct refresh *r, const struct walk_entry *found, struct entry *entry)
{
    int64_t size = found->st.st_size, bytes;
    if (r->copies.n == KEEP_COPIES_MAX)
        return true;
    if (find_copy(r, entry)) {
        note_copy(r, found->path, entry);
        return true;
    }
    if (size > KEEP_FILE_MAX || size > KEEP_BYTES_MAX - r->bytes)
        return true;
    CLEANUP(fd_close_p) int fd = open_found(found, &entry->st);
    if (fd < 0)
        return true;
    if (!blob_batch_copy(r->batch, fd, entry->sha, &bytes, r->e)) {
        entry->sha[0] = '\0';
        r->failed = true;
        return err_wrap(r->e, "keeping %s", found->path);
    }
    r->bytes += bytes;
    note_copy(r, found->path, entry);
    return true;
}

static enum walk_next refresh_one(void *arg, const struct walk_entry *found)
{
    struct refresh *r = arg;
    struct keep_index *k = r->k;
    if (!S_ISREG(found->st.st_mode))
        return WALK_ON;
    struct str path = str_of(found->path);
    struct entry *entry = map_get(&k->entries, path);
    if (!entry && k->entries.n == KEEP_FILES_MAX)
        return WALK_END;
    if (!entry) {
        entry = NEW(struct entry);
        map_put(&k->entries, path, entry);
    }
    entry->round = k->round;
    if (!same_state(&entry->st, &found->st))
        entry->sha[0] = '\0';
    entry->st = found->st;
    entry->git = gitindex_has(r->git, found->path, &found->st) &&
                 gitindex_object(r->git, found->path, entry->object);
    bool kept = entry->git || entry->sha[0] || copy_found(r, found, entry);
    return kept ? WALK_ON : WALK_END;
}

/* What this refresh copied has its name now: the next turn need not do it again. */
static void remember_copies(struct keep_index *k, const struct refresh *r)
{
    for (size_t i = 0; i < r->copies.n; i++) {
        const struct entry *entry = map_get(&k->entries, str_of(r->copies.v[i].path));
        if (entry)
            keep_cache_put(k->cache, &entry->st, entry->sha);
    }
}

/* What this refresh copied has no name. */
static void forget_copies(struct keep_index *k, const struct refresh *r)
{
    for (size_t i = 0; i < r->copies.n; i++) {
        struct entry *entry = map_get(&k->entries, str_of(r->copies.v[i].path));
        if (entry)
            entry->sha[0] = '\0';
    }
}

static struct walk walk_all(struct keep_index *k, struct cancel *cancel)
{
    return (struct walk){.root = &k->root,
                         .start = "",
                         .ignore = true,
                         .max_depth = WALK_DEPTH_MAX,
                         .cancel = cancel,
                         .deadline_ms = CLOCK_NEVER};
}

bool keep_index_refresh(struct keep_index *k, struct cancel *cancel, struct arena *a,
                        const struct keep_copy **ret_copies, size_t *ret_n, struct err *e)
{
    struct refresh r = {.k = k,
                        .batch = blob_batch_new(k->store_dir),
                        .git = gitindex_open(&k->root),
                        .arena = a,
                        .e = e};
    struct walk w = walk_all(k, cancel);
    w.each = refresh_one;
    w.arg = &r;
    k->round++;
    bool ok = walk_run(&w, e) && !r.failed;
    if (ok)
        ok = blob_batch_end(TAKE(r.batch), e);
    blob_batch_abort(r.batch);
    if (!ok)
        forget_copies(k, &r);
    if (ok) {
        remember_copies(k, &r);
        forget_missed(k);
        struct keep_copy *copies = arena_array(a, r.copies.n, sizeof(*copies));
        if (r.copies.n)
            memcpy(copies, r.copies.v, r.copies.n * sizeof(*copies));
        *ret_copies = copies;
        *ret_n = r.copies.n;
    }
    free(r.copies.v);
    gitindex_free(r.git);
    return ok;
}

/* ---- after a command ---- */

struct compare {
    struct keep_index *k;
    struct arena *arena;
    VEC(struct tool_file) files;
    int64_t counted; /* bytes that were compared by line */
    int64_t digested;
    bool more;
};

static void add_change(struct compare *c, struct tool_file file)
{
    if (c->files.n == KEEP_CHANGES_MAX) {
        c->more = true;
        return;
    }
    file.path = arena_strdup(c->arena, file.path);
    VEC_PUSH(&c->files, file);
}

static bool read_text(int fd, struct buf *b)
{
    struct err e = ERR_INIT;
    return fd >= 0 && fs_read_fd(fd, b, &e) &&
           !looks_binary(str_sub(buf_view(b), 0, TOOL_SNIFF_BYTES));
}

/* Counts the lines that differ between a copy (empty: no file) and what is open (-1: no file). */
static void count_lines(struct compare *c, const char *sha, int64_t size, int fd, int64_t size_now,
                        struct tool_file *file)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free)
    struct buf before = BUF_INIT(KEEP_LINES_MAX),
               after = BUF_INIT(KEEP_LINES_MAX);
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    file->added = file->removed = -1;
    if (size > KEEP_LINES_MAX || size_now > KEEP_LINES_MAX ||
        c->counted + size + size_now > COUNTED_MAX)
        return;
    c->counted += size + size_now;
    if (*sha) {
        CLEANUP(fd_close_p) int old = blob_open(c->k->store_dir, sha, &e);
        if (!read_text(old, &before))
            return;
    }
    if (fd >= 0 && !read_text(fd, &after))
        return;
    struct diff_stat stat = {0};
    diff_unified(&out, file->path, buf_view(&before), buf_view(&after), 0, &stat);
    file->added = (int64_t)stat.added;
    file->removed = (int64_t)stat.removed;
}

/* Is what is open the same content as the copy? */
static bool same_content(const char *sha, int fd)
{
    CLEANUP(buf_free) struct buf now = BUF_INIT(KEEP_FILE_MAX);
    struct err e = ERR_INIT;
    char digest[DIGEST_HEX];
    if (fd < 0 || !fs_read_fd(fd, &now, &e) || lseek(fd, 0, SEEK_SET) < 0)
        return false;
    digest_hex(buf_view(&now), digest);
    return strcmp(digest, sha) == 0;
}

/* What it is now, so that a later look can tell whether it still is. */
static void note_content(struct compare *c, int fd, int64_t size, struct tool_file *file)
{
    char bytes[16 * 1024], sha[DIGEST_HEX];
    struct digest d;
    ssize_t n = 0;
    if (fd < 0 || size > KEEP_FILE_MAX || c->digested + size > DIGESTED_MAX ||
        lseek(fd, 0, SEEK_SET) < 0)
        return;
    c->digested += size;
    digest_init(&d);
    for (int64_t left = KEEP_FILE_MAX; left > 0 && (n = read(fd, bytes, sizeof(bytes))) > 0; left -= n)
        digest_add(&d, str_make(bytes, (size_t)n));
    digest_end(&d, sha);
    if (n == 0)
        file->sha256 = arena_strdup(c->arena, sha);
}

/* The object of its old content, where that is what git had. */
static void note_git(struct compare *c, const struct entry *entry, struct tool_file *file)
{
    if (!entry->git || entry->sha[0])
        return;
    file->git = arena_strdup(c->arena, entry->object);
    file->mode = entry->st.st_mode & PERMISSIONS;
}

static void compare_created(struct compare *c, const struct walk_entry *found)
{
    struct tool_file file = {.path = found->path, .change = "created", .restorable = true};
    struct stat st;
    CLEANUP(fd_close_p) int fd = open_found(found, &st);
    if (fd >= 0)
        count_lines(c, "", 0, fd, st.st_size, &file);
    else
        file.added = file.removed = -1;
    note_content(c, fd, fd >= 0 ? st.st_size : 0, &file);
    add_change(c, file);
}

/* Its stat is another; is it another file? */
static bool compare_changed(struct compare *c, const struct walk_entry *found,
                            const struct entry *entry)
{
    struct tool_file file = {.path = found->path,
                             .change = "changed",
                             .restorable = entry->git || entry->sha[0],
                             .added = -1,
                             .removed = -1};
    struct stat st;
    CLEANUP(fd_close_p) int fd = open_found(found, &st);
    if (entry->sha[0] && entry->st.st_mode == found->st.st_mode &&
        entry->st.st_size == found->st.st_size && same_content(entry->sha, fd))
        return false; /* only times differ */
    if (entry->sha[0] && fd >= 0)
        count_lines(c, entry->sha, entry->st.st_size, fd, st.st_size, &file);
    note_content(c, fd, fd >= 0 ? st.st_size : 0, &file);
    note_git(c, entry, &file);
    add_change(c, file);
    return true;
}

static enum walk_next compare_one(void *arg, const struct walk_entry *found)
{
    struct compare *c = arg;
    struct keep_index *k = c->k;
    if (!S_ISREG(found->st.st_mode))
        return WALK_ON;
    struct str path = str_of(found->path);
    struct entry *entry = map_get(&k->entries, path);
    if (!entry && k->entries.n == KEEP_FILES_MAX) {
        c->more = true;
        return WALK_END;
    }
    if (!entry) {
        compare_created(c, found);
        entry = NEW(struct entry);
        map_put(&k->entries, path, entry);
    } else if (!same_state(&entry->st, &found->st) && compare_changed(c, found, entry)) {
        entry->sha[0] = '\0'; /* of the old state */
        entry->git = false;
    }
    entry->round = k->round;
    entry->st = found->st;
    return WALK_ON;
}

/* What the walk did not meet is gone, unless it is only ignored now. */
static void compare_removed(struct compare *c)
{
    size_t at = 0;
    const char *path;
    void *value;
    while (map_next(&c->k->entries, &at, &path, &value)) {
        const struct entry *entry = value;
        struct err e = ERR_INIT;
        if (entry->round == c->k->round)
            continue;
        CLEANUP(fd_close_p) int fd = path_open(&c->k->root, path, O_PATH | O_NOFOLLOW, false, &e);
        struct stat st;
        if (fd >= 0 && fstat(fd, &st) == 0 && same_state(&st, &entry->st))
            continue;
        struct tool_file file = {.path = path,
                                 .change = "removed",
                                 .restorable = entry->git || entry->sha[0],
                                 .added = -1,
                                 .removed = -1};
        if (entry->sha[0])
            count_lines(c, entry->sha, entry->st.st_size, -1, 0, &file);
        note_git(c, entry, &file);
        add_change(c, file);
    }
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct tool_file *)a)->path, ((const struct tool_file *)b)->path);
}

bool keep_index_diff(struct keep_index *k, struct cancel *cancel, struct arena *a,
                     struct tool_file **ret_files, size_t *ret_n, bool *ret_more, struct err *e)
{
    struct compare c = {.k = k, .arena = a};
    struct walk w = walk_all(k, cancel);
    w.each = compare_one;
    w.arg = &c;
    k->round++;
    bool ok = walk_run(&w, e);
    c.more = c.more || w.cut;
    if (ok && !c.more)
        compare_removed(&c); /* an unfinished walk can not tell what is gone */
    if (ok) {
        if (!c.more)
            forget_missed(k);
        struct tool_file *files = arena_array(a, c.files.n, sizeof(*files));
        if (c.files.n) {
            qsort(c.files.v, c.files.n, sizeof(*c.files.v), by_path);
            memcpy(files, c.files.v, c.files.n * sizeof(*files));
        }
        *ret_files = files;
        *ret_n = c.files.n;
        *ret_more = c.more;
    }
    free(c.files.v);
    return ok;
}
