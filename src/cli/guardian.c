/* SPDX-License-Identifier: MIT
 *
 * guardian: the parent of the console's process.
 *
 * Both processes are in the process group that the shell made. Signals of the keyboard reach both;
 * the guardian ignores what the child answers itself, and stops with it on ^Z, so that the shell
 * sees its job stop. The lifeline is a pipe whose write end only the guardian has.
 */
#include "cli/guardian.h"

#include "ui/ui.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { STOP_SETTLE_MS = 50 };

struct watch {
    pid_t child;
    struct termios saved;
    volatile sig_atomic_t *screen;
    sigset_t wait_for;
};

/* The signals that the guardian takes one by one. SIGTTOU is blocked so that the terminal can be
 * set right from wherever the shell has put us. */
static void take_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, &ignore, NULL);
    sigaction(SIGQUIT, &ignore, NULL);
    sigaction(SIGTTOU, &ignore, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigaddset(&none, SIGINT);
    sigaddset(&none, SIGQUIT);
    sigprocmask(SIG_UNBLOCK, &none, NULL);
}

/* Nothing here can be reported: the process that could say it is gone. */
static void restore_terminal(const struct watch *w)
{
    if (!*w->screen)
        return;
    *w->screen = 0;
    ssize_t n = write(STDOUT_FILENO, ui_restore_bytes, ui_restore_n);
    (void)n;
    tcsetattr(STDIN_FILENO, TCSANOW, &w->saved);
}

ATTR_NORETURN static void end_as(struct watch *w, int status)
{
    restore_terminal(w);
    if (!WIFSIGNALED(status))
        _exit(WEXITSTATUS(status));
    int signo = WTERMSIG(status);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0}); /* the child left the core that is worth having */
    sigaction(signo, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, signo);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    raise(signo);
    _exit(128 + signo);
}

/* The child was stopped and we were not: by kill -STOP, or because it wanted the terminal from the
 * background, which we ignore. The shell must see its job stop, and get its terminal, so we stop
 * too. A stop that was over when we saw it is no stop; so only a child that stays stopped counts.
 */
static void follow_stop(struct watch *w)
{
    struct timespec settle = {.tv_nsec = STOP_SETTLE_MS * 1000000L};
    sigset_t chld;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    if (sigtimedwait(&chld, NULL, &settle) == SIGCHLD) {
        int status;
        if (waitpid(w->child, &status, WNOHANG | WCONTINUED) == w->child) {
            if (!WIFCONTINUED(status))
                end_as(w, status);
            return;
        }
    }
    if (tcgetpgrp(STDIN_FILENO) == getpgrp())
        restore_terminal(w);
    raise(SIGSTOP);
    kill(w->child, SIGCONT);
}

static void look_at_child(struct watch *w)
{
    int status;
    for (;;) {
        pid_t got = waitpid(w->child, &status, WNOHANG | WUNTRACED);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            _exit(EXIT_FAILURE); /* somebody else reaped it: nothing is left to guard */
        if (got == 0)
            return;
        if (!WIFSTOPPED(status))
            end_as(w, status);
        if (WSTOPSIG(status) != SIGTSTP) /* that one the child sends to us as well */
            follow_stop(w);
    }
}

ATTR_NORETURN static void guard(struct watch *w)
{
    prctl(PR_SET_NAME, "tau-guard");
    /* Keys may be in the environment, and it needs nothing of that. */
    for (char **at = environ; *at; at++)
        explicit_bzero(*at, strlen(*at));
    take_signals();
    look_at_child(w);
    for (;;) {
        int signo = sigwaitinfo(&w->wait_for, NULL);
        if (signo == SIGTERM || signo == SIGHUP)
            kill(w->child, signo);
        else if (signo == SIGCHLD)
            look_at_child(w);
    }
}

static volatile sig_atomic_t *shared_flag(void)
{
    void *p =
        mmap(NULL, sizeof(sig_atomic_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

bool guardian_split(struct guardian *ret_guardian, void (*forget)(void *arg), void *arg,
                    struct err *e)
{
    struct watch w = {0};
    *ret_guardian = (struct guardian){.fd = -1};
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &w.saved) != 0)
        return true;
    w.screen = shared_flag();
    int line[2];
    if (!w.screen || pipe2(line, O_CLOEXEC) != 0)
        return err_sys(e, ERR_SPAWN, errno, "the console's guardian can not start");

    sigset_t before;
    sigemptyset(&w.wait_for);
    sigaddset(&w.wait_for, SIGCHLD);
    sigaddset(&w.wait_for, SIGTERM);
    sigaddset(&w.wait_for, SIGHUP);
    sigset_t during = w.wait_for;
    sigaddset(&during, SIGINT);
    sigaddset(&during, SIGQUIT);
    sigprocmask(SIG_BLOCK, &during, &before);
    w.child = fork();
    if (w.child < 0) {
        int errnum = errno;
        sigprocmask(SIG_SETMASK, &before, NULL);
        close(line[0]);
        close(line[1]);
        return err_sys(e, ERR_SPAWN, errnum, "the console's guardian can not start");
    }
    if (w.child > 0) {
        close(line[0]);
        forget(arg);
        guard(&w);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(line[1]);
    *ret_guardian = (struct guardian){.fd = line[0], .screen = w.screen};
    return true;
}
