/* SPDX-License-Identifier: MIT */
#include "ui/filelist.h"

#include "base/fs.h"

#include <sys/eventfd.h>

static void add(void *arg, const char *name)
{
    struct filelist *f = arg;
    name_list_add(&f->names, name);
}

static void run(void *arg)
{
    struct filelist *f = arg;
    f->env->complete(f->env->ctx, "file", add, f);
    int rc = eventfd_write(f->fd, 1);
    (void)rc; /* its counter is 0: this can not fail */
}

bool filelist_start(struct filelist *f, const struct ui_env *env)
{
    if (f->thread.running || !env->complete)
        return false;
    if (f->fd < 0)
        f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (f->fd < 0)
        return false;
    name_list_done(&f->names);
    f->env = env;
    f->err = ERR_INIT;
    return thread_start(&f->thread, "tau-files", 0, run, f, &f->err);
}

bool filelist_take(struct filelist *f)
{
    eventfd_t n;
    if (f->fd < 0 || eventfd_read(f->fd, &n) != 0)
        return false;
    thread_join(&f->thread);
    return true;
}

void filelist_done(struct filelist *f)
{
    thread_join(&f->thread);
    name_list_done(&f->names);
    fd_close_p(&f->fd);
}
