/* SPDX-License-Identifier: MIT
 *
 * lib_mhd: libmicrohttpd, opened when a server is first started: it brings GnuTLS along, and most
 * runs serve nobody. Functions are rows typed by the real header. Inside of src/net; any thread.
 */
#ifndef TAU_NET_LIB_MHD_H
#define TAU_NET_LIB_MHD_H

#include <microhttpd.h>

#include "base/base.h"
#include "base/err.h"

#define LIB_MHD_FUNCTIONS(X)                                                                       \
    X(MHD_start_daemon)                                                                            \
    X(MHD_stop_daemon)                                                                             \
    X(MHD_get_daemon_info)                                                                         \
    X(MHD_get_connection_info)                                                                     \
    X(MHD_get_connection_values)                                                                   \
    X(MHD_lookup_connection_value)                                                                 \
    X(MHD_create_response_from_buffer)                                                             \
    X(MHD_create_response_from_callback)                                                           \
    X(MHD_add_response_header)                                                                     \
    X(MHD_queue_response)                                                                          \
    X(MHD_destroy_response)                                                                        \
    X(MHD_suspend_connection)                                                                      \
    X(MHD_resume_connection)

struct lib_mhd {
#define X(name) __typeof__(name) *name;
    LIB_MHD_FUNCTIONS(X)
#undef X
};

/* The functions, or NULL: ERR_LIBRARY names the package. The same answer each time. */
const struct lib_mhd *lib_mhd(struct err *e) ATTR_WARN;

#endif
