/* SPDX-License-Identifier: MIT
 *
 * report: what a command says on standard output, and errors on standard error, the same words everywhere.
 * What they quote is made harmless before it reaches a terminal.
 */
#ifndef TAU_CLI_REPORT_H
#define TAU_CLI_REPORT_H

#include "base/err.h"
#include "base/str.h"

/* Writes on standard output: on a terminal only what can be shown, elsewhere byte for byte. */
bool report_out(struct str text, struct err *e) ATTR_WARN;

/* The same for JSON: on a terminal what could do more than be shown is a \u escape, so that it is JSON there,
 * too. An LF is added when there is none at its end. */
bool report_json(struct str text, struct err *e) ATTR_WARN;

/* The same for JSON that comes in pieces. {0} begins one; the end writes what is left and the LF. */
struct report_json {
    char held[4]; /* of a character that is cut */
    size_t n_held;
    char last; /* byte that came */
};
bool report_json_add(struct report_json *r, struct str piece, struct err *e) ATTR_WARN;
bool report_json_end(struct report_json *r, struct err *e) ATTR_WARN;

/* "tau: message [reason_code, phase, 3.2 s]", and the hint on a line of its own. */
void report(const struct err *e);

/* "tau: <before>message [..]", one line, without the hint. */
void report_line(const char *before, const struct err *e);

/* A hint on a line of its own; nothing for an empty one. */
void report_hint(const char *hint);

#endif
