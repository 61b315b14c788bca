/* SPDX-License-Identifier: MIT */
#include "cli/onboard.h"

#include "base/buf.h"
#include "base/clock.h"
#include "json/json.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HERE_MS = 400, THERE_MS = 8000, ANSWER_MAX = 4 << 20, OK = 200 };

bool onboard_works(const struct offer *o)
{
    return o->status == OK && o->model[0];
}

/* The one that is named is best known; else the first that is no model of another kind. */
static void choose(struct offer *o, const struct json *list)
{
    static const char *const known[] = {"gpt-5-mini", "gpt-5", "deepseek-chat", "grok-4", "mistral-large-latest"};
    static const char *const others[] = {"embed", "whisper", "tts", "dall-e", "moderation", "audio", "image", "realtime"};
    const struct json *data = json_get(list, "data");
    const char *name = NULL;
    for (const struct json *m = json_first(data); m; m = json_next(m)) {
        const char *id = json_cstr(json_get(m, "id"), "");
        bool other = !id[0];
        for (size_t i = 0; i < ARRAY_LEN(others); i++)
            other |= strstr(id, others[i]) != NULL;
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            if (strcmp(id, known[i]) == 0) {
                snprintf(o->model, sizeof(o->model), "%s/%.120s", endpoint(o->id)->name, id);
                return;
            }
        if (!name && !other)
            name = id;
    }
    if (name)
        snprintf(o->model, sizeof(o->model), "%s/%.120s", endpoint(o->id)->name, name);
    else
        snprintf(o->why, sizeof(o->why), "it has no model to talk to");
}

static void ask(struct offer *o, int64_t patience_ms)
{
    const struct endpoint *at = endpoint(o->id);
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf body = {.max = ANSWER_MAX};
    CLEANUP(mem_free_p) char *url = mem_printf("%s/models", at->base);
    CLEANUP(mem_free_p) char *header = at->key ? mem_printf("Authorization: Bearer %s", at->key) : NULL;
    const char *const headers[] = {header};
    struct net_request request = {.url = url,
                                  .headers = headers,
                                  .n_headers = header ? 1 : 0,
                                  .connect_ms = patience_ms,
                                  .wait_ms = THERE_MS,
                                  .deadline_ms = clock_mono_ms() + 2 * THERE_MS};
    struct net_stream *s = net_open(&request, &e);
    struct str bytes;
    bool ok = s != NULL, fits = true;
    while (ok && fits && (ok = net_read(s, &bytes, &e)) && bytes.p) {
        o->status = net_status(s);
        fits = bytes.n == 0 || buf_str(&body, bytes);
    }
    net_close(s);
    if (header)
        explicit_bzero(header, strlen(header));
    if (!ok)
        o->status = 0;
    CLEANUP(json_free_p) struct json *list = ok && o->status == OK ? json_parse(buf_view(&body), &e) : NULL;
    if (list)
        choose(o, list);
    else if (o->status == 401 || o->status == 403)
        snprintf(o->why, sizeof(o->why), "it does not take the key in %s", at->key_env);
    else if (o->status != OK && o->status != 0)
        snprintf(o->why, sizeof(o->why), "it answered with status %d", o->status);
    else
        snprintf(o->why, sizeof(o->why), "%.180s", e.message);
}

void onboard_look(offers *ret)
{
    for (enum endpoint_id id = 0; id < ENDPOINT_COUNT; id++) {
        const struct endpoint *at = endpoint(id);
        struct offer o = {.id = id};
        if (at->wrong || (at->wants_key && !at->key))
            continue;
        ask(&o, at->wants_key ? THERE_MS : HERE_MS);
        if (o.status != 0 || at->wants_key)
            VEC_PUSH(ret, o);
    }
}
