/* SPDX-License-Identifier: MIT
 *
 * offline_words: from a prompt to its words, and the courtesies around it.
 */
#include "model/offline_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Opening and closing quotes; the first column is looked for at the front of a word. */
static const struct quote {
    const char *open, *close;
} quotes[] = {
    {"```", "```"},
    {"`", "`"},
    {"\"", "\""},
    {"'", "'"},
    {"\xE2\x80\x9C", "\xE2\x80\x9D"}, /* typographic double */
    {"\xE2\x80\x98", "\xE2\x80\x99"}, /* and single */
};

/* Where a quoted text that begins at s ends: its length inside, or -1. */
static ssize_t quoted_length(struct str s, const struct quote *q)
{
    size_t open = strlen(q->open);
    size_t close = strlen(q->close);
    for (size_t i = open; i + close <= s.n; i++) {
        if (s.p[i] == '\\' && q->open[0] == '"') {
            i++;
            continue;
        }
        if (memcmp(s.p + i, q->close, close) != 0)
            continue;
        bool word_goes_on = i + close < s.n && isalnum((unsigned char)s.p[i + close]);
        if (q->close[0] != '\'' || !word_goes_on)
            return (ssize_t)(i - open);
    }
    return -1;
}

/* The first line of a fenced block names a language and is none of its text. */
static ssize_t skip_language(struct str s, size_t *open, ssize_t n)
{
    struct str inside = str_sub(s, *open, (size_t)n);
    ssize_t lf = str_index(inside, '\n');
    for (ssize_t i = 0; i < lf; i++)
        if (!isalnum((unsigned char)inside.p[i]))
            return n;
    if (lf < 0)
        return n;
    *open += (size_t)lf + 1;
    return n - lf - 1;
}

static bool take_quoted(struct str s, struct word *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
        const struct quote *q = &quotes[i];
        if (!str_starts(s, q->open))
            continue;
        ssize_t n = quoted_length(s, q);
        if (n < 0)
            continue;
        size_t open = strlen(q->open);
        if (i == 0)
            n = skip_language(s, &open, n);
        *ret = (struct word){.raw = str_sub(s, 0, open + (size_t)n + strlen(q->close)),
                             .text = str_sub(s, open, (size_t)n),
                             .quoted = true};
        return true;
    }
    return false;
}

struct str word_strip_end(struct str s)
{
    while (s.n > 1 && strchr(",;:!?", s.p[s.n - 1]) && s.p[s.n - 1])
        s.n--;
    if (s.n > 1 && s.p[s.n - 1] == '.' && s.p[s.n - 2] != '.' && s.p[s.n - 2] != '/')
        s.n--;
    return s;
}

/* And brackets that were opened or closed by another word. */
static struct str strip_marks(struct str s)
{
    s = word_strip_end(s);
    if (s.n > 1 && s.p[s.n - 1] == ')' && str_index(s, '(') < 0)
        s = word_strip_end(str_sub(s, 0, s.n - 1));
    if (s.n > 1 && s.p[0] == '(' && str_index(s, ')') < 0)
        s = str_sub(s, 1, s.n);
    return s;
}

static bool only_marks(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(",;:!-", s.p[i]) || !s.p[i])
            return false;
    return true;
}

/* "3-5" is two numbers. */
static ssize_t range_dash(struct str s)
{
    ssize_t dash = str_index(s, '-');
    int64_t n;
    if (dash <= 0 || s.n > 20 || !isdigit((unsigned char)s.p[0]) ||
        !str_i64(str_sub(s, 0, (size_t)dash), &n) || (size_t)dash + 1 == s.n ||
        !isdigit((unsigned char)s.p[dash + 1]) || !str_i64(str_sub(s, (size_t)dash + 1, s.n), &n))
        return -1;
    return dash;
}

/* "@src/a.c", "@\"a b.c\"": a file, as consoles name it. */
static bool is_mention(struct str s)
{
    size_t n = 0;
    bool path = s.n > 1 && s.p[1] == '"';
    if (!str_starts(s, "@"))
        return false;
    for (; n < s.n && !(strchr(" \t\r\n", s.p[n]) && s.p[n]); n++)
        path |= s.p[n] == '/' || (s.p[n] == '.' && n + 1 < s.n);
    return path && n > 1;
}

void words_split(struct words *w, struct str prompt)
{
    w->n = 0;
    for (size_t at = 0; at < prompt.n && w->n < OFFLINE_WORDS_MAX;) {
        if (strchr(" \t\r\n", prompt.p[at]) && prompt.p[at]) {
            at++;
            continue;
        }
        struct word word;
        struct str rest = str_sub(prompt, at, prompt.n);
        if (is_mention(rest)) {
            at++;
            rest = str_sub(prompt, at, prompt.n);
        }
        if (!take_quoted(rest, &word)) {
            size_t n = 0;
            while (n < rest.n && !(strchr(" \t\r\n", rest.p[n]) && rest.p[n]))
                n++;
            word = (struct word){.raw = str_sub(rest, 0, n)};
            word.text = strip_marks(word.raw);
            ssize_t dash = range_dash(word.text);
            if (dash > 0 && w->n + 1 < OFFLINE_WORDS_MAX) {
                struct str first = str_sub(word.text, 0, (size_t)dash);
                w->v[w->n++] = (struct word){.raw = first, .text = first};
                word.raw = str_sub(word.raw, (size_t)dash + 1, word.raw.n);
                word.text = str_sub(word.text, (size_t)dash + 1, word.text.n);
                at += (size_t)dash + 1;
            }
        }
        at += word.raw.n;
        if (word.quoted || !only_marks(word.raw))
            w->v[w->n++] = word;
    }
}

/* ---- courtesies ---- */

/* Cut off the front and the end one by one, but never the whole prompt. */
static const char fronts[] =
    "please|can you|could you|would you|will you|kindly|hey|hi|hello|tau|ok|okay|so|now|then|and|"
    "also|just|i want you to|i want to|i need you to|i would like you to|i'd like you to|"
    "i'd like to|i would like to|i need to|let's|let us|go ahead and|you should|for me|well|"
    "alright|can i|could i|can we|quickly|briefly|assistant|dear|show me|tell me|explain to me|"
    "do you know|i'd like|i would like|i want|i need|let me have|i am looking for|i'm looking for|no|yes|actually|oh|hm|right|again|once more|next|first|instead|sir";
static const char backs[] =
    "please|thanks|thank you|for me|now|if you can|if possible|thx|quickly|briefly|then|right now|"
    "will you|would you|ok|okay|again|today|?|.|!|tau|for us|shortly|in short|in brief|a lot";

bool word_is(const struct word *w, struct str s)
{
    return !w->quoted && w->text.n == s.n && strncasecmp(w->text.p, s.p, s.n) == 0;
}

/* How many words the phrase takes at the front of (or, from the back, at the end of) the words. */
static size_t phrase_words(const struct word *v, size_t n, struct str phrase, bool back)
{
    struct str rest = phrase;
    struct str part;
    size_t k = 1;
    for (size_t i = 0; i < rest.n; i++)
        k += rest.p[i] == ' ';
    if (k >= n)
        return 0;
    for (size_t i = back ? n - k : 0; str_split(&rest, ' ', &part); i++)
        if (!word_is(&v[i], part))
            return 0;
    return k;
}

bool words_strip_courtesy(struct words *w)
{
    struct str rest = str_of(fronts);
    struct str phrase;
    while (str_split(&rest, '|', &phrase)) {
        size_t k = phrase_words(w->v, w->n, phrase, false);
        if (k) {
            w->n -= k;
            memmove(w->v, w->v + k, w->n * sizeof(*w->v));
            return true;
        }
    }
    rest = str_of(backs);
    while (str_split(&rest, '|', &phrase)) {
        size_t k = phrase_words(w->v, w->n, phrase, true);
        w->n -= k;
        if (k)
            return true;
    }
    return false;
}

/* ---- lists ---- */

bool list_has(const char *list, struct str word)
{
    struct str rest = str_of(list);
    struct str part;
    while (str_split(&rest, '|', &part))
        if (str_eq(part, word))
            return true;
    return false;
}

struct str list_drop(struct str s, const char *fronts_list, const char *backs_list)
{
    for (bool again = true; again;) {
        struct str rest = str_of(fronts_list);
        struct str part;
        again = false;
        while (str_split(&rest, '|', &part))
            if (s.n > part.n && strncasecmp(s.p, part.p, part.n) == 0) {
                s = str_sub(s, part.n, s.n);
                again = true;
            }
        rest = str_of(backs_list);
        while (str_split(&rest, '|', &part))
            if (s.n > part.n && memcmp(s.p + s.n - part.n, part.p, part.n) == 0) {
                s.n -= part.n;
                again = true;
            }
    }
    return s;
}
