/* SPDX-License-Identifier: MIT
 *
 * jsonw: writes JSON into a buf. Whatever it writes, json_parse reads: besides invalid UTF-8 also
 * U+0000 becomes U+FFFD.
 */
#include "json/jsonw.h"

#include "text/utf8.h"
#include "json/json.h"
#include "json/plain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(JSON_DEPTH_MAX <= 8 * sizeof((struct jsonw){0}.comma), "a bit for each level that can be read");

static unsigned __int128 level_bit(const struct jsonw *w)
{
    return (unsigned __int128)1 << (w->depth - 1);
}

/* Before every value: the comma between elements; in an object a key must have been written. */
static void before_value(struct jsonw *w)
{
    if (w->key) {
        w->key = false;
        return;
    }
    if (w->depth == 0)
        return;
    TAU_ASSERT(!(w->object & level_bit(w)));
    if (w->comma & level_bit(w))
        buf_putc(w->out, ',');
    w->comma |= level_bit(w);
}

static void open_level(struct jsonw *w, char bracket, bool object)
{
    before_value(w);
    TAU_ASSERT(w->depth < JSON_DEPTH_MAX);
    w->depth++;
    w->comma &= ~level_bit(w);
    w->object = object ? w->object | level_bit(w) : w->object & ~level_bit(w);
    buf_putc(w->out, bracket);
}

static void close_level(struct jsonw *w, char bracket, bool object)
{
    TAU_ASSERT(w->depth > 0 && !w->key && object == !!(w->object & level_bit(w)));
    w->depth--;
    buf_putc(w->out, bracket);
}

void jsonw_begin_object(struct jsonw *w)
{
    open_level(w, '{', true);
}

void jsonw_end_object(struct jsonw *w)
{
    close_level(w, '}', true);
}

void jsonw_begin_array(struct jsonw *w)
{
    open_level(w, '[', false);
}

void jsonw_end_array(struct jsonw *w)
{
    close_level(w, ']', false);
}

/* A run of characters past ASCII, copied at once; an invalid byte ends it. */
static size_t copy_run(struct buf *out, struct str s)
{
    size_t at = 0, bytes;
    while (at < s.n && (unsigned char)s.p[at] >= 0x80) {
        utf8_next(str_sub(s, at, s.n), &bytes);
        if (bytes == 1) {
            buf_add(out, s.p, at);
            buf_puts(out, "\xEF\xBF\xBD");
            return at + 1;
        }
        at += bytes;
    }
    buf_add(out, s.p, at);
    return at;
}

/* What is not plain at the front; returns the bytes it took. */
static size_t escape(struct buf *out, struct str s)
{
    static const char short_forms[] = "btn_fr"; /* 0x08 .. 0x0D; there is none for 0x0B */
    unsigned char c = (unsigned char)s.p[0];
    if (c >= 0x80)
        return copy_run(out, s);
    if (c == '"' || c == '\\') {
        buf_add(out, (char[]){'\\', (char)c}, 2);
    } else if (c >= 0x08 && c <= 0x0D && c != 0x0B) {
        buf_add(out, (char[]){'\\', short_forms[c - 0x08]}, 2);
    } else if (c == 0) {
        buf_puts(out, "\xEF\xBF\xBD");
    } else {
        buf_printf(out, "\\u%04x", c);
    }
    return 1;
}

static void quote(struct buf *out, struct str s)
{
    buf_putc(out, '"');
    while (s.n) {
        size_t n = plain_run(s);
        if (n)
            buf_add(out, s.p, n);
        if (n < s.n)
            n += escape(out, str_sub(s, n, s.n));
        s = str_sub(s, n, s.n);
    }
    buf_putc(out, '"');
}

void jsonw_key(struct jsonw *w, const char *key)
{
    TAU_ASSERT(w->depth > 0 && !w->key && (w->object & level_bit(w)));
    if (w->comma & level_bit(w))
        buf_putc(w->out, ',');
    w->comma |= level_bit(w);
    quote(w->out, str_of(key));
    buf_putc(w->out, ':');
    w->key = true;
}

void jsonw_str(struct jsonw *w, struct str s)
{
    before_value(w);
    quote(w->out, s);
}

void jsonw_cstr(struct jsonw *w, const char *s)
{
    if (s)
        jsonw_str(w, str_of(s));
    else
        jsonw_null(w);
}

void jsonw_i64(struct jsonw *w, int64_t v)
{
    char text[24];
    char *p = text + sizeof(text);
    uint64_t rest = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
    do {
        *--p = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (v < 0)
        *--p = '-';
    before_value(w);
    buf_add(w->out, p, (size_t)(text + sizeof(text) - p));
}

void jsonw_f64(struct jsonw *w, double v)
{
    char text[32] = "null";
    for (int digits = 15; isfinite(v) && digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, v);
        if (strtod(text, NULL) == v)
            break;
    }
    before_value(w);
    buf_puts(w->out, text);
}

void jsonw_bool(struct jsonw *w, bool v)
{
    before_value(w);
    buf_puts(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
    before_value(w);
    buf_puts(w->out, "null");
}

void jsonw_raw(struct jsonw *w, struct str json)
{
    before_value(w);
    buf_str(w->out, json.n ? json : STR("null"));
}

void jsonw_put_str(struct jsonw *w, const char *key, struct str s)
{
    jsonw_key(w, key);
    jsonw_str(w, s);
}

void jsonw_put_cstr(struct jsonw *w, const char *key, const char *s)
{
    jsonw_key(w, key);
    jsonw_cstr(w, s);
}

void jsonw_put_i64(struct jsonw *w, const char *key, int64_t v)
{
    jsonw_key(w, key);
    jsonw_i64(w, v);
}

void jsonw_put_bool(struct jsonw *w, const char *key, bool v)
{
    jsonw_key(w, key);
    jsonw_bool(w, v);
}

void jsonw_put_raw(struct jsonw *w, const char *key, struct str json)
{
    jsonw_key(w, key);
    jsonw_raw(w, json);
}

void jsonw_opt_cstr(struct jsonw *w, const char *key, const char *s)
{
    if (s && s[0])
        jsonw_put_cstr(w, key, s);
}

void jsonw_opt_i64(struct jsonw *w, const char *key, int64_t v)
{
    if (v)
        jsonw_put_i64(w, key, v);
}

void jsonw_err(struct jsonw *w, const struct err *e)
{
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "reason_code", err_code_name(e->code));
    jsonw_put_cstr(w, "phase", err_phase_name(e->phase));
    jsonw_put_cstr(w, "message", e->message);
    jsonw_put_bool(w, "retryable", err_code_retryable(e->code));
    jsonw_put_i64(w, "attempt", e->attempt);
    jsonw_put_i64(w, "elapsed_ms", e->elapsed_ms);
    jsonw_put_cstr(w, "hint", err_hint_text(e));
    jsonw_end_object(w);
}

void json_read_err(const struct json *j, struct err *ret_e)
{
    struct err e = ERR_INIT;
    err_set(&e, err_code_find(json_cstr(json_get(j, "reason_code"), NULL)), "%s",
            json_cstr(json_get(j, "message"), ""));
    const char *hint = json_cstr(json_get(j, "hint"), "");
    if (strcmp(hint, err_hint_text(&e)) != 0)
        err_hint(&e, "%s", hint);
    e.phase = err_phase_find(json_cstr(json_get(j, "phase"), NULL));
    int64_t attempt = json_i64(json_get(j, "attempt"), 0);
    e.attempt = attempt >= 0 && attempt <= INT32_MAX ? (int)attempt : 0;
    e.elapsed_ms = json_i64(json_get(j, "elapsed_ms"), 0);
    *ret_e = e;
}
