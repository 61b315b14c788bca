/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/outfile.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir, *path;

static int up(void **state)
{
    (void)state;
    dir = test_tmpdir("outfile");
    path = fs_join(dir, "out");
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(fs_remove_tree(dir, &e));
    free(dir);
    free(path);
    return 0;
}

static int files(void)
{
    int n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

static void assert_holds(const char *expected)
{
    struct err e = ERR_INIT;
    struct buf b = BUF_OWN;
    OK(fs_read_file(path, &b, &e));
    assert_string_equal(buf_cstr(&b), expected);
    buf_free(&b);
}

static void write_it(const char *text, bool replace, enum err_code code)
{
    struct err e = ERR_INIT;
    struct outfile f;
    OK(outfile_open(&f, path, &e));
    OK(outfile_add(&f, str_of(text), &e));
    OK(outfile_add(&f, STR("!"), &e));
    assert_int_equal(outfile_end(&f, replace, &e), code == ERR_NONE);
    assert_int_equal(e.code, code);
    outfile_drop(&f);
    assert_int_equal(files(), 1);
}

static void is_there_when_it_is_whole(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct outfile f;
    struct stat st;
    OK(outfile_open(&f, path, &e));
    OK(outfile_add(&f, STR("half"), &e));
    assert_false(fs_exists(path));
    outfile_drop(&f);
    outfile_drop(&f);
    assert_int_equal(files(), 0);
    write_it("one", false, ERR_NONE);
    assert_holds("one!");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void replaces_only_when_told(void **state)
{
    (void)state;
    write_it("one", false, ERR_NONE);
    write_it("two", false, ERR_EXISTS);
    assert_holds("one!");
    write_it("three", true, ERR_NONE);
    assert_holds("three!");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/nowhere/at/all", path), 0);
    write_it("four", false, ERR_EXISTS); /* also a link that leads nowhere */
    write_it("five", true, ERR_NONE);
    assert_holds("five!");
}

static void says_why_not(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct outfile f;
    CLEANUP(mem_free_p) char *lost = fs_join(dir, "not/there");
    assert_false(outfile_open(&f, lost, &e));
    assert_int_equal(e.code, ERR_NOT_FOUND);
    outfile_drop(&f);
    OK(outfile_open(&f, path, &e));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_false(outfile_end(&f, true, &e));
    assert_int_equal(files(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_there_when_it_is_whole, up, down),
        cmocka_unit_test_setup_teardown(replaces_only_when_told, up, down),
        cmocka_unit_test_setup_teardown(says_why_not, up, down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
