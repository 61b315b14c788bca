/* SPDX-License-Identifier: MIT
 *
 * The operator's view: artifacts of every shape, what follows from them, and that what a tau writes is what
 * others read.
 */
#include "lib/core.h"
#include "lib/test.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/core.h"
#include "text/width.h"
#include "watch/demo.h"
#include "watch/watch.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *dir; /* of the artifacts, below a directory of the test */

static const struct {
    const char *name, *text;
} good[] = {
    {"state.json", "{\"processed_case_keys\":[\"a\",\"b\"],\"health\":{\"queue_depth\":0,\"failure_streak\":0}}"},
    {"control-state.json", "{\"mode\":\"running\",\"last_action\":{\"action\":\"resume\",\"actor\":\"ada\","
                           "\"timestamp_unix_ms\":7}}"},
    {"auth-status.json", "{\"mode\":\"key\",\"required\":true,\"providers\":[{\"provider\":\"openai\","
                         "\"mode\":\"key\",\"state\":\"ready\",\"source\":\"env\"}]}"},
    {"../training/status.json", "{\"run_state\":\"idle\",\"total_rollouts\":4,\"succeeded\":3,\"failed\":1,"
                                "\"cancelled\":0,\"live_learning_alerts\":[]}"},
    {"runtime-events.jsonl", "{\"health_reason\":\"old\"}\n{\"health_reason\":\"fine\",\"reason_codes\":[\"x\"]}\n"},
    {"actions-audit.jsonl", "{\"action\":\"pause\",\"actor\":\"eve\",\"timestamp_unix_ms\":9}\n"},
};

static void put(const char *name, const char *text)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    (void)unlink(path);
    OK(fs_replace(path, str_of(text), 0600, &e));
}

static int prepare(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    char *top = test_tmpdir("watch");
    dir = fs_join(top, "dashboard");
    CLEANUP(mem_free_p) char *training = fs_join(top, "training");
    OK(fs_mkdirs(dir, 0700, &e) && fs_mkdirs(training, 0700, &e));
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        put(good[i].name, good[i].text);
    free(top);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    free(TAKE(dir));
    return 0;
}

static struct artifacts *read_all(void)
{
    struct artifacts *a = NEW(struct artifacts);
    artifacts_read(a, dir);
    return a;
}

static char *frame_of(const struct artifacts *a, int width)
{
    struct buf out = BUF_OWN;
    frame_write(a, &(struct frame_look){.width = width, .profile = "p", .environment = "e"}, &out);
    char *text = mem_strdup(buf_cstr(&out));
    buf_free(&out);
    return text;
}

static void expect_in_frame(const struct artifacts *a, const char *words)
{
    CLEANUP(mem_free_p) char *frame = frame_of(a, 120);
    if (!strstr(frame, words))
        fail_msg("'%s' is not in\n%s", words, frame);
}

static void test_good(void **state)
{
    (void)state;
    struct artifacts *a = read_all();
    assert_int_equal(a->n_diagnostics, 0);
    assert_string_equal(frame_heartbeat(a), "healthy");
    assert_string_equal(a->action, "pause"); /* the audit, not the control file */
    expect_in_frame(a, "heartbeat: healthy");
    expect_in_frame(a, "health.reason: fine");
    expect_in_frame(a, "openai       key          ready     env");
    expect_in_frame(a, "rollouts.total: 4");
    expect_in_frame(a, "rollouts.pass_rate: 75.00%");
    expect_in_frame(a, "queue.depth: 0");
    expect_in_frame(a, "failure.streak: 0");
    expect_in_frame(a, "primary_alert.code: training_failures");
    expect_in_frame(a, "last action: pause by eve @ 9");
    expect_in_frame(a, "next action: none is needed");
    expect_in_frame(a, "artifact diagnostics count: 0");
    expect_in_frame(a, "artifact diagnostics summary: parse_failed=0 missing=0 jsonl_malformed=0 read_failed=0");
    expect_in_frame(a, "processed cases: 2");
    free(a);
}

static void test_derived(void **state)
{
    (void)state;
    static const struct {
        const char *state, *heartbeat, *alert;
    } rows[] = {
        {"{\"health\":{\"queue_depth\":0,\"failure_streak\":0}}", "healthy", "training_failures"},
        {"{\"health\":{\"queue_depth\":2}}", "degraded", "runtime_queue_backlog"},
        {"{\"health\":{\"failure_streak\":1}}", "degraded", "runtime_failure_streak"},
        {"{\"health\":{\"failure_streak\":3,\"queue_depth\":1}}", "failing", "runtime_failure_streak"},
        {"{}", "healthy", "training_failures"},
        {"{\"health\":null}", "healthy", "training_failures"},
        {"[]", "unknown", "state_unknown"},
        {"", "unknown", "state_unknown"},
        {"{\"health\":{\"failure_streak\":\"x\"}}", "unknown", "state_unknown"},
        {"{\"health\":{\"failure_streak\":-1}}", "unknown", "state_unknown"},
        {"{\"health\":{\"failure_streak\":1.5}}", "unknown", "state_unknown"},
        {"{\"health\":7}", "unknown", "state_unknown"},
        {"{\"processed_case_keys\":{}}", "unknown", "state_unknown"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char words[100];
        put("state.json", rows[i].state);
        struct artifacts *a = read_all();
        if (strcmp(frame_heartbeat(a), rows[i].heartbeat) != 0)
            fail_msg("%s: %s", rows[i].state, frame_heartbeat(a));
        snprintf(words, sizeof(words), "primary_alert.code: %s", rows[i].alert);
        expect_in_frame(a, words);
        free(a);
    }
}

/* Root reads everything; without these two capabilities it is like anybody. */
static void see_as_anybody(bool on)
{
    enum { WORDS = _LINUX_CAPABILITY_U32S_3 };
    static const uint32_t both = 1u << CAP_DAC_OVERRIDE | 1u << CAP_DAC_READ_SEARCH;
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[WORDS];
    assert_int_equal(syscall(SYS_capget, &head, data), 0);
    data[0].effective = on ? data[0].effective & ~both : data[0].effective | (data[0].permitted & both);
    assert_int_equal(syscall(SYS_capset, &head, data), 0);
}

static void expect_diagnostic(const char *code, const char *text)
{
    struct artifacts *a = read_all();
    bool found = false;
    for (size_t i = 0; i < a->n_diagnostics; i++)
        found |= strcmp(a->diagnostics[i].code, code) == 0 && strstr(a->diagnostics[i].text, text);
    if (!found)
        fail_msg("%s: %s is not said; %zu are, the first %s: %s", code, text, a->n_diagnostics,
                 a->diagnostics[0].code, a->diagnostics[0].text);
    free(a);
}

static void test_diagnostics(void **state)
{
    (void)state;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "state.json"), *control = fs_join(dir, "control-state.json");
    put("state.json", "{\n\"health\":{\n\"queue_depth\":\"many\"}}");
    expect_diagnostic("parse_failed:state.json", "state.json:3: health.queue_depth: expected a number, got string");
    put("state.json", "{\"health\":{\"queue_depth\":9007199254740993}}");
    expect_diagnostic("parse_failed:state.json", "health.queue_depth: expected a whole number from 0 to 2^53");
    put("state.json", "{\n\"health\": oops}");
    expect_diagnostic("parse_failed:state.json", "state.json:2: ");
    put("state.json", "{\n\"health\":\"\xff\"}");
    expect_diagnostic("read_failed:state.json:invalid_data", "state.json:2: it is not UTF-8");
    unlink(path);
    expect_diagnostic("missing:state.json", "no such file");
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_diagnostic("read_failed:state.json:other", "no regular file");
    unlink(path);
    assert_int_equal(symlink("control-state.json", path), 0);
    expect_diagnostic("read_failed:state.json:other", "symbolic link");
    unlink(path);
    assert_int_equal(mkdir(path, 0700), 0);
    expect_diagnostic("read_failed:state.json:other", "it is a directory");
    assert_int_equal(rmdir(path), 0);
    CLEANUP(buf_free) struct buf huge = BUF_OWN;
    buf_fill(&huge, ' ', ARTIFACT_MAX + 1);
    put("state.json", buf_cstr(&huge));
    expect_diagnostic("read_failed:state.json:invalid_data", "larger than 1 MiB");
    assert_int_equal(chmod(control, 0), 0);
    see_as_anybody(true);
    expect_diagnostic("read_failed:control-state.json:permission_denied", "can not be read");
    assert_int_equal(chmod(dir, 0), 0);
    expect_diagnostic("read_failed:state.json:permission_denied", "can not be read");
    see_as_anybody(false);
    assert_int_equal(chmod(dir, 0700), 0);
    put("runtime-events.jsonl", "x\ny\n");
    expect_diagnostic("jsonl_malformed:runtime-events.jsonl", "runtime-events.jsonl:2: ");
    put("runtime-events.jsonl", "{\"health_reason\":\"kept\"}\n{\"health_rea"); /* half a line at the end */
    struct artifacts *a = read_all();
    assert_string_equal(a->health_reason, "kept");
    assert_int_equal(a->count[ARTIFACT_JSONL_MALFORMED], 0);
    free(a);
    CLEANUP(mem_free_p) char *nowhere = fs_join(dir, "nowhere");
    struct artifacts *none = NEW(struct artifacts);
    artifacts_read(none, nowhere);
    assert_string_equal(frame_heartbeat(none), "unknown");
    assert_int_equal(none->count[ARTIFACT_MISSING], 3);
    expect_in_frame(none, "heartbeat: unknown");
    expect_in_frame(none, "rollouts.total: unknown");
    expect_in_frame(none, "diag: missing:auth-status.json");
    expect_in_frame(none, "  auth-status.json: there is no directory ");
    expect_in_frame(none, "processed cases: unknown");
    expect_in_frame(none, "control.mode: unknown");
    free(none);
}

/* Cut at every byte: never healthy by half a file, and every line of the frame has its width. */
static void test_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        for (size_t n = 0; n < strlen(good[i].text); n++) {
            CLEANUP(mem_free_p) char *text = mem_strndup(good[i].text, n);
            put(good[i].name, text);
            struct artifacts *a = read_all();
            assert_true(i != 0 || strcmp(frame_heartbeat(a), "unknown") == 0);
            CLEANUP(mem_free_p) char *frame = frame_of(a, 40);
            struct str rest = str_of(frame), line;
            for (int k = 0; str_line(&rest, &line); k++)
                assert_true(line.n <= 40 && (k < 2 || line.n == 40));
            free(a);
        }
        put(good[i].name, good[i].text);
    }
}

/* In place: over what is there, and never more rows than the terminal has. */
/* No line is wider than the terminal. */
static void expect_narrow(const struct live_frames *f, struct str out)
{
    struct str line;
    for (out = str_sub(out, 3, out.n); str_line(&out, &line);) {
        ssize_t end = str_find(line, STR("\x1b["));
        int cells = width_str(str_sub(line, 0, end < 0 ? line.n : (size_t)end));
        assert_true(f->columns == 0 || cells <= f->columns);
    }
}

static void test_in_place(void **state)
{
    (void)state;
    struct artifacts *a = read_all();
    struct live_frames f = {.dir = dir, .title = "live-watch", .in_place = true, .last = BUF_OWN,
                            .look = {.width = 60, .profile = "p", .environment = "e"}};
    for (f.height = 0; f.height < 80; f.height++) {
        CLEANUP(buf_free) struct buf out = BUF_OWN;
        size_t differs, lines = 0;
        f.columns = f.height;
        live_frame(&f, a, &out, &differs);
        expect_narrow(&f, buf_view(&out));
        for (size_t i = 0; i < out.len; i++)
            lines += out.data[i] == '\n';
        assert_true((f.columns > 0 && f.columns < 20) || strncmp(out.data, "\x1b[HTau Operator Shell", 20) == 0);
        assert_true(f.height < 3 || lines < (size_t)f.height);
        assert_int_equal(differs > 0, f.height == 0);
    }
    buf_free(&f.last);
    free(a);
}

/* Colours take no room: a line as wide as the terminal ends in its bar, and its colour with it. */
static void test_colours(void **state)
{
    (void)state;
    struct artifacts *a = read_all();
    struct live_frames f = {.dir = dir, .title = "live-watch", .in_place = true, .columns = 60, .last = BUF_OWN,
                            .look = {.width = 60, .colour = true, .profile = "p", .environment = "e"}};
    CLEANUP(buf_free) struct buf out = BUF_OWN;
    size_t differs;
    live_frame(&f, a, &out, &differs);
    assert_non_null(strstr(buf_cstr(&out), "| \x1b[32mheartbeat: healthy "));
    assert_non_null(strstr(buf_cstr(&out), " \x1b[0m |\x1b[K\r\n"));
    buf_free(&f.last);
    f.last = BUF_OWN;
    f.columns = 20;
    buf_clear(&out);
    live_frame(&f, a, &out, &differs);
    assert_non_null(strstr(buf_cstr(&out), "| \x1b[32mheartbeat: healthy\x1b[0m\x1b[K\r\n"));
    buf_free(&f.last);
    free(a);
}

static void test_hostile(void **state)
{
    (void)state;
    put("control-state.json", "{\"last_action\":{\"action\":\"\\u001b[31m\\u202e\\n\",\"actor\":\"\\u0007\"}}");
    put("actions-audit.jsonl", "");
    struct artifacts *a = read_all();
    expect_in_frame(a, "last action: ^[[31m<U+202E>  by ^G");
    CLEANUP(mem_free_p) char *frame = frame_of(a, 88);
    assert_null(strchr(frame, '\x1b'));
    free(a);
}

/* ---- a tau that writes them ---- */

static void wait_for(const char *words)
{
    CLEANUP(buf_free) struct buf seen = BUF_OWN;
    for (int64_t until = clock_mono_ms() + 20000; clock_mono_ms() < until; (void)poll(NULL, 0, 20)) {
        struct artifacts *a = read_all();
        CLEANUP(mem_free_p) char *frame = frame_of(a, 120);
        buf_truncate(&seen, 0);
        buf_puts(&seen, frame);
        free(a);
        if (strstr(frame, words))
            return;
    }
    fail_msg("'%s' does not come:\n%s", words, buf_cstr(&seen));
}

/* Of a running tau: its turns in the files; and the frames beside it are those of a reader elsewhere. */
static void test_written(void **state)
{
    struct fixture f;
    struct err e = ERR_INIT;
    (void)state;
    CLEANUP(mem_free_p) char *out = fs_join(dir, "frame.txt");
    fixture_open(&f, "watch-core", "{\"text\":\"one\"}\n[{\"text\":\"two\"},{\"stall\":true}]\n");
    fixture_start(&f);
    struct watch_options o = {.hub = core_hub(f.core),
                              .proc = core_proc(f.core),
                              .dir = dir,
                              .out = out,
                              .look = {.width = 88, .profile = "p", .environment = "live"}};
    struct watch *w = watch_start(&o, &e);
    if (!w)
        fail_msg("%s", e.message);
    CLEANUP(mem_free_p) char *one = fixture_submit(&f, "say one");
    assert_string_equal(fixture_ended(&f, one), "completed");
    wait_for("rollouts.succeeded: 1");
    wait_for("last action: turn.submit by ");
    wait_for("turn: none");
    struct live_frames live = {.dir = dir, .look = o.look, .title = "live-watch", .interval_ms = WATCH_LEAST_MS,
                               .last = BUF_OWN};
    CLEANUP(buf_free) struct buf theirs = BUF_OWN, ours = BUF_OWN;
    size_t differs;
    for (int64_t until = clock_mono_ms() + 20000;; (void)poll(NULL, 0, 20)) {
        struct artifacts *a = read_all();
        buf_truncate(&theirs, 0);
        buf_truncate(&ours, 0);
        live_frame(&live, a, &theirs, &differs);
        free(a);
        assert_true(fs_read_file(out, &ours, &e));
        if (frame_differs(buf_view(&theirs), buf_view(&ours)) <= 2) /* the two lines that count frames */
            break;
        if (clock_mono_ms() > until)
            fail_msg("beside:\n%s\nelsewhere:\n%s", buf_cstr(&ours), buf_cstr(&theirs));
    }
    buf_free(&live.last);
    CLEANUP(mem_free_p) char *two = fixture_submit(&f, "say two");
    wait_for("training.run_state: running");
    assert_non_null(two);
    watch_stop(w);
    wait_for("training.run_state: stopped");
    wait_for("process: ended");
    fixture_close(&f);
}

/* What already has the name that a file is first written under is not written into. */
static void test_temporary(void **state)
{
    struct err e = ERR_INIT;
    (void)state;
    char name[40];
    snprintf(name, sizeof(name), "state.json.%ld", (long)getpid());
    put("victim", "its words");
    CLEANUP(mem_free_p) char *victim = fs_join(dir, "victim");
    CLEANUP(mem_free_p) char *temporary = fs_join(dir, name);
    CLEANUP(buf_free) struct buf kept = BUF_OWN;
    assert_int_equal(link(victim, temporary), 0);
    struct artifacts *a = read_all();
    OK(artifacts_write(a, dir, false, &e));
    free(a);
    OK(fs_read_file(victim, &kept, &e));
    assert_string_equal(buf_cstr(&kept), "its words");
    assert_false(fs_exists(temporary));
}

/* Without a descriptor it does not start, and says so. */
static void test_no_descriptor(void **state)
{
    struct fixture f;
    struct err e = ERR_INIT;
    struct rlimit before, none;
    (void)state;
    fixture_open(&f, "watch-descriptors", "{\"text\":\"one\"}\n");
    fixture_start(&f);
    struct watch_options o = {.hub = core_hub(f.core), .proc = core_proc(f.core), .dir = dir,
                              .look = {.width = 88, .profile = "p", .environment = "live"}};
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct watch *w = watch_start(&o, &e);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_null(w);
    assert_int_equal(e.code, ERR_OVERLOADED);
    fixture_close(&f);
}

static void test_demo(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, "demo");
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    struct live_frames frames = {.dir = "(demo)", .title = "demo", .interval_ms = 1, .last = BUF_OWN,
                                 .look = {.width = 88, .profile = "p", .environment = "demo"}};
    OK(demo_run(&frames, fileno(f), 0, NULL, &e));
    assert_true(frames.cycle > 20);
    assert_int_equal(fclose(f), 0);
    OK(fs_read_file(path, &text, &e));
    assert_non_null(strstr(buf_cstr(&text), "tool: "));
    assert_non_null(strstr(buf_cstr(&text), "rollouts.succeeded: 1"));
    frames.cycle = 0;
    frames.cycles = 3;
    OK(demo_run(&frames, open("/dev/null", O_WRONLY | O_CLOEXEC), 0, NULL, &e));
    assert_int_equal(frames.cycle, 3);
    buf_free(&frames.last);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_good, prepare, forget),
        cmocka_unit_test_setup_teardown(test_derived, prepare, forget),
        cmocka_unit_test_setup_teardown(test_diagnostics, prepare, forget),
        cmocka_unit_test_setup_teardown(test_cut, prepare, forget),
        cmocka_unit_test_setup_teardown(test_in_place, prepare, forget),
        cmocka_unit_test_setup_teardown(test_colours, prepare, forget),
        cmocka_unit_test_setup_teardown(test_hostile, prepare, forget),
        cmocka_unit_test_setup_teardown(test_written, prepare, forget),
        cmocka_unit_test_setup_teardown(test_temporary, prepare, forget),
        cmocka_unit_test_setup_teardown(test_no_descriptor, prepare, forget),
        cmocka_unit_test_setup_teardown(test_demo, prepare, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
