/* SPDX-License-Identifier: MIT
 *
 * trace: ptrace with PTRACE_SYSCALL over all threads of one process.
 */
#include "lib/test.h"

#include "kill/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUT_MAX = 16 << 20 };

static void child(const char *const *argv, const char *const *env, const char *cwd, int out)
{
    for (size_t i = 0; env && env[i]; i++)
        if (putenv((char *)(uintptr_t)env[i]) != 0)
            _exit(126);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (chdir(cwd) < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(null, 2) < 0 ||
        ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
        _exit(126);
    execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

static bool renames(pid_t thread)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(info), &info) <= 0 ||
        info.op != PTRACE_SYSCALL_INFO_ENTRY)
        return false;
    return info.entry.nr == SYS_rename || info.entry.nr == SYS_renameat ||
           info.entry.nr == SYS_renameat2;
}

/* Takes what is in the pipe without waiting. */
static void read_out(struct traced *t, int fd)
{
    char chunk[4096];
    for (ssize_t n; (n = read(fd, chunk, sizeof(chunk))) > 0;)
        if (!buf_add(&t->out, chunk, (size_t)n))
            fail_msg("more output than %d bytes", OUT_MAX);
}

void trace_run(struct traced *t, const char *const *argv, const char *const *env, const char *cwd,
               long at)
{
    int out[2];
    *t = (struct traced){.out = BUF_INIT(OUT_MAX)};
    if (pipe2(out, O_CLOEXEC | O_NONBLOCK) < 0)
        fail_msg("pipe: %s", strerror(errno));
    if (fcntl(out[1], F_SETFL, 0) < 0 || fcntl(out[1], F_SETPIPE_SZ, 1 << 20) < 0)
        fail_msg("pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid < 0)
        fail_msg("fork: %s", strerror(errno));
    if (pid == 0)
        child(argv, env, cwd, out[1]);
    close(out[1]);
    int status;
    if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        fail_msg("%s does not start", argv[0]);
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
               (void *)(PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0)
        fail_msg("ptrace: %s", strerror(errno));
    if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
        fail_msg("ptrace: %s", strerror(errno));
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0)
            break;
        read_out(t, out[0]);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread == pid) {
                t->status = status;
                break;
            }
            continue;
        }
        int sig = WSTOPSIG(status);
        if (sig == (SIGTRAP | 0x80)) {
            sig = 0;
            t->calls++;
            if (at <= 0 && t->n_marks < TRACE_MARKS_MAX && renames(thread))
                t->marks[t->n_marks++] = t->calls;
            if (t->calls == at) {
                t->killed = true;
                kill(pid, SIGKILL);
            }
        } else if (sig == SIGTRAP || sig == SIGSTOP) {
            sig = 0; /* a thread that begins, or an event of ptrace */
        }
        ptrace(PTRACE_SYSCALL, thread, NULL, (void *)(intptr_t)sig);
    }
    read_out(t, out[0]);
    close(out[0]);
}
