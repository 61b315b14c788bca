/* SPDX-License-Identifier: MIT */
#include "contract/marker.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void marker_start(char ret[MARKER_MAX], int64_t turn_timeout_ms, int64_t request_timeout_ms)
{
    snprintf(ret, MARKER_MAX, "interactive.turn=start turn_timeout_ms=%" PRId64 " request_timeout_ms=%" PRId64,
             turn_timeout_ms, request_timeout_ms);
}

void marker_running(char ret[MARKER_MAX], int64_t elapsed_ms)
{
    snprintf(ret, MARKER_MAX, "interactive.turn=running elapsed_ms=%" PRId64, elapsed_ms);
}

void marker_end(char ret[MARKER_MAX], enum event_kind end, int64_t elapsed_ms)
{
    const char *status = end == EV_TURN_COMPLETED   ? "completed"
                         : end == EV_TURN_CANCELLED ? "cancelled"
                         : end == EV_TURN_TIMED_OUT ? "timed-out"
                                                    : "failed";
    snprintf(ret, MARKER_MAX, "interactive.turn=end status=%s elapsed_ms=%" PRId64, status, elapsed_ms);
}

enum event_kind marker_event(const char *status)
{
    static const enum event_kind ends[] = {EV_TURN_COMPLETED, EV_TURN_CANCELLED, EV_TURN_TIMED_OUT};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (strcmp(strchr(event_table[ends[i]].wire, '.') + 1, status) == 0)
            return ends[i];
    return EV_TURN_FAILED;
}
