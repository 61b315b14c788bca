/* SPDX-License-Identifier: MIT
 *
 * net: the net thread and its streams.
 *
 * A stream is shared by its owner and the net thread under its own lock. The owner puts requests
 * and ends into a list of the net thread and wakes curl_multi_poll; the thread appends bytes under
 * the stream's lock. When libcurl has read what was there, the owner is woken once for all of it, by the
 * stream's eventfd. The libcurl handle is the net thread's alone.
 */
#include "net/net.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/thread.h"
#include "net/failure.h"
#include "net/gather.h"
#include "net/lib_curl.h"

#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>

enum { NET_STACK = 512 * 1024, POLL_MS = 3600 * 1000 };
enum { RETRY_AFTER_MAX_S = 30 * 24 * 3600 };

enum wish { WISH_NONE, WISH_BEGIN, WISH_RESUME, WISH_FINISH, WISH_END };

struct net_stream {
    struct net_request request;
    char *url, *host, *socket;
    struct curl_slist *headers;
    int fd; /* eventfd: something changed */

    /* Of the net thread. */
    CURL *easy;
    bool news;   /* its owner is to be woken */
    bool orphan; /* its owner is gone: what comes is thrown away, and the thread frees it */
    size_t thrown;
    int64_t until_ms; /* an orphan ends then */
    struct net_stream *next_live;

    pthread_mutex_t lock; /* guards what is below */
    pthread_cond_t let_go;
    enum wish
        wish; /* what the net thread shall do; a later wish takes the place of an earlier one */
    struct net_stream *next; /* in the list of wishes */
    bool listed;
    bool connected, headed, ended, free; /* free: the net thread knows it no more */
    bool whole; /* the request's body is sent, and nobody will read it again */
    bool paused;
    int64_t connected_ms;
    CURLcode result;
    int tunnel; /* what a proxy answered when a tunnel was asked for; 0: none was */
    char detail[CURL_ERROR_SIZE];
    struct buf arrived; /* for the owner */
    int status;
    struct buf header_text; /* "name: value\n", of the last head */
    size_t n_headers;
    bool head_too_large;

    /* Of the owner. */
    struct buf taken;          /* what the last net_read gave */
    bool told;                 /* that the answer has begun */
    int64_t began_ms, last_ms; /* opened; last news */
};

static struct {
    pthread_mutex_t lock; /* guards all below but connections */
    pthread_cond_t ready;
    struct net_stream *wishes;
    struct thread thread;
    CURLM *multi; /* set once the thread works */
    const struct lib_curl *lib;
    struct err failure;      /* why it does not */
    struct net_stream *live; /* begun and not ended; of the net thread, as the three below */
    struct gather gather;
    size_t pieces, bytes; /* that the look of now found */
    pthread_cond_t wished; /* or stopped: a rest is over */
    bool stopped, gone;      /* it shall end; it takes no wishes any more */
    atomic_llong connections;
} net = {.lock = PTHREAD_MUTEX_INITIALIZER,
         .ready = PTHREAD_COND_INITIALIZER,
         .wished = PTHREAD_COND_INITIALIZER};

static void wake_owner(struct net_stream *s)
{
    int rc = eventfd_write(s->fd, 1);
    (void)rc; /* a full counter is readable already */
}

/* ---- callbacks of libcurl, on the net thread ---- */

/* Of the net thread. */
static bool is_sent(struct net_stream *s)
{
    curl_off_t sent = 0;
    return s->request.body.n == 0 ||
           (s->easy && net.lib->curl_easy_getinfo(s->easy, CURLINFO_SIZE_UPLOAD_T, &sent) == CURLE_OK &&
            sent == (curl_off_t)s->request.body.n);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
    struct net_stream *s = arg;
    size_t bytes = size * n;
    if (s->orphan) {
        s->thrown += bytes;
        return s->thrown <= NET_DRAIN_BYTES ? bytes : 0;
    }
    net.pieces++;
    net.bytes += bytes;
    pthread_mutex_lock(&s->lock);
    bool first = s->arrived.len == 0;
    s->whole = s->whole || is_sent(s);
    s->headed = true;
    bool room = s->arrived.len + bytes <= NET_BUFFER_MAX && buf_add(&s->arrived, p, bytes);
    s->paused = !room;
    pthread_mutex_unlock(&s->lock);
    s->news |= first && room;
    return room ? bytes : CURL_WRITEFUNC_PAUSE;
}

static bool blank_line(const char *p, size_t n)
{
    return n == 0 || (n == 1 && p[0] == '\n') || (n == 2 && p[0] == '\r');
}

/* Every line of every head; a head after 1xx, or of a proxy's CONNECT, takes the place of the one
 * before. */
static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
    struct net_stream *s = arg;
    size_t bytes = size * n;
    bool end = false;
    pthread_mutex_lock(&s->lock);
    if (bytes >= 5 && strncmp(p, "HTTP/", 5) == 0) {
        const char *blank = memchr(p, ' ', bytes);
        buf_clear(&s->header_text);
        s->n_headers = 0;
        s->status = 0;
        for (const char *d = blank ? blank + 1 : p; d < p + bytes && *d >= '0' && *d <= '9'; d++)
            s->status = s->status < 1000 ? s->status * 10 + (*d - '0') : s->status;
    } else if (blank_line(p, bytes)) {
        end = s->status >= 200;
        s->headed |= end;
    } else if (s->n_headers == NET_HEADERS_MAX || !buf_add(&s->header_text, p, bytes)) {
        s->head_too_large = true;
    } else {
        s->n_headers++;
    }
    bool ok = !s->head_too_large;
    pthread_mutex_unlock(&s->lock);
    s->news |= end;
    return ok ? bytes : 0;
}

/* Called when there is a connection, new or old, and the request is about to be sent. */
static int on_connected(void *arg, char *ip, char *local_ip, int port, int local_port)
{
    struct net_stream *s = arg;
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    pthread_mutex_lock(&s->lock);
    s->connected = true;
    s->connected_ms = clock_mono_ms();
    pthread_mutex_unlock(&s->lock);
    s->news = true;
    return CURL_PREREQFUNC_OK;
}

/* ---- the net thread ---- */

static void free_stream(struct net_stream *s)
{
    struct err e = ERR_INIT;
    const struct lib_curl *lib = s->headers ? lib_curl(&e) : NULL;
    for (struct curl_slist *h = s->headers; h; h = h->next)
        secret_wipe(h->data); /* one of them is a key */
    if (lib)
        lib->curl_slist_free_all(s->headers);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->let_go);
    buf_free(&s->arrived);
    buf_free(&s->taken);
    buf_free(&s->header_text);
    fd_close_p(&s->fd);
    free(s->url);
    free(s->socket);
    free(s->host);
    free(s);
}

static void end_stream(const struct lib_curl *lib, struct net_stream *s, CURLcode result)
{
    long opened = 0, tunnel = 0;
    for (struct net_stream **at = &net.live; *at; at = &(*at)->next_live)
        if (*at == s) {
            *at = s->next_live;
            break;
        }
    if (s->easy) {
        if (lib->curl_easy_getinfo(s->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel) != CURLE_OK)
            tunnel = 0;
        if (lib->curl_easy_getinfo(s->easy, CURLINFO_NUM_CONNECTS, &opened) == CURLE_OK)
            atomic_fetch_add(&net.connections, opened);
        lib->curl_multi_remove_handle(net.multi, s->easy);
        lib->curl_easy_cleanup(s->easy);
        s->easy = NULL;
    }
    if (s->orphan) {
        free_stream(s);
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->ended = true;
    s->result = result;
    s->tunnel = (int)tunnel;
    wake_owner(s);
    s->free = true;
    pthread_cond_signal(&s->let_go);
    pthread_mutex_unlock(&s->lock); /* from here on it may be gone */
}

#define SET(option, value) ok = ok && lib->curl_easy_setopt(h, CURLOPT_##option, value) == CURLE_OK

static bool set_up(const struct lib_curl *lib, struct net_stream *s)
{
    CURL *h = s->easy;
    const struct net_request *r = &s->request;
    bool ok = true;
    SET(URL, s->url);
    if (s->socket)
        SET(UNIX_SOCKET_PATH, s->socket);
    SET(PROTOCOLS_STR, "http,https");
    SET(FOLLOWLOCATION, 0L);
    SET(NOSIGNAL, 1L);
    SET(HTTPHEADER, s->headers);
    SET(WRITEFUNCTION, on_body);
    SET(WRITEDATA, (void *)s);
    SET(HEADERFUNCTION, on_header);
    SET(HEADERDATA, (void *)s);
    SET(PREREQFUNCTION, on_connected);
    SET(PREREQDATA, (void *)s);
    SET(ERRORBUFFER, s->detail);
    SET(PRIVATE, (void *)s);
    SET(TCP_KEEPALIVE, 1L);
    const char *authorities = getenv("SSL_CERT_FILE");
    if (authorities && authorities[0])
        SET(CAINFO, authorities);
    SET(SUPPRESS_CONNECT_HEADERS, 1L);
    /* libcurl's own limit would hold without one. Nobody waits for a name server: a stream that
     * ends lets go of the thread that asks it. */
    SET(CONNECTTIMEOUT_MS, (long)(r->connect_ms ? MIN(r->connect_ms, (int64_t)INT_MAX) : INT_MAX));
    SET(QUICK_EXIT, 1L);
    if (r->body.p) {
        SET(POST, 1L);
        SET(POSTFIELDS, r->body.p);
        SET(POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
    }
    return ok;
}

static void begin_stream(const struct lib_curl *lib, struct net_stream *s)
{
    s->next_live = net.live;
    net.live = s;
    s->easy = lib->curl_easy_init();
    if (!s->easy || !set_up(lib, s) || lib->curl_multi_add_handle(net.multi, s->easy) != CURLM_OK)
        end_stream(lib, s, CURLE_FAILED_INIT);
}

static void finish_stream(const struct lib_curl *lib, struct net_stream *s)
{
    s->orphan = true;
    s->until_ms = clock_mono_ms() + NET_DRAIN_MS;
    if (!s->easy || lib->curl_easy_pause(s->easy, CURLPAUSE_CONT) != CURLE_OK)
        end_stream(lib, s, CURLE_ABORTED_BY_CALLBACK);
}

/* When the next orphan ends; those whose time has come do so now. */
static int end_orphans(const struct lib_curl *lib)
{
    int64_t now = clock_mono_ms(), first = now + POLL_MS;
    for (struct net_stream *s = net.live, *next; s; s = next) {
        next = s->next_live;
        if (s->orphan && s->until_ms <= now)
            end_stream(lib, s, CURLE_ABORTED_BY_CALLBACK);
        else if (s->orphan)
            first = MIN(first, s->until_ms);
    }
    return (int)(first - now);
}

static void grant(const struct lib_curl *lib, struct net_stream *s, enum wish wish)
{
    if (wish == WISH_BEGIN)
        begin_stream(lib, s);
    else if (wish == WISH_RESUME && s->easy)
        lib->curl_easy_pause(s->easy, CURLPAUSE_CONT);
    else if (wish == WISH_FINISH)
        finish_stream(lib, s);
    else if (wish == WISH_END)
        end_stream(lib, s, CURLE_ABORTED_BY_CALLBACK);
}

static void grant_wishes(const struct lib_curl *lib)
{
    for (;;) {
        pthread_mutex_lock(&net.lock);
        struct net_stream *s = net.wishes;
        if (s)
            net.wishes = s->next;
        pthread_mutex_unlock(&net.lock);
        if (!s)
            return;
        pthread_mutex_lock(&s->lock);
        enum wish wish = s->wish;
        bool gone = s->free;
        s->listed = false;
        s->wish = WISH_NONE;
        if (gone)
            pthread_cond_signal(&s->let_go);
        pthread_mutex_unlock(&s->lock);
        if (gone && wish == WISH_FINISH)
            free_stream(s);
        else if (!gone)
            grant(lib, s, wish);
    }
}

/* Not from the callbacks: the owner would be at work on the first piece, and wait again, while libcurl hands
 * over the second. */
static void wake_owners(void)
{
    for (struct net_stream *s = net.live; s; s = s->next_live) {
        if (s->news && !s->orphan)
            wake_owner(s);
        s->news = false;
    }
}

static void read_ends(const struct lib_curl *lib)
{
    int left;
    for (CURLMsg *m; (m = lib->curl_multi_info_read(net.multi, &left));) {
        struct net_stream *s = NULL;
        CURLcode result = m->data.result;
        if (m->msg == CURLMSG_DONE &&
            lib->curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s) == CURLE_OK && s)
            end_stream(lib, s, result);
    }
}

static bool stopped(void)
{
    pthread_mutex_lock(&net.lock);
    bool stop = net.stopped;
    pthread_mutex_unlock(&net.lock);
    return stop;
}

/* Says whether it works, to whoever waits for that. */
static const struct lib_curl *get_ready(void)
{
    struct err e = ERR_INIT;
    const struct lib_curl *lib = lib_curl(&e);
    CURLM *multi = lib ? lib->curl_multi_init() : NULL;
    if (lib && !multi)
        err_set(&e, ERR_NO_MEMORY, "libcurl has no memory");
    pthread_mutex_lock(&net.lock);
    net.lib = lib;
    net.multi = multi;
    net.failure = e;
    pthread_cond_broadcast(&net.ready);
    pthread_mutex_unlock(&net.lock);
    return multi ? lib : NULL;
}

/* True when no wish is left; then none comes any more. */
static bool take_leave(void)
{
    pthread_mutex_lock(&net.lock);
    bool gone = net.gone = net.wishes == NULL;
    pthread_mutex_unlock(&net.lock);
    return gone;
}

/* Until there is a wish, or so long. */
static void rest(int ms)
{
    int64_t until = clock_mono_ms() + ms;
    struct timespec at = {.tv_sec = (time_t)(until / 1000), .tv_nsec = until % 1000 * 1000000};
    pthread_mutex_lock(&net.lock);
    if (!net.wishes && !net.stopped)
        pthread_cond_clockwait(&net.wished, &net.lock, CLOCK_MONOTONIC, &at);
    pthread_mutex_unlock(&net.lock);
}

static void net_loop(void *arg)
{
    const struct lib_curl *lib = get_ready();
    (void)arg;
    if (!lib)
        return;
    while (!stopped()) {
        int running;
        net.pieces = net.bytes = 0;
        grant_wishes(lib);
        lib->curl_multi_perform(net.multi, &running);
        read_ends(lib);
        wake_owners();
        int idle = end_orphans(lib), ms = gather_look(&net.gather, clock_mono_us(), net.pieces, net.bytes);
        if (ms)
            rest(ms);
        else
            lib->curl_multi_poll(net.multi, NULL, 0, idle, NULL);
    }
    do {
        grant_wishes(lib);
        while (net.live)
            end_stream(lib, net.live, CURLE_ABORTED_BY_CALLBACK);
    } while (!take_leave());
    lib->curl_multi_cleanup(net.multi);
}

/* Starts the thread; with `wait` until it works. With the lock. */
static bool start(bool wait, struct err *e)
{
    if (net.stopped)
        return err_set(e, ERR_SHUTTING_DOWN, "tau is shutting down");
    if (!net.thread.running && !thread_start(&net.thread, "tau-net", NET_STACK, net_loop, NULL, e))
        return false;
    while (wait && !net.multi && net.failure.code == ERR_NONE)
        pthread_cond_wait(&net.ready, &net.lock);
    if (net.failure.code == ERR_NONE)
        return true;
    *e = net.failure;
    return false;
}

/* Puts the stream into the list of the net thread; a later wish takes the place of an earlier one.
 * False when the thread is gone: the stream has ended then. */
static bool wish(struct net_stream *s, enum wish what)
{
    pthread_mutex_lock(&net.lock);
    pthread_mutex_lock(&s->lock);
    if (net.gone) {
        if (!s->ended)
            s->result = CURLE_ABORTED_BY_CALLBACK;
        s->ended = s->free = true;
        pthread_mutex_unlock(&s->lock);
        pthread_mutex_unlock(&net.lock);
        return false;
    }
    s->wish = what;
    if (!s->listed) {
        struct net_stream **at = &net.wishes;
        while (*at)
            at = &(*at)->next;
        s->next = NULL;
        s->listed = true;
        *at = s;
    }
    pthread_mutex_unlock(&s->lock);
    pthread_cond_signal(&net.wished);
    net.lib->curl_multi_wakeup(net.multi);
    pthread_mutex_unlock(&net.lock);
    return true;
}

/* ---- the owner's side ---- */

struct net_stream *net_open(const struct net_request *request, struct err *e)
{
    TAU_ASSERT(request->n_headers <= NET_REQUEST_HEADERS_MAX);
    pthread_mutex_lock(&net.lock);
    bool ok = start(true, e);
    pthread_mutex_unlock(&net.lock);
    if (!ok)
        return NULL;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        err_set(e, ERR_IO, "the system has no descriptor left for a request");
        return NULL;
    }
    struct net_stream *s = NEW(struct net_stream);
    s->request = *request;
    s->url = mem_strdup(request->url);
    s->socket = request->socket ? mem_strdup(request->socket) : NULL;
    s->host = failure_host(request->url);
    s->fd = fd;
    s->began_ms = s->last_ms = clock_mono_ms();
    s->arrived = BUF_INIT(NET_BUFFER_MAX);
    s->taken = BUF_INIT(NET_BUFFER_MAX);
    s->header_text = BUF_INIT(NET_HEADER_BYTES_MAX);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->let_go, NULL);
    for (size_t i = 0; i < request->n_headers; i++) {
        struct curl_slist *list = net.lib->curl_slist_append(s->headers, request->headers[i]);
        TAU_ASSERT(list != NULL); /* as every other allocation that fails */
        s->headers = list;
    }
    if (wish(s, WISH_BEGIN))
        return s;
    free_stream(s);
    err_set(e, ERR_SHUTTING_DOWN, "tau is shutting down");
    return NULL;
}

static enum err_phase phase_of(const struct net_stream *s)
{
    return !s->connected ? PHASE_PROVIDER_CONNECT : !s->headed ? PHASE_PROVIDER_WAIT : PHASE_STREAM;
}

/* With the stream's lock. */
static void tell_failure(const struct net_stream *s, struct err *e)
{
    failure_tell(&(struct failure){.result = s->result,
                                   .host = s->host,
                                   .url = s->url,
                                   .detail = s->detail,
                                   .status = s->status,
                                   .tunnel = s->tunnel,
                                   .connected = s->connected,
                                   .headed = s->headed,
                                   .head_too_large = s->head_too_large},
                 e);
}

/* When to give up, and what to say then. With the stream's lock. */
static int64_t limit(const struct net_stream *s, const char **ret_why)
{
    const struct net_request *r = &s->request;
    int64_t from = !s->connected ? s->began_ms : !s->headed ? s->connected_ms : s->last_ms;
    int64_t ms = !s->connected ? r->connect_ms : !s->headed ? r->wait_ms : r->idle_ms;
    int64_t until = ms ? from + ms : CLOCK_NEVER;
    if (r->deadline_ms <= until) {
        *ret_why = "did not answer in the time of the request";
        return r->deadline_ms;
    }
    *ret_why = !s->connected ? "was not reached in its time"
               : !s->headed  ? "took the request and did not answer in its time"
                             : "fell silent in the middle of its answer";
    return until;
}

/* Moves what has arrived to the owner. With the stream's lock. True when there is news: bytes, the
 * head for the first time, or the end. */
static bool take(struct net_stream *s, bool *ret_resume)
{
    struct buf empty = s->taken;
    buf_clear(&empty);
    s->taken = s->arrived;
    s->arrived = empty;
    *ret_resume = s->paused;
    s->paused = false;
    return s->taken.len > 0 || s->ended || (s->headed && !s->told);
}

/* Until something changed, or the limit. */
static bool wait_for_news(struct net_stream *s, int64_t until, const char *why, struct err *e)
{
    const struct net_request *r = &s->request;
    for (;;) {
        int64_t due = r->idle ? r->idle(r->idle_arg) : CLOCK_NEVER;
        enum cancel_wait woke = cancel_wait_fd(r->cancel, s->fd, POLLIN, MIN(due, until));
        eventfd_t n;
        if (woke == CANCEL_FIRED)
            return err_set(e, ERR_CANCELLED, "the request was stopped");
        if (woke == CANCEL_READY) {
            if (eventfd_read(s->fd, &n) != 0)
                n = 0; /* what woke us is looked at all the same */
            return true;
        }
        if (clock_mono_ms() >= until)
            return err_set(e, ERR_TIMEOUT, "%s %s", s->host, why);
    }
}

bool net_read(struct net_stream *s, struct str *ret, struct err *e)
{
    for (;;) {
        bool resume = false;
        const char *why;
        pthread_mutex_lock(&s->lock);
        bool news = take(s, &resume);
        bool failed =
            news && s->taken.len == 0 && s->ended && (s->result != CURLE_OK || !s->headed);
        int64_t until = limit(s, &why);
        if (failed)
            tell_failure(s, e);
        enum err_phase phase = phase_of(s);
        bool ended = s->ended;
        pthread_mutex_unlock(&s->lock);
        if (resume && !ended && !wish(s, WISH_RESUME))
            continue; /* it has ended by now */
        if (news && !failed) {
            s->told = true;
            s->last_ms = clock_mono_ms();
            *ret = s->taken.len ? buf_view(&s->taken) : ended ? STR_NULL : STR("");
            return true;
        }
        if (failed || !wait_for_news(s, until, why, e)) {
            e->phase = phase;
            e->elapsed_ms = clock_mono_ms() - s->began_ms;
            return false;
        }
    }
}

int net_status(struct net_stream *s)
{
    pthread_mutex_lock(&s->lock);
    int status = s->status;
    pthread_mutex_unlock(&s->lock);
    return status;
}

bool net_header(struct net_stream *s, const char *name, char *ret, size_t size)
{
    struct str line;
    size_t n = strlen(name);
    bool found = false;
    ret[0] = '\0';
    pthread_mutex_lock(&s->lock);
    struct str rest = buf_view(&s->header_text);
    while (!found && str_line(&rest, &line)) {
        if (line.n <= n || line.p[n] != ':' || strncasecmp(line.p, name, n) != 0)
            continue;
        struct str value = str_trim(str_sub(line, n + 1, line.n));
        snprintf(ret, size, "%.*s", STR_ARG(value));
        found = true;
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

int64_t net_retry_after_ms(struct net_stream *s)
{
    char value[64];
    int64_t seconds = 0;
    if (!net_header(s, "retry-after", value, sizeof(value)))
        return 0;
    if (!str_i64(str_of(value), &seconds)) {
        time_t at = net.lib->curl_getdate(value, NULL);
        seconds = at < 0 ? 0 : (int64_t)at - clock_wall_ms() / 1000;
    }
    return seconds <= 0 ? 0 : MIN(seconds, (int64_t)RETRY_AFTER_MAX_S) * 1000;
}

const char *net_host(const struct net_stream *s)
{
    return s->host;
}

void net_close(struct net_stream *s)
{
    if (!s)
        return;
    bool listed = wish(s, WISH_END);
    pthread_mutex_lock(&s->lock);
    while (listed && (!s->free || s->listed))
        pthread_cond_wait(&s->let_go, &s->lock);
    pthread_mutex_unlock(&s->lock);
    free_stream(s);
}

void net_finish(struct net_stream *s)
{
    pthread_mutex_lock(&s->lock);
    bool ended = s->free && !s->listed, whole = s->whole;
    pthread_mutex_unlock(&s->lock);
    /* The body is its owner's: what is not sent yet must not be read from now on. */
    if (!ended && !whole)
        net_close(s);
    else if (ended || !wish(s, WISH_FINISH))
        free_stream(s);
}

void net_warm(void)
{
    struct err e = ERR_INIT;
    pthread_mutex_lock(&net.lock);
    bool ok = start(false, &e);
    pthread_mutex_unlock(&net.lock);
    (void)ok; /* the first request tells */
}

int64_t net_connections(void)
{
    return atomic_load(&net.connections);
}

void net_stop(void)
{
    pthread_mutex_lock(&net.lock);
    net.stopped = true;
    pthread_cond_signal(&net.wished);
    if (net.multi && !net.gone)
        net.lib->curl_multi_wakeup(net.multi);
    pthread_mutex_unlock(&net.lock);
    thread_join(&net.thread);
}
