/* SPDX-License-Identifier: MIT
 *
 * err: the failure object, a value on the caller's stack. The same object is shown on every face
 * (reason_code, phase, message, retryable, attempt, elapsed_ms, hint) and names the process's exit
 * code and the HTTP status; the columns are in errors.def.
 *
 * A function that can fail takes `struct err *e` last (never NULL), returns false or NULL, and
 * leaves its outputs untouched. Expected control flow (end of file, would block) is a result of its
 * own, not an error. Not safe to share between threads; copying is plain assignment.
 */
#ifndef TAU_BASE_ERR_H
#define TAU_BASE_ERR_H

#include "base/base.h"

enum err_code {
#define ERR(id, name, exit, http, retry, hint) ERR_##id,
#include "base/errors.def"
#undef ERR
    ERR_COUNT
};

/* Where in the life of a turn something failed. */
#define ERR_PHASES(X)                                                                              \
    X(NONE, "")                                                                                    \
    X(QUEUE, "queue")                                                                              \
    X(CONTEXT, "context")                                                                          \
    X(PROVIDER_CONNECT, "provider_connect")                                                        \
    X(PROVIDER_WAIT, "provider_wait")                                                              \
    X(STREAM, "stream")                                                                            \
    X(TOOL, "tool")                                                                                \
    X(APPROVAL, "approval")                                                                        \
    X(SAFETY, "safety")                                                                            \
    X(BUDGET, "budget")                                                                            \
    X(COMPACTION, "compaction")                                                                    \
    X(PERSIST, "persist")                                                                          \
    X(WORKER, "worker")                                                                            \
    X(CHANNEL, "channel")

enum err_phase {
#define X(id, name) PHASE_##id,
    ERR_PHASES(X)
#undef X
    PHASE_COUNT
};

enum { ERR_MESSAGE_MAX = 512, ERR_HINT_MAX = 256 };

struct err {
    enum err_code code;
    enum err_phase phase;
    int attempt;        /* 1 for the first; 0 when it has no meaning */
    int64_t elapsed_ms; /* since the phase began; 0 when it has no meaning */
    int64_t retry_after_ms; /* the other side said when to try again; 0: it did not. Not shown. */
    char message[ERR_MESSAGE_MAX];
    char hint[ERR_HINT_MAX]; /* empty: err_hint_text() gives the table's */
};

#define ERR_INIT ((struct err){.code = ERR_NONE})

/* Sets code and message, clears the rest but the phase. Returns false, so that a caller can write
 * `return err_set(...)`. A message that is too long is cut at a whole UTF-8 character. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* As err_set, with ": " and the system's text for errnum added. ENOSPC and EDQUOT turn ERR_IO and
 * ERR_STORE into ERR_STORE_FULL. */
bool err_sys(struct err *e, enum err_code code, int errnum, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* Puts context and ": " before the message; keeps everything else. Returns false. */
bool err_wrap(struct err *e, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Replaces the hint. Returns false. */
bool err_hint(struct err *e, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* The columns of errors.def. err_code_find answers ERR_INTERNAL for a name it does not know. */
const char *err_code_name(enum err_code code);
int err_code_exit(enum err_code code);
int err_code_http(enum err_code code);
bool err_code_retryable(enum err_code code);
enum err_code err_code_find(const char *name);
const char *err_phase_name(enum err_phase phase);
enum err_phase err_phase_find(const char *name);

/* The hint of the object, or of the table when it has none; never NULL. */
const char *err_hint_text(const struct err *e);

#endif
