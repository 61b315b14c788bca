/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/thread.h"

#include <stdatomic.h>
#include <sys/prctl.h>

static void note_name(void *arg)
{
    prctl(PR_GET_NAME, (char *)arg);
}

static void test_name(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct thread t = {0};
    char name[16] = "";
    thread_join(&t);
    OK(thread_start(&t, "a-name-of-20-letters", 0, note_name, name, &e));
    thread_join(&t);
    thread_join(&t);
    assert_string_equal(name, "a-name-of-20-le");
}

static void note_stack(void *arg)
{
    pthread_attr_t attr;
    size_t *size = arg;
    *size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstacksize(&attr, size);
        pthread_attr_destroy(&attr);
    }
}

static void test_stack(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct thread t = {0};
    size_t size;
    OK(thread_start(&t, "default", 0, note_stack, &size, &e));
    thread_join(&t);
    assert_true(size >= THREAD_STACK);
    assert_true(size < 8 * THREAD_STACK);
    OK(thread_start(&t, "large", 1000001, note_stack, &size, &e));
    thread_join(&t);
    assert_true(size >= 1000001);
    OK(thread_start(&t, "tiny", 1, note_stack, &size, &e));
    thread_join(&t);
}

static void test_refused(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    struct thread t = {0};
    char name[16];
    FAILS(thread_start(&t, "huge", (size_t)1 << 60, note_name, name, &e), ERR_OVERLOADED);
    assert_false(t.running);
    struct pool *p = pool_new("huge", 2, (size_t)1 << 60);
    assert_false(pool_run(p, note_name, name));
    pool_free(p);
}

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t all_here;
    int here, expected, most, now;
};

/* Returns only when `expected` items run at once, so it takes that many threads. */
static void meet(void *arg)
{
    struct meeting *m = arg;
    pthread_mutex_lock(&m->lock);
    m->here++;
    pthread_cond_broadcast(&m->all_here);
    while (m->here < m->expected)
        pthread_cond_wait(&m->all_here, &m->lock);
    pthread_mutex_unlock(&m->lock);
}

static void test_parallel(void **state)
{
    (void)state;
    struct meeting m = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .all_here = PTHREAD_COND_INITIALIZER, .expected = 5};
    struct pool *p = pool_new("meet", 5, 0);
    for (int i = 0; i < 5; i++)
        assert_true(pool_run(p, meet, &m));
    pool_free(p);
    assert_int_equal(m.here, 5);
}

static void count_most(void *arg)
{
    struct meeting *m = arg;
    pthread_mutex_lock(&m->lock);
    m->now++;
    m->most = MAX(m->most, m->now);
    pthread_mutex_unlock(&m->lock);
    pthread_mutex_lock(&m->lock);
    m->now--;
    m->here++;
    pthread_mutex_unlock(&m->lock);
}

static void test_limit(void **state)
{
    (void)state;
    struct meeting m = {.lock = PTHREAD_MUTEX_INITIALIZER, .all_here = PTHREAD_COND_INITIALIZER};
    struct pool *p = pool_new("two", 2, 0);
    for (int i = 0; i < 1000; i++)
        assert_true(pool_run(p, count_most, &m));
    pool_free(p);
    assert_int_equal(m.here, 1000);
    assert_true(m.most <= 2);
}

struct step {
    int number;
    int *next;
    bool in_order;
};

static void take_step(void *arg)
{
    struct step *s = arg;
    s->in_order = s->number == (*s->next)++;
}

static void test_order(void **state)
{
    (void)state;
    struct step steps[100];
    int next = 0;
    struct pool *p = pool_new("one", 1, 0);
    for (int i = 0; i < 100; i++) {
        steps[i] = (struct step){.number = i, .next = &next};
        assert_true(pool_run(p, take_step, &steps[i]));
    }
    pool_free(p);
    for (int i = 0; i < 100; i++)
        assert_true(steps[i].in_order);
}

struct late {
    struct pool *pool;
    atomic_int accepted, refused;
};

static void nothing(void *arg)
{
    (void)arg;
}

/* Runs until the pool refuses what it adds, which it does once pool_free began. */
static void add_until_refused(void *arg)
{
    struct late *l = arg;
    while (pool_run(l->pool, nothing, NULL))
        atomic_fetch_add(&l->accepted, 1);
    atomic_fetch_add(&l->refused, 1);
}

static void test_free_refuses(void **state)
{
    (void)state;
    struct late l = {.pool = pool_new("late", 2, 0)};
    assert_true(pool_run(l.pool, add_until_refused, &l));
    pool_free(l.pool);
    assert_int_equal(atomic_load(&l.refused), 1);
}

static void test_free_unused(void **state)
{
    (void)state;
    pool_free(pool_new("unused", 4, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name),         cmocka_unit_test(test_stack),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_parallel),
        cmocka_unit_test(test_limit),        cmocka_unit_test(test_order),
        cmocka_unit_test(test_free_refuses), cmocka_unit_test(test_free_unused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
