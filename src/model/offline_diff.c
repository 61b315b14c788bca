/* SPDX-License-Identifier: MIT
 *
 * offline_diff: what a unified diff changes: files with their counts, the definitions that hold its
 * lines, and, for a review, remarks that can be made by looking at single lines. The remarks
 * are leads and say so; nothing here understands a program.
 */
#include "model/offline_doc.h"

#include "text/utf8.h"

#include <string.h>

enum {
    FILES_MAX = 200, /* that are kept; more are counted */
    FILES_SHOWN = 40,
    FILES_NAMED = 8, /* whose definitions are told, for which they are read */
    REMARKS_MAX = 20,
    LONG_LINE = 160,  /* bytes */
    MANY_LINES = 400, /* added to one file */
    NUMBER_MAX = 1 << 30, /* of a line; a hunk that says more says nothing */
};

struct file {
    struct str path, old_path;
    size_t added, removed, hunks;
    bool is_new, is_deleted, is_binary, is_mode, is_combined, is_module;
    struct str module; /* the commit of a submodule that is removed */
    struct diff_line *lines;
    size_t n_lines, cap;
};

struct remark {
    const char *text;
    struct str path, line;
    int64_t number;
};

struct diff {
    struct arena *a;
    struct file *files;
    size_t n, n_all;
    struct remark remarks[REMARKS_MAX];
    size_t n_remarks, all_remarks;
    int64_t at;                /* line of the new file */
    size_t old_left, new_left; /* of the hunk */
    bool review, whole;
};

bool diff_looks_like(struct str text)
{
    struct str line;
    size_t n = 0;
    bool old = false;
    for (; n < 200 && str_line(&text, &line); n++) {
        if (str_starts(line, "diff --git ") || (old && str_starts(line, "+++ ")))
            return true;
        old = str_starts(line, "--- ");
    }
    return false;
}

struct str diff_path(struct arena *a, struct str s)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    if (s.n < 2 || s.p[0] != '"' || s.p[s.n - 1] != '"')
        return s;
    s = str_sub(s, 1, s.n - 2);
    for (size_t i = 0; i < s.n; i++) {
        const char *p = s.p + i;
        bool more = *p == '\\' && i + 1 < s.n;
        if (more && i + 3 < s.n && strchr("23", p[1]) && p[2] >= '0' && p[2] <= '7' &&
            p[3] >= '0' && p[3] <= '7') {
            buf_putc(&b, (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0')));
            i += 3;
        } else if (more && strchr("\"\\", p[1])) {
            buf_putc(&b, p[1]);
            i++;
        } else {
            buf_putc(&b, *p);
        }
    }
    struct buf clean = BUF_OWN;
    utf8_clean(&clean, buf_view(&b));
    struct str ret = str_of(arena_strndup(a, buf_cstr(&clean), clean.len));
    buf_free(&clean);
    return ret;
}

static struct str clean_path(struct arena *a, struct str s)
{
    ssize_t tab = str_index(s, '\t');
    s = diff_path(a, str_trim(tab < 0 ? s : str_sub(s, 0, (size_t)tab)));
    return str_starts(s, "a/") || str_starts(s, "b/") ? str_sub(s, 2, s.n) : s;
}

static struct file *begin_file(struct diff *d, struct str path)
{
    d->n_all++;
    d->old_left = d->new_left = 0;
    if (d->n == FILES_MAX)
        return NULL;
    struct file *f = &d->files[d->n++];
    *f = (struct file){.path = path};
    return f;
}

/* "diff --git a/x b/x": the name on the right. */
static struct str git_path(struct arena *a, struct str line)
{
    struct str rest = str_sub(line, strlen("diff --git "), line.n);
    ssize_t quoted = str_find(rest, STR(" \"b/"));
    if (quoted >= 0)
        return clean_path(a, str_sub(rest, (size_t)quoted + 1, rest.n));
    ssize_t at = str_find(rest, STR(" b/"));
    return at < 0 ? rest : str_sub(rest, (size_t)at + 3, rest.n);
}

/* "diff --cc x", "diff --combined x": against more than one parent, so it has no two sides that
 * could be counted. */
static bool is_combined(struct str line, struct str *ret_path)
{
    static const char *const heads[] = {"diff --cc ", "diff --combined "};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++)
        if (str_starts(line, heads[i])) {
            *ret_path = str_sub(line, strlen(heads[i]), line.n);
            return true;
        }
    return false;
}

/* "12,3" or "12": how many lines; 1 when it does not say. */
static size_t hunk_count(struct str range, int64_t *ret_start)
{
    struct str start;
    int64_t n = 1;
    *ret_start = 0;
    str_split(&range, ',', &start);
    if (!str_i64(start, ret_start) || *ret_start < 0 || *ret_start > NUMBER_MAX)
        *ret_start = 0;
    if (range.n && (!str_i64(range, &n) || n < 0 || n > NUMBER_MAX))
        n = 0;
    return (size_t)n;
}

/* "@@ -1,2 +3,4 @@ int main(void)" */
static void take_hunk(struct diff *d, struct file *f, struct str line)
{
    struct str rest = str_sub(line, 3, line.n);
    struct str old, new;
    int64_t unused;
    if (!str_split(&rest, ' ', &old) || !str_split(&rest, ' ', &new) || old.n < 2 || new.n < 2)
        return;
    d->old_left = hunk_count(str_sub(old, 1, old.n), &unused);
    d->new_left = hunk_count(str_sub(new, 1, new.n), &d->at);
    if (!f)
        return;
    f->hunks++;
}

/* ---- remarks ---- */

static void remark(struct diff *d, const struct file *f, const char *text, struct str line)
{
    d->all_remarks++;
    if (d->n_remarks < REMARKS_MAX)
        d->remarks[d->n_remarks++] =
            (struct remark){.text = text, .path = f->path, .line = line, .number = d->at};
}

/* Written as one word, so that this file itself has none of them. */
static const struct {
    const char *sign, *text;
} line_signs[] = {
    {"<<<<<<< ", "a conflict marker was left"},
    {">>>>>>> ", "a conflict marker was left"},
    {"TO"
     "DO",
     "a note of unfinished work"},
    {"FIX"
     "ME",
     "a note of unfinished work"},
    {"XX"
     "X:",
     "a note of unfinished work"},
    {"console.log(", "output that looks like debugging"},
    {"dbg!(", "output that looks like debugging"},
    {"pdb.set_trace(", "a breakpoint"},
    {"breakpoint()", "a breakpoint"},
    {"debugger;", "a breakpoint"},
    {"BEGIN RSA PRIVATE KEY", "what looks like a private key"},
    {"BEGIN OPENSSH PRIVATE KEY", "what looks like a private key"},
    {"AKIA", "what may be an access key"},
    {"password = \"", "what may be a password"},
    {"strcpy(", "a copy without a limit"},
    {"chmod 777", "a mode that lets everybody write"},
    {"eval(", "text that is run as a program"},
};

static void look_at_added(struct diff *d, const struct file *f, struct str line)
{
    for (size_t i = 0; i < ARRAY_LEN(line_signs); i++)
        if (str_find(line, str_of(line_signs[i].sign)) >= 0) {
            remark(d, f, line_signs[i].text, line);
            return;
        }
    if (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t') &&
        !str_ends(f->path, ".md"))
        remark(d, f, "blanks at the end of the line", line);
    else if (line.n > LONG_LINE)
        remark(d, f, "a very long line", line);
}

/* ---- lines ---- */

/* "-Subproject commit HASH", "+Subproject commit HASH-dirty": with the same HASH it is what lies in
 * the submodule that changed, and git counts no line. */
static void take_module(struct file *f, struct str line)
{
    static const char head[] = "Subproject commit ";
    struct str hash = str_sub(line, 1 + strlen(head), line.n);
    if (!str_starts(str_sub(line, 1, line.n), head))
        return;
    f->is_module = true;
    if (line.p[0] == '-')
        f->module = hash;
    else if (f->module.n && str_ends(hash, "-dirty") &&
             str_eq(str_sub(hash, 0, hash.n - strlen("-dirty")), f->module))
        f->added = f->removed = 0;
}

static void keep_line(struct diff *d, struct file *f, struct str line, char sign)
{
    if (f->n_lines == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 16;
        struct diff_line *grown = arena_array(d->a, cap, sizeof(*grown));
        if (f->n_lines)
            memcpy(grown, f->lines, f->n_lines * sizeof(*grown));
        f->lines = grown;
        f->cap = cap;
    }
    f->lines[f->n_lines++] = (struct diff_line){
        .text = str_sub(line, 1, line.n), .number = d->at, .hunk = f->hunks, .sign = sign};
}

static void take_change(struct diff *d, struct file *f, struct str line)
{
    char sign = line.n && strchr("+-\\", line.p[0]) ? line.p[0] : ' ';
    if (f && sign != '\\')
        keep_line(d, f, line, sign);
    if (sign == '+') {
        d->new_left -= d->new_left > 0;
        if (f) {
            f->added++;
            if (d->review)
                look_at_added(d, f, str_sub(line, 1, line.n));
        }
        d->at++;
    } else if (sign == '-') {
        d->old_left -= d->old_left > 0;
        if (f)
            f->removed++;
    } else if (sign != '\\') {
        d->new_left -= d->new_left > 0;
        d->old_left -= d->old_left > 0;
        d->at++;
    }
}

static struct file *take_header(struct diff *d, struct file *f, struct str line, bool *git)
{
    struct str path;
    if (str_starts(line, "diff --git ")) {
        *git = true;
        return begin_file(d, git_path(d->a, line));
    }
    if (is_combined(line, &path)) {
        *git = true;
        f = begin_file(d, diff_path(d->a, path));
        if (f)
            f->is_combined = true;
        return f;
    }
    if (str_starts(line, "--- ") && !*git)
        return begin_file(d, clean_path(d->a, str_sub(line, 4, line.n)));
    if (!f)
        return f;
    if (str_starts(line, "+++ ") && !f->is_combined) {
        path = clean_path(d->a, str_sub(line, 4, line.n));
        f->path = str_is(path, "/dev/null") ? f->path : path;
    }
    f->is_new = f->is_new || str_starts(line, "new file mode");
    f->is_deleted = f->is_deleted || str_starts(line, "deleted file mode");
    f->is_mode = f->is_mode || str_starts(line, "old mode");
    f->is_binary =
        f->is_binary || str_starts(line, "Binary files ") || str_starts(line, "GIT binary patch");
    if (str_starts(line, "rename from "))
        f->old_path = diff_path(d->a, str_sub(line, strlen("rename from "), line.n));
    return f;
}

static void take_lines(struct diff *d, struct str text)
{
    struct file *f = NULL;
    struct str line;
    bool git = false;
    while (str_line(&text, &line)) {
        if (d->old_left || d->new_left) {
            take_change(d, f, line);
            if (f && line.n)
                take_module(f, line);
            continue;
        }
        if (str_starts(line, "@@ -"))
            take_hunk(d, f, line);
        else
            f = take_header(d, f, line, &git);
    }
}

/* ---- what is said ---- */

/* Of a file that is new, or gone, it is all there is. */
static bool is_named(const struct file *f)
{
    return !f->is_new && !f->is_deleted && !f->is_module && !f->is_combined && f->n_lines &&
           held_can_tell(f->path);
}

static void say_names(const struct offline_turn *t, const struct diff *d, const struct file *f,
                      struct offline_move *m)
{
    struct held_names names;
    held_names(t, f->path, f->lines, f->n_lines, d->whole, &names);
    for (size_t i = 0; i < names.n; i++)
        offline_say(m, "%s`%.*s`", i ? ", " : "; in ", STR_ARG(offline_clip(m->a, names.v[i], 80)));
    offline_say(m, "%s", names.more ? " and more" : "");
}

static void say_file(const struct offline_turn *t, const struct diff *d, const struct file *f, size_t *named,
                     struct offline_move *m)
{
    offline_say(m, "- `%.*s`", STR_ARG(f->path));
    if (f->old_path.n)
        offline_say(m, ", renamed from `%.*s`", STR_ARG(f->old_path));
    if (f->is_new)
        offline_say(m, ", new");
    if (f->is_deleted)
        offline_say(m, ", deleted");
    if (f->is_module)
        offline_say(m, f->added ? ", a submodule at another commit" : ", a submodule with changes of its own");
    if (f->is_combined)
        offline_say(m, ", of more than one parent, or in conflict");
    else if (f->is_binary)
        offline_say(m, ", binary");
    else
        offline_say(m, ": +%zu -%zu", f->added, f->removed);
    if (f->is_mode)
        offline_say(m, ", other mode");
    if (is_named(f) && (*named)++ < FILES_NAMED)
        say_names(t, d, f, m);
    offline_say(m, "\n");
}

static bool is_test(struct str path)
{
    return str_find(path, STR("test")) >= 0 || str_find(path, STR("spec")) >= 0;
}

static void say_review(const struct diff *d, struct offline_move *m)
{
    bool code = false, tests = false;
    offline_say(m,
                "\n**What to look at** (found line by line, not by understanding the program)\n\n");
    for (size_t i = 0; i < d->n_remarks; i++) {
        const struct remark *r = &d->remarks[i];
        offline_say(m, "- `%.*s:%lld`: %s: `%.*s`\n", STR_ARG(r->path), (long long)r->number,
                    r->text, STR_ARG(offline_clip(d->a, str_trim(r->line), 100)));
    }
    if (d->all_remarks > d->n_remarks)
        offline_say(m, "- and %zu more of this sort\n", d->all_remarks - d->n_remarks);
    for (size_t i = 0; i < d->n; i++) {
        const struct file *f = &d->files[i];
        const struct doc_sort *sort = doc_sort_of_name(f->path);
        tests = tests || is_test(f->path);
        code = code || (sort && !doc_sort_is_prose(sort) && f->added > 0);
        if (f->added > MANY_LINES)
            offline_say(m, "- `%.*s`: %zu new lines at once are hard to review\n", STR_ARG(f->path),
                        f->added);
    }
    if (code && !tests)
        offline_say(m, "- no file of tests is part of this change\n");
    else if (d->all_remarks == 0)
        offline_say(m, "- nothing that a rule can see\n");
}

static void read_diff(struct diff *d, struct arena *a, struct str text, bool review)
{
    *d = (struct diff){.a = a, .review = review, .whole = !diff_is_cut(text)};
    d->files = arena_array(a, FILES_MAX, sizeof(*d->files));
    take_lines(d, text);
}

bool diff_is_cut(struct str text)
{
    return str_find(text, STR("left out; the whole is artifact")) >= 0;
}

bool diff_read_files(const struct offline_turn *t, struct str text, struct offline_move *m)
{
    struct diff d;
    size_t named = 0;
    bool all = true;
    read_diff(&d, t->a, text, false);
    for (size_t i = 0; i < d.n && i < FILES_SHOWN && named < FILES_NAMED; i++) {
        const struct file *f = &d.files[i];
        if (!is_named(f))
            continue;
        named++;
        all &= held_read(t, f->path, f->lines, f->n_lines, m);
    }
    return all;
}

bool diff_say(const struct offline_turn *t, struct str text, bool review, struct offline_move *m)
{
    struct diff d;
    size_t added = 0, removed = 0, named = 0;
    read_diff(&d, t->a, text, review);
    if (d.n == 0)
        return false;
    for (size_t i = 0; i < d.n; i++) {
        added += d.files[i].added;
        removed += d.files[i].removed;
    }
    offline_say(m, "%s changed: %s added, %zu removed.\n\n", offline_count(m->a, (int64_t)d.n_all, "file"),
                offline_count(m->a, (int64_t)added, "line"), removed);
    for (size_t i = 0; i < d.n && i < FILES_SHOWN; i++)
        say_file(t, &d, &d.files[i], &named, m);
    if (d.n_all > FILES_SHOWN)
        offline_say(m, "- and %s\n", offline_count(m->a, (int64_t)(d.n_all - FILES_SHOWN), "more file"));
    if (named > FILES_NAMED)
        offline_say(m, "\n(In which definitions the changes are I looked up for the first %d files only.)\n",
                    FILES_NAMED);
    if (review)
        say_review(&d, m);
    return true;
}
