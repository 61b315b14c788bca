/* SPDX-License-Identifier: MIT
 *
 * model: a server that speaks Chat Completions, well or badly: what it does is the row of rows.def
 * that the request names as its model. It listens on loopback only.
 *
 *   model [LOG]     prints its port, serves until standard input ends; each request is a line in
 * LOG: connection, row, bytes of the body, 1 when the key was "sk-test" model --rows    prints the
 * rows: name, status, reason, phase, requests, text, what it does
 *
 * "n:N" is no row but a burst of N tokens, "paced:N" so many at a thousand a second, "stamps:N" so
 * many that say when they were sent; "calls:N" makes so many calls of bash, one after another.
 */
#include "fake/wire.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- answers that are well ---- */

static void say(struct wire *w, const char *text)
{
    wire_delta(w, "{\"content\":%s}", wire_quoted(w, text));
}

static bool end(struct wire *w, const char *finish)
{
    wire_finish(w, finish);
    wire_event(w, "{\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,"
                  "\"prompt_tokens_details\":{\"cached_tokens\":3}}}");
    wire_event(w, "[DONE]");
    wire_end(w);
    return true;
}

static bool echo(struct wire *w)
{
    wire_begin(w);
    wire_delta(w, "{\"role\":\"assistant\",\"content\":\"\"}");
    say(w, "you said: ");
    say(w, w->said);
    return end(w, "stop");
}

static bool image(struct wire *w)
{
    wire_begin(w);
    say(w, w->said);
    if (w->images.len)
        say(w, buf_cstr(&w->images));
    return end(w, "stop");
}

static bool utf8_cut(struct wire *w)
{
    wire_begin(w);
    w->step = 1; /* a byte a write, so every character is cut */
    say(w, "h\xC3\xA4ll\xC3\xB6 \xE4\xB8\x96\xE7\x95\x8C");
    return end(w, "stop");
}

static bool crlf(struct wire *w)
{
    w->eol = "\r\n";
    return echo(w);
}

static bool cr(struct wire *w)
{
    w->eol = "\r";
    wire_begin(w);
    wire_raw(w, "\xEF\xBB\xBF: a comment\r\rid: 7\rretry: 5\r");
    say(w, "you said: ");
    say(w, w->said);
    return end(w, "stop");
}

static bool drip(struct wire *w)
{
    w->step = 1;
    return echo(w);
}

static bool whole(struct wire *w)
{
    wire_json(w, 200, "",
              "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
              "\"you said: hi\"},\"finish_reason\":\"stop\"}],"
              "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}");
    return true;
}

static bool reasoning(struct wire *w)
{
    wire_begin(w);
    wire_delta(w, "{\"reasoning_content\":\"let me \"}");
    wire_delta(w, "{\"reasoning_content\":\"think\"}");
    say(w, "you said: hi");
    return end(w, "stop");
}

static bool reasoning_twice(struct wire *w)
{
    wire_begin(w);
    wire_delta(w, "{\"reasoning_content\":\"let me\",\"reasoning\":\"let me\"}");
    say(w, "you said: hi");
    return end(w, "stop");
}

static bool empty_data(struct wire *w)
{
    wire_begin(w);
    wire_event(w, "");
    say(w, "you said: hi");
    wire_event(w, " ");
    return end(w, "stop");
}

static bool no_done(struct wire *w)
{
    wire_begin(w);
    say(w, "you said: hi");
    wire_finish(w, "stop");
    wire_end(w);
    return true;
}

static bool no_end(struct wire *w)
{
    wire_begin(w);
    say(w, "you said: hi");
    wire_finish(w, "stop");
    wire_event(w, "[DONE]");
    wire_wait(w);
    return false;
}

static bool length(struct wire *w)
{
    wire_begin(w);
    say(w, "you said: hi");
    return end(w, "length");
}

/* ---- answers that shall meet {"type":"object","required":["n"]} with n a number ---- */

static bool answer(struct wire *w, const char *text)
{
    wire_begin(w);
    say(w, text);
    return end(w, "stop");
}

static bool json(struct wire *w)
{
    return answer(w, "{\"n\": 5}");
}

static bool refuse(struct wire *w, int status, const char *headers, const char *message)
{
    char body[400];
    snprintf(body, sizeof(body), "{\"error\":{\"message\":\"%s\",\"type\":\"x\",\"code\":null}}",
             message);
    wire_json(w, status, headers, body);
    return true;
}

static bool json_plain(struct wire *w)
{
    if (w->schema)
        return refuse(w, 400, "", "unknown field 'response_format'");
    return answer(w, "{\"n\": 5}");
}

static bool no_options(struct wire *w)
{
    return w->options ? refuse(w, 400, "", "unknown field 'stream_options'") : echo(w);
}

/* One of both at a time, as servers do that stop at the first. */
static bool json_bare(struct wire *w)
{
    return w->options ? no_options(w) : json_plain(w);
}

static bool json_again(struct wire *w)
{
    return answer(w, strstr(w->said, "$.n: expected integer, got string") ? "{\"n\": 5}"
                                                                          : "{\"n\": \"five\"}");
}

static bool json_never(struct wire *w)
{
    return answer(w, "{\"n\": \"five\"}");
}

static bool json_fence(struct wire *w)
{
    return answer(w, "Here:\n```json\n{\"n\": 5}\n```\nThat is it.");
}

static bool json_around(struct wire *w)
{
    return answer(w, "The value is {\"n\": 5}, I think.");
}

/* ---- calls ---- */

static bool one_call(struct wire *w, const char *id, const char *name, const char *arguments)
{
    wire_begin(w);
    wire_delta(w,
               "{\"tool_calls\":[{\"index\":0,\"id\":\"%s\",\"type\":\"function\",\"function\":"
               "{\"name\":\"%s\",\"arguments\":\"\"}}]}",
               id, name);
    wire_delta(w, "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":%s}}]}",
               wire_quoted(w, arguments));
    return end(w, "tool_calls");
}

static bool done_after(struct wire *w)
{
    char text[64];
    wire_begin(w);
    snprintf(text, sizeof(text), "done after %d", w->results);
    say(w, text);
    return end(w, "stop");
}

static bool calls(struct wire *w)
{
    char id[16];
    snprintf(id, sizeof(id), "c%d", w->results);
    return w->results < 3 ? one_call(w, id, "bash", "{\"command\":\"echo hi\"}") : done_after(w);
}

static bool close_between(struct wire *w)
{
    calls(w);
    return false;
}

/* Pieces of four calls, one after another's piece. */
static bool parallel(struct wire *w)
{
    if (w->results)
        return done_after(w);
    wire_begin(w);
    say(w, "Four at once. ");
    for (int i = 0; i < 4; i++)
        wire_delta(w,
                   "{\"tool_calls\":[{\"index\":%d,\"id\":\"p%d\",\"type\":\"function\","
                   "\"function\":{\"name\":\"ls\",\"arguments\":\"{\\\"pa\"}}]}",
                   i, i);
    for (int i = 3; i >= 0; i--)
        wire_delta(w,
                   "{\"tool_calls\":[{\"index\":%d,\"function\":{\"arguments\":"
                   "\"th\\\":\\\".\\\"}\"}}]}",
                   i);
    return end(w, "tool_calls");
}

static bool same_ids(struct wire *w)
{
    if (w->results)
        return done_after(w);
    wire_begin(w);
    for (int i = 0; i < 2; i++)
        wire_delta(w,
                   "{\"tool_calls\":[{\"index\":%d,\"id\":\"same\",\"function\":{\"name\":\"ls\","
                   "\"arguments\":\"{\\\"path\\\":\\\".\\\"}\"}}]}",
                   i);
    return end(w, "tool_calls");
}

static bool no_ids(struct wire *w)
{
    if (w->results)
        return done_after(w);
    wire_begin(w);
    wire_delta(w, "{\"tool_calls\":[{\"function\":{\"name\":\"ls\",\"arguments\":"
                  "\"{\\\"path\\\":\\\".\\\"}\"}},{\"function\":{\"name\":\"ls\","
                  "\"arguments\":\"{\\\"path\\\":\\\".\\\"}\"}}]}");
    return end(w, "stop"); /* some say stop here, too */
}

static bool object_arguments(struct wire *w)
{
    if (w->results)
        return done_after(w);
    wire_begin(w);
    wire_delta(w, "{\"tool_calls\":[{\"index\":0,\"id\":\"o\",\"function\":{\"name\":\"ls\","
                  "\"arguments\":{\"path\":\".\"}}}]}");
    return end(w, "tool_calls");
}

/* Says what it was told of the call before. */
static bool told(struct wire *w)
{
    char text[200];
    wire_begin(w);
    const char *at = strstr(w->last_result, "error: ");
    snprintf(text, sizeof(text), "told: %.100s", at ? at + 7 : w->last_result);
    say(w, text);
    return end(w, "stop");
}

static bool bad_arguments(struct wire *w)
{
    return w->results ? told(w) : one_call(w, "b", "read", "{\"path\": ");
}

static bool unknown_tool(struct wire *w)
{
    return w->results ? told(w) : one_call(w, "u", "teleport", "{}");
}

static bool control(struct wire *w)
{
    wire_begin(w);
    say(w, "plain \x1b]52;c;aGk=\x07\x1b[2J\xC2\x9B"
           "31m \xE2\x80\xAE end");
    return end(w, "stop");
}

/* ---- once, then well ---- */

static bool retry_seconds(struct wire *w)
{
    return wire_first(w) ? refuse(w, 429, "Retry-After: 1\r\n", "slow down") : echo(w);
}

static bool retry_date(struct wire *w)
{
    char headers[100];
    time_t at = time(NULL) + 2;
    struct tm tm;
    strftime(headers, sizeof(headers), "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n",
             gmtime_r(&at, &tm));
    return wire_first(w) ? refuse(w, 429, headers, "slow down") : echo(w);
}

static bool retry_long(struct wire *w)
{
    return refuse(w, 429, "Retry-After: 3600\r\n", "come back later");
}

static bool fail_once(struct wire *w)
{
    return wire_first(w) ? refuse(w, 500, "", "a fault") : echo(w);
}

static bool cut_once(struct wire *w)
{
    return !wire_first(w) && echo(w);
}

/* ---- badly ---- */

static void half(struct wire *w)
{
    wire_begin(w);
    say(w, "half of ");
}

static bool stall_head(struct wire *w)
{
    wire_wait(w);
    return false;
}

static bool stall_middle(struct wire *w)
{
    half(w);
    wire_wait(w);
    return false;
}

static bool ping(struct wire *w)
{
    wire_begin(w);
    while (wire_raw(w, ": still there\n\n") && !wire_gone(w, 50))
        continue;
    return false;
}

/* Chunks without a word, behind a beginning. */
static bool hollow(struct wire *w)
{
    half(w);
    while (wire_delta(w, "{\"content\":\"\"}") && !wire_gone(w, 50))
        continue;
    return false;
}

static bool blanks(struct wire *w)
{
    wire_head(w, 200, "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
    while (wire_raw(w, " ") && !wire_gone(w, 50))
        continue;
    return false;
}

static bool slow_refusal(struct wire *w)
{
    wire_head(w, 500, "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n");
    while (wire_raw(w, "x") && !wire_gone(w, 50))
        continue;
    return false;
}

static bool stall_500(struct wire *w)
{
    wire_head(w, 500, "Content-Type: application/json\r\nContent-Length: 100\r\n");
    wire_bytes(w, "{\"error\"", 8);
    wire_wait(w);
    return false;
}

static bool stall_401(struct wire *w)
{
    wire_head(w, 401, "Content-Type: application/json\r\nContent-Length: 100\r\n");
    wire_wait(w);
    return false;
}

static bool packed(struct wire *w)
{
    static const char body[] = "\x1f\x8b\b\0\0\0\0\0\0\3";
    wire_head(w, 200,
              "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n"
              "Content-Length: 10\r\n");
    wire_bytes(w, body, 10);
    return true;
}

static bool cut_head(struct wire *w)
{
    (void)w;
    return false;
}

static bool cut_status(struct wire *w)
{
    wire_bytes(w, "HTTP/1.1 200 OK\r\nContent-Type: text/ev", 37);
    return false;
}

static bool cut_half(struct wire *w)
{
    half(w);
    return false;
}

static bool cut_quiet(struct wire *w)
{
    half(w);
    wire_end(w);
    return true;
}

static bool cut_call(struct wire *w)
{
    wire_begin(w);
    wire_delta(w, "{\"tool_calls\":[{\"index\":0,\"id\":\"c\",\"function\":{\"name\":\"bash\","
                  "\"arguments\":\"{\\\"command\\\":\\\"touch made\"}}]}");
    return false;
}

/* Both calls are whole; that the answer is, is not said. */
static bool cut_calls(struct wire *w)
{
    wire_begin(w);
    for (int i = 0; i < 2; i++)
        wire_delta(w,
                   "{\"tool_calls\":[{\"index\":%d,\"id\":\"w%d\",\"function\":{\"name\":\"bash\","
                   "\"arguments\":\"{\\\"command\\\":\\\"touch made\\\"}\"}}]}",
                   i, i);
    return false;
}

static bool nothing(struct wire *w)
{
    wire_begin(w);
    wire_end(w);
    return true;
}

static bool short_length(struct wire *w)
{
    static const char body[] =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half of \"}}]}\n\n";
    wire_head(w, 200, "Content-Type: text/event-stream\r\nContent-Length: 4000\r\n");
    wire_bytes(w, body, sizeof(body) - 1);
    return false;
}

static bool bad_chunk(struct wire *w)
{
    half(w);
    wire_bytes(w, "zz\r\nnonsense\r\n", 14);
    return false;
}

static bool not_http(struct wire *w)
{
    wire_bytes(w, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 23);
    return false;
}

static bool html(struct wire *w)
{
    wire_page(w, 200);
    return true;
}

static bool broken_event(struct wire *w)
{
    half(w);
    wire_event(w, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a wo");
    say(w, "the rest");
    return end(w, "stop");
}

static bool bad_utf8(struct wire *w)
{
    half(w);
    wire_event(w, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xFF\xFE\"}}]}");
    return end(w, "stop");
}

static bool nul(struct wire *w)
{
    half(w);
    wire_event(w, "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\u0000b\"}}]}");
    return end(w, "stop");
}

static bool empty_choices(struct wire *w)
{
    wire_begin(w);
    wire_event(w, "{\"choices\":[]}");
    wire_event(w, "[DONE]");
    wire_end(w);
    return true;
}

static bool no_name(struct wire *w)
{
    wire_begin(w);
    wire_delta(w,
               "{\"tool_calls\":[{\"index\":0,\"id\":\"n\",\"function\":{\"arguments\":\"{}\"}}]}");
    return end(w, "tool_calls");
}

static bool many_calls(struct wire *w)
{
    wire_begin(w);
    for (int i = 0; i < 200; i++)
        wire_delta(w,
                   "{\"tool_calls\":[{\"index\":%d,\"id\":\"m%d\",\"function\":{\"name\":\"ls\","
                   "\"arguments\":\"{}\"}}]}",
                   i, i);
    return end(w, "tool_calls");
}

enum { FLOOD_PIECE = 64 * 1024, FLOOD_PIECES = 16384 }; /* a gibibyte */

static bool flood(struct wire *w, const char *before, const char *after)
{
    static char piece[FLOOD_PIECE + 1];
    memset(piece, 'x', FLOOD_PIECE);
    for (int i = 0; i < FLOOD_PIECES; i++)
        if (!wire_raw(w, before) || !wire_raw(w, piece) || !wire_raw(w, after))
            return false;
    return false;
}

static bool flood_line(struct wire *w)
{
    wire_begin(w);
    return flood(w, "", "");
}

static bool flood_head(struct wire *w)
{
    wire_bytes(w, "HTTP/1.1 200 OK\r\n", 17);
    for (int i = 0; i < 1000000; i++)
        if (!wire_bytes(w, "X-More: and more of it\r\n", 24))
            return false;
    return false;
}

static bool flood_header(struct wire *w)
{
    wire_bytes(w, "HTTP/1.1 200 OK\r\nX-Long: ", 25);
    for (int i = 0; i < 1000000; i++)
        if (!wire_bytes(w, "xxxxxxxxxxxxxxxxxxxxxxxx", 24))
            return false;
    return false;
}

static bool flood_arguments(struct wire *w)
{
    wire_begin(w);
    return flood(w,
                 "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,"
                 "\"function\":{\"name\":\"ls\",\"arguments\":\"",
                 "\"}}]}}]}\n\n");
}

static bool flood_text(struct wire *w)
{
    wire_begin(w);
    return flood(w, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"", "\"}}]}\n\n");
}

static bool error_object(struct wire *w)
{
    half(w);
    wire_event(w, "{\"error\":{\"message\":\"the machine stopped\",\"type\":\"server_error\"}}");
    wire_end(w);
    return true;
}

static bool error_key(struct wire *w)
{
    half(w);
    wire_event(w, "{\"error\":{\"message\":\"sk-test may not\",\"code\":\"invalid_api_key\"}}");
    wire_end(w);
    return true;
}

static bool error_quota(struct wire *w)
{
    wire_begin(w);
    wire_event(w, "{\"error\":{\"message\":\"you used it up\",\"code\":\"insufficient_quota\"}}");
    wire_end(w);
    return true;
}

static bool content_filter(struct wire *w)
{
    half(w);
    return end(w, "content_filter");
}

static bool s302(struct wire *w)
{
    wire_head(w, 302, "Location: http://127.0.0.1:1/elsewhere\r\nContent-Length: 0\r\n");
    return true;
}

static bool s400(struct wire *w)
{
    return refuse(w, 400, "", "messages: too many \\u001b[31mof them");
}

static bool s401(struct wire *w)
{
    return refuse(w, 401, "", "wrong key");
}

static bool key_back(struct wire *w)
{
    return refuse(w, 401, "", "no such key: Bearer sk-test");
}

static bool s403(struct wire *w)
{
    return refuse(w, 403, "", "not for you");
}

static bool s404(struct wire *w)
{
    return refuse(w, 404, "", "no model of that name");
}

static bool s407(struct wire *w)
{
    return refuse(w, 407, "Proxy-Authenticate: Basic\r\n", "password, please");
}

static bool s413(struct wire *w)
{
    return refuse(w, 413, "", "too large");
}

static bool s429(struct wire *w)
{
    return refuse(w, 429, "", "slow down");
}

static bool s500(struct wire *w)
{
    return refuse(w, 500, "", "a fault");
}

static bool s503(struct wire *w)
{
    wire_page(w, 503);
    return true;
}

static bool s529(struct wire *w)
{
    return refuse(w, 529, "", "overloaded");
}

/* ---- figures ---- */

static bool tokens(struct wire *w, long n, bool paced)
{
    wire_begin(w);
    wire_hold(w, !paced);
    for (long i = 0; i < n; i++) {
        wire_delta(w, "{\"content\":\"tok%ld \"}", i);
        if (paced && nanosleep(&(struct timespec){0, 1000000}, NULL) < 0)
            break;
    }
    wire_hold(w, false);
    return end(w, "stop");
}

/* Pieces that say when they were sent, a while apart. */
static bool stamps(struct wire *w, long n)
{
    wire_begin(w);
    for (long i = 0; i < n; i++) {
        struct timespec t;
        if (nanosleep(&(struct timespec){0, 40000000}, NULL) < 0 ||
            clock_gettime(CLOCK_MONOTONIC, &t) < 0 ||
            !wire_delta(w, "{\"content\":\"@%lld\\n\"}",
                        (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000))
            return false;
    }
    say(w, "no more stamps");
    return end(w, "stop");
}

static bool many(struct wire *w, long n)
{
    char id[24];
    snprintf(id, sizeof(id), "c%d", w->results);
    return w->results < n ? one_call(w, id, "bash", "{\"command\":\"echo hi\"}") : done_after(w);
}

/* ---- the table ---- */

static const struct row {
    const char *name;
    bool (*play)(struct wire *w); /* false: the connection is closed */
    int status;
    const char *reason, *phase;
    int requests;
    const char *text, *help;
} rows[] = {
#define ROW(name, play, status, reason, phase, requests, text, help)                               \
    {name, play, status, reason, phase, requests, text, help},
#include "fake/rows.def"
#undef ROW
};

static bool play(struct wire *w)
{
    const char *number = strchr(w->row, ':');
    if (w->unpaired)
        return refuse(w, 400, "", "calls and their results do not stand together");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, w->row) == 0)
            return rows[i].play(w);
    if (number && strncmp(w->row, "calls:", 6) == 0)
        return many(w, strtol(number + 1, NULL, 10));
    if (number && strncmp(w->row, "stamps:", 7) == 0)
        return stamps(w, strtol(number + 1, NULL, 10));
    if (number)
        return tokens(w, strtol(number + 1, NULL, 10), strncmp(w->row, "paced:", 6) == 0);
    return refuse(w, 404, "", "there is no such row");
}

static int print_rows(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        printf("%s\t%d\t%s\t%s\t%d\t%s\t%s\n", rows[i].name, rows[i].status,
               rows[i].reason[0] ? rows[i].reason : "-", rows[i].phase[0] ? rows[i].phase : "-",
               rows[i].requests, rows[i].text[0] ? rows[i].text : "-", rows[i].help);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--rows") == 0)
        return print_rows();
    signal(SIGPIPE, SIG_IGN);
    return wire_serve(argc > 1 ? argv[1] : NULL, play);
}
