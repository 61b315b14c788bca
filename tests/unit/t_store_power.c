/* SPDX-License-Identifier: MIT
 *
 * What power loss, the death of the process and a full disk leave of a store. Random transactions,
 * synced now and then as at the edges of turns, are cut at a random write. Afterwards the store
 * opens, its log is a prefix of what was written with no hole, everything up to the last sync is in
 * it, and its projections belong to that very prefix. Without power loss every commit is in it.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "lib/vfs_shim.h"
#include "store/store.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TEXT_MAX = 60000, EVENTS_MAX = 4000 };

/* A commit that was tried held an event of this size at this seq. */
struct try {
    struct try *next;
    size_t n;
};

/* What was written: sizes by seq, from which the text follows. A commit that was never synced can be
 * there after a second loss though it was gone after the first: its frames were still in the WAL,
 * all but a part that the next try wrote again with the same bytes. So all tries are known. */
struct model {
    uint64_t random;
    char *dir;
    size_t size[EVENTS_MAX + 1]; /* of the last try */
    struct try *tries[EVENTS_MAX + 1];
    int64_t committed, synced;
    int64_t in_doubt; /* the last seq of a commit that failed; it may be there all the same */
    int procs;
};

static void text_of(int64_t seq, size_t n, char *to)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (char)('a' + (seq * 7 + (int64_t)i) % 26);
    to[n] = '\0';
}

static void tried(struct model *m, int64_t first, int64_t last)
{
    for (int64_t seq = first; seq <= last; seq++) {
        struct try *t = NEW(struct try);
        *t = (struct try){.next = m->tries[seq], .n = m->size[seq]};
        m->tries[seq] = t;
    }
}

static void model_free(struct model *m)
{
    for (int i = 0; i <= EVENTS_MAX; i++)
        for (struct try *t; (t = m->tries[i]);) {
            m->tries[i] = t->next;
            free(t);
        }
    free(m->dir);
    free(m);
}

static struct store *open_shim(struct model *m, struct err *e)
{
    char proc[32];
    struct store *s = NULL;
    snprintf(proc, sizeof(proc), "proc_%d", m->procs++);
    struct store_options o = {.dir = m->dir, .proc = proc, .vfs = SHIM_VFS};
    return store_open(&s, &o, e) ? s : NULL;
}

/* Appends one event and puts the record that says which was the last. */
static bool write_one(struct model *m, struct store *s, int64_t seq, struct err *e)
{
    static char text[TEXT_MAX + 1];
    bool large = test_random(&m->random) % 6 == 0;
    size_t n = test_random(&m->random) % (large ? TEXT_MAX : 300);
    m->size[seq] = n;
    text_of(seq, n, text);
    struct event_ids ids = {.session = "ses_1", .turn = "turn_1"};
    struct event *ev = event_new(EV_TURN_STEERED, &ids, &(struct ev_turn_steered){.text = text});
    struct rec *r = rec_new(REC_SESSION, &(struct rec_session){.id = "ses_1", .turns = seq});
    bool ok = store_append(s, ev, e) && store_put(s, r, e);
    if (ok)
        assert_int_equal(ev->seq, seq);
    event_unref(ev);
    rec_unref(r);
    return ok;
}

static bool transaction(struct model *m, struct store *s, struct err *e)
{
    int64_t last = -1, n = 1 + (int64_t)(test_random(&m->random) % 4);
    if (!store_begin(s, &last, e))
        return false;
    assert_int_equal(last, m->committed);
    for (int64_t i = 1; i <= n; i++)
        if (!write_one(m, s, last + i, e)) {
            store_rollback(s);
            return false;
        }
    if (test_random(&m->random) % 8 == 0) {
        store_rollback(s);
        return true;
    }
    tried(m, last + 1, last + n);
    if (!store_commit(s, e)) {
        m->in_doubt = last + n;
        return false;
    }
    m->committed = last + n;
    return true;
}

/* Works until something fails or there is enough. */
static void work(struct model *m, struct store *s, struct err *e)
{
    while (m->committed < EVENTS_MAX - 8) {
        if (!transaction(m, s, e))
            return;
        if (test_random(&m->random) % 5)
            continue;
        if (!store_sync(s, e))
            return;
        m->synced = m->committed;
    }
}

struct walk {
    struct model *m;
    int64_t n, sure;
};

static bool same(void *arg, struct event *ev, const char *proc)
{
    static char text[TEXT_MAX + 1];
    struct walk *w = arg;
    (void)proc;
    assert_int_equal(ev->seq, ++w->n);
    assert_true(w->n <= EVENTS_MAX);
    size_t n = strlen(EV(ev, turn_steered)->text);
    if (w->n > w->sure) {
        const struct try *t = w->m->tries[w->n];
        while (t && t->n != n)
            t = t->next;
        assert_non_null(t);
        w->m->size[w->n] = n; /* it is the one that counts */
    }
    assert_int_equal(n, w->m->size[w->n]);
    text_of(w->n, n, text);
    assert_string_equal(EV(ev, turn_steered)->text, text);
    event_unref(ev);
    return true;
}

/* The log is events 1..n of what was written, those up to `sure` as they were written last, and the
 * projections are those of n. Returns n. */
static int64_t assert_sound(struct model *m, int64_t sure, struct store *s)
{
    struct err e = ERR_INIT;
    struct walk w = {.m = m, .sure = sure};
    struct rec *r = NULL;
    int64_t first, last, folded;
    OK(store_check(s, &e));
    OK(store_events(s, 0, INT64_MAX, same, &w, &e));
    OK(store_range(s, &first, &last, &folded, &e));
    assert_int_equal(last, w.n);
    assert_int_equal(folded, w.n);
    OK(store_find(s, REC_SESSION, "ses_1", &r, &e));
    assert_int_equal(r ? REC(r, session)->turns : 0, w.n);
    rec_unref(r);
    return w.n;
}

static void remove_shm(const struct model *m)
{
    char *path = fs_join(m->dir, "tau.db-shm");
    (void)unlink(path); /* memory goes with the power */
    free(path);
}

/* One life of a process; power: how it ends. */
static void live_once(struct model *m, bool power)
{
    struct err e = ERR_INIT;
    static const uint64_t spans[] = {40, 400, 4000};
    shim_cut_after(1 + (int64_t)(test_random(&m->random) % spans[test_random(&m->random) % 3]));
    m->in_doubt = m->committed;
    struct store *s = open_shim(m, &e);
    if (s)
        work(m, s, &e);
    bool was_cut = shim_is_cut();
    store_close(s);
    if (was_cut && power) {
        shim_lose_power(&m->random);
        remove_shm(m);
    }
    shim_power_on();
    e = ERR_INIT;
    s = open_shim(m, &e);
    OK(s != NULL);
    int64_t least = was_cut && power ? m->synced : m->committed;
    int64_t n = assert_sound(m, least, s);
    if (n < least || n > MAX(m->committed, m->in_doubt))
        fail_msg("%lld events; %lld were synced, %lld committed, %lld tried", (long long)n,
                 (long long)m->synced, (long long)m->committed, (long long)m->in_doubt);
    m->committed = n;
    if (was_cut && power)
        m->synced = n; /* what the disk held it holds */
    store_close(s);
}

/* Of several lives some end by the power, when `power`, and some by death. */
static void lives(bool power, int stores, int times)
{
    struct err e = ERR_INIT;
    uint64_t seed = test_seed();
    for (int i = 0; i < stores; i++) {
        struct model *m = NEW(struct model);
        m->random = seed + (uint64_t)i;
        m->dir = test_tmpdir("power");
        shim_reset();
        for (int j = 0; j < times && m->committed < EVENTS_MAX - 8; j++)
            live_once(m, power && test_random(&m->random) % 4);
        OK(fs_remove_tree(m->dir, &e));
        model_free(m);
    }
    shim_reset();
}

static void power_loss_leaves_a_prefix(void **state)
{
    (void)state;
    lives(true, 12, 5);
}

static void death_loses_nothing(void **state)
{
    (void)state;
    lives(false, 6, 5);
}

/* The disk is full for a while: each failure says so, and the next try that fits works. */
static void a_full_disk_passes(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m = NEW(struct model);
    m->random = test_seed();
    m->dir = test_tmpdir("full");
    shim_reset();
    struct store *s = open_shim(m, &e);
    OK(s != NULL);
    int failures = 0;
    for (int i = 0; i < 60; i++) {
        shim_full_after(1 + (int64_t)(test_random(&m->random) % 20),
                        1 + (int64_t)(test_random(&m->random) % 10));
        for (int j = 0; j < 5; j++) {
            e = ERR_INIT;
            if (transaction(m, s, &e))
                continue;
            failures++;
            assert_int_equal(e.code, ERR_STORE_FULL);
            assert_non_null(strstr(e.message, "tau.db"));
            /* Nothing of it happened. */
            int64_t first, last, folded;
            OK(store_range(s, &first, &last, &folded, &e));
            assert_int_equal(last, m->committed);
        }
    }
    assert_true(failures > 10);
    shim_full_after(1, 0);
    OK(transaction(m, s, &e));
    assert_int_equal(assert_sound(m, m->committed, s), m->committed);
    store_close(s);
    s = open_shim(m, &e);
    OK(s != NULL);
    assert_int_equal(assert_sound(m, m->committed, s), m->committed);
    store_close(s);
    shim_reset();
    OK(fs_remove_tree(m->dir, &e));
    model_free(m);
}

/* A store that can not be made whole is not made at all, and can be made later. */
static void a_store_is_whole_or_not_there(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct rlimit before, small = {.rlim_cur = 8192};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct model *m = NEW(struct model);
    m->dir = test_tmpdir("full");
    assert_int_equal(sigaction(SIGXFSZ, &ignore, NULL), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    shim_reset();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    struct store *s = open_shim(m, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_null(s);
    assert_non_null(strstr(e.message, "tau.db"));
    DIR *d = opendir(m->dir);
    assert_non_null(d);
    for (struct dirent *entry; (entry = readdir(d));)
        assert_null(strstr(entry->d_name, "tau.db"));
    closedir(d);
    /* Made, but nothing can be written to it yet. */
    shim_full_after(1, 1000);
    s = open_shim(m, &e);
    OK(s != NULL);
    int64_t last;
    OK(store_begin(s, &last, &e));
    OK(write_one(m, s, 1, &e));
    FAILS(store_commit(s, &e), ERR_STORE_FULL);
    shim_power_on();
    assert_int_equal(assert_sound(m, m->committed, s), 0);
    OK(transaction(m, s, &e));
    assert_int_equal(assert_sound(m, m->committed, s), m->committed);
    store_close(s);
    shim_reset();
    OK(fs_remove_tree(m->dir, &e));
    model_free(m);
}

/* A commit writes the file and syncs nothing; a sync syncs and writes nothing. */
static void a_commit_does_not_wait_for_the_disk(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct model *m = NEW(struct model);
    m->random = 7;
    m->dir = test_tmpdir("sync");
    shim_reset();
    struct store *s = open_shim(m, &e);
    OK(s != NULL);
    OK(transaction(m, s, &e));
    OK(store_sync(s, &e));
    int64_t before = shim_writes();
    OK(store_sync(s, &e));
    assert_int_equal(shim_writes(), before + 1);
    m->synced = m->committed;
    OK(transaction(m, s, &e));
    OK(store_sync(s, &e));
    /* What was synced is there when all that was not is lost. */
    shim_cut_after(1);
    int64_t synced = m->committed;
    while (transaction(m, s, &e))
        ;
    store_close(s);
    shim_lose_power(&(uint64_t){1});
    remove_shm(m);
    shim_power_on();
    s = open_shim(m, &e);
    OK(s != NULL);
    assert_int_equal(assert_sound(m, m->committed, s), synced);
    store_close(s);
    shim_reset();
    OK(fs_remove_tree(m->dir, &e));
    model_free(m);
}

/* What a commit costs, counted: an event goes to its table and two indexes, a record that is there
 * to its table; a page of the WAL is two writes. Nothing waits for the disk. */
static void a_commit_is_a_few_writes(void **state)
{
    (void)state;
    enum { COMMITS = 200, WRITES = 2 * (3 + 1) };
    struct err e = ERR_INIT;
    struct model *m = NEW(struct model);
    m->dir = test_tmpdir("cost");
    shim_reset();
    struct store *s = open_shim(m, &e);
    OK(s != NULL);
    int64_t last, writes = 0, syncs = 0;
    for (int i = 0; i <= COMMITS; i++) {
        if (i == 1) { /* the first makes the WAL */
            writes = shim_writes();
            syncs = shim_syncs();
        }
        struct event_ids ids = {.session = "ses_1", .turn = "turn_1"};
        struct event *ev = event_new(EV_TURN_QUEUED, &ids, &(struct ev_turn_queued){.position = i});
        struct rec *r = rec_new(
            REC_TURN, &(struct rec_turn){
                          .id = "turn_1", .session = "ses_1", .status = "queued", .position = i});
        OK(store_begin(s, &last, &e));
        OK(store_append(s, ev, &e));
        OK(store_put(s, r, &e));
        OK(store_commit(s, &e));
        event_unref(ev);
        rec_unref(r);
    }
    assert_int_equal(shim_syncs(), syncs);
    /* A page that is full makes another now and then. */
    assert_in_range(shim_writes() - writes, COMMITS * WRITES, COMMITS * (WRITES + 1));
    store_close(s);
    shim_reset();
    OK(fs_remove_tree(m->dir, &e));
    model_free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_commit_does_not_wait_for_the_disk),
        cmocka_unit_test(a_commit_is_a_few_writes),
        cmocka_unit_test(power_loss_leaves_a_prefix),
        cmocka_unit_test(death_loses_nothing),
        cmocka_unit_test(a_full_disk_passes),
        cmocka_unit_test(a_store_is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
