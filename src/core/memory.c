/* SPDX-License-Identifier: MIT
 *
 * memory: what is remembered in a store. An entry is written whole each time, so that its event
 * says all of it; forgetting hides it and removes nothing.
 */
#include "base/mem.h"
#include "core/internal.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <string.h>

enum { SUMMARY_MAX = 1200, LISTED_MAX = 32, FACT_MAX = 400, TAG_MAX = 96 };

static const struct {
    const char *type;
    double importance;
} types[] = {
    {"fact", 0.65}, {"identity", 1.0},   {"goal", 0.9},   {"decision", 0.85},
    {"todo", 0.8},  {"preference", 0.7}, {"event", 0.55}, {"observation", 0.3},
};

static bool check_list(const char *name, const struct field_list *list, size_t max, struct err *e)
{
    if (list->n > LISTED_MAX)
        return err_set(e, ERR_INVALID, "%s: more than %d", name, LISTED_MAX);
    for (size_t i = 0; i < list->n; i++) {
        const char *s = ((const char *const *)list->v)[i];
        if (!str_trim(str_of(s)).n || strlen(s) > max)
            return err_set(e, ERR_INVALID, "%s[%zu]: expected 1 to %zu bytes", name, i, max);
    }
    return true;
}

static bool check(const struct act_memory_write *a, size_t *ret_type, struct err *e)
{
    struct str summary = str_trim(str_of(a->summary));
    if (summary.n == 0 || summary.n > SUMMARY_MAX)
        return err_set(e, ERR_INVALID, "summary: expected 1 to %d bytes", SUMMARY_MAX);
    if (!check_list("facts", &a->facts, FACT_MAX, e) || !check_list("tags", &a->tags, TAG_MAX, e))
        return false;
    if (!(a->importance >= 0 && a->importance <= 1))
        return err_set(e, ERR_INVALID, "importance: expected a number from 0 to 1");
    size_t i = 0;
    while (a->type && i < ARRAY_LEN(types) && strcmp(types[i].type, a->type) != 0)
        i++;
    *ret_type = i;
    return i < ARRAY_LEN(types) ||
           err_set(e, ERR_INVALID,
                   "type: expected identity, goal, decision, todo, preference, fact, event or "
                   "observation, got '%.40s'",
                   a->type);
}

static void put_list(struct jsonw *w, const char *name, const struct field_list *list)
{
    jsonw_key(w, name);
    jsonw_begin_array(w);
    for (size_t i = 0; i < list->n; i++)
        jsonw_cstr(w, ((const char *const *)list->v)[i]);
    jsonw_end_array(w);
}

bool act_memory_write(struct batch *b, const struct act_memory_write *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct id id = id_make("mem");
    size_t type = 0;
    if (!check(args, &type, e))
        return false;
    if (args->memory) {
        const struct rec *r = core_named(b, REC_MEMORY, args->memory, e);
        if (!r)
            return false;
        snprintf(id.s, sizeof(id.s), "%s", rec_key(r));
    }
    CLEANUP(buf_free) struct buf entry = BUF_OWN;
    struct jsonw w = JSONW(&entry);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "id", id.s);
    jsonw_put_cstr(&w, "summary", args->summary);
    put_list(&w, "facts", &args->facts);
    put_list(&w, "tags", &args->tags);
    jsonw_put_cstr(&w, "type", types[type].type);
    jsonw_key(&w, "importance");
    jsonw_f64(&w, args->importance > 0 ? args->importance : types[type].importance);
    jsonw_put_cstr(&w, "by", who->name);
    jsonw_end_object(&w);
    struct event_ids ids = {.session = args->session, .turn = args->turn};
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(b, EV_MEMORY_WRITTEN, &ids,
                      &(struct ev_memory_written){.entry = buf_cstr(&entry)}, e);
}

static bool find(struct batch *b, const char *which, struct action_answer *ret, bool *ret_forgotten,
                 struct err *e)
{
    const struct rec *r = core_named(b, REC_MEMORY, which, e);
    if (!r)
        return false;
    *ret_forgotten = REC(r, memory)->forgotten;
    snprintf(ret->id, sizeof(ret->id), "%s", rec_key(r));
    return true;
}

bool act_memory_pin(struct batch *b, const struct act_memory_pin *args, const struct principal *who,
                    struct action_answer *ret_answer, struct err *e)
{
    bool forgotten;
    return find(b, args->memory, ret_answer, &forgotten, e) &&
           batch_emit(b, EV_MEMORY_PINNED, NULL,
                      &(struct ev_memory_pinned){
                          .memory_id = ret_answer->id, .off = args->off, .by = who->name},
                      e);
}

bool act_memory_forget(struct batch *b, const struct act_memory_forget *args,
                       const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    bool forgotten;
    if (!find(b, args->memory, ret_answer, &forgotten, e))
        return false;
    return forgotten ||
           batch_emit(b, EV_MEMORY_FORGOTTEN, NULL,
                      &(struct ev_memory_forgotten){.memory_id = ret_answer->id, .by = who->name},
                      e);
}

bool act_memory_restore(struct batch *b, const struct act_memory_restore *args,
                        const struct principal *who, struct action_answer *ret_answer,
                        struct err *e)
{
    bool forgotten;
    if (!find(b, args->memory, ret_answer, &forgotten, e))
        return false;
    return !forgotten ||
           batch_emit(b, EV_MEMORY_RESTORED, NULL,
                      &(struct ev_memory_restored){.memory_id = ret_answer->id, .by = who->name},
                      e);
}
