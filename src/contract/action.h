/* SPDX-License-Identifier: MIT
 *
 * action: the tables of actions.def and queries.def as structs and descriptors. Pure; any thread.
 */
#ifndef TAU_CONTRACT_ACTION_H
#define TAU_CONTRACT_ACTION_H

#include "contract/seams.h"
#include "json/field.h"

enum action_id {
#define ACTION(id, lc, name, role, confirm, help) ACT_##id,
#define FIELD(lc, type, member, presence, doc)
#define ACTION_END(lc)
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END
    ACT_COUNT
};

/* struct act_turn_submit { const char *session; ... }; */
#define ACT_C_STR const char *
#define ACT_C_I64 int64_t
#define ACT_C_BOOL bool
#define ACT_C_F64 double
#define ACT_C_STRS struct field_list
#define ACT_C_JSON const char *
#define ACTION(id, lc, name, role, confirm, help)                                                  \
    struct act_##lc {                                                                              \
        char none_;
#define FIELD(lc, type, member, presence, doc) ACT_C_##type member;
#define ACTION_END(lc)                                                                             \
    }                                                                                              \
    ;
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END

enum action_confirm { CONFIRM_NEVER, CONFIRM_WORD };

struct action_desc {
    const char *name, *help;
    enum role role;
    enum action_confirm confirm;
    struct field_set set;
};
extern const struct action_desc action_table[ACT_COUNT];

/* ACT_COUNT when there is no such action. */
enum action_id action_find(struct str name);

enum query_id {
#define QUERY(id, lc, name, role, limit, help) QRY_##id,
#define ARG(lc, type, member, presence, doc)
#define COLUMN(lc, type, member, doc)
#define QUERY_END(lc)
#include "contract/queries.def"
#undef QUERY
#undef ARG
#undef COLUMN
#undef QUERY_END
    QRY_COUNT
};

/* struct qry_session_list: the arguments. */
#define QUERY(id, lc, name, role, limit, help)                                                     \
    struct qry_##lc {                                                                              \
        char none_;
#define ARG(lc, type, member, presence, doc) ACT_C_##type member;
#define COLUMN(lc, type, member, doc)
#define QUERY_END(lc)                                                                              \
    }                                                                                              \
    ;
#include "contract/queries.def"
#undef QUERY
#undef ARG
#undef COLUMN
#undef QUERY_END

struct query_column {
    const char *name, *doc;
    enum field_type type;
};

struct query_desc {
    const char *name, *help;
    enum role role;
    int64_t limit;
    struct field_set args;
    const struct query_column *columns;
    size_t n_columns;
};
extern const struct query_desc query_table[QRY_COUNT];
enum query_id query_find(struct str name);

const char *role_name(enum role r); /* view, chat, operator, admin */

#endif
