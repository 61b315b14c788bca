/* SPDX-License-Identifier: MIT
 *
 * fuzzy: edit distance (optimal string alignment) and subsequence scores. Words are compared
 * bytewise: the names they are held against are ASCII.
 */
#include "text/fuzzy.h"

#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 64, QUERY_MAX = 64, TEXT_MAX = 1024 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           (unsigned char)c >= 0x80;
}

int fuzzy_distance(struct str a, struct str b, int limit)
{
    int rows[3][WORD_MAX + 1];
    int *before = rows[0], *last = rows[1], *row = rows[2];
    if (limit < 0 || a.n > WORD_MAX || b.n > WORD_MAX || labs((long)a.n - (long)b.n) > limit)
        return limit + 1;
    for (size_t j = 0; j <= b.n; j++) {
        last[j] = (int)j;
        before[j] = 0;
    }
    for (size_t i = 1; i <= a.n; i++) {
        int least = row[0] = (int)i;
        for (size_t j = 1; j <= b.n; j++) {
            int cost = a.p[i - 1] != b.p[j - 1];
            int d = MIN(MIN(last[j], row[j - 1]) + 1, last[j - 1] + cost);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                d = MIN(d, before[j - 2] + 1);
            row[j] = d;
            least = MIN(least, d);
        }
        if (least > limit)
            return limit + 1;
        int *oldest = before;
        before = last;
        last = row;
        row = oldest;
    }
    return MIN(last[b.n], limit + 1);
}

const char *fuzzy_nearest(struct str word, const char *const *names, size_t n)
{
    const char *nearest = NULL;
    /* A third of the word, but a slip in a short word is still a slip. */
    int best = MAX((int)MIN(word.n, (size_t)WORD_MAX) / 3, 1);
    if (word.n < 2)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        int d = fuzzy_distance(word, str_of(names[i]), best);
        if (d > best || (d == best && nearest))
            continue;
        nearest = names[i];
        best = d;
    }
    return nearest;
}

bool fuzzy_hint(struct err *e, struct str word, const char *const *names, size_t n, const char *before,
                const char *where)
{
    const char *nearest = fuzzy_nearest(word, names, n);
    return nearest ? err_hint(e, "did you mean %s%s? %s", before, nearest, where) : err_hint(e, "%s", where);
}

/* Score of taking text[j] as the next letter. */
static int letter_score(struct str text, size_t j)
{
    if (j == 0)
        return 16;
    char before = text.p[j - 1], c = text.p[j];
    bool hump = before >= 'a' && before <= 'z' && c >= 'A' && c <= 'Z';
    return !is_word(before) || hump ? 10 : 1;
}

/* best[j]: the highest score with the letters so far matched and the last of them at j; each letter
 * is one pass, so the cost is query times text. */
int fuzzy_score(struct str query, struct str text)
{
    int best[TEXT_MAX], next[TEXT_MAX];
    text.n = MIN(text.n, (size_t)TEXT_MAX);
    if (query.n == 0)
        return 1;
    if (query.n > QUERY_MAX || query.n > text.n)
        return 0;
    for (size_t i = 0; i < query.n; i++) {
        int before = 0; /* best of any earlier place, two or more back */
        for (size_t j = 0; j < text.n; j++) {
            next[j] = 0;
            if (i > 0 && j >= 2)
                before = MAX(before, best[j - 2]);
            if (lower(query.p[i]) != lower(text.p[j]))
                continue;
            int run = i > 0 && j > 0 && best[j - 1] ? best[j - 1] + 8 : 0;
            int from = i == 0 ? 1 : MAX(run, before);
            if (from > 0)
                next[j] = from + letter_score(text, j);
        }
        memcpy(best, next, text.n * sizeof(best[0]));
    }
    int score = 0;
    for (size_t j = 0; j < text.n; j++)
        score = MAX(score, best[j]);
    /* Among equals the shorter text is the closer one. */
    return score ? score * 4 + (query.n == text.n ? 4 : 0) + (int)(3 - MIN(text.n / 16, (size_t)3))
                 : 0;
}
