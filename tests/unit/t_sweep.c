/* SPDX-License-Identifier: MIT
 *
 * Blobs that nobody names go, when they are old; all others stay.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/blob.h"
#include "store/store.h"
#include "store/sweep.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *dir;
static struct store *s;

static int up(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    dir = test_tmpdir("sweep");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    store_close(s);
    s = NULL;
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

static char *path_of(const char *sha)
{
    return mem_printf("%s/blobs/%.2s/%s", dir, sha, sha + 2);
}

static void keep(const char *text, char sha[DIGEST_HEX])
{
    struct err e = ERR_INIT;
    int64_t bytes;
    struct blob_writer *w = blob_begin(dir, &e);
    assert_non_null(w);
    OK(blob_add(w, str_of(text), &e));
    OK(blob_end(w, sha, &bytes, &e));
}

/* As if it had been written so long ago. */
static void make_old_path(const char *path, int64_t ms)
{
    int64_t then = clock_wall_ms() - ms;
    struct timespec both[2] = {{.tv_sec = then / 1000}, {.tv_sec = then / 1000}};
    assert_int_equal(utimensat(AT_FDCWD, path, both, 0), 0);
}

static void make_old(const char *sha, int64_t ms)
{
    CLEANUP(mem_free_p) char *path = path_of(sha);
    make_old_path(path, ms);
}

static void keep_old(const char *text, char sha[DIGEST_HEX])
{
    keep(text, sha);
    make_old(sha, SWEEP_AGE_MS + 5000);
}

static bool is_there(const char *sha)
{
    char *path = path_of(sha);
    bool there = fs_exists(path);
    free(path);
    return there;
}

static void say(enum event_kind kind, const void *fields)
{
    struct err e = ERR_INIT;
    int64_t last;
    struct event_ids ids = {.session = "s", .turn = "t"};
    struct event *ev = event_new(kind, &ids, fields);
    OK(store_begin(s, &last, &e));
    OK(store_append(s, ev, &e));
    OK(store_commit(s, &e));
    event_unref(ev);
}

static struct swept sweep(bool dry_run)
{
    struct err e = ERR_INIT;
    struct swept done;
    OK(sweep_blobs(dir, dry_run, NULL, &done, &e));
    return done;
}

static void only_what_nobody_names(void **state)
{
    (void)state;
    char artifact[DIGEST_HEX], copy[DIGEST_HEX], image[DIGEST_HEX], lost[DIGEST_HEX], young[DIGEST_HEX],
        edge[DIGEST_HEX];
    keep_old("an artifact", artifact);
    keep_old("what a file was", copy);
    keep_old("an image", image);
    keep_old("lost", lost);
    keep("young", young);
    keep("nearly", edge);
    make_old(edge, SWEEP_AGE_MS - 5000);
    say(EV_ARTIFACT_CREATED, &(struct ev_artifact_created){.artifact_id = "art_1",
                                                           .path = "x",
                                                           .media_type = "text/plain",
                                                           .bytes = 11,
                                                           .sha256 = artifact});
    CLEANUP(mem_free_p)
    char *copies = mem_printf("[{\"path\":\"a\",\"sha256\":\"%s\",\"mode\":420}]", copy);
    say(EV_TOOL_STARTED, &(struct ev_tool_started){.call_id = "call_1", .copies = copies});
    CLEANUP(mem_free_p)
    char *content = mem_printf("[{\"type\":\"image\",\"sha256\":\"%s\"}]", image);
    say(EV_TURN_MESSAGE,
        &(struct ev_turn_message){.entry = "msg_1", .role = "user", .content = content});
    struct swept would = sweep(true);
    assert_int_equal(would.blobs, 1);
    assert_int_equal(would.bytes, 4);
    assert_true(is_there(lost));
    struct swept done = sweep(false);
    assert_int_equal(done.blobs, 1);
    assert_int_equal(done.bytes, 4);
    assert_false(is_there(lost));
    const char *stay[] = {artifact, copy, image, young, edge};
    for (size_t i = 0; i < ARRAY_LEN(stay); i++)
        assert_true(is_there(stay[i]));
    assert_int_equal(sweep(false).blobs, 0);
}

static void one_that_is_used_again_stays(void **state)
{
    (void)state;
    char sha[DIGEST_HEX], again[DIGEST_HEX], used[DIGEST_HEX];
    keep_old("written twice", sha);
    keep("written twice", again);
    assert_string_equal(sha, again);
    keep_old("found by its digest", used);
    assert_true(blob_use(dir, used));
    assert_int_equal(sweep(false).blobs, 0);
    assert_true(is_there(sha));
    assert_true(is_there(used));
    assert_false(blob_use(dir, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"));
}

/* A sweep that was killed between its two steps. */
static void one_that_was_set_aside(void **state)
{
    (void)state;
    char old[DIGEST_HEX], young[DIGEST_HEX];
    keep_old("set aside", old);
    keep("set aside and young", young);
    const char *both[] = {old, young};
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(mem_free_p) char *path = path_of(both[i]);
        CLEANUP(mem_free_p) char *gone = mem_printf("%s/blobs/gone-%s", dir, both[i]);
        assert_int_equal(rename(path, gone), 0);
    }
    assert_int_equal(sweep(true).blobs, 0);
    assert_int_equal(sweep(false).blobs, 1);
    assert_false(is_there(old));
    assert_true(is_there(young));
}

static char *begun(const char *name)
{
    struct err e = ERR_INIT;
    char *path = mem_printf("%s/blobs/%s", dir, name);
    OK(fs_replace(path, STR("half of"), 0600, &e));
    return path;
}

static void what_was_only_begun(void **state)
{
    (void)state;
    char sha[DIGEST_HEX];
    keep("a blob", sha);
    CLEANUP(mem_free_p) char *old = begun("new-abcdef");
    CLEANUP(mem_free_p) char *young = begun("new-ghijkl");
    CLEANUP(mem_free_p) char *other = begun("renewed");
    make_old_path(old, SWEEP_AGE_MS + 5000);
    make_old_path(other, SWEEP_AGE_MS + 5000);
    struct swept would = sweep(true);
    assert_int_equal(would.blobs, 1);
    assert_int_equal(would.bytes, 7);
    assert_true(fs_exists(old));
    assert_int_equal(sweep(false).blobs, 1);
    assert_false(fs_exists(old));
    assert_true(fs_exists(young));
    assert_true(fs_exists(other));
    assert_int_equal(sweep(false).blobs, 0);
}

/* An empty one of which only the name counts. */
static void put_old(const char *fan, int n, char sha[DIGEST_HEX])
{
    snprintf(sha, DIGEST_HEX, "%.2s%062x", fan, (unsigned)n);
    CLEANUP(mem_free_p) char *path = path_of(sha);
    close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    make_old(sha, SWEEP_AGE_MS + 5000);
}

/* More old ones that are named than one run looks up keep no other from its end. */
static void many_that_are_named(void **state)
{
    enum { SOME = 16, EACH = SWEEP_MOST * 5 / 4 / SOME, RUNS = 200 };
    (void)state;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    int64_t gone = 0;
    CLEANUP(buf_free) struct buf copies = BUF_OWN;
    for (int i = 0; i < SOME; i++) {
        char name[3];
        snprintf(name, sizeof(name), "%x0", (unsigned)i);
        CLEANUP(mem_free_p) char *fan = mem_printf("%s/blobs/%s", dir, name);
        OK(fs_mkdirs(fan, 0700, &e));
        for (int n = 1; n <= EACH; n++) {
            put_old(name, n, sha);
            buf_printf(&copies, "%s\"%s\"", copies.len ? "," : "[", sha);
        }
        put_old(name, 0, sha);
    }
    buf_putc(&copies, ']');
    say(EV_TOOL_STARTED,
        &(struct ev_tool_started){.call_id = "call_1", .copies = buf_cstr(&copies)});
    for (int i = 0; i < RUNS && gone < SOME; i++)
        gone += sweep(false).blobs;
    assert_int_equal(gone, SOME);
}

static void not_more_at_once(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    keep_old("the first", sha);
    for (int i = 0; i < SWEEP_MOST; i++) {
        char text[20];
        snprintf(text, sizeof(text), "%d", i);
        digest_hex(str_of(text), sha);
        CLEANUP(mem_free_p) char *path = path_of(sha);
        CLEANUP(mem_free_p) char *fan = mem_strndup(path, strlen(path) - 63);
        OK(fs_mkdirs(fan, 0700, &e));
        close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        make_old(sha, SWEEP_AGE_MS + 5000);
    }
    assert_int_equal(sweep(false).blobs, SWEEP_MOST);
    assert_int_equal(sweep(false).blobs, 1);
    assert_int_equal(sweep(false).blobs, 0);
}

static void a_store_without_blobs(void **state)
{
    (void)state;
    assert_int_equal(sweep(false).blobs, 0);
}

static void one_that_is_cancelled_removes_nothing(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct swept done;
    char sha[DIGEST_HEX];
    struct cancel *cancel = cancel_new(NULL);
    keep_old("lost", sha);
    cancel_fire(cancel);
    OK(sweep_blobs(dir, false, cancel, &done, &e));
    assert_int_equal(done.blobs, 0);
    assert_true(is_there(sha));
    cancel_unref(cancel);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, up, down)
    const struct CMUnitTest tests[] = {
        T(only_what_nobody_names),
        T(one_that_is_used_again_stays),
        T(one_that_was_set_aside),
        T(what_was_only_begun),
        T(many_that_are_named),
        T(not_more_at_once),
        T(a_store_without_blobs),
        T(one_that_is_cancelled_removes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
