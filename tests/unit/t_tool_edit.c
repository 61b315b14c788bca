/* SPDX-License-Identifier: MIT
 *
 * edit and write: what they change, what they refuse, and that nothing is half done.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "tool/builtin.h"
#include "tool/change.h"
#include "tool/nearest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tools t;

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "edit", PRESET_BALANCED);
    tools_put(&t, "a.c", "int one;\nint two;\nint two_b;\nint three;\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tools_close(&t);
    return 0;
}

static void is(const char *relative, const char *expected)
{
    CLEANUP(mem_free_p) char *now = tools_get(&t, relative, NULL);
    assert_string_equal(now, expected);
}

static size_t files_in(const char *relative)
{
    CLEANUP(mem_free_p) char *path = fs_join(t.ws, relative);
    DIR *dir = opendir(path);
    size_t n = 0;
    assert_non_null(dir);
    for (struct dirent *d = readdir(dir); d; d = readdir(dir))
        n += strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
    closedir(dir);
    return n;
}

/* ---- edit ---- */

static void one_edit(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    t.call.copied = false;
    OK(tools_call(&t, "edit", "{\"path\":\"a.c\",\"find\":\"int one;\",\"replace\":\"long one;\"}",
                  &e));
    is("a.c", "long one;\nint two;\nint two_b;\nint three;\n");
    assert_string_equal(t.intent.action, "edit a.c (+1 -1)");
    assert_string_equal(t.intent.paths[0].path, "a.c");
    assert_true(t.intent.paths[0].write);
    assert_non_null(strstr(t.intent.preview, "\n-int one;\n+long one;\n"));
    assert_string_equal(t.outcome.summary, "edited a.c (+1 -1)");
    assert_non_null(strstr(t.outcome.result, "+long one;\n"));
    assert_int_equal(t.outcome.n_files, 1);
    assert_string_equal(t.outcome.files[0].path, "a.c");
    assert_string_equal(t.outcome.files[0].change, "changed");
    assert_int_equal(t.outcome.files[0].added, 1);
    assert_int_equal(t.outcome.files[0].removed, 1);
    assert_false(t.outcome.files[0].restorable); /* nobody kept a copy */
    assert_int_equal(files_in("."), 1);
}

static void several_edits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "edit",
                  "{\"path\":\"a.c\",\"edits\":["
                  "{\"find\":\"three\",\"replace\":\"3\"},"
                  "{\"find\":\"two\",\"replace\":\"2\",\"all\":true},"
                  "{\"find\":\"int one;\\n\",\"replace\":\"\"}]}",
                  &e));
    is("a.c", "int 2;\nint 2_b;\nint 3;\n");
    assert_non_null(strstr(t.outcome.result, ", 4 places\n"));
}

/* All or none: the file is untouched after every refusal. */
static void refuses(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    static const struct {
        const char *arguments;
        enum err_code code;
        const char *message;
    } rows[] = {
        {"{\"path\":\"a.c\",\"edits\":[{\"find\":\"one\",\"replace\":\"1\"},"
         "{\"find\":\"four\",\"replace\":\"4\"}]}",
         ERR_NO_MATCH, "edits[1].find: this text is not in a.c"},
        {"{\"path\":\"a.c\",\"find\":\"two\",\"replace\":\"2\"}", ERR_AMBIGUOUS,
         "find: this text is 2 times in a.c (lines 2, 3)"},
        {"{\"path\":\"a.c\",\"edits\":[{\"find\":\"int one;\\nint\",\"replace\":\"1\"},"
         "{\"find\":\"int two;\",\"replace\":\"2\"}]}",
         ERR_BAD_ARGUMENTS, "edits[0] and edits[1] change the same text"},
        {"{\"path\":\"a.c\",\"find\":\"\",\"replace\":\"2\"}", ERR_BAD_ARGUMENTS, "find is empty"},
        {"{\"path\":\"a.c\",\"find\":\"one\"}", ERR_BAD_ARGUMENTS, "replace is missing"},
        {"{\"path\":\"a.c\"}", ERR_BAD_ARGUMENTS, "find is missing"},
        {"{\"path\":\"a.c\",\"edits\":[]}", ERR_BAD_ARGUMENTS, "find is missing"},
        {"{\"path\":\"a.c\",\"all\":true,\"edits\":[{\"find\":\"one\",\"replace\":\"1\"}]}",
         ERR_BAD_ARGUMENTS, "give either edits, or find and replace"},
        {"{\"path\":\"a.c\",\"edits\":[{\"find\":\"one\",\"replace\":1}]}", ERR_INVALID,
         "edits[0].replace: expected string, got number"},
        {"{\"path\":\"a.c\",\"find\":\"one\",\"replace\":\"one\"}", ERR_BAD_ARGUMENTS,
         "a.c would stay as it is"},
        {"{\"path\":\"none.c\",\"find\":\"one\",\"replace\":\"1\"}", ERR_NOT_FOUND,
         "none.c does not exist; make it with write"},
        {"{\"path\":\"no/dir/none.c\",\"find\":\"one\",\"replace\":\"1\"}", ERR_NOT_FOUND, NULL},
        {"{\"path\":\"../a.c\",\"find\":\"one\",\"replace\":\"1\"}", ERR_OUTSIDE, NULL},
        {"{\"path\":\".\",\"find\":\"one\",\"replace\":\"1\"}", ERR_IS_DIRECTORY, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        e = ERR_INIT;
        FAILS(tools_call(&t, "edit", rows[i].arguments, &e), rows[i].code);
        assert_false(t.intended); /* the operator is never asked for what can not work */
        if (rows[i].message)
            assert_string_equal(e.message, rows[i].message);
        is("a.c", "int one;\nint two;\nint two_b;\nint three;\n");
    }
}

static void overlapping_finds(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "x", "aaa\n");
    FAILS(tools_call(&t, "edit", "{\"path\":\"x\",\"find\":\"aa\",\"replace\":\"b\"}", &e),
          ERR_AMBIGUOUS);
    OK(tools_call(&t, "edit", "{\"path\":\"x\",\"find\":\"aa\",\"replace\":\"b\",\"all\":true}",
                  &e));
    is("x", "ba\n");
}

static void edit_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum { EDITS = 100, PLACES = 100000 };
    for (int past = 0; past < 2; past++) {
        CLEANUP(buf_free) struct buf text = BUF_OWN, args = BUF_OWN;
        buf_puts(&args, "{\"path\":\"x\",\"edits\":[");
        for (int i = 0; i < EDITS + past; i++) {
            buf_printf(&text, "<%d>\n", i);
            buf_printf(&args, "%s{\"find\":\"<%d>\",\"replace\":\"%d\"}", i ? "," : "", i, i);
        }
        buf_puts(&args, "]}");
        tools_put(&t, "x", buf_cstr(&text));
        if (past)
            FAILS(tools_call(&t, "edit", buf_cstr(&args), &e), ERR_INVALID);
        else
            OK(tools_call(&t, "edit", buf_cstr(&args), &e));
        buf_clear(&text);
        buf_fill(&text, 'a', PLACES + (size_t)past);
        tools_put(&t, "x", buf_cstr(&text));
        const char *all = "{\"path\":\"x\",\"find\":\"a\",\"replace\":\"b\",\"all\":true}";
        if (past)
            FAILS(tools_call(&t, "edit", all, &e), ERR_TOO_LARGE);
        else
            OK(tools_call(&t, "edit", all, &e));
    }
    /* A file that is too large, before and after. */
    size_t max = (size_t)policy_limits(t.policy).max_file_write_bytes;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_fill(&text, 'a', max - 1);
    buf_putc(&text, 'b');
    tools_put(&t, "x", buf_cstr(&text));
    OK(tools_call(&t, "edit", "{\"path\":\"x\",\"find\":\"b\",\"replace\":\"c\"}", &e));
    FAILS(tools_call(&t, "edit", "{\"path\":\"x\",\"find\":\"c\",\"replace\":\"cc\"}", &e),
          ERR_TOO_LARGE);
    buf_putc(&text, 'b');
    tools_put(&t, "x", buf_cstr(&text));
    FAILS(tools_call(&t, "edit", "{\"path\":\"x\",\"find\":\"bb\",\"replace\":\"c\"}", &e),
          ERR_TOO_LARGE);
    /* One that would be very long is refused before it is made. */
    CLEANUP(buf_free) struct buf long_one = BUF_OWN;
    buf_truncate(&text, PLACES);
    tools_put(&t, "x", buf_cstr(&text));
    buf_puts(&long_one, "{\"path\":\"x\",\"find\":\"a\",\"all\":true,\"replace\":\"");
    buf_fill(&long_one, 'y', 100000);
    buf_puts(&long_one, "\"}");
    FAILS(tools_call(&t, "edit", buf_cstr(&long_one), &e), ERR_TOO_LARGE);
}

static void hints(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    FAILS(
        tools_call(&t, "edit", "{\"path\":\"a.c\",\"find\":\"int threee;\",\"replace\":\"\"}", &e),
        ERR_NO_MATCH);
    assert_string_equal(e.hint, "line 4 is near: 'int three;'");
    FAILS(
        tools_call(&t, "edit", "{\"path\":\"a.c\",\"find\":\"  int three;\",\"replace\":\"\"}", &e),
        ERR_NO_MATCH);
    assert_string_equal(e.hint, "line 4 differs in white space only: 'int three;'");
    FAILS(tools_call(&t, "edit",
                     "{\"path\":\"a.c\",\"find\":\"int one;\\nint 2;\\n\",\"replace\":\"\"}", &e),
          ERR_NO_MATCH);
    assert_string_equal(e.hint, "line 1 is like its first line, but line 2 is 'int two;'");
    FAILS(
        tools_call(&t, "edit", "{\"path\":\"a.c\",\"find\":\"%%%%%%%%%%%\",\"replace\":\"\"}", &e),
        ERR_NO_MATCH);
    assert_string_equal(e.hint, "");
    char out[256];
    assert_false(nearest_hint(STR("x\n"), STR("\n \n"), out, sizeof(out)));
    assert_true(nearest_hint(STR("a\n\x1b[2Jxxxxxxx\n"), STR("\x1b[2Jxxxxxxy"), out, sizeof(out)));
    assert_string_equal(out, "line 2 is near: ' [2Jxxxxxxx'");
}

static void line_ends(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "dos", "one\r\ntwo\r\nthree\r\n");
    OK(tools_call(&t, "edit",
                  "{\"path\":\"dos\",\"find\":\"one\\ntwo\",\"replace\":\"1\\n2\\n2b\"}", &e));
    is("dos", "1\r\n2\r\n2b\r\nthree\r\n");
    OK(tools_call(&t, "edit", "{\"path\":\"dos\",\"find\":\"2\\r\\n2b\",\"replace\":\"x\\r\\ny\"}",
                  &e));
    is("dos", "1\r\nx\r\ny\r\nthree\r\n");
    OK(tools_call(&t, "edit", "{\"path\":\"dos\",\"find\":\"x\",\"replace\":\"a\\nb\"}", &e));
    is("dos", "1\r\na\r\nb\r\ny\r\nthree\r\n");
    /* Plain line ends stay plain. */
    OK(tools_call(&t, "edit",
                  "{\"path\":\"a.c\",\"find\":\"one;\\r\\nint two;\",\"replace\":\"1;\\r\\n\"}",
                  &e));
    is("a.c", "int 1;\n\nint two_b;\nint three;\n");
    /* The newline at the end stays, and one that was not there does not come. */
    OK(tools_call(&t, "edit", "{\"path\":\"a.c\",\"find\":\"three;\\n\",\"replace\":\"3;\"}", &e));
    is("a.c", "int 1;\n\nint two_b;\nint 3;\n");
    tools_put(&t, "open", "a\nb");
    OK(tools_call(&t, "edit", "{\"path\":\"open\",\"find\":\"a\",\"replace\":\"c\"}", &e));
    is("open", "c\nb");
}

static void other_bytes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_put(&t, "latin", "caf\xE9 one and some more text\n");
    OK(tools_call(&t, "edit", "{\"path\":\"latin\",\"find\":\"one\",\"replace\":\"\xC3\xA9\"}",
                  &e));
    is("latin", "caf\xE9 \xC3\xA9 and some more text\n");
    tools_put_bytes(&t, "bin", "one\0", 4);
    FAILS(tools_call(&t, "edit", "{\"path\":\"bin\",\"find\":\"one\",\"replace\":\"1\"}", &e),
          ERR_NOT_TEXT);
}

static void touch_it(struct tools *x)
{
    tools_put(x, "a.c", "int one;\nsomebody was here\n");
}

static void touch_same_size(struct tools *x)
{
    /* The same inode, size and time: only the content tells. */
    CLEANUP(mem_free_p) char *path = fs_join(x->ws, "a.c");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    FILE *f = fopen(path, "r+e");
    fputs("int ONE", f);
    fclose(f);
    struct timespec times[2] = {st.st_atim, st.st_mtim};
    assert_int_equal(utimensat(-1, path, times, 0), 0);
}

static void remove_it(struct tools *x)
{
    CLEANUP(mem_free_p) char *path = fs_join(x->ws, "a.c");
    unlink(path);
}

static void make_new(struct tools *x)
{
    tools_put(x, "new.c", "mine\n");
}

static void swap_for_link(struct tools *x)
{
    CLEANUP(mem_free_p) char *path = fs_join(x->ws, "a.c");
    unlink(path);
    assert_int_equal(symlink("../victim", path), 0);
}

static void swap_directory(struct tools *x)
{
    CLEANUP(mem_free_p) char *dir = fs_join(x->ws, "dir");
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(symlink("..", dir), 0);
}

static void swap_for_git(struct tools *x)
{
    CLEANUP(mem_free_p) char *dir = fs_join(x->ws, "dir");
    assert_int_equal(rmdir(dir), 0);
    assert_int_equal(symlink(".git/hooks", dir), 0);
}

static void changed_meanwhile(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const char *args = "{\"path\":\"a.c\",\"find\":\"int one;\",\"replace\":\"x\"}";
    FAILS(tools_call_between(&t, "edit", args, touch_it, &e), ERR_CONFLICT);
    is("a.c", "int one;\nsomebody was here\n");
    FAILS(tools_call_between(&t, "edit", args, touch_same_size, &e), ERR_CONFLICT);
    is("a.c", "int ONE;\nsomebody was here\n");
    FAILS(tools_call_between(&t, "edit", "{\"path\":\"a.c\",\"find\":\"ONE\",\"replace\":\"x\"}",
                             remove_it, &e),
          ERR_CONFLICT);
    assert_false(tools_has(&t, "a.c"));
    FAILS(tools_call_between(&t, "write", "{\"path\":\"new.c\",\"content\":\"theirs\"}", make_new,
                             &e),
          ERR_CONFLICT);
    is("new.c", "mine\n");
    assert_int_equal(files_in("."), 1); /* no temporary file stays */
}

static void symlink_races(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *victim = fs_join(t.top, "victim");
    OK(fs_replace(victim, STR("int one;\n"), 0644, &e));
    FAILS(
        tools_call_between(&t, "write", "{\"path\":\"a.c\",\"content\":\"x\"}", swap_for_link, &e),
        ERR_CONFLICT);
    tools_mkdir(&t, "dir");
    FAILS(tools_call_between(&t, "write", "{\"path\":\"dir/victim\",\"content\":\"x\"}",
                             swap_directory, &e),
          ERR_OUTSIDE);
    CLEANUP(mem_free_p) char *link = fs_join(t.ws, "dir");
    assert_int_equal(unlink(link), 0);
    tools_mkdir(&t, "dir");
    tools_mkdir(&t, ".git/hooks");
    FAILS(tools_call_between(&t, "write", "{\"path\":\"dir/pre-commit\",\"content\":\"x\"}",
                             swap_for_git, &e),
          ERR_PROTECTED);
    assert_false(tools_has(&t, ".git/hooks/pre-commit"));
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    OK(fs_read_file(victim, &b, &e));
    assert_string_equal(buf_cstr(&b), "int one;\n");
    FAILS(tools_call(&t, "edit", "{\"path\":\"a.c\",\"find\":\"int\",\"replace\":\"x\"}", &e),
          ERR_OUTSIDE);
}

/* ---- write ---- */

static void writes_new(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(tools_call(&t, "write", "{\"path\":\"deep/er/new.c\",\"content\":\"one\\ntwo\\n\"}", &e));
    is("deep/er/new.c", "one\ntwo\n");
    assert_string_equal(t.intent.action, "write deep/er/new.c (new, +2)");
    assert_non_null(strstr(t.intent.preview, "\n+one\n+two\n"));
    assert_string_equal(t.outcome.result, "created deep/er/new.c, 8 bytes");
    assert_string_equal(t.outcome.files[0].change, "created");
    assert_true(t.outcome.files[0].restorable);
    OK(tools_call(&t, "write", "{\"path\":\"empty\",\"content\":\"\"}", &e));
    is("empty", "");
}

static void replaces(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(t.ws, "a.c");
    assert_int_equal(chmod(path, 0750), 0);
    OK(tools_call(&t, "write", "{\"path\":\"a.c\",\"content\":\"int one;\\n\"}", &e));
    is("a.c", "int one;\n");
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    assert_string_equal(t.intent.action, "write a.c (+0 -3)");
    assert_string_equal(t.outcome.files[0].change, "changed");
    ino_t before = st.st_ino;
    OK(tools_call(&t, "write", "{\"path\":\"a.c\",\"content\":\"int one;\\n\"}", &e));
    assert_string_equal(t.outcome.summary, "a.c has this content already");
    assert_int_equal(t.outcome.n_files, 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_ino, before);
    tools_put_bytes(&t, "bin", "\0\1\2", 3);
    OK(tools_call(&t, "write", "{\"path\":\"bin\",\"content\":\"text\"}", &e));
    assert_string_equal(t.intent.preview, "replaces the binary file bin (3 bytes)\n");
}

static void through_links(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *link = fs_join(t.ws, "link.c");
    CLEANUP(mem_free_p) char *sub = fs_join(t.ws, "sub");
    CLEANUP(mem_free_p) char *back = fs_join(t.ws, "sub/back.c");
    CLEANUP(mem_free_p) char *round = fs_join(t.ws, "round");
    assert_int_equal(symlink("a.c", link), 0);
    assert_int_equal(mkdir(sub, 0755), 0);
    assert_int_equal(symlink("../link.c", back), 0);
    assert_int_equal(symlink("round", round), 0);
    OK(tools_call(&t, "write", "{\"path\":\"sub/back.c\",\"content\":\"new\\n\"}", &e));
    is("a.c", "new\n");
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_string_equal(t.intent.paths[0].path, "sub/back.c");
    assert_string_equal(t.intent.paths[1].path, "a.c");
    FAILS(tools_call(&t, "write", "{\"path\":\"round\",\"content\":\"x\"}", &e), ERR_INVALID);
    for (int i = 1; i <= CHANGE_LINKS_MAX + 1; i++) {
        char name[16], target[16];
        snprintf(name, sizeof(name), "l%d", i);
        if (i == 1)
            snprintf(target, sizeof(target), "a.c");
        else
            snprintf(target, sizeof(target), "l%d", i - 1);
        CLEANUP(mem_free_p) char *path = fs_join(t.ws, name);
        assert_int_equal(symlink(target, path), 0);
    }
    OK(tools_call(&t, "write", "{\"path\":\"l8\",\"content\":\"eight\\n\"}", &e));
    is("a.c", "eight\n");
    FAILS(tools_call(&t, "write", "{\"path\":\"l9\",\"content\":\"x\"}", &e), ERR_INVALID);
}

static void write_limits(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    size_t max = (size_t)policy_limits(t.policy).max_file_write_bytes;
    CLEANUP(buf_free) struct buf args = BUF_OWN;
    buf_puts(&args, "{\"path\":\"x\",\"content\":\"");
    buf_fill(&args, 'x', max);
    buf_puts(&args, "\"}");
    OK(tools_call(&t, "write", buf_cstr(&args), &e));
    assert_true(strlen(t.intent.preview) <= TOOL_PREVIEW_MAX + 100);
    buf_truncate(&args, args.len - 2);
    buf_puts(&args, "y\"}");
    FAILS(tools_call(&t, "write", buf_cstr(&args), &e), ERR_TOO_LARGE);
    FAILS(tools_call(&t, "write", "{\"path\":\"x\"}", &e), ERR_INVALID);
    FAILS(tools_call(&t, "write", "{\"path\":\"a.c/below\",\"content\":\"\"}", &e), ERR_NOT_FOUND);
    CLEANUP(mem_free_p) char *fifo = fs_join(t.ws, "fifo");
    assert_int_equal(mkfifo(fifo, 0644), 0);
    FAILS(tools_call(&t, "write", "{\"path\":\"fifo\",\"content\":\"\"}", &e), ERR_NOT_REGULAR);
}

static void protected_paths(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_mkdir(&t, ".git/hooks");
    static const char *const paths[] = {".git/hooks/pre-commit", ".GIT/config", ".tau/x",
                                        "sub/.git/config", "AGENTS.md"};
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        char *args = mem_printf("{\"path\":\"%s\",\"content\":\"x\"}", paths[i]);
        FAILS(tools_call(&t, "write", args, &e), ERR_PROTECTED);
        assert_false(tools_has(&t, paths[i]));
        free(args);
    }
}

/* Its directory would let it be replaced. */
static void read_only_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(t.ws, "a.c");
    assert_int_equal(chmod(path, 0444), 0);
    CLEANUP(mem_free_p) char *was = tools_get(&t, "a.c", NULL);
    FAILS(tools_call(&t, "write", "{\"path\":\"a.c\",\"content\":\"x\"}", &e), ERR_IO);
    assert_string_equal(e.message, "a.c is read-only (mode 0444)");
    is("a.c", was);
}

static void read_only_directory(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    enum { NOBODY = 65534 };
    bool root = geteuid() == 0; /* root may write anywhere, so it is somebody else for the call */
    tools_mkdir(&t, "ro");
    CLEANUP(mem_free_p) char *path = fs_join(t.ws, "ro");
    assert_int_equal(chmod(path, 0555), 0);
    assert_int_equal(root ? seteuid(NOBODY) : 0, 0);
    bool wrote = tools_call(&t, "write", "{\"path\":\"ro/x\",\"content\":\"x\"}", &e);
    assert_int_equal(root ? seteuid(0) : 0, 0);
    assert_int_equal(chmod(path, 0755), 0);
    FAILS(wrote, ERR_IO);
    assert_int_equal(files_in("ro"), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(one_edit),          T(several_edits), T(refuses),         T(overlapping_finds),
        T(edit_limits),       T(hints),         T(line_ends),       T(other_bytes),
        T(changed_meanwhile), T(symlink_races), T(writes_new),      T(replaces),
        T(through_links),     T(write_limits),  T(protected_paths), T(read_only_directory),
        T(read_only_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
