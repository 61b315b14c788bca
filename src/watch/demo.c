/* SPDX-License-Identifier: MIT
 *
 * demo: a recorded log, through the same reducer as everything, as frames.
 */
#include "watch/demo.h"

#include "base/clock.h"
#include "base/fs.h"
#include "state/reduce.h"

#include <stdlib.h>

/* data/demo.jsonl, a string a line. */
static const char log_text[] =
#include "watch/demo.inc"
    ;

static bool frame_of(struct live_frames *f, const struct snapshot *s, int fd, struct err *e)
{
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    struct artifacts *a = NEW(struct artifacts);
    size_t differs;
    bool ok = artifacts_of_snapshot(a, s, "proc_1", 0, e);
    if (ok)
        live_frame(f, a, &out, &differs);
    free(a);
    return ok && fs_write_all(fd, buf_view(&out), e);
}

static struct snapshot *step(struct snapshot *s, struct str line, struct err *e)
{
    struct event *ev = event_parse(line, e);
    struct draft *d = ev ? draft_new(s) : NULL;
    if (!d)
        return NULL;
    draft_reduce(d, ev, "proc_1");
    struct snapshot *next = draft_finish(d, MAX(s->seq, ev->seq));
    event_unref(ev);
    return next;
}

bool demo_run(struct live_frames *f, int fd, int64_t sleep_ms, struct cancel *cancel, struct err *e)
{
    struct str rest = str_of(log_text), line;
    struct snapshot *s = snapshot_empty();
    bool ok = true;
    while (ok && str_line(&rest, &line) && (f->cycles == 0 || f->cycle < f->cycles)) {
        struct snapshot *next = step(s, line, e);
        ok = next != NULL;
        snapshot_unref(s);
        s = next ? next : snapshot_empty();
        ok = ok && frame_of(f, s, fd, e);
        bool last = rest.n == 0 || (f->cycles > 0 && f->cycle >= f->cycles);
        if (ok && !last && cancel_wait_fd(cancel, -1, 0, clock_mono_ms() + sleep_ms) == CANCEL_FIRED)
            break;
    }
    snapshot_unref(s);
    return ok;
}
