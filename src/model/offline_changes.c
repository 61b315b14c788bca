/* SPDX-License-Identifier: MIT
 *
 * offline_changes: the kind what-changed: asks git, with commands that only read, and explains what
 * they say. A diff on standard input is explained in their stead.
 */
#include "model/offline_kind.h"

#include <string.h>

enum { FILES_SHOWN = 40, DIFF_SHOWN = 200, LINE_SHOWN = 200, COMMIT_LINES = 40, COMMITS = 15, COMMITS_MAX = 100 };

/* Whatever the operator's git is set to: its answers are read here. */
#define GIT_STATUS "git status --porcelain --branch"
#define PLAIN_DIFF " --no-color --no-ext-diff --src-prefix=a/ --dst-prefix=b/"
#define GIT_LOG "git log --no-color --oneline -n "

enum { FORM_CHANGES, FORM_DIFF, FORM_REVIEW, FORM_HISTORY, FORM_LAST };

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

/* The front of a diff as it is. */
static void say_lines(struct offline_move *m, struct str text)
{
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    struct str line;
    size_t n = 0;
    for (; str_line(&text, &line); n++)
        if (n < DIFF_SHOWN)
            buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(m->a, line, LINE_SHOWN)));
    kind_say_fenced(m, "diff", buf_view(&lines));
    if (n > DIFF_SHOWN)
        offline_say(m, "\n(Left out here: %s; `diff FILE` shows that of one file.)\n",
                    offline_count(m->a, (int64_t)(n - DIFF_SHOWN), "more line"));
}

static void say_diff(const struct offline_turn *t, const struct offline_result *diff,
                     const char *title, int form, struct offline_move *m)
{
    size_t before = m->text.len;
    offline_say(m, "\n**%s**\n\n", title);
    if (!diff_say(t, diff->text, form == FORM_REVIEW, m))
        buf_truncate(&m->text, before);
    else if (form == FORM_DIFF)
        say_lines(m, diff->text);
    if (diff_is_cut(diff->text))
        offline_say(m, "\n(The diff is large and its middle was not looked at, so the counts of "
                       "lines are too low.)\n");
}

static void say_history(const struct offline_turn *t, struct offline_move *m)
{
    const struct offline_result *r = &t->results[0];
    struct str rest = r->text;
    struct str line;
    if (say_git_failed(t, m))
        return;
    offline_say(m, "The last commits, the newest first:\n\n");
    while (str_line(&rest, &line))
        if (line.n)
            offline_say(m, "- %.*s\n", STR_ARG(line));
}

/* git show: the commit's own lines, then its diff. */
static void say_commit(const struct offline_turn *t, struct offline_move *m)
{
    struct str rest = t->results[0].text;
    struct str line;
    if (say_git_failed(t, m))
        return;
    offline_say(m, "The last commit:\n\n");
    for (int n = 0; n < COMMIT_LINES && str_line(&rest, &line) && !str_starts(line, "diff --git ");
         n++)
        if (line.n)
            offline_say(m, "> %.*s\n", STR_ARG(offline_clip(t->a, str_trim(line), 200)));
    offline_say(m, "\n");
    diff_say(t, t->results[0].text, false, m);
}

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
    if (match->form == FORM_HISTORY && t->n_results == 0) {
        int64_t n;
        char *most = offline_slot(t->a, match, SLOT_N, false);
        if (!most || !str_i64(str_of(most), &n) || n < 1 || n > COMMITS_MAX)
            n = COMMITS;
        offline_call(m, "bash", "command", arena_printf(t->a, GIT_LOG "%lld", (long long)n), NULL);
        return;
    }
    if (match->form == FORM_HISTORY) {
        say_history(t, m);
        return;
    }
    if (match->form == FORM_LAST && t->n_results == 0) {
        offline_call(m, "bash", "command", "git show" PLAIN_DIFF " HEAD", NULL);
        return;
    }
    if (match->form == FORM_LAST) {
        if (diff_read_files(t, t->results[0].text, m))
            say_commit(t, m);
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

static const struct offline_pattern patterns[] = {
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
    PATTERN(FORM_HISTORY, "who committed|changed [what] *"),
    PATTERN(FORM_LAST, "show|explain|describe|summarize|summarise|review|print [me] [the] last|"
                       "latest|previous|newest commit"),
    PATTERN(FORM_LAST, "show|display|explain|describe|print|view|see|give|get|open [me] [the] [very|most] last|latest|"
                       "newest|recent|previous commit"),
    PATTERN(FORM_HISTORY, "[the|a] log|list|history of [the|all|my|our|recent|past] [recent] commits|changes"),
    PATTERN(FORM_HISTORY, "what was|got committed last|recently|lately|before"),
    PATTERN(FORM_LAST, "what did|does [the] last|latest|previous|newest commit do|change|changed"),
    PATTERN(FORM_LAST, "what is|was [the] [very|most] last|latest|previous|newest|recent commit about|for|doing"),
    PATTERN(FORM_LAST, "who made|wrote|authored|did [the] [very|most] last|latest|previous|newest|recent commit"),
    PATTERN(FORM_LAST, "what happened|changed in|with [the] [very|most] last|latest|previous|newest|recent commit"),
    PATTERN(FORM_LAST, "what is|was in [the] last|latest|previous|newest commit"),
    PATTERN(FORM_LAST, "what was [the] last|latest|previous|newest commit"),
    PATTERN(FORM_LAST, "what's in [the] last|latest|previous|newest commit"),
    PATTERN_END,
};

static const char *const examples[] = {
    "what changed?",
    "show me the diff of src/main.c",
    "review my changes",
    "show the last commits",
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
