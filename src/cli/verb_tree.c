/* SPDX-License-Identifier: MIT
 *
 * verb_tree: a session's conversation as a tree: forks, branches, and moves of the head.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/mem.h"
#include "text/utf8.h"

#include <stdio.h>
#include <string.h>

enum { PREVIEW_SHOWN = 70, SHORT = 6 };

const char *verb_short(const char *id, char out[VERB_SHORT_MAX])
{
    size_t n = strlen(id);
    snprintf(out, VERB_SHORT_MAX, "%s", n > SHORT ? id + n - SHORT : id);
    for (char *p = out; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 32);
    return out;
}

bool verb_session_option(struct verb *v, char *ret_id, char *ret_name, struct err *e)
{
    return verb_session(v,
                        v->console ? v->options->value[OPT_SESSION] : app_session_name(v->options),
                        ret_id, ret_name, e);
}

void verb_put_message(struct buf *out, const struct json *row)
{
    char id[VERB_SHORT_MAX], when[32];
    int64_t ms = json_i64(json_get(row, "ts_ms"), 0);
    struct str text = str_of(json_cstr(json_get(row, "preview"), ""));
    struct str line = {0};
    if (!str_split(&text, '\n', &line))
        line = STR("");
    line = utf8_clip(line, PREVIEW_SHOWN);
    clock_format(ms, when, sizeof(when));
    buf_printf(out, "%s  %.16s  %s: %.*s\n", verb_short(json_cstr(json_get(row, "id"), ""), id), when,
               json_cstr(json_get(row, "role"), ""), STR_ARG(line));
}

struct match {
    char *id;
    size_t n;
};

static bool match_row(struct verb *v, const struct json *row, void *arg)
{
    struct match *m = arg;
    (void)v;
    if (m->n++ == 0)
        snprintf(m->id, ID_MAX, "%s", json_cstr(json_get(row, "id"), ""));
    return true;
}

/* On the way back from the head: the last of those that hold at least so many entries. */
struct holder {
    int64_t n, seq; /* seq: of the last row that came */
    bool passed;
    size_t rows;
    char id[ID_MAX];
};

static bool hold_row(struct verb *v, const struct json *row, void *arg)
{
    struct holder *h = arg;
    (void)v;
    h->rows++;
    h->seq = json_i64(json_get(row, "seq"), 0);
    h->passed = json_i64(json_get(row, "n"), 0) < h->n;
    if (!h->passed)
        snprintf(h->id, sizeof(h->id), "%s", json_cstr(json_get(row, "id"), ""));
    return !h->passed;
}

/* "@12": the message that holds this entry of the transcript. */
static bool message_at(struct verb *v, const char *session, const char *which, char *ret_id, struct err *e)
{
    struct holder h = {0};
    struct qry_session_path args = {.session = session};
    if (!str_i64(str_of(which + 1), &h.n) || h.n < 1)
        return err_set(e, ERR_USAGE, "expected the number of an entry behind @, got '%.40s'", which);
    do {
        h.rows = 0;
        if (!verb_read(v, QRY_SESSION_PATH, &args, hold_row, &h, NULL, e))
            return false;
        args.before = h.seq;
    } while (h.rows > 0 && !h.passed);
    memcpy(ret_id, h.id, ID_MAX);
    return h.id[0] || err_set(e, ERR_NOT_FOUND, "no message of this session holds entry %s", which + 1);
}

bool verb_message(struct verb *v, const char *session, const char *which, char *ret_id,
                  struct err *e)
{
    if (which[0] == '@')
        return message_at(v, session, which, ret_id, e);
    struct match m = {.id = ret_id};
    struct qry_session_marks names = {.session = session, .name = which, .limit = 1};
    struct qry_session_messages args = {.session = session, .match = which, .limit = 2};
    bool ok = verb_read(v, QRY_SESSION_MARKS, &names, match_row, &m, NULL, e) &&
              (m.n == 1 || verb_read(v, QRY_SESSION_MESSAGES, &args, match_row, &m, NULL, e));
    if (!ok || m.n == 1)
        return ok;
    if (m.n > 1)
        return err_set(e, ERR_AMBIGUOUS, "'%.40s' is the end of more than one message's id",
                       which) ||
               err_hint(e, "give more of it");
    return err_set(e, ERR_NOT_FOUND, "there is no message '%.80s' in this session", which);
}

bool verb_take_id(struct verb *v, const struct json *row, void *ret_id)
{
    (void)v;
    snprintf(ret_id, ID_MAX, "%s", json_cstr(json_get(row, "id"), ""));
    return false;
}

bool verb_head(struct verb *v, const char *session, char *ret_id, struct err *e)
{
    struct qry_session_path args = {.session = session, .limit = 1};
    ret_id[0] = '\0';
    return verb_read(v, QRY_SESSION_PATH, &args, verb_take_id, ret_id, NULL, e);
}

bool verb_place(struct verb *v, char session[ID_MAX], const char *which, char *ret_id,
                struct err *e)
{
    struct err none = ERR_INIT;
    char other[ID_MAX];
    if (verb_message(v, session, which, ret_id, e))
        return true;
    if (e->code != ERR_NOT_FOUND || !verb_session(v, which, other, NULL, &none))
        return false;
    *e = none;
    memcpy(session, other, ID_MAX);
    return verb_head(v, session, ret_id, e);
}

/* ---- sessions ---- */

bool verb_session_new(struct verb *v, struct err *e)
{
    struct act_session_new args = {.name = verb_arg(v, 0)};
    char name[VERB_NAME_MAX];
    if (!verb_act(v, ACT_SESSION_NEW, &args, v->show, e) ||
        !verb_session(v, v->show, NULL, name, e))
        return false;
    buf_printf(v->out, "%s\n", name);
    return true;
}

bool verb_session_rename(struct verb *v, struct err *e)
{
    char session[ID_MAX], name[VERB_NAME_MAX];
    if (!verb_session_option(v, session, name, e) ||
        !verb_act(v, ACT_SESSION_RENAME,
                  &(struct act_session_rename){.session = session, .name = verb_arg(v, 0)}, NULL,
                  e))
        return false;
    buf_printf(v->out, "%s is %s now\n", name, verb_arg(v, 0));
    return true;
}

bool verb_session_fork(struct verb *v, struct err *e)
{
    char session[ID_MAX], name[VERB_NAME_MAX], forked[VERB_NAME_MAX], at[ID_MAX];
    const char *which = v->options->value[OPT_AT];
    if (!verb_session_option(v, session, name, e) ||
        (which && !verb_message(v, session, which, at, e)))
        return false;
    struct act_session_fork args = {
        .session = session, .entry = which ? at : NULL, .name = verb_arg(v, 0)};
    if (!verb_act(v, ACT_SESSION_FORK, &args, v->show, e) ||
        !verb_session(v, v->show, NULL, forked, e))
        return false;
    buf_printf(v->out, "%s goes on from %s\n", forked, name);
    return true;
}

/* ---- moves ---- */

static bool head_row(struct verb *v, const struct json *row, void *arg)
{
    (void)arg;
    buf_puts(v->out, "the head is at ");
    verb_put_message(v->out, row);
    return false;
}

bool verb_tell_head(struct verb *v, const char *session, struct err *e)
{
    struct qry_session_path args = {.session = session, .limit = 1};
    size_t n = 0;
    if (!verb_rows(v, QRY_SESSION_PATH, &args, head_row, NULL, &n, e))
        return false;
    if (n == 0)
        buf_puts(v->out, "the head is before the first message\n");
    return true;
}

bool verb_session_undo(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    return verb_session_option(v, session, NULL, e) &&
           verb_act(v, ACT_SESSION_UNDO, &(struct act_session_undo){.session = session}, NULL, e) &&
           verb_tell_head(v, session, e);
}

bool verb_session_redo(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    return verb_session_option(v, session, NULL, e) &&
           verb_act(v, ACT_SESSION_REDO, &(struct act_session_redo){.session = session}, NULL, e) &&
           verb_tell_head(v, session, e);
}

static bool tip_row(struct verb *v, const struct json *row, void *arg)
{
    (void)arg;
    buf_puts(v->out, json_bool(json_get(row, "head"), false) ? "* " : "  ");
    verb_put_message(v->out, row);
    return true;
}

bool verb_session_branches(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    struct qry_session_tips args = {.session = session,
                                    .all = v->options->value[OPT_ALL] != NULL};
    return verb_session_option(v, session, NULL, e) &&
           verb_rows(v, QRY_SESSION_TIPS, &args, tip_row, NULL, NULL, e);
}

bool verb_move(struct verb *v, const char *session, const char *entry, struct err *e)
{
    return verb_act(v, ACT_SESSION_MOVE,
                    &(struct act_session_move){.session = session, .entry = entry}, NULL, e) &&
           verb_tell_head(v, session, e);
}

bool verb_session_branch(struct verb *v, struct err *e)
{
    char session[ID_MAX], entry[ID_MAX];
    return verb_session_option(v, session, NULL, e) &&
           verb_message(v, session, verb_arg(v, 0), entry, e) && verb_move(v, session, entry, e);
}

bool verb_session_resume(struct verb *v, struct err *e)
{
    char session[ID_MAX], entry[ID_MAX] = "";
    struct match m = {.id = entry};
    struct qry_session_tips args = {.session = session, .limit = 1};
    if (!verb_session_option(v, session, NULL, e) ||
        !verb_rows(v, QRY_SESSION_TIPS, &args, match_row, &m, NULL, e))
        return false;
    return entry[0] ? verb_move(v, session, entry, e)
                    : err_set(e, ERR_NOT_FOUND, "nothing was said in this session yet");
}

struct count {
    int64_t messages, branches;
};

static bool size_row(struct verb *v, const struct json *row, void *arg)
{
    struct count *c = arg;
    (void)v;
    c->messages = json_i64(json_get(row, "messages"), 0) - json_i64(json_get(row, "put_away"), 0);
    return true;
}

static bool tip_counted(struct verb *v, const struct json *row, void *arg)
{
    struct count *c = arg;
    (void)v, (void)row;
    c->branches++;
    return true;
}

/* What the lists hold of a session. */
static bool count(struct verb *v, const char *session, struct count *c, struct err *e)
{
    struct qry_session_tips tips = {.session = session};
    struct qry_session_size size = {.session = session};
    return verb_read(v, QRY_SESSION_TIPS, &tips, tip_counted, c, NULL, e) &&
           verb_read(v, QRY_SESSION_SIZE, &size, size_row, c, NULL, e);
}

bool verb_session_compact(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    struct count was = {0}, is = {0};
    if (!verb_session_option(v, session, NULL, e) || !count(v, session, &was, e) ||
        !verb_act(v, ACT_SESSION_COMPACT, &(struct act_session_compact){.session = session}, NULL,
                  e) ||
        !count(v, session, &is, e))
        return false;
    buf_puts(v->out, "put away: ");
    buf_count(v->out, was.messages - is.messages, "message");
    buf_puts(v->out, " with ");
    buf_count(v->out, was.branches - is.branches, "branch");
    buf_puts(v->out, "; left: ");
    buf_count(v->out, is.messages, "message");
    return buf_putc(v->out, '\n');
}
