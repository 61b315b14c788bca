/* SPDX-License-Identifier: MIT
 *
 * signals: those that ask the program to end: SIGINT, SIGTERM, SIGHUP. main blocks them in every thread;
 * a command either waits for one, or lets them end it.
 */
#ifndef TAU_CLI_SIGNALS_H
#define TAU_CLI_SIGNALS_H

#include <signal.h>

/* Any thread. */
void signals_of_end(sigset_t *ret);

/* From now on one of them ends the process in the middle of what it does; for commands that lose nothing
 * so. Main thread, before others are started. */
void signals_end_us(void);

#endif
