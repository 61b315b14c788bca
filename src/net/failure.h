/* SPDX-License-Identifier: MIT
 *
 * failure: why a request that ended did not succeed, and what can be done. Pure but for the proxies
 * that the environment names; any thread.
 */
#ifndef TAU_NET_FAILURE_H
#define TAU_NET_FAILURE_H

#include "base/base.h"
#include "base/err.h"

#include <curl/curl.h>

/* How it stood when it ended. Everything borrowed. */
struct failure {
    CURLcode result;
    const char *host, *url;
    const char *detail; /* libcurl's own words */
    int status;         /* of the answer; 0: none came */
    int tunnel;         /* what a proxy answered when a tunnel was asked for; 0: none was */
    bool connected, headed, head_too_large;
};

/* "host:port" of a URL, without a user and its password. The caller frees. */
char *failure_host(const char *url);

/* Sets e; always false. */
bool failure_tell(const struct failure *f, struct err *e);

#endif
