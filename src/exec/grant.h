/* SPDX-License-Identifier: MIT
 *
 * grant: the paths that a command may reach. One list, walked by Landlock (as rules) and by the
 * bubblewrap box (as mounts), so that both allow the same.
 */
#ifndef TAU_EXEC_GRANT_H
#define TAU_EXEC_GRANT_H

#include "exec/plan.h"

enum grant_kind {
    GRANT_SYSTEM, /* read and execute; the machine's own */
    GRANT_READ,   /* read and execute; named by the profile */
    GRANT_NAMES,  /* list directories, everywhere below; the box is empty but for what is granted */
    GRANT_PROC,   /* read; bubblewrap has its own */
    GRANT_DEVICE, /* read and write; bubblewrap has its own */
    GRANT_WRITE,  /* everything but device nodes */
};

struct grant {
    enum grant_kind kind;
    const char *path;
    bool needed; /* its absence is an error */
};

/* Calls each(arg, &grant, e) for every grant of the plan, in a fixed order; stops at the first
 * false and returns it. */
bool grant_walk(const struct plan *p, bool (*each)(void *arg, const struct grant *g, struct err *e),
                void *arg, struct err *e) ATTR_WARN;

#endif
