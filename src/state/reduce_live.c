/* SPDX-License-Identifier: MIT
 *
 * reduce_live: ephemeral events. They touch live text and nothing else, at a cost that does not
 * depend on how long a transcript or a text is.
 */
#include "state/draft.h"
#include "state/edge.h"

struct delta {
    const char *part, *text;
    int64_t offset;
};

/* kept: what chunks already hold of the part. */
static void append(struct draft *d, const struct event *ev, const struct delta *x,
                   const struct live_part *like, size_t kept)
{
    struct str text = str_of(x->text);
    int64_t offset = x->offset;
    int64_t end = piece_end(offset, text.n);
    if (end < 0 || end <= (int64_t)kept)
        return;
    if (!live_find(d->next->live, x->part) && offset < (int64_t)kept) {
        text = str_sub(text, kept - (size_t)offset, text.n);
        offset = (int64_t)kept;
    }
    struct live_part names = *like;
    names.part = x->part;
    names.session = ev->ids.session;
    names.kind = ev->kind;
    live_append(draft_live(d), &names, offset, text);
}

static void reduce_written(struct draft *d, const struct event *ev, const struct delta *x)
{
    const struct rec *turn = draft_find(d, REC_TURN, ev->ids.turn);
    struct rec_entry entry = {0};
    if (!x->part || !turn || rec_ended(turn) || (entry_get(d, x->part, &entry) && !entry.open))
        return;
    append(d, ev, x, &(struct live_part){.turn = ev->ids.turn}, entry.body.len);
}

void reduce_turn_text_delta(struct draft *d, const struct event *ev)
{
    const struct ev_turn_text_delta *x = EV(ev, turn_text_delta);
    reduce_written(d, ev, &(struct delta){x->part, x->text, x->offset});
}

void reduce_turn_reasoning_delta(struct draft *d, const struct event *ev)
{
    const struct ev_turn_reasoning_delta *x = EV(ev, turn_reasoning_delta);
    reduce_written(d, ev, &(struct delta){x->part, x->text, x->offset});
}

void reduce_tool_output_delta(struct draft *d, const struct event *ev)
{
    const struct ev_tool_output_delta *x = EV(ev, tool_output_delta);
    const struct rec *r = draft_find(d, REC_TOOL, x->part);
    if (!r || rec_ended(r))
        return;
    const struct rec *turn = draft_find(d, REC_TURN, REC(r, tool)->turn);
    if (!turn || rec_ended(turn))
        return;
    append(d, ev, &(struct delta){x->part, x->text, x->offset},
           &(struct live_part){.turn = REC(r, tool)->turn}, REC(r, tool)->output.len);
}

/* Without a turn, since it outlives the one that made it. */
void reduce_job_output_delta(struct draft *d, const struct event *ev)
{
    const struct ev_job_output_delta *x = EV(ev, job_output_delta);
    const struct rec *r = draft_find(d, REC_JOB, x->part);
    if (!r || rec_ended(r))
        return;
    append(d, ev, &(struct delta){x->part, x->text, x->offset}, &(struct live_part){0},
           REC(r, job)->output.len);
}

void reduce_turn_phase_entered(struct draft *d, const struct event *ev)
{
    const struct ev_turn_phase_entered *p = EV(ev, turn_phase_entered);
    const struct rec *turn = draft_find(d, REC_TURN, ev->ids.turn);
    if (!turn || rec_ended(turn))
        return;
    live_set_phase(draft_live(d), &(struct live_phase){.turn = ev->ids.turn,
                                                       .phase = text_or_empty(p->phase),
                                                       .detail = p->detail,
                                                       .since_ms = ev->ts_ms});
}
