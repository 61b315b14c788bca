/* SPDX-License-Identifier: MIT
 *
 * record: one row of the snapshot, immutable and shared. Changing one means to copy the struct to
 * the stack, set what is new, and make another record of it. Counted references; any thread.
 */
#ifndef TAU_CONTRACT_RECORD_H
#define TAU_CONTRACT_RECORD_H

#include "base/base.h"
#include "base/body.h"
#include "json/field.h"

enum rec_kind {
#define RECORD(id, lc, section, keep, doc) REC_##id,
#define FIELD(lc, type, member, presence, doc)
#define RECORD_END(lc)
#include "contract/records.def"
#undef RECORD
#undef FIELD
#undef RECORD_END
    REC_COUNT
};

/* struct rec_turn { const char *id; ... }; */
#define REC_C_STR const char *
#define REC_C_I64 int64_t
#define REC_C_F64 double
#define REC_C_BOOL bool
#define REC_C_JSON const char *
#define REC_C_BODY struct body
#define RECORD(id, lc, section, keep, doc) struct rec_##lc {
#define FIELD(lc, type, member, presence, doc) REC_C_##type member;
#define RECORD_END(lc)                                                                             \
    }                                                                                              \
    ;
#include "contract/records.def"
#undef RECORD
#undef FIELD
#undef RECORD_END

struct rec_desc {
    const char *section; /* its name in the snapshot's JSON, and of its table in the store */
    size_t keep;
    const char *doc;
    struct field_set set;
    ssize_t session; /* offset of the member `session`, or -1 */
    ssize_t status;  /* offset of the member `status`, or -1 */
};

extern const struct rec_desc rec_table[REC_COUNT];

struct rec {
    enum rec_kind kind;
    const void *u; /* struct rec_<lc> */
};

/* Copies all strings of the struct; bodies get a reference. */
struct rec *rec_new(enum rec_kind kind, const void *fields);
struct rec *rec_ref(const struct rec *r);
void rec_unref(const struct rec *r); /* NULL is fine */

const char *rec_key(const struct rec *r);
const char *rec_session(const struct rec *r); /* NULL when the kind has none */
bool rec_ended(const struct rec *r); /* kinds without a state: true, but an entry while it is open
                                        and a session while it is leased count as live */
bool rec_equal(const struct rec *a, const struct rec *b);

#define REC(r, lc) ((const struct rec_##lc *)(r)->u)

#endif
