/* SPDX-License-Identifier: MIT
 *
 * answer: the JSON in what a model said, and what it is told when that does not meet the schema.
 */
#ifndef TAU_AGENT_ANSWER_H
#define TAU_AGENT_ANSWER_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "json/schema.h"

/* How often a model is asked again for an answer that meets the schema. */
enum { ANSWER_AGAIN_MAX = 3 };

/* The JSON of an answer, a view into it: all of it; else the first fenced block that is JSON; else
 * what stands from the first brace or bracket to the last. False when none of them is JSON. */
bool answer_json(struct str text, struct str *ret_json) ATTR_WARN;

/* False with ERR_SCHEMA and the first thing that is wrong, and in ret_report all of it as lines. */
bool answer_meets(struct schema *schema, struct str text, struct buf *ret_report,
                  struct err *e) ATTR_WARN;

#endif
