/* SPDX-License-Identifier: MIT
 *
 * export_events: a session as its durable events, an envelope a line, below a line that says so.
 * What a fork has from where it comes from stands before its own, so that the file is the whole of
 * it. With artifacts, lines of their bytes follow the event that made them.
 */
#include "cli/export.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "contract/event.h"
#include "contract/states.h"
#include "store/blob.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BLOB_PIECE = 384 * 1024 }; /* bytes of an artifact in a line; a multiple of three */

static void begin(struct export *x, const struct json *session, struct buf *out)
{
    struct jsonw w = JSONW(out);
    (void)x;
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "record_type", "tau.session");
    jsonw_put_i64(&w, "schema_version", EVENT_SCHEMA_VERSION);
    jsonw_put_str(&w, "session", json_str(json_get(session, "id")));
    jsonw_put_str(&w, "name", json_str(json_get(session, "name")));
    jsonw_put_i64(&w, "turns", json_i64(json_get(session, "turns"), 0));
    jsonw_put_i64(&w, "exported_ms", clock_wall_ms());
    jsonw_end_object(&w);
    buf_putc(out, '\n');
}

/* ---- artifacts ---- */

static void put_piece(struct buf *out, const char *sha, int64_t offset, int64_t bytes,
                      struct str piece)
{
    struct jsonw w = JSONW(out);
    struct buf text = BUF_OWN;
    base64_encode(&text, piece);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "record_type", "tau.blob");
    jsonw_put_cstr(&w, "sha256", sha);
    jsonw_put_i64(&w, "bytes", bytes);
    jsonw_put_i64(&w, "offset", offset);
    jsonw_put_str(&w, "base64", buf_view(&text));
    jsonw_end_object(&w);
    buf_putc(out, '\n');
    buf_free(&text);
}

/* One that is not here any more is left out, as it is without --with-artifacts. */
static bool put_blob(struct export *x, const struct json *data, struct err *e)
{
    struct err gone = ERR_INIT;
    const char *sha = json_cstr(json_get(data, "sha256"), "");
    int64_t bytes = json_i64(json_get(data, "bytes"), 0), at = 0;
    CLEANUP(fd_close_p) int fd = blob_open(x->store_dir, sha, &gone);
    CLEANUP(buf_free) struct buf line = BUF_OWN;
    CLEANUP(buf_free) struct buf piece = BUF_OWN;
    while (fd >= 0) {
        buf_clear(&piece);
        ssize_t n = pread(fd, buf_room(&piece, BLOB_PIECE), BLOB_PIECE, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, ERR_IO, errno, "artifact %.12s", sha);
        if (n == 0 && at > 0)
            break;
        piece.len = (size_t)n;
        buf_clear(&line);
        put_piece(&line, sha, at, bytes, buf_view(&piece));
        at += n;
        if (!x->put(x->arg, buf_view(&line), e))
            return false;
        if (n == 0)
            break; /* it is empty */
    }
    return true;
}

static void add_event(struct export *x, const struct json *event, struct buf *out)
{
    buf_puts(out, json_text(event, &x->arena));
    buf_putc(out, '\n');
}

/* The lines of a page, with the bytes of an artifact behind the one that made it. */
static bool put_lines(struct export *x, struct str page, struct err *e)
{
    struct str rest = page, line;
    const char *from = page.p;
    CLEANUP(mem_free_p)
    char *made = mem_printf("\"kind\":\"%s\"", event_table[EV_ARTIFACT_CREATED].wire);
    while (x->store_dir && str_split(&rest, '\n', &line)) {
        const char *end = line.p + line.n + 1;
        if (!memmem(line.p, line.n, made, strlen(made)))
            continue;
        CLEANUP(json_free_p) struct json *event = json_parse(line, e);
        if (!event)
            return false;
        if (!str_is(json_str(json_get(event, "kind")), event_table[EV_ARTIFACT_CREATED].wire))
            continue; /* it is only told of */
        if (!x->put(x->arg, str_make(from, (size_t)(end - from)), e) ||
            !put_blob(x, json_get(event, "data"), e))
            return false;
        from = end;
    }
    return x->put(x->arg, str_make(from, (size_t)(page.p + page.n - from)), e);
}

/* ---- what a fork has from elsewhere ---- */

/* A range of another session's log: up to a message, and then what is left of its turn. */
struct inherited {
    struct export *x;
    int64_t after, upto;
    struct map open; /* turns that have begun in it and not ended */
    size_t rows, n_open;
    struct buf out; /* a page */
    bool over;
    struct err *e;
    bool ok;
};

static bool is_left_of_turn(const struct inherited *h, enum event_kind kind, const char *turn)
{
    return kind != EV_TURN_MESSAGE && kind != EV_TOOL_PROPOSED && turn &&
           map_get(&h->open, str_of(turn));
}

static void note_turn(struct inherited *h, enum event_kind kind, const char *turn)
{
    if (!turn || state_machine_of(kind) != MACHINE_TURN)
        return;
    if (kind == EV_TURN_CREATED)
        h->n_open += map_put(&h->open, str_of(turn), h) == NULL;
    else if (state_ends(kind))
        h->n_open -= map_remove(&h->open, str_of(turn)) != NULL;
}

static bool take_row(void *arg, struct str raw)
{
    struct inherited *h = arg;
    CLEANUP(json_free_p) struct json *row = json_parse(raw, h->e);
    const struct json *event = json_get(row, "event");
    int64_t seq = json_i64(json_get(row, "seq"), 0);
    const char *turn = json_cstr(json_get(event, "turn"), NULL);
    enum event_kind kind = event_kind_find(json_str(json_get(event, "kind")));
    h->ok = row != NULL;
    h->rows++;
    h->after = seq;
    h->over = seq > h->upto && (h->n_open == 0 || kind == EV_TURN_MESSAGE);
    if (!h->ok || h->over)
        return false;
    if (seq <= h->upto || is_left_of_turn(h, kind, turn)) {
        add_event(h->x, event, &h->out);
        note_turn(h, kind, turn);
    }
    arena_reset(&h->x->arena);
    return h->out.len < EXPORT_PAGE_BYTES;
}

static bool put_range(struct export *x, const char *session, int64_t from, int64_t upto,
                      struct err *e)
{
    struct inherited h = {.x = x, .after = from, .upto = upto, .out = BUF_OWN, .e = e, .ok = true};
    do {
        struct buf args = BUF_OWN;
        struct jsonw w = JSONW(&args);
        h.rows = 0;
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "session", session);
        jsonw_put_i64(&w, "after", h.after);
        jsonw_end_object(&w);
        h.ok = x->reader.query(x->reader.ctx, "log.page", buf_view(&args), x->cancel, take_row, &h,
                               NULL, e) &&
               h.ok && put_lines(x, buf_view(&h.out), e);
        buf_clear(&h.out);
        buf_free(&args);
    } while (h.ok && h.rows && !h.over);
    map_free(&h.open, NULL);
    buf_free(&h.out);
    return h.ok;
}

static bool take_lineage(void *arg, struct str raw)
{
    struct err ignored = ERR_INIT;
    CLEANUP(json_free_p) struct json *row = json_parse(raw, &ignored);
    const struct json *data = json_get(json_get(row, "event"), "data");
    const struct json *lineage = json_get(data, "lineage");
    struct buf *out = arg;
    struct arena a = ARENA_INIT;
    if (lineage)
        buf_puts(out, json_text(lineage, &a));
    arena_free(&a);
    return false;
}

static bool before(struct export *x, struct err *e)
{
    CLEANUP(buf_free) struct buf args = BUF_OWN;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&args);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", x->session);
    jsonw_put_cstr(&w, "kind", event_table[EV_SESSION_FORKED].wire);
    jsonw_put_i64(&w, "limit", 1);
    jsonw_end_object(&w);
    if (!x->reader.query(x->reader.ctx, "log.page", buf_view(&args), x->cancel, take_lineage, &text,
                         NULL, e))
        return false;
    if (text.len == 0)
        return true;
    CLEANUP(json_free_p) struct json *lineage = json_parse(buf_view(&text), e);
    bool ok = lineage != NULL;
    for (const struct json *r = json_first(lineage); ok && r; r = json_next(r)) {
        const struct json *session = json_first(r), *from = json_next(session);
        ok = put_range(x, json_cstr(session, ""), json_i64(from, 0), json_i64(json_next(from), 0),
                       e);
    }
    return ok;
}

/* ---- its own ---- */

static void row(struct export *x, const struct json *row, struct str raw, struct buf *out)
{
    (void)raw;
    add_event(x, json_get(row, "event"), out);
}

const struct export_format export_jsonl = {
    .name = "jsonl",
    .suffix = ".jsonl",
    .query = QRY_LOG_PAGE,
    .cursor = "seq",
    .begin = begin,
    .before = before,
    .row = row,
    .put = put_lines,
};
