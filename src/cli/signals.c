/* SPDX-License-Identifier: MIT */
#include "cli/signals.h"

void signals_of_end(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGHUP);
}

void signals_end_us(void)
{
    sigset_t set;
    signals_of_end(&set);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
