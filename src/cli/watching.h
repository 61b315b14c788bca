/* SPDX-License-Identifier: MIT
 *
 * watching: the watch of this process, up or down: of the console, and of tau gateway serve. One lock, so
 * that a command and the end may come at once. Any thread.
 */
#ifndef TAU_CLI_WATCHING_H
#define TAU_CLI_WATCHING_H

#include "base/buf.h"
#include "base/err.h"
#include "watch/watch.h"

#include <pthread.h>

struct app;
struct watching {
    pthread_mutex_t lock;
    struct watch *watch; /* NULL: down */
};
#define WATCHING_INIT {PTHREAD_MUTEX_INITIALIZER, NULL}

/* Where the options say, else in the workspace's .tau/dashboard. ERR_EXISTS: it is up. */
bool watching_up(struct watching *w, const struct app *a, struct err *e) ATTR_WARN;
/* The same when somebody wants it: an option says where, or the directory is there already. */
bool watching_begin(struct watching *w, const struct app *a, struct err *e) ATTR_WARN;
bool watching_down(struct watching *w, struct err *e) ATTR_WARN;
void watching_done(struct watching *w);
void watching_write(struct watching *w, struct buf *out); /* whether it is up, and where */

/* The directory of artifacts, malloc'd: what --state-dir or --dashboard-state-dir says, else the
 * workspace's. */
char *watching_dir(const struct app *a);

#endif
