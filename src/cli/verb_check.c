/* SPDX-License-Identifier: MIT
 *
 * verb_check: is the store whole? Nothing is changed, so the console may ask while it works on it.
 */
#include "cli/check.h"
#include "cli/verb.h"

void check_put_finding(struct buf *out, const char *text)
{
    struct str rest = str_of(text), line;
    while (str_line(&rest, &line))
        buf_printf(out, "damaged  %.*s\n", STR_ARG(line));
}

void check_put_blob(struct buf *out, const struct inspect_blob *b)
{
    buf_printf(out, "%s  blob %s\n", b->missing ? "missing" : "damaged", b->sha);
    for (size_t i = 0; i < b->n_named; i++) {
        const struct inspect_named *n = &b->named[i];
        buf_printf(out, "         named by event %lld, %s of %s%s%s\n", (long long)n->seq, n->kind,
                   n->what ? n->what : "something", n->session ? ", in " : "",
                   n->session ? n->session : "");
    }
}

struct found {
    struct buf *out;
    int64_t n;
};

static void add_finding(void *arg, const char *text)
{
    struct found *f = arg;
    f->n++;
    check_put_finding(f->out, text);
}

static void add_blob(void *arg, const struct inspect_blob *b)
{
    struct found *f = arg;
    f->n++;
    check_put_blob(f->out, b);
}

bool verb_session_check(struct verb *v, struct err *e)
{
    struct found f = {.out = v->out};
    struct inspect_log log;
    struct inspect_blobs blobs;
    const char *dir = v->app->state_dir;
    if (!inspect_database(dir, add_finding, &f, &log, e) ||
        (f.n == 0 && !inspect_blobs(dir, add_blob, &f, &blobs, e)))
        return false;
    if (f.n == 0)
        return buf_puts(v->out, CHECK_WHOLE);
    CLEANUP(buf_free) struct buf findings = BUF_OWN;
    buf_count(&findings, (int64_t)f.n, "finding");
    return err_set(e, ERR_STORE_DAMAGED, "%s: %s", dir, buf_cstr(&findings)) ||
           err_hint(e, "end tau, and mend it: tau session repair");
}
