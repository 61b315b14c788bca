/* SPDX-License-Identifier: MIT
 *
 * sandbox: what a command may reach, said as data; what this machine can enforce; and the seal,
 * which tells what protected paths a command changed. tau-exec (src/exec) does the enforcing;
 * launch.h starts it.
 *
 * Levels, from weak to strong; each contains the one before:
 *   none      session, limits, clean environment and descriptors, all descendants found and killed
 *   landlock  file rights by Landlock, system calls by seccomp, all capabilities dropped; tau-exec
 *             itself guards metadata of files outside (mode, owner, times, attributes)
 *   bwrap     the same inside bubblewrap's namespaces: nothing that was not granted exists there,
 *             protected paths are read-only mounts
 */
#ifndef TAU_POLICY_SANDBOX_H
#define TAU_POLICY_SANDBOX_H

#include "base/base.h"
#include "base/err.h"

enum sandbox_level { SANDBOX_NONE, SANDBOX_LANDLOCK, SANDBOX_BWRAP, SANDBOX_LEVEL_COUNT };

enum { SANDBOX_PATHS_MAX = 256 }; /* of each list of a profile */

/* Everything borrowed. Paths are absolute; what does not exist is passed over (a missing workspace
 * is an error). A list is NULL or ends with NULL. A limit of 0 leaves what tau itself has. */
struct sandbox_profile {
    enum sandbox_level level; /* the strongest that is wanted */
    bool required;            /* refuse with ERR_SANDBOX when the machine can not give that level */
    bool network;             /* IPv4 and IPv6; off also refuses every other kind of socket */
    bool unix_sockets;        /* AF_UNIX, which reaches agents and daemons of the user */
    const char *workspace;    /* readable and writable */
    const char *const *read;  /* further roots to read; system directories are always granted */
    const char *const *write; /* further roots to read and write */
    const char *const *protect; /* inside the workspace or a write root: not to be changed */
    struct {
        uint64_t cpu_s;       /* CPU seconds of one process */
        uint64_t file_bytes;  /* size of one file */
        uint64_t processes;   /* more than the user has now; of uid 0: else all are killed */
        uint64_t descriptors; /* of one process */
    } limit;
};

/* What this machine can do. Found out at the first call (about 10 ms, once), never at start-up. */
struct sandbox_caps {
    int landlock_abi; /* 0: none */
    bool seccomp;
    bool bwrap;
    bool root;               /* we run as uid 0 */
    enum sandbox_level best; /* the strongest level that works here */
    char why_not_bwrap[160]; /* empty when bwrap works */
};
const struct sandbox_caps *sandbox_probe(void); /* any thread; never NULL; valid for ever */

/* "none", "landlock", "bwrap"; the second answers false for anything else. */
const char *sandbox_level_name(enum sandbox_level level);
bool sandbox_level_find(const char *name, enum sandbox_level *ret_level);

/* The level that a command with this profile would get: the wanted one or the best below it. False
 * with ERR_SANDBOX when `required` can not be met, or when a root that is granted holds a directory
 * that is never granted (~/.ssh, ~/.gnupg, ~/.config) and the level can not hide it. */
bool sandbox_choose(const struct sandbox_profile *p, enum sandbox_level *ret_level,
                    struct err *e) ATTR_WARN;

/* The directories that are never granted and exist (~/.ssh, ~/.gnupg, ~/.config, tau's own state
 * and some like them), as real paths. A workspace may lie below one that is soft. */
enum { SANDBOX_HIDDEN_MAX = 16 };
struct sandbox_hidden {
    char *path[SANDBOX_HIDDEN_MAX];
    bool soft[SANDBOX_HIDDEN_MAX];
    size_t n;
};
void sandbox_hidden_find(struct sandbox_hidden *h);
void sandbox_hidden_free(struct sandbox_hidden *h);

/* "bwrap+net-off", "landlock+net", "none": level, network, and what else is open. size >= 64. */
void sandbox_badge(const struct sandbox_profile *p, enum sandbox_level level, char *buf,
                   size_t size);

/* The seal: a digest of every protected path (names, modes, contents; a path that is missing counts
 * as such) before a command and after it. For levels that can not make them read-only, and for
 * paths that did not exist before. At most SEAL_FILES_MAX files and SEAL_BYTES_MAX bytes are read;
 * what lies past that is compared by size and time of change only, and past four times as many
 * entries of one path not at all. Any thread; the caller frees. */
enum { SEAL_FILES_MAX = 4096, SEAL_BYTES_MAX = 16 << 20 };
struct sandbox_seal;
struct sandbox_seal *sandbox_seal_take(const struct sandbox_profile *p);
/* Looks again: calls changed(arg, path) for each protected path that differs; returns how many. */
size_t sandbox_seal_check(const struct sandbox_seal *s,
                          void (*changed)(void *arg, const char *path), void *arg);
void sandbox_seal_free(struct sandbox_seal *s); /* NULL is fine */

#endif
