/* SPDX-License-Identifier: MIT
 *
 * err: the failure object. Texts are cut at whole characters, since they go to JSON.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_code;
    int http;
    bool retryable;
    const char *hint;
} rows[ERR_COUNT] = {
#define ERR(id, name, exit, http, retry, hint) [ERR_##id] = {name, exit, http, retry, hint},
#include "base/errors.def"
#undef ERR
};

static const char *const phases[PHASE_COUNT] = {
#define X(id, name) [PHASE_##id] = name,
    ERR_PHASES(X)
#undef X
};

void assert_failed(const char *cond, const char *file, int line)
{
    fprintf(stderr, "tau: broken promise at %s:%d: %s\n", file, line, cond);
    abort();
}

/* Drops the bytes of a character that the end of the buffer cut in two. */
static void trim_cut_character(char *s)
{
    size_t n = strlen(s);
    size_t i = n;
    while (i > 0 && n - i < 4 && ((unsigned char)s[i - 1] & 0xC0) == 0x80)
        i--;
    if (i == 0)
        return;
    unsigned char lead = (unsigned char)s[i - 1];
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (lead >= 0xC0 && n - (i - 1) < want)
        s[i - 1] = '\0';
}

static void put(char *dst, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(dst, size, fmt, ap);
    if (n < 0)
        dst[0] = '\0';
    else if ((size_t)n >= size)
        trim_cut_character(dst);
}

bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
    va_list ap;
    e->code = code;
    e->attempt = 0;
    e->elapsed_ms = 0;
    e->retry_after_ms = 0;
    e->hint[0] = '\0';
    va_start(ap, fmt);
    put(e->message, sizeof(e->message), fmt, ap);
    va_end(ap);
    return false;
}

bool err_sys(struct err *e, enum err_code code, int errnum, const char *fmt, ...)
{
    char text[ERR_MESSAGE_MAX];
    char name[128];
    va_list ap;
    va_start(ap, fmt);
    put(text, sizeof(text), fmt, ap);
    va_end(ap);
    if ((errnum == ENOSPC || errnum == EDQUOT) && (code == ERR_IO || code == ERR_STORE))
        code = ERR_STORE_FULL;
    return err_set(e, code, "%s: %s", text, strerror_r(errnum, name, sizeof(name)));
}

bool err_wrap(struct err *e, const char *fmt, ...)
{
    char text[ERR_MESSAGE_MAX];
    char old[ERR_MESSAGE_MAX];
    va_list ap;
    va_start(ap, fmt);
    put(text, sizeof(text), fmt, ap);
    va_end(ap);
    memcpy(old, e->message, sizeof(old));
    int n = snprintf(e->message, sizeof(e->message), "%s: %s", text, old);
    if (n >= (int)sizeof(e->message))
        trim_cut_character(e->message);
    return false;
}

bool err_hint(struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    put(e->hint, sizeof(e->hint), fmt, ap);
    va_end(ap);
    return false;
}

const char *err_code_name(enum err_code code)
{
    return rows[code].name;
}

int err_code_exit(enum err_code code)
{
    return rows[code].exit_code;
}

int err_code_http(enum err_code code)
{
    return rows[code].http;
}

bool err_code_retryable(enum err_code code)
{
    return rows[code].retryable;
}

enum err_code err_code_find(const char *name)
{
    for (size_t i = 0; i < ERR_COUNT; i++)
        if (name && strcmp(rows[i].name, name) == 0)
            return (enum err_code)i;
    return ERR_INTERNAL;
}

const char *err_phase_name(enum err_phase phase)
{
    return phases[phase];
}

enum err_phase err_phase_find(const char *name)
{
    for (size_t i = 0; i < PHASE_COUNT; i++)
        if (name && strcmp(phases[i], name) == 0)
            return (enum err_phase)i;
    return PHASE_NONE;
}

const char *err_hint_text(const struct err *e)
{
    return e->hint[0] ? e->hint : rows[e->code].hint;
}
