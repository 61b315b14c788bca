/* SPDX-License-Identifier: MIT
 *
 * policy: the object, its settings and its rules. Deciding is decide.c.
 */
#include "policy/policy.h"

#include "base/clock.h"
#include "base/fs.h"
#include "policy/decide.h"
#include "policy/state.h"
#include "policy/trust.h"
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct preset policy_presets[] = {
#define ALLOW VERDICT_ALLOW
#define ASK VERDICT_ASK
#define DENY VERDICT_DENY
#define PRESET(id, text, read, write, output, timeout, length, newlines, regular, rate, sandbox,   \
               root, unparsed, procs, mib)                                                         \
    [PRESET_##id] = {                                                                              \
        .name = text,                                                                              \
        .limits = {.max_file_read_bytes = read,                                                    \
                   .max_file_write_bytes = write,                                                  \
                   .max_command_output_bytes = output,                                             \
                   .bash_timeout_ms = timeout,                                                     \
                   .max_command_length = length,                                                   \
                   .allow_command_newlines = newlines,                                             \
                   .regular_files_only = regular,                                                  \
                   .rate_per_minute = rate,                                                        \
                   .needs_sandbox = sandbox},                                                      \
        .as_root = root,                                                                           \
        .auto_unparsed = unparsed,                                                                 \
        .processes = procs,                                                                        \
        .file_mib = mib,                                                                           \
    },
#include "policy/presets.def"
#undef PRESET
#undef ALLOW
#undef ASK
#undef DENY
};

static const struct {
    enum policy_preset from;
    const char *rule;
} builtin[] = {
#define BUILTIN(preset, rule) {PRESET_##preset, rule},
#include "policy/builtin.def"
#undef BUILTIN
};

static const char *const guarded[] = {
#define PROTECTED(name, where)
#define GUARDED(path) path,
#include "policy/protected.def"
#undef PROTECTED
#undef GUARDED
};

static const char *const modes[] = {
    [MODE_ASK] = "ask",
    [MODE_EDITS] = "edits",
    [MODE_PLAN] = "plan",
    [MODE_AUTO] = "auto",
};

/* ---- making one ---- */

static void free_rules(void *rules)
{
    rules_free(rules);
    free(rules);
}

void policy_free(struct policy *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < ARRAY_LEN(p->builtin); i++)
        rules_free(&p->builtin[i]);
    rules_free(&p->user);
    rules_free(&p->kept);
    map_free(&p->sessions, free_rules);
    rate_free(&p->rate);
    fd_close_p(&p->root.fd);
    pthread_mutex_destroy(&p->lock);
    arena_free(&p->arena);
    free(p);
}

/* The colon list of sandbox.read; relative entries have no meaning and are passed over. */
static const char **read_roots(struct arena *a, const char *setting)
{
    const char **list = arena_array(a, SANDBOX_PATHS_MAX + 1, sizeof(*list));
    struct str rest = str_of(setting), part;
    size_t n = 0;
    while (n < SANDBOX_PATHS_MAX && str_split(&rest, ':', &part)) {
        part = str_trim(part);
        if (part.n && part.p[0] == '/')
            list[n++] = arena_strndup(a, part.p, part.n);
    }
    return list;
}

static void list_guarded(struct policy *p)
{
    size_t n = 0;
    p->protect[n++] = arena_printf(&p->arena, "%s/.git", p->root.path);
    for (size_t i = 0; i < ARRAY_LEN(guarded) && n < POLICY_PROTECT_MAX; i++)
        p->protect[n++] = arena_printf(&p->arena, "%s/%s", p->root.path, guarded[i]);
    struct str rest = str_of(p->protected_paths), part;
    while (n < POLICY_PROTECT_MAX && str_split(&rest, ',', &part)) {
        struct err e = ERR_INIT;
        part = str_trim(part);
        const char *text = arena_strndup(&p->arena, part.p, part.n);
        const char *relative = part.n ? path_relative(&p->root, text, &p->arena, &e) : NULL;
        if (relative && relative[0])
            p->protect[n++] = arena_printf(&p->arena, "%s/%s", p->root.path, relative);
    }
}

static bool make_builtin(struct policy *p, struct err *e)
{
    for (size_t preset = 0; preset < ARRAY_LEN(p->builtin); preset++) {
        char from[64];
        snprintf(from, sizeof(from), "preset %s", policy_presets[preset].name);
        for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
            if ((size_t)builtin[i].from <= preset &&
                !rules_add(&p->builtin[preset], str_of(builtin[i].rule), from, e))
                return err_wrap(e, "%s", builtin[i].rule);
    }
    return true;
}

static bool read_rules(const struct policy *p, struct rules *user, struct rules *kept,
                       struct err *e)
{
    CLEANUP(mem_free_p) char *user_file = fs_join(p->config_dir, "policy.rules");
    CLEANUP(mem_free_p) char *kept_file = fs_join(p->state_dir, "policy.rules");
    return rules_read(user, user_file, e) && rules_read(kept, kept_file, e);
}

static bool init(struct policy *p, const struct policy_config *c, struct err *e)
{
    if (c->workspace[0] != '/')
        return err_set(e, ERR_INVALID, "the workspace %s is not an absolute path", c->workspace);
    p->root.path = arena_strdup(&p->arena, c->workspace);
    p->root.fd = open(c->workspace, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (p->root.fd < 0)
        return err_sys(e, ERR_NOT_FOUND, errno, "%s", c->workspace);
    p->state_dir = arena_strdup(&p->arena, c->state_dir);
    p->config_dir = arena_strdup(&p->arena, c->config_dir);
    p->protected_paths = arena_strdup(&p->arena, c->protected_paths ? c->protected_paths : "");
    const char *path = getenv("PATH");
    p->path = arena_strdup(&p->arena, path ? path : "");
    p->interactive = c->interactive;
    p->network = c->sandbox_network;
    p->mode = c->mode;
    p->preset = c->preset;
    p->wanted = SANDBOX_BWRAP;
    p->required = c->sandbox_level && strcmp(c->sandbox_level, "auto") != 0;
    if (p->required && !sandbox_level_find(c->sandbox_level, &p->wanted))
        return err_set(e, ERR_CONFIG, "sandbox.level: %s is no level", c->sandbox_level);
    p->read = read_roots(&p->arena, c->sandbox_read);
    list_guarded(p);
    /* A list that can not be believed trusts nobody; that is no reason not to start. */
    struct err ignored = ERR_INIT;
    if (!trust_find(p->config_dir, p->root.path, &p->trusted, &ignored))
        p->trusted = false;
    return make_builtin(p, e) && read_rules(p, &p->user, &p->kept, e);
}

struct policy *policy_new(const struct policy_config *config, struct err *e)
{
    struct policy *p = NEW(struct policy);
    p->root.fd = -1;
    pthread_mutex_init(&p->lock, NULL);
    if (!init(p, config, e)) {
        policy_free(p);
        return NULL;
    }
    return p;
}

bool policy_reload(struct policy *p, struct err *e)
{
    struct rules user = {0}, kept = {0};
    if (!read_rules(p, &user, &kept, e)) {
        rules_free(&user);
        rules_free(&kept);
        return false;
    }
    pthread_mutex_lock(&p->lock);
    struct rules old_user = p->user, old_kept = p->kept;
    p->user = user;
    p->kept = kept;
    pthread_mutex_unlock(&p->lock);
    rules_free(&old_user);
    rules_free(&old_kept);
    return true;
}

/* ---- deciding ---- */

void policy_decide(struct policy *p, const char *session, const struct tool_desc *tool,
                   const struct tool_intent *intent, struct decision *ret_decision)
{
    struct arena a = ARENA_INIT;
    struct facts f;
    facts_gather(p, tool, intent, &a, &f);
    pthread_mutex_lock(&p->lock);
    decide_verdict(p, map_get(&p->sessions, str_of(session)), &f, &a, ret_decision);
    pthread_mutex_unlock(&p->lock);
    arena_free(&a);
}

bool policy_hides(struct policy *p, const char *session, const struct tool_desc *tool,
                  const char *relative)
{
    struct path_facts path = {.relative = relative, .real = relative};
    struct facts f = {.tool = tool, .paths = &path, .n_paths = 1};
    path.secret = command_secret(relative, false);
    pthread_mutex_lock(&p->lock);
    bool hides = decide_hides(p, map_get(&p->sessions, str_of(session)), &f);
    pthread_mutex_unlock(&p->lock);
    return hides;
}

/* Does the file end in the middle of a line, as some editors leave it? */
static bool ends_open(int fd)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

/* With one rule or byte too many nobody could read the file any more. It is looked at anew, since other
 * processes add to it, too. */
static bool has_room(const char *path, const char *rule, struct err *e)
{
    struct rules there = {0};
    struct stat st;
    int64_t bytes = stat(path, &st) == 0 ? st.st_size : 0;
    bool ok = rules_read(&there, path, e);
    if (ok && (there.list.n >= RULES_MAX || bytes + (int64_t)strlen(rule) + 2 > RULES_FILE_MAX)) {
        ok = err_set(e, ERR_TOO_LARGE, "%s is full: there are %zu rules already", path, there.list.n);
        err_hint(e, "take some of them out of it");
    }
    rules_free(&there);
    return ok;
}

/* One more line at the end of the file of kept rules, for every process that reads it later. */
static bool append_rule(const struct policy *p, const char *rule, struct err *e)
{
    CLEANUP(mem_free_p) char *path = fs_join(p->state_dir, "policy.rules");
    CLEANUP(mem_free_p) char *lock = mem_printf("%s.lock", path);
    if (!fs_mkdirs(p->state_dir, 0700, e))
        return false;
    /* The room that there is stays there until the rule has it. */
    CLEANUP(fd_close_p) int held = lock_wait(lock, POLICY_FILE_MS, e);
    if (held < 0 || !has_room(path, rule, e))
        return false;
    CLEANUP(fd_close_p)
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_sys(e, ERR_IO, errno, "%s", path);
    CLEANUP(mem_free_p) char *line = mem_printf("%s%s\n", ends_open(fd) ? "\n" : "", rule);
    if (!fs_write_all(fd, str_of(line), e))
        return err_wrap(e, "%s", path);
    return fsync(fd) == 0 || err_sys(e, ERR_IO, errno, "%s: sync", path);
}

/* One allow rule in one line, with a pattern: nobody grants a whole tool by a letter. */
static bool check_grant(const char *rule, struct err *e)
{
    struct rules one = {0};
    bool ok = !strpbrk(rule, "\r\n") && rules_add(&one, str_of(rule), "", e) && one.list.n == 1 &&
              one.list.v[0].verdict == VERDICT_ALLOW && one.list.v[0].pattern;
    rules_free(&one);
    return ok || err_set(e, ERR_INVALID, "%s is not a rule that can be granted", rule);
}

static struct rules *session_rules(struct policy *p, const char *session)
{
    struct rules *r = map_get(&p->sessions, str_of(session));
    if (!r && p->sessions.n < POLICY_SESSIONS_MAX) {
        r = NEW(struct rules);
        map_put(&p->sessions, str_of(session), r);
    }
    return r;
}

bool policy_grant(struct policy *p, const char *session, const char *rule, bool keep, struct err *e)
{
    if (!check_grant(rule, e))
        return false;
    pthread_mutex_lock(&p->lock);
    struct rules *r = keep ? &p->kept : session_rules(p, session);
    bool ok = !r || r->list.n < RULES_MAX ||
              err_set(e, ERR_TOO_LARGE, "there are %d rules already", (int)RULES_MAX);
    pthread_mutex_unlock(&p->lock);
    if (!ok || (keep && !append_rule(p, rule, e)))
        return false;
    pthread_mutex_lock(&p->lock);
    ok = r ? rules_add(r, str_of(rule), keep ? "kept" : "this session", e)
                : err_set(e, ERR_TOO_LARGE, "too many sessions have rules of their own");
    pthread_mutex_unlock(&p->lock);
    return ok;
}

bool policy_rate(struct policy *p, const char *session, struct err *e)
{
    int64_t wait_ms = 0, limit;
    pthread_mutex_lock(&p->lock);
    limit = policy_presets[p->preset].limits.rate_per_minute;
    bool ok = rate_count(&p->rate, session, limit, clock_mono_ms(), &wait_ms);
    const char *preset = policy_presets[p->preset].name;
    pthread_mutex_unlock(&p->lock);
    if (ok)
        return true;
    err_set(e, ERR_DENIED, "preset %s: more than %lld tool calls in a minute", preset,
            (long long)limit);
    e->phase = PHASE_TOOL;
    return err_hint(e, "the next one may run in %lld s", (long long)(wait_ms + 999) / 1000);
}

/* ---- settings ---- */

enum policy_mode policy_mode(struct policy *p)
{
    pthread_mutex_lock(&p->lock);
    enum policy_mode mode = p->mode;
    pthread_mutex_unlock(&p->lock);
    return mode;
}

enum policy_preset policy_preset(struct policy *p)
{
    pthread_mutex_lock(&p->lock);
    enum policy_preset preset = p->preset;
    pthread_mutex_unlock(&p->lock);
    return preset;
}

struct policy_limits policy_limits(struct policy *p)
{
    return policy_presets[policy_preset(p)].limits;
}

void policy_set_mode(struct policy *p, enum policy_mode mode)
{
    pthread_mutex_lock(&p->lock);
    p->mode = mode;
    pthread_mutex_unlock(&p->lock);
}

void policy_set_preset(struct policy *p, enum policy_preset preset)
{
    pthread_mutex_lock(&p->lock);
    p->preset = preset;
    pthread_mutex_unlock(&p->lock);
}

bool policy_mode_parse(struct str s, enum policy_mode *ret_mode)
{
    for (size_t i = 0; i < ARRAY_LEN(modes); i++)
        if (str_is(s, modes[i])) {
            *ret_mode = (enum policy_mode)i;
            return true;
        }
    return false;
}

bool policy_preset_parse(struct str s, enum policy_preset *ret_preset)
{
    for (size_t i = 0; i <= PRESET_HARDENED; i++)
        if (str_is(s, policy_presets[i].name)) {
            *ret_preset = (enum policy_preset)i;
            return true;
        }
    return false;
}

const char *policy_mode_name(enum policy_mode mode)
{
    return modes[mode];
}

const char *policy_preset_name(enum policy_preset preset)
{
    return policy_presets[preset].name;
}

bool policy_trusted(struct policy *p)
{
    pthread_mutex_lock(&p->lock);
    bool trusted = p->trusted;
    pthread_mutex_unlock(&p->lock);
    return trusted;
}

bool policy_trust(struct policy *p, bool trust, struct err *e)
{
    if (!trust_set(p->config_dir, p->root.path, trust, e))
        return false;
    pthread_mutex_lock(&p->lock);
    p->trusted = trust;
    pthread_mutex_unlock(&p->lock);
    return true;
}

bool policy_protects(struct policy *p, const struct path_root *root, int dir, const char *name)
{
    return path_protected_at(root, dir, name, p->protected_paths);
}

void policy_sandbox(struct policy *p, struct sandbox_profile *ret_profile)
{
    const struct preset *preset = &policy_presets[policy_preset(p)];
    struct stat st;
    /* In a directory git has to write. A file of that name, or what a command makes where there is none,
     * tells git where else to find the hooks and configuration that it runs. */
    bool directory = lstat(p->protect[0], &st) == 0 && S_ISDIR(st.st_mode);
    *ret_profile = (struct sandbox_profile){
        .level = p->wanted,
        .required = p->required,
        .network = p->network,
        .workspace = p->root.path,
        .read = p->read,
        .protect = directory ? p->protect + 1 : p->protect,
        .limit = {.file_bytes = preset->file_mib << 20, .processes = preset->processes},
    };
}
