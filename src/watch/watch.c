/* SPDX-License-Identifier: MIT
 *
 * watch: what a tau does, as artifacts and frames.
 */
#include "watch/watch.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct watch {
    struct watch_options o;
    char *proc, *dir, *out, *profile, *environment;
    struct cancel *cancel;
    struct hub_reader *reader; /* the thread's */
    struct thread thread;
    struct live_frames frames;
    int fd; /* of a terminal or pipe; -1: out is a file, or there is none */
    bool failed, out_failed; /* the artifacts, the frames: it was said */
};

static bool read_state(struct watch *w, struct artifacts *ret, struct err *e)
{
    struct snapshot *s = hub_snapshot(w->o.hub);
    bool ok = artifacts_of_snapshot(ret, s, w->proc, (int64_t)getpid(), e);
    snapshot_unref(s);
    return ok;
}

/* Once, until it works again. */
static void say(bool *failed, bool ok, const struct err *e)
{
    if (!ok && !*failed)
        log_warn("the watch: %s", e->message);
    *failed = !ok;
}

static void show(struct watch *w)
{
    CLEANUP(buf_free) struct buf frame = BUF_OWN;
    struct err e = ERR_INIT;
    struct artifacts *a = NEW(struct artifacts);
    size_t differs;
    artifacts_read(a, w->dir); /* what others see */
    if (w->frames.in_place)
        live_size(&w->frames, w->fd);
    live_frame(&w->frames, a, &frame, &differs);
    if (differs == 0)
        w->frames.cycle--;
    else if (w->fd < 0)
        say(&w->out_failed, fs_replace(w->out, buf_view(&frame), 0600, &e), &e);
    else if (write(w->fd, frame.data, frame.len) >= 0)
        say(&w->out_failed, true, &e);
    else if (errno != EAGAIN)
        say(&w->out_failed, err_sys(&e, ERR_IO, errno, "%.200s", w->out), &e);
    free(a);
}

static void write_all(struct watch *w, bool stopped)
{
    struct err e = ERR_INIT;
    struct artifacts *a = NEW(struct artifacts);
    say(&w->failed, read_state(w, a, &e) && artifacts_write(a, w->dir, stopped, &e), &e);
    free(a);
    if (w->out)
        show(w);
}

static void run(void *arg)
{
    struct watch *w = arg;
    for (;;) {
        hub_arm(w->reader);
        write_all(w, false);
        if (cancel_wait_fd(w->cancel, -1, 0, clock_mono_ms() + WATCH_LEAST_MS) == CANCEL_FIRED ||
            cancel_wait_fd(w->cancel, hub_fd(w->reader), POLLIN, CLOCK_NEVER) == CANCEL_FIRED)
            break;
    }
    write_all(w, true);
}

/* A terminal or pipe is written as it takes it; anything else is a file. */
static bool open_out(struct watch *w, struct err *e)
{
    struct stat st;
    if (!w->out || stat(w->out, &st) != 0 || S_ISREG(st.st_mode))
        return true;
    if (!S_ISCHR(st.st_mode) && !S_ISFIFO(st.st_mode))
        return err_set(e, ERR_USAGE, "%.200s is no file, terminal or pipe", w->out);
    w->fd = open(w->out, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    w->frames.in_place = w->fd >= 0 && isatty(w->fd);
    return w->fd >= 0 || err_sys(e, ERR_IO, errno, "%.200s", w->out);
}

/* There before the thread: without it that would end at once, and nobody would know. */
static bool open_reader(struct watch *w, struct err *e)
{
    w->reader = hub_read(w->o.hub, &(struct hub_filter){.snapshots = true});
    if (w->reader)
        return true;
    err_set(e, ERR_OVERLOADED, "no descriptor is left for the watch");
    return err_hint(e, "end what has many files open, or raise the limit (ulimit -n)");
}

struct watch *watch_start(const struct watch_options *options, struct err *e)
{
    struct watch *w = NEW(struct watch);
    w->o = *options;
    w->fd = -1;
    w->proc = mem_strdup(options->proc);
    w->dir = mem_strdup(options->dir);
    w->out = options->out ? mem_strdup(options->out) : NULL;
    w->profile = mem_strdup(options->look.profile);
    w->environment = mem_strdup(options->look.environment);
    w->cancel = cancel_new(NULL);
    w->frames = (struct live_frames){.dir = w->dir,
                                     .look = options->look,
                                     .title = "live-watch",
                                     .interval_ms = WATCH_LEAST_MS,
                                     .last = BUF_OWN};
    w->frames.look.profile = w->profile;
    w->frames.look.environment = w->environment;
    if (open_out(w, e) && open_reader(w, e) && thread_start(&w->thread, "watch", 0, run, w, e))
        return w;
    watch_stop(w);
    return NULL;
}

void watch_stop(struct watch *w)
{
    if (!w)
        return;
    cancel_fire(w->cancel);
    thread_join(&w->thread);
    hub_read_end(w->reader);
    cancel_unref(w->cancel);
    fd_close_p(&w->fd);
    buf_free(&w->frames.last);
    free(w->proc);
    free(w->dir);
    free(w->out);
    free(w->profile);
    free(w->environment);
    free(w);
}

const char *watch_dir(const struct watch *w)
{
    return w->dir;
}

const char *watch_out(const struct watch *w)
{
    return w->out;
}
