/* SPDX-License-Identifier: MIT
 *
 * turn: the turn engine: steps until the model wants no more tools, or something ends it. Each way
 * out goes through turn_end(), so that a turn has exactly one terminal event.
 */
#include "agent/turn.h"

#include "agent/answer.h"
#include "agent/steer.h"
#include "agent/step.h"
#include "agent/toolset.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "json/jsonw.h"

#include <stdlib.h>
#include <string.h>

#define TURN_DEADLINE "the turn's deadline of %s passed"
#define TURN_DEADLINE_HINT "raise turns.timeout, or go on with what there is"

struct turn {
    const struct agent_env *env;
    const struct turn_start *start;
    struct event_ids ids;
    int64_t began_ms, deadline_ms;
    struct step step;
    struct toolset *tools;
    struct schema *schema; /* NULL: any answer will do */
    int asked_again;
};

static bool emit_sync(struct turn *t, enum event_kind kind, const void *fields,
                      struct cancel *cancel, struct err *e)
{
    return t->env->sink.emit_sync(t->env->sink.ctx, event_new(kind, &t->ids, fields), cancel, e);
}

/* The terminal event for this error. */
static void turn_end(struct turn *t, const struct err *why)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    bool ok;
    steers_shut(t->start->steers);
    jsonw_err(&w, why);
    const char *error = buf_cstr(&b);
    if (cancel_fired(t->start->cancel) || why->code == ERR_CANCELLED)
        ok = emit_sync(t, EV_TURN_CANCELLED,
                       &(struct ev_turn_cancelled){.by = t->start->cancelled_by(t->start->arg),
                                                   .error = error},
                       NULL, &e);
    else if (why->code == ERR_TIMEOUT)
        ok = emit_sync(t, EV_TURN_TIMED_OUT, &(struct ev_turn_timed_out){.error = error}, NULL, &e);
    else if (why->code == ERR_BLOCKED || why->code == ERR_BUDGET || why->code == ERR_CONTENT_FILTER)
        ok = emit_sync(t, EV_TURN_BLOCKED, &(struct ev_turn_blocked){.error = error}, NULL, &e);
    else
        ok = emit_sync(t, EV_TURN_FAILED, &(struct ev_turn_failed){.error = error}, NULL, &e);
    if (!ok)
        log_error("turn %s: its end could not be kept: %s", t->start->turn, e.message);
    buf_free(&b);
}

static void put_text(struct jsonw *w, const char *part, const char *text)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "text");
    jsonw_put_cstr(w, "part", part);
    jsonw_put_cstr(w, "text", text);
    jsonw_end_object(w);
}

/* An image that was sent is an artifact, too. Its text stands for it where it can not be shown. */
static bool put_image(struct turn *t, struct jsonw *w, const struct json *image, struct err *e)
{
    struct id part = id_make("part"), artifact = id_make("art");
    const char *name = json_cstr(json_get(image, "name"), "image");
    const char *type = json_cstr(json_get(image, "media_type"), "");
    const char *sha = json_cstr(json_get(image, "sha256"), "");
    int64_t bytes = json_i64(json_get(image, "bytes"), 0);
    struct buf shown = BUF_OWN;
    buf_printf(&shown, "[image %s, ", name);
    if (bytes < 10 * 1024)
        buf_printf(&shown, "%lld bytes]", (long long)bytes);
    else
        buf_printf(&shown, "%lld KiB]", (long long)(bytes / 1024));
    bool ok = emit_sync(t, EV_ARTIFACT_CREATED,
                        &(struct ev_artifact_created){.artifact_id = artifact.s,
                                                      .path = name,
                                                      .media_type = type,
                                                      .bytes = bytes,
                                                      .sha256 = sha},
                        t->start->cancel, e);
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "type", "image");
    jsonw_put_cstr(w, "part", part.s);
    jsonw_put_cstr(w, "media_type", type);
    jsonw_put_cstr(w, "sha256", sha);
    jsonw_put_cstr(w, "artifact", artifact.s);
    jsonw_put_str(w, "text", buf_view(&shown));
    jsonw_end_object(w);
    buf_free(&shown);
    return ok;
}

/* A message of the operator; part: the entry of the transcript that it is. */
static bool keep_said(struct turn *t, const char *part, const char *text, const char *images,
                      struct err *e)
{
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    struct id entry = id_make("msg");
    CLEANUP(json_free_p) struct json *list = images ? json_parse(str_of(images), e) : NULL;
    bool ok = list || !images;
    jsonw_begin_array(&w);
    put_text(&w, part, text);
    for (const struct json *i = ok ? json_first(list) : NULL; ok && i; i = json_next(i))
        ok = put_image(t, &w, i, e);
    jsonw_end_array(&w);
    ok = ok && emit_sync(t, EV_TURN_MESSAGE,
                         &(struct ev_turn_message){
                             .entry = entry.s, .role = "user", .content = buf_cstr(&content)},
                         t->start->cancel, e);
    buf_free(&content);
    return ok;
}

/* What the operator sent, as the first message of the turn. */
static bool keep_input(struct turn *t, struct err *e)
{
    struct id part = id_make("part");
    return keep_said(t, part.s, t->start->input, t->start->images, e);
}

/* What was said meanwhile stands before the next request. */
static bool deliver(struct turn *t, size_t *ret_n, struct err *e)
{
    int64_t seq;
    char *text;
    bool ok = true;
    *ret_n = 0;
    while (ok && steers_take(t->start->steers, &seq, &text)) {
        CLEANUP(mem_free_p)
        char *part = mem_printf("%s/steer/%lld", t->start->turn, (long long)seq);
        ok = keep_said(t, part, text, NULL, e);
        free(text);
        ++*ret_n;
    }
    return ok;
}

static bool still_going(struct turn *t, struct err *e)
{
    if (cancel_fired(t->start->cancel))
        return err_set(e, ERR_CANCELLED, "stopped by %s", t->start->cancelled_by(t->start->arg));
    if (clock_mono_ms() >= t->deadline_ms) {
        char limit[CLOCK_SECONDS];
        err_set(e, ERR_TIMEOUT, TURN_DEADLINE, clock_seconds(t->env->turn_timeout_ms, limit));
        err_hint(e, TURN_DEADLINE_HINT);
        e->elapsed_ms = clock_mono_ms() - t->began_ms;
        return false;
    }
    return true;
}

/* What ran out of time may have had time enough but for the turn's. */
static void blame_deadline(const struct turn *t, struct err *e)
{
    if (e->code != ERR_TIMEOUT || clock_mono_ms() < t->deadline_ms ||
        str_starts(str_of(e->message), "the turn's"))
        return;
    char limit[CLOCK_SECONDS];
    (void)err_wrap(e, TURN_DEADLINE, clock_seconds(t->env->turn_timeout_ms, limit));
    (void)err_hint(e, TURN_DEADLINE_HINT);
}

/* Is this the answer? Else what is wrong with it is said to the model, which tries again. */
static bool is_answer(struct turn *t, bool *ret_again, struct err *e)
{
    CLEANUP(buf_free) struct buf report = BUF_OWN;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct err wrong = ERR_INIT;
    *ret_again = false;
    if (!t->schema || answer_meets(t->schema, buf_view(&t->step.answer), &report, &wrong))
        return true;
    if (t->asked_again++ == ANSWER_AGAIN_MAX) {
        *e = wrong;
        e->phase = PHASE_STREAM;
        e->attempt = t->asked_again;
        return false;
    }
    *ret_again = true;
    buf_printf(&text,
               "The answer does not meet the schema:\n%s"
               "Answer again: the JSON value alone, and nothing around it.",
               buf_cstr(&report));
    struct id part = id_make("part");
    return keep_said(t, part.s, buf_cstr(&text), NULL, e);
}

/* Steps until an answer without calls that nothing was added to. */
static bool run_steps(struct turn *t, struct err *e)
{
    for (int64_t n = 1;; n++) {
        *e = (struct err){.phase = n > 1 ? toolset_phase(t->tools) : PHASE_QUEUE};
        if (!still_going(t, e) || !step_run(&t->step, e))
            return false;
        size_t calls = t->step.n_calls, said;
        if (calls > 0 && !toolset_run(t->tools, t->step.calls, calls, t->deadline_ms, e))
            return false;
        if (calls > 0)
            e->phase = toolset_phase(t->tools);
        bool again = false;
        if (calls == 0 && !is_answer(t, &again, e))
            return false;
        do { /* what waited may have been taken back just now */
            if (calls == 0 && !again && steers_close(t->start->steers))
                return true;
            if (!still_going(t, e) || !deliver(t, &said, e))
                return false;
        } while (calls == 0 && !again && said == 0);
        if (n >= t->env->max_steps && still_going(t, e)) {
            err_set(e, ERR_MAX_STEPS, "the turn made %lld requests and wants more",
                    (long long)t->env->max_steps);
            e->phase = PHASE_BUDGET;
            return false;
        }
    }
}

static bool begin(struct turn *t, struct err *e)
{
    const char *full = t->start->model;
    t->step.provider = provider_find(full, &t->step.model, e);
    if (!t->step.provider)
        return false;
    return emit_sync(
        t, EV_TURN_STARTED,
        &(struct ev_turn_started){.provider = t->step.provider->name, .model = t->step.model},
        t->start->cancel, e);
}

void turn_run(const struct agent_env *env, const struct turn_start *start)
{
    struct turn *t = NEW(struct turn);
    struct err e = ERR_INIT;
    t->env = env;
    t->start = start;
    t->ids = (struct event_ids){.session = start->session, .turn = start->turn};
    t->began_ms = clock_mono_ms();
    t->deadline_ms = env->turn_timeout_ms ? t->began_ms + env->turn_timeout_ms : CLOCK_NEVER;
    t->step.env = env;
    t->step.start = start;
    t->step.ids = t->ids;
    t->step.deadline_ms = t->deadline_ms;

    /* What was asked is kept first, whatever stands in the way of doing it. */
    bool ok = begin(t, &e) && keep_input(t, &e);
    if (ok && start->schema) {
        t->schema = schema_compile(str_of(start->schema), &e);
        ok = t->schema != NULL;
    }
    if (ok) {
        t->tools = toolset_new(env, start, &e);
        ok = t->tools && run_steps(t, &e);
    }
    if (ok) {
        const char *reason = t->step.finish[0] ? t->step.finish : "stop";
        ok = emit_sync(t, EV_TURN_COMPLETED, &(struct ev_turn_completed){.finish_reason = reason},
                       NULL, &e);
        if (!ok)
            log_error("turn %s: its end could not be kept: %s", start->turn, e.message);
    } else {
        blame_deadline(t, &e);
        turn_end(t, &e);
    }
    step_clear(&t->step);
    toolset_free(t->tools);
    schema_free(t->schema);
    buf_free(&t->step.answer);
    free(t);
}
