/* SPDX-License-Identifier: MIT
 *
 * mem: allocation that does not fail. What outside input can size goes through `struct buf` and its
 * cap instead. Any thread.
 */
#ifndef TAU_BASE_MEM_H
#define TAU_BASE_MEM_H

#include "base/base.h"

/* Zeroed memory; aborts when there is none. The caller frees with free(). */
void *mem_new(size_t size) __attribute__((malloc, returns_nonnull));
void *mem_array(size_t n, size_t size) __attribute__((malloc, returns_nonnull));

/* Grows p (may be NULL) to n elements; new bytes are not zeroed. Aborts on overflow. */
void *mem_grow(void *p, size_t n, size_t size) __attribute__((returns_nonnull));

/* Copies; mem_strdup(NULL) is NULL. The caller frees. */
void *mem_dup(const void *p, size_t n) __attribute__((malloc, returns_nonnull));
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n) __attribute__((malloc, returns_nonnull));
char *mem_printf(const char *fmt, ...) ATTR_PRINTF(1, 2) __attribute__((malloc, returns_nonnull));

/* For CLEANUP(): frees what the pointer at p points to. */
void mem_free_p(void *p);

#define NEW(type) ((type *)mem_new(sizeof(type)))

/* A typed growing array: VEC(struct row) rows = {0}; VEC_PUSH(&rows, r); free(rows.v); */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *v;                                                                                   \
        size_t n, cap;                                                                             \
    }
#define VEC_PUSH(vec, item)                                                                        \
    do {                                                                                           \
        if ((vec)->n == (vec)->cap) {                                                              \
            (vec)->cap = (vec)->cap ? (vec)->cap * 2 : 8;                                          \
            (vec)->v = mem_grow((vec)->v, (vec)->cap, sizeof(*(vec)->v));                          \
        }                                                                                          \
        (vec)->v[(vec)->n++] = (item);                                                             \
    } while (0)

#endif
