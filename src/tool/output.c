/* SPDX-License-Identifier: MIT
 *
 * output: chunks, artifact, head and tail of what a command prints.
 *
 * The raw bytes go to `head` until it is full, and from then on to the blob and the ring `tail`;
 * the text made of them waits in `wait` until it is kept by a chunk. A character that is cut at the
 * end of what came waits in `cut`. `lock` guards head, tail and bytes, which the tail of a job is
 * read from; everything else belongs to the one thread that adds.
 */
#include "tool/output.h"

#include "base/clock.h"
#include "base/mem.h"
#include "store/blob.h"
#include "text/utf8.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CLIP_MIN = 256, CUT_MAX = 3 };

struct output {
    struct output_spec spec;
    pthread_mutex_t lock;
    struct buf head;
    char *tail;     /* ring of OUTPUT_TAIL_MAX bytes, made when head is full */
    size_t tail_at; /* where the next byte goes */
    size_t tail_n;
    int64_t bytes;

    char cut[CUT_MAX];
    size_t cut_n;
    struct buf wait;
    int64_t text;  /* bytes of text that were announced */
    int64_t kept;  /* bytes of text in chunks */
    int64_t raw;   /* raw bytes that became text of chunks or are covered by artifact chunks */
    bool spilled;  /* past OUTPUT_INLINE_MAX */
    int64_t since; /* when the first byte that waits came; CLOCK_NEVER: nothing waits */
    int64_t flood_since, flood;

    struct blob_writer *blob;
    char artifact[ID_MAX];
    bool ended, full;
    struct err err; /* what became of the artifact */
};

struct output *output_new(const struct output_spec *spec)
{
    struct output *o = NEW(struct output);
    o->spec = *spec;
    pthread_mutex_init(&o->lock, NULL); /* no attributes: can not fail */
    o->head = BUF_INIT(OUTPUT_INLINE_MAX);
    o->wait = BUF_OWN;
    o->since = CLOCK_NEVER;
    o->err = ERR_INIT;
    return o;
}

void output_free(struct output *o)
{
    if (!o)
        return;
    blob_abort(o->blob);
    buf_free(&o->head);
    buf_free(&o->wait);
    free(o->tail);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* ---- text ---- */

/* How many bytes at the end are the beginning of a character whose rest has not come. */
static size_t cut_at_end(struct str s)
{
    for (size_t k = 1; k <= CUT_MAX && k <= s.n; k++) {
        unsigned char c = (unsigned char)s.p[s.n - k];
        if ((c & 0xC0) == 0x80)
            continue;
        bool cut = false;
        if (c < 0xC2 || utf8_valid_prefix(str_sub(s, s.n - k, k), &cut) != 0 || !cut)
            return 0;
        return k;
    }
    return 0;
}

/* Valid UTF-8 without NUL, which strings of events can not hold. */
static void clean(struct buf *out, struct str s)
{
    struct str part;
    bool first = true;
    while (str_split(&s, '\0', &part)) {
        if (!first)
            buf_puts(out, "\xEF\xBF\xBD");
        first = false;
        utf8_clean(out, part);
    }
}

/* The longest front of at most n bytes that ends with a whole character; s is valid UTF-8. */
static size_t whole(struct str s, size_t n)
{
    if (n >= s.n)
        return s.n;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return n;
}

/* ---- events ---- */

static void emit(struct output *o, enum event_kind kind, const void *fields)
{
    o->spec.sink.emit(o->spec.sink.ctx, event_new(kind, &o->spec.ids, fields));
}

static void emit_delta(struct output *o, int64_t offset, const char *text)
{
    if (o->spec.job)
        emit(o, EV_JOB_OUTPUT_DELTA,
             &(struct ev_job_output_delta){.part = o->spec.part, .offset = offset, .text = text});
    else
        emit(o, EV_TOOL_OUTPUT_DELTA,
             &(struct ev_tool_output_delta){.part = o->spec.part, .offset = offset, .text = text});
}

/* One of text and artifact. */
static void emit_chunk(struct output *o, int64_t offset, const char *text, const char *artifact,
                       int64_t bytes)
{
    if (o->spec.job)
        emit(o, EV_JOB_OUTPUT,
             &(struct ev_job_output){.part = o->spec.part,
                                     .offset = offset,
                                     .text = text,
                                     .artifact = artifact,
                                     .bytes = bytes});
    else
        emit(o, EV_TOOL_OUTPUT,
             &(struct ev_tool_output){.part = o->spec.part,
                                      .offset = offset,
                                      .text = text,
                                      .artifact = artifact,
                                      .bytes = bytes});
}

/* May this many bytes of text be announced now? Only output past the inline limit is ever held
 * back. */
static bool flood_passes(struct output *o, size_t n)
{
    if (!o->spilled)
        return true;
    int64_t now = clock_mono_ms();
    if (now - o->flood_since >= OUTPUT_CHUNK_MS) {
        o->flood_since = now;
        o->flood = 0;
    }
    o->flood += (int64_t)n;
    return o->flood <= OUTPUT_FLOOD_MAX;
}

static void announce(struct output *o, struct str text)
{
    while (text.n > 0) {
        size_t n = whole(text, OUTPUT_DELTA_MAX);
        if (flood_passes(o, n)) {
            char *piece = mem_strndup(text.p, n);
            emit_delta(o, o->text, piece);
            free(piece);
        }
        o->text += (int64_t)n;
        text = str_sub(text, n, text.n);
    }
}

/* Keeps n bytes of the waiting text. */
static void keep_text(struct output *o, size_t n)
{
    char *piece = mem_strndup(o->wait.data, n);
    emit_chunk(o, o->kept, piece, NULL, 0);
    free(piece);
    o->kept += (int64_t)n;
    buf_drop(&o->wait, n);
}

static void flush(struct output *o)
{
    while (o->wait.len > 0)
        keep_text(o, whole(buf_view(&o->wait), EVENT_CHUNK_MAX));
    int64_t end = MIN(o->bytes, (int64_t)OUTPUT_ARTIFACT_MAX);
    if (o->spilled && o->artifact[0] && end > o->raw) {
        emit_chunk(o, o->raw, NULL, o->artifact, end - o->raw);
        o->raw = end;
    }
    o->since = CLOCK_NEVER;
}

/* ---- the artifact ---- */

static void spill_failed(struct output *o)
{
    blob_abort(TAKE(o->blob));
    o->artifact[0] = '\0';
}

const char *output_keep(struct output *o)
{
    if (o->blob || o->ended || o->err.code != ERR_NONE)
        return o->artifact[0] ? o->artifact : NULL;
    /* Under its own name, so that it is found again when this process dies. */
    struct id id = id_make("art");
    o->blob = blob_begin_named(o->spec.store_dir, id.s, &o->err);
    if (!o->blob)
        return NULL;
    memcpy(o->artifact, id.s, sizeof(o->artifact));
    if (!blob_add(o->blob, buf_view(&o->head), &o->err)) {
        blob_abort(TAKE(o->blob));
        o->artifact[0] = '\0';
        return NULL;
    }
    return o->artifact;
}

/* Bytes that came after those of head, before they are counted. */
static void spill(struct output *o, struct str bytes)
{
    int64_t room = (int64_t)OUTPUT_ARTIFACT_MAX - o->bytes;
    if (room < (int64_t)bytes.n) {
        o->full = true;
        bytes = str_sub(bytes, 0, room > 0 ? (size_t)room : 0);
    }
    if (o->blob && bytes.n > 0 && !blob_add(o->blob, bytes, &o->err))
        spill_failed(o);
}

static void ring_add(struct output *o, struct str bytes)
{
    if (!o->tail)
        o->tail = mem_new(OUTPUT_TAIL_MAX);
    if (bytes.n > OUTPUT_TAIL_MAX)
        bytes = str_sub(bytes, bytes.n - OUTPUT_TAIL_MAX, OUTPUT_TAIL_MAX);
    while (bytes.n > 0) {
        size_t n = MIN(bytes.n, (size_t)OUTPUT_TAIL_MAX - o->tail_at);
        memcpy(o->tail + o->tail_at, bytes.p, n);
        o->tail_at = (o->tail_at + n) % OUTPUT_TAIL_MAX;
        o->tail_n = MIN(o->tail_n + n, (size_t)OUTPUT_TAIL_MAX);
        bytes = str_sub(bytes, n, bytes.n);
    }
}

/* ---- adding ---- */

/* The bytes as text: announced, and waiting to be kept while the log itself holds the text. */
static void add_text(struct output *o, struct str bytes)
{
    CLEANUP(buf_free) struct buf raw = BUF_OWN;
    buf_add(&raw, o->cut, o->cut_n);
    buf_str(&raw, bytes);
    size_t cut = cut_at_end(buf_view(&raw));
    memcpy(o->cut, raw.data + raw.len - cut, cut);
    o->cut_n = cut;
    buf_truncate(&raw, raw.len - cut);
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    clean(&text, buf_view(&raw));
    announce(o, buf_view(&text));
    if (o->spilled)
        return;
    o->raw += (int64_t)raw.len;
    buf_str(&o->wait, buf_view(&text));
    while (o->wait.len >= EVENT_CHUNK_MAX)
        keep_text(o, whole(buf_view(&o->wait), EVENT_CHUNK_MAX));
}

static void add_inline(struct output *o, struct str bytes)
{
    pthread_mutex_lock(&o->lock);
    buf_str(&o->head, bytes);
    pthread_mutex_unlock(&o->lock);
    if (o->blob && !blob_add(o->blob, bytes, &o->err))
        spill_failed(o);
    pthread_mutex_lock(&o->lock);
    o->bytes += (int64_t)bytes.n;
    pthread_mutex_unlock(&o->lock);
    add_text(o, bytes);
}

static void add_spilled(struct output *o, struct str bytes)
{
    if (!o->spilled) {
        flush(o);
        o->spilled = true;
        output_keep(o); /* why it can not be kept is in o->err, which output_end reports */
        /* The newest part of what was inline belongs to the tail, too. */
        pthread_mutex_lock(&o->lock);
        ring_add(o, buf_view(&o->head));
        pthread_mutex_unlock(&o->lock);
    }
    spill(o, bytes);
    pthread_mutex_lock(&o->lock);
    ring_add(o, bytes);
    o->bytes += (int64_t)bytes.n;
    pthread_mutex_unlock(&o->lock);
    add_text(o, bytes);
}

void output_add(struct output *o, struct str bytes)
{
    if (bytes.n == 0 || o->ended)
        return;
    int64_t now = clock_mono_ms();
    struct str inline_part = str_sub(bytes, 0, OUTPUT_INLINE_MAX - o->head.len);
    if (inline_part.n > 0)
        add_inline(o, inline_part);
    struct str rest = str_sub(bytes, inline_part.n, bytes.n);
    if (rest.n > 0)
        add_spilled(o, rest);
    bool waits = o->wait.len > 0 || o->cut_n > 0 || (o->spilled && o->bytes > o->raw);
    if (o->since == CLOCK_NEVER && waits)
        o->since = now;
    output_tick(o);
}

int64_t output_due_ms(const struct output *o)
{
    return o->since == CLOCK_NEVER ? CLOCK_NEVER : o->since + OUTPUT_CHUNK_MS;
}

void output_tick(struct output *o)
{
    if (output_due_ms(o) <= clock_mono_ms())
        flush(o);
}

int64_t output_bytes(struct output *o)
{
    pthread_mutex_lock(&o->lock);
    int64_t n = o->bytes;
    pthread_mutex_unlock(&o->lock);
    return n;
}

bool output_full(const struct output *o)
{
    return o->full;
}

/* ---- the end ---- */

/* A character that never got its rest. */
static void end_cut(struct output *o)
{
    if (o->cut_n == 0)
        return;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    utf8_clean(&text, str_make(o->cut, o->cut_n));
    announce(o, buf_view(&text));
    if (!o->spilled) {
        o->raw += (int64_t)o->cut_n;
        buf_str(&o->wait, buf_view(&text));
    }
    o->cut_n = 0;
}

static bool end_artifact(struct output *o)
{
    char sha[DIGEST_HEX];
    int64_t bytes;
    if (!blob_end(TAKE(o->blob), sha, &bytes, &o->err)) {
        o->artifact[0] = '\0';
        return false;
    }
    char *name = mem_printf("output of %s", o->spec.part);
    emit(o, EV_ARTIFACT_CREATED,
         &(struct ev_artifact_created){.artifact_id = o->artifact,
                                       .path = name,
                                       .media_type = "text/plain",
                                       .bytes = bytes,
                                       .sha256 = sha});
    free(name);
    return true;
}

bool output_end(struct output *o, const char **ret_artifact, int64_t *ret_total, struct err *e)
{
    if (!o->ended) {
        end_cut(o);
        flush(o);
        if (o->blob)
            end_artifact(o); /* its error stays in o->err */
        o->ended = true;
    }
    if (o->err.code != ERR_NONE) {
        *e = o->err;
        return err_wrap(e, "output of %s", o->spec.part);
    }
    *ret_artifact = o->artifact[0] ? o->artifact : NULL;
    *ret_total = o->bytes;
    return true;
}

/* ---- looking back ---- */

/* The newest n raw bytes (as many as there are). The caller holds the lock, or is the one that
 * adds. */
static void newest(const struct output *o, size_t n, struct buf *out)
{
    if (!o->tail) {
        struct str head = buf_view(&o->head);
        n = MIN(n, head.n);
        buf_str(out, str_sub(head, head.n - n, n));
        return;
    }
    n = MIN(n, o->tail_n);
    size_t from = (o->tail_at + OUTPUT_TAIL_MAX - n) % OUTPUT_TAIL_MAX;
    size_t first = MIN(n, (size_t)OUTPUT_TAIL_MAX - from);
    buf_add(out, o->tail + from, first);
    buf_add(out, o->tail, n - first);
}

/* Without the first, cut line, when that costs at most half; at least without a cut character. */
static struct str from_line(struct str s)
{
    ssize_t lf = str_index(str_sub(s, 0, s.n / 2), '\n');
    if (lf >= 0)
        return str_sub(s, (size_t)lf + 1, s.n);
    size_t n = 0;
    while (n < s.n && n < CUT_MAX && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n++;
    return str_sub(s, n, s.n);
}

static struct str to_line(struct str s)
{
    for (size_t n = s.n; n > s.n / 2; n--)
        if (s.p[n - 1] == '\n')
            return str_sub(s, 0, n);
    return str_sub(s, 0, s.n - cut_at_end(s));
}

/* Valid text of at most max bytes of the raw bytes: their front, or their end. */
static void fit(struct buf *out, struct str raw, size_t max, bool end)
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    clean(&text, raw);
    struct str s = buf_view(&text);
    if (s.n > max && end) {
        s = str_sub(s, s.n - max, max);
        while (s.n > 0 && ((unsigned char)s.p[0] & 0xC0) == 0x80)
            s = str_sub(s, 1, s.n);
    }
    buf_str(out, str_sub(s, 0, whole(s, max)));
}

struct str output_clip(struct output *o, size_t max, struct arena *a)
{
    max = MAX(MIN(max, (size_t)OUTPUT_INLINE_MAX), (size_t)CLIP_MIN);
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    if (o->bytes <= (int64_t)max)
        clean(&out, buf_view(&o->head));
    if (o->bytes > (int64_t)max || out.len > max) {
        buf_clear(&out);
        const char *id = output_keep(o);
        size_t half = (max - 128) / 2;
        struct str head = to_line(str_sub(buf_view(&o->head), 0, half));
        CLEANUP(buf_free) struct buf ring = BUF_OWN;
        newest(o, MIN(half, (size_t)o->bytes - head.n), &ring);
        struct str tail = from_line(buf_view(&ring));
        fit(&out, head, half, false);
        if (out.len > 0 && out.data[out.len - 1] != '\n')
            buf_putc(&out, '\n');
        buf_printf(&out, "[... %lld bytes left out%s%s ...]\n",
                   (long long)(o->bytes - (int64_t)head.n - (int64_t)tail.n),
                   id ? "; the whole output is artifact " : "", id ? id : "");
        fit(&out, tail, half, true);
    }
    return str_make(arena_strndup(a, buf_cstr(&out), out.len), out.len);
}

void output_tail(struct output *o, size_t n, struct buf *out)
{
    CLEANUP(buf_free) struct buf raw = BUF_OWN;
    pthread_mutex_lock(&o->lock);
    bool all = o->bytes <= (int64_t)n;
    newest(o, n, &raw);
    pthread_mutex_unlock(&o->lock);
    clean(out, all ? buf_view(&raw) : from_line(buf_view(&raw)));
}

void tail_text(struct str text, size_t n, struct buf *out)
{
    struct str end = text.n > n ? from_line(str_sub(text, text.n - n, n)) : text;
    clean(out, end);
}
