/* SPDX-License-Identifier: MIT
 *
 * call: what a running tool uses of its call. One thread.
 */
#include "tool/call.h"

#include "base/clock.h"
#include "store/blob.h"
#include "text/utf8.h"
#include "tool/builtin.h"
#include "tool/output.h"

#include <string.h>

void call_done(struct tool_call *call)
{
    output_free(call->output);
    call->output = NULL;
}

bool call_stopped(const struct tool_call *call, struct err *e)
{
    if (cancel_fired(call->cancel)) {
        err_set(e, ERR_CANCELLED, "%s was stopped", call->desc->name);
        return true;
    }
    if (call->deadline_ms != CLOCK_NEVER && clock_mono_ms() >= call->deadline_ms) {
        err_set(e, ERR_TIMEOUT, "%s did not end in its time", call->desc->name);
        return true;
    }
    return false;
}

/* ---- output ---- */

void call_output(struct tool_call *call, struct str bytes)
{
    if (!call->output) /* also for no bytes: bash wants one before its command runs */
        call->output = output_new(&(struct output_spec){
            .sink = call->sink,
            .ids = {.session = call->session, .turn = call->turn},
            .part = call->call_id,
            .store_dir = call->store_dir,
        });
    output_add(call->output, bytes);
}

bool call_output_end(struct tool_call *call, const char **ret_artifact, int64_t *ret_total,
                     struct err *e)
{
    const char *artifact = NULL;
    int64_t total = 0;
    if (call->output && !output_end(call->output, &artifact, &total, e))
        return false;
    *ret_artifact = arena_strdup(call->arena, artifact);
    *ret_total = total;
    return true;
}

struct str call_output_clip(struct tool_call *call, size_t max)
{
    if (!call->output)
        return STR("");
    return output_clip(call->output, MIN(max, (size_t)TOOL_RESULT_MAX), call->arena);
}

const char *call_artifact(struct tool_call *call, const char *path, const char *media_type,
                          struct str text, struct err *e)
{
    struct blob_writer *w = blob_begin(call->store_dir, e);
    char sha[DIGEST_HEX];
    int64_t bytes;
    if (!w)
        return NULL;
    if (!blob_add(w, text, e)) {
        blob_abort(w);
        return NULL;
    }
    if (!blob_end(w, sha, &bytes, e))
        return NULL;
    struct id id = id_make("art");
    call->sink.emit(call->sink.ctx,
                    event_new(EV_ARTIFACT_CREATED,
                              &(struct event_ids){.session = call->session, .turn = call->turn},
                              &(struct ev_artifact_created){.artifact_id = id.s,
                                                            .path = path,
                                                            .media_type = media_type,
                                                            .bytes = bytes,
                                                            .sha256 = sha}));
    return arena_strdup(call->arena, id.s);
}

/* ---- what several tools do alike ---- */

char *call_path(struct tool_call *call, const char *path, struct err *e)
{
    return path_relative(&call->root, path ? path : ".", call->arena, e);
}

void outcome_result(struct tool_call *call, struct tool_outcome *o, const struct buf *b)
{
    o->result = arena_strndup(call->arena, buf_cstr(b), b->len);
    o->result_n = b->len;
}

bool looks_binary(struct str front)
{
    size_t wrong = 0, chars = 0;
    while (front.n > 0) {
        size_t n = 1;
        uint32_t cp = utf8_next(front, &n);
        if (cp == 0)
            return true;
        bool invalid = cp == UTF8_REPLACEMENT && n == 1;
        /* A character that is cut by the end of what was read says nothing. */
        wrong += invalid && front.n > 3;
        chars++;
        front = str_sub(front, n, front.n);
    }
    return wrong * 10 > chars * 3;
}

const char *call_count(struct tool_call *call, int64_t n, const char *noun)
{
    CLEANUP(buf_free) struct buf b = BUF_OWN;
    buf_count(&b, n, noun);
    return arena_strndup(call->arena, buf_cstr(&b), b.len);
}

const char *call_duration(struct tool_call *call, int64_t ms)
{
    if (ms < 1000)
        return arena_printf(call->arena, "%lld ms", (long long)ms);
    if (ms < 60 * 1000)
        return arena_printf(call->arena, "%.1f s", (double)ms / 1000);
    return arena_printf(call->arena, "%lld min %lld s", (long long)(ms / 60000),
                        (long long)(ms / 1000 % 60));
}

void add_line(struct buf *out, struct str line, size_t max, int64_t total, bool *ret_replaced)
{
    size_t n = MIN(line.n, max);
    while (n > 0 && n < line.n && ((unsigned char)line.p[n] & 0xC0) == 0x80)
        n--;
    struct str shown = str_sub(line, 0, n), part;
    if (ret_replaced && (!utf8_valid(shown) || str_index(shown, '\0') >= 0))
        *ret_replaced = true;
    for (bool first = true; str_split(&shown, '\0', &part); first = false) {
        if (!first)
            buf_puts(out, "\xEF\xBF\xBD");
        utf8_clean(out, part);
    }
    if ((int64_t)n < total)
        buf_printf(out, " [... line of %lld bytes clipped]", (long long)total);
}

void add_name(struct buf *out, struct str name)
{
    size_t from = 0;
    for (size_t i = 0; i <= name.n; i++) {
        unsigned char c = i < name.n ? (unsigned char)name.p[i] : 0;
        if (i < name.n && c >= ' ' && c != 0x7F)
            continue;
        add_line(out, str_sub(name, from, i - from), TOOL_LINE_MAX, 0, NULL);
        from = i + 1;
        if (i == name.n)
            break;
        if (c == '\n' || c == '\t')
            buf_puts(out, c == '\n' ? "\\n" : "\\t");
        else
            buf_printf(out, "\\x%02x", c);
    }
}
