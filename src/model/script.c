/* SPDX-License-Identifier: MIT
 *
 * script: local/script, a model whose answers are written in a file (docs/script.md). Which of its
 * steps is next follows from the request alone, by the number of answers that the conversation has,
 * so that a turn can be continued or repeated by any process. The whole file is checked at its
 * first step; later requests read only the line they need. Nothing is kept between requests.
 */
#include "model/local.h"
#include "model/request.h"
#include "model/script_file.h"
#include "model/stream.h"

#include "base/clock.h"
#include "base/fs.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

struct script {
    struct model_stream base;
    struct buf file;
    struct arena arena;
    struct request request;
    struct script_step step;
    int attempt;
    size_t at;      /* the item */
    int64_t done;   /* of that item: bytes, or repetitions */
    size_t n_calls; /* given out so far */
};

/* ---- opening ---- */

static bool load_step(struct script *s, const char *file, struct err *e)
{
    struct script_lines lines = {0};
    size_t nth = s->request.n_assistant;
    bool ok = script_split(buf_view(&s->file), file, &lines, e);
    for (size_t i = 0; ok && nth == 0 && i < lines.n; i++) {
        struct script_step unused;
        ok = script_read(&lines.v[i], file, &s->arena, &unused, e);
        arena_reset(&s->arena);
    }
    if (ok && lines.loop)
        nth %= lines.n;
    if (ok && nth < lines.n) {
        ok = script_read(&lines.v[nth], file, &s->arena, &s->step, e);
    } else if (ok) {
        s->step.items = arena_array(&s->arena, 1, sizeof(*s->step.items));
        s->step.items[0].text = STR("(the script has no more steps)");
        s->step.n = 1;
    }
    free(lines.v);
    return ok;
}

static void script_close(struct model_stream *stream)
{
    struct script *s = (struct script *)stream;
    if (!s)
        return;
    buf_free(&s->file);
    arena_free(&s->arena);
    request_free(&s->request);
    free(s);
}

static struct model_stream *script_open(const struct model_request *request, struct err *e)
{
    if (!request->script) {
        err_set(e, ERR_USAGE, "local/script has no script to follow");
        err_hint(e, "name its file with --script FILE");
        return NULL;
    }
    struct script *s = NEW(struct script);
    stream_begin(&s->base, request);
    s->attempt = request->attempt;
    s->file = BUF_INIT(SCRIPT_BYTES_MAX);
    if (stream_alive(&s->base, e) && request_scan(&s->request, request->body, e) &&
        fs_read_file(request->script, &s->file, e) && load_step(s, request->script, e))
        return &s->base;
    e->phase = PHASE_PROVIDER_CONNECT;
    script_close(&s->base);
    return NULL;
}

/* ---- the items ---- */

/* What an item came to. */
enum outcome { DONE, EVENT, FAILED };

static enum outcome give(struct script *s, struct model_event *ev, enum model_event_type type,
                         struct str text)
{
    s->base.spoke = true;
    ev->type = type;
    ev->text = text;
    return EVENT;
}

static bool pause_between(struct script *s, const struct script_item *item, struct err *e)
{
    return s->done == 0 || item->delay_ms == 0 || stream_wait(&s->base, item->delay_ms, e);
}

/* At most chunk bytes, but never less than a whole character. */
static struct str cut_piece(struct str text, int64_t chunk)
{
    size_t n = chunk && (size_t)chunk < text.n ? (size_t)chunk : text.n;
    size_t back = n;
    while (back > 0 && back < text.n && ((unsigned char)text.p[back] & 0xC0) == 0x80)
        back--;
    if (back == 0)
        for (back = n; back < text.n && ((unsigned char)text.p[back] & 0xC0) == 0x80;)
            back++;
    return str_sub(text, 0, back);
}

static enum outcome say(struct script *s, const struct script_item *item,
                        enum model_event_type type, struct model_event *ev, struct err *e)
{
    if (s->done == (int64_t)item->text.n)
        return DONE;
    if (!pause_between(s, item, e))
        return FAILED;
    struct str piece = cut_piece(str_sub(item->text, (size_t)s->done, item->text.n), item->chunk);
    s->done += (int64_t)piece.n;
    return give(s, ev, type, piece);
}

static enum outcome repeat(struct script *s, const struct script_item *item, struct model_event *ev,
                           struct err *e)
{
    if (s->done == item->n || item->text.n == 0)
        return DONE;
    if (!pause_between(s, item, e))
        return FAILED;
    s->done++;
    return give(s, ev, MODEL_TEXT, item->text);
}

static enum outcome call(struct script *s, const struct script_item *item, struct model_event *ev)
{
    if (s->done++)
        return DONE;
    s->n_calls++;
    ev->name = item->name;
    ev->id = item->id.n ? item->id : str_of(arena_printf(&s->arena, "script_%zu", s->n_calls));
    return give(s, ev, MODEL_TOOL_CALL, item->text);
}

static enum outcome fail(const struct script *s, const struct script_item *item, struct err *e)
{
    if (item->n && s->attempt > item->n)
        return DONE;
    enum err_phase phase = item->fail.phase ? item->fail.phase : stream_phase(&s->base);
    *e = item->fail;
    e->phase = phase;
    e->elapsed_ms = clock_mono_ms() - s->base.began_ms;
    return FAILED;
}

/* Is the text in a string of this value? Messages are shallow; json bounds their depth. */
static bool says(const struct json *j, struct str text)
{
    if (json_type(j) == JSON_STRING)
        return str_find(json_str(j), text) >= 0;
    for (const struct json *c = json_first(j); c; c = json_next(c))
        if (says(c, text))
            return true;
    return false;
}

static enum outcome expect(const struct script *s, const struct script_item *item, struct err *e)
{
    size_t n = s->request.messages.n;
    struct err why = ERR_INIT;
    struct str last = n ? s->request.messages.v[n - 1].json : STR("[]");
    CLEANUP(json_free_p) struct json *j = json_parse(last, &why);
    if (j && says(json_get(j, "content"), item->text))
        return DONE;
    err_set(e, ERR_STREAM_INVALID, "the script expected '%.*s' in the last message: %.200s",
            STR_ARG(str_sub(item->text, 0, 120)),
            j ? json_cstr(json_get(json_first(json_get(j, "content")), "text"), "") : why.message);
    e->phase = stream_phase(&s->base);
    return FAILED;
}

static enum outcome run_item(struct script *s, const struct script_item *item,
                             struct model_event *ev, struct err *e)
{
    switch (item->kind) {
    case SCRIPT_TEXT:
        return say(s, item, MODEL_TEXT, ev, e);
    case SCRIPT_REASONING:
        return say(s, item, MODEL_REASONING, ev, e);
    case SCRIPT_REPEAT:
        return repeat(s, item, ev, e);
    case SCRIPT_CALL:
        return call(s, item, ev);
    case SCRIPT_USAGE:
        ev->usage = item->usage;
        return s->done++ ? DONE : give(s, ev, MODEL_USAGE, STR_NULL);
    case SCRIPT_DELAY:
        return stream_wait(&s->base, item->delay_ms, e) ? DONE : FAILED;
    case SCRIPT_STALL:
        return stream_wait(&s->base, INT64_MAX, e) ? DONE : FAILED;
    case SCRIPT_FINISH:
        return give(s, ev, MODEL_FINISH, item->text);
    case SCRIPT_FAIL:
        return fail(s, item, e);
    case SCRIPT_EXPECT:
        return expect(s, item, e);
    }
    return DONE;
}

static bool script_next(struct model_stream *stream, struct model_event *ret_event, struct err *e)
{
    struct script *s = (struct script *)stream;
    *ret_event = (struct model_event){0};
    if (!stream_alive(stream, e))
        return false;
    while (s->at < s->step.n) {
        enum outcome o = run_item(s, &s->step.items[s->at], ret_event, e);
        if (o != DONE)
            return o == EVENT;
        s->at++;
        s->done = 0;
    }
    give(s, ret_event, MODEL_FINISH, s->n_calls ? STR("tool_calls") : STR("stop"));
    return true;
}

const struct provider provider_script = {
    .name = "local",
    .model = "script",
    .doc =
        "a scripted model: answers, calls and failures from a file, for tests and demonstrations",
    .window = LOCAL_WINDOW,
    .open = script_open,
    .next = script_next,
    .close = script_close,
};
