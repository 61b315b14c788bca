/* SPDX-License-Identifier: MIT
 *
 * glob: a pattern becomes a row of tokens, and a set of places in that row is carried along the
 * path, one character at a time. So the cost is at most the bytes of the pattern times the characters
 * of the path, whatever the pattern, and braces need no expansion. A set and the name of a class are
 * looked for only as far as they may be long, since each '[' begins such a search.
 */
#include "text/glob.h"

#include "text/globprog.h"
#include "text/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    TOKENS_MAX = GLOB_TOKENS_MAX,
    WORDS = (TOKENS_MAX + 1 + 63) / 64,
    NAMED_MAX = 16, /* behind "[:": the name of a class and its end */
};

enum token_type {
    CHAR,  /* this code point */
    ANY,   /* one character but '/' */
    CLASS, /* one of a set, never '/' */
    STAR,  /* any run without '/' */
    DEEP,  /* any run */
    DIRS,  /* nothing, or a run that ends in '/': the DIRS_IN behind it walks */
    DIRS_IN,
    OPEN,      /* of a brace: goes on at every alternative */
    JUMP,      /* the end of an alternative: goes on behind the brace */
    OPEN_NEXT, /* where the next alternative begins */
};

struct glob_token {
    enum token_type type;
    uint32_t cp;    /* CHAR */
    struct str set; /* CLASS: what is between the brackets, without '!' */
    bool negated;   /* CLASS */
    size_t to;      /* OPEN, OPEN_NEXT: next alternative or 0; JUMP: behind the brace */
};

struct compiler {
    struct glob_prog *prog;
    struct str rest;
    bool deep;    /* ** crosses slashes wherever it stands */
    bool segment; /* nothing of this segment of the pattern was read */
    bool full;
    size_t open;       /* the brace's last OPEN or OPEN_NEXT; SIZE_MAX outside */
    bool open_segment; /* what segment was before the brace */
};

static size_t add(struct compiler *c, struct glob_token t)
{
    if (c->prog->tokens.n == TOKENS_MAX) {
        c->full = true;
        return 0;
    }
    VEC_PUSH(&c->prog->tokens, t);
    return c->prog->tokens.n - 1;
}

static bool next_is(const struct compiler *c, size_t at, char ch)
{
    return at < c->rest.n && c->rest.p[at] == ch;
}

static void skip(struct compiler *c, size_t n)
{
    c->rest = str_sub(c->rest, n, c->rest.n);
}

static void add_stars(struct compiler *c)
{
    size_t n = 0;
    while (next_is(c, n, '*'))
        n++;
    bool at_end = n == c->rest.n;
    bool whole = n >= 2 && c->segment && (at_end || next_is(c, n, '/'));
    skip(c, n);
    if (whole && !at_end) {
        add(c, (struct glob_token){.type = DIRS});
        add(c, (struct glob_token){.type = DIRS_IN});
        skip(c, 1);
        c->segment = true;
        return;
    }
    add(c, (struct glob_token){.type = n > 1 && (whole || c->deep) ? DEEP : STAR});
    c->segment = false;
}

/* Length of the "[:name:]" that s begins with, or 0. */
static size_t named_length(struct str s)
{
    if (!str_starts(s, "[:"))
        return 0;
    ssize_t end = str_find(str_sub(s, 2, NAMED_MAX), STR(":]"));
    return end < 0 ? 0 : (size_t)end + 4;
}

/* Length of a set from its '[' to behind its ']', or 0 when it is not closed. */
static size_t class_length(struct str s)
{
    size_t at = 1;
    s = str_sub(s, 0, GLOB_SET_MAX);
    if (at < s.n && (s.p[at] == '!' || s.p[at] == '^'))
        at++;
    for (size_t first = at; at < s.n; at++) {
        if (s.p[at] == ']' && at > first)
            return at + 1;
        if (s.p[at] == '\\')
            at++;
        else
            at += MAX(named_length(str_sub(s, at, s.n)), (size_t)1) - 1;
    }
    return 0;
}

static bool add_class(struct compiler *c)
{
    size_t n = class_length(c->rest);
    if (n == 0)
        return false;
    bool negated = c->rest.p[1] == '!' || c->rest.p[1] == '^';
    struct str set = str_sub(c->rest, negated ? 2 : 1, n - (negated ? 3 : 2));
    add(c, (struct glob_token){.type = CLASS, .set = set, .negated = negated});
    skip(c, n);
    return true;
}

/* Is there a '}' for this '{', with a comma between and no brace inside? */
static bool is_brace(struct str s)
{
    bool comma = false;
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '[')
            i += MAX(class_length(str_sub(s, i, s.n)), (size_t)1) - 1;
        else if (s.p[i] == '}')
            return comma;
        else if (s.p[i] == '{')
            return false;
        comma |= i < s.n && s.p[i] == ',';
    }
    return false;
}

/* Ends an alternative; the last one sends all JUMPs of the brace on to what follows. */
static void end_alternative(struct compiler *c, bool last)
{
    struct glob_token *t;
    size_t jump = add(c, (struct glob_token){.type = JUMP});
    if (!last) {
        size_t open = add(c, (struct glob_token){.type = OPEN_NEXT});
        if (c->full)
            return;
        c->prog->tokens.v[c->open].to = open;
        c->open = open;
        return;
    }
    c->open = SIZE_MAX;
    if (c->full)
        return;
    for (size_t i = jump + 1; i-- > 0;) {
        t = &c->prog->tokens.v[i];
        if (t->type == OPEN)
            break;
        if (t->type == JUMP)
            t->to = jump + 1;
    }
}

static void add_char(struct compiler *c)
{
    size_t bytes;
    uint32_t cp = utf8_next(c->rest, &bytes);
    add(c, (struct glob_token){.type = CHAR, .cp = cp});
    skip(c, bytes);
    c->segment = cp == '/';
}

/* One construct off the front of the pattern. */
static void compile_next(struct compiler *c, bool braces)
{
    bool inside = c->open != SIZE_MAX;
    switch (c->rest.p[0]) {
    case '*':
        add_stars(c);
        return;
    case '?':
        add(c, (struct glob_token){.type = ANY});
        skip(c, 1);
        break;
    case '[':
        if (!add_class(c))
            add_char(c);
        break;
    case '\\':
        if (c->rest.n > 1)
            skip(c, 1);
        add_char(c);
        return;
    case '{':
        if (!braces || inside || !is_brace(c->rest)) {
            add_char(c);
            return;
        }
        c->open = add(c, (struct glob_token){.type = OPEN});
        c->open_segment = c->segment;
        skip(c, 1);
        return;
    case ',':
    case '}':
        if (!inside) {
            add_char(c);
            return;
        }
        end_alternative(c, c->rest.p[0] == '}');
        c->segment = c->rest.p[0] == ',' && c->open_segment;
        skip(c, 1);
        return;
    default:
        add_char(c);
        return;
    }
    c->segment = false;
}

bool glob_compile(struct glob_prog *prog, struct str pattern, enum glob_dialect dialect)
{
    struct compiler c = {.prog = prog,
                         .rest = pattern,
                         .deep = dialect == GLOB_SHELL,
                         .segment = true,
                         .open = SIZE_MAX};
    while (c.rest.n && !c.full)
        compile_next(&c, dialect == GLOB_SHELL);
    return !c.full && c.open == SIZE_MAX;
}

void glob_prog_free(struct glob_prog *prog)
{
    free(prog->tokens.v);
    *prog = (struct glob_prog){0};
}

static bool is_named(struct str name, uint32_t cp)
{
    static const struct {
        const char *name;
        int (*is)(int);
    } rows[] = {
        {"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
        {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
        {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (cp < 0x80 && str_is(name, rows[i].name))
            return rows[i].is((int)cp);
    return false;
}

/* The next character of a set; a backslash quotes. */
static uint32_t class_char(struct str *set)
{
    size_t bytes;
    if (set->p[0] == '\\' && set->n > 1)
        *set = str_sub(*set, 1, set->n);
    uint32_t cp = utf8_next(*set, &bytes);
    *set = str_sub(*set, bytes, set->n);
    return cp;
}

static bool class_has(struct str set, uint32_t cp)
{
    while (set.n) {
        size_t named = named_length(set);
        if (named > 0) {
            if (is_named(str_sub(set, 2, named - 4), cp))
                return true;
            set = str_sub(set, named, set.n);
            continue;
        }
        uint32_t from = class_char(&set), to = from;
        if (set.n > 1 && set.p[0] == '-') {
            set = str_sub(set, 1, set.n);
            to = class_char(&set);
        }
        if (from <= cp && cp <= to)
            return true;
    }
    return false;
}

struct places {
    uint64_t bits[WORDS];
};

static bool place_has(const struct places *p, size_t i)
{
    return p->bits[i / 64] >> (i % 64) & 1;
}

static void place_set(struct places *p, size_t i)
{
    p->bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Adds the places that are reached without taking a character; they all lie behind, so one pass
 * from front to back finds them. */
static void spread(const struct glob_prog *prog, struct places *p)
{
    for (size_t i = 0; i < prog->tokens.n; i++) {
        const struct glob_token *t = &prog->tokens.v[i];
        if (!place_has(p, i))
            continue;
        switch (t->type) {
        case STAR:
        case DEEP:
            place_set(p, i + 1);
            break;
        case DIRS:
            place_set(p, i + 1);
            place_set(p, i + 2);
            break;
        case OPEN:
        case OPEN_NEXT:
            place_set(p, i + 1);
            if (t->to)
                place_set(p, t->to);
            break;
        case JUMP:
            place_set(p, t->to);
            break;
        case CHAR:
        case ANY:
        case CLASS:
        case DIRS_IN:
            break;
        }
    }
}

/* Where a character takes the place i. */
static void take(const struct glob_prog *prog, size_t i, uint32_t cp, struct places *next)
{
    const struct glob_token *t = &prog->tokens.v[i];
    bool go = false, stay = false;
    switch (t->type) {
    case CHAR:
        go = cp == t->cp;
        break;
    case ANY:
        go = cp != '/';
        break;
    case CLASS:
        go = cp != '/' && class_has(t->set, cp) != t->negated;
        break;
    case STAR:
        stay = cp != '/';
        break;
    case DEEP:
        stay = true;
        break;
    case DIRS_IN:
        stay = true;
        go = cp == '/';
        break;
    case DIRS:
    case OPEN:
    case OPEN_NEXT:
    case JUMP:
        break;
    }
    if (go)
        place_set(next, i + 1);
    if (stay)
        place_set(next, i);
}

bool glob_prog_match(const struct glob_prog *prog, struct str path)
{
    struct places now = {{1}};
    spread(prog, &now);
    while (path.n) {
        struct places next = {{0}};
        size_t bytes;
        uint64_t any = 0;
        uint32_t cp = utf8_next(path, &bytes);
        for (size_t i = 0; i < prog->tokens.n; i++)
            if (place_has(&now, i))
                take(prog, i, cp, &next);
        spread(prog, &next);
        for (size_t i = 0; i < WORDS; i++)
            any |= next.bits[i];
        if (!any)
            return false;
        now = next;
        path = str_sub(path, bytes, path.n);
    }
    return place_has(&now, prog->tokens.n);
}

bool glob_match(struct str pattern, struct str path)
{
    struct glob_prog prog = {0};
    bool yes = glob_compile(&prog, pattern, GLOB_SHELL) && glob_prog_match(&prog, path);
    glob_prog_free(&prog);
    return yes;
}
