/* SPDX-License-Identifier: MIT
 *
 * gen: a model of sessions, turns, calls, questions and jobs, and a walk over it. One step picks a
 * kind by weight and somebody to whom it may happen; what must come before (the rest of a text
 * before its message, the end of calls before that of their turn) is put into a queue that is
 * served first.
 */
#include "lib/gen.h"

#include "base/buf.h"
#include "base/mem.h"
#include "lib/test.h"
#include "json/jsonw.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    SESSIONS_MAX = 8,
    TASKS_MAX = 6,
    LIVE_MAX = 6,  /* turns, and jobs, that are open at once */
    CALLS_MAX = 3, /* open calls of one turn */
    PARTS_MAX = 2, /* open parts of one turn */
    OUTPUT_INLINE = 64 * 1024,
};

/* Text that comes in pieces. */
struct stream {
    struct buf text;
    size_t kept;    /* bytes in chunks */
    int64_t beyond; /* bytes past what is kept as text */
};

struct part {
    char id[32];
    bool reasoning;
    struct stream stream;
};

struct call {
    char id[32], approval[32]; /* approval: the open question, or empty */
    enum state_id state;
    struct stream stream;
};

struct life { /* a turn or a job */
    char id[32];
    size_t session;
    enum state_id state;
    VEC(struct part *) parts;
    VEC(struct call *) calls;
    struct stream stream;
};

struct gen {
    uint64_t random;
    int64_t seq, now_ms;
    unsigned names;
    char sessions[SESSIONS_MAX][32];
    size_t n_sessions;
    VEC(struct life *) turns;
    VEC(struct life *) jobs;
    char tasks[TASKS_MAX][32]; /* that are open */
    size_t n_tasks;
    VEC(struct event *) queue;
    size_t queue_at;
    /* Names of what ended, and of questions that wait. */
    VEC(char *) ended[MACHINE_TASK + 1];
    struct arena arena; /* of one step */
};

uint64_t gen_random(struct gen *g, uint64_t below)
{
    return below ? test_random(&g->random) % below : 0;
}

static bool one_in(struct gen *g, uint64_t n)
{
    return gen_random(g, n) == 0;
}

int64_t gen_seq(const struct gen *g)
{
    return g->seq;
}

struct gen *gen_new(uint64_t seed)
{
    struct gen *g = NEW(struct gen);
    g->random = seed;
    g->now_ms = 1700000000000;
    return g;
}

static void stream_free(struct stream *s)
{
    buf_free(&s->text);
}

static void call_free(struct call *c)
{
    stream_free(&c->stream);
    free(c);
}

static void parts_free(struct life *l)
{
    for (size_t i = 0; i < l->parts.n; i++) {
        stream_free(&l->parts.v[i]->stream);
        free(l->parts.v[i]);
    }
    l->parts.n = 0;
}

static void life_free(struct life *l)
{
    parts_free(l);
    for (size_t i = 0; i < l->calls.n; i++)
        call_free(l->calls.v[i]);
    stream_free(&l->stream);
    free(l->parts.v);
    free(l->calls.v);
    free(l);
}

void gen_free(struct gen *g)
{
    if (!g)
        return;
    for (size_t i = 0; i < g->turns.n; i++)
        life_free(g->turns.v[i]);
    for (size_t i = 0; i < g->jobs.n; i++)
        life_free(g->jobs.v[i]);
    for (size_t i = g->queue_at; i < g->queue.n; i++)
        event_unref(g->queue.v[i]);
    for (size_t m = 0; m < ARRAY_LEN(g->ended); m++) {
        for (size_t i = 0; i < g->ended[m].n; i++)
            free(g->ended[m].v[i]);
        free(g->ended[m].v);
    }
    free(g->turns.v);
    free(g->jobs.v);
    free(g->queue.v);
    arena_free(&g->arena);
    free(g);
}

static void name_make(struct gen *g, const char *prefix, char out[32])
{
    snprintf(out, 32, "%s_%05u", prefix, ++g->names);
}

/* ---- values ---- */

static const char *const pieces[] = {
    "a",  "the ",      "word ",        "\n",       "\t",   " ", "\"", "\\",       "/",
    "{}", "[1]",       "\x01",         "\x1b[31m", "ä",    "ß", "漢", "字",       "🙂",
    "é",  "e\xcc\x81", "\xe2\x80\x8d", "0",        "null", ",", ":",  "line\r\n",
};

static void text_add(struct gen *g, struct buf *out, size_t most)
{
    for (size_t n = 1 + gen_random(g, most); n > 0; n--)
        buf_puts(out, pieces[gen_random(g, ARRAY_LEN(pieces))]);
}

static const char *text_make(struct gen *g, size_t most)
{
    struct buf b = BUF_OWN;
    text_add(g, &b, most);
    const char *text = arena_strndup(&g->arena, b.data, b.len);
    buf_free(&b);
    return text;
}

static void json_value(struct gen *g, struct jsonw *w, int depth)
{
    switch (gen_random(g, depth > 0 ? 7 : 5)) {
    case 0:
        jsonw_null(w);
        break;
    case 1:
        jsonw_bool(w, one_in(g, 2));
        break;
    case 2:
        jsonw_i64(w, (int64_t)gen_random(g, UINT64_MAX));
        break;
    case 3:
        jsonw_f64(w, (double)gen_random(g, 100000) / 64);
        break;
    case 4:
        jsonw_cstr(w, text_make(g, 4));
        break;
    case 5:
        jsonw_begin_array(w);
        for (uint64_t n = gen_random(g, 4); n > 0; n--)
            json_value(g, w, depth - 1);
        jsonw_end_array(w);
        break;
    default:
        jsonw_begin_object(w);
        for (uint64_t n = gen_random(g, 4); n > 0; n--) {
            char key[16];
            snprintf(key, sizeof(key), "k%d", (int)n);
            jsonw_key(w, key);
            json_value(g, w, depth - 1);
        }
        jsonw_end_object(w);
    }
}

static const char *json_make(struct gen *g)
{
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    json_value(g, &w, 3);
    const char *text = arena_strndup(&g->arena, b.data, b.len);
    buf_free(&b);
    return text;
}

static const char *error_make(struct gen *g)
{
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    struct err e = ERR_INIT;
    err_set(&e, (enum err_code)(1 + gen_random(g, ERR_COUNT - 1)), "it went wrong: %s",
            text_make(g, 5));
    e.phase = (enum err_phase)gen_random(g, PHASE_COUNT);
    jsonw_err(&w, &e);
    const char *text = arena_strndup(&g->arena, b.data, b.len);
    buf_free(&b);
    return text;
}

/* A value for every field of the kind, by its table. Optional ones are often missing. */
static void *values_make(struct gen *g, enum event_kind kind)
{
    const struct field_set *set = &event_table[kind].set;
    char *u = arena_new(&g->arena, set->size);
    for (size_t i = 0; i < set->n; i++) {
        const struct field *f = &set->fields[i];
        void *at = u + f->offset;
        bool left_out = f->presence != FIELD_REQ && one_in(g, 2);
        if (f->type == FIELD_I64 && f->presence == FIELD_NUL)
            *(int64_t *)at = I64_NONE;
        if (left_out)
            continue;
        switch (f->type) {
        case FIELD_STR:
            *(const char **)at = text_make(g, 6);
            break;
        case FIELD_JSON:
            *(const char **)at = strcmp(f->name, "error") == 0 ? error_make(g) : json_make(g);
            break;
        case FIELD_I64:
            *(int64_t *)at = (int64_t)gen_random(g, 5000);
            break;
        case FIELD_F64:
            *(double *)at = (double)gen_random(g, 5000) / 1024;
            break;
        case FIELD_BOOL:
            *(bool *)at = one_in(g, 2);
            break;
        case FIELD_STRS: {
            struct field_list *list = at;
            const char **v = arena_array(&g->arena, 3, sizeof(*v));
            list->n = (size_t)gen_random(g, 4);
            for (size_t k = 0; k < list->n; k++)
                v[k] = text_make(g, 3);
            list->v = v;
            break;
        }
        case FIELD_BODY:
        case FIELD_LIST:
            fail_msg("%s.%s: a type that events do not have", set->name, f->name);
        }
    }
    return u;
}

/* The first field of a kind, which is the name of what it is about in tools, approvals, jobs. */
static const char **first_field(enum event_kind kind, void *u)
{
    return (const char **)(void *)((char *)u + event_table[kind].set.fields[0].offset);
}

/* ---- making events ---- */

static struct event *stamp(struct gen *g, struct event *ev)
{
    g->now_ms += (int64_t)gen_random(g, 50);
    ev->ts_ms = g->now_ms;
    ev->after = 0;
    if (event_table[ev->kind].durable)
        ev->seq = ++g->seq;
    else
        ev->after = g->seq;
    return ev;
}

/* Events are numbered in the order in which they leave; the queue keeps that of making. */
static void emit(struct gen *g, enum event_kind kind, const char *session, const char *turn,
                 const void *u)
{
    struct event_ids ids = {.session = session, .turn = turn};
    VEC_PUSH(&g->queue, stamp(g, event_new(kind, &ids, u)));
}

static void emit_turn(struct gen *g, const struct life *t, enum event_kind kind, const void *u)
{
    emit(g, kind, g->sessions[t->session], t->id, u);
}

static void remember(struct gen *g, enum machine m, const char *name)
{
    VEC_PUSH(&g->ended[m], mem_strdup(name));
}

/* A whole number of characters of what was not kept yet; makes more when there is nothing. */
static struct str stream_take(struct gen *g, struct stream *s, size_t most)
{
    if (s->kept == s->text.len)
        text_add(g, &s->text, 8);
    size_t n = MIN(s->text.len - s->kept, most);
    while (n > 0 && s->kept + n < s->text.len &&
           ((unsigned char)s->text.data[s->kept + n] & 0xC0) == 0x80)
        n--;
    return str_make(s->text.data + s->kept, n);
}

static const char *stream_text(struct gen *g, struct str s)
{
    return arena_strndup(&g->arena, s.p, s.n);
}

static void emit_part_chunk(struct gen *g, const struct life *t, struct part *p, size_t most)
{
    struct str piece = stream_take(g, &p->stream, most);
    int64_t offset = (int64_t)p->stream.kept;
    const char *text = stream_text(g, piece);
    if (p->reasoning)
        emit_turn(g, t, EV_TURN_REASONING, &(struct ev_turn_reasoning){0, p->id, offset, text});
    else
        emit_turn(g, t, EV_TURN_TEXT, &(struct ev_turn_text){0, p->id, offset, text});
    p->stream.kept += piece.n;
}

static void emit_output(struct gen *g, bool job, const char *session, const char *turn,
                        const char *id, struct stream *s, size_t most)
{
    struct ev_tool_output o = {.part = id, .offset = (int64_t)s->kept + s->beyond};
    if (s->kept >= OUTPUT_INLINE) {
        int64_t more = 1 + (int64_t)gen_random(g, 9000);
        o.artifact = "art_of_output";
        o.bytes = (int64_t)(s->text.len - s->kept) + more;
        s->beyond += more;
        s->kept = s->text.len;
    } else {
        struct str piece = stream_take(g, s, most);
        o.text = stream_text(g, piece);
        s->kept += piece.n;
    }
    if (job)
        emit(g, EV_JOB_OUTPUT, session, turn,
             &(struct ev_job_output){0, o.part, o.offset, o.text, o.artifact, o.bytes});
    else
        emit(g, EV_TOOL_OUTPUT, session, turn, &o);
}

/* ---- steps: each answers whether there was somebody to do it to ---- */

static struct life *pick(struct gen *g, struct life *const *v, size_t n, uint64_t from)
{
    size_t at = (size_t)gen_random(g, n);
    for (size_t i = 0; i < n; i++, at = (at + 1) % n)
        if (from >> v[at]->state & 1)
            return v[at];
    return NULL;
}

#define RUNS ((uint64_t)1 << STATE_TURN_RUNNING | (uint64_t)1 << STATE_TURN_CANCELLING)

/* The edge of a kind; one of no machine for a kind that has none. */
static const struct state_edge *edge_of(enum event_kind kind)
{
    static const struct state_edge none = {.machine = MACHINE_NONE};
    for (size_t i = 0; i < state_edges_n; i++)
        if (state_edges[i].kind == kind)
            return &state_edges[i];
    return &none;
}

static void end_question(struct gen *g, const struct life *t, struct call *c, enum event_kind kind)
{
    void *u = values_make(g, kind);
    *first_field(kind, u) = c->approval;
    emit_turn(g, t, kind, u);
    remember(g, MACHINE_APPROVAL, c->approval);
    c->approval[0] = '\0';
}

static void end_call(struct gen *g, struct life *t, size_t at, enum event_kind kind)
{
    struct call *c = t->calls.v[at];
    if (c->approval[0])
        end_question(g, t, c, EV_APPROVAL_EXPIRED);
    if (c->stream.text.len > c->stream.kept && c->state == STATE_TOOL_STARTED)
        emit_output(g, false, g->sessions[t->session], t->id, c->id, &c->stream, SIZE_MAX);
    void *u = values_make(g, kind);
    *first_field(kind, u) = c->id;
    emit_turn(g, t, kind, u);
    remember(g, MACHINE_TOOL, c->id);
    call_free(c);
    t->calls.v[at] = t->calls.v[--t->calls.n];
}

static void flush_parts(struct gen *g, struct life *t)
{
    for (size_t i = 0; i < t->parts.n; i++)
        while (t->parts.v[i]->stream.kept < t->parts.v[i]->stream.text.len)
            emit_part_chunk(g, t, t->parts.v[i], EVENT_CHUNK_MAX);
}

static void end_turn(struct gen *g, struct life *t, enum event_kind kind)
{
    flush_parts(g, t);
    while (t->calls.n)
        end_call(g, t, t->calls.n - 1, EV_TOOL_CANCELLED);
    emit_turn(g, t, kind, values_make(g, kind));
    remember(g, MACHINE_TURN, t->id);
    for (size_t i = 0; i < g->turns.n; i++)
        if (g->turns.v[i] == t)
            g->turns.v[i] = g->turns.v[--g->turns.n];
    life_free(t);
}

/* A message of the model holds what its open parts said, byte for byte. */
static void emit_message(struct gen *g, struct life *t)
{
    static const char *const roles[] = {"user", "assistant", "tool"};
    const char *role = roles[t->parts.n ? 1 : gen_random(g, 3)];
    struct buf b = BUF_OWN;
    struct jsonw w = JSONW(&b);
    char id[32], entry[32];
    flush_parts(g, t);
    name_make(g, "msg", entry);
    jsonw_begin_array(&w);
    for (size_t i = 0; i < t->parts.n; i++) {
        const struct part *p = t->parts.v[i];
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", p->reasoning ? "reasoning" : "text");
        jsonw_put_cstr(&w, "part", p->id);
        jsonw_put_str(&w, "text", buf_view(&p->stream.text));
        jsonw_end_object(&w);
    }
    if (t->parts.n == 0) {
        bool tool = strcmp(role, "tool") == 0;
        name_make(g, "part", id);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "type", tool ? "tool_result" : "text");
        jsonw_put_cstr(&w, tool ? "call_id" : "part", id);
        if (!tool)
            jsonw_put_cstr(&w, "text", text_make(g, 10));
        jsonw_end_object(&w);
    }
    jsonw_end_array(&w);
    parts_free(t);
    emit_turn(g, t, EV_TURN_MESSAGE, &(struct ev_turn_message){.entry = entry,
                                                                .role = role,
                                                                .content = buf_cstr(&b)});
    buf_free(&b);
}

static bool step_part(struct gen *g, enum event_kind kind)
{
    struct life *t = pick(g, g->turns.v, g->turns.n, RUNS);
    bool reasoning = kind == EV_TURN_REASONING || kind == EV_TURN_REASONING_DELTA;
    bool delta = kind == EV_TURN_TEXT_DELTA || kind == EV_TURN_REASONING_DELTA;
    struct part *p = NULL;
    if (!t)
        return false;
    for (size_t i = 0; i < t->parts.n; i++)
        if (t->parts.v[i]->reasoning == reasoning)
            p = t->parts.v[i];
    if (!p) {
        if (t->parts.n == PARTS_MAX)
            return false;
        p = NEW(struct part);
        p->reasoning = reasoning;
        p->stream.text = BUF_OWN;
        name_make(g, "part", p->id);
        VEC_PUSH(&t->parts, p);
    }
    if (!delta) {
        emit_part_chunk(g, t, p, 1 + gen_random(g, EVENT_CHUNK_MAX));
        return true;
    }
    size_t offset = p->stream.text.len;
    text_add(g, &p->stream.text, 4);
    const char *text =
        arena_strndup(&g->arena, p->stream.text.data + offset, p->stream.text.len - offset);
    if (reasoning)
        emit_turn(g, t, kind, &(struct ev_turn_reasoning_delta){0, p->id, (int64_t)offset, text});
    else
        emit_turn(g, t, kind, &(struct ev_turn_text_delta){0, p->id, (int64_t)offset, text});
    return true;
}

static bool step_turn(struct gen *g, enum event_kind kind)
{
    const struct state_edge *edge = edge_of(kind);
    struct life *t = pick(g, g->turns.v, g->turns.n, edge->from);
    if (kind == EV_TURN_CREATED) {
        if (g->turns.n == LIVE_MAX || g->n_sessions == 0)
            return false;
        t = NEW(struct life);
        t->session = (size_t)gen_random(g, g->n_sessions);
        name_make(g, "turn", t->id);
        VEC_PUSH(&g->turns, t);
    }
    if (!t)
        return false;
    if (state_ended(edge->to)) {
        end_turn(g, t, kind);
        return true;
    }
    if (edge->to != STATE_SAME)
        t->state = edge->to;
    if (kind == EV_TURN_MESSAGE)
        emit_message(g, t);
    else
        emit_turn(g, t, kind, values_make(g, kind));
    return true;
}

static void emit_delta(struct gen *g, enum event_kind kind, const char *session, const char *turn,
                       const char *id, struct stream *s)
{
    size_t offset = s->text.len;
    text_add(g, &s->text, 4);
    const char *text = arena_strndup(&g->arena, s->text.data + offset, s->text.len - offset);
    struct ev_tool_output_delta x = {
        .part = id, .offset = (int64_t)offset + s->beyond, .text = text};
    if (kind == EV_JOB_OUTPUT_DELTA)
        emit(g, kind, session, turn, &(struct ev_job_output_delta){0, x.part, x.offset, x.text});
    else
        emit(g, kind, session, turn, &x);
}

/* Now and then so much at once that the rest goes to an artifact. */
static void emit_bulk(struct gen *g, bool job, const char *session, const char *turn,
                      const char *id, struct stream *s)
{
    while (s->kept < OUTPUT_INLINE) {
        while (s->text.len - s->kept < EVENT_CHUNK_MAX)
            text_add(g, &s->text, 500);
        emit_output(g, job, session, turn, id, s, EVENT_CHUNK_MAX);
    }
    emit_output(g, job, session, turn, id, s, EVENT_CHUNK_MAX);
}

static bool step_tool(struct gen *g, enum event_kind kind)
{
    struct life *t = pick(g, g->turns.v, g->turns.n, RUNS);
    if (!t)
        return false;
    const char *session = g->sessions[t->session];
    if (kind == EV_TOOL_PROPOSED) {
        if (t->calls.n == CALLS_MAX)
            return false;
        struct call *c = NEW(struct call);
        struct ev_tool_proposed *p = values_make(g, kind);
        name_make(g, "call", c->id);
        c->state = STATE_TOOL_PROPOSED;
        c->stream.text = BUF_OWN;
        p->call_id = c->id;
        VEC_PUSH(&t->calls, c);
        emit_turn(g, t, kind, p);
        return true;
    }
    if (t->calls.n == 0)
        return false;
    size_t at = (size_t)gen_random(g, t->calls.n);
    struct call *c = t->calls.v[at];
    if (kind == EV_TOOL_OUTPUT_DELTA) {
        if (c->state != STATE_TOOL_STARTED)
            return false;
        emit_delta(g, kind, session, t->id, c->id, &c->stream);
        return true;
    }
    const struct state_edge *edge = edge_of(kind);
    if (!(edge->from >> c->state & 1) || (kind == EV_TOOL_STARTED && c->approval[0]))
        return false;
    if (state_ended(edge->to)) {
        end_call(g, t, at, kind);
    } else if (kind == EV_TOOL_OUTPUT) {
        if (one_in(g, 60))
            emit_bulk(g, false, session, t->id, c->id, &c->stream);
        else
            emit_output(g, false, session, t->id, c->id, &c->stream, 1 + gen_random(g, 200));
    } else {
        void *u = values_make(g, kind);
        *first_field(kind, u) = c->id;
        c->state = edge->to;
        emit_turn(g, t, kind, u);
    }
    return true;
}

static bool step_approval(struct gen *g, enum event_kind kind)
{
    struct life *t = pick(g, g->turns.v, g->turns.n, RUNS);
    if (!t || t->calls.n == 0)
        return false;
    struct call *c = t->calls.v[gen_random(g, t->calls.n)];
    if (kind == EV_APPROVAL_REQUESTED) {
        if (c->approval[0] || c->state != STATE_TOOL_PROPOSED)
            return false;
        struct ev_approval_requested *q = values_make(g, kind);
        name_make(g, "appr", c->approval);
        q->approval_id = c->approval;
        q->call_id = c->id;
        emit_turn(g, t, kind, q);
        return true;
    }
    if (!c->approval[0])
        return false;
    end_question(g, t, c, kind);
    return true;
}

static void end_job(struct gen *g, struct life *j, enum event_kind kind)
{
    void *u = values_make(g, kind);
    *first_field(kind, u) = j->id;
    if (j->state == STATE_JOB_STARTED && j->stream.kept < j->stream.text.len)
        emit_output(g, true, g->sessions[j->session], NULL, j->id, &j->stream, SIZE_MAX);
    emit(g, kind, g->sessions[j->session], NULL, u);
    remember(g, MACHINE_JOB, j->id);
    for (size_t i = 0; i < g->jobs.n; i++)
        if (g->jobs.v[i] == j)
            g->jobs.v[i] = g->jobs.v[--g->jobs.n];
    life_free(j);
}

static bool step_job(struct gen *g, enum event_kind kind)
{
    bool delta = kind == EV_JOB_OUTPUT_DELTA;
    const struct state_edge *edge = edge_of(delta ? EV_JOB_OUTPUT : kind);
    struct life *j = pick(g, g->jobs.v, g->jobs.n, edge->from);
    if (kind == EV_JOB_QUEUED) {
        if (g->jobs.n == LIVE_MAX || g->n_sessions == 0)
            return false;
        j = NEW(struct life);
        j->session = (size_t)gen_random(g, g->n_sessions);
        j->stream.text = BUF_OWN;
        name_make(g, "job", j->id);
        VEC_PUSH(&g->jobs, j);
    }
    if (!j)
        return false;
    const char *session = g->sessions[j->session];
    if (state_ended(edge->to)) {
        end_job(g, j, kind);
    } else if (delta) {
        emit_delta(g, kind, session, NULL, j->id, &j->stream);
    } else if (kind == EV_JOB_OUTPUT) {
        if (one_in(g, 60))
            emit_bulk(g, true, session, NULL, j->id, &j->stream);
        else
            emit_output(g, true, session, NULL, j->id, &j->stream, 1 + gen_random(g, 200));
    } else {
        void *u = values_make(g, kind);
        *first_field(kind, u) = j->id;
        j->state = edge->to;
        emit(g, kind, session, NULL, u);
    }
    return true;
}

static bool step_task(struct gen *g, enum event_kind kind)
{
    void *u = values_make(g, kind);
    if (kind == EV_TASK_CREATED) {
        if (g->n_tasks == TASKS_MAX)
            return false;
        name_make(g, "task", g->tasks[g->n_tasks]);
        *first_field(kind, u) = g->tasks[g->n_tasks++];
        emit(g, kind, g->n_sessions ? g->sessions[0] : NULL, NULL, u);
        return true;
    }
    if (g->n_tasks == 0)
        return false;
    size_t at = (size_t)gen_random(g, g->n_tasks);
    *first_field(kind, u) = g->tasks[at];
    emit(g, kind, NULL, NULL, u);
    if (kind != EV_TASK_UPDATED) {
        remember(g, MACHINE_TASK, g->tasks[at]);
        memmove(g->tasks[at], g->tasks[--g->n_tasks], sizeof(g->tasks[at]));
    }
    return true;
}

/* One of a few entries, so that they are written again, pinned and forgotten. */
static bool step_memory(struct gen *g, enum event_kind kind)
{
    void *u = values_make(g, kind);
    char id[32], entry[200];
    snprintf(id, sizeof(id), "mem_%d", (int)gen_random(g, 8));
    snprintf(entry, sizeof(entry),
             "{\"id\":\"%s\",\"summary\":\"s%d\",\"facts\":[\"f%d\"],\"tags\":[],\"type\":"
             "\"fact\",\"importance\":0.5,\"by\":\"x\"}",
             id, (int)gen_random(g, 100), (int)gen_random(g, 100));
    if (kind == EV_MEMORY_WRITTEN)
        *first_field(kind, u) = entry;
    else if (kind != EV_MEMORY_RECALLED)
        *first_field(kind, u) = id;
    emit(g, kind, NULL, NULL, u);
    return true;
}

static bool session_is_busy(const struct gen *g, size_t session)
{
    for (size_t i = 0; i < g->turns.n; i++)
        if (g->turns.v[i]->session == session)
            return true;
    return false;
}

static bool moves_head(enum event_kind kind)
{
    return kind == EV_SESSION_RESET || kind == EV_SESSION_HEAD_MOVED ||
           kind == EV_SESSION_MERGED || kind == EV_SESSION_COMPACTED;
}

static bool step_session(struct gen *g, enum event_kind kind)
{
    bool fresh =
        kind == EV_SESSION_CREATED || kind == EV_SESSION_FORKED || kind == EV_SESSION_IMPORTED;
    if (fresh) {
        /* The last places are for those that come seldom. */
        size_t most = kind == EV_SESSION_CREATED ? SESSIONS_MAX / 2 : SESSIONS_MAX;
        if (g->n_sessions >= most || (kind == EV_SESSION_FORKED && g->n_sessions == 0))
            return false;
        name_make(g, "session", g->sessions[g->n_sessions++]);
        emit(g, kind, g->sessions[g->n_sessions - 1], NULL, values_make(g, kind));
        return true;
    }
    size_t at = (size_t)gen_random(g, g->n_sessions);
    if (g->n_sessions == 0 || (moves_head(kind) && session_is_busy(g, at)))
        return false;
    void *u = values_make(g, kind);
    char name[16];
    /* One of a few, so that they are given again and taken away. */
    if (kind == EV_SESSION_MARKED || kind == EV_SESSION_UNMARKED) {
        snprintf(name, sizeof(name), "m%d", (int)gen_random(g, 8));
        *first_field(kind, u) = name;
    }
    emit(g, kind, g->sessions[at], NULL, u);
    return true;
}

/* Kinds that are about no life: somewhere in a session, in a turn, or nowhere. */
static bool step_other(struct gen *g, enum event_kind kind)
{
    const struct life *t = g->turns.n ? g->turns.v[gen_random(g, g->turns.n)] : NULL;
    void *u = values_make(g, kind);
    if (kind == EV_TURN_PHASE_ENTERED) {
        if (t)
            emit_turn(g, t, kind, u);
        return t != NULL;
    }
    if (kind == EV_ARTIFACT_CREATED) {
        char id[32];
        name_make(g, "art", id);
        *first_field(kind, u) = id;
        if (t)
            emit_turn(g, t, kind, u);
        else if (g->n_sessions)
            emit(g, kind, g->sessions[0], NULL, u);
        return t || g->n_sessions;
    }
    if (t && one_in(g, 2))
        emit_turn(g, t, kind, u);
    else
        emit(g, kind, NULL, NULL, u);
    return true;
}

static bool step(struct gen *g, enum event_kind kind)
{
    if (kind == EV_TURN_TEXT || kind == EV_TURN_REASONING || kind == EV_TURN_TEXT_DELTA ||
        kind == EV_TURN_REASONING_DELTA)
        return step_part(g, kind);
    if (strncmp(event_table[kind].wire, "session.", 8) == 0)
        return step_session(g, kind);
    if (strncmp(event_table[kind].wire, "memory.", 7) == 0)
        return step_memory(g, kind);
    switch (kind == EV_TOOL_OUTPUT_DELTA  ? MACHINE_TOOL
            : kind == EV_JOB_OUTPUT_DELTA ? MACHINE_JOB
                                          : state_machine_of(kind)) {
    case MACHINE_TURN:
        return step_turn(g, kind);
    case MACHINE_TOOL:
        return step_tool(g, kind);
    case MACHINE_APPROVAL:
        return step_approval(g, kind);
    case MACHINE_JOB:
        return step_job(g, kind);
    case MACHINE_TASK:
        return step_task(g, kind);
    case MACHINE_NONE:
        break;
    }
    return step_other(g, kind);
}

/* Endings are as many kinds as what goes on, but come less often. */
static bool is_taken(struct gen *g, enum event_kind kind)
{
    const struct state_edge *edge = edge_of(kind);
    if (kind == EV_SESSION_RESET || kind == EV_SESSION_ARCHIVED)
        return one_in(g, 20);
    if (edge->machine == MACHINE_TURN && state_ended(edge->to))
        return one_in(g, 12);
    if (kind == EV_TURN_CANCELLING || kind == EV_TURN_MESSAGE)
        return one_in(g, 4);
    if (edge->machine != MACHINE_NONE && state_ended(edge->to))
        return one_in(g, 2);
    return true;
}

/* A kind that a newer program may write. */
static struct event *unknown_make(struct gen *g)
{
    struct err e = ERR_INIT;
    const char *data = arena_printf(&g->arena, "{\"what\": %s,  \"n\":1.50}", json_make(g));
    struct event_ids ids = {.session = g->n_sessions ? g->sessions[0] : NULL};
    struct event *ev =
        event_from(++g->seq, g->now_ms, STR("later.happened"), &ids, str_of(data), &e);
    if (!ev)
        fail_msg("%s", e.message);
    return ev;
}

static struct event *serve(struct gen *g)
{
    if (g->queue_at < g->queue.n)
        return g->queue.v[g->queue_at++];
    g->queue_at = g->queue.n = 0;
    arena_reset(&g->arena);
    return NULL;
}

struct event *gen_next(struct gen *g)
{
    struct event *ev;
    while (!(ev = serve(g))) {
        enum event_kind kind = (enum event_kind)(1 + gen_random(g, EV_COUNT - 1));
        if (one_in(g, 200))
            return unknown_make(g);
        if (is_taken(g, kind))
            step(g, kind);
    }
    return ev;
}

struct event *gen_end(struct gen *g)
{
    struct event *ev;
    while (!(ev = serve(g))) {
        if (g->turns.n)
            end_turn(g, g->turns.v[0], EV_TURN_FAILED);
        else if (g->jobs.n)
            end_job(g, g->jobs.v[0], EV_JOB_CANCELLED);
        else
            return NULL;
    }
    return ev;
}

/* Some name that the machine knows or knew, and its state; an unknown one is in no state. */
static const char *some_name(struct gen *g, enum machine m, enum state_id *ret_state)
{
    const struct life *t = g->turns.n ? g->turns.v[gen_random(g, g->turns.n)] : NULL;
    const struct call *c = t && t->calls.n ? t->calls.v[gen_random(g, t->calls.n)] : NULL;
    const struct life *j = g->jobs.n ? g->jobs.v[gen_random(g, g->jobs.n)] : NULL;
    size_t ended = g->ended[m].n;
    *ret_state = STATE_NONE;
    if (one_in(g, 6))
        return "nobody_knows_this";
    if (ended && one_in(g, 2)) {
        *ret_state = STATE_COUNT; /* some end: no edge leads on */
        return g->ended[m].v[gen_random(g, ended)];
    }
    if (m == MACHINE_TURN && t)
        return *ret_state = t->state, t->id;
    if (m == MACHINE_TOOL && c)
        return *ret_state = c->state, c->id;
    if (m == MACHINE_APPROVAL && c && c->approval[0])
        return *ret_state = STATE_APPROVAL_REQUESTED, c->approval;
    if (m == MACHINE_JOB && j)
        return *ret_state = j->state, j->id;
    return "nobody_knows_this";
}

static struct event *about(struct gen *g, enum event_kind kind, const char *name)
{
    void *u = values_make(g, kind);
    struct event_ids ids = {.session = g->n_sessions ? g->sessions[0] : NULL,
                            .turn = g->turns.n ? g->turns.v[0]->id : NULL};
    if (state_machine_of(kind) == MACHINE_TURN)
        ids.turn = name;
    else if (state_machine_of(kind) != MACHINE_NONE)
        *first_field(kind, u) = name;
    struct event *ev = event_new(kind, &ids, u);
    ev->ts_ms = g->now_ms;
    return ev;
}

struct event *gen_illegal(struct gen *g)
{
    if (g->queue_at < g->queue.n)
        return NULL;
    for (;;) {
        arena_reset(&g->arena);
        const struct state_edge *edge = &state_edges[gen_random(g, state_edges_n)];
        enum state_id state;
        const char *name = some_name(g, edge->machine, &state);
        if (state == STATE_COUNT || !(edge->from >> state & 1))
            return about(g, edge->kind, name);
    }
}

struct event *gen_garbage(struct gen *g)
{
    static const char *const odd[] = {NULL, "", "nobody_knows_this", "/", "turn_00001"};
    arena_reset(&g->arena);
    enum event_kind kind = (enum event_kind)(1 + gen_random(g, EV_COUNT - 1));
    void *u = values_make(g, kind);
    const struct field_set *set = &event_table[kind].set;
    struct event_ids ids;
    const char *names[3];
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        enum state_id state;
        names[i] = one_in(g, 4) ? odd[gen_random(g, ARRAY_LEN(odd))]
                                : some_name(g, (enum machine)(1 + gen_random(g, 4)), &state);
    }
    ids = (struct event_ids){.session = g->n_sessions && !one_in(g, 8)
                                            ? g->sessions[gen_random(g, g->n_sessions)]
                                            : names[0],
                             .turn = names[1]};
    for (size_t i = 0; i < set->n; i++) {
        void *at = (char *)u + set->fields[i].offset;
        if (set->fields[i].type == FIELD_STR && (i == 0 || one_in(g, 3)))
            *(const char **)at = names[2];
        if (set->fields[i].type == FIELD_JSON && one_in(g, 10))
            *(const char **)at = NULL;
        if (set->fields[i].type == FIELD_I64 && one_in(g, 3))
            *(int64_t *)at = (int64_t)gen_random(g, UINT64_MAX) >> gen_random(g, 64);
    }
    struct event *ev = event_new(kind, &ids, one_in(g, 20) ? NULL : u);
    ev->ts_ms = (int64_t)gen_random(g, UINT64_MAX);
    ev->seq = one_in(g, 10) ? (int64_t)gen_random(g, UINT64_MAX) : g->seq;
    return ev;
}

struct event *gen_kind(struct gen *g, enum event_kind kind)
{
    struct event_ids ids = {.session = one_in(g, 2) ? text_make(g, 3) : NULL,
                            .turn = one_in(g, 2) ? text_make(g, 3) : NULL,
                            .task = one_in(g, 4) ? text_make(g, 3) : NULL,
                            .mission = one_in(g, 4) ? text_make(g, 3) : NULL,
                            .run = one_in(g, 4) ? text_make(g, 3) : NULL};
    struct event *ev = event_new(kind, &ids, values_make(g, kind));
    arena_reset(&g->arena);
    return stamp(g, ev);
}
