/* SPDX-License-Identifier: MIT
 *
 * attack: what a shell can not try. Runs inside the sandbox: attack WAY [ARGS...]. Prints
 * "done WAY" when the kernel did it, "refused WAY: why" when not. Nothing here harms the machine
 * when it works: values are written back as they were, devices are only opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

static char **args;

static int number(int i)
{
    return (int)strtol(args[i], NULL, 10);
}

static bool sys(long r)
{
    return r >= 0;
}

/* ---- files ---- */

static bool way_chmod(void)
{
    return sys(chmod(args[0], 0777));
}

static bool way_fchmod(void)
{
    int fd = open(args[0], O_RDONLY);
    return fd >= 0 && sys(fchmod(fd, 0777));
}

static bool way_fchmodat2(void)
{
    return sys(syscall(452, AT_FDCWD, args[0], 0777, AT_SYMLINK_NOFOLLOW));
}

/* The directory is a descriptor of the outside, the path looks harmless. */
static bool way_chmod_dirfd(void)
{
    char *slash = strrchr(args[0], '/');
    *slash = '\0';
    int dir = open(args[0], O_PATH | O_DIRECTORY);
    return dir >= 0 && sys(fchmodat(dir, slash + 1, 0777, 0));
}

static bool way_chmod_proc(void)
{
    char path[64];
    int fd = open(args[0], O_PATH);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return fd >= 0 && sys(chmod(path, 0777));
}

static bool way_chown(void)
{
    return sys(chown(args[0], getuid(), getgid()));
}

static bool way_utime(void)
{
    struct timeval t[2] = {{1, 0}, {1, 0}};
    return sys(utimes(args[0], t));
}

static bool way_futimens(void)
{
    struct timespec t[2] = {{1, 0}, {1, 0}};
    int fd = open(args[0], O_RDONLY);
    return fd >= 0 && sys(futimens(fd, t));
}

static bool way_xattr(void)
{
    return sys(setxattr(args[0], "user.tau", "x", 1, 0));
}

static bool way_fxattr(void)
{
    int fd = open(args[0], O_RDONLY);
    return fd >= 0 && sys(fsetxattr(fd, "user.tau", "x", 1, 0));
}

static bool way_flags(void)
{
    int flags = 0x40; /* no dump */
    int fd = open(args[0], O_RDONLY);
    return fd >= 0 && sys(ioctl(fd, _IOW('f', 2, long), &flags));
}

static bool way_truncate(void)
{
    return sys(truncate(args[0], 0));
}

static bool way_open_truncate(void)
{
    return sys(open(args[0], O_RDONLY | O_TRUNC));
}

static bool way_read(void)
{
    char byte;
    int fd = open(args[0], O_RDONLY);
    return fd >= 0 && read(fd, &byte, 1) == 1;
}

static bool way_open_read(void)
{
    return sys(open(args[0], O_RDONLY | O_NOCTTY));
}

static bool way_open_write(void)
{
    return sys(open(args[0], O_WRONLY | O_NOCTTY));
}

/* Writes what is there already. */
static bool way_rewrite(void)
{
    char text[4096];
    int in = open(args[0], O_RDONLY);
    ssize_t n = in < 0 ? -1 : read(in, text, sizeof(text));
    int out = open(args[0], O_WRONLY);
    return n > 0 && out >= 0 && write(out, text, (size_t)n) == n;
}

static bool way_handle(void)
{
    struct {
        struct file_handle head;
        char room[MAX_HANDLE_SZ];
    } h = {.head = {.handle_bytes = MAX_HANDLE_SZ}};
    int mount;
    int dir = open(".", O_RDONLY | O_DIRECTORY);
    return sys(name_to_handle_at(AT_FDCWD, args[0], &h.head, &mount, 0)) &&
           sys(open_by_handle_at(dir, &h.head, O_RDONLY));
}

static bool way_setuid(void)
{
    return sys(chmod(args[0], 04755));
}

static bool way_setgid(void)
{
    return sys(chmod(args[0], 02755));
}

static bool way_creat_setuid(void)
{
    return sys(open(args[0], O_CREAT | O_WRONLY, 04755));
}

static bool way_mknod(void)
{
    return sys(mknod(args[0], S_IFBLK | 0600, 0x800));
}

static bool way_chroot(void)
{
    return sys(chroot("."));
}

/* ---- sockets ---- */

static bool way_tcp(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)number(0)),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd >= 0 && sys(connect(fd, (struct sockaddr *)&a, sizeof(a)));
}

static bool way_udp(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)number(0)),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    return fd >= 0 && sys(sendto(fd, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
}

static bool connect_unix(const char *name, bool abstract)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    if (n + 2 > sizeof(a.sun_path))
        return false;
    memcpy(a.sun_path + abstract, name, n);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return fd >= 0 && sys(connect(fd, (struct sockaddr *)&a,
                                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1)));
}

static bool way_unix(void)
{
    return connect_unix(args[0], false);
}

static bool way_abstract(void)
{
    return connect_unix(args[0], true);
}

static bool way_socketpair(void)
{
    int fd[2];
    return sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) && write(fd[0], "x", 1) == 1;
}

static bool way_vsock(void)
{
    return sys(socket(AF_VSOCK, SOCK_STREAM, 0));
}

static bool way_packet(void)
{
    return sys(socket(AF_PACKET, SOCK_RAW, 0));
}

static bool way_netlink(void)
{
    return sys(socket(AF_NETLINK, SOCK_RAW, 9));
}

/* The upper half of a number that the kernel does not look at. */
static bool way_socket_high(void)
{
    return sys(syscall(SYS_socket, (1L << 32) | AF_UNIX, SOCK_STREAM, 0));
}

static bool way_io_uring(void)
{
    struct io_uring_params p = {0};
    return sys(syscall(SYS_io_uring_setup, 4, &p));
}

/* ---- other processes ---- */

static bool way_kill(void)
{
    return sys(kill(number(0), SIGKILL));
}

static bool way_tgkill(void)
{
    return sys(syscall(SYS_tgkill, number(0), number(0), SIGKILL));
}

static bool way_sigqueue(void)
{
    return sys(sigqueue(number(0), SIGKILL, (union sigval){0}));
}

static bool way_pidfd_kill(void)
{
    int fd = (int)syscall(SYS_pidfd_open, number(0), 0);
    return fd >= 0 && sys(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
}

static bool way_proc_dir_kill(void)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d", number(0));
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    return fd >= 0 && sys(syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
}

static bool way_kill_group(void)
{
    return sys(kill(-number(0), SIGKILL));
}

static bool way_ptrace(void)
{
    return sys(ptrace(PTRACE_SEIZE, number(0), NULL, NULL));
}

static bool way_ptrace_child(void)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    bool traced = pid > 0 && sys(ptrace(PTRACE_SEIZE, pid, NULL, NULL));
    if (pid > 0)
        kill(pid, SIGKILL);
    return traced;
}

static bool way_vm_read(void)
{
    char byte;
    struct iovec here = {&byte, 1}, there = {(void *)(uintptr_t)0x400000, 1};
    return sys(process_vm_readv(number(0), &here, 1, &there, 1, 0)) || errno == EFAULT;
}

static bool way_pidfd_getfd(void)
{
    int fd = (int)syscall(SYS_pidfd_open, number(0), 0);
    return fd >= 0 && sys(syscall(SYS_pidfd_getfd, fd, 0, 0));
}

static bool way_prlimit(void)
{
    struct rlimit l;
    return sys(prlimit(number(0), RLIMIT_CORE, NULL, &l)) &&
           sys(prlimit(number(0), RLIMIT_CORE, &l, NULL));
}

static bool way_shm(void)
{
    return shmat(number(0), NULL, SHM_RDONLY) != (void *)-1;
}

static bool way_mqueue(void)
{
    return sys(mq_open(args[0], O_RDONLY));
}

/* Its own children it may signal: build tools do. */
static bool way_kill_child(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    return pid > 0 && sys(kill(pid, SIGKILL)) && waitpid(pid, &status, 0) == pid &&
           WIFSIGNALED(status);
}

/* ---- namespaces and mounts ---- */

static bool way_unshare_user(void)
{
    return sys(unshare(CLONE_NEWUSER));
}

static bool way_unshare_net(void)
{
    return sys(unshare(CLONE_NEWNET));
}

static bool way_clone_user(void)
{
    long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid == 0)
        _exit(0);
    return sys(pid);
}

static bool way_clone3_user(void)
{
    struct clone_args a = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
    long pid = syscall(SYS_clone3, &a, sizeof(a));
    if (pid == 0)
        _exit(0);
    return sys(pid);
}

static bool way_setns(void)
{
    int fd = open("/proc/self/ns/uts", O_RDONLY);
    return fd >= 0 && sys(setns(fd, 0));
}

static bool way_mount(void)
{
    return sys(mount("none", args[0], "tmpfs", 0, NULL));
}

static bool way_remount(void)
{
    return sys(mount("none", args[0], NULL, MS_REMOUNT | MS_BIND, NULL));
}

static bool way_umount(void)
{
    return sys(umount2(args[0], MNT_DETACH));
}

static bool way_fsopen(void)
{
    return sys(syscall(SYS_fsopen, "tmpfs", 0));
}

static bool way_open_tree(void)
{
    return sys(syscall(SYS_open_tree, AT_FDCWD, "/", 1));
}

/* ---- the kernel ---- */

static bool way_keyctl(void)
{
    return sys(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 1));
}

static bool way_add_key(void)
{
    return sys(syscall(SYS_add_key, "user", "tau", "x", 1, -3));
}

static bool way_bpf(void)
{
    union bpf_attr a = {
        .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
    return sys(syscall(SYS_bpf, BPF_MAP_CREATE, &a, sizeof(a)));
}

static bool way_perf(void)
{
    struct perf_event_attr a = {
        .type = PERF_TYPE_SOFTWARE, .size = sizeof(a), .exclude_kernel = 1, .exclude_hv = 1};
    return sys(syscall(SYS_perf_event_open, &a, 0, -1, -1, 0));
}

static bool way_userfaultfd(void)
{
    return sys(syscall(SYS_userfaultfd, 1));
}

static bool way_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return sys(clock_settime(CLOCK_REALTIME, &now));
}

static bool way_hostname(void)
{
    char name[256];
    return sys(gethostname(name, sizeof(name))) && sys(sethostname(name, strlen(name)));
}

static bool way_module(void)
{
    return sys(syscall(SYS_finit_module, 0, "", 0)) || errno == EBADF || errno == ENOEXEC;
}

/* Into the terminal that is our standard input. */
static bool way_tiocsti(void)
{
    return sys(ioctl(0, TIOCSTI, "x"));
}

static bool way_tiocsti_high(void)
{
    return sys(syscall(SYS_ioctl, 0, (1L << 32) | TIOCSTI, "x"));
}

static bool way_foreign_calls(void)
{
#ifdef __x86_64__
    long r;
    __asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory"); /* getpid of i386 */
    return r > 0;
#else
    errno = ENOSYS;
    return false;
#endif
}

static bool way_x32_calls(void)
{
    return sys(syscall(0x40000000 | SYS_getpid));
}

static const struct {
    const char *name;
    int n; /* arguments */
    bool (*run)(void);
} ways[] = {
    {"abstract", 1, way_abstract},
    {"add-key", 0, way_add_key},
    {"bpf", 0, way_bpf},
    {"chmod", 1, way_chmod},
    {"chmod-dirfd", 1, way_chmod_dirfd},
    {"chmod-proc", 1, way_chmod_proc},
    {"chown", 1, way_chown},
    {"chroot", 0, way_chroot},
    {"clock", 0, way_clock},
    {"clone-user", 0, way_clone_user},
    {"clone3-user", 0, way_clone3_user},
    {"creat-setuid", 1, way_creat_setuid},
    {"fchmod", 1, way_fchmod},
    {"fchmodat2", 1, way_fchmodat2},
    {"flags", 1, way_flags},
    {"foreign-calls", 0, way_foreign_calls},
    {"fsopen", 0, way_fsopen},
    {"futimens", 1, way_futimens},
    {"fxattr", 1, way_fxattr},
    {"handle", 1, way_handle},
    {"hostname", 0, way_hostname},
    {"io-uring", 0, way_io_uring},
    {"keyctl", 0, way_keyctl},
    {"kill", 1, way_kill},
    {"kill-child", 0, way_kill_child},
    {"kill-group", 1, way_kill_group},
    {"mknod", 1, way_mknod},
    {"module", 0, way_module},
    {"mount", 1, way_mount},
    {"mqueue", 1, way_mqueue},
    {"netlink", 0, way_netlink},
    {"open-read", 1, way_open_read},
    {"open-tree", 0, way_open_tree},
    {"open-truncate", 1, way_open_truncate},
    {"open-write", 1, way_open_write},
    {"packet", 0, way_packet},
    {"perf", 0, way_perf},
    {"pidfd-getfd", 1, way_pidfd_getfd},
    {"pidfd-kill", 1, way_pidfd_kill},
    {"prlimit", 1, way_prlimit},
    {"proc-dir-kill", 1, way_proc_dir_kill},
    {"ptrace", 1, way_ptrace},
    {"ptrace-child", 0, way_ptrace_child},
    {"read", 1, way_read},
    {"remount", 1, way_remount},
    {"rewrite", 1, way_rewrite},
    {"setgid", 1, way_setgid},
    {"setns", 0, way_setns},
    {"setuid", 1, way_setuid},
    {"shm", 1, way_shm},
    {"sigqueue", 1, way_sigqueue},
    {"socket-high", 0, way_socket_high},
    {"socketpair", 0, way_socketpair},
    {"tcp", 1, way_tcp},
    {"tgkill", 1, way_tgkill},
    {"tiocsti", 0, way_tiocsti},
    {"tiocsti-high", 0, way_tiocsti_high},
    {"truncate", 1, way_truncate},
    {"udp", 1, way_udp},
    {"umount", 1, way_umount},
    {"unix", 1, way_unix},
    {"unshare-net", 0, way_unshare_net},
    {"unshare-user", 0, way_unshare_user},
    {"userfaultfd", 0, way_userfaultfd},
    {"utime", 1, way_utime},
    {"vm-read", 1, way_vm_read},
    {"vsock", 0, way_vsock},
    {"x32-calls", 0, way_x32_calls},
    {"xattr", 1, way_xattr},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(ways[i].name, argv[1]) != 0 || argc != 2 + ways[i].n)
            continue;
        args = argv + 2;
        errno = 0;
        bool worked = ways[i].run();
        printf("%s %s: %s\n", worked ? "done" : "refused", argv[1], strerror(errno));
        return worked ? 0 : 1;
    }
    fprintf(stderr, "attack: no such way, or not these arguments\n");
    return 2;
}
