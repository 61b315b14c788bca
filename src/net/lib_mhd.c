/* SPDX-License-Identifier: MIT
 *
 * lib_mhd: opening it. It stays open until the process ends.
 */
#include "net/lib_mhd.h"

#include "config.h"

#include <dlfcn.h>
#include <pthread.h>

static struct lib_mhd functions;
static struct err failure = ERR_INIT;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_once(void)
{
    void *lib = dlopen(MHD_SONAME, RTLD_NOW | RTLD_LOCAL);
    bool ok = lib || err_set(&failure, ERR_LIBRARY, "libmicrohttpd can not be opened: %s", dlerror());
#define X(name)                                                                                    \
    if (ok) {                                                                                      \
        *(void **)&functions.name = dlsym(lib, #name);                                             \
        ok = functions.name || err_set(&failure, ERR_LIBRARY, "%s has no %s", MHD_SONAME, #name);  \
    }
    LIB_MHD_FUNCTIONS(X)
#undef X
    if (!ok)
        err_hint(&failure, "install the package libmicrohttpd12");
}

const struct lib_mhd *lib_mhd(struct err *e)
{
    pthread_once(&once, open_once);
    if (failure.code == ERR_NONE)
        return &functions;
    *e = failure;
    return NULL;
}
