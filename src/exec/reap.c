/* SPDX-License-Identifier: MIT
 *
 * reap: one look at /proc gives (pid, parent, group, state, start) of all; those below us are
 * marked generation by generation. A signal goes through a pidfd, after the start time was read
 * again, so that a number that was given to somebody else in between is not hit.
 */
#include "exec/reap.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STAT_MAX = 1024, FREEZE_ROUNDS = 20, PAUSE_MS = 2 };

struct task {
    pid_t pid, parent, group;
    char state;
    bool ours;
    uint64_t start;
};

struct tree {
    VEC(struct task) all;
};

/* Fields of /proc/PID/stat after the name, which ends with the last ')': state is field 3. */
static bool task_read(pid_t pid, struct task *t)
{
    char path[64];
    char text[STAT_MAX];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return false;
    text[n] = '\0';
    const char *after = strrchr(text, ')');
    if (!after)
        return false;
    struct str rest = str_trim(str_of(after + 1));
    struct str field;
    int64_t value;
    *t = (struct task){.pid = pid};
    for (int i = 3; i <= 22 && str_split(&rest, ' ', &field); i++) {
        if (i == 3)
            t->state = field.n ? field.p[0] : '?';
        else if ((i == 4 || i == 5 || i == 22) && !str_i64(field, &value))
            return false;
        else if (i == 4)
            t->parent = (pid_t)value;
        else if (i == 5)
            t->group = (pid_t)value;
        else if (i == 22)
            t->start = (uint64_t)value;
    }
    return true;
}

/* The kernel lists /proc by rising number. */
static bool ours(const struct tree *t, pid_t self, pid_t parent)
{
    if (parent == self)
        return true;
    size_t low = 0, high = t->all.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (t->all.v[mid].pid == parent)
            return t->all.v[mid].ours;
        if (t->all.v[mid].pid < parent)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

static void tree_scan(struct tree *t)
{
    pid_t self = getpid();
    t->all.n = 0;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; proc && (d = readdir(proc));) {
        int64_t pid;
        struct task task;
        if (str_i64(str_of(d->d_name), &pid) && pid > 1 && pid != self &&
            task_read((pid_t)pid, &task))
            VEC_PUSH(&t->all, task);
    }
    if (proc)
        closedir(proc);
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < t->all.n; i++)
            if (!t->all.v[i].ours && ours(t, self, t->all.v[i].parent))
                more = t->all.v[i].ours = true;
    }
}

static void task_signal(const struct task *t, int signo)
{
    struct task now;
    int fd = (int)syscall(SYS_pidfd_open, t->pid, 0);
    if (fd < 0)
        return;
    if (task_read(t->pid, &now) && now.start == t->start)
        syscall(SYS_pidfd_send_signal, fd, signo, NULL, 0); /* it may just have ended */
    close(fd);
}

static bool is_zombie(const struct task *t)
{
    return t->state == 'Z' || t->state == 'X';
}

int reap_signal(int signo)
{
    struct tree t = {0};
    int n = 0;
    tree_scan(&t);
    for (size_t i = 0; i < t.all.n; i++) {
        if (!t.all.v[i].ours || is_zombie(&t.all.v[i]))
            continue;
        task_signal(&t.all.v[i], signo);
        n++;
    }
    free(t.all.v);
    return n;
}

int reap_count(void)
{
    struct tree t = {0};
    int n = 0;
    tree_scan(&t);
    for (size_t i = 0; i < t.all.n; i++)
        n += t.all.v[i].ours && !is_zombie(&t.all.v[i]);
    free(t.all.v);
    return n;
}

/* Stops everybody; true when a look found nobody that was running. */
static bool freeze(struct tree *t)
{
    bool still = true;
    tree_scan(t);
    for (size_t i = 0; i < t->all.n; i++) {
        struct task *task = &t->all.v[i];
        if (!task->ours || is_zombie(task) || task->state == 'T')
            continue;
        task_signal(task, SIGSTOP);
        still = false;
    }
    return still;
}

bool reap_kill(bool (*reap)(void *), void *arg, int64_t deadline_ms)
{
    struct tree t = {0};
    bool left = reap(arg);
    while (left && clock_mono_ms() < deadline_ms) {
        for (int round = 0; round < FREEZE_ROUNDS && !freeze(&t); round++)
            ;
        for (size_t i = 0; i < t.all.n; i++)
            if (t.all.v[i].ours && !is_zombie(&t.all.v[i]))
                task_signal(&t.all.v[i], SIGKILL);
        left = reap(arg);
        if (left)
            poll(NULL, 0, PAUSE_MS);
    }
    free(t.all.v);
    return !left;
}

bool reap_is_ours(pid_t pid)
{
    struct tree t = {0};
    bool found = false;
    tree_scan(&t);
    for (size_t i = 0; i < t.all.n; i++)
        found = found || (t.all.v[i].pid == pid && t.all.v[i].ours);
    free(t.all.v);
    return found;
}

bool reap_has_group(pid_t pgid)
{
    struct tree t = {0};
    bool found = false;
    tree_scan(&t);
    for (size_t i = 0; i < t.all.n; i++)
        found = found || (t.all.v[i].group == pgid && t.all.v[i].ours);
    free(t.all.v);
    return found;
}
