/* SPDX-License-Identifier: MIT
 *
 * endpoint: the rows of endpoints.def with the addresses and keys that hold in this process. Set
 * before the first thread, and read by any from then on. A key goes to its own endpoint only, and
 * is in no message.
 */
#ifndef TAU_MODEL_ENDPOINT_H
#define TAU_MODEL_ENDPOINT_H

#include "base/base.h"
#include "base/err.h"
#include "base/str.h"

enum endpoint_id {
#define ENDPOINT(id, name, base, key_env, base_env, key, help) ENDPOINT_##id,
#include "model/endpoints.def"
#undef ENDPOINT
    ENDPOINT_COUNT
};

struct endpoint {
    const char *name, *key_env, *base_env, *help;
    bool wants_key;
    const char *base; /* without a slash at its end */
    const char *key;  /* NULL: none */
    bool moved;       /* the address is not the row's own */
    int64_t window;    /* tokens that the model chosen there takes; 0: not said */
    const char *wrong; /* the variable that holds no key or no address: nothing is asked then */
};

const struct endpoint *endpoint(enum endpoint_id id);
/* ENDPOINT_COUNT when there is none of that name ("openai", or "openai/gpt-x"). */
enum endpoint_id endpoint_find(const char *name_or_model);

/* Takes addresses and keys out of the environment. Before the first thread. What is none is noted
 * in `wrong`, until an option gives another. */
void endpoints_take_env(void);

/* Another address, or another key, copied. An address is kept without slashes and without
 * /chat/completions at its end. ERR_USAGE for what is no http or https address, and for one with a
 * user or a password in it (which no message repeats). ERR_CONFIG for what is no key. */
enum { ENDPOINT_KEY_MAX = 8000 };
bool endpoint_set_base(enum endpoint_id id, const char *url, struct err *e) ATTR_WARN;
bool endpoint_set_key(enum endpoint_id id, struct str key, struct err *e) ATTR_WARN;

void endpoint_set_window(enum endpoint_id id, int64_t tokens);

/* A key from the first line of a file that nobody else may read. ERR_CONFIG names the mode. */
bool endpoint_read_key(enum endpoint_id id, const char *path, struct err *e) ATTR_WARN;

/* Wipes the keys. */
void endpoints_done(void);

#endif
