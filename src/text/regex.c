/* SPDX-License-Identifier: MIT
 *
 * regex: PCRE2 with every limit that it has. The match limit counts steps from one starting place,
 * and a single step may run over the whole subject; therefore the limit shrinks as subjects grow,
 * and every pattern begins with a callout, which PCRE2 runs at each starting place and which ends
 * the match when its time is used up.
 *
 * Subjects are made valid UTF-8 before PCRE2 sees them: an invalid byte becomes one SUB (U+001A),
 * so that offsets stay and "." matches it.
 */
#include "text/regex.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "text/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATTERN_MAX = 16 << 10,
    PATTERN_DEPTH_MAX = 100,
    MATCH_STEPS_MAX = 1000000, /* per starting place, in short subjects */
    MATCH_DEPTH_MAX = 10000,   /* used when there is no JIT */
    MATCH_HEAP_KIB = 16 << 10,
    JIT_STACK_BYTES = 512 << 10,
    FIND_TIME_US = 1000000,
    /* How often the clock is looked at: in a long subject one start may take long already. */
    STARTS_PER_LOOK = 16,
    LONG_SUBJECT = 4096,
};

/* Steps times bytes of the subject: what one starting place may cost. */
#define MATCH_WORK_MAX (UINT64_C(1) << 32)

struct regex {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    struct buf clean; /* the subject when it was not valid */
    uint64_t starts;
    int64_t deadline_us;
};

/* "(?C1)" at every starting place. A value other than 0 ends the match with that value. */
static int on_start(pcre2_callout_block *block, void *data)
{
    struct regex *r = data;
    if (++r->starts % STARTS_PER_LOOK && block->subject_length < LONG_SUBJECT)
        return 0;
    if (r->deadline_us == 0)
        r->deadline_us = clock_mono_us() + FIND_TIME_US;
    return clock_mono_us() > r->deadline_us ? PCRE2_ERROR_CALLOUT : 0;
}

static pcre2_code *compile(struct str pattern, bool ignore_case, struct err *e)
{
    static const char callout[] = "(?C1)";
    const size_t shift = sizeof(callout) - 1;
    int code;
    size_t at;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    TAU_ASSERT(context);
    pcre2_set_parens_nest_limit(context, PATTERN_DEPTH_MAX);
    buf_puts(&text, callout);
    buf_str(&text, pattern);
    pcre2_code *re =
        pcre2_compile((PCRE2_SPTR)text.data, text.len,
                      PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | (ignore_case ? PCRE2_CASELESS : 0),
                      &code, &at, context);
    pcre2_compile_context_free(context);
    if (!re) {
        PCRE2_UCHAR message[256];
        pcre2_get_error_message(code, message, sizeof(message));
        at = at > shift ? at - shift : 0;
        err_set(e, ERR_INVALID, "pattern, byte %zu: %s", MIN(at, pattern.n), (const char *)message);
    }
    return re;
}

struct regex *regex_new(struct str pattern, bool ignore_case, struct err *e)
{
    if (pattern.n > PATTERN_MAX) {
        err_set(e, ERR_INVALID, "pattern: %zu bytes, at most %d", pattern.n, PATTERN_MAX);
        return NULL;
    }
    pcre2_code *code = compile(pattern, ignore_case, e);
    if (!code)
        return NULL;
    struct regex *r = NEW(struct regex);
    *r = (struct regex){.code = code, .clean = BUF_OWN};
    r->context = pcre2_match_context_create(NULL);
    r->data = pcre2_match_data_create(1, NULL);
    TAU_ASSERT(r->context && r->data);
    pcre2_set_depth_limit(r->context, MATCH_DEPTH_MAX);
    pcre2_set_heap_limit(r->context, MATCH_HEAP_KIB);
    pcre2_set_callout(r->context, on_start, r);
    /* Where the JIT can not run (no executable memory) PCRE2 interprets: slower, same result. */
    if (pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0) {
        r->stack = pcre2_jit_stack_create(JIT_STACK_BYTES / 16, JIT_STACK_BYTES, NULL);
        pcre2_jit_stack_assign(r->context, NULL, r->stack);
    }
    return r;
}

void regex_free(struct regex *r)
{
    if (!r)
        return;
    pcre2_match_data_free(r->data);
    pcre2_match_context_free(r->context);
    pcre2_jit_stack_free(r->stack);
    pcre2_code_free(r->code);
    buf_free(&r->clean);
    free(r);
}

void regex_free_p(struct regex **r)
{
    regex_free(*r);
    *r = NULL;
}

/* A copy of the subject, as long, with SUB for every invalid byte. */
static struct str make_valid(struct regex *r, struct str s)
{
    buf_clear(&r->clean);
    while (s.n) {
        bool cut;
        size_t good = utf8_valid_prefix(s, &cut);
        buf_add(&r->clean, s.p, good);
        if (good < s.n)
            buf_putc(&r->clean, '\x1A');
        s = str_sub(s, good + 1, s.n);
    }
    return buf_view(&r->clean);
}

enum regex_result regex_find(struct regex *r, struct str subject, size_t from, size_t *ret_start,
                             size_t *ret_end)
{
    if (from > subject.n)
        return REGEX_NO;
    if (subject.n > REGEX_SUBJECT_MAX)
        return REGEX_LIMIT;
    if (!utf8_valid(subject))
        subject = make_valid(r, subject);
    while (from < subject.n && ((unsigned char)subject.p[from] & 0xC0) == 0x80)
        from++;
    uint64_t steps = MATCH_WORK_MAX / MAX(subject.n, (size_t)1);
    pcre2_set_match_limit(r->context, (uint32_t)MIN(steps, (uint64_t)MATCH_STEPS_MAX));
    r->starts = 0;
    r->deadline_us = 0;
    int rc = pcre2_match(r->code, (PCRE2_SPTR)(subject.p ? subject.p : ""), subject.n, from,
                         PCRE2_NO_UTF_CHECK, r->data, r->context);
    if (rc == PCRE2_ERROR_NOMATCH)
        return REGEX_NO;
    if (rc < 0)
        return REGEX_LIMIT;
    const size_t *offsets = pcre2_get_ovector_pointer(r->data);
    *ret_start = offsets[0];
    *ret_end = offsets[1];
    return REGEX_YES;
}
