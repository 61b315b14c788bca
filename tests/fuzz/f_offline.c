/* SPDX-License-Identifier: MIT
 *
 * f_offline: a whole turn of the rule-based assistant. The input is the prompt, then the texts of
 * the results, with a zero byte between; they are given again in turn when the rules want more. A
 * text that begins with "error:" is a failed call. Every turn ends in an answer that says who gives
 * it.
 */
#include "fuzz/fuzz.h"

#include "model/offline.h"
#include "text/utf8.h"
#include "json/json.h"

#include <string.h>

enum { TEXTS_MAX = 8, MOVES_MAX = OFFLINE_RESULTS_MAX + 2 };

/* As JSON would hand it on: valid UTF-8. */
static struct str clean(struct arena *a, struct str s)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    utf8_clean(&b, s);
    return str_make(arena_strndup(a, buf_cstr(&b), b.len), b.len);
}

static void split_input(struct offline_turn *t, struct str text)
{
    ssize_t at = str_find(text, STR("\x01"));
    t->prompt = at < 0 ? text : str_sub(text, 0, (size_t)at);
    t->input = at < 0 ? STR_NULL : str_sub(text, (size_t)at + 1, text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a = ARENA_INIT;
    struct str rest = str_make((const char *)data, n);
    struct str texts[TEXTS_MAX], prompt = STR("");
    size_t n_texts = 0, used = 0;
    struct offline_result results[OFFLINE_RESULTS_MAX];
    struct offline_turn turn = {.a = &a, .results = results};
    if (str_split(&rest, '\0', &prompt))
        while (n_texts < TEXTS_MAX && str_split(&rest, '\0', &texts[n_texts]))
            n_texts++;
    split_input(&turn, clean(&a, prompt));
    for (int i = 0; i < MOVES_MAX; i++) {
        struct offline_move m = {.a = &a};
        struct err e = ERR_INIT;
        offline_decide(&turn, &m);
        TAU_ASSERT(m.n_calls <= OFFLINE_CALLS_MAX);
        TAU_ASSERT(m.n_calls || str_find(buf_view(&m.text), STR("not by a language model")) > 0);
        TAU_ASSERT(utf8_valid(buf_view(&m.text)));
        size_t calls = m.n_calls;
        for (size_t k = 0; k < calls && turn.n_results < OFFLINE_RESULTS_MAX; k++) {
            struct json *args = json_parse(str_of(m.calls[k].arguments), &e);
            TAU_ASSERT(args);
            json_free(args);
            struct str text = n_texts ? clean(&a, texts[used++ % n_texts]) : STR("");
            results[turn.n_results++] =
                (struct offline_result){.tool = str_of(m.calls[k].tool),
                                        .arguments = str_of(m.calls[k].arguments),
                                        .text = text,
                                        .is_error = str_starts(text, "error:")};
        }
        buf_free(&m.text);
        if (calls == 0)
            break;
        TAU_ASSERT(i + 1 < MOVES_MAX);
    }
    arena_free(&a);
    return 0;
}
