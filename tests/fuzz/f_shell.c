/* SPDX-License-Identifier: MIT
 *
 * f_shell: any bytes are a command line. What is understood keeps its promises, and each command of
 * it, read by itself, is the same command.
 */
#include "fuzz/fuzz.h"

#include "base/arena.h"
#include "text/shell.h"

#include <string.h>

static void check_same(const struct shell_command *c, struct arena *a)
{
    struct shell_list list;
    const char *why;
    TAU_ASSERT(shell_parse(c->text, a, &list, &why));
    TAU_ASSERT(list.n == 1 && list.commands[0].n == c->n);
    TAU_ASSERT(list.commands[0].n_redirects == c->n_redirects);
    for (size_t i = 0; i < c->n; i++) {
        TAU_ASSERT(strcmp(list.commands[0].words[i], c->words[i]) == 0);
        TAU_ASSERT(list.commands[0].globs[i] == c->globs[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = str_make((const char *)data, n);
    struct arena a = ARENA_INIT;
    struct shell_list list;
    const char *why = NULL;
    size_t words = 0;
    if (!shell_parse(text, &a, &list, &why)) {
        TAU_ASSERT(why && why[0]);
        arena_free(&a);
        return 0;
    }
    TAU_ASSERT(list.n >= 1 && list.n <= SHELL_COMMANDS_MAX);
    for (size_t i = 0; i < list.n; i++) {
        const struct shell_command *c = &list.commands[i];
        TAU_ASSERT(c->n >= 1 && c->words[0][0] && !c->globs[0] && !c->words[c->n]);
        TAU_ASSERT(c->text.p >= text.p && c->text.p + c->text.n <= text.p + text.n);
        for (size_t r = 0; r < c->n_redirects; r++)
            TAU_ASSERT(c->redirects[r].target && c->redirects[r].fd >= 0);
        words += c->n + c->n_redirects;
        check_same(c, &a);
    }
    TAU_ASSERT(words <= SHELL_WORDS_MAX);
    arena_free(&a);
    return 0;
}
