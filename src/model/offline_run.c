/* SPDX-License-Identifier: MIT
 *
 * offline_run: the kind run-command: runs the command that was named, as it was written, and
 * reports how it ended and what it printed last. It never runs another command in its stead.
 */
#include "model/offline_kind.h"
#include "model/offline_words.h"

#include <string.h>

enum { LINES_SHOWN = 40 };

enum {
    FORM_RUN,
    FORM_BACKGROUND,
    FORM_BARE,
    FORM_WHICH,
    FORM_MOVE,
    FORM_DELETE,
    FORM_MKDIR,
    FORM_COMMIT
};

/* "make test and show me the output": the second half is for us. */
static struct str drop_tail(struct str s)
{
    static const char tails[] =
        " and show me the output| and show the output| and tell me the output|"
        " and tell me the result| and show me the result| and show the result|"
        " and report the result| and report| and tell me what it prints| and tell me what it says|"
        " and tell me what happens| and tell me if it works| and tell me whether it works|"
        " and print the output| and report back| and show me what it prints|"
        " and show me the errors| and show the errors| and tell me the errors|"
        " and show me what fails| and tell me what fails| and show me any errors|"
        " and tell me whether it passes| and tell me if it passes| and explain the output| and summarize the output| and give me the output|"
        " and see what happens| and tell me how it ends| in the shell| in a shell|"
        " on the command line| in bash| in the terminal| and wait| for me| please";
    return list_drop(s, NULL, tails);
}

/* What stands in the quotes when the whole is one quoted text, also before the mark that ends the sentence. */
static struct str unquote(struct str s)
{
    s = str_trim(s);
    if (s.n > 3 && strchr("`\"'", s.p[0]) && s.p[s.n - 2] == s.p[0] && strchr("?.!", s.p[s.n - 1]))
        s.n--;
    if (str_starts(s, "```") && str_ends(s, "```") && s.n > 6) {
        s = str_trim(str_sub(s, 3, s.n - 6));
        ssize_t lf = str_index(s, '\n');
        struct str word = str_sub(s, 0, lf < 0 ? 0 : (size_t)lf);
        if (str_is(word, "sh") || str_is(word, "bash") || str_is(word, "shell"))
            s = str_trim(str_sub(s, (size_t)lf, s.n));
        return s;
    }
    if (s.n > 2 && strchr("`\"'", s.p[0]) && s.p[s.n - 1] == s.p[0] &&
        !memchr(s.p + 1, s.p[0], s.n - 2))
        return str_sub(s, 1, s.n - 2);
    return s;
}

/* Words that name no command but a wish. */
static bool is_a_wish(struct str s)
{
    static const char wishes[] =
        "the|my|all|our|some|a|an|it|this|that|them|tests|unit|everything|something|command|these|"
        "your";
    ssize_t blank = str_index(s, ' ');
    struct str first = blank < 0 ? s : str_sub(s, 0, (size_t)blank);
    return list_has(wishes, first);
}

static void say_ran(const struct offline_turn *t, const struct offline_result *r,
                    const char *command, struct offline_move *m)
{
    struct offline_failure f = offline_failure(r);
    struct str output = r->is_error ? f.output : r->text;
    if (!r->is_error) {
        offline_say(m, "`%s` ended with exit status 0.\n", command);
    } else if (str_is(f.code, "exit_status") || str_is(f.code, "killed_by_signal")) {
        offline_say(m, "`%s` failed: %.*s.\n", command, STR_ARG(f.message));
    } else {
        offline_say_failed(m, r, arena_printf(t->a, "run `%s`", command));
    }
    if (str_starts(output, "[no output]") || (str_trim(output).n == 0 && !r->is_error))
        offline_say(m, "\nIt printed nothing.\n");
    else if (str_trim(output).n)
        kind_say_block(m, output, LINES_SHOWN);
}

/* What I do not do by myself, but would run when told so. */
static void say_command(const struct offline_turn *t, const struct offline_match *match,
                        struct offline_move *m)
{
    struct str path = match->slots[SLOT_PATH];
    struct str b = match->slots[match->form == FORM_MKDIR ? SLOT_A : SLOT_B];
    const char *command =
        match->form == FORM_MOVE     ? arena_printf(t->a, "mv %.*s %.*s", STR_ARG(path), STR_ARG(b))
        : match->form == FORM_DELETE ? arena_printf(t->a, "rm %.*s", STR_ARG(path))
        : match->form == FORM_MKDIR  ? arena_printf(t->a, "mkdir %.*s", STR_ARG(path.p ? path : b))
        : b.p                        ? arena_printf(t->a, "git commit -a -m %s", kind_shell_quote(t->a, b))
                                     : "git commit -a -m \"what changed and why\"";
    offline_say(m,
                "I do not do that by instruction, but I run a command as you write it. Ask for "
                "example: `run %s`.\n",
                command);
}

/* "started job_x; ..." */
static void say_started(const struct offline_turn *t, const char *command, struct offline_move *m)
{
    struct str rest = t->results[0].text;
    struct str word;
    if (!str_split(&rest, ' ', &word) || !str_split(&rest, ';', &word))
        word = STR("JOB");
    offline_say(m,
                "`%s` runs in the background as %.*s. Ask `show job %.*s` for what it printed, and "
                "`stop job %.*s` to end it.\n",
                command, STR_ARG(word), STR_ARG(word), STR_ARG(word));
}

static void run_plan(const struct offline_turn *t, const struct offline_match *match,
                     struct offline_move *m)
{
    struct str text = match->slots[SLOT_REST].p ? match->slots[SLOT_REST] : match->slots[SLOT_A];
    if (match->form >= FORM_MOVE) {
        say_command(t, match, m);
        return;
    }
    if (match->form == FORM_BARE)
        text = t->prompt;
    bool quoted =
        match->form != FORM_BARE && match->quoted[match->slots[SLOT_REST].p ? SLOT_REST : SLOT_A];
    struct str clean = quoted ? str_trim(text) : unquote(drop_tail(str_trim(text)));
    if (!quoted && str_starts(text, "```"))
        clean = unquote(text);
    const char *command = arena_strndup(t->a, clean.p ? clean.p : "", clean.n);
    const char *background = match->form == FORM_BACKGROUND ? "true" : NULL;
    if (clean.n == 0 || (!quoted && str_eq(clean, str_trim(text)) && is_a_wish(clean))) {
        offline_say(m, "Which command exactly? Write it as you would in a shell, for example: "
                       "`run make check`. I run what you write and do not guess.\n");
        return;
    }
    if (t->n_results == 0) {
        struct str cwd = match->slots[SLOT_PATH];
        offline_call(m, "bash", "command", command, "cwd",
                     cwd.p ? arena_strndup(t->a, cwd.p, cwd.n) : NULL, "#background", background,
                     NULL);
        return;
    }
    if (background && !t->results[0].is_error)
        say_started(t, command, m);
    else
        say_ran(t, &t->results[0], command, m);
}

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_RUN,
            "run|execute|exec|invoke [the|this] [shell|bash] [command|commands|following] "
            "{rest}"),
    PATTERN(FORM_RUN,
            "launch|start|call|perform|do|try [out] [the|this] [shell|bash] command {rest}"),
    PATTERN(FORM_RUN, "run|execute|exec|invoke|start [the] [command] {a} in [the] [directory|"
                      "folder] {path}"),
    PATTERN(FORM_RUN, "in [the] [directory|folder] {path} run|execute {a}"),
    PATTERN(FORM_BACKGROUND, "run|start|execute|launch [the] [command] {a} in|as [the|a] "
                             "background [job]"),
    PATTERN(FORM_BACKGROUND, "start [a] [background] job [with|for|running|that] [runs] {a}"),
    PATTERN(FORM_RUN, "$|!|>|% {rest}"),
    PATTERN(FORM_RUN, "try|start|begin|keep [by] running|executing [the|this] [command] {rest}"),
    PATTERN(FORM_RUN, "{a} run|execute this|that|it"),
    PATTERN(FORM_RUN, "bash|sh|shell|command|cmd {rest}"),
    PATTERN(FORM_RUN, "use [the] bash|shell|terminal to [run|execute] {rest}"),
    PATTERN(FORM_RUN, "what does [the] [command] {a} print|output|return|say|show|give|do|tell"),
    PATTERN(FORM_RUN, "what is|does|are [the] output|result|results of [running|the] [command] "
                      "{a}"),
    PATTERN(FORM_RUN, "what's the output|result of [running] [the] [command] {a}"),
    PATTERN(FORM_RUN, "show|give|get|tell|print [me] [the] output|result|results of [running] "
                      "[the] [command] {a}"),
    PATTERN(FORM_RUN, "tell|show [me] what [the] [command] {a} prints|outputs"),
    PATTERN(FORM_RUN, "what do|would|will i|we|you get|see from|by [running|executing] {a}"),
    PATTERN(FORM_RUN, "what happens when|if i|you|we run|execute {a}"),
    PATTERN(FORM_RUN, "does|do {a} pass|work|succeed|fail|build|compile|run"),
    PATTERN(FORM_RUN, "check whether|if|that {a} passes|works|succeeds|builds|runs|compiles"),
    PATTERN(FORM_RUN, "see whether|if|that {a} passes|works|succeeds|builds|runs|compiles"),
    PATTERN(FORM_WHICH, "build|compile|test|install [it|this|everything|the|project|code|tests|"
                        "program] [project|code|program]"),
    PATTERN(FORM_MOVE, "move|rename|mv [the] [file|directory] {path} to|into|as {b}"),
    PATTERN(FORM_DELETE, "delete|remove|rm|unlink|trash [the] [file|directory|folder] {path}"),
    PATTERN(FORM_MKDIR, "create|make|add|mkdir [a|the] [new] directory|folder [called|named] "
                        "{path}"),
    PATTERN(FORM_MKDIR, "create|make|add [a|the] [new] directory|folder [called|named] {a}"),
    PATTERN(FORM_COMMIT, "commit [all|the|my|these|this|everything] [my] [changes|work|it|"
                         "files] *"),
    PATTERN(FORM_COMMIT, "git commit *"),
    PATTERN(FORM_COMMIT, "commit [all|the|my|these|this|everything] [my|of] [the|my] [changes|work|it|files] with|as|using "
                         "[the|a] [commit] [message|subject|text] {b}"),
    /* A prompt that is a command as it stands. */
    PATTERN(FORM_BARE, "git|npm|npx|cargo|pytest|cmake|docker|pip|ninja|meson|python|python3|"
                       "node|gcc|cc|curl|wc|du|df|chmod|ls|go|grep|./bootstrap|./configure {rest}"),
    PATTERN(FORM_BARE, "make check|test|tests|all|clean|install|build|distcheck|docs|lint|bench"),
    PATTERN(FORM_BARE, "make|pwd|whoami|pytest|uname|./bootstrap|./configure"),
    PATTERN_END,
};

static const char *const examples[] = {
    "run make check",
    "what does `git log -n 1` print?",
    "run `ls -l` in src/",
    NULL,
};

const struct offline_kind offline_run = {
    .name = "run-command",
    .help = "run a command as you write it, and report how it ended and what it printed",
    .words = "run execute command shell bash start launch make output script test build",
    .examples = examples,
    .patterns = patterns,
    .plan = run_plan,
};
