/* SPDX-License-Identifier: MIT
 *
 * keep and gitindex: what is copied before a command, and what it changed.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "tool/gitindex.h"
#include "tool/keep.h"
#include "tool/keep_cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tools t;
static struct keep_index *k;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    tools_open(&t, "keep", PRESET_BALANCED);
    k = keep_index_new(&t.root, t.store, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    keep_index_free(k);
    arena_free(&arena);
    tools_close(&t);
    return 0;
}

/* ---- index files of git, written here ---- */

struct index_row {
    const char *path;
    struct stat st;
    bool extended, conflict;
};

static void put32(struct buf *b, uint32_t v)
{
    const char bytes[4] = {(char)(v >> 24), (char)(v >> 16), (char)(v >> 8), (char)v};
    buf_add(b, bytes, 4);
}

static void put16(struct buf *b, uint32_t v)
{
    const char bytes[2] = {(char)(v >> 8), (char)v};
    buf_add(b, bytes, 2);
}

static void put_row(struct buf *b, const struct index_row *row, int version, const char *before)
{
    size_t from = b->len;
    const struct stat *st = &row->st;
    put32(b, (uint32_t)st->st_ctim.tv_sec);
    put32(b, (uint32_t)st->st_ctim.tv_nsec);
    put32(b, (uint32_t)st->st_mtim.tv_sec);
    put32(b, (uint32_t)st->st_mtim.tv_nsec);
    put32(b, (uint32_t)st->st_dev);
    put32(b, (uint32_t)st->st_ino);
    put32(b, 0100644);
    put32(b, 0);
    put32(b, 0);
    put32(b, (uint32_t)st->st_size);
    buf_fill(b, 'h', 20);
    put16(b, (row->extended ? 0x4000 : 0) | (row->conflict ? 0x1000 : 0) |
                 (uint32_t)strlen(row->path));
    if (row->extended)
        put16(b, 0);
    if (version < 4) {
        buf_puts(b, row->path);
        buf_fill(b, '\0', 8 - (b->len - from) % 8);
        return;
    }
    size_t same = 0;
    while (before[same] && before[same] == row->path[same])
        same++;
    buf_putc(b, (char)(strlen(before) - same)); /* below 128: one byte */
    buf_add(b, row->path + same, strlen(row->path) - same + 1);
}

static void put_index(struct buf *b, int version, const struct index_row *rows, size_t n)
{
    buf_puts(b, "DIRC");
    put32(b, (uint32_t)version);
    put32(b, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        put_row(b, &rows[i], version, i ? rows[i - 1].path : "");
    buf_fill(b, 'x', 20);
}

static struct stat some_stat(ino_t ino)
{
    struct stat st = {.st_ino = ino, .st_size = 100, .st_mtim = {1000, 5}};
    return st;
}

static const struct timespec later = {2000, 0};

static void git_versions(void **state)
{
    (void)state;
    struct index_row rows[] = {{"a", some_stat(1), false, false},
                               {"dir/one.c", some_stat(2), false, false},
                               {"dir/other.c", some_stat(3), true, false},
                               {"dir/torn.c", some_stat(4), false, true},
                               {"last", some_stat(5), false, false}};
    for (int version = 2; version <= 4; version++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        rows[2].extended = version > 2;
        put_index(&b, version, rows, ARRAY_LEN(rows));
        struct gitindex *g = gitindex_parse(buf_view(&b), later, STR(""));
        assert_non_null(g);
        assert_int_equal(gitindex_count(g), 4);
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            assert_int_equal(gitindex_has(g, rows[i].path, &rows[i].st), !rows[i].conflict);
        assert_false(gitindex_has(g, "dir", &rows[0].st));
        gitindex_free(g);
        g = gitindex_parse(buf_view(&b), later, STR("dir/"));
        assert_int_equal(gitindex_count(g), 2);
        assert_true(gitindex_has(g, "one.c", &rows[1].st));
        gitindex_free(g);
        /* Every front of it is refused or known to be short, and never read past its end. */
        for (size_t n = 0; n < b.len; n++) {
            char *front = mem_dup(b.data, n);
            gitindex_free(gitindex_parse(str_make(front, n), later, STR("")));
            free(front);
        }
    }
}

static void git_doubts(void **state)
{
    (void)state;
    struct index_row row = {"a", some_stat(1), false, false};
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    put_index(&b, 2, &row, 1);
    struct gitindex *g = gitindex_parse(buf_view(&b), later, STR(""));
    struct stat st = row.st;
    assert_true(gitindex_has(g, "a", &st));
    st.st_size++;
    assert_false(gitindex_has(g, "a", &st));
    st = row.st;
    st.st_mtim.tv_nsec++;
    assert_false(gitindex_has(g, "a", &st));
    st = row.st;
    st.st_ino++;
    assert_false(gitindex_has(g, "a", &st));
    gitindex_free(g);
    /* Written in the same instant as the file: it may have changed since. */
    g = gitindex_parse(buf_view(&b), row.st.st_mtim, STR(""));
    assert_false(gitindex_has(g, "a", &row.st));
    gitindex_free(g);
    b.data[7] = 5;
    assert_null(gitindex_parse(buf_view(&b), later, STR("")));
    b.data[7] = 2;
    b.data[8] = 1; /* sixteen million entries */
    assert_null(gitindex_parse(buf_view(&b), later, STR("")));
    b.data[8] = 0;
    b.data[0] = 'X';
    assert_null(gitindex_parse(buf_view(&b), later, STR("")));
}

static void git_noise(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct index_row rows[] = {{"a", some_stat(1), false, false},
                               {"dir/one.c", some_stat(2), false, false}};
    for (int i = 0; i < 3000; i++) {
        CLEANUP(buf_free) struct buf b = BUF_OWN;
        put_index(&b, 2 + i % 3, rows, 2);
        for (int j = 0; j < 3; j++)
            b.data[4 + test_random(&seed) % (b.len - 4)] = (char)test_random(&seed);
        char *copy = mem_dup(b.data, b.len);
        gitindex_free(gitindex_parse(str_make(copy, b.len), later, STR("")));
        free(copy);
    }
}

/* ---- keep ---- */

/* A repository in the workspace whose index holds these files as they are now. */
static void commit(const char *const *paths, size_t n)
{
    struct err e = ERR_INIT;
    struct index_row rows[8] = {0};
    struct timespec old[2] = {{1000000, 0}, {1000000, 7}};
    for (size_t i = 0; i < n; i++) {
        CLEANUP(mem_free_p) char *path = fs_join(t.ws, paths[i]);
        assert_int_equal(utimensat(-1, path, old, 0), 0);
        rows[i].path = paths[i];
        assert_int_equal(stat(path, &rows[i].st), 0);
    }
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    put_index(&b, 2, rows, n);
    tools_mkdir(&t, ".git");
    CLEANUP(mem_free_p) char *index = fs_join(t.ws, ".git/index");
    OK(fs_replace(index, buf_view(&b), 0644, &e));
}

static size_t refresh(const struct keep_copy **ret)
{
    struct err e = ERR_INIT;
    size_t n = 0;
    OK(keep_index_refresh(k, t.cancel, &arena, ret, &n, &e));
    return n;
}

static size_t diff(struct tool_file **ret)
{
    struct err e = ERR_INIT;
    size_t n = 0;
    bool more = true;
    OK(keep_index_diff(k, t.cancel, &arena, ret, &n, &more, &e));
    assert_false(more);
    return n;
}

static void is_file(const struct tool_file *f, const char *path, const char *change,
                    bool restorable, int64_t added, int64_t removed)
{
    assert_string_equal(f->path, path);
    assert_string_equal(f->change, change);
    assert_int_equal(f->restorable, restorable);
    assert_int_equal(f->added, added);
    assert_int_equal(f->removed, removed);
}

static void remove_file(const char *relative)
{
    CLEANUP(mem_free_p) char *path = fs_join(t.ws, relative);
    assert_int_equal(unlink(path), 0);
}

static void a_command(void **state)
{
    (void)state;
    const struct keep_copy *copies;
    struct tool_file *files;
    tools_mkdir(&t, "src");
    tools_mkdir(&t, "out");
    tools_put(&t, ".gitignore", "out/\n");
    tools_put(&t, "src/tracked.c", "one\ntwo\n");
    tools_put(&t, "src/gone.c", "one\n");
    tools_put(&t, "src/edited.c", "one\n");
    commit((const char *const[]){".gitignore", "src/tracked.c", "src/gone.c", "src/edited.c"}, 4);
    tools_put(&t, "src/edited.c", "one\nmine\n");
    tools_put(&t, "notes", "my notes\n");
    tools_put(&t, "out/x", "ignored\n");
    assert_int_equal(refresh(&copies), 2);
    assert_string_equal(copies[0].path, "notes");
    assert_string_equal(copies[1].path, "src/edited.c");
    CLEANUP(mem_free_p) char *kept = tools_blob(&t, copies[1].sha256, NULL);
    assert_string_equal(kept, "one\nmine\n");
    assert_int_equal(diff(&files), 0);
    assert_int_equal(refresh(&copies), 0); /* nothing is copied twice */

    tools_put(&t, "src/tracked.c", "ONE\ntwo\n");
    tools_put(&t, "src/edited.c", "one\nyours\nand more\n");
    tools_put(&t, "src/new.c", "a\nb\nc\n");
    tools_put(&t, "out/x", "still ignored\n");
    remove_file("notes");
    remove_file("src/gone.c");
    assert_int_equal(diff(&files), 5);
    is_file(&files[0], "notes", "removed", true, 0, 1);
    is_file(&files[1], "src/edited.c", "changed", true, 2, 1);
    is_file(&files[2], "src/gone.c", "removed", true, -1, -1);
    is_file(&files[3], "src/new.c", "created", true, 3, 0);
    is_file(&files[4], "src/tracked.c", "changed", true, -1, -1);

    /* The next command: what the first one made is copied before it. */
    assert_int_equal(diff(&files), 0);
    assert_int_equal(refresh(&copies), 3);
    assert_string_equal(copies[0].path, "src/edited.c");
    assert_string_equal(copies[1].path, "src/new.c");
    assert_string_equal(copies[2].path, "src/tracked.c");
    tools_put(&t, "src/tracked.c", "gone\n");
    assert_int_equal(diff(&files), 1);
    is_file(&files[0], "src/tracked.c", "changed", true, 1, 2);
}

static void modes_and_times(void **state)
{
    (void)state;
    const struct keep_copy *copies;
    struct tool_file *files;
    tools_put(&t, "a", "one\n");
    tools_put(&t, "b", "one\n");
    assert_int_equal(refresh(&copies), 2);
    CLEANUP(mem_free_p) char *a = fs_join(t.ws, "a");
    CLEANUP(mem_free_p) char *b = fs_join(t.ws, "b");
    struct timespec old[2] = {{1000000, 0}, {1000000, 7}};
    assert_int_equal(utimensat(-1, a, old, 0), 0); /* only the time: not a change */
    assert_int_equal(chmod(b, 0755), 0);
    assert_int_equal(diff(&files), 1);
    is_file(&files[0], "b", "changed", true, 0, 0);
    /* Changed, with its times put back. */
    struct stat st;
    assert_int_equal(stat(a, &st), 0);
    FILE *f = fopen(a, "r+e");
    fputs("ONE", f);
    fclose(f);
    assert_int_equal(utimensat(-1, a, (struct timespec[2]){st.st_atim, st.st_mtim}, 0), 0);
    assert_int_equal(diff(&files), 1);
    is_file(&files[0], "a", "changed", true, 1, 1);
}

/* A file at the limit is copied, one past it is only indexed. */
static void large_files(void **state)
{
    (void)state;
    const struct keep_copy *copies;
    struct tool_file *files;
    CLEANUP(mem_free_p) char *at = fs_join(t.ws, "at");
    CLEANUP(mem_free_p) char *past = fs_join(t.ws, "past");
    tools_put(&t, "at", "");
    tools_put(&t, "past", "");
    assert_int_equal(truncate(at, KEEP_FILE_MAX), 0);
    assert_int_equal(truncate(past, KEEP_FILE_MAX + 1), 0);
    assert_int_equal(refresh(&copies), 1);
    assert_string_equal(copies[0].path, "at");
    remove_file("at");
    remove_file("past");
    assert_int_equal(diff(&files), 2);
    is_file(&files[0], "at", "removed", true, -1, -1);
    is_file(&files[1], "past", "removed", false, -1, -1);
}

static void many_bytes(void **state)
{
    (void)state;
    const struct keep_copy *copies;
    for (int i = 0; i < 10; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%d", i);
        tools_put(&t, name, "");
        CLEANUP(mem_free_p) char *path = fs_join(t.ws, name);
        assert_int_equal(truncate(path, KEEP_FILE_MAX), 0);
    }
    assert_int_equal(refresh(&copies), KEEP_BYTES_MAX / KEEP_FILE_MAX);
    assert_int_equal(refresh(&copies), 2); /* the rest before the next command */
}

/* The next turn takes over the copies of the turn before, as long as the store has them. */
static void next_turn(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const struct keep_copy *copies;
    struct keep_cache *cache = keep_cache_new();
    struct timespec old[2] = {{1000000, 0}, {1000000, 7}};
    tools_put(&t, "a", "one\n");
    tools_put(&t, "b", "two\n");
    CLEANUP(mem_free_p) char *a = fs_join(t.ws, "a");
    assert_int_equal(utimensat(-1, a, old, 0), 0);
    char kept[2][DIGEST_HEX];
    /* As if the files had been written long before. */
    clock_freeze(clock_wall_ms() + 10 * KEEP_CACHE_SETTLE_MS, 0);
    for (int turn = 0; turn < 3; turn++) {
        keep_index_free(k);
        k = keep_index_new(&t.root, t.store, cache);
        assert_int_equal(refresh(&copies), 2);
        if (turn == 1) {
            assert_string_equal(copies[0].sha256, kept[0]);
            assert_string_equal(copies[1].sha256, kept[1]);
        }
        memcpy(kept[0], copies[0].sha256, DIGEST_HEX);
        memcpy(kept[1], copies[1].sha256, DIGEST_HEX);
        CLEANUP(mem_free_p) char *blob = tools_blob(&t, kept[1], NULL);
        assert_string_equal(blob, "two\n");
        if (turn == 1) { /* the store lost them, and one file is another */
            CLEANUP(mem_free_p) char *blobs = fs_join(t.store, "blobs");
            OK(fs_remove_tree(blobs, &e));
            tools_put(&t, "a", "ONE\n");
        }
    }
    CLEANUP(mem_free_p) char *blob = tools_blob(&t, kept[0], NULL);
    assert_string_equal(blob, "ONE\n");
    clock_freeze(-1, -1);
    keep_cache_free(cache);
}

/* A state is remembered when it has settled, and never for another one. */
static void cache(void **state)
{
    (void)state;
    struct keep_cache *c = keep_cache_new();
    struct stat st = {.st_ino = 7, .st_size = 3, .st_mtim = {5, 6}, .st_ctim = {1000, 0}};
    char sha[DIGEST_HEX], other[DIGEST_HEX];
    digest_hex(STR("x"), sha);
    clock_freeze(1000 * 1000 + KEEP_CACHE_SETTLE_MS - 1, 0);
    keep_cache_put(c, &st, sha);
    assert_false(keep_cache_get(c, &st, other));
    clock_freeze(1000 * 1000 + KEEP_CACHE_SETTLE_MS, 0);
    keep_cache_put(c, &st, sha);
    assert_true(keep_cache_get(c, &st, other));
    assert_string_equal(other, sha);
    struct stat changed[5] = {st, st, st, st, st};
    changed[0].st_ino++;
    changed[1].st_size++;
    changed[2].st_mtim.tv_nsec++;
    changed[3].st_ctim.tv_nsec++;
    changed[4].st_dev++;
    for (size_t i = 0; i < ARRAY_LEN(changed); i++)
        assert_false(keep_cache_get(c, &changed[i], other));
    for (ino_t i = 1; i < KEEP_CACHE_MAX; i++) {
        struct stat next = st;
        next.st_ino += i;
        keep_cache_put(c, &next, sha);
    }
    assert_true(keep_cache_get(c, &st, other)); /* full, and all there */
    changed[0].st_ino = 1;
    keep_cache_put(c, &changed[0], sha);
    assert_true(keep_cache_get(c, &changed[0], other));
    assert_false(keep_cache_get(c, &st, other));
    assert_false(keep_cache_get(NULL, &st, other));
    keep_cache_put(NULL, &st, sha);
    clock_freeze(-1, -1);
    keep_cache_free(c);
}

static void links_out(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const struct keep_copy *copies;
    CLEANUP(mem_free_p) char *out = fs_join(t.top, "out");
    CLEANUP(mem_free_p) char *link = fs_join(t.ws, "link");
    CLEANUP(mem_free_p) char *file = fs_join(t.ws, "file");
    CLEANUP(mem_free_p) char *secret = fs_join(t.top, "out/secret");
    OK(fs_mkdirs(out, 0755, &e));
    OK(fs_replace(secret, STR("secret"), 0644, &e));
    assert_int_equal(symlink("../out", link), 0);
    assert_int_equal(symlink("../out/secret", file), 0);
    assert_int_equal(refresh(&copies), 0);
}

static void one_file(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct keep_copy copy;
    tools_put(&t, "a", "content");
    tools_call(&t, "read", "{\"path\":\"a\"}", &e);
    OK(keep_file(&t.call, "./a", &copy, &e));
    assert_string_equal(copy.path, "a");
    CLEANUP(mem_free_p) char *kept = tools_blob(&t, copy.sha256, NULL);
    assert_string_equal(kept, "content");
    OK(keep_file(&t.call, "none/yet", &copy, &e));
    assert_string_equal(copy.sha256, "");
    FAILS(keep_file(&t.call, "../a", &copy, &e), ERR_OUTSIDE);
    FAILS(keep_file(&t.call, ".", &copy, &e), ERR_IS_DIRECTORY);
    CLEANUP(mem_free_p) char *a = fs_join(t.ws, "a");
    assert_int_equal(truncate(a, (off_t)KEEP_BYTES_MAX + 1), 0);
    FAILS(keep_file(&t.call, "a", &copy, &e), ERR_TOO_LARGE);
}

static void cancelled(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    const struct keep_copy *copies;
    size_t n;
    tools_put(&t, "a", "content");
    cancel_fire(t.cancel);
    FAILS(keep_index_refresh(k, t.cancel, &arena, &copies, &n, &e), ERR_CANCELLED);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(git_versions),
        cmocka_unit_test(git_doubts),
        cmocka_unit_test(git_noise),
        T(a_command),
        T(modes_and_times),
        T(large_files),
        T(many_bytes),
        T(next_turn),
        cmocka_unit_test(cache),
        T(links_out),
        T(one_file),
        T(cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
