/* SPDX-License-Identifier: MIT
 *
 * sh: launches, pumps the output, waits.
 */
#include "tool/sh.h"

#include "base/clock.h"
#include "base/mem.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READ_BLOCK = 64 * 1024 };

#define CHANGED "the command changed what is protected: %s"

bool sh_start(struct sh *c, struct err *e)
{
    policy_sandbox(c->policy, &c->profile);
    c->seal = sandbox_seal_take(&c->profile);
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &c->profile;
    spec.command = c->text;
    spec.cwd = c->cwd;
    if (launch_start(&spec, &c->launched, e))
        return true;
    sandbox_seal_free(TAKE(c->seal));
    return false;
}

/* ---- output ---- */

/* Why the command is being ended before it ended by itself. */
enum stop { STOP_NOT, STOP_CANCEL, STOP_DEADLINE, STOP_FLOOD };

/* Reads what is there. False at the end of the stream. */
static bool read_some(struct sh *c, char *block)
{
    ssize_t n = read(c->launched.out_fd, block, READ_BLOCK);
    if (n > 0)
        output_add(c->output, str_make(block, (size_t)n));
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static void stop_now(struct sh *c, enum stop why, enum stop *stop, int64_t *until)
{
    launch_cancel(&c->launched);
    *stop = why;
    *until = clock_mono_ms() + LAUNCH_END_MS;
}

/* Until nobody can write any more. After a stop it goes on reading, for as long as tau-exec may
 * take to end everything. */
static enum stop pump(struct sh *c)
{
    CLEANUP(mem_free_p) char *block = mem_new(READ_BLOCK);
    enum stop stop = STOP_NOT;
    int64_t until = c->deadline_ms;
    for (;;) {
        int64_t wake = MIN(until, output_due_ms(c->output));
        switch (cancel_wait_fd(stop ? NULL : c->cancel, c->launched.out_fd, POLLIN, wake)) {
        case CANCEL_FIRED:
            stop_now(c, STOP_CANCEL, &stop, &until);
            break;
        case CANCEL_READY:
            if (!read_some(c, block))
                return stop;
            if (!stop && output_full(c->output))
                stop_now(c, STOP_FLOOD, &stop, &until);
            /* Output without end must not keep the deadline from being seen. */
            if (!stop && clock_mono_ms() >= until)
                stop_now(c, STOP_DEADLINE, &stop, &until);
            break;
        case CANCEL_DEADLINE:
            if (clock_mono_ms() >= until && stop)
                return stop; /* tau-exec did not do its work; launch_wait says so */
            if (clock_mono_ms() >= until)
                stop_now(c, STOP_DEADLINE, &stop, &until);
            break;
        }
        output_tick(c->output);
    }
}

/* ---- the end ---- */

static void note_changed(void *arg, const char *path)
{
    struct sh_end *end = arg;
    size_t n = strlen(end->changed);
    snprintf(end->changed + n, sizeof(end->changed) - n, "%s%s", n ? ", " : "", path);
}

bool sh_finish(struct sh *c, struct sh_end *ret, struct err *e)
{
    struct sh_end end = {.level = c->launched.level};
    enum stop stop = pump(c);
    int64_t until = stop ? clock_mono_ms() + LAUNCH_END_MS : c->deadline_ms;
    bool ok = launch_wait(&c->launched, stop ? NULL : c->cancel, until, &end.result, e);
    if (c->seal)
        sandbox_seal_check(c->seal, note_changed, &end); /* counts; each is noted */
    sandbox_seal_free(TAKE(c->seal));
    if (!ok && end.changed[0]) { /* who ends tau-exec does not get round the look at it */
        struct err lost = *e;
        return err_set(e, ERR_PROTECTED, CHANGED "; then: %s", end.changed, lost.message);
    }
    if (!ok)
        return false;
    if (stop == STOP_CANCEL)
        end.result.end = LAUNCH_CANCELLED;
    if (stop == STOP_DEADLINE)
        end.result.end = LAUNCH_TIMED_OUT;
    end.flooded = stop == STOP_FLOOD;
    *ret = end;
    return true;
}

bool sh_judge(const struct sh_end *end, struct err *e)
{
    const struct launch_result *r = &end->result;
    if (end->changed[0])
        return err_set(e, ERR_PROTECTED, CHANGED, end->changed);
    if (end->flooded)
        return err_set(e, ERR_TOO_LARGE, "the command was ended: it printed more than %d MiB",
                       OUTPUT_ARTIFACT_MAX >> 20);
    switch (r->end) {
    case LAUNCH_CANCELLED:
        return err_set(e, ERR_CANCELLED, "the command was stopped after %.1f s",
                       (double)r->elapsed_ms / 1000);
    case LAUNCH_TIMED_OUT:
        err_set(e, ERR_TIMEOUT, "the command was ended after %.1f s", (double)r->elapsed_ms / 1000);
        return err_hint(e,
                        "what it printed until then is kept; one that takes longer can run in the "
                        "background");
    case LAUNCH_SIGNALLED:
        return err_set(e, ERR_KILLED, "the command was ended by signal %d (%s)", r->signo,
                       strsignal(r->signo));
    case LAUNCH_EXITED:
        break;
    }
    return r->exit_code == 0 || err_set(e, ERR_EXIT_STATUS, "exit status %d", r->exit_code);
}
