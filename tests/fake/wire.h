/* SPDX-License-Identifier: MIT
 *
 * wire: the HTTP of the fake server: a connection on a thread of its own, a request read whole, and
 * what an answer is made of. Nothing here is for outside bytes: only tau speaks to it.
 */
#ifndef TAU_TESTS_FAKE_WIRE_H
#define TAU_TESTS_FAKE_WIRE_H

#include "base/base.h"
#include "base/buf.h"

struct wire {
    int fd, connection;
    bool key; /* it was the right one */
    bool chunked, held;
    size_t step;       /* bytes a write; 0: all */
    const char *eol;   /* of the lines of events */
    char row[128];     /* the model's name */
    char *said;        /* the last text of the user */
    struct buf images; /* of all messages: " | " and each as "image/png BASE64", at most its beginning */
    char *last_result; /* the text of the last tool message */
    int results;       /* tool messages after the last of the user */
    bool schema;       /* it asks for an answer that meets one */
    bool options;      /* it has stream_options */
    bool unpaired;     /* a call without its result behind it, or a result without its call */
    size_t body_n;
    char *quoted; /* of the last wire_quoted */
    char *out;    /* what is held */
    size_t out_n, out_cap;
};

/* Serves on 127.0.0.1 until standard input ends: prints the port, calls play for each request; true
 * keeps the connection. Each request is a line of the log (NULL: none). */
int wire_serve(const char *log, bool (*play)(struct wire *w));

/* Is it the first request of this row in the life of the server? */
bool wire_first(struct wire *w);

/* All return false when the other side is gone. wire_bytes: as they are. */
bool wire_bytes(struct wire *w, const char *p, size_t n);
bool wire_head(struct wire *w, int status, const char *headers);
/* Status 200, an event stream, chunked. */
bool wire_begin(struct wire *w);
/* A chunk of the body. */
bool wire_raw(struct wire *w, const char *text);
/* An event with this data; a delta is the choice around it, a finish its reason. */
bool wire_event(struct wire *w, const char *data);
bool wire_delta(struct wire *w, const char *fmt, ...) ATTR_PRINTF(2, 3);
bool wire_finish(struct wire *w, const char *reason);
bool wire_end(struct wire *w); /* the last chunk */

bool wire_json(struct wire *w, int status, const char *headers, const char *body);
bool wire_page(struct wire *w, int status); /* a web page */

/* The text as a JSON string. */
const char *wire_quoted(struct wire *w, const char *text);

/* Gathers chunks and sends them in large writes. */
void wire_hold(struct wire *w, bool hold);

/* Waits until the other side is gone, or so long. */
void wire_wait(struct wire *w);
bool wire_gone(struct wire *w, int ms);

#endif
