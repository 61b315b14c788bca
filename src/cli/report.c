/* SPDX-License-Identifier: MIT
 *
 * report: standard output and standard error.
 */
#include "cli/report.h"

#include "base/buf.h"
#include "base/fs.h"
#include "text/width.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool report_out(struct str text, struct err *e)
{
    CLEANUP(buf_free) struct buf shown = BUF_OWN;
    if (!isatty(STDOUT_FILENO))
        return fs_write_all(STDOUT_FILENO, text, e);
    width_sanitize(&shown, text);
    return fs_write_all(STDOUT_FILENO, buf_view(&shown), e);
}

/* With `more` to come, what is cut at its end is held. */
static bool write_json(struct report_json *r, struct str piece, bool more, struct err *e)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN, shown = BUF_OWN;
    if (!isatty(STDOUT_FILENO))
        return fs_write_all(STDOUT_FILENO, piece, e);
    buf_add(&text, r->held, r->n_held);
    buf_str(&text, piece);
    struct str rest = buf_view(&text);
    rest = str_sub(rest, width_json(&shown, rest, more), rest.n);
    r->n_held = MIN(rest.n, sizeof(r->held));
    if (r->n_held)
        memcpy(r->held, rest.p, r->n_held);
    return fs_write_all(STDOUT_FILENO, buf_view(&shown), e);
}

bool report_json_add(struct report_json *r, struct str piece, struct err *e)
{
    if (piece.n)
        r->last = piece.p[piece.n - 1];
    return write_json(r, piece, true, e);
}

bool report_json_end(struct report_json *r, struct err *e)
{
    return write_json(r, r->last && r->last != '\n' ? STR("\n") : STR(""), false, e);
}

bool report_json(struct str text, struct err *e)
{
    struct report_json r = {0};
    return report_json_add(&r, text, e) && report_json_end(&r, e);
}

void report_line(const char *before, const struct err *e)
{
    struct buf line = BUF_OWN;
    width_sanitize(&line, str_of(e->message));
    buf_printf(&line, " [%s", err_code_name(e->code));
    if (e->phase != PHASE_NONE)
        buf_printf(&line, ", %s", err_phase_name(e->phase));
    if (e->elapsed_ms > 0)
        buf_printf(&line, ", after %lld.%lld s", (long long)(e->elapsed_ms / 1000),
                   (long long)(e->elapsed_ms % 1000 / 100));
    buf_puts(&line, "]");
    fprintf(stderr, "tau: %s%s\n", before, buf_cstr(&line));
    buf_free(&line);
}

void report_hint(const char *hint)
{
    struct buf text = BUF_OWN;
    if (!hint[0])
        return;
    width_sanitize(&text, str_of(hint));
    fprintf(stderr, "     %s\n", buf_cstr(&text));
    buf_free(&text);
}

void report(const struct err *e)
{
    report_line("", e);
    report_hint(err_hint_text(e));
}
