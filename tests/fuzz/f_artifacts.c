/* SPDX-License-Identifier: MIT
 *
 * f_artifacts: the first byte is which file, the second the width, the rest its bytes. Whatever they are,
 * the frame has its width and nothing that a terminal would act on.
 */
#include "fuzz/fuzz.h"

#include "text/width.h"
#include "watch/frame.h"

#include <locale.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool ready;
    if (!ready)
        ready = setlocale(LC_CTYPE, "C.UTF-8") != NULL;
    if (n < 2)
        return 0;
    struct artifacts *a = NEW(struct artifacts);
    CLEANUP(buf_free) struct buf out = BUF_OWN, json = BUF_OWN;
    struct frame_look look = {.width = FRAME_WIDTH_MIN + data[1] % 100, .profile = "p", .environment = "e"};
    (void)artifacts_take(a, data[0] % 7, str_make((const char *)data + 2, n - 2));
    frame_write(a, &look, &out);
    frame_json(a, &look, &json);
    struct str rest = buf_view(&out), line;
    for (size_t i = 0; str_line(&rest, &line); i++)
        TAU_ASSERT(i < 2 || width_str(line) == look.width);
    for (size_t i = 0; i < out.len; i++)
        TAU_ASSERT((unsigned char)out.data[i] >= 0x20 || out.data[i] == '\n');
    struct err e = ERR_INIT;
    struct json *j = json_parse(buf_view(&json), &e);
    TAU_ASSERT(j != NULL);
    json_free(j);
    free(a);
    return 0;
}
