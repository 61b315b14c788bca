/* SPDX-License-Identifier: MIT
 *
 * import: what kind of file it is, its lines, and facts on their way to the core.
 */
#include "cli/import.h"

#include "base/cancel.h"
#include "base/fs.h"
#include "contract/retell.h"
#include "store/tausql.h"
#include "json/json.h"
#include "json/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024, PROGRESS_EVERY = 1024 };

bool import_stopped(const struct import *im, struct err *e)
{
    if (!cancel_fired(im->cancel))
        return false;
    CLEANUP(buf_free) struct buf messages = BUF_OWN;
    buf_count(&messages, im->entries, "message");
    err_set(e, ERR_CANCELLED, "%s: the import was stopped after %s", im->path, buf_cstr(&messages));
    (void)!err_hint(e, "nothing of it is shown; the same command begins anew");
    return true;
}

bool import_line(const struct import *im, struct import_lines *l, struct str *ret, bool *ret_ok,
                 struct err *e)
{
    if (import_stopped(im, e))
        return *ret_ok = false;
    for (size_t looked = l->at;;) {
        char *lf = l->bytes.len > looked
                       ? memchr(l->bytes.data + looked, '\n', l->bytes.len - looked)
                       : NULL;
        if (lf || (l->end && l->at < l->bytes.len)) {
            size_t n = lf ? (size_t)(lf - l->bytes.data) - l->at : l->bytes.len - l->at;
            *ret = str_make(l->bytes.data + l->at, n);
            l->at += n + (lf ? 1 : 0);
            l->line++;
            return true;
        }
        if (l->end)
            return false;
        l->offset += (int64_t)l->at;
        buf_drop(&l->bytes, l->at);
        l->at = 0;
        looked = l->bytes.len;
        if (l->bytes.len > IMPORT_LINE_MAX)
            return *ret_ok = err_set(e, ERR_TOO_LARGE, "%s:%lld: the line is longer than %d MiB",
                                     im->path, (long long)l->line + 1, IMPORT_LINE_MAX >> 20);
        char *to = buf_room(&l->bytes, READ_BYTES);
        ssize_t n = read(l->fd, to, READ_BYTES);
        if (n < 0 && errno != EINTR)
            return *ret_ok = err_sys(e, ERR_IO, errno, "%s", im->path);
        l->bytes.len += n > 0 ? (size_t)n : 0;
        l->end = n == 0;
    }
}

struct id import_id(const struct import *im, const char *prefix, struct str old)
{
    return retell_make_id(im->session, prefix, old);
}

void import_count(struct import *im)
{
    im->entries++;
    if (im->progress && im->entries % PROGRESS_EVERY == 0)
        im->progress(im->arg, im->entries);
}

void import_emit(struct import *im, enum event_kind kind, const char *turn, const void *fields)
{
    struct event_ids ids = {.session = im->session, .turn = turn};
    if (!im->dry_run)
        im->sink.emit(im->sink.ctx, event_new(kind, &ids, fields));
}

bool import_act(struct import *im, const char *action, struct str arguments, char *ret_id,
                struct err *e)
{
    struct action_answer answer;
    if (im->dry_run)
        return true;
    im->actor.submit_wait(im->actor.ctx, action, arguments, &im->who, &answer);
    if (!answer.accepted) {
        *e = answer.err;
        return false;
    }
    if (ret_id)
        memcpy(ret_id, answer.id, ID_MAX);
    return true;
}

bool import_begin(struct import *im, struct err *e)
{
    CLEANUP(buf_free) struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "source", im->path);
    jsonw_end_object(&w);
    return import_act(im, "session.import_begin", buf_view(&args), im->session, e);
}

static bool finish(struct import *im, struct err *e)
{
    struct buf args = BUF_OWN;
    struct jsonw w = JSONW(&args);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", im->session);
    jsonw_put_cstr(&w, "name", im->name);
    jsonw_put_cstr(&w, "source", im->path);
    jsonw_put_i64(&w, "entries", im->entries);
    jsonw_put_bool(&w, "replace", im->replace);
    jsonw_end_object(&w);
    bool ok = import_act(im, "session.import_end", buf_view(&args), NULL, e);
    buf_free(&args);
    return ok;
}

static bool read_it(struct import *im, int fd, struct err *e)
{
    char front[64] = "";
    ssize_t n = pread(fd, front, sizeof(front) - 1, 0);
    if (n < 0)
        return err_sys(e, ERR_IO, errno, "%s", im->path);
    if (n >= 16 && memcmp(front, "SQLite format 3", 16) == 0) {
        im->format = "tau-sqlite";
        struct tausql *sql = tausql_open(im->path, e);
        bool ok = sql && import_tau(im, -1, sql, e);
        tausql_close(sql);
        return ok;
    }
    if (strstr(front, "\"record_type\":\"tau.session\"")) {
        im->format = "jsonl";
        return import_events(im, fd, e);
    }
    im->format = "tau-jsonl";
    return import_tau(im, fd, NULL, e);
}

bool import_run(struct import *im, struct err *e)
{
    struct stat st;
    CLEANUP(fd_close_p) int fd = open(im->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s", im->path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return err_set(e, ERR_NOT_REGULAR, "%s: not a regular file", im->path);
    return read_it(im, fd, e) && finish(im, e);
}
