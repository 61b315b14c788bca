/* SPDX-License-Identifier: MIT
 *
 * f_rules: the first line is a command, the others are rules. What may never be allowed by a rule
 * is not, and a rule written out and read again is the same rule.
 */
#include "fuzz/fuzz.h"

#include "policy/command.h"
#include "policy/rule.h"

#include <string.h>

static void check_rule(const struct rule *r, const struct command *c, struct arena *a)
{
    struct buf text = BUF_OWN;
    struct rules again = {0};
    struct err e = ERR_INIT;
    rule_text(r, &text);
    if (text.len <= RULE_BYTES_MAX) {
        TAU_ASSERT(rules_add(&again, buf_view(&text), "t", &e) && again.list.n == 1);
        TAU_ASSERT(again.list.v[0].verdict == r->verdict);
        TAU_ASSERT(!r->pattern == !again.list.v[0].pattern);
        TAU_ASSERT(!r->pattern || strcmp(again.list.v[0].pattern, r->pattern) == 0);
    }
    rules_free(&again);
    buf_free(&text);
    for (size_t i = 0; i < c->n; i++) {
        const struct command_part *part = &c->parts[i];
        if (rule_matches_part(r, part, a) && r->verdict == VERDICT_ALLOW)
            TAU_ASSERT(part->class != COMMAND_RUNS && !part->writes);
    }
    rule_mentioned(r, STR("a $(rm b)"), a);
    rule_matches_path(r, "src/a.c", "src/b.c");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = str_make((const char *)data, n), line;
    struct arena a = ARENA_INIT;
    struct rules rules = {0};
    struct command c;
    /* A root that does not exist: nothing of this machine decides anything. */
    struct path_root root = {.fd = -1, .path = "/nonexistent/ws"};
    struct command_place place = {.root = &root, .cwd = "", .protected_paths = "data", .path = ""};
    if (!str_line(&text, &line))
        return 0;
    command_judge(&place, line, &a, &c);
    TAU_ASSERT(c.parsed ? c.n > 0 : c.n == 0 && c.why && c.risk);
    while (str_line(&text, &line)) {
        struct err e = ERR_INIT;
        if (!rules_add(&rules, line, "fuzz", &e))
            TAU_ASSERT(e.code == ERR_CONFIG || e.code == ERR_TOO_LARGE);
    }
    for (size_t i = 0; i < rules.list.n; i++)
        check_rule(&rules.list.v[i], &c, &a);
    rules_free(&rules);
    arena_free(&a);
    return 0;
}
