/* SPDX-License-Identifier: MIT
 *
 * retain: along the log, step by step.
 */
#include "core/retain.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/thread.h"
#include "store/lock.h"
#include "store/prune.h"
#include "store/store.h"
#include "store/sweep.h"

#include <stdlib.h>

enum { AGAIN_MS = 3600 * 1000, STACK = 512 * 1024, PAUSE = 3 };

struct run {
    const struct retain_options *o;
    struct retained *ret;
    struct store *store;
    int64_t now_ms, before_ms;   /* what is older than that may go */
    int64_t used;              /* bytes in use now */
    int64_t steps;
    struct prune_marks marks;
};

static bool stopped(const struct run *r)
{
    return cancel_fired(r->o->cancel) || (r->o->steps > 0 && r->steps >= r->o->steps);
}

/* ---- one pass ---- */

/* How far the next step goes: *ret_upto is `from` when there is nothing more to do before `to`. */
static bool next_cut(struct run *r, int64_t from, int64_t to, int64_t *ret_upto, struct err *e)
{
    int64_t most, sized;
    *ret_upto = from;
    if (from >= to)
        return true;
    if (!prune_window(r->store, from, to, &most, e))
        return false;
    sized = MIN(most, r->marks.last + 1 - RETAIN_NEWEST);
    if (r->o->keep_ms > 0 && !prune_older(r->store, from, most, r->before_ms, r->now_ms,
                                       ret_upto, e))
        return false;
    if (r->o->max_bytes > 0 && r->used > r->o->max_bytes)
        *ret_upto = MAX(*ret_upto, sized);
    return true;
}

static bool count_step(struct run *r, enum prune_what what, int64_t from, int64_t to, struct err *e)
{
    int64_t rows, bytes;
    if (!prune_count(r->store, what, from, to, &rows, &bytes, e))
        return false;
    *(what == PRUNE_CHUNKS ? &r->ret->chunks : &r->ret->rest) += rows;
    r->ret->bytes += bytes;
    r->used -= bytes;
    return true;
}

static bool take_step(struct run *r, enum prune_what what, int64_t from, int64_t to, struct err *e)
{
    int64_t rows, file;
    if (!prune_step(r->store, what, from, to, &rows, e))
        return false;
    *(what == PRUNE_CHUNKS ? &r->ret->chunks : &r->ret->rest) += rows;
    return prune_size(r->store, &r->used, &file, e) && prune_fold(r->store, false, e);
}

/* Whoever writes waits for the step that runs, and then goes first: they look again only now and then. */
static void pause_after(const struct run *r, int64_t began_us)
{
    int64_t ms = (clock_mono_us() - began_us) * r->o->pause / 1000;
    if (r->o->pause > 0 && !r->o->dry_run)
        (void)cancel_wait_fd(r->o->cancel, -1, 0, clock_mono_ms() + MAX(ms, 1));
}

/* From `from` on, not past `to`. *ret_at: what lies before it is done. */
static bool pass(struct run *r, enum prune_what what, int64_t from, int64_t to, int64_t *ret_at,
                 struct err *e)
{
    int64_t upto;
    bool ok = true;
    for (; ok && !stopped(r); from = upto) {
        int64_t began_us = clock_mono_us();
        *ret_at = from;
        ok = next_cut(r, from, to, &upto, e);
        if (!ok || upto <= from)
            break;
        ok = r->o->dry_run ? count_step(r, what, from, upto, e) : take_step(r, what, from, upto, e);
        r->steps++;
        pause_after(r, began_us);
    }
    return ok;
}

static bool give_back(struct run *r, struct err *e)
{
    bool more = true, ok = true;
    while (ok && more && !stopped(r)) {
        int64_t began_us = clock_mono_us();
        ok = prune_give_back(r->store, &more, e) && prune_fold(r->store, false, e);
        pause_after(r, began_us);
    }
    return ok && (!r->o->rewrite || stopped(r) || prune_rewrite(r->store, r->o->cancel, e)) &&
           prune_fold(r->store, true, e);
}

static bool all_passes(struct run *r, struct err *e)
{
    int64_t at = r->marks.first, rest;
    if (!pass(r, PRUNE_CHUNKS, r->marks.first, r->marks.open, &at, e))
        return false;
    r->ret->first_seq = at;
    if (!pass(r, PRUNE_REST, r->marks.rest, at, &rest, e))
        return false;
    return r->o->dry_run || r->ret->chunks + r->ret->rest == 0 || give_back(r, e);
}

static bool run_on(struct run *r, struct err *e)
{
    const struct retain_options *o = r->o;
    struct retained *ret = r->ret;
    if (!store_open_second(&r->store, o->dir, o->vfs, o->dry_run ? STORE_LOOK : STORE_PRUNE, e) ||
        !prune_look(r->store, &r->marks, e) || !prune_size(r->store, &r->used, &ret->file_before, e))
        return false;
    ret->used_before = r->used;
    bool ok = all_passes(r, e);
    ret->used_after = r->used;
    ret->file_after = ret->file_before;
    if (ok && !o->dry_run)
        ok = prune_size(r->store, &ret->used_after, &ret->file_after, e);
    ret->over = o->max_bytes > 0 && ret->used_after > o->max_bytes;
    return ok;
}

bool retain_run(const struct retain_options *o, struct retained *ret, struct err *e)
{
    int64_t now = clock_wall_ms();
    struct run r = {.o = o, .ret = ret, .now_ms = now, .before_ms = now - o->keep_ms};
    CLEANUP(mem_free_p) char *path = fs_join(o->dir, "retain.lock");
    CLEANUP(fd_close_p) int lock = o->dry_run ? -1 : lock_take(path, e);
    *ret = (struct retained){0};
    if (!o->dry_run && lock < 0)
        return e->code == ERR_LEASED &&
               (err_set(e, ERR_LEASED, "%s: the log is being pruned already", o->dir) ||
                err_hint(e, "wait for its end"));
    struct swept swept = {0};
    bool ok = run_on(&r, e) && (stopped(&r) || sweep_blobs(o->dir, o->dry_run, o->cancel, &swept, e));
    ret->blobs = swept.blobs;
    ret->blob_bytes = swept.bytes;
    store_close(r.store);
    return ok;
}

/* ---- now and then ---- */

struct retain {
    char *dir, *vfs;
    int64_t keep_ms, max_bytes;
    struct cancel *cancel;
    struct thread thread;
};

/* Another process that does it now has the same to do. */
static void once(struct retain *r)
{
    struct err e = ERR_INIT;
    struct retained done;
    struct retain_options o = {.dir = r->dir,
                               .vfs = r->vfs,
                               .keep_ms = r->keep_ms,
                               .max_bytes = r->max_bytes,
                               .pause = PAUSE,
                               .cancel = r->cancel};
    if (!retain_run(&o, &done, &e)) {
        if (e.code != ERR_LEASED)
            log_error("the log could not be pruned: %s", e.message);
    } else if (done.chunks + done.rest > 0) {
        log_info("pruned: %lld chunks and %lld other events; the log is whole from %lld on",
                 (long long)done.chunks, (long long)done.rest, (long long)done.first_seq);
    } else if (done.blobs > 0) {
        log_info("pruned: %lld files that no event names", (long long)done.blobs);
    }
}

static void loop(void *arg)
{
    struct retain *r = arg;
    do
        once(r);
    while (cancel_wait_fd(r->cancel, -1, 0, clock_mono_ms() + AGAIN_MS) != CANCEL_FIRED);
}

struct retain *retain_start(const char *dir, const char *vfs, int64_t keep_ms, int64_t max_bytes)
{
    struct err e = ERR_INIT;
    if (keep_ms <= 0 && max_bytes <= 0)
        return NULL;
    struct retain *r = NEW(struct retain);
    *r = (struct retain){.dir = mem_strdup(dir),
                         .vfs = mem_strdup(vfs),
                         .keep_ms = keep_ms,
                         .max_bytes = max_bytes,
                         .cancel = cancel_new(NULL)};
    if (thread_start(&r->thread, "tau-retain", STACK, loop, r, &e))
        return r;
    log_error("the log will not be pruned: %s", e.message);
    retain_stop(r);
    return NULL;
}

void retain_stop(struct retain *r)
{
    if (!r)
        return;
    cancel_fire(r->cancel);
    thread_join(&r->thread);
    cancel_unref(r->cancel);
    free(r->dir);
    free(r->vfs);
    free(r);
}
