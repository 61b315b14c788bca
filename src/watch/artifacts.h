/* SPDX-License-Identifier: MIT
 *
 * artifacts: what an operator's view is made of: the files of a dashboard's directory, or the state of a
 * running tau. Files come from other programs, too, so that nothing in them is taken for granted: each is
 * bounded, has to be a regular file, and what is wrong with it is said with its file, line and reason.
 * What is not known is unknown, never good. Pure but for reading; any thread.
 *
 * Files, relative to the directory: state.json, control-state.json, auth-status.json,
 * runtime-events.jsonl, actions-audit.jsonl, and ../training/status.json.
 */
#ifndef TAU_WATCH_ARTIFACTS_H
#define TAU_WATCH_ARTIFACTS_H

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "json/json.h"
#include "state/snapshot.h"

enum {
    ARTIFACT_MAX = 1 << 20,       /* bytes of a file of JSON */
    ARTIFACT_TAIL = 64 * 1024,    /* bytes of a file of lines that are looked at: its end */
    ARTIFACT_NAME = 64,           /* bytes of a word that is shown */
    ARTIFACT_TEXT = 200,          /* of a sentence */
    ARTIFACT_PROVIDERS = 16,
    ARTIFACT_ALERTS = 8,
    ARTIFACT_CASES = 200,         /* ids of what was done that are kept */
    ARTIFACT_DIAGNOSTICS = 40,
};

enum artifact_problem {
    ARTIFACT_MISSING,
    ARTIFACT_PARSE_FAILED,
    ARTIFACT_JSONL_MALFORMED,
    ARTIFACT_READ_FAILED,
    ARTIFACT_PROBLEMS
};

struct artifact_diagnostic {
    enum artifact_problem problem;
    char code[96];             /* "missing:state.json", "read_failed:state.json:permission_denied" */
    char text[ARTIFACT_TEXT];  /* "state.json:3: health.queue_depth: expected a number, got a string" */
};

struct artifact_provider {
    char provider[ARTIFACT_NAME], mode[ARTIFACT_NAME], state[ARTIFACT_NAME], source[ARTIFACT_NAME];
};

struct artifact_alert {
    char code[ARTIFACT_NAME], severity[ARTIFACT_NAME], message[ARTIFACT_TEXT];
};

struct artifacts {
    /* state.json */
    bool has_state;
    int64_t queue_depth, failure_streak;
    size_t processed;
    char cases[ARTIFACT_CASES][ARTIFACT_NAME]; /* the newest of them, oldest first */
    size_t n_cases;
    /* what tau says beside that, of itself */
    bool has_tau;
    char proc[ARTIFACT_NAME], session[ARTIFACT_NAME], turn[ARTIFACT_NAME], phase[ARTIFACT_NAME],
        tool[ARTIFACT_TEXT], asks[ARTIFACT_TEXT];
    int64_t pid, seq, tasks_done, tasks;
    /* control-state.json, actions-audit.jsonl */
    bool has_control, paused;
    char action[ARTIFACT_NAME], actor[ARTIFACT_NAME]; /* the last; "": none */
    int64_t action_ms;
    /* auth-status.json */
    bool has_auth, auth_required;
    char auth_mode[ARTIFACT_NAME];
    struct artifact_provider providers[ARTIFACT_PROVIDERS];
    size_t n_providers;
    /* ../training/status.json */
    bool has_training;
    char run_state[ARTIFACT_NAME];
    int64_t total, succeeded, failed, cancelled;
    struct artifact_alert alerts[ARTIFACT_ALERTS];
    size_t n_alerts;
    /* runtime-events.jsonl */
    bool has_events;
    char health_reason[ARTIFACT_TEXT], reason_codes[ARTIFACT_TEXT];

    struct artifact_diagnostic diagnostics[ARTIFACT_DIAGNOSTICS + 1];
    size_t n_diagnostics;
    size_t count[ARTIFACT_PROBLEMS]; /* of all */
};

/* What the directory says. Never fails: what could not be had is in the diagnostics. */
void artifacts_read(struct artifacts *ret, const char *dir);

/* The same for the bytes of one file, by its place in the list above; false behind the last. */
bool artifacts_take(struct artifacts *a, size_t file, struct str text);

/* What a tau's own state says, as it comes from a snapshot or from /gateway/operator/state. proc: whose
 * turns count as running here, or NULL. */
void artifacts_of_state(struct artifacts *ret, const struct json *state, const char *proc, int64_t pid);

/* The same for a snapshot; true unless its JSON can not be read, which is a fault of ours. */
bool artifacts_of_snapshot(struct artifacts *ret, const struct snapshot *s, const char *proc, int64_t pid,
                           struct err *e) ATTR_WARN;

/* Writes the files into the directory (made when it is missing, 0700), each whole or not at all (0600).
 * Of the log files the newest line is added when it is another one than before. stopped: the process that
 * they are of ends. */
bool artifacts_write(const struct artifacts *a, const char *dir, bool stopped, struct err *e) ATTR_WARN;

#endif
