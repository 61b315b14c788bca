/* SPDX-License-Identifier: MIT
 *
 * reduce_session: sessions. What happens in a session is counted by the reducers of turns and
 * calls.
 */
#include "state/draft.h"
#include "state/heads.h"
#include "json/json.h"

bool session_get(const struct draft *d, const char *id, struct rec_session *ret_session)
{
    const struct rec *r = draft_find(d, REC_SESSION, id);
    if (r)
        *ret_session = *REC(r, session);
    return r != NULL;
}

/* ---- branches ---- */

/* Ranges that lead up to a branch, as text that is a list of them: how many entries they hold, and
 * the place of the last. What is no such list counts as empty. */
static const char *lineage_of(const char *json, int64_t *ret_kept, int64_t *ret_last)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json ? json_parse(str_of(json), &e) : NULL;
    *ret_kept = *ret_last = 0;
    if (!j || json_type(j) != JSON_ARRAY)
        return "[]";
    for (const struct json *r = json_first(j); r; r = json_next(r)) {
        const struct json *at = json_first(r);
        int64_t v[5] = {0};
        for (size_t i = 0; at && i < ARRAY_LEN(v); i++, at = json_next(at))
            v[i] = MAX(json_i64(at, 0), 0);
        *ret_kept = count_add(*ret_kept, v[4] - v[3]);
        *ret_last = MAX(*ret_last, v[4]);
    }
    return json;
}

/* From here on the session goes on behind that lineage. The caller puts s, whose branch is borrowed
 * from the arena. */
static void branch_begin(struct draft *d, const struct event *ev, struct rec_session *s,
                         const char *lineage, struct arena *a)
{
    int64_t last;
    const char *text = lineage_of(lineage, &s->kept_n, &last);
    s->entries = MAX(s->entries, last);
    s->branch = arena_printf(a, "b%lld", (long long)ev->seq);
    s->base_seq = ev->seq;
    s->base_n = s->entries;
    draft_put(d, REC_BRANCH,
              &(struct rec_branch){.id = s->branch,
                                   .session = s->id,
                                   .lineage = text,
                                   .from_seq = ev->seq,
                                   .from_n = s->entries,
                                   .ts_ms = ev->ts_ms});
}

/* ---- coming and going ---- */

static void session_add(struct draft *d, const struct event *ev, const char *name, const char *from,
                        const char *head, const char *lineage, bool partial)
{
    const char *id = ev->ids.session;
    if (!id || !id[0] || draft_find(d, REC_SESSION, id))
        return;
    struct arena a = ARENA_INIT;
    struct rec_session s = {.id = id,
                            .name = text_or_empty(name),
                            .from = from,
                            .head = head,
                            .partial = partial,
                            .created_ms = ev->ts_ms,
                            .updated_ms = ev->ts_ms};
    branch_begin(d, ev, &s, lineage, &a);
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

void reduce_session_created(struct draft *d, const struct event *ev)
{
    const struct ev_session_created *f = EV(ev, session_created);
    session_add(d, ev, f->name, NULL, NULL, NULL, f->source != NULL);
}

void reduce_session_forked(struct draft *d, const struct event *ev)
{
    const struct ev_session_forked *f = EV(ev, session_forked);
    session_add(d, ev, f->name, f->from, f->entry, f->lineage, false);
}

/* Its entries come as turns and messages of their own, which count them: afterwards, or before, when
 * it was archived until now. */
void reduce_session_imported(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (session_get(d, ev->ids.session, &s)) {
        s.name = text_or_empty(EV(ev, session_imported)->name);
        s.archived = false;
        s.partial = false;
        s.updated_ms = ev->ts_ms;
        draft_put(d, REC_SESSION, &s);
        return;
    }
    session_add(d, ev, EV(ev, session_imported)->name, NULL, NULL, NULL, false);
}

static void touch(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_SESSION, &s);
}

/* What files are is not of the snapshot: whoever rewinds reads it in the log. */
void reduce_session_restoring(struct draft *d, const struct event *ev)
{
    touch(d, ev);
}

void reduce_session_restored(struct draft *d, const struct event *ev)
{
    touch(d, ev);
}

void reduce_session_renamed(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    s.name = text_or_empty(EV(ev, session_renamed)->name);
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_SESSION, &s);
}

/* What lies before the head is what the branch tells; what is still open in the transcript is
 * closed before it goes, so that its row is not left open. */
static void head_move(struct draft *d, const struct event *ev, struct rec_session *s,
                      const char *entry, const char *lineage, struct arena *a)
{
    entry_close_all(d, s->id, NULL, false);
    draft_forget(d, REC_ENTRY, s->id);
    draft_forget(d, REC_MESSAGE, s->id);
    branch_begin(d, ev, s, lineage, a);
    s->head = entry;
    s->updated_ms = ev->ts_ms;
}

void reduce_session_head_moved(struct draft *d, const struct event *ev)
{
    const struct ev_session_head_moved *m = EV(ev, session_head_moved);
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    struct arena a = ARENA_INIT;
    const char *how = text_or_empty(m->how);
    const char *from = heads_came_from(s.undo, s.head, &a);
    if (strcmp(how, "undo") == 0) {
        s.redo = heads_push(s.redo, s.head, &a);
        if (from && strcmp(from, text_or_empty(m->entry)) == 0)
            s.undo = heads_pop(s.undo, &a);
    } else if (strcmp(how, "redo") == 0) {
        s.undo = heads_push(s.undo, heads_move(s.head, m->entry, &a), &a);
        s.redo = heads_pop(s.redo, &a);
    } else {
        s.undo = heads_push(s.undo, heads_move(s.head, m->entry, &a), &a);
        s.redo = NULL;
    }
    head_move(d, ev, &s, m->entry, m->lineage, &a);
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

/* What was merged is undone as a whole. */
void reduce_session_merged(struct draft *d, const struct event *ev)
{
    const struct ev_session_merged *m = EV(ev, session_merged);
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    struct arena a = ARENA_INIT;
    s.undo = heads_push(s.undo, heads_move(m->before, m->entry, &a), &a);
    s.redo = NULL;
    head_move(d, ev, &s, m->entry, m->lineage, &a);
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

/* Nothing is removed: it is not shown any more, and the head does not go back to it. */
void reduce_session_compacted(struct draft *d, const struct event *ev)
{
    const struct ev_session_compacted *c = EV(ev, session_compacted);
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    struct arena a = ARENA_INIT;
    s.undo = s.redo = NULL;
    s.compacted = ev->seq;
    head_move(d, ev, &s, c->entry, c->lineage, &a);
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

/* ---- names of messages ---- */

static void mark_put(struct draft *d, const struct event *ev, const char *name, const char *entry,
                     bool follows)
{
    if (!ev->ids.session || !draft_find(d, REC_SESSION, ev->ids.session))
        return;
    struct arena a = ARENA_INIT;
    const char *id = arena_printf(&a, "%s/%s", ev->ids.session, text_or_empty(name));
    (void)draft_bring(d, REC_MARK, id); /* it keeps its place */
    draft_put(d, REC_MARK,
              &(struct rec_mark){.id = id,
                                 .session = ev->ids.session,
                                 .name = text_or_empty(name),
                                 .entry = text_or_empty(entry),
                                 .follows = follows,
                                 .gone = !entry,
                                 .ts_ms = ev->ts_ms});
    arena_free(&a);
}

void reduce_session_marked(struct draft *d, const struct event *ev)
{
    const struct ev_session_marked *m = EV(ev, session_marked);
    mark_put(d, ev, m->name, text_or_empty(m->entry), m->follows);
}

void reduce_session_unmarked(struct draft *d, const struct event *ev)
{
    mark_put(d, ev, EV(ev, session_unmarked)->name, NULL, false);
}

/* ---- the end of it ---- */

/* It can be undone as every other move. */
void reduce_session_reset(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    struct arena a = ARENA_INIT;
    s.undo = heads_push(s.undo, heads_move(s.head, NULL, &a), &a);
    s.redo = NULL;
    head_move(d, ev, &s, NULL, NULL, &a);
    s.context_used = 0;
    draft_put(d, REC_SESSION, &s);
    arena_free(&a);
}

void reduce_session_archived(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    s.archived = true;
    draft_put(d, REC_SESSION, &s);
}

/* Opening a session is nothing that happened in it: updated_ms stays. */
void reduce_session_leased(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    s.proc = EV(ev, session_leased)->proc;
    draft_put(d, REC_SESSION, &s);
}
