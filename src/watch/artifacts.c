/* SPDX-License-Identifier: MIT
 *
 * artifacts: reading the files of a dashboard's directory.
 */
#include "watch/artifacts.h"

#include "base/buf.h"
#include "base/fs.h"
#include "text/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- diagnostics ---- */

static const char *const problem_names[ARTIFACT_PROBLEMS] = {"missing", "parse_failed", "jsonl_malformed",
                                                             "read_failed"};

static struct artifact_diagnostic *diagnose(struct artifacts *a, enum artifact_problem problem, const char *name)
{
    struct artifact_diagnostic *d = &a->diagnostics[a->n_diagnostics]; /* the spare one when it is full */
    a->count[problem]++;
    a->n_diagnostics += a->n_diagnostics < ARTIFACT_DIAGNOSTICS;
    d->problem = problem;
    snprintf(d->code, sizeof(d->code), "%s:%s", problem_names[problem], name);
    return d;
}

static const struct {
    int number;
    const char *kind, *text;
} kinds[] = {
    {EACCES, "permission_denied", "it can not be read by you"},
    {EPERM, "permission_denied", "it can not be read by you"},
    {ELOOP, "other", "it is a symbolic link"},
    {ETIMEDOUT, "timed_out", "the file system did not answer in time"},
    {EINTR, "interrupted", "reading it was interrupted"},
    {EISDIR, "other", "it is a directory"},
    {ENXIO, "other", "it is no regular file"},
    {EFBIG, "invalid_data", "it is larger than 1 MiB"},
    {EILSEQ, "invalid_data", "it is not UTF-8"},
};

static struct artifact_diagnostic *read_failed(struct artifacts *a, const char *name, int number)
{
    struct artifact_diagnostic *d = diagnose(a, ARTIFACT_READ_FAILED, name);
    size_t i = 0, n = strlen(d->code);
    while (i < ARRAY_LEN(kinds) && kinds[i].number != number)
        i++;
    bool known = i < ARRAY_LEN(kinds);
    snprintf(d->code + n, sizeof(d->code) - n, ":%s", known ? kinds[i].kind : "other");
    if (known) {
        snprintf(d->text, sizeof(d->text), "%s: %s", name, kinds[i].text);
    } else {
        struct err e = ERR_INIT;
        err_sys(&e, ERR_IO, number, "%s", name);
        snprintf(d->text, sizeof(d->text), "%.190s", e.message);
    }
    return d;
}

/* ---- bytes ---- */

/* A file as it is named in what is said. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Opens a regular file that nobody makes us wait for. -1: it was said why. */
static int open_file(struct artifacts *a, int dir, const char *path, bool wanted, struct stat *st)
{
    const char *name = name_of(path);
    int fd = openat(dir, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
        if (wanted) {
            struct artifact_diagnostic *d = diagnose(a, ARTIFACT_MISSING, name);
            snprintf(d->text, sizeof(d->text), "%s: there is no such file", name);
        }
        return -1;
    }
    if (fd < 0 || fstat(fd, st) != 0) {
        read_failed(a, name, errno);
        fd_close_p(&fd);
        return -1;
    }
    if (!S_ISREG(st->st_mode)) {
        read_failed(a, name, S_ISDIR(st->st_mode) ? EISDIR : ENXIO);
        fd_close_p(&fd);
    }
    return fd;
}

/* What is there now, from an offset; a file that another one replaces meanwhile stays what it was. */
static bool read_bytes(struct artifacts *a, int fd, const char *name, off_t from, struct buf *out)
{
    char bytes[16384];
    ssize_t n;
    while ((n = pread(fd, bytes, sizeof(bytes), from)) > 0 || (n < 0 && errno == EINTR)) {
        if (n > 0 && !buf_add(out, bytes, (size_t)n)) {
            read_failed(a, name, EFBIG);
            return false;
        }
        from += MAX(n, (ssize_t)0);
    }
    if (n < 0)
        read_failed(a, name, errno);
    return n == 0;
}

static size_t line_at(struct str text, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < MIN(offset, text.n); i++)
        line += text.p[i] == '\n';
    return line;
}

/* "... at byte 17 ...": where the parser stopped. */
static size_t offset_of(const char *message)
{
    const char *at = strstr(message, "byte ");
    return at ? (size_t)strtoul(at + 5, NULL, 10) : 0;
}

static void parse_failed(struct artifacts *a, const char *name, struct str text, const char *message)
{
    struct artifact_diagnostic *d = diagnose(a, ARTIFACT_PARSE_FAILED, name);
    snprintf(d->text, sizeof(d->text), "%s:%zu: %.150s", name, line_at(text, offset_of(message)), message);
}

/* ---- members ---- */

/* A file that is being taken in. The first member of a wrong type is said, and the rest of the file is
 * taken nevertheless. */
struct reading {
    struct artifacts *a;
    const char *name;
    struct str text;
    bool wrong;
};

static void wrong_type(struct reading *r, const char *path, const char *wanted, const struct json *got)
{
    char key[ARTIFACT_NAME];
    const char *last = strrchr(path, '.');
    if (r->wrong)
        return;
    r->wrong = true;
    snprintf(key, sizeof(key), "\"%s\"", last ? last + 1 : path);
    ssize_t at = str_find(r->text, str_of(key));
    struct artifact_diagnostic *d = diagnose(r->a, ARTIFACT_PARSE_FAILED, r->name);
    snprintf(d->text, sizeof(d->text), "%s:%zu: %s: expected %s, got %s", r->name,
             line_at(r->text, at < 0 ? 0 : (size_t)at), path, wanted, json_type_name(json_type(got)));
}

static const struct json *member(struct reading *r, const struct json *in, const char *path, const char *key,
                                 enum json_type type, const char *wanted)
{
    const struct json *j = json_get(in, key);
    if (!j || json_type(j) == JSON_NULL || json_type(j) == type)
        return j && json_type(j) == type ? j : NULL;
    wrong_type(r, path, wanted, j);
    return NULL;
}

static const char *key_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : path;
}

/* Sums of what another program wrote stay numbers; JSON itself promises no more than this. */
enum { NUMBER_BITS = 53 };

static int64_t number(struct reading *r, const struct json *in, const char *path)
{
    const struct json *j = member(r, in, path, key_of(path), JSON_NUMBER, "a number");
    int64_t n = 0;
    if (j && (!json_is_i64(j, &n) || n < 0 || n > INT64_C(1) << NUMBER_BITS)) {
        wrong_type(r, path, "a whole number from 0 to 2^53", j);
        n = 0;
    }
    return n;
}

static bool word(struct reading *r, const struct json *in, const char *path, char *ret, size_t size)
{
    const struct json *j = member(r, in, path, key_of(path), JSON_STRING, "a string");
    snprintf(ret, size, "%s", json_cstr(j, ""));
    return j != NULL;
}

#define WORD(r, in, path, to) word(r, in, path, to, sizeof(to))

static bool flag(struct reading *r, const struct json *in, const char *path)
{
    return json_bool(member(r, in, path, key_of(path), JSON_BOOL, "true or false"), false);
}

/* ---- files ---- */

static void take_tau(struct reading *r, const struct json *tau)
{
    struct artifacts *a = r->a;
    if (!tau)
        return;
    a->has_tau = true;
    WORD(r, tau, "tau.proc", a->proc);
    WORD(r, tau, "tau.session", a->session);
    WORD(r, tau, "tau.turn", a->turn);
    WORD(r, tau, "tau.phase", a->phase);
    WORD(r, tau, "tau.tool", a->tool);
    WORD(r, tau, "tau.asks", a->asks);
    a->pid = number(r, tau, "tau.pid");
    a->seq = number(r, tau, "tau.seq");
    a->tasks_done = number(r, tau, "tau.tasks_done");
    a->tasks = number(r, tau, "tau.tasks");
}

static void take_state(struct reading *r, const struct json *j)
{
    struct artifacts *a = r->a;
    const struct json *health = member(r, j, "health", "health", JSON_OBJECT, "an object");
    const struct json *cases =
        member(r, j, "processed_case_keys", "processed_case_keys", JSON_ARRAY, "a list");
    a->queue_depth = number(r, health, "health.queue_depth");
    a->failure_streak = number(r, health, "health.failure_streak");
    a->processed = json_len(cases);
    size_t skip = a->processed > ARTIFACT_CASES ? a->processed - ARTIFACT_CASES : 0, i = 0;
    for (const struct json *c = json_first(cases); c; c = json_next(c))
        if (i++ >= skip)
            snprintf(a->cases[a->n_cases++], ARTIFACT_NAME, "%s", json_cstr(c, ""));
    take_tau(r, member(r, j, "tau", "tau", JSON_OBJECT, "an object"));
    /* Numbers that could not be read are no health. */
    a->has_state = !r->wrong;
}

static void take_action(struct reading *r, const struct json *action)
{
    struct artifacts *a = r->a;
    if (!action)
        return;
    WORD(r, action, "action", a->action);
    WORD(r, action, "actor", a->actor);
    a->action_ms = number(r, action, "timestamp_unix_ms");
}

static void take_control(struct reading *r, const struct json *j)
{
    char mode[ARTIFACT_NAME];
    WORD(r, j, "mode", mode);
    r->a->paused = strcmp(mode, "paused") == 0;
    take_action(r, member(r, j, "last_action", "last_action", JSON_OBJECT, "an object"));
    r->a->has_control = !r->wrong;
}

static void take_auth(struct reading *r, const struct json *j)
{
    struct artifacts *a = r->a;
    const struct json *all = member(r, j, "providers", "providers", JSON_ARRAY, "a list");
    WORD(r, j, "mode", a->auth_mode);
    a->auth_required = flag(r, j, "required");
    for (const struct json *p = json_first(all); p && a->n_providers < ARTIFACT_PROVIDERS; p = json_next(p)) {
        struct artifact_provider *to = &a->providers[a->n_providers++];
        WORD(r, p, "providers.provider", to->provider);
        WORD(r, p, "providers.mode", to->mode);
        WORD(r, p, "providers.state", to->state);
        WORD(r, p, "providers.source", to->source);
    }
    a->has_auth = !r->wrong;
}

static void take_training(struct reading *r, const struct json *j)
{
    struct artifacts *a = r->a;
    const struct json *all =
        member(r, j, "live_learning_alerts", "live_learning_alerts", JSON_ARRAY, "a list");
    WORD(r, j, "run_state", a->run_state);
    a->total = number(r, j, "total_rollouts");
    a->succeeded = number(r, j, "succeeded");
    a->failed = number(r, j, "failed");
    a->cancelled = number(r, j, "cancelled");
    for (const struct json *p = json_first(all); p && a->n_alerts < ARTIFACT_ALERTS; p = json_next(p)) {
        struct artifact_alert *to = &a->alerts[a->n_alerts++];
        WORD(r, p, "live_learning_alerts.code", to->code);
        WORD(r, p, "live_learning_alerts.severity", to->severity);
        WORD(r, p, "live_learning_alerts.message", to->message);
    }
    a->has_training = !r->wrong;
}

static void take_event(struct reading *r, const struct json *j)
{
    struct artifacts *a = r->a;
    const struct json *codes = member(r, j, "reason_codes", "reason_codes", JSON_ARRAY, "a list");
    WORD(r, j, "health_reason", a->health_reason);
    a->reason_codes[0] = '\0';
    for (const struct json *c = json_first(codes); c; c = json_next(c)) {
        size_t n = strlen(a->reason_codes);
        snprintf(a->reason_codes + n, sizeof(a->reason_codes) - n, "%s%s", n ? "," : "", json_cstr(c, "?"));
    }
    a->has_events = true;
}

static void take_audit(struct reading *r, const struct json *j)
{
    take_action(r, j);
}

static const struct {
    const char *name;
    bool wanted, lines;
    void (*take)(struct reading *r, const struct json *j);
} files[] = {
    {"state.json", true, false, take_state},
    {"control-state.json", true, false, take_control},
    {"auth-status.json", true, false, take_auth},
    {"../training/status.json", false, false, take_training},
    {"runtime-events.jsonl", false, true, take_event},
    {"actions-audit.jsonl", false, true, take_audit},
};

static bool is_text(struct artifacts *a, struct str text, const char *name)
{
    bool cut;
    size_t good = utf8_valid_prefix(text, &cut);
    if (good == text.n)
        return true;
    struct artifact_diagnostic *d = read_failed(a, name, EILSEQ);
    snprintf(d->text, sizeof(d->text), "%s:%zu: it is not UTF-8", name, line_at(text, good));
    return false;
}

static void take_json(struct artifacts *a, struct str text, size_t i, const char *name)
{
    struct err e = ERR_INIT;
    struct reading r = {a, name, text, false};
    if (!is_text(a, text, name))
        return;
    CLEANUP(json_free_p) struct json *j = json_parse(r.text, &e);
    if (!j)
        parse_failed(a, name, r.text, e.message);
    else if (json_type(j) != JSON_OBJECT)
        parse_failed(a, name, r.text, "expected an object");
    else
        files[i].take(&r, j);
}

/* The newest line that can be read; only when there is none that is said. */
static void take_lines(struct artifacts *a, struct str text, size_t i, const char *name)
{
    struct err e = ERR_INIT, first = ERR_INIT;
    struct str rest = str_trim(text);
    size_t last = 0, bad = 0;
    for (size_t end = rest.n; end > 0; end = last > 0 ? last - 1 : 0) {
        last = end;
        while (last > 0 && rest.p[last - 1] != '\n')
            last--;
        struct str line = str_trim(str_sub(rest, last, end - last));
        CLEANUP(json_free_p) struct json *j = line.n ? json_parse(line, &e) : NULL;
        if (j && json_type(j) == JSON_OBJECT) {
            struct reading r = {a, name, line, false};
            files[i].take(&r, j);
            return;
        }
        if (line.n && !bad++) {
            first = e;
            struct artifact_diagnostic d = {0};
            snprintf(d.text, sizeof(d.text), "%s:%zu: %.120s", name, line_at(rest, last),
                     j ? "expected an object" : first.message);
            snprintf(first.message, sizeof(first.message), "%s", d.text);
        }
    }
    if (bad) {
        struct artifact_diagnostic *d = diagnose(a, ARTIFACT_JSONL_MALFORMED, name);
        snprintf(d->text, sizeof(d->text), "%.180s", first.message);
    }
}

bool artifacts_take(struct artifacts *a, size_t file, struct str text)
{
    if (file >= ARRAY_LEN(files))
        return false;
    const char *name = name_of(files[file].name);
    if (files[file].lines)
        take_lines(a, text, file, name);
    else
        take_json(a, text, file, name);
    return true;
}

static void no_directory(struct artifacts *a, const char *dir, const char *name, int why)
{
    if (why != ENOENT && why != ENOTDIR) {
        read_failed(a, name, why);
        return;
    }
    struct artifact_diagnostic *d = diagnose(a, ARTIFACT_MISSING, name);
    snprintf(d->text, sizeof(d->text), "%s: there is no directory %.100s", name, dir);
}

void artifacts_read(struct artifacts *ret, const char *dir)
{
    *ret = (struct artifacts){0};
    CLEANUP(fd_close_p) int at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int why = at < 0 ? errno : 0;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        CLEANUP(buf_free) struct buf text = {.max = ARTIFACT_MAX};
        struct stat st;
        if (at < 0 && files[i].wanted)
            no_directory(ret, dir, files[i].name, why);
        CLEANUP(fd_close_p) int fd = at < 0 ? -1 : open_file(ret, at, files[i].name, files[i].wanted, &st);
        off_t from = fd >= 0 && files[i].lines ? MAX(st.st_size - ARTIFACT_TAIL, (off_t)0) : 0;
        if (fd >= 0 && read_bytes(ret, fd, name_of(files[i].name), from, &text))
            artifacts_take(ret, i, buf_view(&text));
    }
}
