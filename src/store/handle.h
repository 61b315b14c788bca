/* SPDX-License-Identifier: MIT
 *
 * handle: the inside of struct store, for the files of this folder that work on it.
 */
#ifndef TAU_STORE_HANDLE_H
#define TAU_STORE_HANDLE_H

#include "store/sql.h"
#include "store/store.h"

#include <stdatomic.h>

struct store {
    sqlite3 *db;
    char *dir, *proc, *vfs, *name;
    char *file; /* what a connection opens: a path, or the URI of a store in memory */
    bool memory, read_only;
    const char *prefix; /* of the tables of records: "", or SCHEMA_BASE */
    int watch_fd; /* inotify on dir; -1: none */
    int64_t data_version;
    int lock_fd; /* <dir>/proc/<proc>.lock, locked for life; -1 in memory */

    /* The transaction. A failure in it is kept: all that follows fails so until the rollback. */
    bool txn;
    struct err failure; /* code ERR_NONE: none */
    int64_t last;       /* newest seq in the log, ours included */
    int64_t folded;     /* newest that was appended or read in it; -1: none yet */

    sqlite3_stmt *read, *version;
    sqlite3_stmt *begin, *commit, *rollback, *newest, *append, *said, *set_folded;
    sqlite3_stmt *put[REC_COUNT], *change[REC_COUNT]; /* made when first used */
    sqlite3_stmt *words_in, *words_out;               /* the same; of memory */
    sqlite3_stmt *ended;                              /* the same; counts ended records */

    atomic_int wal_frames; /* in the WAL after the last commit: writer sets, sync thread reads */

    /* Of the sync thread. */
    sqlite3 *sync_db;
    int folded_frames; /* what wal_frames was at the last checkpoint */
};

/* False, with the failure that the transaction has already met, or when there is none or it can not
 * write. To be asked before each write. */
bool store_may_write(struct store *s, struct err *e) ATTR_WARN;

/* Keeps e as the failure of the transaction. Returns false. */
bool store_spoiled(struct store *s, const struct err *e);

/* The lock of who mends the store: nobody opens it meanwhile. malloc'd. */
char *store_repair_lock(const char *dir);

/* A new, empty file <dir>/tau-<what><time>.db, malloc'd; several in one second get a number. */
char *store_backup_name(const char *dir, const char *what, struct err *e) ATTR_WARN;

/* The event of a row of these columns, with a reference for the caller. */
#define STORE_EVENT_COLUMNS "seq, ts_ms, proc, session, turn, task, mission, run, kind, json"
struct event *store_event_of(sqlite3_stmt *st, struct err *e) ATTR_WARN;

/* The newest seq there ever was: also when its row was pruned. */
#define STORE_NEWEST                                                                               \
    "SELECT max(ifnull((SELECT max(seq) FROM event), 0),"                                          \
    " (SELECT value - 1 FROM meta WHERE key = 'first_seq'))"

/* meta.folded_seq of projections that hold the whole log, which is the rule: then no commit has to
 * write that page. */
#define STORE_FOLDED_ALL INT64_MAX

#endif
