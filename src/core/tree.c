/* SPDX-License-Identifier: MIT
 *
 * tree: a session's conversation as the tree that it is: forks, and moves of the head. Messages and
 * branches that have left the snapshot are read back; nothing is ever copied or removed.
 */
#include "base/mem.h"
#include "core/internal.h"
#include "state/heads.h"
#include "json/json.h"
#include "json/jsonw.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORK_NAMES_MAX = 1000 };

bool tree_lineage(struct batch *b, const char *entry, struct buf *out, struct err *e)
{
    if (!entry)
        return buf_puts(out, "[]");
    const struct rec *m = batch_find(b, REC_MESSAGE, entry);
    const struct rec *br = m ? batch_find(b, REC_BRANCH, REC(m, message)->branch) : NULL;
    bool ok = br != NULL;
    if (ok) {
        const struct rec_branch *branch = REC(br, branch);
        struct str before = str_trim(str_of(branch->lineage));
        buf_add(out, before.p, before.n - 1); /* its closing bracket comes later */
        buf_printf(out, "%s[", before.n > 2 ? "," : "");
        struct jsonw w = JSONW(out);
        jsonw_str(&w, str_of(branch->session));
        buf_printf(out, ",%lld,%lld,%lld,%lld]]", (long long)branch->from_seq,
                   (long long)REC(m, message)->seq, (long long)branch->from_n,
                   (long long)REC(m, message)->n);
    } else {
        err_set(e, ERR_NOT_FOUND, "there is no message '%.80s'", entry);
    }
    rec_unref(br);
    rec_unref(m);
    return ok;
}

/* ---- forks ---- */

/* "name.2", "name.3", ...: the first that is free. */
static char *fork_name(struct batch *b, const char *of)
{
    enum { OF_BYTES = 80 };
    struct str front = utf8_clip(str_of(of), OF_BYTES);
    for (int i = 2; i <= FORK_NAMES_MAX; i++) {
        struct err e = ERR_INIT;
        char *name = mem_printf("%.*s.%d", STR_ARG(front), i);
        if (!sessions_find(b, name, &e))
            return name;
        free(name);
    }
    return mem_strdup(id_make("fork").s);
}

bool act_session_fork(struct batch *b, const struct act_session_fork *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    (void)who;
    if (!s)
        return false;
    struct arena a = ARENA_INIT;
    struct err none = ERR_INIT;
    struct id id = id_make("session");
    CLEANUP(buf_free) struct buf ranges = BUF_OWN;
    const char *from = arena_strdup(&a, s->id);
    const char *of = arena_strdup(&a, s->name);
    const char *head = args->entry ? args->entry : s->head ? arena_strdup(&a, s->head) : NULL;
    CLEANUP(mem_free_p) char *name = args->name ? mem_strdup(args->name) : fork_name(b, of);
    struct event_ids ids = {.session = id.s};
    bool ok = sessions_name_ok(name, e);
    if (ok && sessions_find(b, name, &none))
        ok = err_set(e, ERR_EXISTS, "there is a session '%s' already", name);
    ok = ok && batch_open(b, e) && tree_lineage(b, head, &ranges, e) &&
         batch_emit(b, EV_SESSION_FORKED, &ids,
                    &(struct ev_session_forked){
                        .from = from, .name = name, .entry = head, .lineage = buf_cstr(&ranges)},
                    e) &&
         batch_emit(b, EV_SESSION_LEASED, &ids,
                    &(struct ev_session_leased){.proc = store_proc(b->core->store)}, e);
    if (ok) {
        memcpy(ret_answer->id, id.s, ID_MAX);
        memcpy(b->core->current, id.s, ID_MAX);
    }
    arena_free(&a);
    return ok;
}

/* ---- moves ---- */

bool tree_take(struct batch *b, const char *session, struct arena *a, struct rec_session *ret,
               struct err *e)
{
    const struct rec_session *s = sessions_find(b, session, e);
    if (!s)
        return false;
    const char *id = arena_strdup(a, s->id);
    if (runs_of_session(b->core, id))
        return err_set(e, ERR_CONFLICT, "a turn runs in session '%s'", s->name) ||
               err_hint(e, "stop it first, or wait for its end");
    if (!batch_open(b, e) || !sessions_take(b, id, e))
        return false;
    const struct rec *r = draft_find(b->draft, REC_SESSION, id);
    *ret = *REC(r, session);
    ret->id = id;
    ret->head = ret->head ? arena_strdup(a, ret->head) : NULL;
    ret->undo = ret->undo ? arena_strdup(a, ret->undo) : NULL;
    ret->redo = ret->redo ? arena_strdup(a, ret->redo) : NULL;
    ret->branch = ret->branch ? arena_strdup(a, ret->branch) : NULL;
    return true;
}

bool tree_move(struct batch *b, const char *session, const char *entry, const char *how,
               struct action_answer *ret_answer, struct err *e)
{
    CLEANUP(buf_free) struct buf ranges = BUF_OWN;
    struct event_ids ids = {.session = session};
    memccpy(ret_answer->id, session, 0, ID_MAX - 1);
    return tree_lineage(b, entry, &ranges, e) &&
           batch_emit(b, EV_SESSION_HEAD_MOVED, &ids,
                      &(struct ev_session_head_moved){
                          .entry = entry, .lineage = buf_cstr(&ranges), .how = how},
                      e);
}

bool act_session_move(struct batch *b, const struct act_session_move *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct rec_session s;
    (void)who;
    bool ok = tree_take(b, args->session, &a, &s, e) &&
              tree_move(b, s.id, args->entry, NULL, ret_answer, e);
    arena_free(&a);
    return ok;
}

bool tree_begins_turn(struct batch *b, const struct rec_message *m)
{
    if (strcmp(m->role, "user") != 0)
        return false;
    const struct rec *before = m->parent ? batch_find(b, REC_MESSAGE, m->parent) : NULL;
    bool begins = !before || strcmp(REC(before, message)->turn, m->turn) != 0;
    rec_unref(before);
    return begins;
}

/* What stands before the newest question of the user that leads up to `entry`: the head before that
 * exchange. False when there is no such message. */
static bool before_exchange(struct batch *b, const char *entry, struct arena *a,
                            const char **ret_head)
{
    bool found = false;
    while (entry && !found) {
        const struct rec *m = batch_find(b, REC_MESSAGE, entry);
        if (!m)
            return false;
        const char *parent = REC(m, message)->parent;
        found = tree_begins_turn(b, REC(m, message));
        entry = parent ? arena_strdup(a, parent) : NULL;
        rec_unref(m);
    }
    *ret_head = entry;
    return found;
}

bool act_session_undo(struct batch *b, const struct act_session_undo *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct rec_session s;
    const char *head = NULL;
    (void)who;
    bool ok = tree_take(b, args->session, &a, &s, e);
    /* A move of the head is undone before what was said before it. */
    const char *from = ok ? heads_came_from(s.undo, s.head, &a) : NULL;
    if (from)
        head = from[0] ? from : NULL;
    else
        ok = ok && (before_exchange(b, s.head, &a, &head) ||
                    err_set(e, ERR_NOT_FOUND, "there is nothing to undo in this session"));
    ok = ok && tree_move(b, s.id, head, "undo", ret_answer, e);
    arena_free(&a);
    return ok;
}

bool act_session_rewind(struct batch *b, const struct act_session_rewind *args,
                        const struct principal *who, struct action_answer *ret_answer,
                        struct err *e)
{
    struct arena a = ARENA_INIT;
    struct rec_session s;
    bool ok = tree_take(b, args->session, &a, &s, e);
    struct event_ids ids = {.session = s.id};
    if (ok && args->files)
        ok = batch_emit(b, EV_SESSION_RESTORING, &ids,
                        &(struct ev_session_restoring){.to = args->to, .files = args->files}, e);
    if (ok)
        memccpy(ret_answer->id, s.id, 0, ID_MAX - 1);
    if (ok && args->undo)
        ok = act_session_undo(b, &(struct act_session_undo){.session = s.id}, who, ret_answer, e);
    else if (ok && !args->stay)
        ok = tree_move(b, s.id, args->entry, NULL, ret_answer, e);
    arena_free(&a);
    return ok;
}

bool act_session_restored(struct batch *b, const struct act_session_restored *args,
                          const struct principal *who, struct action_answer *ret_answer,
                          struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    (void)who;
    if (!s)
        return false;
    memccpy(ret_answer->id, s->id, 0, ID_MAX - 1);
    struct event_ids ids = {.session = ret_answer->id};
    return batch_emit(
        b, EV_SESSION_RESTORED, &ids,
        &(struct ev_session_restored){.restored = args->restored, .failed = args->failed}, e);
}

bool act_session_redo(struct batch *b, const struct act_session_redo *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct arena a = ARENA_INIT;
    struct rec_session s;
    (void)who;
    bool ok = tree_take(b, args->session, &a, &s, e);
    const char *top = ok ? heads_top(s.redo, &a) : NULL;
    ok = ok && (top || err_set(e, ERR_NOT_FOUND, "there is nothing to redo in this session")) &&
         tree_move(b, s.id, top[0] ? top : NULL, "redo", ret_answer, e);
    arena_free(&a);
    return ok;
}

bool act_session_compact(struct batch *b, const struct act_session_compact *args,
                         const struct principal *who, struct action_answer *ret_answer,
                         struct err *e)
{
    struct arena a = ARENA_INIT;
    CLEANUP(buf_free) struct buf ranges = BUF_OWN;
    struct rec_session s;
    (void)who;
    bool ok = tree_take(b, args->session, &a, &s, e) && tree_lineage(b, s.head, &ranges, e);
    if (ok)
        memccpy(ret_answer->id, s.id, 0, ID_MAX - 1);
    ok = ok &&
         batch_emit(b, EV_SESSION_COMPACTED, &(struct event_ids){.session = s.id},
                    &(struct ev_session_compacted){.entry = s.head, .lineage = buf_cstr(&ranges)},
                    e);
    arena_free(&a);
    return ok;
}
