/* SPDX-License-Identifier: MIT
 *
 * tasks: what is to be done, as rows.
 */
#include "ui/vm/tasks.h"

#include "base/map.h"
#include "ui/vm/toolrow.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 20 };

#define NONE SIZE_MAX

/* A task and where it hangs: places in the section. */
struct node {
    const struct rec_task *task;
    double key; /* its place among those beside it */
    bool ended;
    size_t parent, root, child, last, next;
};

struct tree {
    struct node *v;
    size_t n;
    size_t *order; /* by their keys */
    bool *shown; /* by root: something below it is open, or is fresh */
};

static const struct {
    const char *state;
    char mark;
    enum look look;
} marks[] = {
    {"pending", '-', LOOK_TEXT},  {"running", '>', LOOK_RUNS}, {"blocked", '!', LOOK_FAIL},
    {"completed", 'x', LOOK_OK},  {"failed", 'E', LOOK_FAIL},  {"cancelled", '/', LOOK_DIM},
};

enum { SIGN = 2 };

enum { COLUMN_TASK, COLUMN_AGE };

static const struct column names[] = {
    [COLUMN_TASK] = {"TASK", COLUMN_REST, COLUMN_REST, false},
    [COLUMN_AGE] = {"AGE", 4, 4, true},
};
const struct columns tasks_columns = {.v = names, .n = ARRAY_LEN(names), .before = SIGN};

static const char *state_of(const struct rec_task *t)
{
    return t->stage && t->stage[0] ? t->stage : t->status;
}

static void hang(struct tree *t, size_t at, size_t below)
{
    struct node *p = &t->v[below];
    t->v[at].parent = below;
    if (p->last == NONE)
        p->child = at;
    else
        t->v[p->last].next = at;
    p->last = at;
}

/* A log that somebody wrote may hold a circle: then nobody of it has a root. */
static size_t root_of(const struct tree *t, size_t at)
{
    for (size_t steps = 0; steps <= t->n; steps++) {
        if (t->v[at].parent == NONE)
            return at;
        at = t->v[at].parent;
    }
    return NONE;
}

enum { SAME_MOMENT_MAX = 1000 }; /* tasks of one millisecond that keep their order */

/* Those of one moment stand in the order in which they were made. */
static void find_keys(struct tree *t)
{
    int64_t before = 0;
    int same = 0;
    for (size_t i = 0; i < t->n; i++) {
        int64_t made = t->v[i].task->created_ms;
        same = made == before ? MIN(same + 1, SAME_MOMENT_MAX - 1) : 0;
        before = made;
        double rank = t->v[i].task->rank;
        t->v[i].key = rank != 0 ? rank : (double)made + (double)same / SAME_MOMENT_MAX;
    }
}

static int by_key(const void *a, const void *b, void *arg)
{
    const struct node *v = arg;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return v[x].key != v[y].key ? (v[x].key > v[y].key) - (v[x].key < v[y].key) : (x > y) - (x < y);
}

static void tree_make(struct tree *t, const struct section *s)
{
    struct map at = {0};
    t->n = s ? s->n : 0;
    t->v = mem_array(MAX(t->n, (size_t)1), sizeof(*t->v));
    t->shown = mem_array(MAX(t->n, (size_t)1), sizeof(*t->shown));
    t->order = mem_array(MAX(t->n, (size_t)1), sizeof(*t->order));
    for (size_t i = 0; i < t->n; i++) {
        t->v[i] = (struct node){.task = REC(s->v[i], task),
                                .ended = rec_ended(s->v[i]),
                                .parent = NONE,
                                .root = NONE,
                                .child = NONE,
                                .last = NONE,
                                .next = NONE};
        t->order[i] = i;
        map_put(&at, str_of(t->v[i].task->id), (void *)(uintptr_t)(i + 1));
    }
    find_keys(t);
    qsort_r(t->order, t->n, sizeof(*t->order), by_key, t->v);
    for (size_t k = 0; k < t->n; k++) {
        size_t i = t->order[k];
        const char *parent = t->v[i].task->parent;
        size_t below = parent ? (size_t)(uintptr_t)map_get(&at, str_of(parent)) : 0;
        if (below > 0)
            hang(t, i, below - 1);
    }
    for (size_t i = 0; i < t->n; i++)
        t->v[i].root = root_of(t, i);
    map_free(&at, NULL);
}

static void tree_done(struct tree *t)
{
    free(t->v);
    free(t->order);
    free(t->shown);
}

/* Does it bring what it is part of, and all parts of that, into view? */
static bool shows(const struct rec_task *task, bool ended, int64_t now_wall_ms)
{
    return !ended || task->ended_ms >= now_wall_ms - TASKS_FRESH_MS;
}

static void choose(struct tree *t, bool all, int64_t now_wall_ms)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->v[i].root != NONE && (all || shows(t->v[i].task, t->v[i].ended, now_wall_ms)))
            t->shown[t->v[i].root] = true;
}

static struct tally count(const struct tree *t)
{
    struct tally n = {0};
    for (size_t i = 0; i < t->n; i++) {
        if (t->v[i].root == NONE || !t->shown[t->v[i].root])
            continue;
        n.done += strcmp(t->v[i].task->status, "completed") == 0;
        n.all += strcmp(t->v[i].task->status, "cancelled") != 0;
        n.open += !t->v[i].ended;
    }
    return n;
}

/* Why it does not go on, or what came of it. */
static void add_detail(struct doc *d, const struct rec_task *t)
{
    struct err e = ERR_INIT, failure = ERR_INIT;
    struct str rest = str_of(t->detail), line;
    if (t->error) {
        CLEANUP(json_free_p) struct json *j = json_parse(str_of(t->error), &e);
        if (j)
            json_read_err(j, &failure);
        doc_printf(d, LOOK_FAIL, "  %s", failure.message);
    } else if (t->detail && str_line(&rest, &line)) {
        doc_puts(d, LOOK_TEXT, "  ");
        doc_add(d, strcmp(state_of(t), "blocked") == 0 ? LOOK_FAIL : LOOK_DIM, line);
    }
}

static void add_row(struct doc *d, const struct node *n, int depth, int width, int64_t now_wall_ms)
{
    const struct rec_task *t = n->task;
    size_t m = 0;
    char age[24];
    while (m + 1 < ARRAY_LEN(marks) && strcmp(marks[m].state, state_of(t)) != 0)
        m++;
    doc_row(d, 1 + 2 * depth);
    doc_id(d, t->id);
    doc_printf(d, marks[m].look, "%c ", marks[m].mark);
    columns_put(d, &tasks_columns, COLUMN_TASK, width, n->ended ? LOOK_DIM : LOOK_TEXT, t->title);
    add_detail(d, t);
    age_text(now_wall_ms - (n->ended ? t->ended_ms : t->updated_ms), age, sizeof(age));
    columns_put(d, &tasks_columns, COLUMN_AGE, width, LOOK_DIM, age);
}

static void add_rows(struct doc *d, const struct tree *t, size_t at, int depth, int width, int64_t now_wall_ms)
{
    add_row(d, &t->v[at], MIN(depth, DEPTH_MAX), width, now_wall_ms);
    for (size_t i = t->v[at].child; i != NONE; i = t->v[i].next)
        add_rows(d, t, i, depth + 1, width, now_wall_ms);
}

void tasks_make(struct doc *d, const struct snapshot *s, bool all, int width, int64_t now_wall_ms,
                struct tally *ret_tally)
{
    struct tree t;
    tree_make(&t, s->sections[REC_TASK]);
    choose(&t, all, now_wall_ms);
    for (size_t k = 0; k < t.n; k++) {
        size_t i = t.order[k];
        if (t.v[i].root == i && t.shown[i])
            add_rows(d, &t, i, 0, width, now_wall_ms);
    }
    *ret_tally = count(&t);
    tree_done(&t);
}

/* Of those beside it the next one on that side that is shown too, from a place in the order. */
static size_t beside(const struct tree *t, size_t place, size_t task, int by)
{
    for (size_t k = place; by < 0 ? k > 0 : k + 1 < t->n;) {
        k = by < 0 ? k - 1 : k + 1;
        const struct node *n = &t->v[t->order[k]];
        if (n->parent == t->v[task].parent && n->root != NONE && t->shown[n->root])
            return k;
    }
    return NONE;
}

bool tasks_move(const struct snapshot *s, const char *id, bool all, int by, int64_t now_wall_ms, double *ret_rank)
{
    struct tree t;
    size_t place = 0;
    tree_make(&t, s->sections[REC_TASK]);
    choose(&t, all, now_wall_ms);
    while (place < t.n && strcmp(t.v[t.order[place]].task->id, id) != 0)
        place++;
    size_t task = place < t.n ? t.order[place] : NONE;
    size_t next = task == NONE ? NONE : beside(&t, place, task, by);
    size_t after = next == NONE ? NONE : beside(&t, next, task, by);
    bool moves = next != NONE;
    if (moves) {
        double key = t.v[t.order[next]].key;
        *ret_rank = after == NONE ? key + by : (key + t.v[t.order[after]].key) / 2;
    }
    tree_done(&t);
    return moves;
}

struct tally tasks_tally(const struct snapshot *s, int64_t now_wall_ms)
{
    struct tree t;
    const struct section *all = s->sections[REC_TASK];
    size_t i = 0;
    while (all && i < all->n && !shows(REC(all->v[i], task), rec_ended(all->v[i]), now_wall_ms))
        i++;
    if (!all || i == all->n) /* it is asked with every frame */
        return (struct tally){0};
    tree_make(&t, s->sections[REC_TASK]);
    choose(&t, false, now_wall_ms);
    struct tally n = count(&t);
    tree_done(&t);
    return n;
}
