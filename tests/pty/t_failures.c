/* SPDX-License-Identifier: MIT
 *
 * Every failing row of tests/fake/rows.def in the console on a terminal: the reason and the phase that it
 * shows are the row's, what was said before stays in view, and the next turn can begin. One console has all
 * of them, each in a session of its own.
 */
#include "lib/test.h"

#include "lib/vt.h"

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name, *reason, *phase, *text;
} rows[] = {
#define ROW(name, play, status, reason, phase, requests, text, help) {name, reason, phase, text},
#include "fake/rows.def"
#undef ROW
};

static char *tau, *fake;

/* On a terminal, too: it lives as long as that does. Returns its port. */
static struct vt *start_fake(const char *dir, char *ret_port, size_t size)
{
    char requests[4096];
    snprintf(requests, sizeof(requests), "%s/requests", dir);
    const char *argv[] = {fake, requests, NULL};
    struct vt *v = vt_start(argv, NULL, 80, 24);
    int x = 0, y = 0;
    for (int i = 0; y == 0 && i < VT_DEADLINE_MS / 10; i++) {
        vt_pump(v, 10);
        vt_cursor(v, &x, &y);
    }
    assert_int_equal(y, 1);
    snprintf(ret_port, size, "%s", vt_row(v, 0));
    ret_port[strspn(ret_port, "0123456789")] = '\0';
    return v;
}

static struct vt *start_console(const char *dir, const char *port)
{
    char workspace[4096], home[4096], base[64];
    snprintf(workspace, sizeof(workspace), "%s/work", dir);
    assert_int_equal(mkdir(workspace, 0700), 0);
    snprintf(home, sizeof(home), "HOME=%s", dir);
    snprintf(base, sizeof(base), "http://127.0.0.1:%s/v1", port);
    const char *argv[] = {tau,          "-C", workspace, "--model", "openai/echo", "--provider-max-retries", "1",
                          "--api-base", base, NULL};
    const char *env[] = {home, "OPENAI_API_KEY=sk-test", "TAU_TURNS_WAIT_TIMEOUT=1", "TAU_TURNS_IDLE_TIMEOUT=1", NULL};
    struct vt *v = vt_start(argv, env, 98, 40); /* one pane, wide and high enough for what is said at once */
    vt_expect(v, "openai/echo");
    return v;
}

static void say(struct vt *v, const char *command, const char *name)
{
    char line[200];
    snprintf(line, sizeof(line), ":%s%s\r", command, name);
    vt_send(v, line);
}

static void test_rows(void **state)
{
    (void)state;
    char port[16], text[200];
    char *dir = test_tmpdir("t_failures");
    struct vt *model = start_fake(dir, port, sizeof(port));
    struct vt *v = start_console(dir, port);
    int n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!rows[i].reason[0] || strncmp(rows[i].name, "proxy-", 6) == 0)
            continue;
        print_message("# %s\n", rows[i].name);
        say(v, "new row-", rows[i].name);
        snprintf(text, sizeof(text), "s:row-%s ", rows[i].name);
        vt_expect(v, text);
        say(v, "model openai/", rows[i].name);
        snprintf(text, sizeof(text), " openai/%s", rows[i].name);
        vt_expect(v, text);
        vt_send(v, "hi\r");
        /* Words, as lines are parted where they end. */
        snprintf(text, sizeof(text), "(%s, ", rows[i].reason);
        text[strlen(text) - 1] = '\0';
        vt_expect(v, text);
        snprintf(text, sizeof(text), "%s)", rows[i].phase);
        vt_expect(v, text);
        if (rows[i].text[0])
            vt_expect(v, rows[i].text);
        n++;
    }
    assert_true(n > 30);
    say(v, "new ", "good"); /* and none of them has done harm */
    vt_expect(v, "s:good ");
    say(v, "model ", "openai/echo");
    vt_send(v, "hi\r");
    vt_expect(v, "you said: hi");
    vt_send(v, ":q\r");
    assert_int_equal(vt_end(v), 0);
    vt_free(v);
    vt_free(model);
    free(dir);
}

int main(void)
{
    tau = test_program("tau");
    fake = test_program("tests/fake/model");
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(tau);
    free(fake);
    return failed;
}
