/* SPDX-License-Identifier: MIT
 *
 * step: one request to the model.
 *
 * Order on the log: provider_requested, then chunks while text streams, then the message (committed
 * before anything that follows from it), then usage. A failure before the first byte was shown may
 * be tried again here; this is the only layer that tries again.
 */
#include "agent/step.h"

#include "agent/context.h"
#include "agent/part.h"
#include "agent/retry.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"
#include "text/utf8.h"
#include "tool/call.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_MAX = 64 << 20 };

/* The parts of one answer, in the order in which they came. */
struct answer {
    struct step *step;
    struct part *parts[STEP_PARTS_MAX];
    size_t n;
    struct model_usage usage;
    bool has_usage;
};

static void emit(const struct step *s, enum event_kind kind, const void *fields)
{
    s->env->sink.emit(s->env->sink.ctx, event_new(kind, &s->ids, fields));
}

static void enter_phase(const struct step *s, enum err_phase phase)
{
    emit(s, EV_TURN_PHASE_ENTERED, &(struct ev_turn_phase_entered){.phase = err_phase_name(phase)});
}

/* Said on the log, and for people while it lasts. */
static void tell_retry(const struct step *s, int n, int64_t delay_ms, const struct err *why)
{
    CLEANUP(mem_free_p)
    char *detail = mem_printf("asks again in %.1f s (%d of %lld): %s", (double)delay_ms / 1000,
                              n + 1, (long long)s->env->retries + 1, why->message);
    emit(s, EV_TURN_RETRYING,
         &(struct ev_turn_retrying){
             .attempt = n, .delay_ms = delay_ms, .reason_code = err_code_name(why->code)});
    emit(s, EV_TURN_PHASE_ENTERED,
         &(struct ev_turn_phase_entered){.phase = err_phase_name(PHASE_PROVIDER_WAIT),
                                         .detail = detail});
}

/* The open part of this sort, or a new one. Text after reasoning, or after a call, is a new part.
 */
static struct part *open_part(struct answer *a, bool reasoning)
{
    struct part *last = a->n ? a->parts[a->n - 1] : NULL;
    if (last && last->reasoning == reasoning)
        return last;
    if (a->n == STEP_PARTS_MAX)
        return NULL;
    if (last)
        part_flush(last, &a->step->env->sink, &a->step->ids);
    struct part *p = NEW(struct part);
    part_begin(p, reasoning);
    a->parts[a->n++] = p;
    return p;
}

/* While the model is silent: what it said last is kept in time all the same. */
static int64_t keep_in_time(void *arg)
{
    struct answer *a = arg;
    return a->n ? part_tick(a->parts[a->n - 1], &a->step->env->sink, &a->step->ids) : CLOCK_NEVER;
}

static bool take_text(struct answer *a, const struct model_event *ev, struct err *e)
{
    struct step *s = a->step;
    struct part *p = open_part(a, ev->type == MODEL_REASONING);
    struct buf clean = BUF_OWN;
    bool ok;
    if (!p)
        return err_set(e, ERR_STREAM_INVALID, "the answer has more than %d parts", STEP_PARTS_MAX);
    if (utf8_valid(ev->text) && !memchr(ev->text.p ? ev->text.p : "", 0, ev->text.n)) {
        ok = part_add(p, &s->env->sink, &s->ids, ev->text);
    } else {
        struct str rest = ev->text;
        struct str piece;
        while (str_split(&rest, '\0', &piece))
            utf8_clean(&clean, piece);
        ok = part_add(p, &s->env->sink, &s->ids, buf_view(&clean));
    }
    buf_free(&clean);
    s->said_something = true;
    return ok || err_set(e, ERR_TOO_LARGE, "the answer is larger than %d MiB", PART_MAX >> 20);
}

static bool take_call(struct step *s, const struct model_event *ev, struct err *e)
{
    if (s->n_calls == STEP_CALLS_MAX)
        return err_set(e, ERR_STREAM_INVALID, "the model wants more than %d calls at once",
                       STEP_CALLS_MAX);
    if (ev->text.n > TOOL_ARGUMENTS_MAX)
        return err_set(e, ERR_STREAM_INVALID, "the arguments of '%.*s' are larger than %d bytes",
                       STR_ARG(str_sub(ev->name, 0, 80)), TOOL_ARGUMENTS_MAX);
    struct buf clean = BUF_OWN;
    utf8_clean(&clean, ev->text);
    struct step_call *call = &s->calls[s->n_calls++];
    call->id = id_make("call");
    call->name = arena_strndup(&s->arena, ev->name.p, MIN(ev->name.n, (size_t)128));
    call->arguments = arena_strndup(&s->arena, buf_cstr(&clean), clean.len);
    buf_free(&clean);
    return true;
}

static bool read_stream(struct answer *a, struct model_stream *stream, struct err *e)
{
    struct step *s = a->step;
    bool first = true;
    for (;;) {
        struct model_event ev;
        if (!s->provider->next(stream, &ev, e))
            return false;
        if (first)
            enter_phase(s, PHASE_STREAM);
        first = false;
        e->phase = PHASE_STREAM;
        switch (ev.type) {
        case MODEL_TEXT:
        case MODEL_REASONING:
            if (!take_text(a, &ev, e))
                return false;
            break;
        case MODEL_TOOL_CALL:
            if (!take_call(s, &ev, e))
                return false;
            break;
        case MODEL_USAGE:
            a->usage = ev.usage;
            a->has_usage = true;
            break;
        case MODEL_FINISH:
            snprintf(s->finish, sizeof(s->finish), "%.*s", STR_ARG(str_sub(ev.text, 0, 60)));
            return true;
        }
    }
}

/* Keeps the answer as one message; nothing when nothing came. */
static bool keep_message(struct answer *a, struct err *e)
{
    struct step *s = a->step;
    struct buf content = BUF_OWN;
    struct jsonw w = JSONW(&content);
    struct id entry = id_make("msg");
    if (a->n == 0 && s->n_calls == 0)
        return true;
    jsonw_begin_array(&w);
    for (size_t i = 0; i < a->n; i++) {
        struct part *p = a->parts[i];
        part_flush(p, &s->env->sink, &s->ids);
        if (s->start->schema && !p->reasoning)
            buf_str(&s->answer, buf_view(&p->text));
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", p->reasoning ? "reasoning" : "text");
        jsonw_put_cstr(&w, "part", p->id.s);
        jsonw_put_str(&w, "text", buf_view(&p->text));
        jsonw_end_object(&w);
    }
    for (size_t i = 0; i < s->n_calls; i++) {
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", "tool_call");
        jsonw_put_cstr(&w, "call_id", s->calls[i].id.s);
        jsonw_put_cstr(&w, "name", s->calls[i].name);
        jsonw_put_cstr(&w, "arguments", s->calls[i].arguments);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    struct event *ev =
        event_new(EV_TURN_MESSAGE, &s->ids,
                  &(struct ev_turn_message){
                      .entry = entry.s, .role = "assistant", .content = buf_cstr(&content)});
    buf_free(&content);
    if (!s->env->sink.emit_sync(s->env->sink.ctx, ev, NULL, e)) {
        e->phase = PHASE_PERSIST;
        return false;
    }
    return true;
}

static void report_usage(const struct answer *a)
{
    const struct model_usage *u = &a->usage;
    if (a->has_usage)
        emit(a->step, EV_TURN_USAGE_REPORTED,
             &(struct ev_turn_usage_reported){.input = u->input,
                                              .output = u->output,
                                              .cached = u->cached,
                                              .reasoning = u->reasoning,
                                              .cost_usd = u->cost_usd});
}

/* One attempt: true, or false with the error; what came is kept either way. */
static bool attempt(struct step *s, struct str body, int n, struct err *e)
{
    struct answer a = {.step = s};
    char sha[DIGEST_HEX];
    int64_t began = clock_mono_ms();
    int64_t deadline = s->deadline_ms;
    if (s->env->request_timeout_ms)
        deadline = MIN(deadline, began + s->env->request_timeout_ms);
    digest_hex(body, sha);
    emit(s, EV_TURN_PROVIDER_REQUESTED,
         &(struct ev_turn_provider_requested){
             .attempt = n, .bytes = (int64_t)body.n, .sha256 = sha});
    enter_phase(s, PHASE_PROVIDER_WAIT);
    struct model_request request = {.provider = s->provider,
                                    .model = s->model,
                                    .body = body,
                                    .deadline_ms = deadline,
                                    .connect_ms = s->env->connect_timeout_ms,
                                    .wait_ms = s->env->wait_timeout_ms,
                                    .idle_ms = s->env->idle_timeout_ms,
                                    .cancel = s->start->cancel,
                                    .idle = keep_in_time,
                                    .idle_arg = &a,
                                    .workspace = s->env->workspace,
                                    .store_dir = s->env->store_dir,
                                    .script = s->env->script,
                                    .attempt = n};
    e->phase = PHASE_PROVIDER_CONNECT;
    struct model_stream *stream = s->provider->open(&request, e);
    bool ok = stream && read_stream(&a, stream, e);
    s->provider->close(stream);
    if (!ok) {
        e->attempt = n;
        e->elapsed_ms = clock_mono_ms() - began;
        s->n_calls = 0; /* calls of an answer that broke off are not made */
    }
    struct err lost = ERR_INIT;
    if (!keep_message(&a, ok ? e : &lost))
        ok = false;
    if (ok)
        report_usage(&a);
    for (size_t i = 0; i < a.n; i++) {
        part_free(a.parts[i]);
        free(a.parts[i]);
    }
    return ok;
}

static void put_share(struct jsonw *w, const struct context_share *s)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "part", s->part);
    if (s->name[0])
        jsonw_put_cstr(w, "name", s->name);
    if (s->entry[0])
        jsonw_put_cstr(w, "entry", s->entry);
    jsonw_put_i64(w, "n", (int64_t)s->n);
    jsonw_put_i64(w, "bytes", (int64_t)s->bytes);
    jsonw_end_object(w);
}

static void measure_context(const struct step *s, struct str body,
                            const struct context_parts *parts, int64_t window)
{
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "system", (int64_t)parts->system / CONTEXT_TOKEN_BYTES);
    jsonw_put_i64(&w, "tools", (int64_t)parts->tools / CONTEXT_TOKEN_BYTES);
    jsonw_put_i64(&w, "messages", (int64_t)parts->messages / CONTEXT_TOKEN_BYTES);
    jsonw_opt_i64(&w, "left_out", (int64_t)parts->left_out);
    jsonw_key(&w, "shares");
    jsonw_begin_array(&w);
    put_share(&w, &(struct context_share){.part = "system", .n = 1, .bytes = parts->system});
    put_share(&w, &(struct context_share){
                      .part = "tools", .n = tool_table_n, .bytes = parts->tools});
    for (size_t i = 0; i < parts->n_shares; i++)
        put_share(&w, &parts->shares[i]);
    for (size_t i = 0; i < parts->n_largest; i++)
        put_share(&w, &parts->largest[i]);
    if (parts->left_out)
        put_share(&w, &(struct context_share){.part = "left_out", .n = parts->left_out});
    jsonw_end_array(&w);
    jsonw_end_object(&w);
    emit(s, EV_TURN_CONTEXT_MEASURED,
         &(struct ev_turn_context_measured){.used = (int64_t)(body.n / CONTEXT_TOKEN_BYTES),
                                            .window = window,
                                            .parts = buf_cstr(&b)});
    buf_free(&b);
}

bool step_run(struct step *s, struct err *e)
{
    struct buf body = BUF_INIT(REQUEST_MAX);
    const struct retry retry = {.times = s->env->retries,
                                .patience_ms = s->env->patience_ms,
                                .deadline_ms = s->deadline_ms};
    bool ok;
    step_clear(s);
    enter_phase(s, PHASE_CONTEXT);
    const struct context context = {.reader = &s->env->reader,
                                    .session = s->start->session,
                                    .model = s->model,
                                    .workspace = s->env->workspace,
                                    .window = provider_window(s->provider, s->model),
                                    .identity = s->env->policy && policy_trusted(s->env->policy),
                                    .schema = s->start->schema};
    struct context_parts parts;
    ok = context_build(&context, s->start->cancel, &body, &parts, e);
    if (ok)
        measure_context(s, buf_view(&body), &parts, context.window);
    for (int n = 1; ok; n++) {
        int64_t delay;
        ok = attempt(s, buf_view(&body), n, e);
        if (ok || s->said_something || cancel_fired(s->start->cancel) ||
            !retry_again(&retry, n, e, &delay))
            break;
        tell_retry(s, n, delay, e);
        if (cancel_wait_fd(s->start->cancel, -1, 0, clock_mono_ms() + delay) == CANCEL_FIRED)
            break;
        ok = true;
    }
    buf_free(&body);
    return ok;
}

void step_clear(struct step *s)
{
    s->n_calls = 0;
    s->finish[0] = '\0';
    s->said_something = false;
    buf_free(&s->answer);
    s->answer = BUF_OWN;
    arena_free(&s->arena);
}
