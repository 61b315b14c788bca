/* SPDX-License-Identifier: MIT
 *
 * f_script: any text as a script. What is refused says where; what is read has only what the limits
 * allow.
 */
#include "fuzz/fuzz.h"

#include "model/request.h"
#include "model/script_file.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

static void look(const struct script_step *step)
{
    TAU_ASSERT(step->n <= SCRIPT_ITEMS_MAX);
    for (size_t i = 0; i < step->n; i++) {
        const struct script_item *item = &step->items[i];
        TAU_ASSERT(item->delay_ms >= 0 && item->delay_ms <= SCRIPT_DELAY_MAX);
        TAU_ASSERT(item->n >= 0 && item->n <= SCRIPT_REPEAT_MAX);
        TAU_ASSERT(item->kind != SCRIPT_CALL || item->text.p);
        TAU_ASSERT(item->kind != SCRIPT_FAIL || item->fail.code != ERR_NONE);
        TAU_ASSERT(i + 1 == step->n || (item->kind != SCRIPT_FINISH && item->kind != SCRIPT_STALL));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct arena a = ARENA_INIT;
    struct str text = str_make((const char *)data, n);
    struct script_lines lines;
    struct request request;
    bool ok = script_split(text, "f", &lines, &e);
    for (size_t i = 0; ok && i < lines.n; i++) {
        struct script_step step;
        if (script_read(&lines.v[i], "f", &a, &step, &e))
            look(&step);
        else
            TAU_ASSERT(e.code == ERR_INVALID && strncmp(e.message, "f:", 2) == 0 &&
                       utf8_valid(str_of(e.message)));
        arena_reset(&a);
    }
    free(lines.v);
    /* The scanner of requests stays inside any text. */
    if (request_scan(&request, text, &e))
        for (size_t i = 0; i < request.messages.n; i++)
            TAU_ASSERT(request.messages.v[i].json.p[0] == '{');
    request_free(&request);
    arena_free(&a);
    return 0;
}
