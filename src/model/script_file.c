/* SPDX-License-Identifier: MIT
 *
 * script_file: JSON lines to steps. Each kind of item is a row of `kinds` with the function that
 * reads it; what an item may hold is the field tables' business.
 */
#include "model/script_file.h"

#include "json/field.h"
#include "json/json.h"

#include <string.h>

/* ---- what an item may hold ---- */

struct item_in {
    const char *text, *reasoning, *bytes, *finish, *expect;
    const char *call, *usage, *fail, *repeat;
    bool stall;
    int64_t chunk, delay_ms;
};
FIELD_SET(item_set, "item", struct item_in,
          FIELD_ROW(struct item_in, STR, OPT, text, "a piece of the answer"),
          FIELD_ROW(struct item_in, STR, OPT, reasoning, "a piece of reasoning"),
          FIELD_ROW(struct item_in, STR, OPT, bytes, "a piece of the answer as hexadecimal digits"),
          FIELD_ROW(struct item_in, I64, NUL, chunk, "most bytes of a piece", .min = 1,
                    .max = SCRIPT_BYTES_MAX),
          FIELD_ROW(struct item_in, I64, NUL, delay_ms, "wait, or wait between pieces", .min = 0,
                    .max = SCRIPT_DELAY_MAX),
          FIELD_ROW(struct item_in, JSON, OPT, call, "a call of a tool"),
          FIELD_ROW(struct item_in, JSON, OPT, usage, "tokens"),
          FIELD_ROW(struct item_in, STR, OPT, finish, "why the answer ends", .max = 60),
          FIELD_ROW(struct item_in, JSON, OPT, fail, "an error"),
          FIELD_ROW(struct item_in, BOOL, OPT, stall, "silence until the end"),
          FIELD_ROW(struct item_in, JSON, OPT, repeat, "the same piece many times"),
          FIELD_ROW(struct item_in, STR, OPT, expect, "what the last message must say"));

struct call_in {
    const char *name, *id, *arguments, *arguments_raw;
};
FIELD_SET(call_set, "call", struct call_in, FIELD_ROW(struct call_in, STR, REQ, name, "the tool"),
          FIELD_ROW(struct call_in, STR, OPT, id, "the call's id"),
          FIELD_ROW(struct call_in, JSON, OPT, arguments, "its arguments"),
          FIELD_ROW(struct call_in, STR, OPT, arguments_raw, "their text, which may be anything"));

FIELD_SET(usage_set, "usage", struct model_usage,
          FIELD_ROW(struct model_usage, I64, OPT, input, "tokens of the request"),
          FIELD_ROW(struct model_usage, I64, OPT, output, "tokens of the answer"),
          FIELD_ROW(struct model_usage, I64, OPT, cached, "of the input, read from a cache"),
          FIELD_ROW(struct model_usage, I64, OPT, reasoning, "of the output, reasoning"),
          FIELD_ROW(struct model_usage, F64, OPT, cost_usd, "price"));

struct fail_in {
    const char *reason_code, *message, *phase, *hint;
    int64_t attempts;
};
FIELD_SET(fail_set, "fail", struct fail_in,
          FIELD_ROW(struct fail_in, STR, REQ, reason_code, "one of the reason codes"),
          FIELD_ROW(struct fail_in, STR, OPT, message, "for people"),
          FIELD_ROW(struct fail_in, STR, OPT, phase, "where; absent: where the stream stands"),
          FIELD_ROW(struct fail_in, STR, OPT, hint, "what to do"),
          FIELD_ROW(struct fail_in, I64, OPT, attempts, "fails only so often", .min = 1,
                    .max = 1000));

struct repeat_in {
    int64_t n;
    const char *text;
};
FIELD_SET(repeat_set, "repeat", struct repeat_in,
          FIELD_ROW(struct repeat_in, I64, REQ, n, "how often", .min = 0, .max = SCRIPT_REPEAT_MAX),
          FIELD_ROW(struct repeat_in, STR, REQ, text, "what"));

/* ---- readers, one a kind ---- */

struct reading {
    struct arena *a;
    const struct json *json; /* the item */
    const struct item_in *in;
    struct script_item *item;
    struct err *e;
};

/* The object under `key`, with the key in its errors. */
static bool read_part(struct reading *r, const char *key, const struct field_set *set, void *out)
{
    return field_read(set, json_get(r->json, key), r->a, out, FIELD_STRICT, r->e) ||
           err_wrap(r->e, "%s", key);
}

static bool read_text(struct reading *r)
{
    r->item->text = str_of(r->in->text);
    return true;
}

static bool read_reasoning(struct reading *r)
{
    r->item->text = str_of(r->in->reasoning);
    return true;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool read_bytes(struct reading *r)
{
    struct str hex = str_of(r->in->bytes);
    char *out = arena_new(r->a, hex.n / 2 + 1);
    if (hex.n % 2)
        return err_set(r->e, ERR_INVALID, "bytes: an odd number of hexadecimal digits");
    for (size_t i = 0; i < hex.n; i += 2) {
        int high = hex_digit(hex.p[i]);
        int low = hex_digit(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return err_set(r->e, ERR_INVALID, "bytes: no hexadecimal digits at %zu", i);
        out[i / 2] = (char)(high * 16 + low);
    }
    r->item->text = str_make(out, hex.n / 2);
    return true;
}

static bool read_call(struct reading *r)
{
    struct call_in in;
    if (!read_part(r, "call", &call_set, &in))
        return false;
    if (in.arguments && in.arguments_raw)
        return err_set(r->e, ERR_INVALID, "call: give arguments or arguments_raw, not both");
    r->item->name = str_of(in.name);
    r->item->id = str_of(in.id);
    r->item->text = str_of(in.arguments_raw ? in.arguments_raw
                           : in.arguments   ? in.arguments
                                            : "{}");
    return true;
}

static bool read_usage(struct reading *r)
{
    return read_part(r, "usage", &usage_set, &r->item->usage);
}

static bool read_delay(struct reading *r)
{
    return r->item->delay_ms >= 0;
}

static bool read_finish(struct reading *r)
{
    r->item->text = str_of(r->in->finish);
    return true;
}

static bool read_fail(struct reading *r)
{
    struct fail_in in;
    if (!read_part(r, "fail", &fail_set, &in))
        return false;
    enum err_code code = err_code_find(in.reason_code);
    if (code == ERR_NONE || strcmp(err_code_name(code), in.reason_code) != 0)
        return err_set(r->e, ERR_INVALID, "fail.reason_code: there is no '%.80s'", in.reason_code);
    enum err_phase phase = in.phase ? err_phase_find(in.phase) : PHASE_NONE;
    if (in.phase && strcmp(err_phase_name(phase), in.phase) != 0)
        return err_set(r->e, ERR_INVALID, "fail.phase: there is no '%.80s'", in.phase);
    struct err *fail = &r->item->fail;
    err_set(fail, code, "%s", in.message ? in.message : "the script says so");
    if (in.hint)
        err_hint(fail, "%s", in.hint);
    fail->phase = phase;
    r->item->n = in.attempts;
    return true;
}

static bool read_stall(struct reading *r)
{
    return r->in->stall || err_set(r->e, ERR_INVALID, "stall: only true has a meaning");
}

static bool read_repeat(struct reading *r)
{
    struct repeat_in in;
    if (!read_part(r, "repeat", &repeat_set, &in))
        return false;
    r->item->n = in.n;
    r->item->text = str_of(in.text);
    return true;
}

static bool read_expect(struct reading *r)
{
    r->item->text = str_of(r->in->expect);
    return true;
}

/* delay_ms goes with other kinds too and is therefore the last that is looked for. */
static const struct kind {
    const char *name;
    enum script_kind kind;
    bool paced; /* takes chunk and delay_ms */
    bool (*read)(struct reading *r);
} kinds[] = {
    {"text", SCRIPT_TEXT, true, read_text},
    {"reasoning", SCRIPT_REASONING, true, read_reasoning},
    {"bytes", SCRIPT_TEXT, true, read_bytes},
    {"call", SCRIPT_CALL, false, read_call},
    {"usage", SCRIPT_USAGE, false, read_usage},
    {"finish", SCRIPT_FINISH, false, read_finish},
    {"fail", SCRIPT_FAIL, false, read_fail},
    {"stall", SCRIPT_STALL, false, read_stall},
    {"repeat", SCRIPT_REPEAT, true, read_repeat},
    {"expect", SCRIPT_EXPECT, false, read_expect},
    {"delay_ms", SCRIPT_DELAY, true, read_delay},
};

static const struct kind *kind_of(const struct json *item, struct err *e)
{
    const struct kind *found = NULL;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const struct kind *k = &kinds[i];
        if (!json_get(item, k->name) || (found && k->kind == SCRIPT_DELAY))
            continue;
        if (found) {
            err_set(e, ERR_INVALID, "%s and %s are two items; write two objects", found->name,
                    k->name);
            return NULL;
        }
        found = k;
    }
    if (!found)
        err_set(e, ERR_INVALID,
                "an item needs one of text, reasoning, bytes, call, usage, finish, fail, stall, "
                "repeat, expect, delay_ms");
    return found;
}

static bool read_item(const struct json *j, struct arena *a, struct script_item *item,
                      struct err *e)
{
    struct item_in in;
    if (!field_read(&item_set, j, a, &in, FIELD_STRICT, e))
        return false;
    const struct kind *kind = kind_of(j, e);
    if (!kind)
        return false;
    if (!kind->paced && (in.chunk != I64_NONE || in.delay_ms != I64_NONE))
        return err_set(e, ERR_INVALID, "%s takes neither chunk nor delay_ms", kind->name);
    *item = (struct script_item){.kind = kind->kind,
                                 .chunk = in.chunk == I64_NONE ? 0 : in.chunk,
                                 .delay_ms = in.delay_ms == I64_NONE ? 0 : in.delay_ms};
    return kind->read(&(struct reading){.a = a, .json = j, .in = &in, .item = item, .e = e});
}

/* ---- lines ---- */

static bool ends_step(enum script_kind kind)
{
    return kind == SCRIPT_FINISH || kind == SCRIPT_STALL;
}

static bool read_items(const struct json *line, struct arena *a, struct script_step *step,
                       struct err *e)
{
    bool list = json_type(line) == JSON_ARRAY;
    if (!list && json_type(line) != JSON_OBJECT)
        return err_set(e, ERR_INVALID, "a step is a list of items or one object, not a %s",
                       json_type_name(json_type(line)));
    size_t n = list ? json_len(line) : 1;
    if (n > SCRIPT_ITEMS_MAX)
        return err_set(e, ERR_INVALID, "a step has at most %d items", SCRIPT_ITEMS_MAX);
    step->items = arena_array(a, n ? n : 1, sizeof(*step->items));
    step->n = 0;
    for (const struct json *j = list ? json_first(line) : line; j; j = list ? json_next(j) : NULL) {
        if (step->n && ends_step(step->items[step->n - 1].kind))
            return err_set(e, ERR_INVALID, "item %zu can never be reached", step->n + 1);
        if (!read_item(j, a, &step->items[step->n], e))
            return list ? err_wrap(e, "item %zu", step->n + 1) : false;
        step->n++;
    }
    return true;
}

static bool bad_line(const char *file, size_t number, struct err *e)
{
    e->code = ERR_INVALID;
    err_wrap(e, "%s:%zu", file, number);
    return err_hint(e, "correct that line of the script");
}

bool script_read(const struct script_line *line, const char *file, struct arena *a,
                 struct script_step *ret_step, struct err *e)
{
    CLEANUP(json_free_p) struct json *j = json_parse(line->text, e);
    struct script_step step;
    if (!j || !read_items(j, a, &step, e))
        return bad_line(file, line->number, e);
    *ret_step = step;
    return true;
}

/* {"loop":true} */
static bool read_loop(struct str line, bool *ret_loop, struct err *e)
{
    CLEANUP(json_free_p) struct json *j = json_parse(line, e);
    if (!j)
        return false;
    const struct json *loop = json_get(j, "loop");
    if (loop && (json_type(loop) != JSON_BOOL || json_len(j) != 1))
        return err_set(e, ERR_INVALID, "loop is true or false and stands alone");
    *ret_loop = json_bool(loop, false);
    return true;
}

static bool is_header(struct str line)
{
    return str_starts(line, "{") && str_find(line, STR("\"loop\"")) >= 0 &&
           str_find(line, STR("\"loop\"")) < 8;
}

bool script_split(struct str text, const char *file, struct script_lines *ret_lines, struct err *e)
{
    struct script_lines *l = ret_lines;
    struct str rest = text;
    struct str line;
    *l = (struct script_lines){0};
    if (text.n > SCRIPT_BYTES_MAX)
        return err_set(e, ERR_TOO_LARGE, "%s: a script has at most %d MiB", file,
                       SCRIPT_BYTES_MAX >> 20);
    for (size_t number = 1; str_line(&rest, &line); number++) {
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (is_header(line)) {
            if (l->n)
                err_set(e, ERR_INVALID, "loop must be the first line");
            else if (read_loop(line, &l->loop, e))
                continue;
            return bad_line(file, number, e);
        }
        if (l->n == SCRIPT_STEPS_MAX) {
            err_set(e, ERR_INVALID, "a script has at most %d steps", SCRIPT_STEPS_MAX);
            return bad_line(file, number, e);
        }
        VEC_PUSH(l, ((struct script_line){.text = line, .number = number}));
    }
    return l->n || err_set(e, ERR_INVALID, "%s: the script has no steps", file);
}
