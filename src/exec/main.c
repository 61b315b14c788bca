/* SPDX-License-Identifier: MIT
 *
 * tau-exec: runs one command for tau, with what was granted and nothing else, and leaves nothing
 * behind. Static, single-threaded, and never started by hand.
 */
#include "exec/plan.h"
#include "exec/watch.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { EXIT_USAGE = 2 };

/* Everything but 0, 1, 2 and the two that the plan names is closed; those close on exec. */
static bool close_others(const struct plan *p)
{
    int low = MIN(p->status_fd, p->lifeline_fd < 0 ? p->status_fd : p->lifeline_fd);
    int high = MAX(p->status_fd, p->lifeline_fd);
    unsigned from = 3;
    int keep[] = {low, high};
    for (size_t i = 0; i < ARRAY_LEN(keep); i++) {
        if (keep[i] < 3 || fcntl(keep[i], F_SETFD, FD_CLOEXEC) < 0)
            return false;
        if ((unsigned)keep[i] > from &&
            syscall(SYS_close_range, from, (unsigned)keep[i] - 1, 0) < 0)
            return false;
        from = (unsigned)keep[i] + 1;
    }
    return syscall(SYS_close_range, from, ~0U, 0) == 0;
}

int main(int argc, char **argv)
{
    struct plan p;
    struct err e = ERR_INIT;
    if (!plan_parse(&p, argc, argv, &e)) {
        fprintf(stderr, "tau-exec: %s\ntau-exec is started by tau, not by hand\n", e.message);
        return EXIT_USAGE;
    }
    if (!close_others(&p)) {
        fprintf(stderr, "tau-exec: the descriptors that were named are not open\n");
        return EXIT_USAGE;
    }
    umask(umask(0) | S_IWOTH); /* at least not writable for everybody */
    setsid();                  /* fails when the launcher did it, which is the same */
    return watch_run(&p);
}
