/* SPDX-License-Identifier: MIT
 *
 * gitdir: .git, and HEAD in it (gitrepository-layout(5)).
 */
#include "tool/gitdir.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COMMIT_SHOWN = 7 };

struct str gitdir_link(struct str text)
{
    static const char says[] = "gitdir: ";
    struct str line = str_trim(text);
    if (!str_starts(line, says) || str_index(line, '\0') >= 0)
        return STR("");
    return str_sub(line, sizeof(says) - 1, line.n);
}

/* A worktree's .git is a file that says where its data lie. */
char *gitdir_at(const char *dir)
{
    char *dot = fs_join(dir, ".git");
    struct stat st;
    struct err e = ERR_INIT;
    CLEANUP(buf_free) struct buf b = BUF_INIT(GITDIR_FILE_MAX);
    bool there = lstat(dot, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return dot;
    bool link = there && S_ISREG(st.st_mode) && fs_read_file(dot, &b, &e);
    free(dot);
    struct str says = gitdir_link(buf_view(&b));
    if (!link || says.n == 0)
        return NULL;
    CLEANUP(mem_free_p) char *to = mem_strndup(says.p, says.n);
    return to[0] == '/' ? TAKE(to) : fs_join(dir, to);
}

static bool is_commit(struct str s)
{
    size_t n = 0;
    while (n < s.n && ((s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'f')))
        n++;
    return n == s.n && n >= COMMIT_SHOWN;
}

bool gitdir_head(struct str text, char *ret, size_t size)
{
    static const char branches[] = "ref: refs/heads/", ref[] = "ref: ";
    struct str head;
    if (!str_split(&text, '\n', &head))
        return false;
    head = str_trim(head);
    if (str_is(head, "ref: refs/heads/.invalid"))
        return false; /* what a repository of reftables says there, for programs that know files alone */
    if (str_starts(head, branches))
        head = str_sub(head, sizeof(branches) - 1, head.n);
    else if (str_starts(head, ref))
        head = str_sub(head, sizeof(ref) - 1, head.n);
    else if (is_commit(head))
        head = str_sub(head, 0, COMMIT_SHOWN);
    else
        return false;
    head = utf8_clip(head, size - 1);
    snprintf(ret, size, "%.*s", STR_ARG(head));
    return ret[0] != '\0';
}

static bool read_head(const char *git, char *ret, size_t size)
{
    CLEANUP(mem_free_p) char *path = fs_join(git, "HEAD");
    CLEANUP(buf_free) struct buf b = BUF_INIT(GITDIR_FILE_MAX);
    struct err e = ERR_INIT;
    return fs_read_file(path, &b, &e) && gitdir_head(buf_view(&b), ret, size);
}

bool gitdir_branch(const char *path, char *ret, size_t size)
{
    CLEANUP(mem_free_p) char *dir = mem_strdup(path);
    for (int i = 0; i < GITDIR_PARENTS_MAX; i++) {
        CLEANUP(mem_free_p) char *dot = fs_join(dir, ".git");
        char *slash = strrchr(dir, '/');
        if (fs_exists(dot)) {
            CLEANUP(mem_free_p) char *git = gitdir_at(dir);
            return git && read_head(git, ret, size);
        }
        if (!slash || slash == dir)
            return false;
        *slash = '\0';
    }
    return false;
}
