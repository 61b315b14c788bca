/* SPDX-License-Identifier: MIT
 *
 * The console on a real terminal: what is seen, what is written to it, how it is left behind.
 */
#include "lib/test.h"

#include "lib/vt.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static char demo[4096];

static struct vt *start(int w, int h)
{
    const char *argv[] = {demo, NULL};
    struct vt *v = vt_start(argv, NULL, w, h);
    vt_expect(v, w >= 40 && h >= 8 ? "local/demo" : "too small");
    return v;
}

static bool same_modes(struct termios a, struct termios b)
{
    /* Not as bytes: there is padding before the speeds. */
    return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag &&
           a.c_lflag == b.c_lflag && a.c_ispeed == b.c_ispeed && a.c_ospeed == b.c_ospeed &&
           memcmp(a.c_cc, b.c_cc, sizeof(a.c_cc)) == 0;
}

/* It ended so, and the terminal is as it was. */
static void ended_well(struct vt *v, struct termios before, int status)
{
    assert_int_equal(vt_end(v), status);
    assert_false(vt_alternate(v));
    assert_true(vt_cursor_visible(v));
    assert_true(same_modes(before, vt_termios(v)));
    vt_free(v);
}

static void test_ask_and_answer(void **state)
{
    (void)state;
    const char *argv[] = {demo, "--exit", "7", NULL};
    struct vt *v = vt_start(argv, NULL, 80, 24);
    struct termios before = vt_before(v);
    vt_expect(v, "Ask for something.");
    assert_true(vt_alternate(v));
    vt_send(v, "hello \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81");
    vt_expect(v, " > hello \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81");
    int x, y;
    vt_cursor(v, &x, &y);
    assert_int_equal(x, 3 + 6 + 4 + 2);
    assert_int_equal(y, 22);
    vt_send(v, "\r");
    vt_expect(v, "You said: hello \xe6\x97\xa5\xe6\x9c\xac e\xcc\x81");
    vt_send(v, ":q\r");
    ended_well(v, before, 7 << 8);
}

static void test_approve(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    struct termios before = vt_termios(v);
    vt_send(v, "please ask\r");
    vt_expect(v, "rule: mode ask");
    vt_expect(v, "+int b;");
    vt_send(v, "yy"); /* in one read: text, whatever the time */
    vt_expect(v, " > yy");
    vt_send(v, "\x15");
    vt_expect(v, "y once");
    vt_pump(v, 450);
    vt_send(v, "y");
    vt_expect(v, "2 lines"); /* it ran */
    vt_send(v, "\x1b[21~");  /* F10 */
    assert_int_equal(WIFEXITED(vt_end(v)), 1);
    assert_false(same_modes(before, vt_termios(v))); /* raw then, not now */
    vt_free(v);
}

static void test_reject(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    vt_send(v, "please ask\r");
    vt_expect(v, "rule: mode ask");
    vt_send(v, ":reject too risky for today\r");
    vt_expect(v, "the operator said no");
    vt_send(v, ":q\r");
    assert_int_equal(vt_end(v), 0);
    vt_free(v);
}

static void test_interrupt(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    vt_send(v, "slow one\r");
    vt_expect(v, "Esc stop");
    vt_send(v, "and then this\x1b\r"); /* Alt-Enter */
    vt_expect(v, "1 queued");
    vt_send(v, "\x1b");
    vt_expect(v, "stopped by operator");
    vt_expect(v, "You said: and then this"); /* the queued one went on */
    vt_send(v, "\x03");
    vt_expect(v, "nothing runs");
    vt_send(v, "\x03");
    vt_expect(v, "leave tau?");
    vt_send(v, "\x03");
    assert_int_equal(vt_end(v), 0);
    vt_free(v);
}

static void test_paste(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    vt_send(v, "\x1b[200~first\rsecond\x1b[31m\x1b[201~rm -rf\r");
    vt_expect(v, "second[31mrm -rf");
    assert_false(vt_shows(v, "You said"));
    vt_send(v, "\x1b[A\x1b[Abegin ");
    vt_expect(v, "begin first");
    vt_send(v, "\r");
    vt_expect(v, "You said: begin first");
    vt_free(v);
}

/* Escape sequences of a model are shown, and do nothing. */
static void test_hostile(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    vt_send(v, "be hostile\r");
    vt_expect(v, "^[]0;owned^G^[[2J^[[31mred<U+202E>");
    assert_string_equal(vt_title(v), "");
    assert_true(vt_shows(v, "s:demo"));
    vt_free(v);
}

/* Everything that is written lies between the marks of a frame. */
static void test_whole_frames(void **state)
{
    (void)state;
    struct vt *v = start(100, 30);
    vt_send(v, "stream tool\r");
    vt_expect(v, "You said: stream");
    vt_send(v, "?");
    vt_expect(v, "composer, while nothing is written");
    vt_send(v, "q");
    vt_expect_gone(v, "composer, while nothing is written");
    assert_true(vt_frames(v) > 10);
    assert_int_equal(vt_loose(v), 0);
    vt_free(v);
}

static void test_stream_costs(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    size_t frames = vt_frames(v), bytes = vt_bytes(v);
    vt_send(v, "stream\r"); /* 300 words, a few milliseconds apart */
    vt_expect(v, "You said: stream");
    frames = vt_frames(v) - frames;
    bytes = vt_bytes(v) - bytes;
    print_message("# %zu frames, %zu bytes for 300 pieces\n", frames, bytes);
    assert_true(frames <= 300 / 2); /* pieces share frames */
    vt_free(v);
}

/* A terminal that takes nothing for a while holds nobody up: frames are left out, not piled up. */
static void test_slow_terminal(void **state)
{
    (void)state;
    struct vt *v = start(200, 60);
    size_t bytes = vt_bytes(v);
    vt_send(v, "stream\r");
    vt_expect(v, "Esc stop");
    for (int i = 0; i < 300; i++) /* each repaints all of it */
        vt_send(v, "\x0c");
    vt_pump(v, 0); /* nobody reads; the question is asked all the same */
    vt_send(v, "still there");
    vt_expect(v, "still there");
    vt_expect(v, "You said: stream");
    print_message("# %zu bytes after 300 repaints were asked for\n", vt_bytes(v) - bytes);
    vt_free(v);
}

static void test_resize(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    vt_send(v, "some text");
    vt_expect(v, "some text");
    /* On a busy machine a burst can be torn into several by the scheduler; then it is tried again.
     */
    size_t least = SIZE_MAX;
    for (int attempt = 0; attempt < 8 && least > 2; attempt++) {
        size_t frames = vt_frames(v);
        for (int i = 0; i < 40; i++)
            vt_resize(v, 80 + i, 24 + i % 7);
        vt_resize(v, 61, 15);
        vt_expect(v, "some text");
        vt_pump(v, 150);
        least = vt_frames(v) - frames < least ? vt_frames(v) - frames : least;
    }
    assert_true(least <= 2);
    assert_non_null(strstr(vt_row(v, 13), "some text"));
    vt_resize(v, 30, 5);
    vt_expect(v, "too small (30x5)");
    vt_resize(v, 1, 1);
    vt_pump(v, 100);
    vt_resize(v, 80, 24);
    vt_expect(v, "some text");
    vt_free(v);
}

/* Nothing is written and nothing wakes up while nothing happens. */
static void test_idle(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    vt_pump(v, 100);
    size_t bytes = vt_bytes(v);
    vt_pump(v, 400);
    assert_int_equal(vt_bytes(v), bytes);
    vt_free(v);
}

static void test_refusals(void **state)
{
    (void)state;
    const char *argv[] = {demo, NULL};
    const char *dumb[] = {"TERM=dumb", NULL}, *unknown[] = {"TERM=no-such-terminal", NULL};
    struct vt *v = vt_start(argv, dumb, 80, 24);
    vt_expect(v, "can not move its cursor");
    assert_int_equal(vt_end(v), 2 << 8);
    vt_free(v);
    v = vt_start(argv, unknown, 80, 24);
    vt_expect(v, "is not known");
    assert_int_equal(vt_end(v), 2 << 8);
    vt_free(v);
    const char *shell[] = {"/bin/sh", "-c", "\"$0\" | cat", demo, NULL};
    v = vt_start(shell, NULL, 80, 24);
    vt_expect(v, "needs a terminal");
    vt_free(v);
}

/* Other terminals, no colours, a locale without UTF-8: the same screen. */
static void test_terminals(void **state)
{
    (void)state;
    static const char *const settings[][3] = {
        {"TERM=tmux-256color"},
        {"TERM=screen"},
        {"TERM=linux"},
        {"TERM=vt100"},
        {"TERM=xterm"},
        {"TERM=xterm-newer"},
        {"TERM=newer", "COLORTERM=truecolor"},
        {"NO_COLOR=1"},
        {"LC_ALL=C"},
        {"LC_ALL=C", "LANG=C"},
        {"LINES=5", "COLUMNS=20"},
    };
    const char *argv[] = {demo, NULL};
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        struct vt *v = vt_start(argv, settings[i], 80, 24);
        struct termios before = vt_before(v);
        vt_expect(v, "local/demo");
        vt_send(v, "caf\xc3\xa9 \xe6\x97\xa5");
        vt_expect(v, " > caf\xc3\xa9 \xe6\x97\xa5");
        assert_non_null(strstr(vt_row(v, 23), "Enter send"));
        vt_send(v, "\x15");
        vt_expect(v, ": commands");
        vt_send(v, ":q\r");
        assert_int_equal(vt_end(v), 0);
        assert_true(same_modes(before, vt_termios(v)));
        vt_free(v);
    }
}

/* ---- however it ends ---- */

static pid_t console_of(struct vt *v)
{
    pid_t child = vt_child_of(vt_pid(v));
    assert_true(child > 0);
    return child;
}

static struct vt *start_with_modes(struct termios *ret_before)
{
    const char *argv[] = {demo, NULL};
    struct vt *v = vt_start(argv, NULL, 80, 24);
    *ret_before = vt_before(v);
    vt_expect(v, "local/demo");
    return v;
}

static void test_killed(void **state)
{
    (void)state;
    static const int deadly[] = {SIGKILL, SIGSEGV, SIGABRT, SIGBUS};
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        struct termios before;
        struct vt *v = start_with_modes(&before);
        kill(console_of(v), deadly[i]);
        int status = vt_end(v);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), deadly[i]);
        assert_false(vt_alternate(v));
        assert_true(vt_cursor_visible(v));
        assert_true(same_modes(before, vt_termios(v)));
        vt_free(v);
    }
}

static void test_asked_to_end(void **state)
{
    (void)state;
    struct termios before;
    struct vt *v = start_with_modes(&before);
    kill(vt_pid(v), SIGTERM); /* the guardian passes it on */
    ended_well(v, before, (128 + SIGTERM) << 8);
    v = start_with_modes(&before);
    kill(console_of(v), SIGHUP);
    ended_well(v, before, (128 + SIGHUP) << 8);
}

static void test_guardian_killed(void **state)
{
    (void)state;
    struct termios before;
    struct vt *v = start_with_modes(&before);
    pid_t console = console_of(v);
    kill(vt_pid(v), SIGKILL);
    vt_end(v);
    assert_true(vt_gone(console));
    vt_pump(v, 20);
    assert_false(vt_alternate(v));
    vt_free(v);
}

static void test_terminal_gone(void **state)
{
    (void)state;
    struct vt *v = start(80, 24);
    pid_t console = console_of(v);
    vt_free(v); /* kills the guardian and hangs up */
    assert_true(vt_gone(console));
}

int main(void)
{
    char *path = test_program("tests/pty/console_demo");
    snprintf(demo, sizeof(demo), "%s", path);
    free(path);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask_and_answer), cmocka_unit_test(test_approve),
        cmocka_unit_test(test_reject),         cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_paste),          cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_whole_frames),   cmocka_unit_test(test_stream_costs),
        cmocka_unit_test(test_slow_terminal),  cmocka_unit_test(test_resize),
        cmocka_unit_test(test_idle),           cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_terminals),      cmocka_unit_test(test_killed),
        cmocka_unit_test(test_asked_to_end),   cmocka_unit_test(test_guardian_killed),
        cmocka_unit_test(test_terminal_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
