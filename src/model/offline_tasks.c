/* SPDX-License-Identifier: MIT
 *
 * offline_tasks: the kind tasks: lists what is to be done, adds to it, says how it stands, and
 * makes a plan of steps that are written out. A task is named by the end of its id or by words of
 * its title; of several that have them none is touched.
 */
#include "text/utf8.h"
#include "model/offline_kind.h"

#include "json/jsonw.h"

#include <ctype.h>
#include <string.h>

enum { TITLE_MAX = 300, STEPS_MAX = 32, TASKS_MAX = 200, LINES_SHOWN = 60, ID_LEN = 6 };

enum {
    FORM_LIST,
    FORM_LIST_ALL,
    FORM_ADD,
    FORM_SHOW,
    FORM_PLAN,
    FORM_PLAN_INPUT,
    FORM_RUNNING,
    FORM_COMPLETED,
    FORM_BLOCKED,
    FORM_FAILED,
    FORM_CANCELLED
};

static const char *status_of(int form)
{
    static const char *const names[] = {"running", "completed", "blocked", "failed", "cancelled"};
    return names[form - FORM_RUNNING];
}

static void say_list(struct offline_move *m, struct str text)
{
    if (str_starts(text, "[there is none]"))
        offline_say(m, "Nothing is to be done. `add a task: ...` notes something.\n");
    else
        kind_say_block(m, text, LINES_SHOWN);
}

static void list_plan(const struct offline_turn *t, bool all, struct offline_move *m)
{
    if (t->n_results == 0)
        offline_call(m, "task_list", "status", all ? "all" : NULL, NULL);
    else if (t->results[0].is_error)
        offline_say_failed(m, &t->results[0], "list the tasks");
    else
        say_list(m, t->results[0].text);
}

/* ---- adding ---- */

static void add_plan(const struct offline_turn *t, const struct offline_match *match,
                     struct offline_move *m)
{
    enum offline_slot slot = match->slots[SLOT_A].p ? SLOT_A : SLOT_REST;
    struct str title = str_trim(str_of(offline_slot(t->a, match, slot, true)));
    if (title.n == 0 || title.n > TITLE_MAX || str_index(title, '\n') >= 0) {
        offline_say(m, "A task is one line of at most %d bytes.\n", TITLE_MAX);
        return;
    }
    if (t->n_results == 0) {
        offline_call(m, "task_create", "title", arena_strndup(t->a, title.p, title.n), NULL);
        return;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error)
        offline_say_failed(m, r, "add the task");
    else
        offline_say(m, "Noted as task `%.*s`: %.*s\n", STR_ARG(utf8_clip(r->text, ID_LEN)),
                    STR_ARG(title));
}

/* ---- which task ---- */

/* "4k2x9p": what could be an id must have a digit, or words would be taken for one. */
static bool looks_like_id(struct str s)
{
    bool digit = false;
    for (size_t i = 0; i < s.n; i++) {
        digit = digit || isdigit((unsigned char)s.p[i]);
        if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_')
            return false;
    }
    return s.n >= 4 && digit;
}

static bool has_words(struct str line, struct str words)
{
    if (line.n < words.n)
        return false;
    for (size_t i = 0; i + words.n <= line.n; i++) {
        size_t k = 0;
        while (k < words.n &&
               tolower((unsigned char)line.p[i + k]) == tolower((unsigned char)words.p[k]))
            k++;
        if (k == words.n)
            return true;
    }
    return false;
}

/* The lines of a list whose title has the words: "ID  STATUS     TITLE". */
static size_t lines_with(struct str text, struct str words, struct str out[TASKS_MAX])
{
    struct str line;
    size_t n = 0;
    while (str_line(&text, &line) && n < TASKS_MAX)
        if (line.n > ID_LEN && line.p[0] != '[' && has_words(str_sub(line, ID_LEN, line.n), words))
            out[n++] = line;
    return n;
}

/* The id of the task that is meant; false when a call was added or the answer was said. */
static bool which(const struct offline_turn *t, struct str name, struct offline_move *m,
                  struct str *ret_id)
{
    struct str found[TASKS_MAX];
    if (looks_like_id(name)) {
        *ret_id = name;
        return true;
    }
    if (t->n_results == 0) {
        offline_call(m, "task_list", NULL);
        return false;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error) {
        offline_say_failed(m, r, "list the tasks");
        return false;
    }
    size_t n = lines_with(r->text, name, found);
    if (n == 1) {
        *ret_id = utf8_clip(found[0], ID_LEN);
        return true;
    }
    if (n == 0) {
        offline_say(m, "No open task has \"%.*s\" in its title.\n", STR_ARG(name));
        return false;
    }
    CLEANUP(buf_free) struct buf lines = BUF_OWN;
    for (size_t i = 0; i < n; i++)
        buf_printf(&lines, "%.*s\n", STR_ARG(offline_clip(t->a, found[i], 400)));
    offline_say(m, "Several tasks have these words; say the id of the one that you mean:\n");
    kind_say_fenced(m, "", buf_view(&lines));
    return false;
}

static struct str name_of(const struct offline_match *match)
{
    return match->slots[SLOT_A].p ? match->slots[SLOT_A] : match->slots[SLOT_WORD];
}

static const struct offline_result *result_of(const struct offline_turn *t, const char *tool)
{
    const struct offline_result *r = t->n_results ? &t->results[t->n_results - 1] : NULL;
    return r && str_is(r->tool, tool) ? r : NULL;
}

static void update_plan(const struct offline_turn *t, const struct offline_match *match,
                        struct offline_move *m)
{
    const struct offline_result *r = result_of(t, "task_update");
    const char *status = status_of(match->form);
    char *why = offline_slot(t->a, match, SLOT_REST, true);
    struct str id;
    if (!r && which(t, name_of(match), m, &id)) {
        offline_call(m, "task_update", "task_id", arena_strndup(t->a, id.p, id.n), "status", status,
                     "detail", why, NULL);
    } else if (r && r->is_error) {
        offline_say_failed(m, r, arena_printf(t->a, "say that it is %s", status));
    } else if (r) {
        struct str said = str_trim(r->text), name;
        if (str_split(&said, ' ', &name)) /* "JVH8KS is completed" */
            offline_say(m, "Task `%.*s` %.*s.\n", STR_ARG(name), STR_ARG(said));
    }
}

static void show_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    const struct offline_result *r = result_of(t, "task_get");
    struct str id;
    if (!r && which(t, name_of(match), m, &id))
        offline_call(m, "task_get", "task_id", arena_strndup(t->a, id.p, id.n), NULL);
    else if (r && r->is_error)
        offline_say_failed(m, r, "look at the task");
    else if (r)
        kind_say_block(m, r->text, LINES_SHOWN);
}

/* ---- plans ---- */

struct steps {
    struct str goal; /* what they are parts of; may be empty */
    struct str v[STEPS_MAX];
    size_t n;
    bool more;
};

/* A step without what stands before it in a list: "- ", "* [ ] ", "2) ". */
static struct str step_text(struct str s)
{
    s = str_trim(s);
    size_t digits = 0;
    while (digits < s.n && isdigit((unsigned char)s.p[digits]))
        digits++;
    if (digits > 0 && digits + 1 < s.n && (s.p[digits] == '.' || s.p[digits] == ')'))
        s = str_trim(str_sub(s, digits + 1, s.n));
    if (s.n > 1 && strchr("-*+", s.p[0]) && s.p[1] == ' ')
        s = str_trim(str_sub(s, 1, s.n));
    if (str_starts(s, "[ ] "))
        s = str_trim(str_sub(s, 4, s.n));
    if (str_starts(s, "then ") || str_starts(s, "and "))
        s = str_trim(str_sub(s, (size_t)str_index(s, ' '), s.n));
    return s;
}

static void add_step(struct steps *out, struct str s)
{
    s = step_text(s);
    if (s.n == 0 || str_starts(s, "#") || str_starts(s, "[x] "))
        return;
    out->more = out->more || out->n == STEPS_MAX;
    if (out->n < STEPS_MAX)
        out->v[out->n++] = utf8_clip(s, TITLE_MAX);
}

static void add_steps(struct steps *out, struct str text, char sep)
{
    struct str part;
    while (str_split(&text, sep, &part))
        add_step(out, part);
}

/* "the release: write notes; tag it": the goal, then steps by lines, semicolons or commas. */
static void read_steps(struct steps *out, struct str text)
{
    ssize_t colon = str_find(text, STR(": "));
    ssize_t line = str_index(text, '\n');
    if (colon < 0 && line > 0 && text.p[line - 1] == ':')
        colon = line - 1;
    if (colon >= 0 && (line < 0 || colon < line)) {
        out->goal = str_trim(str_sub(text, 0, (size_t)colon));
        text = str_trim(str_sub(text, (size_t)colon + 1, text.n));
    }
    char sep = str_index(text, '\n') >= 0 ? '\n' : str_index(text, ';') >= 0 ? ';' : ',';
    add_steps(out, text, sep);
}

static const char *titles_of(struct arena *a, const struct steps *s)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    jsonw_begin_array(&w);
    for (size_t i = 0; i < s->n; i++)
        jsonw_str(&w, s->v[i]);
    jsonw_end_array(&w);
    return arena_strndup(a, buf_cstr(&b), b.len);
}

/* First the goal, whose id the steps need. */
static void plan_plan(const struct offline_turn *t, struct str text, struct offline_move *m)
{
    struct steps s = {0};
    read_steps(&s, text);
    if (s.n < 2) {
        offline_say(m,
                    "I follow rules and can not think of steps myself. Write them out and I note "
                    "them as tasks: `plan the release: collect the changes; write the notes; tag "
                    "it`, or give a list on standard input.\n");
        return;
    }
    for (size_t i = 0; i < t->n_results; i++)
        if (t->results[i].is_error) {
            offline_say_failed(m, &t->results[i], "note the plan");
            return;
        }
    size_t calls = s.goal.n ? 2 : 1;
    if (t->n_results == 0 && s.goal.n) {
        struct str title = utf8_clip(s.goal, TITLE_MAX);
        offline_call(m, "task_create", "title", arena_strndup(t->a, title.p, title.n), NULL);
    } else if (t->n_results < calls) {
        struct str id = s.goal.n ? utf8_clip(t->results[0].text, ID_LEN) : STR("");
        offline_call(m, "task_create", "#titles", titles_of(t->a, &s), "parent",
                     id.n ? arena_strndup(t->a, id.p, id.n) : NULL, NULL);
    } else {
        offline_say(m, "The plan has %zu steps:\n", s.n);
        kind_say_block(m, t->results[calls - 1].text, STEPS_MAX);
        if (s.more)
            offline_say(m, "\nMore than %d steps are not noted at once.\n", STEPS_MAX);
        offline_say(m, "\n`task ID is done` says that one is.\n");
    }
}

static void tasks_plan(const struct offline_turn *t, const struct offline_match *match,
                       struct offline_move *m)
{
    switch (match->form) {
    case FORM_LIST:
    case FORM_LIST_ALL:
        list_plan(t, match->form == FORM_LIST_ALL, m);
        return;
    case FORM_ADD:
        add_plan(t, match, m);
        return;
    case FORM_SHOW:
        show_plan(t, match, m);
        return;
    case FORM_PLAN:
        plan_plan(t, match->slots[SLOT_REST], m);
        return;
    case FORM_PLAN_INPUT:
        plan_plan(t, t->input, m);
        return;
    default:
        update_plan(t, match, m);
    }
}

#define TASK "task|todo|item"

static const struct offline_pattern patterns[] = {
    PATTERN(FORM_LIST, "tasks|todo|todos [list]"),
    PATTERN(FORM_LIST, "list|show|display|print [me] [the|my|our] [open] tasks|todos"),
    PATTERN(FORM_LIST, "list|show|display|print [me] [the|my|our] " TASK " list"),
    PATTERN(FORM_LIST,
            "what|which [is|are] [the|my|our] [open] tasks|todos [are] [open|there|left]"),
    PATTERN(FORM_LIST, "what is [there|left|still|open] [left] to do|be [done]"),
    PATTERN(FORM_LIST, "what is next|open|left"),
    PATTERN(FORM_LIST, "what's next|open|left"),
    PATTERN(FORM_LIST, "what is next|open|left [up] on|in [the|my|our] list|todo|todos|tasks [list]"),
    PATTERN(FORM_LIST, "what's next|open|left [up] on|in [the|my|our] list|todo|todos|tasks [list]"),
    PATTERN(FORM_LIST, "what should|do i|we do|have [to] [next|now|do] [do]"),
    PATTERN(FORM_LIST_ALL, "list|show|display|print [me] all [the|my|our] tasks|todos"),
    PATTERN(FORM_LIST_ALL, "which|what tasks are done|finished|completed|over"),
    PATTERN(FORM_ADD, "add|create|make|open|note|write [a|an|the|another] [new] " TASK
                      " [to|for|that|called] {rest}"),
    PATTERN(FORM_ADD, "new|another " TASK " [to] {rest}"),
    PATTERN(FORM_ADD, TASK " to {rest}"),
    PATTERN(FORM_ADD, "todo|todos {rest}"),
    PATTERN(FORM_ADD, "add|put {a} to|as|on [the|my|our|a] tasks|todos|todo|task [list]"),
    PATTERN(FORM_ADD, "add|put {a} to|on [the|my|our] list"),
    PATTERN(FORM_ADD, "i|we need|have|want|must|should [to] {a} add|make|create|note [a|the|it] [as] task|todo"),
    PATTERN(FORM_ADD, "remind me|us to {rest}"),
    PATTERN(FORM_SHOW, "show|display|print|open|get [me] [the] " TASK " {word}"),
    PATTERN(FORM_SHOW, "[what] [is] [the] status|state of [the] " TASK " {word}"),
    PATTERN(FORM_SHOW, "how is|does [the] " TASK " {word} [doing|going|stand]"),
    PATTERN(FORM_COMPLETED,
            "[the] " TASK " {word} is|was done|finished|completed|complete|ready|over"),
    PATTERN(FORM_COMPLETED,
            "mark|set [the] " TASK " {word} [as|to] done|finished|completed|complete"),
    PATTERN(FORM_COMPLETED, "complete|finish|close|done [with] [the] " TASK " {word}"),
    PATTERN(FORM_COMPLETED,
            "mark|set|tick [the] [" TASK "] {a} [as|to] done|finished|completed|off"),
    PATTERN(FORM_COMPLETED, "complete|finish|close [the] " TASK " {a}"),
    PATTERN(FORM_COMPLETED, "i|we finished|completed|did [the] " TASK " {a}"),
    PATTERN(FORM_RUNNING, "start|begin|resume [with|on] [the] " TASK " {word}"),
    PATTERN(FORM_RUNNING, "start|begin|resume [with|on] [the] " TASK " {a}"),
    PATTERN(FORM_RUNNING, "[the] " TASK " {word} is running|started|begun"),
    PATTERN(FORM_RUNNING, "mark|set [the] " TASK " {word} [as|to] running|started"),
    PATTERN(FORM_BLOCKED, "[the] " TASK " {word} is blocked|stuck"),
    PATTERN(FORM_BLOCKED, "[the] " TASK " {word} is blocked|stuck because|by|on [of] {rest}"),
    PATTERN(FORM_BLOCKED, "block [the] " TASK " {word}"),
    PATTERN(FORM_BLOCKED, "block [the] " TASK " {word} because|by [of] {rest}"),
    PATTERN(FORM_FAILED, "[the] " TASK " {word} failed|broke"),
    PATTERN(FORM_FAILED, "[the] " TASK " {word} failed|broke because|with [of] {rest}"),
    PATTERN(FORM_FAILED, "fail [the] " TASK " {word}"),
    PATTERN(FORM_CANCELLED, "cancel|drop|delete|remove|abandon [the] " TASK " {word}"),
    PATTERN(FORM_CANCELLED, "cancel|drop|delete|remove|abandon [the] " TASK " {a}"),
    PATTERN(FORM_PLAN, "plan {rest}"),
    PATTERN(FORM_PLAN, "make|create|write [me] [a|the] plan|tasks for|to|of|from [do] {rest}"),
    PATTERN(FORM_PLAN, "plan|note these|the|following steps|tasks {rest}"),
    PATTERN(FORM_PLAN, "add|create [the|these] tasks {rest}"),
    PATTERN_INPUT(FORM_PLAN_INPUT, "plan|note [this|these|it|them] [as] [tasks|steps]"),
    PATTERN_INPUT(FORM_PLAN_INPUT, "make|create [a] plan|tasks of|from [this|these|it|that]"),
    PATTERN_INPUT(FORM_PLAN_INPUT, "add|create [this|these|the] tasks"),
    PATTERN_END,
};

static const char *const examples[] = {
    "list the tasks", "add a task: write the notes", "task f1ctrv is done",
    "plan the release: collect changes; write notes; tag it", NULL};

const struct offline_kind offline_tasks = {
    .name = "tasks",
    .help = "list what is to be done, add to it, say how it stands, note the steps of a plan",
    .words = "task tasks todos plan steps done remind cancel blocked",
    .examples = examples,
    .patterns = patterns,
    .plan = tasks_plan,
};
