/* SPDX-License-Identifier: MIT
 *
 * The table of built-in tools: what holds for every row, and bad input to every tool.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "json/jsonw.h"

#include <ctype.h>

static struct tools t;

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "table", PRESET_BALANCED);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static void rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < tool_table_n; i++) {
        const struct tool_desc *d = tool_table[i];
        assert_true(i == 0 || strcmp(tool_table[i - 1]->name, d->name) < 0);
        assert_ptr_equal(tool_find(str_of(d->name)), d);
        for (const char *p = d->name; *p; p++)
            assert_true(islower((unsigned char)*p) || *p == '_');
        assert_true(strlen(d->doc) > 20 && str_ends(str_of(d->doc), "."));
        assert_string_equal(d->args->name, d->name);
        assert_non_null(d->intend);
        assert_non_null(d->run);
        assert_true(d->timeout_ms > 0 || d->effect == TOOL_RUNS);
    }
    assert_null(tool_find(STR("nothing")));
    assert_null(tool_find(STR("rea")));
    assert_null(tool_find(STR("")));
}

/* The names and arguments that callers know, and which of them must be there. */
static void names(void **state)
{
    (void)state;
    static const struct {
        const char *tool, *required, *optional;
    } known[] = {
        {"bash", "command", "cwd timeout_ms background"},
        {"edit", "path", "find replace all edits"},
        {"glob", "pattern", "path max_results"},
        {"grep", "pattern", "path include ignore_case context max_results"},
        {"jobs_cancel", "job_id", ""},
        {"jobs_create", "command", "args cwd env timeout_ms"},
        {"jobs_list", "", "limit status"},
        {"jobs_status", "job_id", "output_preview_bytes"},
        {"ls", "", "path recursive max_depth"},
        {"memory_delete", "memory_id", ""},
        {"memory_read", "memory_id", ""},
        {"memory_search", "query", "memory_type limit"},
        {"memory_tree", "", ""},
        {"memory_write", "summary", "facts tags memory_type importance memory_id"},
        {"read", "path", "offset limit"},
        {"session_search", "query", "role session limit"},
        {"task_create", "", "title titles detail parent"},
        {"task_get", "task_id", ""},
        {"task_list", "", "status"},
        {"task_update", "task_id", "status detail title"},
        {"write", "path content", ""},
    };
    assert_int_equal(tool_table_n, ARRAY_LEN(known));
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        const struct tool_desc *d = tool_find(str_of(known[i].tool));
        assert_non_null(d);
        size_t n = 0;
        for (int optional = 0; optional < 2; optional++) {
            struct str rest = str_of(optional ? known[i].optional : known[i].required), name;
            while (str_split(&rest, ' ', &name)) {
                if (name.n == 0)
                    continue;
                const struct field *f = field_find(d->args, name);
                assert_non_null(f);
                assert_int_equal(f->presence != FIELD_REQ, optional);
                n++;
            }
        }
        assert_int_equal(n, d->args->n);
    }
}

/* The guide has a row for every tool with every argument. */
static void guide(void **state)
{
    (void)state;
    CLEANUP(mem_free_p) char *text = test_read("../docs/tools.md", NULL);
    for (size_t i = 0; i < tool_table_n; i++) {
        const struct field_set *set = tool_table[i]->args;
        CLEANUP(mem_free_p) char *start = mem_printf("\n| `%s` | ", tool_table[i]->name);
        const char *row = strstr(text, start);
        if (!row)
            fail_msg("%s is not in the guide", tool_table[i]->name);
        struct str line = str_of(row + 1);
        line.n = (size_t)str_index(line, '\n');
        for (size_t f = 0; f < set->n; f++) {
            CLEANUP(mem_free_p)
            char *name = mem_printf("`%s`%s", set->fields[f].name,
                                    set->fields[f].presence == FIELD_REQ ? "*" : "");
            if (str_find(line, str_of(name)) < 0)
                fail_msg("%s %s is not in the guide", set->name, name);
        }
    }
}

static void schemas(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    for (size_t i = 0; i < tool_table_n; i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        struct jsonw w = JSONW(&b);
        field_schema(tool_table[i]->args, &w);
        CLEANUP(json_free_p) struct json *j = json_parse(buf_view(&b), &e);
        OK(j);
        assert_string_equal(json_cstr(json_get(j, "type"), ""), "object");
        assert_false(json_bool(json_get(j, "additionalProperties"), true));
        for (size_t f = 0; f < tool_table[i]->args->n; f++) {
            const struct field *field = &tool_table[i]->args->fields[f];
            const struct json *p = json_get(json_get(j, "properties"), field->name);
            assert_string_equal(json_cstr(json_get(p, "description"), ""), field->doc);
        }
    }
}

/* Not JSON, not an object, keys twice, unknown keys, wrong types: the same answer from every tool,
 * before it looks at anything. */
static void bad_arguments(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "nonsense",
        "[]",
        "null",
        "\"path\"",
        "{\"path\":1,\"path\":2}",
        "{",
        "{\"zzz\":1}",
        "{\"a\":1}}",
        "7",
        "{\"path\":{},\"pattern\":[],\"command\":3,"
        "\"job_id\":null,\"limit\":\"x\"}",
        "{\"\":0}",
    };
    for (size_t i = 0; i < tool_table_n; i++)
        for (size_t k = 0; k < ARRAY_LEN(bad); k++) {
            struct err e = ERR_INIT;
            assert_false(tools_call(&t, tool_table[i]->name, bad[k], &e));
            assert_int_equal(e.code, ERR_INVALID);
            assert_true(e.message[0]);
            assert_false(t.intended);
        }
    assert_int_equal(t.n, 0);
}

/* Every tool that could go on for long sees its token and its deadline. */
static void stops(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    static const struct {
        const char *tool, *arguments;
    } calls[] = {
        {"bash", "{\"command\":\"true\"}"},
        {"glob", "{\"pattern\":\"**\"}"},
        {"grep", "{\"pattern\":\"x\"}"},
        {"ls", "{\"recursive\":true}"},
    };
    tools_put(&t, "a", "x\n");
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        t.deadline_ms = CLOCK_NEVER;
        OK(tools_call(&t, calls[i].tool, calls[i].arguments, &e));
        t.deadline_ms = clock_mono_ms();
        FAILS(tools_call(&t, calls[i].tool, calls[i].arguments, &e), ERR_TIMEOUT);
    }
    cancel_fire(t.cancel);
    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        FAILS(tools_call(&t, calls[i].tool, calls[i].arguments, &e), ERR_CANCELLED);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(rows), T(names), T(guide), T(schemas), T(bad_arguments), T(stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
