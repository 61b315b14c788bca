/* SPDX-License-Identifier: MIT
 *
 * offline_literal: what is meant as it stands: "!COMMAND" runs in the shell, "call TOOL {...}" calls a
 * tool with these arguments. No rule looks into either.
 */
#include "model/offline_kind.h"
#include "model/offline_words.h"

#include "json/json.h"

enum { LINES_SHOWN = 40 };

bool offline_literal(struct str prompt, struct offline_match *ret)
{
    struct str rest = str_trim(prompt), call, name;
    if (str_starts(rest, "!") && str_trim(str_sub(rest, 1, rest.n)).n > 0) {
        *ret = (struct offline_match){.kind = &offline_run};
        ret->slots[SLOT_REST] = str_trim(str_sub(rest, 1, rest.n));
        ret->quoted[SLOT_REST] = true;
        return true;
    }
    if (!str_split(&rest, ' ', &call) || !str_is(call, "call"))
        return false;
    rest = str_trim(rest);
    if (!str_split(&rest, ' ', &name))
        return false;
    rest = str_trim(rest);
    if (name.n == 0 || !str_starts(rest, "{") || !str_ends(rest, "}"))
        return false;
    *ret = (struct offline_match){.kind = &offline_call_tool};
    ret->slots[SLOT_WORD] = name;
    ret->slots[SLOT_REST] = rest;
    return true;
}

static void call_plan(const struct offline_turn *t, const struct offline_match *match,
                      struct offline_move *m)
{
    char *tool = offline_slot(t->a, match, SLOT_WORD, false);
    struct err e = ERR_INIT;
    if (t->n_results == 0 && !json_check(match->slots[SLOT_REST], JSON_DEPTH_MAX, &e)) {
        offline_say(m, "I called nothing: the arguments of `%s` are no JSON: %s.\n", tool, e.message);
        return;
    }
    if (t->n_results == 0) {
        m->calls[m->n_calls].tool = tool;
        m->calls[m->n_calls++].arguments = offline_slot(t->a, match, SLOT_REST, false);
        return;
    }
    const struct offline_result *r = &t->results[0];
    if (r->is_error)
        offline_say_failed(m, r, arena_printf(t->a, "call `%s`", tool));
    else if (str_trim(r->text).n == 0)
        offline_say(m, "`%s` said nothing.\n", tool);
    else
        kind_say_block(m, r->text, LINES_SHOWN);
}

static const struct offline_pattern patterns[] = {PATTERN_END};

static const char *const examples[] = {"call read {\"path\": \"README.md\"}", NULL};

const struct offline_kind offline_call_tool = {
    .name = "call-tool",
    .help = "call a tool with arguments that you write out",
    .words = "call tool arguments json",
    .examples = examples,
    .patterns = patterns,
    .plan = call_plan,
};
