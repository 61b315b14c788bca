/* SPDX-License-Identifier: MIT
 *
 * mallocs: by the linker's --wrap.
 */
#include "lib/mallocs.h"

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

struct mallocs mallocs;

void *__wrap_malloc(size_t n)
{
    mallocs.calls++;
    mallocs.bytes += n;
    return __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
    mallocs.calls++;
    mallocs.bytes += n * size;
    return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    mallocs.calls++;
    mallocs.bytes += n;
    return __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    mallocs.calls++;
    mallocs.bytes += n * size;
    return __real_reallocarray(p, n, size);
}
