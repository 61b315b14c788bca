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

enum { PROC_FD_MAX = 8 };

struct proc_spec {
    const char *const *argv; /* NULL-terminated; argv[0] with a slash is a path, else from PATH */
    const char *const *envp; /* NULL: our own environment */
    const char *cwd;         /* NULL: ours */
    /* Descriptor `from` of ours becomes `to` of the child's; every other one is closed there.
     * 0, 1 and 2 that are not named become /dev/null. */
    struct {
        int from, to;
    } fd[PROC_FD_MAX];
    size_t n_fd;
    bool new_session; /* setsid */
};

struct proc {
    pid_t pid;
    int pidfd; /* readable when it ended; owned */
};

bool proc_start(struct proc *p, const struct proc_spec *spec, struct err *e) ATTR_WARN;

/* Reaps an ended child (waits for it). *ret_status as of waitpid. Closes pidfd. */
bool proc_reap(struct proc *p, int *ret_status, struct err *e) ATTR_WARN;
void proc_signal(const struct proc *p, int signo);

/* Runs a short helper (git, bwrap --version) to its end: stdin empty, stdout into out (the rest is
 * read and dropped when out is full), stderr dropped. On cancel or deadline it is killed and the
 * error is ERR_CANCELLED or ERR_TIMEOUT. A non-zero exit is not an error: see *ret_exit (128 + n for
 * a signal). */
bool proc_run(const struct proc_spec *spec, struct buf *out, int64_t timeout_ms, struct cancel *c,
              int *ret_exit, struct err *e) ATTR_WARN;

#endif
