/* SPDX-License-Identifier: MIT
 *
 * oldevents: the events of a turn in the form in which Tau printed them (spec: core, 3.8), for programs
 * that read that. They are made of the log's events alone; each has its seq and time beside what Tau said.
 */
#ifndef TAU_CLI_OLDEVENTS_H
#define TAU_CLI_OLDEVENTS_H

#include "base/buf.h"
#include "contract/event.h"

struct oldevents {
    int64_t turn;     /* requests to the model so far */
    int64_t messages; /* that were added */
    double cost;      /* so far */
    bool in_turn;
};

/* Appends the lines for one event, none for most. */
void oldevents_write(struct oldevents *o, const struct event *ev, const char *tool, struct buf *out);

#endif
