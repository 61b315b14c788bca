/* SPDX-License-Identifier: MIT
 *
 * cancel: a token that says "stop now". Every blocking call takes one. Firing a token fires its
 * children. Counted references; any thread; firing twice does nothing.
 */
#ifndef TAU_BASE_CANCEL_H
#define TAU_BASE_CANCEL_H

#include "base/base.h"

struct cancel;
struct pollfd;

/* A new token with one reference; parent may be NULL, and is held until the child is freed. A child
 * of a fired parent is born fired. */
struct cancel *cancel_new(struct cancel *parent);
struct cancel *cancel_ref(struct cancel *c);
void cancel_unref(struct cancel *c); /* NULL is fine */

/* Fires c and all below it; everybody who waits on one of them wakes. */
void cancel_fire(struct cancel *c);
bool cancel_fired(const struct cancel *c); /* NULL: false */

/* An eventfd, owned by the token, that becomes readable when it fires and stays so; for poll().
 * -1 for NULL, and when the system has no descriptor left: then cancel_fired must be asked now and
 * then, as cancel_wait_fd does. */
int cancel_fd(struct cancel *c);

/* Waits until the token fires, fd has one of the events of poll(2) (an error or hang-up counts), or
 * the deadline (clock_mono_ms; CLOCK_NEVER). When more than one holds, the first of the enum is the
 * answer. c may be NULL, fd may be -1. */
enum cancel_wait { CANCEL_FIRED, CANCEL_READY, CANCEL_DEADLINE };
enum cancel_wait cancel_wait_fd(struct cancel *c, int fd, short events, int64_t deadline_ms);

/* The same for up to CANCEL_FDS_MAX descriptors at once (entries with fd -1 are passed over): the
 * caller fills fd and events, and finds in revents which are ready. */
enum { CANCEL_FDS_MAX = 8 };
enum cancel_wait cancel_wait_fds(struct cancel *c, struct pollfd *fds, size_t n,
                                 int64_t deadline_ms);

#endif
