/* SPDX-License-Identifier: MIT
 *
 * request: what a local model reads of a request's body: where its messages lie and whose they are.
 * One pass over the bytes without building a tree, so that a conversation of any length costs one
 * look; the few messages that matter are then parsed one by one. One thread.
 */
#ifndef TAU_MODEL_REQUEST_H
#define TAU_MODEL_REQUEST_H

#include "base/base.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum request_role { REQUEST_OTHER, REQUEST_USER, REQUEST_ASSISTANT, REQUEST_TOOL };

struct request_message {
    enum request_role role;
    struct str json; /* the object, in the body */
};

struct request {
    VEC(struct request_message) messages;
    size_t n_assistant;
};

/* Finds the messages of a canonical request (model/provider.h). ERR_INVALID when the body is
 * something else. The result looks into the body; give it back with request_free, also after an
 * error. */
bool request_scan(struct request *r, struct str body, struct err *e) ATTR_WARN;
void request_free(struct request *r);

#endif
