/* SPDX-License-Identifier: MIT
 *
 * aftermath: what a tau that was killed left behind.
 */
#include "lib/test.h"

#include "kill/aftermath.h"

#include "base/digest.h"
#include "base/fs.h"
#include "store/blob.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct {
    const char *path, *before;
} files[] = {{"a.txt", "one\n"}, {"b.txt", "old\n"}, {"c.txt", "two\n"}};

void place_open(struct place *p, const char *script)
{
    const char *build = getenv("top_builddir");
    fixture_open(&p->f, "kill", script);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        fixture_write(&p->f, files[i].path, files[i].before);
    p->tau = mem_printf("%s/tau", build ? build : ".");
    p->store_arg = mem_printf("--store-dir=%s", p->f.state);
    p->dir_arg = mem_printf("--directory=%s", p->f.workspace);
    p->script_arg = mem_printf("--script=%s", p->f.script);
    p->env[0] = mem_printf("XDG_CONFIG_HOME=%s", p->f.config);
    p->env[1] = mem_printf("HOME=%s", p->f.dir);
    /* The leak checker can not work in a process that is traced. */
    p->env[2] = mem_strdup("ASAN_OPTIONS=detect_leaks=0");
    p->env[3] = NULL;
}

void place_close(struct place *p)
{
    free(p->tau);
    free(p->store_arg);
    free(p->dir_arg);
    free(p->script_arg);
    free(p->env[0]);
    free(p->env[1]);
    free(p->env[2]);
    fixture_close(&p->f);
}

static bool add_event(void *arg, struct event *ev, const char *proc)
{
    struct aftermath *log = arg;
    assert_int_equal(ev->seq, log->v.n + 1);
    draft_reduce(log->fold, ev, proc);
    VEC_PUSH(&log->v, ev);
    return true;
}

static void load_record(void *arg, struct rec *r)
{
    draft_load(arg, r);
}

/* Of each session what it keeps, as a core does that works in it. */
static void load_kind(struct store *store, enum rec_kind kind, struct draft *d)
{
    struct err e = ERR_INIT;
    int64_t before, all = 0;
    if (rec_table[kind].session < 0) {
        OK(store_load(store, kind, NULL, load_record, d, &before, &e));
        draft_load_before(d, kind, before);
        return;
    }
    const struct section *sessions = draft_section(d, REC_SESSION);
    for (size_t i = 0; i < sessions->n; i++) {
        OK(store_load(store, kind, rec_key(sessions->v[i]), load_record, d, &before, &e));
        all += before;
    }
    draft_load_before(d, kind, all);
}

/* The same records on both sides. The order across sessions may differ: each is read apart. */
static void same_records(const struct snapshot *fold, const struct snapshot *kept,
                         enum rec_kind kind)
{
    const struct section *x = fold->sections[kind], *y = kept->sections[kind];
    if (x->n != y->n || x->before != y->before)
        fail_msg("%s: %zu records and %lld before, the fold has %zu and %lld",
                 rec_table[kind].section, y->n, (long long)y->before, x->n, (long long)x->before);
    for (size_t i = 0; i < x->n; i++) {
        const struct rec *r = snapshot_find(kept, kind, rec_key(x->v[i]));
        if (!r || !rec_equal(r, x->v[i]))
            fail_msg("%s %s is not what the fold says", rec_table[kind].section, rec_key(x->v[i]));
    }
}

void aftermath_read(struct aftermath *log, struct place *p)
{
    struct err e = ERR_INIT;
    struct store *store;
    struct store_options so = {.dir = p->f.state, .proc = "proc_reader"};
    int64_t first, last, folded;
    struct snapshot *empty = snapshot_empty();
    *log = (struct aftermath){.fold = draft_new(empty)};
    OK(store_open(&store, &so, &e));
    OK(store_check(store, &e));
    OK(store_range(store, &first, &last, &folded, &e));
    OK(store_events(store, 0, last, add_event, log, &e));
    assert_int_equal(log->v.n, last);
    struct draft *loaded = draft_new(empty);
    for (int kind = 0; kind < REC_COUNT; kind++)
        load_kind(store, (enum rec_kind)kind, loaded);
    struct snapshot *a = draft_finish(log->fold, last);
    struct snapshot *b = draft_finish(loaded, last);
    for (int kind = 0; kind < REC_COUNT; kind++)
        same_records(a, b, (enum rec_kind)kind);
    snapshot_unref(a);
    snapshot_unref(b);
    snapshot_unref(empty);
    store_close(store);
}

void aftermath_free(struct aftermath *log)
{
    for (size_t i = 0; i < log->v.n; i++)
        event_unref(log->v.v[i]);
    free(log->v.v);
}

/* ---- what must hold ---- */

void check_shown(const struct aftermath *log, struct str out)
{
    struct str line;
    while (str_line(&out, &line)) {
        struct err e = ERR_INIT;
        struct event *ev = event_parse(line, &e);
        if (!ev)
            break; /* the line that was being written */
        if (ev->seq) {
            struct buf b = BUF_OWN;
            assert_true(ev->seq <= (int64_t)log->v.n);
            event_write(log->v.v[ev->seq - 1], &b);
            assert_int_equal(b.len, line.n);
            assert_memory_equal(b.data, line.p, line.n);
            buf_free(&b);
        }
        event_unref(ev);
    }
}

/* A copy with this digest is named by some tool.started, and is there. */
static bool copy_kept(const struct aftermath *log, struct place *p, const char *path, const char *before)
{
    char sha[DIGEST_HEX];
    digest_hex(str_of(before), sha);
    for (size_t i = 0; i < log->v.n; i++) {
        const struct event *ev = log->v.v[i];
        const char *copies = ev->kind == EV_TOOL_STARTED ? EV(ev, tool_started)->copies : NULL;
        struct err e = ERR_INIT;
        if (!copies || !strstr(copies, path) || !strstr(copies, sha))
            continue;
        int fd = blob_open(p->f.state, sha, &e);
        if (fd >= 0)
            close(fd);
        return fd >= 0;
    }
    return false;
}

void check_files(const struct aftermath *log, struct place *p)
{
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *now = fixture_read(&p->f, files[i].path);
        if (!now)
            fail_msg("%s is gone", files[i].path);
        if (strcmp(now, files[i].before) != 0 && !copy_kept(log, p, files[i].path, files[i].before))
            fail_msg("%s changed, and no call has a copy of what it was", files[i].path);
        free(now);
    }
}

void check_ends(const struct aftermath *log)
{
    VEC(const char *) created = {0};
    for (size_t i = 0; i < log->v.n; i++) {
        const struct event *ev = log->v.v[i];
        if (ev->kind == EV_ERROR_RAISED)
            fail_msg("a fact was refused: %.*s", STR_ARG(ev->data));
        if (ev->kind == EV_TURN_CREATED)
            VEC_PUSH(&created, ev->ids.turn);
    }
    for (size_t c = 0; c < created.n; c++) {
        int ends = 0;
        for (size_t i = 0; i < log->v.n; i++) {
            const struct event *ev = log->v.v[i];
            bool end = ev->kind == EV_TURN_COMPLETED || ev->kind == EV_TURN_FAILED ||
                       ev->kind == EV_TURN_TIMED_OUT || ev->kind == EV_TURN_CANCELLED ||
                       ev->kind == EV_TURN_BLOCKED;
            ends += end && strcmp(ev->ids.turn, created.v[c]) == 0;
        }
        assert_int_equal(ends, 1);
    }
    free(created.v);
}

