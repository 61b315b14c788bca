/* SPDX-License-Identifier: MIT
 *
 * form: JSON texts that are alike but for their words. The pieces of a streamed answer are the same
 * bytes again and again around one string; a form, learnt from one of them that json_parse read, tells
 * the next by comparing bytes, so that no tree is built for it. What a form reads is what json_parse
 * would have read: everything outside of its blanks is the same to the byte, and a blank holds one
 * whole JSON string. One thread.
 */
#ifndef TAU_JSON_FORM_H
#define TAU_JSON_FORM_H

#include "base/base.h"
#include "base/buf.h"
#include "base/str.h"
#include "json/json.h"

enum { FORM_BLANKS_MAX = 16, FORM_TEXT_MAX = 4096 }; /* bytes around the blanks */

struct form {
    struct buf fixed;             /* the bytes around the blanks, one run behind another */
    size_t ends[FORM_BLANKS_MAX]; /* where in `fixed` the run before each blank ends */
    size_t n, wanted;             /* blanks, 0: nothing is learnt; which of them is given out */
    struct json *word;            /* what was given out last, where it had escapes */
};

#define FORM_INIT ((struct form){.fixed = BUF_INIT(FORM_TEXT_MAX)})
void form_free(struct form *f); /* empty and usable again */

/* Forgets what it knew and learns `text`, which json_parse read as `root`. Blanks are `wanted`, a string
 * somewhere in it, and the strings that are members of root itself: callers who learn say thereby that
 * those mean nothing to them. False, and nothing is learnt, past a limit. */
bool form_learn(struct form *f, struct str text, const struct json *root, const struct json *wanted);
void form_forget(struct form *f);

/* Is the text alike? Then the string in the wanted blank, decoded, which is valid until the text is gone
 * or the form is used again. False also when that string is none: json_parse says why. */
bool form_read(struct form *f, struct str text, struct str *ret) ATTR_WARN;

#endif
