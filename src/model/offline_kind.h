/* SPDX-License-Identifier: MIT
 *
 * offline_kind: what several kinds of local/offline do alike. Only their files include this.
 */
#ifndef TAU_MODEL_OFFLINE_KIND_H
#define TAU_MODEL_OFFLINE_KIND_H

#include "model/offline_doc.h"

/* Reads the file that is meant by *path as doc_read does, also one that is not exactly there: after
 * a miss it is looked for by its name, and when just one file fits, *path becomes that one. */
enum doc_state kind_read(const struct offline_turn *t, struct str *path, struct offline_move *m,
                         struct doc *ret_doc, const struct offline_result **ret_failed) ATTR_WARN;

/* The same for a part of it. */
enum doc_state kind_read_part(const struct offline_turn *t, struct str *path,
                              const struct doc_part *part, struct offline_move *m,
                              struct doc *ret_doc,
                              const struct offline_result **ret_failed) ATTR_WARN;

/* Says why the file could not be read, with what was found instead. */
void kind_say_unread(const struct offline_turn *t, struct str path,
                     const struct offline_result *failed, struct offline_move *m);

/* When the path of the match is a directory, or reading it said so: goes on as explain-tree and
 * returns true. */
bool kind_take_directory(const struct offline_turn *t, const struct offline_match *match,
                         struct offline_move *m);

/* The plan of explain-tree for a directory ("." for the workspace). */
void tree_plan(const struct offline_turn *t, struct str path, struct offline_move *m);

/* Lines as they are, behind a fence that none of them closes. language: "diff", or "". */
void kind_say_fenced(struct offline_move *m, const char *language, struct str lines);

/* The artifact that holds the whole of a result whose middle was left out; empty: it is whole, or what is
 * missing was not kept. */
struct str kind_whole(struct str text);

/* The last lines of a text as a fenced block, at most max lines; says what it left out. */
void kind_say_block(struct offline_move *m, struct str text, size_t max);

/* What is in a document, for any kind that has one. */
void summarize_doc(struct offline_move *m, const struct doc *d, const char *name);

/* A text as one word of the shell, and as a regex that means only itself. In the arena. */
char *kind_shell_quote(struct arena *a, struct str s);
char *kind_escape_regex(struct arena *a, struct str s);

/* A line of what grep found. */
struct kind_hit {
    struct str path, text;
    int64_t line;
};

/* False for a line that is none, as a note of grep's. The path is as grep writes it. */
bool kind_read_hit(struct str line, struct kind_hit *ret) ATTR_WARN;

/* The path with its colons. In the arena. */
struct str kind_hit_path(struct arena *a, const struct kind_hit *hit);

/* Says the definitions of a name, from what grep found of it. False when calls were added that read the
 * files; nothing was said then. */
bool define_say(const struct offline_turn *t, struct str found, struct str name, struct offline_move *m) ATTR_WARN;

/* The plan of "rename a to b everywhere": what `form` of edit-by-instruction does, in each file that has
 * slot a; `word`: as a whole word. */
void everywhere_plan(const struct offline_turn *t, const struct offline_match *match, int form, bool word,
                     struct offline_move *m);

#endif
