/* SPDX-License-Identifier: MIT
 *
 * offline_kind: finding the file that is meant, and other things that several kinds do alike.
 */
#include "model/offline_kind.h"

#include <ctype.h>
#include <string.h>

enum { FOUND_MAX = 12 };

static struct str base_name(struct str path)
{
    while (path.n > 1 && path.p[path.n - 1] == '/')
        path.n--;
    for (size_t i = path.n; i > 0; i--)
        if (path.p[i - 1] == '/')
            return str_sub(path, i, path.n);
    return path;
}

/* A name for glob that means only itself. */
static void add_quoted(struct buf *out, struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if (strchr("*?[]{}\\", name.p[i]))
            buf_putc(out, '\\');
        buf_putc(out, name.p[i]);
    }
}

/* "**" + "/README*" for readme; the exact name otherwise. */
static char *glob_of(struct arena *a, struct str path)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct str name = base_name(path);
    buf_puts(&b, "**/");
    if (str_starts(name, "README")) {
        buf_puts(&b, "README*");
    } else {
        add_quoted(&b, name);
        if (str_index(name, '.') < 0)
            buf_puts(&b, "*");
    }
    return arena_strndup(a, buf_cstr(&b), b.len);
}

/* The paths of a glob's result; *ret_n counts all, `out` has the first. */
static size_t found_paths(struct str text, struct str out[FOUND_MAX])
{
    struct str line;
    size_t n = 0;
    while (str_line(&text, &line)) {
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '[' || str_ends(line, "/"))
            continue;
        if (n < FOUND_MAX)
            out[n] = line;
        n++;
    }
    return n;
}

static const struct offline_result *find_glob(const struct offline_turn *t)
{
    for (size_t i = 0; i < t->n_results; i++)
        if (str_is(t->results[i].tool, "glob"))
            return &t->results[i];
    return NULL;
}

/* The one that is meant: the only one, or the only one at the top of the tree. */
static bool choose(struct str text, struct str *path)
{
    struct str found[FOUND_MAX];
    size_t n = found_paths(text, found), at = 0, near = 0;
    bool bare = str_index(*path, '/') < 0;
    for (size_t i = 0; i < n && i < FOUND_MAX; i++) {
        if (bare && str_index(found[i], '/') < 0) {
            near++;
            at = i;
        }
    }
    if ((n != 1 && (near != 1 || n > FOUND_MAX)) || str_eq(found[at], *path))
        return false;
    *path = found[at];
    return true;
}

enum doc_state kind_read(const struct offline_turn *t, struct str *path, struct offline_move *m,
                         struct doc *ret_doc, const struct offline_result **ret_failed)
{
    static const struct doc_part all = {.from = 1, .to = INT64_MAX};
    return kind_read_part(t, path, &all, m, ret_doc, ret_failed);
}

enum doc_state kind_read_part(const struct offline_turn *t, struct str *path,
                              const struct doc_part *part, struct offline_move *m,
                              struct doc *ret_doc, const struct offline_result **ret_failed)
{
    enum doc_state state = doc_read_part(t, *path, part, m, ret_doc, ret_failed);
    if (state != DOC_FAILED || !offline_failed_with(*ret_failed, "not_found"))
        return state;
    const struct offline_result *glob = find_glob(t);
    if (!glob) {
        offline_call(m, "glob", "pattern", glob_of(t->a, *path), NULL);
        return DOC_READING;
    }
    if (glob->is_error || !choose(glob->text, path))
        return DOC_FAILED;
    return doc_read_part(t, *path, part, m, ret_doc, ret_failed);
}

void kind_say_unread(const struct offline_turn *t, struct str path,
                     const struct offline_result *failed, struct offline_move *m)
{
    struct str found[FOUND_MAX];
    const struct offline_result *glob = find_glob(t);
    size_t n = glob && !glob->is_error ? found_paths(glob->text, found) : 0;
    if (!offline_failed_with(failed, "not_found")) {
        offline_say_failed(m, failed, arena_printf(t->a, "read `%.*s`", STR_ARG(path)));
        return;
    }
    offline_say(m, "There is no file `%.*s` here.", STR_ARG(path));
    if (n == 1 && str_eq(found[0], path)) {
        offline_say(m, " There is a link of that name, to something that is not there.\n");
        return;
    }
    if (n == 0)
        offline_say(m, " I also looked for its name in the directories below, without success.");
    else
        offline_say(m, " Files with that name:\n");
    for (size_t i = 0; i < MIN(n, (size_t)FOUND_MAX); i++)
        offline_say(m, "\n- `%.*s`", STR_ARG(found[i]));
    if (n > FOUND_MAX)
        offline_say(m, "\n- and %zu more", n - FOUND_MAX);
    offline_say(m, "\n");
}

bool kind_take_directory(const struct offline_turn *t, const struct offline_match *match,
                         struct offline_move *m)
{
    struct str path = match->slots[SLOT_PATH];
    bool directory = str_ends(path, "/") || str_is(path, ".") || str_is(path, "..");
    for (size_t i = 0; i < t->n_results && !directory; i++)
        directory = str_is(t->results[i].tool, "read") &&
                    str_eq(offline_argument(t, &t->results[i], "path"), doc_path(t->a, path)) &&
                    offline_failed_with(&t->results[i], "is_a_directory");
    if (directory)
        tree_plan(t, path, m);
    return directory;
}

void kind_say_fenced(struct offline_move *m, const char *language, struct str lines)
{
    struct str line;
    size_t run = 0, fence = 3;
    for (size_t i = 0; i < lines.n; i++) {
        run = lines.p[i] == '`' ? run + 1 : 0;
        fence = MAX(fence, run + 1);
    }
    char *ticks = arena_new(m->a, fence + 1);
    memset(ticks, '`', fence);
    offline_say(m, "\n%s%s\n", ticks, language);
    while (str_line(&lines, &line))
        offline_say(m, "%.*s\n", STR_ARG(line));
    offline_say(m, "%s\n", ticks);
}

/* "[... 12 of 20 bytes left out; the whole is artifact art_x ...]" says a tool of it. */
struct str kind_whole(struct str text)
{
    static const char mark[] = " is artifact ";
    struct str line, name = STR(""), whole = STR("");
    while (str_line(&text, &line)) {
        ssize_t at = str_starts(line, "[... ") ? str_find(line, str_of(mark)) : -1;
        struct str rest = str_sub(line, at < 0 ? line.n : (size_t)at + strlen(mark), line.n);
        if (str_split(&rest, ' ', &name) && name.n && name.p[0] != '(')
            whole = name;
    }
    return whole;
}

void kind_say_block(struct offline_move *m, struct str text, size_t max)
{
    struct str rest = text, line;
    const struct str whole = kind_whole(text);
    size_t n = 0, skipped = 0;
    while (str_line(&rest, &line))
        n++;
    skipped = n > max ? n - max : 0;
    if (skipped && whole.n)
        offline_say(m, "\n(What comes before these lines is left out here; the whole is artifact %.*s: `tau "
                       "artifact show %.*s`.)\n",
                    STR_ARG(whole), STR_ARG(whole));
    else if (skipped)
        offline_say(m, "\n(Left out here: %s before these.)\n", offline_count(m->a, (int64_t)skipped, "line"));
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    for (rest = text, n = 0; str_line(&rest, &line); n++)
        if (n >= skipped)
            buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(m->a, line, 400)));
    kind_say_fenced(m, "", buf_view(&lines));
}

char *kind_shell_quote(struct arena *a, struct str s)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_putc(&b, '\'');
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'')
            buf_puts(&b, "'\\''");
        else
            buf_putc(&b, s.p[i]);
    buf_putc(&b, '\'');
    return arena_strndup(a, buf_cstr(&b), b.len);
}

char *kind_escape_regex(struct arena *a, struct str s)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr("\\^$.|?*+()[]{}", s.p[i]))
            buf_putc(&b, '\\');
        buf_putc(&b, s.p[i]);
    }
    return arena_strndup(a, buf_cstr(&b), b.len);
}

/* "path:12:text"; a path may have a colon, the first number between two is the sign: where it is the
 * path's own, grep writes the colon as \x3a. */
bool kind_read_hit(struct str line, struct kind_hit *ret)
{
    for (size_t i = 1; i + 2 < line.n; i++) {
        if (line.p[i] != ':' || !isdigit((unsigned char)line.p[i + 1]))
            continue;
        size_t to = i + 1;
        while (to < line.n && isdigit((unsigned char)line.p[to]))
            to++;
        if (to == line.n || line.p[to] != ':' ||
            !str_i64(str_sub(line, i + 1, to - i - 1), &ret->line))
            continue;
        ret->path = str_sub(line, 0, i);
        ret->text = str_sub(line, to + 1, line.n);
        return true;
    }
    return false;
}

struct str kind_hit_path(struct arena *a, const struct kind_hit *hit)
{
    static const char mark[] = "\\x3a";
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct str rest = hit->path;
    for (ssize_t at; (at = str_find(rest, str_of(mark))) >= 0;) {
        buf_str(&b, str_sub(rest, 0, (size_t)at));
        buf_putc(&b, ':');
        rest = str_sub(rest, (size_t)at + strlen(mark), rest.n);
    }
    if (b.len == 0)
        return hit->path;
    buf_str(&b, rest);
    return str_of(arena_strndup(a, buf_cstr(&b), b.len));
}
