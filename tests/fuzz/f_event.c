/* SPDX-License-Identifier: MIT
 *
 * f_event: a log, one envelope a line. What can be read is written as the same event; whatever the
 * order, the reducer takes it, and what the check allows is reduced.
 */
#include "fuzz/fuzz.h"

#include "state/reduce.h"

static void same_again(const struct event *ev)
{
    struct err e = ERR_INIT;
    struct buf once = BUF_OWN, twice = BUF_OWN;
    event_write(ev, &once);
    struct event *again = event_parse(buf_view(&once), &e);
    TAU_ASSERT(again);
    event_write(again, &twice);
    TAU_ASSERT(str_eq(buf_view(&once), buf_view(&twice)));
    TAU_ASSERT(str_eq(again->data, ev->data) && again->kind == ev->kind);
    event_unref(again);
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct str text = str_make((const char *)data, n), line;
    struct snapshot *s = snapshot_empty();
    struct draft *d = draft_new(s);
    struct buf out = BUF_OWN;
    snapshot_unref(s);
    while (str_line(&text, &line)) {
        struct event *ev = event_parse(line, &e);
        if (!ev)
            continue;
        same_again(ev);
        if (!draft_check(d, ev, &e))
            TAU_ASSERT(e.code == ERR_ILLEGAL_EDGE);
        draft_reduce(d, ev, NULL);
        event_unref(ev);
    }
    s = draft_finish(d, 0);
    snapshot_write(s, UINT32_MAX, true, &out);
    TAU_ASSERT(buf_ok(&out));
    buf_free(&out);
    snapshot_unref(s);
    return 0;
}
