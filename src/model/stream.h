/* SPDX-License-Identifier: MIT
 *
 * stream: what the streams of all providers have in common; a provider's own struct begins with it.
 * One turn thread.
 */
#ifndef TAU_MODEL_STREAM_H
#define TAU_MODEL_STREAM_H

#include "model/provider.h"

struct model_stream {
    struct cancel *cancel; /* the request's; may be NULL */
    int64_t deadline_ms, began_ms;
    int64_t (*idle)(void *arg); /* the request's; may be NULL */
    void *idle_arg;
    bool spoke; /* an event was given out: from then on failures are the stream's */
};

void stream_begin(struct model_stream *s, const struct model_request *request);

/* Where a failure now belongs. */
enum err_phase stream_phase(const struct model_stream *s);

/* False when the request must end: ERR_CANCELLED or ERR_TIMEOUT, with phase and time. Cheap. */
bool stream_alive(const struct model_stream *s, struct err *e) ATTR_WARN;

/* Waits ms milliseconds (INT64_MAX: until it is stopped); false as stream_alive. */
bool stream_wait(const struct model_stream *s, int64_t ms, struct err *e) ATTR_WARN;

#endif
