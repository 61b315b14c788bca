/* SPDX-License-Identifier: MIT
 *
 * probe: asks main for what the status row shows. That may look at the machine (start a sandbox,
 * say), so it runs on a thread of its own and nothing waits for it. UI thread.
 */
#ifndef TAU_UI_PROBE_H
#define TAU_UI_PROBE_H

#include "base/base.h"
#include "base/thread.h"
#include "ui/ui.h"

struct probe {
    struct thread thread; /* running: the thread owns result until fd is readable */
    const struct ui_env *env;
    struct ui_status result;
    int fd; /* readable when the answer is there; -1: the system has none, or not begun */
};

#define PROBE_INIT ((struct probe){.fd = -1})

/* False when it runs already, or can not run: ask again later. env->status must be set. */
bool probe_start(struct probe *p, const struct ui_env *env);

/* The answer, once fd is readable. */
bool probe_take(struct probe *p, struct ui_status *ret_status);

void probe_done(struct probe *p); /* waits for the callback to return */

#endif
