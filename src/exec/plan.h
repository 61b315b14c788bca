/* SPDX-License-Identifier: MIT
 *
 * plan: what tau-exec was asked to do, read from its arguments. The arguments are made by
 * policy/launch.c only; a person may type them to try something out.
 */
#ifndef TAU_EXEC_PLAN_H
#define TAU_EXEC_PLAN_H

#include "base/base.h"
#include "base/err.h"

enum { PLAN_PATHS_MAX = 288 }; /* more than the launcher's limit, for what it adds itself */

struct plan_paths {
    const char *v[PLAN_PATHS_MAX];
    size_t n;
};

enum plan_level { PLAN_NONE, PLAN_LANDLOCK, PLAN_BWRAP };

struct plan {
    enum plan_level level;
    bool network;
    bool unix_sockets;
    bool detached; /* descendants may outlive the command */
    bool inner;    /* we are the tau-exec inside bubblewrap */
    int status_fd;
    int lifeline_fd; /* -1: none */
    int abi;         /* Landlock at most this; 0: what the kernel has */
    int grace_ms;
    const char *work;
    const char *cwd;
    const char *home;    /* an empty, writable home inside bubblewrap; NULL: none */
    const char *scratch; /* temporary directory, made and removed by us; NULL: none */
    struct plan_paths read, write, protect, hide;
    uint64_t cpu_s, file_bytes, processes, descriptors; /* 0: as they are */
    char **argv;                                        /* the command; NULL-terminated */
};

/* Borrows argv. ERR_USAGE names the argument that is wrong. */
bool plan_parse(struct plan *p, int argc, char **argv, struct err *e) ATTR_WARN;

#endif
