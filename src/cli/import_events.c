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

#include "base/map.h"
#include "base/mem.h"
#include "contract/event.h"
#include "contract/states.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lines_of {
    struct import *im;
    struct arena arena;
    struct map open; /* of turns, calls and questions: their kind of thing to its turn */
    int64_t seq;     /* of the last line */
    bool begun;      /* the session was made: events are said */
    struct err *e;
};

/* ---- ids ---- */

/* Members whose text is an id of this store's making. */
static const char *const id_members[] = {"entry",       "parent",      "part",    "call_id",
                                         "approval_id", "artifact_id", "artifact"};

static bool is_id_member(const char *key)
{
    for (size_t i = 0; key && i < ARRAY_LEN(id_members); i++)
        if (strcmp(key, id_members[i]) == 0)
            return true;
    return false;
}

/* "turn_01ABC/end": what stands behind the id stays. */
static const char *new_id(struct lines_of *l, struct str old)
{
    ssize_t slash = str_index(old, '/'), mark = str_index(old, '_');
    struct str head = str_sub(old, 0, slash < 0 ? old.n : (size_t)slash);
    char prefix[16] = "x";
    if (mark > 0)
        snprintf(prefix, sizeof(prefix), "%.*s", (int)MIN((size_t)mark, (size_t)12), old.p);
    struct id id = import_id(l->im, prefix, head);
    struct str rest = str_sub(old, head.n, old.n);
    return arena_printf(&l->arena, "%s%.*s", id.s, STR_ARG(rest));
}

static void copy_value(struct lines_of *l, struct jsonw *w, const struct json *j, const char *key)
{
    switch (json_type(j)) {
    case JSON_OBJECT:
        jsonw_begin_object(w);
        for (const struct json *m = json_first(j); m; m = json_next(m)) {
            jsonw_key(w, json_key(m));
            copy_value(l, w, m, json_key(m));
        }
        jsonw_end_object(w);
        break;
    case JSON_ARRAY:
        jsonw_begin_array(w);
        for (const struct json *m = json_first(j); m; m = json_next(m))
            copy_value(l, w, m, NULL);
        jsonw_end_array(w);
        break;
    case JSON_STRING:
        if (is_id_member(key) && json_str(j).n > 0)
            jsonw_cstr(w, new_id(l, json_str(j)));
        else
            jsonw_str(w, json_str(j));
        break;
    default:
        jsonw_raw(w, str_of(json_text(j, &l->arena)));
    }
}

/* ---- what is open ---- */

/* The member that names whose state an event moves; NULL: the envelope names the turn. */
static const char *const subjects[] = {
    [MACHINE_TURN] = NULL, [MACHINE_TOOL] = "call_id", [MACHINE_APPROVAL] = "approval_id"};

/* Does the event end what it is about, from whatever state? */
static bool ends(enum event_kind kind)
{
    for (size_t i = 0; i < state_edges_n; i++)
        if (state_edges[i].kind == kind)
            return state_ended(state_edges[i].to);
    return false;
}

/* ev as it is said here, data as it was in the file. */
static void note_open(struct lines_of *l, const struct event *ev, const struct json *data)
{
    enum machine m = state_machine_of(ev->kind);
    if (m != MACHINE_TURN && m != MACHINE_TOOL && m != MACHINE_APPROVAL)
        return;
    const char *key = subjects[m] ? new_id(l, json_str(json_get(data, subjects[m]))) : ev->ids.turn;
    if (ends(ev->kind))
        free(map_remove(&l->open, str_of(key)));
    else if (state_step(ev->kind, STATE_NONE) != STATE_COUNT && ev->ids.turn &&
             !map_get(&l->open, str_of(key)))
        map_put(&l->open, str_of(key), mem_strdup(ev->ids.turn));
}

#define NOT_ENDED                                                                                  \
    "{\"reason_code\":\"process_died\",\"phase\":\"worker\",\"message\":"                          \
    "\"the file ends before this did\",\"retryable\":false}"

static void close_kind(struct lines_of *l, const char *prefix)
{
    size_t at = 0;
    const char *key;
    void *turn;
    while (map_next(&l->open, &at, &key, &turn)) {
        if (!str_starts(str_of(key), prefix))
            continue;
        if (strcmp(prefix, "approval_") == 0)
            import_emit(l->im, EV_APPROVAL_EXPIRED, turn,
                        &(struct ev_approval_expired){.approval_id = key});
        else if (strcmp(prefix, "call_") == 0)
            import_emit(l->im, EV_TOOL_CANCELLED, turn,
                        &(struct ev_tool_cancelled){.call_id = key,
                                                    .error = NOT_ENDED,
                                                    .result = "error: the file ends here"});
        else
            import_emit(l->im, EV_TURN_FAILED, turn, &(struct ev_turn_failed){.error = NOT_ENDED});
    }
}

/* Nothing stays open below what has ended. */
static void close_open(struct lines_of *l)
{
    close_kind(l, "approval_");
    close_kind(l, "call_");
    close_kind(l, "turn_");
    map_free(&l->open, free);
}

/* ---- lines ---- */

static bool is_told(const struct event *ev)
{
    static const char *const kinds[] = {"turn.", "tool.", "approval.", "artifact."};
    if (ev->kind == EV_TURN_STEERED || ev->kind == EV_TURN_PULLED)
        return false; /* what was read of it is a message */
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_starts(str_of(ev->kind_name), kinds[i]))
            return true;
    return false;
}

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
        jsonw_put_cstr(&w, "entry", new_id(l, str_of(t->entry)));
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

/* Said in this store, as it was said there. */
static bool tell(struct lines_of *l, const struct event *ev, const struct json *data)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    const char *turn = ev->ids.turn ? new_id(l, str_of(ev->ids.turn)) : NULL;
    struct event_ids ids = {.session = l->im->session, .turn = turn};
    copy_value(l, &w, data, NULL);
    struct event *copy =
        event_from(0, ev->ts_ms, str_of(ev->kind_name), &ids, buf_view(&text), l->e);
    if (!copy)
        return false;
    note_open(l, copy, data);
    l->im->entries += copy->kind == EV_TURN_MESSAGE;
    if (l->im->dry_run)
        event_unref(copy);
    else
        l->im->sink.emit(l->im->sink.ctx, copy);
    return true;
}

static bool take_event(struct lines_of *l, const struct event *ev, const struct json *data)
{
    if (ev->kind == EV_SESSION_HEAD_MOVED)
        return move_head(l, ev);
    if (ev->kind == EV_SESSION_RESET)
        return reset(l);
    if (ev->kind == EV_SESSION_MARKED)
        return mark(l, ev);
    if (ev->kind == EV_SESSION_UNMARKED)
        return unmark(l, ev);
    return !is_told(ev) || tell(l, ev, data);
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
    arena_free(&l->arena);
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
    struct lines_of l = {.im = im, .e = e};
    bool ok = read_all(&l, fd) && import_act(im, "session.import_begin", STR("{}"), im->session, e);
    l.begun = ok;
    ok = ok && read_all(&l, fd);
    close_open(&l);
    return ok;
}
