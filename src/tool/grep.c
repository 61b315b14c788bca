/* SPDX-License-Identifier: MIT
 *
 * grep: lines that match a regular expression, in one file or in all that git does not ignore.
 */
#include "tool/builtin.h"

#include "base/fs.h"
#include "text/glob.h"
#include "text/regex.h"
#include "tool/walk.h"

#include <fcntl.h>
#include <string.h>

enum {
    GREP_RESULTS = 50,
    GREP_RESULTS_MAX = 1000,
    GREP_CONTEXT_MAX = 20,
    GREP_PATTERN_MAX = 4096,
    GREP_FILE_MAX = 16 << 20,    /* bytes of a file that is searched */
    GREP_BYTES_MAX = 1 << 30,    /* of all files of one call */
    GREP_LINE_MAX = 400,         /* bytes of a line that are shown */
    GREP_LINES_PER_CHECK = 4096, /* between two looks at the token */
};

struct grep_args {
    const char *pattern, *path, *include;
    bool ignore_case;
    int64_t context, max_results;
};
FIELD_SET(grep_set, "grep", struct grep_args,
          FIELD_ROW(struct grep_args, STR, REQ, pattern,
                    "regular expression of Perl's kind, matched line by line",
                    .max = GREP_PATTERN_MAX),
          FIELD_ROW(struct grep_args, STR, OPT, path,
                    "file or directory to search; absent: the workspace"),
          FIELD_ROW(struct grep_args, STR, OPT, include,
                    "only files whose name (or path, with a slash) matches: *.c", .max = 1024),
          FIELD_ROW(struct grep_args, BOOL, OPT, ignore_case, "capitals are as small letters"),
          FIELD_ROW(struct grep_args, I64, OPT, context, "lines before and after each match",
                    .min = 0, .max = GREP_CONTEXT_MAX),
          FIELD_ROW(struct grep_args, I64, OPT, max_results, "matching lines; 50 unless given",
                    .min = 1, .max = GREP_RESULTS_MAX));

static bool grep_intend(struct tool_call *call, const void *args, struct tool_intent *ret,
                        struct err *e)
{
    const struct grep_args *a = args;
    char *path = call_path(call, a->path, e);
    if (!path)
        return false;
    ret->action =
        arena_printf(call->arena, "search %s for %s", *path ? path : "the workspace", a->pattern);
    ret->paths[0].path = a->path ? a->path : ".";
    ret->paths[0].write = false;
    ret->n_paths = 1;
    return true;
}

struct search {
    struct tool_call *call;
    const struct grep_args *args;
    struct regex *regex;
    size_t max, context;
    bool plain; /* see is_plain() */
    struct buf out, text;
    size_t matches, files_hit, files, too_large;
    size_t hidden; /* files that policy keeps from being shown */
    int64_t bytes;
    bool more, limited, out_of_bytes, failed;
    struct err *e;
};

/* ---- one file ---- */

/* Does the pattern look at nothing but the characters it matches? Then a file in which it does not
 * match anywhere has no line in which it does, and one search tells. Doubt is no: anchors,
 * lookarounds and possessive repeats behave otherwise at the end of a line. */
static bool is_plain(struct str pattern)
{
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i], next = i + 1 < pattern.n ? pattern.p[i + 1] : '\0';
        if (strchr("^$", c) || (c == '(' && strchr("?*", next)) ||
            (strchr("*+?}", c) && next == '+'))
            return false;
        if (c == '\\' && (!next || !strchr("bBdDsSwW.-/_()[]{}|+*?\\", next)))
            return false;
        i += c == '\\';
    }
    return true;
}

/* The path so that the first ":12:" of a line is the number: a colon of its own that would be read so
 * is \x3a. */
static void add_path(struct buf *out, struct str path)
{
    size_t from = 0;
    for (size_t i = 0; i < path.n; i++) {
        size_t to = i + 1;
        while (to < path.n && path.p[to] >= '0' && path.p[to] <= '9')
            to++;
        if (path.p[i] != ':' || to == i + 1 || (to < path.n && path.p[to] != ':'))
            continue;
        add_name(out, str_sub(path, from, i - from));
        buf_puts(out, "\\x3a");
        from = i + 1;
    }
    add_name(out, str_sub(path, from, path.n));
}

/* A line of the answer; one that is too long is shown around its match. */
static void add_found(struct search *s, const char *path, size_t number, char sep, struct str line,
                      size_t match_at)
{
    add_path(&s->out, str_of(path));
    buf_printf(&s->out, "%c%zu%c", sep, number, sep);
    size_t from = 0;
    if (line.n > GREP_LINE_MAX && match_at > GREP_LINE_MAX / 2) {
        from = match_at - GREP_LINE_MAX / 4;
        while (from > 0 && ((unsigned char)line.p[from] & 0xC0) == 0x80)
            from--;
        buf_puts(&s->out, "[...] ");
    }
    struct str shown = str_sub(line, from, line.n);
    add_line(&s->out, shown, GREP_LINE_MAX, shown.n > GREP_LINE_MAX ? (int64_t)line.n : 0, NULL);
    buf_putc(&s->out, '\n');
}

/* The context lines before the line at `p`, of those not shown yet. */
static void add_before(struct search *s, const char *path, struct str text, const char *p,
                       size_t number, size_t shown)
{
    size_t n = MIN(s->context, number - shown - 1);
    const char *from = p;
    for (size_t i = 0; i < n && from > text.p; i++) {
        from--;
        while (from > text.p && from[-1] != '\n')
            from--;
    }
    struct str rest = str_make(from, (size_t)(p - from)), line;
    for (size_t at = number - n; str_line(&rest, &line); at++)
        add_found(s, path, at, '-', line, 0);
}

static bool result_full(struct search *s)
{
    s->more = s->matches == s->max || s->out.len > TOOL_PAGE_MAX;
    return s->more;
}

/* False: stop everything. */
static bool search_text(struct search *s, const char *path, struct str text)
{
    struct str rest = text, line;
    size_t number = 0, shown = 0, after = 0, start, end;
    bool hit = false;
    while (str_line(&rest, &line)) {
        number++;
        if (number % GREP_LINES_PER_CHECK == 0 && call_stopped(s->call, s->e)) {
            s->failed = true;
            return false;
        }
        enum regex_result r = regex_find(s->regex, line, 0, &start, &end);
        s->limited = s->limited || r == REGEX_LIMIT;
        if (r == REGEX_YES) {
            if (result_full(s))
                return false;
            if (s->context && s->out.len && (!hit || shown + s->context + 1 < number))
                buf_puts(&s->out, "--\n");
            add_before(s, path, text, line.p, number, shown);
            add_found(s, path, number, ':', line, start);
            s->matches++;
            s->files_hit += !hit;
            hit = true;
            shown = number;
            after = s->context;
        } else if (after > 0) {
            add_found(s, path, number, '-', line, 0);
            shown = number;
            after--;
        }
    }
    return true;
}

/* False: stop everything. Files that can not be searched are counted and passed over; the one file
 * that was asked for is an error. */
static bool search_fd(struct search *s, int fd, const char *path, bool named, struct err *e)
{
    buf_clear(&s->text);
    struct err local = ERR_INIT;
    if (!fs_read_fd(fd, &s->text, named ? e : &local)) {
        s->too_large += local.code == ERR_TOO_LARGE;
        s->failed = named;
        return !named;
    }
    struct str text = buf_view(&s->text);
    s->bytes += (int64_t)text.n;
    if (s->bytes > GREP_BYTES_MAX) {
        s->out_of_bytes = true;
        return false;
    }
    if (looks_binary(str_sub(text, 0, TOOL_SNIFF_BYTES))) {
        if (!named)
            return true;
        s->failed = true;
        return err_set(e, ERR_NOT_TEXT, "%s is binary (%zu bytes)", path, text.n);
    }
    s->files++;
    size_t start, end;
    if (s->plain && regex_find(s->regex, text, 0, &start, &end) == REGEX_NO)
        return true;
    return search_text(s, path, text);
}

/* ---- many files ---- */

static bool included(const struct search *s, const struct walk_entry *entry)
{
    const char *include = s->args->include;
    if (!include)
        return true;
    return glob_match(str_of(include), str_of(strchr(include, '/') ? entry->path : entry->name));
}

static enum walk_next search_entry(void *arg, const struct walk_entry *entry)
{
    struct search *s = arg;
    if (!S_ISREG(entry->st.st_mode) || !included(s, entry))
        return WALK_ON;
    if (policy_hides(s->call->policy, s->call->session, s->call->desc, entry->path)) {
        s->hidden++;
        return WALK_ON;
    }
    if (entry->st.st_size > GREP_FILE_MAX) {
        s->too_large++;
        return WALK_ON;
    }
    CLEANUP(fd_close_p)
    int fd =
        openat(entry->dir, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct stat st;
    /* What was put in its place since is not what was asked for. */
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return WALK_ON;
    return search_fd(s, fd, entry->path, false, s->e) ? WALK_ON : WALK_END;
}

static bool search_below(struct search *s, const char *path, struct err *e)
{
    struct walk w = {.root = &s->call->root,
                     .start = path,
                     .ignore = true,
                     .max_depth = WALK_DEPTH_MAX,
                     .cancel = s->call->cancel,
                     .deadline_ms = s->call->deadline_ms,
                     .each = search_entry,
                     .arg = s};
    if (!walk_run(&w, e))
        return false;
    s->more = s->more || w.cut;
    return !s->failed;
}

static bool search_path(struct search *s, const char *path, struct err *e)
{
    CLEANUP(fd_close_p) int at = path_open(&s->call->root, path, O_PATH, false, e);
    struct stat st;
    if (at < 0)
        return false;
    if (fstat(at, &st) == 0 && S_ISDIR(st.st_mode))
        return search_below(s, path, e);
    CLEANUP(fd_close_p) int fd = path_open(&s->call->root, path, O_RDONLY, true, e);
    if (fd < 0)
        return false;
    search_fd(s, fd, path, true, e); /* says in s->failed how it went */
    return !s->failed;
}

/* ---- the answer ---- */

static void add_notes(struct search *s)
{
    if (s->matches == 0)
        buf_printf(&s->out, "[no match in %s]\n",
                   call_count(s->call, (int64_t)s->files, "text file"));
    if (s->more)
        buf_printf(&s->out, "[there are more matches than these %zu]\n", s->matches);
    if (s->out_of_bytes)
        buf_printf(&s->out, "[stopped after %d MiB: search a directory below]\n",
                   GREP_BYTES_MAX >> 20);
    if (s->too_large)
        buf_printf(&s->out, "[%s of more than %d MiB not searched]\n",
                   call_count(s->call, (int64_t)s->too_large, "file"), GREP_FILE_MAX >> 20);
    if (s->hidden)
        buf_printf(&s->out, "[%s that may hold secrets or are denied not searched]\n",
                   call_count(s->call, (int64_t)s->hidden, "file"));
    if (s->limited)
        buf_puts(&s->out, "[the pattern took too many steps on some lines, which were left out]\n");
}

static bool grep_run(struct tool_call *call, const void *args, struct tool_outcome *ret,
                     struct err *e)
{
    const struct grep_args *a = args;
    char *path = call_path(call, a->path, e);
    if (!path)
        return false;
    CLEANUP(regex_free_p) struct regex *regex = regex_new(str_of(a->pattern), a->ignore_case, e);
    if (!regex) {
        e->code = ERR_BAD_ARGUMENTS;
        return err_wrap(e, "pattern");
    }
    struct search s = {.call = call,
                       .args = a,
                       .regex = regex,
                       .max = (size_t)(a->max_results ? a->max_results : GREP_RESULTS),
                       .context = (size_t)a->context,
                       .plain = is_plain(str_of(a->pattern)),
                       .out = BUF_OWN,
                       .text = BUF_INIT(GREP_FILE_MAX),
                       .e = e};
    bool ok = search_path(&s, path, e);
    if (ok)
        add_notes(&s);
    outcome_result(call, ret, &s.out);
    ret->truncated = s.more || s.out_of_bytes;
    ret->summary =
        arena_printf(call->arena, "%s in %s", call_count(call, (int64_t)s.matches, "match"),
                     call_count(call, (int64_t)s.files_hit, "file"));
    buf_free(&s.out);
    buf_free(&s.text);
    return ok;
}

const struct tool_desc tool_grep = {
    .name = "grep",
    .doc = "Searches files for a regular expression, without what git ignores and without binary "
           "files. Answers path:line:text.",
    .args = &grep_set,
    .effect = TOOL_READS,
    .timeout_ms = TOOL_LOOK_MS,
    .intend = grep_intend,
    .run = grep_run,
};
