/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "contract/record.h"
#include "contract/states.h"

#include <stdio.h>

static struct rec *entry_make(const char *id, bool open, struct body body)
{
    return rec_new(REC_ENTRY, &(struct rec_entry){.id = id,
                                                  .session = "s",
                                                  .turn = "t",
                                                  .kind = "text",
                                                  .open = open,
                                                  .body = body,
                                                  .n = 1});
}

static void test_copies(void **state)
{
    (void)state;
    char id[] = "part_1";
    struct body body = body_of(STR("hello"));
    struct rec *r = entry_make(id, true, body);
    body_unref(body); /* the record has its own reference */
    id[0] = 'X';
    assert_string_equal(rec_key(r), "part_1");
    assert_string_equal(rec_session(r), "s");
    assert_true(str_is(body_view(REC(r, entry)->body), "hello"));
    struct rec *same = rec_ref(r);
    assert_ptr_equal(same, r);
    rec_unref(r);
    assert_true(str_is(body_view(REC(same, entry)->body), "hello"));
    rec_unref(same);
    rec_unref(NULL);
}

static void test_ended(void **state)
{
    (void)state;
    struct rec *open = entry_make("a", true, BODY_NONE),
               *closed = entry_make("a", false, BODY_NONE);
    struct rec *leased = rec_new(REC_SESSION, &(struct rec_session){.id = "s", .proc = "p"});
    struct rec *idle = rec_new(REC_SESSION, &(struct rec_session){.id = "s"});
    struct rec *error = rec_new(REC_ERROR, &(struct rec_error){.id = "1"});
    assert_false(rec_ended(open));
    assert_true(rec_ended(closed));
    assert_false(rec_ended(leased));
    assert_true(rec_ended(idle));
    assert_true(rec_ended(error));
    assert_null(rec_session(error));
    assert_null(rec_session(idle));
    for (int s = 1; s < STATE_COUNT; s++) {
        const char *name = state_name((enum state_id)s);
        struct rec *turn = rec_new(REC_TURN, &(struct rec_turn){.id = "t", .status = name});
        struct rec *tool = rec_new(REC_TOOL, &(struct rec_tool){.id = "t", .status = name});
        assert_int_equal(rec_ended(turn), state_ended(state_find(MACHINE_TURN, name)));
        assert_int_equal(rec_ended(tool), state_ended(state_find(MACHINE_TOOL, name)));
        rec_unref(turn);
        rec_unref(tool);
    }
    struct rec *all[] = {open, closed, leased, idle, error};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        rec_unref(all[i]);
}

static void test_equal(void **state)
{
    (void)state;
    struct body x = body_of(STR("x")), x2 = body_of(STR("x")), y = body_of(STR("y"));
    struct rec *a = entry_make("a", true, x), *b = entry_make("a", true, x2);
    struct rec *c = entry_make("a", true, y), *d = entry_make("a", false, x);
    struct rec *error = rec_new(REC_ERROR, &(struct rec_error){.id = "a"});
    assert_true(rec_equal(a, b));
    assert_false(rec_equal(a, c));
    assert_false(rec_equal(a, d));
    assert_false(rec_equal(a, error));
    struct rec *all[] = {a, b, c, d, error};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        rec_unref(all[i]);
    body_unref(x);
    body_unref(x2);
    body_unref(y);
}

/* What the rest of the program takes for granted of the table. */
static void test_table(void **state)
{
    (void)state;
    for (int k = 0; k < REC_COUNT; k++) {
        const struct rec_desc *desc = &rec_table[k];
        assert_true(desc->keep > 0);
        assert_true(desc->doc[0] != '\0');
        assert_string_equal(desc->set.fields[0].name, "id");
        assert_int_equal(desc->set.fields[0].offset, 0);
        for (int other = 0; other < k; other++)
            assert_string_not_equal(desc->section, rec_table[other].section);
        for (size_t i = 0; i < desc->set.n; i++) {
            const struct field *f = &desc->set.fields[i];
            char name[64];
            assert_true(f->doc[0] != '\0');
            if (f->type == FIELD_BODY) {
                snprintf(name, sizeof(name), "%s_seq", f->name);
                assert_non_null(field_find(&desc->set, str_of(name)));
            }
            if (strcmp(f->name, "status") == 0)
                assert_int_equal(desc->status, f->offset);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies),
        cmocka_unit_test(test_ended),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
