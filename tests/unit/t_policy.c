/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/thread.h"
#include "policy/decide.h"
#include "policy/explain.h"
#include "policy/policy.h"
#include "policy/trust.h"
#include "json/json.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct tool_desc bash = {.name = "bash", .effect = TOOL_RUNS};
static const struct tool_desc jobs_create = {.name = "jobs_create", .effect = TOOL_RUNS};
static const struct tool_desc jobs_cancel = {.name = "jobs_cancel", .effect = TOOL_CONTROLS};
static const struct tool_desc tool_read = {.name = "read", .effect = TOOL_READS};
static const struct tool_desc tool_edit = {.name = "edit", .effect = TOOL_WRITES};

/* top/ws is the workspace, top/out lies beside it, top/config and top/state are ours. */
static char *top, *ws, *config_dir, *state_dir;

/* Without syncs, which would be most of the test's time. */
static void put(const char *relative, const char *text)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(top, relative);
    CLEANUP(fd_close_p) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    OK(fs_write_all(fd, str_of(text), &e));
}

static void make_dir(const char *relative)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(top, relative);
    OK(fs_mkdirs(path, 0700, &e));
}

static void make_link(const char *target, const char *relative)
{
    CLEANUP(mem_free_p) char *path = fs_join(top, relative);
    assert_int_equal(symlink(target, path), 0);
}

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *made = test_tmpdir("policy");
    top = fs_real(made, &e);
    assert_non_null(top);
    ws = fs_join(top, "ws");
    config_dir = fs_join(top, "config");
    state_dir = fs_join(top, "state");
    make_dir("ws/.git/hooks");
    make_dir("ws/.tau");
    make_dir("ws/sub/deep");
    make_dir("ws/bare");
    make_dir("out");
    make_dir("config");
    put("ws/a.txt", "a\n");
    put("ws/sub/b.c", "b\n");
    put("ws/.env", "SECRET=1\n");
    put("ws/bare/HEAD", "ref: refs/heads/x\n");
    put("out/canary", "canary\n");
    make_link("../out", "ws/link-out");
    make_link(".git", "ws/link-to-git");
    make_link(".env", "ws/settings");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    bool ok = fs_remove_tree(top, &e);
    free(top);
    free(ws);
    free(config_dir);
    free(state_dir);
    clock_freeze(-1, -1);
    return ok ? 0 : -1;
}

static struct policy_config config_of(enum policy_preset preset, enum policy_mode mode)
{
    return (struct policy_config){.workspace = ws,
                                  .state_dir = state_dir,
                                  .config_dir = config_dir,
                                  .mode = mode,
                                  .preset = preset,
                                  .protected_paths = "data",
                                  .sandbox_level = "auto",
                                  .interactive = true};
}

/* Permissive: what it says does not depend on the sandbox of this machine. Trusted. */
static struct policy *policy_with(const char *rules, enum policy_mode mode)
{
    struct err e = ERR_INIT;
    struct policy_config c = config_of(PRESET_PERMISSIVE, mode);
    put("config/policy.rules", rules);
    struct policy *p = policy_new(&c, &e);
    if (!p)
        fail_msg("%s", e.message);
    OK(policy_trust(p, true, &e));
    return p;
}

static struct decision decide_command(struct policy *p, const struct tool_desc *tool,
                                      const char *command, const char *cwd)
{
    struct decision d;
    struct tool_intent intent = {.action = "x", .command = command, .cwd = cwd};
    policy_decide(p, "s", tool, &intent, &d);
    return d;
}

static struct decision decide_path(struct policy *p, const struct tool_desc *tool, const char *path)
{
    struct decision d;
    struct tool_intent intent = {.action = "x", .n_paths = 1};
    intent.paths[0].path = path;
    intent.paths[0].write = tool->effect == TOOL_WRITES;
    policy_decide(p, "s", tool, &intent, &d);
    return d;
}

static const char *const names[] = {"allow", "ask", "deny"};

static void expect(struct policy *p, const char *command, enum verdict verdict)
{
    struct decision d = decide_command(p, &bash, command, NULL);
    if (d.verdict != verdict)
        fail_msg("%s: %s (%s)", command, names[d.verdict], d.rule);
    assert_true(d.rule[0] != '\0');
    if (verdict == VERDICT_DENY)
        assert_true(d.err.code != ERR_NONE && d.err.message[0]);
}

static void expect_path(struct policy *p, const struct tool_desc *tool, const char *path,
                        enum verdict verdict, enum err_code code)
{
    struct decision d = decide_path(p, tool, path);
    if (d.verdict != verdict || d.err.code != code)
        fail_msg("%s %s: %s (%s)", tool->name, path, names[d.verdict], d.rule);
}

/* ---- what is judged read-only ---- */

static void test_read_only(void **state)
{
    (void)state;
    size_t n, count = 0;
    CLEANUP(mem_free_p) char *text = test_read("data/bypasses/reads.txt", &n);
    struct policy *p = policy_with("", MODE_ASK);
    struct str rest = str_make(text, n), line;
    while (str_line(&rest, &line)) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        CLEANUP(mem_free_p) char *command = mem_strndup(line.p, line.n);
        expect(p, command, VERDICT_ALLOW);
        assert_string_equal(decide_command(p, &bash, command, NULL).risk, "read");
        /* The same things are what plan mode leaves. */
        policy_set_mode(p, MODE_PLAN);
        expect(p, command, VERDICT_ALLOW);
        policy_set_mode(p, MODE_ASK);
        count++;
    }
    assert_true(count > 50);
    policy_free(p);
}

static void test_not_read_only(void **state)
{
    (void)state;
    static const char *const others[] = {
        "npm test",
        "cargo build",
        "touch a",
        "mkdir x",
        "git commit -m x",
        "git tag",
        "curl x",
        "python3 x.py",
        "foo",
        "ls2",
        "cat5 a",
        "gti status",
        "LS",
        "cd sub && npm test",
        "ls && npm test",
        "find . -name '*.c' -delete",
        "sort -o a.txt a.txt",
        "make",
        "cat ../x",
        "cat /etc/hosts",
        "cat .env",
        "cat *",
        "cat s*s",
        "head link-out/canary",
        "ls link-out",
        "tee",
        "rm a.txt",
        "xxd a.txt b.txt",
        "uniq a.txt b.txt",
        "date 0101",
        "date -d x 0101",
        "git log %G?",
        "git branch new",
        "git remote add x y",
        "git -C sub status",
        "sed -i s/a/b/ a.txt",
        "sed -n p a.txt -i",
        "sed 'w x' a.txt",
        "sed '1!G;h;$!d' a.txt",
        "sed 5q5 a.txt",
        "sed s/a/b/we a.txt",
        "sed 's/[]/]/w x/' a.txt",
        "tr a b > c",
        "cat a.txt > b.txt",
        "cat settings",
        "date -f.env",
        "grep -f.env a.txt",
        "git log -O.env",
        "cmp -bl .env a.txt",
        "file -f .env",
        "wc --files0-from=.env",
        "du --files0-from=.env",
        "find -files0-from .env",
        "tree --fromfile .env",
        "ps e",
        "foo of=../x",
        "git for-each-ref --format='%(signature)'",
        "printf -vx a",
        "printf '4%n' PATH",
        "printf '%s%-5n' a PATH",
    };
    struct policy *p = policy_with("", MODE_ASK);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        expect(p, others[i], VERDICT_ASK);
    policy_set_mode(p, MODE_EDITS);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        expect(p, others[i], VERDICT_ASK);
    policy_set_mode(p, MODE_PLAN);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        expect(p, others[i], VERDICT_DENY);
    policy_free(p);
}

/* A program of the workspace that PATH would find is not the system's. */
static void test_hijacked_path(void **state)
{
    (void)state;
    CLEANUP(mem_free_p) char *old = mem_strdup(getenv("PATH"));
    CLEANUP(mem_free_p) char *bin = mem_printf("%s/bin:%s", ws, old);
    CLEANUP(mem_free_p) char *dot = mem_printf("%s:", old);
    CLEANUP(mem_free_p) char *front = mem_printf(":%s", old);
    CLEANUP(mem_free_p) char *file = fs_join(ws, "bin/ls");
    make_dir("ws/bin");
    put("ws/bin/ls", "#!/bin/sh\n");
    assert_int_equal(chmod(file, 0700), 0);
    assert_int_equal(setenv("PATH", bin, 1), 0);
    struct policy *p = policy_with("", MODE_ASK);
    expect(p, "ls", VERDICT_ASK);
    expect(p, "/bin/ls", VERDICT_ALLOW);
    expect(p, "cat a.txt", VERDICT_ALLOW);
    expect(p, "echo x", VERDICT_ALLOW);
    policy_free(p);
    assert_int_equal(setenv("PATH", front, 1), 0);
    p = policy_with("", MODE_ASK);
    expect(p, "cat a.txt", VERDICT_ASK);
    policy_free(p);
    assert_int_equal(setenv("PATH", dot, 1), 0);
    p = policy_with("", MODE_ASK);
    expect(p, "cat a.txt", VERDICT_ALLOW); /* found before the last, empty entry */
    policy_free(p);
    assert_int_equal(setenv("PATH", old, 1), 0);
}

/* ---- modes and tools ---- */

static void test_modes(void **state)
{
    (void)state;
    struct policy *p = policy_with("", MODE_ASK);
    expect_path(p, &tool_read, "a.txt", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_edit, "a.txt", VERDICT_ASK, ERR_NONE);
    assert_int_equal(decide_command(p, &jobs_cancel, NULL, NULL).verdict, VERDICT_ALLOW);
    policy_set_mode(p, MODE_EDITS);
    expect_path(p, &tool_edit, "a.txt", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_edit, "new/file", VERDICT_ALLOW, ERR_NONE);
    policy_set_mode(p, MODE_PLAN);
    expect_path(p, &tool_read, "a.txt", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_edit, "a.txt", VERDICT_DENY, ERR_DENIED);
    assert_int_equal(decide_command(p, &jobs_cancel, NULL, NULL).verdict, VERDICT_DENY);
    policy_set_mode(p, MODE_AUTO);
    expect_path(p, &tool_edit, "a.txt", VERDICT_ALLOW, ERR_NONE);
    policy_free(p);
}

static void test_paths(void **state)
{
    (void)state;
    struct policy *p = policy_with("allow * **\n", MODE_AUTO);
    static const char *const outside[] = {
        "../out/canary", "/etc/passwd", "link-out/canary", "missing/../../out/x", "sub/../..",
    };
    for (size_t i = 0; i < ARRAY_LEN(outside); i++) {
        expect_path(p, &tool_read, outside[i], VERDICT_DENY, ERR_OUTSIDE);
        expect_path(p, &tool_edit, outside[i], VERDICT_DENY, ERR_OUTSIDE);
    }
    static const char *const guarded[] = {
        ".git/config",
        ".GIT/hooks/x",
        "sub/.git/config",
        ".tau/tau.conf",
        "AGENTS.md",
        "data/x",
        "link-to-git/hooks/pre-commit",
        "SOUL.md",
        "USER.md",
        ".tau/security/rbac.json",
        ".tau/rbac-policy.json",
        ".tau/approvals/policy.json",
        ".tau/credentials.json",
        ".tau/sessions/default.jsonl",
        ".tau/security/allowlist.json",
        ".tau/trust-roots.json",
    };
    for (size_t i = 0; i < ARRAY_LEN(guarded); i++)
        expect_path(p, &tool_edit, guarded[i], VERDICT_DENY, ERR_PROTECTED);
    assert_string_equal(decide_path(p, &tool_edit, "data/x").err.message,
                        "data/x is a protected path");
    make_link("not-there", "ws/link-to-nothing");
    assert_string_equal(decide_path(p, &tool_edit, "link-to-nothing").err.message,
                        "link-to-nothing leads out of the workspace, or nowhere");
    expect_path(p, &tool_read, ".git/config", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_read, "a\nb", VERDICT_DENY, ERR_INVALID);
    struct decision d = decide_command(p, &bash, "ls", "../out");
    assert_int_equal(d.verdict, VERDICT_DENY);
    assert_int_equal(d.err.code, ERR_OUTSIDE);
    assert_int_equal(decide_command(p, &bash, "ls", "link-out").err.code, ERR_OUTSIDE);
    assert_int_equal(decide_command(p, &bash, "ls", "none").err.code, ERR_NOT_FOUND);
    assert_int_equal(decide_command(p, &bash, "ls", "sub").verdict, VERDICT_ALLOW);
    assert_int_equal(decide_command(p, &bash, NULL, NULL).verdict, VERDICT_DENY);
    policy_free(p);
}

static void test_secrets(void **state)
{
    (void)state;
    struct policy *p = policy_with("allow read **\n", MODE_AUTO);
    static const char *const secret[] = {
        ".env",   "sub/.env.local", "deep/x.pem",       "id_rsa",     "id_rsa_old",
        ".npmrc", ".netrc",         ".git-credentials", "SERVER.KEY", "settings",
    };
    for (size_t i = 0; i < ARRAY_LEN(secret); i++)
        expect_path(p, &tool_read, secret[i], VERDICT_ASK, ERR_NONE);
    expect_path(p, &tool_read, ".env.example", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_read, "id_rsa.pub", VERDICT_ALLOW, ERR_NONE);
    struct err e = ERR_INIT;
    struct decision d = decide_path(p, &tool_read, ".env");
    assert_string_equal(d.session_rule, "allow read .env");
    assert_string_equal(d.prefix_rule, "");
    OK(policy_grant(p, "s", d.session_rule, false, &e));
    expect_path(p, &tool_read, ".env", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_read, "id_rsa", VERDICT_ASK, ERR_NONE);
    policy_free(p);
}

/* What a tool that walks passes over. */
static void test_hides(void **state)
{
    (void)state;
    static const struct tool_desc grep = {.name = "grep", .effect = TOOL_READS};
    struct policy *p = policy_with("deny * sub/**\nallow grep a.pem\nallow grep *.key\n", MODE_ASK);
    assert_false(policy_hides(p, "s", &grep, "a.txt"));
    assert_true(policy_hides(p, "s", &grep, ".env"));
    assert_true(policy_hides(p, "s", &grep, "deep/id_rsa"));
    assert_true(policy_hides(p, "s", &grep, "sub/b.c"));
    assert_false(policy_hides(p, "s", &grep, "a.pem"));
    assert_true(policy_hides(p, "s", &grep, "b.pem"));
    assert_true(policy_hides(p, "s", &grep, "b.key")); /* not by its name */
    policy_free(p);
}

/* With the facts of a machine that we choose. */
static struct decision decide_at(struct policy *p, const char *command, enum sandbox_level level,
                                 bool bare_root)
{
    struct arena a = ARENA_INIT;
    struct facts f;
    struct decision d;
    struct tool_intent intent = {.action = "x", .command = command};
    facts_gather(p, &bash, &intent, &a, &f);
    f.sandbox_err = ERR_INIT;
    f.level = level;
    f.bare_root = bare_root;
    decide_verdict(p, NULL, &f, &a, &d);
    arena_free(&a);
    return d;
}

static void test_auto(void **state)
{
    (void)state;
    static const char *const commands[] = {"npm test",        "make",
                                           "echo $HOME",      "rm -rf sub",
                                           "sh -c 'touch x'", "for i in a; do echo $i; done"};
    struct policy *p = policy_with("deny bash wget\n", MODE_AUTO);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        assert_int_equal(decide_at(p, commands[i], SANDBOX_BWRAP, false).verdict, VERDICT_ALLOW);
        assert_int_equal(decide_at(p, commands[i], SANDBOX_LANDLOCK, false).verdict, VERDICT_ALLOW);
        assert_int_equal(decide_at(p, commands[i], SANDBOX_NONE, false).verdict, VERDICT_ASK);
    }
    assert_int_equal(decide_at(p, "ls", SANDBOX_NONE, false).verdict, VERDICT_ALLOW);
    policy_set_preset(p, PRESET_STRICT);
    assert_int_equal(decide_at(p, "npm test", SANDBOX_BWRAP, false).verdict, VERDICT_ALLOW);
    assert_int_equal(decide_at(p, "echo $HOME", SANDBOX_BWRAP, false).verdict, VERDICT_ASK);
    policy_set_preset(p, PRESET_HARDENED);
    assert_int_equal(decide_at(p, "npm test", SANDBOX_BWRAP, false).verdict, VERDICT_ASK);
    assert_int_equal(decide_at(p, "ls", SANDBOX_BWRAP, false).verdict, VERDICT_ASK);
    policy_free(p);
}

static void test_presets_and_root(void **state)
{
    (void)state;
    static const enum verdict as_root[] = {VERDICT_ALLOW, VERDICT_ASK, VERDICT_DENY, VERDICT_DENY};
    static const enum verdict bare[] = {VERDICT_ALLOW, VERDICT_ALLOW, VERDICT_DENY, VERDICT_DENY};
    struct policy *p = policy_with("allow bash ls\n", MODE_AUTO);
    for (enum policy_preset preset = PRESET_PERMISSIVE; preset <= PRESET_HARDENED; preset++) {
        policy_set_preset(p, preset);
        struct decision d = decide_at(p, "ls", SANDBOX_LANDLOCK, true);
        assert_int_equal(d.verdict, as_root[preset]);
        if (d.verdict == VERDICT_DENY)
            assert_int_equal(d.err.code, ERR_SANDBOX);
        d = decide_at(p, "ls", SANDBOX_NONE, false);
        assert_int_equal(d.verdict, bare[preset]);
        d = decide_at(p, "npm test", SANDBOX_LANDLOCK, true);
        assert_true(d.verdict != VERDICT_ASK || !d.session_rule[0]);
    }
    policy_free(p);
}

static void test_preset_limits(void **state)
{
    (void)state;
    struct policy *p = policy_with("", MODE_AUTO);
    static const int64_t lengths[] = {8192, 4096, 2048, 1024},
                         reads[] = {2000000, 1000000, 750000, 500000};
    for (enum policy_preset preset = PRESET_PERMISSIVE; preset <= PRESET_HARDENED; preset++) {
        policy_set_preset(p, preset);
        struct policy_limits l = policy_limits(p);
        assert_int_equal(l.max_command_length, lengths[preset]);
        assert_int_equal(l.max_file_read_bytes, reads[preset]);
        CLEANUP(mem_free_p) char *text = mem_new((size_t)lengths[preset] + 2);
        memset(text, 'x', (size_t)lengths[preset]);
        memcpy(text, "echo ", 5);
        assert_int_not_equal(decide_at(p, text, SANDBOX_BWRAP, false).err.code, ERR_TOO_LARGE);
        text[lengths[preset]] = 'x';
        assert_int_equal(decide_at(p, text, SANDBOX_BWRAP, false).err.code, ERR_TOO_LARGE);
        struct decision d = decide_at(p, "ls\npwd", SANDBOX_BWRAP, false);
        assert_int_equal(d.verdict, preset == PRESET_PERMISSIVE ? VERDICT_ALLOW : VERDICT_DENY);
        enum policy_preset again;
        assert_true(policy_preset_parse(str_of(policy_preset_name(preset)), &again));
        assert_int_equal(again, preset);
    }
    for (enum policy_mode mode = MODE_ASK; mode <= MODE_AUTO; mode++) {
        enum policy_mode again;
        assert_true(policy_mode_parse(str_of(policy_mode_name(mode)), &again));
        assert_int_equal(again, mode);
    }
    enum policy_mode mode;
    enum policy_preset preset;
    assert_false(policy_mode_parse(STR("Ask"), &mode));
    assert_false(policy_preset_parse(STR(""), &preset));
    policy_free(p);
}

/* ---- rules ---- */

static void test_allow(void **state)
{
    (void)state;
    struct policy *p = policy_with("# ours\n\n"
                                   "allow bash npm test\n"
                                   "allow bash npm run *\n"
                                   "allow bash ./configure --with=x\n"
                                   "allow bash cargo test '*'\n"
                                   "allow bash go test ./...\n"
                                   "allow bash python3 -m pytest\n"
                                   "allow bash python3 *\n"
                                   "allow bash make test\n"
                                   "allow bash rm *\n"
                                   "allow bash git push *\n"
                                   "allow bash cat *\n"
                                   "allow bash sort *\n"
                                   "  allow   edit   sub/**  \n",
                                   MODE_ASK);
    static const struct {
        const char *command;
        enum verdict verdict;
    } rows[] = {
        {"npm test", VERDICT_ALLOW},
        {"npm  'test'", VERDICT_ALLOW},
        {"npm test | tail -5", VERDICT_ALLOW},
        {"npm test 2>&1 | grep -c ok", VERDICT_ALLOW},
        {"cd sub && npm test", VERDICT_ALLOW},
        {"npm test --x", VERDICT_ASK},
        {"npm test > out.txt", VERDICT_ASK},
        {"npm test && touch x", VERDICT_ASK},
        {"npm", VERDICT_ASK},
        {"./npm test", VERDICT_ASK},
        {"npm run", VERDICT_ALLOW},
        {"npm run build -- --x", VERDICT_ALLOW},
        {"npm run --script-shell=./x build", VERDICT_ASK},
        {"npm run ../x", VERDICT_ASK},
        {"npm runx", VERDICT_ASK},
        {"./configure --with=x", VERDICT_ALLOW},
        {"./configure --with=y", VERDICT_ASK},
        {"cargo test '*'", VERDICT_ALLOW},
        {"cargo test \\*", VERDICT_ALLOW},
        {"cargo test *", VERDICT_ASK},
        {"cargo test x", VERDICT_ASK},
        {"go test ./...", VERDICT_ALLOW},
        {"python3 -m pytest", VERDICT_ALLOW},
        {"python3 x.py", VERDICT_ASK}, /* code: whole commands only */
        {"make test", VERDICT_ASK},    /* runs others: never */
        {"rm a.txt", VERDICT_ALLOW},
        {"rm -rf sub", VERDICT_ASK}, /* risky, and the rule does not name it */
        {"git push origin main", VERDICT_ALLOW},
        {"cat a.txt", VERDICT_ALLOW},
        {"cat /etc/passwd", VERDICT_ASK},
        {"sort -o x a.txt", VERDICT_ASK},
        {"env npm test", VERDICT_ASK},
        {"sh -c 'npm test'", VERDICT_ASK},
        {"npm test &", VERDICT_ASK},
        {"cd sub && ./configure --with=x", VERDICT_ASK}, /* another ./configure */
        {"npm test $X", VERDICT_ASK},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(p, rows[i].command, rows[i].verdict);
    assert_string_equal(decide_command(p, &bash, "npm test", NULL).rule,
                        "rule allow bash npm test (policy.rules:3)");
    assert_int_equal(decide_command(p, &jobs_create, "npm test", NULL).verdict, VERDICT_ALLOW);
    assert_int_equal(decide_command(p, &jobs_create, "npm other", NULL).verdict, VERDICT_ASK);
    expect_path(p, &tool_edit, "sub/b.c", VERDICT_ALLOW, ERR_NONE);
    expect_path(p, &tool_edit, "sub/../a.txt", VERDICT_ASK, ERR_NONE);
    expect_path(p, &tool_edit, "a.txt", VERDICT_ASK, ERR_NONE);
    make_link("..", "ws/sub/up");
    expect_path(p, &tool_edit, "sub/up/a.txt", VERDICT_ASK, ERR_NONE);
    policy_free(p);
}

static void test_deny_and_ask(void **state)
{
    (void)state;
    struct policy *p = policy_with("allow bash git push\n"
                                   "allow bash ls\n"
                                   "deny bash rm\n"
                                   "deny bash git push\n"
                                   "deny bash python\n"
                                   "ask bash ls -R\n"
                                   "deny read sub/**\n"
                                   "ask edit a.txt\n",
                                   MODE_AUTO);
    static const struct {
        const char *command;
        enum verdict verdict;
    } rows[] = {
        {"rm a", VERDICT_DENY},
        {"/bin/rm a", VERDICT_DENY},
        {"./rm a", VERDICT_DENY},
        {"ls; rm a", VERDICT_DENY},
        {"r\"\"m a", VERDICT_DENY},
        {"r'm' a", VERDICT_DENY},
        {"env rm a", VERDICT_DENY},
        {"sh -c 'rm a'", VERDICT_DENY},
        {"sh -c '/bin/r\"\"m a'", VERDICT_DENY},
        {"ls $(rm a)", VERDICT_DENY},
        {"ls $(r\"m\" a", VERDICT_DENY},
        {"(rm a)", VERDICT_DENY},
        {"x=1 rm a", VERDICT_DENY},
        {"find . -exec rm {} +", VERDICT_DENY},
        {"ls | xargs rm", VERDICT_DENY},
        {"echo a\nrm b &", VERDICT_DENY},
        {"git push", VERDICT_DENY},
        {"git -C sub push", VERDICT_DENY},
        {"git push -f origin", VERDICT_DENY},
        {"python3.11 x.py", VERDICT_DENY},
        {"ls -R", VERDICT_ASK},
        {"ls -l -R sub", VERDICT_ASK},
        {"ls", VERDICT_ALLOW},
        {"echo rm", VERDICT_ALLOW},
        {"grep rm a.txt", VERDICT_ALLOW},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        expect(p, rows[i].command, rows[i].verdict);
    struct decision d = decide_command(p, &bash, "rm a", NULL);
    assert_int_equal(d.err.code, ERR_DENIED);
    assert_string_equal(d.rule, "rule deny bash rm (policy.rules:3)");
    expect_path(p, &tool_read, "sub/b.c", VERDICT_DENY, ERR_DENIED);
    expect_path(p, &tool_read, "./x/../sub/b.c", VERDICT_DENY, ERR_DENIED);
    make_link("sub", "ws/alias");
    expect_path(p, &tool_read, "alias/b.c", VERDICT_DENY, ERR_DENIED);
    expect_path(p, &tool_edit, "a.txt", VERDICT_ASK, ERR_NONE);
    policy_free(p);
}

static void test_rule_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"allow bash ls\nallow\n", ":2: "},     {"permit bash ls\n", "begins with allow"},
        {"allow ba/sh ls\n", "names a tool"},   {"allow bash ls | cat\n", "one command"},
        {"allow bash ls > x\n", "one command"}, {"allow bash $X\n", "an expansion"},
        {"allow bash *\n", "a pattern"},        {"deny bash 'x\n", "quote"},
    };
    struct err e = ERR_INIT;
    struct policy_config c = config_of(PRESET_BALANCED, MODE_ASK);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        put("config/policy.rules", bad[i].text);
        FAILS(policy_new(&c, &e), ERR_CONFIG);
        if (!strstr(e.message, bad[i].message) || !strstr(e.message, "policy.rules:"))
            fail_msg("%s: %s", bad[i].text, e.message);
    }
    /* The last good rules stay. */
    struct policy *p = policy_with("deny bash rm\n", MODE_AUTO);
    put("config/policy.rules", "oops\n");
    FAILS(policy_reload(p, &e), ERR_CONFIG);
    expect(p, "rm a", VERDICT_DENY);
    put("config/policy.rules", "deny bash mv\n");
    OK(policy_reload(p, &e));
    expect(p, "mv a b", VERDICT_DENY);
    CLEANUP(mem_free_p) char *file = fs_join(config_dir, "policy.rules");
    assert_int_equal(chmod(file, 0620), 0);
    FAILS(policy_reload(p, &e), ERR_CONFIG);
    policy_free(p);
}

static void test_rule_limits(void **state)
{
    (void)state;
    struct rules r = {0};
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *line = mem_new(RULE_BYTES_MAX + 2);
    memset(line, 'x', RULE_BYTES_MAX);
    memcpy(line, "deny bash ", 10);
    OK(rules_add(&r, str_of(line), "t", &e));
    line[RULE_BYTES_MAX] = 'x';
    FAILS(rules_add(&r, str_of(line), "t", &e), ERR_TOO_LARGE);
    while (r.list.n < RULES_MAX)
        OK(rules_add(&r, STR("deny bash x"), "t", &e));
    FAILS(rules_add(&r, STR("deny bash x"), "t", &e), ERR_TOO_LARGE);
    OK(rules_add(&r, STR("# a comment is no rule"), "t", &e));
    rules_free(&r);
}

/* ---- answers ---- */

static void test_offers(void **state)
{
    (void)state;
    static const struct {
        const char *command, *session, *prefix;
    } rows[] = {
        {"npm test", "allow bash npm test", "allow bash npm test *"},
        {"npm run build --x", "allow bash npm run build --x", "allow bash npm run *"},
        {"cargo test 2>&1 | tail", "allow bash cargo test", "allow bash cargo test *"},
        {"cd sub && foo bar", "allow bash foo bar", "allow bash foo bar *"},
        {"./run.sh -x", "allow bash ./run.sh -x", "allow bash ./run.sh *"},
        {"git commit -m 'a b'", "allow bash git commit -m 'a b'", "allow bash git commit *"},
        {"foo \"it's\"", "", "allow bash foo *"},
        {"python3 x.py", "allow bash python3 x.py", ""},
        {"touch x", "allow bash touch x", "allow bash touch *"},
        {"foo *.c", "", "allow bash foo *"},
        {"foo; bar", "", ""},
        {"foo > x", "", ""},
        {"foo ../x", "", ""},
        {"cd sub && ./x", "", ""},
        {"make", "", ""},
        {"env foo", "", ""},
        {"rm -rf sub", "", ""},
        {"git push", "", ""},
        {"echo $X", "", ""},
        {"npm --prefix x test", "allow bash npm --prefix x test", ""},
    };
    struct policy *p = policy_with("", MODE_ASK);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct decision d = decide_command(p, &bash, rows[i].command, NULL);
        if (d.verdict != VERDICT_ASK || strcmp(d.session_rule, rows[i].session) != 0 ||
            strcmp(d.prefix_rule, rows[i].prefix) != 0)
            fail_msg("%s: %s, session %s, prefix %s", rows[i].command, names[d.verdict],
                     d.session_rule, d.prefix_rule);
    }
    struct decision d = decide_path(p, &tool_edit, "./sub/b.c");
    assert_string_equal(d.session_rule, "allow edit sub/b.c");
    assert_string_equal(d.prefix_rule, "allow edit sub/**");
    assert_string_equal(decide_path(p, &tool_edit, "a.txt").prefix_rule, "");
    assert_string_equal(decide_path(p, &tool_edit, "a[1].txt").session_rule, "");
    policy_free(p);
}

/* What is offered, once granted, allows the very same call. */
static void test_grants(void **state)
{
    (void)state;
    static const char *const commands[] = {"npm run build", "cargo test | tail",
                                           "foo 'a b' '$'", "git commit -m 'a b'",
                                           "touch 'x;y'",   "./x"};
    struct err e = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(commands) * 2; i++) {
        struct policy *p = policy_with("", MODE_ASK);
        const char *command = commands[i / 2];
        struct decision d = decide_command(p, &bash, command, NULL);
        assert_int_equal(d.verdict, VERDICT_ASK);
        OK(policy_grant(p, "s", i % 2 ? d.prefix_rule : d.session_rule, false, &e));
        expect(p, command, VERDICT_ALLOW);
        struct tool_intent intent = {.command = command};
        policy_decide(p, "other", &bash, &intent, &d);
        assert_int_equal(d.verdict, VERDICT_ASK);
        policy_free(p);
    }
    struct policy *p = policy_with("", MODE_ASK);
    static const char *const bad[] = {"deny bash ls",
                                      "ask bash ls",
                                      "allow bash",
                                      "allow",
                                      "",
                                      "# x",
                                      "allow bash a\nallow bash b",
                                      "allow bash a | b"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        FAILS(policy_grant(p, "s", bad[i], true, &e), ERR_INVALID);
    policy_free(p);
}

static void test_kept(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct stat st;
    struct policy_config c = config_of(PRESET_PERMISSIVE, MODE_ASK);
    struct policy *p = policy_with("", MODE_ASK);
    OK(policy_grant(p, "s", "allow bash npm run *", true, &e));
    OK(policy_grant(p, "s", "allow edit sub/**", true, &e));
    expect(p, "npm run x", VERDICT_ALLOW);
    policy_free(p);
    CLEANUP(mem_free_p) char *file = fs_join(state_dir, "policy.rules");
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    p = policy_new(&c, &e);
    OK(p != NULL);
    expect(p, "npm run x", VERDICT_ALLOW);
    expect_path(p, &tool_edit, "sub/b.c", VERDICT_ALLOW, ERR_NONE);
    policy_free(p);
    /* An editor that leaves the last line open must not have the next rule swallow it. */
    put("state/policy.rules", "deny bash rm");
    assert_int_equal(chmod(file, 0600), 0);
    p = policy_new(&c, &e);
    OK(p != NULL);
    OK(policy_grant(p, "s", "allow bash npm run *", true, &e));
    policy_free(p);
    p = policy_new(&c, &e);
    OK(p != NULL);
    expect(p, "rm a.txt", VERDICT_DENY);
    expect(p, "npm run x", VERDICT_ALLOW);
    policy_free(p);
    /* Nor a rule too many keep all of them from being read. */
    CLEANUP(buf_free) struct buf full = BUF_OWN;
    for (int i = 0; i < RULES_MAX; i++)
        buf_puts(&full, "allow bash foo\n");
    put("state/policy.rules", buf_cstr(&full));
    p = policy_new(&c, &e);
    OK(p != NULL);
    FAILS(policy_grant(p, "s", "allow bash npm run *", true, &e), ERR_TOO_LARGE);
    /* Nor one of each of two processes, of which only one has a place. */
    buf_truncate(&full, full.len / RULES_MAX * (RULES_MAX - 1));
    put("state/policy.rules", buf_cstr(&full));
    assert_int_equal(chmod(file, 0600), 0);
    struct policy *one = policy_new(&c, &e), *two = policy_new(&c, &e);
    OK(one && two);
    OK(policy_grant(one, "s", "allow bash npm run *", true, &e));
    FAILS(policy_grant(two, "s", "allow bash npm run *", true, &e), ERR_TOO_LARGE);
    assert_non_null(strstr(e.message, "policy.rules is full"));
    policy_free(one);
    policy_free(two);
    /* Nor bytes. */
    buf_clear(&full);
    buf_puts(&full, "#");
    buf_fill(&full, 'x', RULES_FILE_MAX - 10);
    put("state/policy.rules", buf_cstr(&full));
    assert_int_equal(chmod(file, 0600), 0);
    one = policy_new(&c, &e);
    OK(one != NULL);
    FAILS(policy_grant(one, "s", "allow bash npm run *", true, &e), ERR_TOO_LARGE);
    policy_free(one);
    policy_free(p);
    p = policy_new(&c, &e);
    OK(p != NULL);
    policy_free(p);
}

static void test_risk(void **state)
{
    (void)state;
    static const char *const risky[] = {
        "rm -r x",
        "rm -rf x",
        "rm --recursive x",
        "rm --rec x",
        "rm -fr x",
        "git push",
        "git reset --hard",
        "git clean -fd",
        "chmod -R 777 x",
        "dd if=a of=b",
        "mkfs.ext4 x",
        "sudo ls",
        "curl x | sh",
        "curl x | python3",
        "echo $X",
        "touch ../x",
        "cp a.txt /tmp/x",
        "find . -delete",
        "wget -qO- x | bash -s",
        "rm *",
    };
    static const char *const run[] = {
        "rm x", "npm test", "git commit -m x", "git reset", "chmod +x a.txt", "curl x", "make"};
    struct policy *p = policy_with("", MODE_ASK);
    for (size_t i = 0; i < ARRAY_LEN(risky); i++)
        if (strcmp(decide_command(p, &bash, risky[i], NULL).risk, "risky") != 0)
            fail_msg("%s is not risky", risky[i]);
    for (size_t i = 0; i < ARRAY_LEN(run); i++)
        if (strcmp(decide_command(p, &bash, run[i], NULL).risk, "run") != 0)
            fail_msg("%s: %s", run[i], decide_command(p, &bash, run[i], NULL).risk);
    assert_string_equal(decide_path(p, &tool_edit, "a.txt").risk, "write");
    assert_string_equal(decide_path(p, &tool_read, "a.txt").risk, "read");
    policy_free(p);
}

/* ---- bypasses ---- */

/* @OUT@ and @WS@ put in. */
static char *filled(struct str command)
{
    struct buf b = BUF_OWN;
    CLEANUP(mem_free_p) char *out = fs_join(top, "out");
    while (command.n) {
        if (str_starts(command, "@OUT@") || str_starts(command, "@WS@")) {
            buf_puts(&b, str_starts(command, "@OUT@") ? out : ws);
            command = str_sub(command, str_starts(command, "@OUT@") ? 5 : 4, command.n);
        } else {
            buf_putc(&b, command.p[0]);
            command = str_sub(command, 1, command.n);
        }
    }
    return buf_take(&b);
}

static void test_bypasses(void **state)
{
    (void)state;
    static const char rules[] = "allow bash ls\nallow bash ls *\nallow bash git status\n"
                                "allow bash git status *\nallow bash cat *\nallow bash echo *\n"
                                "allow bash find *\nallow bash grep *\nallow bash git diff *\n"
                                "allow bash sort *\nallow bash sed *\n"
                                "allow bash env *\nallow bash xargs *\nallow bash sh *\n"
                                "allow bash awk *\nallow bash make\n";
    size_t n, counted = 0;
    CLEANUP(mem_free_p) char *text = test_read("data/bypasses/commands.tsv", &n);
    static const enum policy_mode asking[] = {MODE_ASK, MODE_EDITS};
    for (size_t m = 0; m < ARRAY_LEN(asking); m++) {
        struct policy *p = policy_with(rules, asking[m]);
        struct str rest = str_make(text, n), line;
        while (str_line(&rest, &line)) {
            struct str verdict, command;
            if (line.n == 0 || line.p[0] == '#')
                continue;
            assert_true(str_split(&line, '\t', &verdict) && str_split(&line, '\t', &command));
            CLEANUP(mem_free_p) char *filled_in = filled(command);
            struct decision d = decide_command(p, &bash, filled_in, NULL);
            if (d.verdict < (str_is(verdict, "deny") ? VERDICT_DENY : VERDICT_ASK))
                fail_msg("%s: %s (%s)", filled_in, names[d.verdict], d.rule);
            /* And nothing is offered whose grant would let it through next time for its text. */
            if (d.session_rule[0]) {
                struct decision again;
                struct err e = ERR_INIT;
                OK(policy_grant(p, "granted", d.session_rule, false, &e));
                struct tool_intent intent = {.command = filled_in};
                policy_decide(p, "granted", &bash, &intent, &again);
            }
            counted++;
        }
        policy_free(p);
    }
    assert_true(counted >= 2 * 150);
}

/* ---- trust, rate, show ---- */

static void test_trust(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct stat st;
    struct policy_config c = config_of(PRESET_PERMISSIVE, MODE_ASK);
    CLEANUP(mem_free_p) char *file = fs_join(config_dir, "trusted");
    struct policy *p = policy_new(&c, &e);
    OK(p != NULL);
    assert_false(policy_trusted(p));
    OK(policy_trust(p, true, &e));
    OK(policy_trust(p, true, &e));
    assert_true(policy_trusted(p));
    policy_free(p);
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    struct buf b = BUF_INIT(4096);
    OK(fs_read_file(file, &b, &e));
    CLEANUP(mem_free_p) char *line = mem_printf("%s\n", ws);
    assert_string_equal(buf_cstr(&b), line);
    buf_free(&b);
    p = policy_new(&c, &e);
    OK(p != NULL);
    assert_true(policy_trusted(p));
    policy_free(p);
    /* A list that others may write is not believed, nor changed. */
    assert_int_equal(chmod(file, 0640), 0);
    p = policy_new(&c, &e);
    OK(p != NULL);
    assert_false(policy_trusted(p));
    FAILS(policy_trust(p, true, &e), ERR_CONFIG);
    assert_int_equal(chmod(file, 0600), 0);
    OK(policy_trust(p, false, &e));
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_size, 0);
    policy_free(p);
}

enum { WRITERS = 4, DIRECTORIES = 12 };

struct writer {
    struct thread thread;
    int number;
    struct policy *policy;
    bool ok;
};

static void trust_many(void *arg)
{
    struct writer *w = arg;
    w->ok = true;
    for (int i = 0; i < DIRECTORIES && w->ok; i++) {
        struct err e = ERR_INIT;
        CLEANUP(mem_free_p) char *path = mem_printf("/at/%d/%d", w->number, i);
        w->ok = trust_set(config_dir, path, true, &e);
    }
}

/* A lock belongs to who opened the file, so threads are to one another as processes are. */
static void test_trust_of_many_at_once(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct writer w[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        w[i] = (struct writer){.number = i};
        OK(thread_start(&w[i].thread, "trusts", 0, trust_many, &w[i], &e));
    }
    for (int i = 0; i < WRITERS; i++)
        thread_join(&w[i].thread);
    for (int i = 0; i < WRITERS; i++) {
        assert_true(w[i].ok);
        for (int k = 0; k < DIRECTORIES; k++) {
            CLEANUP(mem_free_p) char *path = mem_printf("/at/%d/%d", i, k);
            bool trusted = false;
            OK(trust_find(config_dir, path, &trusted, &e));
            assert_true(trusted);
            OK(trust_set(config_dir, path, false, &e));
        }
    }
}

/* Room for one rule is the room of one. */
static void keep_one(void *arg)
{
    struct writer *w = arg;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *rule = mem_printf("allow bash npm run %d *", w->number);
    w->ok = policy_grant(w->policy, "s", rule, true, &e);
}

static void test_keeping_of_many_at_once(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct writer w[WRITERS];
    struct buf full = BUF_OWN;
    struct policy_config c = config_of(PRESET_PERMISSIVE, MODE_ASK);
    size_t kept = 0;
    for (int i = 0; i < RULES_MAX - 1; i++)
        buf_puts(&full, "allow bash foo\n");
    make_dir("state");
    put("state/policy.rules", buf_cstr(&full));
    for (int i = 0; i < WRITERS; i++) {
        w[i] = (struct writer){.number = i, .policy = policy_new(&c, &e)};
        OK(w[i].policy != NULL);
    }
    for (int i = 0; i < WRITERS; i++)
        OK(thread_start(&w[i].thread, "keeps", 0, keep_one, &w[i], &e));
    for (int i = 0; i < WRITERS; i++) {
        thread_join(&w[i].thread);
        policy_free(w[i].policy);
        kept += w[i].ok;
    }
    assert_int_equal(kept, 1);
    struct policy *p = policy_new(&c, &e); /* a rule too many, and nobody could read it */
    OK(p != NULL);
    policy_free(p);
    put("state/policy.rules", "");
    buf_free(&full);
}

/* A repository that nobody trusts, without a sandbox: what its own .git configures would run. */
static void test_untrusted_repository(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct policy_config c = config_of(PRESET_PERMISSIVE, MODE_ASK);
    c.sandbox_level = "none";
    struct policy *p = policy_new(&c, &e);
    OK(p != NULL);
    expect(p, "git status", VERDICT_ASK);
    expect(p, "ls", VERDICT_ALLOW);
    OK(policy_trust(p, true, &e));
    expect(p, "git status", VERDICT_ALLOW);
    assert_int_equal(decide_command(p, &bash, "git status", "bare").verdict, VERDICT_ASK);
    assert_int_equal(decide_command(p, &bash, "git status", "sub").verdict, VERDICT_ALLOW);
    policy_free(p);
}

static bool protects(struct policy *p, const char *name)
{
    struct sandbox_profile profile;
    CLEANUP(mem_free_p) char *path = mem_printf("%s/%s", ws, name);
    policy_sandbox(p, &profile);
    for (size_t i = 0; profile.protect[i]; i++)
        if (strcmp(profile.protect[i], path) == 0)
            return true;
    return false;
}

/* In a directory git must write; a .git that leads elsewhere, or could be made to, nobody may. */
static void test_git_elsewhere(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct policy *p = policy_with("", MODE_ASK);
    CLEANUP(mem_free_p) char *git = mem_printf("%s/.git", ws);
    OK(fs_remove_tree(git, &e));
    assert_true(protects(p, ".git"));
    put("ws/.git", "gitdir: .x\n");
    assert_true(protects(p, ".git"));
    assert_int_equal(unlink(git), 0);
    assert_int_equal(mkdir(git, 0755), 0);
    assert_false(protects(p, ".git"));
    assert_true(protects(p, ".git/commondir") && protects(p, ".git/modules") && protects(p, ".git/hooks"));
    policy_free(p);
}

static void test_rate(void **state)
{
    (void)state;
    struct policy *p = policy_with("", MODE_ASK);
    struct err e = ERR_INIT;
    policy_set_preset(p, PRESET_HARDENED);
    clock_freeze(1, 1000000000);
    for (int i = 0; i < 30; i++)
        OK(policy_rate(p, "a", &e));
    FAILS(policy_rate(p, "a", &e), ERR_DENIED);
    assert_non_null(strstr(e.hint, "60 s"));
    OK(policy_rate(p, "b", &e));
    clock_freeze(1, 1000000000 + 59999000);
    FAILS(policy_rate(p, "a", &e), ERR_DENIED);
    clock_freeze(1, 1000000000 + 60000000);
    OK(policy_rate(p, "a", &e));
    /* It slides: half of the calls now, half later. */
    clock_freeze(1, 1000000000 + 90000000);
    for (int i = 0; i < 29; i++)
        OK(policy_rate(p, "a", &e));
    FAILS(policy_rate(p, "a", &e), ERR_DENIED);
    clock_freeze(1, 1000000000 + 120000000);
    OK(policy_rate(p, "a", &e));
    FAILS(policy_rate(p, "a", &e), ERR_DENIED);
    policy_free(p);
    struct rate r = {0};
    int64_t wait;
    for (int i = 0; i < RATE_PRINCIPALS_MAX; i++) {
        char name[32];
        snprintf(name, sizeof(name), "p%d", i);
        assert_true(rate_count(&r, name, 1, 1000, &wait));
    }
    assert_false(rate_count(&r, "one more", 1, 1000, &wait));
    assert_true(rate_count(&r, "one more", 1, 1000 + RATE_WINDOW_MS, &wait));
    assert_int_equal(r.principals.n, 1);
    rate_free(&r);
}

static void test_show(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct policy *p = policy_with("allow bash npm test\n", MODE_EDITS);
    struct buf out = BUF_OWN;
    OK(policy_grant(p, "s", "allow bash foo", false, &e));
    policy_show(p, &out);
    struct json *j = json_parse(buf_view(&out), &e);
    OK(j != NULL);
    json_free(j);
    assert_non_null(strstr(buf_cstr(&out), "\"mode\":\"edits\""));
    assert_non_null(strstr(buf_cstr(&out), "allow bash npm test"));
    assert_non_null(strstr(buf_cstr(&out), "allow bash foo"));
    assert_non_null(strstr(buf_cstr(&out), "/ws/.git/hooks"));
    buf_free(&out);
    policy_free(p);
}

static void test_explain(void **state)
{
    (void)state;
    struct policy *p = policy_with("allow bash npm test\n", MODE_ASK);
    struct buf out = BUF_OWN;
    struct decision d;
    policy_explain(p, "npm test | sort -o x > '../y'", NULL, &out, &d);
    assert_int_equal(d.verdict, VERDICT_ASK);
    assert_non_null(strstr(buf_cstr(&out), "command 2: sort -o x > '../y'\n"));
    assert_non_null(strstr(buf_cstr(&out), "  words  [sort] [-o] [x]\n  redirect 1 > ../y\n"));
    assert_non_null(strstr(buf_cstr(&out), "\n  outside   ../y\n"));
    assert_non_null(strstr(buf_cstr(&out), "\nrisk risky\nask: mode ask: "));
    buf_clear(&out);
    policy_explain(p, "npm test", "sub", &out, &d);
    assert_int_equal(d.verdict, VERDICT_ALLOW);
    assert_true(str_ends(buf_view(&out), "allow: rule allow bash npm test (policy.rules:1)\n"));
    buf_clear(&out);
    policy_explain(p, "echo $X", NULL, &out, &d);
    assert_true(str_starts(buf_view(&out), "not understood: it has an expansion ($)\n"));
    buf_clear(&out);
    policy_explain(p, "ls", "../out", &out, &d);
    assert_int_equal(d.verdict, VERDICT_DENY);
    buf_free(&out);
    policy_free(p);
}

/* One policy, many threads: for the thread sanitizer, and for the rules that must be there at the
 * end. */
struct racer {
    pthread_t thread;
    struct policy *p;
    int number;
    bool ok;
};

static void *race(void *arg)
{
    enum { ROUNDS = 50 };
    struct racer *r = arg;
    char session[16], rule[96], command[64];
    snprintf(session, sizeof(session), "s%d", r->number);
    r->ok = true;
    for (int i = 0; i < ROUNDS && r->ok; i++) {
        struct err e = ERR_INIT;
        struct decision d;
        snprintf(command, sizeof(command), "foo%d %d", r->number, i);
        snprintf(rule, sizeof(rule), "allow bash %s", command);
        struct tool_intent intent = {.command = command};
        policy_set_mode(r->p, i % 2 ? MODE_ASK : MODE_EDITS);
        r->ok = policy_grant(r->p, session, rule, false, &e);
        if (r->number == 0)
            r->ok = r->ok && policy_reload(r->p, &e);
        policy_decide(r->p, session, &bash, &intent, &d);
        r->ok = r->ok && d.verdict == VERDICT_ALLOW;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    struct racer racers[4];
    struct policy *p = policy_with("allow bash ls\n", MODE_ASK);
    for (int i = 0; i < (int)ARRAY_LEN(racers); i++) {
        racers[i] = (struct racer){.p = p, .number = i};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(racers); i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        assert_true(racers[i].ok);
    }
    policy_free(p);
}

/* A session can not fill the memory with grants, nor can there be sessions without end. */
static void test_grant_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct policy *p = policy_with("", MODE_ASK);
    char name[32];
    for (int i = 0; i < RULES_MAX; i++)
        OK(policy_grant(p, "s", "allow bash foo", false, &e));
    FAILS(policy_grant(p, "s", "allow bash foo", false, &e), ERR_TOO_LARGE);
    for (int i = 1; i < POLICY_SESSIONS_MAX; i++) {
        snprintf(name, sizeof(name), "s%d", i);
        OK(policy_grant(p, name, "allow bash foo", false, &e));
    }
    FAILS(policy_grant(p, "one more", "allow bash foo", false, &e), ERR_TOO_LARGE);
    policy_free(p);
}

static void test_config_errors(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct policy_config c = config_of(PRESET_BALANCED, MODE_ASK);
    c.sandbox_level = "thick";
    FAILS(policy_new(&c, &e), ERR_CONFIG);
    c = config_of(PRESET_BALANCED, MODE_ASK);
    c.workspace = "relative";
    FAILS(policy_new(&c, &e), ERR_INVALID);
    CLEANUP(mem_free_p) char *missing = fs_join(top, "missing");
    c.workspace = missing;
    FAILS(policy_new(&c, &e), ERR_NOT_FOUND);
}

/* The table: sorted out by hand, so at least without doubles, and every row with a reason. */
static void test_program_table(void **state)
{
    (void)state;
    size_t n;
    const struct program *t = program_table(&n);
    assert_true(n > 200);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++)
            if (strcmp(t[i].name, t[k].name) == 0)
                fail_msg("%s is there twice", t[i].name);
        bool worse = t[i].shorts[0] || t[i].longs[0] || t[i].operands != OPERANDS_ANY;
        if (worse && !t[i].why[0])
            fail_msg("%s has no reason", t[i].name);
    }
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_read_only),     T(test_not_read_only), T(test_hijacked_path),
        T(test_modes),         T(test_paths),         T(test_secrets),
        T(test_hides),         T(test_auto),          T(test_presets_and_root),
        T(test_preset_limits), T(test_allow),         T(test_deny_and_ask),
        T(test_rule_files),    T(test_rule_limits),   T(test_offers),
        T(test_grants),        T(test_kept),          T(test_risk),
        T(test_bypasses),      T(test_trust),         T(test_untrusted_repository),
        T(test_trust_of_many_at_once), T(test_keeping_of_many_at_once),
        T(test_git_elsewhere),
        T(test_rate),          T(test_show),          T(test_explain),
        T(test_threads),       T(test_grant_limits),  T(test_config_errors),
        T(test_program_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
