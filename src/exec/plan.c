/* SPDX-License-Identifier: MIT
 *
 * plan: one row per argument.
 */
#include "exec/plan.h"

#include "base/str.h"

#include <string.h>

enum kind { FLAG, NUMBER, COUNT, PATH, PATHS };

#define AT(field) offsetof(struct plan, field)

static const struct row {
    const char *name;
    enum kind kind;
    size_t at;
    int64_t max; /* of a NUMBER */
} rows[] = {
    {"--abi", NUMBER, AT(abi), 100},
    {"--cpu", COUNT, AT(cpu_s), 0},
    {"--cwd", PATH, AT(cwd), 0},
    {"--descriptors", COUNT, AT(descriptors), 0},
    {"--detached", FLAG, AT(detached), 0},
    {"--file-bytes", COUNT, AT(file_bytes), 0},
    {"--grace-ms", NUMBER, AT(grace_ms), 60000},
    {"--hide", PATHS, AT(hide), 0},
    {"--home", PATH, AT(home), 0},
    {"--inner", FLAG, AT(inner), 0},
    {"--level", NUMBER, AT(level), PLAN_BWRAP},
    {"--lifeline", NUMBER, AT(lifeline_fd), 1 << 20},
    {"--net", FLAG, AT(network), 0},
    {"--processes", COUNT, AT(processes), 0},
    {"--protect", PATHS, AT(protect), 0},
    {"--read", PATHS, AT(read), 0},
    {"--scratch", PATH, AT(scratch), 0},
    {"--status", NUMBER, AT(status_fd), 1 << 20},
    {"--unix", FLAG, AT(unix_sockets), 0},
    {"--work", PATH, AT(work), 0},
    {"--write", PATHS, AT(write), 0},
};

_Static_assert(sizeof(enum plan_level) == sizeof(int), "a level is read as a number");

static const struct row *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static bool set(struct plan *p, const struct row *r, const char *value, struct err *e)
{
    char *at = (char *)p + r->at;
    int64_t n = 0;
    switch (r->kind) {
    case FLAG:
        *(bool *)(void *)at = true;
        return true;
    case NUMBER:
    case COUNT:
        if (!str_i64(str_of(value), &n) || n < 0 || (r->kind == NUMBER && n > r->max))
            return err_set(e, ERR_USAGE, "%s %s: not a number that fits", r->name, value);
        if (r->kind == NUMBER)
            *(int *)(void *)at = (int)n;
        else
            *(uint64_t *)(void *)at = (uint64_t)n;
        return true;
    case PATH:
    case PATHS:
        if (value[0] != '/')
            return err_set(e, ERR_USAGE, "%s %s: not an absolute path", r->name, value);
        if (r->kind == PATH) {
            *(const char **)(void *)at = value;
            return true;
        }
        struct plan_paths *list = (struct plan_paths *)(void *)at;
        if (list->n == PLAN_PATHS_MAX)
            return err_set(e, ERR_USAGE, "%s: more than %d paths", r->name, PLAN_PATHS_MAX);
        list->v[list->n++] = value;
        return true;
    }
    return false;
}

bool plan_parse(struct plan *p, int argc, char **argv, struct err *e)
{
    *p = (struct plan){.status_fd = -1, .lifeline_fd = -1, .grace_ms = 50};
    int i = 1;
    for (; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const struct row *r = find(argv[i]);
        if (!r)
            return err_set(e, ERR_USAGE, "%s: unknown", argv[i]);
        if (r->kind != FLAG && i + 1 == argc)
            return err_set(e, ERR_USAGE, "%s: wants a value", argv[i]);
        const char *value = r->kind == FLAG ? NULL : argv[++i];
        if (!set(p, r, value, e))
            return false;
    }
    if (i + 1 >= argc)
        return err_set(e, ERR_USAGE, "no command after --");
    p->argv = argv + i + 1;
    if (p->status_fd < 0 || !p->work || !p->cwd)
        return err_set(e, ERR_USAGE, "--status, --work and --cwd are needed");
    return true;
}
