/* SPDX-License-Identifier: MIT
 *
 * sandbox: what this machine can enforce, and which level a profile gets. The probe runs once, at
 * the first question; any thread.
 */
#include "policy/sandbox.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "exec/box.h"

#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PROBE_MS = 5000 };

static const char *const names[SANDBOX_LEVEL_COUNT] = {
    [SANDBOX_NONE] = "none",
    [SANDBOX_LANDLOCK] = "landlock",
    [SANDBOX_BWRAP] = "bwrap",
};

/* ---- what the machine can do ---- */

static struct sandbox_caps caps;
static pthread_once_t probed = PTHREAD_ONCE_INIT;

static void probe_bwrap(void)
{
    static const char *const argv[] = {
        BOX_PROGRAM, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "--proc", "/proc",
        "--dev",     "/dev",          "/bin/true",         NULL};
    struct err e = ERR_INIT;
    int status = 0;
    if (access(BOX_PROGRAM, X_OK) < 0)
        snprintf(caps.why_not_bwrap, sizeof(caps.why_not_bwrap), "bubblewrap is not installed");
    else if (!proc_run(&(struct proc_spec){.argv = argv}, NULL, PROBE_MS, NULL, &status, &e))
        snprintf(caps.why_not_bwrap, sizeof(caps.why_not_bwrap), "bubblewrap: %.140s", e.message);
    else if (status != 0)
        snprintf(caps.why_not_bwrap, sizeof(caps.why_not_bwrap),
                 "bubblewrap can not make its namespaces here (status %d)", status);
    else
        caps.bwrap = true;
}

static void probe(void)
{
    long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    unsigned notify = SECCOMP_RET_USER_NOTIF;
    caps.landlock_abi = abi > 0 ? (int)abi : 0;
    caps.seccomp = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &notify) == 0;
    caps.root = geteuid() == 0;
    probe_bwrap();
    if (caps.seccomp && caps.bwrap)
        caps.best = SANDBOX_BWRAP;
    else if (caps.seccomp && caps.landlock_abi > 0)
        caps.best = SANDBOX_LANDLOCK;
}

const struct sandbox_caps *sandbox_probe(void)
{
    pthread_once(&probed, probe);
    return &caps;
}

const char *sandbox_level_name(enum sandbox_level level)
{
    return names[level];
}

bool sandbox_level_find(const char *name, enum sandbox_level *ret_level)
{
    for (int i = 0; i < SANDBOX_LEVEL_COUNT; i++) {
        if (strcmp(name, names[i]) == 0) {
            *ret_level = (enum sandbox_level)i;
            return true;
        }
    }
    return false;
}

/* ---- what is never granted ---- */

/* Below $HOME. A workspace may lie in one that is `soft`, since tau was started there. */
static const struct {
    const char *name;
    bool soft;
} secret[] = {
    {".ssh", false},
    {".gnupg", false},
    {".aws", false},
    {".kube", false},
    {".docker", false},
    {".config", true},
    {".local/share/keyrings", false},
    {".local/state/tau", false},
};

static void hidden_add(struct sandbox_hidden *h, char *path, bool soft)
{
    struct err e = ERR_INIT;
    char *real = fs_real(path, &e);
    free(path);
    bool known = false;
    for (size_t i = 0; real && i < h->n; i++)
        known = known || strcmp(h->path[i], real) == 0;
    if (!real || known) {
        free(real);
        return;
    }
    h->path[h->n] = real;
    h->soft[h->n++] = soft;
}

void sandbox_hidden_find(struct sandbox_hidden *h)
{
    const char *home = getenv("HOME");
    _Static_assert(ARRAY_LEN(secret) + 2 <= SANDBOX_HIDDEN_MAX, "room for all");
    *h = (struct sandbox_hidden){.n = 0};
    for (size_t i = 0; home && home[0] == '/' && i < ARRAY_LEN(secret); i++)
        hidden_add(h, fs_join(home, secret[i].name), secret[i].soft);
    hidden_add(h, fs_xdg("XDG_CONFIG_HOME", ".config"), true);
    char *state = fs_xdg("XDG_STATE_HOME", ".local/state");
    hidden_add(h, fs_join(state, "tau"), false);
    free(state);
}

void sandbox_hidden_free(struct sandbox_hidden *h)
{
    while (h->n)
        free(h->path[--h->n]);
}

static bool root_fits(const struct sandbox_hidden *h, const char *root, bool is_workspace,
                      enum sandbox_level level, struct err *e)
{
    struct err missing = ERR_INIT;
    CLEANUP(mem_free_p) char *real = fs_real(root, &missing);
    for (size_t i = 0; real && i < h->n; i++) {
        if (fs_lies_in(real, h->path[i]) && !(is_workspace && h->soft[i]))
            return err_set(e, ERR_SANDBOX, "%s: commands are never given %s", root, h->path[i]);
        if (fs_lies_in(h->path[i], real) && strcmp(h->path[i], real) != 0 && level < SANDBOX_BWRAP) {
            err_set(e, ERR_SANDBOX, "%s holds %s, which level %s can not hide", root, h->path[i],
                    names[level]);
            return err_hint(e, "install bubblewrap, or work in a directory below");
        }
    }
    return true;
}

static bool roots_fit(const struct sandbox_profile *p, enum sandbox_level level, struct err *e)
{
    struct sandbox_hidden h;
    sandbox_hidden_find(&h);
    bool ok = root_fits(&h, p->workspace, true, level, e);
    for (size_t i = 0; ok && p->read && p->read[i]; i++)
        ok = root_fits(&h, p->read[i], false, level, e);
    for (size_t i = 0; ok && p->write && p->write[i]; i++)
        ok = root_fits(&h, p->write[i], false, level, e);
    sandbox_hidden_free(&h);
    return ok;
}

bool sandbox_choose(const struct sandbox_profile *p, enum sandbox_level *ret_level, struct err *e)
{
    enum sandbox_level level = p->level;
    if (level != SANDBOX_NONE) {
        const struct sandbox_caps *c = sandbox_probe();
        level = MIN(level, c->best);
        /* Not in between either: without Landlock there is only the box or nothing. */
        if (level == SANDBOX_LANDLOCK && c->landlock_abi == 0)
            level = c->best;
        if (level < p->level && p->required)
            return err_set(e, ERR_SANDBOX, "level %s is not to be had here: %s", names[p->level],
                           c->why_not_bwrap[0] ? c->why_not_bwrap
                                               : "the kernel has no Landlock or no seccomp");
    }
    if (level != SANDBOX_NONE && !roots_fit(p, level, e))
        return false;
    *ret_level = level;
    return true;
}

static size_t count(const char *const *list)
{
    size_t n = 0;
    while (list && list[n])
        n++;
    return n;
}

void sandbox_badge(const struct sandbox_profile *p, enum sandbox_level level, char *buf,
                   size_t size)
{
    struct buf b = BUF_OWN;
    buf_puts(&b, names[level]);
    if (level != SANDBOX_NONE) {
        buf_puts(&b, p->network ? "+net" : "+net-off");
        if (p->unix_sockets)
            buf_puts(&b, "+unix");
        if (count(p->read))
            buf_printf(&b, "+read:%zu", count(p->read));
        if (count(p->write))
            buf_printf(&b, "+write:%zu", count(p->write));
    }
    snprintf(buf, size, "%s", buf_cstr(&b));
    buf_free(&b);
}
