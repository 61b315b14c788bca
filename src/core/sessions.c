/* SPDX-License-Identifier: MIT
 *
 * sessions: finding, making and leasing them. A session is written by one process at a time; a
 * lease whose process is gone is worth nothing.
 */
#include "base/clock.h"
#include "core/internal.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

enum { SESSION_NAME_MAX = 100 };

static const struct rec_session *newest(const struct batch *b)
{
    const struct section *sec = draft_section(b->draft, REC_SESSION);
    const struct rec_session *best = NULL;
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_session *s = REC(sec->v[i], session);
        if (!s->archived && s->turns > 0 && (!best || s->updated_ms >= best->updated_ms))
            best = s;
    }
    return best;
}

static const struct rec_session *by_name(const struct batch *b, const char *name)
{
    const struct rec *r = draft_find(b->draft, REC_SESSION, name);
    const struct section *sec = draft_section(b->draft, REC_SESSION);
    for (size_t i = 0; !r && i < sec->n; i++)
        if (strcmp(REC(sec->v[i], session)->name, name) == 0)
            r = sec->v[i];
    return r ? REC(r, session) : NULL;
}

/* What has left the snapshot, or was never in it, is read back. */
static const struct rec_session *load_session(struct batch *b, const char *id_or_name,
                                              struct err *e)
{
    struct rec *r = NULL;
    if (!batch_open(b, e))
        return NULL;
    /* Opening took in what others wrote. */
    const struct rec_session *s = by_name(b, id_or_name);
    if (s)
        return s;
    if (!store_find_session(b->core->store, id_or_name, &r, e))
        return NULL;
    if (!r) {
        err_set(e, ERR_NOT_FOUND, "there is no session '%s'", id_or_name);
        return NULL;
    }
    draft_load_before(b->draft, REC_SESSION,
                      draft_section(b->draft, REC_SESSION)->before - rec_ended(r));
    draft_load(b->draft, r);
    return by_name(b, rec_key(r));
}

const struct rec_session *sessions_find(struct batch *b, const char *id_or_name, struct err *e)
{
    const struct rec_session *s = NULL;
    if (!id_or_name)
        id_or_name = b->core->current;
    if (!id_or_name[0]) {
        err_set(e, ERR_NOT_FOUND, "there is no session yet");
        return NULL;
    }
    if (strcmp(id_or_name, "@last") == 0) {
        s = newest(b);
        if (!s)
            err_set(e, ERR_NOT_FOUND, "there is no session to continue here");
        return s;
    }
    s = by_name(b, id_or_name);
    return s ? s : load_session(b, id_or_name, e);
}

bool core_name_ok(const char *whose, const char *name, struct err *e)
{
    struct str s = str_of(name);
    if (s.n == 0 || s.n > SESSION_NAME_MAX || !utf8_valid(s) || name[0] == '@' || name[0] == '-')
        return err_set(e, ERR_INVALID,
                       "a %s's name has 1 to %d bytes and does not begin with @ or -", whose,
                       SESSION_NAME_MAX);
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return err_set(e, ERR_INVALID, "a %s's name has no control characters", whose);
    return true;
}

bool sessions_name_ok(const char *name, struct err *e)
{
    return core_name_ok("session", name, e);
}

bool sessions_make(struct batch *b, const char *name, char *ret_id, struct err *e)
{
    struct id id = id_make("session");
    char made[16];
    struct err none = ERR_INIT;
    if (!name) {
        /* The end of the id is random: short, and easy to type. */
        const char *tail = id.s + strlen(id.s) - 5;
        snprintf(made, sizeof(made), "s-%s", tail);
        for (char *p = made; *p; p++)
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p + 32);
        name = made;
    }
    if (!sessions_name_ok(name, e))
        return false;
    if (sessions_find(b, name, &none))
        return err_set(e, ERR_EXISTS, "there is a session '%s' already", name);
    if (none.code != ERR_NOT_FOUND) {
        *e = none;
        return false;
    }
    struct event_ids ids = {.session = id.s};
    if (!batch_emit(b, EV_SESSION_CREATED, &ids, &(struct ev_session_created){.name = name}, e) ||
        !batch_emit(b, EV_SESSION_LEASED, &ids,
                    &(struct ev_session_leased){.proc = store_proc(b->core->store)}, e))
        return false;
    memcpy(ret_id, id.s, ID_MAX);
    return true;
}

struct reload {
    struct draft *draft;
    int64_t ended;
};

static void load_one(void *arg, struct rec *r)
{
    struct reload *l = arg;
    l->ended += rec_ended(r);
    draft_load(l->draft, r);
}

static int64_t ended_of(const struct section *sec, const char *session)
{
    int64_t n = 0;
    for (size_t i = 0; i < sec->n; i++)
        n += rec_ended(sec->v[i]) && strcmp(rec_session(sec->v[i]), session) == 0;
    return n;
}

bool sessions_read(struct batch *b, const char *id, struct err *e)
{
    struct draft *d = b->draft;
    for (int k = 0; k < REC_COUNT; k++) {
        enum rec_kind kind = (enum rec_kind)k;
        struct reload l = {.draft = d};
        int64_t ignored;
        if (rec_table[k].session < 0)
            continue;
        int64_t before = draft_section(d, kind)->before + ended_of(draft_section(d, kind), id);
        draft_unload(d, kind, id);
        if (!store_load(b->core->store, kind, id, load_one, &l, &ignored, e))
            return false;
        draft_load_before(d, kind, before - l.ended);
    }
    return true;
}

bool sessions_bring(struct batch *b, const char *id, struct err *e)
{
    struct rec *r = NULL;
    if (!store_find(b->core->store, REC_SESSION, id, &r, e))
        return false;
    if (!r)
        return true;
    draft_reload(b->draft, r);
    return sessions_read(b, id, e);
}

/* The start reads the newest of all sessions together, which may be a part of this one or none of
 * it; whoever works in it has all that it keeps. */
bool sessions_take(struct batch *b, const char *id, struct err *e)
{
    const struct rec *r = draft_find(b->draft, REC_SESSION, id);
    const char *own = store_proc(b->core->store);
    const char *proc = r ? REC(r, session)->proc : NULL;
    if (proc && strcmp(proc, own) == 0)
        return true;
    if (proc && !store_proc_gone(b->core->store, proc)) {
        err_set(e, ERR_LEASED, "session '%s' is in use by another tau (%s)", REC(r, session)->name,
                proc);
        return false;
    }
    struct event_ids ids = {.session = id};
    return batch_emit(b, EV_SESSION_LEASED, &ids, &(struct ev_session_leased){.proc = own}, e) &&
           sessions_read(b, id, e);
}

void sessions_release(struct batch *b)
{
    const struct section *sec = b->core->snap->sections[REC_SESSION];
    const char *own = store_proc(b->core->store);
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_session *s = REC(sec->v[i], session);
        struct event_ids ids = {.session = s->id};
        struct err e = ERR_INIT;
        if (s->proc && strcmp(s->proc, own) == 0 &&
            !batch_emit(b, EV_SESSION_LEASED, &ids, &(struct ev_session_leased){.proc = NULL}, &e))
            return; /* the next process finds our lock free, which says the same */
    }
}
