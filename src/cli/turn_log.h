/* SPDX-License-Identifier: MIT
 *
 * turn_log: what whoever waits for a turn reads in its events. Any thread.
 */
#ifndef TAU_CLI_TURN_LOG_H
#define TAU_CLI_TURN_LOG_H

#include "contract/event.h"

/* The event in a row of log.page, to be unreferenced by the caller; NULL: it is none that this tau knows. */
struct event *turn_log_event(struct str row) ATTR_WARN;

/* True when the turn ends with this event; *ret_error: its failure as JSON, NULL when it completed. */
bool turn_log_ends(const struct event *ev, const char **ret_error);

#endif
