/* SPDX-License-Identifier: MIT
 *
 * mem: allocation that does not fail: a small allocation that is refused ends the process, because
 * no caller could do better. The log on disk holds everything that was shown until then.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ATTR_NORETURN static void exhausted(void)
{
    fputs("tau: out of memory\n", stderr);
    abort();
}

void *mem_new(size_t size)
{
    void *p = calloc(1, size ? size : 1);
    if (!p)
        exhausted();
    return p;
}

void *mem_array(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        exhausted();
    return p;
}

void *mem_grow(void *p, size_t n, size_t size)
{
    p = reallocarray(p, n ? n : 1, size ? size : 1);
    if (!p)
        exhausted();
    return p;
}

void *mem_dup(const void *p, size_t n)
{
    void *copy = mem_new(n);
    if (n)
        memcpy(copy, p, n);
    return copy;
}

char *mem_strdup(const char *s)
{
    return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_strndup(const char *s, size_t n)
{
    char *copy = mem_new(n + 1);
    if (n)
        memcpy(copy, s, n);
    return copy;
}

char *mem_printf(const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        exhausted();
    return text;
}

void mem_free_p(void *p)
{
    void **pp = p;
    free(*pp);
    *pp = NULL;
}
