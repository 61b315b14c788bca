/* SPDX-License-Identifier: MIT
 *
 * offline: local/offline as a provider: one request in, the next move of the rules out. Each
 * request is decided from its body alone; nothing is kept between two.
 */
#include "model/offline.h"

#include "model/local.h"
#include "model/stream.h"
#include "text/markdown_fence.h"

#include <stdlib.h>
#include <string.h>

/* ---- deciding ---- */

static const char footer[] =
    "\n_This is a rule-based answer by local/offline, not by a language model; "
    "`tau model list` names the models there are._";

/* A prompt that no pattern takes may still be about the input that came along. */
static bool match_input(const struct offline_turn *t, struct offline_match *ret)
{
    /* Without a prompt, what was piped in is all there is. */
    struct str input = t->input.p ? t->input : t->prompt;
    for (size_t i = 0; i < offline_kinds_n; i++) {
        const struct offline_kind *kind = offline_kinds[i];
        if (input.n && kind->takes_input && kind->takes_input(input)) {
            *ret = (struct offline_match){.kind = kind};
            return true;
        }
    }
    return false;
}

/* The block of code that lines of text end inside of; its mark is '\0' when they do not. */
static struct markdown_fence fence_left_open(struct str text)
{
    struct markdown_fence f = {0};
    struct str line;
    for (size_t n = 0; text.n > 0;) {
        if (!f.mark && markdown_fence_begins(text, &f, &n))
            text = str_sub(text, n, text.n);
        else if (str_line(&text, &line) && f.mark && markdown_fence_ends(&f, line))
            f.mark = '\0';
    }
    return f;
}

/* What was left out had the end of the block that the rest ends in, and nothing else may stand in it. */
static void end_cut(struct buf *whole)
{
    buf_putc(whole, '\n');
    struct markdown_fence f = fence_left_open(buf_view(whole));
    if (f.mark) {
        buf_fill(whole, f.mark, f.n);
        buf_putc(whole, '\n');
    }
    buf_puts(whole, "\n(The answer is longer than this; the rest was left out.)");
}

static void end_answer(struct offline_move *m)
{
    struct buf whole = BUF_OWN;
    buf_str(&whole, str_trim(buf_view(&m->text)));
    if (!buf_ok(&m->text))
        end_cut(&whole);
    buf_puts(&whole, "\n");
    buf_puts(&whole, footer);
    buf_free(&m->text);
    m->text = whole;
}

void offline_decide(const struct offline_turn *t, struct offline_move *m)
{
    struct offline_match match = {.kind = &offline_help};
    m->text = BUF_INIT(OFFLINE_ANSWER_MAX);
    if (t->n_results >= OFFLINE_RESULTS_MAX) {
        offline_say(m, "I made %d calls and still have no answer, so I stop here.\n",
                    OFFLINE_RESULTS_MAX);
    } else {
        if (!offline_match(t->a, t->prompt, t->input.p != NULL, &match) && !match_input(t, &match))
            match.form = -1;
        match.kind->plan(t, &match, m);
    }
    if (m->n_calls == 0)
        end_answer(m);
}

/* ---- the provider ---- */

struct offline {
    struct model_stream base;
    struct arena arena;
    struct offline_move move;
    size_t calls_out, text_out;
};

static void offline_close(struct model_stream *stream)
{
    struct offline *o = (struct offline *)stream;
    if (!o)
        return;
    buf_free(&o->move.text);
    arena_free(&o->arena);
    free(o);
}

static struct model_stream *offline_open(const struct model_request *request, struct err *e)
{
    struct offline *o = NEW(struct offline);
    struct request r = {0};
    struct offline_turn turn;
    stream_begin(&o->base, request);
    o->move.a = &o->arena;
    bool ok = stream_alive(&o->base, e) && request_scan(&r, request->body, e) &&
              offline_turn_read(&turn, &r, &o->arena, e);
    request_free(&r);
    if (ok) {
        offline_decide(&turn, &o->move);
        return &o->base;
    }
    e->phase = PHASE_PROVIDER_CONNECT;
    offline_close(&o->base);
    return NULL;
}

/* The next word of the answer with the blanks that follow it. */
static struct str next_piece(struct offline *o)
{
    struct str rest = str_sub(buf_view(&o->move.text), o->text_out, o->move.text.len);
    size_t n = 0;
    while (n < rest.n && !strchr(" \n", rest.p[n]))
        n++;
    while (n < rest.n && strchr(" \n", rest.p[n]))
        n++;
    o->text_out += n;
    return str_sub(rest, 0, n);
}

static bool offline_next(struct model_stream *stream, struct model_event *ret_event, struct err *e)
{
    struct offline *o = (struct offline *)stream;
    *ret_event = (struct model_event){.type = MODEL_FINISH};
    if (!stream_alive(stream, e))
        return false;
    stream->spoke = true;
    if (o->text_out < o->move.text.len) {
        ret_event->type = MODEL_TEXT;
        ret_event->text = next_piece(o);
    } else if (o->calls_out < o->move.n_calls) {
        size_t i = o->calls_out++;
        ret_event->type = MODEL_TOOL_CALL;
        ret_event->id = str_of(arena_printf(&o->arena, "offline_%zu", i + 1));
        ret_event->name = str_of(o->move.calls[i].tool);
        ret_event->text = str_of(o->move.calls[i].arguments);
    } else {
        ret_event->text = o->move.n_calls ? STR("tool_calls") : STR("stop");
    }
    return true;
}

const struct provider provider_offline = {
    .name = "local",
    .model = "offline",
    .doc = "a rule-based assistant in the program itself: no key and no network, and no language "
           "model",
    .window = LOCAL_WINDOW,
    .blind = true,
    .open = offline_open,
    .next = offline_next,
    .close = offline_close,
};
