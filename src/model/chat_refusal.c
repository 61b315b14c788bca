/* SPDX-License-Identifier: MIT
 *
 * chat_refusal: what it means when a server does not answer as it should. The status says what kind
 * of failure it is, the server's own words say why.
 */
#include "model/chat.h"

#include "text/utf8.h"
#include "text/width.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>

enum { REASON_MAX = 240 };

static const struct {
    int from, to;
    enum err_code code;
    const char *text;
} kinds[] = {
    {300, 399, ERR_REQUEST_REFUSED, "sends elsewhere (status %d), which is not followed"},
    {401, 401, ERR_AUTH, "does not accept the key (status %d)"},
    {402, 402, ERR_QUOTA, "wants to be paid (status %d)"},
    {403, 403, ERR_AUTH, "does not permit this with the key (status %d)"},
    {404, 404, ERR_NO_SUCH_MODEL, "knows no such model or address (status %d)"},
    {407, 407, ERR_AUTH, "is behind a proxy that wants a password (status %d)"},
    {408, 409, ERR_PROVIDER_UNAVAILABLE, "could not take the request now (status %d)"},
    {413, 413, ERR_REQUEST_TOO_LARGE, "finds the request too large (status %d)"},
    {425, 425, ERR_PROVIDER_UNAVAILABLE, "could not take the request now (status %d)"},
    {429, 429, ERR_RATE_LIMITED, "has had too many requests (status %d)"},
    {400, 499, ERR_REQUEST_REFUSED, "refused the request (status %d)"},
    {529, 529, ERR_PROVIDER_OVERLOADED, "is overloaded (status %d)"},
    {503, 503, ERR_PROVIDER_OVERLOADED, "is not available now (status %d)"},
    {500, 599, ERR_PROVIDER, "failed (status %d)"},
};

/* What an error object inside a stream says of itself, in the words that servers use. */
static const struct {
    const char *word;
    enum err_code code;
} words[] = {
    {"insufficient_quota", ERR_QUOTA},       {"rate_limit", ERR_RATE_LIMITED},
    {"overloaded", ERR_PROVIDER_OVERLOADED}, {"context_length", ERR_REQUEST_TOO_LARGE},
    {"content_filter", ERR_CONTENT_FILTER},  {"exceed_context", ERR_REQUEST_TOO_LARGE},
    {"model_not_found", ERR_NO_SUCH_MODEL},  {"invalid_api_key", ERR_AUTH},
};

static bool is_page(struct str body)
{
    struct str s = str_trim(body);
    return str_starts(s, "<");
}

/* The server's own words: error.message, message, detail, or error. */
static struct str reason_of(const struct json *j)
{
    const struct json *error = json_get(j, "error");
    const struct json *places[] = {json_get(error, "message"), error, json_get(j, "message"),
                                   json_get(j, "detail")};
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (places[i] && json_type(places[i]) == JSON_STRING)
            return json_str(places[i]);
    return STR_NULL;
}

/* Some servers repeat the key that they do not accept. */
static void hide_key(struct buf *out, struct str text, const char *key)
{
    struct str secret = key ? str_of(key) : STR_NULL;
    for (ptrdiff_t at; secret.n && (at = str_find(text, secret)) >= 0;) {
        buf_str(out, str_sub(text, 0, (size_t)at));
        buf_puts(out, "[key]");
        text = str_sub(text, (size_t)at + secret.n, text.n);
    }
    buf_str(out, text);
}

/* One line that can be shown anywhere. */
static void write_reason(struct buf *out, const struct json *j, struct str body, const char *key)
{
    CLEANUP(buf_free) struct buf hidden = BUF_OWN;
    struct buf clean = BUF_OWN;
    hide_key(&hidden, j ? reason_of(j) : is_page(body) ? STR_NULL : str_trim(body), key);
    utf8_clean(&clean, str_sub(buf_view(&hidden), 0, REASON_MAX * 2));
    for (size_t i = 0; i < clean.len; i++)
        if (clean.data[i] == '\n' || clean.data[i] == '\r' || clean.data[i] == '\t')
            clean.data[i] = ' ';
    struct str shown = utf8_clip(str_trim(buf_view(&clean)), REASON_MAX);
    if (shown.n) {
        buf_puts(out, ": ");
        width_sanitize(out, shown);
    } else if (is_page(body)) {
        buf_puts(out, ", with a web page");
    }
    buf_free(&clean);
}

static enum err_code code_of_words(const struct json *j, enum err_code code)
{
    const struct json *error = json_get(j, "error");
    const char *said[] = {json_cstr(json_get(error, "code"), ""),
                          json_cstr(json_get(error, "type"), "")};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        for (size_t k = 0; k < ARRAY_LEN(said); k++)
            if (strstr(said[k], words[i].word))
                return words[i].code;
    return code;
}

static void add_hint(enum err_code code, const char *url, struct err *e)
{
    if (code == ERR_NO_SUCH_MODEL && url)
        err_hint(e, "it was asked for at %.150s; check the model's name and --api-base", url);
}

static size_t kind_of(int64_t status)
{
    size_t i = 0;
    while (i < ARRAY_LEN(kinds) && (status < kinds[i].from || status > kinds[i].to))
        i++;
    return i;
}

/* Inside of a stream the status is a number in the object, or is not there. */
static enum err_code code_inside(const struct json *j)
{
    size_t i = kind_of(json_i64(json_get(json_get(j, "error"), "code"), 0));
    return code_of_words(j, i < ARRAY_LEN(kinds) ? kinds[i].code : ERR_PROVIDER);
}

bool chat_refusal(const struct chat_server *server, int status, struct str body, struct err *e)
{
    struct err why = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(body, &why);
    CLEANUP(buf_free) struct buf reason = BUF_OWN;
    CLEANUP(buf_free) struct buf what = BUF_OWN;
    size_t i = kind_of(status);
    write_reason(&reason, j, body, server->key);
    if (status == 0) {
        err_set(e, code_inside(j), "the model's server gave up%s", buf_cstr(&reason));
        return false;
    }
    enum err_code code = i < ARRAY_LEN(kinds) ? kinds[i].code : ERR_STREAM_INVALID;
    if (i < ARRAY_LEN(kinds)) {
        const char *rest = strstr(kinds[i].text, "%d");
        buf_printf(&what, "%.*s%d%s", (int)(rest - kinds[i].text), kinds[i].text, status, rest + 2);
    } else {
        buf_printf(&what, "answers with status %d", status);
    }
    code = code_of_words(j, code);
    err_set(e, code, "%s %s%s", server->host ? server->host : "the model's server", buf_cstr(&what),
            buf_cstr(&reason));
    add_hint(code, server->url, e);
    return false;
}
