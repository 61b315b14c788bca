/* SPDX-License-Identifier: MIT
 *
 * reduce_misc: artifacts, findings of scanners, failures outside a turn, and the log itself.
 */
#include "state/draft.h"

#include "json/jsonw.h"

#include <stdio.h>

void reduce_artifact_created(struct draft *d, const struct event *ev)
{
    const struct ev_artifact_created *a = EV(ev, artifact_created);
    const char *id = a->artifact_id;
    if (!id || !id[0] || draft_find(d, REC_ARTIFACT, id) ||
        !draft_find(d, REC_SESSION, ev->ids.session))
        return;
    draft_put(d, REC_ARTIFACT,
              &(struct rec_artifact){.id = id,
                                     .session = ev->ids.session,
                                     .turn = ev->ids.turn,
                                     .path = text_or_empty(a->path),
                                     .media_type = text_or_empty(a->media_type),
                                     .bytes = a->bytes,
                                     .sha256 = text_or_empty(a->sha256),
                                     .diff_stat = a->diff_stat,
                                     .ts_ms = ev->ts_ms});
}

/* Findings and failures have no id of their own. */
static const char *seq_id(const struct event *ev, char out[24])
{
    snprintf(out, 24, "%lld", (long long)ev->seq);
    return out;
}

void reduce_safety_applied(struct draft *d, const struct event *ev)
{
    const struct ev_safety_applied *a = EV(ev, safety_applied);
    const char *const *rules = a->rules.v;
    struct buf json = BUF_OWN;
    struct jsonw w = JSONW(&json);
    char id[24];
    jsonw_begin_array(&w);
    for (size_t i = 0; i < a->rules.n; i++)
        jsonw_cstr(&w, rules[i]);
    jsonw_end_array(&w);
    draft_put(d, REC_SAFETY,
              &(struct rec_safety){.id = seq_id(ev, id),
                                   .session = ev->ids.session,
                                   .turn = ev->ids.turn,
                                   .stage = text_or_empty(a->stage),
                                   .mode = text_or_empty(a->mode),
                                   .blocked = a->blocked,
                                   .rules = buf_cstr(&json),
                                   .ts_ms = ev->ts_ms});
    buf_free(&json);
}

void reduce_error_raised(struct draft *d, const struct event *ev)
{
    const char *error = EV(ev, error_raised)->error;
    char id[24];
    draft_put(d, REC_ERROR,
              &(struct rec_error){.id = seq_id(ev, id),
                                  .session = ev->ids.session,
                                  .turn = ev->ids.turn,
                                  .error = error ? error : "null",
                                  .ts_ms = ev->ts_ms});
}

/* Nothing is known of what a gap left out: who sees one begins again with a snapshot. */
void reduce_bus_gap(struct draft *d, const struct event *ev)
{
    (void)d;
    (void)ev;
}

void reduce_bus_degraded(struct draft *d, const struct event *ev)
{
    draft_degraded(d, EV(ev, bus_degraded)->reason_code);
}

/* Of the log and its readers: the state has no section for it. */
void reduce_gateway_started(struct draft *d, const struct event *ev)
{
    (void)d, (void)ev;
}

void reduce_gateway_stopped(struct draft *d, const struct event *ev)
{
    (void)d, (void)ev;
}

void reduce_gateway_health_changed(struct draft *d, const struct event *ev)
{
    (void)d, (void)ev;
}

void reduce_gateway_auth_failed(struct draft *d, const struct event *ev)
{
    (void)d, (void)ev;
}
