/* SPDX-License-Identifier: MIT
 *
 * f_status: what tau-exec wrote about a command, as it is read from a job's file.
 */
#include "fuzz/fuzz.h"

#include "policy/launch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct err e = ERR_INIT;
    struct launch_result r;
    if (!launch_read_status(str_make((const char *)data, n), &r, &e)) {
        TAU_ASSERT(e.code != ERR_NONE && e.message[0]);
        return 0;
    }
    TAU_ASSERT(r.end == LAUNCH_EXITED || r.end == LAUNCH_SIGNALLED);
    TAU_ASSERT((r.end == LAUNCH_SIGNALLED) == (r.signo != 0) || r.signo == 0);
    TAU_ASSERT(r.user_ms >= 0 && r.sys_ms >= 0 && r.max_rss_kib >= 0 && r.killed >= 0);
    return 0;
}
