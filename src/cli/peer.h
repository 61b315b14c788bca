/* SPDX-License-Identifier: MIT
 *
 * peer: another tau of this user that works on the same store, asked through its socket. Main thread.
 */
#ifndef TAU_CLI_PEER_H
#define TAU_CLI_PEER_H

#include "base/buf.h"
#include "base/cancel.h"
#include "base/err.h"
#include "gateway/socket.h"

/* The one that runs, or the one of that number (pid NULL: whichever is alone). ERR_NOT_FOUND when none
 * does, ERR_AMBIGUOUS names them when several do. *ret_path is the caller's. */
bool peer_find(const char *state_dir, const char *pid, char **ret_path, struct err *e) ATTR_WARN;

/* GET route, or POST when body.p. The answer goes to sink as it comes (false stops it, which is no
 * failure); one that is an error becomes err, with its hint. With a token it ends when that fires
 * (ERR_CANCELLED), and when the other one is silent for PEER_WAIT_MS. */
enum { PEER_WAIT_MS = 5000 };
bool peer_call(const char *path, const char *route, struct str body, struct cancel *cancel,
               bool (*sink)(void *arg, struct str bytes), void *arg, struct err *e) ATTR_WARN;

/* The events as they come, each as JSON, until the token fires (ERR_CANCELLED), on_event returns false, or
 * the other one ends. */
bool peer_follow(const char *path, struct cancel *cancel, bool (*on_event)(void *arg, struct str json),
                 void *arg, struct err *e) ATTR_WARN;

/* For a buf as the sink's arg: false when it is full. */
bool peer_into_buf(void *buf, struct str bytes);

/* Appends text so that it can stand in a query string (RFC 3986, section 2.1). */
void peer_escape(struct buf *out, struct str text);

#endif
