/* SPDX-License-Identifier: MIT
 *
 * offline_doc: a file as the rules of local/offline see it: its lines, read page by page through
 * the read tool; what sort of file it is, its outline, and its telling sentences. Only src/model
 * includes this. One turn thread; everything lies in the turn's arena.
 */
#ifndef TAU_MODEL_OFFLINE_DOC_H
#define TAU_MODEL_OFFLINE_DOC_H

#include "model/offline.h"

struct doc_line {
    struct str text;
    int64_t number;
    bool cut; /* longer than what was shown of it; text is its front */
};

struct doc {
    struct doc_line *lines;
    size_t n, cap;
    bool more;      /* the file goes on after the last line */
    bool replaced;  /* some bytes were not UTF-8 */
    bool cut;       /* some line was */
    int64_t bytes;  /* of the file; 0: nobody asked */
    int64_t total;  /* lines of the whole file; 0: more than there are here, but not known */
    size_t pages;
    struct str path;
};

enum doc_state {
    DOC_READING, /* a call was added to the move */
    DOC_READY,
    DOC_FAILED, /* *ret_failed says why */
};

/* The next step of reading a file: adds the call that is needed, or gives the lines. At most
 * OFFLINE_PAGES_MAX calls; then doc->more says that there is more. */
enum doc_state doc_read(const struct offline_turn *t, struct str path, struct offline_move *m,
                        struct doc *ret_doc, const struct offline_result **ret_failed) ATTR_WARN;

/* The lines that are wanted of a file; the others need not be read, but may be. */
struct doc_part {
    int64_t from; /* from 1; negative: so many at the end */
    int64_t to;   /* INT64_MAX: to the end */
};

/* The same for a part: in a large file it goes there without reading what lies before. */
enum doc_state doc_read_part(const struct offline_turn *t, struct str path,
                             const struct doc_part *part, struct offline_move *m,
                             struct doc *ret_doc,
                             const struct offline_result **ret_failed) ATTR_WARN;

/* The same lines from a text that is at hand. */
void doc_of_text(struct arena *a, struct str text, struct doc *ret_doc);

/* Where a name without a path is meant: "readme" is README.md. In the arena. */
struct str doc_path(struct arena *a, struct str name);

size_t doc_words(const struct doc *d);

/* "3 lines, 12 words", with "more than" before what is not known to its end. */
void doc_say_size(struct offline_move *m, const struct doc *d);

/* ---- what it is ---- */

struct doc_sort; /* a row of the table of languages */
const struct doc_sort *doc_sort_of(const struct doc *d);
const char *doc_sort_name(const struct doc_sort *sort);
bool doc_sort_is_prose(const struct doc_sort *sort);

/* The sort by the name alone; NULL when that does not tell. */
const struct doc_sort *doc_sort_of_name(struct str path);

/* How the definitions of a language end. */
struct doc_ends {
    const char *with;     /* what the line begins with that ends one, no deeper than its first line */
    bool indent;          /* or: before the next line that is no deeper than the first */
    bool late_parameters; /* they may be declared between a function's head and its body */
};

/* NULL when it is not known, or nothing there has a body. */
const struct doc_ends *doc_sort_ends(const struct doc_sort *sort);

struct doc_entry {
    const char *what; /* function, type, heading, ... (of the table) */
    struct str name;
    int64_t line;
    int64_t last; /* of its body, by doc_extents(); else 0 */
    int level;    /* of a heading, from 1; else 0 */
};

/* The outline, at most max entries, in order; *ret_n. `more` entries were left out. What #if 0
 * switches off is not in it. */
struct doc_entry *doc_outline(struct arena *a, const struct doc *d, const struct doc_sort *sort,
                              size_t max, size_t *ret_n, size_t *ret_more);

/* Is the line nothing but a comment of one line? */
bool doc_is_comment(const struct doc_sort *sort, struct str line);

/* For each line: is it comment or text of several lines, or switched off? In the arena. */
bool *doc_asides(struct arena *a, const struct doc *d, const struct doc_sort *sort);

/* Fills in where the entries of an outline end. When that can not be told the last line is the first. */
void doc_extents(struct arena *a, const struct doc *d, const struct doc_sort *sort,
                 struct doc_entry *v, size_t n);

/* The innermost entry that holds a line, of those with an extent; NULL when none is known to. */
const struct doc_entry *doc_holder(const struct doc_entry *v, size_t n, int64_t line);

/* The comment at the head of a program, without its marks and licence lines; may be empty. */
struct str doc_head_comment(struct arena *a, const struct doc *d, const struct doc_sort *sort);

/* ---- sentences ---- */

/* The first paragraph of prose that is more than a label: no heading, list, table, badge or code. May be
 * empty. *ret_later: a shorter one stands before it. */
struct str doc_first_paragraph(struct arena *a, const struct doc *d, bool *ret_later);

/* Up to max sentences that say most by the frequency of their words, in the order of the text. Of a
 * very long text only the beginning is weighed. */
size_t doc_key_sentences(struct arena *a, const struct doc *d, struct str *out, size_t max);

/* ---- diffs ---- */

bool diff_looks_like(struct str text);

/* Did its tool leave out its middle? */
bool diff_is_cut(struct str text);

/* A name as git writes it: in quotes, with what is no ASCII in octal, when it has odd characters.
 * In the arena; newlines and the like stay as \n. */
struct str diff_path(struct arena *a, struct str s);

/* A line of a hunk. */
struct diff_line {
    struct str text; /* without its sign */
    int64_t number;  /* in the file as the diff leaves it; of a line that is gone: of what follows it */
    size_t hunk;
    char sign; /* ' ', '+' or '-' */
};

enum { HELD_NAMES_MAX = 8 };

/* The definitions that hold the changed lines of one file. */
struct held_names {
    struct str v[HELD_NAMES_MAX];
    size_t n;
    bool more;
};

/* Is it told for files of such a name? */
bool held_can_tell(struct str path);

/* Adds the call that reads on in the file, and returns false; true when there is none to make. */
bool held_read(const struct offline_turn *t, struct str path, const struct diff_line *lines, size_t n,
               struct offline_move *m) ATTR_WARN;

/* By the file, when it was read and has these lines; else by what the hunks themselves show, unless the
 * diff is not `whole`. None when it is not known. */
void held_names(const struct offline_turn *t, struct str path, const struct diff_line *lines, size_t n,
                bool whole, struct held_names *ret);

/* Asks for the files that a diff changes, so that diff_say can tell the functions: adds the calls that
 * are needed to the move and returns false, or true when there is nothing more to ask for. */
bool diff_read_files(const struct offline_turn *t, struct str text, struct offline_move *m) ATTR_WARN;

/* Appends what a unified diff changes: files with counts, the definitions that hold its lines, and
 * remarks by rule when `review` is set. A definition is named when the file was read and has the lines of
 * the diff, or when the diff itself shows its beginning. False when there is no change in it. */
bool diff_say(const struct offline_turn *t, struct str text, bool review, struct offline_move *m);

#endif
