/* SPDX-License-Identifier: MIT
 *
 * transcript: its entries, which events of several entities make and close.
 */
#include "state/draft.h"
#include "state/section.h"

bool entry_get(const struct draft *d, const char *id, struct rec_entry *ret_entry)
{
    const struct rec *r = draft_find(d, REC_ENTRY, id);
    if (r)
        *ret_entry = *REC(r, entry);
    return r != NULL;
}

void entry_add(struct draft *d, const struct event *ev, struct rec_session *s,
               const struct rec_entry *like)
{
    if (!like->id || !like->id[0] || draft_find(d, REC_ENTRY, like->id))
        return;
    struct rec_entry e = *like;
    e.session = s->id;
    e.turn = text_or_empty(like->turn);
    e.n = s->entries = count_add(s->entries, 1);
    e.ts_ms = ev->ts_ms;
    draft_put(d, REC_ENTRY, &e);
}

void entry_close(struct draft *d, const char *id)
{
    struct rec_entry e;
    if (!entry_get(d, id, &e) || !e.open)
        return;
    e.open = false;
    draft_put(d, REC_ENTRY, &e);
}

void entry_close_all(struct draft *d, const char *session, const char *turn, bool written)
{
    if (!section_is_live(d->next->sections[REC_ENTRY], session))
        return;
    /* A put replaces in place; nothing moves before the event is reduced. */
    for (size_t i = 0; i < d->next->sections[REC_ENTRY]->n; i++) {
        struct rec_entry e = *REC(d->next->sections[REC_ENTRY]->v[i], entry);
        if (!e.open || strcmp(e.session, session) != 0 || (turn && strcmp(e.turn, turn) != 0))
            continue;
        bool steer = strcmp(e.kind, "steer") == 0;
        if (written && (steer || strcmp(e.kind, "tool") == 0))
            continue;
        if (steer)
            e.kind = "unsent";
        e.open = false;
        draft_put(d, REC_ENTRY, &e);
    }
}
