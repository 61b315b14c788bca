/* SPDX-License-Identifier: MIT
 *
 * markdown: walks the tree of cmark-gfm without recursion. Inline text is gathered into a line with its
 * roles; a block that ends wraps it into rows, with the bars and bullets of the blocks around it.
 */
#include "text/markdown.h"

#include "text/markdown_cost.h"
#include "text/markdown_fence.h"
#include "text/markdown_table.h"
#include "text/url.h"
#include "text/utf8.h"
#include "text/width.h"
#include "text/wrap.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PREFIX_SIZE = 16, CODE_INDENT = 2, LEAST_CELLS = 8 };

/* Not "autolink": its search for e-mail addresses takes quadratic time over "a@a@a@". */
static const char *const extension_names[] = {"table", "strikethrough", "tasklist"};

/* What stands before the rows of a quote or an item: before its first row, before the others. */
struct level {
    char first[PREFIX_SIZE], rest[PREFIX_SIZE];
    bool begun;
};

/* Of one list in another: the number of the next item. */
enum { NUMBERS = 32 };

/* Of a paragraph that is closed line by line these stay open: the last one may be half a line, and the
 * one before the head of a table. */
enum { LINES_OPEN = 2, KEPT = LINES_OPEN + 1 };

struct walk {
    struct markdown *m;
    int width;
    struct level levels[MARKDOWN_DEPTH];
    int depth;               /* of all, also those that are not indented */
    int lists, numbers[NUMBERS];
    struct markdown_line line; /* that is gathered */
    int strong, emphasis, struck, link, heading;
    size_t link_from;        /* where the text of the link begins in the line */
    size_t kept_rows[KEPT];  /* before each of the last lines of the newest paragraph */
    int parts;               /* its lines */
    bool blank;              /* an empty row is due before the next one */
    bool any;                /* there are rows already */
    struct markdown_table *table; /* that is gathered, or NULL */
    struct str raw;
};

/* ---- lines ---- */

void markdown_line_done(struct markdown_line *l)
{
    buf_free(&l->text);
    free(l->spans.v);
    *l = (struct markdown_line){.text = BUF_OWN};
}

void markdown_line_clear(struct markdown_line *l)
{
    buf_truncate(&l->text, 0);
    l->spans.n = 0;
}

void markdown_line_add(struct markdown_line *l, enum markdown_role role, struct str raw)
{
    size_t from = l->text.len;
    width_sanitize(&l->text, raw);
    if (l->text.len > from)
        VEC_PUSH(&l->spans, ((struct markdown_span){from, l->text.len - from, role}));
}

/* ---- rows ---- */

static void row_begin(struct markdown *m)
{
    VEC_PUSH(&m->rows, ((struct markdown_row){.first = m->spans.n}));
}

static void row_add(struct markdown *m, enum markdown_role role, struct str clean)
{
    size_t from = m->text.len;
    if (clean.n == 0 || !buf_str(&m->text, clean))
        return;
    VEC_PUSH(&m->spans, ((struct markdown_span){from, clean.n, role}));
    m->rows.v[m->rows.n - 1].n++;
}

/* The first span that ends after `at`. */
static size_t span_at(const struct markdown_line *l, size_t at)
{
    size_t low = 0, high = l->spans.n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (l->spans.v[mid].from + l->spans.v[mid].n <= at)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

void markdown_row_part(struct markdown *m, const struct markdown_line *l, size_t from, size_t n)
{
    for (size_t i = span_at(l, from); i < l->spans.n && l->spans.v[i].from < from + n; i++) {
        const struct markdown_span *s = &l->spans.v[i];
        size_t begin = MAX(from, s->from), end = MIN(from + n, s->from + s->n);
        if (begin < end)
            row_add(m, s->role, str_sub(buf_view(&l->text), begin, end - begin));
    }
}

static int levels(const struct walk *w)
{
    return MIN(w->depth, (int)MARKDOWN_DEPTH);
}

/* How many cells the prefixes leave. */
static int room(const struct walk *w)
{
    int cells = w->width;
    for (int i = 0; i < levels(w); i++)
        cells -= (int)strlen(w->levels[i].rest);
    return cells;
}

/* Quotes and lists so deep that no room is left show without what is around them. */
static bool has_prefixes(const struct walk *w)
{
    return room(w) >= LEAST_CELLS;
}

static void prefixes(struct walk *w, bool blank)
{
    struct buf *text = &w->m->text;
    size_t from = text->len;
    for (int i = 0; i < levels(w) && has_prefixes(w); i++) {
        if (blank && !w->levels[i].begun)
            break; /* it lies before that one */
        buf_puts(text, w->levels[i].begun ? w->levels[i].rest : w->levels[i].first);
    }
    for (int i = 0; i < levels(w) && !blank; i++)
        w->levels[i].begun = true;
    while (blank && text->len > from && text->data[text->len - 1] == ' ')
        buf_truncate(text, text->len - 1);
    if (text->len == from)
        return;
    VEC_PUSH(&w->m->spans, ((struct markdown_span){from, text->len - from, MARKDOWN_MARK}));
    w->m->rows.v[w->m->rows.n - 1].n++;
}

static void new_row(struct walk *w)
{
    if (w->blank && w->any) {
        row_begin(w->m);
        prefixes(w, true);
    }
    w->blank = false;
    w->any = true;
    row_begin(w->m);
    prefixes(w, false);
}

static int cells_left(const struct walk *w)
{
    return has_prefixes(w) ? room(w) : w->width;
}

/* The part of the gathered text from..from+n, of one source line, as rows. */
static void wrap_part(struct walk *w, size_t from, size_t n)
{
    struct str all = buf_view(&w->line.text), rest = str_sub(all, from, n), row;
    if (!rest.p)
        rest = STR("");
    while (wrap_row(&rest, cells_left(w), &row)) {
        new_row(w);
        markdown_row_part(w->m, &w->line, row.n ? (size_t)(row.p - all.p) : from, row.n);
    }
}

/* The gathered line, broken where it says so. */
static void flush(struct walk *w)
{
    struct str all = buf_view(&w->line.text), rest = all, part;
    for (w->parts = 0; all.n > 0 && str_split(&rest, '\n', &part); w->parts++) {
        w->kept_rows[w->parts % KEPT] = w->m->rows.n;
        wrap_part(w, (size_t)(part.p - all.p), part.n);
    }
    markdown_line_clear(&w->line);
}

/* A line of code is broken only where its row is full. */
static void code_row(struct walk *w, enum markdown_role role, struct str raw)
{
    markdown_line_clear(&w->line);
    markdown_line_add(&w->line, role, raw);
    struct str rest = buf_view(&w->line.text);
    bool indents = cells_left(w) >= LEAST_CELLS;
    int cells = cells_left(w) - (indents ? CODE_INDENT : 0), used;
    do {
        size_t n = width_fit(rest, cells, &used);
        n = n > 0 || rest.n == 0 ? n : utf8_cluster(rest); /* wider than a row */
        new_row(w);
        row_add(w->m, MARKDOWN_TEXT, indents ? STR("  ") : STR(""));
        row_add(w->m, role, str_sub(rest, 0, n));
        rest = str_sub(rest, n, rest.n);
    } while (rest.n > 0);
    markdown_line_clear(&w->line);
}

static const enum markdown_role diff_roles[] = {
    [HUNK_TEXT] = MARKDOWN_CODE, [HUNK_HEAD] = MARKDOWN_HUNK,
    [HUNK_ADDED] = MARKDOWN_ADDED, [HUNK_REMOVED] = MARKDOWN_REMOVED,
};

static void code_block(struct walk *w, cmark_node *node)
{
    struct str rest = str_of(cmark_node_get_literal(node)), line;
    bool diff = str_starts(str_of(cmark_node_get_fence_info(node)), "diff");
    bool any = false;
    struct hunk hunk = {0};
    while (str_line(&rest, &line)) {
        code_row(w, diff ? diff_roles[hunk_line(&hunk, line)] : MARKDOWN_CODE, line);
        any = true;
    }
    if (!any)
        code_row(w, MARKDOWN_CODE, STR(""));
}

static void plain(struct walk *w, struct str raw)
{
    struct str line;
    while (str_line(&raw, &line)) {
        markdown_line_clear(&w->line);
        markdown_line_add(&w->line, MARKDOWN_TEXT, line);
        wrap_part(w, 0, w->line.text.len);
    }
    markdown_line_clear(&w->line);
}

static void rule(struct walk *w)
{
    CLEANUP(buf_free) struct buf dashes = BUF_OWN;
    buf_fill(&dashes, '-', (size_t)MIN(cells_left(w), 40));
    new_row(w);
    row_add(w->m, MARKDOWN_MARK, buf_view(&dashes));
}

/* ---- inline ---- */

static enum markdown_role role_now(const struct walk *w)
{
    return w->heading    ? MARKDOWN_HEADING
           : w->link     ? MARKDOWN_LINK
           : w->strong   ? MARKDOWN_STRONG
           : w->emphasis ? MARKDOWN_EMPHASIS
           : w->struck   ? MARKDOWN_STRUCK
                         : MARKDOWN_TEXT;
}

static struct markdown_line *line_of(struct walk *w)
{
    return w->table ? markdown_table_cell(w->table) : &w->line;
}

static void add_line(struct walk *w, enum markdown_role role, struct str line)
{
    size_t at, n;
    while (role != MARKDOWN_LINK && role != MARKDOWN_CODE && url_find(line, &at, &n)) {
        markdown_line_add(line_of(w), role, str_sub(line, 0, at));
        markdown_line_add(line_of(w), MARKDOWN_LINK, str_sub(line, at, n));
        line = str_sub(line, at + n, line.n);
    }
    markdown_line_add(line_of(w), role, line);
}

/* Text without LFs. */
static void add_text(struct walk *w, enum markdown_role role, const char *text)
{
    struct str rest = str_of(text), line;
    bool more = false;
    while (str_line(&rest, &line)) {
        if (more)
            markdown_line_add(line_of(w), role, STR(" "));
        add_line(w, role, line);
        more = true;
    }
}

static void add_break(struct walk *w)
{
    markdown_line_add(line_of(w), MARKDOWN_TEXT, w->table ? STR(" ") : STR("\n"));
}

static void link_begin(struct walk *w, cmark_node *node)
{
    if (cmark_node_get_type(node) == CMARK_NODE_IMAGE)
        markdown_line_add(line_of(w), MARKDOWN_MARK, STR("image: "));
    w->link++;
    w->link_from = line_of(w)->text.len;
}

static void link_end(struct walk *w, cmark_node *node)
{
    struct markdown_line *l = line_of(w);
    struct str url = str_of(cmark_node_get_url(node));
    struct str text = str_sub(buf_view(&l->text), MIN(w->link_from, l->text.len), l->text.len);
    w->link--;
    static const char *const schemes[] = {"", "mailto:", "http://", "https://"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (str_starts(url, schemes[i]) && str_eq(text, str_sub(url, strlen(schemes[i]), url.n)))
            return; /* the text says it already */
    markdown_line_add(l, MARKDOWN_TARGET, text.n ? STR(" (") : STR("("));
    markdown_line_add(l, MARKDOWN_TARGET, url);
    markdown_line_add(l, MARKDOWN_TARGET, STR(")"));
}

static bool is_struck(cmark_node *node)
{
    return strcmp(cmark_node_get_type_string(node), "strikethrough") == 0;
}

static void inline_node(struct walk *w, cmark_node *node, bool enter)
{
    int by = enter ? 1 : -1;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_TEXT:
        add_text(w, role_now(w), cmark_node_get_literal(node));
        break;
    case CMARK_NODE_CODE:
        add_text(w, MARKDOWN_CODE, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_HTML_INLINE:
        add_text(w, MARKDOWN_TEXT, cmark_node_get_literal(node));
        break;
    case CMARK_NODE_SOFTBREAK:
    case CMARK_NODE_LINEBREAK:
        add_break(w);
        break;
    case CMARK_NODE_STRONG:
        w->strong += by;
        break;
    case CMARK_NODE_EMPH:
        w->emphasis += by;
        break;
    case CMARK_NODE_IMAGE:
    case CMARK_NODE_LINK:
        if (enter)
            link_begin(w, node);
        else
            link_end(w, node);
        break;
    default:
        if (is_struck(node))
            w->struck += by;
    }
}

/* ---- blocks ---- */

static void push(struct walk *w, const char *first, const char *rest)
{
    if (w->depth < MARKDOWN_DEPTH) {
        struct level *l = &w->levels[w->depth];
        *l = (struct level){0};
        snprintf(l->first, sizeof(l->first), "%s", first);
        snprintf(l->rest, sizeof(l->rest), "%s", rest);
    }
    w->depth++;
}

static void item_begin(struct walk *w, cmark_node *item)
{
    cmark_node *list = cmark_node_parent(item);
    char first[PREFIX_SIZE] = "- ", rest[PREFIX_SIZE] = "  ";
    if (cmark_node_get_list_type(list) == CMARK_ORDERED_LIST) {
        int n = w->lists <= NUMBERS ? w->numbers[w->lists - 1]++ : 1;
        snprintf(first, sizeof(first), "%d%c ", n,
                 cmark_node_get_list_delim(list) == CMARK_PAREN_DELIM ? ')' : '.');
    } else if (strcmp(cmark_node_get_type_string(item), "tasklist") == 0) {
        bool done = cmark_gfm_extensions_get_tasklist_item_checked(item);
        snprintf(first, sizeof(first), "[%c] ", done ? 'x' : ' ');
    }
    snprintf(rest, sizeof(rest), "%*s", (int)strlen(first), "");
    push(w, first, rest);
}

/* An item that holds nothing still has its bullet. */
static void item_end(struct walk *w)
{
    bool begun = w->depth > MARKDOWN_DEPTH || w->levels[w->depth - 1].begun;
    if (!begun)
        new_row(w);
    w->depth--;
}

static bool is_tight(cmark_node *node)
{
    cmark_node *parent = cmark_node_parent(node);
    cmark_node *list = parent && cmark_node_get_type(parent) == CMARK_NODE_LIST ? parent
                       : parent                                              ? cmark_node_parent(parent)
                                                                             : NULL;
    return list && cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list);
}

static const char *name_of(cmark_node *node)
{
    return cmark_node_get_type_string(node);
}

/* The source lines of a block. */
static struct str source_of(const struct walk *w, cmark_node *node)
{
    size_t from = markdown_line_start(w->raw, cmark_node_get_start_line(node));
    size_t to = markdown_line_start(w->raw, cmark_node_get_end_line(node) + 1);
    return str_sub(w->raw, from, to - from);
}

static void table_end(struct walk *w, cmark_node *node)
{
    struct markdown_table *t = TAKE(w->table);
    int cells = cells_left(w);
    if (markdown_table_fit(t, cells)) {
        while (markdown_table_more(t)) {
            new_row(w);
            markdown_table_draw(t, w->m);
        }
    } else {
        plain(w, source_of(w, node));
    }
    markdown_table_free(t);
}

static void block_begin(struct walk *w, cmark_node *node)
{
    w->blank |= cmark_node_previous(node) != NULL && !is_tight(node);
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        push(w, "| ", "| ");
        break;
    case CMARK_NODE_ITEM:
        item_begin(w, node);
        break;
    case CMARK_NODE_HEADING:
        w->heading++;
        break;
    case CMARK_NODE_CODE_BLOCK:
        code_block(w, node);
        break;
    case CMARK_NODE_HTML_BLOCK:
        plain(w, str_of(cmark_node_get_literal(node)));
        break;
    case CMARK_NODE_THEMATIC_BREAK:
        rule(w);
        break;
    case CMARK_NODE_LIST:
        if (w->lists++ < NUMBERS)
            w->numbers[w->lists - 1] = cmark_node_get_list_start(node);
        break;
    default:
        if (strcmp(name_of(node), "table") == 0)
            w->table = markdown_table_new(cmark_gfm_extensions_get_table_columns(node),
                                          cmark_gfm_extensions_get_table_alignments(node));
    }
}

static void block_end(struct walk *w, cmark_node *node)
{
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_BLOCK_QUOTE:
        w->depth--;
        break;
    case CMARK_NODE_ITEM:
        item_end(w);
        break;
    case CMARK_NODE_HEADING:
        flush(w);
        w->heading--;
        break;
    case CMARK_NODE_PARAGRAPH:
        flush(w);
        break;
    case CMARK_NODE_LIST:
        w->lists--;
        break;
    default:
        if (strcmp(name_of(node), "table") == 0)
            table_end(w, node);
    }
}

static void table_part(struct walk *w, cmark_node *node, bool enter)
{
    if (!enter)
        return;
    if (strcmp(name_of(node), "table_cell") == 0)
        markdown_table_next_cell(w->table);
    else
        markdown_table_next_row(w->table);
}

static void visit(struct walk *w, cmark_node *node, bool enter)
{
    if (w->table && strncmp(name_of(node), "table_", 6) == 0)
        table_part(w, node, enter);
    else if ((cmark_node_get_type(node) & CMARK_NODE_TYPE_MASK) == CMARK_NODE_TYPE_INLINE)
        inline_node(w, node, enter);
    else if (enter)
        block_begin(w, node);
    else
        block_end(w, node);
}

/* ---- pieces ---- */

/* cmark ends a line at LF, CR LF and CR. */
size_t markdown_line_start(struct str raw, int line)
{
    size_t at = 0;
    for (int n = 1; n < line && at < raw.n; at++) {
        if (raw.p[at] == '\n')
            n++;
        else if (raw.p[at] == '\r' && (at + 1 >= raw.n || raw.p[at + 1] != '\n'))
            n++;
    }
    return at;
}

static void register_extensions(void)
{
    cmark_gfm_core_extensions_ensure_registered();
}

/* The parser marks the characters of its extensions in tables of the whole process while it works. */
static cmark_node *parse(struct str raw)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    static pthread_mutex_t tables = PTHREAD_MUTEX_INITIALIZER;
    pthread_once(&once, register_extensions);
    pthread_mutex_lock(&tables);
    cmark_parser *parser = cmark_parser_new(CMARK_OPT_VALIDATE_UTF8);
    for (size_t i = 0; i < ARRAY_LEN(extension_names); i++) {
        cmark_syntax_extension *x = cmark_find_syntax_extension(extension_names[i]);
        if (x)
            cmark_parser_attach_syntax_extension(parser, x);
    }
    cmark_parser_feed(parser, raw.n ? raw.p : "", raw.n);
    cmark_node *root = cmark_parser_finish(parser);
    cmark_parser_free(parser);
    pthread_mutex_unlock(&tables);
    cmark_consolidate_text_nodes(root);
    return root;
}

/* No mark in it goes on in the next line, and that does not look like the begin of another block. */
static bool is_plain(struct str text, struct str next)
{
    static const char marks[] = "*_~`[<\\";
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != '\0' && strchr(marks, text.p[i]))
            return false;
    unsigned char c = next.n > 0 ? (unsigned char)next.p[0] : '\0';
    return (c | 0x20) >= 'a' && ((c | 0x20) <= 'z' || c >= 0x80);
}

/* The last block is a long paragraph: all of its lines but the last ones are done, too. */
static void close_lines(struct walk *w, struct str piece, cmark_node *last, size_t *at)
{
    struct str text = str_sub(piece, *at, piece.n);
    if (!last || cmark_node_get_type(last) != CMARK_NODE_PARAGRAPH || text.n < MARKDOWN_PARAGRAPH ||
        w->parts <= LINES_OPEN || cmark_node_next(last))
        return;
    int keep = w->parts - LINES_OPEN;
    size_t to = markdown_line_start(text, keep + 1);
    if (!is_plain(str_sub(text, 0, to), str_sub(text, to, text.n)))
        return;
    *at += to;
    w->m->last_row = w->kept_rows[keep % KEPT];
    w->m->joins = true;
}

/* The last block that is not done for good, and the byte where it begins. A line that has not ended yet
 * may still turn out to belong to the block before; a table takes its head from the paragraph before,
 * which then has no lines of its own. */
static cmark_node *last_open(cmark_node *root, struct str piece, size_t *ret_at)
{
    cmark_node *last = cmark_node_last_child(root), *before;
    for (; last; last = before) {
        before = cmark_node_previous(last);
        *ret_at = markdown_line_start(piece, cmark_node_get_start_line(last));
        for (; before && cmark_node_get_start_line(before) == 0; before = cmark_node_previous(last))
            last = before;
        if (!before || str_index(str_sub(piece, *ret_at, piece.n), '\n') >= 0)
            return last;
    }
    *ret_at = piece.n;
    return NULL;
}

static void plain_piece(struct walk *w, struct str piece)
{
    w->blank = true;
    plain(w, piece);
}

/* ---- code that is too long to be parsed whole, or again and again ---- */

static void fence_row(struct walk *w, struct markdown_fence *f, struct str line)
{
    CLEANUP(buf_free) struct buf wide = BUF_OWN;
    size_t blanks;
    struct str code = markdown_fence_line(f, line, &blanks);
    if (blanks > 0) {
        buf_fill(&wide, ' ', blanks);
        buf_str(&wide, code);
        code = buf_view(&wide);
    }
    code_row(w, f->diff ? diff_roles[hunk_line(&f->hunk, code)] : MARKDOWN_CODE, code);
}

/* Its lines up to the one that ends it, or all that there are: then m says what is done for good, which
 * half a line is not. Returns where it ended; raw.n when it did not. */
static size_t code_lines(struct walk *w, const struct markdown_fence *f, struct str raw)
{
    struct markdown *m = w->m;
    struct markdown_fence now = *f, done_fence = *f;
    struct str rest = raw, line;
    size_t done_row = m->rows.n, done = 0;
    while (str_line(&rest, &line)) {
        size_t after = raw.n - rest.n;
        bool whole = raw.p[after - 1] == '\n', ends = markdown_fence_ends(f, line);
        if (ends && whole)
            return after;
        if (!ends)
            fence_row(w, &now, line);
        done = whole ? after : done;
        done_fence = whole ? now : done_fence;
        done_row = whole ? m->rows.n : done_row;
    }
    m->last_row = done_row;
    m->last_block = done;
    m->joins = true;
    m->within = done_fence;
    return raw.n;
}

static bool is_code_run(struct str raw)
{
    struct markdown_fence f;
    size_t from;
    return raw.n >= MARKDOWN_PARAGRAPH && markdown_fence_begins(raw, &f, &from);
}

/* A long block of code that begins where the text does, without the parser. Returns where it ended, 0 when
 * there is none; *ret_open: it did not end, as with code_lines. */
static size_t code_run(struct walk *w, struct str raw, bool *ret_open)
{
    struct markdown_fence f;
    size_t from;
    *ret_open = false;
    if (!is_code_run(raw) || !markdown_fence_begins(raw, &f, &from))
        return 0;
    struct markdown *m = w->m;
    w->blank = true;
    size_t rows = m->rows.n, n = code_lines(w, &f, str_sub(raw, from, raw.n));
    *ret_open = m->within.mark != '\0';
    if (*ret_open && m->last_block > 0) {
        m->last_block += from;
    } else if (*ret_open) { /* no line of it is whole */
        m->last_row = rows;
        m->joins = false;
        m->within = (struct markdown_fence){0};
    }
    if (m->rows.n == rows)
        code_row(w, MARKDOWN_CODE, STR(""));
    return from + n;
}

/* Of the blocks of a piece all, or all that are done for good; a long block of code at the end is left to
 * code_run. Returns the byte where the others begin. */
static size_t walk_piece(struct walk *w, struct str piece, bool all)
{
    if (markdown_is_costly(piece)) {
        if (all)
            plain_piece(w, piece);
        return 0;
    }
    size_t last_at;
    cmark_node *root = parse(piece), *last = last_open(root, piece, &last_at);
    w->raw = piece;
    w->blank = true;
    cmark_iter *iter = cmark_iter_new(root);
    cmark_event_type type;
    while ((type = cmark_iter_next(iter)) != CMARK_EVENT_DONE) {
        cmark_node *node = cmark_iter_get_node(iter);
        if (node == last && type == CMARK_EVENT_ENTER) {
            if (!all || is_code_run(str_sub(piece, last_at, piece.n)))
                break;
            w->m->last_row = w->m->rows.n;
        }
        if (node != root)
            visit(w, node, type == CMARK_EVENT_ENTER);
    }
    cmark_iter_free(iter);
    if (all)
        close_lines(w, piece, last, &last_at);
    cmark_node_free(root);
    return last_at;
}

/* Where the next piece begins: the last line end at or before `max`, but never nothing. */
static size_t cut(struct str raw, size_t max)
{
    size_t at = MIN(max, raw.n);
    while (at > 0 && raw.p[at - 1] != '\n')
        at--;
    return at > 0 ? at : MIN(max, raw.n);
}

/* The blocks of a text, from `at` on. */
static void walk_all(struct walk *w, struct str raw, size_t at)
{
    struct markdown *m = w->m;
    for (;;) {
        struct str rest = str_sub(raw, at, raw.n);
        bool open, all = rest.n <= MARKDOWN_MAX;
        size_t used = code_run(w, rest, &open);
        if (open) {
            m->last_block += at;
            return;
        }
        struct str piece = all ? rest : str_sub(rest, 0, cut(rest, MARKDOWN_MAX));
        if (used == 0) {
            m->last_row = m->rows.n;
            used = walk_piece(w, piece, all);
            if (all && !is_code_run(str_sub(rest, used, rest.n))) {
                m->last_block = at + used;
                return;
            }
        }
        if (used == 0) { /* one block, and too large; or nothing to parse */
            plain_piece(w, piece);
            used = piece.n;
        }
        at += used;
    }
}

void markdown_make(struct markdown *m, struct str raw, int width, const struct markdown_fence *within)
{
    struct walk w = {.m = m, .width = MAX(1, width), .line = {.text = BUF_OWN}};
    size_t at = 0;
    buf_truncate(&m->text, 0);
    m->spans.n = m->rows.n = 0;
    m->last_block = m->last_row = 0;
    m->joins = false;
    m->within = (struct markdown_fence){0};
    if (within && within->mark) {
        w.any = true; /* before */
        at = code_lines(&w, within, raw);
    }
    if (!m->within.mark)
        walk_all(&w, raw, at);
    markdown_line_done(&w.line);
}

void markdown_done(struct markdown *m)
{
    buf_free(&m->text);
    free(m->spans.v);
    free(m->rows.v);
    *m = MARKDOWN_INIT;
}
