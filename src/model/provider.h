/* SPDX-License-Identifier: MIT
 *
 * provider: where a model lives. A turn opens one stream per request and pulls parsed events from
 * it; what the wire looks like is the provider's business. Providers are rows of provider_table;
 * "provider/model" names one of them.
 *
 * The request is canonical JSON, made by agent/context.c and nobody else, so that its bytes can be
 * made again from the log:
 *   {"model":"...","system":"...","messages":[{"role","content":[...]}],"tools":[{"name",
 *    "description","parameters"}]}
 * content parts: {"type":"text","text"} {"type":"reasoning","text"}
 *   {"type":"tool_call","call_id","name","arguments"}
 * {"type":"tool_result","call_id","is_error","text"}
 * {"type":"image","media_type","sha256"}; beside the messages there may be "schema", a JSON Schema that
 * the answer shall meet
 */
#ifndef TAU_MODEL_PROVIDER_H
#define TAU_MODEL_PROVIDER_H

#include "base/base.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/str.h"

enum model_event_type {
    MODEL_TEXT,      /* text: a piece of the answer; whole UTF-8 characters */
    MODEL_REASONING, /* text: a piece of reasoning */
    MODEL_TOOL_CALL, /* one whole call: id, name, text = arguments as the model sent them */
    MODEL_USAGE,     /* usage */
    MODEL_FINISH,    /* text: finish reason (stop, tool_calls, length, content_filter); the last */
};

struct model_usage {
    int64_t input, output, cached, reasoning;
    double cost_usd;
};

struct model_event {
    enum model_event_type type;
    struct str text, id, name; /* valid until the next model_next or model_close */
    struct model_usage usage;
};

struct model_request {
    const struct provider *provider;
    const char *model;   /* without the provider */
    struct str body;     /* canonical JSON; valid until model_close */
    int64_t deadline_ms; /* of the whole request, clock_mono_ms */
    /* Most time until connected, until the answer begins, and between two pieces of it; 0: only the
     * deadline counts. A timeout names the phase it happened in. */
    int64_t connect_ms, wait_ms, idle_ms;
    struct cancel *cancel;
    /* Called whenever the stream has nothing to give and begins to wait, on the caller's thread:
     * does what is due and says when it wants to be called again (clock_mono_ms; CLOCK_NEVER). */
    int64_t (*idle)(void *arg);
    void *idle_arg;
    const char *workspace; /* for local models that look at nothing but may name it */
    const char *store_dir; /* where images of the conversation lie (store/blob.h) */
    const char *script;    /* local/script: the file; else NULL */
    int attempt;           /* 1 for the first; the body is the same in each */
};

struct model_stream;

struct provider {
    const char *name, *doc;
    const char *model; /* the only model of this row; NULL: any that the other side knows */
    int64_t window;    /* tokens the model takes, when the catalog says no better */
    bool blind;        /* it looks at no images, whatever its model */
    /* Blocks at most until the deadline; errors carry their phase (provider_connect, ..wait). */
    struct model_stream *(*open)(const struct model_request *request, struct err *e);
    /* The next event; false with an error (ERR_CANCELLED, ERR_TIMEOUT, ERR_STREAM_CUT, ...). After
     * MODEL_FINISH it must not be called again. */
    bool (*next)(struct model_stream *s, struct model_event *ret_event, struct err *e);
    void (*close)(struct model_stream *s); /* any time; NULL is fine */
};

extern const struct provider *const provider_table[];
extern const size_t provider_table_n;

/* The name to choose a row by: "local/offline", or "NAME/MODEL" for one that takes any model. Cut
 * when it does not fit; PROVIDER_NAME_MAX is enough. Returns out. Any thread. */
enum { PROVIDER_NAME_MAX = 128 };
const char *provider_full_name(const struct provider *p, char *out, size_t size);

/* Tokens that the model takes, by what was said of its endpoint, the catalog, or the provider's row. Any thread. */
int64_t provider_window(const struct provider *p, const char *model);

/* False when it is known that the model does not look at images. Any thread. */
bool provider_takes_images(const struct provider *p, const char *model);

/* The provider of "provider/model"; *ret_model points behind the slash. ERR_UNKNOWN_MODEL names the
 * ones there are. */
const struct provider *provider_find(const char *full_name, const char **ret_model,
                                     struct err *e) ATTR_WARN;

#endif
