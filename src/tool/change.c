/* SPDX-License-Identifier: MIT
 *
 * change: looking at a file and replacing it beneath the descriptor of its directory.
 */
#include "tool/change.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/id.h"
#include "tool/builtin.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TMP_NAME = ID_MAX + 16, KEPT_MODE = 0777 };

/* ---- looking ---- */

/* Where a link in the open directory `dir` leads, relative to the root. */
static char *link_target(struct tool_call *call, int dir, const char *name, struct err *e)
{
    char target[PATH_MAX], where[PATH_MAX], self[64];
    ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);
    if (n < 0) {
        err_sys(e, ERR_IO, errno, "link %s", name);
        return NULL;
    }
    target[n] = '\0';
    if (target[0] == '/')
        return path_relative(&call->root, target, call->arena, e);
    snprintf(self, sizeof(self), "/proc/self/fd/%d", dir);
    n = readlink(self, where, sizeof(where) - 1);
    if (n < 0) {
        err_sys(e, ERR_IO, errno, "link %s", name);
        return NULL;
    }
    where[n] = '\0';
    return path_relative(&call->root, arena_printf(call->arena, "%s/%s", where, target),
                         call->arena, e);
}

/* Follows links at the end of the path, so that the file is replaced and not the link. The path
 * that comes out is resolved beneath the root again when it is opened. */
static bool follow(struct tool_call *call, struct change *c, struct err *e)
{
    for (int hops = 0; hops <= CHANGE_LINKS_MAX; hops++) {
        const char *name;
        struct err local = ERR_INIT;
        CLEANUP(fd_close_p) int dir = path_open_parent(&call->root, c->path, false, &name, &local);
        if (dir < 0 && local.code == ERR_NOT_FOUND)
            return true; /* its directories will be made */
        if (dir < 0) {
            *e = local;
            return false;
        }
        if (fstatat(dir, name, &c->st, AT_SYMLINK_NOFOLLOW) < 0)
            return errno == ENOENT || err_sys(e, ERR_IO, errno, "%s", c->path);
        if (!S_ISLNK(c->st.st_mode)) {
            c->existed = true;
            return true;
        }
        c->path = link_target(call, dir, name, e);
        if (!c->path)
            return false;
    }
    return err_set(e, ERR_INVALID, "%s: too many links", c->path);
}

static int64_t bytes_max(struct tool_call *call)
{
    struct policy_limits limits = policy_limits(call->policy);
    return MAX(limits.max_file_read_bytes, limits.max_file_write_bytes);
}

/* A file is replaced by a rename, which asks nobody whether that file may be written. */
static bool writable(int fd, const struct change *c, struct err *e)
{
    bool marked = (c->st.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
    if (!marked && (faccessat(fd, "", W_OK, AT_EMPTY_PATH | AT_EACCESS) == 0 || errno != EACCES))
        return true;
    return err_set(e, ERR_IO, "%s is read-only (mode %04o)", c->path,
                   (unsigned)(c->st.st_mode & ALLPERMS));
}

static bool read_before(struct tool_call *call, struct change *c, struct err *e)
{
    CLEANUP(fd_close_p) int fd = path_open(&call->root, c->path, O_RDONLY, true, e);
    if (fd < 0)
        return false;
    if (fstat(fd, &c->st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", c->path);
    if (!writable(fd, c, e))
        return false;
    struct buf b = BUF_INIT((size_t)bytes_max(call));
    struct err local = ERR_INIT;
    c->whole = fs_read_fd(fd, &b, &local);
    if (c->whole)
        c->before = str_make(arena_strndup(call->arena, buf_cstr(&b), b.len), b.len);
    buf_free(&b);
    if (c->whole || local.code == ERR_TOO_LARGE)
        return true;
    *e = local;
    return err_wrap(e, "%s", c->path);
}

bool change_look(struct tool_call *call, const char *path, struct change *ret, struct err *e)
{
    struct change c = {.before = STR("")};
    c.path = call_path(call, path, e);
    if (!c.path)
        return false;
    if (!*c.path)
        return err_set(e, ERR_IS_DIRECTORY, "%s is a directory", path);
    if (!follow(call, &c, e))
        return false;
    if (path_protected(&call->root, c.path, NULL))
        return err_set(e, ERR_PROTECTED, "%s is protected", c.path);
    c.whole = true;
    if (c.existed && !read_before(call, &c, e))
        return false;
    *ret = c;
    return true;
}

/* ---- telling ---- */

const char *change_preview(struct tool_call *call, struct change *c, struct str after)
{
    if (!c->whole)
        return arena_printf(call->arena, "replaces all %lld bytes of %s\n",
                            (long long)c->st.st_size, c->path);
    if (looks_binary(str_sub(c->before, 0, TOOL_SNIFF_BYTES)))
        return arena_printf(call->arena, "replaces the binary file %s (%zu bytes)\n", c->path,
                            c->before.n);
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    diff_unified(&out, c->path, c->before, after, CHANGE_DIFF_CONTEXT, &c->diff);
    if (out.len == 0)
        return NULL;
    struct str diff = buf_view(&out);
    CLEANUP(buf_free) struct buf shown = BUF_OWN;
    struct str line;
    while (str_line(&diff, &line)) {
        if (shown.len + line.n > TOOL_PREVIEW_MAX) {
            buf_printf(&shown, "[... %zu more bytes of the diff]\n", line.n + diff.n);
            break;
        }
        add_line(&shown, line, TOOL_LINE_MAX, (int64_t)line.n, NULL);
        buf_putc(&shown, '\n');
    }
    return arena_strndup(call->arena, buf_cstr(&shown), shown.len);
}

void change_intent(struct tool_call *call, const struct change *c, const char *path,
                   const char *verb, struct tool_intent *ret)
{
    ret->action =
        c->existed ? arena_printf(call->arena, "%s %s (+%zu -%zu)", verb, c->path, c->diff.added,
                                  c->diff.removed)
                   : arena_printf(call->arena, "%s %s (new, +%zu)", verb, c->path, c->diff.added);
    ret->paths[0].path = path;
    ret->paths[0].write = true;
    ret->n_paths = 1;
    struct err e = ERR_INIT;
    const char *named = call_path(call, path, &e);
    if (named && strcmp(named, c->path) == 0)
        return;
    ret->paths[1].path = c->path;
    ret->paths[1].write = true;
    ret->n_paths = 2;
}

void change_outcome(struct tool_call *call, const struct change *c, struct str after,
                    struct tool_outcome *ret)
{
    char sha[DIGEST_HEX];
    bool counted = c->whole && (c->diff.added || c->diff.removed);
    digest_hex(after, sha);
    ret->files = ARENA_NEW(call->arena, struct tool_file);
    ret->files[0] = (struct tool_file){
        .path = c->path,
        .change = c->existed ? "changed" : "created",
        .restorable = call->copied || !c->existed,
        .sha256 = arena_strdup(call->arena, sha),
        .added = counted ? (int64_t)c->diff.added : -1,
        .removed = counted ? (int64_t)c->diff.removed : -1,
    };
    ret->n_files = 1;
}

/* ---- replacing ---- */

static bool conflict(const struct change *c, struct err *e)
{
    err_set(e, ERR_CONFLICT, "%s changed since it was looked at", c->path);
    return err_hint(e, "read it again, then repeat the change");
}

/* Is what lies there still what was looked at? */
static bool check_same(struct tool_call *call, const struct change *c, int dir, const char *name,
                       struct err *e)
{
    struct stat st;
    bool exists = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!c->existed)
        return !exists || conflict(c, e);
    if (!exists || st.st_dev != c->st.st_dev || st.st_ino != c->st.st_ino ||
        st.st_size != c->st.st_size || st.st_mtim.tv_sec != c->st.st_mtim.tv_sec ||
        st.st_mtim.tv_nsec != c->st.st_mtim.tv_nsec)
        return conflict(c, e);
    if (!c->whole)
        return true;
    /* Times are coarse on some file systems; the content decides. */
    struct change now = *c;
    if (!read_before(call, &now, e))
        return false;
    return (now.whole && str_eq(now.before, c->before)) || conflict(c, e);
}

static bool fill(int fd, const struct change *c, struct str after, struct err *e)
{
    if (!fs_write_all(fd, after, e))
        return false;
    if (c->existed) {
        /* Only root can give a file away; for others it stays theirs, as an editor would leave it.
         */
        if (fchown(fd, c->st.st_uid, c->st.st_gid) < 0 && errno != EPERM)
            return err_sys(e, ERR_IO, errno, "owner");
        if (fchmod(fd, c->st.st_mode & KEPT_MODE) < 0)
            return err_sys(e, ERR_IO, errno, "mode");
    }
    return fsync(fd) == 0 || err_sys(e, ERR_IO, errno, "sync");
}

/* Gives the temporary file its name. A file that appeared meanwhile is never overwritten. */
static bool settle(const struct change *c, int dir, const char *tmp, const char *name,
                   struct err *e)
{
    int failed = c->existed ? renameat(dir, tmp, dir, name) : fs_rename_new(dir, tmp, name);
    if (failed && errno == EEXIST)
        return conflict(c, e);
    if (failed)
        return err_sys(e, ERR_IO, errno, "%s", c->path);
    CLEANUP(fd_close_p) int sync = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Without the right to read the directory it can not be synced; the content is. */
    return sync < 0 || fsync(sync) == 0 || err_sys(e, ERR_IO, errno, "%s", c->path);
}

bool change_apply(struct tool_call *call, const struct change *c, struct str after, struct err *e)
{
    const char *name;
    CLEANUP(fd_close_p) int dir = path_open_parent(&call->root, c->path, true, &name, e);
    if (dir < 0)
        return false;
    if (policy_protects(call->policy, &call->root, dir, name))
        return err_set(e, ERR_PROTECTED, "%s is protected", c->path);
    if (!check_same(call, c, dir, name, e))
        return false;
    char tmp[TMP_NAME];
    snprintf(tmp, sizeof(tmp), ".%s.tmp", id_make("tau").s);
    CLEANUP(fd_close_p)
    int fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    c->existed ? 0600 : 0666);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", c->path);
    bool ok = fill(fd, c, after, e) || err_wrap(e, "%s", c->path);
    ok = ok && check_same(call, c, dir, name, e) && settle(c, dir, tmp, name, e);
    if (!ok)
        unlinkat(dir, tmp, 0); /* gone already when the rename came through */
    return ok;
}
