/* SPDX-License-Identifier: MIT
 *
 * input: bytes of a terminal to events.
 *
 * The filter is a small state machine over bytes. It hands only whole sequences to libtermkey,
 * which then never has to guess; what is cut waits for its rest or for a quiet moment. It keeps
 * away from libtermkey what that decodes wrongly or types as text: bracketed pastes, OSC, DCS and
 * APC strings, replies to queries, focus reports.
 *
 * A paste ends when its end mark came and nothing followed for INPUT_TAIL_MS. So a pasted text that
 * brings an end mark of its own can not continue as typed keys: what follows is still paste.
 */
#include "ui/term/input.h"

#include "base/buf.h"
#include "base/mem.h"
#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <termkey.h>

enum state { GROUND, CHARACTER, AFTER_ESC, CSI, SS3, STRING, STRING_ESC, PASTE, TAIL };

struct input {
    TermKey *tk;
    int quiet_ms;
    enum state state;
    struct buf seq; /* the sequence so far, from its first ESC */
    char part[4];   /* of a character past ASCII, part_n bytes so far */
    size_t part_n;
    bool part_alt;
    size_t string_n;  /* bytes of the string so far */
    struct buf paste; /* raw, with marks, while it is collected */
    struct buf clean; /* what was last delivered */
    bool cut;
    int64_t deadline;
    VEC(struct input_event) queue;
    size_t taken;
};

static const char PASTE_BEGIN[] = "\x1b[200~", PASTE_END[] = "\x1b[201~";

/* Terminals that report the mouse in the new way say so in their key_mouse, and libtermkey takes
 * that for the old way and types the rest. Without the string it does the right thing. */
static const char *hide_mouse(const char *name, const char *value, void *ctx)
{
    (void)ctx;
    return strcmp(name, "key_mouse") == 0 ? NULL : value;
}

struct input *input_new(const char *term, int quiet_ms, struct err *e)
{
    TermKey *tk =
        termkey_new_abstract(term, TERMKEY_FLAG_UTF8 | TERMKEY_FLAG_CTRLC | TERMKEY_FLAG_NOSTART);
    if (!tk) {
        err_set(e, ERR_UNSUPPORTED, "the keys of the terminal type %s are not known", term);
        return NULL;
    }
    termkey_hook_terminfo_getstr(tk, hide_mouse, NULL);
    if (!termkey_start(tk)) {
        termkey_destroy(tk);
        err_set(e, ERR_UNSUPPORTED, "the keys of the terminal type %s are not known", term);
        return NULL;
    }
    struct input *in = NEW(struct input);
    *in = (struct input){.tk = tk,
                         .quiet_ms = quiet_ms,
                         .seq = BUF_INIT(INPUT_SEQ_MAX),
                         .paste = BUF_INIT(INPUT_PASTE_MAX),
                         .clean = BUF_OWN,
                         .deadline = INT64_MAX};
    return in;
}

void input_free(struct input *in)
{
    if (!in)
        return;
    termkey_destroy(in->tk);
    buf_free(&in->seq);
    buf_free(&in->paste);
    buf_free(&in->clean);
    free(in->queue.v);
    free(in);
}

static void push_event(struct input *in, struct input_event ev)
{
    VEC_PUSH(&in->queue, ev);
}

/* ---- keys ---- */

static const struct {
    TermKeySym sym;
    uint32_t code;
} symbols[] = {
    {TERMKEY_SYM_ENTER, KEY_ENTER},
    {TERMKEY_SYM_KPENTER, KEY_ENTER},
    {TERMKEY_SYM_TAB, KEY_TAB},
    {TERMKEY_SYM_ESCAPE, KEY_ESCAPE},
    {TERMKEY_SYM_BACKSPACE, KEY_BACKSPACE},
    {TERMKEY_SYM_DEL, KEY_BACKSPACE},
    {TERMKEY_SYM_DELETE, KEY_DELETE},
    {TERMKEY_SYM_INSERT, KEY_INSERT},
    {TERMKEY_SYM_UP, KEY_UP},
    {TERMKEY_SYM_DOWN, KEY_DOWN},
    {TERMKEY_SYM_LEFT, KEY_LEFT},
    {TERMKEY_SYM_RIGHT, KEY_RIGHT},
    {TERMKEY_SYM_HOME, KEY_HOME},
    {TERMKEY_SYM_FIND, KEY_HOME},
    {TERMKEY_SYM_END, KEY_END},
    {TERMKEY_SYM_SELECT, KEY_END},
    {TERMKEY_SYM_PAGEUP, KEY_PAGE_UP},
    {TERMKEY_SYM_PAGEDOWN, KEY_PAGE_DOWN},
    {TERMKEY_SYM_SPACE, ' '},
};

enum { KEYPAD_FIRST = 57399 };

/* Characters that terminals with the newer protocol send as numbers, and numbers of keys that we
 * have no use for (modifiers on their own, media keys: the private use area). */
static bool code_of_unicode(long cp, uint32_t *ret_code)
{
    static const struct {
        long cp;
        uint32_t code;
    } controls[] = {
        {13, KEY_ENTER}, {9, KEY_TAB}, {27, KEY_ESCAPE}, {127, KEY_BACKSPACE}, {8, KEY_BACKSPACE},
    };
    /* The keypad, from its 0 on. */
    static const uint32_t keypad[] = {
        '0',      '1',         '2',           '3',      '4',      '5',        '6',
        '7',      '8',         '9',           '.',      '/',      '*',        '-',
        '+',      KEY_ENTER,   '=',           ',',      KEY_LEFT, KEY_RIGHT,  KEY_UP,
        KEY_DOWN, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_HOME, KEY_END,  KEY_INSERT, KEY_DELETE,
    };
    for (size_t i = 0; i < ARRAY_LEN(controls); i++) {
        if (controls[i].cp == cp) {
            *ret_code = controls[i].code;
            return true;
        }
    }
    if (cp >= KEYPAD_FIRST && cp < KEYPAD_FIRST + (long)ARRAY_LEN(keypad)) {
        *ret_code = keypad[cp - KEYPAD_FIRST];
        return true;
    }
    if (cp < 0x20 || cp > 0x10FFFF || (cp >= 57344 && cp <= 63743))
        return false;
    *ret_code = (uint32_t)cp;
    return true;
}

static bool key_of(const TermKeyKey *k, struct key *ret)
{
    uint32_t code = 0;
    if (k->type == TERMKEY_TYPE_UNICODE) {
        if (!code_of_unicode(k->code.codepoint, &code))
            return false;
    } else if (k->type == TERMKEY_TYPE_FUNCTION && k->code.number >= 1 && k->code.number <= 12) {
        code = (uint32_t)(KEY_F1 + k->code.number - 1);
    } else if (k->type == TERMKEY_TYPE_KEYSYM) {
        for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
            if (symbols[i].sym == k->code.sym)
                code = symbols[i].code;
        }
    }
    if (code == 0)
        return false;
    uint8_t mods = 0;
    mods |= (k->modifiers & TERMKEY_KEYMOD_SHIFT) ? MOD_SHIFT : 0;
    mods |= (k->modifiers & TERMKEY_KEYMOD_ALT) ? MOD_ALT : 0;
    mods |= (k->modifiers & TERMKEY_KEYMOD_CTRL) ? MOD_CTRL : 0;
    if (code < KEY_FIRST_ && !(mods & MOD_CTRL))
        mods &= (uint8_t)~MOD_SHIFT; /* the character says it already */
    if (code >= 'A' && code <= 'Z' && (mods & MOD_CTRL))
        code += 'a' - 'A';
    *ret = (struct key){code, mods};
    return true;
}

/* Hands whole sequences on and takes the keys that they are. force: nothing more comes. */
static void decode(struct input *in, const char *p, size_t n, bool force)
{
    while (n > 0 || force) {
        size_t took = n > 0 ? termkey_push_bytes(in->tk, p, MIN(n, (size_t)200)) : 0;
        if (n > 0 && (took == 0 || took == (size_t)-1))
            break; /* a full buffer is emptied below in every round, so this is the end */
        p += took;
        n -= took;
        TermKeyKey k;
        TermKeyResult r;
        while ((r = force && n == 0 ? termkey_getkey_force(in->tk, &k)
                                    : termkey_getkey(in->tk, &k)) == TERMKEY_RES_KEY) {
            struct key key;
            if (key_of(&k, &key))
                push_event(in, (struct input_event){.type = INPUT_KEY, .key = key});
        }
        if (n == 0)
            break;
    }
}

/* ---- pastes ---- */

static void append_clean_line_end(struct buf *out, const char *p, const char *end, const char **at)
{
    buf_putc(out, '\n');
    *at = p + (p + 1 < end && p[1] == '\n' ? 2 : 1);
}

/* Marks and control characters out, line ends to LF, UTF-8 made valid. */
static void clean_paste(struct buf *out, struct str raw)
{
    CLEANUP(buf_free) struct buf plain = BUF_OWN;
    const char *p = raw.p, *end = raw.p + raw.n;
    while (p < end) {
        struct str rest = str_make(p, (size_t)(end - p));
        unsigned char c = (unsigned char)*p;
        if (str_starts(rest, PASTE_BEGIN) || str_starts(rest, PASTE_END)) {
            p += sizeof(PASTE_END) - 1;
        } else if (c == '\r') {
            append_clean_line_end(&plain, p, end, &p);
        } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
            p++;
        } else if (c == 0xC2 && p + 1 < end && (unsigned char)p[1] >= 0x80 &&
                   (unsigned char)p[1] < 0xA0) {
            p += 2; /* C1 */
        } else {
            buf_putc(&plain, *p++);
        }
    }
    utf8_clean(out, buf_view(&plain));
}

static void end_paste(struct input *in)
{
    in->state = GROUND;
    buf_clear(&in->clean);
    struct str raw = buf_view(&in->paste);
    if (str_ends(raw, PASTE_END))
        raw.n -= sizeof(PASTE_END) - 1;
    clean_paste(&in->clean, raw);
    push_event(
        in, (struct input_event){
                .type = INPUT_PASTE, .paste = buf_view(&in->clean), .cut = in->cut, .last = true});
    buf_clear(&in->paste);
    in->cut = false;
}

static void paste_byte(struct input *in, char c)
{
    if (!buf_putc(&in->paste, c)) {
        /* The end mark must still be seen: the last bytes are kept in rotation. */
        in->cut = true;
        memmove(in->paste.data + in->paste.len - 6, in->paste.data + in->paste.len - 5, 5);
        in->paste.data[in->paste.len - 1] = c;
        in->paste.full = false;
    }
    in->state = c == '~' && str_ends(buf_view(&in->paste), PASTE_END) ? TAIL : in->state;
}

/* ---- the filter ---- */

/* Whether libtermkey may see it: a few small numbers and a final byte. What has a private leader or
 * an intermediate byte is no key, and libtermkey 0.22 reads outside its tables for it; reports of
 * sizes, of modes and of the mouse in its old way were not asked for, and it waits for bytes that follow
 * some of them. */
static bool is_key_csi(struct str seq)
{
    ssize_t bracket = str_index(seq, '[');
    size_t digits = 0, numbers = 1;
    if (bracket < 0 || strchr("Mmtynxc", seq.p[seq.n - 1]))
        return false;
    for (size_t i = (size_t)bracket + 1; i + 1 < seq.n; i++) {
        char c = seq.p[i];
        digits = c == ';' ? 0 : digits + 1;
        numbers += c == ';';
        if ((c != ';' && (c < '0' || c > '9')) || digits > 7 || numbers > 4)
            return false;
    }
    return true;
}

/* "ESC[<0;5;6M": button, column and row from 1. Releases (m), other buttons, and clicks that were made with
 * a key held are nobody's business here. */
static void mouse(struct input *in, struct str seq)
{
    static const struct {
        int64_t code;
        enum mouse_button button;
    } buttons[] = {{0, MOUSE_LEFT}, {64, MOUSE_WHEEL_UP}, {65, MOUSE_WHEEL_DOWN}};
    enum { MODIFIERS = 4 + 8 + 16, PLACE_MAX = 10000 };
    struct str rest = str_sub(seq, 3, seq.n - 4), part;
    int64_t number[3] = {0};
    size_t n = 0;
    while (str_split(&rest, ';', &part))
        if (n == ARRAY_LEN(number) || !str_i64(part, &number[n++]))
            return;
    if (n != ARRAY_LEN(number) || seq.p[seq.n - 1] != 'M' || number[1] < 1 || number[1] > PLACE_MAX ||
        number[2] < 1 || number[2] > PLACE_MAX)
        return;
    if (number[0] >= 64)
        number[0] &= ~(int64_t)MODIFIERS;
    for (size_t i = 0; i < ARRAY_LEN(buttons); i++)
        if (buttons[i].code == number[0])
            push_event(in, (struct input_event){.type = INPUT_MOUSE,
                                                .button = buttons[i].button,
                                                .x = (int)number[1] - 1,
                                                .y = (int)number[2] - 1});
}

/* A whole CSI sequence: an event of its own, an answer that nobody asked for, or a key. */
static void end_csi(struct input *in)
{
    struct str seq = buf_view(&in->seq);
    char final = seq.p[seq.n - 1];
    if (str_is(seq, "\x1b[["))
        return; /* a function key of the Linux console: one letter follows */
    in->state = GROUND;
    if (str_starts(seq, "\x1b[[")) {
        if (final >= 'A' && final <= 'E')
            push_event(in, (struct input_event){.type = INPUT_KEY,
                                                .key = {KEY_F1 + (uint32_t)(final - 'A'), 0}});
        return;
    }
    if (str_is(seq, PASTE_BEGIN)) {
        in->state = PASTE;
        return;
    }
    if (str_is(seq, PASTE_END))
        return;
    if (str_is(seq, "\x1b[I") || str_is(seq, "\x1b[O")) {
        push_event(in,
                   (struct input_event){.type = final == 'I' ? INPUT_FOCUS_IN : INPUT_FOCUS_OUT});
        return;
    }
    if (str_starts(seq, "\x1b[<"))
        mouse(in, seq);
    else if (is_key_csi(seq))
        decode(in, seq.p, seq.n, false);
}

/* Characters past ASCII are not libtermkey's business: it would take a stray byte of them for the
 * start of a sequence, and read outside its tables. What is not UTF-8 is dropped. */
static void character_byte(struct input *in, char c)
{
    bool cut = false;
    in->part[in->part_n++] = c;
    struct str part = str_make(in->part, in->part_n);
    if (utf8_valid(part)) {
        size_t n;
        uint32_t cp = utf8_next(part, &n);
        if (cp >= 0xA0)
            push_event(in, (struct input_event){
                               .type = INPUT_KEY,
                               .key = {cp, in->part_alt ? (uint8_t)MOD_ALT : (uint8_t)0}});
    } else if (utf8_valid_prefix(part, &cut) == 0 && cut && in->part_n < sizeof(in->part)) {
        in->state = CHARACTER;
        return;
    } else if (in->part_n > 1 && (unsigned char)c >= 0xC0) {
        in->part_n = 0; /* the start of another one */
        in->part_alt = false;
        character_byte(in, c);
        return;
    }
    in->part_n = 0;
    in->part_alt = false;
    in->state = GROUND;
}

static void begin(struct input *in, enum state state)
{
    in->state = state;
    in->string_n = 0;
}

static void after_esc(struct input *in, char c)
{
    if (c == '\x1b' && in->seq.len >= 2) {
        decode(in, "\x1b", 1, true);
        return; /* one ESC of the three is a key, two still wait */
    }
    if ((unsigned char)c >= 0x80) {
        in->part_alt = true;
        character_byte(in, c);
        return;
    }
    buf_putc(&in->seq, c);
    switch (c) {
    case '\x1b':
        return;
    case '[':
        begin(in, CSI);
        return;
    case 'O':
        begin(in, SS3);
        return;
    case ']':
    case 'P':
    case '_':
    case '^':
    case 'X':
        begin(in, STRING);
        return;
    default:
        /* Alt and a character. The rest of a longer one comes with the bytes that follow. */
        in->state = GROUND;
        decode(in, in->seq.data, in->seq.len, false);
    }
}

static void csi_byte(struct input *in, char c)
{
    if (c == '\x1b') {
        buf_clear(&in->seq);
        buf_putc(&in->seq, c);
        in->state = AFTER_ESC;
        return;
    }
    bool fits = buf_putc(&in->seq, c);
    bool final = (unsigned char)c >= 0x40 && (unsigned char)c <= 0x7E;
    bool wrong = (unsigned char)c < 0x20 || (unsigned char)c >= 0x7F;
    if (wrong || (final && !fits))
        in->state = GROUND;
    else if (final && in->state == SS3)
        in->state = GROUND, decode(in, in->seq.data, in->seq.len, false);
    else if (final)
        end_csi(in);
}

static void string_byte(struct input *in, char c)
{
    bool end = c == '\a' || (in->state == STRING_ESC && c == '\\');
    in->state = c == '\x1b' ? STRING_ESC : STRING;
    if (end || ++in->string_n > INPUT_STRING_MAX)
        in->state = GROUND;
}

static void filter(struct input *in, char c)
{
    if (in->state == CHARACTER && (unsigned char)c < 0x80) {
        in->part_n = 0;
        in->part_alt = false;
        in->state = GROUND;
    }
    switch (in->state) {
    case CHARACTER:
        character_byte(in, c);
        return;
    case GROUND:
        if ((unsigned char)c >= 0x80) {
            character_byte(in, c);
            return;
        }
        if (c != '\x1b') {
            decode(in, &c, 1, false);
            return;
        }
        buf_clear(&in->seq);
        buf_putc(&in->seq, c);
        in->state = AFTER_ESC;
        return;
    case AFTER_ESC:
        after_esc(in, c);
        return;
    case CSI:
    case SS3:
        csi_byte(in, c);
        return;
    case STRING:
    case STRING_ESC:
        string_byte(in, c);
        return;
    case PASTE:
    case TAIL:
        paste_byte(in, c);
        return;
    }
}

static void set_deadline(struct input *in, int64_t now_ms)
{
    static const int64_t wait[] = {[PASTE] = INPUT_PASTE_QUIET_MS, [TAIL] = INPUT_TAIL_MS};
    if (in->state == PASTE || in->state == TAIL)
        in->deadline = now_ms + wait[in->state];
    else if (in->state != GROUND ||
             termkey_get_buffer_remaining(in->tk) < termkey_get_buffer_size(in->tk))
        in->deadline = now_ms + in->quiet_ms;
    else
        in->deadline = INT64_MAX;
}

/* Marks the events of this batch: which came alone, which was its last. */
static void mark(struct input *in, size_t from)
{
    size_t n = in->queue.n - from;
    bool whole = in->state == GROUND;
    for (size_t i = from; i < in->queue.n; i++)
        in->queue.v[i].alone = n == 1 && whole && in->queue.v[i].type == INPUT_KEY;
    if (n > 0)
        in->queue.v[in->queue.n - 1].last = true;
}

static void forget_taken(struct input *in)
{
    if (in->taken < in->queue.n)
        return;
    in->taken = in->queue.n = 0;
}

void input_feed(struct input *in, struct str bytes, int64_t now_ms)
{
    forget_taken(in);
    size_t from = in->queue.n;
    for (size_t i = 0; i < bytes.n; i++)
        filter(in, bytes.p[i]);
    mark(in, from);
    set_deadline(in, now_ms);
}

int64_t input_deadline(const struct input *in)
{
    return in->deadline;
}

void input_quiet(struct input *in, int64_t now_ms)
{
    if (now_ms < in->deadline)
        return;
    forget_taken(in);
    size_t from = in->queue.n;
    enum state was = in->state;
    in->state = GROUND;
    in->part_n = 0;
    in->part_alt = false;
    in->deadline = INT64_MAX;
    if (was == PASTE || was == TAIL) {
        in->cut |= was == PASTE;
        end_paste(in);
    } else if (was == AFTER_ESC || ((was == CSI || was == SS3) && in->seq.len <= 2) ||
               (was == STRING && in->string_n == 0)) {
        decode(in, in->seq.data, in->seq.len, true); /* Escape, or Alt and that character */
    } else if (was == GROUND) {
        decode(in, "", 0, true); /* whatever libtermkey still waits for */
    }
    mark(in, from);
}

bool input_next(struct input *in, struct input_event *ret_event)
{
    if (in->taken >= in->queue.n)
        return false;
    *ret_event = in->queue.v[in->taken++];
    return true;
}
