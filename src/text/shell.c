/* SPDX-License-Identifier: MIT
 *
 * shell: one pass over the bytes. It accepts only what every POSIX shell and bash read alike; at
 * the first thing that could mean something else it stops. Being too strict costs a question to the
 * operator, being too lax runs a program that nobody saw.
 */
#include "text/shell.h"

#include "text/utf8.h"

#include <string.h>

struct parser {
    struct str text;
    size_t at;
    struct arena *arena;
    const char *why;
    struct shell_list list;
    struct shell_command *command; /* the one that is being read */
    char *word;                    /* bytes of the current word */
    size_t words;                  /* in the whole list, redirects included */
};

/* Reserved words, of bash too; they count only where a command begins. */
static const char *const control_words[] = {
    "case", "coproc", "do",   "done",   "elif", "else",  "esac",  "fi", "for", "function",
    "if",   "in",     "then", "select", "time", "until", "while", "[[", "]]",  "!",
};

static bool stop(struct parser *p, const char *why)
{
    if (!p->why)
        p->why = why;
    return false;
}

static int peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->text.n ? (unsigned char)p->text.p[p->at + ahead] : -1;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* Does this byte end an unquoted word? */
static bool ends_word(int c)
{
    return c < 0 || is_blank(c) || c == '\n' || strchr("|&;<>()", c) != NULL;
}

/* ---- words ---- */

/* Why an unquoted byte is not taken as it stands, or NULL. */
static const char *refuse(int c, size_t len)
{
    static const struct {
        char c;
        const char *why;
    } rows[] = {
        {'$', "an expansion ($)"}, {'`', "a substitution (`)"},  {'{', "a brace"},
        {'}', "a brace"},          {'!', "an exclamation mark"}, {'\\', "an escaped newline"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].c == c)
            return rows[i].why;
    if (c == '#' && len == 0)
        return "a comment";
    return NULL;
}

/* "{}" is a word of its own, to every shell; any other brace may be expanded or be reserved. */
static bool empty_braces(const struct parser *p, int c, size_t len)
{
    if (c == '{')
        return peek(p, 1) == '}';
    return c == '}' && len > 0 && p->text.p[p->at - 1] == '{';
}

static const char *refuse_here(const struct parser *p, int c, size_t len)
{
    if (empty_braces(p, c, len))
        return NULL;
    const char *why = refuse(c, len);
    if (why)
        return why;
    /* Shells expand it at the start of a word; bash also in what looks like an assignment. */
    if (c == '~' && (len == 0 || strchr("=:", p->text.p[p->at - 1])))
        return "a home directory (~)";
    return NULL;
}

static bool read_single(struct parser *p, size_t *len)
{
    ssize_t n = str_index(str_sub(p->text, p->at + 1, p->text.n), '\'');
    if (n < 0)
        return stop(p, "a quote that does not end");
    memcpy(p->word + *len, p->text.p + p->at + 1, (size_t)n);
    *len += (size_t)n;
    p->at += (size_t)n + 2;
    return true;
}

static bool read_double(struct parser *p, size_t *len)
{
    for (p->at++;; p->at++) {
        int c = peek(p, 0);
        if (c < 0)
            return stop(p, "a quote that does not end");
        if (c == '$')
            return stop(p, "an expansion ($)");
        if (c == '`')
            return stop(p, "a substitution (`)");
        if (c == '\\' && peek(p, 1) == '\n')
            return stop(p, "an escaped newline");
        if (c == '\\' && peek(p, 1) > 0 && strchr("\"\\$`", peek(p, 1))) {
            p->at++; /* before anything else the backslash stays */
            c = peek(p, 0);
        } else if (c == '"') {
            p->at++;
            return true;
        }
        p->word[(*len)++] = (char)c;
    }
}

/* Reads one word. *ret_globs: the shell may put other words in its place; *ret_bare: no quotes. */
static bool read_word(struct parser *p, const char **ret_word, bool *ret_globs, bool *ret_bare)
{
    size_t len = 0, start = p->at;
    bool globs = false, bare = true;
    for (int c; !ends_word(c = peek(p, 0));) {
        if (c == '\'' || c == '"') {
            bare = false;
            if (!(c == '"' ? read_double : read_single)(p, &len))
                return false;
            continue;
        }
        if (c == '\\' && peek(p, 1) >= ' ' && peek(p, 1) < 0x7f) {
            bare = false;
            p->word[len++] = (char)peek(p, 1);
            p->at += 2;
            continue;
        }
        const char *why = refuse_here(p, c, p->at - start);
        if (why)
            return stop(p, why);
        globs |= c == '*' || c == '?' || c == '[';
        p->word[len++] = (char)c;
        p->at++;
    }
    /* "[" alone is the program, not a pattern. */
    *ret_globs = globs && !(len == 1 && p->word[0] == '[');
    *ret_bare = bare;
    *ret_word = arena_strndup(p->arena, p->word, len);
    return p->at > start || stop(p, "an operator without a word");
}

static bool count_word(struct parser *p)
{
    return p->words++ < SHELL_WORDS_MAX || stop(p, "too many words");
}

/* ---- redirects ---- */

/* Is there a redirect here, perhaps with digits before it? */
static bool at_redirect(const struct parser *p)
{
    size_t n = 0;
    while (is_digit(peek(p, n)))
        n++;
    return peek(p, n) == '<' || peek(p, n) == '>';
}

static bool read_descriptor(struct parser *p, int *ret_fd)
{
    *ret_fd = -1;
    if (!is_digit(peek(p, 0)))
        return true;
    *ret_fd = peek(p, 0) - '0';
    p->at++;
    /* To some shells "10>x" is the word 1 or 10 and then a redirect. */
    return !is_digit(peek(p, 0)) || stop(p, "a descriptor of more than one digit");
}

static bool is_descriptor(const char *word)
{
    size_t n = strspn(word, "0123456789");
    return (n > 0 && word[n] == '\0') || strcmp(word, "-") == 0;
}

static bool read_redirect(struct parser *p)
{
    struct shell_redirect r = {0};
    if (!read_descriptor(p, &r.fd) || !count_word(p))
        return false;
    int c = peek(p, 0), next = peek(p, 1);
    r.write = c == '>';
    if (r.fd < 0)
        r.fd = r.write ? 1 : 0;
    p->at++;
    if (c == '<' && (next == '<' || next == '>'))
        return stop(p, next == '<' ? "a here-document" : "a file opened both ways (<>)");
    if (next == '(')
        return stop(p, "a process substitution");
    r.dup = next == '&';
    if (r.dup || (c == '>' && (next == '>' || next == '|')))
        p->at++;
    while (is_blank(peek(p, 0)))
        p->at++;
    bool bare;
    if (!read_word(p, &r.target, &r.globs, &bare))
        return false;
    if (r.dup && !is_descriptor(r.target))
        return stop(p, "a file behind >&");
    p->command->redirects[p->command->n_redirects++] = r;
    return true;
}

/* ---- commands ---- */

static bool is_control(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(control_words); i++)
        if (strcmp(control_words[i], word) == 0)
            return true;
    return false;
}

static bool check_program(struct parser *p, const char *word, bool globs, bool bare)
{
    if (!word[0])
        return stop(p, "a program without a name");
    if (globs)
        return stop(p, "a program named by a pattern");
    if (strchr(word, '='))
        return stop(p, "an assignment");
    if (bare && is_control(word))
        return stop(p, "a control word");
    return true;
}

/* How many words and redirects a command can have at most: every one takes a byte of the source
 * and, all but the first, one before it or an operator. */
static size_t room(const struct parser *p)
{
    size_t bytes = p->text.n - p->at;
    return MIN(bytes, (size_t)SHELL_WORDS_MAX - MIN(p->words, (size_t)SHELL_WORDS_MAX)) + 1;
}

static bool read_command(struct parser *p)
{
    if (p->list.n == SHELL_COMMANDS_MAX)
        return stop(p, "too many commands");
    struct shell_command *c = p->command = &p->list.commands[p->list.n++];
    size_t most = room(p), start = p->at, end = p->at;
    c->words = arena_array(p->arena, most + 1, sizeof(*c->words));
    c->globs = arena_array(p->arena, most, sizeof(*c->globs));
    c->redirects = arena_array(p->arena, most, sizeof(*c->redirects));
    for (;;) {
        while (is_blank(peek(p, 0)))
            p->at++;
        int next = peek(p, 0);
        bool redirect = at_redirect(p);
        if (!redirect && ends_word(next))
            break;
        if (redirect) {
            if (!read_redirect(p))
                return false;
        } else {
            bool bare;
            if (!count_word(p) || !read_word(p, &c->words[c->n], &c->globs[c->n], &bare))
                return false;
            if (c->n == 0 && !check_program(p, c->words[0], c->globs[0], bare))
                return false;
            c->n++;
        }
        end = p->at;
    }
    c->text = str_make(p->text.p + start, end - start);
    return c->n > 0 || stop(p, "a command without a program");
}

static void skip_blank_lines(struct parser *p)
{
    while (is_blank(peek(p, 0)) || peek(p, 0) == '\n')
        p->at++;
}

/* Reads what stands between two commands. *ret_must: a command has to follow;
 * *ret_may: one may. */
static bool read_operator(struct parser *p, bool *ret_must, bool *ret_may)
{
    int c = peek(p, 0), next = peek(p, 1);
    *ret_must = false;
    *ret_may = true;
    if (c < 0) {
        *ret_may = false;
        return true;
    }
    if (c == '(' || c == ')')
        return stop(p, "a parenthesis");
    if (c == '&' && next != '&')
        return stop(p,
                    next == '>' ? "a redirect of both outputs (&>)" : "a background command (&)");
    if (c == '|' && next == '&')
        return stop(p, "a pipe of both outputs (|&)");
    if (c == ';' && (next == ';' || next == '&'))
        return stop(p, "a control word (;;)");
    *ret_must = c == '&' || c == '|';
    p->at += c == '&' || (c == '|' && next == '|') ? 2 : 1;
    return true;
}

static bool read_list(struct parser *p)
{
    bool must = true, may = true;
    while (may) {
        skip_blank_lines(p);
        if (p->at == p->text.n && p->list.n == 0)
            return stop(p, "nothing to run");
        if (p->at == p->text.n)
            return !must || stop(p, "nothing behind an operator");
        if (!read_command(p) || !read_operator(p, &must, &may))
            return false;
    }
    return true;
}

static bool check_bytes(struct parser *p)
{
    for (size_t i = 0; i < p->text.n; i++) {
        unsigned char c = (unsigned char)p->text.p[i];
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f)
            return stop(p, "a control character");
    }
    return utf8_valid(p->text) || stop(p, "invalid UTF-8");
}

bool shell_parse(struct str text, struct arena *a, struct shell_list *ret_list,
                 const char **ret_why)
{
    struct parser p = {.text = text, .arena = a};
    p.word = arena_new(a, text.n + 1);
    p.list.commands = arena_array(a, SHELL_COMMANDS_MAX, sizeof(*p.list.commands));
    if (!check_bytes(&p) || !read_list(&p)) {
        *ret_why = p.why;
        return false;
    }
    *ret_list = p.list;
    return true;
}
