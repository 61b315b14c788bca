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

#include "base/base64.h"
#include "base/fs.h"
#include "contract/event.h"
#include "contract/retell.h"
#include "store/blob.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <string.h>
#include <unistd.h>

struct lines_of {
    struct import *im;
    struct retell telling;
    /* An artifact waits for the line behind it: its bytes, or another thing. */
    struct event *artifact;      /* as it is said here */
    struct blob_writer *writing; /* its bytes, so far */
    int64_t written;
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
    return session_act(l, "session.unmark", &(struct told){.name = EV(ev, session_unmarked)->name});
}

static void emit(void *arg, struct event *ev)
{
    struct import *im = arg;
    if (im->dry_run)
        event_unref(ev);
    else
        im->sink.emit(im->sink.ctx, ev);
}

/* ---- artifacts ---- */

/* Its bytes are all there, in the file or in this store; else the artifact is left out. */
static bool end_artifact(struct lines_of *l)
{
    struct event *ev = TAKE(l->artifact);
    struct blob_writer *w = TAKE(l->writing);
    struct err gone = ERR_INIT;
    char sha[DIGEST_HEX];
    int64_t bytes;
    if (!ev)
        return true;
    const char *want = EV(ev, artifact_created)->sha256;
    if (w && !blob_end(w, sha, &bytes, l->e)) {
        event_unref(ev);
        return false;
    }
    if (w && strcmp(sha, want) != 0) {
        err_set(l->e, ERR_INVALID, "the bytes before this line are not those of %.12s", want);
        event_unref(ev);
        return false;
    }
    CLEANUP(fd_close_p) int fd = w ? -1 : blob_open(l->im->store_dir, want, &gone);
    bool there = w || fd >= 0 || (l->im->dry_run && l->written > 0);
    l->im->artifacts += there;
    l->im->missing += !there;
    if (there)
        emit(l->im, ev);
    else
        event_unref(ev);
    return true;
}

/* Before anything is written. */
static bool check_blob(const struct json *j, struct err *e)
{
    CLEANUP(buf_free) struct buf bytes = BUF_OWN;
    return base64_decode(&bytes, json_str(json_get(j, "base64"))) ||
           err_set(e, ERR_INVALID, "base64: it is not that");
}

static bool take_blob(struct lines_of *l, const struct json *j)
{
    struct buf bytes = BUF_OWN;
    struct str sha = json_str(json_get(j, "sha256"));
    bool ok = l->artifact && str_is(sha, EV(l->artifact, artifact_created)->sha256);
    if (!ok)
        return err_set(l->e, ERR_INVALID, "bytes of no artifact that stands before them");
    ok = json_i64(json_get(j, "offset"), -1) == l->written ||
         err_set(l->e, ERR_INVALID, "offset: expected %lld", (long long)l->written);
    ok = ok && base64_decode(&bytes, json_str(json_get(j, "base64"))); /* it was looked at before */
    if (ok && !l->im->dry_run && !l->writing)
        ok = (l->writing = blob_begin(l->im->store_dir, l->e)) != NULL;
    ok = ok && (l->im->dry_run || blob_add(l->writing, buf_view(&bytes), l->e));
    l->written += (int64_t)bytes.len;
    buf_free(&bytes);
    return ok;
}

/* ---- events ---- */

/* Said in this store, as it was said there. */
static bool tell(struct lines_of *l, const struct event *ev, const struct json *data)
{
    struct event *copy;
    if (!retell_event(&l->telling, ev, data, &copy, l->e))
        return false;
    if (copy && copy->kind == EV_TURN_MESSAGE)
        import_count(l->im);
    if (copy && copy->kind == EV_ARTIFACT_CREATED) {
        l->artifact = copy;
        l->written = 0;
    } else if (copy) {
        emit(l->im, copy);
    }
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
    struct str record = json_str(json_get(j, "record_type"));
    bool blob = str_is(record, "tau.blob"), head = record.n && !blob;
    bool ok = ev || head || blob;
    if (!ok && why.code == ERR_NONE)
        err_set(&why, ERR_INVALID, "record_type: expected a name");
    if (ok && l->begun && !blob) {
        ok = end_artifact(l);
        if (!ok)
            why = *l->e;
    }
    if (ok && blob) {
        ok = l->begun ? take_blob(l, j) : check_blob(j, l->e);
        if (!ok)
            why = *l->e;
    }
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
    while (ok && import_line(l->im, &lines, &line, &ok, l->e))
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
    bool ok = read_all(&l, fd) && import_begin(im, e);
    l.begun = ok;
    ok = ok && read_all(&l, fd) && end_artifact(&l);
    event_unref(l.artifact);
    blob_abort(l.writing);
    retell_end(&l.telling, emit, im);
    return ok;
}
