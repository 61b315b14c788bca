/* SPDX-License-Identifier: MIT
 *
 * escape: runs every row of the table in the sandbox, at every level, and looks at what happened
 * outside. escape TABLE ATTACK FIRST: TAP lines numbered from FIRST, no plan. Which column of the
 * table counts follows from the uid we run as.
 *
 * The world of a row, below one temporary directory:
 *     ws         the workspace: .git/hooks, .git/config and .tau are protected
 *     readable   a further root to read: file, attack (the program), sock (a listener)
 *     outside    granted to nobody: file
 *     home       HOME, with .ssh/id_rsa and .config/token
 * and beside it a victim process with a secret in its environment, listeners, a terminal, a shared
 * memory segment. All of it is made anew before each row.
 */
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "policy/launch.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { ROW_MS = 20000, OUTPUT_MAX = 64 * 1024, OLD_TIME = 1000000000 };

#define SECRET "sesame-4711"

struct world {
    char *base, *ws, *readable;
    struct proc victim;
    int tcp, udp, unix_path, unix_abstract, terminal;
    int tcp_port, udp_port, shm;
    char abstract[64], mark[32], terminal_name[64];
};

struct row {
    struct str name, check, expected[4], command;
};

/* ---- the world ---- */

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

static void put(const struct world *w, const char *path, const char *text, mode_t mode)
{
    CLEANUP(mem_free_p) char *full = fs_join(w->base, path);
    unlink(full);
    int fd = open(full, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
    struct timespec old[2] = {{OLD_TIME, 0}, {OLD_TIME, 0}};
    must(fchmod(fd, mode) == 0 && futimens(fd, old) == 0, path);
    close(fd);
}

static void put_dir(const struct world *w, const char *path)
{
    struct err e = ERR_INIT;
    CLEANUP(mem_free_p) char *full = fs_join(w->base, path);
    must_call(fs_mkdirs(full, 0755, &e), &e);
}

static void victim_start(struct world *w)
{
    static const char *const argv[] = {"sleep", "100000", NULL};
    static const char *const envp[] = {"VICTIM_SECRET=" SECRET, NULL};
    struct err e = ERR_INIT;
    struct proc_spec spec = {.argv = argv, .envp = envp, .new_session = true};
    must_call(proc_start(&w->victim, &spec, &e), &e);
}

static bool victim_died(struct world *w)
{
    struct pollfd p = {w->victim.pidfd, POLLIN, 0};
    struct err e = ERR_INIT;
    int status;
    if (poll(&p, 1, 0) <= 0)
        return false;
    must_call(proc_reap(&w->victim, &status, &e), &e);
    victim_start(w);
    return true;
}

static void world_reset(struct world *w)
{
    static const char *const dirs[] = {"ws", "ws/.git", "ws/.git/hooks", "ws/.tau", "outside"};
    static const char *const fresh[] = {"ws", "outside"};
    struct err e = ERR_INIT;
    for (size_t i = 0; i < ARRAY_LEN(fresh); i++) {
        CLEANUP(mem_free_p) char *full = fs_join(w->base, fresh[i]);
        must_call(fs_remove_tree(full, &e), &e);
    }
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        put_dir(w, dirs[i]);
    put(w, "outside/file", "whole\n", 0644);
    put(w, "readable/file", "whole\n", 0644);
    put(w, "ws/.git/config", "[core]\n", 0644);
    put(w, "ws/.tau/conf", "x\n", 0644);
}

static int listener(int type, struct sockaddr *a, socklen_t n)
{
    int fd = socket(a->sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(fd >= 0 && bind(fd, a, n) == 0, "listener");
    must(type != SOCK_STREAM || listen(fd, 8) == 0, "listener");
    return fd;
}

static int listen_inet(int type, int *ret_port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(a);
    int fd = listener(type, (struct sockaddr *)&a, n);
    must(getsockname(fd, (struct sockaddr *)&a, &n) == 0, "listener");
    *ret_port = ntohs(a.sin_port);
    return fd;
}

static int listen_unix(const char *name, bool abstract)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    must(n + 2 < sizeof(a.sun_path), "socket name");
    memcpy(a.sun_path + abstract, name, n);
    return listener(SOCK_STREAM, (struct sockaddr *)&a,
                    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1));
}

static void world_make(struct world *w, const char *attack)
{
    struct err e = ERR_INIT;
    char made[] = "/tmp/escape-XXXXXX";
    must(mkdtemp(made) && chmod(made, 0755) == 0, "temporary directory");
    *w = (struct world){.base = fs_real(made, &e)};
    must_call(w->base, &e);
    w->ws = fs_join(w->base, "ws");
    w->readable = fs_join(w->base, "readable");
    static const char *const dirs[] = {"readable", "home/.ssh", "home/.config"};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        put_dir(w, dirs[i]);
    put(w, "home/.ssh/id_rsa", SECRET "\n", 0600);
    put(w, "home/.config/token", SECRET "\n", 0600);
    CLEANUP(buf_free) struct buf program = BUF_INIT((size_t)64 << 20);
    CLEANUP(mem_free_p) char *copy = fs_join(w->readable, "attack");
    must_call(fs_read_file(attack, &program, &e) && fs_replace(copy, buf_view(&program), 0755, &e),
              &e);
    CLEANUP(mem_free_p) char *home = fs_join(w->base, "home");
    CLEANUP(mem_free_p) char *sock = fs_join(w->readable, "sock");
    setenv("HOME", home, 1);
    setenv("OPENAI_API_KEY", SECRET, 1);
    snprintf(w->abstract, sizeof(w->abstract), "tau-escape-%d", getpid());
    snprintf(w->mark, sizeof(w->mark), "8%d.5", getpid());
    w->tcp = listen_inet(SOCK_STREAM, &w->tcp_port);
    w->udp = listen_inet(SOCK_DGRAM, &w->udp_port);
    w->unix_path = listen_unix(sock, false);
    w->unix_abstract = listen_unix(w->abstract, true);
    w->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    must(w->terminal >= 0 && grantpt(w->terminal) == 0 && unlockpt(w->terminal) == 0 &&
             ptsname_r(w->terminal, w->terminal_name, sizeof(w->terminal_name)) == 0,
         "terminal");
    w->shm = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    must(w->shm >= 0, "shared memory");
    victim_start(w);
}

static void world_free(struct world *w)
{
    struct err e = ERR_INIT;
    int status;
    proc_signal(&w->victim, SIGKILL);
    must_call(proc_reap(&w->victim, &status, &e), &e);
    must(shmctl(w->shm, IPC_RMID, NULL) == 0, "shared memory");
    must_call(fs_remove_tree(w->base, &e), &e);
    free(w->base);
    free(w->ws);
    free(w->readable);
}

/* ---- what happened ---- */

static bool is_changed(const struct world *w, const char *path)
{
    struct stat st;
    struct err e = ERR_INIT;
    char names[256];
    CLEANUP(buf_free) struct buf text = BUF_INIT(4096);
    CLEANUP(mem_free_p) char *full = fs_join(w->base, path);
    if (lstat(full, &st) < 0 || !fs_read_file(full, &text, &e))
        return true;
    return st.st_mode != (S_IFREG | 0644) || st.st_mtim.tv_sec != OLD_TIME || st.st_nlink != 1 ||
           st.st_uid != geteuid() || listxattr(full, names, sizeof(names)) > 0 ||
           !str_is(buf_view(&text), "whole\n");
}

static bool was_reached(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    char byte;
    if (poll(&p, 1, 0) <= 0)
        return false;
    int got = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (got >= 0)
        close(got);
    else
        must(recv(fd, &byte, 1, 0) >= 0, "datagram");
    return true;
}

static bool is_running(const char *mark)
{
    bool found = false;
    DIR *proc = opendir("/proc");
    for (struct dirent *d; proc && (d = readdir(proc));) {
        char path[300], line[256] = "";
        snprintf(path, sizeof(path), "/proc/%.200s/cmdline", d->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
        fd_close_p(&fd);
        found = found || (n > 6 && strcmp(line, "sleep") == 0 && strcmp(line + 6, mark) == 0);
    }
    closedir(proc);
    return found;
}

static bool has_bits(const struct world *w, const char *path, mode_t bits)
{
    struct stat st;
    CLEANUP(mem_free_p) char *full = fs_join(w->base, path);
    return lstat(full, &st) == 0 && (st.st_mode & bits);
}

static bool file_says(const struct world *w, const char *path, const char *text)
{
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf b = BUF_INIT(65536);
    CLEANUP(mem_free_p) char *full = fs_join(w->base, path);
    return fs_read_file(full, &b, &e) && strstr(buf_cstr(&b), text);
}

struct outcome {
    struct buf output;
    struct launch_result result;
    bool ran; /* tau-exec told the end */
    size_t told;
};

/* Whether the row's effect is there. The words are explained at the top of the table. */
static bool effect(struct world *w, const struct row *row, const struct outcome *o)
{
    CLEANUP(mem_free_p) char *text = mem_strndup(row->check.p, row->check.n);
    char *argument = strchr(text, ' ');
    if (argument)
        *argument++ = '\0';
    bool dead = victim_died(w);
    bool tcp = was_reached(w->tcp), udp = was_reached(w->udp);
    bool by_path = was_reached(w->unix_path), by_name = was_reached(w->unix_abstract);
    if (strcmp(text, "says") == 0)
        return strstr(buf_cstr(&o->output), argument);
    if (strcmp(text, "works") == 0)
        return o->ran && o->result.exit_code == 0;
    if (strcmp(text, "changes") == 0)
        return is_changed(w, argument);
    if (strcmp(text, "makes") == 0)
        return has_bits(w, argument, S_IFMT);
    if (strcmp(text, "writes") == 0)
        return file_says(w, argument, "evil");
    if (strcmp(text, "setid") == 0)
        return has_bits(w, argument, S_ISUID | S_ISGID);
    if (strcmp(text, "kills") == 0)
        return dead;
    if (strcmp(text, "lives") == 0)
        return is_running(w->mark);
    if (strcmp(text, "spoofs") == 0)
        return !o->ran || o->result.exit_code != 9;
    if (strcmp(text, "reaches") == 0)
        return strcmp(argument, "tcp") == 0    ? tcp
               : strcmp(argument, "udp") == 0  ? udp
               : strcmp(argument, "sock") == 0 ? by_path
                                               : by_name;
    printf("Bail out! %s: no such check\n", text);
    exit(1);
}

/* ---- one row ---- */

static void count_told(void *arg, const char *path)
{
    struct outcome *o = arg;
    (void)path; /* how many is what the row asks */
    o->told++;
}

static void row_run(const struct world *w, const struct row *row, enum sandbox_level level, int abi,
                    struct outcome *o)
{
    struct err e = ERR_INIT;
    struct launched l;
    CLEANUP(mem_free_p) char *command = mem_strndup(row->command.p, row->command.n);
    char *protect[] = {fs_join(w->ws, ".git/hooks"), fs_join(w->ws, ".git/config"),
                       fs_join(w->ws, ".tau"), NULL};
    char *env[] = {mem_printf("BASE=%s", w->base),         mem_printf("A=%s/attack", w->readable),
                   mem_printf("VICTIM=%d", w->victim.pid), mem_printf("TCP=%d", w->tcp_port),
                   mem_printf("UDP=%d", w->udp_port),      mem_printf("NAME=%s", w->abstract),
                   mem_printf("MARK=%s", w->mark),         mem_printf("SHM=%d", w->shm),
                   mem_printf("PTY=%s", w->terminal_name), NULL};
    struct sandbox_profile profile = {
        .level = level,
        .required = true,
        .workspace = w->ws,
        .read = (const char *const[]){w->readable, NULL},
        .protect = (const char *const *)protect,
    };
    struct launch_spec spec = LAUNCH_SPEC_INIT;
    spec.profile = &profile;
    spec.command = command;
    spec.env = (const char *const *)env;
    spec.landlock_abi = abi;
    spec.stdin_from = open(w->terminal_name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct sandbox_seal *seal = sandbox_seal_take(&profile);
    must_call(launch_start(&spec, &l, &e), &e);
    close(spec.stdin_from);
    int64_t deadline = clock_mono_ms() + ROW_MS;
    while (cancel_wait_fd(NULL, l.out_fd, POLLIN, deadline) == CANCEL_READY) {
        char chunk[4096];
        ssize_t n = read(l.out_fd, chunk, sizeof(chunk));
        if (n == 0)
            break;
        if (n > 0 && !buf_add(&o->output, chunk, (size_t)n))
            break;
    }
    o->ran = launch_wait(&l, NULL, deadline, &o->result, &e);
    if (!o->ran)
        buf_printf(&o->output, "[%s]", e.message);
    sandbox_seal_check(seal, count_told, o);
    sandbox_seal_free(seal);
    for (size_t i = 0; env[i]; i++)
        free(env[i]);
    for (size_t i = 0; protect[i]; i++)
        free(protect[i]);
}

static void print_output(struct str rest)
{
    struct str line;
    while (str_line(&rest, &line))
        printf("#   %.*s\n", STR_ARG(line));
}

/* "-": without effect; "+": with; "!": with, and the seal tells; "?": either, it harms nobody. */
static void row_judge(struct world *w, const struct row *row, enum sandbox_level level, int abi,
                      const char *column, int expected, int number)
{
    struct outcome o = {.output = BUF_INIT(OUTPUT_MAX)};
    world_reset(w);
    row_run(w, row, level, abi, &o);
    bool happened = effect(w, row, &o);
    struct str want = row->expected[expected];
    bool as_wanted = str_is(want, "?") || happened == !str_is(want, "-");
    bool told = !str_is(want, "!") || o.told > 0;
    printf("%s %d - %s: %.*s%s\n", as_wanted && told ? "ok" : "not ok", number, column,
           STR_ARG(row->name), str_is(want, "-") ? " (nothing happens)" : "");
    if (!as_wanted || !told) {
        printf("# expected %.*s, happened: %d, told: %zu, exit %d\n", STR_ARG(want), happened,
               o.told, o.result.exit_code);
        print_output(buf_view(&o.output));
    }
    fflush(stdout);
    buf_free(&o.output);
}

/* ---- the table ---- */

static bool row_read(struct str line, struct row *row)
{
    struct str columns;
    if (line.n == 0 || str_starts(line, "#"))
        return false;
    must(str_split(&line, '\t', &row->name) && str_split(&line, '\t', &row->check) &&
             str_split(&line, '\t', &columns),
         "a row without four fields");
    for (int i = 0; i < 4; i++)
        must(str_split(&columns, ' ', &row->expected[i]), "a row without four results");
    row->command = line;
    return true;
}

/* Not run is not passed: where everything must run, it fails. */
static void row_skip(const struct row *row, const char *column, const char *why, int number)
{
    printf("%s %d - %s: %.*s # SKIP not run: %s\n", getenv("CI") ? "not ok" : "ok", number, column,
           STR_ARG(row->name), why);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        enum sandbox_level level;
        int abi; /* 2 is what Linux 6.1 has */
        int column;
    } columns[] = {
        {"bwrap", SANDBOX_BWRAP, 0, 0},
        {"landlock", SANDBOX_LANDLOCK, 0, 2},
        {"landlock of Linux 6.1", SANDBOX_LANDLOCK, 2, 2},
    };
    /* By hand: with no sandbox what is refused below must happen, or the row proves nothing. */
    bool open_house = getenv("ESCAPE_OPEN") != NULL;
    struct err e = ERR_INIT;
    struct world w;
    CLEANUP(buf_free) struct buf table = BUF_INIT((size_t)1 << 20);
    int64_t number = 0;
    if (argc != 4 || !str_i64(str_of(argv[3]), &number))
        return 2;
    bool root = geteuid() == 0;
    const char *only = getenv("ESCAPE_ROW");
    must_call(fs_read_file(argv[1], &table, &e), &e);
    world_make(&w, argv[2]);
    const struct sandbox_caps *caps = sandbox_probe();
    for (size_t c = 0; c < ARRAY_LEN(columns); c++) {
        struct str rest = buf_view(&table), line;
        char name[64];
        snprintf(name, sizeof(name), "%s, %s", columns[c].name, root ? "root" : "user");
        bool can = columns[c].level == SANDBOX_BWRAP ? caps->bwrap
                                                     : caps->landlock_abi > 0 && caps->seccomp;
        struct row row;
        while (str_line(&rest, &line)) {
            if (!row_read(line, &row) || (only && !str_is(row.name, only)))
                continue;
            if (open_house && c == 0)
                row_judge(&w, &row, SANDBOX_NONE, 0, "none", !root, (int)number++);
            else if (!open_house && can)
                row_judge(&w, &row, columns[c].level, columns[c].abi, name,
                          columns[c].column + !root, (int)number++);
            else if (!open_house)
                row_skip(&row, name,
                         columns[c].level == SANDBOX_BWRAP ? caps->why_not_bwrap
                                                           : "no Landlock here",
                         (int)number++);
        }
    }
    world_free(&w);
    return 0;
}
