/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "tool/gitdir.h"

#include <stdlib.h>
#include <sys/stat.h>

static char *dir;

static char *make_dir(const char *name)
{
    char *path = fs_join(dir, name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static void write_file(const char *name, const char *text)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void is(const char *name, const char *expected)
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    char branch[24] = "";
    assert_int_equal(gitdir_branch(path, branch, sizeof(branch)), expected != NULL);
    if (expected)
        assert_string_equal(branch, expected);
}

static void test_branch(void **state)
{
    (void)state;
    dir = test_tmpdir("gitdir");
    free(make_dir("repo"));
    free(make_dir("repo/.git"));
    free(make_dir("repo/src"));
    is("repo", NULL); /* no HEAD yet */
    write_file("repo/.git/HEAD", "ref: refs/heads/fix/sse-split\n");
    is("repo", "fix/sse-split");
    is("repo/src", "fix/sse-split");
    is("repo/src/not/there", "fix/sse-split");
    write_file("repo/.git/HEAD", "ref: refs/heads/a-name-that-is-longer-\xE6\x97\xA5\xE6\x9C\xAC\n");
    is("repo", "a-name-that-is-longer-"); /* cut, and not inside a character */
    write_file("repo/.git/HEAD", "ref: refs/remotes/x\n");
    is("repo", "refs/remotes/x");
    write_file("repo/.git/HEAD", "0123456789abcdef0123456789abcdef01234567\n");
    is("repo", "0123456");
    write_file("repo/.git/HEAD", "ref: refs/heads/one\nref: refs/heads/two\n");
    is("repo", "one");
    static const char *const wrong[] = {"", "ref: refs/heads/.invalid\n", "\n", "ref: refs/heads/", "012345", "0123456g", "words"};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        write_file("repo/.git/HEAD", wrong[i]);
        is("repo", NULL);
    }
    /* A worktree says where its own HEAD is, by a path of either kind. */
    free(make_dir("repo/.git/worktrees"));
    free(make_dir("repo/.git/worktrees/wt"));
    write_file("repo/.git/worktrees/wt/HEAD", "ref: refs/heads/wt\n");
    free(make_dir("wt"));
    write_file("wt/.git", "gitdir: ../repo/.git/worktrees/wt\n");
    is("wt", "wt");
    CLEANUP(mem_free_p) char *line = mem_printf("gitdir: %s/repo/.git/worktrees/wt", dir);
    write_file("wt/.git", line);
    is("wt", "wt");
    write_file("wt/.git", "no such line\n");
    is("wt", NULL);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_branch)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
