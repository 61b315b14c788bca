/* SPDX-License-Identifier: MIT
 *
 * export_html: a transcript as one page of HTML without scripts and without anything from
 * elsewhere. Everything that was said is escaped text; a policy in the page forbids the rest.
 */
#include "cli/export.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n";

static const char style[] =
    "<style>\n"
    ":root { --fg: #1c1c1c; --bg: #fdfdfb; --soft: #6a6a68; --line: #dcdcd6; --user: #eef3f8;"
    " --bad: #a11d1d; }\n"
    "@media (prefers-color-scheme: dark) { :root { --fg: #dedede; --bg: #16181a; --soft: #95989a;"
    " --line: #34383b; --user: #20272e; --bad: #f28b82; } }\n"
    "body { color: var(--fg); background: var(--bg); font: 16px/1.5 system-ui, sans-serif;"
    " max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }\n"
    "header p, h2 { color: var(--soft); font-size: .85rem; font-weight: normal; margin: 0; }\n"
    "section { border-top: 1px solid var(--line); padding: .8rem 0; }\n"
    "section.user { background: var(--user); padding-left: .8rem; padding-right: .8rem; }\n"
    "pre, .said { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }\n"
    "pre { font: 13px/1.45 ui-monospace, monospace; border-left: 3px solid var(--line);"
    " padding-left: .8rem; }\n"
    "summary { cursor: pointer; color: var(--soft); font-size: .9rem; }\n"
    ".bad { color: var(--bad); }\n"
    "</style>\n";

static void escaped(struct buf *out, struct str text)
{
    struct buf visible = BUF_OWN;
    export_visible(&visible, text);
    for (size_t i = 0; i < visible.len; i++)
        switch (visible.data[i]) {
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        case '\'':
            buf_puts(out, "&#39;");
            break;
        default:
            buf_putc(out, visible.data[i]);
        }
    buf_free(&visible);
}

static void block(struct buf *out, const char *tag, const char *class, struct str text)
{
    /* A first line feed in a <pre> would be left out. */
    buf_printf(out, "<%s class=\"%s\">%s", tag, class, text.n && text.p[0] == '\n' ? "\n" : "");
    escaped(out, text);
    buf_printf(out, "</%s>\n", tag);
}

static void begin(struct export *x, const struct json *session, struct buf *out)
{
    struct str name = json_str(json_get(session, "name"));
    buf_puts(out, head);
    buf_puts(out, "<title>");
    escaped(out, name);
    buf_puts(out, "</title>\n");
    buf_puts(out, style);
    buf_puts(out, "</head>\n<body>\n<header>\n<h1>");
    escaped(out, name);
    buf_puts(out, "</h1>\n<p>Session ");
    escaped(out, json_str(json_get(session, "id")));
    buf_printf(out, ", made %s, ", export_time(x, json_get(session, "created_ms")));
    buf_count(out, json_i64(json_get(session, "turns"), 0), "turn");
    buf_puts(out, ", ");
    buf_count(out, json_i64(json_get(session, "input_tokens"), 0), "token");
    buf_printf(out, " sent, %lld made</p>\n</header>\n<main>\n",
               (long long)json_i64(json_get(session, "output_tokens"), 0));
}

static void open_section(struct export *x, struct buf *out, const char *class, const char *who,
                         const struct json *row)
{
    const char *model = json_cstr(json_get(row, "model"), "");
    buf_printf(out, "<section class=\"%s\">\n<h2>%s · %s", class, who,
               export_time(x, json_get(row, "ts_ms")));
    if (model[0] && class[0] == 'a') {
        buf_puts(out, " · ");
        escaped(out, str_of(model));
    }
    buf_puts(out, "</h2>\n");
}

static void failure(struct buf *out, const struct json *error)
{
    struct buf line = BUF_OWN;
    export_failure(&line, error);
    block(out, "p", "said bad", buf_view(&line));
    buf_free(&line);
}

static void call(struct buf *out, const struct json *row)
{
    struct buf line = BUF_OWN;
    export_call(&line, row);
    buf_puts(out, "<section class=\"tool\">\n<details>\n<summary>");
    escaped(out, buf_view(&line));
    buf_puts(out, "</summary>\n");
    block(out, "pre", "arguments", json_str(json_get(row, "arguments")));
    if (json_str(json_get(row, "text")).n)
        block(out, "pre", "result", json_str(json_get(row, "text")));
    if (json_get(row, "error"))
        failure(out, json_get(row, "error"));
    if (json_get(row, "artifact")) {
        buf_puts(out, "<p>All of it is artifact ");
        escaped(out, json_str(json_get(row, "artifact")));
        buf_puts(out, ".</p>\n");
    }
    buf_puts(out, "</details>\n</section>\n");
    buf_free(&line);
}

static void row(struct export *x, const struct json *row, struct str raw, struct buf *out)
{
    struct str kind = json_str(json_get(row, "kind"));
    struct str text = json_str(json_get(row, "text"));
    (void)raw;
    if (str_is(kind, "tool")) {
        call(out, row);
        return;
    }
    if (str_is(kind, "reasoning")) {
        buf_puts(out, "<section class=\"reasoning\">\n<details>\n<summary>reasoning</summary>\n");
        block(out, "div", "said", text);
        buf_puts(out, "</details>\n</section>\n");
        return;
    }
    if (str_is(kind, "pulled"))
        return;
    if (str_is(kind, "end")) {
        open_section(x, out, "end", "the turn did not complete", row);
        failure(out, json_get(row, "error"));
    } else {
        bool answer = str_is(kind, "text");
        open_section(x, out, answer ? "assistant" : "user",
                     answer                   ? "assistant"
                     : str_is(kind, "steer")  ? "user, meanwhile"
                     : str_is(kind, "unsent") ? "user, not sent"
                                              : "user",
                     row);
        block(out, "div", "said", text);
    }
    buf_puts(out, "</section>\n");
}

static void end(struct export *x, struct buf *out)
{
    (void)x;
    buf_puts(out, "</main>\n</body>\n</html>\n");
}

const struct export_format export_html = {
    .name = "html",
    .suffix = ".html",
    .query = QRY_TRANSCRIPT_AFTER,
    .cursor = "n",
    .begin = begin,
    .row = row,
    .end = end,
};
