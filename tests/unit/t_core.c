/* SPDX-License-Identifier: MIT
 *
 * The core with its real store, policy, tools and turn engine; only the model is a script.
 */
#include "lib/test.h"

#include "lib/core.h"

#include "agent/context.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "contract/states.h"
#include "state/reduce.h"
#include "store/store.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void test_answer(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "answer", "[{\"text\":\"Hello, operator.\",\"chunk\":3}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "hi");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *kinds = fixture_kinds(&f);
    assert_string_equal(kinds, "session.created session.leased turn.created turn.started "
                               "turn.message turn.context_measured turn.provider_requested turn.text "
                               "turn.message turn.completed ");
    struct snapshot *s = hub_snapshot(core_hub(f.core));
    const struct section *t = s->sections[REC_ENTRY];
    assert_int_equal(t->n, 2);
    assert_string_equal(REC(t->v[0], entry)->kind, "user");
    assert_true(str_is(body_view(REC(t->v[0], entry)->body), "hi"));
    assert_true(str_is(body_view(REC(t->v[1], entry)->body), "Hello, operator."));
    assert_int_equal(s->live->n_parts, 0);
    snapshot_unref(s);
    free(kinds);
    free(turn);
    fixture_close(&f);
}

static void test_edit_and_reopen(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "edit",
                 "[{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"a.txt\",\"edits\":"
                 "[{\"find\":\"one\",\"replace\":\"two\"}]}}}]\n"
                 "[{\"expect\":\"a.txt\"},{\"text\":\"done\"}]\n");
    fixture_start(&f);
    fixture_write(&f, "a.txt", "one\n");
    char *turn = fixture_submit(&f, "edit it");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *text = fixture_read(&f, "a.txt");
    assert_string_equal(text, "two\n");
    /* The old content was kept before the call began. */
    assert_int_equal(fixture_count(&f, "tool.started", "\"copies\""), 1);
    assert_int_equal(fixture_count(&f, "tool.completed", "a.txt"), 1);

    /* What another process opens is what this one had. */
    struct buf before = BUF_OWN;
    struct buf after = BUF_OWN;
    uint32_t sections = (1u << REC_ENTRY) | (1u << REC_TOOL) | (1u << REC_TURN);
    struct snapshot *s = hub_snapshot(core_hub(f.core));
    snapshot_write(s, sections, false, &before);
    snapshot_unref(s);
    fixture_stop(&f);
    fixture_start(&f);
    s = hub_snapshot(core_hub(f.core));
    snapshot_write(s, sections, false, &after);
    snapshot_unref(s);
    /* Only the seq in front differs: the sessions were given free and leased again. */
    assert_string_equal(strchr(buf_cstr(&before), ','), strchr(buf_cstr(&after), ','));
    buf_free(&before);
    buf_free(&after);
    free(text);
    free(turn);
    fixture_close(&f);
}

static const char write_script[] =
    "[{\"call\":{\"name\":\"write\",\"arguments\":{\"path\":\"new.txt\",\"content\":\"x\"}}}]\n"
    "[{\"text\":\"ok\"}]\n";

static void ask_and(struct fixture *f, const char *answer_fmt, char *ret_approval)
{
    char id[ID_MAX];
    f->mode = MODE_ASK;
    fixture_start(f);
    char *turn = fixture_submit(f, "write");
    snapshot_unref(fixture_until(f, fixture_asks, id));
    assert_int_equal(fixture_count(f, "tool.started", NULL), 0);
    struct buf args = BUF_OWN;
    buf_printf(&args, "{\"approval\":\"%s\"%s}", id, answer_fmt);
    struct action_answer a = fixture_act(f, "approval.resolve", "%s", buf_cstr(&args));
    assert_true(a.accepted);
    assert_string_equal(fixture_ended(f, turn), "completed");
    /* A second answer comes too late. */
    a = fixture_act(f, "approval.resolve", "%s", buf_cstr(&args));
    assert_false(a.accepted);
    assert_int_equal(a.err.code, ERR_CONFLICT);
    buf_free(&args);
    snprintf(ret_approval, ID_MAX, "%s", id);
    free(turn);
}

static void test_approve(void **state)
{
    (void)state;
    struct fixture f;
    char id[ID_MAX];
    fixture_open(&f, "approve", write_script);
    ask_and(&f, ",\"approve\":true", id);
    char *text = fixture_read(&f, "new.txt");
    assert_string_equal(text, "x");
    free(text);
    fixture_close(&f);
}

static void test_approve_with_other_arguments(void **state)
{
    (void)state;
    struct fixture f;
    char id[ID_MAX];
    fixture_open(&f, "approve-edit", write_script);
    ask_and(&f,
            ",\"approve\":true,\"arguments\":"
            "\"{\\\"path\\\":\\\"other.txt\\\",\\\"content\\\":\\\"y\\\"}\"",
            id);
    assert_null(fixture_read(&f, "new.txt"));
    char *text = fixture_read(&f, "other.txt");
    assert_string_equal(text, "y");
    free(text);
    fixture_close(&f);
}

static void test_reject(void **state)
{
    (void)state;
    struct fixture f;
    char id[ID_MAX];
    fixture_open(&f, "reject", write_script);
    ask_and(&f, ",\"reason\":\"not there\"", id);
    assert_null(fixture_read(&f, "new.txt"));
    assert_int_equal(fixture_count(&f, "tool.failed", "not there"), 1);
    fixture_close(&f);
}

static void test_nobody_to_ask(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "nobody", write_script);
    f.mode = MODE_ASK;
    f.options.interactive = false;
    fixture_start(&f);
    char *turn = fixture_submit(&f, "write");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    assert_int_equal(fixture_count(&f, "tool.failed", "approval_needs_operator"), 1);
    assert_int_equal(fixture_count(&f, "approval.requested", NULL), 0);
    assert_null(fixture_read(&f, "new.txt"));
    free(turn);
    fixture_close(&f);
}

static bool streaming(const struct snapshot *s, void *arg)
{
    (void)arg;
    return s->live->n_parts > 0;
}

static void test_cancel_while_streaming(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "cancel", "[{\"text\":\"a beginning\"},{\"stall\":true}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    snapshot_unref(fixture_until(&f, streaming, NULL));
    assert_true(fixture_act(&f, "turn.cancel", "{\"turn\":\"%s\"}", turn).accepted);
    assert_string_equal(fixture_ended(&f, turn), "cancelled");
    /* What was shown is kept, and a second cancel does nothing. */
    assert_int_equal(fixture_count(&f, "turn.message", "a beginning"), 1);
    assert_true(fixture_act(&f, "turn.cancel", "{\"turn\":\"%s\"}", turn).accepted);
    assert_int_equal(fixture_count(&f, "turn.cancelling", NULL), 1);
    free(turn);
    fixture_close(&f);
}

static bool kept(const struct snapshot *s, void *arg)
{
    const struct section *t = s->sections[REC_ENTRY];
    (void)arg;
    return t->n == 2 && str_is(body_view(REC(t->v[1], entry)->body), "a beginning");
}

/* A model that falls silent: what it said is in a durable chunk all the same. */
static void test_silence_is_kept(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "silence", "[{\"text\":\"a beginning\"},{\"stall\":true}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    snapshot_unref(fixture_until(&f, kept, NULL));
    assert_int_equal(fixture_count(&f, "turn.text", "a beginning"), 1);
    assert_true(fixture_act(&f, "turn.cancel", "{}").accepted);
    fixture_ended(&f, turn);
    free(turn);
    fixture_close(&f);
}

static void test_cancel_while_asking(void **state)
{
    (void)state;
    struct fixture f;
    char id[ID_MAX];
    fixture_open(&f, "cancel-ask", write_script);
    f.mode = MODE_ASK;
    fixture_start(&f);
    char *turn = fixture_submit(&f, "write");
    snapshot_unref(fixture_until(&f, fixture_asks, id));
    assert_true(fixture_act(&f, "turn.cancel", "{}").accepted);
    assert_string_equal(fixture_ended(&f, turn), "cancelled");
    assert_int_equal(fixture_count(&f, "approval.expired", NULL), 1);
    assert_int_equal(fixture_count(&f, "tool.cancelled", "before the question was answered"), 1);
    assert_int_equal(fixture_count(&f, "turn.cancelled", "\"phase\":\"approval\""), 1);
    assert_int_equal(fixture_count(&f, "tool.cancelled", NULL), 1);
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    free(turn);
    fixture_close(&f);
}

/* What was asked stays, also when nothing can be done. */
static void test_workspace_gone(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = ERR_INIT;
    fixture_open(&f, "gone", write_script);
    fixture_start(&f);
    OK(fs_remove_tree(f.workspace, &e));
    char *turn = fixture_submit(&f, "write");
    assert_string_equal(fixture_ended(&f, turn), "failed");
    assert_int_equal(fixture_count(&f, "turn.message", "write"), 1);
    free(turn);
    fixture_close(&f);
}

/* The cancel is in the mailbox before the turn is committed. */
static void test_cancel_in_one_drain(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "one-drain", "{\"loop\":true}\n[{\"text\":\"a\"},{\"stall\":true}]\n");
    fixture_start(&f);
    struct actor actor = core_actor(f.core);
    struct principal who = {"operator", ROLE_OPERATOR};
    struct action_answer a;
    for (int i = 0; i < 50; i++) {
        actor.submit(actor.ctx, "turn.submit", STR("{\"input\":\"go\"}"), &who, NULL, NULL, NULL);
        actor.submit_wait(actor.ctx, "turn.cancel", STR("{\"turn\":\"*\"}"), &who, &a);
        assert_true(a.accepted);
    }
    fixture_stop(&f);
    fixture_start(&f);
    assert_int_equal(fixture_count(&f, "turn.created", NULL), 50);
    assert_int_equal(fixture_count(&f, "turn.cancelled", NULL), 50);
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    fixture_close(&f);
}

static bool two_turns(const struct snapshot *s, void *arg)
{
    (void)arg;
    const struct section *t = s->sections[REC_TURN];
    return t->n == 2 && strcmp(REC(t->v[1], turn)->status, "queued") == 0;
}

static void test_queue(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "queue", "[{\"text\":\"first\"},{\"stall\":true}]\n[{\"text\":\"second\"}]\n");
    fixture_start(&f);
    char *first = fixture_submit(&f, "one");
    snapshot_unref(fixture_until(&f, streaming, NULL));
    char *second = fixture_submit(&f, "two");
    snapshot_unref(fixture_until(&f, two_turns, NULL));
    assert_true(fixture_act(&f, "turn.cancel", "{\"turn\":\"%s\"}", first).accepted);
    assert_string_equal(fixture_ended(&f, first), "cancelled");
    assert_string_equal(fixture_ended(&f, second), "completed");
    free(first);
    free(second);
    fixture_close(&f);
}

static void test_cancel_queued(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "cancel-queued", "[{\"text\":\"first\"},{\"stall\":true}]\n");
    fixture_start(&f);
    char *first = fixture_submit(&f, "one");
    snapshot_unref(fixture_until(&f, streaming, NULL));
    char *second = fixture_submit(&f, "two");
    assert_true(fixture_act(&f, "turn.cancel", "{\"turn\":\"%s\"}", second).accepted);
    assert_string_equal(fixture_ended(&f, second), "cancelled");
    assert_int_equal(fixture_count(&f, "turn.started", NULL), 1);
    assert_true(fixture_act(&f, "turn.cancel", "{\"turn\":\"*\"}").accepted);
    assert_string_equal(fixture_ended(&f, first), "cancelled");
    free(first);
    free(second);
    fixture_close(&f);
}

/* The word to stop comes while the thread of the turn is on its way. */
static void test_cancel_at_once(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "cancel-at-once", "{\"stall\":true}\n");
    fixture_start(&f);
    for (int i = 0; i < 100; i++) {
        char *turn = fixture_submit(&f, "one");
        assert_true(fixture_act(&f, "turn.cancel", "{\"turn\":\"%s\"}", turn).accepted);
        assert_string_equal(fixture_ended(&f, turn), "cancelled");
        free(turn);
    }
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    assert_int_equal(fixture_count(&f, "turn.cancelled", NULL), 100);
    fixture_close(&f);
}

static void test_bad_calls(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "bad-calls",
                 "[{\"call\":{\"name\":\"nothing\",\"arguments\":{}}},"
                 "{\"call\":{\"name\":\"read\",\"arguments_raw\":\"{not json\"}},"
                 "{\"call\":{\"name\":\"read\",\"arguments\":{\"path\":7}}},"
                 "{\"call\":{\"name\":\"read\",\"arguments_raw\":"
                 "\"{\\\"path\\\":\\\"a\\\",\\\"path\\\":\\\"b\\\"}\"}},"
                 "{\"call\":{\"name\":\"read\",\"arguments\":{\"path\":\"../../etc/passwd\"}}},"
                 "{\"call\":{\"name\":\"read\",\"arguments\":{\"path\":\"none\"}}}]\n"
                 "[{\"expect\":\"unknown_tool\"},{\"text\":\"sorry\"}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    assert_int_equal(fixture_count(&f, "tool.failed", NULL), 6);
    assert_int_equal(fixture_count(&f, "tool.failed", "unknown_tool"), 1);
    assert_int_equal(fixture_count(&f, "tool.failed", "invalid_tool_arguments"), 3);
    assert_int_equal(fixture_count(&f, "tool.failed", "outside_roots"), 1);
    assert_int_equal(fixture_count(&f, "tool.failed", "not_found"), 1);
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    free(turn);
    fixture_close(&f);
}

static void test_same_path_in_order(void **state)
{
    (void)state;
    struct fixture f;
    struct buf script = BUF_OWN;
    buf_puts(&script, "[");
    for (int i = 0; i < 8; i++)
        buf_printf(&script,
                   "%s{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"n\",\"edits\":"
                   "[{\"find\":\"%d\",\"replace\":\"%d\"}]}}}",
                   i ? "," : "", i, i + 1);
    buf_puts(&script, "]\n[{\"text\":\"ok\"}]\n");
    fixture_open(&f, "order", buf_cstr(&script));
    fixture_start(&f);
    fixture_write(&f, "n", "0");
    char *turn = fixture_submit(&f, "count");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *text = fixture_read(&f, "n");
    assert_string_equal(text, "8");
    free(text);
    free(turn);
    buf_free(&script);
    fixture_close(&f);
}

/* A link and what it leads to are one path. */
static void test_link_in_order(void **state)
{
    (void)state;
    struct fixture f;
    struct buf script = BUF_OWN;
    buf_puts(&script, "[");
    for (int i = 0; i < 8; i++)
        buf_printf(&script,
                   "%s{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"%s\",\"edits\":"
                   "[{\"find\":\"%d\",\"replace\":\"%d\"}]}}}",
                   i ? "," : "", i % 2 ? "link" : "n", i, i + 1);
    buf_puts(&script, "]\n[{\"text\":\"ok\"}]\n");
    fixture_open(&f, "link-order", buf_cstr(&script));
    fixture_start(&f);
    fixture_write(&f, "n", "0");
    char *link = mem_printf("%s/link", f.workspace);
    assert_int_equal(symlink("n", link), 0);
    char *turn = fixture_submit(&f, "count");
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *text = fixture_read(&f, "n");
    assert_string_equal(text, "8");
    free(text);
    free(turn);
    free(link);
    buf_free(&script);
    fixture_close(&f);
}

static void test_max_steps(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "steps",
                 "{\"loop\":true}\n"
                 "[{\"text\":\"again\"},{\"call\":{\"name\":\"ls\",\"arguments\":{}}}]\n");
    f.options.max_steps = 3;
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    assert_string_equal(fixture_ended(&f, turn), "failed");
    assert_int_equal(fixture_count(&f, "turn.failed", "max_steps"), 1);
    assert_int_equal(fixture_count(&f, "turn.message", "again"), 3);
    free(turn);
    fixture_close(&f);
}

static void test_turn_deadline(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "deadline", "[{\"text\":\"so far\"},{\"stall\":true}]\n");
    f.options.turn_timeout_ms = 200;
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    assert_string_equal(fixture_ended(&f, turn), "timed_out");
    assert_int_equal(fixture_count(&f, "turn.timed_out", "\"phase\":\"stream\""), 1);
    assert_int_equal(fixture_count(&f, "turn.message", "so far"), 1);
    free(turn);
    fixture_close(&f);
}

/* The body of the next request, made from the log alone, is what the live turn sent. */
static void test_request_from_log(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = ERR_INIT;
    char sha[DIGEST_HEX];
    fixture_open(&f, "request",
                 "[{\"text\":\"look\"},{\"call\":{\"name\":\"ls\",\"arguments\":{}}}]\n"
                 "[{\"text\":\"first\"}]\n[{\"stall\":true}]\n");
    fixture_start(&f);
    char *one = fixture_submit(&f, "one");
    assert_string_equal(fixture_ended(&f, one), "completed");
    char *two = fixture_submit(&f, "two");
    while (fixture_count(&f, "turn.provider_requested", NULL) < 3)
        snapshot_unref(hub_snapshot(core_hub(f.core)));
    struct buf body = BUF_OWN;
    struct reader reader = core_reader(f.core);
    const struct context context = {.reader = &reader,
                                    .session = f.session,
                                    .model = "script",
                                    .workspace = f.workspace,
                                    .window = 1000000};
    struct context_parts parts;
    OK(context_build(&context, NULL, &body, &parts, &e));
    digest_hex(buf_view(&body), sha);
    assert_int_equal(fixture_count(&f, "turn.provider_requested", sha), 1);
    assert_true(fixture_act(&f, "turn.cancel", "{}").accepted);
    fixture_ended(&f, two);
    buf_free(&body);
    free(one);
    free(two);
    fixture_close(&f);
}

static void test_idempotency(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "idem", "[{\"text\":\"x\"}]\n");
    fixture_start(&f);
    struct actor actor = core_actor(f.core);
    struct principal who = {"client", ROLE_OPERATOR};
    struct action_answer a;
    actor.submit(actor.ctx, "session.new", STR("{\"name\":\"k1\"}"), &who, "key", NULL, NULL);
    actor.submit(actor.ctx, "session.new", STR("{\"name\":\"k1\"}"), &who, "key", NULL, NULL);
    actor.submit_wait(actor.ctx, "session.switch", STR("{\"session\":\"k1\"}"), &who, &a);
    if (!a.accepted)
        fail_msg("%s", a.err.message);
    assert_int_equal(fixture_count(&f, "session.created", "k1"), 1);
    fixture_close(&f);
}

static void test_refused_actions(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "refused", "[{\"text\":\"x\"}]\n");
    fixture_start(&f);
    assert_int_equal(fixture_act(&f, "no.such", "{}").err.code, ERR_NOT_FOUND);
    assert_int_equal(fixture_act(&f, "turn.submit", "{}").err.code, ERR_INVALID);
    assert_int_equal(fixture_act(&f, "turn.submit", "{\"input\":\"  \"}").err.code, ERR_INVALID);
    assert_int_equal(fixture_act(&f, "turn.submit", "{\"inptu\":\"a\"}").err.code, ERR_INVALID);
    assert_int_equal(fixture_act(&f, "turn.submit", "{\"input\":\"a\",\"model\":\"x/y\"}").err.code,
                     ERR_UNKNOWN_MODEL);
    assert_int_equal(fixture_act(&f, "session.switch", "{\"session\":\"none\"}").err.code,
                     ERR_NOT_FOUND);
    assert_int_equal(fixture_act(&f, "approval.resolve", "{\"approval\":\"x\"}").err.code,
                     ERR_NOT_FOUND);
    struct actor actor = core_actor(f.core);
    struct principal viewer = {"viewer", ROLE_VIEW};
    struct action_answer a;
    actor.submit_wait(actor.ctx, "session.new", STR("{}"), &viewer, &a);
    assert_int_equal(a.err.code, ERR_ROLE);
    fixture_close(&f);
}

/* What a process left open is closed by the next one. */
static void test_recovery(void **state)
{
    (void)state;
    struct fixture f;
    struct err e = ERR_INIT;
    fixture_open(&f, "recovery", "[{\"text\":\"unused\"}]\n");
    struct store_options so = {.dir = f.state, .proc = "proc_dead"};
    struct store *store;
    int64_t last;
    struct event_ids ids = {.session = "session_1", .turn = "turn_1"};
    struct event *log[] = {
        event_new(EV_SESSION_CREATED, &ids, &(struct ev_session_created){.name = "test"}),
        event_new(EV_SESSION_LEASED, &ids, &(struct ev_session_leased){.proc = "proc_dead"}),
        event_new(EV_TURN_CREATED, &ids, &(struct ev_turn_created){.source = "test", .input = "q"}),
        event_new(EV_TURN_STARTED, &ids,
                  &(struct ev_turn_started){.provider = "local", .model = "script"}),
        event_new(EV_TURN_TEXT, &ids,
                  &(struct ev_turn_text){.part = "part_1", .offset = 0, .text = "half an ans"}),
        event_new(EV_TOOL_PROPOSED, &ids,
                  &(struct ev_tool_proposed){.call_id = "call_1", .name = "bash", .arguments = "{}"}),
        event_new(EV_TOOL_PROPOSED, &ids,
                  &(struct ev_tool_proposed){.call_id = "call_2", .name = "bash", .arguments = "{}"}),
        event_new(EV_TOOL_STARTED, &ids, &(struct ev_tool_started){.call_id = "call_2"}),
        event_new(EV_TOOL_OUTPUT, &ids,
                  &(struct ev_tool_output){
                      .part = "call_2", .offset = 65536, .artifact = "art_1", .bytes = 5}),
        event_new(EV_APPROVAL_REQUESTED, &ids,
                  &(struct ev_approval_requested){.approval_id = "appr_1",
                                                  .call_id = "call_1",
                                                  .action = "run",
                                                  .risk = "run",
                                                  .rule = "mode ask"}),
        event_new(EV_JOB_QUEUED, &ids,
                  &(struct ev_job_queued){.job_id = "job_1", .command = "sleep 9"}),
    };
    OK(store_open(&store, &so, &e));
    OK(store_begin(store, &last, &e));
    struct snapshot *empty = snapshot_empty();
    struct draft *d = draft_new(empty);
    for (size_t i = 0; i < ARRAY_LEN(log); i++) {
        OK(store_append(store, log[i], &e));
        draft_reduce(d, log[i], "proc_dead");
        event_unref(log[i]);
    }
    const struct rec *const *changed;
    size_t n = draft_changed(d, &changed);
    for (size_t i = 0; i < n; i++)
        OK(store_put(store, changed[i], &e));
    OK(store_commit(store, &e));
    draft_drop(d);
    snapshot_unref(empty);
    store_close(store);
    /* What the second call had printed past what the log holds. */
    CLEANUP(mem_free_p) char *blobs = fs_join(f.state, "blobs");
    CLEANUP(mem_free_p) char *part = fs_join(blobs, "part-art_1");
    OK(fs_mkdirs(blobs, 0700, &e));
    OK(fs_replace(part, STR("all of the output"), 0600, &e));

    fixture_start(&f);
    assert_string_equal(f.session, "session_1");
    assert_string_equal(fixture_ended(&f, "turn_1"), "failed");
    assert_int_equal(fixture_count(&f, "turn.failed", "process_died"), 1);
    assert_int_equal(fixture_count(&f, "turn.failed", "\"phase\":\"approval\""), 1); /* where it was */
    assert_int_equal(fixture_count(&f, "tool.failed", "\"phase\":\"tool\""), 2);
    assert_int_equal(fixture_count(&f, "turn.message", "half an ans"), 1);
    assert_int_equal(fixture_count(&f, "tool.failed", "process_died"), 2);
    assert_int_equal(fixture_count(&f, "tool.failed", "art_1"), 1);
    assert_int_equal(fixture_count(&f, "artifact.created", "\"bytes\":17"), 1);
    assert_false(fs_exists(part));
    assert_int_equal(fixture_count(&f, "approval.expired", NULL), 1);
    assert_int_equal(fixture_count(&f, "job.failed", "process_died"), 1);
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    fixture_close(&f);
}

static void limit_files(rlim_t bytes)
{
    struct rlimit limit = {bytes, RLIM_INFINITY};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static bool degraded(const struct snapshot *s, void *arg)
{
    (void)arg;
    return s->degraded[0] != '\0';
}

static bool well(const struct snapshot *s, void *arg)
{
    (void)arg;
    return s->degraded[0] == '\0';
}

/* While the log can not be written nothing is changed, nothing is lost, and everybody sees it. */
static void test_log_can_not_be_written(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "full",
                 "[{\"text\":\"I will write\"},{\"delay_ms\":2000},"
                 "{\"call\":{\"name\":\"write\",\"arguments\":"
                 "{\"path\":\"new.txt\",\"content\":\"x\"}}}]\n[{\"text\":\"ok\"}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    snapshot_unref(fixture_until(&f, streaming, NULL));
    limit_files(1);
    snapshot_unref(fixture_until(&f, degraded, NULL));
    /* A wish is refused with the reason. */
    struct action_answer a = fixture_act(&f, "session.new", "{\"name\":\"other\"}");
    assert_false(a.accepted);
    assert_true(err_code_retryable(a.err.code));
    a = fixture_act(&f, "turn.submit", "{\"session\":\"test\",\"input\":\"more\"}");
    assert_false(a.accepted);
    /* Long past the call: its start could not be committed, so that it has not started. */
    (void)poll(NULL, 0, 3000);
    assert_null(fixture_read(&f, "new.txt"));
    limit_files(RLIM_INFINITY);
    snapshot_unref(fixture_until(&f, well, NULL));
    assert_string_equal(fixture_ended(&f, turn), "completed");
    char *text = fixture_read(&f, "new.txt");
    assert_string_equal(text, "x");
    assert_int_equal(fixture_count(&f, "turn.message", "I will write"), 1);
    assert_int_equal(fixture_count(&f, "error.raised", NULL), 0);
    free(text);
    free(turn);
    fixture_close(&f);
}

/* It ends in order although nothing can be opened any more. */
static void test_stop_without_descriptors(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "stop-descriptors", "[{\"text\":\"I will\"},{\"stall\":true}]\n");
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    snapshot_unref(fixture_until(&f, streaming, NULL));
    test_descriptors(0);
    fixture_stop(&f);
    test_descriptors(-1);
    fixture_start(&f);
    assert_string_equal(fixture_ended(&f, turn), "cancelled");
    assert_int_equal(fixture_count(&f, "turn.cancelled", "shutdown"), 1);
    free(turn);
    fixture_close(&f);
}

static off_t wal_bytes(const struct fixture *f)
{
    struct stat st;
    CLEANUP(mem_free_p) char *wal = fs_join(f->state, "tau.db-wal");
    assert_int_equal(stat(wal, &st), 0);
    return st.st_size;
}

/* The log can not be written, or there was room enough for the job. */
static bool degraded_or_job(const struct snapshot *s, void *arg)
{
    return degraded(s, arg) || s->sections[REC_JOB]->n > 0;
}

/* Ends a core whose log takes `room` bytes more once a job was approved. True when the start of the call
 * was among them and the job was not. */
static bool stop_with_room(off_t room, bool *ret_enough)
{
    struct fixture f;
    char id[ID_MAX];
    fixture_open(&f, "stop",
                 "[{\"call\":{\"name\":\"jobs_create\",\"arguments\":{\"command\":\"touch made; sleep 60\"}}}]\n"
                 "[{\"text\":\"ok\"}]\n");
    f.mode = MODE_ASK;
    fixture_start(&f);
    char *turn = fixture_submit(&f, "go");
    snapshot_unref(fixture_until(&f, fixture_asks, id));
    limit_files((rlim_t)(wal_bytes(&f) + room));
    (void)!fixture_act(&f, "approval.resolve", "{\"approval\":\"%s\",\"approve\":true}", id).accepted;
    snapshot_unref(fixture_until(&f, degraded_or_job, NULL));
    bool started = fixture_count(&f, "tool.started", NULL) == 1;
    *ret_enough = fixture_count(&f, "job.queued", NULL) == 1;
    core_stop(TAKE(f.core), 0);
    limit_files(RLIM_INFINITY);
    free(turn);
    fixture_close(&f);
    return started && !*ret_enough;
}

/* A turn that does not end in time, wherever it waits for what can not be written: what its tools use is
 * there until it was told that it never will. */
static void test_stop_while_a_call_waits(void **state)
{
    (void)state;
    enum { STEP = 5 * 4096 }; /* less than what the commit of one event takes */
    bool enough = false;
    int met = 0;
    for (off_t room = 0; !enough; room += STEP)
        met += stop_with_room(room, &enough);
    assert_true(met > 0);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN); /* a write past the limit shall fail, not kill */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_edit_and_reopen),
        cmocka_unit_test(test_approve),
        cmocka_unit_test(test_approve_with_other_arguments),
        cmocka_unit_test(test_reject),
        cmocka_unit_test(test_nobody_to_ask),
        cmocka_unit_test(test_cancel_while_streaming),
        cmocka_unit_test(test_silence_is_kept),
        cmocka_unit_test(test_cancel_while_asking),
        cmocka_unit_test(test_workspace_gone),
        cmocka_unit_test(test_cancel_in_one_drain),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_cancel_queued),
        cmocka_unit_test(test_cancel_at_once),
        cmocka_unit_test(test_bad_calls),
        cmocka_unit_test(test_same_path_in_order),
        cmocka_unit_test(test_link_in_order),
        cmocka_unit_test(test_max_steps),
        cmocka_unit_test(test_turn_deadline),
        cmocka_unit_test(test_request_from_log),
        cmocka_unit_test(test_idempotency),
        cmocka_unit_test(test_refused_actions),
        cmocka_unit_test(test_log_can_not_be_written),
        cmocka_unit_test(test_stop_without_descriptors),
        cmocka_unit_test(test_stop_while_a_call_waits),
        cmocka_unit_test(test_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
