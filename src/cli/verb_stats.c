/* SPDX-License-Identifier: MIT
 *
 * verb_stats: a session in numbers, and its tree as a picture for dot or mermaid.
 */
#include "cli/verb.h"

#include "base/clock.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "text/utf8.h"
#include "text/width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_SHOWN = 40, GRAPH_FLUSH = 64 * 1024 };

/* ---- messages ---- */

struct message {
    char id[ID_MAX], parent[ID_MAX];
    char role[12];
    char *preview; /* of a graph only */
};

struct messages {
    VEC(struct message) v; /* newest first */
    bool labels;           /* with their previews */
    int64_t before;
};

static bool message_row(struct verb *v, const struct json *row, void *arg)
{
    struct messages *all = arg;
    struct message m = {0};
    struct str text = str_of(json_cstr(json_get(row, "preview"), "")), line = text;
    (void)v;
    str_split(&text, '\n', &line);
    line = utf8_clip(line, LABEL_SHOWN);
    snprintf(m.id, sizeof(m.id), "%s", json_cstr(json_get(row, "id"), ""));
    snprintf(m.parent, sizeof(m.parent), "%s", json_cstr(json_get(row, "parent"), ""));
    snprintf(m.role, sizeof(m.role), "%s", json_cstr(json_get(row, "role"), ""));
    m.preview = all->labels ? mem_strndup(line.p, line.n) : NULL;
    VEC_PUSH(&all->v, m);
    all->before = json_i64(json_get(row, "seq"), 0);
    return true;
}

/* All of them, in all branches. */
static bool read_messages(struct verb *v, const char *session, struct messages *all, struct err *e)
{
    bool ok = true;
    size_t n = 1;
    while (ok && n > 0) {
        struct qry_session_messages args = {.session = session, .before = all->before};
        n = 0;
        ok = verb_read(v, QRY_SESSION_MESSAGES, &args, message_row, all, &n, e);
    }
    return ok;
}

static void messages_free(struct messages *all)
{
    for (size_t i = 0; i < all->v.n; i++)
        free(all->v.v[i].preview);
    free(all->v.v);
}

/* ---- numbers ---- */

struct numbers {
    char name[VERB_NAME_MAX];
    int64_t turns, input, output, created_ms, updated_ms;
    double cost;
    int64_t calls, failed, calls_ms;
    int64_t messages, user, assistant, tool;
    int64_t roots, tips, depth;
};

static bool session_row(struct verb *v, const struct json *row, void *arg)
{
    struct numbers *n = arg;
    (void)v;
    snprintf(n->name, sizeof(n->name), "%s", json_cstr(json_get(row, "name"), ""));
    n->turns = json_i64(json_get(row, "turns"), 0);
    n->input = json_i64(json_get(row, "input_tokens"), 0);
    n->output = json_i64(json_get(row, "output_tokens"), 0);
    n->cost = json_f64(json_get(row, "cost_usd"), 0);
    n->created_ms = json_i64(json_get(row, "created_ms"), 0);
    n->updated_ms = json_i64(json_get(row, "updated_ms"), 0);
    return true;
}

static bool calls_row(struct verb *v, const struct json *row, void *arg)
{
    struct numbers *n = arg;
    (void)v;
    n->calls += json_i64(json_get(row, "calls"), 0);
    n->failed += json_i64(json_get(row, "failed"), 0);
    n->calls_ms += json_i64(json_get(row, "ms"), 0);
    return true;
}

/* A parent is older than its child, so its depth is known when the child's turn comes. */
static void count(struct numbers *n, const struct messages *all)
{
    struct map depths = {0};
    int64_t parents = 0;
    for (size_t i = all->v.n; i > 0; i--) {
        const struct message *m = &all->v.v[i - 1];
        uintptr_t above = m->parent[0] ? (uintptr_t)map_get(&depths, str_of(m->parent)) : 0;
        map_put(&depths, str_of(m->id), (void *)(above + 1));
        n->messages++;
        n->user += strcmp(m->role, "user") == 0;
        n->assistant += strcmp(m->role, "assistant") == 0;
        n->tool += strcmp(m->role, "tool") == 0;
        n->roots += above == 0;
        n->depth = MAX(n->depth, (int64_t)above + 1);
    }
    map_free(&depths, NULL);
    struct map seen = {0};
    for (size_t i = 0; i < all->v.n; i++)
        if (all->v.v[i].parent[0] && !map_put(&seen, str_of(all->v.v[i].parent), n))
            parents++;
    map_free(&seen, NULL);
    n->tips = n->messages - parents;
}

static void write_json(struct verb *v, const struct numbers *n)
{
    struct jsonw w = JSONW(v->out);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "session", n->name);
    jsonw_put_i64(&w, "turns", n->turns);
    jsonw_put_i64(&w, "messages", n->messages);
    jsonw_put_i64(&w, "user", n->user);
    jsonw_put_i64(&w, "assistant", n->assistant);
    jsonw_put_i64(&w, "tool", n->tool);
    jsonw_put_i64(&w, "roots", n->roots);
    jsonw_put_i64(&w, "branches", n->tips);
    jsonw_put_i64(&w, "depth", n->depth);
    jsonw_put_i64(&w, "calls", n->calls);
    jsonw_put_i64(&w, "calls_failed", n->failed);
    jsonw_put_i64(&w, "calls_ms", n->calls_ms);
    jsonw_put_i64(&w, "input_tokens", n->input);
    jsonw_put_i64(&w, "output_tokens", n->output);
    jsonw_key(&w, "cost_usd");
    jsonw_f64(&w, n->cost);
    jsonw_put_i64(&w, "created_ms", n->created_ms);
    jsonw_put_i64(&w, "updated_ms", n->updated_ms);
    jsonw_end_object(&w);
    buf_putc(v->out, '\n');
}

static void write_text(struct verb *v, const struct numbers *n)
{
    char from[32], to[32];
    clock_format(n->created_ms, from, sizeof(from));
    clock_format(n->updated_ms, to, sizeof(to));
    buf_printf(v->out, "session   %s, from %.16s to %.16s\n", n->name, from, to);
    buf_printf(v->out, "turns     %lld\n", (long long)n->turns);
    buf_printf(v->out, "messages  %lld: %lld user, %lld assistant, %lld tool\n",
               (long long)n->messages, (long long)n->user, (long long)n->assistant,
               (long long)n->tool);
    buf_puts(v->out, "tree      ");
    buf_count(v->out, n->tips, "branch");
    buf_puts(v->out, ", ");
    buf_count(v->out, n->roots, "root");
    buf_printf(v->out, ", %lld deep\n", (long long)n->depth);
    buf_printf(v->out, "calls     %lld, %lld failed, %.1f s\n", (long long)n->calls,
               (long long)n->failed, (double)n->calls_ms / 1000);
    buf_printf(v->out, "tokens    %lld sent, %lld made\n", (long long)n->input,
               (long long)n->output);
    if (n->cost > 0)
        buf_printf(v->out, "cost      $%.4f\n", n->cost);
}

bool verb_session_stats(struct verb *v, struct err *e)
{
    char session[ID_MAX];
    struct numbers n = {0};
    struct messages all = {0};
    if (!verb_session(v, verb_arg(v, 0), session, NULL, e))
        return false;
    bool ok = verb_read(v, QRY_SESSION_GET, &(struct qry_session_get){.session = session},
                        session_row, &n, NULL, e) &&
              verb_read(v, QRY_TOOL_STATS, &(struct qry_tool_stats){.session = session}, calls_row,
                        &n, NULL, e) &&
              read_messages(v, session, &all, e);
    count(&n, &all);
    if (ok && v->json)
        write_json(v, &n);
    else if (ok)
        write_text(v, &n);
    messages_free(&all);
    return ok;
}

/* ---- the picture ---- */

/* Nothing in it ends the label it stands in: both languages take entities or a plain dash. */
static void write_label(struct buf *out, const struct message *m)
{
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    width_sanitize(&clean, str_of(m->preview));
    buf_printf(out, "%s: ", m->role);
    for (size_t i = 0; i < clean.len; i++) {
        char c = clean.data[i];
        if (strchr("\"\\<>&[]{}|#;`", c))
            buf_putc(out, '-');
        else
            buf_putc(out, c);
    }
}

static void write_node(struct buf *out, bool dot, const struct message *m)
{
    buf_printf(out, dot ? "  \"%s\" [label=\"" : "  %s[\"", m->id);
    write_label(out, m);
    buf_puts(out, dot ? "\"];\n" : "\"]\n");
    if (!m->parent[0])
        return;
    if (dot)
        buf_printf(out, "  \"%s\" -> \"%s\";\n", m->parent, m->id);
    else
        buf_printf(out, "  %s --> %s\n", m->parent, m->id);
}

static bool write_graph(struct verb *v, const struct messages *all, bool dot, struct outfile *file,
                        struct err *e)
{
    CLEANUP(buf_free) struct buf part = BUF_OWN;
    struct buf *out = file ? &part : v->out;
    bool ok = true;
    buf_puts(out, dot ? "digraph session {\n  node [shape=box];\n" : "graph TD\n");
    for (size_t i = all->v.n; ok && i > 0; i--) {
        write_node(out, dot, &all->v.v[i - 1]);
        if (file && out->len >= GRAPH_FLUSH) {
            ok = outfile_add(file, buf_view(out), e);
            buf_clear(out);
        }
    }
    if (dot)
        buf_puts(out, "}\n");
    return ok && (!file || outfile_add(file, buf_view(out), e));
}

struct graph {
    const char *path; /* NULL: what the verb says */
    bool dot;
    char session[ID_MAX];
};

static bool ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

/* The argument is a session, or a file for the one that is shown; a file's name says the format. */
static bool find_graph(struct verb *v, struct graph *g, struct err *e)
{
    const char *arg = verb_arg(v, 0), *format = v->options->value[OPT_FORMAT];
    g->path = v->options->value[OPT_OUT];
    if (!verb_session(v, arg, g->session, NULL, e)) {
        if (!arg || e->code != ERR_NOT_FOUND || g->path || !strchr(arg, '.'))
            return false;
        *e = (struct err)ERR_INIT;
        g->path = arg;
        if (!verb_session(v, NULL, g->session, NULL, e))
            return false;
    }
    if (format && strcmp(format, "dot") != 0 && strcmp(format, "mermaid") != 0)
        return err_set(e, ERR_USAGE, "--format: expected dot or mermaid, got '%.40s'", format);
    g->dot = format ? strcmp(format, "dot") == 0 : !g->path || ends_in(g->path, ".dot");
    return true;
}

bool verb_session_graph(struct verb *v, struct err *e)
{
    struct graph g = {0};
    struct messages all = {.labels = true};
    struct outfile file = {0};
    bool ok = find_graph(v, &g, e) && read_messages(v, g.session, &all, e) &&
              (!g.path || outfile_open(&file, g.path, e));
    ok = ok && write_graph(v, &all, g.dot, g.path ? &file : NULL, e);
    if (g.path)
        ok = ok && outfile_end(&file, v->options->value[OPT_FORCE] != NULL, e);
    outfile_drop(&file);
    size_t edges = 0;
    for (size_t i = 0; i < all.v.n; i++)
        edges += all.v.v[i].parent[0] != '\0';
    if (ok && g.path)
        buf_printf(v->out, "session graph: path=%s format=%s nodes=%zu edges=%zu\n", g.path,
                   g.dot ? "dot" : "mermaid", all.v.n, edges);
    messages_free(&all);
    return ok;
}
