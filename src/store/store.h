/* SPDX-License-Identifier: MIT
 *
 * store: the one SQLite database of a project: the log, its projections, blobs, leases. SQL is
 * written in this folder only.
 *
 * One `struct store` is the writer: it is used by the core thread only. Readers are opened apart
 * (store/query.h), one per thread. Another process may write the same file; the writer learns what
 * it wrote by store_begin.
 *
 * A transaction of the writer is: store_begin; for each new fact store_append, then store_put of
 * the records it changed; store_commit. Nothing of it is visible to anybody before the commit, and
 * after store_rollback nothing of it ever happened.
 */
#ifndef TAU_STORE_STORE_H
#define TAU_STORE_STORE_H

#include "base/base.h"
#include "base/err.h"
#include "base/id.h"
#include "contract/event.h"
#include "contract/record.h"

struct store;

/* Of the tables; a newer database opens read-only, of an older one there is a copy in backup/ before it
 * is brought up to date. 2: the log may be pruned, and what is left is folded from its first event on. */
enum { STORE_VERSION = 2 };

struct store_options {
    const char *dir;  /* directory of the project's state, made 0700 when missing */
    const char *proc; /* id of this process (id_make("proc")) */
    bool memory;      /* no file at all: --no-session and tests; dir is used for blobs */
    bool unwatched;   /* others' commits are seen at the next one of our own, and store_watch_fd is -1 */
    const char *vfs;  /* tests: name of a registered SQLite VFS; NULL: the default */
};

/* Opens or makes <dir>/tau.db, migrates it, takes this process's lock file
 * <dir>/proc/<proc>.lock (OFD lock, held for life). ERR_STORE_DAMAGED, ERR_STORE_NEWER (then
 * *ret_store is open and read-only), ERR_STORE_FULL, ERR_LEASED while it is mended, ERR_STORE. */
bool store_open(struct store **ret_store, const struct store_options *options,
                struct err *e) ATTR_WARN;

/* A second handle on the file of a store: nothing is appended through it. STORE_LOOK changes nothing
 * and keeps nobody out; STORE_PRUNE is for store/prune.h, and counts as a process that has the store
 * open; both are ERR_LEASED while it is mended. STORE_COPY, for who mends, has the copy of the
 * projections that begins where events are lost (store/salvage.h), made when it is missing, as its
 * records, and what that holds as its folded_seq. ERR_STORE when the projections are an older tau's. */
enum store_second { STORE_LOOK, STORE_PRUNE, STORE_COPY };
bool store_open_second(struct store **ret_store, const char *dir, const char *vfs,
                       enum store_second how, struct err *e) ATTR_WARN;

/* The copy holds everything up to seq: records were put since store_begin. Commits. */
bool store_copied(struct store *s, int64_t seq, struct err *e) ATTR_WARN;

/* Folds the WAL back when it is the last and the WAL has grown, gives the lock back, frees. Syncs
 * nothing that store_sync did not. NULL is fine. */
void store_close(struct store *s);

const char *
store_name(const struct store *s); /* made with the database; the <store> of event ids */
const char *store_dir(const struct store *s);
const char *store_proc(const struct store *s);

/* BEGIN IMMEDIATE (waits up to 5 s for another process). *ret_last: the newest seq in the log; when
 * it is greater than the caller knows, store_events reads what others wrote. */
bool store_begin(struct store *s, int64_t *ret_last, struct err *e) ATTR_WARN;

/* The same for reading only: what others wrote up to *ret_last can be read, and nobody is kept from
 * writing. Ended by store_read_end. */
bool store_read_begin(struct store *s, int64_t *ret_last, struct err *e) ATTR_WARN;
void store_read_end(struct store *s);

/* A descriptor that becomes readable when somebody, also this process, writes the store; -1 for one in
 * memory, and when the system has none. store_foreign makes it quiet again, and says whether another
 * process has committed since the last call; *ret_stirred: it was not quiet. What stirs it is a write,
 * and a commit counts some instructions after its last one: whoever looks at once may come before it,
 * and nothing would stir any more. So one looks again after a moment. */
int store_watch_fd(const struct store *s);
bool store_foreign(struct store *s, bool *ret_stirred);

/* Inserts a durable event and sets ev->seq to the next number. Inside a transaction. ERR_TOO_LARGE past
 * EVENT_DATA_MAX bytes of data: nothing was written then, and the transaction goes on. */
bool store_append(struct store *s, struct event *ev, struct err *e) ATTR_WARN;

/* Writes or replaces a record's row in the table of its section. Inside a transaction. */
bool store_put(struct store *s, const struct rec *r, struct err *e) ATTR_WARN;

/* Empties all projections (before they are made again from the log). Inside a transaction. */
bool store_clear(struct store *s, struct err *e) ATTR_WARN;

/* Also sets meta.folded_seq to the last seq that was appended or read. */
bool store_commit(struct store *s, struct err *e) ATTR_WARN;
void store_rollback(struct store *s);

/* Makes everything committed so far power-safe (fdatasync of the WAL) and, when the WAL is large,
 * checkpoints. On a connection of its own: the sync thread may call it while the writer writes. */
bool store_sync(struct store *s, struct err *e) ATTR_WARN;

/* Events with after < seq <= upto in order; fn takes the event's reference and borrows proc, the
 * process that appended it (what draft_reduce wants). fn returns false to stop. */
bool store_events(struct store *s, int64_t after, int64_t upto,
                  bool (*fn)(void *arg, struct event *ev, const char *proc), void *arg,
                  struct err *e) ATTR_WARN;

/* The same for what happened in a turn. fn takes the event's reference. */
bool store_turn_events(struct store *s, const char *turn, bool (*fn)(void *arg, struct event *ev),
                       void *arg, struct err *e) ATTR_WARN;

/* *ret_first: from where the log is whole (meta.first_seq); *ret_folded: what the projections hold.
 */
bool store_range(struct store *s, int64_t *ret_first, int64_t *ret_last, int64_t *ret_folded,
                 struct err *e) ATTR_WARN;

/* Reads records of one kind back, bodies filled in from their events: all that are live and the
 * newest rec_table[kind].keep ended ones (entries and other kinds with a session: of `session` when
 * that is given, so that a session can be opened later). Of all sessions together no more are read when
 * those have STORE_LOAD_TEXT bytes of text: to open a store costs the same whatever was said in it.
 * Oldest first; *ret_before: how many ended ones lie before the first. fn takes its reference. */
enum { STORE_LOAD_TEXT = 128 * 1024 };
bool store_load(struct store *s, enum rec_kind kind, const char *session,
                void (*fn)(void *arg, struct rec *r), void *arg, int64_t *ret_before,
                struct err *e) ATTR_WARN;

/* How many ended records of the kind there are in all. */
bool store_count(struct store *s, enum rec_kind kind, int64_t *ret_ended, struct err *e) ATTR_WARN;

/* One record by its key; *ret_rec is NULL when there is none. For what left the snapshot. */
bool store_find(struct store *s, enum rec_kind kind, const char *key, struct rec **ret_rec,
                struct err *e) ATTR_WARN;
/* The keys of tasks or memory that end in this (letters of either case), at most two of them: one that
 * is not whole has at least STORE_END_MIN characters. */
enum { STORE_END_MIN = 4 };
bool store_find_end(struct store *s, enum rec_kind kind, const char *end, char ret_keys[2][ID_MAX],
                    size_t *ret_n, struct err *e) ATTR_WARN;
bool store_find_session(struct store *s, const char *id_or_name, struct rec **ret_rec,
                        struct err *e) ATTR_WARN;

/* Is the process that has this id gone? (Its lock can be taken; our own never is.) */
bool store_proc_gone(struct store *s, const char *proc);

/* Has no process but this one the store open? Else ERR_LEASED. proc: of our own handle; "": there is
 * none. */
bool store_alone(const char *dir, const char *proc, struct err *e) ATTR_WARN;

/* Idempotency keys, kept 24 h. get: *ret_answer (malloc'd) is NULL when the key is new; a key that
 * was used with other arguments is ERR_CONFLICT. put is called inside the transaction of the first
 * event that the action caused. */
bool store_idem_get(struct store *s, const char *principal, const char *key, const char *args_hash,
                    char **ret_answer, struct err *e) ATTR_WARN;
bool store_idem_put(struct store *s, const char *principal, const char *key, const char *args_hash,
                    const char *answer, struct err *e) ATTR_WARN;

/* Marks the projections as ones that the next store_open makes anew, and the core then folds from the
 * log. ERR_LEASED while another process has the store open. */
bool store_rebuild(struct store *s, struct err *e) ATTR_WARN;

/* A copy of the database in <dir>/backup/tau-<time>.db (malloc'd path), by SQLite's backup. */
char *store_backup(struct store *s, struct err *e) ATTR_WARN;

/* PRAGMA integrity_check and that seq has no hole; false with ERR_STORE_DAMAGED and the first
 * finding. */
bool store_check(struct store *s, struct err *e) ATTR_WARN;

#endif
