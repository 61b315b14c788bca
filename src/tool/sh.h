/* SPDX-License-Identifier: MIT
 *
 * sh: one shell command in the sandbox, from its start to the end of its last descendant, with
 * its output. Calls and jobs share it. One thread uses one value.
 */
#ifndef TAU_TOOL_SH_H
#define TAU_TOOL_SH_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "policy/launch.h"
#include "policy/policy.h"
#include "tool/output.h"

struct sh {
    /* Set by the caller; borrowed for the life of the value. */
    struct policy *policy;
    const char *text;      /* for the shell */
    const char *cwd;       /* absolute; NULL: the workspace */
    struct output *output; /* where what it prints goes */
    struct cancel *cancel; /* may be NULL */
    int64_t deadline_ms;   /* clock_mono_ms; CLOCK_NEVER */

    /* Set by sh_start. */
    struct sandbox_profile profile;
    struct launched launched;
    struct sandbox_seal *seal;
};

struct sh_end {
    struct launch_result result;
    bool flooded;      /* ended by us: it printed more than OUTPUT_ARTIFACT_MAX */
    char changed[256]; /* protected paths that it changed, separated by ", "; empty: none */
    enum sandbox_level level;
};

/* Starts it. False: nothing runs (errors of launch_start). */
bool sh_start(struct sh *c, struct err *e) ATTR_WARN;

/* Reads its output to the end and waits for the last descendant, also after a cancel or the
 * deadline, which are told in result.end. False: errors of launch_wait, or ERR_PROTECTED when it also
 * changed what is protected; then, too, nothing runs any more. */
bool sh_finish(struct sh *c, struct sh_end *ret, struct err *e) ATTR_WARN;

/* Was it a success? If not, why: ERR_EXIT_STATUS, ERR_KILLED, ERR_TIMEOUT, ERR_CANCELLED,
 * ERR_TOO_LARGE (flooded), ERR_PROTECTED. */
bool sh_judge(const struct sh_end *end, struct err *e) ATTR_WARN;

#endif
