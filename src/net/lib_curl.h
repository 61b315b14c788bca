/* SPDX-License-Identifier: MIT
 *
 * lib_curl: libcurl, opened when it is first wanted, because its thirty libraries cost more than
 * all the rest of the start. Functions are rows typed by the real header. Inside of src/net; net
 * thread.
 */
#ifndef TAU_NET_LIB_CURL_H
#define TAU_NET_LIB_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/base.h"
#include "base/err.h"

#define LIB_CURL_FUNCTIONS(X)                                                                      \
    X(curl_global_init)                                                                            \
    X(curl_easy_init)                                                                              \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_pause)                                                                             \
    X(curl_easy_strerror)                                                                          \
    X(curl_multi_init)                                                                             \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_wakeup)                                                                           \
    X(curl_multi_info_read)                                                                        \
    X(curl_multi_setopt)                                                                           \
    X(curl_getdate)                                                                                \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)

/* The macros of the header would take the place of our members. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

struct lib_curl {
#define X(name) __typeof__(name) *name;
    LIB_CURL_FUNCTIONS(X)
#undef X
};

/* The functions, or NULL: ERR_LIBRARY names the package. The same answer each time. */
const struct lib_curl *lib_curl(struct err *e) ATTR_WARN;

#endif
