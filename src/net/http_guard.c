/* SPDX-License-Identifier: MIT
 *
 * http_guard: what a request's head must be.
 */
#include "net/http_guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct http_refusal bare_lf = {400, "malformed_request", "a line of the head ends without CR LF"};
static const struct http_refusal hosts = {400, "malformed_request", "there has to be one Host, and one only"};
static const struct http_refusal two_lengths = {
    400, "malformed_request", "Content-Length and Transfer-Encoding, or two of one, say two lengths"};
static const struct http_refusal bad_length = {400, "malformed_request", "Content-Length is no number"};
const struct http_refusal http_too_large = {413, "input_too_large", "the body is longer than 64 KiB"};
static const struct http_refusal host = {
    403, "foreign_host", "the Host is not this server's; call it by the address that it is bound to"};
static const struct http_refusal origin = {
    403, "foreign_origin", "a page of another site may not call this server"};

bool http_is_loopback(const char *name)
{
    return strcmp(name, "localhost") == 0 || strcmp(name, "::1") == 0 || strncmp(name, "127.", 4) == 0;
}

bool http_is_any(const char *name)
{
    return strcmp(name, "0.0.0.0") == 0 || strcmp(name, "::") == 0;
}

static bool is_name(struct str got, const char *name, int port)
{
    char with[300];
    const char *colon = strchr(name, ':');
    snprintf(with, sizeof(with), colon ? "[%s]:%d" : "%s:%d", name, port);
    struct str full = str_of(with);
    size_t bare = strlen(name) + (colon ? 2 : 0);
    return (got.n == full.n && strncasecmp(got.p, full.p, full.n) == 0) ||
           (got.n == bare && strncasecmp(got.p, full.p, bare) == 0);
}

static bool is_own(struct str got, const char *name, const char *here, int port)
{
    if (here && is_own(got, here, NULL, port))
        return true;
    static const char *const loopback[] = {"127.0.0.1", "localhost", "::1"};
    for (size_t i = 0; i < ARRAY_LEN(loopback) && http_is_loopback(name); i++)
        if (is_name(got, loopback[i], port))
            return true;
    return is_name(got, name, port);
}

static bool is_own_origin(const char *got, const char *name, const char *here, int port)
{
    static const char scheme[] = "http://";
    return strncmp(got, scheme, sizeof(scheme) - 1) == 0 &&
           is_own(str_of(got + sizeof(scheme) - 1), name, here, port);
}

const struct http_refusal *http_guard(const struct http_head *h, const char *name, const char *here, int port)
{
    int64_t length = 0;
    if (h->bare_lf)
        return &bare_lf;
    if (h->hosts != 1)
        return &hosts;
    if (h->encodings + h->lengths > 1)
        return &two_lengths;
    if (h->length && (h->length[strspn(h->length, "0123456789")] || !h->length[0]))
        return &bad_length;
    if (h->length && (!str_i64(str_of(h->length), &length) || length > HTTP_BODY_MAX))
        return &http_too_large;
    if (name && !is_own(str_of(h->host), name, here, port))
        return &host;
    if (h->origin && (!name || !is_own_origin(h->origin, name, here, port)))
        return &origin;
    return NULL;
}

struct str http_bearer(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!authorization || strncasecmp(authorization, scheme, sizeof(scheme) - 1) != 0)
        return STR("");
    return str_trim(str_of(authorization + sizeof(scheme) - 1));
}
