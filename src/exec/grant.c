/* SPDX-License-Identifier: MIT
 *
 * grant: what of the machine a command may read, by name. /etc is a list because it holds password
 * hashes, host keys and tokens beside what every program needs; uid 0 could read them all.
 */
#include "exec/grant.h"

static const char *const system_paths[] = {
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc/alternatives",
    "/etc/bash.bashrc",
    "/etc/ca-certificates",
    "/etc/ca-certificates.conf",
    "/etc/debian_version",
    "/etc/fonts",
    "/etc/gai.conf",
    "/etc/gitconfig",
    "/etc/group",
    "/etc/host.conf",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/inputrc",
    "/etc/java-17-openjdk",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/login.defs",
    "/etc/magic",
    "/etc/magic.mime",
    "/etc/manpath.config",
    "/etc/mime.types",
    "/etc/networks",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/perl",
    "/etc/pki/tls/certs",
    "/etc/profile",
    "/etc/protocols",
    "/etc/python3",
    "/etc/resolv.conf",
    "/etc/rpc",
    "/etc/services",
    "/etc/shells",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/terminfo",
    "/etc/timezone",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
    "/sys/kernel/mm/transparent_hugepage",
    "/var/lib/dpkg",
};

static const char *const devices[] = {
    "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

static bool walk(const struct plan_paths *list, enum grant_kind kind,
                 bool (*each)(void *, const struct grant *, struct err *), void *arg, struct err *e)
{
    for (size_t i = 0; i < list->n; i++)
        if (!each(arg, &(struct grant){kind, list->v[i], false}, e))
            return false;
    return true;
}

bool grant_walk(const struct plan *p, bool (*each)(void *, const struct grant *, struct err *),
                void *arg, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(system_paths); i++)
        if (!each(arg, &(struct grant){GRANT_SYSTEM, system_paths[i], false}, e))
            return false;
    if (!each(arg, &(struct grant){GRANT_PROC, "/proc", false}, e))
        return false;
    /* The box has a /dev, a /tmp and a home of its own. */
    for (size_t i = 0; !p->inner && i < ARRAY_LEN(devices); i++)
        if (!each(arg, &(struct grant){GRANT_DEVICE, devices[i], false}, e))
            return false;
    if (p->inner && !each(arg, &(struct grant){GRANT_NAMES, "/", false}, e))
        return false;
    static const char *const own[] = {"/dev", "/tmp"};
    for (size_t i = 0; p->inner && i < ARRAY_LEN(own); i++)
        if (!each(arg, &(struct grant){GRANT_WRITE, own[i], false}, e))
            return false;
    if (p->inner && p->home && !each(arg, &(struct grant){GRANT_WRITE, p->home, false}, e))
        return false;
    if (!walk(&p->read, GRANT_READ, each, arg, e) || !walk(&p->write, GRANT_WRITE, each, arg, e))
        return false;
    if (p->scratch && !each(arg, &(struct grant){GRANT_WRITE, p->scratch, false}, e))
        return false;
    return each(arg, &(struct grant){GRANT_WRITE, p->work, true}, e);
}
