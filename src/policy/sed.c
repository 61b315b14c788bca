/* SPDX-License-Identifier: MIT
 *
 * sed: a recogniser for harmless scripts.
 */
#include "policy/sed.h"

#include <string.h>

struct script {
    struct str s;
    size_t at;
};

static int peek(const struct script *s)
{
    return s->at < s->s.n ? (unsigned char)s->s.p[s->at] : -1;
}

static void skip(struct script *s, const char *set)
{
    while (peek(s) > 0 && strchr(set, peek(s)))
        s->at++;
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Up to and with the delimiter; a backslash takes the next character along. A newline or the end
 * first: not ours. Whether a delimiter inside of a bracket expression ends the part is read
 * differently by different seds, so that is refused, and so is every bracket whose end is not
 * plain:
 * "[]", "[^]", "[[:". */
static bool skip_delimited(struct script *s, int delimiter)
{
    bool bracket = false;
    for (; peek(s) >= 0 && peek(s) != '\n'; s->at++) {
        int c = peek(s);
        if (c == '[') {
            size_t next = s->at + 1 + (s->at + 1 < s->s.n && s->s.p[s->at + 1] == '^');
            if (bracket || (next < s->s.n && s->s.p[next] == ']'))
                return false;
            bracket = true;
        }
        if (c == '\\') {
            s->at++;
            if (peek(s) < 0 || peek(s) == '\n')
                return false;
            continue;
        }
        if (c == delimiter) {
            if (bracket)
                return false;
            s->at++;
            return true;
        }
        if (c == ']')
            bracket = false;
    }
    return false;
}

/* One address or none. */
static bool skip_address(struct script *s)
{
    if (peek(s) == '$') {
        s->at++;
    } else if (peek(s) == '/') {
        s->at++;
        if (!skip_delimited(s, '/'))
            return false;
        skip(s, "I");
    } else {
        while (is_digit(peek(s)) || peek(s) == '+' || peek(s) == '~')
            s->at++;
    }
    return true;
}

static bool skip_substitution(struct script *s)
{
    int delimiter = peek(s);
    if (delimiter <= 0 || !strchr("/|,:#@%!_", delimiter))
        return false;
    s->at++;
    if (!skip_delimited(s, delimiter) || !skip_delimited(s, delimiter))
        return false;
    skip(s, "gpiI0123456789");
    return true;
}

static bool skip_command(struct script *s)
{
    if (!skip_address(s))
        return false;
    if (peek(s) == ',') {
        s->at++;
        if (!skip_address(s))
            return false;
    }
    skip(s, " !");
    int c = peek(s);
    if (c <= 0 || !strchr("pdq=s", c))
        return false;
    s->at++;
    if (c == 's' && !skip_substitution(s))
        return false;
    skip(s, " ");
    return peek(s) < 0 || peek(s) == ';' || peek(s) == '\n';
}

bool sed_script_reads(struct str script)
{
    struct script s = {.s = script};
    for (;;) {
        skip(&s, " ;\n");
        if (peek(&s) < 0)
            return true;
        if (!skip_command(&s))
            return false;
    }
}

bool sed_reads(const struct shell_command *c, size_t *ret_script)
{
    bool scripted = false;
    *ret_script = 0;
    for (size_t i = 1; i < c->n; i++) {
        const char *word = c->words[i];
        if (c->globs[i] && strchr("-*?[", word[0]))
            return false; /* may become an option or a script */
        if (strcmp(word, "--quiet") == 0 || strcmp(word, "--silent") == 0 ||
            strcmp(word, "--regexp-extended") == 0)
            continue;
        if (strcmp(word, "-e") == 0) {
            if (i + 1 == c->n || c->globs[i + 1] || !sed_script_reads(str_of(c->words[i + 1])))
                return false;
            scripted = true;
            i++;
            continue;
        }
        if (word[0] == '-' && strspn(word + 1, "nErsuz") == strlen(word + 1))
            continue;
        if (word[0] == '-')
            return false;
        if (scripted)
            continue;
        if (c->globs[i] || !sed_script_reads(str_of(word)))
            return false;
        *ret_script = i;
        scripted = true;
    }
    return scripted;
}
