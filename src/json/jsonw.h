/* SPDX-License-Identifier: MIT
 *
 * jsonw: writes JSON into a buf, piece by piece. Commas and quoting are its business; invalid
 * UTF-8 and U+0000 become U+FFFD, so that json_parse reads whatever was written. At most JSON_DEPTH_MAX levels.
 * Misuse (a value where a key belongs) is a broken promise. Not shared between threads.
 */
#ifndef TAU_JSON_JSONW_H
#define TAU_JSON_JSONW_H

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct jsonw {
    struct buf *out;
    unsigned __int128 comma, object; /* one bit a level */
    int depth;
    bool key;
};

#define JSONW(buf) ((struct jsonw){.out = (buf)})

void jsonw_begin_object(struct jsonw *w);
void jsonw_end_object(struct jsonw *w);
void jsonw_begin_array(struct jsonw *w);
void jsonw_end_array(struct jsonw *w);
void jsonw_key(struct jsonw *w, const char *key);

void jsonw_str(struct jsonw *w, struct str s);
void jsonw_cstr(struct jsonw *w, const char *s); /* NULL writes null */
void jsonw_i64(struct jsonw *w, int64_t v);
/* The shortest form that reads back equal; null for NaN and infinity. */
void jsonw_f64(struct jsonw *w, double v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);
void jsonw_raw(struct jsonw *w, struct str json); /* one valid value; empty writes null */

/* key and value together; the _opt forms write nothing for NULL, an empty view, or 0. */
void jsonw_put_str(struct jsonw *w, const char *key, struct str s);
void jsonw_put_cstr(struct jsonw *w, const char *key, const char *s);
void jsonw_put_i64(struct jsonw *w, const char *key, int64_t v);
void jsonw_put_bool(struct jsonw *w, const char *key, bool v);
void jsonw_put_raw(struct jsonw *w, const char *key, struct str json);
void jsonw_opt_cstr(struct jsonw *w, const char *key, const char *s);
void jsonw_opt_i64(struct jsonw *w, const char *key, int64_t v);

/* The failure object of the contract, and back (unknown reason codes read as internal). */
void jsonw_err(struct jsonw *w, const struct err *e);
struct json;
void json_read_err(const struct json *j, struct err *ret_e);

#endif
