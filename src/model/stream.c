/* SPDX-License-Identifier: MIT
 *
 * stream: time and cancelling for the streams of all providers.
 */
#include "model/stream.h"

#include "base/clock.h"

void stream_begin(struct model_stream *s, const struct model_request *request)
{
    s->cancel = request->cancel;
    s->deadline_ms = request->deadline_ms;
    s->idle = request->idle;
    s->idle_arg = request->idle_arg;
    s->began_ms = clock_mono_ms();
}

enum err_phase stream_phase(const struct model_stream *s)
{
    return s->spoke ? PHASE_STREAM : PHASE_PROVIDER_WAIT;
}

static bool stopped(const struct model_stream *s, enum err_code code, struct err *e)
{
    int64_t elapsed = clock_mono_ms() - s->began_ms;
    if (code == ERR_CANCELLED)
        err_set(e, code, "the request was stopped");
    else
        err_set(e, code,
                s->spoke ? "the answer did not end in its time"
                         : "the model did not answer in its time");
    e->phase = stream_phase(s);
    e->elapsed_ms = elapsed;
    return false;
}

bool stream_alive(const struct model_stream *s, struct err *e)
{
    if (cancel_fired(s->cancel))
        return stopped(s, ERR_CANCELLED, e);
    if (s->deadline_ms != CLOCK_NEVER && clock_mono_ms() >= s->deadline_ms)
        return stopped(s, ERR_TIMEOUT, e);
    return true;
}

bool stream_wait(const struct model_stream *s, int64_t ms, struct err *e)
{
    int64_t now = clock_mono_ms();
    int64_t wake = ms < CLOCK_NEVER - now ? now + ms : CLOCK_NEVER;
    int64_t end = MIN(wake, s->deadline_ms);
    for (;;) {
        /* Text that was given out and then waits for more is kept by its reader meanwhile. */
        int64_t next = s->idle ? s->idle(s->idle_arg) : CLOCK_NEVER;
        enum cancel_wait woke = cancel_wait_fd(s->cancel, -1, 0, MIN(next, end));
        if (woke == CANCEL_FIRED)
            return stopped(s, ERR_CANCELLED, e);
        if (clock_mono_ms() >= end)
            break;
    }
    if (wake >= s->deadline_ms && s->deadline_ms != CLOCK_NEVER)
        return stopped(s, ERR_TIMEOUT, e);
    return true;
}
