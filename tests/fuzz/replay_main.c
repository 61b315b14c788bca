/* SPDX-License-Identifier: MIT
 *
 * replay_main: runs a fuzz target without libFuzzer, as a test. The program f_NOUN reads every file
 * of tests/fuzz/corpus/NOUN below $top_srcdir, or the files that are named as arguments, and prints
 * TAP. A broken promise ends it, and the last line tells at which file.
 */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Memory of exactly the file's size, so that the sanitizers see a read past its end. */
static bool replay(const char *path)
{
    struct stat st;
    FILE *f = fopen(path, "rbe");
    if (!f || fstat(fileno(f), &st) < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        if (f)
            fclose(f);
        return false;
    }
    uint8_t *data = malloc((size_t)st.st_size);
    size_t n = data ? fread(data, 1, (size_t)st.st_size, f) : 0;
    fclose(f);
    printf("# %s, %zu bytes\n", path, n);
    fflush(stdout);
    LLVMFuzzerTestOneInput(data, n);
    free(data);
    return true;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay_directory(const char *dir)
{
    struct dirent **entries;
    int failed = 0, n = scandir(dir, &entries, is_input, alphasort);
    if (n <= 0) {
        printf("1..1\nnot ok 1 - no corpus in %s\n", dir);
        return 1;
    }
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        char *path = NULL;
        bool ok = asprintf(&path, "%s/%s", dir, entries[i]->d_name) > 0 && replay(path);
        printf("%sok %d - %s\n", ok ? "" : "not ", i + 1, entries[i]->d_name);
        failed += !ok;
        free(path);
        free(entries[i]);
    }
    free(entries);
    return failed > 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    if (argc > 1) {
        for (int i = 1; i < argc; i++)
            failed += !replay(argv[i]);
        return failed > 0;
    }
    const char *root = getenv("top_srcdir");
    const char *name = strrchr(argv[0], '/');
    name = name ? name + 1 : argv[0];
    char *dir = NULL;
    if (strncmp(name, "f_", 2) != 0 ||
        asprintf(&dir, "%s/tests/fuzz/corpus/%s", root ? root : ".", name + 2) < 0)
        return 99;
    failed = replay_directory(dir);
    free(dir);
    return failed;
}
