/* SPDX-License-Identifier: MIT
 *
 * lib_curl: opening it. It stays open until the process ends.
 */
#include "net/lib_curl.h"

#include "config.h"

#include <dlfcn.h>
#include <pthread.h>

static struct lib_curl functions;
static struct err failure = ERR_INIT;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find(void *lib, const char *name, void *slot)
{
    void *at = dlsym(lib, name);
    *(void **)slot = at;
    return at || err_set(&failure, ERR_LIBRARY, "%s has no %s", CURL_SONAME, name);
}

static void open_once(void)
{
    void *lib = dlopen(CURL_SONAME, RTLD_NOW | RTLD_LOCAL);
    bool ok = lib || err_set(&failure, ERR_LIBRARY, "libcurl can not be opened: %s", dlerror());
#define X(name) ok = ok && find(lib, #name, &functions.name);
    LIB_CURL_FUNCTIONS(X)
#undef X
    if (ok && functions.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        ok = err_set(&failure, ERR_LIBRARY, "libcurl does not start");
    if (!ok)
        err_hint(&failure, "install the package libcurl4");
}

const struct lib_curl *lib_curl(struct err *e)
{
    pthread_once(&once, open_once);
    if (failure.code == ERR_NONE)
        return &functions;
    *e = failure;
    return NULL;
}
