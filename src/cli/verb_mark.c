/* SPDX-License-Identifier: MIT
 *
 * verb_mark: names of branches (aliases) and of messages (bookmarks). A name does wherever a
 * message is meant.
 */
#include "cli/verb.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

struct marks {
    struct verb *v;
    bool follows;
    char session[ID_MAX];
};

static bool mark_row(struct verb *v, const struct json *row, void *arg)
{
    (void)arg;
    bool stale = json_bool(json_get(row, "stale"), false);
    buf_printf(v->out, "%s %s  %s", json_bool(json_get(row, "head"), false) ? "*" : " ",
               json_cstr(json_get(row, "name"), ""), stale ? "(put away)  " : "");
    verb_put_message(v->out, row);
    return true;
}

static const char *kind(const struct marks *m)
{
    return m->follows ? "alias" : "bookmark";
}

static bool mark_list(struct marks *m, struct err *e)
{
    struct qry_session_marks args = {.session = m->session, .kind = kind(m)};
    return verb_rows(m->v, QRY_SESSION_MARKS, &args, mark_row, NULL, NULL, e);
}

static bool mark_set(struct marks *m, struct err *e)
{
    char entry[ID_MAX];
    const char *which = verb_arg(m->v, 2), *name = verb_arg(m->v, 1);
    if (which && !verb_message(m->v, m->session, which, entry, e))
        return false;
    struct act_session_mark args = {
        .session = m->session, .name = name, .entry = which ? entry : NULL, .follows = m->follows};
    struct qry_session_marks made = {.session = m->session, .name = name};
    return verb_act(m->v, ACT_SESSION_MARK, &args, NULL, e) &&
           verb_rows(m->v, QRY_SESSION_MARKS, &made, mark_row, NULL, NULL, e);
}

/* Where a name of this kind leads. */
static bool leads_to(struct marks *m, char *ret_id, struct err *e)
{
    const char *name = verb_arg(m->v, 1);
    struct qry_session_marks args = {.session = m->session, .name = name, .kind = kind(m)};
    ret_id[0] = '\0';
    if (!verb_read(m->v, QRY_SESSION_MARKS, &args, verb_take_id, ret_id, NULL, e))
        return false;
    return ret_id[0] ||
           err_set(e, ERR_NOT_FOUND, "there is no %s '%.80s' in this session", kind(m), name);
}

static bool mark_use(struct marks *m, struct err *e)
{
    char entry[ID_MAX];
    return leads_to(m, entry, e) && verb_move(m->v, m->session, entry, e);
}

static bool mark_delete(struct marks *m, struct err *e)
{
    char entry[ID_MAX];
    const char *name = verb_arg(m->v, 1);
    struct act_session_unmark args = {.session = m->session, .name = name};
    if (!leads_to(m, entry, e) || !verb_act(m->v, ACT_SESSION_UNMARK, &args, NULL, e))
        return false;
    buf_printf(m->v->out, "%s is no %s any more; the messages are as they were\n", name, kind(m));
    return true;
}

static const struct {
    const char *word;
    int min, max; /* words in all */
    bool (*run)(struct marks *m, struct err *e);
} words[] = {
    {"list", 1, 1, mark_list},
    {"set", 2, 3, mark_set},
    {"use", 2, 2, mark_use},
    {"delete", 2, 2, mark_delete},
};

static bool run(struct verb *v, bool follows, struct err *e)
{
    struct marks m = {.v = v, .follows = follows};
    const char *word = verb_arg(v, 0) ? verb_arg(v, 0) : "list";
    int n = MAX(v->options->n_args, 1);
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i].word, word) == 0 && n >= words[i].min && n <= words[i].max)
            return verb_session_option(v, m.session, NULL, e) && words[i].run(&m, e);
    return err_set(e, ERR_USAGE, "expected list, set NAME [MESSAGE], use NAME or delete NAME");
}

bool verb_session_alias(struct verb *v, struct err *e)
{
    return run(v, true, e);
}

bool verb_session_bookmark(struct verb *v, struct err *e)
{
    return run(v, false, e);
}
