/* SPDX-License-Identifier: MIT
 *
 * reduce_session: sessions. What happens in a session is counted by the reducers of turns and
 * calls.
 */
#include "state/draft.h"

bool session_get(const struct draft *d, const char *id, struct rec_session *ret_session)
{
    const struct rec *r = draft_find(d, REC_SESSION, id);
    if (r)
        *ret_session = *REC(r, session);
    return r != NULL;
}

static void session_add(struct draft *d, const struct event *ev, const char *name, const char *from,
                        const char *head)
{
    const char *id = ev->ids.session;
    if (!id || !id[0] || draft_find(d, REC_SESSION, id))
        return;
    draft_put(d, REC_SESSION,
              &(struct rec_session){.id = id,
                                    .name = text_or_empty(name),
                                    .from = from,
                                    .head = head,
                                    .created_ms = ev->ts_ms,
                                    .updated_ms = ev->ts_ms});
}

void reduce_session_created(struct draft *d, const struct event *ev)
{
    session_add(d, ev, EV(ev, session_created)->name, NULL, NULL);
}

void reduce_session_forked(struct draft *d, const struct event *ev)
{
    const struct ev_session_forked *f = EV(ev, session_forked);
    session_add(d, ev, f->name, f->from, f->entry);
}

/* Its entries come as turns and messages of their own, which count them. */
void reduce_session_imported(struct draft *d, const struct event *ev)
{
    session_add(d, ev, EV(ev, session_imported)->name, NULL, NULL);
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

void reduce_session_head_moved(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    s.head = EV(ev, session_head_moved)->entry;
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_SESSION, &s);
}

/* What is still open in the transcript is closed before it goes, so that its row is not left open.
 */
void reduce_session_reset(struct draft *d, const struct event *ev)
{
    struct rec_session s;
    if (!session_get(d, ev->ids.session, &s))
        return;
    entry_close_all(d, s.id, NULL, false);
    draft_forget(d, REC_ENTRY, s.id);
    s.base_seq = ev->seq;
    s.base_n = s.entries;
    s.head = NULL;
    s.context_used = 0;
    s.updated_ms = ev->ts_ms;
    draft_put(d, REC_SESSION, &s);
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
