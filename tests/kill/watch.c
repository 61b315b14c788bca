/* SPDX-License-Identifier: MIT
 *
 * watch: PTRACE_SEIZE of every thread, then PTRACE_SYSCALL.
 */
#include "lib/test.h"

#include "kill/watch.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* Seizes the threads that there are; those that come later are seized with their maker. */
static bool seize(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *d = opendir(path);
    bool any = false;
    if (!d)
        return false;
    for (struct dirent *e; (e = readdir(d));) {
        pid_t tid = (pid_t)strtol(e->d_name, NULL, 10);
        if (tid > 0 && ptrace(PTRACE_SEIZE, tid, NULL,
                              (void *)(PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD)) == 0 &&
            ptrace(PTRACE_INTERRUPT, tid, NULL, NULL) == 0)
            any = true;
    }
    closedir(d);
    return any;
}

static void *follow(void *arg)
{
    struct watch *w = arg;
    w->refused = !seize(w->pid);
    atomic_store(&w->ready, true);
    while (!w->refused) {
        int status;
        pid_t tid = waitpid(-1, &status, __WALL | __WNOTHREAD);
        if (tid < 0 && errno == ECHILD)
            break;
        if (tid < 0 || WIFEXITED(status) || WIFSIGNALED(status))
            continue;
        int sig = WSTOPSIG(status);
        if (sig == (SIGTRAP | 0x80)) {
            sig = 0;
            if (atomic_fetch_add(&w->calls, 1) + 1 == w->at)
                kill(w->pid, SIGKILL);
        } else if (status >> 16 || sig == SIGTRAP) {
            sig = 0; /* an event of ptrace */
        }
        ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)sig);
    }
    atomic_store(&w->gone, true);
    return NULL;
}

void watch_start(struct watch *w, pid_t pid, long at)
{
    w->pid = pid;
    w->at = at;
    w->refused = false;
    atomic_init(&w->calls, 0);
    atomic_init(&w->ready, false);
    atomic_init(&w->gone, false);
    if (pthread_create(&w->thread, NULL, follow, w) != 0)
        fail_msg("no thread to watch with");
    while (!atomic_load(&w->ready))
        sched_yield();
}

void watch_end(struct watch *w)
{
    pthread_join(w->thread, NULL);
}
