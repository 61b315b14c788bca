/* SPDX-License-Identifier: MIT
 *
 * snapshot: counted references to sections and live text, and their JSON.
 */
#include "state/snapshot.h"

#include "base/mem.h"
#include "state/live.h"
#include "state/section.h"
#include "json/jsonw.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct snapshot_box {
    struct snapshot s; /* first, so that the two addresses are one */
    atomic_int refs;
};

struct snapshot *snapshot_empty(void)
{
    struct snapshot_box *box = NEW(struct snapshot_box);
    atomic_init(&box->refs, 1);
    for (int i = 0; i < REC_COUNT; i++)
        box->s.sections[i] = section_new();
    box->s.live = live_new();
    return &box->s;
}

struct snapshot *snapshot_copy(const struct snapshot *s)
{
    struct snapshot_box *box = NEW(struct snapshot_box);
    atomic_init(&box->refs, 1);
    box->s.seq = s->seq;
    box->s.version = s->version + 1;
    for (int i = 0; i < REC_COUNT; i++)
        box->s.sections[i] = section_ref(s->sections[i]);
    box->s.live = live_ref(s->live);
    memcpy(box->s.degraded, s->degraded, sizeof(box->s.degraded));
    return &box->s;
}

struct snapshot *snapshot_ref(const struct snapshot *s)
{
    struct snapshot_box *box = CONTAINER_OF(s, struct snapshot_box, s);
    atomic_fetch_add_explicit(&box->refs, 1, memory_order_relaxed);
    return &box->s;
}

void snapshot_unref(const struct snapshot *s)
{
    if (!s)
        return;
    struct snapshot_box *box = CONTAINER_OF(s, struct snapshot_box, s);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (int i = 0; i < REC_COUNT; i++)
        section_unref(s->sections[i]);
    live_unref(s->live);
    free(box);
}

const struct rec *snapshot_find(const struct snapshot *s, enum rec_kind kind, const char *key)
{
    return section_find(s->sections[kind], key);
}

const struct live_part *snapshot_live(const struct snapshot *s, const char *part)
{
    return live_find(s->live, part);
}

const struct live_phase *snapshot_phase(const struct snapshot *s, const char *turn)
{
    return live_find_phase(s->live, turn);
}

static void write_section(struct jsonw *w, enum rec_kind kind, const struct section *s)
{
    jsonw_key(w, rec_table[kind].section);
    jsonw_begin_object(w);
    jsonw_put_i64(w, "before", s->before);
    jsonw_key(w, "items");
    jsonw_begin_array(w);
    for (size_t i = 0; i < s->n; i++)
        field_write_object(&rec_table[kind].set, w, s->v[i]->u);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

/* As a row, so that parts and phases are written as everything else is. */
struct part_row {
    const char *session, *turn, *part, *kind;
    int64_t offset;
    struct body text;
};
FIELD_SET(part_set, "part", struct part_row, FIELD_ROW(struct part_row, STR, OPT, session, "where"),
          FIELD_ROW(struct part_row, STR, OPT, turn, "the turn; absent for a job"),
          FIELD_ROW(struct part_row, STR, REQ, part, "the part, call or job"),
          FIELD_ROW(struct part_row, STR, REQ, kind, "the kind of its deltas"),
          FIELD_ROW(struct part_row, I64, REQ, offset, "bytes of the part before the text"),
          FIELD_ROW(struct part_row, BODY, REQ, text, "what came since the last chunk"));
FIELD_SET(phase_set, "phase", struct live_phase,
          FIELD_ROW(struct live_phase, STR, REQ, turn, "which turn"),
          FIELD_ROW(struct live_phase, STR, REQ, phase, "what it is doing"),
          FIELD_ROW(struct live_phase, STR, OPT, detail, "for people"),
          FIELD_ROW(struct live_phase, I64, REQ, since_ms, "since when"));

static void write_live(struct jsonw *w, const struct live *l)
{
    jsonw_key(w, "live");
    jsonw_begin_object(w);
    jsonw_key(w, "parts");
    jsonw_begin_array(w);
    for (size_t i = 0; i < l->n_parts; i++) {
        const struct live_part *p = l->parts[i];
        struct part_row row = {p->session, p->turn, p->part, event_table[p->kind].wire,
                               p->offset,  p->text};
        field_write_object(&part_set, w, &row);
    }
    jsonw_end_array(w);
    jsonw_key(w, "phases");
    jsonw_begin_array(w);
    for (size_t i = 0; i < l->n_phases; i++)
        field_write_object(&phase_set, w, l->phases[i]);
    jsonw_end_array(w);
    jsonw_end_object(w);
}

void snapshot_write(const struct snapshot *s, uint32_t sections, bool with_live, struct buf *out)
{
    struct jsonw w = JSONW(out);
    jsonw_begin_object(&w);
    jsonw_put_i64(&w, "seq", s->seq);
    for (int i = 0; i < REC_COUNT; i++)
        if (sections & (uint32_t)1 << i)
            write_section(&w, (enum rec_kind)i, s->sections[i]);
    if (with_live) {
        jsonw_opt_cstr(&w, "degraded", s->degraded[0] ? s->degraded : NULL);
        write_live(&w, s->live);
    }
    jsonw_end_object(&w);
}
