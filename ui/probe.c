/* SPDX-License-Identifier: MIT
 *
 * probe: asks main for what the status row shows.
 */
#include "ui/probe.h"

#include "base/fs.h"

#include <sys/eventfd.h>

static void ask(void *arg)
{
    struct probe *p = arg;
    p->env->status(p->env->ctx, &p->result);
    int rc = eventfd_write(p->fd, 1);
    (void)rc; /* its counter is 0: this can not fail */
}

bool probe_start(struct probe *p, const struct ui_env *env)
{
    struct err e = ERR_INIT;
    if (p->thread.running)
        return false;
    if (p->fd < 0)
        p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->fd < 0)
        return false;
    p->env = env;
    p->result = (struct ui_status){0};
    return thread_start(&p->thread, "tau-status", 0, ask, p, &e);
}

bool probe_take(struct probe *p, struct ui_status *ret_status)
{
    eventfd_t n;
    if (p->fd < 0 || eventfd_read(p->fd, &n) != 0)
        return false;
    thread_join(&p->thread);
    *ret_status = p->result;
    return true;
}

void probe_done(struct probe *p)
{
    thread_join(&p->thread);
    fd_close_p(&p->fd);
}
