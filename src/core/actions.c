/* SPDX-License-Identifier: MIT
 *
 * actions: every row of actions.def and what it does. A handler looks first, refuses with an error
 * that says why, and only then adds facts.
 */
#include "agent/calls.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/internal.h"
#include "model/provider.h"

#include "json/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool (*handler)(struct batch *b, const void *args, const struct principal *who,
                        struct action_answer *ret_answer, struct err *e);

/* Rows to handlers, by expansion: each gets the struct of its own arguments. */
#define ACTION(id, lc, name, role, confirm, help)                                                  \
    static bool call_##lc(struct batch *b, const void *args, const struct principal *who,          \
                          struct action_answer *ret_answer, struct err *e)                         \
    {                                                                                              \
        return act_##lc(b, args, who, ret_answer, e);                                              \
    }
#define FIELD(lc, type, member, presence, doc)
#define ACTION_END(lc)
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END

static const handler handlers[ACT_COUNT] = {
#define ACTION(id, lc, name, role, confirm, help) [ACT_##id] = call_##lc,
#define FIELD(lc, type, member, presence, doc)
#define ACTION_END(lc)
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END
};

/* ---- idempotency ---- */

static char *answer_text(const struct action_answer *a)
{
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "seq", a->seq);
    jsonw_put_cstr(&w, "id", a->id);
    jsonw_end_object(&w);
    return buf_take(&b);
}

/* True when the key was used before with these arguments: *ret_answer is what was said then. */
static bool answered_before(struct batch *b, const struct msg *m, const char *hash,
                            struct action_answer *ret_answer, struct err *e)
{
    char *text = NULL;
    if (!m->idem || !store_idem_get(b->core->store, m->principal, m->idem, hash, &text, e) || !text)
        return false;
    struct err ignored = ERR_INIT;
    struct json *j = json_parse(str_of(text), &ignored);
    ret_answer->accepted = true;
    ret_answer->seq = json_i64(json_get(j, "seq"), 0);
    snprintf(ret_answer->id, sizeof(ret_answer->id), "%s", json_cstr(json_get(j, "id"), ""));
    json_free(j);
    free(text);
    return true;
}

void action_run(struct batch *b, const struct msg *m, struct action_answer *ret_answer)
{
    struct err e = ERR_INIT;
    struct arena arena = ARENA_INIT;
    enum action_id id = action_find(str_of(m->action));
    char hash[DIGEST_HEX];
    *ret_answer = (struct action_answer){0};
    digest_hex(str_of(m->arguments), hash);
    if (id == ACT_COUNT) {
        err_set(&e, ERR_NOT_FOUND, "there is no action '%s'", m->action);
    } else if (m->role < action_table[id].role) {
        err_set(&e, ERR_ROLE, "%s needs the role %s, and %s has %s", m->action,
                role_name(action_table[id].role), m->principal, role_name(m->role));
    } else if (!answered_before(b, m, hash, ret_answer, &e) && e.code == ERR_NONE) {
        struct json *j = json_parse(str_of(m->arguments), &e);
        const struct field_set *set = &action_table[id].set;
        void *args = arena_new(&arena, set->size);
        struct principal who = {m->principal, m->role};
        size_t before = b->events.n;
        if (j && field_read(set, j, &arena, args, FIELD_STRICT, &e) &&
            handlers[id](b, args, &who, ret_answer, &e)) {
            ret_answer->accepted = true;
            ret_answer->seq = before < b->events.n ? b->events.v[before]->seq : b->core->seq;
            if (m->idem && b->open) {
                char *text = answer_text(ret_answer);
                if (!store_idem_put(b->core->store, m->principal, m->idem, hash, text, &e))
                    ret_answer->accepted = false;
                free(text);
            }
        }
        json_free(j);
    }
    if (!ret_answer->accepted)
        ret_answer->err = e;
    arena_free(&arena);
}

/* ---- turns ---- */

bool act_turn_submit(struct batch *b, const struct act_turn_submit *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct core *c = b->core;
    char session[ID_MAX];
    const char *model = args->model ? args->model : c->model;
    const char *name;
    (void)who;
    if (str_trim(str_of(args->input)).n == 0)
        return err_set(e, ERR_INVALID, "there is nothing to ask: the input is empty");
    const struct provider *provider = provider_find(model, &name, e);
    if (!provider || !images_check(c, provider, name, args->images, e))
        return false;
    CLEANUP(schema_free_p)
    struct schema *schema = args->schema ? schema_compile(str_of(args->schema), e) : NULL;
    if (args->schema && !schema)
        return err_wrap(e, "the schema");
    if (!args->session && !c->current[0]) {
        if (!sessions_make(b, NULL, session, e))
            return false;
    } else {
        const struct rec_session *s = sessions_find(b, args->session, e);
        if (!s)
            return false;
        snprintf(session, sizeof(session), "%s", s->id);
        if (!sessions_take(b, session, e))
            return false;
    }
    if (!runs_submit(b, session, args, model, ret_answer->id, e))
        return false;
    memcpy(c->current, session, ID_MAX);
    return true;
}

/* The turn that runs in the current session, else the oldest that waits there. */
static const char *current_turn(struct core *c)
{
    struct run *run = c->current[0] ? runs_of_session(c, c->current) : NULL;
    return run ? run->id : NULL;
}

bool act_turn_cancel(struct batch *b, const struct act_turn_cancel *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    struct core *c = b->core;
    const char *turn = args->turn ? args->turn : current_turn(c);
    (void)ret_answer;
    if (turn && strcmp(turn, "*") == 0) {
        for (struct run *r = c->runs; r; r = r->next)
            if (!runs_cancel(b, r->id, who->name, e))
                return false;
        return true;
    }
    return !turn || runs_cancel(b, turn, who->name, e);
}

/* ---- approvals ---- */

struct resolved {
    char approval[ID_MAX], session[ID_MAX], scope[16], by[64];
    bool approved;
    char *rule, *reason, *arguments;
};

/* Effect: the rule that the answer made holds before the tool goes on. */
static void deliver(struct core *c, void *arg, bool done)
{
    struct resolved *r = arg;
    struct err e = ERR_INIT;
    if (done && r->rule &&
        !policy_grant(c->policy, r->session, r->rule, strcmp(r->scope, "prefix") == 0, &e))
        log_error("the rule '%s' could not be kept, so it held once: %s", r->rule, e.message);
    if (done)
        asks_answer(c, r->approval, r->approved, r->scope, r->by, r->reason, r->arguments);
    free(r->rule);
    free(r->reason);
    free(r->arguments);
}

static bool scope_rule(const struct rec_approval *a, const char *scope, const char **ret_rule,
                       struct err *e)
{
    *ret_rule = NULL;
    if (strcmp(scope, "once") == 0)
        return true;
    if (strcmp(scope, "session") == 0)
        *ret_rule = a->session_rule;
    else if (strcmp(scope, "prefix") == 0)
        *ret_rule = a->prefix_rule;
    else
        return err_set(e, ERR_INVALID, "scope: expected once, session or prefix, got '%s'", scope);
    return *ret_rule || err_set(e, ERR_CONFLICT, "this can be approved once only");
}

/* Whoever asks waits in its own process. */
static bool is_ours(struct batch *b, const char *session, struct err *e)
{
    const struct rec *s = draft_find(b->draft, REC_SESSION, session);
    const char *proc = s ? REC(s, session)->proc : NULL;
    if (!proc || strcmp(proc, store_proc(b->core->store)) == 0)
        return true;
    err_set(e, ERR_LEASED, "another tau asks this (%s)", proc);
    return err_hint(e, "answer it there");
}

bool act_approval_resolve(struct batch *b, const struct act_approval_resolve *args,
                          const struct principal *who, struct action_answer *ret_answer,
                          struct err *e)
{
    const struct rec *rec = draft_find(b->draft, REC_APPROVAL, args->approval);
    const char *scope = args->scope ? args->scope : "once";
    const char *rule = NULL;
    (void)ret_answer;
    if (!rec)
        return err_set(e, ERR_NOT_FOUND, "there is no approval '%s'", args->approval);
    const struct rec_approval *a = REC(rec, approval);
    if (rec_ended(rec))
        return err_set(e, ERR_CONFLICT, "it was %s already", a->status);
    if (!is_ours(b, a->session, e))
        return false;
    if (args->approve && !scope_rule(a, scope, &rule, e))
        return false;
    struct event_ids ids = {.session = a->session, .turn = a->turn};
    struct resolved *r = NEW(struct resolved);
    snprintf(r->approval, sizeof(r->approval), "%s", a->id);
    snprintf(r->session, sizeof(r->session), "%s", a->session);
    snprintf(r->scope, sizeof(r->scope), "%s", scope);
    snprintf(r->by, sizeof(r->by), "%s", who->name);
    r->approved = args->approve;
    r->rule = mem_strdup(rule);
    r->reason = mem_strdup(args->reason);
    r->arguments = mem_strdup(args->arguments);
    bool ok =
        args->approve
            ? batch_emit(b, EV_APPROVAL_APPROVED, &ids,
                         &(struct ev_approval_approved){.approval_id = r->approval,
                                                        .scope = scope,
                                                        .by = who->name,
                                                        .rule = r->rule,
                                                        .arguments = args->arguments},
                         e)
            : batch_emit(b, EV_APPROVAL_REJECTED, &ids,
                         &(struct ev_approval_rejected){
                             .approval_id = r->approval, .by = who->name, .reason = args->reason},
                         e);
    if (!ok) {
        free(r->rule);
        free(r->reason);
        free(r->arguments);
        free(r);
        return false;
    }
    batch_effect(b, deliver, r);
    return true;
}

/* ---- sessions ---- */

bool act_session_new(struct batch *b, const struct act_session_new *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    (void)who;
    if (!sessions_make(b, args->name, ret_answer->id, e))
        return false;
    memcpy(b->core->current, ret_answer->id, ID_MAX);
    return true;
}

/* A session that another process has: all that is kept of it is shown here, and what is said in it comes
 * with what others write. */
static bool look_on(struct batch *b, const char *session, struct err *e)
{
    if (e->code != ERR_LEASED)
        return false;
    *e = (struct err)ERR_INIT;
    b->reread = batch_open(b, e) && sessions_bring(b, session, e);
    b->urgent = b->urgent || b->reread;
    return b->reread;
}

bool act_session_switch(struct batch *b, const struct act_session_switch *args,
                        const struct principal *who, struct action_answer *ret_answer,
                        struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    (void)who;
    if (!s && e->code == ERR_NOT_FOUND && args->create) {
        if (!sessions_make(b, args->session, ret_answer->id, e))
            return false;
    } else if (!s) {
        return false;
    } else {
        snprintf(ret_answer->id, sizeof(ret_answer->id), "%s", s->id);
        if (!sessions_take(b, ret_answer->id, e) && !(args->watch && look_on(b, ret_answer->id, e)))
            return false;
    }
    memcpy(b->core->current, ret_answer->id, ID_MAX);
    return true;
}

bool act_session_rename(struct batch *b, const struct act_session_rename *args,
                        const struct principal *who, struct action_answer *ret_answer,
                        struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    struct err none = ERR_INIT;
    (void)who;
    if (!s)
        return false;
    struct id id;
    snprintf(id.s, sizeof(id.s), "%s", s->id);
    if (!sessions_name_ok(args->name, e))
        return false;
    if (sessions_find(b, args->name, &none))
        return err_set(e, ERR_EXISTS, "there is a session '%s' already", args->name);
    struct event_ids ids = {.session = id.s};
    memcpy(ret_answer->id, id.s, ID_MAX);
    return batch_emit(b, EV_SESSION_RENAMED, &ids, &(struct ev_session_renamed){.name = args->name},
                      e);
}

bool act_session_reset(struct batch *b, const struct act_session_reset *args,
                       const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    const struct rec_session *s = sessions_find(b, args->session, e);
    (void)who;
    if (!s)
        return false;
    if (runs_of_session(b->core, s->id))
        return err_set(e, ERR_CONFLICT, "a turn runs in session '%s'", s->name);
    snprintf(ret_answer->id, sizeof(ret_answer->id), "%s", s->id);
    struct event_ids ids = {.session = ret_answer->id};
    return sessions_take(b, ret_answer->id, e) && batch_emit(b, EV_SESSION_RESET, &ids, NULL, e);
}

/* ---- jobs, policy, model ---- */

/* Effect: fires the token of a call, should it still run. */
static void stop_call(struct core *c, void *arg, bool done)
{
    if (done && !calls_cancel(c->calls, arg))
        log_debug("call %s has ended meanwhile", (const char *)arg);
}

bool act_tool_cancel(struct batch *b, const struct act_tool_cancel *args, const struct principal *who,
                     struct action_answer *ret_answer, struct err *e)
{
    const struct rec *r = draft_find(b->draft, REC_TOOL, args->call);
    (void)who;
    (void)ret_answer;
    if (!r)
        return err_set(e, ERR_NOT_FOUND, "there is no call '%s'", args->call);
    if (rec_ended(r))
        return true;
    if (!runs_find(b->core, REC(r, tool)->turn))
        return err_set(e, ERR_CONFLICT, "call '%s' does not run in this process", args->call);
    if (REC(r, tool)->started_ms == 0)
        return err_set(e, ERR_CONFLICT, "call '%s' has not begun yet; its turn can be stopped", args->call);
    batch_effect(b, stop_call, mem_strdup(args->call));
    return true;
}

bool act_job_cancel(struct batch *b, const struct act_job_cancel *args, const struct principal *who,
                    struct action_answer *ret_answer, struct err *e)
{
    const struct rec *r = draft_find(b->draft, REC_JOB, args->job);
    (void)ret_answer;
    if (!r)
        return err_set(e, ERR_NOT_FOUND, "there is no job '%s'", args->job);
    if (rec_ended(r) || jobs_cancel(b->core->jobs, args->job, who->name))
        return true;
    return err_set(e, ERR_CONFLICT, "job '%s' does not run in this process", args->job);
}

bool act_policy_mode(struct batch *b, const struct act_policy_mode *args,
                     const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    enum policy_mode mode;
    (void)who;
    (void)ret_answer;
    if (!policy_mode_parse(str_of(args->mode), &mode))
        return err_set(e, ERR_INVALID, "mode: expected ask, edits, plan or auto, got '%s'",
                       args->mode);
    policy_set_mode(b->core->policy, mode);
    return true;
}

bool act_policy_preset(struct batch *b, const struct act_policy_preset *args,
                       const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    enum policy_preset preset;
    (void)who;
    (void)ret_answer;
    if (!policy_preset_parse(str_of(args->preset), &preset))
        return err_set(e, ERR_INVALID,
                       "preset: expected permissive, balanced, strict or hardened, got '%s'",
                       args->preset);
    policy_set_preset(b->core->policy, preset);
    return true;
}

bool act_policy_trust(struct batch *b, const struct act_policy_trust *args,
                      const struct principal *who, struct action_answer *ret_answer, struct err *e)
{
    (void)who;
    (void)ret_answer;
    return policy_trust(b->core->policy, !args->revoke, e);
}

/* opens: for one that can be opened and closed, which not every face that has one does. */
static bool has_door(const struct core *c, bool opens, struct err *e)
{
    if (opens ? c->door.open != NULL : c->door.cut != NULL)
        return true;
    err_set(e, ERR_UNSUPPORTED, "this face of tau %s no gateway", opens ? "opens and closes" : "has");
    return err_hint(e, "the console does, and tau up and %s", opens ? "tau down" : "tau gateway serve");
}

bool act_gateway_up(struct batch *b, const struct act_gateway_up *args, const struct principal *who,
                    struct action_answer *ret_answer, struct err *e)
{
    (void)who;
    (void)ret_answer;
    struct core *c = b->core;
    return has_door(c, true, e) && c->door.open(c->door.ctx, args->bind, args->yes, e);
}

bool act_gateway_down(struct batch *b, const struct act_gateway_down *args, const struct principal *who,
                      struct action_answer *ret_answer, struct err *e)
{
    (void)args;
    (void)who;
    (void)ret_answer;
    struct core *c = b->core;
    return has_door(c, true, e) && c->door.close(c->door.ctx, e);
}

bool act_gateway_drain(struct batch *b, const struct act_gateway_drain *args, const struct principal *who,
                       struct action_answer *ret_answer, struct err *e)
{
    (void)who;
    (void)ret_answer;
    struct core *c = b->core;
    return has_door(c, false, e) && c->door.drain(c->door.ctx, !args->off, e) &&
           batch_emit(b, EV_GATEWAY_HEALTH_CHANGED, &(struct event_ids){0},
                      &(struct ev_gateway_health_changed){.state = args->off ? "serving" : "draining"}, e);
}

bool act_gateway_cancel(struct batch *b, const struct act_gateway_cancel *args, const struct principal *who,
                        struct action_answer *ret_answer, struct err *e)
{
    (void)who;
    (void)ret_answer;
    struct core *c = b->core;
    return has_door(c, false, e) && c->door.cut(c->door.ctx, args->request, e);
}

bool act_model_set(struct batch *b, const struct act_model_set *args, const struct principal *who,
                   struct action_answer *ret_answer, struct err *e)
{
    const char *name;
    (void)who;
    (void)ret_answer;
    if (!provider_find(args->model, &name, e))
        return false;
    pthread_mutex_lock(&b->core->model_lock);
    free(b->core->model);
    b->core->model = mem_strdup(args->model);
    pthread_mutex_unlock(&b->core->model_lock);
    return true;
}
