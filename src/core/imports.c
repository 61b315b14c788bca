/* SPDX-License-Identifier: MIT
 *
 * imports: a session that is being read from a file. Until its end it is archived, so that nobody is
 * shown a half of it, also when the process dies; its name says so to whoever finds it in the log.
 */
#include "core/internal.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

enum { SOURCE_BYTES = 60, OLD_BYTES = 80 }; /* of the file, and of a name that is taken, in another name */

/* "import of old.jsonl, not whole (4K2M9)" */
static void name_part(const char *source, const char *id, char *ret, size_t size)
{
    const char *slash = strrchr(source, '/'), *end = id + strlen(id) - MIN(strlen(id), (size_t)5);
    struct str file = utf8_clip(str_of(slash ? slash + 1 : source), SOURCE_BYTES);
    struct err odd = ERR_INIT;
    snprintf(ret, size, "import of %.*s, not whole (%s)", STR_ARG(file), end);
    if (file.n == 0 || !sessions_name_ok(ret, &odd))
        snprintf(ret, size, "import of a file, not whole (%s)", end);
}

bool act_session_import_begin(struct batch *b, const struct act_session_import_begin *args,
                              const struct principal *who, struct action_answer *ret_answer,
                              struct err *e)
{
    struct id id = id_make("session");
    struct event_ids ids = {.session = id.s};
    char name[128];
    const char *source = args->source ? args->source : "";
    (void)who;
    name_part(source, id.s, name, sizeof(name));
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(b, EV_SESSION_CREATED, &ids, &(struct ev_session_created){.name = name, .source = source}, e) &&
           batch_emit(b, EV_SESSION_ARCHIVED, &ids, NULL, e) &&
           batch_emit(b, EV_SESSION_LEASED, &ids,
                      &(struct ev_session_leased){.proc = store_proc(b->core->store)}, e);
}

/* Makes the name free: what has it is archived under another one, or that is refused. */
static bool free_name(struct batch *b, const char *name, bool replace, struct err *e)
{
    struct err none = ERR_INIT;
    const struct rec_session *old = sessions_find(b, name, &none);
    struct id id;
    char other[128];
    if (!old)
        return none.code == ERR_NOT_FOUND || (*e = none, false);
    if (!replace)
        return err_set(e, ERR_EXISTS, "there is a session '%s' already", name) ||
               err_hint(e, "give another --name, or --replace to put that one away");
    snprintf(id.s, sizeof(id.s), "%s", old->id);
    if (runs_of_session(b->core, id.s))
        return err_set(e, ERR_CONFLICT, "a turn runs in session '%s'", name);
    struct str front = utf8_clip(str_of(name), OLD_BYTES);
    snprintf(other, sizeof(other), "%.*s-%s", STR_ARG(front),
             id.s + strlen(id.s) - MIN(strlen(id.s), (size_t)5));
    struct event_ids ids = {.session = id.s};
    return batch_open(b, e) && sessions_take(b, id.s, e) &&
           batch_emit(b, EV_SESSION_RENAMED, &ids, &(struct ev_session_renamed){.name = other},
                      e) &&
           batch_emit(b, EV_SESSION_ARCHIVED, &ids, NULL, e);
}

bool act_session_import_end(struct batch *b, const struct act_session_import_end *args,
                            const struct principal *who, struct action_answer *ret_answer,
                            struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    struct event_ids ids = {.session = args->session};
    (void)who;
    if (!s)
        return false;
    if (!s->partial)
        return err_set(e, ERR_CONFLICT, "session '%s' is not being imported", s->name);
    snprintf(ret_answer->id, sizeof(ret_answer->id), "%s", s->id);
    return sessions_name_ok(args->name, e) && free_name(b, args->name, args->replace, e) &&
           batch_emit(b, EV_SESSION_IMPORTED, &ids,
                      &(struct ev_session_imported){
                          .name = args->name, .source = args->source, .entries = args->entries},
                      e) &&
           batch_emit(b, EV_SESSION_LEASED, &ids, &(struct ev_session_leased){.proc = NULL}, e);
}
