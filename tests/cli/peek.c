/* SPDX-License-Identifier: MIT
 *
 * peek: what the scripts of tests/cli ask and a shell can not say.
 *
 *   peek lines            every line of standard input is one JSON object; prints how many
 *   peek get KEY...       the value below these keys of the JSON on standard input, as plain text
 *   peek same KEY...      the same of every line that has it, one a line
 *   peek gone MARK        waits until no process has MARK in its arguments; 1 after 20 seconds
 *   peek there N MARK     waits until at least N processes have it as an argument
 *   peek line BYTES       one line of so many bytes
 *   peek sql FILE TEXT    changes a database behind its owner's back
 */
#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "json/json.h"

#include <dirent.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 20000, STEP_MS = 5, INPUT_MAX = 256 << 20 };

static const struct json *below(const struct json *j, char **keys)
{
    for (; j && *keys; keys++) {
        int64_t n;
        if (json_type(j) == JSON_ARRAY && str_i64(str_of(*keys), &n)) {
            j = json_first(j);
            while (j && n-- > 0)
                j = json_next(j);
        } else {
            j = json_get(j, *keys);
        }
    }
    return j;
}

static void show(const struct json *j)
{
    struct arena a = ARENA_INIT;
    struct str text = json_str(j);
    if (text.p)
        printf("%.*s\n", STR_ARG(text));
    else
        printf("%s\n", json_text(j, &a));
    arena_free(&a);
}

static int each_line(struct str input, char **keys)
{
    struct str line;
    int n = 0;
    while (str_line(&input, &line)) {
        struct err e = ERR_INIT;
        struct json *j = json_parse(line, &e);
        n++;
        if (!j || json_type(j) != JSON_OBJECT) {
            printf("line %d: %s: %.*s\n", n, e.message, STR_ARG(str_sub(line, 0, 200)));
            return 1;
        }
        const struct json *found = keys ? below(j, keys) : NULL;
        if (found)
            show(found);
        json_free(j);
    }
    if (!keys)
        printf("%d\n", n);
    return 0;
}

static int get(struct str input, char **keys)
{
    struct err e = ERR_INIT;
    struct json *j = json_parse(input, &e);
    const struct json *found = j ? below(j, keys) : NULL;
    if (found)
        show(found);
    else
        fprintf(stderr, "peek: %s\n", j ? "it is not there" : e.message);
    json_free(j);
    return found ? 0 : 1;
}

/* How many processes have the word among their arguments; we and our parents are not counted, since
 * only whole arguments and those of a shell's -c count, and the scripts make the word up first. */
static int count(const char *mark, bool whole)
{
    DIR *proc = opendir("/proc");
    int n = 0;
    for (struct dirent *d; proc && (d = readdir(proc));) {
        char path[300];
        struct buf args = BUF_INIT(INPUT_MAX);
        struct err e = ERR_INIT;
        if (d->d_name[0] < '0' || d->d_name[0] > '9' || atol(d->d_name) == getpid())
            continue;
        snprintf(path, sizeof(path), "/proc/%s/cmdline", d->d_name);
        if (fs_read_file(path, &args, &e)) {
            struct str rest = buf_view(&args);
            struct str arg;
            bool hit = false;
            while (!hit && str_split(&rest, '\0', &arg))
                hit = whole ? str_is(arg, mark) : memmem(arg.p, arg.n, mark, strlen(mark)) != NULL;
            n += hit;
        }
        buf_free(&args);
    }
    if (proc)
        closedir(proc);
    return n;
}

static int wait_for(const char *mark, int at_least)
{
    int64_t end = clock_mono_ms() + WAIT_MS;
    for (;;) {
        int n = count(mark, at_least > 0);
        if (at_least > 0 ? n >= at_least : n == 0)
            return 0;
        if (clock_mono_ms() >= end) {
            printf("# %d processes have %s\n", n, mark);
            return 1;
        }
        poll(NULL, 0, STEP_MS);
    }
}

static int long_line(const char *bytes)
{
    int64_t n;
    if (!str_i64(str_of(bytes), &n))
        return 2;
    for (int64_t i = 0; i < n; i++)
        putchar('a' + (int)(i % 26));
    putchar('\n');
    return fflush(stdout) == 0 ? 0 : 1;
}

static int change(const char *file, const char *sql)
{
    sqlite3 *db = NULL;
    bool ok = sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK &&
              sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK &&
              sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL) == SQLITE_OK;
    if (!ok)
        fprintf(stderr, "peek: %s\n", sqlite3_errmsg(db));
    sqlite3_close(db);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct buf input = BUF_INIT(INPUT_MAX);
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "gone") == 0 && argc == 3)
        return wait_for(argv[2], 0);
    if (strcmp(what, "there") == 0 && argc == 4)
        return wait_for(argv[3], (int)strtol(argv[2], NULL, 10));
    if (strcmp(what, "line") == 0 && argc == 3)
        return long_line(argv[2]);
    if (strcmp(what, "sql") == 0 && argc == 4)
        return change(argv[2], argv[3]);
    if (!fs_read_fd(STDIN_FILENO, &input, &e)) {
        fprintf(stderr, "peek: %s\n", e.message);
        return 2;
    }
    int status = 2;
    if (strcmp(what, "lines") == 0)
        status = each_line(buf_view(&input), NULL);
    else if (strcmp(what, "same") == 0)
        status = each_line(buf_view(&input), argv + 2);
    else if (strcmp(what, "get") == 0)
        status = get(buf_view(&input), argv + 2);
    buf_free(&input);
    return status;
}
