/* SPDX-License-Identifier: MIT
 *
 * sse: reads a stream of server-sent events (WHATWG HTML, 9.2.6) as its bytes come, cut anywhere.
 * Lines end in LF, CR or CRLF; a byte order mark at the start is passed over; comments and fields
 * other than event and data are, too. Any bytes; one thread.
 */
#ifndef TAU_NET_SSE_H
#define TAU_NET_SSE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

enum { SSE_LINE_MAX = 4 << 20, SSE_EVENT_MAX = 8 << 20, SSE_NAME_MAX = 64 };

struct sse {
    struct buf line; /* a line whose end has not come */
    struct buf data;
    char name[SSE_NAME_MAX];
    bool has_data, begun, after_cr;
};

#define SSE_INIT ((struct sse){.line = BUF_INIT(SSE_LINE_MAX), .data = BUF_INIT(SSE_EVENT_MAX)})

void sse_free(struct sse *s);

/* Gives fn each event that is whole: its name ("" without one) and its data. fn returns false to
 * stop: then so does this. ERR_STREAM_INVALID for a line or an event past its limit. */
bool sse_feed(struct sse *s, struct str bytes,
              bool (*fn)(void *arg, const char *name, struct str data, struct err *e), void *arg,
              struct err *e) ATTR_WARN;

/* Is something left of an event that was not ended by an empty line? */
bool sse_pending(const struct sse *s);

#endif
