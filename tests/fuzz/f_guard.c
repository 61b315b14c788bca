/* SPDX-License-Identifier: MIT
 *
 * f_guard: the head of a request. Each line is a letter and a value: H Host, O Origin, L Content-Length,
 * E Transfer-Encoding, A Authorization, B a line without CR, N what the server is bound to, C where the
 * caller came in. What is let in must be what a slower look, in other words, lets in.
 */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "net/http_guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { PORT = 8787 };

/* "NAME", "NAME:8787", in brackets when it has colons of its own. */
static bool is_at(const char *got, const char *name, struct arena *a)
{
    const char *bare = strchr(name, ':') ? arena_printf(a, "[%s]", name) : name;
    return strcasecmp(got, bare) == 0 || strcasecmp(got, arena_printf(a, "%s:%d", bare, PORT)) == 0;
}

static bool is_own(const char *got, const char *name, struct arena *a)
{
    static const char *const loopback[] = {"127.0.0.1", "localhost", "::1"};
    bool own = name && is_at(got, name, a);
    for (size_t i = 0; name && http_is_loopback(name) && i < ARRAY_LEN(loopback); i++)
        own = own || is_at(got, loopback[i], a);
    return own;
}

static void check_let_in(const struct http_head *h, const char *name, const char *here, struct arena *a)
{
    static const char scheme[] = "http://";
    size_t n = sizeof(scheme) - 1;
    TAU_ASSERT(h->hosts == 1 && !h->bare_lf && h->lengths + h->encodings <= 1);
    if (h->length) {
        int64_t length;
        TAU_ASSERT(str_i64(str_of(h->length), &length) && length >= 0 && length <= HTTP_BODY_MAX);
    }
    if (name)
        TAU_ASSERT(is_own(h->host, name, a) || is_own(h->host, here, a));
    if (h->origin)
        TAU_ASSERT(name && strncmp(h->origin, scheme, n) == 0 &&
                   (is_own(h->origin + n, name, a) || is_own(h->origin + n, here, a)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str rest = str_make((const char *)data, n), line;
    struct arena a = ARENA_INIT;
    struct http_head h = {0};
    const char *name = NULL, *here = NULL;
    while (str_line(&rest, &line)) {
        if (line.n == 0)
            continue;
        const char *value = arena_strndup(&a, line.p + 1, line.n - 1);
        switch (line.p[0]) {
        case 'H':
            h.hosts++;
            h.host = value;
            break;
        case 'L':
            h.lengths++;
            h.length = value;
            break;
        case 'E':
            h.encodings++;
            break;
        case 'O':
            h.origin = value;
            break;
        case 'B':
            h.bare_lf = true;
            break;
        case 'N':
            name = value;
            break;
        case 'C':
            here = value;
            break;
        case 'A': {
            struct str word = http_bearer(value);
            TAU_ASSERT(word.n == 0 || (word.p > value && word.p + word.n <= value + strlen(value)));
            TAU_ASSERT(word.n == 0 || (word.p[0] != ' ' && word.p[word.n - 1] != ' '));
            break;
        }
        default:
            break;
        }
    }
    const struct http_refusal *no = http_guard(&h, name, here, PORT);
    TAU_ASSERT(!no || (no->status >= 400 && no->status < 500 && no->code[0] && no->message[0]));
    if (!no)
        check_let_in(&h, name, here, &a);
    arena_free(&a);
    return 0;
}
