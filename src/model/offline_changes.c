/* SPDX-License-Identifier: MIT
 *
 * offline_changes: the kind what-changed: asks git, with commands that only read, and explains what
 * they say. A diff on standard input is explained in their stead.
 */
#include "model/offline_kind.h"

#include <string.h>

enum { FILES_SHOWN = 40, DIFF_SHOWN = 200, LINE_SHOWN = 200, HEAD_SHOWN = 100, COMMITS = 15, COMMITS_MAX = 100 };

/* Whatever the operator's git is set to: its answers are read here. */
#define GIT_STATUS "git status --porcelain --branch"
#define PLAIN_DIFF " --no-color --no-ext-diff --src-prefix=a/ --dst-prefix=b/"
#define GIT_LOG "git log --no-color --oneline -n "
#define GIT_LOG_FILE "git log --no-color --date=short --format='%%h %%ad %%an: %%s' -n "
#define GIT_SHOW "git show" PLAIN_DIFF " --stat=100 -p "

enum { FORM_CHANGES, FORM_DIFF, FORM_REVIEW, FORM_HISTORY, FORM_COMMIT, FORM_COMMIT_DIFF, FORM_BRANCH, FORM_NUMBER, FORM_AUTHORS };

/* ---- git status ---- */

struct status {
    size_t changed, added, deleted, renamed, untracked, conflicts, staged;
    bool unborn; /* there is no commit yet */
};

static void take_status(struct status *s, struct str text)
{
    struct str line;
    while (str_line(&text, &line)) {
        s->unborn = s->unborn || str_starts(line, "## No commits yet") ||
                    str_starts(line, "## Initial commit");
        if (line.n < 4 || line.p[2] != ' ' || str_starts(line, "[no") || str_starts(line, "##"))
            continue;
        char x = line.p[0], y = line.p[1];
        if (x == '?') {
            s->untracked++;
            continue;
        }
        if (x == 'U' || y == 'U' || (x == 'A' && y == 'A') || (x == 'D' && y == 'D')) {
            s->conflicts++;
            continue;
        }
        s->staged += x != ' ';
        if (x == 'R')
            s->renamed++;
        else if (x == 'A')
            s->added++;
        else if (x == 'D' || y == 'D')
            s->deleted++;
        else
            s->changed++;
    }
}

static void say_part(struct offline_move *m, size_t n, const char *what, bool *any)
{
    if (n)
        offline_say(m, "%s%zu %s", *any ? ", " : "", n, what);
    *any = *any || n;
}

static void say_status(struct offline_move *m, const struct status *s)
{
    bool any = false;
    offline_say(m, s->unborn ? "There is no commit yet: " : "Against the last commit: ");
    say_part(m, s->changed, "changed", &any);
    say_part(m, s->added, "added", &any);
    say_part(m, s->deleted, "deleted", &any);
    say_part(m, s->renamed, "renamed", &any);
    say_part(m, s->untracked, "not tracked", &any);
    say_part(m, s->conflicts, "in conflict", &any);
    offline_say(m, "%s.", any ? "" : "nothing");
    if (s->staged)
        offline_say(m, " Staged of that: %zu.", s->staged);
    offline_say(m, "\n");
}

static void say_untracked(struct offline_move *m, struct str text)
{
    struct str line;
    size_t n = 0;
    while (str_line(&text, &line)) {
        if (!str_starts(line, "?? "))
            continue;
        if (n == 0)
            offline_say(m, "\n**Not tracked by git**\n\n");
        if (n++ < FILES_SHOWN)
            offline_say(m, "- `%.*s`\n", STR_ARG(diff_path(m->a, str_sub(line, 3, line.n))));
    }
    if (n > FILES_SHOWN)
        offline_say(m, "- and %zu more\n", n - FILES_SHOWN);
}

/* ---- the plan ---- */

static void ask_git(const struct offline_turn *t, struct str path, struct offline_move *m)
{
    const char *only = path.n ? arena_printf(t->a, " -- %s", kind_shell_quote(t->a, path)) : "";
    offline_call(m, "bash", "command", arena_printf(t->a, GIT_STATUS "%s", only), NULL);
    offline_call(m, "bash", "command", arena_printf(t->a, "git diff --no-color --stat%s", only), NULL);
    offline_call(m, "bash", "command", arena_printf(t->a, "git diff" PLAIN_DIFF "%s", only), NULL);
}

static bool say_git_failed(const struct offline_turn *t, struct offline_move *m)
{
    for (size_t i = 0; i < t->n_results; i++) {
        const struct offline_result *r = &t->results[i];
        if (!r->is_error || !str_is(r->tool, "bash"))
            continue;
        bool unborn = str_find(r->text, STR("does not have any commits yet")) >= 0 ||
                      str_find(r->text, STR("ambiguous argument 'HEAD'")) >= 0;
        if (unborn) {
            offline_say(m, "There is no commit in this repository yet.\n");
            return true;
        }
        if (str_find(r->text, STR("not a git repository")) >= 0)
            offline_say(m, "This directory is not in a git repository, so I can not tell what "
                           "changed in it.\n");
        else
            offline_say_failed(
                m, r, arena_printf(t->a, "run `%.*s`", STR_ARG(offline_argument(t, r, "command"))));
        struct str output = offline_failure(r).output;
        if (str_trim(output).n && str_find(r->text, STR("not a git repository")) < 0)
            kind_say_block(m, output, 20);
        return true;
    }
    return false;
}

/* The front of a diff as it is; `rest` says where the rest of it is, unless an artifact has all. */
static void say_lines(struct offline_move *m, struct str text, const char *rest)
{
    struct str whole = kind_whole(text);
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    struct str line;
    size_t n = 0;
    for (; str_line(&text, &line); n++)
        if (n < DIFF_SHOWN)
            buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(m->a, line, LINE_SHOWN)));
    kind_say_fenced(m, "diff", buf_view(&lines));
    if (whole.n)
        offline_say(m, "\n(It is longer than this; all of it is artifact %.*s: `tau artifact show %.*s`.)\n",
                    STR_ARG(whole), STR_ARG(whole));
    else if (n > DIFF_SHOWN)
        offline_say(m, "\n(Left out here: %s; %s.)\n",
                    offline_count(m->a, (int64_t)(n - DIFF_SHOWN), "more line"), rest);
}

static void say_diff(const struct offline_turn *t, const struct offline_result *diff,
                     const char *title, int form, struct offline_move *m)
{
    size_t before = m->text.len;
    offline_say(m, "\n**%s**\n\n", title);
    if (!diff_say(t, diff->text, form == FORM_REVIEW, m))
        buf_truncate(&m->text, before);
    else if (form == FORM_DIFF)
        say_lines(m, diff->text, "`diff FILE` shows that of one file");
    if (diff_is_cut(diff->text))
        offline_say(m, "\n(The diff is large and its middle was not looked at, so the counts of "
                       "lines are too low.)\n");
}

static void ask_history(const struct offline_turn *t, const struct offline_match *match, struct str path,
                        struct offline_move *m)
{
    int64_t n;
    char *most = offline_slot(t->a, match, SLOT_N, false);
    if (!most || !str_i64(str_of(most), &n) || n < 1 || n > COMMITS_MAX)
        n = COMMITS;
    const char *command = path.n ? arena_printf(t->a, GIT_LOG_FILE "%lld -- %s", (long long)n,
                                                kind_shell_quote(t->a, path))
                                 : arena_printf(t->a, GIT_LOG "%lld", (long long)n);
    offline_call(m, "bash", "command", command, NULL);
}

static void say_history(const struct offline_turn *t, struct str path, struct offline_move *m)
{
    const struct offline_result *r = &t->results[0];
    struct str rest = r->text;
    struct str line;
    if (say_git_failed(t, m))
        return;
    if (path.n && str_starts(rest, "[no output]")) {
        offline_say(m, "git knows of no commit that touched `%.*s`.\n", STR_ARG(path));
        return;
    }
    if (path.n)
        offline_say(m, "The last commits that touched `%.*s`, the newest first:\n\n", STR_ARG(path));
    else
        offline_say(m, "The last commits, the newest first:\n\n");
    while (str_line(&rest, &line))
        if (line.n)
            offline_say(m, "- %.*s\n", STR_ARG(line));
}

/* "    12\tAnn Other", those with the most commits first. */
static void say_authors(const struct offline_turn *t, struct offline_move *m)
{
    struct str text = t->results[0].text, line, number;
    int64_t n;
    if (say_git_failed(t, m))
        return;
    offline_say(m, "Who made commits, by their number:\n\n");
    while (str_line(&text, &line)) {
        line = str_trim(line);
        if (str_split(&line, '\t', &number) && str_i64(number, &n))
            offline_say(m, "- %.*s: %s\n", STR_ARG(line), offline_count(m->a, n, "commit"));
    }
}

static void say_number(const struct offline_turn *t, struct offline_move *m)
{
    int64_t n;
    if (say_git_failed(t, m))
        return;
    if (str_i64(str_trim(t->results[0].text), &n))
        offline_say(m, "There is a history of %s, up to the one that this is at.\n", offline_count(t->a, n, "commit"));
    else
        offline_say(m, "git does not say how many commits there are.\n");
}

/* "## main...origin/main [ahead 1]", "## HEAD (no branch)", "## No commits yet on main" */
static void say_branch(const struct offline_turn *t, struct offline_move *m)
{
    static const char unborn[] = "No commits yet on ";
    struct str text = t->results[0].text, line;
    if (say_git_failed(t, m))
        return;
    if (!str_line(&text, &line) || !str_starts(line, "## ")) {
        offline_say(m, "git does not say on which branch this is.\n");
        return;
    }
    line = str_sub(line, 3, line.n);
    if (str_starts(line, "HEAD (no branch)")) {
        offline_say(m, "On no branch: HEAD is a commit by itself.\n");
        return;
    }
    bool none = str_starts(line, unborn);
    if (none)
        line = str_sub(line, strlen(unborn), line.n);
    ssize_t dots = str_find(line, STR("..."));
    struct str name = dots < 0 ? line : str_sub(line, 0, (size_t)dots);
    offline_say(m, "The branch is `%.*s`%s", STR_ARG(name), none ? ", which has no commit yet" : "");
    if (dots >= 0)
        offline_say(m, ", which follows %.*s", STR_ARG(str_sub(line, (size_t)dots + 3, line.n)));
    offline_say(m, ".\n");
}

/* ---- a commit ---- */

/* What git show prints: the commit's own lines with its message, how much changed, and the diff. */
struct shown {
    struct str head, stat, diff;
};

static struct shown split_shown(struct str text)
{
    struct shown s = {.head = text, .stat = STR(""), .diff = STR("")};
    struct str rest = text, line;
    bool in_stat = false;
    while (str_line(&rest, &line)) {
        size_t at = (size_t)(line.p - text.p);
        if (str_starts(line, "diff --")) {
            s.diff = str_sub(text, at, text.n);
            text.n = at;
            break;
        }
        /* The message is set in by four blanks, a file of the stat by one. */
        bool file = str_starts(line, " ") && !str_starts(line, "    ") && str_find(line, STR(" | ")) > 0;
        if (!in_stat && (file || str_is(line, "---"))) {
            in_stat = true;
            s.head.n = at;
            s.stat = str_sub(text, file ? at : at + line.n + 1, text.n);
        }
    }
    s.stat.n = MIN(s.stat.n, (size_t)(text.p + text.n - s.stat.p));
    if (!in_stat)
        s.head.n = text.n;
    return s;
}

/* The commit to look at: HEAD, or the one whose name was said. */
static const char *commit_of(const struct offline_turn *t, const struct offline_match *match)
{
    struct str name = match->slots[SLOT_WORD];
    return name.p ? kind_shell_quote(t->a, name) : "HEAD";
}

static void say_head(struct offline_move *m, struct str head)
{
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    struct str line;
    size_t n = 0;
    for (head = str_trim(head); str_line(&head, &line); n++)
        if (n < HEAD_SHOWN)
            buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(m->a, line, LINE_SHOWN)));
    kind_say_fenced(m, "", buf_view(&lines));
    if (n > HEAD_SHOWN)
        offline_say(m, "\n(Left out here: %s of the message.)\n",
                    offline_count(m->a, (int64_t)(n - HEAD_SHOWN), "more line"));
}

/* git counts what this could not read: a diff whose middle is missing, or one against several parents. */
static void say_stat(struct offline_move *m, struct str stat)
{
    struct str line, rest = stat;
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    size_t n = 0, skipped = 0;
    while (str_line(&rest, &line))
        n += line.n > 0;
    /* The last line sums up. */
    for (size_t i = 0; str_line(&stat, &line);) {
        if (line.n == 0)
            continue;
        bool shown = i++ < FILES_SHOWN || i == n;
        skipped += !shown;
        if (shown)
            buf_printf(&lines, "%.*s\n", STR_ARG(line));
    }
    kind_say_fenced(m, "", buf_view(&lines));
    if (skipped)
        offline_say(m, "\n(Left out here: %s.)\n", offline_count(m->a, (int64_t)skipped, "more file"));
}

static void say_counts(const struct offline_turn *t, struct str diff, struct offline_move *m)
{
    offline_say(m, "\n");
    diff_say(t, diff, false, m);
}

static void say_commit(const struct offline_turn *t, const struct offline_match *match, struct offline_move *m)
{
    struct str name = match->slots[SLOT_WORD];
    const struct shown s = split_shown(t->results[0].text);
    if (say_git_failed(t, m))
        return;
    if (name.p)
        offline_say(m, "The commit `%.*s`:\n", STR_ARG(name));
    else
        offline_say(m, "The last commit:\n");
    say_head(m, s.head);
    bool counted = !diff_is_cut(t->results[0].text) && !str_starts(s.diff, "diff --c");
    if (s.diff.n == 0 && s.stat.n == 0)
        offline_say(m, "\nIt changes no file.\n");
    else if (!counted || s.diff.n == 0)
        say_stat(m, s.stat);
    else
        say_counts(t, s.diff, m);
    if (match->form == FORM_COMMIT_DIFF && s.diff.n)
        say_lines(m, s.diff, arena_printf(t->a, "`git show %s` in a shell prints all of it", commit_of(t, match)));
}

/* What one command of git answers. */
static const struct {
    int form;
    const char *command;
    void (*say)(const struct offline_turn *t, struct offline_move *m);
} questions[] = {
    {FORM_AUTHORS, "git shortlog -s -n HEAD", say_authors},
    {FORM_NUMBER, "git rev-list --count HEAD", say_number},
    {FORM_BRANCH, GIT_STATUS, say_branch},
};

static void changes_plan(const struct offline_turn *t, const struct offline_match *match,
                         struct offline_move *m)
{
    struct str path = match->slots[SLOT_PATH].p ? match->slots[SLOT_PATH]
                      : match->slots[SLOT_A].p  ? match->slots[SLOT_A]
                                                : STR("");
    struct status status = {0};
    if (diff_looks_like(t->input)) {
        offline_say(m, "The diff on standard input: ");
        diff_say(t, t->input, match->form == FORM_REVIEW, m);
        return;
    }
    if (match->form == FORM_HISTORY) {
        if (t->n_results == 0)
            ask_history(t, match, path, m);
        else
            say_history(t, path, m);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
        if (match->form != questions[i].form)
            continue;
        if (t->n_results == 0)
            offline_call(m, "bash", "command", questions[i].command, NULL);
        else
            questions[i].say(t, m);
        return;
    }
    bool commit = match->form == FORM_COMMIT || match->form == FORM_COMMIT_DIFF;
    if (commit && t->n_results == 0) {
        offline_call(m, "bash", "command", arena_printf(t->a, GIT_SHOW "%s", commit_of(t, match)), NULL);
        return;
    }
    if (commit) {
        if (diff_read_files(t, split_shown(t->results[0].text).diff, m))
            say_commit(t, match, m);
        return;
    }
    if (t->n_results == 0) {
        ask_git(t, path, m);
        return;
    }
    if (say_git_failed(t, m) || t->n_results < 3)
        return;
    take_status(&status, t->results[0].text);
    if (status.staged && t->n_results == 3) {
        offline_call(
            m, "bash", "command",
            path.n ? arena_printf(t->a, "git diff --cached" PLAIN_DIFF " -- %s", kind_shell_quote(t->a, path))
                   : "git diff --cached" PLAIN_DIFF,
            NULL);
        return;
    }
    bool nothing = path.n && !status.untracked && !status.conflicts && !status.staged &&
                   !status.changed && !status.added && !status.deleted && !status.renamed;
    if (nothing && t->n_results == 3) {
        offline_call(m, "bash", "command",
                     arena_printf(t->a, "git ls-files -- %s", kind_shell_quote(t->a, path)), NULL);
        return;
    }
    if (nothing && str_starts(t->results[3].text, "[no output]")) {
        offline_say(m, "git knows nothing of the name `%.*s` here.\n", STR_ARG(path));
        return;
    }
    const struct offline_result *staged = status.staged && t->n_results > 3 ? &t->results[3] : NULL;
    if (!diff_read_files(t, t->results[2].text, m) || (staged && !diff_read_files(t, staged->text, m)))
        return;
    if (path.n)
        offline_say(m, "`%.*s`. ", STR_ARG(path));
    say_status(m, &status);
    say_diff(t, &t->results[2], "Not staged", match->form, m);
    if (staged)
        say_diff(t, staged, "Staged", match->form, m);
    say_untracked(m, t->results[0].text);
}

#define CHANGES "changes|change|diff|diffs|modifications|edits|work|differences|patch"

/* Of as good a fit the first is taken: who says diff wants to see it. */
#define DIFF "diff|diffs|patch"

#define REPO "repo|repository|project|history|branch"
#define LAST "[the|our|my] [very|most] last|latest|newest|recent|previous"

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_COMMIT_DIFF, "show|print|give|display|list|see|view [me] [the] [git|full|whole] " CHANGES
                              " of|from|in|for " LAST " commit"),
    PATTERN(FORM_COMMIT_DIFF, "[the|git] " DIFF " [of|from|in|for] " LAST " commit"),
    PATTERN(FORM_COMMIT_DIFF, "what is|are [the] " CHANGES " of|from|in|for " LAST " commit"),
    PATTERN(FORM_COMMIT_DIFF, "show|print|give|display|see|view [me] " LAST " commit with|including|and [its|the|a] "
                              "[full|whole] " DIFF),
    PATTERN(FORM_COMMIT_DIFF, "show|print|give|display|see|view [me] " LAST " commit's " DIFF),
    PATTERN(FORM_COMMIT_DIFF, "show|print|give|display|see|view [me] [the] [full|whole] " CHANGES
                              " of|from|in|for [the] commit {word}"),
    PATTERN(FORM_HISTORY, "show|list|print|display|see|view|give [me] [the|all] [git] commit history|log"),
    PATTERN(FORM_COMMIT, "show|explain|describe|summarize|print|display|see|view [me] [the] commit {word}"),
    PATTERN(FORM_COMMIT, "what did|does [the] commit {word} do|change"),
    PATTERN(FORM_COMMIT, "what is|was in [the] commit {word}"),
    PATTERN(FORM_DIFF, "show|print|give|display|list|see [me] [all|the|my|our|any|a] [git|local|uncommitted|unstaged|"
                       "staged|pending|current|latest|full|whole|actual] " DIFF " [here|please]"),
    PATTERN(FORM_DIFF, "show|print|give|display|list|see [me] [the|my|our] [git|local|uncommitted|full|whole] " DIFF
                       " in|to|of|for [the] [file] {file}"),
    PATTERN(FORM_DIFF, "show|print|give|display|list|see [me] [the|my|our] [git|local|uncommitted|full|whole] " DIFF
                       " of [all|the|my|our|what] [i|local|uncommitted] changes|changed|everything"),
    PATTERN(FORM_DIFF, "[the|my] [uncommitted|local|pending|unstaged|staged|current] " DIFF " [of|for] [here]"),
    PATTERN(FORM_DIFF, "git " DIFF),
    PATTERN(FORM_DIFF, "[git|the] " DIFF " [of|for|in] {path}"),
    PATTERN(FORM_DIFF, "what is [the|my] [git|current] " DIFF),
    PATTERN(FORM_CHANGES, "what changed|changes|differs|moved [here] [since] [the] [last|"
                          "previous] [commit|time|week|yesterday]"),
    PATTERN(FORM_CHANGES,
            "what has|have|did|was|is|are|were|do [been|i|we|you|they] [have] "
            "changed|change|modified|modify|edited|edit|touched|touch|new|different|dirty|"
            "uncommitted|unstaged|staged|pending|done|do [here|so|far|since] [the] [last|"
            "previous] [commit|time]"),
    PATTERN(FORM_CHANGES, "what's changed|new|different|modified|dirty|uncommitted|staged|"
                          "unstaged [here] [since] [the] [last] [commit|time]"),
    PATTERN(FORM_CHANGES, "what changed|changes [have|has] [i|we] [made] in|to [the] [file|"
                          "directory] {file}"),
    PATTERN(FORM_CHANGES, "what changed in|below [the] [directory|folder] {a}"),
    PATTERN(FORM_CHANGES, "what has|have|did|is|was [been|i|we] changed|change|modified|modify|"
                          "new|different in|to [the] [file|directory] {file}"),
    PATTERN(FORM_CHANGES, "what's changed|new|different in|to {file}"),
    PATTERN(FORM_CHANGES,
            "which|what files|file|lines|things have|has|did|are|were [been|i|we] "
            "changed|change|modified|modify|edited|touched|different|dirty|new|uncommitted"),
    PATTERN(FORM_CHANGES,
            "show|list|explain|describe|summarize|summarise|print|give|tell|"
            "display [me] [about] [all|the|my|our|any|a] [summary|overview|list] [of] [the|my|"
            "our|all] [git|local|uncommitted|unstaged|staged|pending|current|recent|latest|"
            "modified|changed] " CHANGES "|status [here|i|we|made|so] [made|far] [since] [the] "
            "[last] [commit]"),
    PATTERN(FORM_CHANGES,
            "show|list|explain|describe|summarize|summarise|print|give|tell [me] "
            "[the|my|our] [git|local|uncommitted] " CHANGES " in|to|of|for [the] {file}"),
    PATTERN(FORM_CHANGES, "show|list|tell [me] [all] [the|which|what] changed|modified|new|"
                          "uncommitted|dirty|edited|untracked files"),
    PATTERN(FORM_CHANGES,
            "[any|the|my] [uncommitted|local|pending|unstaged|staged|current] " CHANGES
            " [here|pending|yet]"),
    PATTERN(FORM_CHANGES,
            "are|is|do|did|have|has [there|i|we] [any|something|anything|have] "
            "[uncommitted|local|pending|unstaged|staged] " CHANGES "|changed|uncommitted|dirty "
            "[here|pending]"),
    PATTERN(FORM_CHANGES, "what|which are|is [all] [the|my|our] [current|local|uncommitted|unstaged|pending] "
                          "changes|modifications|edits|differences [here]"),
    PATTERN(FORM_CHANGES, "which|what files changed|differ|differs|change"),
    PATTERN(FORM_CHANGES, "what is|are [the] different|difference|differences from|to|since|with [the] [last] commit|head"),
    PATTERN(FORM_CHANGES, "has|did|is anything|something [been] changed|change|modified|new|"
                          "different|dirty"),
    PATTERN(FORM_CHANGES, "anything|something changed|new|different|modified"),
    PATTERN(FORM_CHANGES, "git status|diff|changes"),
    PATTERN(FORM_CHANGES, "status"),
    PATTERN(FORM_CHANGES, "is the|my|our [working] tree|workspace|repo|repository clean|dirty"),
    PATTERN(FORM_REVIEW,
            "review|check|inspect [the|my|our|these|all] [git|local|uncommitted|"
            "unstaged|staged|pending|current|recent|latest] " CHANGES " [here|please|before] [i|"
            "we] [commit|push]"),
    PATTERN(FORM_REVIEW, "review|check [the|my|our] [local|uncommitted] " CHANGES " in|to|of "
                         "{file}"),
    {"[code] review of|for [the|my|our] [local|uncommitted|current] " CHANGES, FORM_REVIEW, false},
    PATTERN(FORM_REVIEW, "review what i|we changed|did|have"),
    PATTERN(FORM_HISTORY, "show|list|print|give|what [me] [are|is|were] [the] [last|recent|"
                          "latest|git] [few] [git] commits|log|history"),
    PATTERN(FORM_HISTORY, "[git] log|history"),
    PATTERN(FORM_HISTORY, "show|list|print|give|what [me] [are|is|were] [the|my|our] last|recent|latest|"
                          "newest {n} commits"),
    PATTERN(FORM_HISTORY, "[the] last|recent|latest|newest {n} commits"),
    PATTERN(FORM_HISTORY, "[the] history of|for [this|the] [git] repository|repo|project|workspace"),
    PATTERN(FORM_HISTORY, "what was [the] [last|latest] committed|commit|commits"),
    PATTERN(FORM_HISTORY, "who [has] [last] wrote|changed|edited|touched|modified|made|authored|maintains [last] [the] [file] {path} "
                          "[last]"),
    PATTERN(FORM_HISTORY, "who [has] worked|works on [the] [file] {path}"),
    PATTERN(FORM_HISTORY, "[show|list|print|give] [me] [the] [git] history|log|commits of|for|to|on [the] [file] {path}"),
    PATTERN(FORM_HISTORY, "when was|did [the] [file] {path} [last] change|changed|modified|edited|touched [last]"),
    PATTERN(FORM_HISTORY, "which|what commits changed|touched|modified [the] [file] {path}"),
    PATTERN(FORM_HISTORY, "what is|was|are|were [the] last|latest|recent change|changes|commit|commits to|in|of|for [the] "
                          "[file] {path}"),
    PATTERN(FORM_AUTHORS, "who is|are [the] author|authors|contributor|contributors|maintainer|maintainers|committers [of] "
                          "[this|the|our] [" REPO "|code|program]"),
    PATTERN(FORM_AUTHORS, "who wrote|made|maintains|contributed [to] this|it|the [" REPO "|code|program]"),
    PATTERN(FORM_AUTHORS, "[show|list] [me] [the|all] contributors|committers"),
    PATTERN(FORM_NUMBER, "how many commits are|is|has|have|does [there|it|we|this|the] [" REPO "] [have|here|got] [in|so|on] "
                         "[this|the|far] [" REPO "|branch]"),
    PATTERN(FORM_NUMBER, "count [all] [the|our] commits [here]"),
    PATTERN(FORM_BRANCH, "[on] what|which [git] branch am|are|is [i|we|this|it] [on|in|at] [here]"),
    PATTERN(FORM_BRANCH, "what is [the|my|our] [current] [git] branch"),
    PATTERN(FORM_BRANCH, "[show|print|tell|name] [me] [the|my|our] current [git] branch"),
    PATTERN(FORM_BRANCH, "[show|print|tell|name] [me] [the|my|our] git branch"),
    PATTERN(FORM_HISTORY, "who committed|changed [what] *"),
    PATTERN(FORM_COMMIT, "show|explain|describe|summarize|summarise|review|print [me] [the] last|"
                       "latest|previous|newest commit"),
    PATTERN(FORM_COMMIT, "show|display|explain|describe|print|view|see|give|get|open [me] [the] [very|most] last|latest|"
                       "newest|recent|previous commit"),
    PATTERN(FORM_HISTORY, "[the|a] log|list|history of [the|all|my|our|recent|past] [recent] commits|changes"),
    PATTERN(FORM_HISTORY, "what was|got committed last|recently|lately|before"),
    PATTERN(FORM_COMMIT, "what did|does [the] last|latest|previous|newest commit do|change|changed"),
    PATTERN(FORM_COMMIT, "what is|was [the] [very|most] last|latest|previous|newest|recent commit about|for|doing"),
    PATTERN(FORM_COMMIT, "who made|wrote|authored|did [the] [very|most] last|latest|previous|newest|recent commit"),
    PATTERN(FORM_COMMIT, "what happened|changed in|with [the] [very|most] last|latest|previous|newest|recent commit"),
    PATTERN(FORM_COMMIT, "what is|was in [the] last|latest|previous|newest commit"),
    PATTERN(FORM_COMMIT, "what was [the] last|latest|previous|newest commit"),
    PATTERN(FORM_COMMIT, "what's in [the] last|latest|previous|newest commit"),
    PATTERN_END,
};

static const char *const examples[] = {
    "what changed?",
    "show me the diff of src/main.c",
    "review my changes",
    "show the diff of the last commit",
    NULL,
};

const struct offline_kind offline_changes = {
    .name = "what-changed",
    .help = "ask git what is changed and not committed, and explain the diff",
    .words = "changed changes change diff git modified status uncommitted commit review new "
             "different staged edited history",
    .examples = examples,
    .patterns = patterns,
    .plan = changes_plan,
};
