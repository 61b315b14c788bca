/* SPDX-License-Identifier: MIT
 *
 * vt: a program on a terminal of its own (a pty), seen through libvterm. Nothing here sleeps: every
 * wait is for something to appear, with a deadline.
 */
#ifndef TAU_TESTS_VT_H
#define TAU_TESTS_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

enum { VT_DEADLINE_MS = 20000 };

struct vt;

/* Starts argv (argv[0] a path) in a session of its own; env are "NAME=value" beside TERM, LC_ALL,
 * HOME and PATH, which are set. NULL-terminated; env may be NULL. */
struct vt *vt_start(const char *const *argv, const char *const *env, int w, int h);

/* Hangs up, reaps, frees. */
void vt_free(struct vt *v);

void vt_send(struct vt *v, const char *bytes);

/* Waits until the text is (or is no more) somewhere on the screen, in one row; fails the test with
 * the screen when it does not come. */
void vt_expect(struct vt *v, const char *text);
void vt_expect_gone(struct vt *v, const char *text);
bool vt_shows(struct vt *v, const char *text); /* now, without waiting */

/* Reads what comes for so long. */
void vt_pump(struct vt *v, int ms);

/* Waits for the end; the status as of waitpid. */
int vt_end(struct vt *v);

void vt_resize(struct vt *v, int w, int h); /* returns at once */

const char *vt_row(struct vt *v, int y); /* until the next call */
uint32_t vt_background(struct vt *v, int x, int y); /* the colour of a cell: equal ones look the same */
bool vt_alternate(const struct vt *v);
bool vt_cursor_visible(const struct vt *v);
bool vt_mouse(const struct vt *v); /* it is reported */
void vt_cursor(const struct vt *v, int *ret_x, int *ret_y);
const char *vt_title(const struct vt *v); /* "" when none was ever set */
size_t vt_frames(const struct vt *v);     /* synchronised updates that ended */
size_t vt_loose(const struct vt *v);      /* bytes between them, since vt_loose_reset */
void vt_loose_reset(struct vt *v);
size_t vt_bytes(const struct vt *v);
pid_t vt_pid(const struct vt *v);
struct termios vt_before(const struct vt *v); /* before the program was started */
struct termios vt_termios(const struct vt *v);

/* The only child of a process, or -1. */
pid_t vt_child_of(pid_t pid);
bool vt_gone(pid_t pid); /* waits until there is no such process; false after the deadline */

#endif
