/* SPDX-License-Identifier: MIT
 *
 * merge: what another branch or session has that this one lacks. When nothing was said here since
 * they parted the head goes forward. Else its exchanges are said again below the head, with ids of
 * their own, or one exchange sums them up. All of it is one transaction, and undo takes all of it
 * back.
 *
 * A tree stays a tree: a message has one parent, so what is appended is a copy.
 */
#include "base/mem.h"
#include "contract/retell.h"
#include "core/internal.h"
#include "json/json.h"
#include "json/jsonw.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MERGE_MAX = 2000,   /* messages that are appended: core does nothing else meanwhile */
    SQUASH_MAX = 20000, /* messages that are summed up */
    SQUASH_FIRST = 10,  /* lines of a sum, from its beginning and its end */
    SQUASH_LAST = 30,
};

/* ---- what the other one has ---- */

struct range {
    const char *session;
    int64_t from, to;
};

struct said {
    const char *id, *turn, *role, *preview;
    int64_t seq;
};

struct rest {
    struct arena arena;
    VEC(struct range) ours; /* what leads up to the head */
    VEC(struct said) v;     /* what is merged, newest first */
    const char *shared;     /* the message before it; NULL: none */
    bool mid;               /* it begins in the middle of an exchange */
    bool foreign;           /* it is another session's */
};

static bool read_ranges(struct batch *b, const char *head, struct rest *r, struct err *e)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    if (!tree_lineage(b, head, &text, e))
        return false;
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&text), e);
    for (const struct json *c = json_first(j); c; c = json_next(c)) {
        const struct json *at = json_first(c);
        struct range range = {.session = arena_strdup(&r->arena, json_cstr(at, ""))};
        range.from = json_i64(at = json_next(at), 0);
        range.to = json_i64(json_next(at), 0);
        VEC_PUSH(&r->ours, range);
    }
    return j != NULL;
}

static bool is_ours(const struct rest *r, const struct rec_message *m)
{
    for (size_t i = 0; i < r->ours.n; i++)
        if (strcmp(r->ours.v[i].session, m->session) == 0 && m->seq > r->ours.v[i].from &&
            m->seq <= r->ours.v[i].to)
            return true;
    return false;
}

static void keep(struct rest *r, const struct rec_message *m)
{
    struct said s = {.id = arena_strdup(&r->arena, m->id),
                     .turn = arena_strdup(&r->arena, m->turn ? m->turn : ""),
                     .role = arena_strdup(&r->arena, m->role),
                     .preview = arena_strdup(&r->arena, m->preview ? m->preview : ""),
                     .seq = m->seq};
    VEC_PUSH(&r->v, s);
}

/* From a message back to the first that is ours, too. */
static bool read_rest(struct batch *b, const char *session, const char *entry, struct rest *r,
                      struct err *e)
{
    const char *at = entry;
    while (at) {
        const struct rec *rec = batch_find(b, REC_MESSAGE, at);
        if (!rec)
            return err_set(e, ERR_NOT_FOUND, "there is no message '%.80s'", at);
        const struct rec_message *m = REC(rec, message);
        if (is_ours(r, m)) {
            r->shared = arena_strdup(&r->arena, at);
            at = NULL;
        } else {
            keep(r, m);
            r->foreign = r->foreign || strcmp(m->session, session) != 0;
            r->mid = !tree_begins_turn(b, m);
            at = m->parent ? arena_strdup(&r->arena, m->parent) : NULL;
        }
        rec_unref(rec);
        if (r->v.n > SQUASH_MAX)
            return err_set(e, ERR_TOO_LARGE, "there are more than %d messages to merge",
                           SQUASH_MAX) ||
                   err_hint(e, "fork that branch instead: nothing is copied then");
    }
    return true;
}

static void rest_free(struct rest *r)
{
    free(r->ours.v);
    free(r->v.v);
    arena_free(&r->arena);
}

/* ---- append ---- */

struct append {
    struct batch *b;
    struct retell telling;
    int64_t last; /* the event of the last message that is merged */
    struct err *e;
    bool ok;
};

static void add(void *arg, struct event *ev)
{
    struct append *a = arg;
    if (a->ok)
        a->ok = batch_add(a->b, ev, a->e);
    else
        event_unref(ev);
}

/* What followed the last message in its turn belongs to it, up to the next one. */
static bool take_event(void *arg, struct event *ev)
{
    struct append *a = arg;
    struct event *copy = NULL;
    bool more = ev->kind != EV_TURN_MESSAGE || ev->seq <= a->last;
    if (more) {
        CLEANUP(json_free_p) struct json *data = json_parse(ev->data, a->e);
        a->ok = data && retell_event(&a->telling, ev, data, &copy, a->e);
        if (copy)
            add(a, copy);
    }
    event_unref(ev);
    return a->ok && more;
}

/* *ret_tip (malloc'd): the last message here. */
static bool append(struct batch *b, const struct rest *r, const char *session, char **ret_tip,
                   struct err *e)
{
    struct id salt = id_make("merge");
    struct append a = {.b = b,
                       .telling = {.session = session,
                                   .salt = salt.s,
                                   .bare = true,
                                   .why = "what was merged ends before this did"},
                       .last = r->v.v[0].seq,
                       .e = e,
                       .ok = true};
    const char *turn = "";
    if (r->mid)
        return err_set(e, ERR_UNSUPPORTED, "they part in the middle of an exchange") ||
               err_hint(e, "squash it, or fork that branch");
    if (r->v.n > MERGE_MAX)
        return err_set(e, ERR_TOO_LARGE, "%zu messages would be copied, more than %d", r->v.n,
                       MERGE_MAX) ||
               err_hint(e, "squash it, or fork that branch: nothing is copied then");
    for (size_t i = r->v.n; a.ok && i > 0; i--) {
        if (strcmp(r->v.v[i - 1].turn, turn) == 0)
            continue;
        turn = r->v.v[i - 1].turn;
        a.ok = store_turn_events(b->core->store, turn, take_event, &a, e) && a.ok;
    }
    *ret_tip = mem_strdup(retell_id(&a.telling, str_of(r->v.v[0].id)));
    retell_end(&a.telling, add, &a);
    return a.ok;
}

/* ---- squash ---- */

static void put_said(struct buf *out, const struct said *s)
{
    struct str text = str_of(s->preview), line = {0};
    (void)str_split(&text, '\n', &line);
    buf_printf(out, "- %s: %.*s\n", s->role, STR_ARG(line));
}

static void sum_up(const struct rest *r, struct buf *out)
{
    size_t first = MIN(r->v.n, (size_t)SQUASH_FIRST);
    size_t last = MIN(r->v.n - first, (size_t)SQUASH_LAST);
    for (size_t i = 0; i < first; i++)
        put_said(out, &r->v.v[r->v.n - 1 - i]);
    if (r->v.n > first + last)
        buf_printf(out, "- ... %zu more messages\n", r->v.n - first - last);
    for (size_t i = last; i > 0; i--)
        put_said(out, &r->v.v[i - 1]);
}

static bool say(struct batch *b, const struct event_ids *ids, const char *role, struct str text,
                char **ret_entry, struct err *e)
{
    CLEANUP(buf_free) struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    struct id entry = id_make("msg");
    jsonw_begin_array(&w);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "type", "text");
    jsonw_put_str(&w, "text", text);
    jsonw_end_object(&w);
    jsonw_end_array(&w);
    free(*ret_entry);
    *ret_entry = mem_strdup(entry.s);
    return batch_emit(
        b, EV_TURN_MESSAGE, ids,
        &(struct ev_turn_message){.entry = entry.s, .role = role, .content = buf_cstr(&content)},
        e);
}

static bool squash(struct batch *b, const struct rest *r, const char *session, const char *source,
                   char **ret_tip, struct err *e)
{
    CLEANUP(buf_free) struct buf asked = BUF_OWN;
    CLEANUP(buf_free) struct buf sum = BUF_OWN;
    struct id turn = id_make("turn");
    struct event_ids ids = {.session = session, .turn = turn.s};
    enum { SOURCE_BYTES = 80 };
    buf_printf(&asked, "Merged from %.*s: ", STR_ARG(utf8_clip(str_of(source), SOURCE_BYTES)));
    buf_count(&asked, (int64_t)r->v.n, "message");
    buf_puts(&asked, ", in short.");
    sum_up(r, &sum);
    return batch_emit(b, EV_TURN_CREATED, &ids,
                      &(struct ev_turn_created){.source = "merge", .input = buf_cstr(&asked)}, e) &&
           batch_emit(b, EV_TURN_STARTED, &ids,
                      &(struct ev_turn_started){.provider = "tau", .model = "merge"}, e) &&
           say(b, &ids, "user", buf_view(&asked), ret_tip, e) &&
           say(b, &ids, "assistant", str_trim(buf_view(&sum)), ret_tip, e) &&
           batch_emit(b, EV_TURN_COMPLETED, &ids,
                      &(struct ev_turn_completed){.finish_reason = "stop"}, e);
}

/* ---- the action ---- */

static bool merged(struct batch *b, const struct rest *r, const char *session, const char *head,
                   const char *tip, const char *how, struct err *e)
{
    CLEANUP(buf_free) struct buf ranges = BUF_OWN;
    struct event_ids ids = {.session = session};
    return tree_lineage(b, tip, &ranges, e) &&
           batch_emit(b, EV_SESSION_MERGED, &ids,
                      &(struct ev_session_merged){.entry = tip,
                                                  .lineage = buf_cstr(&ranges),
                                                  .before = head,
                                                  .from = r->v.v[0].id,
                                                  .how = how,
                                                  .messages = (int64_t)r->v.n},
                      e);
}

static bool is(const char *strategy, const char *name)
{
    return strategy && strcmp(strategy, name) == 0;
}

/* Do they follow the head, so that it can go forward to them? */
static bool follows(const struct rest *r, const char *head)
{
    return !head || (r->shared && strcmp(r->shared, head) == 0);
}

/* All that can be refused is, before anything is done. */
static bool check(const struct act_session_merge *args, const struct rest *r, const char *head, struct err *e)
{
    const char *how = args->strategy;
    bool forward = is(how, "fast-forward"), can = follows(r, head);
    if (how && !forward && !is(how, "append") && !is(how, "squash"))
        return err_set(e, ERR_INVALID,
                       "strategy: expected fast-forward, append or squash, got '%.40s'", how);
    if (r->v.n == 0)
        return err_set(e, ERR_EXISTS, "all of it leads up to the head already") ||
               err_hint(e, "there is nothing to merge");
    if (forward && can && r->foreign)
        return err_set(e, ERR_CONFLICT, "those messages are another session's") ||
               err_hint(e, "append them, squash them, or go on in that session");
    if (forward && !can)
        return err_set(e, ERR_CONFLICT, "the head can not go forward: both have gone on since") ||
               err_hint(e, "append it, or squash it");
    return true;
}

static bool merge(struct batch *b, const struct act_session_merge *args, const struct rest *r,
                  const char *session, const char *head, struct action_answer *ret_answer,
                  struct err *e)
{
    const char *how = args->strategy;
    bool forward = is(how, "fast-forward"), can = follows(r, head);
    if (can && !r->foreign && (forward || !how))
        return tree_move(b, session, r->v.v[0].id, NULL, ret_answer, e);
    CLEANUP(mem_free_p) char *tip = NULL;
    if (is(how, "squash"))
        return squash(b, r, session, args->source ? args->source : "another branch", &tip, e) &&
               merged(b, r, session, head, tip, how, e);
    return append(b, r, session, &tip, e) && merged(b, r, session, head, tip, "append", e);
}

bool act_session_merge(struct batch *b, const struct act_session_merge *args,
                       const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct rest r = {0};
    struct rec_session s;
    (void)who;
    bool ok = tree_take(b, args->session, &r.arena, &s, e);
    const char *head = ok && args->onto ? args->onto : ok ? s.head : NULL;
    if (ok)
        memccpy(ret_answer->id, s.id, 0, ID_MAX - 1);
    ok = ok && read_ranges(b, head, &r, e) && read_rest(b, s.id, args->entry, &r, e) && check(args, &r, head, e);
    if (ok && args->onto && (!s.head || strcmp(s.head, args->onto) != 0))
        ok = tree_move(b, s.id, args->onto, NULL, ret_answer, e);
    ok = ok && merge(b, args, &r, s.id, head, ret_answer, e);
    rest_free(&r);
    return ok;
}
