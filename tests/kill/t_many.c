/* SPDX-License-Identifier: MIT
 *
 * Eight processes work on one store at once, each in a session of its own, and are killed with
 * SIGKILL at random and started again, until each has had its turns. Then the log has no seq twice
 * and no hole, every turn has ended once, and the projections are the fold of the log.
 *
 * TAU_TEST_SEED repeats the choices; TAU_MANY_TURNS sets the turns of each.
 */
#include "lib/test.h"

#include "kill/aftermath.h"

#include "base/clock.h"
#include "base/fs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS = 8, TURNS = 8, PATIENCE_MS = 240 * 1000 };

static const char script[] =
    "{\"loop\":true}\n"
    "[{\"text\":\"I look. \",\"chunk\":3},"
    "{\"call\":{\"name\":\"ls\",\"arguments\":{}}},"
    "{\"call\":{\"name\":\"memory_write\",\"arguments\":{\"summary\":\"x\"}}}]\n"
    "[{\"call\":{\"name\":\"write\",\"arguments\":{\"path\":\"out.txt\","
    "\"content\":\"new\\n\"}}}]\n"
    "[{\"text\":\"Done with that.\",\"chunk\":5}]\n";

static int wanted(void)
{
    const char *n = getenv("TAU_MANY_TURNS");
    int64_t value;
    return n && str_i64(str_of(n), &value) && value > 0 ? (int)value : TURNS;
}

/* ---- a worker ---- */

static int64_t turns_so_far(struct core *c, const char *session)
{
    struct snapshot *s = hub_snapshot(core_hub(c));
    const struct rec *r = snapshot_find(s, REC_SESSION, session);
    int64_t n = r ? REC(r, session)->turns : 0;
    snapshot_unref(s);
    return n;
}

/* Its predecessor may just be dying: the lease is had once it is gone. */
static bool open_session(struct core *c, const char *name, char *ret_id)
{
    int64_t deadline = clock_mono_ms() + 20000;
    for (;;) {
        struct err e = ERR_INIT;
        if (core_open_session(c, name, false, true, ret_id, &e))
            return true;
        if (e.code != ERR_LEASED || clock_mono_ms() > deadline) {
            fprintf(stderr, "%s: %s\n", name, e.message);
            return false;
        }
        (void)poll(NULL, 0, 5); /* nothing to wait for but the end of a process */
    }
}

static int work(char **argv)
{
    struct fixture f = {.dir = argv[2],
                        .workspace = argv[3],
                        .state = argv[4],
                        .config = argv[5],
                        .script = argv[6],
                        .mode = MODE_AUTO,
                        .preset = PRESET_PERMISSIVE};
    int turns = atoi(argv[8]);
    struct err e = ERR_INIT;
    struct policy_config config = {.workspace = f.workspace,
                                   .state_dir = f.state,
                                   .config_dir = f.config,
                                   .mode = MODE_AUTO,
                                   .preset = PRESET_PERMISSIVE,
                                   .protected_paths = "",
                                   .sandbox_level = "none",
                                   .sandbox_read = ""};
    struct core_options o = {.store_dir = f.state,
                             .workspace = f.workspace,
                             .model = "local/script",
                             .script = f.script,
                             .source = "test",
                             .turns_max = 4,
                             .max_steps = 20,
                             .parallel_tools = 4};
    o.policy = policy_new(&config, &e);
    f.core = o.policy ? core_start(&o, &e) : NULL;
    if (!f.core) {
        fprintf(stderr, "%s: %s\n", argv[7], e.message);
        return 1;
    }
    if (!open_session(f.core, argv[7], f.session))
        return 1;
    while (turns_so_far(f.core, f.session) < turns) {
        struct action_answer a =
            fixture_act(&f, "turn.submit", "{\"session\":\"%s\",\"input\":\"go on\"}", f.session);
        if (!a.accepted) {
            fprintf(stderr, "%s: %s\n", argv[7], a.err.message);
            return 1;
        }
        if (strcmp(fixture_ended(&f, a.id), "completed") != 0)
            return 1;
    }
    core_stop(f.core, 5000);
    policy_free(o.policy);
    return 0;
}

/* ---- all of them ---- */

struct worker {
    pid_t pid; /* 0: it has had its turns */
    char name[16];
};

static void start(struct place *p, struct worker *w)
{
    char turns[16];
    snprintf(turns, sizeof(turns), "%d", wanted());
    char *self = test_program("tests/kill/t_many");
    char *argv[] = {self,        (char[]){"worker"}, p->f.dir, p->f.workspace, p->f.state,
                    p->f.config, p->f.script,        w->name,  turns,          NULL};
    assert_int_equal(posix_spawn(&w->pid, self, NULL, NULL, argv, environ), 0);
    free(self);
}

/* Has it ended by itself? Then it is done; one that failed fails the test. Whoever asks takes its
 * status away, so that nobody else learns of its end: all ask here. */
static bool is_done(struct worker *w)
{
    int status;
    if (!w->pid)
        return true;
    pid_t got = waitpid(w->pid, &status, WNOHANG);
    if (got == 0)
        return false;
    assert_int_equal(got, w->pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s ended with status %#x", w->name, (unsigned)status);
    w->pid = 0;
    return true;
}

static size_t left(struct worker *all)
{
    size_t n = 0;
    for (size_t i = 0; i < WORKERS; i++)
        n += !is_done(&all[i]);
    return n;
}

static void kill_one(struct worker *w)
{
    int status;
    kill(w->pid, SIGKILL);
    assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
    w->pid = 0;
}

static void check_numbers(const struct aftermath *log)
{
    for (size_t i = 0; i < log->v.n; i++)
        assert_int_equal(log->v.v[i]->seq, (int64_t)i + 1);
}

static void test_many(void **state)
{
    struct place p;
    struct aftermath log;
    struct worker all[WORKERS] = {0};
    uint64_t seed = test_seed();
    int64_t deadline = clock_mono_ms() + PATIENCE_MS;
    int kills = 0, most = 3 * wanted();
    (void)state;
    place_open(&p, script);
    for (int i = 0; i < WORKERS; i++) {
        snprintf(all[i].name, sizeof(all[i].name), "w%d", i);
        start(&p, &all[i]);
    }
    while (left(all) > 0) {
        (void)poll(NULL, 0, (int)(test_random(&seed) % 60));
        struct worker *w = &all[test_random(&seed) % WORKERS];
        if (kills < most && !is_done(w)) {
            kill_one(w);
            kills++;
            start(&p, w);
        }
        if (clock_mono_ms() > deadline)
            fail_msg("they are not done in time");
    }
    fixture_start(&p.f); /* what the last that were killed left open is closed */
    fixture_stop(&p.f);
    aftermath_read(&log, &p);
    check_numbers(&log);
    check_ends(&log);
    size_t turns = 0;
    for (size_t i = 0; i < log.v.n; i++)
        turns += log.v.v[i]->kind == EV_TURN_CREATED;
    printf("# %d processes, %zu turns, %zu events, %d kills\n", WORKERS, turns, log.v.n, kills);
    assert_true(turns >= (size_t)(WORKERS * wanted()));
    assert_true(kills > 0);
    aftermath_free(&log);
    place_close(&p);
}

int main(int argc, char **argv)
{
    if (argc == 9 && strcmp(argv[1], "worker") == 0)
        return work(argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
