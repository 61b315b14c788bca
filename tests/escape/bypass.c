/* SPDX-License-Identifier: MIT
 *
 * bypass: runs every command of the table of bypasses for real in the sandbox, as if policy had let
 * it through, and looks whether anything happened outside or a secret came out. bypass COMMANDS
 * FIRST: TAP lines numbered from FIRST, no plan, for each level and command.
 *
 * The commands of one level run in one launch, each in a fresh workspace; when something did
 * happen, the list is halved until the commands that did it are found.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "policy/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET "sesame-4711"

enum { BATCH_MS = 240000, OLD_TIME = 1000000000, OUTPUT_MAX = 16 << 20 };

/* What runs inside. One second each: some wait for a person. */
static const char driver[] = "while IFS= read -r command; do\n"
                             "    find . -mindepth 1 -delete; cp -r \"$R/fixture/.\" .\n"
                             "    timeout -k 0.2 1 bash -c \"${command//@WS@/$PWD}\" </dev/null\n"
                             "done <\"$R/commands\" 2>&1\n"
                             "exit 0\n";

/* What the commands find in the workspace: programs that try to write, and ways out. */
static const char fixture[] =
    "cd \"$1\" && mkdir -p sub bin .git/hooks .tau && echo one > a.txt && echo two > b &&\n"
    "printf '#!/bin/sh\\ntouch %s/x; echo evil > %s/canary; cat %s/canary\\n' \"$2\" \"$2\" \"$2\" "
    "> script.sh && chmod +x script.sh && cp script.sh ls && cp script.sh git && cp script.sh "
    "bin/cat "
    "&& printf 'all:\\n\\t./script.sh\\n' > evil.mk && cp evil.mk Makefile && echo k=v > .env &&\n"
    "echo 's/a/b/e' > script.sed && ln -s \"$2\" link-out && ln -s .git link-to-git &&\n"
    "cp .env sub/ && tar cf a.tar a.txt && rm -rf .git && git init -q --template= . && git add "
    "a.txt &&\n"
    "git -c user.name=a -c user.email=a@b commit -qm a && git init -q --template= --bare bare &&\n"
    "git -C bare config core.fsmonitor ../script.sh && git config core.pager ./script.sh\n";

struct world {
    char *base, *ws, *out, *readable, *home;
};

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(1);
}

static void must_call(bool ok, const struct err *e)
{
    if (ok)
        return;
    printf("Bail out! %s\n", e->message);
    exit(1);
}

static void put(const char *dir, const char *name, struct str text)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *path = fs_join(dir, name);
    must_call(fs_replace(path, text, 0644, &e), &e);
}

static void run_outside(const char *script, const char *a, const char *b)
{
    struct err e = ERR_INIT;
    const char *argv[] = {"/bin/sh", "-c", script, "sh", a, b, NULL};
    int status = 0;
    must_call(proc_run(&(struct proc_spec){.argv = argv}, NULL, 20000, NULL, &status, &e), &e);
    must(status == 0, "fixture");
}

/* The outside as it was: one old file in a directory. */
static void out_reset(const struct world *w)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *canary = fs_join(w->out, "canary");
    struct timespec old[2] = {{OLD_TIME, 0}, {OLD_TIME, 0}};
    must_call(fs_remove_tree(w->out, &e) && fs_mkdirs(w->out, 0755, &e), &e);
    put(w->out, "canary", STR(SECRET "\n"));
    must(utimensat(AT_FDCWD, canary, old, 0) == 0 && utimensat(AT_FDCWD, w->out, old, 0) == 0,
         "canary");
}

static bool out_is_whole(const struct world *w)
{
    struct stat dir, file;
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *canary = fs_join(w->out, "canary");
    CLEANUP(buf_free) struct buf text = BUF_INIT(4096);
    return lstat(w->out, &dir) == 0 && lstat(canary, &file) == 0 &&
           dir.st_mode == (S_IFDIR | 0755) && dir.st_mtim.tv_sec == OLD_TIME &&
           dir.st_uid == geteuid() && file.st_mode == (S_IFREG | 0644) &&
           file.st_mtim.tv_sec == OLD_TIME && file.st_nlink == 1 && file.st_uid == geteuid() &&
           fs_read_file(canary, &text, &e) && str_is(buf_view(&text), SECRET "\n");
}

static void world_make(struct world *w)
{
    struct err e = ERR_INIT;
    char made[] = "/tmp/bypass-XXXXXX";
    must(mkdtemp(made) && chmod(made, 0755) == 0, "temporary directory");
    *w = (struct world){.base = fs_real(made, &e)};
    must_call(w->base, &e);
    w->ws = fs_join(w->base, "ws");
    w->out = fs_join(w->base, "out");
    w->readable = fs_join(w->base, "readable");
    w->home = fs_join(w->base, "home");
    CLEANUP(mem_free_p) char *ssh = fs_join(w->home, ".ssh");
    CLEANUP(mem_free_p) char *inside = fs_join(w->readable, "fixture");
    must_call(fs_mkdirs(w->ws, 0755, &e) && fs_mkdirs(ssh, 0755, &e) && fs_mkdirs(inside, 0755, &e),
              &e);
    put(ssh, "id_rsa", STR(SECRET "\n"));
    put(w->home, ".netrc", STR(SECRET "\n"));
    run_outside(fixture, inside, w->out);
    setenv("HOME", w->home, 1);
    setenv("OPENAI_API_KEY", SECRET, 1);
}

static void world_free(struct world *w)
{
    struct err e = ERR_INIT;
    must_call(fs_remove_tree(w->base, &e), &e);
    free(w->base);
    free(w->ws);
    free(w->out);
    free(w->readable);
    free(w->home);
}

/* Runs commands [from, from + n); answers whether nothing happened outside. */
static bool is_harmless(const struct world *w, enum sandbox_level level, struct str *commands,
                        size_t n)
{
    struct err e = ERR_INIT;
    struct launched l;
    struct launch_result r;
    CLEANUP(buf_free) struct buf list = BUF_OWN;
    CLEANUP(buf_free) struct buf output = BUF_INIT(OUTPUT_MAX);
    CLEANUP(mem_free_p) char *place = mem_printf("R=%s", w->readable);
    for (size_t i = 0; i < n; i++)
        buf_printf(&list, "%.*s\n", STR_ARG(commands[i]));
    put(w->readable, "commands", buf_view(&list));
    out_reset(w);
    struct sandbox_profile profile = {.level = level,
                                      .required = true,
                                      .workspace = w->ws,
                                      .read = (const char *const[]){w->readable, NULL}};
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &profile;
    spec.command = driver;
    spec.env = (const char *const[]){place, NULL};
    must_call(launch_start(&spec, &l, &e), &e);
    int64_t deadline = clock_mono_ms() + BATCH_MS;
    bool leaked = false;
    while (cancel_wait_fd(NULL, l.out_fd, POLLIN, deadline) == CANCEL_READY) {
        char chunk[4096];
        ssize_t got = read(l.out_fd, chunk, sizeof(chunk));
        if (got == 0)
            break;
        if (got > 0)
            leaked = !buf_add(&output, chunk, (size_t)got) || leaked;
    }
    must_call(launch_wait(&l, NULL, deadline, &r, &e), &e);
    must(r.end == LAUNCH_EXITED, "the commands did not come to their end");
    leaked = leaked || memmem(output.data ? output.data : "", output.len, SECRET, strlen(SECRET));
    bool whole = out_is_whole(w);
    if (!whole || leaked)
        printf("# %zu commands: the outside is %s, the secret is %s\n", n,
               whole ? "whole" : "changed", leaked ? "out" : "kept");
    return whole && !leaked;
}

static void find_harmful(const struct world *w, enum sandbox_level level, struct str *commands,
                         bool *harmful, size_t n)
{
    if (n == 0 || is_harmless(w, level, commands, n))
        return;
    if (n == 1) {
        harmful[0] = true;
        return;
    }
    find_harmful(w, level, commands, harmful, n / 2);
    find_harmful(w, level, commands + n / 2, harmful + n / 2, n - n / 2);
}

struct table {
    VEC(struct str) all;
};

/* Second column of each row, with @OUT@ put in. */
static void table_read(struct table *t, struct str text, const char *out)
{
    struct str line, verdict, command;
    while (str_line(&text, &line)) {
        if (line.n == 0 || line.p[0] == '#')
            continue;
        must(str_split(&line, '\t', &verdict) && str_split(&line, '\t', &command), "a row");
        struct buf b = BUF_OWN;
        for (ssize_t at; (at = str_find(command, STR("@OUT@"))) >= 0;) {
            buf_str(&b, str_sub(command, 0, (size_t)at));
            buf_puts(&b, out);
            command = str_sub(command, (size_t)at + strlen("@OUT@"), command.n);
        }
        buf_str(&b, command);
        size_t n = b.len;
        VEC_PUSH(&t->all, str_make(buf_take(&b), n));
    }
}

static void table_free(struct table *t)
{
    for (size_t i = 0; i < t->all.n; i++)
        free((char *)(uintptr_t)t->all.v[i].p);
    free(t->all.v);
}

int main(int argc, char **argv)
{
    struct err e = ERR_INIT;
    struct world w;
    struct table t = {0};
    CLEANUP(buf_free) struct buf text = BUF_INIT((size_t)1 << 20);
    int64_t number = 0;
    if (argc != 3 || !str_i64(str_of(argv[2]), &number))
        return 2;
    must_call(fs_read_file(argv[1], &text, &e), &e);
    world_make(&w);
    table_read(&t, buf_view(&text), w.out);
    const struct sandbox_caps *caps = sandbox_probe();
    /* By hand, and never as root: without a sandbox most of them must be harmful. */
    bool open_house = getenv("ESCAPE_OPEN") && geteuid() != 0;
    for (int level = open_house ? SANDBOX_NONE : SANDBOX_BWRAP;
         level >= (open_house ? SANDBOX_NONE : SANDBOX_LANDLOCK); level--) {
        bool *harmful = mem_array(t.all.n, sizeof(*harmful));
        bool can = level == SANDBOX_BWRAP      ? caps->bwrap
                   : level == SANDBOX_LANDLOCK ? caps->landlock_abi > 0 && caps->seccomp
                                               : true;
        for (size_t i = 0; open_house && i < t.all.n; i++)
            harmful[i] = !is_harmless(&w, SANDBOX_NONE, &t.all.v[i], 1);
        if (can && !open_house)
            find_harmful(&w, (enum sandbox_level)level, t.all.v, harmful, t.all.n);
        for (size_t i = 0; i < t.all.n; i++) {
            bool ok = can ? !harmful[i] : !getenv("CI");
            printf("%s %lld - %s, %s: nothing happens by: %.*s%s\n", ok ? "ok" : "not ok",
                   (long long)number++, sandbox_level_name((enum sandbox_level)level),
                   geteuid() == 0 ? "root" : "user", STR_ARG(t.all.v[i]),
                   can ? "" : " # SKIP not run: this level is not to be had here");
        }
        free(harmful);
    }
    table_free(&t);
    world_free(&w);
    return 0;
}
