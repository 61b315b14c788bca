/* SPDX-License-Identifier: MIT
 *
 * log: the program's own diagnostics. A ring of the newest lines for the console's log pane, and a
 * file when one is set; standard error only until log_to() was called. Secrets never come here.
 * Any thread; a line is one write.
 */
#ifndef TAU_BASE_LOG_H
#define TAU_BASE_LOG_H

#include "base/base.h"
#include "base/err.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum { LOG_LINE_MAX = 512, LOG_RING = 1000, LOG_FILE_MAX = 8 << 20 };

struct log_line {
    int64_t n; /* rises by one a line */
    int64_t ts_ms;
    enum log_level level;
    char text[LOG_LINE_MAX];
};

/* Lines above level are dropped. The default is LOG_WARN. */
void log_level(enum log_level level);

/* From now on to this file (appended, 0600; rotated to path.1 past LOG_FILE_MAX) and to no other
 * place; NULL: to standard error again. On failure nothing changes. Control bytes and what is not
 * UTF-8 are written as escapes, so that a line is a line. */
bool log_to(const char *path, struct err *e) ATTR_WARN;

/* Nowhere but the ring: for the time that the screen is ours and no file could be opened. */
void log_quiet(void);

/* A text that is too long is cut and ends in "...". Keeps errno. */
void log_msg(enum log_level level, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Copies up to max lines with n > after, oldest first; returns how many. */
size_t log_read(int64_t after, struct log_line *out, size_t max);

/* From now on a line that is remembered makes this eventfd readable; -1: none. One at a time. */
void log_wake(int eventfd);

#define log_error(...) log_msg(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_msg(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_msg(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_msg(LOG_DEBUG, __VA_ARGS__)

#endif
