/* SPDX-License-Identifier: MIT
 *
 * proc: children by posix_spawn and pidfd, nothing else. Commands of models go through
 * policy/launch.h, which starts tau-exec by this.
 */
#ifndef TAU_BASE_PROC_H
#define TAU_BASE_PROC_H

#include "base/base.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"

enum {
    PROC_FD_MAX = 8, /* descriptors that a child is given */
    PROC_FD_TO = 64  /* and their numbers are below this */
};

struct proc_spec {
    const char *const *argv; /* NULL-terminated; argv[0] with a slash is a path; else it is looked
                                for in the absolute directories of our PATH */
    const char *const *envp; /* NULL: our own environment */
    const char *cwd;         /* NULL: ours */
    /* Descriptor `from` of ours becomes `to` of the child's; every other one is closed there.
     * 0, 1 and 2 that are not named become /dev/null. */
    struct {
        int from, to;
    } fd[PROC_FD_MAX];
    size_t n_fd;
    bool new_session; /* setsid */
    bool foreground;  /* else, a process group of its own, in front of the terminal that is fd 0 */
};

struct proc {
    pid_t pid;
    int pidfd; /* readable when it ended; owned */
};

/* Starts it with every signal unblocked and at its default. Fails with ERR_SPAWN (the program can
 * not be run; ERR_NOT_FOUND when it is cwd that is missing). The caller must reap it. Any thread. */
bool proc_start(struct proc *p, const struct proc_spec *spec, struct err *e) ATTR_WARN;

/* Reaps an ended child (waits for it). *ret_status as of waitpid. Closes pidfd. */
bool proc_reap(struct proc *p, int *ret_status, struct err *e) ATTR_WARN;

/* Signals the process alone; nothing happens when it has ended or was reaped. */
void proc_signal(const struct proc *p, int signo);

/* Signals the process group of a child with a session of its own, until it is reaped. */
void proc_signal_group(const struct proc *p, int signo);

/* Is there a program of that name where proc_start looks for it? Any thread. */
bool proc_find(const char *name);

/* Runs a short helper (git, bwrap --version) to its end: stdin empty, stdout added to out (the rest
 * is read and dropped when out is full, see buf_ok; out may be NULL), stderr dropped; spec->fd may
 * name others. It gets its own session, and what it leaves in its group is killed with its end. On
 * cancel or deadline (timeout_ms < 0: none) all of it is killed and the error is ERR_CANCELLED or
 * ERR_TIMEOUT. A non-zero exit is not an error: see *ret_exit (128 + n for a signal). */
bool proc_run(const struct proc_spec *spec, struct buf *out, int64_t timeout_ms, struct cancel *c,
              int *ret_exit, struct err *e) ATTR_WARN;

#endif
