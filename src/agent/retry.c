/* SPDX-License-Identifier: MIT
 *
 * retry: exponential waits with jitter, so that many who failed together do not come back together.
 */
#include "agent/retry.h"

#include "base/clock.h"
#include "base/digest.h"

static bool can_help(const struct err *e)
{
    /* Time that was waited for an answer is gone; a connection that hung may well come next time. */
    if (e->code == ERR_TIMEOUT)
        return e->phase == PHASE_PROVIDER_CONNECT;
    return err_code_retryable(e->code);
}

/* Between half of it and all of it. */
static int64_t backoff(int n)
{
    uint32_t r;
    int64_t ms = RETRY_MOST_MS;
    if (n < 10)
        ms = MIN((int64_t)RETRY_FIRST_MS << (n - 1), (int64_t)RETRY_MOST_MS);
    random_bytes(&r, sizeof(r));
    return ms / 2 + (int64_t)(r % (uint32_t)(ms / 2 + 1));
}

bool retry_again(const struct retry *r, int n, struct err *e, int64_t *ret_ms)
{
    if (!can_help(e) || n > r->times)
        return false;
    int64_t wait = MAX(backoff(n), e->retry_after_ms);
    if (wait <= r->patience_ms || wait <= RETRY_MOST_MS) {
        if (r->deadline_ms == CLOCK_NEVER || clock_mono_ms() + wait < r->deadline_ms) {
            *ret_ms = wait;
            return true;
        }
        err_hint(e, "the turn's deadline comes before it could be asked again");
        return false;
    }
    err_hint(e, "it wants to be asked again in %lld s at the earliest, which is longer than "
                "turns.patience",
             (long long)(wait + 999) / 1000);
    return false;
}
