/* SPDX-License-Identifier: MIT
 *
 * toolrow: one call of a tool as rows.
 */
#include "ui/vm/toolrow.h"

#include "contract/states.h"
#include "ui/vm/transcript.h"
#include "json/json.h"
#include "text/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { INDENT = 3, ARGUMENT_ROWS = 12, ARGUMENT_BYTES = 600, FILES_MAX = 20, SUBJECT_MAX = 400 };

void duration_text(int64_t ms, char *buf, size_t size)
{
    if (ms < 0)
        ms = 0;
    if (ms < 1000)
        snprintf(buf, size, "%" PRId64 "ms", ms);
    else if (ms < 10000)
        snprintf(buf, size, "%" PRId64 ".%" PRId64 "s", ms / 1000, ms % 1000 / 100);
    else if (ms < 60000)
        snprintf(buf, size, "%" PRId64 "s", ms / 1000);
    else if (ms < 3600000)
        snprintf(buf, size, "%" PRId64 "m%02" PRId64 "s", ms / 60000, ms / 1000 % 60);
    else
        snprintf(buf, size, "%" PRId64 "h%02" PRId64 "m", ms / 3600000, ms / 60000 % 60);
}

void age_text(int64_t ms, char *buf, size_t size)
{
    static const struct {
        int64_t ms;
        char unit;
    } units[] = {{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};
    size_t i = 0;
    while (i + 1 < ARRAY_LEN(units) && ms < units[i].ms)
        i++;
    snprintf(buf, size, "%" PRId64 "%c", MAX((int64_t)0, ms) / units[i].ms, units[i].unit);
}

enum { COLUMN_TOOL, COLUMN_CALL, COLUMN_CHANGE, COLUMN_STATE, COLUMN_TOOK };

static bool asks(const struct rec_approval *a)
{
    return a && strcmp(a->status, state_name(STATE_APPROVAL_REQUESTED)) == 0;
}

static enum state_id state_of(const struct rec_tool *tool)
{
    return state_find(MACHINE_TOOL, tool->status);
}

bool toolrow_folds(const struct rec_tool *tool, const struct rec_approval *approval)
{
    return !asks(approval) && state_of(tool) != STATE_TOOL_STARTED;
}

/* Arguments as the model sent them need not be JSON, nor an object. */
static bool is_object(const struct json *args)
{
    return args && json_type(args) == JSON_OBJECT;
}

/* What the call is about, in a few words: the first argument that is text. before: what stands between it
 * and the name. */
static void add_subject(struct doc *d, const struct json *args, struct str raw, const char *before)
{
    struct str subject = is_object(args) ? STR("") : raw;
    for (const struct json *m = is_object(args) ? json_first(args) : NULL; m; m = json_next(m)) {
        if (json_type(m) == JSON_STRING) {
            subject = json_str(m);
            break;
        }
    }
    if (subject.n == 0)
        return;
    doc_puts(d, LOOK_TEXT, before);
    doc_add(d, LOOK_TOOL_ARG, utf8_clip(subject, SUBJECT_MAX));
}

/* Lines added and removed in all files that it changed; false when it says nothing of that. */
static bool diff_sum(const char *files, int64_t *ret_added, int64_t *ret_removed)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = files ? json_parse(str_of(files), &e) : NULL;
    *ret_added = *ret_removed = 0;
    bool any = false;
    for (const struct json *f = j ? json_first(j) : NULL; f; f = json_next(f)) {
        any |= json_get(f, "added") || json_get(f, "removed");
        *ret_added += json_i64(json_get(f, "added"), 0);
        *ret_removed += json_i64(json_get(f, "removed"), 0);
    }
    return any;
}

/* "+3 -1"; empty when it changed no file. */
static void change_text(const struct rec_tool *t, char *buf, size_t size)
{
    int64_t added, removed;
    buf[0] = '\0';
    if (diff_sum(t->files, &added, &removed))
        snprintf(buf, size, "+%" PRId64 " -%" PRId64, added, removed);
}

/* How it stands, or how it ended. */
static enum look state_text(const struct toolrow *in, char *buf, size_t size)
{
    const struct rec_tool *t = in->tool;
    enum state_id state = state_of(t);
    bool failed = t->exit != I64_NONE && t->exit != 0;
    if (asks(in->approval) || state == STATE_TOOL_STARTED || state == STATE_TOOL_PROPOSED) {
        snprintf(buf, size, "%s", asks(in->approval) ? "asks" : state == STATE_TOOL_STARTED ? "runs" : "waits");
        return LOOK_RUNS;
    }
    if (failed)
        snprintf(buf, size, "exit %" PRId64, t->exit);
    else if (state == STATE_TOOL_COMPLETED)
        snprintf(buf, size, "ok");
    else
        snprintf(buf, size, "%s", state == STATE_TOOL_TIMED_OUT ? "timed out" : t->status);
    return failed || state != STATE_TOOL_COMPLETED ? LOOK_FAIL : LOOK_OK;
}

static void took_text(const struct rec_tool *t, char *buf, size_t size)
{
    buf[0] = '\0';
    if (t->ended_ms && t->started_ms)
        duration_text(t->ended_ms - t->started_ms, buf, size);
}

static void add_state(struct doc *d, const struct toolrow *in)
{
    char text[96], part[64];
    change_text(in->tool, part, sizeof(part));
    if (part[0]) {
        snprintf(text, sizeof(text), "%s  ", part);
        doc_right(d, LOOK_DIM, text);
    }
    enum look look = state_text(in, text, sizeof(text));
    doc_right(d, look, text);
    took_text(in->tool, part, sizeof(part));
    if (part[0]) {
        snprintf(text, sizeof(text), "  %5s", part); /* below one another */
        doc_right(d, LOOK_DIM, text);
    }
}

/* One "name: value" a line, strings as text, the rest as JSON. */
static void add_arguments(struct doc *d, const struct json *args, struct str raw, int width)
{
    size_t first = d->rows.n;
    if (!is_object(args)) {
        doc_tail(d, INDENT, width, LOOK_DIM, raw, ARGUMENT_ROWS);
        return;
    }
    CLEANUP(arena_free) struct arena a = ARENA_INIT;
    for (const struct json *m = json_first(args); m; m = json_next(m)) {
        if (d->rows.n - first >= ARGUMENT_ROWS) {
            doc_row(d, INDENT);
            doc_puts(d, LOOK_DIM, "...");
            return;
        }
        struct str value = json_type(m) == JSON_STRING ? json_str(m) : str_of(json_text(m, &a));
        struct str shown = utf8_clip(value, ARGUMENT_BYTES);
        char *line = arena_printf(&a, "%s: %.*s%s", json_key(m), STR_ARG(shown), shown.n < value.n ? " ..." : "");
        doc_text(d, INDENT, width, LOOK_DIM, NULL, LOOK_DIM, str_of(line));
    }
}

static void add_files(struct doc *d, const char *files)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = files ? json_parse(str_of(files), &e) : NULL;
    size_t n = 0;
    for (const struct json *f = j ? json_first(j) : NULL; f; f = json_next(f)) {
        if (++n > FILES_MAX)
            break;
        doc_row(d, INDENT);
        doc_printf(d, LOOK_TEXT, "%s %s", json_cstr(json_get(f, "change"), "changed"),
                   json_cstr(json_get(f, "path"), "?"));
        if (json_get(f, "added") || json_get(f, "removed"))
            doc_printf(d, LOOK_DIM, "  +%" PRId64 " -%" PRId64, json_i64(json_get(f, "added"), 0),
                       json_i64(json_get(f, "removed"), 0));
        if (json_get(f, "restorable") && !json_bool(json_get(f, "restorable"), true))
            doc_puts(d, LOOK_FAIL, "  can not be restored");
    }
}

/* False when there is no failure object. */
static bool read_failure(const char *error, struct err *ret)
{
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = error ? json_parse(str_of(error), &e) : NULL;
    *ret = ERR_INIT;
    if (j)
        json_read_err(j, ret);
    return j != NULL;
}

static void add_error(struct doc *d, const char *error, int width)
{
    struct err failure;
    if (!read_failure(error, &failure))
        return;
    doc_text(d, INDENT, width, LOOK_FAIL, NULL, LOOK_FAIL, str_of(failure.message));
    if (err_hint_text(&failure)[0])
        doc_text(d, INDENT, width, LOOK_DIM, NULL, LOOK_DIM, str_of(err_hint_text(&failure)));
}

/* What came of it, in a line: its summary, or why it failed. */
static void add_summary(struct doc *d, const struct rec_tool *t)
{
    struct err failure;
    if (t->summary && t->summary[0]) {
        doc_puts(d, LOOK_DIM, "  ");
        doc_puts(d, LOOK_DIM, t->summary);
    } else if (read_failure(t->error, &failure)) {
        doc_puts(d, LOOK_DIM, "  ");
        doc_puts(d, LOOK_DIM, failure.message);
    }
}

static void add_output(struct doc *d, const struct toolrow *in, size_t max)
{
    struct str result = body_view(in->tool->result), text = result;
    CLEANUP(buf_free) struct buf all = BUF_OWN;
    if (result.n == 0) {
        buf_str(&all, body_view(in->tool->output));
        buf_str(&all, in->live);
        text = buf_view(&all);
    }
    if (text.n == 0)
        return;
    if (doc_is_diff(text)) {
        struct doc_mark before = doc_mark(d);
        diff_rows(d, INDENT, in->width, in->diff, text);
        if (d->rows.n - before.rows <= max)
            return;
        doc_rewind(d, before);
    }
    doc_tail(d, INDENT, in->width, LOOK_TEXT, text, max);
}

static void add_preview(struct doc *d, const struct rec_approval *a, int width, enum diff_style style)
{
    struct str text = body_view(a->preview);
    size_t first = d->rows.n;
    if (text.n == 0)
        return;
    diff_rows(d, INDENT, width, style, text);
    if (d->rows.n - first <= TRANSCRIPT_ASK_ROWS)
        return;
    size_t more = d->rows.n - first - (TRANSCRIPT_ASK_ROWS - 1);
    d->rows.n = first + TRANSCRIPT_ASK_ROWS - 1;
    doc_row(d, INDENT);
    doc_printf(d, LOOK_DIM, "... %zu more rows: d shows all", more);
}

void toolrow_make(struct doc *d, const struct toolrow *in)
{
    struct err e = ERR_INIT;
    const struct rec_tool *t = in->tool;
    struct str raw = body_view(t->arguments);
    CLEANUP(json_free_p) struct json *args = raw.n ? json_parse(raw, &e) : NULL;
    doc_row(d, 1);
    doc_puts(d, LOOK_DIM, in->folded ? "> " : "v ");
    doc_puts(d, LOOK_TOOL, t->name);
    add_subject(d, args, raw, "  ");
    if (in->folded)
        add_summary(d, t);
    add_state(d, in);
    if (in->folded)
        return;
    bool ended = rec_table[REC_TOOL].status >= 0 && state_ended(state_of(t));
    if (asks(in->approval)) {
        /* The line below the transcript may have no room for all of it. */
        CLEANUP(buf_free) struct buf why = BUF_OWN;
        buf_printf(&why, "%s; risk %s; rule: %s", in->approval->action, in->approval->risk,
                   in->approval->rule);
        doc_text(d, INDENT, in->width, LOOK_RUNS, NULL, LOOK_RUNS, buf_view(&why));
        if (in->approval->preview.len > 0)
            add_preview(d, in->approval, in->width, in->diff);
        else
            add_arguments(d, args, raw, in->width);
        return;
    }
    if (ended)
        add_arguments(d, args, raw, in->width);
    add_output(d, in, ended ? TRANSCRIPT_OPEN_ROWS : TRANSCRIPT_RUN_ROWS);
    add_error(d, t->error, in->width);
    add_files(d, t->files);
    if (t->truncated || t->artifact) {
        doc_row(d, INDENT);
        doc_printf(d, LOOK_DIM, "%" PRId64 " bytes in all%s%s", t->bytes,
                   t->artifact ? ", kept as " : "", t->artifact ? t->artifact : "");
    }
}

static const struct column names[] = {
    [COLUMN_TOOL] = {"TOOL", 6, 14, false},
    [COLUMN_CALL] = {"CALL", COLUMN_REST, COLUMN_REST, false},
    [COLUMN_CHANGE] = {"CHANGE", 0, 10, true},
    [COLUMN_STATE] = {"STATE", 6, 9, false},
    [COLUMN_TOOK] = {"TOOK", 6, 6, true},
};
const struct columns toolrow_columns = {.v = names, .n = ARRAY_LEN(names)};

void toolrow_put(struct doc *d, const struct toolrow *in)
{
    const struct columns *c = &toolrow_columns;
    const struct rec_tool *t = in->tool;
    struct err e = ERR_INIT;
    struct str raw = body_view(t->arguments);
    CLEANUP(json_free_p) struct json *args = raw.n ? json_parse(raw, &e) : NULL;
    char text[96];
    doc_row(d, 1);
    columns_put(d, c, COLUMN_TOOL, in->width, LOOK_TOOL, t->name);
    doc_column(d, COLUMN_CALL + 1);
    add_subject(d, args, raw, "");
    change_text(t, text, sizeof(text));
    if (text[0] && columns_cells(c, COLUMN_CHANGE, in->width) == 0) /* then before what can be missed */
        doc_printf(d, LOOK_DIM, "  %s", text);
    add_summary(d, t);
    columns_put(d, c, COLUMN_CHANGE, in->width, LOOK_DIM, text);
    enum look look = state_text(in, text, sizeof(text));
    columns_put(d, c, COLUMN_STATE, in->width, look, text);
    took_text(t, text, sizeof(text));
    columns_put(d, c, COLUMN_TOOK, in->width, LOOK_DIM, text);
}

void clock_text(int64_t wall_ms, char *buf, size_t size)
{
    time_t at = (time_t)(wall_ms / 1000);
    struct tm tm = {0};
    (void)localtime_r(&at, &tm);
    snprintf(buf, size, "%02d:%02d:%02d", tm.tm_hour, tm.tm_min, tm.tm_sec);
}
