/* SPDX-License-Identifier: MIT
 *
 * test: temporary directories, data files and random numbers of the suite, and what a system may lack.
 */
#include "lib/test.h"

#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

char *test_tmpdir(const char *name)
{
    const char *root = getenv("TAU_TEST_TMP");
    char *path = NULL;
    if (asprintf(&path, "%s/%s-XXXXXX", root ? root : "/tmp", name) < 0 || !mkdtemp(path))
        fail_msg("temporary directory for %s: %s", name, strerror(errno));
    return path;
}

char *test_read(const char *relative, size_t *ret_n)
{
    const char *root = getenv("top_srcdir");
    char *path = NULL;
    struct stat st;
    if (asprintf(&path, "%s/tests/%s", root ? root : ".", relative) < 0)
        fail_msg("no memory");
    FILE *f = fopen(path, "rbe");
    if (!f || fstat(fileno(f), &st) < 0) {
        fail_msg("%s: %s", path, strerror(errno));
        return NULL;
    }
    char *data = calloc(1, (size_t)st.st_size + 1);
    size_t n = fread(data, 1, (size_t)st.st_size, f);
    fclose(f);
    free(path);
    if (ret_n)
        *ret_n = n;
    return data;
}

char *test_program(const char *name)
{
    char *self = realpath("/proc/self/exe", NULL);
    char *path = NULL;
    for (int i = 0; self && i < 3; i++) /* the file, unit, tests */
        *strrchr(self, '/') = '\0';
    if (!self || asprintf(&path, "%s/%s", self, name) < 0 || access(path, X_OK) < 0)
        fail_msg("%s: not built", name);
    free(self);
    return path;
}

uint64_t test_seed(void)
{
    const char *given = getenv("TAU_TEST_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = given ? strtoull(given, NULL, 0)
                          : (uint64_t)(now.tv_nsec ^ now.tv_sec << 20 ^ getpid());
    printf("# seed: TAU_TEST_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    return seed;
}

uint64_t test_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void test_descriptors(int n)
{
    static struct rlimit before;
    struct rlimit now;
    if (before.rlim_cur == 0)
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    now = before;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    int next = 0;
    for (int left = n; left >= 0; next++)
        left -= fcntl(next, F_GETFD) < 0;
    now.rlim_cur = n < 0 ? before.rlim_cur : (rlim_t)next - 1;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
}

bool test_take_away(unsigned call, unsigned why)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | why),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {ARRAY_LEN(code), code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
