/* SPDX-License-Identifier: MIT
 *
 * f_image: the front of a file. What is taken for an image of a kind is so whatever comes behind it, and
 * is none once its first byte is another.
 */
#include "fuzz/fuzz.h"

#include "cli/image.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    char front[IMAGE_FRONT] = "";
    struct str whole = str_make((const char *)data, n);
    const char *type = image_type(whole);
    memcpy(front, data, n < IMAGE_FRONT ? n : IMAGE_FRONT);
    if (!type)
        return 0;
    TAU_ASSERT(image_type(str_make(front, IMAGE_FRONT)) == type && strncmp(type, "image/", 6) == 0);
    front[0] ^= 1;
    TAU_ASSERT(!image_type(str_make(front, IMAGE_FRONT)));
    return 0;
}
