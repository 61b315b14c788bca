/* SPDX-License-Identifier: MIT
 *
 * When a key answers a question, at every border of time, and that no typing ever does.
 */
#include "lib/test.h"

#include "base/base.h"
#include "ui/vm/approve.h"

#include <stdio.h>

static const struct approve_question PLAIN = {"app_1", false, true, true};
static const struct approve_question RISKY = {"app_2", true, true, true};
static const struct approve_question NONE = {0};

static enum approve_result press(struct approve *a, uint32_t code, uint8_t mods, bool alone,
                                 bool empty, int64_t now)
{
    struct approve_input in = {
        .key = {code, mods}, .alone = alone, .composer_empty = empty, .word = ""};
    return approve_key(a, &in, now);
}

/* Asked and drawn at 0; nobody ever typed. */
static struct approve asked(const struct approve_question *q)
{
    struct approve a;
    approve_init(&a, -10000);
    approve_ask(&a, q, 0);
    approve_frame(&a, 0);
    return a;
}

static void test_once(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    assert_int_equal(press(&a, 'y', 0, true, true, 400), APPROVE_TAKEN);
    assert_int_equal(approve_deadline(&a), 700);
    assert_int_equal(approve_tick(&a, 699), APPROVE_PASS);
    assert_int_equal(approve_tick(&a, 700), APPROVE_YES);
    assert_int_equal(a.scope, APPROVE_ONCE);
    assert_int_equal(a.state, APPROVE_SENT);
    /* Answered once: nothing more happens until the log says so. */
    assert_int_equal(press(&a, 'y', 0, true, true, 5000), APPROVE_PASS);
    assert_int_equal(approve_tick(&a, 9000), APPROVE_PASS);
}

static void test_not_armed(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    assert_int_equal(press(&a, 'y', 0, true, true, 399), APPROVE_PASS); /* the frame is too new */
    assert_int_equal(press(&a, 'y', 0, true, true, 798), APPROVE_PASS); /* typed 399 ms ago */
    assert_int_equal(press(&a, 'y', 0, true, true, 1198), APPROVE_TAKEN);

    a = asked(&PLAIN);
    assert_int_equal(press(&a, 'y', 0, true, false, 5000), APPROVE_PASS); /* something is written */
    a = asked(&PLAIN);
    assert_int_equal(press(&a, 'y', 0, false, true, 5000), APPROVE_PASS); /* not alone */
    a = asked(&PLAIN);
    assert_int_equal(press(&a, 'y', MOD_CTRL, true, true, 5000), APPROVE_PASS);
    a = asked(&NONE);
    assert_int_equal(press(&a, 'y', 0, true, true, 5000), APPROVE_PASS);
}

static void test_frame_of_another(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    approve_ask(&a, &RISKY,
                5000); /* the first was answered elsewhere; this one was not drawn yet */
    assert_int_equal(press(&a, 'y', 0, true, true, 9000), APPROVE_PASS);
    approve_frame(&a, 9500);
    assert_int_equal(press(&a, 'y', 0, true, true, 9899), APPROVE_PASS);
    assert_int_equal(press(&a, 'y', 0, true, true, 10299), APPROVE_TAKEN);
    approve_ask(&a, &PLAIN, 10300); /* while it was held */
    assert_int_equal(approve_deadline(&a), INT64_MAX);
    assert_int_equal(approve_tick(&a, 20000), APPROVE_PASS);
}

static void test_held_becomes_text(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    press(&a, 'y', 0, true, true, 1000);
    assert_int_equal(press(&a, 'e', 0, true, true, 1299), APPROVE_TEXT);
    assert_int_equal(a.held, 'y');
    assert_int_equal(approve_tick(&a, 5000), APPROVE_PASS);

    a = asked(&PLAIN); /* the loop was late, but the key came before the tick */
    press(&a, 'y', 0, true, true, 1000);
    assert_int_equal(press(&a, 'e', 0, true, true, 1400), APPROVE_TEXT);

    a = asked(&PLAIN);
    press(&a, 'y', 0, true, true, 1000);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1100), APPROVE_TEXT_ONLY);

    a = asked(&PLAIN);
    press(&a, 'y', 0, true, true, 1000);
    assert_int_equal(press(&a, KEY_ESCAPE, 0, true, true, 1100), APPROVE_TAKEN);
    assert_int_equal(approve_tick(&a, 5000), APPROVE_PASS);

    a = asked(&PLAIN);
    press(&a, 'y', 0, true, true, 1000);
    assert_int_equal(approve_other(&a, 1100), APPROVE_TEXT); /* a paste */
    assert_int_equal(approve_tick(&a, 5000), APPROVE_PASS);
}

/* A command that was typed or completed in haste approves nothing by itself. */
static void test_command_wants_enter(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    approve_touch(&a, 1000); /* the Enter of the command */
    assert_int_equal(approve_say(&a, APPROVE_ONCE), APPROVE_TAKEN);
    approve_frame(&a, 1010);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1299), APPROVE_TAKEN);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1300), APPROVE_YES);
    assert_int_equal(a.scope, APPROVE_ONCE);
}

static void test_scope_wants_enter(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    press(&a, 'a', 0, true, true, 1000);
    assert_int_equal(approve_tick(&a, 1300), APPROVE_TAKEN);
    assert_int_equal(a.state, APPROVE_SCOPE);
    /* What it would allow was not drawn yet; then it came with other bytes. */
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1310), APPROVE_TAKEN);
    approve_frame(&a, 1320);
    assert_int_equal(press(&a, KEY_ENTER, 0, false, true, 1330), APPROVE_TAKEN);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1340), APPROVE_YES);
    assert_int_equal(a.scope, APPROVE_SESSION);

    a = asked(&PLAIN);
    press(&a, 'p', 0, true, true, 1000);
    approve_tick(&a, 1300);
    approve_frame(&a, 1300);
    assert_int_equal(press(&a, 'x', 0, true, true, 1400), APPROVE_PASS); /* text; given up */
    assert_int_equal(press(&a, KEY_ENTER, 0, true, false, 1500), APPROVE_PASS);

    struct approve_question bare = {"app_3", false, false, false};
    a = asked(&bare);
    assert_int_equal(press(&a, 'a', 0, true, true, 1000), APPROVE_PASS); /* not offered */
    a = asked(&bare);
    assert_int_equal(press(&a, 'p', 0, true, true, 1000), APPROVE_PASS);
}

static void test_risky_wants_the_word(void **state)
{
    (void)state;
    struct approve_input enter = {.key = {KEY_ENTER, 0}, .alone = true, .composer_empty = true};
    for (int with_scope = 0; with_scope < 2; with_scope++) {
        struct approve a = asked(&RISKY);
        press(&a, with_scope ? 'a' : 'y', 0, true, true, 1000);
        if (with_scope) {
            assert_int_equal(approve_tick(&a, 1300), APPROVE_TAKEN);
            approve_frame(&a, 1300);
            assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 2000), APPROVE_FIELD);
        } else {
            assert_int_equal(approve_tick(&a, 1300), APPROVE_FIELD);
        }
        assert_int_equal(a.state, APPROVE_WORD);
        approve_frame(&a, 2001);
        struct approve b = a, c = a, d = a;
        assert_int_equal(press(&a, 'y', 0, true, true, 2500), APPROVE_EDIT);
        enter.word = "yes";
        enter.alone = true;
        assert_int_equal(approve_key(&a, &enter, 2600), APPROVE_YES);
        assert_int_equal(a.scope, with_scope ? APPROVE_SESSION : APPROVE_ONCE);
        enter.word = "ye";
        assert_int_equal(approve_key(&b, &enter, 2600), APPROVE_BACK);
        enter.word = "yes";
        enter.alone = false; /* "yes\r" in one read */
        assert_int_equal(approve_key(&c, &enter, 2600), APPROVE_BACK_TEXT);
        assert_int_equal(press(&d, 'y', 0, false, true, 2500), APPROVE_BACK_TEXT);
    }
}

static void test_alt_y(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    press(&a, 'h', 0, true, true, 10);
    assert_int_equal(press(&a, 'y', MOD_ALT, true, false, 50), APPROVE_TAKEN);
    assert_int_equal(press(&a, 'y', 0, true, false, 100), APPROVE_TAKEN);
    assert_int_equal(approve_tick(&a, 399), APPROVE_PASS);
    assert_int_equal(approve_tick(&a, 400), APPROVE_YES);

    a = asked(&PLAIN); /* ESC, y, y in one read is no chord */
    press(&a, 'y', MOD_ALT, false, true, 50);
    assert_int_equal(press(&a, 'y', 0, true, false, 100), APPROVE_PASS);

    a = asked(&PLAIN); /* only for the very next key */
    press(&a, 'y', MOD_ALT, true, false, 50);
    press(&a, 'x', 0, true, false, 60);
    assert_int_equal(press(&a, 'y', 0, true, false, 70), APPROVE_PASS);

    struct approve undrawn;
    approve_init(&undrawn, -10000);
    approve_ask(&undrawn, &PLAIN, 0);
    press(&undrawn, 'y', MOD_ALT, true, false, 50);
    assert_int_equal(press(&undrawn, 'y', 0, true, false, 5000), APPROVE_PASS);
}

static void test_later(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    assert_int_equal(press(&a, KEY_ESCAPE, 0, true, true, 1000), APPROVE_TAKEN);
    assert_int_equal(press(&a, 'y', 0, true, true, 5000), APPROVE_PASS);
    assert_int_equal(press(&a, KEY_ESCAPE, 0, true, true, 6000), APPROVE_PASS); /* the turn's */
    press(&a, 'y', MOD_ALT, true, true, 7000);
    assert_int_equal(press(&a, 'y', 0, true, true, 7500), APPROVE_TAKEN);
}

static void test_no_and_arguments(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    press(&a, 'n', 0, true, true, 1000);
    assert_int_equal(approve_tick(&a, 1300), APPROVE_FIELD);
    assert_int_equal(press(&a, 'x', 0, true, true, 1400), APPROVE_EDIT);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1500), APPROVE_NO);

    a = asked(&PLAIN);
    press(&a, 'e', 0, true, true, 1000);
    assert_int_equal(approve_tick(&a, 1300), APPROVE_FIELD);
    approve_frame(&a, 1301);
    assert_int_equal(approve_other(&a, 1350), APPROVE_EDIT); /* pasting into it is fine */
    assert_int_equal(press(&a, KEY_ENTER, 0, false, true, 1400), APPROVE_TAKEN);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1500), APPROVE_YES);
    assert_true(a.with_arguments);

    a = asked(&RISKY);
    press(&a, 'e', 0, true, true, 1000);
    approve_tick(&a, 1300);
    approve_frame(&a, 1301);
    assert_int_equal(press(&a, KEY_ENTER, 0, true, true, 1500), APPROVE_FIELD);
    assert_int_equal(a.state, APPROVE_WORD);
    assert_true(a.with_arguments);

    a = asked(&PLAIN);
    press(&a, 'd', 0, true, true, 1000);
    assert_int_equal(approve_tick(&a, 1300), APPROVE_DIFF);
    assert_int_equal(a.state, APPROVE_ASKS);
}

static void test_refused(void **state)
{
    (void)state;
    struct approve a = asked(&PLAIN);
    press(&a, 'y', 0, true, true, 1000);
    approve_tick(&a, 1300);
    approve_refused(&a, 2000);
    assert_int_equal(a.state, APPROVE_ASKS);
    assert_int_equal(press(&a, 'y', 0, true, true, 2399), APPROVE_PASS);
}

/* ---- fuzz ---- */

static const uint32_t alphabet[] = {'y',           'a',        'p',     'd',   'e', 'n',
                                    's',           ' ',        'Y',     'q',   '1', KEY_ENTER,
                                    KEY_BACKSPACE, KEY_ESCAPE, KEY_TAB, KEY_UP};

struct typist {
    struct approve a;
    size_t written; /* characters in the composer */
    char word[64];
    int64_t now;
    uint64_t seed;
    size_t answers;
};

static void take(struct typist *t, enum approve_result r, uint32_t code)
{
    bool text = code < KEY_FIRST_;
    if (r == APPROVE_YES)
        t->answers++;
    if (r == APPROVE_TEXT || r == APPROVE_TEXT_ONLY)
        t->written++;
    if (r == APPROVE_FIELD || r == APPROVE_BACK || r == APPROVE_BACK_TEXT)
        t->word[0] = '\0';
    size_t n = strlen(t->word);
    if (r == APPROVE_EDIT && text && n + 1 < sizeof(t->word)) {
        t->word[n] = (char)code;
        t->word[n + 1] = '\0';
    }
    if (r == APPROVE_PASS || r == APPROVE_TEXT) {
        if (text)
            t->written++;
        else if (code == KEY_BACKSPACE && t->written > 0)
            t->written--;
        else if (code == KEY_ENTER)
            t->written = 0;
    }
}

static uint64_t draw(struct typist *t, uint64_t n)
{
    return test_random(&t->seed) % n;
}

/* Time passes in small steps, with ticks, frames and questions in between. */
static void pass(struct typist *t, int64_t ms)
{
    int64_t until = t->now + ms;
    while (t->now < until) {
        int64_t step = (int64_t)(1 + draw(t, 40));
        t->now += MIN(step, until - t->now);
        if (draw(t, 4) == 0)
            approve_frame(&t->a, t->now);
        if (draw(t, 30) == 0)
            approve_ask(&t->a, draw(t, 5) == 0 ? &NONE : draw(t, 2) ? &PLAIN : &RISKY, t->now);
        if (t->now < until) /* the key of this instant is looked at before the tick */
            take(t, approve_tick(&t->a, t->now), KEY_UP);
    }
}

static void type_one(struct typist *t, uint32_t code, uint8_t mods)
{
    struct approve_input in = {.key = {code, mods},
                               .alone = draw(t, 8) != 0,
                               .composer_empty = t->written == 0,
                               .word = t->word};
    take(t, approve_key(&t->a, &in, t->now), code);
}

/* Any keys, any questions, gaps below the hold: nothing is ever approved. */
static void test_typing_never_approves(void **state)
{
    (void)state;
    struct typist t = {.seed = test_seed()};
    for (int run = 0; run < 3000; run++) {
        approve_init(&t.a, -100000);
        t.now = (int64_t)draw(&t, 2000);
        t.written = 0;
        t.word[0] = '\0';
        approve_ask(&t.a, draw(&t, 2) ? &PLAIN : &RISKY, 0);
        approve_frame(&t.a, 0);
        size_t keys = 2 + draw(&t, 60);
        for (size_t i = 0; i < keys; i++) {
            bool letters = draw(&t, 2) == 0;
            type_one(&t, alphabet[draw(&t, letters ? 6 : ARRAY_LEN(alphabet))], 0);
            pass(&t, (int64_t)draw(&t, APPROVE_HOLD_MS - 1) + 1);
        }
        pass(&t, 5000); /* and nothing was left waiting */
        assert_int_equal(t.answers, 0);
    }
}

/* With pauses it can happen, so the walk above is one that could have failed. */
static void test_pauses_can_approve(void **state)
{
    (void)state;
    struct typist t = {.seed = test_seed()};
    approve_init(&t.a, -100000);
    for (int i = 0; i < 20000 && t.answers == 0; i++) {
        static const uint32_t few[] = {'y', KEY_ENTER, KEY_BACKSPACE};
        type_one(&t, few[draw(&t, ARRAY_LEN(few))], 0);
        pass(&t, (int64_t)draw(&t, 1500));
    }
    assert_true(t.answers > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_not_armed),
        cmocka_unit_test(test_frame_of_another),
        cmocka_unit_test(test_held_becomes_text),
        cmocka_unit_test(test_command_wants_enter),
        cmocka_unit_test(test_scope_wants_enter),
        cmocka_unit_test(test_risky_wants_the_word),
        cmocka_unit_test(test_alt_y),
        cmocka_unit_test(test_later),
        cmocka_unit_test(test_no_and_arguments),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_typing_never_approves),
        cmocka_unit_test(test_pauses_can_approve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
