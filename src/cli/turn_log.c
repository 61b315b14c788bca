/* SPDX-License-Identifier: MIT */
#include "cli/turn_log.h"

#include "base/arena.h"
#include "json/json.h"

struct event *turn_log_event(struct str row)
{
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(row, &e);
    const struct json *envelope = json_get(j, "event");
    struct event *ev = envelope ? event_parse(str_of(json_text(envelope, &a)), &e) : NULL;
    arena_free(&a);
    return ev;
}

bool turn_log_ends(const struct event *ev, const char **ret_error)
{
    *ret_error = NULL;
    switch (ev->kind) {
    case EV_TURN_COMPLETED:
        return true;
    case EV_TURN_FAILED:
        *ret_error = EV(ev, turn_failed)->error;
        return true;
    case EV_TURN_TIMED_OUT:
        *ret_error = EV(ev, turn_timed_out)->error;
        return true;
    case EV_TURN_CANCELLED:
        *ret_error = EV(ev, turn_cancelled)->error;
        return true;
    case EV_TURN_BLOCKED:
        *ret_error = EV(ev, turn_blocked)->error;
        return true;
    default:
        return false;
    }
}
