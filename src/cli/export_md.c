/* SPDX-License-Identifier: MIT
 *
 * export_md: a transcript as Markdown (CommonMark). Nothing that was said can end the block that it
 * stands in: questions are quoted, results are fenced by more backticks than they have, and what an
 * answer opens (a fence, a block of HTML) is closed or taken for text.
 */
#include "cli/export.h"

static void begin(struct export *x, const struct json *session, struct buf *out)
{
    buf_puts(out, "# ");
    CLEANUP(buf_free) struct buf visible = BUF_OWN;
    export_visible(&visible, json_str(json_get(session, "name")));
    struct str name = buf_view(&visible);
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '<' || name.p[i] == '\\' || name.p[i] == '#' || name.p[i] == '`' ||
            name.p[i] == '*' || name.p[i] == '_' || name.p[i] == '[')
            buf_printf(out, "\\%c", name.p[i]);
        else
            buf_putc(out, name.p[i]);
    buf_printf(out, "\n\nSession %s, made %s, ", json_cstr(json_get(session, "id"), ""),
               export_time(x, json_get(session, "created_ms")));
    buf_count(out, json_i64(json_get(session, "turns"), 0), "turn");
    buf_puts(out, ", ");
    buf_count(out, json_i64(json_get(session, "input_tokens"), 0), "token");
    buf_printf(out, " sent, %lld made.\n",
               (long long)json_i64(json_get(session, "output_tokens"), 0));
}

static void heading(struct export *x, struct buf *out, const char *who, const struct json *row)
{
    const char *model = json_cstr(json_get(row, "model"), "");
    buf_printf(out, "\n## %s · %s", who, export_time(x, json_get(row, "ts_ms")));
    if (model[0] && who[0] == 'A') {
        buf_puts(out, " · ");
        export_visible(out, str_of(model));
    }
    buf_puts(out, "\n\n");
}

static void quoted(struct buf *out, struct str text)
{
    struct buf visible = BUF_OWN;
    export_visible(&visible, text);
    struct str rest = buf_view(&visible), line;
    while (str_line(&rest, &line))
        buf_printf(out, line.n ? "> %.*s\n" : ">%.*s\n", STR_ARG(line));
    buf_free(&visible);
}

/* A fence that nothing in the text can close. */
static void fenced(struct buf *out, const char *language, struct str text)
{
    struct buf visible = BUF_OWN;
    size_t run = 0, longest = 2;
    export_visible(&visible, text);
    for (size_t i = 0; i < visible.len; i++) {
        run = visible.data[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    buf_fill(out, '`', longest + 1);
    buf_printf(out, "%s\n", language);
    buf_str(out, buf_view(&visible));
    if (visible.len && visible.data[visible.len - 1] != '\n')
        buf_putc(out, '\n');
    buf_fill(out, '`', longest + 1);
    buf_putc(out, '\n');
    buf_free(&visible);
}

/* Is it a fence? Its character and length, and whether more than the fence stands in the line. */
static bool is_fence(struct str line, char *ret_mark, size_t *ret_n, bool *ret_more)
{
    size_t indent = 0, n = 0;
    while (indent < line.n && line.p[indent] == ' ')
        indent++;
    if (indent > 3 || indent == line.n || (line.p[indent] != '`' && line.p[indent] != '~'))
        return false;
    line = str_sub(line, indent, line.n);
    while (n < line.n && line.p[n] == line.p[0])
        n++;
    struct str info = str_trim(str_sub(line, n, line.n));
    *ret_mark = line.p[0];
    *ret_n = n;
    *ret_more = info.n > 0;
    return n >= 3 && !(line.p[0] == '`' && str_index(info, '`') >= 0);
}

/* Where a block of HTML would begin in the line, or -1. */
static ssize_t html_at(struct str line)
{
    size_t i = 0;
    while (i < line.n && i < 3 && line.p[i] == ' ')
        i++;
    return i < line.n && line.p[i] == '<' ? (ssize_t)i : -1;
}

/* An answer is Markdown as it is, but for what would go on after its end. */
static void answer(struct buf *out, struct str text)
{
    struct buf visible = BUF_OWN;
    char open = 0, mark;
    size_t length = 0, n;
    bool more;
    export_visible(&visible, text);
    struct str rest = buf_view(&visible), line;
    while (str_line(&rest, &line)) {
        ssize_t at = open ? -1 : html_at(line);
        if (is_fence(line, &mark, &n, &more)) {
            if (!open) {
                open = mark;
                length = n;
            } else if (mark == open && n >= length && !more) {
                open = 0;
            }
        }
        if (at >= 0)
            buf_printf(out, "%.*s\\%.*s\n", (int)at, line.p,
                       STR_ARG(str_sub(line, (size_t)at, line.n)));
        else
            buf_printf(out, "%.*s\n", STR_ARG(line));
    }
    if (open) {
        buf_fill(out, open, length);
        buf_putc(out, '\n');
    }
    buf_free(&visible);
}

static void summary(struct buf *out, struct str text)
{
    buf_puts(out, "<summary>");
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '<')
            buf_puts(out, "&lt;");
        else if (text.p[i] == '&')
            buf_puts(out, "&amp;");
        else
            buf_putc(out, text.p[i] == '\n' ? ' ' : text.p[i]);
    buf_puts(out, "</summary>\n\n");
}

static void call(struct buf *out, const struct json *row)
{
    struct buf line = BUF_OWN;
    struct str result = json_str(json_get(row, "text"));
    const struct json *error = json_get(row, "error");
    export_call(&line, row);
    buf_puts(out, "\n<details>\n");
    summary(out, buf_view(&line));
    fenced(out, "json", json_str(json_get(row, "arguments")));
    if (result.n) {
        buf_putc(out, '\n');
        fenced(out, "", result);
    }
    if (error) {
        buf_clear(&line);
        export_failure(&line, error);
        buf_putc(out, '\n');
        quoted(out, buf_view(&line));
    }
    if (json_get(row, "artifact"))
        buf_printf(out, "\nAll of it is artifact %s.\n", json_cstr(json_get(row, "artifact"), ""));
    buf_puts(out, "\n</details>\n");
    buf_free(&line);
}

static void row(struct export *x, const struct json *row, struct str raw, struct buf *out)
{
    struct str kind = json_str(json_get(row, "kind"));
    struct str text = json_str(json_get(row, "text"));
    (void)raw;
    if (str_is(kind, "user") || str_is(kind, "steer") || str_is(kind, "unsent")) {
        heading(x, out,
                str_is(kind, "user")    ? "User"
                : str_is(kind, "steer") ? "User, meanwhile"
                                        : "User, not sent",
                row);
        quoted(out, text);
    } else if (str_is(kind, "text")) {
        heading(x, out, "Assistant", row);
        answer(out, text);
    } else if (str_is(kind, "reasoning")) {
        buf_puts(out, "\n<details>\n<summary>reasoning</summary>\n\n");
        quoted(out, text);
        buf_puts(out, "\n</details>\n");
    } else if (str_is(kind, "tool")) {
        call(out, row);
    } else if (str_is(kind, "end")) {
        struct buf line = BUF_OWN;
        export_failure(&line, json_get(row, "error"));
        heading(x, out, "The turn did not complete", row);
        quoted(out, buf_view(&line));
        buf_free(&line);
    }
}

const struct export_format export_md = {
    .name = "md",
    .suffix = ".md",
    .query = QRY_TRANSCRIPT_AFTER,
    .cursor = "n",
    .begin = begin,
    .row = row,
};
