/* SPDX-License-Identifier: MIT
 *
 * import_events: a session that tau exported: durable events, an envelope a line, below a line that
 * says so. They are said again, in order and with their times, in a session of this store; ids
 * become other ones, so that a store can take in what it wrote itself. Left out are edges of the
 * session itself, and what is about this machine (jobs, tasks, memory, failures). A move of the
 * head is made anew, since its place in the log is another. What is open at the end of the file is
 * closed.
 *
 * The file is read twice: to be judged, and to be said.
 */
#include "cli/import.h"

#include "contract/event.h"
#include "contract/retell.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <string.h>
#include <unistd.h>

struct lines_of {
    struct import *im;
    struct retell telling;
    int64_t seq; /* of the last line */
    bool begun;  /* the session was made: events are said */
    struct err *e;
};

/* ---- lines ---- */

/* What an action of the session is told, each when it is there. */
struct told {
    const char *name, *entry; /* entry: as the file has it */
    bool follows;
};

static bool session_act(struct lines_of *l, const char *action, const struct told *t)
{
    CLEANUP(buf_free) struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", l->im->session);
    if (t->name)
        jsonw_put_cstr(&w, "name", t->name);
    if (t->entry)
        jsonw_put_cstr(&w, "entry", retell_id(&l->telling, str_of(t->entry)));
    if (t->follows)
        jsonw_put_bool(&w, "follows", true);
    jsonw_end_object(&w);
    return import_act(l->im, action, buf_view(&args), NULL, l->e);
}

static bool move_head(struct lines_of *l, const struct event *ev)
{
    return session_act(l, "session.move",
                       &(struct told){.entry = EV(ev, session_head_moved)->entry});
}

static bool reset(struct lines_of *l)
{
    return session_act(l, "session.reset", &(struct told){0});
}

static bool mark(struct lines_of *l, const struct event *ev)
{
    const struct ev_session_marked *m = EV(ev, session_marked);
    return session_act(l, "session.mark",
                       &(struct told){.name = m->name, .entry = m->entry, .follows = m->follows});
}

static bool unmark(struct lines_of *l, const struct event *ev)
{
    return session_act(l, "session.unmark",
                       &(struct told){.name = EV(ev, session_unmarked)->name});
}

static void emit(void *arg, struct event *ev)
{
    struct import *im = arg;
    if (im->dry_run)
        event_unref(ev);
    else
        im->sink.emit(im->sink.ctx, ev);
}

/* Said in this store, as it was said there. */
static bool tell(struct lines_of *l, const struct event *ev, const struct json *data)
{
    struct event *copy;
    if (!retell_event(&l->telling, ev, data, &copy, l->e))
        return false;
    l->im->entries += copy && copy->kind == EV_TURN_MESSAGE;
    if (copy)
        emit(l->im, copy);
    return true;
}

static bool take_event(struct lines_of *l, const struct event *ev, const struct json *data)
{
    if (ev->kind == EV_SESSION_HEAD_MOVED)
        return move_head(l, ev);
    if (ev->kind == EV_SESSION_MERGED)
        return session_act(l, "session.move",
                           &(struct told){.entry = EV(ev, session_merged)->entry});
    if (ev->kind == EV_SESSION_COMPACTED)
        return session_act(l, "session.compact", &(struct told){0});
    if (ev->kind == EV_SESSION_RESET)
        return reset(l);
    if (ev->kind == EV_SESSION_MARKED)
        return mark(l, ev);
    if (ev->kind == EV_SESSION_UNMARKED)
        return unmark(l, ev);
    return tell(l, ev, data);
}

static bool take_line(struct lines_of *l, struct str line, int64_t number)
{
    struct err why = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(line, &why);
    struct event *ev = j && !json_get(j, "record_type") ? event_parse(line, &why) : NULL;
    bool head = j && json_get(j, "record_type");
    bool ok = ev || head;
    if (ok && head && json_i64(json_get(j, "schema_version"), 0) > EVENT_SCHEMA_VERSION)
        ok = err_set(&why, ERR_UNSUPPORTED, "a newer tau wrote it");
    if (ok && head && number > 1)
        ok = err_set(&why, ERR_INVALID, "another session begins here");
    if (ok && ev && (ev->seq <= l->seq || !event_durable(ev)))
        ok = err_set(&why, ERR_INVALID, "seq: expected more than %lld, got %lld", (long long)l->seq,
                     (long long)ev->seq);
    if (ok && ev) {
        l->seq = ev->seq;
        ok = !l->begun || take_event(l, ev, json_get(j, "data"));
        if (!ok)
            why = *l->e;
    }
    event_unref(ev);
    arena_free(&l->telling.arena);
    if (ok)
        return true;
    *l->e = why;
    return err_wrap(l->e, "%s:%lld", l->im->path, (long long)number);
}

static bool read_all(struct lines_of *l, int fd)
{
    struct import_lines lines = {.fd = fd, .bytes = BUF_OWN};
    struct str line;
    bool ok = lseek(fd, 0, SEEK_SET) == 0 ||
              err_set(l->e, ERR_IO, "%s can not be read twice", l->im->path);
    l->seq = 0;
    while (ok && import_line(&lines, l->im->path, &line, &ok, l->e))
        if (str_trim(line).n)
            ok = take_line(l, line, lines.line);
    buf_free(&lines.bytes);
    return ok;
}

bool import_events(struct import *im, int fd, struct err *e)
{
    struct lines_of l = {.im = im,
                         .telling = {.session = im->session,
                                     .salt = im->session,
                                     .why = "the file ends before this did"},
                         .e = e};
    bool ok = read_all(&l, fd) && import_act(im, "session.import_begin", STR("{}"), im->session, e);
    l.begun = ok;
    ok = ok && read_all(&l, fd);
    retell_end(&l.telling, emit, im);
    return ok;
}
