/* SPDX-License-Identifier: MIT
 *
 * openai: a request to an endpoint and its streamed answer.
 */
#include "model/openai.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "model/catalog.h"
#include "model/chat.h"
#include "model/stream.h"
#include "net/net.h"
#include "net/sse.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REQUEST_MAX = 96 << 20,  /* with images */
    REFUSAL_MAX = 64 * 1024, /* of the body of a failure */
    WHOLE_MAX = 16 << 20,    /* of an answer in one piece */
};

/* What a request asks for beside an answer, and some servers refuse to be asked. */
enum extra { EXTRA_SCHEMA, EXTRA_USAGE, EXTRA_COUNT };

/* What the body of an answer is. */
enum shape { SHAPE_UNKNOWN, SHAPE_EVENTS, SHAPE_WHOLE, SHAPE_REFUSAL };

struct openai {
    struct model_stream base;
    const struct endpoint *endpoint;
    const char *model; /* for its price */
    char *url;
    struct net_stream *net;
    struct model_request request;
    bool asked[EXTRA_COUNT]; /* the body may have it */
    struct buf body, whole;
    struct sse sse;
    struct chat chat;
    enum shape shape;
    bool ended;
    int64_t wait_ms, idle_ms; /* the request's */
    size_t words; /* pieces that are not blank, of an answer that is no stream of events */
    size_t heard; /* news of the chat and words, and when the last of it came */
    int64_t heard_ms;
    struct err later; /* a failure that comes after the text before it was given out */
};

static void openai_close(struct model_stream *stream)
{
    struct openai *o = (struct openai *)stream;
    if (!o)
        return;
    if (o->net && o->ended)
        net_finish(o->net); /* its connection serves the next request */
    else
        net_close(o->net);
    chat_free(&o->chat);
    sse_free(&o->sse);
    buf_free(&o->body);
    buf_free(&o->whole);
    free(o->url);
    free(o);
}

static struct net_stream *send(struct openai *o, const struct model_request *r, struct err *e)
{
    char *key = NULL;
    const char *headers[] = {"Content-Type: application/json", "Accept: text/event-stream",
                             "Expect:", "User-Agent: tau", NULL};
    size_t n = ARRAY_LEN(headers) - 1;
    if (o->endpoint->key) {
        char line[ENDPOINT_KEY_MAX + 32];
        snprintf(line, sizeof(line), "Authorization: Bearer %s", o->endpoint->key);
        key = secret_copy(str_of(line));
        explicit_bzero(line, sizeof(line));
        if (!key) {
            err_set(e, ERR_NO_MEMORY, "there is no memory that a key may lie in");
            return NULL;
        }
        headers[n++] = key;
    }
    struct net_request request = {.url = o->url,
                                  .headers = headers,
                                  .n_headers = n,
                                  .body = buf_view(&o->body),
                                  .cancel = r->cancel,
                                  .connect_ms = r->connect_ms,
                                  .wait_ms = r->wait_ms,
                                  .idle_ms = r->idle_ms,
                                  .deadline_ms = r->deadline_ms,
                                  .idle = r->idle,
                                  .idle_arg = r->idle_arg};
    struct net_stream *net = net_open(&request, e);
    secret_free(key);
    return net;
}

/* Where images lie; NULL: the model looks at none. An older part of the conversation may have some.
 */
static const char *images_in(const struct model_request *request)
{
    bool looks = provider_takes_images(request->provider, request->model);
    return looks ? request->store_dir : NULL;
}

/* The words by which a server says which it refuses. All of it can be done without: an answer is held against
 * its schema here anyhow, and what it used is then not known. */
static const char *const extra_words[EXTRA_COUNT][2] = {
    [EXTRA_SCHEMA] = {"response_format", "json_schema"},
    [EXTRA_USAGE] = {"stream_options", "include_usage"},
};

static atomic_bool refused_extra[ENDPOINT_COUNT][EXTRA_COUNT]; /* once a server did, until the process ends */

static atomic_bool *refuses(const struct openai *o, enum extra extra)
{
    return &refused_extra[endpoint_find(o->endpoint->name)][extra];
}

static struct net_stream *ask(struct openai *o, struct err *e)
{
    for (int i = 0; i < EXTRA_COUNT; i++)
        o->asked[i] = !atomic_load(refuses(o, (enum extra)i));
    const struct chat_takes takes = {.store_dir = images_in(&o->request),
                                     .schema = o->asked[EXTRA_SCHEMA],
                                     .usage = o->asked[EXTRA_USAGE]};
    e->phase = PHASE_CONTEXT;
    if (!chat_request(o->request.body, &takes, &o->body, e))
        return NULL;
    e->phase = PHASE_PROVIDER_CONNECT;
    return send(o, &o->request, e);
}

static struct model_stream *openai_open(const struct model_request *request, struct err *e)
{
    struct openai *o = NEW(struct openai);
    stream_begin(&o->base, request);
    o->endpoint = endpoint(endpoint_find(request->provider->name));
    o->model = request->model;
    o->request = *request;
    o->wait_ms = request->wait_ms;
    o->idle_ms = request->idle_ms;
    o->body = BUF_INIT(REQUEST_MAX);
    o->whole = BUF_INIT(WHOLE_MAX);
    o->sse = SSE_INIT;
    o->chat = CHAT_INIT;
    o->url = mem_printf("%s/chat/completions", o->endpoint->base);
    e->phase = PHASE_CONTEXT;
    if (o->endpoint->wrong) {
        err_set(e, ERR_CONFIG, "%s holds no %s", o->endpoint->wrong,
                o->endpoint->wrong == o->endpoint->key_env
                    ? "key: there are characters in it that no key has"
                    : "address of a model server");
        err_hint(e, o->endpoint->wrong == o->endpoint->key_env
                        ? "set it again, with the key alone"
                        : "it looks like http://127.0.0.1:8080/v1, without a user or a password");
        e->phase = PHASE_PROVIDER_CONNECT;
    } else if (o->endpoint->wants_key && !o->endpoint->key && !o->endpoint->moved) {
        err_set(e, ERR_AUTH, "there is no key for %s", o->endpoint->name);
        err_hint(e, "set %s, or name a server of your own with --api-base", o->endpoint->key_env);
        e->phase = PHASE_PROVIDER_CONNECT;
    } else {
        o->net = ask(o, e);
    }
    if (o->net) {
        o->chat.server = (struct chat_server){net_host(o->net), o->url, o->endpoint->key};
        return &o->base;
    }
    openai_close(&o->base);
    return NULL;
}

/* ---- what comes ---- */

static bool on_event(void *arg, const char *name, struct str data, struct err *e)
{
    struct openai *o = arg;
    if (strcmp(name, "error") == 0)
        return chat_refusal(&o->chat.server, 0, data, e);
    return chat_chunk(&o->chat, data, e);
}

/* From the head of the answer; a body that says nothing of itself is looked at. */
static enum shape shape_of(struct openai *o, struct str first)
{
    char type[128];
    if (net_status(o->net) != 200)
        return SHAPE_REFUSAL;
    if (net_header(o->net, "content-type", type, sizeof(type))) {
        if (strncmp(type, "text/event-stream", 17) == 0)
            return SHAPE_EVENTS;
        if (strncmp(type, "application/json", 16) == 0)
            return SHAPE_WHOLE;
        if (strncmp(type, "text/html", 9) == 0)
            return SHAPE_REFUSAL;
    }
    struct str s = str_trim(first);
    if (s.n == 0)
        return SHAPE_UNKNOWN;
    return s.p[0] == '{' ? SHAPE_WHOLE : s.p[0] == '<' ? SHAPE_REFUSAL : SHAPE_EVENTS;
}

static bool refused(struct openai *o, struct err *e)
{
    int status = net_status(o->net);
    if (status == 200) {
        err_set(e, ERR_STREAM_INVALID, "%s answers with a web page, not with a model's answer",
                net_host(o->net));
        return err_hint(e, "check --api-base: is it the address of a model server, with its /v1?");
    }
    chat_refusal(&o->chat.server, status, buf_view(&o->whole), e);
    e->retry_after_ms = net_retry_after_ms(o->net);
    e->phase = PHASE_PROVIDER_WAIT;
    return false;
}

static bool at_end(struct openai *o, struct err *e)
{
    o->ended = true;
    if (o->shape == SHAPE_UNKNOWN)
        o->shape = shape_of(o, STR(""));
    if (o->shape == SHAPE_REFUSAL)
        return refused(o, e);
    /* The last event of a server that ends with it, and not with an empty line. */
    if (o->shape == SHAPE_EVENTS && sse_pending(&o->sse) &&
        !sse_feed(&o->sse, STR("\n\n"), on_event, o, e))
        return false;
    if (o->shape == SHAPE_WHOLE && !chat_whole(&o->chat, buf_view(&o->whole), e))
        return false;
    if (o->shape == SHAPE_UNKNOWN)
        return err_set(e, ERR_STREAM_INVALID, "%s answered with nothing", net_host(o->net));
    return chat_end(&o->chat, e);
}

/* None was asked for, and what can not be read is not guessed at. */
static bool is_packed(struct openai *o, struct err *e)
{
    char how[32];
    return net_header(o->net, "content-encoding", how, sizeof(how)) && how[0] &&
           strcmp(how, "identity") != 0 &&
           !err_set(e, ERR_STREAM_INVALID, "%s sends its answer packed (%s), unasked",
                    net_host(o->net), how);
}

static bool take_bytes(struct openai *o, struct str bytes, struct err *e)
{
    if (o->shape == SHAPE_UNKNOWN) {
        o->shape = shape_of(o, bytes);
        if (o->shape != SHAPE_REFUSAL && is_packed(o, e))
            return false;
    }
    if (o->shape != SHAPE_EVENTS && str_trim(bytes).n > 0)
        o->words++;
    switch (o->shape) {
    case SHAPE_EVENTS:
        return sse_feed(&o->sse, bytes, on_event, o, e);
    case SHAPE_WHOLE:
        return buf_str(&o->whole, bytes) ||
               err_set(e, ERR_STREAM_INVALID, "the answer is larger than %d MiB", WHOLE_MAX >> 20);
    case SHAPE_REFUSAL:
        /* Its beginning says enough. */
        return o->whole.len + bytes.n <= REFUSAL_MAX ? buf_str(&o->whole, bytes) : at_end(o, e);
    case SHAPE_UNKNOWN:
        break;
    }
    return true;
}

/* Comments, empty chunks and blanks keep a connection alive; they are no answer. What the operator
 * waits for is the first piece that says something, then the next. A refusal that takes its time
 * has said enough by then. */
static bool says_something(struct openai *o, struct err *e)
{
    int64_t now = clock_mono_ms(), most = o->heard ? o->idle_ms : o->wait_ms;
    size_t news = o->shape == SHAPE_REFUSAL ? 1 : o->chat.news + o->words;
    if (news != o->heard || o->heard_ms == 0) {
        o->heard = news;
        o->heard_ms = now;
    }
    if (most == 0 || now - o->heard_ms < most)
        return true;
    if (o->shape == SHAPE_REFUSAL)
        return at_end(o, e);
    e->phase = o->heard ? PHASE_STREAM : PHASE_PROVIDER_WAIT;
    char limit[CLOCK_SECONDS];
    return err_set(e, ERR_TIMEOUT, "%s sends signs of life and no %sanswer for %s",
                   net_host(o->net), o->heard ? "more of its " : "", clock_seconds(most, limit));
}

/* A refusal that breaks off or falls silent is a refusal all the same: its head has said so. */
static bool is_refusal(struct openai *o, const struct err *e)
{
    int status = net_status(o->net);
    if (o->shape == SHAPE_UNKNOWN && status != 0 && status != 200)
        o->shape = SHAPE_REFUSAL;
    return o->shape == SHAPE_REFUSAL && (e->code == ERR_STREAM_CUT || e->code == ERR_TIMEOUT);
}

/* Reads once. False when the answer failed. */
static bool read_more(struct openai *o, struct err *e)
{
    struct str bytes;
    if (!net_read(o->net, &bytes, e))
        return is_refusal(o, e) && at_end(o, e);
    e->phase = PHASE_STREAM;
    if (bytes.p && (!take_bytes(o, bytes, e) || !says_something(o, e)))
        return false;
    return (bytes.p && !o->chat.done) || o->ended || at_end(o, e);
}

/* Notes what the refusal names of what was asked for. False: nothing of it. */
static bool learn(struct openai *o)
{
    struct str said = buf_view(&o->whole);
    bool any = false;
    for (int i = 0; i < EXTRA_COUNT; i++) {
        const char *const *words = extra_words[i];
        bool named = str_find(said, str_of(words[0])) >= 0 || str_find(said, str_of(words[1])) >= 0;
        if (!named || !o->asked[i])
            continue;
        atomic_store(refuses(o, (enum extra)i), true);
        any = true;
    }
    return any;
}

/* A server that refuses an extra is asked again without it, at once and from then on. */
static bool ask_again(struct openai *o, struct err *why)
{
    if (why->code != ERR_REQUEST_REFUSED || !learn(o))
        return false;
    net_finish(TAKE(o->net));
    buf_clear(&o->body);
    buf_clear(&o->whole);
    sse_free(&o->sse);
    chat_free(&o->chat);
    o->sse = SSE_INIT;
    o->chat = CHAT_INIT;
    o->shape = SHAPE_UNKNOWN;
    o->ended = false;
    o->words = o->heard = 0;
    o->heard_ms = 0;
    *why = (struct err)ERR_INIT;
    o->net = ask(o, why);
    if (o->net)
        o->chat.server = (struct chat_server){net_host(o->net), o->url, o->endpoint->key};
    return o->net != NULL;
}

static bool openai_next(struct model_stream *stream, struct model_event *ret, struct err *e)
{
    struct openai *o = (struct openai *)stream;
    for (;;) {
        if (chat_text(&o->chat, ret)) {
            stream->spoke = true;
            return true;
        }
        if (o->later.code != ERR_NONE) {
            *e = o->later;
            e->elapsed_ms = clock_mono_ms() - stream->began_ms;
            return false;
        }
        if (o->ended) {
            bool ok = chat_rest(&o->chat, ret, e);
            if (ok && ret->type == MODEL_USAGE && ret->usage.cost_usd == 0)
                ret->usage.cost_usd = catalog_cost(o->endpoint->name, o->model, &ret->usage);
            e->phase = PHASE_STREAM;
            return ok;
        }
        struct err why = ERR_INIT;
        if (!stream_alive(stream, e))
            return false;
        if (!read_more(o, &why) && !ask_again(o, &why)) {
            if (why.phase == PHASE_NONE)
                why.phase = PHASE_STREAM;
            o->later = why;
        }
    }
}

const struct provider openai_providers[ENDPOINT_COUNT] = {
#define ENDPOINT(id, word, base, key_env, base_env, key, help)                                     \
    [ENDPOINT_##id] = {.name = word,                                                               \
                       .doc = help,                                                                \
                       .window = CATALOG_WINDOW,                                                   \
                       .open = openai_open,                                                        \
                       .next = openai_next,                                                        \
                       .close = openai_close},
#include "model/endpoints.def"
#undef ENDPOINT
};
