/* SPDX-License-Identifier: MIT
 *
 * failure: the codes of libcurl in words for people.
 */
#include "net/failure.h"

#include "base/mem.h"
#include "net/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MAX = 256 };

/* "host:port" of a URL, without a user and its password. */
char *failure_host(const char *url)
{
    const char *from = strstr(url, "://");
    from = from ? from + 3 : url;
    size_t n = strcspn(from, "/?#");
    const char *at = memrchr(from, '@', n); /* a password may hold another */
    size_t skip = at ? (size_t)(at + 1 - from) : 0;
    return mem_strndup(from + skip, MIN(n - skip, (size_t)HOST_MAX));
}

/* The proxy that libcurl takes for the request, if it takes one: "host:port" and the variable that
 * names it. NULL without one. The caller frees. */
static char *proxy_of(const struct failure *f, const char **ret_variable)
{
    static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const tls[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
    const char *const *names = strncmp(f->url, "https:", 6) == 0 ? tls : plain;
    for (; *names; names++) {
        const char *value = getenv(*names);
        if (!value || !value[0])
            continue;
        *ret_variable = *names;
        return failure_host(value);
    }
    return NULL;
}

/* Whether it was the proxy that could not be reached: libcurl's words name the host and the port it
 * tried ("Failed to connect to HOST port PORT after ..."). */
static bool tried(const struct failure *f, const char *proxy)
{
    char where[HOST_MAX + 16];
    const char *colon = strrchr(proxy, ':');
    int n = colon ? (int)(colon - proxy) : (int)strlen(proxy);
    snprintf(where, sizeof(where), "to %.*s port %s ", n, proxy, colon ? colon + 1 : "1080");
    return strstr(f->detail, where) != NULL;
}

/* A proxy that stands in the way. True: told. */
static bool tell_proxy(const struct failure *f, struct err *e)
{
    const char *variable = "";
    CLEANUP(mem_free_p) char *proxy = proxy_of(f, &variable);
    if (!proxy)
        return false;
    if (f->tunnel >= 300) {
        err_set(e, f->tunnel == 407 ? ERR_AUTH : ERR_PROVIDER_UNAVAILABLE,
                "the proxy %s %s (status %d)", proxy,
                f->tunnel == 407 ? "wants a password" : "does not open the way to the server",
                f->tunnel);
        err_hint(e, "the proxy is named in %s; no_proxy lists hosts that need none", variable);
        return true;
    }
    if (f->result != CURLE_COULDNT_CONNECT || !tried(f, proxy))
        return false;
    err_set(e, ERR_PROVIDER_UNAVAILABLE, "the proxy %s, on the way to %s, does not answer", proxy,
            f->host);
    err_hint(e, "the proxy is named in %s; no_proxy lists hosts that need none", variable);
    return true;
}

/* What the codes of libcurl mean for people; any other: the connection ended. */
static const struct {
    CURLcode result;
    enum err_code code;
    const char *text; /* of the host */
    bool detail;      /* libcurl's own words follow */
    const char *hint;
} meanings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERR_PROVIDER_UNAVAILABLE, "the name of %s is not known", false,
     "check the address, and that there is a network"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERR_PROVIDER_UNAVAILABLE,
     "the name of the proxy on the way to %s is not known", false,
     "check http_proxy and https_proxy"},
    {CURLE_COULDNT_CONNECT, ERR_PROVIDER_UNAVAILABLE, "nothing answers at %s", false,
     "is the server running? check the address"},
    {CURLE_OPERATION_TIMEDOUT, ERR_TIMEOUT, "%s was not reached in its time", false,
     "check the address and the network"},
    {CURLE_URL_MALFORMAT, ERR_CONFIG, "'%s' is no http or https address", false, ""},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_CONFIG, "'%s' is no http or https address", false, ""},
    {CURLE_PROXY, ERR_PROVIDER_UNAVAILABLE, "the proxy on the way to %s does not open it", true,
     "the proxy is named in https_proxy, http_proxy or all_proxy"},
    {CURLE_PEER_FAILED_VERIFICATION, ERR_PROVIDER_UNAVAILABLE, "%s is not trusted", true,
     "check the address and the clock; an authority of your own belongs to those of the system "
     "(update-ca-certificates), or into SSL_CERT_FILE"},
    {CURLE_SSL_CACERT_BADFILE, ERR_PROVIDER_UNAVAILABLE, "%s can not be verified", true,
     "install the package ca-certificates, or check SSL_CERT_FILE"},
    {CURLE_SSL_CONNECT_ERROR, ERR_PROVIDER_UNAVAILABLE, "%s does not speak TLS", true,
     "check the address: http and https are two things"},
    {CURLE_WEIRD_SERVER_REPLY, ERR_STREAM_INVALID, "%s does not speak HTTP", true, ""},
    {CURLE_HTTP2, ERR_STREAM_INVALID, "%s does not speak HTTP", true, ""},
    {CURLE_HTTP2_STREAM, ERR_STREAM_CUT, "%s ended the answer", true, ""},
    {CURLE_RECV_ERROR, ERR_STREAM_CUT, "%s broke the connection off", true, ""},
    {CURLE_SEND_ERROR, ERR_STREAM_CUT, "%s broke the connection off", true, ""},
    {CURLE_PARTIAL_FILE, ERR_STREAM_CUT, "%s ended the answer before its end", false, ""},
    {CURLE_GOT_NOTHING, ERR_STREAM_CUT, "%s ended the connection without an answer", false, ""},
    {CURLE_ABORTED_BY_CALLBACK, ERR_CANCELLED, "the request to %s was stopped", false, ""},
    {CURLE_OUT_OF_MEMORY, ERR_NO_MEMORY, "no memory for the request to %s", false, ""},
    {CURLE_FAILED_INIT, ERR_NO_MEMORY, "the request to %s could not be made", false, ""},
};

bool failure_tell(const struct failure *f, struct err *e)
{
    size_t i = 0;
    /* With a connection it is the other side's protocol that is not HTTP/1 or later. */
    CURLcode result = f->connected && f->result == CURLE_UNSUPPORTED_PROTOCOL
                          ? CURLE_WEIRD_SERVER_REPLY
                          : f->result;
    if (f->result == CURLE_OK)
        return err_set(e, ERR_STREAM_CUT, "%s ended the connection before its answer began",
                       f->host);
    /* A line that is too long for libcurl comes as a want of memory. */
    bool too_large = f->head_too_large ||
                     (f->connected && !f->headed && f->status && f->result == CURLE_OUT_OF_MEMORY);
    if (too_large)
        return err_set(e, ERR_STREAM_INVALID,
                       "the answer of %s begins with more than %d headers or %d KiB of them",
                       f->host, NET_HEADERS_MAX, NET_HEADER_BYTES_MAX / 1024);
    if (tell_proxy(f, e))
        return false;
    while (i < ARRAY_LEN(meanings) && meanings[i].result != result)
        i++;
    char text[HOST_MAX + 100];
    if (i == ARRAY_LEN(meanings)) {
        err_set(e, ERR_STREAM_CUT, "%s ended the connection: %s", f->host, f->detail);
        return false;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(text, sizeof(text), meanings[i].text, f->host);
#pragma GCC diagnostic pop
    err_set(e, meanings[i].code, "%s%s%s", text, meanings[i].detail && f->detail[0] ? ": " : "",
            meanings[i].detail ? f->detail : "");
    if (meanings[i].hint[0])
        err_hint(e, "%s", meanings[i].hint);
    return false;
}
