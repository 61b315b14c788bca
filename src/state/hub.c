/* SPDX-License-Identifier: MIT
 *
 * hub: a ring of events and a pointer to the newest snapshot, both under one lock that is held for
 * a few pointers at a time. A reader takes references in small batches and looks at them outside of
 * the lock; what it did not take in time is let go, and it is told which seqs those were.
 */
#include "state/hub.h"

#include "base/fs.h"
#include "base/mem.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Events per holding of the lock. */
enum { BATCH = 64 };

/* Items of a filter: kinds that this program knows are bits, others are compared by name. */
enum { KIND_WORDS = (EV_COUNT + 63) / 64 };

struct place {
    struct event *ev;
    int64_t before; /* the newest seq that was published earlier */
};

struct hub {
    pthread_mutex_t lock; /* guards all below and what hub_reader says */
    struct place ring[HUB_RING];
    uint64_t head; /* how many events were ever published; the next goes to head % HUB_RING */
    uint64_t tail; /* the oldest that is still there; head: none is */
    size_t bytes;  /* of data, from tail to head */
    int64_t seq;   /* the newest that was published, as an event or a snapshot */
    struct snapshot *snapshot;
    struct hub_reader *readers;
};

struct hub_reader {
    struct hub *hub;
    int fd;

    /* Set once. */
    char *session, *turn, *kinds;
    uint64_t kind_bits[KIND_WORDS];
    bool events, snapshots;

    /* Under the hub's lock. */
    struct hub_reader *next;
    uint64_t at;   /* the event that is taken next */
    bool notified; /* fd is readable; it is not written again before hub_arm */

    /* The reader's own. */
    struct event *batch[BATCH];
    size_t batch_at, batch_n;
    int64_t seq; /* the newest that it passed */
};

struct hub *hub_new(void)
{
    struct hub *h = NEW(struct hub);
    TAU_ASSERT(pthread_mutex_init(&h->lock, NULL) == 0);
    h->snapshot = snapshot_empty();
    return h;
}

/* Locked; the reference goes to the caller. */
static struct event *take_oldest(struct hub *h)
{
    struct event *ev = h->ring[h->tail++ % HUB_RING].ev;
    h->bytes -= ev->data.n;
    return ev;
}

void hub_free(struct hub *h)
{
    if (!h)
        return;
    TAU_ASSERT(!h->readers);
    while (h->tail < h->head)
        event_unref(take_oldest(h));
    snapshot_unref(h->snapshot);
    pthread_mutex_destroy(&h->lock);
    free(h);
}

/* ---- filters ---- */

/* "turn." takes all kinds that begin so, "turn.text" takes that one. */
static bool kind_listed(struct str list, const char *kind)
{
    struct str item;
    while (str_split(&list, ',', &item)) {
        item = str_trim(item);
        if (str_is(item, kind))
            return true;
        if (item.n && item.p[item.n - 1] == '.' && strncmp(kind, item.p, item.n) == 0)
            return true;
    }
    return false;
}

/* Events about the log itself concern every session and turn. */
static bool passes(const struct hub_reader *r, const struct event *ev)
{
    if (!r->events || ev->kind == EV_BUS_GAP)
        return r->events; /* whoever reads anything has missed it */
    bool listed = ev->kind == EV_UNKNOWN ? !r->kinds || kind_listed(str_of(r->kinds), ev->kind_name)
                                         : r->kind_bits[ev->kind / 64] >> (ev->kind % 64) & 1;
    if (!listed || ev->kind == EV_BUS_DEGRADED)
        return listed;
    if (r->session && (!ev->ids.session || strcmp(ev->ids.session, r->session) != 0))
        return false;
    return !r->turn || (ev->ids.turn && strcmp(ev->ids.turn, r->turn) == 0);
}

/* ---- publisher ---- */

/* Puts some events into the ring and takes out what has no place any more; how many. Locked. */
static size_t put_events(struct hub *h, struct event *const *events, size_t n, struct event **ret_old)
{
    size_t n_old = 0;
    for (size_t i = 0; i < n; i++) {
        if (h->head - h->tail == HUB_RING)
            ret_old[n_old++] = take_oldest(h);
        h->ring[h->head++ % HUB_RING] = (struct place){events[i], h->seq};
        h->bytes += events[i]->data.n;
        h->seq = MAX(h->seq, events[i]->seq);
    }
    return n_old;
}

/* Up to where everybody has read. One that was lapped is where the oldest is. Locked. */
static uint64_t all_read(const struct hub *h)
{
    uint64_t at = h->head;
    for (const struct hub_reader *r = h->readers; r; r = r->next)
        if (r->events)
            at = MIN(at, MAX(r->at, h->tail));
    return at;
}

/* Lets go what everybody has read, and the oldest when they are too many bytes; the newest stays then,
 * for it says what those missed who were lapped. */
static void trim(struct hub *h, uint64_t read)
{
    struct event *old[BATCH];
    size_t n;
    do {
        n = 0;
        pthread_mutex_lock(&h->lock);
        while (n < BATCH && (h->tail < read || (h->bytes > HUB_BYTES && h->head - h->tail > 1)))
            old[n++] = take_oldest(h);
        pthread_mutex_unlock(&h->lock);
        for (size_t i = 0; i < n; i++)
            event_unref(old[i]);
    } while (n == BATCH);
}

static bool any_passes(const struct hub_reader *r, struct event *const *events, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (passes(r, events[i]))
            return true;
    return false;
}

/* Writing to an eventfd that does not block is short enough for the lock, which keeps the reader
 * from going away meanwhile. A counter that is full is readable, so failing then is fine. Locked.
 */
static void wake(struct hub_reader *r)
{
    uint64_t one = 1;
    ssize_t written = write(r->fd, &one, sizeof(one));
    (void)written;
    r->notified = true;
}

void hub_publish(struct hub *h, struct event *const *events, size_t n, const struct snapshot *s)
{
    struct event *old[BATCH];
    for (size_t i = 0; i < n; i++)
        event_ref(events[i]);
    for (size_t at = 0; at < n; at += BATCH) {
        size_t some = MIN(n - at, (size_t)BATCH);
        pthread_mutex_lock(&h->lock);
        size_t n_old = put_events(h, events + at, some, old);
        pthread_mutex_unlock(&h->lock);
        for (size_t i = 0; i < n_old; i++)
            event_unref(old[i]);
    }
    struct snapshot *fresh = s ? snapshot_ref(s) : NULL;
    struct snapshot *gone = NULL;
    pthread_mutex_lock(&h->lock);
    if (fresh) {
        gone = h->snapshot;
        h->snapshot = fresh;
        h->seq = MAX(h->seq, fresh->seq);
    }
    for (struct hub_reader *r = h->readers; r; r = r->next)
        if (r->fd >= 0 && !r->notified && ((fresh && r->snapshots) || any_passes(r, events, n)))
            wake(r);
    uint64_t read = all_read(h);
    pthread_mutex_unlock(&h->lock);
    trim(h, read);
    snapshot_unref(gone);
}

/* ---- readers ---- */

struct snapshot *hub_snapshot(struct hub *h)
{
    pthread_mutex_lock(&h->lock);
    struct snapshot *s = snapshot_ref(h->snapshot);
    pthread_mutex_unlock(&h->lock);
    return s;
}

struct hub_reader *hub_read(struct hub *h, const struct hub_filter *filter)
{
    int fd = filter->quiet ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0 && !filter->quiet)
        return NULL;
    struct hub_reader *r = NEW(struct hub_reader);
    r->hub = h;
    r->fd = fd;
    r->session = mem_strdup(filter->session);
    r->turn = mem_strdup(filter->turn);
    r->kinds = mem_strdup(filter->kinds);
    r->events = filter->events;
    r->snapshots = filter->snapshots;
    for (int i = 1; i < EV_COUNT; i++)
        if (!r->kinds || kind_listed(str_of(r->kinds), event_table[i].wire))
            r->kind_bits[i / 64] |= (uint64_t)1 << (i % 64);
    pthread_mutex_lock(&h->lock);
    r->at = h->head;
    r->seq = h->seq;
    r->next = h->readers;
    h->readers = r;
    pthread_mutex_unlock(&h->lock);
    return r;
}

void hub_read_end(struct hub_reader *r)
{
    if (!r)
        return;
    pthread_mutex_lock(&r->hub->lock);
    struct hub_reader **link = &r->hub->readers;
    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
    pthread_mutex_unlock(&r->hub->lock);
    for (size_t i = r->batch_at; i < r->batch_n; i++)
        event_unref(r->batch[i]);
    fd_close_p(&r->fd);
    free(r->session);
    free(r->turn);
    free(r->kinds);
    free(r);
}

int hub_fd(const struct hub_reader *r)
{
    return r->fd;
}

void hub_arm(struct hub_reader *r)
{
    uint64_t count;
    pthread_mutex_lock(&r->hub->lock);
    if (r->notified) {
        ssize_t got = read(r->fd, &count, sizeof(count));
        (void)got; /* it is there, or was read by its owner already */
        r->notified = false;
    }
    pthread_mutex_unlock(&r->hub->lock);
}

/* Takes up to BATCH references. True when the reader was lapped: *ret_to is the last seq of what
 * was let go, and nothing was taken. */
static bool take(struct hub_reader *r, int64_t *ret_to)
{
    struct hub *h = r->hub;
    r->batch_at = r->batch_n = 0;
    pthread_mutex_lock(&h->lock);
    bool lapped = r->events && r->at < h->tail;
    if (!r->events) {
        r->at = h->head;
    } else if (lapped) {
        r->at = h->tail;
        *ret_to = h->ring[r->at % HUB_RING].before;
    } else {
        while (r->at < h->head && r->batch_n < BATCH)
            r->batch[r->batch_n++] = event_ref(h->ring[r->at++ % HUB_RING].ev);
    }
    pthread_mutex_unlock(&h->lock);
    return lapped;
}

static struct event *gap(struct hub_reader *r, int64_t to)
{
    struct event *ev = event_new(EV_BUS_GAP, NULL,
                                 &(struct ev_bus_gap){.from = r->seq + 1, .to = MAX(to, r->seq)});
    r->seq = MAX(to, r->seq);
    ev->after = r->seq;
    return ev;
}

struct event *hub_next(struct hub_reader *r)
{
    for (;;) {
        while (r->batch_at < r->batch_n) {
            struct event *ev = r->batch[r->batch_at++];
            r->seq = MAX(r->seq, ev->seq);
            if (passes(r, ev))
                return ev;
            event_unref(ev);
        }
        int64_t to;
        if (take(r, &to))
            return gap(r, to);
        if (r->batch_n == 0)
            return NULL;
    }
}
