/* SPDX-License-Identifier: MIT
 *
 * launch: commands of models, through tau-exec. What is started here is ended here: when
 * launch_wait() returns, when the process that launched dies, or when the lifeline is closed, every
 * descendant of the command is gone, also those that called setsid or forked twice. Only a detached
 * launch outlives us.
 *
 * One thread uses one `struct launched` at a time; launch_cancel() alone may come from any thread
 * until launch_wait() returns. The usual course:
 *
 *     launch_start, read out_fd to its end (on cancel: launch_cancel, and go on reading),
 *     launch_wait
 *
 * The end of out_fd means that every process that could write to it is gone. Output that nobody
 * reads makes the command wait, not us.
 */
#ifndef TAU_POLICY_LAUNCH_H
#define TAU_POLICY_LAUNCH_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/proc.h"
#include "policy/sandbox.h"

enum {
    LAUNCH_COMMAND_MAX = 120 * 1024, /* bytes of a command line: one argument of execve */
    LAUNCH_GRACE_MS = 50,            /* between SIGTERM and SIGKILL */
    LAUNCH_END_MS = 10000,           /* for tau-exec to end everything once it was asked to */
};

/* Everything borrowed, for the call only. Start from LAUNCH_SPEC_INIT. */
struct launch_spec {
    const struct sandbox_profile *profile;
    const char *command;     /* a shell command line; NULL: argv */
    const char *const *argv; /* a program and its arguments, NULL-terminated, found by PATH */
    const char *cwd;         /* NULL: the workspace */
    const char *const *env;  /* further "NAME=value", NULL-terminated, or NULL */
    int stdin_from;          /* a descriptor of ours, or -1: empty */
    int out_to;              /* output goes to this descriptor of ours; -1: a pipe, see out_fd */
    int status_to;           /* the status goes to this descriptor instead (a job's file); -1 */
    bool separate_stderr;    /* a second pipe, err_fd; otherwise both are one stream */
    bool detached;           /* no lifeline: lives until it ends by itself */
    int landlock_abi;        /* tests: pretend a kernel as old as this; 0: what there is */
};
#define LAUNCH_SPEC_INIT                                                                           \
    {                                                                                              \
        .stdin_from = -1, .out_to = -1, .status_to = -1                                            \
    }

struct launched {
    struct proc proc;         /* tau-exec */
    int out_fd;               /* ours to read, non-blocking; -1 with out_to */
    int err_fd;               /* -1 unless separate_stderr */
    int status_fd;            /* readable when the command ended; -1 with status_to */
    int lifeline_fd;          /* -1 when detached */
    enum sandbox_level level; /* what the command really got */
    int64_t started_ms;       /* clock_mono_ms */
};

enum launch_end { LAUNCH_EXITED, LAUNCH_SIGNALLED, LAUNCH_CANCELLED, LAUNCH_TIMED_OUT };

struct launch_result {
    enum launch_end end;
    int exit_code; /* of the command; 128 + signo when a signal ended it */
    int signo;     /* 0 when it exited by itself */
    int killed;    /* descendants that were left over and had to be killed */
    int64_t user_ms, sys_ms, max_rss_kib, elapsed_ms;
};

/* Starts the command; returns as soon as tau-exec runs. Errors: ERR_SANDBOX (the level can not be
 * had), ERR_INVALID, ERR_TOO_LARGE (the command), ERR_SPAWN. Errors of the set-up inside the child
 * come from launch_wait. */
bool launch_start(const struct launch_spec *spec, struct launched *l, struct err *e) ATTR_WARN;

/* Asks tau-exec to end everything now (SIGTERM, LAUNCH_GRACE_MS, SIGKILL). Does not wait. May be
 * called again, and after the end. */
void launch_cancel(const struct launched *l);

/* Waits for the end; on cancel or deadline (clock_mono_ms; CLOCK_NEVER) ends everything first.
 * *ret is filled when it returns true; the command's own failure is a result, not an error. Not for
 * a launch with status_to. False: ERR_SPAWN or ERR_SANDBOX when the command could not be set up or
 * run (the message names the step), ERR_INTERNAL when tau-exec did not do its work. l is closed in
 * every case. */
bool launch_wait(struct launched *l, struct cancel *c, int64_t deadline_ms,
                 struct launch_result *ret, struct err *e) ATTR_WARN;

/* Reads what tau-exec wrote to status_to: as launch_wait's result and errors; ERR_NOT_FOUND while
 * the command has not ended. elapsed_ms is not known and 0. */
bool launch_read_status(struct str text, struct launch_result *ret, struct err *e) ATTR_WARN;

/* Leaves a detached launch alone: closes our descriptors but l->proc, which stays the caller's to
 * reap when its pidfd is readable. */
void launch_forget(struct launched *l);

/* Where tau-exec is: beside the running program (a build tree), else in the libexec directory of
 * the installation. NULL with ERR_SPAWN when it is in neither. Found once; any thread. */
const char *launch_exec_path(struct err *e) ATTR_WARN;

/* Tests only, before the first launch: this tau-exec. path is kept, not copied. */
void launch_use_exec(const char *path);

#endif
