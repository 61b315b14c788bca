/* SPDX-License-Identifier: MIT
 *
 * Whole screens of recorded logs at every size, and what keys do to them.
 */
#include "lib/test.h"

#include "lib/screen.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "state/reduce.h"
#include "text/utf8.h"
#include "text/width.h"
#include "ui/vm/status.h"
#include "ui/vm/tasks.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const logs[] = {
    "success", "wide",     "tool-ok",        "tool-failed",       "cancel",
    "running", "approval", "approval-risky", "approval-rejected", "streaming", "markdown"};

static const struct {
    int w, h;
} sizes[] = {{80, 24}, {40, 12}, {120, 40}, {200, 60}, {1, 1}};

static void test_goldens(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
        for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
            /* The largest and the smallest show nothing new for most of them. */
            if ((sizes[k].w > 120 || sizes[k].w == 1) && i != 2)
                continue;
            char name[100];
            snprintf(name, sizeof(name), "%s-%dx%d", logs[i], sizes[k].w, sizes[k].h);
            struct ui *ui = screen_open(logs[i], sizes[k].w, sizes[k].h);
            screen_golden(ui, name);
            screen_free(ui);
        }
    }
}

/* Turns as they were recorded (tests/cli/turns.sh): each ends as it says, in the state and on the screen. */
static void test_turns(void **state)
{
    static const struct {
        const char *name, *status, *reason;
    } turns[] = {
        {"success", "completed", NULL},          {"tool-ok", "completed", NULL},
        {"tool-failed", "completed", NULL},      {"retry", "completed", NULL},
        {"approved", "completed", NULL},         {"rejected", "completed", NULL},
        {"timeout", "timed_out", "timed_out"},   {"exhausted", "failed", "provider_unavailable"},
        {"max-turns", "failed", "max_steps"}, {"cancelled", "cancelled", "cancelled"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
        char log[64], golden[64];
        snprintf(log, sizeof(log), "turns/%s", turns[i].name);
        snprintf(golden, sizeof(golden), "turn-%s-80x24", turns[i].name);
        struct snapshot *s = screen_replay(log, 0, NULL);
        assert_int_equal(s->sections[REC_TURN]->n, 1);
        const struct rec_turn *t = REC(s->sections[REC_TURN]->v[0], turn);
        assert_string_equal(t->status, turns[i].status);
        if (turns[i].reason)
            assert_non_null(strstr(t->error, turns[i].reason));
        for (size_t k = 0; k < s->sections[REC_TOOL]->n; k++)
            assert_true(rec_ended(s->sections[REC_TOOL]->v[k])); /* no call is left open */
        snapshot_unref(s);
        struct ui *ui = screen_open(log, 80, 24);
        screen_golden(ui, golden);
        screen_free(ui);
    }
}

/* What waited for a yes, or for a choice, waits no more once its line is left by another way than Esc. */
static void test_left_lines(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tasks", 80, 24);
    screen_keys(ui, ":trust\r", 5);
    assert_true(ui->confirm.open);
    screen_keys(ui, "\x1b" "2", 5); /* Alt-2 */
    assert_false(ui->confirm.open);
    screen_keys(ui, ":yes\r", 5);
    assert_null(strstr(screen_acted(), "policy.trust"));
    screen_keys(ui, "\x10", 5); /* the palette */
    screen_keys(ui, "\x1b" "3", 5);
    assert_int_equal(ui->chooser.what, CHOOSES_NOTHING);
    /* A page over a pane, and a search in it: Esc leads back to the whole transcript. */
    screen_keys(ui, "\x1b" "2", 5);
    screen_keys(ui, "\r", 5);
    assert_non_null(strstr(screen_verb(ui), "task "));
    screen_keys(ui, ":\x1b", 300);
    screen_wait(ui, 300);
    for (int i = 0; i < 2; i++) { /* the page, the pane */
        screen_keys(ui, "\x1b", 300);
        screen_wait(ui, 300);
    }
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    assert_int_equal(ui->at, PANE_TRANSCRIPT);
    screen_free(ui);
}

/* Arguments that are no JSON are mended, not sent; a path at the beginning is text. */
static void test_not_sent(void **state)
{
    (void)state;
    struct ui *ui = screen_open("approval", 80, 24);
    screen_wait(ui, 1000);
    screen_keys(ui, "e", 500);
    screen_keys(ui, "x\r", 500);
    assert_null(strstr(screen_acted(), "approval.resolve"));
    assert_int_equal(ui->approve.state, APPROVE_ARGUMENTS);
    screen_keys(ui, "\x7f\r", 500);
    assert_non_null(strstr(screen_acted(), "approval.resolve"));
    screen_free(ui);
    ui = screen_open("success", 80, 24);
    screen_keys(ui, "/usr is full, what now\r", 5);
    assert_non_null(strstr(screen_acted(), "/usr is full, what now"));
    screen_keys(ui, "/usrx\r", 5);
    assert_string_equal(screen_acted(), "");
    screen_free(ui);
}

/* What a stopped turn did not read comes back to who added it, and to nobody else. */
static void test_unsent(void **state)
{
    (void)state;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct name_list own = {0};
    struct snapshot *s = screen_replay("steered", 0, NULL);
    const char *turn = rec_key(s->sections[REC_TURN]->v[0]);
    assert_false(unsent_text(s, turn, &own, &text));
    name_list_add(&own, "mine");
    assert_true(unsent_text(s, turn, &own, &text));
    assert_string_equal(buf_cstr(&text), "mine");
    name_list_done(&own);
    snapshot_unref(s);
}

static void test_empty(void **state)
{
    (void)state;
    struct ui *ui = screen_open(NULL, 80, 24);
    screen_golden(ui, "empty-80x24");
    screen_free(ui);
}

static void test_pages(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tool-ok", 80, 24);
    screen_keys(ui, "?", 50);
    screen_golden(ui, "help-80x24");
    screen_keys(ui, "q", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    /* The keys of where it was asked for come first. */
    screen_keys(ui, "\x1b" "3?", 50);
    assert_true(str_starts(buf_view(&ui->pager.doc.text), context_titles[CONTEXT_TOOLS]));
    screen_keys(ui, "?", 50); /* and the same key closes it */
    assert_int_equal(ui->focus, FOCUS_PANE);
    screen_keys(ui, "\r?", 50); /* over another page as well */
    assert_string_equal(ui->pager.title, "help");
    screen_keys(ui, "q\x1b", 50);
    screen_keys(ui, ":mo", 50);
    screen_golden(ui, "line-80x24");
    screen_keys(ui, "\t ", 50);
    screen_golden(ui, "line-arguments-80x24");
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_keys(ui, "\x0f", 50); /* ^O */
    screen_golden(ui, "unfolded-80x24");
    screen_keys(ui, "\x0f", 50);
    screen_keys(ui, "\t((\r", 50);
    screen_golden(ui, "pane-80x24");
    screen_free(ui);
}

/* No size and no log draws outside the canvas or fails; the sanitizers look on. */
static void test_any_size(void **state)
{
    (void)state;
    static const int widths[] = {1, 2, 3, 20, 39, 40, 41, 79, 100, 300};
    static const int heights[] = {1, 2, 3, 7, 8, 9, 11, 12, 19, 20, 50, 1000};
    for (size_t l = 0; l < ARRAY_LEN(logs); l++) {
        struct ui *ui = screen_open(logs[l], 80, 24);
        screen_keys(ui, "\x10\x1b", 50); /* the palette was open */
        screen_keys(ui, "some text that is longer than a row of forty cells \xe6\x97\xa5", 1);
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            for (size_t h = 0; h < ARRAY_LEN(heights); h++) {
                canvas_resize(&ui->canvas, widths[w], heights[h]);
                screen_draw(ui);
                assert_true(ui->canvas.cursor_x < widths[w]);
                assert_true(ui->canvas.cursor_y < heights[h]);
            }
        }
        screen_free(ui);
    }
}

/* The same for the pages that live. */
static void test_panes_at_any_size(void **state)
{
    (void)state;
    static const int widths[] = {1, 39, 40, 41, 80, 99, 100, 159, 160, 300};
    static const int heights[] = {1, 7, 8, 9, 12, 19, 20, 24, 1000};
    static const char *const keys[] = {"\x1b" "2", "\x1b" "3", "\x1b" "4",
                                       "\x1b" "5", "\x1b" "6", "\x1b" "7"};
    for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
        struct ui *ui = screen_open("tasks", 80, 24);
        screen_keys(ui, keys[k], 50);
        screen_keys(ui, "jjjjjjjjk", 1);
        for (size_t w = 0; w < ARRAY_LEN(widths); w++) {
            for (size_t h = 0; h < ARRAY_LEN(heights); h++) {
                canvas_resize(&ui->canvas, widths[w], heights[h]);
                screen_draw(ui);
                assert_true(ui->canvas.cursor_x < widths[w]);
                assert_true(ui->canvas.cursor_y < heights[h]);
            }
        }
        screen_free(ui);
    }
}

/* ---- what keys do ---- */

/* What the cursor of the pane is on. */
static const char *on_row(struct ui *ui)
{
    static char id[ID_MAX];
    struct panel *p = &ui->panels[ui->at];
    struct str on = doc_row_id(&p->doc, p->view.cursor);
    snprintf(id, sizeof(id), "%.*s", STR_ARG(on));
    return id;
}

static void test_submit(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    screen_keys(ui, "say \"hi\"\r", 10);
    assert_string_equal(screen_acted(), "turn.submit {\"session\":\"ses_0000000001\",\"input\":"
                                        "\"say \\\"hi\\\"\",\"source\":\"console\"}");
    assert_true(editor_empty(ui->composer));
    screen_keys(ui, "\r  \r", 10); /* nothing to send */
    assert_string_equal(screen_acted(), "");
    screen_keys(ui, "\x15", 10);
    screen_keys(ui, "one\x1b\rtwo\ntwo\r", 50);
    assert_non_null(strstr(screen_acted(), "\"input\":\"one\\ntwo\\ntwo\""));
    screen_keys(ui, "\x1b[A", 50); /* the last comes back */
    assert_true(str_is(editor_text(ui->composer), "one\ntwo\ntwo"));
    screen_free(ui);
}

static void feed(struct ui *ui, const char *bytes)
{
    struct input_event ev;
    input_feed(ui->input, str_of(bytes), screen_now());
    while (input_next(ui->input, &ev))
        ui_input(ui, &ev, screen_now());
    screen_draw(ui);
}

/* A long paste stands by a name and is sent whole. */
static void test_long_paste(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    CLEANUP(buf_free) struct buf paste = BUF_OWN;
    buf_puts(&paste, "\x1b[200~");
    for (int i = 1; i <= 12; i++)
        buf_printf(&paste, "row %d\n", i);
    buf_puts(&paste, "\x1b[201~");
    screen_keys(ui, "see ", 10);
    feed(ui, buf_cstr(&paste));
    screen_wait(ui, 100);
    assert_true(str_is(editor_text(ui->composer), "see [pasted 12 lines #1]"));
    assert_string_equal(screen_acted(), "");
    screen_keys(ui, "\x7f", 10); /* it goes whole */
    assert_true(str_is(editor_text(ui->composer), "see "));
    feed(ui, buf_cstr(&paste));
    screen_wait(ui, 100);
    screen_keys(ui, " and [pasted 12 lines #7]\r", 10); /* one that is none is text */
    const char *did = screen_acted();
    assert_non_null(strstr(did, "\"input\":\"see row 1\\nrow 2\\n"));
    assert_non_null(strstr(did, "\\nrow 12\\n and [pasted 12 lines #7]\""));
    feed(ui, "\x1b[200~two\nlines\x1b[201~"); /* a short one is written out */
    screen_wait(ui, 100);
    assert_true(str_is(editor_text(ui->composer), "two\nlines"));
    screen_keys(ui, "\x15", 10);
    editor_clear(ui->composer);
    /* With what is there it must fit into a message. */
    buf_truncate(&paste, 0);
    buf_puts(&paste, "\x1b[200~");
    buf_fill(&paste, 'x', (size_t)COMPOSER_MAX - 100);
    buf_puts(&paste, "\x1b[201~");
    feed(ui, buf_cstr(&paste));
    screen_wait(ui, 100);
    assert_true(str_is(editor_text(ui->composer), "[pasted 1 line #3]"));
    feed(ui, buf_cstr(&paste));
    screen_wait(ui, 100);
    assert_true(str_is(editor_text(ui->composer), "[pasted 1 line #3]"));
    assert_non_null(strstr(ui->notice, "does not fit"));
    screen_free(ui);
}

/* Text of a terminal that does not mark pastes: lines stay together. */
/* One that was cut, and then has no room beside what is written, is not said to be there. */
static void test_cut_paste(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    buf_fill(&text, 'a', INPUT_PASTE_MAX);
    struct input_event ev = {.type = INPUT_PASTE, .paste = buf_view(&text), .cut = true, .last = true};
    screen_keys(ui, "b", 10);
    ui_input(ui, &ev, screen_now());
    assert_true(str_is(editor_text(ui->composer), "b"));
    assert_true(str_starts(str_of(ui->notice), "that does not fit: "));
    screen_keys(ui, "\x15", 10);
    ui_input(ui, &ev, screen_now());
    assert_true(str_starts(str_of(ui->notice), "the paste was cut after "));
    assert_true(str_starts(editor_text(ui->composer), "[pasted 1 line #"));
    screen_free(ui);
}

static void test_unmarked_paste(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    feed(ui, "one\rtwo\rthree");
    assert_string_equal(screen_acted(), "");
    assert_true(str_is(editor_text(ui->composer), "one\ntwo\nthree"));
    feed(ui, "\r");
    assert_non_null(strstr(screen_acted(), "one\\ntwo\\nthree"));
    screen_free(ui);
}

static void test_commands(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    screen_keys(ui, ":mode auto\r", 10);
    assert_string_equal(screen_acted(), "policy.mode {\"mode\":\"auto\"}");
    screen_keys(ui, "/mode plan\r", 10);
    assert_string_equal(screen_acted(), "policy.mode {\"mode\":\"plan\"}");
    screen_keys(ui, "\x1b[Z", 10); /* the mode is ask: on to edits */
    assert_string_equal(screen_acted(), "policy.mode {\"mode\":\"edits\"}");
    screen_keys(ui, ":qit\r", 10);
    assert_non_null(strstr(ui->notice, "nearest is :quit"));
    assert_false(ui->quit);
    screen_keys(ui, "/etc/passwd is what?\r", 10);
    assert_non_null(strstr(screen_acted(), "turn.submit"));
    screen_keys(ui, "/nothing\r", 10);
    assert_string_equal(screen_acted(), "");
    assert_true(str_is(editor_text(ui->composer), "/nothing")); /* not sent, not lost */
    screen_keys(ui, "\x15", 10);
    screen_keys(ui, ":reset\rno\r", 10);
    assert_string_equal(screen_verb(ui), "");
    screen_keys(ui, ":reset\ryes\r", 10);
    assert_string_equal(screen_verb(ui), "reset --yes in ses_0000000001");
    screen_keys(ui, ":tool-stats 'a b'\r", 10);
    assert_string_equal(screen_verb(ui), "tool-stats 'a b' in ses_0000000001");
    screen_keys(ui, ":map\r", 10);
    assert_int_equal(ui->focus, FOCUS_PAGER);
    screen_keys(ui, "q", 10);
    screen_keys(ui, ":write notes.md\r", 10);
    assert_string_equal(screen_verb(ui), "session-export notes.md in ses_0000000001");
    screen_keys(ui, ":policy why bash\r", 10);
    assert_non_null(strstr(ui->notice, ":policy takes [permissive"));
    assert_false(ui->confirm.open);
    screen_keys(ui, ":policy strict\rno\r", 10);
    assert_string_equal(screen_acted(), "");
    screen_keys(ui, ":trust\ryes\r", 10);
    assert_string_equal(screen_acted(), "policy.trust {}");
    screen_keys(ui, ":log\r", 10);
    assert_int_equal(ui->at, PANE_LOGS);
    assert_true(ui->keylog_n > 5);
    screen_keys(ui, "?", 10);
    assert_int_equal(ui->focus, FOCUS_PAGER);
    screen_keys(ui, "x", 10); /* whoever types wants to write */
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    assert_true(str_is(editor_text(ui->composer), "x"));
    screen_keys(ui, "\x15:q\r", 10);
    assert_true(ui->quit);
    screen_free(ui);
}

static void test_image(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    screen_keys(ui, ":image a.png\r", 10);
    assert_string_equal(screen_verb(ui), "image a.png in ses_0000000001");
    screen_keys(ui, ":image a.png\r", 10);
    screen_verb(ui);
    screen_keys(ui, "look", 10);
    screen_golden(ui, "images-80x24");
    screen_keys(ui, "\x15:image\r", 10); /* none, after all */
    screen_verb(ui);
    assert_int_equal(ui->n_images, 0);
    screen_keys(ui, ":image a.png\r", 10);
    screen_verb(ui);
    screen_keys(ui, "look\r", 10);
    assert_non_null(strstr(screen_acted(), "\"images\":[{\"name\":\"a.png\"}]"));
    assert_int_equal(ui->n_images, 0);
    screen_keys(ui, "on\r", 10);
    assert_null(strstr(screen_acted(), "images"));
    /* One that was refused is there again, with its image. */
    screen_keys(ui, ":image a.png\r", 10);
    screen_verb(ui);
    screen_keys(ui, "look\r", 10);
    struct answer no = {.action = ACT_TURN_SUBMIT, .text = mem_strdup("look")};
    err_set(&no.result.err, ERR_UNSUPPORTED, "it does not look at images");
    ui_answer(ui, &no, screen_now());
    free(no.text);
    assert_int_equal(ui->n_images, 1);
    assert_true(str_is(editor_text(ui->composer), "look"));
    /* With one that was taken it is gone, also when a note is refused after that. */
    screen_keys(ui, "\r# a note\r", 10);
    no = (struct answer){.action = ACT_MEMORY_WRITE, .text = mem_strdup("# a note")};
    err_set(&no.result.err, ERR_UNSUPPORTED, "it is full");
    ui_answer(ui, &no, screen_now());
    assert_int_equal(ui->n_images, 0);
    screen_free(ui);
}

/* The session is there already: going to it must not wait for another snapshot, or the next command
 * would be about the one before. */
static void test_switch(void **state)
{
    (void)state;
    struct ui *ui = screen_open("sessions", 80, 24);
    screen_keys(ui, ":session one\r", 10);
    screen_acted();
    assert_string_equal(ui->session, "ses_0000000002");
    screen_keys(ui, ":rename other\r", 10);
    assert_string_equal(screen_acted(),
                        "session.rename {\"session\":\"ses_0000000002\",\"name\":\"other\"}");
    screen_golden(ui, "session-other-80x24");
    screen_free(ui);
}

/* The calls of the session, the newest first; Enter shows one whole, Esc goes back to it. */
static void test_tools(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tool-failed", 80, 24);
    screen_keys(ui, "\x1b" "3", 50);
    screen_golden(ui, "tools-80x24");
    screen_keys(ui, "\r", 50);
    screen_golden(ui, "tools-call-80x24");
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_PANE);
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_free(ui);
    ui = screen_open("approval", 80, 24);
    screen_keys(ui, "\x1b" "3", 50);
    assert_string_equal(ui->panels[PANE_TOOLS].note, "1, 1 open, 1 waiting");
    screen_free(ui);
}

static void test_sessions(void **state)
{
    (void)state;
    struct ui *ui = screen_open("sessions", 80, 24);
    screen_keys(ui, "\x1b" "7", 50);
    screen_golden(ui, "sessions-80x24");
    screen_keys(ui, "n", 50);
    assert_true(str_is(editor_text(ui->line), "session "));
    screen_free(ui);
}

static void test_tasks(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tasks", 80, 24);
    screen_keys(ui, "\x1b" "2", 50);
    screen_golden(ui, "tasks-80x24");
    assert_string_equal(ui->panels[PANE_TASKS].note, "1/3");
    screen_keys(ui, "jj", 50);
    screen_keys(ui, "d", 50);
    assert_string_equal(screen_acted(), "task.complete {\"task\":\"task_0000000003\"}");
    screen_keys(ui, "r", 50);
    assert_string_equal(screen_acted(),
                        "task.update {\"task\":\"task_0000000003\",\"status\":\"running\"}");
    screen_keys(ui, "b", 50);
    assert_true(str_is(editor_text(ui->line), "task-update 000003 blocked "));
    screen_keys(ui, "no access\r", 50);
    assert_string_equal(screen_verb(ui),
                        "task-update 000003 blocked no access in ses_0000000001");
    assert_int_equal(ui->focus, FOCUS_PANE);
    screen_keys(ui, "x", 50); /* it does not come back, so it wants Enter */
    assert_true(str_is(editor_text(ui->line), "task-cancel 000003"));
    screen_keys(ui, "\x1b", 50);
    assert_string_equal(screen_verb(ui), "");
    screen_keys(ui, "n", 50);
    assert_true(str_is(editor_text(ui->line), "task-create "));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "q", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    /* Ended ones; the cursor stays on its task. */
    screen_keys(ui, ":pane-tasks\r", 50); /* the cursor is where it was */
    screen_keys(ui, "a", 50);
    assert_string_equal(ui->panels[PANE_TASKS].note, "2/5, all");
    assert_string_equal(on_row(ui), "task_0000000003");
    screen_golden(ui, "tasks-all-80x24");
    /* A page over it goes back to it. */
    screen_keys(ui, "\r", 50);
    assert_string_equal(screen_verb(ui), "task 000003 in ses_0000000001");
    screen_keys(ui, "?", 50);
    assert_int_equal(ui->focus, FOCUS_PAGER);
    screen_keys(ui, "q", 50);
    assert_int_equal(ui->focus, FOCUS_PANE);
    assert_string_equal(on_row(ui), "task_0000000003");
    screen_keys(ui, ":task-done \t\t", 50); /* open ones complete */
    assert_true(str_is(editor_text(ui->line), "task-done 000003"));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "@@", 50); /* no key of it, and no text */
    assert_true(editor_empty(ui->composer));
    screen_keys(ui, "\x1b" "1", 50);
    assert_int_equal(ui->focus, FOCUS_PANE);
    screen_free(ui);
    ui = screen_open("success", 80, 24);
    screen_keys(ui, "\x1b" "2dxbr\r", 50);
    assert_string_equal(screen_acted(), "");
    assert_non_null(strstr(ui->notice, "nothing under the cursor"));
    screen_free(ui);
}

static void play(struct ui *ui, const char *json)
{
    struct err e = ERR_INIT;
    struct event *ev = event_parse(str_of(json), &e);
    if (!ev)
        fail_msg("%s", e.message);
    struct draft *d = draft_new(ui->snap);
    if (!draft_check(d, ev, &e))
        fail_msg("%s", e.message);
    draft_reduce(d, ev, "proc_1");
    ui_snapshot(ui, draft_finish(d, ev->seq), screen_now());
    event_unref(ev);
}

static bool on_screen(struct ui *ui, const char *text)
{
    CLEANUP(buf_free) struct buf all = BUF_OWN;
    screen_draw(ui);
    canvas_dump(&ui->canvas, false, &all);
    return str_find(buf_view(&all), str_of(text)) >= 0;
}

static void counts(struct ui *ui, const char *n)
{
    char first[32], tab[32];
    snprintf(first, sizeof(first), " tasks %s", n);
    snprintf(tab, sizeof(tab), " Tasks %s", n);
    if (!on_screen(ui, first) || !on_screen(ui, tab)) {
        CLEANUP(buf_free) struct buf all = BUF_OWN;
        canvas_dump(&ui->canvas, false, &all);
        fail_msg("not %s in\n%s", n, buf_cstr(&all));
    }
}

/* u is about the edit under the cursor, and about the last exchange where there is none. */
static void test_undo_edit(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tool-ok", 120, 40);
    size_t edits = 0, others = 0;
    for (size_t i = 0; i < ui->transcript.items.n; i++) {
        const struct vm_item *item = ui->transcript.items.v[i];
        bool edit = item->tool && strcmp(REC(item->tool, tool)->name, "edit") == 0;
        screen_keys(ui, "\x1b" "1", 300);
        ui->view.cursor = item->first_row;
        screen_keys(ui, "u", 300);
        struct str line = editor_text(ui->line);
        assert_int_equal(ui->focus, FOCUS_LINE);
        assert_true(str_is(line, edit ? "rewind --call call_3 --yes" : "undo"));
        assert_int_equal(edit, strstr(ui->notice, "src/gw/sse.c: to before this call") != NULL);
        edits += edit;
        others += !edit;
        ui_to_composer(ui);
        ui->notice[0] = '\0';
    }
    assert_true(edits == 1 && others > 1);
    screen_free(ui);
}

/* There is a place for every part of the first row. */
static void test_every_part(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 200, 60);
    struct status_row row;
    struct tally tasks = {.all = 1, .open = 1};
    struct rec_job job = {.id = "job_1", .status = "running"};
    struct draft *d = draft_new(ui->snap);
    draft_load(d, rec_new(REC_JOB, &job));
    struct snapshot *s = draft_finish(d, ui->snap->seq + 1);
    struct ui_status all = {.model = "m", .mode = "ask", .gateway = "gw", .sandbox = "none", .branch = "main"};
    snprintf(s->degraded, sizeof(s->degraded), "the disk is full");
    status_make(&row, s, ui->session, "proc_2", "/w", &all, true, &tasks);
    assert_int_equal(row.n, STATUS_PARTS_MAX);
    snapshot_unref(s);
    screen_free(ui);
}

/* The branch stands behind the workspace, which makes room first. */
/* After each turn the first row is asked for again: no frame is made of an answer that says the same, one
 * of any that does not. */
static void test_status_frames(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    struct ui_status now = ui->status;
    int frames = 0;
    for (int i = 0; i < 10; i++) {
        ui->dirty = false;
        ui_status(ui, &now);
        frames += ui->dirty;
    }
    assert_int_equal(frames, 0);
    char *const texts[] = {now.model, now.mode, now.preset, now.gateway, now.sandbox, now.branch};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        ui->dirty = false;
        snprintf(texts[i], 8, "is new");
        ui_status(ui, &now);
        frames += ui->dirty;
    }
    ui->dirty = false;
    now.trusted = !now.trusted;
    ui_status(ui, &now);
    frames += ui->dirty;
    assert_int_equal(frames, ARRAY_LEN(texts) + 1);
    assert_string_equal(ui->status.branch, "is new");
    ui->dirty = ui->status_known = false; /* the first answer of all */
    ui_status(ui, &now);
    assert_true(ui->dirty);
    screen_free(ui);
}

static void test_branch(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 120, 40);
    snprintf(ui->status.branch, sizeof(ui->status.branch), "fix/\x1b[31mred");
    assert_true(on_screen(ui, "  gateway  fix/^[[31mred  ask  "));
    screen_free(ui);
    ui = screen_open("success", 80, 24);
    snprintf(ui->status.branch, sizeof(ui->status.branch), "main");
    assert_true(on_screen(ui, " s:fix-sse  main  ask  bwrap net-off"));
    snprintf(ui->status.branch, sizeof(ui->status.branch), "a-branch-with-a-longer-name");
    assert_false(on_screen(ui, "a-branch"));
    assert_true(on_screen(ui, " s:fix-sse  ask  bwrap net-off") && on_screen(ui, "ctx["));
    screen_free(ui);
}

/* The first row and the tabs say the same of the tasks, also when time alone changes it. */
static void test_tasks_counted(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tasks", 99, 24);
    counts(ui, "1/3");
    char line[300];
    int64_t now = clock_wall_ms();
    snprintf(line, sizeof(line),
             "{\"schema_version\":2,\"seq\":1000,\"ts_ms\":%" PRId64 ",\"task\":\"task_0000000099\",\"kind\":"
             "\"task.created\",\"data\":{\"task_id\":\"task_0000000099\",\"title\":\"by itself\",\"by\":\"operator\"}}",
             now);
    play(ui, line);
    counts(ui, "1/4");
    snprintf(line, sizeof(line),
             "{\"schema_version\":2,\"seq\":1001,\"ts_ms\":%" PRId64 ",\"task\":\"task_0000000099\",\"kind\":"
             "\"task.completed\",\"data\":{\"task_id\":\"task_0000000099\"}}", now);
    play(ui, line);
    counts(ui, "2/4");
    clock_freeze(now + TASKS_FRESH_MS, screen_now() * 1000);
    counts(ui, "2/4");
    clock_freeze(now + TASKS_FRESH_MS + 1, screen_now() * 1000);
    counts(ui, "1/3");
    screen_keys(ui, "\x1b" "2a", 50); /* the pane's title counts what it shows */
    counts(ui, "1/3");
    assert_true(on_screen(ui, " 3/6, all"));
    screen_free(ui);
}

static void test_memory(void **state)
{
    (void)state;
    struct ui *ui = screen_open("tasks", 80, 24);
    screen_keys(ui, "\x1b" "4", 50);
    screen_golden(ui, "memory-80x24");
    assert_string_equal(ui->panels[PANE_MEMORY].note, "3 entries, 1 pinned");
    screen_keys(ui, "p", 50);
    assert_string_equal(screen_acted(),
                        "memory.pin {\"memory\":\"mem_0000000001\",\"off\":true}");
    screen_keys(ui, "jp", 50);
    assert_string_equal(screen_acted(), "memory.pin {\"memory\":\"mem_0000000003\"}");
    screen_keys(ui, "x", 50);
    assert_string_equal(screen_acted(), "memory.forget {\"memory\":\"mem_0000000003\"}");
    screen_keys(ui, "u", 50);
    assert_string_equal(screen_acted(), "memory.restore {\"memory\":\"mem_0000000003\"}");
    screen_keys(ui, "u", 50);
    assert_string_equal(screen_acted(), "");
    screen_keys(ui, "/", 50);
    screen_keys(ui, "sse", 50); /* with every letter */
    assert_string_equal(ui->panels[PANE_MEMORY].note, "1 found of sse");
    screen_golden(ui, "memory-search-80x24");
    screen_keys(ui, "x", 50);
    assert_string_equal(ui->panels[PANE_MEMORY].note, "0 found of ssex");
    screen_keys(ui, "\x7f\r", 50);
    assert_string_equal(ui->panels[PANE_MEMORY].note, "1 found of sse");
    assert_int_equal(ui->focus, FOCUS_PANE);
    screen_keys(ui, "a", 50);
    assert_string_equal(ui->panels[PANE_MEMORY].note, "0 forgotten");
    screen_keys(ui, "a", 50);
    assert_string_equal(ui->panels[PANE_MEMORY].note, "3 entries, 1 pinned");
    screen_keys(ui, "\r", 50);
    assert_string_equal(screen_verb(ui), "memory-show 000001 in ses_0000000001");
    screen_keys(ui, ":pane-memory sse\r", 50);
    assert_string_equal(ui->panels[PANE_MEMORY].note, "1 found of sse");
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_free(ui);
}

static void test_interrupt(void **state)
{
    (void)state;
    struct ui *ui = screen_open("running", 80, 24);
    screen_keys(ui, "\x1b", 50);
    assert_string_equal(screen_acted(), "turn.cancel {\"turn\":\"turn_0000000001\"}");
    screen_keys(ui, "?\x1b", 50); /* only the page closes */
    assert_string_equal(screen_acted(), "");
    screen_keys(ui, "\x03", 50);
    assert_non_null(strstr(screen_acted(), "turn.cancel"));
    screen_keys(ui, "\x03", 50);
    assert_non_null(strstr(ui->notice, "once more"));
    assert_false(ui->quit);
    screen_keys(ui, "a\x03\x03", 50); /* another key begins anew */
    assert_false(ui->quit);
    screen_keys(ui, "\x03", 50);
    assert_true(ui->quit);
    screen_free(ui);

    ui = screen_open("running", 80, 24);
    screen_keys(ui, "\x03", QUIT_MS + 1);
    screen_keys(ui, "\x03", QUIT_MS + 1);
    screen_keys(ui, "\x03", QUIT_MS + 1);
    assert_false(ui->quit);
    screen_free(ui);
}

/* ---- panes, side by side ---- */

static const struct pane_key {
    enum pane_id pane;
    const char *key;
} pane_keys[] = {
    {PANE_TRANSCRIPT, "\x1b" "1"}, {PANE_TASKS, "\x1b" "2"}, {PANE_TOOLS, "\x1b" "3"},
    {PANE_MEMORY, "\x1b" "4"},     {PANE_GATEWAY, "\x1b" "5"}, {PANE_LOGS, "\x1b" "6"},
    {PANE_SESSIONS, "\x1b" "7"},
};

/* Each at three sizes, with what is recorded of tasks, memory, calls and requests. */
static void test_each_pane(void **state)
{
    (void)state;
    static const struct {
        int w, h;
    } at[] = {{80, 24}, {120, 40}, {200, 60}};
    for (size_t k = 0; k < ARRAY_LEN(at); k++) {
        for (size_t i = 0; i < ARRAY_LEN(pane_keys); i++) {
            char name[100];
            struct ui *ui = screen_open("everything", at[k].w, at[k].h);
            screen_keys(ui, pane_keys[i].key, 50);
            assert_int_equal(ui->at, pane_keys[i].pane);
            snprintf(name, sizeof(name), "in-%s-%dx%d", pane_table[ui->at].name, at[k].w, at[k].h);
            screen_golden(ui, name);
            screen_free(ui);
        }
    }
}

/* Tab goes through those that are on the screen, and all of them where only one is. */
static void test_cycle(void **state)
{
    (void)state;
    static const struct {
        int w, h;
        const char *order;
    } rows[] = {{80, 24, "01234560"}, {120, 40, "012340"}, {200, 60, "01234560"}, {120, 19, "01234560"}};
    for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
        struct ui *ui = screen_open("everything", rows[k].w, rows[k].h);
        for (const char *p = rows[k].order; *p; p++) {
            screen_keys(ui, "\t", 10);
            assert_int_equal(ui->focus, FOCUS_PANE);
            assert_int_equal(ui->at, *p - '0');
        }
        screen_keys(ui, "\x1b[Z", 10);
        assert_int_equal(ui->at, rows[k].order[strlen(rows[k].order) - 2] - '0');
        screen_keys(ui, "\x1b", 50);
        assert_int_equal(ui->focus, FOCUS_COMPOSER);
        assert_int_equal(ui->at, PANE_TRANSCRIPT);
        screen_free(ui);
    }
}

static void test_zoom(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 120, 40);
    screen_keys(ui, "\x1b" "3z", 50);
    screen_golden(ui, "zoom-120x40");
    screen_keys(ui, "\x1b", 50); /* one level: all of them again */
    assert_int_equal(ui->at, PANE_TOOLS);
    assert_false(ui->zoom);
    screen_keys(ui, "z", 50);
    screen_keys(ui, "\x1b" "1", 50); /* the zoom goes along */
    assert_true(ui->zoom);
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_free(ui);
}

/* Boxes tile the screen: inside of it, none over another, whatever its size. */
static void test_layout(void **state)
{
    (void)state;
    for (int w = 1; w <= 300; w += 7) {
        for (int h = 1; h <= 120; h += 3) {
            for (enum pane_id at = 0; at < PANE_COUNT; at++) {
                struct layout l = layout_make(
                    &(struct layout_wants){.w = w, .h = h, .composer = 3, .at = at, .zoom = w % 2 == 0});
                assert_true(l.pane[at].h > 0 || h < 6);
                for (int i = 0; i < PANE_COUNT; i++) {
                    const struct rect *a = &l.pane[i];
                    assert_true(a->x >= 0 && a->y >= 0 && a->x + a->w <= w && a->y + a->h <= h);
                    for (int k = 0; a->h > 0 && k < i; k++) {
                        const struct rect *b = &l.pane[k];
                        bool apart = b->h == 0 || a->x >= b->x + b->w || b->x >= a->x + a->w ||
                                     a->y >= b->y + b->h || b->y >= a->y + a->h;
                        assert_true(apart);
                    }
                }
            }
        }
    }
}

/* ---- searching ---- */

static void test_find(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    screen_keys(ui, "\t/SSE", 50);
    assert_true(str_is(editor_text(ui->line), "find SSE"));
    size_t first = ui->view.cursor;
    screen_golden(ui, "find-80x24");
    screen_keys(ui, "\r", 50);
    assert_true(ui_finds(ui));
    screen_keys(ui, "\x7f", 50);
    assert_int_equal(ui->view.cursor, first);
    screen_keys(ui, "/sse\r", 50); /* small letters find both */
    size_t at = ui->view.cursor;
    screen_keys(ui, "n", 50);
    assert_true(ui->view.cursor != at);
    screen_keys(ui, "N", 50);
    assert_int_equal(ui->view.cursor, at);
    screen_keys(ui, "/never there\r", 50);
    assert_string_equal(ui->notice, "\"never there\" is not here");
    screen_keys(ui, "\x1b", 50); /* the search first, then the pane */
    assert_int_equal(ui->focus, FOCUS_PANE);
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_keys(ui, ":find one frame\r", 50);
    assert_int_equal(ui->at, PANE_TRANSCRIPT);
    assert_true(ui_finds(ui));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b", 50);
    /* In a page and in a pane. */
    screen_keys(ui, "?/transcript\r", 50);
    size_t found = ui->pager.view.cursor;
    screen_keys(ui, "n", 50);
    assert_true(ui->pager.view.cursor != found);
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b" "3/read\r", 50);
    assert_true(ui->panels[PANE_TOOLS].view.cursor > 0);
    screen_free(ui);
}

/* Which of how many it is stands where the pane or page says what it is. */
static void test_find_count(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    screen_keys(ui, "\x1b" "3g/sse", 50); /* while it is written */
    assert_true(on_screen(ui, "/sse 1 of 3"));
    screen_keys(ui, "\rnn", 50);
    assert_true(on_screen(ui, "/sse 3 of 3"));
    screen_keys(ui, "N", 50);
    assert_true(on_screen(ui, "/sse 2 of 3"));
    screen_keys(ui, "/nowhere\r", 50);
    assert_false(on_screen(ui, " of 3"));
    screen_keys(ui, "\x1b", 50);
    assert_false(on_screen(ui, " of "));
    screen_free(ui);
    ui = screen_open("everything", 120, 40);
    screen_keys(ui, "?/mode", 50);
    assert_true(on_screen(ui, "/mode 1 of "));
    screen_free(ui);
}

/* End in an empty composer goes to the newest; with something written it is a key of that. */
static void test_end(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 60, 16);
    screen_keys(ui, "\x1b[5~", 50);
    assert_true(on_screen(ui, "End goes to the newest"));
    screen_keys(ui, "ab\x1b[H", 50);
    assert_true(on_screen(ui, "PgDn goes on"));
    screen_keys(ui, "\x1b[F" "c", 50);
    assert_true(str_is(editor_text(ui->composer), "abc"));
    assert_true(on_screen(ui, "PgDn goes on"));
    screen_keys(ui, "\x15\x1b[F", 50);
    assert_true(on_screen(ui, "following"));
    screen_free(ui);
}

/* How long it goes on is seen however long the words are that say what does. */
static void test_activity(void **state)
{
    (void)state;
    struct canvas c = CANVAS_NONE;
    struct rec_turn turn = {.id = "t"};
    struct activity a = {.turn = &turn, .running = true, .since_ms = 1000};
    memset(a.what, 'w', sizeof(a.what) - 1);
    canvas_resize(&c, 60, 1);
    for (int64_t now = 1000; now < 200000; now += 59500) {
        static const char *const took[] = {" 0s ", " 59s ", " 1m59s ", " 2m58s "};
        CLEANUP(buf_free) struct buf row = BUF_OWN;
        canvas_clear(&c);
        view_activity(&c, (struct rect){0, 0, 60, 1}, &a, now);
        canvas_dump(&c, false, &row);
        assert_non_null(strstr(buf_cstr(&row), took[now / 59500]));
        assert_non_null(strstr(buf_cstr(&row), "Esc stop"));
    }
    canvas_done(&c);
}

/* The button or the wheel at a place of the screen. */
static void at(struct ui *ui, int button, int x, int y)
{
    char bytes[40];
    snprintf(bytes, sizeof(bytes), "\x1b[<%d;%d;%dM", button, x + 1, y + 1);
    screen_keys(ui, bytes, 10);
}

enum { LEFT = 0, WHEEL_UP = 64, WHEEL_DOWN = 65 };

static void test_mouse(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 16);
    screen_keys(ui, "words", 10);
    at(ui, WHEEL_UP, 5, 5); /* whoever writes goes on writing */
    assert_false(ui->view.follow);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    at(ui, WHEEL_DOWN, 5, 15);
    assert_true(ui->view.follow);
    assert_true(str_is(editor_text(ui->composer), "words"));
    CLEANUP(buf_free) struct buf all = BUF_OWN;
    canvas_dump(&ui->canvas, false, &all);
    struct str rest = buf_view(&all), line = STR("");
    str_line(&rest, &line);
    str_line(&rest, &line);
    for (enum pane_id i = PANE_TASKS; i < PANE_COUNT; i++) { /* the bar */
        char title[32];
        snprintf(title, sizeof(title), "%d %s", (int)i + 1, pane_table[i].tab);
        int x = (int)str_find(line, str_of(title));
        at(ui, LEFT, x + 2, 1);
        assert_int_equal(ui->at, i);
        assert_int_equal(ui->focus, FOCUS_PANE);
    }
    at(ui, LEFT, 3, 1); /* the first one is where people write */
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_keys(ui, "\x1b" "3", 10);
    at(ui, LEFT, 10, 2); /* the names of the columns are no row */
    assert_int_equal(ui->panels[PANE_TOOLS].view.cursor, 0);
    assert_int_equal(ui->focus, FOCUS_PANE);
    at(ui, LEFT, 10, 4);
    assert_int_equal(ui->panels[PANE_TOOLS].view.cursor, 1);
    assert_int_equal(ui->focus, FOCUS_PANE);
    at(ui, LEFT, 10, 4); /* once more: Enter */
    assert_int_equal(ui->focus, FOCUS_PAGER);
    at(ui, WHEEL_DOWN, 10, 3);
    assert_int_equal(ui->pager.view.top, MIN((size_t)3, ui->pager.view.total - MIN(ui->pager.view.total, ui->pager.view.height)));
    at(ui, LEFT, 10, ui_layout_now(ui).composer.y);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    assert_true(str_is(editor_text(ui->composer), "words"));
    screen_keys(ui, "\x15:mode", 10); /* what is written on the line stays */
    at(ui, LEFT, 5, 1);
    assert_true(str_is(editor_text(ui->line), "mode"));
    screen_keys(ui, "\x1b", 50);
    screen_free(ui);

    ui = screen_open("everything", 120, 40); /* the head of a call opens it */
    size_t i = 0;
    while (!ui->transcript.items.v[i]->foldable)
        i++;
    const struct vm_item *item = ui->transcript.items.v[i];
    size_t y = 2 + item->first_row + (item->gap ? 1 : 0) - ui->view.top;
    bool was = item->folded;
    at(ui, LEFT, 5, (int)y);
    assert_int_equal(item->folded, !was);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    at(ui, LEFT, 5, (int)y + 20);
    assert_non_null(strstr(ui->notice, ":mouse off"));
    struct rect tools = ui_layout_now(ui).pane[PANE_TOOLS];
    at(ui, LEFT, tools.x + 3, tools.y + 3); /* the border, the names of the columns, a row */
    assert_int_equal(ui->at, PANE_TOOLS);
    assert_int_equal(ui->panels[PANE_TOOLS].view.cursor, 1);
    screen_keys(ui, ":mouse off\r", 10);
    assert_false(ui->mouse);
    screen_keys(ui, ":mouse maybe\r", 10);
    assert_string_equal(ui->notice, ":mouse takes on or off");
    screen_free(ui);
}

/* A click or the wheel is no answer, and takes none away. */
static void test_mouse_and_question(void **state)
{
    (void)state;
    struct ui *ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    at(ui, LEFT, 2, 20);
    at(ui, WHEEL_UP, 2, 5);
    assert_string_equal(screen_acted(), "");
    screen_keys(ui, "y", 400);
    assert_non_null(strstr(screen_acted(), "\"approve\":true"));
    screen_free(ui);
}

static void test_stash_and_reader(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 120, 40);
    screen_keys(ui, "\x13", 50); /* ^S */
    assert_string_equal(ui->notice, "nothing was put aside");
    screen_keys(ui, "for later\x13", 50);
    assert_true(editor_empty(ui->composer));
    screen_keys(ui, "\x13", 50);
    assert_true(str_is(editor_text(ui->composer), "for later"));
    screen_keys(ui, "\x14", 50); /* ^T */
    assert_true(ui->zoom && ui->at == PANE_TRANSCRIPT && ui->focus == FOCUS_PANE);
    screen_keys(ui, "\x14", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    assert_false(ui->zoom);
    assert_true(str_is(editor_text(ui->composer), "for later"));
    screen_keys(ui, "\x1bm", 50);
    assert_true(str_is(editor_text(ui->line), "model "));
    screen_free(ui);
}

/* What stands below a name begins, or ends, in its cells, in each pane and form; a head is there only where
 * there is room for it, and no more rows are shown, nor pages turned, than there is room for below it. */
static void test_heads(void **state)
{
    static const struct {
        int w, h;
    } forms[] = {{80, 24}, {120, 40}, {200, 60}, {41, 13}, {1000, 300}};
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct ui *ui = screen_open("everything", forms[i].w, forms[i].h);
        for (enum pane_id pane = PANE_TASKS; pane < PANE_COUNT; pane++) {
            const struct panel *p = &ui->panels[pane];
            char alt[3] = {'\x1b', (char)('1' + pane), '\0'};
            screen_keys(ui, alt, 50);
            struct layout l = ui_layout_now(ui);
            struct rect inside = layout_inside(&l, l.pane[pane]), rows = ui_pane_rows(ui, pane, inside);
            bool headed = rows.h < inside.h;
            assert_int_equal(headed, inside.h >= 6);
            assert_int_equal(p->view.height, rows.h);
            CLEANUP(buf_free) struct buf all = BUF_OWN;
            canvas_dump(&ui->canvas, false, &all);
            assert_int_equal(str_find(buf_view(&all), str_of(p->columns.v[0].name)) >= 0, headed);
            /* Each row has a span for each column that has cells, as the head has. */
            const struct doc_row *head = &p->head.rows.v[0], *row = &p->doc.rows.v[0];
            for (size_t s = 0, k = 0; s < row->n; s++) {
                const struct doc_span *span = &p->doc.spans.v[row->first + s];
                if (span->column == 0 || p->columns.v[span->column - 1].narrow == COLUMN_REST)
                    continue;
                while (k < head->n && p->head.spans.v[head->first + k].column != span->column)
                    k++;
                assert_true(k < head->n);
                const struct doc_span *name = &p->head.spans.v[head->first + k];
                assert_int_equal(width_str(str_sub(buf_view(&p->doc.text), span->from, span->n)),
                                 width_str(str_sub(buf_view(&p->head.text), name->from, name->n)));
                assert_int_equal(span->right, name->right);
            }
        }
        screen_free(ui);
    }
    /* The last row is the last below the head, too. */
    struct ui *ui = screen_open("everything", 80, 14);
    for (int i = 0; i < 40; i++)
        log_warn("line %d of many", i);
    screen_keys(ui, "\x1b" "6", 50);
    screen_keys(ui, "G", 50);
    const struct panel *p = &ui->panels[PANE_LOGS];
    assert_int_equal(p->view.top + p->view.height, p->doc.rows.n);
    assert_true(on_screen(ui, "line 39 of many"));
    assert_true(on_screen(ui, "TIME     WHAT"));
    screen_keys(ui, "t", 50); /* without the time its name is not there, either */
    assert_false(on_screen(ui, "TIME"));
    assert_true(on_screen(ui, " WHAT        TEXT"));
    screen_keys(ui, "g/line 7 of", 50); /* found below the head, and marked there */
    assert_true(on_screen(ui, "line 7 of many"));
    screen_free(ui);
}

/* The order, the size and the place of panes. */
static void test_pane_keys(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 120, 40);
    screen_keys(ui, "\x1b" "3", 50);
    CLEANUP(mem_free_p) char *first = mem_strdup(on_row(ui));
    screen_keys(ui, "I", 50); /* the cursor stays on its call */
    assert_string_equal(on_row(ui), first);
    assert_int_equal(ui->panels[PANE_TOOLS].view.cursor, 2);
    screen_keys(ui, "I>", 50);
    assert_string_equal(ui->notice, "sorted by TOOL");
    screen_golden(ui, "sorted-120x40"); /* also its frame says so, for as long as it lasts */
    screen_keys(ui, "I", 50);
    assert_true(on_screen(ui, " 3, by TOOL, turned round "));
    screen_keys(ui, "I<", 50);
    assert_false(on_screen(ui, "by TOOL"));
    assert_int_equal(ui->panels[PANE_TOOLS].sorted, 0);
    screen_keys(ui, "<", 50);
    assert_int_equal(ui->panels[PANE_TOOLS].sorted, 5);
    screen_keys(ui, ">", 50);
    assert_int_equal(ui->panels[PANE_TOOLS].sorted, 0);
    int before = ui_layout_now(ui).pane[PANE_TOOLS].w;
    screen_keys(ui, "+", 50);
    assert_int_equal(ui_layout_now(ui).pane[PANE_TOOLS].w, before + 4);
    screen_keys(ui, "_", 50);
    screen_keys(ui, "\x1b" "4-", 50);
    assert_int_equal(ui->at, PANE_TOOLS);
    screen_keys(ui, "y", 50);
    assert_non_null(strstr(ui->notice, "copied "));
    screen_keys(ui, "Z", 50);
    assert_true(ui->paused);
    screen_keys(ui, "ZR", 50);
    assert_false(ui->paused);
    screen_keys(ui, "\x1b" "2I", 50);
    assert_string_equal(ui->notice, "this keeps its own order");
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1bl", 50); /* Alt-l */
    assert_int_equal(ui_layout_now(ui).status.h, 0);
    screen_golden(ui, "bare-120x40");
    screen_keys(ui, "\x1bl", 50);
    assert_int_equal(ui_layout_now(ui).status.h, 1);
    screen_free(ui);
}

/* An entry of the log that needs several rows is one all the same: sorted, turned round and copied. */
static void test_long_log_line(void **state)
{
    (void)state;
    static const char words[] = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen";
    struct ui *ui = screen_open("everything", 80, 24);
    const struct doc *d = &ui->panels[PANE_LOGS].doc;
    log_warn("%s", words);
    screen_keys(ui, "\x1b" "6R", 50);
    for (const char *key = ">>I><<"; *key; key++) {
        screen_keys(ui, (char[]){*key, '\0'}, 50);
        size_t row = 0;
        while (row < d->rows.n && d->rows.v[row].joint == DOC_OWN)
            row++;
        assert_true(row > 0 && row < d->rows.n);
        size_t last = d->rows.v[row - 1].first + d->rows.v[row - 1].n - 1;
        assert_true(str_starts(str_sub(buf_view(&d->text), d->spans.v[last].from, d->text.len), "one two"));
        ui->panels[PANE_LOGS].view.cursor = row;
    }
    screen_keys(ui, "y", 50);
    /* "12:00:00 warn        one two ...": the line as it was, not in rows. */
    char expected[80];
    snprintf(expected, sizeof(expected), "copied %zu bytes", 22 + strlen(words));
    assert_non_null(strstr(ui->notice, expected));
    screen_free(ui);
}

/* What does not fit the row says so, and is in the log. */
static void test_long_notice(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    log_level(LOG_INFO);
    ui_notice(ui, LOOK_FAIL, "%s", "this is longer than eighty cells, and what has to be done about it stands at the "
                                   "very end: say yes");
    ui->log_warnings = 0; /* of the tests before */
    screen_golden(ui, "long-notice-80x24");
    screen_keys(ui, ":log\r", 50);
    assert_true(str_find(buf_view(&ui->panels[PANE_LOGS].doc.text), STR("say yes")) >= 0);
    log_level(LOG_WARN);
    screen_free(ui);
}

/* Only what is as grave as was asked for, and no keys. */
static void test_log_level(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    const struct doc *d = &ui->panels[PANE_LOGS].doc;
    log_warn("a warning");
    log_msg(LOG_ERROR, "an error");
    screen_keys(ui, ":log error\r", 50);
    assert_int_equal(ui->at, PANE_LOGS);
    assert_true(str_find(buf_view(&d->text), STR("an error")) >= 0);
    assert_true(str_find(buf_view(&d->text), STR("a warning")) < 0);
    assert_true(str_find(buf_view(&d->text), STR(":log")) < 0);
    screen_keys(ui, ":log warn\r", 50);
    assert_true(str_find(buf_view(&d->text), STR("a warning")) >= 0);
    screen_keys(ui, ":log loud\r", 50);
    assert_non_null(strstr(ui->notice, ":log takes [all|error"));
    screen_keys(ui, ":log all\r", 50);
    assert_true(str_find(buf_view(&d->text), STR(":run")) >= 0);
    screen_free(ui);
}

/* A message that is too long for a terminal is copied whole, to a file that is named. */
static void test_copy_long(void **state)
{
    (void)state;
    struct ui *ui = screen_open("streaming", 80, 24);
    CLEANUP(mem_free_p) char *dir = test_tmpdir("copy");
    CLEANUP(buf_free) struct buf code = BUF_OWN, event = BUF_OWN, copied = BUF_OWN;
    struct err e = ERR_INIT;
    buf_puts(&code, "```c");
    while (code.len < 200 * 1024)
        buf_puts(&code, "\\na line of it;"); /* as JSON has it */
    buf_puts(&code, "\\n```");
    buf_printf(&event, "{\"schema_version\":2,\"seq\":1000,\"ts_ms\":1790000009000,\"session\":\"ses_0000000001\","
               "\"turn\":\"turn_0000000001\",\"kind\":\"turn.message\",\"data\":{\"entry\":\"msg_long\",\"role\":"
               "\"assistant\",\"content\":[{\"type\":\"text\",\"part\":\"part_1\",\"text\":\"%s\"}]}}", buf_cstr(&code));
    struct ui_env env = *ui->env;
    CLEANUP(mem_free_p) char *copies = fs_join(dir, "copies");
    ui->env = &env;
    env.copies = copies;
    play(ui, buf_cstr(&event));
    screen_keys(ui, "\x1b" "1", 50);
    screen_keys(ui, "Gy", 50);
    CLEANUP(mem_free_p) char *path = fs_join(copies, "1.txt");
    if (!strstr(ui->notice, path))
        fail_msg("%s", ui->notice);
    OK(fs_read_file(path, &copied, &e));
    size_t lines = 0;
    for (size_t i = 0; i < copied.len; i++)
        lines += copied.data[i] == '\n';
    assert_int_equal(copied.len + lines, code.len); /* "\n" is one byte now */
    assert_true(str_ends(buf_view(&copied), "\na line of it;\n```"));
    /* Nowhere to put it is said, and the next one finds its place. */
    env.copies = path;
    screen_keys(ui, "y", 50);
    if (!str_starts(str_of(ui->notice), "not copied: ") || !strstr(ui->notice, path))
        fail_msg("%s", ui->notice);
    env.copies = NULL;
    screen_keys(ui, "y", 50);
    assert_non_null(strstr(ui->notice, "no place for a file"));
    /* The newest ones stay, and so does what is none of them. */
    CLEANUP(mem_free_p) char *mine = fs_join(copies, "mine.txt");
    assert_int_equal(mkdir(mine, 0700), 0);
    env.copies = copies;
    for (int i = 2; i <= COURIER_KEPT + 2; i++)
        screen_keys(ui, "y", 50);
    assert_true(fs_exists(mine));
    for (int i = 1; i <= COURIER_KEPT + 2; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%d.txt", i);
        CLEANUP(mem_free_p) char *one = fs_join(copies, name);
        assert_int_equal(fs_exists(one), i > 2);
    }
    screen_free(ui);
}

/* Of what is copied while a copy is on its way, the newest goes next. */
static void test_copy_again(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    CLEANUP(mem_free_p) char *dir = test_tmpdir("copies");
    CLEANUP(buf_free) struct buf text = BUF_OWN, got = BUF_OWN;
    struct ui_env env = *ui->env;
    struct err e = ERR_INIT;
    ui->env = &env;
    env.copies = dir;
    for (char c = 'a'; c <= 'c'; c++) {
        buf_clear(&text);
        buf_fill(&text, c, 100000);
        ui_copy(ui, buf_view(&text)); /* nobody takes the first one back yet */
        assert_true(ui->courier.thread.running);
        assert_string_equal(ui->notice, "copying 100000 bytes ...");
    }
    screen_wait(ui, 50);
    CLEANUP(mem_free_p) char *second = fs_join(dir, "2.txt"), *third = fs_join(dir, "3.txt");
    OK(fs_read_file(second, &got, &e));
    assert_true(str_eq(buf_view(&got), buf_view(&text)));
    assert_false(fs_exists(third));
    ui_copy(ui, STR("x")); /* as much as a terminal takes goes at once */
    assert_string_equal(ui->notice, "copied 1 byte, if the terminal allows it");
    screen_free(ui);
}

/* Diffs in three ways; the log with and without its time. */
static void test_diff_styles(void **state)
{
    (void)state;
    static const char diff[] = "--- a/x.c\n+++ b/x.c\n@@ -1,5 +1,5 @@\n int main(void)\n {\n"
                               "-    write(fd, ev, n);\n-    return 0;\n+    writev(fd, iov, n);\n"
                               "+    return 1; /* a comment that is longer than half of the width */\n"
                               "+    x(\x1b[31m);\n }\n\\ No newline at end of file\n";
    for (enum diff_style style = DIFF_LINES; style <= DIFF_SIDES; style++) {
        struct doc d = DOC_INIT;
        diff_rows(&d, 1, 80, style, str_of(diff));
        CLEANUP(buf_free) struct buf text = BUF_OWN;
        for (size_t i = 0; i < d.rows.n; i++) {
            buf_fill(&text, ' ', (size_t)d.rows.v[i].indent);
            for (size_t k = 0; k < d.rows.v[i].n; k++) {
                const struct doc_span *s = &d.spans.v[d.rows.v[i].first + k];
                bool mark = s->look == LOOK_ADDED_WORD || s->look == LOOK_REMOVED_WORD;
                buf_puts(&text, mark ? "<" : "");
                buf_str(&text, str_sub(buf_view(&d.text), s->from, s->n));
                buf_puts(&text, mark ? ">" : "");
            }
            buf_putc(&text, '\n');
        }
        char name[32];
        snprintf(name, sizeof(name), "diff-%d", (int)style);
        text_golden(&text, name);
        doc_done(&d);
    }
    /* Every width, and words in any script. */
    for (int width = 1; width < 200; width++)
        for (enum diff_style style = DIFF_LINES; style <= DIFF_SIDES; style++) {
            struct doc d = DOC_INIT;
            diff_rows(&d, 1, width, style, STR("@@ -1 +1 @@\n-\xE6\x97\xA5\xE6\x9C\xAC x\n+\xE6\x97\xA5 x\n-\n+\n"));
            assert_true(d.rows.n >= 3);
            doc_done(&d);
        }
    struct ui *ui = screen_open("everything", 120, 40);
    screen_keys(ui, "\x1b" "1s", 50);
    assert_string_equal(ui->notice, "diffs with old and new side by side");
    screen_keys(ui, "w", 50);
    assert_int_equal(ui->transcript.diff, DIFF_WORDS);
    screen_keys(ui, "w", 50);
    assert_string_equal(ui->notice, "diffs line by line");
    screen_keys(ui, "\x1b" "6", 50);
    const struct panel *p = &ui->panels[PANE_LOGS];
    size_t before = p->doc.spans.v[0].n;
    screen_keys(ui, "t", 50);
    assert_int_equal(before, 9);
    assert_int_not_equal(p->doc.spans.v[0].n, before);
    screen_keys(ui, "tw", 50);
    assert_true(ui->log_look.cut && !ui->log_look.timeless);
    screen_free(ui);
}

/* What a key does to one row it does to all that are marked. */
static void test_marks(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    const struct panel *p = &ui->panels[PANE_TASKS];
    screen_keys(ui, "\x1b" "2", 50);
    screen_keys(ui, "  ", 50); /* each goes a row down */
    assert_string_equal(ui->notice, "2 marked; U unmarks");
    assert_int_equal(p->view.cursor, 2);
    assert_true(p->doc.rows.v[0].marked && p->doc.rows.v[1].marked && !p->doc.rows.v[2].marked);
    screen_golden(ui, "marks-80x24");
    screen_keys(ui, "x", 50);
    struct str line = editor_text(ui->line);
    assert_true(str_starts(line, "task-cancel "));
    assert_int_equal(line.n, strlen("task-cancel ") + 6 + 1 + 6);
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "gd", 50); /* wherever the cursor is */
    const char *did = screen_acted(), *second = strchr(did, '\n');
    assert_true(strncmp(did, "task.complete ", 14) == 0);
    assert_non_null(second);
    assert_true(strncmp(second, "\ntask.complete ", 15) == 0);
    assert_null(strchr(second + 1, '\n'));
    assert_int_equal(p->marks.names.n, 0);
    screen_keys(ui, "g U", 50);
    assert_int_equal(p->marks.names.n, 0);
    screen_keys(ui, "g  kk  ", 50); /* and off again */
    assert_string_equal(ui->notice, "nothing is marked");
    screen_free(ui);
}

/* In sessions x is about all that are marked and says how many; a name is for one. */
static void test_marked_sessions(void **state)
{
    (void)state;
    struct ui *ui = screen_open("sessions", 80, 24);
    const struct panel *p = &ui->panels[PANE_SESSIONS];
    screen_keys(ui, "\x1b" "7", 50);
    screen_keys(ui, "  ", 50);
    screen_keys(ui, "r", 50);
    assert_int_equal(ui->focus, FOCUS_PANE);
    assert_string_equal(ui->notice, "2 are marked, and a name is for one; U unmarks");
    screen_keys(ui, "x", 50);
    assert_true(str_is(editor_text(ui->line), "reset fix-sse two"));
    screen_keys(ui, "\r", 50);
    assert_non_null(strstr(ui->notice, ":reset of 2  "));
    screen_keys(ui, "no\r", 50);
    assert_string_equal(screen_verb(ui), "");
    assert_int_equal(p->marks.names.n, 2); /* nothing was done to them */
    screen_keys(ui, "x\ryes\r", 50);
    assert_string_equal(screen_verb(ui), "reset fix-sse two --yes in ses_0000000001");
    assert_int_equal(p->marks.names.n, 0);
    /* The one that is marked, wherever the cursor is; the one under it when none is. */
    screen_keys(ui, "g ", 50);
    screen_keys(ui, "x", 50);
    assert_true(str_is(editor_text(ui->line), "reset fix-sse"));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "r", 50);
    assert_true(str_is(editor_text(ui->line), "rename fix-sse"));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "Ugjx", 50);
    assert_true(str_is(editor_text(ui->line), "reset two"));
    screen_keys(ui, "\x1b", 50);
    screen_free(ui);
}

/* A name of several words stays one name. */
static void test_session_of_words(void **state)
{
    (void)state;
    struct ui *ui = screen_open("sessions", 80, 24);
    play(ui, "{\"schema_version\":2,\"seq\":1000,\"ts_ms\":1790000000000,\"kind\":\"session.renamed\","
             "\"session\":\"ses_0000000001\",\"data\":{\"name\":\"the \\\"other\\\" one\"}}");
    screen_keys(ui, "\x1b" "7gx", 50);
    assert_true(str_is(editor_text(ui->line), "reset \"the \\\"other\\\" one\""));
    screen_keys(ui, "\r", 50);
    assert_null(strstr(ui->notice, " of "));
    screen_free(ui);
}

/* A record as it is kept; where the operator was. */
static void test_raw_and_places(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 120, 40);
    screen_keys(ui, "\x1b" "2Y", 50);
    assert_int_equal(ui->focus, FOCUS_PAGER);
    screen_golden(ui, "raw-120x40");
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b" "3Y", 50);
    assert_string_equal(ui->pager.title, "record");
    screen_keys(ui, "\x1b\x1b", 50);
    screen_keys(ui, "\x1b" "1Y", 50);
    assert_string_equal(ui->pager.title, "record");
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b" "6Y", 50);
    assert_string_equal(ui->notice, "there is no record of that");
    screen_keys(ui, "[", 50);
    assert_int_equal(ui->at, PANE_TRANSCRIPT);
    screen_keys(ui, "[", 50);
    assert_int_equal(ui->at, PANE_TOOLS);
    screen_keys(ui, "[[", 50);
    assert_int_equal(ui->at, PANE_TASKS);
    assert_string_equal(ui->notice, "this is where you began");
    screen_keys(ui, "]", 50);
    assert_int_equal(ui->at, PANE_TOOLS);
    screen_keys(ui, "\x1b" "4]", 50); /* what lay ahead is gone */
    assert_int_equal(ui->at, PANE_MEMORY);
    assert_string_equal(ui->notice, "this is where you are");
    screen_free(ui);
}

/* What has a meaning of its own in the composer. */
static void test_signs(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 120, 40);
    screen_keys(ui, "!make check", 50);
    screen_golden(ui, "shell-120x40");
    screen_keys(ui, "\r", 50);
    assert_non_null(strstr(screen_acted(), "\"input\":\"!make check\",\"model\":\"local/offline\""));
    screen_keys(ui, "# small commits\r", 50);
    const char *did = screen_acted();
    assert_true(strncmp(did, "memory.write ", 13) == 0 && strstr(did, "\"summary\":\"small commits\""));
    screen_keys(ui, "# a title\n\nand text\r", 50); /* several lines are something to say */
    screen_keys(ui, "\x1b" "3", 50);
    screen_keys(ui, "r", 50);
    assert_non_null(strstr(screen_acted(), "\"input\":\"call "));
    screen_free(ui);
}

/* Esc twice, when there is nothing to leave; not when something was written between. */
static void test_escape_twice(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    screen_keys(ui, "\x1b", 50);
    assert_string_equal(screen_verb(ui), "");
    screen_keys(ui, "\x1b", 50);
    assert_string_equal(screen_verb(ui), "branches in ses_0000000001");
    screen_keys(ui, "\x1b\x1b", 50); /* in one read */
    screen_verb(ui);
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "a", 50);
    screen_keys(ui, "\x1b", 50);
    assert_string_equal(screen_verb(ui), "");
    screen_free(ui);
}

/* From what is under the cursor; a question is asked anew; at the newest where it parted. */
static void test_branch_here(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    screen_keys(ui, "\t", 50);
    screen_keys(ui, "gb", 50);
    assert_true(str_starts(editor_text(ui->line), "rewind msg_"));
    assert_true(str_ends(editor_text(ui->line), " --only messages"));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b" "1", 50);
    screen_keys(ui, "g)b", 50);
    assert_true(str_starts(editor_text(ui->line), "branch @"));
    screen_keys(ui, "\r", 50);
    assert_true(str_starts(str_of(screen_verb(ui)), "branch @"));
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x1b" "1", 50);
    screen_keys(ui, "Gb", 50);
    assert_string_equal(screen_verb(ui), "branches in ses_0000000001");
    screen_free(ui);
}

/* '@' names a file. */
static void test_mention(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    screen_keys(ui, "mail me@", 50); /* not at the begin of a word */
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_keys(ui, "\x15" "explain @", 50);
    assert_int_equal(ui->chooser.what, CHOOSES_FILE);
    screen_files(ui);
    screen_golden(ui, "files-80x24");
    screen_keys(ui, "sse.c\r", 50);
    assert_true(str_is(editor_text(ui->composer), "explain @src/gw/sse.c "));
    screen_keys(ui, "and @b c\r", 50); /* a blank, and it was none */
    assert_non_null(strstr(screen_acted(), "explain @src/gw/sse.c and @b c"));
    screen_keys(ui, "@ru", 50);
    screen_files(ui);
    screen_keys(ui, "\x1b", 50); /* it stays as it was written */
    assert_true(str_is(editor_text(ui->composer), "@ru"));
    screen_keys(ui, "\t", 50); /* and Tab looks for it again */
    screen_files(ui);
    assert_true(str_is(editor_text(ui->line), "ru"));
    screen_keys(ui, "\r", 50);
    assert_true(str_is(editor_text(ui->composer), "@\"docs/run me.md\" "));
    screen_keys(ui, "\x15/re\t", 50);
    assert_int_equal(ui->chooser.what, CHOOSES_COMMAND);
    assert_true(str_is(editor_text(ui->line), "re"));
    assert_true(editor_empty(ui->composer));
    screen_free(ui);
}

/* ---- choosing from a list ---- */

/* Where something is cut, none of its characters is, and what stands at the right edge is as wide as it is
 * drawn: of each text the bytes end inside a character of three. */
static void test_cut_characters(void **state)
{
    static const char replaced[] = "\xEF\xBF\xBD", day[] = "\xE6\x97\xA5";
    (void)state;
    CLEANUP(buf_free) struct buf days = BUF_OWN;
    for (int i = 0; i < 200; i++)
        buf_puts(&days, day);
    struct ui *ui = screen_open("success", 200, 60);
    struct err e = ERR_INIT;
    for (int i = 0; i < 2; i++) { /* one that is to run, and one behind it */
        char id[ID_MAX];
        snprintf(id, sizeof(id), "turn_000000009%d", i);
        struct event_ids ids = {.session = "ses_0000000001", .turn = id};
        struct event *ev = event_new(EV_TURN_CREATED, &ids,
                                     &(struct ev_turn_created){.input = buf_cstr(&days), .source = "console"});
        ev->seq = ui->snap->seq + 1;
        ev->ts_ms = clock_wall_ms();
        struct draft *d = draft_new(ui->snap);
        OK(draft_check(d, ev, &e));
        draft_reduce(d, ev, "proc_1");
        ui_snapshot(ui, draft_finish(d, ev->seq), screen_now());
        event_unref(ev);
    }
    screen_draw(ui);
    assert_true(on_screen(ui, " 1 queued: \"\xE6\x97\xA5"));
    assert_true(on_screen(ui, "\xE6\x97\xA5\" --"));
    assert_false(on_screen(ui, "\xE6\x97\xA5\" ---"));
    assert_false(on_screen(ui, replaced));
    ui_notice(ui, LOOK_NOTICE, "%s", buf_cstr(&days));
    screen_draw(ui);
    assert_false(on_screen(ui, replaced));
    ui->notice[0] = '\0';
    screen_keys(ui, buf_cstr(&days), 0);
    screen_keys(ui, "\r\x12", 50); /* ^R: what was asked before */
    assert_true(on_screen(ui, day));
    assert_false(on_screen(ui, replaced));
    screen_keys(ui, "\x1b", 50);
    CLEANUP(mem_free_p) char *find = mem_printf("\t/%s", buf_cstr(&days));
    screen_keys(ui, find, 0);
    assert_false(on_screen(ui, replaced));
    screen_free(ui);
    /* The first row, and the one of what goes on. */
    struct rec_turn turn = {.id = "t", .session = "s", .status = "running", .started_ms = 1, .input = ""};
    struct rec_session session = {.id = "s", .name = buf_cstr(&days)};
    struct rec_tool tool = {.id = "c", .session = "s", .turn = "t", .name = "bash", .status = "started"};
    CLEANUP(mem_free_p) char *arguments = mem_printf("{\"command\":\"%s\"}", buf_cstr(&days));
    tool.arguments = body_of(str_of(arguments));
    struct snapshot *empty = snapshot_empty();
    struct draft *d = draft_new(empty);
    draft_load(d, rec_new(REC_SESSION, &session));
    draft_load(d, rec_new(REC_TURN, &turn));
    draft_load(d, rec_new(REC_TOOL, &tool));
    body_unref(tool.arguments);
    struct snapshot *s = draft_finish(d, 1);
    struct status_row row;
    struct activity a;
    struct tally none = {0};
    status_make(&row, s, "s", NULL, NULL, &(struct ui_status){0}, false, &none);
    assert_true(utf8_valid(str_of(row.parts[1].text)));
    activity_make(&a, s, "s");
    assert_true(str_starts(str_of(a.what), "bash "));
    assert_true(utf8_valid(str_of(a.what)));
    snapshot_unref(s);
    snapshot_unref(empty);
}

static void test_palette(void **state)
{
    (void)state;
    struct ui *ui = screen_open("everything", 80, 24);
    screen_keys(ui, "\x10", 50); /* ^P */
    screen_golden(ui, "palette-80x24");
    screen_keys(ui, "paint", 50); /* by its help: "redraw" says "paint the screen again" */
    assert_string_equal(chooser_chosen(&ui->chooser)->text, "redraw");
    screen_keys(ui, "\x15pane-to\r", 50);
    assert_int_equal(ui->at, PANE_TOOLS);
    assert_int_equal(ui->chooser.what, CHOOSES_NOTHING);
    screen_keys(ui, "\x1b", 50);
    screen_keys(ui, "\x10rename\r", 50); /* it wants a name */
    assert_true(str_is(editor_text(ui->line), "rename "));
    screen_keys(ui, "other\r", 50);
    assert_non_null(strstr(screen_acted(), "session.rename"));
    screen_keys(ui, "\x10zzzzqqq", 50);
    assert_null(chooser_chosen(&ui->chooser));
    screen_keys(ui, "\r", 50); /* nothing to take: it stays */
    assert_int_equal(ui->focus, FOCUS_LINE);
    screen_keys(ui, "\x1b", 50);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_keys(ui, "\x10\x1b[A", 50); /* up from the first is the last */
    assert_int_equal(ui->chooser.at, ui->chooser.shown.n - 1);
    screen_keys(ui, "\t", 50);
    assert_int_equal(ui->chooser.at, 0);
    screen_free(ui);
}

static void test_history(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    screen_keys(ui, "count the files\r", 10);
    screen_keys(ui, "mend the parser\r", 10);
    screen_keys(ui, "\x12", 50); /* ^R */
    assert_string_equal(chooser_chosen(&ui->chooser)->text, "mend the parser");
    screen_keys(ui, "coun\r", 50);
    assert_true(str_is(editor_text(ui->composer), "count the files"));
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_free(ui);
    ui = screen_open(NULL, 80, 24);
    screen_keys(ui, "\x12", 50);
    assert_string_equal(ui->notice, "nothing was asked before");
    screen_free(ui);
}

/* ---- questions, through the whole console ---- */

static void test_answer(void **state)
{
    (void)state;
    struct ui *ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500); /* time passes */
    screen_keys(ui, "y", 299);
    assert_string_equal(screen_acted(), "");
    screen_wait(ui, 10);
    assert_string_equal(screen_acted(), "approval.resolve {\"approval\":\"app_1\",\"approve\":true,"
                                        "\"scope\":\"once\"}");
    screen_free(ui);

    ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "a", 400);
    screen_golden(ui, "approval-scope-80x24");
    screen_keys(ui, "\r", 10);
    assert_non_null(strstr(screen_acted(), "\"scope\":\"session\""));
    screen_free(ui);

    /* Esc closes what is shown of it, and the letters count as before. */
    ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "d", 800);
    assert_int_equal(ui->focus, FOCUS_PAGER);
    screen_keys(ui, "\x1b", 800);
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    assert_false(ui->approve.later);
    screen_keys(ui, "y", 400);
    assert_non_null(strstr(screen_acted(), "\"approve\":true"));
    screen_free(ui);

    ui = screen_open("approval-risky", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "y", 400);
    screen_golden(ui, "approval-word-80x24");
    screen_keys(ui, "no\r", 10);
    assert_string_equal(screen_acted(), "");
    assert_true(editor_empty(ui->composer));
    screen_wait(ui, 500);
    screen_keys(ui, "y", 400);
    screen_keys(ui, "later\r", 10); /* written for the composer: it stays */
    assert_string_equal(screen_acted(), "");
    assert_true(str_is(editor_text(ui->composer), "later"));
    screen_keys(ui, "\b\b\b\b\b", 10);
    screen_wait(ui, 500);
    screen_keys(ui, "y", 400);
    screen_keys(ui, "yes\r", 10);
    assert_non_null(strstr(screen_acted(), "\"approve\":true"));
    screen_free(ui);
}

static void test_answer_text(void **state)
{
    (void)state;
    struct ui *ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "yes, but later", 120); /* a message, begun on an armed line */
    screen_wait(ui, 2000);
    assert_string_equal(screen_acted(), "");
    assert_true(str_is(editor_text(ui->composer), "yes, but later"));
    screen_keys(ui, "\x1by", 50); /* with text in the composer the chord, then the letter */
    screen_keys(ui, "n", 400);
    screen_keys(ui, "too early\r", 10);
    assert_string_equal(screen_acted(), "approval.resolve {\"approval\":\"app_1\","
                                        "\"reason\":\"too early\"}");
    assert_true(str_is(editor_text(ui->composer), "yes, but later"));
    screen_free(ui);

    ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    feed(ui, "\x1b[200~y\x1b[201~");
    screen_wait(ui, 500);
    feed(ui, "yy");
    screen_wait(ui, 1000);
    assert_string_equal(screen_acted(), "");
    assert_true(str_is(editor_text(ui->composer), "yyy"));
    screen_free(ui);
}

/* All that is written is seen while there is room for it, however long what stands before it is. */
static void fills(struct ui *ui, struct editor *ed)
{
    char row[80 * 4 + 1];
    for (int i = 0; i < 30; i++) {
        screen_keys(ui, "words, ", 1);
        struct layout l = ui_layout_now(ui);
        CLEANUP(buf_free) struct buf all = BUF_OWN;
        canvas_dump(&ui->canvas, false, &all);
        struct str rest = buf_view(&all), line;
        int seen = 0;
        for (int y = 0; str_line(&rest, &line); y++) {
            snprintf(row, sizeof(row), "%.*s", STR_ARG(line));
            for (const char *at = row; y >= l.composer.y && y < l.composer.y + l.composer.h && (at = strstr(at, "words,")); at++)
                seen++;
        }
        assert_int_equal(seen, i + 1);
        assert_int_equal(ui->canvas.cursor_y, l.composer.y + l.composer.h - 1);
    }
    assert_int_equal(editor_text(ed).n, 30 * strlen("words, "));
}

static void test_long_prompt(void **state)
{
    (void)state;
    struct ui *ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "n", 400);
    fills(ui, ui->field);
    screen_free(ui);
    ui = screen_open("success", 80, 24);
    screen_keys(ui, ":image a.png\r", 10);
    screen_verb(ui);
    fills(ui, ui->composer);
    screen_keys(ui, "\x15", 10);
    screen_free(ui);
    ui = screen_open("success", 80, 24);
    fills(ui, ui->composer);
    screen_free(ui);
}

static void test_answer_arguments(void **state)
{
    (void)state;
    struct ui *ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "e", 400);
    screen_keys(ui, "\x15{\"path\":\"x\"}\r", 10);
    assert_non_null(strstr(screen_acted(), "\"arguments\":\"{\\\"path\\\":\\\"x\\\"}\""));
    screen_free(ui);

    ui = screen_open("approval", 80, 24);
    screen_wait(ui, 500);
    screen_keys(ui, "d", 400);
    screen_golden(ui, "approval-diff-80x24");
    screen_wait(ui, 500);
    screen_keys(ui, "y", 400); /* answers from the page too */
    assert_non_null(strstr(screen_acted(), "\"approve\":true"));
    assert_int_equal(ui->focus, FOCUS_COMPOSER);
    screen_free(ui);
}

/* Anything typed quickly at the whole console, with questions up: nothing is ever approved. */
static void test_typing_fuzz(void **state)
{
    (void)state;
    static const char *const keys[] = {"y",    "a", "p", "n",  "e", "d",      " ", "s",  "\r",
                                       "\x7f", "?", ":", "\t", "q", "\x1b[A", "/", "\n", "Y"};
    uint64_t seed = test_seed();
    for (int run = 0; run < 60; run++) {
        struct ui *ui = screen_open(run % 2 ? "approval" : "approval-risky", 80, 24);
        screen_wait(ui, (int64_t)(test_random(&seed) % 800));
        for (uint64_t k = 2 + test_random(&seed) % 40; k > 0 && !ui->quit; k--)
            screen_keys(ui, keys[test_random(&seed) % ARRAY_LEN(keys)],
                        (int64_t)(test_random(&seed) % 299));
        screen_wait(ui, 5000);
        const char *did = screen_acted();
        if (strstr(did, "\"approve\":true"))
            fail_msg("typing approved: %s", did);
        screen_free(ui);
    }
}

/* ---- what lies before ---- */

/* A session with 450 entries of which the snapshot has the last. */
static struct snapshot *long_session(void)
{
    struct err e = ERR_INIT;
    struct snapshot *empty = snapshot_empty();
    struct draft *d = draft_new(empty);
    snapshot_unref(empty);
    struct rec_session s = {.id = "ses_long",
                            .name = "long",
                            .proc = "proc_1",
                            .entries = 449,
                            .created_ms = 1,
                            .updated_ms = 1};
    struct rec_turn t = {.id = "t",
                         .session = "ses_long",
                         .status = "running",
                         .source = "console",
                         .input = "x",
                         .started_ms = 1,
                         .created_ms = 1};
    draft_load(d, rec_new(REC_SESSION, &s));
    draft_load(d, rec_new(REC_TURN, &t));
    struct event_ids ids = {.session = "ses_long", .turn = "t"};
    struct event *ev = event_new(
        EV_TURN_MESSAGE, &ids,
        &(struct ev_turn_message){.entry = "m",
                                  .role = "user",
                                  .content = "[{\"type\":\"text\",\"text\":\"the last\"}]"});
    ev->seq = 1;
    OK(draft_check(d, ev, &e));
    draft_reduce(d, ev, "proc_1");
    event_unref(ev);
    return draft_finish(d, 1);
}

static void test_earlier(void **state)
{
    (void)state;
    struct ui *ui = screen_open(NULL, 80, 24);
    ui_snapshot(ui, long_session(), screen_now());
    screen_draw(ui);
    assert_int_equal(ui->transcript.before, 449);
    screen_keys(ui, "\x1b[5~", 10);
    assert_int_equal(ui->transcript.before, 249);
    assert_int_equal(ui->transcript.items.n, 1 + 200 + 1);
    /* The place is kept: what was in view still is. */
    size_t at = vm_transcript_item(&ui->transcript, ui->view.top + ui->view.height - 1);
    assert_true(at >= ui->transcript.items.n - 1);
    screen_keys(ui, "\tg", 10);
    assert_int_equal(ui->transcript.before, 49);
    screen_keys(ui, "gk", 10);
    assert_int_equal(ui->transcript.before, 0);
    assert_int_equal(ui->transcript.items.n, 450);
    for (size_t i = 0; i < 450; i++)
        assert_int_equal(REC(ui->transcript.items.v[i]->entry, entry)->n, i + 1);
    screen_keys(ui, "gk", 10); /* there is no more */
    assert_int_equal(ui->transcript.items.n, 450);
    screen_golden(ui, "earlier-80x24");
    screen_free(ui);
}

/* What leads up to a branch is asked for by itself. When it can not be read that is said once, and only a key
 * asks again. */
static int asked;

static bool fails(void *ctx, const char *name, struct str args, struct cancel *cancel,
                  bool (*give)(void *arg, struct str json), void *arg, int64_t *ret_seq, struct err *e)
{
    (void)ctx, (void)args, (void)cancel, (void)give, (void)arg;
    *ret_seq = 1;
    asked += strcmp(name, "transcript.page") == 0;
    return err_set(e, ERR_IO, "the disk is gone");
}

static void draw_and_fetch(struct ui *ui)
{
    screen_draw(ui);
    if (!ui->fetch.thread.running)
        return;
    struct pollfd p = {.fd = ui->fetch.fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 10000), 1);
    ui_fetched(ui);
}

static void test_earlier_fails(void **state)
{
    (void)state;
    struct ui *ui = screen_open(NULL, 80, 24);
    struct ui_env own = *ui->env;
    own.reader.query = fails;
    ui->env = &own;
    asked = 0;
    struct snapshot *empty = snapshot_empty();
    struct draft *d = draft_new(empty);
    snapshot_unref(empty);
    struct rec_session s = {.id = "ses_fork", .name = "fork", .proc = "proc_1", .base_n = 5, .kept_n = 5,
                            .created_ms = 1, .updated_ms = 1};
    draft_load(d, rec_new(REC_SESSION, &s));
    ui_snapshot(ui, draft_finish(d, 1), screen_now());
    for (int i = 0; i < 5; i++)
        draw_and_fetch(ui);
    assert_int_equal(ui->transcript.before, 5);
    assert_int_equal(asked, 1);
    assert_string_equal(ui->notice, "earlier entries: the disk is gone");
    ui_command(ui, CMD_PAGE_UP, STR(""));
    draw_and_fetch(ui);
    draw_and_fetch(ui);
    assert_int_equal(asked, 2);
    screen_free(ui);
}

/* What was said yes to is told when it is done, whatever is asked about by then. */
static void (*late_done)(void *, const struct action_answer *);
static void *late_arg;

static void submit_late(void *ctx, const char *action, struct str json, const struct principal *who,
                        const char *key, void (*done)(void *, const struct action_answer *), void *arg)
{
    (void)ctx, (void)action, (void)json, (void)who, (void)key;
    late_done = done;
    late_arg = arg;
}

static void test_late_answer(void **state)
{
    (void)state;
    struct ui *ui = screen_open("success", 80, 24);
    struct ui_env own = *ui->env;
    own.actor.submit = submit_late;
    ui->env = &own;
    screen_keys(ui, ":policy strict\ryes\r", 10);
    screen_keys(ui, ":trust revoke\r", 10);
    late_done(late_arg, &(struct action_answer){.accepted = true});
    struct answer answer;
    assert_true(answers_next(ui->answers, &answer));
    ui_answer(ui, &answer, screen_now());
    assert_string_equal(ui->notice, "the preset is strict now");
    screen_keys(ui, "yes\r", 10);
    screen_keys(ui, ":policy balanced\r", 10);
    late_done(late_arg, &(struct action_answer){.accepted = true});
    assert_true(answers_next(ui->answers, &answer));
    ui_answer(ui, &answer, screen_now());
    assert_string_equal(ui->notice, "this directory is not trusted any more");
    screen_free(ui);
}

/* ---- doing no more than is needed ---- */

static void test_only_what_changed(void **state)
{
    (void)state;
    struct vm_transcript t;
    vm_transcript_init(&t);
    for (size_t n = 1; n <= 25; n++) {
        struct snapshot *s = screen_replay("tool-ok", n, NULL);
        vm_transcript_update(&t, s, "ses_0000000001", 80);
        assert_false(vm_transcript_update(&t, s, "ses_0000000001", 80));
        snapshot_unref(s);
    }
    vm_transcript_done(&t);

    vm_transcript_init(&t);
    struct snapshot *s = screen_replay("tool-ok", 0, NULL);
    vm_transcript_update(&t, s, "ses_0000000001", 80);
    size_t items = t.items.n;
    assert_int_equal(t.rebuilt, items);
    vm_transcript_fold(&t, 3);
    vm_transcript_update(&t, s, "ses_0000000001", 80);
    assert_int_equal(t.rebuilt, items + 1);
    vm_transcript_update(&t, s, "ses_0000000001", 79);
    assert_int_equal(t.rebuilt, 2 * items + 1);
    snapshot_unref(s);
    vm_transcript_done(&t);
}

/* An answer that grows gives the same rows as one that came at once. */
static void test_growing_is_the_same(void **state)
{
    (void)state;
    struct vm_transcript grown, whole;
    vm_transcript_init(&grown);
    vm_transcript_init(&whole);
    struct snapshot *last = NULL;
    for (size_t n = 1; n <= 11; n++) {
        snapshot_unref(last);
        last = screen_replay("streaming", n, NULL);
        vm_transcript_update(&grown, last, "ses_0000000001", 30);
    }
    vm_transcript_update(&whole, last, "ses_0000000001", 30);
    assert_int_equal(grown.items.n, whole.items.n);
    for (size_t i = 0; i < whole.items.n; i++) {
        const struct doc *a = &grown.items.v[i]->doc, *b = &whole.items.v[i]->doc;
        assert_int_equal(a->rows.n, b->rows.n);
        assert_int_equal(a->text.len, b->text.len);
        assert_memory_equal(a->text.data, b->text.data, a->text.len);
    }
    snapshot_unref(last);
    vm_transcript_done(&grown);
    vm_transcript_done(&whole);
}

/* No byte of a model or tool reaches a cell as a control character. */
static void test_hostile(void **state)
{
    (void)state;
    struct ui *ui = screen_open("wide", 80, 24);
    screen_draw(ui);
    for (int i = 0; i < ui->canvas.w * ui->canvas.h; i++) {
        for (size_t k = 0; k < CELL_CP_MAX; k++) {
            uint32_t cp = ui->canvas.cells[i].cp[k];
            assert_true(cp == 0 || cp >= 0x20);
            assert_false(cp >= 0x7F && cp < 0xA0);
            assert_false(cp >= 0x202A && cp <= 0x202E);
        }
    }
    screen_free(ui);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_goldens),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_unsent),
        cmocka_unit_test(test_left_lines),
        cmocka_unit_test(test_not_sent),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_any_size),
        cmocka_unit_test(test_panes_at_any_size),
        cmocka_unit_test(test_submit),
        cmocka_unit_test(test_long_paste),
        cmocka_unit_test(test_cut_paste),
        cmocka_unit_test(test_unmarked_paste),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_image),
        cmocka_unit_test(test_switch),
        cmocka_unit_test(test_each_pane),
        cmocka_unit_test(test_cycle),
        cmocka_unit_test(test_zoom),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_find_count),
        cmocka_unit_test(test_end),
        cmocka_unit_test(test_activity),
        cmocka_unit_test(test_mouse),
        cmocka_unit_test(test_mouse_and_question),
        cmocka_unit_test(test_stash_and_reader),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_pane_keys),
        cmocka_unit_test(test_diff_styles),
        cmocka_unit_test(test_copy_long), cmocka_unit_test(test_copy_again),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_marked_sessions),
        cmocka_unit_test(test_session_of_words),
        cmocka_unit_test(test_raw_and_places),
        cmocka_unit_test(test_signs),
        cmocka_unit_test(test_escape_twice),
        cmocka_unit_test(test_branch_here),
        cmocka_unit_test(test_mention),
        cmocka_unit_test(test_cut_characters),
        cmocka_unit_test(test_palette),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_tools),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_tasks_counted),
        cmocka_unit_test(test_status_frames),
        cmocka_unit_test(test_branch),
        cmocka_unit_test(test_every_part),
        cmocka_unit_test(test_undo_edit),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_interrupt),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_answer_text),
        cmocka_unit_test(test_long_prompt),
        cmocka_unit_test(test_answer_arguments),
        cmocka_unit_test(test_typing_fuzz),
        cmocka_unit_test(test_earlier),
        cmocka_unit_test(test_earlier_fails),
        cmocka_unit_test(test_late_answer),
        cmocka_unit_test(test_only_what_changed),
        cmocka_unit_test(test_growing_is_the_same),
        cmocka_unit_test(test_hostile),
        /* The last: what they log is counted in the tabs. */
        cmocka_unit_test(test_long_log_line),
        cmocka_unit_test(test_log_level),
        cmocka_unit_test(test_long_notice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
