/* SPDX-License-Identifier: MIT
 *
 * tasks: what is to be done. A task is named by its id or the end of it, in small letters if one
 * likes; what it is a part of must be there and open, and it ends after its parts.
 */
#include "base/mem.h"
#include "core/internal.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { TITLE_MAX = 300, DETAIL_MAX = 8000, OPEN_MAX = 1000 };

static bool id_is(const char *id, const char *which)
{
    size_t n = strlen(id), m = strlen(which);
    return m >= STORE_END_MIN && m <= n && strcasecmp(id + n - m, which) == 0;
}

/* An id in place of its end, when there is exactly one: in the draft, which may be ahead of the
 * store, or in the store, which has what left the snapshot. */
static bool whole_id(struct batch *b, enum rec_kind kind, const char *which, struct id *ret,
                     struct err *e)
{
    const struct section *sec;
    char keys[2][ID_MAX];
    size_t n = 0, stored = 0;
    if (!batch_open(b, e) || !store_find_end(b->core->store, kind, which, keys, &stored, e))
        return false;
    sec = draft_section(b->draft, kind); /* others may have written meanwhile */
    for (size_t i = 0; i < sec->n + stored && n < 2; i++) {
        const char *key = i < sec->n ? rec_key(sec->v[i]) : keys[i - sec->n];
        if (!id_is(key, which) || (n == 1 && strcmp(key, ret->s) == 0))
            continue;
        if (n++ == 0)
            snprintf(ret->s, sizeof(ret->s), "%s", key);
    }
    if (n == 0)
        err_set(e, ERR_NOT_FOUND, "there is no %s '%.80s'", rec_table[kind].set.name, which);
    else if (n > 1)
        err_set(e, ERR_AMBIGUOUS, "'%.40s' is the end of more than one id", which);
    return n == 1;
}

const struct rec *core_named(struct batch *b, enum rec_kind kind, const char *which, struct err *e)
{
    struct id id;
    const struct rec *found = draft_find(b->draft, kind, which);
    if (found)
        return found;
    if (!whole_id(b, kind, which, &id, e))
        return NULL;
    found = draft_bring(b->draft, kind, id.s);
    if (!found)
        err_set(e, ERR_STORE, "%s could not be read back", id.s);
    return found;
}

/* A text that people wrote: not empty, one line, not too long. */
static bool check_line(const char *name, const char *text, size_t max, struct err *e)
{
    struct str s = str_trim(str_of(text));
    if (s.n == 0)
        return err_set(e, ERR_INVALID, "%s: it is empty", name);
    if (s.n > max)
        return err_set(e, ERR_INVALID, "%s: more than %zu bytes", name, max);
    return str_index(s, '\n') < 0 || err_set(e, ERR_INVALID, "%s: more than one line", name);
}

static bool check_detail(const char *detail, struct err *e)
{
    return !detail || strlen(detail) <= DETAIL_MAX ||
           err_set(e, ERR_INVALID, "detail: more than %d bytes", DETAIL_MAX);
}

static const struct rec_task *open_task(struct batch *b, const char *which, struct id *ret_id,
                                        struct err *e)
{
    const struct rec *r = core_named(b, REC_TASK, which, e);
    if (!r)
        return NULL;
    if (rec_ended(r)) {
        err_set(e, ERR_CONFLICT, "task '%.80s' is %s already", REC(r, task)->title,
                REC(r, task)->status);
        return NULL;
    }
    snprintf(ret_id->s, sizeof(ret_id->s), "%s", rec_key(r));
    return REC(r, task);
}

bool act_task_create(struct batch *b, const struct act_task_create *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct id id = id_make("task"), parent;
    const struct section *sec = draft_section(b->draft, REC_TASK);
    size_t open = 0;
    for (size_t i = 0; i < sec->n; i++)
        open += !rec_ended(sec->v[i]);
    if (open >= OPEN_MAX)
        return err_set(e, ERR_OVERLOADED, "%d tasks are open already", OPEN_MAX);
    if (!check_line("title", args->title, TITLE_MAX, e) || !check_detail(args->detail, e) ||
        (args->parent && !open_task(b, args->parent, &parent, e)))
        return false;
    struct event_ids ids = {.session = args->session, .turn = args->turn, .task = id.s};
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(b, EV_TASK_CREATED, &ids,
                      &(struct ev_task_created){.task_id = id.s,
                                                .title = args->title,
                                                .detail = args->detail,
                                                .parent = args->parent ? parent.s : NULL,
                                                .by = who->name},
                      e);
}

bool act_task_update(struct batch *b, const struct act_task_update *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct id id;
    if (!open_task(b, args->task, &id, e) || !check_detail(args->detail, e) ||
        (args->title && !check_line("title", args->title, TITLE_MAX, e)))
        return false;
    if (args->status && strcmp(args->status, "pending") != 0 &&
        strcmp(args->status, "running") != 0 && strcmp(args->status, "blocked") != 0)
        return err_set(e, ERR_INVALID, "status: expected pending, running or blocked, got '%.40s'",
                       args->status);
    struct event_ids ids = {.task = id.s};
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(
        b, EV_TASK_UPDATED, &ids,
        &(struct ev_task_updated){
            .task_id = id.s, .status = args->status, .detail = args->detail, .title = args->title,
            .rank = args->rank, .by = who->name},
        e);
}

/* Its parts must have ended; when it is cancelled they are, too. */
static size_t open_parts(struct batch *b, const char *id)
{
    const struct section *sec = draft_section(b->draft, REC_TASK);
    size_t n = 0;
    for (size_t i = 0; i < sec->n; i++) {
        const char *parent = REC(sec->v[i], task)->parent;
        n += !rec_ended(sec->v[i]) && parent && strcmp(parent, id) == 0;
    }
    return n;
}

bool act_task_complete(struct batch *b, const struct act_task_complete *args,
                       const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct id id;
    if (!open_task(b, args->task, &id, e) || !check_detail(args->detail, e))
        return false;
    size_t n = open_parts(b, id.s);
    if (n > 0)
        return err_set(e, ERR_CONFLICT, "%zu of its parts %s still open", n, n == 1 ? "is" : "are");
    struct event_ids ids = {.task = id.s};
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(b, EV_TASK_COMPLETED, &ids,
                      &(struct ev_task_completed){
                          .task_id = id.s, .detail = args->detail, .by = who->name},
                      e);
}

bool act_task_fail(struct batch *b, const struct act_task_fail *args, const struct principal *who,
                   struct action_answer *ret_answer, struct err *e)
{
    struct id id;
    struct err why = ERR_INIT;
    if (!open_task(b, args->task, &id, e) || !check_line("reason", args->reason, TITLE_MAX, e))
        return false;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    err_set(&why, ERR_TASK_FAILED, "%s", args->reason);
    jsonw_err(&w, &why);
    struct event_ids ids = {.task = id.s};
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(b, EV_TASK_FAILED, &ids,
                      &(struct ev_task_failed){
                          .task_id = id.s, .error = buf_cstr(&text), .by = who->name},
                      e);
}

/* Parts first, each below the one that it is a part of. */
static bool cancel(struct batch *b, const char *id, const char *by, struct err *e)
{
    const struct section *sec = draft_section(b->draft, REC_TASK);
    for (size_t i = 0; i < sec->n; i++) {
        const struct rec_task *t = REC(sec->v[i], task);
        struct id part;
        if (rec_ended(sec->v[i]) || !t->parent || strcmp(t->parent, id) != 0)
            continue;
        snprintf(part.s, sizeof(part.s), "%s", t->id);
        if (!cancel(b, part.s, by, e))
            return false;
        sec = draft_section(b->draft, REC_TASK);
    }
    struct event_ids ids = {.task = id};
    return batch_emit(b, EV_TASK_CANCELLED, &ids,
                      &(struct ev_task_cancelled){.task_id = id, .by = by}, e);
}

bool act_task_cancel(struct batch *b, const struct act_task_cancel *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct id id;
    if (!open_task(b, args->task, &id, e))
        return false;
    memcpy(ret_answer->id, id.s, ID_MAX);
    return cancel(b, id.s, who->name, e);
}
