/* SPDX-License-Identifier: MIT
 *
 * cmd_clean: removes what tau made and can make again. What can not be made again goes only when it is
 * named, and with --yes.
 */
#include "base/fs.h"
#include "base/mem.h"
#include "cli/app.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "gateway/socket.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum where { IN_STATE, IN_CACHE, IN_PROJECT, IN_REPORTS };

/* Files by the pattern of their name; directories go with all that is in them. */
static const struct row {
    const char *what; /* the word that names them */
    bool named_only;
    enum where where;
    const char *pattern;
} rows[] = {
    {"logs", false, IN_STATE, "tau.log*"},
    {"logs", false, IN_STATE, "up.log"},
    {"reports", false, IN_STATE, "reports"},
    {"copies", false, IN_STATE, "copies"},
    {"backups", true, IN_STATE, "backup"},
    {"leftovers", false, IN_STATE, "unkept_*"},
    {"caches", false, IN_CACHE, "*"},
    {"reports", false, IN_REPORTS, "onboarding-*.json"},
    {"dashboard", false, IN_PROJECT, "dashboard"},
    {"sessions", true, IN_STATE, "tau.db*"},
    {"sessions", true, IN_STATE, "blobs"},
    {"sessions", true, IN_STATE, "proc"},
    {"secrets", true, IN_STATE, "gateway*.token"},
};

/* What is no row: memory lies in the store of the sessions, and goes when both are named; trust is a
 * line of a file. */
static const char *const words[] = {"memory", "trust"};

void cmd_clean_words(struct buf *out)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool again = false;
        for (size_t k = 0; k < i; k++)
            again |= strcmp(rows[k].what, rows[i].what) == 0;
        if (!again)
            buf_printf(out, "%s ", rows[i].what);
    }
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        buf_printf(out, "%s ", words[i]);
}

struct cleaning {
    struct app app;
    bool dry;
    struct buf out;
    size_t n;
    int64_t bytes;
};

static int64_t size_of(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return 0;
    int64_t bytes = (int64_t)st.st_blocks * 512;
    DIR *d = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        CLEANUP(mem_free_p) char *below = fs_join(path, entry->d_name);
        bytes += size_of(below);
    }
    if (d)
        (void)closedir(d);
    return bytes;
}

static bool remove_one(struct cleaning *c, const char *path, struct err *e)
{
    int64_t bytes = size_of(path);
    struct stat st;
    if (lstat(path, &st) != 0)
        return true;
    bool ok = c->dry || (S_ISDIR(st.st_mode) ? fs_remove_tree(path, e)
                                             : unlink(path) == 0 || err_sys(e, ERR_IO, errno, "%s", path));
    if (!ok)
        return false;
    buf_printf(&c->out, "%s %s (%lld KiB)\n", c->dry ? "would remove" : "removed", path, (long long)(bytes + 1023) / 1024);
    c->n++;
    c->bytes += bytes;
    return true;
}

static char *directory(const struct cleaning *c, enum where where)
{
    if (where == IN_STATE)
        return mem_strdup(c->app.state_dir);
    if (where == IN_PROJECT || where == IN_REPORTS) {
        char *path = fs_join(c->app.workspace, where == IN_PROJECT ? ".tau" : ".tau/reports");
        CLEANUP(mem_free_p) char *top = fs_join(c->app.workspace, ".tau");
        struct stat st;
        /* What came with a clone may be a link, and leads to files that are none of ours. */
        if (lstat(top, &st) == 0 && S_ISDIR(st.st_mode) && lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
            return path;
        free(path);
        return NULL;
    }
    CLEANUP(mem_free_p) char *cache = fs_xdg("XDG_CACHE_HOME", ".cache");
    return fs_join(cache, "tau");
}

static bool clean_row(struct cleaning *c, const struct row *r, struct err *e)
{
    CLEANUP(mem_free_p) char *dir = directory(c, r->where);
    DIR *d = dir ? opendir(dir) : NULL;
    bool ok = true;
    for (struct dirent *entry; d && ok && (entry = readdir(d));) {
        if (entry->d_name[0] == '.' || fnmatch(r->pattern, entry->d_name, 0) != 0)
            continue;
        CLEANUP(mem_free_p) char *path = fs_join(dir, entry->d_name);
        ok = remove_one(c, path, e);
    }
    if (d)
        (void)closedir(d);
    return ok;
}

/* ---- what is meant ---- */

static bool is_named(const struct options *o, const char *what)
{
    for (int i = 0; i < o->n_args; i++)
        if (strcmp(o->args[i], what) == 0)
            return true;
    return false;
}

static bool check_names(const struct options *o, struct err *e)
{
    for (int i = 0; i < o->n_args; i++) {
        bool known = false;
        for (size_t k = 0; k < ARRAY_LEN(words); k++)
            known |= strcmp(words[k], o->args[i]) == 0;
        bool precious = known;
        for (size_t k = 0; k < ARRAY_LEN(rows); k++)
            if (strcmp(rows[k].what, o->args[i]) == 0) {
                known = true;
                precious |= rows[k].named_only;
            }
        if (!known) {
            err_set(e, ERR_USAGE, "there is nothing called '%.60s' to clean", o->args[i]);
            return err_hint(e, "logs, reports, copies, leftovers, caches, dashboard; and by name with --yes: sessions, "
                               "memory, backups, secrets, trust");
        }
        if (precious && !o->value[OPT_YES] && !o->value[OPT_DRY_RUN]) {
            err_set(e, ERR_USAGE, "%s can not be made again; this wants a yes", o->args[i]);
            return err_hint(e, "say it again with --yes, or look first: --dry-run");
        }
    }
    if (is_named(o, "sessions") != is_named(o, "memory")) {
        err_set(e, ERR_USAGE, "sessions and memory lie in one store, with the tasks: they go together or not at all");
        return err_hint(e, "tau clean sessions memory --yes; one entry: tau memory forget; old events: tau session "
                           "prune");
    }
    return true;
}

/* Nothing is taken away from under a tau that runs. */
static bool check_free(const struct app *a, const struct options *o, struct err *e)
{
    gateway_peers all = {0};
    if (o->value[OPT_DRY_RUN] || !gateway_socket_list(a->state_dir, &all, e))
        return o->value[OPT_DRY_RUN] != NULL;
    bool ok = all.n == 0;
    if (!ok)
        err_set(e, ERR_CONFLICT, "a tau runs here (process %ld)", all.v[0].pid);
    gateway_peers_done(&all);
    /* Not all have a socket, and one may be where another XDG_RUNTIME_DIR says; all hold their lock. */
    ok = ok && store_alone(a->state_dir, "", e);
    if (ok && !app_unkept_gone(a->state_dir))
        ok = err_set(e, ERR_LEASED, "a tau with --no-session runs here");
    return ok || err_hint(e, "end it first, or look only: --dry-run");
}

static bool revoke_trust(struct cleaning *c, struct err *e)
{
    if (c->dry)
        return buf_puts(&c->out, "would trust this directory no longer\n");
    if (!app_policy(&c->app, false, e) || !policy_trust(c->app.policy, false, e))
        return false;
    return buf_puts(&c->out, "this directory is not trusted any more\n");
}

static bool clean(struct cleaning *c, const struct options *o, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool wanted = o->n_args ? is_named(o, rows[i].what) : !rows[i].named_only;
        if (wanted && !clean_row(c, &rows[i], e))
            return false;
    }
    if (is_named(o, "trust") && !revoke_trust(c, e))
        return false;
    buf_count(&c->out, (int64_t)c->n, "thing");
    buf_printf(&c->out, ", %lld KiB\n", (long long)(c->bytes + 1023) / 1024);
    return true;
}

int cmd_clean(const struct options *o)
{
    struct cleaning c = {.dry = o->value[OPT_DRY_RUN] != NULL, .out = BUF_OWN};
    struct err e = ERR_INIT, lost = ERR_INIT;
    bool ok = check_names(o, &e) && app_open(&c.app, o, &e) && check_free(&c.app, o, &e) && clean(&c, o, &e);
    if (!report_out(buf_view(&c.out), ok ? &e : &lost))
        ok = false;
    if (!ok)
        report(&e);
    buf_free(&c.out);
    app_close(&c.app);
    return ok ? 0 : err_code_exit(e.code);
}
