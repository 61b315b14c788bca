/* SPDX-License-Identifier: MIT
 *
 * recover: what a process left open when it died is closed by the next one: its calls, its questions,
 * its jobs, its turns, in this order, so that nothing is ever open below something that has ended.
 * Everything up to the last chunk stays. Only what belongs to a process whose lock can be taken is
 * touched.
 */
#include "base/log.h"
#include "base/mem.h"
#include "core/internal.h"
#include "store/blob.h"

#include <stdlib.h>
#include <string.h>

struct recovery {
    struct batch *b;
    char *error; /* failure object of calls and jobs */
    struct err *e;
};

static bool turn_is_dead(struct recovery *r, const char *turn)
{
    const struct rec *rec = turn ? draft_find(r->b->draft, REC_TURN, turn) : NULL;
    if (!rec || rec_ended(rec))
        return !rec;
    const char *proc = REC(rec, turn)->proc;
    return !proc || store_proc_gone(r->b->core->store, proc);
}

/* The output of a call or job past what the log itself holds lies in a file that was never ended. It
 * becomes the artifact that its chunks name; what can not be had back is no reason to stop. */
static bool rescue_output(struct recovery *r, const char *of, const struct event_ids *ids,
                          const char **artifact)
{
    char sha[DIGEST_HEX];
    int64_t bytes;
    struct err lost = ERR_INIT;
    if (!*artifact || draft_find(r->b->draft, REC_ARTIFACT, *artifact))
        return true;
    if (!blob_rescue(r->b->core->store_dir, *artifact, sha, &bytes, &lost)) {
        log_warn("the output of %s: %s", of, lost.message);
        *artifact = NULL;
        return true;
    }
    CLEANUP(mem_free_p) char *path = mem_printf("output of %s", of);
    return batch_emit(r->b, EV_ARTIFACT_CREATED, ids,
                      &(struct ev_artifact_created){.artifact_id = *artifact,
                                                    .path = path,
                                                    .media_type = "text/plain",
                                                    .bytes = bytes,
                                                    .sha256 = sha},
                      r->e);
}

static bool close_tools(struct recovery *r)
{
    const struct section *sec = r->b->core->snap->sections[REC_TOOL];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_tool *t = REC(sec->v[i], tool);
        struct event_ids ids = {.session = t->session, .turn = t->turn};
        if (rec_ended(sec->v[i]) || !turn_is_dead(r, t->turn))
            continue;
        const char *artifact = t->artifact;
        if (!rescue_output(r, t->id, &ids, &artifact))
            return false;
        struct ev_tool_failed failed = {
            .call_id = t->id,
            .error = r->error,
            .result = "error: process_died: tau ended while this call ran; what it had done until "
                      "then stays done",
            .artifact = artifact,
            .exit = I64_NONE,
        };
        if (!batch_emit(r->b, EV_TOOL_FAILED, &ids, &failed, r->e))
            return false;
    }
    return true;
}

static bool close_approvals(struct recovery *r)
{
    const struct section *sec = r->b->core->snap->sections[REC_APPROVAL];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_approval *a = REC(sec->v[i], approval);
        struct event_ids ids = {.session = a->session, .turn = a->turn};
        if (!rec_ended(sec->v[i]) && turn_is_dead(r, a->turn) &&
            !batch_emit(r->b, EV_APPROVAL_EXPIRED, &ids,
                        &(struct ev_approval_expired){.approval_id = a->id}, r->e))
            return false;
    }
    return true;
}

static bool close_jobs(struct recovery *r)
{
    const struct section *sec = r->b->core->snap->sections[REC_JOB];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_job *j = REC(sec->v[i], job);
        struct event_ids ids = {.session = j->session, .turn = j->turn};
        if (rec_ended(sec->v[i]) || (j->proc && !store_proc_gone(r->b->core->store, j->proc)))
            continue;
        const char *artifact = j->artifact;
        if (!rescue_output(r, j->id, &ids, &artifact) ||
            !batch_emit(r->b, EV_JOB_FAILED, &ids,
                        &(struct ev_job_failed){.job_id = j->id, .error = r->error}, r->e))
            return false;
    }
    return true;
}

/* An answer that was streaming becomes a message of what the log holds of it, so that the next
 * request knows what was said. */
static bool keep_streamed(struct recovery *r, const struct rec_turn *turn)
{
    const struct section *sec = r->b->core->snap->sections[REC_ENTRY];
    struct event_ids ids = {.session = turn->session, .turn = turn->id};
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    size_t parts = 0;
    jsonw_begin_array(&w);
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_entry *entry = REC(sec->v[i], entry);
        bool text = strcmp(entry->kind, "text") == 0;
        if (!entry->open || strcmp(entry->turn, turn->id) != 0 ||
            (!text && strcmp(entry->kind, "reasoning") != 0))
            continue;
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", entry->kind);
        jsonw_put_cstr(&w, "part", entry->id);
        jsonw_put_str(&w, "text", body_view(entry->body));
        jsonw_end_object(&w);
        parts++;
    }
    jsonw_end_array(&w);
    struct id id = id_make("msg");
    bool ok = parts == 0 || batch_emit(r->b, EV_TURN_MESSAGE, &ids,
                                       &(struct ev_turn_message){.entry = id.s,
                                                                 .role = "assistant",
                                                                 .content = buf_cstr(&content)},
                                       r->e);
    buf_free(&content);
    return ok;
}

static char *died_in(enum err_phase phase)
{
    struct err died = ERR_INIT;
    struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    err_set(&died, ERR_PROCESS_DIED, "the tau that ran this ended before it was done");
    died.phase = phase;
    jsonw_err(&w, &died);
    return buf_take(&text);
}

static bool has_open(const struct recovery *r, enum rec_kind kind, const char *turn)
{
    const struct section *sec = r->b->core->snap->sections[kind];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec *rec = sec->v[i];
        const char *of = kind == REC_TOOL       ? REC(rec, tool)->turn
                         : kind == REC_APPROVAL ? REC(rec, approval)->turn
                                                : REC(rec, entry)->turn;
        bool open = kind == REC_ENTRY ? REC(rec, entry)->open : !rec_ended(rec);
        if (open && strcmp(of, turn) == 0)
            return true;
    }
    return false;
}

/* Where a turn was when its process went: by what it left open. */
static enum err_phase phase_of(const struct recovery *r, const struct rec_turn *t)
{
    static const struct {
        enum rec_kind open;
        enum err_phase phase;
    } rows[] = {{REC_APPROVAL, PHASE_APPROVAL}, {REC_TOOL, PHASE_TOOL}, {REC_ENTRY, PHASE_STREAM}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (has_open(r, rows[i].open, t->id))
            return rows[i].phase;
    return t->requests > 0 ? PHASE_PROVIDER_WAIT : t->started_ms > 0 ? PHASE_CONTEXT : PHASE_QUEUE;
}

static bool close_turns(struct recovery *r)
{
    const struct section *sec = r->b->core->snap->sections[REC_TURN];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_turn *t = REC(sec->v[i], turn);
        struct event_ids ids = {.session = t->session, .turn = t->id};
        if (rec_ended(sec->v[i]) || !turn_is_dead(r, t->id))
            continue;
        CLEANUP(mem_free_p) char *error = died_in(phase_of(r, t));
        if (!keep_streamed(r, t) ||
            !batch_emit(r->b, EV_TURN_FAILED, &ids, &(struct ev_turn_failed){.error = error}, r->e))
            return false;
    }
    return true;
}

static bool free_sessions(struct recovery *r)
{
    const struct section *sec = r->b->core->snap->sections[REC_SESSION];
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_session *s = REC(sec->v[i], session);
        struct event_ids ids = {.session = s->id};
        if (s->proc && store_proc_gone(r->b->core->store, s->proc) &&
            !batch_emit(r->b, EV_SESSION_LEASED, &ids, &(struct ev_session_leased){.proc = NULL},
                        r->e))
            return false;
    }
    return true;
}

/* What a session that died with its process kept is read whole, before something is added to it: the
 * start reads only the newest of all sessions together. */
static bool bring_sessions(struct recovery *r)
{
    const struct section *sec = r->b->core->snap->sections[REC_TURN];
    const char *last = "";
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_turn *t = REC(sec->v[i], turn);
        if (rec_ended(sec->v[i]) || !turn_is_dead(r, t->id) || strcmp(t->session, last) == 0)
            continue;
        last = t->session;
        if (!sessions_read(r->b, t->session, r->e))
            return false;
    }
    return true;
}

bool recover(struct batch *b, struct err *e)
{
    struct recovery r = {.b = b, .error = died_in(PHASE_TOOL), .e = e};
    bool ok = bring_sessions(&r) && close_tools(&r) && close_approvals(&r) && close_jobs(&r) && close_turns(&r) &&
              free_sessions(&r);
    free(r.error);
    return ok;
}
