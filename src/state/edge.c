/* SPDX-License-Identifier: MIT
 *
 * edge: the check before an event is appended. The edges themselves are rows of states.def; here is
 * what they do not say: that a turn belongs to a session that is there, that a call is made by a
 * turn that runs, that a question is about a call that waits.
 *
 * What ends something (a call, a question, a job) is legal whatever became of its turn, so that
 * nothing can stay open for ever. That a turn ends only after its calls and questions did is a
 * promise of the agent; an event that breaks it is not refused, since a turn that can not end would
 * be worse.
 */
#include "state/edge.h"

#include "state/draft.h"

/* What must be there, beside the edge. */
enum {
    SESSION_NEW = 1 << 0,
    SESSION_KNOWN = 1 << 1,
    TURN_OPEN = 1 << 2, /* not ended */
    TURN_RUNS = 1 << 3,
    CALL_OPEN = 1 << 4,
    ARTIFACT_NEW = 1 << 5,
};

static const uint8_t needs[EV_COUNT] = {
    [EV_SESSION_CREATED] = SESSION_NEW,
    [EV_SESSION_RENAMED] = SESSION_KNOWN,
    [EV_SESSION_RESTORING] = SESSION_KNOWN,
    [EV_SESSION_RESTORED] = SESSION_KNOWN,
    [EV_SESSION_FORKED] = SESSION_NEW,
    [EV_SESSION_HEAD_MOVED] = SESSION_KNOWN,
    [EV_SESSION_MERGED] = SESSION_KNOWN,
    [EV_SESSION_COMPACTED] = SESSION_KNOWN,
    [EV_SESSION_MARKED] = SESSION_KNOWN,
    [EV_SESSION_UNMARKED] = SESSION_KNOWN,
    [EV_SESSION_RESET] = SESSION_KNOWN,
    [EV_SESSION_ARCHIVED] = SESSION_KNOWN,
    [EV_SESSION_LEASED] = SESSION_KNOWN,
    [EV_TURN_CREATED] = SESSION_KNOWN,
    [EV_TURN_PHASE_ENTERED] = TURN_OPEN,
    [EV_TURN_TEXT_DELTA] = TURN_RUNS,
    [EV_TURN_REASONING_DELTA] = TURN_RUNS,
    [EV_TOOL_PROPOSED] = TURN_RUNS,
    [EV_TOOL_STARTED] = TURN_RUNS,
    [EV_TOOL_OUTPUT_DELTA] = TURN_RUNS,
    [EV_APPROVAL_REQUESTED] = TURN_RUNS | CALL_OPEN,
    [EV_ARTIFACT_CREATED] = SESSION_KNOWN | ARTIFACT_NEW,
    [EV_JOB_QUEUED] = SESSION_KNOWN,
};

static const enum rec_kind kind_of[] = {
    [MACHINE_TURN] = REC_TURN,
    [MACHINE_TOOL] = REC_TOOL,
    [MACHINE_APPROVAL] = REC_APPROVAL,
    [MACHINE_JOB] = REC_JOB,
    [MACHINE_TASK] = REC_TASK,
};

const char *edge_subject(const struct event *ev, enum rec_kind *ret_kind)
{
    enum machine m = state_machine_of(ev->kind);
    if (m == MACHINE_NONE)
        return NULL;
    *ret_kind = kind_of[m];
    /* A turn is named by the envelope, all others by the first member of their data. */
    if (m == MACHINE_TURN)
        return ev->ids.turn;
    const struct field *first = &event_table[ev->kind].set.fields[0];
    return *(const char *const *)(const void *)((const char *)ev->u + first->offset);
}

enum state_id edge_state(const struct rec *r)
{
    if (!r)
        return STATE_NONE;
    switch (r->kind) {
    case REC_TURN:
        return state_find(MACHINE_TURN, REC(r, turn)->status);
    case REC_TOOL:
        return state_find(MACHINE_TOOL, REC(r, tool)->status);
    case REC_APPROVAL:
        return state_find(MACHINE_APPROVAL, REC(r, approval)->status);
    case REC_JOB:
        return state_find(MACHINE_JOB, REC(r, job)->status);
    case REC_TASK:
        return state_find(MACHINE_TASK, REC(r, task)->status);
    default:
        return STATE_NONE;
    }
}

static bool refuse(const struct event *ev, enum rec_kind kind, const char *key, const char *from,
                   struct err *e)
{
    return err_set(e, ERR_ILLEGAL_EDGE, "%s '%s' is %s: %s can not happen",
                   rec_table[kind].set.name, key ? key : "", from, ev->kind_name);
}

static bool check_edge(const struct draft *d, const struct event *ev, struct err *e)
{
    enum rec_kind kind = REC_TURN;
    const char *key = edge_subject(ev, &kind);
    if (state_machine_of(ev->kind) == MACHINE_NONE)
        return true;
    if (!key || !key[0])
        return refuse(ev, kind, key, "not named", e);
    const struct rec *r = draft_find(d, kind, key);
    enum state_id from = edge_state(r);
    if (state_step(ev->kind, from) == STATE_COUNT)
        return refuse(ev, kind, key, r ? state_name(from) : "not there", e);
    if (r && ev->ids.session && rec_session(r) && strcmp(rec_session(r), ev->ids.session) != 0)
        return refuse(ev, kind, key, "part of another session", e);
    return true;
}

static bool check_session(const struct draft *d, const struct event *ev, struct err *e)
{
    const char *key = ev->ids.session;
    if (!key || !key[0])
        return refuse(ev, REC_SESSION, key, "not named", e);
    bool there = draft_find(d, REC_SESSION, key) != NULL;
    if (there == (needs[ev->kind] & SESSION_KNOWN ? true : false))
        return true;
    return refuse(ev, REC_SESSION, key, there ? "there already" : "not there", e);
}

static bool check_turn(const struct draft *d, const struct event *ev, struct err *e)
{
    const struct rec *r = draft_find(d, REC_TURN, ev->ids.turn);
    enum state_id from = edge_state(r);
    if (!r)
        return refuse(ev, REC_TURN, ev->ids.turn, "not there", e);
    bool runs = from == STATE_TURN_RUNNING || from == STATE_TURN_CANCELLING;
    if (state_ended(from) || (needs[ev->kind] & TURN_RUNS && !runs))
        return refuse(ev, REC_TURN, ev->ids.turn, state_name(from), e);
    return true;
}

static bool check_call(const struct draft *d, const struct event *ev, struct err *e)
{
    const char *key = EV(ev, approval_requested)->call_id;
    const struct rec *r = draft_find(d, REC_TOOL, key);
    enum state_id from = edge_state(r);
    if (!r || state_ended(from))
        return refuse(ev, REC_TOOL, key, r ? state_name(from) : "not there", e);
    return true;
}

bool draft_check(const struct draft *d, const struct event *ev, struct err *e)
{
    if (ev->kind == EV_UNKNOWN || !ev->u)
        return true;
    uint8_t need = needs[ev->kind];
    if (need & (SESSION_NEW | SESSION_KNOWN) && !check_session(d, ev, e))
        return false;
    if (need & (TURN_OPEN | TURN_RUNS) && !check_turn(d, ev, e))
        return false;
    if (need & CALL_OPEN && !check_call(d, ev, e))
        return false;
    if (need & ARTIFACT_NEW) {
        const char *key = EV(ev, artifact_created)->artifact_id;
        if (!key || !key[0] || draft_find(d, REC_ARTIFACT, key))
            return refuse(ev, REC_ARTIFACT, key, key && key[0] ? "there already" : "not named", e);
    }
    return check_edge(d, ev, e);
}
