/* SPDX-License-Identifier: MIT
 *
 * The gateway of a process, while the core, commands and the screen are at it at once.
 */
#include "cli/serving.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/thread.h"
#include "cli/app.h"
#include "lib/core.h"
#include "lib/test.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

enum { TURNS = 2000, DEADLINE_MS = 20000 };

static struct serving serving = SERVING_INIT;
static atomic_bool seen, over;

/* As the screen does: it looks only when it is told to. */
static void look_on(void *arg)
{
    (void)arg;
    while (!atomic_load(&over)) {
        struct pollfd p = {.fd = serving.changed_fd, .events = POLLIN};
        eventfd_t n;
        struct serving_view v;
        if (poll(&p, 1, 100) <= 0 || eventfd_read(serving.changed_fd, &n) != 0)
            continue;
        serving_look(&serving, &v);
        atomic_store(&seen, v.drains);
    }
}

/* As the first row does. */
static void ask_on(void *arg)
{
    char badge[64];
    (void)arg;
    while (!atomic_load(&over))
        serving_badge(&serving, badge, sizeof(badge));
}

/* Who changes something is not sent away because somebody looks, and whoever looks misses no change. */
static void every_change_is_seen(void **state)
{
    (void)state;
    struct fixture f;
    struct thread looks = {0}, asks = {0};
    struct err e = ERR_INIT;
    fixture_open(&f, "serving", "{\"text\":\"one\"}\n");
    fixture_start(&f);
    struct app a = {.core = f.core, .state_dir = f.state};
    serving.changed_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(serving.changed_fd >= 0);
    OK(serving_up(&serving, &a, ":0", false, &e));
    OK(thread_start(&looks, "looks", 512 * 1024, look_on, NULL, &e));
    OK(thread_start(&asks, "asks", 512 * 1024, ask_on, NULL, &e));
    bool ok = true;
    for (int i = 1; i <= TURNS && ok; i++) {
        bool on = i % 2;
        int64_t deadline = clock_mono_ms() + DEADLINE_MS;
        ok = serving_drain(&serving, on, &e);
        while (ok && atomic_load(&seen) != on && clock_mono_ms() < deadline)
            (void)poll(NULL, 0, 0);
        ok = ok && atomic_load(&seen) == on;
    }
    atomic_store(&over, true);
    thread_join(&looks);
    thread_join(&asks);
    if (!ok)
        fail_msg("a change was refused or not seen: %s", e.message);
    OK(serving_down(&serving, &e));
    FAILS(serving_drain(&serving, true, &e), ERR_NOT_FOUND);
    serving_done(&serving);
    fd_close_p(&serving.changed_fd);
    fixture_stop(&f);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_change_is_seen)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
