/* SPDX-License-Identifier: MIT
 *
 * screen: a console without a terminal, fed from recorded logs through the real reducer, and
 * goldens.
 */
#ifndef TAU_TESTS_SCREEN_H
#define TAU_TESTS_SCREEN_H

#include "state/snapshot.h"
#include "ui/app.h"

/* The snapshot after a recording ("success": tests/logs/success.jsonl), every event checked. `most`
 * events at most; 0: all. *ret_last_ms: when the last one happened. */
struct snapshot *screen_replay(const char *log, size_t most, int64_t *ret_last_ms);

/* A console of that size that shows the recording. Free with screen_free. */
struct ui *screen_open(const char *log, int w, int h);
void screen_free(struct ui *ui);

/* Lays out and draws; what a terminal would get is in ui->canvas. */
void screen_draw(struct ui *ui);

/* Gives keys as a terminal would send them, one read each; "\r" between keys is a key. Time goes on
 * by ms after each. */
void screen_keys(struct ui *ui, const char *bytes, int64_t ms);
void screen_wait(struct ui *ui, int64_t ms); /* nothing is typed */
int64_t screen_now(void);

/* What the console submitted last: "turn.submit {...}"; "" when nothing since the last call. */
const char *screen_acted(void);

/* The verb that was sent since the last call, after it came back, as "LINE in SESSION"; "" for none. */
const char *screen_verb(struct ui *ui);

/* The files that '@' asked for are there. */
void screen_files(struct ui *ui);

/* Draws and compares with tests/ui/golden/<name>.txt; UPDATE_GOLDEN=1 writes it. */
void screen_golden(struct ui *ui, const char *name);
void text_golden(const struct buf *got, const char *name); /* the same for a text */

#endif
