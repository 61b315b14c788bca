/* SPDX-License-Identifier: MIT
 *
 * chat: Chat Completions as bytes: a canonical request (model/provider.h) becomes the body of a
 * request, and the pieces of an answer become events. No network here; one thread.
 *
 * Servers differ in what they leave out. Understood: content as text or as a list of parts;
 * reasoning as reasoning_content or reasoning; calls by index, by id, by nothing but their names, or as
 * the old function_call; arguments as text in pieces or as an object; usage in the last chunk or with a
 * choice, and what it cost where the server says so; the answer as one JSON object instead of a stream. Not
 * passed over: a chunk that is no JSON, a call without a name, an answer without any choice, and an end that
 * was not announced.
 *
 * Most pieces of a stream say one thing more: some text, or more of the arguments of one call. Such a piece
 * is learnt as a form, and those that are like it are read without being parsed.
 */
#ifndef TAU_MODEL_CHAT_H
#define TAU_MODEL_CHAT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "json/form.h"
#include "model/provider.h"

enum {
    CHAT_CALLS_MAX = 256,         /* of one answer; a step makes fewer (agent/step.h) */
    CHAT_ARGUMENTS_MAX = 4 << 20, /* bytes of the arguments of one call */
    CHAT_PENDING_MAX = 16 << 20,  /* text that was not taken yet */
    CHAT_IMAGE_MAX = 20 << 20,    /* bytes of one image */
    CHAT_TOKENS_MAX = 1000000000, /* of one answer; a server that says more says nothing */
    CHAT_COST_MAX = 1000000,      /* dollars, the same */
    CHAT_STRANGE_MAX = 16,        /* pieces in a row that are like none before; then none is learnt */
};

/* What a server takes, beside text and calls. */
struct chat_takes {
    const char *store_dir; /* images, which lie there (store/blob.h); NULL: none */
    bool schema;           /* response_format with the schema that the answer shall meet */
    bool usage;            /* stream_options, which ask for what the answer used */
};

/* Appends the body. The text of an image stands for one that the model does not look at, or that is not
 * kept here any more. ERR_INVALID, ERR_TOO_LARGE, and the errors of reading an image. */
bool chat_request(struct str canonical, const struct chat_takes *takes, struct buf *out,
                  struct err *e) ATTR_WARN;

struct chat_call {
    struct buf arguments;
    char *id, *name;
    int64_t index; /* -1: it had none */
};

/* A run of text or of reasoning in `said`. */
struct chat_piece {
    bool reasoning;
    size_t n;
};

/* Who is asked, for messages. All may be NULL; the key is blanked in what the server says. */
struct chat_server {
    const char *host, *url, *key;
};

struct chat {
    struct chat_server server; /* set it after CHAT_INIT */
    struct buf said;
    VEC(struct chat_piece) pieces;
    size_t piece, taken; /* the first that was not taken; bytes of `said` that were */
    VEC(struct chat_call) calls;
    struct model_usage usage;
    char finish[64];
    size_t news; /* rises with each piece that says something: comments and empty chunks do not */
    bool has_choice, has_usage, done;
    bool lists_calls; /* as tool_calls: then function_call is not looked at */
    size_t given; /* calls that were given out */
    int epilogue; /* how far what follows the text was given out */
    struct form form;  /* the last piece that was parsed, where it said one thing only */
    struct chat_word { /* what that was */
        enum { CHAT_SAYS_TEXT, CHAT_SAYS_REASONING, CHAT_SAYS_ARGUMENTS } what;
        size_t call; /* whose arguments */
    } word;
    int strange;
};

#define CHAT_INIT ((struct chat){.said = BUF_INIT(CHAT_PENDING_MAX), .form = FORM_INIT})
void chat_free(struct chat *c);

/* One event of the stream: a chunk, or [DONE]. What it says is then there to be taken.
 * ERR_STREAM_INVALID, ERR_TOO_LARGE, or what an error object says (chat_refusal). */
bool chat_chunk(struct chat *c, struct str data, struct err *e) ATTR_WARN;

/* An answer that came as one JSON object. */
bool chat_whole(struct chat *c, struct str body, struct err *e) ATTR_WARN;

/* The stream has ended: was that its end? ERR_STREAM_CUT, ERR_STREAM_INVALID. */
bool chat_end(struct chat *c, struct err *e) ATTR_WARN;

/* The next piece of text or reasoning, at most so much as came since the last call; false when
 * there is none now. Valid until the next chat_chunk. */
bool chat_text(struct chat *c, struct model_event *ret);

/* After the end and all text: calls, usage, then MODEL_FINISH. False with ERR_CONTENT_FILTER in the
 * place of the finish when the provider's filter ended the answer. */
bool chat_rest(struct chat *c, struct model_event *ret, struct err *e) ATTR_WARN;

/* What an answer that is no success means; status 0: it came inside of a stream. body: as much of it
 * as is at hand (JSON, a web page, or nothing). Always false. */
bool chat_refusal(const struct chat_server *server, int status, struct str body, struct err *e);

#endif
