/* SPDX-License-Identifier: MIT */
#include "lib/test.h"

#include "base/mem.h"
#include "base/queue.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

struct message {
    struct queue_node node;
    int sender, value;
};

static struct message *message(int sender, int value)
{
    struct message *m = NEW(struct message);
    m->sender = sender;
    m->value = value;
    return m;
}

static struct message *message_of(struct queue_node *n)
{
    return n ? CONTAINER_OF(n, struct message, node) : NULL;
}

static bool readable(const struct queue *q)
{
    struct pollfd p = {.fd = q->fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

/* How often the eventfd was written since it was last read; puts it back. */
static uint64_t written(const struct queue *q)
{
    uint64_t n = 0;
    assert_int_equal(read(q->fd, &n, sizeof(n)), sizeof(n));
    assert_int_equal(write(q->fd, &n, sizeof(n)), sizeof(n));
    return n;
}

static void test_order(void **state)
{
    (void)state;
    struct queue q;
    assert_true(queue_init(&q, 3));
    assert_null(queue_take_all(&q));
    assert_false(readable(&q));
    struct message *m[4];
    for (int i = 0; i < 4; i++)
        m[i] = message(0, i);
    for (size_t i = 0; i < 3; i++)
        assert_true(queue_push(&q, &m[i]->node, false));
    assert_false(queue_push(&q, &m[3]->node, false)); /* one past the limit */
    assert_int_equal(written(&q), 1);
    struct queue_node *n = queue_take_all(&q);
    for (int i = 0; i < 3; i++, n = n->next)
        assert_int_equal(message_of(n)->value, i);
    assert_null(n);
    assert_false(readable(&q));
    assert_true(queue_push(&q, &m[3]->node, false));
    assert_true(readable(&q));
    assert_ptr_equal(queue_take_all(&q), &m[3]->node);
    for (int i = 0; i < 4; i++)
        free(m[i]);
    queue_done(&q);
}

static void test_close(void **state)
{
    (void)state;
    struct queue q;
    struct message *a = message(0, 1), *b = message(0, 2);
    bool merged;
    assert_true(queue_init(&q, 8));
    assert_true(queue_push(&q, &a->node, true));
    queue_close(&q);
    queue_close(&q);
    assert_false(queue_push(&q, &b->node, true));
    assert_false(queue_push_or_merge(&q, &b->node, NULL, &merged));
    assert_ptr_equal(queue_take_all(&q), &a->node);
    assert_true(readable(&q)); /* so that a receiver who waits learns of it */
    assert_null(queue_take_all(&q));
    assert_true(readable(&q));
    queue_done(&q);
    assert_true(queue_init(&q, 8));
    queue_close(&q);
    assert_true(readable(&q));
    queue_done(&q);
    free(a);
    free(b);
}

static bool merge_same_sender(struct queue_node *last, struct queue_node *m)
{
    struct message *to = message_of(last);
    if (to->sender != message_of(m)->sender)
        return false;
    to->value += message_of(m)->value;
    return true;
}

static void test_merge(void **state)
{
    (void)state;
    struct queue q;
    bool merged = true;
    struct message *a = message(1, 10), *b = message(1, 5), *c = message(2, 7);
    assert_true(queue_init(&q, 2));
    assert_true(queue_push_or_merge(&q, &a->node, merge_same_sender, &merged));
    assert_false(merged);
    /* It came quietly. */
    struct pollfd p = {.fd = q.fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 0);
    queue_wake(&q);
    assert_int_equal(poll(&p, 1, 0), 1);
    assert_true(queue_push_or_merge(&q, &b->node, merge_same_sender, &merged));
    assert_true(merged);
    assert_true(queue_push_or_merge(&q, &c->node, merge_same_sender, &merged));
    assert_false(merged);
    /* Full, but what merges needs no room. */
    struct message *d = message(2, 3);
    assert_true(queue_push_or_merge(&q, &d->node, merge_same_sender, &merged));
    assert_true(merged);
    assert_int_equal(q.n, 2);
    assert_int_equal(written(&q), 1);
    struct message *first = message_of(queue_take_all(&q));
    assert_int_equal(first->value, 15);
    assert_int_equal(message_of(first->node.next)->value, 10);
    queue_done(&q);
    free(a);
    free(b);
    free(c);
    free(d);
}

enum { SENDERS = 4, EACH = 2000 };

struct sender {
    struct queue *q;
    int id;
    bool merges;
    size_t refused;
};

static void *send_all(void *arg)
{
    struct sender *s = arg;
    for (int i = 0; i < EACH; i++) {
        struct message *m = message(s->id, s->merges ? 1 : i);
        bool merged = false;
        bool ok = s->merges ? queue_push_or_merge(s->q, &m->node, merge_same_sender, &merged)
                            : queue_push(s->q, &m->node, true);
        queue_wake(s->q);
        s->refused += !ok;
        if (!ok || merged)
            free(m);
    }
    return NULL;
}

/* Senders that merge send ones and arrive as sums; the others arrive whole and in their order. */
static void test_many(void **state)
{
    (void)state;
    struct queue q;
    pthread_t threads[SENDERS];
    struct sender senders[SENDERS];
    int next[SENDERS] = {0}, got = 0;
    assert_true(queue_init(&q, 16));
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){.q = &q, .id = i, .merges = i % 2};
        assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]), 0);
    }
    while (got < SENDERS * EACH) {
        struct pollfd p = {.fd = q.fd, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 30000), 1);
        struct queue_node *all = queue_take_all(&q);
        assert_non_null(all);
        for (struct queue_node *n = all, *after; n; n = after) {
            struct message *m = message_of(n);
            after = n->next;
            int add = senders[m->sender].merges ? m->value : 1;
            if (!senders[m->sender].merges)
                assert_int_equal(m->value, next[m->sender]);
            next[m->sender] += add;
            got += add;
            free(m);
        }
    }
    for (int i = 0; i < SENDERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(next[i], EACH);
        assert_int_equal(senders[i].refused, 0);
    }
    assert_false(readable(&q));
    queue_done(&q);
}

/* A sender that waits for room is let go by the close and keeps its message. */
static void test_close_wakes(void **state)
{
    (void)state;
    struct queue q;
    pthread_t t;
    assert_true(queue_init(&q, 1));
    struct sender s = {.q = &q};
    assert_int_equal(pthread_create(&t, NULL, send_all, &s), 0);
    struct pollfd p = {.fd = q.fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 30000), 1);
    queue_close(&q);
    assert_int_equal(pthread_join(t, NULL), 0);
    assert_int_equal(s.refused, EACH - 1);
    free(message_of(queue_take_all(&q)));
    queue_done(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),       cmocka_unit_test(test_close),
        cmocka_unit_test(test_merge),       cmocka_unit_test(test_many),
        cmocka_unit_test(test_close_wakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
