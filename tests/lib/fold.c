/* SPDX-License-Identifier: MIT
 *
 * fold: a log written by hand.
 */
#include "lib/fold.h"

#include "lib/test.h"

struct fold fold_empty(void)
{
    return (struct fold){.snap = snapshot_empty(), .ms = 1000, .session = "s", .turn = "t"};
}

struct fold fold_running(void)
{
    struct fold f = fold_empty();
    ADD(&f, SESSION_CREATED, session_created, .name = "work");
    ADD(&f, TURN_CREATED, turn_created, .source = "console", .input = "do it");
    ADD(&f, TURN_STARTED, turn_started, .provider = "local", .model = "script");
    return f;
}

void fold_done(struct fold *f)
{
    snapshot_unref(f->snap);
    f->snap = NULL;
}

static struct event *make(struct fold *f, enum event_kind kind, const void *fields)
{
    struct event_ids ids = {.session = f->session, .turn = f->turn};
    struct event *ev = event_new(kind, &ids, fields);
    ev->ts_ms = f->ms++;
    if (event_durable(ev))
        ev->seq = f->snap->seq + 1;
    return ev;
}

static int64_t add(struct fold *f, enum event_kind kind, const void *fields, bool check)
{
    struct err e = ERR_INIT;
    struct event *ev = make(f, kind, fields);
    struct draft *d = draft_new(f->snap);
    int64_t seq = ev->seq;
    int64_t last = MAX(seq, f->snap->seq);
    if (check)
        OK(draft_check(d, ev, &e));
    draft_reduce(d, ev, "proc_a");
    snapshot_unref(f->snap);
    f->snap = draft_finish(d, last);
    event_unref(ev);
    return seq;
}

int64_t fold_add(struct fold *f, enum event_kind kind, const void *fields)
{
    return add(f, kind, fields, true);
}

void fold_force(struct fold *f, enum event_kind kind, const void *fields)
{
    add(f, kind, fields, false);
}

void fold_refuses(struct fold *f, enum event_kind kind, const void *fields, const char *words)
{
    struct err e = ERR_INIT;
    struct event *ev = make(f, kind, fields);
    struct draft *d = draft_new(f->snap);
    f->ms--; /* it never happened */
    FAILS(draft_check(d, ev, &e), ERR_ILLEGAL_EDGE);
    if (!strstr(e.message, words) || !strstr(e.message, ev->kind_name))
        fail_msg("'%s' does not say '%s'", e.message, words);
    draft_drop(d);
    event_unref(ev);
}

const void *fold_find(const struct fold *f, enum rec_kind kind, const char *key)
{
    const struct rec *r = snapshot_find(f->snap, kind, key);
    if (!r)
        fail_msg("no %s '%s'", rec_table[kind].set.name, key);
    return r ? r->u : NULL;
}
