/* SPDX-License-Identifier: MIT
 *
 * child: the forked side of tau-exec, before the command. With the level "bwrap" the command is
 * bubblewrap, which runs tau-exec again inside (box.c); rights are then taken away in there.
 */
#include "exec/child.h"

#include "exec/box.h"
#include "exec/filter.h"
#include "exec/privs.h"
#include "exec/rules.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FAILED_TO_START = 126 };

union rights {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static bool tell(int channel, const char *text, int listener)
{
    union rights rights = {.bytes = {0}};
    struct iovec part = {.iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text) + 1};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    if (listener >= 0) {
        m.msg_control = &rights;
        m.msg_controllen = sizeof(rights);
        rights.head.cmsg_len = CMSG_LEN(sizeof(int));
        rights.head.cmsg_level = SOL_SOCKET;
        rights.head.cmsg_type = SCM_RIGHTS;
        memcpy(CMSG_DATA(&rights.head), &listener, sizeof(int));
    }
    return sendmsg(channel, &m, MSG_NOSIGNAL) >= 0;
}

bool child_release(int channel, struct err *e)
{
    if (send(channel, "", 1, MSG_NOSIGNAL) == 1)
        return true;
    return err_sys(e, ERR_SPAWN, errno, "release");
}

static bool wait_release(int channel)
{
    char byte;
    ssize_t n;
    do
        n = recv(channel, &byte, 1, 0);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

bool child_hear(int channel, int *ret_listener, struct err *e)
{
    *ret_listener = -1;
    for (;;) {
        union rights rights;
        char text[ERR_MESSAGE_MAX];
        struct iovec part = {.iov_base = text, .iov_len = sizeof(text)};
        struct msghdr m = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = &rights,
                           .msg_controllen = sizeof(rights)};
        ssize_t n = recvmsg(channel, &m, MSG_CMSG_CLOEXEC);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return true;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
            memcpy(ret_listener, CMSG_DATA(c), sizeof(int));
        text[n - 1] = '\0';
        if (text[0])
            return err_set(e, ERR_SPAWN, "%s", text);
    }
}

static bool confine(const struct plan *p, int channel, struct err *e)
{
    if (!privs_drop(e))
        return false;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return err_sys(e, ERR_SANDBOX, errno, "no_new_privs");
    if (!rules_apply(p, e))
        return false;
    int listener = -1;
    if (!filter_apply(p, p->inner ? NULL : &listener, e))
        return false;
    if (listener >= 0 && !tell(channel, "", listener))
        return err_sys(e, ERR_SANDBOX, errno, "listener");
    return true;
}

static bool run(const struct plan *p, int channel, struct err *e)
{
    bool box = p->level == PLAN_BWRAP && !p->inner;
    if (box)
        return box_exec(p, e);
    if (chdir(p->cwd) < 0)
        return err_sys(e, ERR_SPAWN, errno, "directory: %s", p->cwd);
    if (!privs_limit(p, e))
        return false;
    if (p->level != PLAN_NONE && !confine(p, channel, e))
        return false;
    execvp(p->argv[0], p->argv);
    return err_sys(e, ERR_SPAWN, errno, "command: %s", p->argv[0]);
}

void child_run(const struct plan *p, int channel, pid_t parent)
{
    struct err e = ERR_INIT;
    /* A group of its own: kill(0, ...) by the command must not reach the supervisor. */
    setsid();
    privs_signals();
    bool ok = prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent && wait_release(channel);
    if (!ok)
        err_set(&e, ERR_SPAWN, "parent: it has ended");
    ok = ok && run(p, channel, &e);
    if (!ok && !tell(channel, e.message, -1))
        _exit(FAILED_TO_START);
    _exit(FAILED_TO_START);
}
