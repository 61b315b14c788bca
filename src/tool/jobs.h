/* SPDX-License-Identifier: MIT
 *
 * jobs: commands that run in the background of this process, one thread of the pool each. A job
 * ends with tau (its lifeline); what it printed is in the log and, past 64 KiB, an artifact. Any
 * thread.
 */
#ifndef TAU_TOOL_JOBS_H
#define TAU_TOOL_JOBS_H

#include "base/base.h"
#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/id.h"
#include "tool/call.h"

struct jobs;
/* Jobs that run at once; ended ones that are still listed; bytes of output that are shown. */
enum { JOBS_MAX = 32, JOBS_ENDED_MAX = 100, JOB_TAIL_MAX = 16000 };
enum { JOB_TIMEOUT_MAX_MS = 24 * 3600 * 1000 };

struct jobs *jobs_new(void);
/* Cancels all, waits for them; from then on none starts (ERR_SHUTTING_DOWN). What there was can still
 * be asked for: a turn that has not ended may do so. The sinks are not used after it. */
void jobs_stop(struct jobs *j);
/* The same, and the memory goes: nobody may ask any more. NULL is fine. */
void jobs_free(struct jobs *j);

/* Starts a command under the sandbox of the call's policy; ret_id (ID_MAX bytes) names it.
 * job.queued is committed before the command runs, job.started (it has the pid) as soon as it does;
 * when that can not be committed the command is ended. The rest follows through the call's sink,
 * which, like its policy, must outlive the jobs. The events carry the session and no turn, since a
 * job outlives the turn that made it. cwd: relative to the workspace, NULL: its root. timeout_ms 0:
 * none. ERR_OVERLOADED past JOBS_MAX. */
bool jobs_start(struct jobs *j, struct tool_call *call, const char *command, const char *cwd,
                int64_t timeout_ms, char *ret_id, struct err *e) ATTR_WARN;

/* Fires the job's token; false when no job of that id runs here. */
bool jobs_cancel(struct jobs *j, const char *id, const char *by);
size_t jobs_running(struct jobs *j);

/* What is known of a job; a copy. */
struct job_info {
    char id[ID_MAX];
    char session[ID_MAX];
    char status[16];       /* queued, running, completed, failed, timed_out or cancelled */
    char command[256];     /* cut at a whole character */
    int64_t exit;          /* I64_NONE unless completed */
    int signo;             /* 0 unless a signal ended it */
    int64_t bytes;         /* of output so far */
    int64_t ms;            /* it ran, or has run until now */
    char artifact[ID_MAX]; /* its whole output, when the log does not hold it; or empty */
};

/* Newest first, running ones and the newest JOBS_ENDED_MAX ended ones; returns how many. */
size_t jobs_list(struct jobs *j, struct job_info *out, size_t max);

/* One job, and the last `tail_max` (at most JOB_TAIL_MAX) bytes of its output, as valid UTF-8,
 * appended to tail (may be NULL). False when no job of that id is known here. */
bool jobs_get(struct jobs *j, const char *id, struct job_info *ret_info, size_t tail_max,
              struct buf *tail);

/* Waits until the job has ended (true) or the token fires or the deadline passes (false). */
bool jobs_wait(struct jobs *j, const char *id, struct cancel *cancel, int64_t deadline_ms);

#endif
