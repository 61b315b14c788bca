/* SPDX-License-Identifier: MIT
 *
 * base: attributes and small macros that every file may use. No functions live here.
 */
#ifndef TAU_BASE_BASE_H
#define TAU_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(p, type, member) ((type *)((uintptr_t)(p)-offsetof(type, member)))

#define ATTR_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define ATTR_UNUSED __attribute__((unused))
#define ATTR_WARN __attribute__((warn_unused_result))
#define ATTR_NORETURN __attribute__((noreturn))

/* Runs fn(&var) when var leaves its scope: CLEANUP(fd_close_p) int fd = -1; */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands a pointer on and forgets it, so that its CLEANUP finds NULL. */
#define TAKE(p)                                                                                    \
    __extension__({                                                                                \
        __typeof__(p) taken_ = (p);                                                                \
        (p) = NULL;                                                                                \
        taken_;                                                                                    \
    })

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* A broken promise between our own functions: prints where, then aborts. Stays on in release. */
#define TAU_ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))
ATTR_NORETURN void assert_failed(const char *cond, const char *file, int line);

#endif
