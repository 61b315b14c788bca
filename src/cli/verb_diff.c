/* SPDX-License-Identifier: MIT
 *
 * verb_diff: where two conversations part. Both are read from their newest message back; seqs rise
 * along each, so the greater of two that differ is on its side alone, and what is alike is where
 * they meet: nothing before that is looked at.
 */
#include "cli/verb.h"

#include "base/mem.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ONLY_MAX = 100 * 1000 }; /* messages that only one side has */

struct line {
    int64_t seq;
    char id[ID_MAX];
    char *text; /* as it is printed */
};

struct side {
    const char *name; /* "left" */
    char mark;        /* '<' */
    char session[ID_MAX], entry[ID_MAX];
    VEC(struct line) page; /* what was read and not looked at yet, from `at` on */
    size_t at;
    int64_t before;
    bool end;
    VEC(char *) only; /* newest first */
};

static bool take_line(struct verb *v, const struct json *row, void *arg)
{
    struct side *s = arg;
    struct line line = {.seq = json_i64(json_get(row, "seq"), 0)};
    struct buf text = BUF_OWN;
    snprintf(line.id, sizeof(line.id), "%s", json_cstr(json_get(row, "id"), ""));
    if (v->json) {
        struct arena a = ARENA_INIT;
        buf_printf(&text, "{\"side\":\"%s\",\"message\":%s}\n", s->name, json_text(row, &a));
        arena_free(&a);
    } else {
        buf_printf(&text, "%c ", s->mark);
        verb_put_message(&text, row);
    }
    line.text = mem_strdup(buf_cstr(&text));
    buf_free(&text);
    VEC_PUSH(&s->page, line);
    s->before = line.seq;
    return true;
}

/* The newest message that was not looked at; NULL: there is none. */
static bool peek(struct verb *v, struct side *s, struct line **ret, struct err *e)
{
    if (s->at == s->page.n && !s->end && s->entry[0]) {
        struct qry_session_path args = {
            .session = s->session, .entry = s->entry, .before = s->before};
        s->page.n = s->at = 0;
        if (!verb_read(v, QRY_SESSION_PATH, &args, take_line, s, NULL, e))
            return false;
        s->end = s->page.n == 0;
    }
    *ret = s->at < s->page.n ? &s->page.v[s->at] : NULL;
    return true;
}

static bool keep(struct side *s, struct line *line, struct err *e)
{
    if (s->only.n == ONLY_MAX)
        return err_set(e, ERR_TOO_LARGE, "more than %d messages are only on one side", ONLY_MAX);
    VEC_PUSH(&s->only, TAKE(line->text));
    s->at++;
    return true;
}

/* *ret_shared (malloc'd, may be NULL): the newest message of both. */
static bool compare(struct verb *v, struct side *l, struct side *r, char **ret_shared,
                    struct err *e)
{
    for (;;) {
        struct line *a, *b;
        if (!peek(v, l, &a, e) || !peek(v, r, &b, e))
            return false;
        if (a && b && strcmp(a->id, b->id) == 0)
            *ret_shared = TAKE(a->text);
        if (*ret_shared || (!a && !b))
            return true;
        bool left = a && (!b || a->seq > b->seq);
        if (!keep(left ? l : r, left ? a : b, e))
            return false;
    }
}

static bool resolve(struct verb *v, struct side *l, struct side *r, struct err *e)
{
    const char *left = verb_arg(v, 0), *right = verb_arg(v, 1);
    if (!verb_session_option(v, l->session, NULL, e))
        return false;
    memcpy(r->session, l->session, ID_MAX);
    struct qry_session_tips newest = {.session = r->session, .limit = 1};
    if (!left)
        return verb_head(v, l->session, l->entry, e) &&
               verb_read(v, QRY_SESSION_TIPS, &newest, verb_take_id, r->entry, NULL, e);
    /* One of two is compared with the head. */
    return right ? verb_place(v, l->session, left, l->entry, e) &&
                       verb_place(v, r->session, right, r->entry, e)
                 : verb_head(v, l->session, l->entry, e) &&
                       verb_place(v, r->session, left, r->entry, e);
}

static void print_only(struct verb *v, const struct side *s)
{
    for (size_t i = s->only.n; i > 0; i--)
        buf_puts(v->out, s->only.v[i - 1]);
}

static void print(struct verb *v, const struct side *l, const struct side *r, const char *shared)
{
    print_only(v, l);
    print_only(v, r);
    if (v->json)
        return;
    buf_printf(v->out, "%zu only on the left, %zu only on the right\n", l->only.n, r->only.n);
    if (shared)
        buf_printf(v->out, "alike up to %s", shared + 2);
    else
        buf_puts(v->out, "nothing is alike\n");
}

static void side_free(struct side *s)
{
    for (size_t i = 0; i < s->page.n; i++)
        free(s->page.v[i].text);
    for (size_t i = 0; i < s->only.n; i++)
        free(s->only.v[i]);
    free(s->page.v);
    free(s->only.v);
}

bool verb_session_diff(struct verb *v, struct err *e)
{
    struct side l = {.name = "left", .mark = '<'}, r = {.name = "right", .mark = '>'};
    char *shared = NULL;
    bool ok = resolve(v, &l, &r, e) && compare(v, &l, &r, &shared, e);
    if (ok)
        print(v, &l, &r, shared);
    free(shared);
    side_free(&l);
    side_free(&r);
    return ok;
}
