/* SPDX-License-Identifier: MIT
 *
 * marks: names of messages. A bookmark is one message; an alias is a branch, so that it leads to
 * what is said next there. Where it leads is asked of the store each time (session.marks), so that
 * nothing has to be moved along.
 */
#include "base/mem.h"
#include "core/internal.h"

#include <stdio.h>
#include <string.h>

/* A name is either's, and what it is does not change behind its owner's back. */
static bool is_free(struct batch *b, const char *key, bool follows, const char *name, struct err *e)
{
    const struct rec *r = batch_find(b, REC_MARK, key);
    const struct rec_mark *m = r ? REC(r, mark) : NULL;
    bool ok = !m || m->gone || m->follows == follows;
    if (!ok) {
        err_set(e, ERR_EXISTS, "'%.80s' is %s of this session already", name,
                m->follows ? "an alias" : "a bookmark");
        err_hint(e, "take another name, or delete that one first");
    }
    rec_unref(r);
    return ok;
}

static bool is_there(struct batch *b, const char *key)
{
    const struct rec *r = batch_find(b, REC_MARK, key);
    bool there = r && !REC(r, mark)->gone;
    rec_unref(r);
    return there;
}

bool act_session_mark(struct batch *b, const struct act_session_mark *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    (void)who;
    if (!s || !core_name_ok("message", args->name, e))
        return false;
    const char *entry = args->entry ? args->entry : s->head;
    if (!entry)
        return err_set(e, ERR_NOT_FOUND, "nothing was said in this session yet");
    CLEANUP(mem_free_p) char *at = mem_strdup(entry);
    snprintf(ret_answer->id, sizeof(ret_answer->id), "%s", s->id);
    CLEANUP(mem_free_p) char *key = mem_printf("%s/%s", ret_answer->id, args->name);
    const struct rec *m = batch_find(b, REC_MESSAGE, at);
    bool ok = m || err_set(e, ERR_NOT_FOUND, "there is no message '%.80s'", at);
    rec_unref(m);
    struct event_ids ids = {.session = ret_answer->id};
    return ok && is_free(b, key, args->follows, args->name, e) &&
           batch_emit(b, EV_SESSION_MARKED, &ids,
                      &(struct ev_session_marked){
                          .name = args->name, .entry = at, .follows = args->follows},
                      e);
}

bool act_session_unmark(struct batch *b, const struct act_session_unmark *args,
                        const struct principal *who, struct action_answer *ret_answer,
                        struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    (void)who;
    if (!s)
        return false;
    snprintf(ret_answer->id, sizeof(ret_answer->id), "%s", s->id);
    CLEANUP(mem_free_p) char *key = mem_printf("%s/%s", ret_answer->id, args->name);
    struct event_ids ids = {.session = ret_answer->id};
    if (!is_there(b, key))
        return err_set(e, ERR_NOT_FOUND, "no message of this session is called '%.80s'",
                       args->name);
    return batch_emit(b, EV_SESSION_UNMARKED, &ids,
                      &(struct ev_session_unmarked){.name = args->name}, e);
}
