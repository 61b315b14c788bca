/* SPDX-License-Identifier: MIT
 *
 * screen: a console without a terminal. Time is the harness' own.
 */
#include "lib/screen.h"

#include "lib/test.h"

#include "base/clock.h"
#include "base/mem.h"
#include "state/reduce.h"
#include "json/json.h"

#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static int64_t now_ms;
static char acted[8192];

/* ---- logs ---- */

struct snapshot *screen_replay(const char *log, size_t most, int64_t *ret_last_ms)
{
    char name[200];
    snprintf(name, sizeof(name), "logs/%s.jsonl", log);
    size_t n;
    char *text = test_read(name, &n);
    struct str rest = str_make(text, n), line;
    struct snapshot *s = snapshot_empty();
    struct err e = ERR_INIT;
    for (size_t i = 0; str_line(&rest, &line) && (most == 0 || i < most); i++) {
        struct event *ev = event_parse(line, &e);
        if (!ev)
            fail_msg("%s:%zu: %s", name, i + 1, e.message);
        struct draft *d = draft_new(s);
        if (!draft_check(d, ev, &e))
            fail_msg("%s:%zu: %s", name, i + 1, e.message);
        draft_reduce(d, ev, "proc_1");
        struct snapshot *next = draft_finish(d, MAX(s->seq, ev->seq));
        if (ret_last_ms)
            *ret_last_ms = ev->ts_ms;
        snapshot_unref(s);
        s = next;
        event_unref(ev);
    }
    free(text);
    return s;
}

/* ---- a core that only notes what is wanted of it ---- */

static void submit(void *ctx, const char *action, struct str json, const struct principal *who,
                   const char *key, void (*done)(void *, const struct action_answer *), void *arg)
{
    (void)ctx;
    (void)who;
    (void)key;
    size_t n = strlen(acted);
    snprintf(acted + n, sizeof(acted) - n, "%s%s %.*s", n ? "\n" : "", action, STR_ARG(json));
    struct action_answer answer = {.accepted = true};
    if (strcmp(action, "session.switch") == 0)
        snprintf(answer.id, sizeof(answer.id), "ses_0000000002");
    if (done)
        done(arg, &answer);
}

const char *screen_acted(void)
{
    static char last[sizeof(acted)];
    memcpy(last, acted, sizeof(last));
    acted[0] = '\0';
    return last;
}

static void status(void *ctx, struct ui_status *ret)
{
    (void)ctx;
    *ret = (struct ui_status){.model = "local/script",
                              .mode = "ask",
                              .preset = "balanced",
                              .sandbox = "bwrap net-off",
                              .trusted = true};
}

static void complete(void *ctx, const char *what, void (*add)(void *, const char *), void *arg)
{
    (void)ctx;
    if (strcmp(what, "file") == 0) {
        add(arg, "README.md");
        add(arg, "docs/run me.md");
        add(arg, "src/gw/sse.c");
        add(arg, "src/gw/\x1b[31mred\xE2\x80\xAE.c");
    }
    if (strcmp(what, "model") != 0)
        return;
    add(arg, "local/offline");
    add(arg, "local/script");
}

/* Three entries, of which a search for a word finds the first. */
static bool recall(const char *name, const struct json *args,
                   bool (*give)(void *arg, struct str json), void *arg)
{
    static const char *const rows[] = {
        "{\"id\":\"mem_0000000001\",\"summary\":\"the gateway writes SSE with writev\",\"type\":"
        "\"decision\",\"pinned\":true,\"updated_ms\":1790000000000}",
        "{\"id\":\"mem_0000000003\",\"summary\":\"\\u001b[31mred\\u202e words\\nin two lines\","
        "\"type\":\"fact\",\"updated_ms\":1789999000000}",
        "{\"id\":\"mem_0000000002\",\"summary\":\"small commits\",\"type\":\"preference\","
        "\"updated_ms\":1789900000000}"};
    if (strcmp(name, "memory.types") == 0)
        return give(arg, STR("{\"type\":\"fact\",\"entries\":3,\"pinned\":1}"));
    if (strcmp(name, "memory.search") == 0)
        return strcmp(json_cstr(json_get(args, "query"), ""), "sse") != 0 ||
               give(arg, STR("{\"id\":\"mem_0000000001\",\"type\":\"decision\",\"pinned\":true,"
                             "\"updated_ms\":1790000000000,\"snippet\":"
                             "\"the gateway writes \xC2\xABSSE\xC2\xBB with writev\"}"));
    bool forgotten = json_bool(json_get(args, "forgotten"), false);
    for (size_t i = 0; i < ARRAY_LEN(rows) && !forgotten; i++)
        give(arg, str_of(rows[i]));
    return true;
}

/* Pages of a transcript that nobody wrote: "entry N", the newest 200 before the place. */
static bool query(void *ctx, const char *name, struct str args, struct cancel *cancel,
                  bool (*give)(void *arg, struct str json), void *arg, int64_t *ret_seq,
                  struct err *e)
{
    (void)ctx;
    (void)cancel;
    *ret_seq = 1;
    CLEANUP(json_free_p) struct json *j = json_parse(args, e);
    int64_t before = j ? json_i64(json_get(j, "before"), 0) : 0;
    if (j && strncmp(name, "memory.", 7) == 0)
        return recall(name, j, give, arg);
    if (!j || strcmp(name, "transcript.page") != 0)
        return err_set(e, ERR_INVALID, "%s is not played here", name);
    for (int64_t n = MAX((int64_t)1, before - 200); n < before; n++) {
        char row[200];
        snprintf(row, sizeof(row),
                 "{\"id\":\"old_%d\",\"turn\":\"t\",\"kind\":\"%s\",\"n\":%d,\"ts_ms\":1,"
                 "\"text\":\"entry %d\",\"error\":null}",
                 (int)n, n % 2 ? "user" : "text", (int)n, (int)n);
        if (!give(arg, str_of(row)))
            break;
    }
    return true;
}

static char said[200];

static bool verb(void *ctx, struct str line, const char *session, struct cancel *cancel,
                 struct buf *out, struct ui_after *after, struct err *e)
{
    (void)ctx, (void)cancel, (void)e;
    if (str_starts(line, "image"))
        after->image = mem_strdup(line.n > 6 ? "{\"name\":\"a.png\"}" : "");
    snprintf(said, sizeof(said), "%.*s in %s", STR_ARG(line), session ? session : "none");
    return buf_puts(out, "done\n");
}

const char *screen_verb(struct ui *ui)
{
    static char last[sizeof(said)];
    if (ui->errand.thread.running) {
        struct pollfd p = {.fd = ui->errand.fd, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 10000), 1);
        ui_errand_back(ui);
    }
    memcpy(last, said, sizeof(last));
    said[0] = '\0';
    return last;
}

void screen_files(struct ui *ui)
{
    struct pollfd p = {.fd = ui->files.fd, .events = POLLIN};
    assert_true(ui->files.thread.running);
    assert_int_equal(poll(&p, 1, 10000), 1);
    ui_mentioned(ui);
}

/* Only the recording of everything has a gateway. */
static bool serves;

static void gateway(void *ctx, struct ui_gateway *ret)
{
    static const struct ui_request requests[] = {
        {.n = 4, .who = "127.0.0.1", .method = "GET", .path = "/gateway/operator/events", .status = 200, .ms = 1, .live = true},
        {.n = 3, .who = "127.0.0.1", .method = "GET", .path = "/gateway/status", .status = 401, .ms = 0},
        {.n = 2, .who = "10.0.0.7", .method = "POST", .path = "(other)", .status = 404, .ms = 3},
        {.n = 1, .who = "127.0.0.1", .method = "GET", .path = "/healthz", .status = 200, .ms = 2100},
    };
    (void)ctx;
    *ret = (struct ui_gateway){0};
    if (!serves)
        return;
    *ret = (struct ui_gateway){.address = "127.0.0.1:8787", .requests = 4, .streams = 1};
    for (; ret->n < ARRAY_LEN(requests); ret->n++) {
        ret->newest[ret->n] = requests[ret->n];
        ret->newest[ret->n].begun_ms = (int64_t)(36000 - ret->n) * 1000;
    }
}

static const struct ui_env env = {.actor = {.submit = submit},
                                  .reader = {.query = query},
                                  .who = {"operator", ROLE_OPERATOR},
                                  .workspace = "/home/me/gateway",
                                  .greeting = "tau\nAsk for something.",
                                  .status = status,
                                  .complete = complete,
                                  .verb = verb,
                                  .gateway = gateway,
                                  .gateway_fd = -1,
                                  .guardian_fd = -1};

struct ui *screen_open(const char *log, int w, int h)
{
    struct err e = ERR_INIT;
    setlocale(LC_CTYPE, "C.UTF-8");
    struct ui *ui = NEW(struct ui);
    now_ms = 1000000;
    acted[0] = '\0';
    serves = log && strcmp(log, "everything") == 0;
    setenv("TZ", "UTC", true);
    tzset();
    ui_init(ui, &env, now_ms);
    ui->answers = answers_new();
    ui->input = input_new("xterm-256color", INPUT_QUIET_MS, &e);
    if (!ui->input || !ui->answers)
        fail_msg("%s", e.message);
    canvas_resize(&ui->canvas, w, h);
    env.status(NULL, &ui->status);
    ui->status_known = true;
    int64_t last = 0;
    struct snapshot *s = log ? screen_replay(log, 0, &last) : snapshot_empty();
    clock_freeze(last + 2500, now_ms * 1000);
    ui_snapshot(ui, s, now_ms);
    screen_draw(ui);
    return ui;
}

void screen_free(struct ui *ui)
{
    input_free(ui->input);
    ui_done(ui);
    free(ui);
    clock_freeze(-1, -1);
}

void screen_draw(struct ui *ui)
{
    canvas_resize(&ui->canvas, ui->canvas.w, ui->canvas.h);
    ui_layout(ui);
    ui_draw(ui);
    if (ui->question)
        approve_frame(&ui->approve, now_ms);
}

int64_t screen_now(void)
{
    return now_ms;
}

static void answers_of(struct ui *ui)
{
    struct answer answer;
    while (answers_next(ui->answers, &answer))
        ui_answer(ui, &answer, now_ms);
}

/* The loop of loop.c without its poll: time passes to each deadline on the way. */
void screen_wait(struct ui *ui, int64_t ms)
{
    int64_t until = now_ms + ms;
    struct input_event ev;
    for (;;) {
        int64_t next = MIN(input_deadline(ui->input), approve_deadline(&ui->approve));
        if (next > until)
            break;
        now_ms = MAX(now_ms, next);
        input_quiet(ui->input, now_ms);
        while (input_next(ui->input, &ev))
            ui_input(ui, &ev, now_ms);
        ui_approve_tick(ui, now_ms);
        answers_of(ui);
        screen_draw(ui);
    }
    while (ui->fetch.thread.running) { /* it is on its way: time stands still for it */
        struct pollfd p = {.fd = ui->fetch.fd, .events = POLLIN};
        if (poll(&p, 1, -1) > 0)
            ui_fetched(ui);
        screen_draw(ui);
    }
    while (ui->courier.thread.running) {
        struct pollfd p = {.fd = ui->courier.fd, .events = POLLIN};
        if (poll(&p, 1, -1) > 0)
            ui_copied(ui);
        screen_draw(ui);
    }
    while (ui_recall(ui, now_ms + 1000) == INT64_MAX && ui->recall.thread.running) {
        struct pollfd p = {.fd = ui->recall.fd, .events = POLLIN};
        if (poll(&p, 1, -1) > 0)
            ui_recalled(ui);
        screen_draw(ui);
    }
    now_ms = until;
    clock_freeze(clock_wall_ms(), now_ms * 1000);
}

static size_t key_bytes(const char *p)
{
    if (p[0] != '\x1b')
        return ((unsigned char)p[0] >= 0xC0) ? ((unsigned char)p[0] >= 0xF0   ? 4
                                                : (unsigned char)p[0] >= 0xE0 ? 3
                                                                              : 2)
                                             : 1;
    if (p[1] != '[' && p[1] != 'O')
        return p[1] ? 2 : 1;
    size_t n = 2;
    while (p[n] && !((unsigned char)p[n] >= 0x40 && (unsigned char)p[n] <= 0x7E))
        n++;
    return p[n] ? n + 1 : n;
}

void screen_keys(struct ui *ui, const char *bytes, int64_t ms)
{
    struct input_event ev;
    while (*bytes) {
        size_t n = key_bytes(bytes);
        input_feed(ui->input, str_make(bytes, n), now_ms);
        while (input_next(ui->input, &ev))
            ui_input(ui, &ev, now_ms);
        answers_of(ui);
        screen_draw(ui);
        bytes += n;
        screen_wait(ui, ms);
    }
}

/* ---- goldens ---- */

static char *golden_path(const char *name)
{
    const char *root = getenv("top_srcdir");
    return mem_printf("%s/tests/ui/golden/%s.txt", root ? root : ".", name);
}

static void show_difference(const char *name, const char *want, const char *got)
{
    struct str a = str_of(want), b = str_of(got), x, y;
    for (int row = 1;; row++) {
        bool more_a = str_line(&a, &x), more_b = str_line(&b, &y);
        if (!more_a && !more_b)
            return;
        if (more_a != more_b || !str_eq(x, y))
            fail_msg("%s: row %d\n  wanted <%.*s>\n  got    <%.*s>", name, row,
                     more_a ? (int)x.n : 0, more_a ? x.p : "", more_b ? (int)y.n : 0,
                     more_b ? y.p : "");
    }
}

void text_golden(const struct buf *got, const char *name)
{
    CLEANUP(mem_free_p) char *path = golden_path(name);
    if (getenv("UPDATE_GOLDEN")) {
        FILE *f = fopen(path, "we");
        if (!f || fwrite(got->data, 1, got->len, f) != got->len || fclose(f) != 0)
            fail_msg("%s can not be written", path);
        return;
    }
    char relative[300];
    snprintf(relative, sizeof(relative), "ui/golden/%s.txt", name);
    char *want = test_read(relative, NULL);
    show_difference(name, want, buf_cstr(got));
    free(want);
}

void screen_golden(struct ui *ui, const char *name)
{
    CLEANUP(buf_free) struct buf got = BUF_OWN;
    screen_draw(ui);
    canvas_dump(&ui->canvas, true, &got);
    text_golden(&got, name);
}
