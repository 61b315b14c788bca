/* SPDX-License-Identifier: MIT
 *
 * What a query costs does not grow with the session: pages of one that has many messages in many
 * branches, at either end and in the middle, names, and tips. Counted are instructions of SQLite;
 * one walk through the messages alone would take several times what is allowed.
 */
#include "lib/test.h"

#include "base/fs.h"
#include "base/mem.h"
#include "store/query.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>

enum { BRANCHES = 20, IN_BRANCH = 500, ALL = BRANCHES * IN_BRANCH, PAGE = 10 };
enum { STEPS_MAX = 20000 }; /* less than two for each message */

static char *dir;
static struct store *s;
static struct querier *q;

/* Message i, from 1; its id ends in i. */
static const char *id_of(int i, char out[ID_MAX])
{
    snprintf(out, ID_MAX, "msg_%020d", i);
    return out;
}

static void put(enum rec_kind kind, const void *fields)
{
    struct err e = ERR_INIT;
    struct rec *r = rec_new(kind, fields);
    OK(store_put(s, r, &e));
    rec_unref(r);
}

static void say(int i, const char *branch)
{
    struct err e = ERR_INIT;
    char id[ID_MAX], parent[ID_MAX], entry[ID_MAX], turn[ID_MAX];
    snprintf(entry, sizeof(entry), "entry_%d", i);
    snprintf(turn, sizeof(turn), "turn_%d", i);
    struct event_ids ids = {.session = "big", .turn = turn};
    struct event *ev =
        event_new(EV_TURN_MESSAGE, &ids,
                  &(struct ev_turn_message){.entry = id_of(i, id),
                                            .role = i % 2 ? "user" : "assistant",
                                            .content = "[{\"type\":\"text\",\"text\":\"words\"}]"});
    OK(store_append(s, ev, &e));
    put(REC_MESSAGE, &(struct rec_message){.id = id,
                                           .session = "big",
                                           .turn = turn,
                                           .role = i % 2 ? "user" : "assistant",
                                           .parent = i > 1 ? id_of(i - 1, parent) : NULL,
                                           .branch = branch,
                                           .seq = ev->seq,
                                           .n = i,
                                           .preview = "words"});
    put(REC_ENTRY, &(struct rec_entry){.id = entry,
                                       .session = "big",
                                       .turn = turn,
                                       .kind = "user",
                                       .body_seq = ev->seq,
                                       .n = i});
    event_unref(ev);
}

/* Each branch goes on from the end of the one before; the head is in the last. */
static void fill(void)
{
    struct err e = ERR_INIT;
    struct buf lineage = BUF_OWN;
    char branch[16] = "", id[ID_MAX];
    int64_t last, from = 0;
    OK(store_begin(s, &last, &e));
    for (int b = 0; b < BRANCHES; b++) {
        struct event *ev = event_new(EV_SESSION_HEAD_MOVED, &(struct event_ids){.session = "big"},
                                     &(struct ev_session_head_moved){.how = "move"});
        OK(store_append(s, ev, &e));
        if (b > 0)
            buf_printf(&lineage, "%s[\"big\",%lld,%lld,%d,%d]", b > 1 ? "," : "", (long long)from,
                       (long long)ev->seq - 1, (b - 1) * IN_BRANCH, b * IN_BRANCH);
        from = ev->seq;
        event_unref(ev);
        snprintf(branch, sizeof(branch), "b%lld", (long long)from);
        CLEANUP(mem_free_p) char *all = mem_printf("[%s]", buf_cstr(&lineage));
        put(REC_BRANCH, &(struct rec_branch){.id = branch,
                                             .session = "big",
                                             .lineage = all,
                                             .from_seq = from,
                                             .from_n = b * IN_BRANCH});
        for (int i = 1; i <= IN_BRANCH; i++)
            say(b * IN_BRANCH + i, branch);
    }
    put(REC_SESSION, &(struct rec_session){.id = "big",
                                           .name = "big",
                                           .branch = branch,
                                           .head = id_of(ALL, id),
                                           .turns = ALL,
                                           .entries = ALL,
                                           .base_seq = from,
                                           .base_n = ALL - IN_BRANCH});
    put(REC_MARK, &(struct rec_mark){.id = "big/first",
                                     .session = "big",
                                     .name = "first",
                                     .entry = id_of(3, id),
                                     .follows = true});
    OK(store_commit(s, &e));
    buf_free(&lineage);
}

static int up(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    dir = test_tmpdir("scale");
    struct store_options o = {.dir = dir, .proc = "proc_1"};
    OK(store_open(&s, &o, &e));
    fill();
    q = querier_open(dir, NULL, &e);
    OK(q != NULL);
    return 0;
}

static int down(void **state)
{
    (void)state;
    struct err e = ERR_INIT;
    querier_close(q);
    store_close(s);
    OK(fs_remove_tree(dir, &e));
    free(dir);
    return 0;
}

static bool take(void *arg, struct str row)
{
    (void)row;
    return ++*(int *)arg < PAGE;
}

static void costs_little(enum query_id id, const void *args, int rows)
{
    struct err e = ERR_INIT;
    int64_t seq;
    int n = 0;
    OK(querier_run(q, id, args, NULL, take, &n, &seq, &e));
    if (n != rows)
        fail_msg("%s: %d rows, not %d", query_table[id].name, n, rows);
    if (querier_steps(q) > STEPS_MAX)
        fail_msg("%s: %lld steps", query_table[id].name, (long long)querier_steps(q));
}

static const int64_t places[] = {0, 5, ALL / 2, ALL - 5};

static void pages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        int64_t at = places[i];
        /* Seqs run a little before places, since each branch begins with an event. */
        int before = at == 5 ? 4 : PAGE, after = at == ALL - 5 ? 5 : PAGE;
        costs_little(QRY_TRANSCRIPT_PAGE,
                     &(struct qry_transcript_page){.session = "big", .before = at, .limit = PAGE},
                     before);
        costs_little(QRY_TRANSCRIPT_AFTER,
                     &(struct qry_transcript_after){.session = "big", .after = at, .limit = PAGE},
                     after);
        costs_little(QRY_TRANSCRIPT_MESSAGES,
                     &(struct qry_transcript_messages){.session = "big", .before = at},
                     at == 5 ? 3 : PAGE);
        costs_little(QRY_CONVERSATION_AFTER,
                     &(struct qry_conversation_after){.session = "big", .after = at, .limit = PAGE},
                     PAGE);
        costs_little(QRY_SESSION_PATH,
                     &(struct qry_session_path){.session = "big", .before = at, .limit = PAGE},
                     at == 5 ? 3 : PAGE);
        costs_little(QRY_SESSION_MESSAGES,
                     &(struct qry_session_messages){.session = "big", .before = at, .limit = PAGE},
                     at == 5 ? 3 : PAGE);
    }
}

static void one_message(void **state)
{
    (void)state;
    char id[ID_MAX];
    costs_little(QRY_SESSION_MESSAGES,
                 &(struct qry_session_messages){.session = "big", .match = "004711"}, 1);
    costs_little(
        QRY_SESSION_PATH,
        &(struct qry_session_path){.session = "big", .entry = id_of(777, id), .limit = PAGE}, PAGE);
}

static void the_tree(void **state)
{
    (void)state;
    costs_little(QRY_SESSION_TIPS, &(struct qry_session_tips){.session = "big"}, 1);
    costs_little(QRY_SESSION_MARKS, &(struct qry_session_marks){.session = "big"}, 1);
    costs_little(QRY_SESSION_GET, &(struct qry_session_get){.session = "big"}, 1);
    costs_little(QRY_CONTEXT_PARTS, &(struct qry_context_parts){.session = "big"}, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages),
        cmocka_unit_test(one_message),
        cmocka_unit_test(the_tree),
    };
    return cmocka_run_group_tests(tests, up, down);
}
