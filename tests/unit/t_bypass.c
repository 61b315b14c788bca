/* SPDX-License-Identifier: MIT
 *
 * Each bypass of tests/data/bypasses runs for real, as if every question had been answered with
 * yes: in the sandbox that policy gives to commands, at each level that this machine has. Whatever
 * it does, the directories outside of its workspace are the same afterwards, and so is its home.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "policy/launch.h"
#include "policy/policy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SLOTS = 8,          /* commands that run at once */
    DEADLINE_MS = 2000, /* for a command that waits for something that never comes */
    LINES_MAX = 1000,
};

/* One command's world: top/ws, and beside it top/out and top/home. */
struct slot {
    char *top, *ws, *out, *home;
    struct policy *policy;
    char *before; /* what lay outside */
    struct launched launched;
    char *command;
};

static char *data, *lines[LINES_MAX];
static size_t n_lines;
static int null_fd = -1;

/* Without syncs: a workspace is made anew for every command. */
static void put(const char *dir, const char *name, const char *text, mode_t mode)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    assert_true(fd >= 0);
    OK(fs_write_all(fd, str_of(text), &e));
}

static void make_dir(const char *dir, const char *name)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    OK(fs_mkdirs(path, 0755, &e));
}

static void make_link(const char *target, const char *dir, const char *name)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    assert_int_equal(symlink(target, path), 0);
}

/* The workspace as the commands expect it, with programs that do harm when something runs them. */
static void fill_workspace(const struct slot *s)
{
    struct err e = ERR_INIT;
    OK(fs_remove_tree(s->ws, &e));
    make_dir(s->ws, ".git/hooks");
    make_dir(s->ws, ".git/objects");
    make_dir(s->ws, ".git/refs/heads");
    put(s->ws, ".git/HEAD", "ref: refs/heads/main\n", 0644);
    put(s->ws, ".git/config", "[core]\n\tbare = false\n", 0644);
    make_dir(s->ws, "bare/objects");
    make_dir(s->ws, "bare/refs");
    put(s->ws, "bare/HEAD", "ref: refs/heads/main\n", 0644);
    put(s->ws, "bare/config",
        "[core]\n\tbare = false\n\tworktree = .\n\tfsmonitor = ../script.sh\n", 0644);
    make_dir(s->ws, ".tau");
    make_dir(s->ws, "sub");
    make_dir(s->ws, "bin");
    make_link("../out", s->ws, "link-out");
    make_link(".git", s->ws, "link-to-git");
    make_link(".env", s->ws, "settings");
    CLEANUP(mem_free_p)
    char *harm = mem_printf("#!/bin/sh\ntouch %s/x %s/x; rm -f %s/canary; echo x >%s/canary\n",
                            s->out, s->home, s->out, s->home);
    CLEANUP(mem_free_p) char *rule = mem_printf("all:\n\ttouch %s/x\n", s->out);
    put(s->ws, "script.sh", harm, 0755);
    put(s->ws, "ls", harm, 0755);
    put(s->ws, "git", harm, 0755);
    put(s->ws, "bin/cat", harm, 0755);
    put(s->ws, "evil.mk", rule, 0644);
    put(s->ws, "a.txt", "a\n", 0644);
    put(s->ws, ".env", "X=1\n", 0644);
}

static struct slot slot_make(void)
{
    struct err e = ERR_INIT;
    struct slot s = {0};
    CLEANUP(mem_free_p) char *made = test_tmpdir("bypass");
    s.top = fs_real(made, &e);
    assert_non_null(s.top);
    s.ws = fs_join(s.top, "ws");
    s.out = fs_join(s.top, "out");
    s.home = fs_join(s.top, "home");
    make_dir(s.top, "out/deep");
    make_dir(s.top, "home/.ssh");
    put(s.out, "canary", "canary\n", 0644);
    put(s.out, "deep/canary", "canary\n", 0600);
    put(s.home, "canary", "canary\n", 0644);
    put(s.home, ".bashrc", "# canary\n", 0644);
    put(s.home, ".ssh/id_rsa", "canary\n", 0600);
    fill_workspace(&s);
    CLEANUP(mem_free_p) char *state = fs_join(s.top, "state");
    struct policy_config c = {.workspace = s.ws,
                              .state_dir = state,
                              .config_dir = state,
                              .mode = MODE_AUTO,
                              .preset = PRESET_PERMISSIVE,
                              .protected_paths = "",
                              .sandbox_level = "auto"};
    s.policy = policy_new(&c, &e);
    OK(s.policy != NULL);
    return s;
}

static void slot_free(struct slot *s)
{
    struct err e = ERR_INIT;
    policy_free(s->policy);
    OK(fs_remove_tree(s->top, &e));
    free(s->top);
    free(s->ws);
    free(s->out);
    free(s->home);
}

/* ---- what lies outside, as a text ---- */

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void describe(const char *dir, struct buf *out)
{
    struct dirent **entries;
    int n = scandir(dir, &entries, NULL, by_name);
    for (int i = 0; i < n; i++) {
        struct stat st;
        struct err e = ERR_INIT;
        CLEANUP(mem_free_p) char *path = fs_join(dir, entries[i]->d_name);
        bool dots = strcmp(entries[i]->d_name, ".") == 0 || strcmp(entries[i]->d_name, "..") == 0;
        if (!dots && lstat(path, &st) == 0) {
            buf_printf(out, "%s %o %u %u %zu %ld.%09ld %lu\n", path, st.st_mode, st.st_uid,
                       st.st_gid, (size_t)st.st_size, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                       (unsigned long)st.st_nlink);
            if (S_ISREG(st.st_mode))
                OK(fs_read_file(path, out, &e));
            if (S_ISDIR(st.st_mode))
                describe(path, out);
        }
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    else
        buf_printf(out, "%s is gone\n", dir);
}

static char *describe_outside(const struct slot *s)
{
    struct buf out = BUF_OWN;
    describe(s->out, &out);
    describe(s->home, &out);
    return buf_take(&out);
}

/* ---- running ---- */

static char *filled(const struct slot *s, const char *command)
{
    struct buf b = BUF_OWN;
    while (*command) {
        if (strncmp(command, "@OUT@", 5) == 0) {
            buf_puts(&b, s->out);
            command += 5;
        } else if (strncmp(command, "@WS@", 4) == 0) {
            buf_puts(&b, s->ws);
            command += 4;
        } else {
            buf_putc(&b, *command++);
        }
    }
    return buf_take(&b);
}

static void start(struct slot *s, const char *command, enum sandbox_level level)
{
    struct err e = ERR_INIT;
    struct sandbox_profile profile;
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    CLEANUP(mem_free_p) char *home = mem_printf("HOME=%s", s->home);
    const char *env[] = {home, NULL};
    fill_workspace(s);
    policy_sandbox(s->policy, &profile);
    profile.level = level;
    profile.required = true;
    s->before = describe_outside(s);
    s->command = filled(s, command);
    spec.profile = &profile;
    spec.command = s->command;
    spec.env = env;
    spec.out_to = null_fd;
    OK(launch_start(&spec, &s->launched, &e));
}

/* Waits for the end; has it changed anything outside? */
static bool finish(struct slot *s)
{
    struct err e = ERR_INIT;
    struct launch_result r;
    OK(launch_wait(&s->launched, NULL, clock_mono_ms() + DEADLINE_MS, &r, &e));
    if (r.end == LAUNCH_TIMED_OUT)
        print_message("# had to be ended: %s\n", s->command);
    CLEANUP(mem_free_p) char *after = describe_outside(s);
    bool changed = strcmp(s->before, after) != 0;
    if (changed)
        print_message("# before:\n%s# after:\n%s", s->before, after);
    free(s->before);
    return changed;
}

static int setup(void **state)
{
    (void)state;
    size_t n;
    data = test_read("data/bypasses/commands.tsv", &n);
    struct str rest = str_make(data, n), line, verdict, command;
    while (str_line(&rest, &line)) {
        if (line.n == 0 || line.p[0] == '#' || n_lines == LINES_MAX)
            continue;
        assert_true(str_split(&line, '\t', &verdict) && str_split(&line, '\t', &command));
        lines[n_lines++] = mem_strndup(command.p, command.n);
    }
    launch_use_exec(test_program("tau-exec"));
    null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return null_fd < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_lines; i++)
        free(lines[i]);
    free(data);
    close(null_fd);
    return 0;
}

/* Every command at one level, or, when both levels are there and nobody wants everything, those of
 * one half: the other level has the other. */
static void run_all(enum sandbox_level level)
{
    struct slot slots[SLOTS];
    size_t changed = 0, ran = 0;
    bool both = sandbox_probe()->best >= SANDBOX_BWRAP && !getenv("CI");
    if (sandbox_probe()->best < level) {
        print_message("# not run: this machine has no level %s\n", sandbox_level_name(level));
        skip();
    }
    for (size_t i = 0; i < SLOTS; i++)
        slots[i] = slot_make();
    for (size_t at = both && level == SANDBOX_BWRAP; at < n_lines;) {
        size_t n = 0;
        for (; n < SLOTS && at < n_lines; at += both ? 2 : 1)
            start(&slots[n++], lines[at], level);
        for (size_t i = 0; i < n; i++) {
            if (finish(&slots[i])) {
                print_message("# has an effect outside: %s\n", slots[i].command);
                changed++;
            }
            free(slots[i].command);
            ran++;
        }
    }
    for (size_t i = 0; i < SLOTS; i++)
        slot_free(&slots[i]);
    assert_int_equal(changed, 0);
    assert_true(ran >= (both ? 75 : 150));
}

static void test_landlock(void **state)
{
    (void)state;
    run_all(SANDBOX_LANDLOCK);
}

static void test_bwrap(void **state)
{
    (void)state;
    run_all(SANDBOX_BWRAP);
}

/* Without a sandbox the same commands do reach what lies outside: the test can tell. */
static void test_it_would_show(void **state)
{
    (void)state;
    static const char *const commands[] = {"touch @OUT@/x", "./script.sh",
                                           "chmod 600 @OUT@/canary"};
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct slot s = slot_make();
        start(&s, commands[i], SANDBOX_NONE);
        struct err e = ERR_INIT;
        struct launch_result r;
        OK(launch_wait(&s.launched, NULL, clock_mono_ms() + DEADLINE_MS, &r, &e));
        CLEANUP(mem_free_p) char *after = describe_outside(&s);
        assert_string_not_equal(s.before, after);
        free(s.before);
        free(s.command);
        slot_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_would_show),
        cmocka_unit_test(test_landlock),
        cmocka_unit_test(test_bwrap),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
