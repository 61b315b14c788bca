/* SPDX-License-Identifier: MIT
 *
 * output: chunks by time and size, whole characters, the artifact, head and tail.
 */
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lib/tools.h"
#include "store/blob.h"
#include "text/utf8.h"
#include "tool/output.h"

#include <stdlib.h>
#include <unistd.h>

static struct tools t;
static struct output *o;
static struct arena arena;

static struct output *make(bool job)
{
    return output_new(&(struct output_spec){.sink = t.call.sink,
                                            .ids = {.session = "s"},
                                            .part = "p",
                                            .store_dir = t.store,
                                            .job = job});
}

static int setup(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    tools_open(&t, "output", PRESET_BALANCED);
    tools_put(&t, "a", "");
    OK(tools_call(&t, "read", "{\"path\":\"a\"}", &e)); /* fills in the sink */
    clock_freeze(1000, 1000000);
    o = make(false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    output_free(o);
    clock_freeze(-1, -1);
    arena_free(&arena);
    tools_close(&t);
    return 0;
}

static void at(int64_t ms)
{
    clock_freeze(1000 + ms, (1000 + ms) * 1000);
}

static void add(const char *text)
{
    output_add(o, str_of(text));
}

static void add_many(char c, size_t n)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_fill(&b, c, n);
    output_add(o, buf_view(&b));
}

static void is_chunk(size_t nth, int64_t offset, const char *text)
{
    const struct event *ev = tools_event(&t, EV_TOOL_OUTPUT, nth);
    assert_non_null(ev);
    assert_int_equal(EV(ev, tool_output)->offset, offset);
    assert_string_equal(EV(ev, tool_output)->text, text);
    assert_string_equal(EV(ev, tool_output)->part, "p");
    assert_null(EV(ev, tool_output)->artifact);
}

static void is_delta(size_t nth, int64_t offset, const char *text)
{
    const struct event *ev = tools_event(&t, EV_TOOL_OUTPUT_DELTA, nth);
    assert_non_null(ev);
    assert_int_equal(EV(ev, tool_output_delta)->offset, offset);
    assert_string_equal(EV(ev, tool_output_delta)->text, text);
}

static int64_t end(const char **ret_artifact)
{
    struct err e = ERR_INIT;
    const char *artifact = "unset";
    int64_t total = -1;
    OK(output_end(o, &artifact, &total, &e));
    if (ret_artifact)
        *ret_artifact = artifact;
    return total;
}

/* ---- time and size ---- */

static void by_time(void **state)
{
    (void)state;
    assert_int_equal(output_due_ms(o), CLOCK_NEVER);
    add("one ");
    is_delta(0, 0, "one ");
    assert_int_equal(output_due_ms(o), 1000 + OUTPUT_CHUNK_MS);
    at(OUTPUT_CHUNK_MS - 1);
    add("two ");
    output_tick(o);
    is_delta(1, 4, "two ");
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 0);
    at(OUTPUT_CHUNK_MS);
    output_tick(o);
    is_chunk(0, 0, "one two ");
    assert_int_equal(output_due_ms(o), CLOCK_NEVER);
    add("three");
    assert_int_equal(output_due_ms(o), 1000 + 2 * OUTPUT_CHUNK_MS);
    const char *artifact;
    assert_int_equal(end(&artifact), 13);
    assert_null(artifact);
    is_chunk(1, 8, "three");
    assert_int_equal(end(NULL), 13); /* again: the same, and no event */
    add("late");
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 2);
    assert_int_equal(tools_count(&t, EV_ARTIFACT_CREATED), 0);
}

static void by_size(void **state)
{
    (void)state;
    add_many('x', EVENT_CHUNK_MAX - 1);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 0);
    add("y");
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 1);
    add_many('z', 3 * EVENT_CHUNK_MAX + 1);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 4);
    end(NULL);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 5);
    CLEANUP(mem_free_p) char *all = tools_chunks(&t, false);
    assert_int_equal(strlen(all), 4 * EVENT_CHUNK_MAX + 1);
}

static void nothing(void **state)
{
    (void)state;
    assert_int_equal(end(NULL), 0);
    assert_int_equal(output_clip(o, 1000, &arena).n, 0);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 0);
}

/* ---- characters ---- */

static void cut_characters(void **state)
{
    (void)state;
    add("\xE2");
    add("\x82");
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT_DELTA), 0);
    assert_int_equal(output_due_ms(o), 1000 + OUTPUT_CHUNK_MS);
    add("\xAC-\xF0\x9F\x98");
    is_delta(0, 0, "\xE2\x82\xAC-");
    add("\x80");
    is_delta(1, 4, "\xF0\x9F\x98\x80");
    add("a\xC3");
    add("b\xFF");
    assert_int_equal(end(NULL), 12);
    CLEANUP(mem_free_p) char *all = tools_chunks(&t, false);
    assert_string_equal(all, "\xE2\x82\xAC-\xF0\x9F\x98\x80"
                             "a\xEF\xBF\xBD"
                             "b\xEF\xBF\xBD");
}

static void cut_at_the_end(void **state)
{
    (void)state;
    add("a\xE2\x82");
    end(NULL);
    CLEANUP(mem_free_p) char *all = tools_chunks(&t, false);
    assert_int_equal(strncmp(all, "a\xEF\xBF\xBD", 4), 0);
}

static void zero_bytes(void **state)
{
    (void)state;
    output_add(o, STR("a\0b\0"));
    end(NULL);
    is_chunk(0, 0,
             "a\xEF\xBF\xBD"
             "b\xEF\xBF\xBD");
}

/* Any bytes, cut anywhere: chunks are whole, equal to the deltas, and the artifact has every byte.
 */
static void any_bytes(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    static const char *const pieces[] = {"plain\n", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xC3\xA9",
                                         "\xFF",    "\xE2\x82",     "\xED\xA0\x80"};
    for (int round = 0; round < 20; round++) {
        output_free(o);
        o = make(false);
        tools_forget(&t);
        CLEANUP(buf_free) struct buf all = BUF_OWN, deltas = BUF_OWN;
        size_t size = test_random(&seed) % 30000;
        while (all.len < size)
            buf_puts(&all, pieces[test_random(&seed) % ARRAY_LEN(pieces)]);
        if (test_random(&seed) % 2)
            output_keep(o);
        for (size_t from = 0; from < all.len;) {
            size_t n = 1 + test_random(&seed) % 700;
            n = MIN(n, all.len - from);
            output_add(o, str_make(all.data + from, n));
            from += n;
        }
        bool kept = output_clip(o, 1000, &arena).n < all.len;
        const char *artifact;
        assert_int_equal(end(&artifact), (int64_t)all.len);
        assert_true(!kept || artifact || all.len <= 1000);
        CLEANUP(mem_free_p) char *chunks = tools_chunks(&t, false);
        const struct event *ev;
        for (size_t i = 0; (ev = tools_event(&t, EV_TOOL_OUTPUT_DELTA, i)); i++) {
            assert_int_equal(EV(ev, tool_output_delta)->offset, (int64_t)deltas.len);
            buf_puts(&deltas, EV(ev, tool_output_delta)->text);
        }
        assert_string_equal(chunks, buf_cstr(&deltas));
        if (artifact) {
            size_t n;
            ev = tools_event(&t, EV_ARTIFACT_CREATED, 0);
            CLEANUP(mem_free_p) char *blob = tools_blob(&t, EV(ev, artifact_created)->sha256, &n);
            assert_int_equal(n, all.len);
            assert_memory_equal(blob, all.data, n);
        }
    }
}

/* ---- the artifact ---- */

static void at_the_limit(void **state)
{
    (void)state;
    const char *artifact;
    add_many('x', OUTPUT_INLINE_MAX);
    assert_int_equal(end(&artifact), OUTPUT_INLINE_MAX);
    assert_null(artifact);
    CLEANUP(mem_free_p) char *all = tools_chunks(&t, false);
    assert_int_equal(strlen(all), OUTPUT_INLINE_MAX);
}

static void past_the_limit(void **state)
{
    (void)state;
    add_many('x', OUTPUT_INLINE_MAX - 10);
    add_many('y', 20);
    CLEANUP(mem_free_p) char *all = tools_chunks(&t, false);
    assert_int_equal(strlen(all), OUTPUT_INLINE_MAX);
    size_t before = tools_count(&t, EV_TOOL_OUTPUT);
    at(OUTPUT_CHUNK_MS);
    output_tick(o);
    const struct event *ev = tools_event(&t, EV_TOOL_OUTPUT, before);
    assert_null(EV(ev, tool_output)->text);
    assert_int_equal(EV(ev, tool_output)->offset, OUTPUT_INLINE_MAX);
    assert_int_equal(EV(ev, tool_output)->bytes, 10);
    CLEANUP(mem_free_p) char *id = mem_strdup(EV(ev, tool_output)->artifact);
    add_many('z', 100000); /* by time only: no chunk for it yet */
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), before + 1);
    assert_int_equal(tools_count(&t, EV_ARTIFACT_CREATED), 0);
    const char *artifact;
    int64_t total = end(&artifact);
    assert_int_equal(total, OUTPUT_INLINE_MAX + 10 + 100000);
    assert_string_equal(artifact, id);
    ev = tools_event(&t, EV_TOOL_OUTPUT, before + 1);
    assert_int_equal(EV(ev, tool_output)->offset, OUTPUT_INLINE_MAX + 10);
    assert_int_equal(EV(ev, tool_output)->bytes, 100000);
    ev = tools_event(&t, EV_ARTIFACT_CREATED, 0);
    assert_string_equal(EV(ev, artifact_created)->artifact_id, id);
    assert_int_equal(EV(ev, artifact_created)->bytes, total);
    size_t n;
    CLEANUP(mem_free_p) char *blob = tools_blob(&t, EV(ev, artifact_created)->sha256, &n);
    assert_int_equal(n, total);
    assert_int_equal(blob[OUTPUT_INLINE_MAX + 9], 'y');
    assert_int_equal(blob[n - 1], 'z');
}

/* Past the limit deltas are thinned out, and their offsets say so. */
static void floods(void **state)
{
    (void)state;
    add_many('x', OUTPUT_INLINE_MAX);
    tools_forget(&t);
    for (int i = 0; i < 100; i++)
        add_many('y', OUTPUT_DELTA_MAX);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT_DELTA), OUTPUT_FLOOD_MAX / OUTPUT_DELTA_MAX);
    at(OUTPUT_CHUNK_MS);
    add("last");
    const struct event *ev =
        tools_event(&t, EV_TOOL_OUTPUT_DELTA, OUTPUT_FLOOD_MAX / OUTPUT_DELTA_MAX);
    assert_string_equal(EV(ev, tool_output_delta)->text, "last");
    assert_int_equal(EV(ev, tool_output_delta)->offset, OUTPUT_INLINE_MAX + 100 * OUTPUT_DELTA_MAX);
}

static void is_full(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_fill(&b, 'x', 16 << 20);
    for (int i = 0; i < 16; i++)
        output_add(o, buf_view(&b));
    assert_false(output_full(o));
    add("y");
    assert_true(output_full(o));
    const char *artifact;
    assert_int_equal(end(&artifact), OUTPUT_ARTIFACT_MAX + 1);
    const struct event *ev = tools_event(&t, EV_ARTIFACT_CREATED, 0);
    assert_int_equal(EV(ev, artifact_created)->bytes, OUTPUT_ARTIFACT_MAX);
}

static void no_store(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    OK(fs_remove_tree(t.store, &e));
    OK(fs_replace(t.store, STR("a file"), 0644, &e));
    add_many('x', OUTPUT_INLINE_MAX + 100);
    struct str clip = output_clip(o, 1000, &arena);
    assert_null(memmem(clip.p, clip.n, "artifact", 8));
    const char *artifact;
    int64_t total;
    assert_false(output_end(o, &artifact, &total, &e));
    assert_string_equal(err_code_name(e.code), "already_exists");
    CLEANUP(mem_free_p) char *all = tools_chunks(&t, false);
    assert_int_equal(strlen(all), OUTPUT_INLINE_MAX); /* what the log itself holds is there */
}

/* ---- looking back ---- */

static void clips(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (int i = 0; b.len < 3000; i++)
        buf_printf(&b, "line %d\n", i);
    output_add(o, buf_view(&b));
    struct str all = output_clip(o, b.len, &arena);
    assert_int_equal(all.n, b.len);
    assert_memory_equal(all.p, b.data, b.len);
    struct str clip = output_clip(o, b.len - 1, &arena);
    assert_true(clip.n < b.len);
    clip = output_clip(o, 1000, &arena);
    assert_true(clip.n <= 1000 && clip.n > 700);
    assert_int_equal(strncmp(clip.p, "line 0\nline 1\n", 14), 0);
    assert_true(str_ends(clip, buf_cstr(&b) + b.len - 20));
    const char *note = strstr(clip.p, "\n[... ");
    assert_non_null(note);
    const char *artifact;
    assert_int_equal(end(&artifact), (int64_t)b.len); /* the note made an artifact of it */
    assert_non_null(artifact);
    assert_non_null(strstr(note, artifact));
    assert_int_equal(tools_count(&t, EV_ARTIFACT_CREATED), 1);
}

static void clips_characters(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    for (int i = 0; i < 40000; i++)
        buf_puts(&b, i % 2 ? "\xE2\x82\xAC" : "\xFF");
    output_add(o, buf_view(&b));
    for (size_t max = 0; max < 1200; max += 7) {
        struct str clip = output_clip(o, max, &arena);
        assert_true(clip.n <= MAX(max, 256));
        assert_true(utf8_valid(clip));
    }
    struct str clip = output_clip(o, (size_t)1 << 30, &arena);
    assert_true(clip.n <= OUTPUT_INLINE_MAX);
}

static void tails(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf tail = BUF_OWN;
    add("one\ntwo\nthree\n");
    output_tail(o, 100, &tail);
    assert_string_equal(buf_cstr(&tail), "one\ntwo\nthree\n");
    buf_clear(&tail);
    output_tail(o, 9, &tail);
    assert_string_equal(buf_cstr(&tail), "three\n");
    buf_clear(&tail);
    add_many('x', 3 * OUTPUT_TAIL_MAX);
    add("\nend\n");
    output_tail(o, 12, &tail);
    assert_string_equal(buf_cstr(&tail), "xxxxxxx\nend\n");
    buf_clear(&tail);
    output_tail(o, OUTPUT_TAIL_MAX, &tail);
    assert_int_equal(tail.len, OUTPUT_TAIL_MAX);
}

static void of_a_job(void **state)
{
    (void)state;
    output_free(o);
    o = make(true);
    add("one\n");
    end(NULL);
    assert_int_equal(tools_count(&t, EV_JOB_OUTPUT_DELTA), 1);
    assert_int_equal(tools_count(&t, EV_JOB_OUTPUT), 1);
    assert_int_equal(tools_count(&t, EV_TOOL_OUTPUT), 0);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(by_time),        T(by_size),          T(nothing),   T(cut_characters),
        T(cut_at_the_end), T(zero_bytes),       T(any_bytes), T(at_the_limit),
        T(past_the_limit), T(floods),           T(is_full),   T(no_store),
        T(clips),          T(clips_characters), T(tails),     T(of_a_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
