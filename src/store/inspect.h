/* SPDX-License-Identifier: MIT
 *
 * inspect: what a store looks like, without changing anything of it: its pages, the numbers of its
 * log, and whether the blobs that are named are there and are what they say. Other processes may work
 * on it meanwhile. Any thread.
 */
#ifndef TAU_STORE_INSPECT_H
#define TAU_STORE_INSPECT_H

#include "base/base.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

/* Of damaged pages no more findings are told, and of who names a blob no more are kept. */
enum { INSPECT_FINDINGS_MAX = 100, INSPECT_NAMED_MAX = 100 };

struct inspect_log {
    int64_t version;             /* of the tables, as STORE_VERSION */
    int64_t events, first, last; /* rows; from where the log is whole; the newest number */
};

/* Tells each finding of SQLite about the pages, each hole in the numbers, and each event that can not be
 * read. True when it could be
 * looked at, whatever was found. ERR_STORE_DAMAGED when not even that works. */
bool inspect_database(const char *dir, void (*finding)(void *arg, const char *text), void *arg,
                      struct inspect_log *ret, struct err *e) ATTR_WARN;

/* Who names a blob: an event, and what of it. */
struct inspect_named {
    int64_t seq;
    char *kind, *session, *what; /* what: the artifact, the path of a file, or the message */
};

struct inspect_blob {
    char sha[DIGEST_HEX];
    bool missing; /* else there, and of other bytes than its name says */
    const struct inspect_named *named;
    size_t n_named;
};

struct inspect_blobs {
    int64_t blobs, bytes, bad; /* that are named; what those hold; that are not as they should be */
};

/* Reads every blob that the log names, and tells each that is missing or damaged; borrowed. */
bool inspect_blobs(const char *dir, void (*bad)(void *arg, const struct inspect_blob *b), void *arg,
                   struct inspect_blobs *ret, struct err *e) ATTR_WARN;

#endif
