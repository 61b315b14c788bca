/* SPDX-License-Identifier: MIT
 *
 * reduce_approval: questions to the operator. A turn that ends leaves them as they are: whoever
 * asked takes the question back (approval.expired, approval.rejected) before the turn's terminal
 * event.
 */
#include "state/draft.h"

static bool approval_step(const struct draft *d, const struct event *ev,
                          struct rec_approval *ret_approval)
{
    const struct rec *r;
    const char *status;
    if (!draft_step(d, ev, &r, &status) || !r)
        return false;
    *ret_approval = *REC(r, approval);
    ret_approval->status = status;
    ret_approval->ended_ms = ev->ts_ms;
    return true;
}

/* The call knows what it waited for. */
static void link_call(struct draft *d, const char *call, const char *approval)
{
    const struct rec *r = draft_find(d, REC_TOOL, call);
    if (!r)
        return;
    struct rec_tool t = *REC(r, tool);
    t.approval = approval;
    draft_put(d, REC_TOOL, &t);
}

void reduce_approval_requested(struct draft *d, const struct event *ev)
{
    const struct ev_approval_requested *q = EV(ev, approval_requested);
    const struct rec *turn = draft_find(d, REC_TURN, ev->ids.turn);
    const struct rec *r;
    const char *status;
    if (!turn || !draft_step(d, ev, &r, &status))
        return;
    struct rec_approval p = {.id = q->approval_id,
                             .session = REC(turn, turn)->session,
                             .turn = ev->ids.turn,
                             .call = text_or_empty(q->call_id),
                             .status = status,
                             .action = text_or_empty(q->action),
                             .risk = text_or_empty(q->risk),
                             .rule = text_or_empty(q->rule),
                             .session_rule = q->session_rule,
                             .prefix_rule = q->prefix_rule,
                             .preview = body_of(str_of(q->preview)),
                             .preview_seq = q->preview ? ev->seq : 0,
                             .expires_ms = q->expires_ms,
                             .requested_ms = ev->ts_ms};
    draft_put(d, REC_APPROVAL, &p);
    body_unref(p.preview);
    link_call(d, q->call_id, q->approval_id);
}

void reduce_approval_approved(struct draft *d, const struct event *ev)
{
    const struct ev_approval_approved *a = EV(ev, approval_approved);
    struct rec_approval p;
    if (!approval_step(d, ev, &p))
        return;
    p.scope = a->scope;
    p.by = a->by;
    p.granted = a->rule;
    draft_put(d, REC_APPROVAL, &p);
}

void reduce_approval_rejected(struct draft *d, const struct event *ev)
{
    struct rec_approval p;
    if (!approval_step(d, ev, &p))
        return;
    p.by = EV(ev, approval_rejected)->by;
    p.reason = EV(ev, approval_rejected)->reason;
    draft_put(d, REC_APPROVAL, &p);
}

void reduce_approval_expired(struct draft *d, const struct event *ev)
{
    struct rec_approval p;
    if (approval_step(d, ev, &p))
        draft_put(d, REC_APPROVAL, &p);
}
