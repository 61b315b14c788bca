/* SPDX-License-Identifier: MIT
 *
 * jobs: commands that run in the background of this process, one thread of the pool each. A job ends
 * with tau (its lifeline); what it printed is in the log and, past 64 KiB, an artifact. Any thread.
 */
#ifndef TAU_TOOL_JOBS_H
#define TAU_TOOL_JOBS_H

#include "base/base.h"
#include "base/err.h"
#include "tool/call.h"

struct jobs;
enum { JOBS_MAX = 32, JOB_TIMEOUT_MAX_MS = 24 * 3600 * 1000 };

struct jobs *jobs_new(void);
/* Cancels all, waits for them. */
void jobs_free(struct jobs *j);

/* Starts a command under the sandbox of the call's policy; ret_id (ID_MAX bytes) names it. Emits
 * job.queued and job.started (both committed before it runs) and later the rest through the call's
 * sink, which must outlive the jobs. ERR_OVERLOADED past JOBS_MAX. timeout_ms 0: none. */
bool jobs_start(struct jobs *j, struct tool_call *call, const char *command, const char *cwd,
                int64_t timeout_ms, char *ret_id, struct err *e) ATTR_WARN;

/* Fires the job's token; false when no job of that id runs here. */
bool jobs_cancel(struct jobs *j, const char *id, const char *by);
size_t jobs_running(struct jobs *j);

#endif
