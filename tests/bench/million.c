/* SPDX-License-Identifier: MIT */
#include "bench/million.h"

#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static void (*text_of)(int64_t i, struct buf *out);

static void text_function(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct buf out = BUF_OWN;
    (void)n;
    if (text_of)
        text_of(sqlite3_value_int64(v[0]), &out);
    else
        buf_puts(&out, "a message that is neither long nor short");
    sqlite3_result_text64(ctx, buf_cstr(&out), out.len, SQLITE_TRANSIENT, SQLITE_UTF8);
    buf_free(&out);
}

void million_fill(const char *dir, void (*text)(int64_t i, struct buf *out))
{
    CLEANUP(mem_free_p) char *path = fs_join(dir, "tau.db");
    char *why = NULL;
    sqlite3 *db;
    text_of = text;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_create_function(db, "message", 1, SQLITE_UTF8, NULL, text_function, NULL, NULL),
        SQLITE_OK);
    if (sqlite3_exec(
            db,
            "BEGIN; CREATE TEMP TABLE c AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1"
            " FROM c WHERE i < " MILLION ") SELECT i FROM c;"
            "DELETE FROM event; DELETE FROM session; DELETE FROM tally;"
            "INSERT INTO event(seq, ts_ms, proc, session, turn, kind, json) SELECT i, i, 'proc_1',"
            " 'big', 'turn_' || (i / 20), 'turn.message', '{\"entry\":\"m' || i || '\",\"role\":"
            "\"user\",\"content\":[{\"type\":\"text\",\"part\":\"part_' || i || '\",\"text\":\"'"
            " || message(i) || '\"}]}' FROM c;"
            "INSERT INTO transcript(live, id, session, turn, kind, open, body_seq, n, ts_ms)"
            " SELECT 0, 'part_' || i, 'big', 'turn_' || (i / 20), 'user', 0, i, i, i FROM c;"
            "INSERT INTO session(live, id, name, entries, created_ms, updated_ms)"
            " VALUES(0, 'big', 'big', " MILLION ", 1, 1); COMMIT",
            NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    sqlite3_close(db);
}
