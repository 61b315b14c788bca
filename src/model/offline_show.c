/* SPDX-License-Identifier: MIT
 *
 * offline_show: the kind show-file: a file, or some of its lines, as they are.
 */
#include "model/offline_kind.h"

#include <string.h>

enum { LINES_SHOWN = 200, HEAD_LINES = 20 };

enum { FORM_ALL, FORM_LINES, FORM_HEAD, FORM_TAIL };

/* The wanted lines as [from, to), of those that were read. */
static void wanted(const struct offline_turn *t, const struct offline_match *match,
                   const struct doc *d, size_t *from, size_t *to)
{
    int64_t n = 0, k = 0;
    char *first = offline_slot(t->a, match, SLOT_N, false);
    char *last = offline_slot(t->a, match, SLOT_M, false);
    bool has_n = first && str_i64(str_of(first), &n);
    bool has_m = last && str_i64(str_of(last), &k);
    *from = 0;
    *to = MIN(d->n, (size_t)LINES_SHOWN);
    if (match->form == FORM_HEAD)
        *to = MIN(d->n, has_n ? (size_t)n : HEAD_LINES);
    if (match->form == FORM_TAIL) {
        *to = d->n;
        *from = d->n - MIN(d->n, has_n ? (size_t)n : HEAD_LINES);
    }
    if (match->form == FORM_LINES && has_n) {
        *from = n > 0 ? MIN(d->n, (size_t)n - 1) : 0;
        *to = MIN(d->n, has_m ? (size_t)k : *from + 1);
    }
    *to = MAX(*from, *to);
    if (*to - *from > LINES_SHOWN)
        *to = *from + LINES_SHOWN;
}

static void say_lines(const struct offline_turn *t, const struct offline_match *match,
                      const struct doc *d, struct str path, struct offline_move *m)
{
    size_t from, to;
    if (d->n == 0) {
        offline_say(m, "`%.*s` is empty.\n", STR_ARG(path));
        return;
    }
    wanted(t, match, d, &from, &to);
    if (from == to) {
        offline_say(m, "`%.*s` has only %zu lines.\n", STR_ARG(path), d->n);
        return;
    }
    if (from == 0 && to == d->n && !d->more)
        offline_say(m, "`%.*s`, %zu line%s:\n\n```\n", STR_ARG(path), d->n, d->n == 1 ? "" : "s");
    else
        offline_say(m, "`%.*s`, lines %zu to %zu of %s%zu:\n\n```\n", STR_ARG(path), from + 1, to,
                    d->more ? "more than " : "", d->n);
    for (size_t i = from; i < to; i++)
        offline_say(m, "%.*s\n", STR_ARG(offline_clip(t->a, d->lines[i].text, 1000)));
    offline_say(m, "```\n");
}

static void show_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    struct doc d;
    const struct offline_result *failed;
    if (kind_take_directory(t, match, m))
        return;
    struct str path = doc_path(t->a, match->slots[SLOT_PATH]);
    switch (kind_read(t, &path, m, &d, &failed)) {
    case DOC_READING:
        return;
    case DOC_FAILED:
        kind_say_unread(t, path, failed, m);
        return;
    case DOC_READY:
        say_lines(t, match, &d, path, m);
    }
}

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_ALL,
            "show|cat|print|open|display|view|read|type|dump|output|list|see|give|get "
            "[me] [the] [whole|entire|full] [contents|content|file|text] [of] [the] [file] "
            "{path} [file]"),
    PATTERN(FORM_ALL, "cat|view|open|more|less|bat {path}"),
    PATTERN(FORM_ALL, "what is written|there in {path}"),
    PATTERN(FORM_ALL, "let me see|read {path}"),
    PATTERN(FORM_LINES,
            "show|print|display|read|give|view|list|get|cat|see|output|type [me] [the] line|"
            "lines [number] {n} [to|through|until|and|-] {m} of|in|from [the] [file] {path}"),
    PATTERN(FORM_LINES, "show|print|display|read|give|view|list|get|see [me] [the] line "
                        "[number] {n} of|in|from [the] [file] {path}"),
    PATTERN(FORM_LINES, "show|print|read [me] {path} line|lines {n} [to|through|until|-] {m}"),
    PATTERN(FORM_LINES, "show|print|read [me] {path} from [line] {n} to [line] {m}"),
    PATTERN(FORM_LINES, "show|print|read|open|view|cat [me] [the] [file] {path} [at] line|lines "
                        "{n}"),
    PATTERN(FORM_LINES, "what is|does [on|in] line {n} of|in {path} [say]"),
    PATTERN(FORM_LINES, "line|lines {n} [to|-] {m} of|in {path}"),
    PATTERN(FORM_LINES, "what is|stands|are [on|in|at] [the] line|lines {n} [to|through|until|and|-] {m} of|in {path}"),
    PATTERN(FORM_HEAD, "show|print|display|read|give|view|get [me] [the] first|top|head|"
                       "beginning|start {n} lines of|in|from [the] [file] {path}"),
    PATTERN(FORM_HEAD, "show|print|display|read|give|view|get [me] [the] first|top|head|"
                       "beginning|start [lines] of|in|from [the] [file] {path}"),
    PATTERN(FORM_HEAD, "head [-n] [of] {path}"),
    PATTERN(FORM_HEAD, "head -n {n} {path}"),
    PATTERN(FORM_HEAD, "how does {path} begin|start"),
    PATTERN(FORM_TAIL, "show|print|display|read|give|view|get [me] [the] last|bottom|tail|final "
                       "{n} lines of|in|from [the] [file] {path}"),
    PATTERN(FORM_TAIL, "show|print|display|read|give|view|get [me] [the] last|bottom|tail|end|"
                       "final [lines|part] of|in|from [the] [file] {path}"),
    PATTERN(FORM_TAIL, "tail [of] {path}"),
    PATTERN(FORM_TAIL, "tail -n {n} {path}"),
    PATTERN(FORM_TAIL, "how does {path} end"),
    PATTERN_END,
};

static const char *const examples[] = {
    "show lines 10 to 20 of src/main.c",
    "show README.md",
    "show the last 5 lines of build.log",
    NULL,
};

const struct offline_kind offline_show = {
    .name = "show-file",
    .help = "show a file, or some of its lines, as they are",
    .words = "show cat print open display view lines line head tail contents first last",
    .examples = examples,
    .patterns = patterns,
    .plan = show_plan,
};
