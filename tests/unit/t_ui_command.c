/* SPDX-License-Identifier: MIT
 *
 * The tables of commands and keys hold together, and lines become commands.
 */
#include "lib/test.h"

#include "text/utf8.h"
#include "ui/view/view.h"
#include "ui/vm/command.h"

#include <locale.h>

static void test_tables(void **state)
{
    (void)state;
    for (enum command a = CMD_NONE + 1; a < CMD_COUNT; a++) {
        assert_true(command_table[a].name[0] && command_table[a].help[0]);
        assert_true((command_table[a].kind == COMMAND_EDITING) ==
                    (command_table[a].op != EDIT_OPS));
        for (enum command b = a + 1; b < CMD_COUNT; b++)
            assert_string_not_equal(command_table[a].name, command_table[b].name);
    }
    for (size_t i = 0; i < bindings_n; i++) {
        assert_true(bindings[i].command > CMD_NONE && bindings[i].command < CMD_COUNT);
        for (size_t k = i + 1; k < bindings_n; k++) {
            if (bindings[i].context == bindings[k].context &&
                key_eq(bindings[i].key, bindings[k].key))
                fail_msg("bindings %zu and %zu are one key", i, k);
        }
        /* In the composer a letter is text, so only an empty one may have such keys. */
        if (bindings[i].context == CONTEXT_EDIT || bindings[i].context == CONTEXT_ANY ||
            bindings[i].context == CONTEXT_LINE)
            assert_false(key_is_text(bindings[i].key));
    }
}

static enum command parse(const char *line, const char *args)
{
    enum command c = CMD_NONE;
    struct str rest;
    struct err e = ERR_INIT;
    OK(command_parse(str_of(line), &c, &rest, &e));
    if (!str_is(rest, args))
        fail_msg("%s: <%.*s>", line, STR_ARG(rest));
    return c;
}

static void test_parse(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum command c;
    struct str rest;
    assert_int_equal(parse("quit", ""), CMD_QUIT);
    assert_int_equal(parse("  q  ", ""), CMD_QUIT);
    assert_int_equal(parse("h", ""), CMD_HELP);
    assert_int_equal(parse("mode   auto ", "auto"), CMD_MODE);
    assert_int_equal(parse("reject because of this", "because of this"), CMD_REJECT);
    assert_int_equal(parse("row-up", ""), CMD_ROW_UP);
    /* Verbs by their words on the command line and by their other names, before the start of a name. */
    assert_int_equal(parse("session list", ""), CMD_VERB_SESSION_LIST);
    assert_int_equal(parse("config why policy.mode", "policy.mode"), CMD_VERB_CONFIG_WHY);
    assert_int_equal(parse("session work", "work"), CMD_SESSION);
    assert_int_equal(parse("policy strict", "strict"), CMD_POLICY);
    assert_int_equal(parse("stats", ""), CMD_VERB_SESSION_STATS);
    assert_int_equal(parse("jobs", ""), CMD_JOBS); /* the console's own */
    FAILS(command_parse(STR("statz"), &c, &rest, &e), ERR_USAGE);
    assert_non_null(strstr(e.message, "nearest is :stats"));
    FAILS(command_parse(STR("qiut"), &c, &rest, &e), ERR_USAGE);
    assert_non_null(strstr(e.message, "nearest is :quit"));
    FAILS(command_parse(STR("zzzzzzzz"), &c, &rest, &e), ERR_USAGE);
    assert_non_null(strstr(e.message, ":help"));
    CLEANUP(buf_free) struct buf far = BUF_OWN;
    buf_puts(&far, "zz");
    for (int i = 0; i < 20; i++)
        buf_puts(&far, "\xe6\x97\xa5");
    FAILS(command_parse(buf_view(&far), &c, &rest, &e), ERR_USAGE);
    assert_true(utf8_valid(str_of(e.message))); /* no character is cut in two */
    FAILS(command_parse(STR(""), &c, &rest, &e), ERR_USAGE);
    FAILS(command_parse(STR("row"), &c, &rest, &e), ERR_USAGE); /* keys' commands are whole words */
}

static void test_complete(void **state)
{
    (void)state;
    struct name_list l = {0};
    command_complete(STR("mo"), &l);
    assert_true(l.names.n >= 2);
    assert_string_equal(l.names.v[0], "model");
    assert_string_equal(l.names.v[1], "mode");
    name_list_done(&l);
    command_complete(STR("mode"), &l);
    assert_true(l.names.n >= 2);
    assert_string_equal(l.names.v[0], "mode");
    name_list_done(&l);
    command_complete(STR("zzz"), &l);
    assert_int_equal(l.names.n, 0);
    name_list_done(&l);
    command_complete(STR(""), &l);
    size_t said = 0;
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++)
        said += command_table[c].kind == COMMAND_SAY;
    assert_int_equal(l.names.n, said);
    name_list_done(&l);
}

/* Help names every key and every command that can be said. */
static void test_help(void **state)
{
    (void)state;
    struct doc d = DOC_INIT;
    help_make(&d, 100, NULL, 0, true);
    for (size_t i = 0; i < bindings_n; i++) {
        CLEANUP(buf_free) struct buf name = BUF_OWN;
        key_name(bindings[i].key, &name);
        assert_true(str_find(buf_view(&d.text), buf_view(&name)) >= 0);
    }
    for (enum command c = CMD_NONE + 1; c < CMD_COUNT; c++) {
        if (command_table[c].kind == COMMAND_SAY)
            assert_true(str_find(buf_view(&d.text), str_of(command_table[c].name)) >= 0);
    }
    doc_done(&d);
}

static void test_key_names(void **state)
{
    (void)state;
    static const struct {
        struct key key;
        const char *name;
    } rows[] = {
        {{'a', 0}, "a"},
        {{'o', MOD_CTRL}, "^O"},
        {{'y', MOD_ALT}, "Alt-y"},
        {{' ', 0}, "Space"},
        {{KEY_TAB, MOD_SHIFT}, "Shift-Tab"},
        {{KEY_F1, 0}, "F1"},
        {{KEY_F12, MOD_CTRL}, "Ctrl-F12"},
        {{KEY_PAGE_DOWN, 0}, "PgDn"},
        {{KEY_ENTER, MOD_ALT}, "Alt-Enter"},
        {{0xE9, 0}, "\xc3\xa9"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(buf_free) struct buf name = BUF_OWN;
        key_name(rows[i].key, &name);
        assert_string_equal(buf_cstr(&name), rows[i].name);
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),    cmocka_unit_test(test_parse),
        cmocka_unit_test(test_complete),  cmocka_unit_test(test_help),
        cmocka_unit_test(test_key_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
