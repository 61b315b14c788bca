/* SPDX-License-Identifier: MIT
 *
 * chat: the pieces of an answer.
 */
#include "model/chat.h"

#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void chat_free(struct chat *c)
{
    for (size_t i = 0; i < c->calls.n; i++) {
        buf_free(&c->calls.v[i].arguments);
        free(c->calls.v[i].id);
        free(c->calls.v[i].name);
    }
    free(c->calls.v);
    free(c->pieces.v);
    buf_free(&c->said);
    form_free(&c->form);
}

/* ---- text ---- */

static bool is(const struct json *j, enum json_type type)
{
    return j && json_type(j) == type;
}

/* Neighbours of one sort are one piece, so that a burst of tokens is one event. */
static bool say(struct chat *c, bool reasoning, struct str text, struct err *e)
{
    if (text.n == 0)
        return true;
    c->news++;
    if (c->piece == c->pieces.n) {
        /* All was taken: begin at the front again. */
        buf_clear(&c->said);
        c->pieces.n = c->piece = c->taken = 0;
    }
    if (!buf_str(&c->said, text))
        return err_set(e, ERR_TOO_LARGE, "the answer comes faster than it can be kept");
    struct chat_piece *last = c->pieces.n ? &c->pieces.v[c->pieces.n - 1] : NULL;
    if (last && last->reasoning == reasoning) {
        last->n += text.n;
    } else {
        struct chat_piece piece = {reasoning, text.n};
        VEC_PUSH(&c->pieces, piece);
    }
    return true;
}

/* Text, or a list of parts that have text. */
static bool say_content(struct chat *c, bool reasoning, const struct json *content, struct err *e)
{
    if (is(content, JSON_STRING))
        return say(c, reasoning, json_str(content), e);
    if (!is(content, JSON_ARRAY))
        return true;
    for (const struct json *p = json_first(content); p; p = json_next(p))
        if (!say(c, reasoning, json_str(json_get(p, "text")), e))
            return false;
    return true;
}

bool chat_text(struct chat *c, struct model_event *ret)
{
    if (c->piece == c->pieces.n)
        return false;
    const struct chat_piece *p = &c->pieces.v[c->piece++];
    *ret = (struct model_event){.type = p->reasoning ? MODEL_REASONING : MODEL_TEXT,
                                .text = str_sub(buf_view(&c->said), c->taken, p->n)};
    c->taken += p->n;
    return true;
}

/* ---- calls ---- */

static struct chat_call *add_call(struct chat *c, int64_t index, struct err *e)
{
    if (c->calls.n == CHAT_CALLS_MAX) {
        err_set(e, ERR_STREAM_INVALID, "the answer has more than %d calls", CHAT_CALLS_MAX);
        return NULL;
    }
    struct chat_call call = {.arguments = BUF_INIT(CHAT_ARGUMENTS_MAX), .index = index};
    VEC_PUSH(&c->calls, call);
    return &c->calls.v[c->calls.n - 1];
}

/* The call that a piece belongs to. An id that is new begins a call, also where a server says the
 * same index for all of them; a piece without either goes to the last, unless it names a tool and the
 * last has one. */
static struct chat_call *call_of(struct chat *c, const struct json *piece, bool named, struct err *e)
{
    const struct json *place = json_get(piece, "index");
    bool placed = is(place, JSON_NUMBER);
    int64_t index = json_i64(place, -1);
    const char *id = json_cstr(json_get(piece, "id"), "");
    for (size_t i = c->calls.n; i-- > 0;) {
        struct chat_call *call = &c->calls.v[i];
        bool same_id = id[0] && call->id && strcmp(call->id, id) == 0;
        bool other_id = id[0] && call->id && !same_id;
        bool goes_on = !id[0] && !placed && !(named && call->name);
        if (index >= 0 ? call->index == index && !other_id : same_id || goes_on)
            return call;
        if (index < 0 && !id[0] && !placed)
            break;
    }
    struct chat_call *call = add_call(c, index, e);
    if (call && id[0])
        call->id = mem_strdup(id);
    return call;
}

static bool add_arguments(struct chat_call *call, struct str text, struct err *e)
{
    return buf_str(&call->arguments, text) ||
           err_set(e, ERR_STREAM_INVALID, "the arguments of a call are larger than %d MiB",
                   CHAT_ARGUMENTS_MAX >> 20);
}

/* What a piece says of the function: its name once, and more of its arguments. */
static bool take_function(struct chat_call *call, const struct json *function, struct err *e)
{
    const char *name = json_cstr(json_get(function, "name"), "");
    if (name[0] && !call->name)
        call->name = mem_strdup(name);
    const struct json *arguments = json_get(function, "arguments");
    struct arena a = ARENA_INIT;
    struct str text =
        is(arguments, JSON_OBJECT) ? str_of(json_text(arguments, &a)) : json_str(arguments);
    bool ok = add_arguments(call, text, e);
    arena_free(&a);
    return ok;
}

static bool take_call(struct chat *c, const struct json *piece, struct err *e)
{
    const struct json *function = json_get(piece, "function");
    bool named = json_cstr(json_get(function, "name"), "")[0] != '\0';
    struct chat_call *call = call_of(c, piece, named, e);
    c->news++;
    return call && take_function(call, function, e);
}

/* From before there were several calls. */
static bool take_function_call(struct chat *c, const struct json *function, struct err *e)
{
    if (!is(function, JSON_OBJECT))
        return true;
    c->news++;
    struct chat_call *call = c->calls.n ? &c->calls.v[0] : add_call(c, 0, e);
    return call && take_function(call, function, e);
}

/* Servers that have both names say the same call twice. */
static bool take_calls(struct chat *c, const struct json *m, struct err *e)
{
    const struct json *list = json_get(m, "tool_calls");
    c->lists_calls |= json_len(list) > 0;
    if (!c->lists_calls)
        return take_function_call(c, json_get(m, "function_call"), e);
    for (const struct json *t = json_first(list); t; t = json_next(t))
        if (!take_call(c, t, e))
            return false;
    return true;
}

/* ---- chunks ---- */

/* A number of tokens; what can be none is 0. */
static int64_t tokens(const struct json *usage, const char *name)
{
    int64_t n = json_i64(json_get(usage, name), 0);
    return n < 0 || n > CHAT_TOKENS_MAX ? 0 : n;
}

static void take_usage(struct chat *c, const struct json *usage)
{
    if (!is(usage, JSON_OBJECT))
        return;
    const struct model_usage before = c->usage;
    const struct json *in = json_get(usage, "prompt_tokens_details");
    const struct json *out = json_get(usage, "completion_tokens_details");
    double cost = json_f64(json_get(usage, "cost"), 0);
    c->usage = (struct model_usage){
        .input = tokens(usage, "prompt_tokens"),
        .output = tokens(usage, "completion_tokens"),
        .cached = tokens(in, "cached_tokens"),
        .reasoning = tokens(out, "reasoning_tokens"),
        .cost_usd = cost > 0 && cost < CHAT_COST_MAX ? cost : 0,
    };
    if (!c->usage.cached)
        c->usage.cached = tokens(usage, "prompt_cache_hit_tokens");
    /* Some say it with each chunk. */
    if (!c->has_usage || c->usage.input != before.input || c->usage.output != before.output)
        c->news++;
    c->has_usage = true;
}

/* `message` of an answer in one piece, or the `delta` of a chunk: they have the same members. */
static bool take_message(struct chat *c, const struct json *m, struct err *e)
{
    /* One of both names; servers that say both say the same twice. */
    const struct json *reasoning = json_get(m, "reasoning_content");
    if (!is(reasoning, JSON_STRING) || json_str(reasoning).n == 0)
        reasoning = json_get(m, "reasoning");
    return say_content(c, true, reasoning, e) && say_content(c, false, json_get(m, "content"), e) &&
           say_content(c, false, json_get(m, "refusal"), e) && take_calls(c, m, e);
}

static bool take_answer(struct chat *c, const struct json *j, const char *member, struct err *e)
{
    take_usage(c, json_get(j, "usage"));
    for (const struct json *ch = json_first(json_get(j, "choices")); ch; ch = json_next(ch)) {
        if (json_i64(json_get(ch, "index"), 0) != 0)
            continue; /* one was asked for */
        c->has_choice = true;
        if (!take_message(c, json_get(ch, member), e))
            return false;
        const char *finish = json_cstr(json_get(ch, "finish_reason"), "");
        if (finish[0])
            snprintf(c->finish, sizeof(c->finish), "%s", finish);
        take_usage(c, json_get(ch, "usage"));
    }
    return true;
}

/* ---- pieces that are alike ---- */

/* The one string that the delta says, its parts told apart by `words`; NULL when it says more, nothing,
 * or something else. */
static const struct json *only_text(const struct json *delta, struct chat_word *ret)
{
    static const struct {
        const char *name;
        struct chat_word word;
    } words[] = {
        {"reasoning_content", {.what = CHAT_SAYS_REASONING}},
        {"reasoning", {.what = CHAT_SAYS_REASONING}},
        {"content", {.what = CHAT_SAYS_TEXT}},
        {"refusal", {.what = CHAT_SAYS_TEXT}},
    };
    const struct json *only = NULL;
    if (json_len(json_get(delta, "tool_calls")) > 0)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        const struct json *said = json_get(delta, words[i].name);
        if (is(said, JSON_ARRAY) || (only && json_str(said).n > 0))
            return NULL;
        if (json_str(said).n == 0)
            continue;
        only = said;
        *ret = words[i].word;
    }
    return only;
}

/* The same, of more arguments for a call that is there: a piece without an id and a name, and with no
 * index that none can have, which would be a call of its own. */
static const struct json *only_arguments(struct chat *c, const struct json *delta,
                                         struct chat_word *ret, struct err *e)
{
    const struct json *piece = json_first(json_get(delta, "tool_calls"));
    const struct json *function = json_get(piece, "function");
    const struct json *arguments = json_get(function, "arguments");
    if (!piece || json_next(piece) || json_cstr(json_get(piece, "id"), "")[0] ||
        (is(json_get(piece, "index"), JSON_NUMBER) && json_i64(json_get(piece, "index"), -1) < 0) ||
        json_cstr(json_get(function, "name"), "")[0] || json_str(arguments).n == 0)
        return NULL;
    for (const struct json *m = json_first(delta); m; m = json_next(m))
        if (strcmp(json_key(m), "role") != 0 && json_len(m) + json_str(m).n > 0 &&
            strcmp(json_key(m), "tool_calls") != 0)
            return NULL;
    const struct chat_call *call = call_of(c, piece, false, e);
    *ret = (struct chat_word){.what = CHAT_SAYS_ARGUMENTS,
                              .call = call ? (size_t)(call - c->calls.v) : 0};
    return call ? arguments : NULL;
}

/* A chunk was taken: were another like it taken, with another string in the place of the one that it
 * says, what would change is what that string says. */
static const struct json *only_word(struct chat *c, const struct json *j, struct chat_word *ret,
                                    struct err *e)
{
    const struct json *ch = json_first(json_get(j, "choices"));
    const struct json *delta = json_get(ch, "delta");
    if (!ch || json_next(ch) || json_i64(json_get(ch, "index"), 0) != 0 ||
        json_cstr(json_get(ch, "finish_reason"), "")[0] || is(json_get(j, "usage"), JSON_OBJECT) ||
        is(json_get(ch, "usage"), JSON_OBJECT) || is(json_get(delta, "function_call"), JSON_OBJECT))
        return NULL;
    const struct json *only = only_text(delta, ret);
    return only ? only : only_arguments(c, delta, ret, e);
}

static void learn(struct chat *c, struct str data, const struct json *j)
{
    struct err e = ERR_INIT; /* it was taken, so that nothing fails now */
    form_forget(&c->form);
    if (c->strange == CHAT_STRANGE_MAX)
        return;
    const struct json *word = only_word(c, j, &c->word, &e);
    if (word && form_learn(&c->form, data, j, word))
        c->strange++;
}

static bool take_word(struct chat *c, struct str text, struct err *e)
{
    c->strange = 0;
    if (c->word.what != CHAT_SAYS_ARGUMENTS)
        return say(c, c->word.what == CHAT_SAYS_REASONING, text, e);
    c->news++;
    return add_arguments(&c->calls.v[c->word.call], text, e);
}

/* An object of the answer: with an error in it, it is one. */
static bool take_object(struct chat *c, struct str data, const char *member, struct err *e)
{
    struct err why = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(data, &why);
    if (!is(j, JSON_OBJECT))
        return err_set(e, ERR_STREAM_INVALID, "a piece of the answer is not JSON: %s",
                       j ? "no object" : why.message);
    const struct json *error = json_get(j, "error");
    if (error && !is(error, JSON_NULL))
        return chat_refusal(&c->server, 0, data, e);
    if (!take_answer(c, j, member, e))
        return false;
    learn(c, data, j);
    return true;
}

bool chat_chunk(struct chat *c, struct str data, struct err *e)
{
    struct str word;
    if (!c->done && form_read(&c->form, data, &word))
        return take_word(c, word, e);
    if (str_is(str_trim(data), "[DONE]")) {
        c->done = true;
        return true;
    }
    /* An event with nothing in it keeps a connection, as a comment does. */
    return c->done || str_trim(data).n == 0 || take_object(c, data, "delta", e);
}

bool chat_whole(struct chat *c, struct str body, struct err *e)
{
    c->done = true;
    return take_object(c, body, "message", e);
}

/* ---- the end ---- */

bool chat_end(struct chat *c, struct err *e)
{
    if (!c->done && !c->finish[0])
        return err_set(e, ERR_STREAM_CUT, "the answer broke off before its end");
    if (!c->has_choice)
        return err_set(e, ERR_STREAM_INVALID, "the answer has no choice in it");
    for (size_t i = 0; i < c->calls.n; i++)
        if (!c->calls.v[i].name)
            return err_set(e, ERR_STREAM_INVALID,
                           "the model made a call and did not name the tool");
    return true;
}

bool chat_rest(struct chat *c, struct model_event *ret, struct err *e)
{
    *ret = (struct model_event){0};
    if (c->given < c->calls.n) {
        const struct chat_call *call = &c->calls.v[c->given++];
        struct str arguments = str_trim(buf_view(&call->arguments));
        ret->type = MODEL_TOOL_CALL;
        ret->id = str_of(call->id);
        ret->name = str_of(call->name);
        ret->text = arguments.n ? arguments : STR("{}");
        return true;
    }
    if (c->has_usage && c->epilogue++ == 0) {
        ret->type = MODEL_USAGE;
        ret->usage = c->usage;
        return true;
    }
    if (strcmp(c->finish, "content_filter") == 0)
        return err_set(e, ERR_CONTENT_FILTER, "the provider's content filter ended the answer");
    ret->type = MODEL_FINISH;
    ret->text = c->calls.n ? STR("tool_calls") : c->finish[0] ? str_of(c->finish) : STR("stop");
    return true;
}
