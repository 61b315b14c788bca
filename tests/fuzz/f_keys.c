/* SPDX-License-Identifier: MIT
 *
 * Bytes of a terminal: the first byte of each round says how many come in one read and how long it
 * is quiet after them. No event has a control character as text, and pastes are clean.
 */
#include "fuzz/fuzz.h"

#include "base/base.h"
#include "text/utf8.h"
#include "ui/term/input.h"

static void check_paste(struct str paste)
{
    TAU_ASSERT(paste.n <= INPUT_PASTE_MAX * 3); /* invalid bytes become three each */
    TAU_ASSERT(utf8_valid(paste));
    for (size_t i = 0; i < paste.n; i++) {
        unsigned char c = (unsigned char)paste.p[i];
        TAU_ASSERT(c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7F));
    }
}

static void take(struct input *in)
{
    struct input_event ev;
    size_t keys = 0;
    bool alone = false;
    while (input_next(in, &ev)) {
        if (ev.type == INPUT_PASTE)
            check_paste(ev.paste);
        if (ev.type != INPUT_KEY)
            continue;
        TAU_ASSERT(ev.key.code >= 0x20 && ev.key.code != 0x7F && ev.key.code < KEY_LAST_);
        alone |= ev.alone;
        keys++;
    }
    TAU_ASSERT(!alone || keys == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = ERR_INIT;
    struct input *in = input_new("xterm-256color", INPUT_QUIET_MS, &e);
    TAU_ASSERT(in);
    int64_t now = 0;
    while (size > 0) {
        size_t n = MIN((size_t)(data[0] & 0x1F) + 1, size - 1);
        now += (data[0] >> 5) * 8;
        input_quiet(in, now);
        take(in);
        input_feed(in, str_make((const char *)data + 1, n), now);
        take(in);
        data += n + 1;
        size -= n + 1;
    }
    for (int i = 0; i < 4 && input_deadline(in) != INT64_MAX; i++) {
        input_quiet(in, input_deadline(in));
        take(in);
    }
    TAU_ASSERT(input_deadline(in) == INT64_MAX);
    input_free(in);
    return 0;
}
