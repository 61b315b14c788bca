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

#define BIT(kind) (UINT32_C(1) << REC_##kind)

static bool frame_of(struct live_frames *f, const struct snapshot *s, int fd, struct err *e)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN, out = BUF_OWN;
    size_t differs;
    snapshot_write(s, BIT(SESSION) | BIT(TURN) | BIT(TOOL) | BIT(APPROVAL) | BIT(TASK), true, &text);
    CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&text), e);
    if (!j)
        return false;
    struct artifacts *a = NEW(struct artifacts);
    artifacts_of_state(a, j, "proc_1", 0);
    live_frame(f, a, &out, &differs);
    free(a);
    return fs_write_all(fd, buf_view(&out), e);
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
        if (ok && cancel_wait_fd(cancel, -1, 0, clock_mono_ms() + sleep_ms) == CANCEL_FIRED)
            break;
    }
    snapshot_unref(s);
    return ok;
}
