/* SPDX-License-Identifier: MIT
 *
 * watching: the watch of this process, up or down.
 */
#include "cli/watching.h"

#include "base/fs.h"
#include "cli/app.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DASHBOARD ".tau/dashboard"

char *watching_dir(const struct app *a)
{
    const char *named = a->options->value[OPT_DASHBOARD_DIR];
    if (!named)
        named = a->options->value[OPT_STATE_DIR];
    return named ? mem_strdup(named) : fs_join(a->workspace, DASHBOARD);
}

static bool start(struct watching *w, const struct app *a, struct err *e)
{
    CLEANUP(mem_free_p) char *dir = watching_dir(a);
    struct watch_options o = {
        .hub = core_hub(a->core),
        .proc = core_proc(a->core),
        .dir = dir,
        .out = a->options->value[OPT_WATCH_OUT],
        .look = {.width = FRAME_WIDTH, .profile = "local-dev", .environment = "live"},
    };
    pthread_mutex_lock(&w->lock);
    bool ok = !w->watch || err_set(e, ERR_EXISTS, "the watch is up already");
    if (ok)
        ok = (w->watch = watch_start(&o, e)) != NULL;
    pthread_mutex_unlock(&w->lock);
    return ok;
}

bool watching_up(struct watching *w, const struct app *a, struct err *e)
{
    return start(w, a, e);
}

/* Is it a directory of the workspace, as it stands there? What came with an untrusted one may be a link to
 * anywhere, and files are written in it. (Commands can not change .tau later; policy/protected.def.) */
static bool lies_there(const char *workspace, const char *dir)
{
    size_t n = strlen(workspace);
    if (!fs_lies_in(dir, workspace) || dir[n] != '/')
        return false;
    CLEANUP(fd_close_p) int root = open(workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    CLEANUP(fd_close_p) int fd = root < 0 ? -1 : (int)syscall(SYS_openat2, root, dir + n + 1, &how, sizeof(how));
    return fd >= 0;
}

bool watching_begin(struct watching *w, const struct app *a, struct err *e)
{
    CLEANUP(mem_free_p) char *dir = watching_dir(a);
    bool there = a->options->value[OPT_STATE_DIR] || policy_trusted(a->policy) ? fs_exists(dir)
                                                                               : lies_there(a->workspace, dir);
    bool wanted = a->options->value[OPT_WATCH_OUT] || a->options->value[OPT_DASHBOARD_DIR] || there;
    return !wanted || start(w, a, e);
}

bool watching_down(struct watching *w, struct err *e)
{
    pthread_mutex_lock(&w->lock);
    struct watch *was = TAKE(w->watch);
    pthread_mutex_unlock(&w->lock);
    watch_stop(was);
    return was || err_set(e, ERR_NOT_FOUND, "the watch is down already");
}

void watching_done(struct watching *w)
{
    watch_stop(TAKE(w->watch));
}

void watching_write(struct watching *w, struct buf *out)
{
    pthread_mutex_lock(&w->lock);
    if (w->watch && watch_out(w->watch))
        buf_printf(out, "watch: up, %s and %s\n", watch_dir(w->watch), watch_out(w->watch));
    else if (w->watch)
        buf_printf(out, "watch: up, %s; in another terminal: tau shell-live --watch\n", watch_dir(w->watch));
    else
        buf_puts(out, "watch: down; :watch up starts it\n");
    pthread_mutex_unlock(&w->lock);
}
