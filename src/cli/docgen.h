/* SPDX-License-Identifier: MIT
 *
 * docgen: the parts of the manual that have a file of their own. Each appends mdoc(7) text. Only
 * the build tool docgen calls them.
 */
#ifndef TAU_CLI_DOCGEN_H
#define TAU_CLI_DOCGEN_H

#include "base/buf.h"

void docgen_console_commands(struct buf *out); /* what `:` understands, as a list */
void docgen_keys(struct buf *out);             /* every key, a list for each place */

#endif
