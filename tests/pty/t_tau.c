/* SPDX-License-Identifier: MIT
 *
 * The whole program on a terminal, with a scripted model: a file is changed after a yes, an answer
 * is stopped, tau is killed in the middle, and what was seen is there when it comes back.
 */
#include "lib/test.h"

#include "lib/vt.h"

#include "base/base.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *tau;
static char *dir, workspace[4096], home[4096], script[4096];

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static int prepare(void **state)
{
    (void)state;
    char path[5000];
    dir = test_tmpdir("t_tau");
    snprintf(workspace, sizeof(workspace), "%s/work", dir);
    snprintf(home, sizeof(home), "HOME=%s", dir);
    snprintf(script, sizeof(script), "%s/script.jsonl", dir);
    assert_int_equal(mkdir(workspace, 0700), 0);
    snprintf(path, sizeof(path), "%s/a.c", workspace);
    write_file(path, "int main(void)\n{\n    return 0;\n}\n");
    return 0;
}

static int forget(void **state)
{
    (void)state;
    free(dir); /* the directory goes with the build's tests/tmp */
    return 0;
}

static struct vt *start_with(const char *more, const char *setting)
{
    const char *argv[] = {tau,        "-C",   workspace, "--model", "local/script",
                          "--script", script, more,      NULL};
    const char *env[] = {home, setting, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "local/script");
    return v;
}

static struct vt *start(const char *more)
{
    return start_with(more, NULL);
}

static void quit(struct vt *v)
{
    vt_send(v, ":q\r");
    assert_int_equal(vt_end(v), 0);
    assert_false(vt_alternate(v));
    vt_free(v);
}

static bool file_says(const char *text)
{
    char path[5000], line[200];
    snprintf(path, sizeof(path), "%s/a.c", workspace);
    FILE *f = fopen(path, "re");
    bool found = false;
    while (f && fgets(line, sizeof(line), f))
        found |= strstr(line, text) != NULL;
    if (f)
        fclose(f);
    return found;
}

/* How many names in the workspace begin so. */
static int count_files(const char *begin)
{
    int n = 0;
    DIR *d = opendir(workspace);
    assert_non_null(d);
    for (const struct dirent *f; (f = readdir(d));)
        n += strncmp(f->d_name, begin, strlen(begin)) == 0;
    assert_int_equal(closedir(d), 0);
    return n;
}

static void test_edit(void **state)
{
    (void)state;
    write_file(script,
               "[{\"text\":\"Reading.\"},{\"call\":{\"name\":\"read\",\"arguments\":{\"path\":"
               "\"a.c\"}}}]\n"
               "{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"a.c\",\"edits\":[{\"find\":"
               "\"return 0;\",\"replace\":\"return 7;\"}]}}}\n"
               "{\"text\":\"It returns 7 now.\"}\n");
    struct vt *v = start(NULL);
    vt_send(v, "make it seven\r");
    vt_expect(v, "rule:");
    vt_expect(v, "+    return 7;"); /* seen before it is done */
    assert_true(file_says("return 0;"));
    vt_expect(v, "y once");
    vt_pump(v, 450);
    vt_send(v, "y");
    vt_expect(v, "It returns 7 now.");
    assert_true(file_says("return 7;"));
    quit(v);
    v = start("-c");
    vt_expect(v, "> make it seven");
    vt_expect(v, "It returns 7 now.");
    assert_true(vt_shows(v, "edit  a.c"));
    quit(v);
}

/* A verb that says a line is a notice, one that says more is a page; what it can not do is told. */
static void test_verb(void **state)
{
    (void)state;
    write_file(script, "{\"call\":{\"name\":\"ls\",\"arguments\":{\"path\":\".\"}}}\n"
                       "{\"text\":\"Looked.\"}\n");
    struct vt *v = start(NULL);
    vt_send(v, ":tool-stats nobody\r");
    vt_expect(v, "there is no session 'nobody'");
    vt_send(v, "look\r");
    vt_expect(v, "Looked.");
    vt_send(v, ":tool-stats\r");
    vt_expect(v, "1 calls");
    vt_send(v, "/session-show\r");
    vt_expect(v, "what came of it");
    vt_expect(v, "[ls]");
    vt_send(v, "\x1b");
    vt_expect_gone(v, "what came of it");
    vt_send(v, ":config why policy.mode\r");
    vt_expect(v, "policy.mode = ask");
    vt_send(v, "\x1b");
    vt_expect_gone(v, "policy.mode = ask");
    vt_send(v, ":doctor\r");
    vt_expect(v, "doctor summary:");
    vt_send(v, "\x1b");
    vt_expect_gone(v, "doctor summary:");
    vt_send(v, ":session-show --nothing\r");
    vt_expect(v, "unknown option '--nothing'");
    quit(v);
}

/* Somebody asks a server of ours for something: "GET /path", and headers. */
static int send_server(int port, const char *what, const char *headers)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    char head[1024];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    int n = snprintf(head, sizeof(head), "%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s\r\n", what, port, headers);
    assert_true(n > 0 && (size_t)n < sizeof(head));
    assert_int_equal(send(fd, head, (size_t)n, MSG_NOSIGNAL), n);
    return fd;
}

/* How it is, without its word: the beginning of what he gets. */
static void ask_server(int port, char *ret, size_t size)
{
    int fd = send_server(port, "GET /gateway/status", "");
    ssize_t got = recv(fd, ret, size - 1, 0);
    assert_true(got > 0);
    ret[got] = '\0';
    close(fd);
}

/* Another tau on the same store. */
static void other(const char *const *words)
{
    const char *argv[20] = {tau, "-C", workspace};
    size_t n = 3;
    while (*words && n + 1 < ARRAY_LEN(argv))
        argv[n++] = *words++;
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    assert_int_equal(vt_end(v), 0);
    vt_free(v);
}

#define OTHER(...) other((const char *const[]){__VA_ARGS__, NULL})

/* The gateway beside the console: up, asked, what it was asked is seen, and down. */
static void test_gateway(void **state)
{
    (void)state;
    char said[4096];
    write_file(script, "{\"text\":\"-\"}\n");
    struct vt *v = start(NULL);
    vt_send(v, ":gateway\r");
    vt_expect(v, "gateway: down");
    vt_send(v, ":gateway up 0.0.0.0:0\r");
    vt_expect(v, "others can reach tau");
    vt_send(v, ":gateway up :0\r");
    vt_expect(v, "gateway.token");
    vt_expect(v, "gw :");
    const char *badge = strstr(vt_row(v, 0), "gw :");
    assert_non_null(badge);
    int port = atoi(badge + 4);
    ask_server(port, said, sizeof(said));
    assert_non_null(strstr(said, "401"));
    vt_send(v, "\x1b");
    vt_expect_gone(v, "gateway.token");
    vt_send(v, "\x1b" "5");
    vt_expect(v, "401 /gateway/status");
    vt_expect(v, "1 request,");
    ask_server(port, said, sizeof(said)); /* it comes while the pane is looked at */
    vt_expect(v, "2 requests,");
    vt_expect(v, "5 Gw 2^");
    vt_send(v, "\x1b" "6");
    vt_expect(v, ":pane-gateway");
    vt_expect(v, "logs");
    vt_send(v, "\x1b");
    vt_expect_gone(v, ":pane-gateway");
    vt_send(v, ":gateway down\r");
    vt_expect_gone(v, "gw :");
    OTHER("ctl", "gateway.up", "bind=127.0.0.1:0"); /* from another terminal */
    vt_expect(v, "gw :");
    OTHER("ctl", "gateway.down");
    vt_expect_gone(v, "gw :");
    OTHER("ctl", "gateway.up", "bind=nonsense"); /* it is tried, and said that it can not be */
    vt_expect(v, "expected ADDRESS:PORT");
    quit(v);
}

/* The word of the gateway, as a header with one more. */
static void token_header(const char *more, char *ret, size_t size)
{
    char path[5000], token[200] = "";
    snprintf(path, sizeof(path), "%s/store/gateway.token", dir);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(token, sizeof(token), f));
    assert_int_equal(fclose(f), 0);
    token[strcspn(token, "\n")] = '\0';
    snprintf(ret, size, "Authorization: Bearer %s\r\n%s", token, more);
}

/* Requests that go on: listed by what they ask, ended one by one, refused while it drains; and what came of
 * an action. */
static void test_requests(void **state)
{
    (void)state;
    char headers[400], store[5000], said[200];
    write_file(script, "{\"text\":\"-\"}\n");
    snprintf(store, sizeof(store), "--store-dir=%s/store", dir);
    struct vt *v = start(store);
    vt_send(v, ":gateway up :0\r");
    vt_expect(v, "gw :");
    int port = atoi(strstr(vt_row(v, 0), "gw :") + 4);
    vt_send(v, "\x1b");
    vt_expect_gone(v, "gateway.token");
    vt_send(v, "\x1b" "5");
    vt_expect(v, "nobody asked yet");
    token_header("", headers, sizeof(headers));
    int follows = send_server(port, "GET /gateway/operator/events", headers);
    vt_expect(v, "200 /gateway/operator/events");
    vt_expect(v, "1 live");
    vt_send(v, "x");
    vt_expect(v, "0 live");
    while (recv(follows, said, sizeof(said), 0) > 0)
        ; /* it ends, or this test does not */
    close(follows);
    vt_send(v, "x");
    vt_expect(v, "that is over");

    token_header("Content-Length: 25\r\n\r\n{\"title\":\"mend the lamp\"}", headers, sizeof(headers));
    int acts = send_server(port, "POST /gateway/operator/actions/task.create", headers);
    vt_expect(v, "POST .../operator/actions/task.create");
    vt_expect(v, "Tasks 0/1");
    vt_send(v, "gL"); /* the newest is the first */
    vt_expect(v, "task.created");
    vt_expect(v, "as operator");
    vt_expect(v, "mend the lamp");
    close(acts);
    vt_send(v, "q");
    vt_expect_gone(v, "task.created");

    vt_send(v, "D");
    vt_expect(v, "drains");
    token_header("", headers, sizeof(headers));
    int refused = send_server(port, "GET /gateway/operator/state", headers);
    vt_expect(v, "503 /gateway/operator/state");
    close(refused);
    vt_send(v, "D");
    vt_expect_gone(v, "drains");
    quit(v);
}

/* The tour: scripted answers, real tools, and nothing left behind. */
static void test_demo(void **state)
{
    (void)state;
    char tmp[5000];
    snprintf(tmp, sizeof(tmp), "TMPDIR=%s", workspace);
    const char *argv[] = {tau, "demo", NULL};
    const char *env[] = {home, tmp, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "This is a demonstration");
    assert_int_equal(count_files("tau-demo-"), 1);
    vt_send(v, "show me\r");
    vt_expect(v, "+Things to remember for the release.");
    vt_expect(v, "y once");
    vt_pump(v, 450);
    vt_send(v, "y");
    vt_expect(v, "That was one turn");
    vt_send(v, "on\r");
    vt_expect(v, "Both are in the log");
    vt_expect(v, "Tasks 0/2");
    quit(v);
    assert_int_equal(count_files("tau-demo-"), 0);
}

/* Said while a call is asked for: it waits, comes back, is said again, and the model reads it. */
static void test_steer(void **state)
{
    (void)state;
    write_file(script,
               "{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"a.c\",\"edits\":[{\"find\":"
               "\"return 0;\",\"replace\":\"return 7;\"}]}}}\n"
               "[{\"expect\":\"keep the style\"},{\"text\":\"Kept it.\"}]\n"
               "[{\"text\":\"Then this.\"}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "make it seven\r");
    vt_expect(v, "rule:");
    vt_send(v, "keep the colour\r");
    vt_expect(v, "(read after the next call)");
    vt_send(v, "and then\x1b\r");
    vt_expect(v, "(queued)");
    vt_send(v, "\x1b[1;3A"); /* Alt-Up: the newest of both */
    vt_expect_gone(v, "(queued)");
    vt_send(v, "\x15\x1b[1;3A"); /* ^U, and the one before */
    vt_expect_gone(v, "(read after the next call)");
    vt_send(v, "\x17style\r");
    vt_expect(v, "+ keep the style");
    vt_send(v, "after that\x1b\r");
    vt_expect(v, "1 queued");
    vt_pump(v, 450);
    vt_send(v, "\x1by"); /* Alt-y asks for the answers whatever is written */
    vt_pump(v, 450);
    vt_send(v, "y");
    vt_expect(v, "Kept it.");
    vt_expect(v, "Then this.");
    quit(v);
}

/* A request that is sent again: how long it takes, and why, is said; it can be stopped meanwhile.
 */
static void test_retry(void **state)
{
    (void)state;
    write_file(script, "[{\"fail\":{\"reason_code\":\"provider_overloaded\",\"message\":\"too many "
                       "guests\"}},{\"text\":\"in\"}]\n");
    struct vt *v = start_with(NULL, "TAU_TURNS_RETRIES=12");
    vt_send(v, "knock\r");
    vt_expect(v, "asks again in");
    vt_expect(v, "(5 of 13): too many guests");
    vt_send(v, "\x1b");
    vt_expect(v, "-- stopped by operator");
    quit(v);
}

/* What a stopped turn did not read is written again. */
static void test_steer_comes_back(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"So far. \"},{\"stall\":true}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "wait for it\r");
    vt_expect(v, "So far.");
    vt_send(v, "never read\r");
    vt_expect(v, "(read after the next call)");
    vt_send(v, "\x1b");
    vt_expect(v, "(not sent)");
    vt_expect(v, "in the composer again");
    vt_send(v, "\x15"); /* ^U */
    quit(v);
}

/* How many events of this kind have these words: another tau reads the log, whole. */
static int count_events(const char *kind, const char *words)
{
    char command[20000], *line = NULL;
    size_t size = 0;
    snprintf(command, sizeof(command),
             "%s '%s' -C '%s' query log.page '{\"kind\":\"%s\"}' </dev/null", home, tau, workspace,
             kind);
    FILE *f = popen(command, "re");
    assert_non_null(f);
    int n = 0;
    while (getline(&line, &size, f) >= 0)
        n += strstr(line, words) != NULL;
    free(line);
    assert_int_equal(pclose(f), 0);
    return n;
}

/* Killed between the word and its delivery: it is there, as not sent, and no request ever has it. */
static void test_steer_killed(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"So far. \"},{\"stall\":true}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "wait for it\r");
    vt_expect(v, "So far.");
    vt_send(v, "in between\r");
    vt_expect(v, "(read after the next call)"); /* by now it is in the log */
    kill(vt_child_of(vt_pid(v)), SIGKILL);
    assert_true(WIFSIGNALED(vt_end(v)));
    vt_free(v);
    /* Twice: if any of the killed answer was kept by then, it counts as one. */
    write_file(script, "[{\"text\":\"Here again.\"}]\n[{\"text\":\"Here again.\"}]\n");
    v = start("-c");
    vt_expect(v, "process_died");
    vt_expect(v, "(not sent)");
    assert_true(vt_shows(v, "in between"));
    vt_send(v, "and now\r");
    vt_expect(v, "Here again.");
    quit(v);
    assert_int_equal(count_events("turn.steered", "in between"), 1);
    assert_int_equal(count_events("turn.message", "and now"), 1);
    assert_int_equal(count_events("turn.message", "in between"), 0);
}

/* How many command lines, of the process and of its children, have these words in them. */
static int count_lines(pid_t pid, const char *words)
{
    char path[100], text[4096];
    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof(text), f);
    fclose(f);
    int found = memmem(text, n, words, strlen(words)) != NULL;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    f = fopen(path, "re");
    assert_non_null(f);
    for (int child; fscanf(f, "%d", &child) == 1;)
        found += count_lines(child, words);
    fclose(f);
    return found;
}

static void test_a_key_is_on_no_command_line(void **state)
{
    (void)state;
    const char *argv[] = {tau,        "-C",        workspace, "--model",
                          "openai/x", "--api-key", "sk-line", NULL};
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "openai/x");
    for (int i = 0; i < 200 && count_lines(vt_pid(v), "sk-line") > 0; i++)
        vt_pump(v, 100); /* the guardian may come to it later than the console */
    assert_int_equal(count_lines(vt_pid(v), "sk-line"), 0);
    assert_int_equal(count_lines(vt_pid(v), "--api-key"), 2); /* the guardian and the console */
    quit(v);
}

/* The numbers are those of the store: they follow what is done here, by a model, and elsewhere. */
/* Waits until that row of the screen has the text. */
static void expect_row(struct vt *v, int y, const char *text)
{
    for (int i = 0; i < 400 && !strstr(vt_row(v, y), text); i++)
        vt_pump(v, 50);
    if (!strstr(vt_row(v, y), text))
        fail_msg("row %d has no <%s>: <%s>", y, text, vt_row(v, y));
}

static void test_panes(void **state)
{
    (void)state;
    write_file(script, "{\"call\":{\"name\":\"task_create\",\"arguments\":{\"titles\":[\"look\","
                       "\"mend\"]}}}\n{\"text\":\"Planned.\"}\n");
    struct vt *v = start(NULL);
    vt_send(v, "\x1b" "2");
    vt_expect(v, "-- tasks --");
    vt_send(v, "\x1b" "3");
    vt_expect(v, "-- tools --");
    vt_send(v, "\x1b" "2");
    vt_expect(v, "-- tasks --");
    vt_send(v, "n");
    vt_expect(v, ":task-create");
    vt_send(v, "write the notes\r");
    vt_expect(v, "tasks 0/1");
    vt_expect(v, "- write the notes");
    vt_send(v, "\x1b");
    vt_expect_gone(v, "- write the notes");
    vt_send(v, "plan it\r");
    vt_expect(v, "Planned.");
    vt_send(v, "\x1b" "3");
    vt_expect(v, "-- tools 1 --");
    vt_expect(v, "task_create");
    vt_send(v, "\x1b" "7");
    vt_expect(v, "sessions 1");
    vt_expect(v, "TURNS  AGE");
    vt_expect(v, "    1 "); /* that one had a turn */
    OTHER("session", "new", "next");
    vt_expect(v, "sessions 2");
    vt_send(v, "\x1b" "6");
    vt_expect(v, "logs 13 lines"); /* two of them on the turn */
    vt_send(v, "kj");
    vt_expect(v, "logs 15 lines");
    vt_send(v, "\x1b" "2");
    vt_expect(v, "tasks 0/3");
    vt_send(v, "J"); /* down by one: the plan's first step is above it then */
    expect_row(v, 4, "- write the notes");
    vt_send(v, "J");
    expect_row(v, 5, "- write the notes");
    vt_send(v, "J");
    vt_expect(v, "it is the last");
    vt_send(v, "K");
    expect_row(v, 4, "- write the notes");
    vt_send(v, "K");
    expect_row(v, 3, "- write the notes");
    vt_send(v, "d");
    vt_expect(v, "tasks 1/3");
    vt_expect(v, "x write the notes");
    vt_send(v, "jb");
    vt_expect(v, "blocked");
    vt_send(v, "no light\r");
    vt_expect(v, "! look  no light");
    OTHER("task", "create", "ring the bell");
    vt_expect(v, "- ring the bell");
    vt_send(v, "j"); /* and the notice goes */
    vt_expect(v, " tasks 1/4 --");
    vt_send(v, "x");
    vt_expect(v, ":task-cancel");
    vt_send(v, "\r");
    vt_expect(v, "/ mend");
    vt_send(v, "k");
    vt_expect(v, " tasks 1/3 --");
    vt_send(v, "\x1b" "4");
    vt_expect(v, "-- memory --");
    vt_send(v, "n");
    vt_expect(v, ":remember");
    vt_send(v, "the bell is in the tower\r");
    vt_expect(v, "fact        the bell");
    OTHER("memory", "write", "the tower is old", "--type", "observation");
    vt_expect(v, "observation the tower is old");
    vt_send(v, "p");
    vt_expect(v, "memory 2 entries, 1 pinned");
    vt_send(v, "/");
    vt_expect(v, ":pane-memory");
    vt_send(v, "bel");
    vt_expect(v, "memory 1 found of bel");
    vt_send(v, "\r");
    vt_expect(v, "the \xC2\xAB" "bell\xC2\xBB is in the tower");
    vt_send(v, "x");
    vt_expect(v, "nothing is remembered of that");
    vt_send(v, "u");
    vt_expect(v, "memory 1 found of bel");
    vt_send(v, "\x1b");
    vt_expect_gone(v, "memory 1 found");
    quit(v);
}

/* A command for the shell, a file by its letters, a call once more, something to remember. */
static void test_signs(void **state)
{
    (void)state;
    /* A step an answer, also of those that local/offline gave. */
    write_file(script, "{}\n{}\n{}\n{}\n{\"text\":\"I see.\"}\n");
    char path[5000];
    snprintf(path, sizeof(path), "%s/find-me.txt", workspace);
    write_file(path, "x\n");
    struct vt *v = start(NULL);
    vt_send(v, "!echo one two");
    vt_expect(v, "run it in the shell");
    vt_send(v, "\r");
    vt_expect(v, "echo one two ended with exit status 0");
    vt_send(v, "\x1b" "3");
    vt_expect(v, "-- tools 1 --");
    vt_send(v, "r");
    vt_expect(v, "[3 Tools 2]");
    vt_send(v, "\x1b");
    vt_expect_gone(v, "[3 Tools 2]");
    vt_send(v, "look at @fndme");
    vt_expect(v, "[files]");
    vt_expect(v, "find-me.txt");
    vt_send(v, "\r");
    vt_expect(v, "look at @find-me.txt");
    vt_send(v, "\r");
    vt_expect(v, "I see.");
    vt_send(v, "# small commits\r");
    vt_expect(v, "remembered");
    vt_expect(v, "4 Mem 1");
    quit(v);
}

static void test_stop(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"So far. \"},{\"stall\":true}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "wait for it\r");
    vt_expect(v, "So far.");
    vt_send(v, "\x1b");
    vt_expect(v, "-- stopped by operator");
    assert_true(vt_shows(v, "So far."));
    quit(v);
}

static void test_killed(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"first words of it\\n\"},{\"delay_ms\":700},"
                       "{\"text\":\"second words\"},{\"stall\":true}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "tell me\r");
    vt_expect(v, "second words"); /* by now the first are in the log */
    kill(vt_child_of(vt_pid(v)), SIGKILL);
    int status = vt_end(v);
    assert_true(WIFSIGNALED(status));
    assert_false(vt_alternate(v));
    vt_free(v);
    v = start("-c");
    vt_expect(v, "> tell me");
    vt_expect(v, "first words of it");
    vt_expect(v, "process_died");
    quit(v);
}

/* What is wrong with the start is said on the terminal as it was, not on the screen of the console.
 */
static void test_bad_script(void **state)
{
    (void)state;
    write_file(script, "{\"oops\":1}\n");
    const char *argv[] = {tau,        "-C",   workspace, "--model", "local/script",
                          "--script", script, NULL};
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    struct termios before = vt_before(v);
    vt_expect(v, "tau"); /* either it says no at once, or the turn fails with the line */
    if (vt_alternate(v)) {
        vt_send(v, "go\r");
        vt_expect(v, "oops");
        vt_send(v, ":q\r");
    }
    vt_end(v);
    struct termios after = vt_termios(v);
    assert_memory_equal(&before, &after, sizeof(before));
    vt_free(v);
}

/* A second terminal on the same session: it shows what the first one says, and can say something when
 * that one is gone. */
static void test_watch(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"First answer.\"}]\n[{\"text\":\"Second answer.\"}]\n"
                       "[{\"text\":\"Third answer.\"}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "one\r");
    vt_expect(v, "First answer.");
    struct vt *w = start("-c");
    vt_expect(w, "watching");
    vt_expect(w, "First answer.");
    vt_send(v, "two\r");
    vt_expect(v, "Second answer.");
    vt_expect(w, "Second answer.");
    vt_expect(w, "Enter send"); /* until the turn has ended here, too, Enter adds to it */
    vt_send(w, "mine\r");
    vt_expect(w, "is in use by another tau");
    vt_expect(w, "> mine"); /* it is not lost */
    quit(v);
    vt_expect_gone(w, "watching");
    vt_send(w, "\r");
    vt_expect(w, "Third answer.");
    quit(w);
}

/* The first row names the branch, and another one when a command has changed it. */
static void test_branch(void **state)
{
    (void)state;
    char path[5000];
    snprintf(path, sizeof(path), "%s/.git", workspace);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/.git/HEAD", workspace);
    write_file(path, "ref: refs/heads/one\n");
    write_file(script, "[{\"text\":\"Understood.\"}]\n");
    struct vt *v = start(NULL);
    vt_expect(v, " one  ask  ");
    write_file(path, "ref: refs/heads/two\n");
    vt_send(v, "go on\r");
    vt_expect(v, " two  ask  ");
    quit(v);
}

/* The mouse is ours from the start, until it is given back or the end comes. */
static void test_mouse(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"Understood.\"}]\n");
    struct vt *v = start(NULL);
    assert_true(vt_mouse(v));
    vt_send(v, "\x1b[<0;14;2M"); /* 2 Tasks */
    vt_expect(v, "-- tasks --");
    vt_send(v, ":mouse off\r");
    vt_expect(v, "the terminal's own");
    assert_false(vt_mouse(v));
    vt_send(v, ":mouse on\r");
    vt_expect(v, "scrolls and clicks");
    assert_true(vt_mouse(v));
    vt_send(v, ":q\r");
    assert_int_equal(vt_end(v), 0);
    assert_false(vt_mouse(v));
    vt_free(v);
    v = start_with(NULL, "TAU_CONSOLE_MOUSE=false");
    assert_false(vt_mouse(v));
    quit(v);
}

/* Inside tmux what is copied is in its buffer, to be pasted there. */
static void test_copy_in_tmux(void **state)
{
    (void)state;
    char socket[5000], command[9000];
    write_file(script, "[{\"text\":\"Words to be copied.\"}]\n");
    snprintf(socket, sizeof(socket), "%.4000s/tmux", dir);
    snprintf(command, sizeof(command), "exec '%s' -C '%s' --model local/script --script '%s'", tau, workspace, script);
    const char *argv[] = {"/usr/bin/tmux", "-S", socket, "-f", "/dev/null", "new-session", command, NULL};
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "local/script");
    vt_send(v, "one\r");
    vt_expect(v, "Words to be copied.");
    vt_expect(v, "Enter send");
    vt_send(v, "\t");
    vt_expect(v, "Enter open");
    vt_send(v, "y");
    vt_expect(v, "bytes to tmux");
    const char *show[] = {"/usr/bin/tmux", "-S", socket, "show-buffer", NULL};
    struct vt *w = vt_start(show, env, 80, 24);
    vt_expect(w, "Words to be copied.");
    vt_free(w);
    vt_send(v, ":q\r");
    assert_int_equal(vt_end(v), 0);
    vt_free(v);
}

/* A tmux that takes its time holds nobody up: the screen goes on, and what it took is said when it did. */
static void test_copy_to_slow_tmux(void **state)
{
    (void)state;
    char path[5000], bin[5000], fifo[5000], program[9000];
    write_file(script, "[{\"text\":\"Words to be copied.\"}]\n");
    snprintf(bin, sizeof(bin), "PATH=%.2000s/bin:/usr/bin:/bin", dir);
    snprintf(path, sizeof(path), "%.4000s/bin", dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(fifo, sizeof(fifo), "%.4000s/fifo", dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(path, sizeof(path), "%.4000s/bin/tmux", dir);
    snprintf(program, sizeof(program), "#!/bin/sh\ncat >/dev/null\nread -r go <'%s'\n", fifo);
    write_file(path, program);
    assert_int_equal(chmod(path, 0700), 0);
    int go = open(fifo, O_RDWR | O_CLOEXEC); /* both ends: neither of us waits for the other to open it */
    assert_true(go >= 0);
    const char *argv[] = {tau, "-C", workspace, "--model", "local/script", "--script", script, NULL};
    const char *env[] = {home, bin, "TMUX=there", NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "local/script");
    vt_send(v, "one\r");
    vt_expect(v, "Words to be copied.");
    vt_expect(v, "Enter send");
    vt_send(v, "\t");
    vt_expect(v, "Enter open");
    vt_send(v, "y");
    vt_expect(v, "copying 19 bytes");
    vt_send(v, "\x1b");
    vt_expect(v, "Enter send");
    vt_send(v, "meanwhile");
    vt_expect(v, "> meanwhile");
    assert_int_equal(write(go, "go\n", 3), 3);
    vt_expect(v, "copied 19 bytes to tmux");
    vt_send(v, "\x15");
    vt_expect_gone(v, "> meanwhile");
    quit(v);
    close(go);
}

/* The colours change where one stands, and what is no skin says which there are. */
static void test_skin(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"Understood.\"}]\n");
    struct vt *v = start(NULL);
    vt_expect(v, "Enter send");
    vt_send(v, ":skin light\r");
    vt_expect(v, "the colours are light");
    uint32_t light = vt_background(v, 1, 0);
    vt_send(v, ":skin dark\r");
    vt_expect(v, "the colours are dark");
    assert_int_not_equal(vt_background(v, 1, 0), light);
    vt_send(v, ":skin pink\r");
    vt_expect(v, ":skin takes one of auto|dark|light|mono");
    quit(v);
}

/* With an editor that does this. */
static struct vt *start_with_editor(const char *does)
{
    char editor[5000], variable[5100];
    snprintf(editor, sizeof(editor), "%.4000s/editor", dir);
    write_file(editor, does);
    assert_int_equal(chmod(editor, 0700), 0);
    snprintf(variable, sizeof(variable), "EDITOR=%s", editor);
    return start_with(NULL, variable);
}

/* A file is shown in the editor, at its line; the message stays what it is. */
static void test_open(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"Understood.\"}]\n");
    struct vt *v = start_with_editor("#!/bin/sh\necho \"OPENS $# ${1##*/} ${2##*/}\"; read -r line; exit \"$line\"\n");
    vt_send(v, ":open a.c:7\r");
    vt_expect(v, "OPENS 2 +7 a.c");
    assert_false(vt_alternate(v));
    vt_send(v, "0\r");
    vt_expect(v, "Enter send");
    vt_send(v, ":open a.c\r");
    vt_expect(v, "OPENS 1 a.c");
    vt_send(v, "3\r");
    vt_expect(v, "the editor ended with status 3");
    vt_send(v, ":open nothing.c:1\r");
    vt_expect(v, "there is no file 'nothing.c:1' here");
    vt_send(v, ":open\r");
    vt_expect(v, ":open takes a file of the workspace");
    quit(v);
}

/* The message goes out to an editor and comes back, and the terminal is ours again. */
static void test_editor(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"Understood.\"}]\n");
    struct vt *v = start_with_editor("#!/bin/sh\necho IN-EDITOR $(wc -l <\"$1\"); read -r line; printf '%s and %s\\n' \"$(cat \"$1\")\" \"$line\" >\"$1\"\n");
    vt_send(v, "one\x07");
    vt_expect(v, "IN-EDITOR");
    assert_false(vt_alternate(v));
    vt_send(v, "two\r");
    vt_expect(v, "> one and two");
    assert_true(vt_alternate(v));
    vt_send(v, "\x15\x1b[200~1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\x1b[201~"); /* there it is whole */
    vt_expect(v, "[pasted 12 lines #1]");
    vt_send(v, "\x07");
    vt_expect(v, "IN-EDITOR 11");
    vt_send(v, "more\r");
    vt_expect(v, "12 and more");
    vt_send(v, "\r");
    vt_expect(v, "Understood.");
    quit(v);
}

/* What is being written elsewhere is seen before any of it is kept, and it can be stopped from here. */
static void test_watched_text(void **state)
{
    (void)state;
    write_file(script, "[{\"text\":\"kept.\"}]\n[{\"text\":\"live words, \",\"chunk\":3,\"delay_ms\":150},"
                       "{\"stall\":true}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "one\r");
    vt_expect(v, "kept.");
    struct vt *w = start("-c");
    vt_expect(w, "watching");
    vt_send(v, "two\r");
    vt_expect(w, "live");
    vt_expect(w, "live words,");
    vt_send(w, "\x1b"); /* Esc, here */
    vt_expect(v, "-- stopped by");
    vt_expect(w, "-- stopped by");
    quit(w);
    quit(v);
}

/* Its question is seen and answered here, and done there. */
static void test_watched_question(void **state)
{
    (void)state;
    write_file(script,
               "{\"call\":{\"name\":\"edit\",\"arguments\":{\"path\":\"a.c\",\"edits\":[{\"find\":"
               "\"return 0;\",\"replace\":\"return 7;\"}]}}}\n"
               "[{\"text\":\"Done.\"}]\n");
    struct vt *v = start(NULL);
    vt_send(v, "make it seven\r");
    vt_expect(v, "rule:");
    struct vt *w = start("-c");
    vt_expect(w, "watching");
    vt_expect(w, "rule:");
    vt_pump(w, 450);
    vt_send(w, "y"); /* goes there by its socket */
    vt_expect(v, "Done.");
    vt_expect(w, "Done.");
    assert_true(file_says("return 7;"));
    quit(w);
    quit(v);
}

static void in_shell(const char *command)
{
    FILE *f = popen(command, "re");
    assert_non_null(f);
    while (fgetc(f) != EOF)
        ;
    assert_int_equal(pclose(f), 0);
}

/* The console writes, so it does not open what a newer tau wrote: it says so before it takes the screen,
 * and its status is that of the reason. */
static void test_newer_store(void **state)
{
    (void)state;
    char command[20000], store[1000];
    char *peek = test_program("tests/cli/peek");
    write_file(script, "{\"text\":\"kept\"}\n");
    assert_true(strlen(dir) < sizeof(store) - 10);
    snprintf(store, sizeof(store), "%.900s/store", dir);
    snprintf(command, sizeof(command),
             "%s '%s' -C '%s' -p hi --model local/script --script '%s' --store-dir '%s' </dev/null && "
             "'%s' sql '%s/tau.db' \"UPDATE meta SET value = 999 WHERE key = 'version'\"",
             home, tau, workspace, script, store, peek, store);
    in_shell(command);
    const char *argv[] = {tau, "-C", workspace, "--store-dir", store, NULL};
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 200, 24);
    vt_expect(v, "store_newer");
    vt_expect(v, "a newer tau wrote this store");
    vt_expect(v, "list, show, search and export");
    int status = vt_end(v);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
    assert_false(vt_alternate(v));
    vt_free(v);
    snprintf(command, sizeof(command), "%s '%s' -C '%s' session show --store-dir '%s' | grep -q kept",
             home, tau, workspace, store);
    in_shell(command);
    free(peek);
}

/* Who has chosen no model is told what there is, and nobody is asked for it. */
static void test_first_start(void **state)
{
    (void)state;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof(at);
    char base[100], found[100];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    snprintf(base, sizeof(base), "TAU_OLLAMA_API_BASE=http://127.0.0.1:%u/v1", ntohs(at.sin_port));
    snprintf(found, sizeof(found), "something listens at 127.0.0.1:%u, where ollama would", ntohs(at.sin_port));
    const char *argv[] = {tau, "-C", workspace, NULL};
    const char *env[] = {home, base, "OPENAI_API_KEY=sk-secret", "TAU_VLLM_API_BASE=http://127.0.0.1:1/v1", NULL};
    struct vt *v = vt_start(argv, env, 80, 24);
    vt_expect(v, "OPENAI_API_KEY is set: a key for openai");
    vt_expect(v, found);
    vt_expect(v, "`tau onboard` tries that");
    vt_expect(v, ":q quits");
    assert_false(vt_shows(v, "sk-secret"));
    assert_false(vt_shows(v, "vllm"));
    quit(v);
    const char *chosen[] = {home, base, "OPENAI_API_KEY=sk-secret", "TAU_MODEL=local/offline", NULL};
    v = vt_start(argv, chosen, 80, 24);
    vt_expect(v, ":q quits");
    assert_false(vt_shows(v, "Found:"));
    quit(v);
    close(fd);
}

/* Far more than a machine takes in until the first key comes. */
static void write_many_messages(const char *path)
{
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    for (int i = 1; i <= 300000; i++) {
        char parent[16] = "null";
        if (i > 1)
            snprintf(parent, sizeof(parent), "%d", i - 1);
        assert_true(fprintf(f, "{\"id\":%d,\"parent_id\":%s,\"message\":{\"role\":\"%s\",\"content\":[{\"type\":\"text\","
                               "\"text\":\"number %d\"}]}}\n",
                            i, parent, i % 2 ? "user" : "assistant", i) > 0);
    }
    assert_int_equal(fclose(f), 0);
}

static void test_import_is_stopped(void **state)
{
    (void)state;
    char path[5000];
    snprintf(path, sizeof(path), "%s/many.jsonl", dir);
    write_many_messages(path);
    const char *argv[] = {tau, "-C", workspace, "session", "import", path, NULL};
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 160, 24);
    vt_expect(v, "messages so far");
    assert_false(vt_shows(v, "was stopped"));
    vt_send(v, "\x03");
    int status = vt_end(v);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 130);
    assert_true(vt_shows(v, "the import was stopped after"));
    assert_false(vt_shows(v, "messages so far")); /* nothing of the line that went on is left */
    assert_int_equal(remove(path), 0);
    vt_free(v);
}

/* A name that came with a clone is told of, and not obeyed. */
static void test_names_are_shown(void **state)
{
    (void)state;
    static const char *const below[] = {".tau", ".tau/reports"};
    char path[5000];
    for (size_t i = 0; i < ARRAY_LEN(below); i++) {
        snprintf(path, sizeof(path), "%s/%s", workspace, below[i]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path, sizeof(path), "%s/.tau/reports/onboarding-\x1b]2;taken over\x07.json", workspace);
    write_file(path, "{}\n");
    const char *argv[] = {tau, "-C", workspace, "clean", "reports", "--dry-run", NULL};
    const char *env[] = {home, NULL};
    struct vt *v = vt_start(argv, env, 200, 24);
    assert_int_equal(vt_end(v), 0);
    assert_true(vt_shows(v, "would remove"));
    assert_true(vt_shows(v, "taken over"));
    assert_string_equal(vt_title(v), "");
    vt_free(v);
}

int main(void)
{
    tau = test_program("tau");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_edit, prepare, forget),
        cmocka_unit_test_setup_teardown(test_import_is_stopped, prepare, forget),
        cmocka_unit_test_setup_teardown(test_names_are_shown, prepare, forget),
        cmocka_unit_test_setup_teardown(test_verb, prepare, forget),
        cmocka_unit_test_setup_teardown(test_first_start, prepare, forget),
        cmocka_unit_test_setup_teardown(test_gateway, prepare, forget),
        cmocka_unit_test_setup_teardown(test_requests, prepare, forget),
        cmocka_unit_test_setup_teardown(test_demo, prepare, forget),
        cmocka_unit_test_setup_teardown(test_steer, prepare, forget),
        cmocka_unit_test_setup_teardown(test_retry, prepare, forget),
        cmocka_unit_test_setup_teardown(test_steer_comes_back, prepare, forget),
        cmocka_unit_test_setup_teardown(test_steer_killed, prepare, forget),
        cmocka_unit_test_setup_teardown(test_a_key_is_on_no_command_line, prepare, forget),
        cmocka_unit_test_setup_teardown(test_panes, prepare, forget),
        cmocka_unit_test_setup_teardown(test_signs, prepare, forget),
        cmocka_unit_test_setup_teardown(test_stop, prepare, forget),
        cmocka_unit_test_setup_teardown(test_killed, prepare, forget),
        cmocka_unit_test_setup_teardown(test_bad_script, prepare, forget),
        cmocka_unit_test_setup_teardown(test_watch, prepare, forget),
        cmocka_unit_test_setup_teardown(test_branch, prepare, forget),
        cmocka_unit_test_setup_teardown(test_mouse, prepare, forget),
        cmocka_unit_test_setup_teardown(test_copy_in_tmux, prepare, forget),
        cmocka_unit_test_setup_teardown(test_copy_to_slow_tmux, prepare, forget),
        cmocka_unit_test_setup_teardown(test_editor, prepare, forget),
        cmocka_unit_test_setup_teardown(test_open, prepare, forget),
        cmocka_unit_test_setup_teardown(test_skin, prepare, forget),
        cmocka_unit_test_setup_teardown(test_watched_text, prepare, forget),
        cmocka_unit_test_setup_teardown(test_watched_question, prepare, forget),
        cmocka_unit_test_setup_teardown(test_newer_store, prepare, forget),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(tau);
    return failed;
}
