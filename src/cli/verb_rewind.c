/* SPDX-License-Identifier: MIT
 *
 * verb_rewind: back to before a question: the conversation, and the files that changed since. Shows
 * what would be done; --yes does it.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "cli/app.h"
#include "text/utf8.h"
#include "text/width.h"
#include "tool/rewind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 30, PATH_MAX_ROWS = 200, PREVIEW_SHOWN = 60 };

/* ---- the log after a point ---- */

struct events {
    bool (*each)(void *arg, const struct json *envelope, struct err *e);
    void *arg;
    int64_t last;
    struct err *e;
    bool failed;
};

static bool event_row(struct verb *v, const struct json *row, void *arg)
{
    struct events *x = arg;
    (void)v;
    x->last = json_i64(json_get(row, "seq"), x->last);
    x->failed = !x->each(x->arg, json_get(row, "event"), x->e);
    return !x->failed;
}

/* Every event of the session behind `after`, of that kind (NULL: any), in order. */
static bool each_event(struct verb *v, const char *session, int64_t after, const char *kind,
                       bool (*each)(void *arg, const struct json *envelope, struct err *e),
                       void *arg, struct err *e)
{
    struct events x = {.each = each, .arg = arg, .last = after, .e = e};
    bool ok = true;
    size_t n = 1;
    while (ok && n > 0) {
        struct qry_log_page args = {.session = session, .kind = kind, .after = x.last};
        n = 0;
        ok = verb_read(v, QRY_LOG_PAGE, &args, event_row, &x, &n, e) && !x.failed;
    }
    return ok;
}

static bool rewind_each(void *arg, const struct json *envelope, struct err *e)
{
    return rewind_event(arg, envelope, e);
}

/* ---- points to go back to ---- */

struct point {
    char id[ID_MAX], turn[ID_MAX];
    char preview[256];
    int64_t seq, ts_ms;
    struct map files; /* that changed since; the values mean nothing */
};

struct points {
    struct point v[POINTS_MAX];
    size_t n;
};

/* Newest first. What was added to a turn is not where it began: its oldest message is. */
static bool point_row(struct verb *v, const struct json *row, void *arg)
{
    struct points *p = arg;
    const char *turn = json_cstr(json_get(row, "turn"), "");
    (void)v;
    bool same = p->n > 0 && strcmp(p->v[p->n - 1].turn, turn) == 0;
    if (!same && p->n == POINTS_MAX)
        return false;
    struct point *point = &p->v[same ? p->n - 1 : p->n++];
    *point = (struct point){.seq = json_i64(json_get(row, "seq"), 0),
                            .ts_ms = json_i64(json_get(row, "ts_ms"), 0)};
    snprintf(point->id, sizeof(point->id), "%s", json_cstr(json_get(row, "id"), ""));
    snprintf(point->turn, sizeof(point->turn), "%s", turn);
    snprintf(point->preview, sizeof(point->preview), "%s", json_cstr(json_get(row, "preview"), ""));
    return true;
}

static bool count_files(void *arg, const struct json *envelope, struct err *e)
{
    struct points *p = arg;
    int64_t seq = json_i64(json_get(envelope, "seq"), 0);
    const struct json *files = json_get(json_get(envelope, "data"), "files");
    (void)e;
    for (const struct json *f = json_first(files); f; f = json_next(f))
        for (size_t i = 0; i < p->n; i++)
            if (p->v[i].seq < seq)
                map_put(&p->v[i].files, json_str(json_get(f, "path")), p);
    return true;
}

static void write_point(struct verb *v, const struct point *p)
{
    char id[VERB_SHORT_MAX], when[32];
    CLEANUP(buf_free) struct buf files = BUF_OWN;
    struct str text = str_of(p->preview), line = text;
    CLEANUP(buf_free) struct buf shown = BUF_OWN;
    clock_format(p->ts_ms, when, sizeof(when));
    str_split(&text, '\n', &line);
    width_sanitize(&shown, utf8_clip(line, PREVIEW_SHOWN));
    if (p->files.n)
        buf_count(&files, (int64_t)p->files.n, "file");
    else
        buf_puts(&files, "no files");
    if (v->json) {
        struct jsonw w = JSONW(v->out);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "id", p->id);
        jsonw_put_i64(&w, "ts_ms", p->ts_ms);
        jsonw_put_i64(&w, "files", (int64_t)p->files.n);
        jsonw_put_cstr(&w, "preview", p->preview);
        jsonw_end_object(&w);
        buf_putc(v->out, '\n');
    } else {
        buf_printf(v->out, "%s  %.16s  %-10s %s\n", verb_short(p->id, id), when, buf_cstr(&files),
                   buf_cstr(&shown));
    }
}

static bool list_points(struct verb *v, const char *session, struct err *e)
{
    struct points *p = NEW(struct points);
    struct qry_session_path args = {.session = session, .role = "user", .limit = PATH_MAX_ROWS};
    bool ok = verb_read(v, QRY_SESSION_PATH, &args, point_row, p, NULL, e);
    ok = ok && (p->n == 0 || each_event(v, session, p->v[p->n - 1].seq, NULL, count_files, p, e));
    for (size_t i = 0; ok && i < p->n; i++)
        write_point(v, &p->v[i]);
    if (ok && p->n == 0 && !v->json)
        buf_puts(v->out, "nothing was asked in this session yet\n");
    for (size_t i = 0; i < p->n; i++)
        map_free(&p->v[i].files, NULL);
    free(p);
    return ok;
}

/* ---- one of them ---- */

struct target {
    char id[ID_MAX], parent[ID_MAX], turn[ID_MAX], role[16];
    int64_t seq;
};

static bool target_row(struct verb *v, const struct json *row, void *arg)
{
    struct target *t = arg;
    (void)v;
    *t = (struct target){.seq = json_i64(json_get(row, "seq"), 0)};
    snprintf(t->id, sizeof(t->id), "%s", json_cstr(json_get(row, "id"), ""));
    snprintf(t->parent, sizeof(t->parent), "%s", json_cstr(json_get(row, "parent"), ""));
    snprintf(t->turn, sizeof(t->turn), "%s", json_cstr(json_get(row, "turn"), ""));
    snprintf(t->role, sizeof(t->role), "%s", json_cstr(json_get(row, "role"), ""));
    return false;
}

static bool read_message(struct verb *v, const char *session, const char *id, struct target *ret,
                         struct err *e)
{
    struct qry_session_messages args = {.session = session, .match = id, .limit = 1};
    return verb_read(v, QRY_SESSION_MESSAGES, &args, target_row, ret, NULL, e);
}

static bool find_target(struct verb *v, const char *session, const char *which, struct target *ret,
                        struct err *e)
{
    char id[ID_MAX];
    struct target before = {0};
    if (!verb_message(v, session, which, id, e) || !read_message(v, session, id, ret, e) ||
        (ret->parent[0] && !read_message(v, session, ret->parent, &before, e)))
        return false;
    if (strcmp(ret->role, "user") == 0 && strcmp(before.turn, ret->turn) != 0)
        return true;
    err_set(e, ERR_INVALID, "message '%.40s' is not a question that a turn began with", which);
    return err_hint(e, "tau session rewind lists what can be gone back to");
}

/* The newest message of all branches: what was done to files behind it can be undone. */
static bool newest_message(struct verb *v, const char *session, struct target *ret, struct err *e)
{
    struct qry_session_messages args = {.session = session, .limit = 1};
    return verb_read(v, QRY_SESSION_MESSAGES, &args, target_row, ret, NULL, e);
}

static bool note_restoring(void *arg, const struct json *envelope, struct err *e)
{
    int64_t *seq = arg;
    (void)e;
    if (str_is(json_str(json_get(envelope, "kind")), "session.restoring"))
        *seq = json_i64(json_get(envelope, "seq"), 0);
    return true;
}

/* ---- one call ---- */

struct call {
    const char *id;
    int64_t seq;       /* of its start; 0: it is not there, or never began */
    struct map files;  /* that it changed; the values mean nothing */
    struct map others; /* later calls that changed one of them, too */
};

static bool note_call(void *arg, const struct json *envelope, struct err *e)
{
    struct call *c = arg;
    const struct json *data = json_get(envelope, "data");
    struct str id = json_str(json_get(data, "call_id"));
    bool same = str_is(id, c->id);
    (void)e;
    if (same && str_is(json_str(json_get(envelope, "kind")), "tool.started"))
        c->seq = json_i64(json_get(envelope, "seq"), 0);
    const struct json *files = c->seq ? json_get(data, "files") : NULL;
    for (const struct json *f = json_first(files); f; f = json_next(f)) {
        struct str path = json_str(json_get(f, "path"));
        if (same)
            map_put(&c->files, path, c);
        else if (map_get(&c->files, path))
            map_put(&c->others, id, c);
    }
    return true;
}

static bool call_row(struct verb *v, const struct json *row, void *arg)
{
    (void)v;
    *(int64_t *)arg = json_i64(json_get(row, "seq"), 0);
    return false;
}

/* What was before the call is not looked at, however much it is. */
static bool find_call(struct verb *v, const char *session, struct call *c, struct err *e)
{
    int64_t before = 0;
    struct qry_tool_get args = {.call = c->id};
    if (!verb_read(v, QRY_TOOL_GET, &args, call_row, &before, NULL, e) ||
        !each_event(v, session, before, "tool.", note_call, c, e))
        return false;
    if (!c->seq)
        err_set(e, ERR_NOT_FOUND, "no call '%.60s' was made in this session", c->id);
    else if (c->files.n == 0)
        err_set(e, ERR_NOT_FOUND, "the call '%.60s' changed no file", c->id);
    return c->files.n > 0 || err_hint(e, "tau session rewind lists what can be gone back to");
}

/* ---- showing and doing ---- */

static const char *const words[] = {
    [REWIND_SAME] = "same",     [REWIND_WRITE] = "restore", [REWIND_REMOVE] = "remove",
    [REWIND_TOUCHED] = "leave", [REWIND_LOST] = "can not",
};

struct plan {
    struct rewind *files; /* NULL: they stay */
    struct act_session_rewind act;
    bool touched; /* also what somebody else changed */
    size_t later; /* of one call: later ones that changed the same */
    size_t due, left, lost;
};

static const char *word_of(const struct plan *p, const struct rewind_file *f)
{
    if (f->act == REWIND_TOUCHED && p->touched)
        return f->want[0] ? words[REWIND_WRITE] : words[REWIND_REMOVE];
    return words[f->act];
}

static void count(struct plan *p)
{
    size_t n = 0;
    const struct rewind_file *const *f = p->files ? rewind_files(p->files, &n) : NULL;
    p->due = p->left = p->lost = 0;
    for (size_t i = 0; i < n; i++) {
        p->lost += f[i]->act == REWIND_LOST;
        p->left += f[i]->act == REWIND_TOUCHED && !p->touched;
        p->due += f[i]->act == REWIND_WRITE || f[i]->act == REWIND_REMOVE ||
                  (f[i]->act == REWIND_TOUCHED && p->touched);
    }
}

static void write_file(struct verb *v, const struct plan *p, const struct rewind_file *f)
{
    const char *why = f->failure[0] ? f->failure : f->why ? f->why : "";
    if (v->json) {
        struct jsonw w = JSONW(v->out);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "path", f->path);
        jsonw_put_cstr(&w, "action", word_of(p, f));
        jsonw_put_bool(&w, "done", f->done);
        if (why[0])
            jsonw_put_cstr(&w, "why", why);
        jsonw_end_object(&w);
        buf_putc(v->out, '\n');
        return;
    }
    CLEANUP(buf_free) struct buf path = BUF_OWN;
    width_sanitize(&path, str_of(f->path));
    buf_printf(v->out, "  %-8s %s%s%s\n", f->failure[0] ? "failed" : word_of(p, f), buf_cstr(&path),
               why[0] ? ": " : "", why);
}

static void write_files(struct verb *v, const struct plan *p)
{
    size_t n = 0;
    const struct rewind_file *const *f = p->files ? rewind_files(p->files, &n) : NULL;
    for (size_t i = 0; i < n; i++)
        if (f[i]->act != REWIND_SAME || v->json)
            write_file(v, p, f[i]);
}

static void write_sum(struct verb *v, const struct plan *p, bool done)
{
    if (v->json)
        return;
    if (p->files && p->due + p->left + p->lost == 0)
        buf_puts(v->out, "no file changed since\n");
    if (p->later) {
        buf_puts(v->out, "what ");
        buf_count(v->out, (int64_t)p->later, "later call");
        buf_printf(v->out, " changed in %s goes with it\n", p->due + p->left == 1 ? "it" : "them");
    }
    if (p->left) {
        buf_count(v->out, (int64_t)p->left, "file");
        buf_printf(v->out, " changed outside of tau since; --force takes %s back, too\n", p->left == 1 ? "it" : "them");
    }
    if (!done)
        buf_puts(v->out, "nothing was done: --yes does it\n");
}

/* Tells the log how it went. */
static bool tell_log(struct verb *v, const struct plan *p, const char *session, size_t done,
                     struct err *e)
{
    size_t n = 0;
    const struct rewind_file *const *f = rewind_files(p->files, &n);
    CLEANUP(buf_free) struct buf failed = BUF_OWN;
    struct jsonw w = JSONW(&failed);
    jsonw_begin_array(&w);
    for (size_t i = 0; i < n; i++) {
        if (!f[i]->failure[0])
            continue;
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "path", f[i]->path);
        jsonw_put_cstr(&w, "why", f[i]->failure);
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    return verb_act(v, ACT_SESSION_RESTORED,
                    &(struct act_session_restored){
                        .session = session, .restored = (int64_t)done, .failed = buf_cstr(&failed)},
                    NULL, e);
}

static bool do_it(struct verb *v, struct plan *p, const char *session, struct err *e)
{
    CLEANUP(buf_free) struct buf files = BUF_OWN;
    if (p->files && p->due) {
        if (!rewind_keep(p->files, p->touched, e))
            return false;
        rewind_write(p->files, p->touched, &files);
        p->act.files = buf_cstr(&files);
    }
    /* On the log first: whatever ends us now, a second rewind goes on from here. */
    if (!verb_act(v, ACT_SESSION_REWIND, &p->act, NULL, e))
        return false;
    size_t done = p->act.files ? rewind_apply(p->files, p->touched) : 0;
    if (p->act.files && !tell_log(v, p, session, done, e))
        return false;
    write_files(v, p);
    write_sum(v, p, true);
    if (!v->json && v->options->value[OPT_CALL] && done)
        buf_puts(v->out, "rewind --undo --only files --yes takes that back\n");
    if (!v->json && !p->act.stay)
        buf_puts(v->out, p->act.undo ? "the conversation is where it was\n"
                                     : "the conversation goes on from before that question\n");
    return done == p->due ||
           err_set(e, ERR_IO, "%zu of %zu files are not what they were", p->due - done, p->due);
}

static bool make_plan(struct verb *v, struct plan *p, const char *session, const char *which,
                      struct target *t, struct err *e)
{
    const char *only = v->options->value[OPT_ONLY];
    int64_t to = 0;
    p->touched = v->options->value[OPT_FORCE] != NULL;
    p->act = (struct act_session_rewind){.session = session};
    if (v->options->value[OPT_UNDO]) {
        if (!newest_message(v, session, t, e) ||
            !each_event(v, session, t->seq, NULL, note_restoring, &to, e))
            return false;
        if (!to)
            return err_set(e, ERR_NOT_FOUND, "there is no rewind of files to undo here") ||
                   err_hint(e, "tau session undo undoes a move of the head");
        p->act.undo = true;
        to--;
    } else {
        if (!find_target(v, session, which, t, e))
            return false;
        p->act.entry = t->parent[0] ? t->parent : NULL;
        to = t->seq;
    }
    p->act.to = to;
    p->act.stay = only && strcmp(only, "files") == 0;
    p->act.undo &= !p->act.stay;
    if (only && strcmp(only, "messages") == 0)
        return true;
    p->files = rewind_new(v->app->workspace, v->app->state_dir, v->app->policy, e);
    if (!p->files || !each_event(v, session, to, NULL, rewind_each, p->files, e))
        return false;
    rewind_look(p->files);
    return true;
}

/* To before a call: its files alone, with what later calls did to them. */
static bool plan_call(struct verb *v, struct plan *p, const char *session, struct err *e)
{
    struct call c = {.id = v->options->value[OPT_CALL]};
    p->touched = v->options->value[OPT_FORCE] != NULL;
    p->act = (struct act_session_rewind){.session = session, .stay = true};
    bool ok = find_call(v, session, &c, e);
    p->act.to = c.seq - 1;
    p->later = c.others.n;
    p->files = ok ? rewind_new(v->app->workspace, v->app->state_dir, v->app->policy, e) : NULL;
    ok = p->files && each_event(v, session, p->act.to, NULL, rewind_each, p->files, e);
    size_t at = 0;
    const char *path;
    void *value;
    while (ok && map_next(&c.files, &at, &path, &value))
        rewind_only(p->files, path);
    if (ok)
        rewind_look(p->files);
    map_free(&c.files, NULL);
    map_free(&c.others, NULL);
    return ok;
}

bool verb_session_rewind(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    struct plan p = {0};
    struct target t = {0};
    const char *only = v->options->value[OPT_ONLY], *call = v->options->value[OPT_CALL];
    if (call && (only || verb_arg(v, 0) || v->options->value[OPT_UNDO]))
        return err_set(e, ERR_USAGE, "--call stands alone: no message, --only or --undo with it");
    if (!verb_session_option(v, session, NULL, e))
        return false;
    if (!call && !verb_arg(v, 0) && !v->options->value[OPT_UNDO])
        return list_points(v, session, e);
    bool ok = call ? plan_call(v, &p, session, e) : make_plan(v, &p, session, verb_arg(v, 0), &t, e);
    count(&p);
    if (ok && v->options->value[OPT_YES]) {
        ok = do_it(v, &p, session, e);
    } else if (ok) {
        write_files(v, &p);
        write_sum(v, &p, false);
    }
    rewind_free(p.files);
    return ok;
}
