/* SPDX-License-Identifier: MIT
 *
 * Bytes of a terminal to events: each row is fed at once and byte by byte; then what no byte may
 * do.
 */
#include "lib/test.h"

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "text/utf8.h"
#include "ui/term/input.h"

#include <locale.h>

static struct input *make(void)
{
    struct err e = ERR_INIT;
    struct input *in = input_new("xterm-256color", INPUT_QUIET_MS, &e);
    if (!in)
        fail_msg("%s", e.message);
    return in;
}

/* The events as text: keys by name, a paste in quotes; a blank between. */
static void take(struct input *in, struct buf *out)
{
    struct input_event ev;
    while (input_next(in, &ev)) {
        if (out->len > 0)
            buf_putc(out, ' ');
        if (ev.type == INPUT_KEY)
            key_name(ev.key, out);
        else if (ev.type == INPUT_PASTE)
            buf_printf(out, "\"%.*s\"%s", STR_ARG(ev.paste), ev.cut ? "!" : "");
        else if (ev.type == INPUT_MOUSE)
            buf_printf(out, "%s@%d,%d", ev.button == MOUSE_LEFT ? "left" : ev.button == MOUSE_WHEEL_UP ? "up" : "down",
                       ev.x, ev.y);
        else
            buf_puts(out, ev.type == INPUT_FOCUS_IN ? "in" : "out");
    }
}

static void settle(struct input *in, int64_t *now, struct buf *out)
{
    for (int i = 0; i < 10 && input_deadline(in) != INT64_MAX; i++) {
        *now = input_deadline(in);
        input_quiet(in, *now);
        take(in, out);
    }
    assert_true(input_deadline(in) == INT64_MAX);
}

static void check(const char *bytes, size_t n, size_t step, const char *expected)
{
    struct input *in = make();
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    int64_t now = 1000;
    for (size_t i = 0; i < n; i += step, now++) {
        input_feed(in, str_make(bytes + i, MIN(step, n - i)), now);
        take(in, &out);
    }
    settle(in, &now, &out);
    if (strcmp(buf_cstr(&out), expected) != 0)
        fail_msg("%zu bytes a read: got <%s>, expected <%s>", step, buf_cstr(&out), expected);
    input_free(in);
}

#define ROW(bytes, expected)                                                                       \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, expected                                                         \
    }
static const struct {
    const char *bytes;
    size_t n;
    const char *expected;
} rows[] = {
    ROW("a", "a"),
    ROW("aB1 ", "a B 1 Space"),
    ROW("\r", "Enter"),
    ROW("\n", "^J"),
    ROW("\t", "Tab"),
    ROW("\x7f", "Backspace"),
    ROW("\b", "^H"),
    ROW("\x01\x03\x1a\x1f", "^A ^C ^Z ^_"),
    ROW("\x1b", "Esc"),
    ROW("\x1b\x1b", "Alt-Esc"),
    ROW("\x1by", "Alt-y"),
    ROW("\x1b\r", "Alt-Enter"),
    ROW("\x1b\x7f", "Alt-Backspace"),
    ROW("\x1b[", "Alt-["),
    ROW("\x1b]", "Alt-]"),
    ROW("\x1b_", "Alt-_"),
    ROW("\x1bO", "Alt-O"),
    ROW("\x1bP", "Alt-P"),
    ROW("\x1b[A\x1b[B\x1b[C\x1b[D", "Up Down Right Left"),
    ROW("\x1bOA\x1bOB", "Up Down"),
    ROW("\x1b[1;5C\x1b[1;3D", "Ctrl-Right Alt-Left"),
    ROW("\x1b[H\x1b[F\x1b[1~\x1b[4~", "Home End Home End"),
    ROW("\x1b[5~\x1b[6~\x1b[3~\x1b[2~", "PgUp PgDn Del Ins"),
    ROW("\x1b[Z", "Shift-Tab"),
    ROW("\x1bOP\x1b[21~", "F1 F10"),
    ROW("\x1b[27u", "Esc"),
    ROW("\x1b[99;5u", "^C"),
    ROW("\x1b[13;2u\x1b[13;5u", "Shift-Enter Ctrl-Enter"),
    ROW("\x1b[121;3u", "Alt-y"),
    ROW("\x1b[57399u\x1b[57408u\x1b[57414u\x1b[57419u\x1b[57426u", "0 9 Enter Up Del"),
    ROW("\x1b[57441;2u", ""), /* a shift key on its own */
    ROW("\xc3\xa9", "\xc3\xa9"),
    ROW("\xe6\x97\xa5\xf0\x9f\x98\x80", "\xe6\x97\xa5 \xf0\x9f\x98\x80"),
    ROW("\x1b\xc3\xa9", "Alt-\xc3\xa9"),
    ROW("a\xff\xe6\x97"
        "b\x9b"
        "31mc\xc2\x9b"
        "d\xe6\xc3\xa9",
        "a b 3 1 m c d \xc3\xa9"),
    ROW("\xe6\x97", ""),
    ROW("\x1b[200~hello\x1b[201~", "\"hello\""),
    ROW("\x1b[200~a\rb\r\nc\nd\x1b[201~", "\"a\nb\nc\nd\""),
    ROW("\x1b[200~\x1b[31mx\x03\x7f\x07y\t\x1b[201~", "\"[31mxy\t\""),
    ROW("\x1b[200~\xff\xfe\xc3\xa9\xc2\x9bz\x1b[201~", "\"\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9z\""),
    /* A pasted end mark ends nothing: what follows closely is still paste. */
    ROW("\x1b[200~x\x1b[201~rm -rf\ry\x1b[201~", "\"xrm -rf\ny\""),
    ROW("\x1b[200~x\x1b[201~\r", "\"x\n\""),
    ROW("\x1b[200~a\x1b[201~\x1b[200~b\x1b[201~", "\"ab\""),
    ROW("\x1b[200~\x1b[201~", "\"\""),
    ROW("\x1b[200~never ends", "\"never ends\"!"),
    ROW("\x1b[201~", ""),
    ROW("\x1b[I\x1b[O", "in out"),
    ROW("\x1b[?2026;2$y\x1b[?1;2c\x1b[?1u\x1b[>41;354;0c", ""),
    ROW("\x1b]11;rgb:1e1e/1e1e/1e1e\x07", ""),
    ROW("\x1b]11;rgb:ffff/ffff/ffff\x1b\\x", "x"),
    ROW("\x1bP1+r544e=78\x1b\\\x1b_Gi=1;OK\x1b\\z", "z"),
    ROW("\x1b[48;24;80;0;0t", ""),
    ROW("\x1b[<0;5;6M", "left@4,5"),
    ROW("\x1b[<0;5;6m", ""),
    ROW("\x1b[<64;1;1M\x1b[<65;80;24M", "up@0,0 down@79,23"),
    ROW("\x1b[<68;2;3Ma", "up@1,2 a"), /* with Shift */
    ROW("\x1b[<4;2;3M\x1b[<2;2;3M\x1b[<35;2;3M", ""),
    ROW("\x1b[<0;0;1M\x1b[<0;1M\x1b[<0;1;1;1M\x1b[<M\x1b[<;;M\x1b[<0;99999;1Mb", "b"),
    ROW("\x1b[M !!a", "Space ! ! a"),     /* nobody asked for the mouse: nothing is waited for */
    ROW("\x1b[)P\x1b[+5s\x1b[1$~q", "q"), /* libtermkey would read outside its tables */
    ROW("\x1b[12345678Aq", "q"),
    ROW("\x1b[1;2;3;4;5Aq", "q"),
    ROW("\x1b[97:65;2uq", "q"),
    ROW("\x1b[[A\x1b[[Eq", "F1 F5 q"),
    ROW("\x1b[A\xe6\x97\xa5q", "Up \xe6\x97\xa5 q"),
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check(rows[i].bytes, rows[i].n, rows[i].n, rows[i].expected);
        check(rows[i].bytes, rows[i].n, 1, rows[i].expected);
        check(rows[i].bytes, rows[i].n, 3, rows[i].expected);
    }
}

static struct input_event one(struct input *in)
{
    struct input_event ev;
    assert_true(input_next(in, &ev));
    return ev;
}

static void test_alone(void **state)
{
    (void)state;
    struct input *in = make();
    input_feed(in, STR("y"), 0);
    assert_true(one(in).alone);
    input_feed(in, STR("yy"), 1);
    assert_false(one(in).alone);
    assert_false(one(in).alone);
    input_feed(in, STR("\x1by"), 2);
    assert_true(one(in).alone); /* a chord is one event */
    input_feed(in, STR("y\x1b"), 3);
    assert_false(one(in).alone); /* something else is still on its way */
    input_quiet(in, 3 + INPUT_QUIET_MS);
    one(in);
    input_feed(in, STR("\x1b[Iy"), 50);
    one(in);
    assert_false(one(in).alone);
    input_feed(in, STR("ab\r"), 60);
    assert_false(one(in).last);
    assert_false(one(in).last);
    assert_true(one(in).last);
    input_free(in);
}

static void test_quiet(void **state)
{
    (void)state;
    struct input *in = make();
    struct input_event ev;
    input_feed(in, STR("\x1b"), 100);
    assert_int_equal(input_deadline(in), 100 + INPUT_QUIET_MS);
    input_quiet(in, 100 + INPUT_QUIET_MS - 1);
    assert_false(input_next(in, &ev));
    input_quiet(in, 100 + INPUT_QUIET_MS);
    assert_int_equal(one(in).key.code, KEY_ESCAPE);
    assert_true(input_deadline(in) == INT64_MAX);
    input_free(in);
}

static void fill(struct buf *b, size_t n)
{
    buf_clear(b);
    buf_puts(b, "\x1b[200~");
    buf_fill(b, 'x', n);
    buf_puts(b, "\x1b[201~");
}

static void test_paste_limit(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    static const size_t sizes[] = {INPUT_PASTE_MAX - 6, INPUT_PASTE_MAX - 5, 3 * INPUT_PASTE_MAX};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct input *in = make();
        fill(&b, sizes[i]);
        struct str rest = buf_view(&b);
        for (; rest.n > 0; rest = str_sub(rest, 4096, rest.n))
            input_feed(in, str_sub(rest, 0, 4096), 0);
        input_quiet(in, INPUT_TAIL_MS);
        struct input_event ev = one(in);
        assert_int_equal(ev.type, INPUT_PASTE);
        assert_int_equal(ev.cut, i > 0);
        assert_int_equal(ev.paste.n, MIN(sizes[i], (size_t)INPUT_PASTE_MAX - 6));
        input_feed(in, STR("k"), 100);
        assert_int_equal(one(in).key.code, 'k');
        input_free(in);
    }
}

/* A string that never ends takes no more than its share; then keys are keys again. */
static void test_string_limit(void **state)
{
    (void)state;
    struct input *in = make();
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_puts(&b, "\x1b]52;");
    buf_fill(&b, 'x', INPUT_STRING_MAX - 3);
    input_feed(in, buf_view(&b), 0);
    struct input_event ev;
    assert_false(input_next(in, &ev));
    input_feed(in, STR("x"), 1); /* one past the limit ends it */
    assert_false(input_next(in, &ev));
    input_feed(in, STR("k"), 2);
    assert_int_equal(one(in).key.code, 'k');
    input_free(in);
}

/* Whatever comes: no event has a control character as text, and every paste is clean. */
static void test_anything(void **state)
{
    (void)state;
    static const char *const pieces[] = {"\x1b[200~", "\x1b[201~", "\x1b", "[",    "]",      "O",
                                         "P",         "\x07",      "\r",   "y",    "\x1b\\", "1;",
                                         "~",         "u",         "\xe6", "\x97", "?"};
    uint64_t seed = test_seed();
    struct input *in = make();
    int64_t now = 0;
    for (int i = 0; i < 20000; i++) {
        char bytes[64];
        size_t n = 0;
        for (uint64_t k = test_random(&seed) % 6; k > 0; k--) {
            const char *piece = pieces[test_random(&seed) % ARRAY_LEN(pieces)];
            if (test_random(&seed) % 3 == 0)
                bytes[n++] = (char)test_random(&seed);
            memcpy(bytes + n, piece, strlen(piece));
            n += strlen(piece);
        }
        now += (int64_t)(test_random(&seed) % 60);
        input_quiet(in, now);
        input_feed(in, str_make(bytes, n), now);
        struct input_event ev;
        while (input_next(in, &ev)) {
            if (ev.type == INPUT_KEY)
                assert_true(ev.key.code >= 0x20 && ev.key.code != 0x7F);
            for (size_t c = 0; ev.type == INPUT_PASTE && c < ev.paste.n; c++) {
                unsigned char byte = (unsigned char)ev.paste.p[c];
                assert_true(byte >= 0x20 || byte == '\n' || byte == '\t');
                assert_true(byte != 0x7F);
            }
            if (ev.type == INPUT_PASTE)
                assert_true(utf8_valid(ev.paste));
        }
    }
    input_free(in);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_alone),
        cmocka_unit_test(test_quiet),        cmocka_unit_test(test_paste_limit),
        cmocka_unit_test(test_string_limit), cmocka_unit_test(test_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
