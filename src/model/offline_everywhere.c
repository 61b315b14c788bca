/* SPDX-License-Identifier: MIT
 *
 * offline_everywhere: an edit in all files that have a text. They are found with grep; then each is edited as
 * if it had been named, from the results of the calls that were made for it alone.
 */
#include "model/offline_kind.h"

#include <string.h>

enum {
    FILES_MAX = 12, /* at once: there are so many calls in a turn */
    HITS_MAX = 1000,
};

struct files {
    struct str v[FILES_MAX];
    size_t n, all;
};

/* Those with a hit, in the order in which grep came by them. */
static void take_files(struct arena *a, struct str text, struct files *ret)
{
    struct str line, last = STR("");
    struct kind_hit hit;
    *ret = (struct files){0};
    while (str_line(&text, &line)) {
        if (!kind_read_hit(line, &hit) || str_eq(hit.path, last))
            continue;
        last = hit.path;
        if (ret->n < FILES_MAX)
            ret->v[ret->n++] = kind_hit_path(a, &hit);
        ret->all++;
    }
}

/* What is known of one file. */
static struct offline_turn turn_of(const struct offline_turn *t, struct str path)
{
    struct offline_turn one = *t;
    one.results = arena_array(t->a, t->n_results + 1, sizeof(*one.results));
    one.n_results = 0;
    for (size_t i = 1; i < t->n_results; i++)
        if (str_eq(offline_argument(t, &t->results[i], "path"), path))
            one.results[one.n_results++] = t->results[i];
    return one;
}

static void call_grep(const struct offline_turn *t, struct str text, bool word, struct offline_move *m)
{
    const char *pattern = kind_escape_regex(t->a, text);
    offline_call(m, "grep", "pattern", word ? arena_printf(t->a, "\\b%s\\b", pattern) : pattern, "#max_results",
                 arena_printf(t->a, "%d", HITS_MAX), NULL);
}

void everywhere_plan(const struct offline_turn *t, const struct offline_match *match, int form, bool word,
                     struct offline_move *m)
{
    struct str text = str_of(offline_slot(t->a, match, SLOT_A, true));
    struct files files;
    if (text.n == 0) {
        offline_say(m, "I changed nothing: the text to look for is empty.\n");
        return;
    }
    if (t->n_results == 0) {
        call_grep(t, text, word, m);
        return;
    }
    const struct offline_result *grep = &t->results[0];
    if (grep->is_error) {
        offline_say_failed(m, grep, arena_printf(t->a, "search for `%.*s`", STR_ARG(text)));
        return;
    }
    take_files(t->a, grep->text, &files);
    if (files.n == 0) {
        offline_say(m, "I changed nothing: `%.*s` is in no file.\n", STR_ARG(text));
        return;
    }
    struct offline_match one = *match;
    one.form = form;
    for (size_t i = 0; i < files.n && m->n_calls < OFFLINE_CALLS_MAX; i++) {
        const struct offline_turn turn = turn_of(t, files.v[i]);
        one.slots[SLOT_PATH] = files.v[i];
        offline_say(m, "%s**`%.*s`**\n\n", i ? "\n" : "", STR_ARG(files.v[i]));
        offline_edit.plan(&turn, &one, m);
    }
    if (m->n_calls) {
        /* What was done is told when all is done. */
        buf_clear(&m->text);
        return;
    }
    if (files.all > files.n)
        offline_say(m, "\nIt is in %s; I do at most %d at once. Ask again for the rest.\n",
                    offline_count(t->a, (int64_t)(files.all - files.n), "more file"), FILES_MAX);
    else if (str_find(grep->text, STR("[there are more matches")) >= 0)
        offline_say(m, "\nI saw only the first %d places. Ask again for the rest.\n", HITS_MAX);
}
