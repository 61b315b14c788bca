/* SPDX-License-Identifier: MIT
 *
 * errand: a verb on its way.
 */
#include "ui/errand.h"

#include "base/fs.h"
#include "base/mem.h"

#include <stdlib.h>
#include <sys/eventfd.h>

enum { ERRAND_STACK = 512 * 1024, ERRAND_OUTPUT_MAX = 64 << 20 };

static void run(void *arg)
{
    struct errand *r = arg;
    r->ok = r->env->verb(r->env->ctx, str_of(r->line), r->session, r->cancel, &r->out, &r->after,
                         &r->err);
    int rc = eventfd_write(r->fd, 1);
    (void)rc; /* its counter is 0: this can not fail */
}

static void clear(struct errand *r)
{
    cancel_unref(r->cancel);
    r->cancel = NULL;
    buf_free(&r->out);
    free(TAKE(r->line));
    free(TAKE(r->after.image));
    free(TAKE(r->session));
}

bool errand_start(struct errand *r, const struct ui_env *env, struct str line, const char *session)
{
    if (r->thread.running || !env->verb)
        return false;
    if (r->fd < 0)
        r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->fd < 0)
        return false;
    clear(r);
    r->cancel = cancel_new(NULL);
    r->env = env;
    r->line = mem_strndup(line.p, line.n);
    r->session = mem_strdup(session);
    r->out = BUF_INIT(ERRAND_OUTPUT_MAX);
    r->after = (struct ui_after){0};
    r->err = ERR_INIT;
    r->ok = false;
    return thread_start(&r->thread, "tau-errand", ERRAND_STACK, run, r, &r->err);
}

bool errand_take(struct errand *r)
{
    eventfd_t n;
    if (r->fd < 0 || eventfd_read(r->fd, &n) != 0)
        return false;
    thread_join(&r->thread);
    return true;
}

void errand_stop(struct errand *r)
{
    if (r->thread.running)
        cancel_fire(r->cancel);
}

void errand_done(struct errand *r)
{
    errand_stop(r);
    thread_join(&r->thread);
    clear(r);
    fd_close_p(&r->fd);
}
