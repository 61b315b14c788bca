/* SPDX-License-Identifier: MIT
 *
 * query_sql: the rows of queries.def as SQL.
 */
#include "store/query_sql.h"

#include "store/recall.h"
#include "store/schema.h"
#include "store/search.h"

#include <string.h>

/* ---- what arguments must hold ---- */

static bool check_search(const void *args, struct err *e)
{
    static const char *const roles[] = {"user", "assistant", "tool"};
    const struct qry_session_search *a = args;
    struct buf ignored = BUF_OWN;
    bool known = !a->role;
    for (size_t i = 0; i < ARRAY_LEN(roles) && !known; i++)
        known = strcmp(a->role, roles[i]) == 0;
    bool ok = known ? search_expression(&ignored, str_of(a->query), e)
                    : err_set(e, ERR_INVALID, "role: expected user, assistant or tool, got '%.40s'",
                              a->role);
    buf_free(&ignored);
    return ok;
}

static bool check_memory_search(const void *args, struct err *e)
{
    struct buf ignored = BUF_OWN;
    bool ok = search_expression(&ignored, str_of(((const struct qry_memory_search *)args)->query), e);
    buf_free(&ignored);
    return ok;
}

static bool check_marks(const void *args, struct err *e)
{
    const char *kind = ((const struct qry_session_marks *)args)->kind;
    return !kind || strcmp(kind, "alias") == 0 || strcmp(kind, "bookmark") == 0 ||
           err_set(e, ERR_INVALID, "kind: expected alias or bookmark, got '%.40s'", kind);
}

/* Whoever follows the log, and was where it is not whole any more, has missed something. A page of one
 * session, turn or kind is what is kept of it. */
static bool may_page(struct querier *q, const void *args, struct err *e)
{
    const struct qry_log_page *a = args;
    int64_t first = 0;
    if (a->after <= 0 || a->session || a->turn || a->kind)
        return true;
    if (!sql_i64(q->db, "SELECT value FROM meta WHERE key = 'first_seq'", &first, e))
        return false;
    if (a->after >= first - 1)
        return true;
    err_set(e, ERR_PRUNED, "what came after %lld was pruned: the log is whole from %lld on",
            (long long)a->after, (long long)first);
    return err_hint(e, "begin anew with a snapshot, or go on after %lld; what is kept of what was before "
                       "is in the pages of one session, turn or kind", (long long)first - 1);
}

/* ---- the table ---- */

#define OF_SESSION "(:session IS NULL OR session = :session)"

#define BIG "9223372036854775807"

/* An id as people type it: whole, or at least four characters of its end, in letters of either case. */
#define IS_MATCH "(id = :match OR " SCHEMA_ENDS_IN(":match") ")"

/* A message f of the session follows that one. The + keeps the planner from the index of sessions, along
 * which it would look at all of them. */
#define FOLLOWS(id) "f.parent = " id " AND +f.session = :session"

/* Of a message m of the session: it did not lead up to the head when that was compacted. KEPT, which
 * begins such a statement, are the ranges of what did. */
#define COMPACTED "ifnull((SELECT compacted FROM session WHERE id = :session), 0)"
#define KEPT                                                                                       \
    "kept(s, q0, q1) AS MATERIALIZED (SELECT json_extract(j.value,'$[0]'),"                        \
    " json_extract(j.value,'$[1]'), json_extract(j.value,'$[2]') FROM branches AS k,"              \
    " json_each(k.lineage) AS j WHERE k.id = 'b' || " COMPACTED ")"
#define PUT_AWAY                                                                                   \
    "(m.seq < " COMPACTED " AND NOT EXISTS (SELECT 1 FROM kept WHERE kept.s = m.session"           \
    "  AND m.seq > kept.q0 AND m.seq <= kept.q1))"

#define MARK_KIND "iif(follows, 'alias', 'bookmark')"

/* The last message of the session's run that a message lies in; the message itself when it is another
 * session's. */
#define LAST_OF_RUN(id)                                                                            \
    "ifnull((SELECT y.id FROM messages AS x CROSS JOIN branches AS b CROSS JOIN messages AS y"     \
    "  WHERE x.id = " id                                                                           \
    "  AND b.id = x.branch AND b.session = :session AND y.session = :session AND y.seq >= x.seq"   \
    "  AND y.seq < ifnull((SELECT min(o.from_seq) FROM branches AS o WHERE o.session = :session"   \
    "   AND o.from_seq > b.from_seq), " BIG ") ORDER BY y.seq DESC LIMIT 1), " id ")"

#define SHOWN_ORDER " ORDER BY pinned DESC, updated_ms DESC, ord DESC"

#define LOG_WAY(when, which, order)                                                                \
    "SELECT seq FROM (SELECT seq FROM event WHERE " when " AND " which                             \
    " AND seq > ifnull(:after, 0) AND seq < ifnull(:before, " BIG ")"                              \
    " AND (:kind IS NULL OR kind = :kind"                                                          \
    "  OR (substr(:kind, -1) = '.' AND substr(kind, 1, length(:kind)) = :kind))"                   \
    " ORDER BY seq " order " LIMIT :limit)"
#define LOG_WAYS(when, order)                                                                      \
    LOG_WAY(when, "turn = :turn AND " OF_SESSION, order)                                           \
    " UNION ALL " LOG_WAY(when, ":turn IS NULL AND session = :session", order)                     \
    " UNION ALL " LOG_WAY(when, ":turn IS NULL AND :session IS NULL", order)

#define FITTING(pinned, most)                                                                       \
    "SELECT seq, fit FROM (SELECT rowid AS seq, recall_fit(remembered_words) AS fit"               \
    " FROM remembered_words WHERE remembered_words MATCH recall_match(:query, :type, " pinned ")"  \
    " ORDER BY rowid DESC LIMIT " most ")"

/* What a session's conversation is made of (state/reduce_session.c): ranges of seq and of n, of the
 * sessions that it comes from and its own, each rising. A record without a branch is all of one. */
#define RANGES RANGES_OF("(SELECT branch FROM session WHERE id = :session)", BIG, BIG, "1")
#define RANGES_OF(branch, seq, n, whole)                                                           \
    "WITH b AS (SELECT * FROM branches WHERE id = " branch "), r(s, q0, q1, n0, n1) AS ("          \
    "SELECT json_extract(j.value,'$[0]'),"                                                         \
    " json_extract(j.value,'$[1]'), json_extract(j.value,'$[2]'), json_extract(j.value,'$[3]'),"   \
    " json_extract(j.value,'$[4]') FROM b, json_each(b.lineage) AS j"                              \
    " UNION ALL SELECT session, from_seq, " seq ", from_n, " n " FROM b"                           \
    " UNION ALL SELECT :session, ifnull((SELECT base_seq FROM session WHERE id = :session), 0),"   \
    " " BIG ", ifnull((SELECT base_n FROM session WHERE id = :session), 0), " BIG                  \
    " WHERE " whole " AND NOT EXISTS (SELECT 1 FROM b)),"
/* Up to a message, instead of the head. */
#define RANGES_UPTO                                                                                \
    RANGES_OF("iif(:entry IS NULL, (SELECT branch FROM session WHERE id = :session),"              \
              " (SELECT branch FROM messages WHERE id = :entry))",                                 \
              "ifnull((SELECT seq FROM messages WHERE id = :entry), " BIG ")",                     \
              "ifnull((SELECT n FROM messages WHERE id = :entry), " BIG ")", ":entry IS NULL")

/* c: the newest range with a row of the table that lies before :before. One range is read by one walk
 * along an index, however long it is. Each end is one value: of two conditions on a column the index
 * takes one, and what the other one rules out would be walked through. */
#define UPTO(to) "min(" to ", ifnull(:before - 1, " BIG "))"
#define NEWEST_RANGE(table, column, from, to, and)                                                 \
    " c AS MATERIALIZED (SELECT * FROM r WHERE EXISTS (SELECT 1 FROM " table " AS x"               \
    " WHERE x.session = r.s AND x." column " > r." from " AND x." column " <= " UPTO("r." to) and  \
    ") ORDER BY q0 DESC LIMIT 1) "
#define IN_RANGE(column, from, to)                                                                 \
    "session = (SELECT s FROM c) AND " column " > (SELECT " from " FROM c) AND " column            \
    " <= (SELECT " UPTO(to) " FROM c)"

/* The same the other way: what comes after :after. */
#define BEHIND(from) "max(" from ", ifnull(:after, 0))"
#define OLDEST_RANGE(table, column, from, to, and)                                                 \
    " c AS MATERIALIZED (SELECT * FROM r WHERE EXISTS (SELECT 1 FROM " table " AS x"               \
    " WHERE x.session = r.s AND x." column " > " BEHIND("r." from) " AND x." column " <= r." to    \
    and ") ORDER BY q0 LIMIT 1) "
#define IN_RANGE_AFTER(column, from, to)                                                           \
    "session = (SELECT s FROM c) AND " column " > (SELECT " BEHIND(from) " FROM c)"                \
    " AND " column " <= (SELECT " to " FROM c)"

/* A part of a tool's message gets what the model was given, or why there is nothing to give. */
#define TOOL_RESULT                                                                                \
    "coalesce(json_extract(p.value,'$.text'),"                                                     \
    " (SELECT coalesce({tools.result}, 'error: ' || json_extract(t.error,'$.message'))"            \
    "  FROM tools AS t WHERE t.id = json_extract(p.value,'$.call_id')), '')"
#define TOOL_PARTS                                                                                 \
    "(SELECT json_group_array(json(CASE"                                                           \
    "  WHEN p.type <> 'object' THEN json_quote(p.value)"                                           \
    "  WHEN json_extract(p.value,'$.type') = 'tool_result'"                                        \
    "   THEN json_set(p.value, '$.text', " TOOL_RESULT ")"                                         \
    "  ELSE p.value END)) FROM json_each(m.json,'$.content') AS p)"

/* The session that :session names by id or name, and the seqs between which all of it lies. */
#define WHICH                                                                                      \
    "WITH which(id) AS (SELECT id FROM session WHERE id = :session OR name = :session"             \
    " ORDER BY id = :session DESC, updated_ms DESC, ord DESC LIMIT 1),"                            \
    " span(first, last) AS (SELECT"                                                                \
    "  iif(:session IS NULL, 0,"                                                                   \
    "   (SELECT min(seq) FROM event WHERE session = (SELECT id FROM which))),"                     \
    "  iif(:session IS NULL, 9223372036854775807,"                                                 \
    "   (SELECT max(seq) FROM event WHERE session = (SELECT id FROM which)))) "
#define ROLE "iif(e.kind = 'turn.message', json_extract(e.json,'$.role'), 'tool')"

const struct query_sql query_sql[QRY_COUNT] = {
    [QRY_SESSION_LIST] = {"SELECT id, name, proc, turns, entries, updated_ms FROM session"
                          " WHERE NOT ifnull(archived, 0)"
                          " AND (:match IS NULL OR instr(lower(name), lower(:match)) > 0)"
                          " ORDER BY updated_ms DESC, ord DESC LIMIT :limit",
                          NULL},
    /* An id goes before a name; the newest of those that are alike. */
    [QRY_SESSION_GET] =
        {"SELECT id, name, proc, turns, entries, input_tokens, output_tokens, cost_usd,"
         " context_used, context_window, created_ms, updated_ms FROM session"
         " WHERE (:session IS NULL AND turns > 0 AND ifnull(archived, 0) = 0)"
         " OR id = :session OR name = :session"
         " ORDER BY id = :session DESC, updated_ms DESC, ord DESC LIMIT :limit",
         NULL},
    [QRY_TRANSCRIPT_PAGE] =
        {RANGES NEWEST_RANGE("transcript", "n", "n0", "n1", "")
         "SELECT x.id, x.turn, x.kind, x.n, x.ts_ms, CASE x.kind"
         " WHEN 'tool' THEN (SELECT {tools.result} FROM tools AS t WHERE t.id = x.id)"
         " ELSE (SELECT {transcript.body} FROM transcript AS t WHERE t.ord = x.ord) END, x.error,"
         " c.name, c.status, (SELECT {tools.arguments} FROM tools AS t WHERE t.id = c.id)"
         " FROM transcript AS x LEFT JOIN tools AS c ON x.kind = 'tool' AND c.id = x.id"
         " WHERE x.ord IN (SELECT ord FROM transcript"
         "  WHERE " IN_RANGE("n", "n0", "n1") " ORDER BY n DESC LIMIT :limit)"
         " ORDER BY x.n",
         NULL},
    [QRY_TRANSCRIPT_MESSAGES] =
        {RANGES NEWEST_RANGE("event", "seq", "q0", "q1", " AND x.kind = 'turn.message'")
         "SELECT m.seq, json_extract(m.json,'$.entry'), m.turn, json_extract(m.json,'$.role'),"
         " CASE json_extract(m.json,'$.role') WHEN 'tool' THEN " TOOL_PARTS
         " ELSE json_extract(m.json,'$.content') END"
         " FROM event AS m WHERE m.kind = 'turn.message' AND " IN_RANGE("seq", "q0", "q1")
         " ORDER BY m.seq DESC LIMIT :limit",
         NULL},
    /* By its id also one that a fork has from where it comes from. */
    [QRY_SESSION_MESSAGES] =
        {"WITH " KEPT " SELECT id, parent, role, turn, branch, preview, seq, ts_ms FROM messages"
         " WHERE ord IN (SELECT ord FROM (SELECT ord FROM messages AS m WHERE :match IS NULL"
         "   AND session = :session AND seq < ifnull(:before, " BIG ")"
         "   AND (:all OR NOT " PUT_AWAY ") ORDER BY seq DESC LIMIT :limit)"
         "  UNION ALL SELECT ord FROM messages AS m WHERE :match IS NOT NULL AND " IS_MATCH
         "   AND +seq < ifnull(:before, " BIG ") AND (+session = :session OR EXISTS (SELECT 1"
         "    FROM branches AS b, json_each(b.lineage) AS j WHERE b.session = :session"
         "    AND json_extract(j.value,'$[0]') = m.session"
         "    AND m.seq > json_extract(j.value,'$[1]') AND m.seq <= json_extract(j.value,'$[2]'))))"
         " ORDER BY seq DESC LIMIT :limit",
         NULL},
    [QRY_SESSION_PATH] =
        {RANGES_UPTO NEWEST_RANGE("messages", "seq", "q0", "q1",
                             " AND (:role IS NULL OR x.role = :role)")
         "SELECT id, parent, role, turn, preview, seq, n, ts_ms FROM messages"
         " WHERE " IN_RANGE("seq", "q0", "q1") " AND (:role IS NULL OR role = :role)"
         " ORDER BY seq DESC LIMIT :limit",
         NULL},
    /* The last message of each branch, unless another branch goes on from it. */
    [QRY_SESSION_TIPS] =
        {"WITH " KEPT " SELECT m.id, m.parent, m.role, m.preview, m.seq, m.ts_ms,"
         " m.id = ifnull((SELECT head FROM session WHERE id = :session), '')"
         " FROM (SELECT from_seq, lead(from_seq, 1, " BIG ") OVER (ORDER BY from_seq) AS upto"
         "  FROM branches WHERE session = :session) AS b CROSS JOIN messages AS m"
         " WHERE m.ord = (SELECT y.ord FROM messages AS y WHERE y.session = :session"
         "   AND y.seq > b.from_seq AND y.seq < b.upto ORDER BY y.seq DESC LIMIT 1)"
         " AND NOT EXISTS (SELECT 1 FROM messages AS f WHERE " FOLLOWS("m.id") ")"
         " AND (:all OR NOT " PUT_AWAY ") ORDER BY m.seq DESC LIMIT :limit",
         NULL},
    /* Ranges are counted along the index, and no row is held against them. */
    [QRY_SESSION_SIZE] =
        {"WITH " KEPT ", own(n) AS (SELECT count(*) FROM messages WHERE session = :session)"
         " SELECT n, iif(" COMPACTED " = 0, 0, n"
         "  - (SELECT count(*) FROM messages WHERE session = :session AND seq >= " COMPACTED ")"
         "  - ifnull((SELECT sum((SELECT count(*) FROM messages AS m WHERE m.session = :session"
         "   AND m.seq > kept.q0 AND m.seq <= kept.q1)) FROM kept WHERE kept.s = :session), 0))"
         " FROM own WHERE n > 0",
         NULL},
    /* An alias leads to the last message of its run, and from there to what goes on from that, until
     * nothing does; of several the newest. */
    [QRY_SESSION_MARKS] =
        {"WITH RECURSIVE " KEPT ", marked AS (SELECT name, entry, follows, ts_ms FROM marks"
         "  WHERE session = :session AND NOT ifnull(gone, 0) AND (:name IS NULL OR name = :name)"
         "  AND (:kind IS NULL OR :kind = " MARK_KIND ") ORDER BY name LIMIT :limit),"
         " walk(name, at, step) AS (SELECT name, iif(follows, " LAST_OF_RUN("entry") ", entry), 0"
         "   FROM marked UNION ALL"
         "  SELECT w.name, " LAST_OF_RUN("c.id") ", w.step + 1 FROM walk AS w, messages AS c"
         "   WHERE (SELECT follows FROM marked WHERE name = w.name)"
         "   AND c.ord = (SELECT f.ord FROM messages AS f WHERE " FOLLOWS("w.at")
         "    ORDER BY f.seq DESC LIMIT 1))"
         " SELECT k.name, " MARK_KIND ", k.entry, k.ts_ms, m.id, m.role, m.preview, m.ts_ms,"
         " m.id = ifnull((SELECT head FROM session WHERE id = :session), ''), " PUT_AWAY
         " FROM marked AS k JOIN walk AS w ON w.name = k.name"
         "  AND w.step = (SELECT max(step) FROM walk AS l WHERE l.name = k.name)"
         " LEFT JOIN messages AS m ON m.id = w.at ORDER BY k.name",
         .check = check_marks},
    [QRY_TASK_LIST] =
        {"SELECT id, title, detail, parent, status, stage, session, \"by\", error, created_ms,"
         " ended_ms FROM tasks WHERE ord IN (SELECT ord FROM (SELECT ord FROM tasks"
         "   WHERE :match IS NULL AND (:status IS NULL OR status = :status)"
         "   AND (:parent IS NULL OR parent = :parent) ORDER BY ord DESC LIMIT :limit)"
         "  UNION ALL SELECT ord FROM tasks WHERE " IS_MATCH
         "   AND (:status IS NULL OR status = :status)"
         "   AND (:parent IS NULL OR parent = :parent)) ORDER BY ord LIMIT :limit",
         NULL},
    [QRY_TASK_HISTORY] =
        {"SELECT e.task, e.seq, e.ts_ms, substr(e.kind, 6), json_extract(e.json,'$.by'), e.session,"
         " json_extract(e.json,'$.status'), json_extract(e.json,'$.title'),"
         " json_extract(e.json,'$.detail'), json_extract(e.json,'$.error')"
         " FROM event AS e WHERE e.seq IN (SELECT seq FROM event WHERE kind GLOB 'task.*' AND task"
         "  IN (SELECT id FROM tasks WHERE id = :task OR " SCHEMA_ENDS_IN(":task") ")"
         "  ORDER BY seq DESC LIMIT :limit) ORDER BY e.seq",
         NULL},
    /* One of four ways into the table, each by its own index. */
    [QRY_MEMORY_LIST] =
        {"SELECT id, summary, facts, tags, type, importance, pinned, \"by\", session, turn,"
         " revision, created_ms, updated_ms FROM memory WHERE ord IN ("
         " SELECT ord FROM (SELECT ord FROM memory WHERE forgotten = 0 AND NOT :forgotten"
         "   AND :match IS NULL AND :type IS NULL" SHOWN_ORDER " LIMIT :limit)"
         " UNION ALL SELECT ord FROM (SELECT ord FROM memory WHERE forgotten = 0"
         "   AND NOT :forgotten AND :match IS NULL AND type = :type" SHOWN_ORDER " LIMIT :limit)"
         " UNION ALL SELECT ord FROM (SELECT ord FROM memory WHERE forgotten = 1 AND :forgotten"
         "   AND :match IS NULL AND (:type IS NULL OR type = :type)" SHOWN_ORDER " LIMIT :limit)"
         " UNION ALL SELECT ord FROM memory WHERE " IS_MATCH
         "   AND (:type IS NULL OR type = :type))" SHOWN_ORDER " LIMIT :limit",
         NULL},
    [QRY_MEMORY_TYPES] = {"SELECT type, count(*), sum(pinned) FROM memory"
                          " WHERE forgotten = 0 AND (:type IS NULL OR type = :type)"
                          " GROUP BY type ORDER BY 2 DESC, 1"
                          " LIMIT :limit",
                          NULL},
    [QRY_MEMORY_TREE] =
        {"SELECT m.type, m.session, (SELECT name FROM session WHERE id = m.session), count(*),"
         " sum(m.pinned), max(m.updated_ms) FROM memory AS m"
         " WHERE m.forgotten = 0 AND (:type IS NULL OR m.type = :type)"
         " GROUP BY m.type, m.session ORDER BY sum(count(*)) OVER (PARTITION BY m.type) DESC,"
         " m.type, 4 DESC, m.session LIMIT :limit",
         NULL},
    [QRY_CONTEXT_PARTS] =
        {"SELECT json_extract(j.value,'$.part'), json_extract(j.value,'$.name'),"
         " json_extract(j.value,'$.entry'), json_extract(j.value,'$.n'),"
         " json_extract(j.value,'$.bytes'), (json_extract(j.value,'$.bytes') + 3) / 4, e.turn,"
         " e.ts_ms FROM (SELECT * FROM event WHERE session = :session"
         "  AND kind = 'turn.context_measured' ORDER BY seq DESC LIMIT 1) AS e,"
         " json_each(e.json,'$.parts.shares') AS j ORDER BY j.key LIMIT :limit",
         NULL},
    /* When there are more than are compared, pinned ones are looked for apart, so that no number of
     * others hides them. */
    [QRY_MEMORY_SEARCH] =
        {"WITH newest(seq, fit) AS MATERIALIZED (" FITTING("0", RECALL_MOST) "), pinned(seq, fit) AS ("
         FITTING("1", "iif((SELECT count(*) FROM newest) < " RECALL_MOST ", 0, " RECALL_MOST ")") ")"
         " SELECT m.id, m.summary, m.facts, m.tags, m.type, m.importance, m.pinned, m.\"by\","
         " m.session, m.updated_ms, f.fit * (1 + m.importance),"
         " recall_mark(:query, m.summary, m.facts, m.tags)"
         " FROM (SELECT * FROM newest UNION SELECT * FROM pinned) AS f"
         " JOIN memory AS m ON m.seq = f.seq"
         " WHERE :type IS NULL OR m.type = :type"
         " ORDER BY m.pinned DESC, 11 DESC, m.updated_ms DESC LIMIT :limit",
         .check = check_memory_search, .limit = 5},
    [QRY_TOOL_GET] =
        {"SELECT t.id, t.name, t.status, {tools.arguments}, {tools.result}, t.summary, t.artifact,"
         " t.error, t.arguments_seq FROM tools AS t WHERE t.id = :call",
         NULL},
    [QRY_TOOL_STATS] =
        {"SELECT name, count(*), sum(NOT live AND status <> 'completed'),"
         " sum(iif(started_ms > 0 AND ended_ms > 0, max(ended_ms - started_ms, 0), 0))"
         " FROM tools WHERE " OF_SESSION " GROUP BY name ORDER BY 2 DESC, name LIMIT :limit",
         NULL},
    /* One of three ways into the log, each by its own index, from one end or the other. */
    [QRY_LOG_PAGE] =
        {"SELECT " STORE_EVENT_COLUMNS " FROM event WHERE seq IN ("
         LOG_WAYS(":before IS NULL", "ASC") " UNION ALL " LOG_WAYS(":before IS NOT NULL", "DESC")
         ") ORDER BY seq",
         query_row_event, .may = may_page},
    [QRY_ARTIFACT_LIST] =
        {"SELECT id, path, media_type, bytes, sha256, ts_ms FROM artifacts WHERE " OF_SESSION
         " ORDER BY ord DESC LIMIT :limit",
         NULL},
    [QRY_ARTIFACT_READ] = {"SELECT sha256, bytes FROM artifacts WHERE id = :artifact",
                           query_row_artifact},
    [QRY_JOB_LIST] =
        {"SELECT id, status, command, exit, bytes, artifact FROM jobs WHERE " OF_SESSION
         " ORDER BY ord DESC LIMIT :limit",
         NULL},
    [QRY_APPROVAL_LIST] =
        {"SELECT id, session, turn, status, action, risk, rule, scope, \"by\", reason, requested_ms, ended_ms"
         " FROM approvals WHERE " OF_SESSION " AND (:status IS NULL OR status = :status)"
         " ORDER BY ord DESC LIMIT :limit",
         NULL},
    [QRY_TRANSCRIPT_AFTER] =
        {RANGES OLDEST_RANGE("transcript", "n", "n0", "n1", "")
         "SELECT x.id, x.turn, x.kind, x.n, x.ts_ms, CASE x.kind"
         " WHEN 'tool' THEN (SELECT {tools.result} FROM tools AS t WHERE t.id = x.id)"
         " ELSE (SELECT {transcript.body} FROM transcript AS t WHERE t.ord = x.ord) END,"
         " ifnull(x.error, c.error),"
         " (SELECT provider || '/' || model FROM turns WHERE id = x.turn), c.name, c.status,"
         " (SELECT {tools.arguments} FROM tools AS t WHERE t.id = c.id), c.files, c.exit,"
         " c.artifact, iif(c.started_ms > 0 AND c.ended_ms > 0, max(c.ended_ms - c.started_ms, 0), NULL)"
         " FROM transcript AS x LEFT JOIN tools AS c ON x.kind = 'tool' AND c.id = x.id"
         " WHERE x.ord IN (SELECT ord FROM transcript"
         "  WHERE " IN_RANGE_AFTER("n", "n0", "n1") " ORDER BY n LIMIT :limit)"
         " ORDER BY x.n",
         NULL},
    [QRY_CONVERSATION_AFTER] =
        {RANGES OLDEST_RANGE("event", "seq", "q0", "q1", " AND x.kind = 'turn.message'")
         "SELECT m.seq, json_extract(m.json,'$.entry'), m.turn, json_extract(m.json,'$.role'),"
         " CASE json_extract(m.json,'$.role') WHEN 'tool' THEN " TOOL_PARTS
         " ELSE json_extract(m.json,'$.content') END"
         " FROM event AS m WHERE m.kind = 'turn.message' AND " IN_RANGE_AFTER("seq", "q0", "q1")
         " ORDER BY m.seq LIMIT :limit",
         NULL},
    /* Newest first, because then it may stop early; to rank them all of them would have to be
     * looked at, which takes long for a word that is everywhere. */
    [QRY_SESSION_SEARCH] =
        {WHICH
         "SELECT e.session, s.name, json_extract(e.json,"
         "  iif(e.kind = 'turn.message', '$.entry', '$.call_id')), e.turn, " ROLE ", e.seq,"
         " e.ts_ms, replace(snippet(search, 0, '«', '»', '…', 24), char(10), ' '),"
         " iif(e.seq > ifnull(s.base_seq, 0) OR EXISTS (SELECT 1 FROM branches AS b, json_each(b.lineage) AS j"
         "  WHERE b.id = s.branch AND json_extract(j.value,'$[0]') = e.session"
         "  AND e.seq > json_extract(j.value,'$[1]') AND e.seq <= json_extract(j.value,'$[2]')),"
         "  NULL, 1)"
         " FROM search AS f CROSS JOIN event AS e ON e.seq = f.rowid"
         " LEFT JOIN session AS s ON s.id = e.session"
         " WHERE f.search MATCH search_words(:query)"
         " AND NOT (ifnull(s.partial, 0) OR ifnull(s.archived, 0) AND s.name = s.id)" /* older ones have no name */
         " AND f.rowid >= (SELECT first FROM span) AND f.rowid <= (SELECT last FROM span)"
         " AND (:session IS NULL OR e.session = (SELECT id FROM which))"
         " AND (:role IS NULL OR " ROLE " = :role)"
         " ORDER BY f.rowid DESC LIMIT :limit",
         .check = check_search, .limit = 50},
};
