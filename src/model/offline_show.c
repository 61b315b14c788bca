/* SPDX-License-Identifier: MIT
 *
 * offline_show: the kind show-file: a file, or some of its lines, as they are.
 */
#include "model/offline_kind.h"

#include <string.h>

enum { LINES_SHOWN = 200, HEAD_LINES = 20 };

enum { FORM_ALL, FORM_LINES, FORM_HEAD, FORM_TAIL, FORM_NOTHING };

/* A number of the match; `absent` when it has none, or none that is one. */
static int64_t number_of(const struct offline_turn *t, const struct offline_match *match,
                         enum offline_slot slot, int64_t absent)
{
    int64_t n;
    char *text = offline_slot(t->a, match, slot, false);
    return text && str_i64(str_of(text), &n) && n > 0 ? n : absent;
}

static struct doc_part wanted(const struct offline_turn *t, const struct offline_match *match)
{
    struct doc_part part = {.from = 1, .to = LINES_SHOWN};
    int64_t most = MIN(number_of(t, match, SLOT_N, HEAD_LINES), (int64_t)LINES_SHOWN);
    if (match->form == FORM_HEAD)
        part.to = most;
    if (match->form == FORM_TAIL)
        part = (struct doc_part){.from = -most, .to = INT64_MAX};
    if (match->form == FORM_LINES) {
        part.from = number_of(t, match, SLOT_N, 1);
        part.to = number_of(t, match, SLOT_M, part.from);
    }
    return part;
}

static void say_lines(const struct offline_turn *t, const struct doc *d,
                      const struct doc_part *part, struct str path, struct offline_move *m)
{
    int64_t read = d->n ? d->lines[d->n - 1].number : 0;
    int64_t from = part->from < 0 ? MAX(d->total + part->from + 1, 1) : part->from;
    int64_t to = MIN(MIN(part->to, from + LINES_SHOWN - 1), read);
    if (d->n == 0) {
        offline_say(m, "`%.*s` is empty.\n", STR_ARG(path));
        return;
    }
    if (part->to < from) {
        offline_say(m, "Line %lld comes after line %lld: name the first one first.\n",
                    (long long)from, (long long)part->to);
        return;
    }
    if ((part->from < 0 && !d->total) || (from > read && d->more && !d->total)) {
        offline_say(m, "`%.*s` is too large for me to get there; `run \"tail -n 20 FILE\"` or "
                       "`run \"sed -n 5,9p FILE\"` does.\n", STR_ARG(path));
        return;
    }
    if (from > read) {
        offline_say(m, "`%.*s` has only %s.\n", STR_ARG(path), offline_count(t->a, d->total, "line"));
        return;
    }
    if (from == 1 && to == d->total)
        offline_say(m, "`%.*s`, %s:\n", STR_ARG(path), offline_count(t->a, to, "line"));
    else
        offline_say(m, "`%.*s`, line%s of %s%lld:\n", STR_ARG(path),
                    from == to ? arena_printf(t->a, " %lld", (long long)from)
                               : arena_printf(t->a, "s %lld to %lld", (long long)from, (long long)to),
                    d->total ? "" : "more than ", (long long)(d->total ? d->total : read));
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    for (size_t i = 0; i < d->n; i++) {
        const struct doc_line *line = &d->lines[i];
        if (line->number < from || line->number > to)
            continue;
        struct str text = offline_clip(t->a, line->text, 1000);
        buf_printf(&lines, "%.*s%s\n", STR_ARG(text), line->cut && text.n == line->text.n ? " ..." : "");
    }
    kind_say_fenced(m, "", buf_view(&lines));
}

static void show_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    struct doc d;
    const struct offline_result *failed;
    struct doc_part part = wanted(t, match);
    if (match->form == FORM_NOTHING) {
        offline_say(m, "Of which file? For example: `show line %lld of README.md`.\n",
                    (long long)number_of(t, match, SLOT_N, 1));
        return;
    }
    if (kind_take_directory(t, match, m))
        return;
    struct str path = doc_path(t->a, match->slots[SLOT_PATH]);
    switch (kind_read_part(t, &path, &part, m, &d, &failed)) {
    case DOC_READING:
        return;
    case DOC_FAILED:
        kind_say_unread(t, path, failed, m);
        return;
    case DOC_READY:
        say_lines(t, &d, &part, path, m);
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
    PATTERN(FORM_LINES, "what's on|in|at [the] line [number] {n} of|in [the] [file] {path}"),
    PATTERN(FORM_LINES, "what's on|in|at [the] lines {n} [to|through|until|and|-] {m} of|in [the] "
                        "[file] {path}"),
    PATTERN(FORM_HEAD, "show|print|display|read|give|view|get [me] [the] first|top|head|"
                       "beginning|start {n} lines of|in|from [the] [file] {path}"),
    PATTERN(FORM_HEAD, "show|print|display|read|give|view|get [me] [the] first|top|head|"
                       "beginning|start [lines] of|in|from [the] [file] {path}"),
    PATTERN(FORM_HEAD, "[the] first|top {n} lines of|in|from [the] [file] {path}"),
    PATTERN(FORM_TAIL, "[the] last|bottom {n} lines of|in|from [the] [file] {path}"),
    PATTERN(FORM_NOTHING, "show|print|display|read|give|view|see [me] [the] line|lines [number] {n} [to|through|"
                          "until|and|-] {m}"),
    PATTERN(FORM_NOTHING, "show|print|display|read|give|view|see [me] [the] line|lines [number] {n}"),
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
