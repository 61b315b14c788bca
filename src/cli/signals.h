/* SPDX-License-Identifier: MIT
 *
 * signals: those that ask the program to end: SIGINT, SIGTERM, SIGHUP. main blocks them in every thread;
 * a command either waits for one, or lets them end it.
 */
#ifndef TAU_CLI_SIGNALS_H
#define TAU_CLI_SIGNALS_H

#include "base/cancel.h"
#include "base/thread.h"

#include <signal.h>

/* Any thread. */
void signals_of_end(sigset_t *ret);

/* From now on one of them ends the process in the middle of what it does; for what loses nothing so. It is
 * this thread, and those that it starts, that take them. */
void signals_end_us(void);

/* While it is on, the first of them fires the token, so that what goes on can end whole, and the second
 * ends the process at once. Embedded; {.fd = -1} is off. */
struct signals_watch {
    struct thread thread;
    struct cancel *stop, *fired; /* fired: given to what can be stopped */
    int fd, signo;               /* signo: which came first; to be read when it is off */
};
/* Off with ERR_OVERLOADED or ERR_IO. signals_watch_end makes it off, also one that never was on; 0, or
 * the signal that came. */
bool signals_watch_begin(struct signals_watch *w, struct err *e) ATTR_WARN;
int signals_watch_end(struct signals_watch *w);

#endif
