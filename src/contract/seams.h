/* SPDX-License-Identifier: MIT
 *
 * seams: what a lower rank may ask of a higher one. Each is a small vtable that main (or a test)
 * fills and hands down; nobody includes upward.
 */
#ifndef TAU_CONTRACT_SEAMS_H
#define TAU_CONTRACT_SEAMS_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "contract/event.h"

/* Who does something: shown in `by`, checked against the role columns. */
enum role { ROLE_VIEW, ROLE_CHAT, ROLE_OPERATOR, ROLE_ADMIN };
struct principal {
    const char *name; /* "operator", "policy", "turn:turn_..." */
    enum role role;
};

/* sink: facts of a running turn go to the log. Any thread. Both take the event over. */
struct sink {
    /* Returns at once. Deltas of one part may be merged while unread. Blocks only while the mailbox
     * is full of durable events. */
    void (*emit)(void *ctx, struct event *ev);
    /* Returns when the event is committed, or with the reason why it can not be. When the log is
     * degraded it waits for writing to work again, until the token fires. */
    bool (*emit_sync)(void *ctx, struct event *ev, struct cancel *cancel, struct err *e);
    void *ctx;
};

/* asker: puts a question to the operator and waits. Turn and tool threads. */
struct ask_answer {
    bool approved;
    char scope[16];      /* once, session or prefix */
    char by[64];         /* who answered */
    char *reason;        /* malloc'd or NULL: why not */
    char *arguments;     /* malloc'd or NULL: what to run with instead */
};
struct asker {
    /* requested: an approval.requested event that was not sent yet (taken over); it is committed
     * before anybody can answer. False with ERR_CANCELLED, ERR_APPROVAL_EXPIRED, ERR_NO_OPERATOR or
     * a failure of the log. */
    bool (*ask)(void *ctx, struct event *requested, struct cancel *cancel,
                struct ask_answer *ret_answer, struct err *e);
    void *ctx;
};

/* actor: submits an action (actions.def). Any thread. */
struct action_answer {
    bool accepted;
    int64_t seq;        /* its first durable event */
    struct err err;     /* when refused */
    char id[ID_MAX];    /* what it made: a turn, a session, ... ; empty when nothing */
    char *text;         /* what it gave back, or NULL; the core frees it when `done` returns */
};
struct actor {
    /* Asynchronous: done (may be NULL) is called once, on the core thread, and must not block. */
    void (*submit)(void *ctx, const char *action, struct str arguments_json,
                   const struct principal *who, const char *idempotency_key,
                   void (*done)(void *arg, const struct action_answer *), void *arg);
    /* Waits for the answer. Not on the core thread. */
    void (*submit_wait)(void *ctx, const char *action, struct str arguments_json,
                        const struct principal *who, struct action_answer *ret_answer);
    void *ctx;
};

struct jsonw;

/* door: the gateway of this process. All return at once; what comes of the first two is an event, and
 * they are NULL where the process is its gateway. Any thread. */
struct door {
    bool (*open)(void *ctx, const char *bind, bool yes, struct err *e);
    bool (*close)(void *ctx, struct err *e);
    bool (*drain)(void *ctx, bool drains, struct err *e);
    bool (*drains)(void *ctx); /* does it? */
    bool (*tell)(void *ctx, struct jsonw *w); /* its address and what it counted, as a value; false: it is down */
    bool (*cut)(void *ctx, int64_t request, struct err *e);
    void *ctx;
};

/* reader: runs a query (queries.def). Any thread but core. */
struct reader {
    /* rows, one JSON object each, in order; return false to stop. *ret_seq: the seq that was seen. */
    bool (*query)(void *ctx, const char *name, struct str arguments_json, struct cancel *cancel,
                  bool (*row)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                  struct err *e);
    void *ctx;
};

#endif
