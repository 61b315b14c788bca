/* SPDX-License-Identifier: MIT
 *
 * offline_move: making moves: calls, sentences, and what is said of a call that did not work.
 */
#include "model/offline.h"
#include "model/offline_words.h"

#include "text/utf8.h"
#include "json/jsonw.h"

#include <stdarg.h>
#include <string.h>

void offline_call(struct offline_move *m, const char *tool, ...)
{
    va_list ap;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    TAU_ASSERT(m->n_calls < OFFLINE_CALLS_MAX);
    jsonw_begin_object(&w);
    va_start(ap, tool);
    for (const char *name = va_arg(ap, const char *); name; name = va_arg(ap, const char *)) {
        const char *value = va_arg(ap, const char *);
        if (!value)
            continue;
        if (name[0] == '#')
            jsonw_put_raw(&w, name + 1, str_of(value));
        else
            jsonw_put_cstr(&w, name, value);
    }
    va_end(ap);
    jsonw_end_object(&w);
    m->calls[m->n_calls].tool = tool;
    m->calls[m->n_calls++].arguments = arena_strndup(m->a, buf_cstr(&b), b.len);
}

void offline_say(struct offline_move *m, const char *fmt, ...)
{
    va_list ap;
    if (!buf_ok(&m->text))
        return; /* a shorter piece may have room yet, but what comes before it is missing */
    va_start(ap, fmt);
    buf_vprintf(&m->text, fmt, ap);
    va_end(ap);
}

const char *offline_count(struct arena *a, int64_t n, const char *noun)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_count(&b, n, noun);
    return arena_strndup(a, buf_cstr(&b), b.len);
}

/* Reasons that mean somebody or some rule did not want it. */
static bool was_refused(struct str code)
{
    return list_has(
        "denied_by_policy|rejected_by_operator|approval_needs_operator|approval_expired|"
        "workspace_untrusted|protected_path|outside_roots|sandbox_unavailable|"
        "blocked_by_safety|role_too_low",
        code);
}

void offline_say_failed(struct offline_move *m, const struct offline_result *r, const char *what)
{
    struct offline_failure f = offline_failure(r);
    if (was_refused(f.code))
        offline_say(m,
                    "I wanted to %s, but was not allowed to, and nothing was done: %.*s (%.*s).\n",
                    what, STR_ARG(f.message), STR_ARG(f.code));
    else if (str_is(f.code, "cancelled") || str_is(f.code, "timed_out"))
        offline_say(m, "I began to %s, but it was stopped before its end: %.*s (%.*s).\n", what,
                    STR_ARG(f.message), STR_ARG(f.code));
    else
        offline_say(m, "I could not %s: %.*s (%.*s).\n", what, STR_ARG(f.message), STR_ARG(f.code));
}

struct str offline_clip(struct arena *a, struct str s, size_t max)
{
    bool cut;
    if (s.n <= max)
        return str_make(arena_strndup(a, s.p ? s.p : "", s.n), s.n);
    s.n = utf8_valid_prefix(str_sub(s, 0, max), &cut);
    return str_of(arena_printf(a, "%.*s ...", STR_ARG(s)));
}
