/* SPDX-License-Identifier: MIT
 *
 * signals: a thread that reads them for a main thread that is busy.
 */
#include "cli/signals.h"

#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

void signals_of_end(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGHUP);
}

void signals_end_us(void)
{
    sigset_t set;
    signals_of_end(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static void watch(void *arg)
{
    struct signals_watch *w = arg;
    struct signalfd_siginfo info;
    while (!w->signo && cancel_wait_fd(w->stop, w->fd, POLLIN, CLOCK_NEVER) != CANCEL_FIRED)
        if (read(w->fd, &info, sizeof(info)) == sizeof(info))
            w->signo = (int)info.ssi_signo;
    if (!w->signo)
        return;
    cancel_fire(w->fired);
    signals_end_us(); /* this thread does not mind the next one: what is on the log is safe there */
    (void)cancel_wait_fd(w->stop, -1, 0, CLOCK_NEVER);
}

bool signals_watch_begin(struct signals_watch *w, struct err *e)
{
    sigset_t set;
    signals_of_end(&set);
    *w = (struct signals_watch){.stop = cancel_new(NULL), .fired = cancel_new(NULL)};
    w->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (w->fd < 0)
        err_sys(e, ERR_IO, errno, "signals");
    if (w->fd >= 0 && thread_start(&w->thread, "tau-signals", 0, watch, w, e))
        return true;
    (void)signals_watch_end(w); /* none can have come */
    return false;
}

int signals_watch_end(struct signals_watch *w)
{
    if (w->stop)
        cancel_fire(w->stop);
    thread_join(&w->thread);
    cancel_unref(TAKE(w->stop));
    cancel_unref(TAKE(w->fired));
    fd_close_p(&w->fd);
    return w->signo;
}
