/* SPDX-License-Identifier: MIT
 *
 * f_chat: an answer of any bytes, read as a stream of events, and as one JSON object. Whatever comes,
 * what is given out is whole UTF-8, calls have names, and the last is the finish or an error.
 */
#include "fuzz/fuzz.h"

#include "text/utf8.h"
#include "model/chat.h"
#include "net/sse.h"

static void take_text(struct chat *c)
{
    struct model_event ev;
    while (chat_text(c, &ev))
        TAU_ASSERT(ev.text.n > 0 && utf8_valid(ev.text) &&
                   (ev.type == MODEL_TEXT || ev.type == MODEL_REASONING));
}

static bool on_event(void *arg, const char *name, struct str data, struct err *e)
{
    (void)name;
    return chat_chunk(arg, data, e);
}

static void end(struct chat *c, bool ok, struct err *e)
{
    struct model_event ev = {0};
    take_text(c);
    ok = ok && chat_end(c, e);
    while (ok && ev.type != MODEL_FINISH) {
        ok = chat_rest(c, &ev, e);
        TAU_ASSERT(!ok || ev.type != MODEL_TOOL_CALL || (ev.name.n > 0 && ev.text.n > 0));
        TAU_ASSERT(!ok || ev.type != MODEL_USAGE ||
                   (ev.usage.input >= 0 && ev.usage.output >= 0 && ev.usage.cached >= 0 &&
                    ev.usage.reasoning >= 0 && ev.usage.cost_usd >= 0));
    }
    TAU_ASSERT(ok || (e->code != ERR_NONE && utf8_valid(str_of(e->message))));
    chat_free(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = str_make((const char *)data, n);
    struct err e = ERR_INIT;
    struct sse s = SSE_INIT;
    struct chat c = CHAT_INIT;
    bool ok = true;
    for (size_t at = 0; ok && at < n; at += 7) {
        ok = sse_feed(&s, str_sub(text, at, 7), on_event, &c, &e);
        if (at % 3 == 0)
            take_text(&c);
    }
    sse_free(&s);
    end(&c, ok, &e);
    c = CHAT_INIT;
    e = ERR_INIT;
    ok = chat_whole(&c, text, &e);
    end(&c, ok, &e);
    e = ERR_INIT;
    static const struct chat_server server = {"host", "http://host/v1", "key"};
    chat_refusal(&server, n ? data[0] * 3 : 0, text, &e);
    TAU_ASSERT(e.code != ERR_NONE && utf8_valid(str_of(e.message)));
    return 0;
}
