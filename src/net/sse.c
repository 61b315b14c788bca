/* SPDX-License-Identifier: MIT
 *
 * sse: lines to events. A line that lies whole in the bytes is used where it is. The next LF and the
 * next CR are each looked for once, so that bytes with only one of them are not searched again and again
 * for the other.
 */
#include "net/sse.h"

#include <string.h>

typedef bool event_fn(void *arg, const char *name, struct str data, struct err *e);

void sse_free(struct sse *s)
{
    buf_free(&s->line);
    buf_free(&s->data);
}

static bool too_large(const char *what, const struct buf *b, struct err *e)
{
    return err_set(e, ERR_STREAM_INVALID, "%s of the stream is larger than %zu MiB", what, b->max >> 20);
}

static bool take_field(struct sse *s, struct str line, struct err *e)
{
    ssize_t colon = str_index(line, ':');
    struct str name = colon < 0 ? line : str_sub(line, 0, (size_t)colon);
    struct str value = colon < 0 ? STR("") : str_sub(line, (size_t)colon + 1, line.n);
    if (value.n > 0 && value.p[0] == ' ')
        value = str_sub(value, 1, value.n);
    if (str_is(name, "data")) {
        if ((s->has_data && !buf_putc(&s->data, '\n')) || !buf_str(&s->data, value))
            return too_large("an event", &s->data, e);
        s->has_data = true;
    } else if (str_is(name, "event")) {
        size_t n = MIN(value.n, (size_t)SSE_NAME_MAX - 1);
        memcpy(s->name, value.p ? value.p : "", n);
        s->name[n] = '\0';
    }
    return true;
}

static bool take_line(struct sse *s, struct str line, event_fn *fn, void *arg, struct err *e)
{
    if (!s->begun && str_starts(line, "\xEF\xBB\xBF"))
        line = str_sub(line, 3, line.n);
    s->begun = true;
    if (line.n > 0)
        return line.p[0] == ':' || take_field(s, line, e);
    bool ok = !s->has_data || fn(arg, s->name, buf_view(&s->data), e);
    buf_clear(&s->data);
    s->has_data = false;
    s->name[0] = '\0';
    return ok;
}

/* Where c is next, from `at` on; behind the last byte when it is not there. `known`: what it was the last
 * time, or -1. */
static ssize_t next(struct str bytes, char c, size_t at, ssize_t known)
{
    if (known >= (ssize_t)at)
        return known;
    ssize_t found = str_index(str_sub(bytes, at, bytes.n), c);
    return (ssize_t)(found < 0 ? bytes.n : at + (size_t)found);
}

bool sse_feed(struct sse *s, struct str bytes, event_fn *fn, void *arg, struct err *e)
{
    size_t at = 0;
    ssize_t lf = -1, cr = -1;
    while (at < bytes.n) {
        /* The LF of a CRLF that was cut in two. */
        if (s->after_cr && bytes.p[at] == '\n') {
            s->after_cr = false;
            at++;
            continue;
        }
        s->after_cr = false;
        lf = next(bytes, '\n', at, lf);
        cr = next(bytes, '\r', at, cr);
        size_t end = (size_t)MIN(lf, cr);
        struct str piece = str_sub(bytes, at, end - at);
        if (end == bytes.n || s->line.len > 0) {
            if (!buf_str(&s->line, piece))
                return too_large("a line", &s->line, e);
            piece = buf_view(&s->line);
        }
        if (end == bytes.n)
            return true;
        s->after_cr = bytes.p[end] == '\r';
        at = end + 1;
        bool ok = take_line(s, piece, fn, arg, e);
        buf_clear(&s->line);
        if (!ok)
            return false;
    }
    return true;
}

bool sse_pending(const struct sse *s)
{
    return s->has_data || s->line.len > 0;
}
