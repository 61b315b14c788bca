/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "policy/sandbox.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;

static void put(const char *name, const char *text)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    char *slash = strrchr(path, '/');
    *slash = '\0';
    OK(fs_mkdirs(path, 0755, &e));
    *slash = '/';
    OK(fs_replace(path, str_of(text), 0644, &e));
}

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char *made = test_tmpdir("sandbox");
    dir = fs_real(made, &e);
    free(made);
    return dir ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

static void test_names(void **state)
{
    (void)state;
    enum sandbox_level level;
    for (int i = 0; i < SANDBOX_LEVEL_COUNT; i++) {
        assert_true(sandbox_level_find(sandbox_level_name((enum sandbox_level)i), &level));
        assert_int_equal(level, i);
    }
    assert_false(sandbox_level_find("bubblewrap", &level));
    assert_false(sandbox_level_find("", &level));
}

static void ask(void *arg)
{
    *(const struct sandbox_caps **)arg = sandbox_probe();
}

static void test_probe(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct thread t[THREADS];
    const struct sandbox_caps *caps[THREADS] = {NULL};
    struct err e = ERR_INIT;
    for (int i = 0; i < THREADS; i++)
        OK(thread_start(&t[i], "probe", 0, ask, &caps[i], &e));
    for (int i = 0; i < THREADS; i++) {
        thread_join(&t[i]);
        assert_ptr_equal(caps[i], sandbox_probe());
    }
    assert_int_equal(caps[0]->bwrap, caps[0]->why_not_bwrap[0] == '\0');
    assert_int_equal(caps[0]->root, geteuid() == 0);
    assert_true(caps[0]->best != SANDBOX_BWRAP || caps[0]->bwrap);
}

static void test_badge(void **state)
{
    (void)state;
    char text[64];
    struct sandbox_profile p = {.workspace = "/x"};
    sandbox_badge(&p, SANDBOX_BWRAP, text, sizeof(text));
    assert_string_equal(text, "bwrap+net-off");
    p.network = p.unix_sockets = true;
    p.read = (const char *const[]){"/a", "/b", NULL};
    p.write = (const char *const[]){"/c", NULL};
    sandbox_badge(&p, SANDBOX_LANDLOCK, text, sizeof(text));
    assert_string_equal(text, "landlock+net+unix+read:2+write:1");
    sandbox_badge(&p, SANDBOX_NONE, text, sizeof(text));
    assert_string_equal(text, "none");
}

/* What is wanted, or the best below it; the error when that is not enough. */
static void test_choose(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum sandbox_level level = SANDBOX_BWRAP;
    struct sandbox_profile p = {.level = SANDBOX_NONE, .required = true, .workspace = dir};
    OK(sandbox_choose(&p, &level, &e));
    assert_int_equal(level, SANDBOX_NONE);
    p.level = SANDBOX_BWRAP;
    p.required = false;
    OK(sandbox_choose(&p, &level, &e));
    assert_int_equal(level, sandbox_probe()->best);
    p.required = true;
    if (sandbox_probe()->best == SANDBOX_BWRAP)
        OK(sandbox_choose(&p, &level, &e));
    else
        FAILS(sandbox_choose(&p, &level, &e), ERR_SANDBOX);
}

static void test_hidden(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum sandbox_level level;
    if (sandbox_probe()->best == SANDBOX_NONE)
        skip();
    put("home/.ssh/id_rsa", "x");
    put("home/.config/nvim/init", "x");
    put("home/.config2/x", "x");
    put("home/project/x", "x");
    CLEANUP(mem_free_p) char *home = fs_join(dir, "home");
    CLEANUP(mem_free_p) char *ssh = fs_join(home, ".ssh");
    CLEANUP(mem_free_p) char *nvim = fs_join(home, ".config/nvim");
    CLEANUP(mem_free_p) char *config2 = fs_join(home, ".config2");
    CLEANUP(mem_free_p) char *project = fs_join(home, "project");
    CLEANUP(mem_free_p) char *link = fs_join(home, "keys");
    assert_int_equal(symlink(ssh, link), 0);
    char *old = mem_strdup(getenv("HOME"));
    setenv("HOME", home, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");

    struct sandbox_profile p = {.level = SANDBOX_LANDLOCK, .workspace = project};
    OK(sandbox_choose(&p, &level, &e));
    p.workspace = config2;
    OK(sandbox_choose(&p, &level, &e));
    p.workspace = nvim; /* tau was started there */
    OK(sandbox_choose(&p, &level, &e));
    p.workspace = ssh;
    FAILS(sandbox_choose(&p, &level, &e), ERR_SANDBOX);
    p.workspace = link; /* by another name */
    FAILS(sandbox_choose(&p, &level, &e), ERR_SANDBOX);
    p.workspace = home; /* Landlock can not take a part away */
    FAILS(sandbox_choose(&p, &level, &e), ERR_SANDBOX);
    p.level = SANDBOX_NONE;
    OK(sandbox_choose(&p, &level, &e));
    if (sandbox_probe()->bwrap) {
        p.level = SANDBOX_BWRAP;
        OK(sandbox_choose(&p, &level, &e));
    }
    p.level = sandbox_probe()->best;
    p.workspace = project;
    p.read = (const char *const[]){nvim, NULL};
    FAILS(sandbox_choose(&p, &level, &e), ERR_SANDBOX);
    p.read = NULL;
    p.write = (const char *const[]){link, NULL};
    FAILS(sandbox_choose(&p, &level, &e), ERR_SANDBOX);
    p.write = (const char *const[]){"/no/such/place", NULL};
    OK(sandbox_choose(&p, &level, &e));
    setenv("HOME", old ? old : "/", 1);
    free(old);
}

/* ---- the seal ---- */

static size_t last_told;

static void told(void *arg, const char *path)
{
    assert_string_equal(path, arg);
    last_told++;
}

/* Exactly this path, and only it, is told. */
static void expect(const struct sandbox_seal *s, char *path)
{
    last_told = 0;
    assert_int_equal(sandbox_seal_check(s, told, path), path ? 1 : 0);
    assert_int_equal(last_told, path ? 1 : 0);
}

static void test_seal(void **state)
{
    (void)state;
    put(".git/hooks/sample", "old");
    put(".git/config", "old");
    CLEANUP(mem_free_p) char *hooks = fs_join(dir, ".git/hooks");
    CLEANUP(mem_free_p) char *config = fs_join(dir, ".git/config");
    CLEANUP(mem_free_p) char *tau = fs_join(dir, ".tau");
    CLEANUP(mem_free_p) char *sample = fs_join(hooks, "sample");
    CLEANUP(mem_free_p) char *link = fs_join(hooks, "link");
    struct sandbox_profile p = {.protect = (const char *const[]){hooks, config, tau, NULL}};
    struct sandbox_seal *s = sandbox_seal_take(&p);
    expect(s, NULL);
    put(".git/config", "new");
    expect(s, config);
    put(".git/config", "old"); /* put back: nothing to tell */
    expect(s, NULL);
    assert_int_equal(chmod(sample, 0755), 0);
    expect(s, hooks);
    assert_int_equal(chmod(sample, 0644), 0);
    assert_int_equal(symlink("x", link), 0);
    expect(s, hooks);
    assert_int_equal(unlink(link), 0);
    put(".git/hooks/more", "");
    expect(s, hooks);
    CLEANUP(mem_free_p) char *more = fs_join(hooks, "more");
    assert_int_equal(unlink(more), 0);
    assert_int_equal(mkdir(tau, 0755), 0); /* it was not there */
    expect(s, tau);
    assert_int_equal(rmdir(tau), 0);
    expect(s, NULL);
    sandbox_seal_free(s);
    sandbox_seal_free(NULL);
}

/* At the limit of files and one past it: the last one counts by size and time. */
static void test_seal_limit(void **state)
{
    (void)state;
    char name[32];
    for (int i = 0; i <= SEAL_FILES_MAX; i++) {
        snprintf(name, sizeof(name), "many/%05d", i);
        CLEANUP(mem_free_p) char *path = fs_join(dir, name);
        if (i == 0)
            put(name, "a");
        else
            assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
    }
    CLEANUP(mem_free_p) char *many = fs_join(dir, "many");
    struct sandbox_profile p = {.protect = (const char *const[]){many, NULL}};
    struct sandbox_seal *s = sandbox_seal_take(&p);
    expect(s, NULL);
    snprintf(name, sizeof(name), "many/%05d", SEAL_FILES_MAX - 1);
    put(name, "x");
    expect(s, many);
    sandbox_seal_free(s);
    s = sandbox_seal_take(&p);
    snprintf(name, sizeof(name), "many/%05d", SEAL_FILES_MAX);
    put(name, "y");
    expect(s, many);
    sandbox_seal_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_badge),
        cmocka_unit_test_setup_teardown(test_choose, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hidden, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seal_limit, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
