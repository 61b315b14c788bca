/* SPDX-License-Identifier: MIT */
#include "text/url.h"

#include "base/base.h"

#include <ctype.h>
#include <string.h>

static size_t scheme(struct str s)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (str_starts(s, schemes[i]))
            return strlen(schemes[i]);
    return 0;
}

static size_t length(struct str s)
{
    size_t n = 0;
    int open = 0;
    for (; n < s.n && (unsigned char)s.p[n] > ' ' && s.p[n] != '\x7f' && s.p[n] != '<'; n++)
        open += s.p[n] == '(' ? 1 : s.p[n] == ')' ? -1 : 0;
    for (; n > 0 && strchr("?!.,:;*_~'\")", s.p[n - 1]); n--) {
        if (s.p[n - 1] == ')' && open >= 0)
            break;
        open += s.p[n - 1] == ')' ? 1 : 0;
    }
    return n;
}

bool url_find(struct str text, size_t *ret_at, size_t *ret_n)
{
    bool in_word = false;
    for (size_t i = 0; i < text.n; i++) {
        struct str rest = str_sub(text, i, text.n);
        size_t head = in_word || text.p[i] != 'h' ? 0 : scheme(rest);
        size_t n = head > 0 ? length(rest) : 0;
        if (n > head) {
            *ret_at = i;
            *ret_n = n;
            return true;
        }
        in_word = isalnum((unsigned char)text.p[i]) != 0;
    }
    return false;
}
