/* SPDX-License-Identifier: MIT
 *
 * part: which pieces go out together, and that the deltas and the chunks are the text.
 */
#include "lib/test.h"

#include "agent/part.h"
#include "base/clock.h"
#include "net/gather.h"

#include <string.h>

enum { MS = 1000, BEGIN_US = 5 * MS };

static const struct event_ids ids = {.session = "s", .turn = "t"};
static struct part part;
static struct buf told, kept; /* what the deltas say, and the chunks */
static size_t n_told, n_kept;

static void take(void *ctx, struct event *ev)
{
    (void)ctx;
    if (ev->kind == EV_TURN_TEXT_DELTA) {
        assert_int_equal(EV(ev, turn_text_delta)->offset, (int64_t)told.len);
        assert_true(buf_str(&told, str_of(EV(ev, turn_text_delta)->text)));
        n_told++;
    } else {
        assert_int_equal(ev->kind, EV_TURN_TEXT);
        assert_int_equal(EV(ev, turn_text)->offset, (int64_t)kept.len);
        assert_true(buf_str(&kept, str_of(EV(ev, turn_text)->text)));
        n_kept++;
        assert_true(told.len >= kept.len); /* nobody reads first in the log what was not told */
    }
    event_unref(ev);
}

static const struct sink sink = {.emit = take};

static int setup(void **state)
{
    (void)state;
    clock_freeze(1000, BEGIN_US);
    told = kept = (struct buf)BUF_OWN;
    n_told = n_kept = 0;
    part_begin(&part, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    part_free(&part);
    buf_free(&told);
    buf_free(&kept);
    clock_freeze(-1, -1);
    return 0;
}

static void at(int64_t us)
{
    clock_freeze(1000, BEGIN_US + us);
}

static void add(const char *text)
{
    assert_true(part_add(&part, &sink, &ids, str_of(text)));
}

static void test_quick_pieces_go_together(void **state)
{
    (void)state;
    add("a");
    assert_string_equal(buf_cstr(&told), "a"); /* the first waits for nothing */
    for (int us = 500; us < PART_DELTA_MS * MS; us += 500)
        at(us), add("b");
    assert_int_equal(n_told, 1);
    at(PART_DELTA_MS * MS);
    add("c");
    assert_int_equal(n_told, 2);
    assert_string_equal(buf_cstr(&told), "abbbbbbbbbbbbbbbc");
}

static void test_a_late_piece_goes_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        at(i * 20 * MS), add("late ");
    assert_int_equal(n_told, 5);
}

/* What the net thread brings after a rest is told when it comes, also when the turn woke late for what came
 * before and not for this: nobody wakes again for it. */
static void test_what_was_gathered_does_not_wait(void **state)
{
    (void)state;
    enum { LATE_MS = 4 };
    for (int i = 0; i < 10; i++) {
        at((i * GATHER_MS + (i % 2 == 0 ? LATE_MS : 0)) * MS);
        add("a few words ");
        assert_int_equal(n_told, i + 1);
        assert_int_equal(part_tick(&part, &sink, &ids), 1 + (BEGIN_US + EVENT_CHUNK_MS * MS) / MS);
    }
}

/* The model falls silent behind a piece that waits. */
static void test_silence(void **state)
{
    (void)state;
    assert_true(part_tick(&part, &sink, &ids) == CLOCK_NEVER);
    add("one ");
    at(3 * MS);
    add("two");
    int64_t due_ms = part_tick(&part, &sink, &ids);
    assert_in_range(due_ms, 1 + (BEGIN_US + 3 * MS) / MS, 1 + BEGIN_US / MS + PART_DELTA_MS);
    assert_int_equal(n_told, 1);
    clock_freeze(1000, due_ms * MS);
    due_ms = part_tick(&part, &sink, &ids);
    assert_string_equal(buf_cstr(&told), "one two");
    assert_int_equal(n_kept, 0);
    clock_freeze(1000, due_ms * MS);
    assert_true(part_tick(&part, &sink, &ids) == CLOCK_NEVER);
    assert_string_equal(buf_cstr(&kept), "one two");
    assert_int_equal(n_told, 2);
}

static void test_the_end_keeps_what_waits(void **state)
{
    (void)state;
    add("one ");
    at(1 * MS);
    add("two");
    part_flush(&part, &sink, &ids);
    assert_string_equal(buf_cstr(&told), "one two");
    assert_string_equal(buf_cstr(&kept), "one two");
    part_flush(&part, &sink, &ids);
    assert_int_equal(n_told, 2);
    assert_int_equal(n_kept, 1);
}

/* All at once: as many deltas as chunks, and one for the first piece. */
static void test_burst(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++)
        add("pieces ");
    part_flush(&part, &sink, &ids);
    assert_int_equal(kept.len, 3000 * 7);
    assert_int_equal(told.len, kept.len);
    assert_memory_equal(told.data, part.text.data, told.len);
    assert_memory_equal(kept.data, part.text.data, kept.len);
    assert_true(n_told <= n_kept + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_quick_pieces_go_together, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_late_piece_goes_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_was_gathered_does_not_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_end_keeps_what_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_burst, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
