/* SPDX-License-Identifier: MIT
 *
 * transcript: the items of one session. Entries keep their order, so old items are found by walking both
 * lists once.
 */
#include "ui/vm/transcript.h"

#include "contract/states.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vm_transcript_init(struct vm_transcript *t)
{
    *t = (struct vm_transcript){0};
}

static void drop_older(struct vm_transcript *t)
{
    for (size_t i = 0; i < t->older.n; i++)
        rec_unref(t->older.v[i]);
    t->older.n = 0;
}

static void drop_items(struct vm_transcript *t)
{
    for (size_t i = 0; i < t->items.n; i++)
        vm_item_free(t->items.v[i]);
    t->items.n = 0;
}

void vm_transcript_done(struct vm_transcript *t)
{
    drop_items(t);
    drop_older(t);
    free(t->older.v);
    free(t->items.v);
    map_free(&t->folds, NULL);
    map_free(&t->tools, NULL);
    snapshot_unref(t->seen);
    free(t->session);
    *t = (struct vm_transcript){0};
}

/* ---- what the rows are made of ---- */

static struct str live_text(const struct snapshot *s, const char *part, size_t have)
{
    const struct live_part *live = s->live ? snapshot_live(s, part) : NULL;
    if (!live)
        return STR("");
    struct str text = body_view(live->text);
    if (live->offset > (int64_t)have)
        return STR(""); /* a chunk is missing yet; the next snapshot has it */
    return str_sub(text, (size_t)((int64_t)have - live->offset), text.n);
}

static bool has_question(const struct section *entries, const char *turn)
{
    for (size_t i = entries ? entries->n : 0; i > 0; i--) {
        const struct rec_entry *en = REC(entries->v[i - 1], entry);
        if (strcmp(en->turn, turn) == 0 && strcmp(en->kind, "user") == 0)
            return true;
    }
    return false;
}

/* Said while the turn runs, and not read by the model yet. */
static bool is_waiting(const struct rec_entry *en)
{
    return en->open && strcmp(en->kind, "steer") == 0;
}

/* It stands elsewhere, or was taken back before anybody read it. */
static bool has_no_place(const struct rec *entry)
{
    const struct rec_entry *en = REC(entry, entry);
    return is_waiting(en) || strcmp(en->kind, "pulled") == 0;
}

static struct vm_source source_of(struct vm_transcript *t, const struct snapshot *s,
                               const struct rec *entry)
{
    const struct rec_entry *en = REC(entry, entry);
    struct vm_source src = {.entry = entry,
                            .live = STR(""),
                            .fold = (enum fold)(uintptr_t)map_get(&t->folds, str_of(en->id)),
                            .waiting = is_waiting(en)};
    if (strcmp(en->kind, "tool") == 0) {
        src.tool = map_get(&t->tools, str_of(en->id));
        const struct rec_tool *tool = src.tool ? REC(src.tool, tool) : NULL;
        if (tool && tool->approval)
            src.approval = snapshot_find(s, REC_APPROVAL, tool->approval);
        if (tool && !rec_ended(src.tool))
            src.live = live_text(s, en->id, tool->output.len);
    } else if (strcmp(en->kind, "end") == 0) {
        src.turn = snapshot_find(s, REC_TURN, en->turn);
        src.unseen = src.turn && REC(src.turn, turn)->started_ms == 0 &&
                     !has_question(s->sections[REC_ENTRY], en->turn);
    } else if (strcmp(en->kind, "user") == 0) {
        const struct rec *turn = snapshot_find(s, REC_TURN, en->turn);
        enum state_id state = turn ? state_find(MACHINE_TURN, REC(turn, turn)->status) : STATE_NONE;
        src.queued = state == STATE_TURN_CREATED || state == STATE_TURN_QUEUED;
    } else if (en->open) {
        src.live = live_text(s, en->id, en->body.len);
    }
    return src;
}

/* ---- keeping them ---- */

/* The snapshot that was indexed is held, so that an address is not taken for an old one. */
static void index_tools(struct vm_transcript *t, const struct snapshot *s)
{
    const struct section *tools = s->sections[REC_TOOL];
    bool same = t->seen && t->seen->sections[REC_TOOL] == tools;
    const struct snapshot *was = t->seen;
    t->seen = snapshot_ref(s);
    if (!same) {
        map_free(&t->tools, NULL);
        for (size_t i = 0; tools && i < tools->n; i++)
            map_put(&t->tools, str_of(rec_key(tools->v[i])), (void *)(uintptr_t)tools->v[i]);
    }
    snapshot_unref(was);
}

/* Calls and thoughts stand together; everything else has a blank row before it. */
static bool is_work(const char *kind)
{
    return strcmp(kind, "tool") == 0 || strcmp(kind, "reasoning") == 0;
}

/* The items of before, while those of now are taken from them. */
struct walk {
    struct vm_item **old;
    size_t n, at;
    bool changed, before_is_work;
};

static struct vm_item *take_old(struct walk *w, const char *id)
{
    for (size_t i = w->at; i < w->n; i++) {
        if (strcmp(w->old[i]->id, id) != 0)
            continue;
        struct vm_item *found = w->old[i];
        for (size_t k = w->at; k < i; k++)
            vm_item_free(w->old[k]);
        w->at = i + 1;
        return found;
    }
    return vm_item_new(id);
}

static void add_item(struct vm_transcript *t, const struct snapshot *s, struct walk *w,
                     const struct rec *entry)
{
    struct vm_source src = source_of(t, s, entry);
    bool work = is_work(REC(entry, entry)->kind);
    src.gap = t->items.n > 0 && !(work && w->before_is_work);
    w->before_is_work = work;
    struct vm_item *it = take_old(w, rec_key(entry));
    struct vm_item_look look = {MIN(t->width, (int)TRANSCRIPT_TEXT_CELLS), t->diff, t->open_all};
    bool made = vm_item_refresh(it, &src, &look);
    w->changed |= made;
    t->rebuilt += made;
    it->first_row = t->rows;
    t->rows += it->doc.rows.n;
    VEC_PUSH(&t->items, it);
}

/* What is there but has no entry yet: kept from the item of before, so that it stays the same. */
static void add_early(struct vm_transcript *t, const struct snapshot *s, struct walk *w,
                      const struct rec_entry *like)
{
    const struct rec *entry = NULL;
    for (size_t i = w->at; i < w->n && !entry; i++) {
        if (strcmp(w->old[i]->id, like->id) == 0)
            entry = rec_ref(w->old[i]->entry);
    }
    if (!entry)
        entry = rec_new(REC_ENTRY, like);
    add_item(t, s, w, entry);
    rec_unref(entry);
}

/* Text whose first chunk is still to come. */
static void walk_live(struct vm_transcript *t, const struct snapshot *s, struct walk *w)
{
    for (size_t i = 0; s->live && i < s->live->n_parts; i++) {
        const struct live_part *p = s->live->parts[i];
        bool reasoning = p->kind == EV_TURN_REASONING_DELTA;
        if ((p->kind != EV_TURN_TEXT_DELTA && !reasoning) || !p->session ||
            strcmp(p->session, t->session) != 0 || snapshot_find(s, REC_ENTRY, p->part))
            continue;
        add_early(t, s, w,
                  &(struct rec_entry){.id = p->part,
                                      .session = p->session,
                                      .turn = p->turn,
                                      .kind = reasoning ? "reasoning" : "text",
                                      .open = true});
    }
}

/* What was added to the running turn stands behind all that it said until it is read. */
static void walk_steers(struct vm_transcript *t, const struct snapshot *s, struct walk *w)
{
    const struct section *entries = s->sections[REC_ENTRY];
    for (size_t i = 0; entries && i < entries->n; i++) {
        const struct rec_entry *en = REC(entries->v[i], entry);
        if (is_waiting(en) && strcmp(en->session, t->session) == 0)
            add_item(t, s, w, entries->v[i]);
    }
}

/* Questions that wait for their turn. */
static void walk_queued(struct vm_transcript *t, const struct snapshot *s, struct walk *w)
{
    const struct section *turns = s->sections[REC_TURN];
    for (size_t i = 0; turns && i < turns->n; i++) {
        const struct rec_turn *turn = REC(turns->v[i], turn);
        if (rec_ended(turns->v[i]) || strcmp(turn->session, t->session) != 0 ||
            has_question(s->sections[REC_ENTRY], turn->id))
            continue;
        struct rec_entry like = {.id = turn->id,
                                 .session = turn->session,
                                 .turn = turn->id,
                                 .kind = "user",
                                 .body = body_of(str_of(turn->input))};
        add_early(t, s, w, &like);
        body_unref(like.body);
    }
}

/* The place of the first entry that the snapshot has; 0 when there is none. */
static int64_t first_n(const struct vm_transcript *t, const struct snapshot *s)
{
    const struct section *entries = s->sections[REC_ENTRY];
    for (size_t i = 0; entries && i < entries->n; i++) {
        const struct rec_entry *en = REC(entries->v[i], entry);
        if (strcmp(en->session, t->session) == 0)
            return en->n;
    }
    return 0;
}

/* Do the entries that were fetched end where those of the snapshot begin? Between a branch and what
 * leads up to it numbers may be left out. */
static bool older_joins(const struct vm_transcript *t, int64_t first, int64_t base)
{
    int64_t last = REC(t->older.v[t->older.n - 1], entry)->n;
    return last + 1 == first || (first == base + 1 && last <= base);
}

/* A snapshot holds the newest entries; how many came before them is said in a row of its own. */
static void walk_before(struct vm_transcript *t, const struct snapshot *s, struct walk *w)
{
    const struct rec *r = snapshot_find(s, REC_SESSION, t->session);
    int64_t base = r ? REC(r, session)->base_n : 0;
    int64_t kept = r ? REC(r, session)->kept_n : 0;
    int64_t first = first_n(t, s);
    if (first == 0)
        first = base + 1;
    if (t->older.n > 0 && !older_joins(t, first, base))
        drop_older(t); /* the snapshot has moved on: there would be a hole */
    t->before = MAX((int64_t)0, kept + (first - 1 - base) - (int64_t)t->older.n);
    t->fetch_n = t->older.n > 0 ? REC(t->older.v[0], entry)->n : first;
    if (t->before == 0)
        return;
    char id[48];
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    snprintf(id, sizeof(id), "before-%" PRId64, t->before);
    buf_puts(&text, "... ");
    buf_count(&text, t->before, "earlier entry");
    buf_puts(&text, t->can_load && t->older.n < TRANSCRIPT_OLDER_MAX ? ": PgUp brings them"
                                                                     : ": tau session show prints all");
    struct rec_entry like = {
        .id = id, .session = t->session, .turn = "", .kind = vm_item_before, .body = body_of(buf_view(&text))};
    add_early(t, s, w, &like);
    body_unref(like.body);
}

static bool walk(struct vm_transcript *t, const struct snapshot *s)
{
    struct walk w = {.old = t->items.v, .n = t->items.n};
    const struct section *entries = s->sections[REC_ENTRY];
    t->items.v = NULL;
    t->items.n = t->items.cap = 0;
    t->rows = 0;
    walk_before(t, s, &w);
    for (size_t i = 0; i < t->older.n; i++)
        if (!has_no_place(t->older.v[i]))
            add_item(t, s, &w, t->older.v[i]);
    for (size_t i = 0; entries && i < entries->n; i++) {
        const char *of = rec_session(entries->v[i]);
        if (of && strcmp(of, t->session) == 0 && !has_no_place(entries->v[i]))
            add_item(t, s, &w, entries->v[i]);
    }
    walk_live(t, s, &w);
    walk_steers(t, s, &w);
    walk_queued(t, s, &w);
    w.changed |= t->items.n != w.n;
    for (size_t k = w.at; k < w.n; k++)
        vm_item_free(w.old[k]);
    free(w.old);
    return w.changed;
}

bool vm_transcript_update(struct vm_transcript *t, const struct snapshot *s, const char *session,
                          int width)
{
    const struct rec *r = session ? snapshot_find(s, REC_SESSION, session) : NULL;
    const char *branch = r && REC(r, session)->branch ? REC(r, session)->branch : "";
    bool other = !session || !t->session || strcmp(session, t->session) != 0 ||
                 strcmp(branch, t->branch) != 0;
    snprintf(t->branch, sizeof(t->branch), "%s", branch);
    bool changed = width != t->width || t->diff != t->made_diff || other;
    if (changed) {
        drop_items(t);
        t->width = width;
        t->made_diff = t->diff;
    }
    if (other) {
        drop_older(t);
        free(t->session);
        t->session = mem_strdup(session);
        t->empty = false;
    }
    if (!session) {
        t->rows = 0;
        return changed;
    }
    index_tools(t, s);
    changed |= walk(t, s);
    return changed;
}

void vm_transcript_older(struct vm_transcript *t, const char *session, struct rec *const *v,
                         size_t n)
{
    bool joins = n > 0 && t->session && strcmp(session, t->session) == 0 &&
                 REC(v[n - 1], entry)->n < t->fetch_n && t->older.n < TRANSCRIPT_OLDER_MAX;
    t->empty |= n == 0 && strcmp(session, t->session ? t->session : "") == 0;
    for (size_t i = 0; i < n; i++) {
        if (joins)
            VEC_PUSH(&t->older, v[i]);
        else
            rec_unref(v[i]);
    }
    if (!joins)
        return;
    size_t had = t->older.n - n;
    struct rec **page = mem_dup(t->older.v + had, n * sizeof(struct rec *));
    memmove(t->older.v + n, t->older.v, had * sizeof(struct rec *));
    memcpy(t->older.v, page, n * sizeof(struct rec *));
    free(page);
}

size_t vm_transcript_item(const struct vm_transcript *t, size_t row)
{
    size_t low = 0, high = t->items.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct vm_item *it = t->items.v[mid];
        if (row < it->first_row)
            high = mid;
        else if (row >= it->first_row + it->doc.rows.n)
            low = mid + 1;
        else
            return mid;
    }
    return t->items.n;
}

void vm_transcript_fold(struct vm_transcript *t, size_t item)
{
    if (item >= t->items.n || !t->items.v[item]->foldable)
        return;
    const struct vm_item *it = t->items.v[item];
    map_put(&t->folds, str_of(it->id), (void *)(uintptr_t)(it->folded ? FOLD_OPEN : FOLD_CLOSED));
}

void vm_transcript_fold_all(struct vm_transcript *t)
{
    t->open_all = !t->open_all;
    map_free(&t->folds, NULL);
    drop_items(t);
}
