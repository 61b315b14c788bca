/* SPDX-License-Identifier: MIT
 *
 * parses: by the linker's --wrap.
 */
#include "lib/parses.h"

size_t parses;

struct cJSON *__real_cJSON_ParseWithLengthOpts(const char *text, size_t n, const char **end, int whole);
struct cJSON *__wrap_cJSON_ParseWithLengthOpts(const char *text, size_t n, const char **end, int whole);

struct cJSON *__wrap_cJSON_ParseWithLengthOpts(const char *text, size_t n, const char **end, int whole)
{
    parses++;
    return __real_cJSON_ParseWithLengthOpts(text, n, end, whole);
}
