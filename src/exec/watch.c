/* SPDX-License-Identifier: MIT
 *
 * watch: the supervisor. Lines on the status descriptor:
 *
 *     started PID
 *     exited CODE USER_MS SYS_MS MAXRSS_KIB KILLED
 *     signalled SIGNO USER_MS SYS_MS MAXRSS_KIB KILLED
 *     failed STEP: REASON
 *
 * the last of which comes when no descendant is left. KILLED counts those that had to be ended.
 *
 * Life: running until the command ends or somebody asks for the end (a byte or the end of the
 * lifeline, SIGTERM, SIGHUP, SIGINT), then ending: SIGTERM to all, a short grace, then stop and
 * kill until none is left. Around bubblewrap there are two of us: the outer one passes the request
 * on by closing the inner one's lifeline, and takes the command's result from its status.
 */
#include "exec/watch.h"

#include "base/clock.h"
#include "base/fs.h"
#include "exec/child.h"
#include "exec/meta.h"
#include "exec/privs.h"
#include "exec/reap.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STATUS_MAX = 1024,  /* bytes of what the inner one says */
    BOX_GRACE_MS = 400, /* what it gets on top of its own grace */
    COUNT_MS = 200,     /* between two looks at how many there are */
    BOX_OWN = 2,        /* bubblewrap and the inner one are no processes of the command */
    KILL_MS = 5000,     /* for a killed process to go away */
};

struct watch {
    const struct plan *plan;
    pid_t pid;           /* the command, or bubblewrap */
    const char *scratch; /* to be removed; NULL: none */
    int signals, lifeline, listener;
    int inner_status, inner_lifeline; /* -1 without bubblewrap */
    char inner_said[STATUS_MAX];
    size_t inner_n;
    bool ended;  /* pid was reaped */
    bool ending; /* the grace is running */
    int wait_status;
    int killed;
    int64_t deadline_ms;
    int64_t look_ms; /* when to count again */
};

/* Whether bubblewrap and another one of us lie between us and the command. */
static bool is_box(const struct plan *p)
{
    return p->level == PLAN_BWRAP && !p->inner;
}

/* True while children are left. */
static bool reap(void *arg)
{
    struct watch *w = arg;
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == 0 || (pid < 0 && errno == EINTR))
            return true;
        if (pid < 0)
            return false;
        if (pid == w->pid) {
            w->ended = true;
            w->wait_status = status;
        }
    }
}

/* Nobody may be listening any more, when tau died: that is fine. */
ATTR_PRINTF(2, 3) static void say(const struct watch *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vdprintf(w->plan->status_fd, fmt, ap);
    va_end(ap);
}

static void end_begin(struct watch *w)
{
    if (w->ending)
        return;
    w->ending = true;
    w->deadline_ms = clock_mono_ms() + w->plan->grace_ms;
    if (w->inner_lifeline >= 0) {
        fd_close_p(&w->inner_lifeline);
        w->deadline_ms += BOX_GRACE_MS;
    } else {
        w->killed = reap_signal(SIGTERM);
    }
}

static void inner_read(struct watch *w)
{
    size_t room = sizeof(w->inner_said) - 1 - w->inner_n;
    ssize_t n = read(w->inner_status, w->inner_said + w->inner_n, room);
    if (n < 0 && errno == EINTR)
        return;
    if (n > 0)
        w->inner_n += (size_t)n;
    else
        fd_close_p(&w->inner_status);
    w->inner_said[w->inner_n] = '\0';
}

static void signals_read(struct watch *w)
{
    struct signalfd_siginfo info;
    while (read(w->signals, &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo != SIGCHLD)
            end_begin(w);
}

static void lifeline_read(struct watch *w)
{
    char byte;
    ssize_t n = read(w->lifeline, &byte, 1);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n <= 0)
        fd_close_p(&w->lifeline);
    end_begin(w);
}

/* For uid 0 the kernel counts no processes, so we do, now and then. */
static bool counts(const struct watch *w)
{
    return w->plan->processes > 0 && getuid() == 0 && !w->plan->inner && !w->ending;
}

static void count(struct watch *w)
{
    int64_t now = clock_mono_ms();
    if (!counts(w) || now < w->look_ms)
        return;
    uint64_t most = w->plan->processes + (is_box(w->plan) ? BOX_OWN : 0);
    if ((uint64_t)reap_count() > most)
        end_begin(w);
    w->look_ms = now + COUNT_MS;
}

static int64_t next_look(const struct watch *w)
{
    if (w->ending)
        return w->deadline_ms;
    return counts(w) ? w->look_ms : CLOCK_NEVER;
}

/* Until no child is left. False when killed ones did not go away. */
static bool watch_loop(struct watch *w)
{
    while (reap(w)) {
        if (w->ended && !w->plan->detached)
            end_begin(w);
        if (w->ending && clock_mono_ms() >= w->deadline_ms)
            return reap_kill(reap, w, clock_mono_ms() + KILL_MS);
        struct pollfd fds[] = {
            {w->signals, POLLIN, 0},
            {w->lifeline, POLLIN, 0},
            {w->listener, POLLIN, 0},
            {w->inner_status, POLLIN, 0},
        };
        int ready = poll(fds, ARRAY_LEN(fds), clock_poll_ms(next_look(w)));
        count(w);
        if (ready <= 0)
            continue;
        if (fds[0].revents)
            signals_read(w);
        if (fds[1].revents)
            lifeline_read(w);
        if (fds[2].revents & POLLIN)
            meta_answer(w->plan, w->listener);
        else if (fds[2].revents)
            fd_close_p(&w->listener); /* nobody with the filter is left */
        if (fds[3].revents)
            inner_read(w);
    }
    return true;
}

static int64_t ms(struct timeval t)
{
    return (int64_t)t.tv_sec * 1000 + t.tv_usec / 1000;
}

/* What the inner one said last: "exited C ..." or "signalled S ...", or a failure. */
static const char *inner_last(struct watch *w)
{
    while (w->inner_status >= 0 && w->inner_n < sizeof(w->inner_said) - 1)
        inner_read(w);
    char *end = w->inner_said + w->inner_n;
    if (w->inner_n && end[-1] == '\n')
        *--end = '\0';
    char *line = strrchr(w->inner_said, '\n');
    return line ? line + 1 : w->inner_said;
}

struct end {
    const char *how;
    int value;
};

/* The command's end as the inner one tells it. False when it had none to tell, after saying so;
 * user, system and memory are ours to count, the last number (killed) is added to ours. */
static bool inner_end(struct watch *w, struct end *end)
{
    const char *said = inner_last(w);
    struct str rest = str_of(said);
    struct str how = STR_NULL, number = STR_NULL;
    int64_t value = 0;
    bool two = str_split(&rest, ' ', &how) && str_split(&rest, ' ', &number);
    if (two && (str_is(how, "exited") || str_is(how, "signalled")) && str_i64(number, &value)) {
        *end = (struct end){str_is(how, "exited") ? "exited" : "signalled", (int)value};
        while (str_split(&rest, ' ', &number))
            ;
        if (str_i64(number, &value))
            w->killed += (int)value;
        return true;
    }
    if (str_is(how, "failed"))
        say(w, "%s\n", said);
    else if (!w->ending || WIFEXITED(w->wait_status))
        say(w, "failed bwrap: %s %d\n", end->how, end->value);
    else
        return true; /* it was killed before it could tell */
    return false;
}

static void report(struct watch *w)
{
    struct rusage u;
    struct end end = {"exited", WEXITSTATUS(w->wait_status)};
    if (WIFSIGNALED(w->wait_status))
        end = (struct end){"signalled", WTERMSIG(w->wait_status)};
    if (is_box(w->plan) && !inner_end(w, &end))
        return;
    if (getrusage(RUSAGE_CHILDREN, &u) < 0)
        memset(&u, 0, sizeof(u));
    say(w, "%s %d %lld %lld %lld %d\n", end.how, end.value, (long long)ms(u.ru_utime),
        (long long)ms(u.ru_stime), (long long)u.ru_maxrss, w->killed);
}

/* Our own 0, 1 and 2 go, so that the output ends when the last descendant closes it. */
static void let_go(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd < 3 && null >= 0; fd++)
        if (dup2(null, fd) < 0)
            close(fd);
    fd_close_p(&null);
}

static bool signals_open(struct watch *w, struct err *e)
{
    sigset_t all, mine;
    sigfillset(&all);
    sigemptyset(&mine);
    static const int wanted[] = {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        sigaddset(&mine, wanted[i]);
    if (sigprocmask(SIG_SETMASK, &all, NULL) == 0)
        w->signals = signalfd(-1, &mine, SFD_CLOEXEC | SFD_NONBLOCK);
    return w->signals >= 0 || err_sys(e, ERR_SPAWN, errno, "signals");
}

/* The pipes to the inner tau-exec; the child's plan gets its ends. */
static bool box_open(struct watch *w, struct plan *inner, struct err *e)
{
    int status[2], lifeline[2];
    if (pipe2(status, O_CLOEXEC) < 0 || pipe2(lifeline, O_CLOEXEC) < 0)
        return err_sys(e, ERR_SPAWN, errno, "bwrap: pipe");
    w->inner_status = status[0];
    inner->status_fd = status[1];
    inner->lifeline_fd = lifeline[0];
    w->inner_lifeline = lifeline[1];
    return true;
}

static bool start(struct watch *w, struct err *e)
{
    int channel[2];
    struct plan child = *w->plan;
    bool box = is_box(&child);
    if (!signals_open(w, e) || (box && !box_open(w, &child, e)))
        return false;
    if (child.scratch && mkdir(child.scratch, 0700) < 0) {
        err_sys(e, ERR_SPAWN, errno, "scratch: %s", child.scratch);
        w->scratch = NULL; /* not ours, so not ours to remove */
        return false;
    }
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0)
        return err_sys(e, ERR_SPAWN, errno, "subreaper");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0)
        return err_sys(e, ERR_SPAWN, errno, "channel");
    pid_t me = getpid();
    w->pid = fork();
    if (w->pid < 0)
        return err_sys(e, ERR_SPAWN, errno, "fork");
    if (w->pid == 0)
        child_run(&child, channel[1], me);
    close(channel[1]);
    if (box) {
        close(child.status_fd);
        close(child.lifeline_fd);
    }
    let_go();
    /* Said before the command can do anything: who kills us must be able to find it. */
    say(w, "started %d\n", w->pid);
    bool ok = child_release(channel[0], e) && child_hear(channel[0], &w->listener, e);
    close(channel[0]);
    return ok;
}

int watch_run(const struct plan *p)
{
    struct err e = ERR_INIT;
    struct watch w = {.plan = p,
                      .look_ms = clock_mono_ms() + COUNT_MS, /* most commands are over by then */
                      .scratch = p->scratch,
                      .signals = -1,
                      .lifeline = p->lifeline_fd,
                      .listener = -1,
                      .inner_status = -1,
                      .inner_lifeline = -1};
    bool ok = start(&w, &e);
    if (ok) {
        /* From here on we need no rights that the command does not have. */
        if (p->level != PLAN_NONE)
            ok = privs_drop(&e);
        if (!ok)
            end_begin(&w);
        if (!watch_loop(&w))
            ok = err_set(&e, ERR_INTERNAL, "end: some processes do not go away");
    }
    struct err left = ERR_INIT; /* a temporary directory that stays is no failure of the command */
    if (w.scratch && !fs_remove_tree(w.scratch, &left))
        w.scratch = NULL;
    if (ok) {
        report(&w);
        return 0;
    }
    say(&w, "failed %s\n", e.message);
    return 1;
}
