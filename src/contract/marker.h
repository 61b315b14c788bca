/* SPDX-License-Identifier: MIT
 *
 * marker: the lines on a turn that other programs wait for, as Tau writes them (spec: core, 3.12):
 *
 *     interactive.turn=start turn_timeout_ms=0 request_timeout_ms=120000
 *     interactive.turn=running elapsed_ms=2000
 *     interactive.turn=end status=completed elapsed_ms=3120
 *
 * They are made of the turn's events and time alone. Any thread.
 */
#ifndef TAU_CONTRACT_MARKER_H
#define TAU_CONTRACT_MARKER_H

#include "contract/event.h"

enum { MARKER_EVERY_MS = 2000, MARKER_MAX = 120 };

void marker_start(char ret[MARKER_MAX], int64_t turn_timeout_ms, int64_t request_timeout_ms);
void marker_running(char ret[MARKER_MAX], int64_t elapsed_ms);

/* The event that ends a turn with this status of its record. */
enum event_kind marker_event(const char *status);

/* end: the event that ended it; any other counts as a failure. */
void marker_end(char ret[MARKER_MAX], enum event_kind end, int64_t elapsed_ms);

#endif
