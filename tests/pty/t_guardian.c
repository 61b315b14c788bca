/* SPDX-License-Identifier: MIT
 *
 * The console as a job of a real interactive shell: stopped, continued, killed, and what the shell
 * then sees of its exit and its terminal.
 */
#include "lib/test.h"

#include "lib/vt.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char demo[4096], line[8192];

/* Starts the demo by its path, with what follows it on the line. */
static const char *command(const char *rest)
{
    snprintf(line, sizeof(line), "%s%s\r", demo, rest);
    return line;
}

static struct vt *shell(void)
{
    const char *argv[] = {"/bin/bash", "--norc", "--noprofile", "-i", NULL};
    const char *env[] = {"PS1=ready> ", "HISTFILE=", NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "ready>");
    vt_send(v, "before=$(stty -g)\r");
    return v;
}

static void open_console(struct vt *v)
{
    vt_send(v, command(""));
    vt_expect(v, "local/demo");
    assert_true(vt_alternate(v));
}

/* Says the status of the last command, and whether the terminal is as it was. */
static void expect_status(struct vt *v, const char *status)
{
    vt_send(v, "echo \"[$?]\"; test \"$before\" = \"$(stty -g)\" && echo s''ame\r");
    vt_expect(v, status);
    vt_expect(v, "same");
    assert_false(vt_alternate(v));
    assert_true(vt_cursor_visible(v));
}

static void bye(struct vt *v)
{
    vt_send(v, "exit\r");
    vt_end(v);
    vt_free(v);
}

static pid_t console_of(struct vt *v, pid_t *ret_guardian)
{
    *ret_guardian = vt_child_of(vt_pid(v));
    assert_true(*ret_guardian > 0);
    pid_t console = vt_child_of(*ret_guardian);
    assert_true(console > 0);
    return console;
}

static void test_quit(void **state)
{
    (void)state;
    struct vt *v = shell();
    vt_send(v, command(" --exit 5"));
    vt_expect(v, "local/demo");
    vt_send(v, ":q\r");
    vt_expect(v, "ready>");
    expect_status(v, "[5]");
    bye(v);
}

static void test_stop_and_go_on(void **state)
{
    (void)state;
    struct vt *v = shell();
    open_console(v);
    vt_send(v, "half a sen");
    vt_expect(v, "half a sen");
    for (int i = 0; i < 3; i++) {
        vt_send(v, "\x1a");
        vt_expect(v, "Stopped");
        assert_false(vt_alternate(v));
        vt_send(v, "test \"$before\" = \"$(stty -g)\" && echo s''ame; clear\r");
        vt_expect(v, "ready>");
        vt_send(v, "fg\r");
        vt_expect(v, "half a sen");
        assert_true(vt_alternate(v));
    }
    vt_send(v, "tence");
    vt_expect(v, "half a sentence");
    vt_send(v, "\x15");
    vt_expect(v, "? help");
    vt_send(v, ":q\r");
    vt_expect(v, "ready>");
    expect_status(v, "[0]");
    bye(v);
}

static void test_interrupt_keys(void **state)
{
    (void)state;
    struct vt *v = shell();
    open_console(v);
    vt_send(v, "\x03");
    vt_expect(v, "nothing runs");
    vt_send(v, "\x1c"); /* ^\ is a key like others */
    vt_send(v, "\x03");
    vt_expect(v, "nothing runs");
    vt_send(v, "\x03");
    vt_expect(v, "leave tau?");
    vt_send(v, "\x03");
    vt_expect(v, "ready>");
    expect_status(v, "[0]");
    bye(v);
}

static void test_console_killed(void **state)
{
    (void)state;
    struct vt *v = shell();
    pid_t guardian;
    open_console(v);
    kill(console_of(v, &guardian), SIGKILL);
    vt_expect(v, "Killed");
    expect_status(v, "[137]");
    bye(v);
}

static void test_guardian_killed(void **state)
{
    (void)state;
    struct vt *v = shell();
    pid_t guardian;
    open_console(v);
    pid_t console = console_of(v, &guardian);
    kill(guardian, SIGKILL);
    assert_true(vt_gone(console));
    vt_send(v, "\r");
    vt_expect(v, "ready>");
    vt_send(v, "true\r");
    expect_status(v, "[0]");
    bye(v);
}

/* Only the console was stopped, from outside: the shell must get its terminal back all the same. */
static void test_console_stopped(void **state)
{
    (void)state;
    struct vt *v = shell();
    pid_t guardian;
    open_console(v);
    vt_send(v, "still here");
    vt_expect(v, "still here");
    kill(console_of(v, &guardian), SIGSTOP);
    vt_expect(v, "Stopped");
    assert_false(vt_alternate(v));
    vt_send(v, "fg\r");
    vt_expect(v, " > still here");
    vt_send(v, "\x15");
    vt_expect(v, "? help");
    vt_send(v, ":q\r");
    vt_expect(v, "ready>");
    expect_status(v, "[0]");
    bye(v);
}

/* Started in the background it waits there until it may have the terminal. */
static void test_background(void **state)
{
    (void)state;
    struct vt *v = shell();
    vt_send(v, command(" &"));
    vt_expect(v, "[1]");
    vt_send(v, "wait; clear\r"); /* returns when the job stops */
    vt_expect_gone(v, "[1]");
    vt_send(v, "jobs\r");
    vt_expect(v, "Stopped");
    vt_send(v, "fg\r");
    vt_expect(v, "local/demo");
    vt_send(v, ":q\r");
    vt_expect(v, "ready>");
    expect_status(v, "[0]");
    bye(v);
}

static void test_terminated(void **state)
{
    (void)state;
    struct vt *v = shell();
    pid_t guardian;
    open_console(v);
    console_of(v, &guardian);
    kill(guardian, SIGTERM);
    vt_expect(v, "ready>");
    expect_status(v, "[143]");
    bye(v);
}

static void test_name(void **state)
{
    (void)state;
    struct vt *v = shell();
    pid_t guardian;
    open_console(v);
    console_of(v, &guardian);
    char path[64], name[32] = "";
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)guardian);
    /* It takes its name beside the console that already draws. */
    for (int i = 0; i < 5000 && strcmp(name, "tau-guard\n") != 0; i++) {
        struct pollfd none = {.fd = -1};
        poll(&none, 1, i > 0 ? 2 : 0);
        FILE *f = fopen(path, "re");
        assert_non_null(f);
        assert_non_null(fgets(name, sizeof(name), f));
        fclose(f);
    }
    assert_string_equal(name, "tau-guard\n");
    vt_send(v, ":q\r");
    vt_expect(v, "ready>");
    bye(v);
}

int main(void)
{
    char *path = test_program("tests/pty/console_demo");
    snprintf(demo, sizeof(demo), "%s", path);
    free(path);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quit),
        cmocka_unit_test(test_stop_and_go_on),
        cmocka_unit_test(test_interrupt_keys),
        cmocka_unit_test(test_console_killed),
        cmocka_unit_test(test_guardian_killed),
        cmocka_unit_test(test_console_stopped),
        cmocka_unit_test(test_background),
        cmocka_unit_test(test_terminated),
        cmocka_unit_test(test_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
