/* SPDX-License-Identifier: MIT
 *
 * item: one entry of a session as rows. What a record points at never changes, so rows are stale exactly
 * when a pointer or the length of the live text differs.
 */
#include "ui/vm/item.h"

#include "contract/states.h"
#include "json/json.h"
#include "text/utf8.h"
#include "ui/vm/toolrow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_INDENT = 1, MARK_INDENT = 3 };

const char vm_item_before[] = "before";

struct vm_item *vm_item_new(const char *id)
{
    struct vm_item *it = NEW(struct vm_item);
    it->id = mem_strdup(id);
    it->doc = DOC_INIT;
    return it;
}

void vm_item_free(struct vm_item *it)
{
    if (!it)
        return;
    rec_unref(it->entry);
    rec_unref(it->tool);
    rec_unref(it->approval);
    rec_unref(it->turn);
    doc_done(&it->doc);
    free(it->id);
    free(it);
}

/* ---- rows of each kind ---- */

/* The bytes of the entry from `done` on, those that are whole characters. */
static void text_from(const struct vm_item *it, const struct vm_source *src, struct buf *out)
{
    struct str body = body_view(REC(src->entry, entry)->body);
    buf_str(out, str_sub(body, it->done, body.n));
    size_t into_live = it->done > body.n ? it->done - body.n : 0;
    buf_str(out, str_sub(src->live, into_live, src->live.n));
    bool cut = false;
    size_t valid = REC(src->entry, entry)->open ? utf8_valid_prefix(buf_view(out), &cut) : 0;
    if (cut)
        buf_truncate(out, valid); /* the rest of the last character is still to come */
}

/* Rows for what came since `done`; what ends with a LF is done for good. */
static void grow_text(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l,
                      int indent, enum look look)
{
    CLEANUP(buf_free) struct buf tail = BUF_OWN;
    doc_rewind(&it->doc, it->mark);
    text_from(it, src, &tail);
    struct str text = buf_view(&tail);
    size_t whole = text.n;
    while (whole > 0 && text.p[whole - 1] != '\n')
        whole--;
    if (whole > 0) {
        doc_text(&it->doc, indent, l->width, look, NULL, look, str_sub(text, 0, whole));
        it->done += whole;
        it->mark = doc_mark(&it->doc);
    }
    struct str rest = str_sub(text, whole, text.n);
    if (rest.n > 0)
        doc_text(&it->doc, indent, l->width, look, NULL, look, rest);
}

/* The same for Markdown. All blocks but the last are done for good; a link that is defined later is
 * known once the answer is whole and all of it is made again. */
static void grow_markdown(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l)
{
    struct markdown m = MARKDOWN_INIT;
    CLEANUP(buf_free) struct buf tail = BUF_OWN;
    doc_rewind(&it->doc, it->mark);
    text_from(it, src, &tail);
    markdown_make(&m, buf_view(&tail), l->width - TEXT_INDENT, &it->within);
    if (it->done > 0 && m.rows.n > 0 && !it->joins)
        doc_row(&it->doc, 0); /* between two blocks */
    if (m.last_row > 0) {
        doc_markdown(&it->doc, TEXT_INDENT, &m, 0, m.last_row);
        it->done += m.last_block;
        it->joins = m.joins;
        it->within = m.within;
        it->mark = doc_mark(&it->doc);
    }
    doc_markdown(&it->doc, TEXT_INDENT, &m, m.last_row, m.rows.n);
    markdown_done(&m);
}

static void make_reasoning(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l)
{
    const struct rec_entry *en = REC(src->entry, entry);
    it->foldable = true;
    it->folded = it->fold != FOLD_OPEN && !(it->fold == FOLD_AUTO && l->open_all);
    if (it->mark.rows <= 1 && it->mark.spans == 0) {
        doc_row(&it->doc, TEXT_INDENT);
        doc_puts(&it->doc, LOOK_REASON, en->open ? "* thinking" : "* thought");
        if (it->folded)
            doc_right(&it->doc, LOOK_DIM, "(folded)");
        it->mark = doc_mark(&it->doc);
    }
    if (!it->folded)
        grow_text(it, src, l, MARK_INDENT, LOOK_REASON);
}

static void make_tool(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l)
{
    if (!src->tool) { /* only what it gave the model is kept */
        struct str given = body_view(REC(src->entry, entry)->body), line = STR("");
        doc_row(&it->doc, TEXT_INDENT);
        doc_puts(&it->doc, LOOK_DIM, "> a call  ");
        if (str_line(&given, &line))
            doc_add(&it->doc, LOOK_DIM, str_sub(line, 0, 200));
        return;
    }
    const struct rec_tool *tool = REC(src->tool, tool);
    const struct rec_approval *approval = src->approval ? REC(src->approval, approval) : NULL;
    it->foldable = true;
    it->folded = it->fold == FOLD_AUTO ? toolrow_folds(tool, approval) && !l->open_all
                                       : it->fold == FOLD_CLOSED;
    toolrow_make(&it->doc, &(struct toolrow){.tool = tool,
                                             .approval = approval,
                                             .live = src->live,
                                             .folded = it->folded,
                                             .width = l->width,
                                             .diff = l->diff});
}

static void end_failure(struct doc *d, const char *error, const struct vm_item_look *l)
{
    struct err e = ERR_INIT, failure = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = error ? json_parse(str_of(error), &e) : NULL;
    if (!j)
        return;
    json_read_err(j, &failure);
    const char *code = json_cstr(json_get(j, "reason_code"), "");
    CLEANUP(buf_free) struct buf line = BUF_OWN;
    buf_printf(&line, "%s (%s%s%s)", failure.message, code, failure.phase ? ", in " : "",
               err_phase_name(failure.phase));
    doc_text(d, MARK_INDENT, l->width, LOOK_FAIL, NULL, LOOK_FAIL, buf_view(&line));
    if (err_hint_text(&failure)[0])
        doc_text(d, MARK_INDENT, l->width, LOOK_DIM, NULL, LOOK_DIM,
                 str_of(err_hint_text(&failure)));
}

static const char *end_words(enum state_id state)
{
    switch (state) {
    case STATE_TURN_COMPLETED:
        return "done";
    case STATE_TURN_FAILED:
        return "!! failed";
    case STATE_TURN_TIMED_OUT:
        return "!! timed out";
    case STATE_TURN_CANCELLED:
        return "-- stopped";
    case STATE_TURN_BLOCKED:
        return "!! blocked";
    default:
        return "ended";
    }
}

static void make_end(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l)
{
    const struct rec_turn *turn = src->turn ? REC(src->turn, turn) : NULL;
    enum state_id state = turn ? state_find(MACHINE_TURN, turn->status) : STATE_NONE;
    char took[24];
    bool good = state == STATE_TURN_COMPLETED;
    if (turn && src->unseen)
        doc_text(&it->doc, MARK_INDENT, l->width, LOOK_USER, "> ", LOOK_PROMPT,
                 str_of(turn->input));
    doc_row(&it->doc, TEXT_INDENT);
    doc_puts(&it->doc, good ? LOOK_DIM : LOOK_FAIL, end_words(state));
    if (turn && state == STATE_TURN_CANCELLED && turn->by)
        doc_printf(&it->doc, LOOK_DIM, " by %s", turn->by);
    if (turn && turn->started_ms && turn->ended_ms) {
        duration_text(turn->ended_ms - turn->started_ms, took, sizeof(took));
        doc_printf(&it->doc, LOOK_DIM, "  %s", took);
    }
    if (turn && turn->input_tokens + turn->output_tokens > 0)
        doc_printf(&it->doc, LOOK_DIM, "  %" PRId64 " in, %" PRId64 " out", turn->input_tokens,
                   turn->output_tokens);
    if (turn && turn->finish_reason && strcmp(turn->finish_reason, "stop") != 0)
        doc_printf(&it->doc, LOOK_DIM, "  (%s)", turn->finish_reason);
    end_failure(&it->doc, REC(src->entry, entry)->error, l);
}

static void make_item(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l)
{
    const struct rec_entry *en = REC(src->entry, entry);
    bool text = strcmp(en->kind, "text") == 0, reasoning = strcmp(en->kind, "reasoning") == 0;
    size_t length = en->body.len + src->live.n;
    bool grows = it->entry && (text || reasoning) && en->open && REC(it->entry, entry)->open &&
                 length >= it->done;
    if (!grows) {
        doc_clear(&it->doc);
        it->done = 0;
        it->joins = false;
        it->within = (struct markdown_fence){0};
        if (src->gap)
            doc_row(&it->doc, 0);
        it->mark = doc_mark(&it->doc);
    }
    it->foldable = false;
    if (text)
        grow_markdown(it, src, l);
    else if (reasoning)
        make_reasoning(it, src, l);
    else if (strcmp(en->kind, "tool") == 0)
        make_tool(it, src, l);
    else if (strcmp(en->kind, "end") == 0)
        make_end(it, src, l);
    else if (strcmp(en->kind, vm_item_before) == 0)
        doc_text(&it->doc, TEXT_INDENT, l->width, LOOK_DIM, NULL, LOOK_DIM,
                 body_view(en->body));
    else
        doc_text(&it->doc, MARK_INDENT, l->width, LOOK_USER,
                 strcmp(en->kind, "user") == 0 ? "> " : "+ ", LOOK_PROMPT, body_view(en->body));
    const char *note = src->queued                       ? "(queued)"
                       : src->waiting                    ? "(read after the next call)"
                       : strcmp(en->kind, "unsent") == 0 ? "(not sent)"
                                                         : NULL;
    if (note && it->doc.rows.n > 0) {
        doc_row(&it->doc, MARK_INDENT);
        doc_puts(&it->doc, LOOK_DIM, note);
    }
}

/* ---- keeping them ---- */

static void swap_ref(const struct rec **at, const struct rec *to)
{
    const struct rec *was = *at;
    *at = to ? rec_ref(to) : NULL;
    rec_unref(was);
}

static bool is_stale(const struct vm_item *it, const struct vm_source *src)
{
    return it->entry != src->entry || it->tool != src->tool || it->approval != src->approval ||
           it->turn != src->turn || it->live != (int64_t)src->live.n || it->queued != src->queued ||
           it->gap != src->gap || it->fold != src->fold;
}

bool vm_item_refresh(struct vm_item *it, const struct vm_source *src, const struct vm_item_look *l)
{
    if (it->entry && !is_stale(it, src))
        return false;
    if (src->fold != it->fold || it->gap != src->gap) {
        it->fold = src->fold;
        it->gap = src->gap;
        swap_ref(&it->entry, NULL); /* from the start */
    }
    make_item(it, src, l);
    swap_ref(&it->entry, src->entry);
    swap_ref(&it->tool, src->tool);
    swap_ref(&it->approval, src->approval);
    swap_ref(&it->turn, src->turn);
    it->live = (int64_t)src->live.n;
    it->queued = src->queued;
    return true;
}
