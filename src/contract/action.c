/* SPDX-License-Identifier: MIT
 *
 * action: descriptors of actions and queries.
 */
#include "contract/action.h"

/* A field table ends in an empty row, since some have no field at all. */
#define ROW(S, ftype, member, fpresence, text)                                                     \
    {.name = #member,                                                                              \
     .type = FIELD_##ftype,                                                                        \
     .presence = FIELD_##fpresence,                                                                \
     .offset = offsetof(S, member),                                                                \
     .doc = text},

#define ACTION(id, lc, wire, who, conf, text) static const struct field act_##lc##_fields[] = {
#define FIELD(lc, ftype, member, fpresence, text)                                                  \
    ROW(struct act_##lc, ftype, member, fpresence, text)
#define ACTION_END(lc)                                                                             \
    {.name = NULL}                                                                                 \
    }                                                                                              \
    ;
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END

const struct action_desc action_table[ACT_COUNT] = {
#define ACTION(id, lc, wire, who, conf, text)                                                      \
    [ACT_##id] = {.name = wire,                                                                    \
                  .help = text,                                                                    \
                  .role = ROLE_##who,                                                              \
                  .confirm = CONFIRM_##conf,                                                       \
                  .set = {wire, act_##lc##_fields, ARRAY_LEN(act_##lc##_fields) - 1,               \
                          sizeof(struct act_##lc)}},
#define FIELD(lc, ftype, member, fpresence, text)
#define ACTION_END(lc)
#include "contract/actions.def"
#undef ACTION
#undef FIELD
#undef ACTION_END
};

#define QUERY(id, lc, wire, who, most, text) static const struct field qry_##lc##_fields[] = {
#define ARG(lc, ftype, member, fpresence, text)                                                    \
    ROW(struct qry_##lc, ftype, member, fpresence, text)
#define COLUMN(lc, ftype, member, text)
#define QUERY_END(lc)                                                                              \
    {.name = NULL}                                                                                 \
    }                                                                                              \
    ;
#include "contract/queries.def"
#undef QUERY
#undef ARG
#undef COLUMN
#undef QUERY_END

#define QUERY(id, lc, wire, who, most, text) static const struct query_column qry_##lc##_columns[] = {
#define ARG(lc, ftype, member, fpresence, text)
#define COLUMN(lc, ftype, member, text) {#member, text, FIELD_##ftype},
#define QUERY_END(lc)                                                                              \
    }                                                                                              \
    ;
#include "contract/queries.def"
#undef QUERY
#undef ARG
#undef COLUMN
#undef QUERY_END

const struct query_desc query_table[QRY_COUNT] = {
#define QUERY(id, lc, wire, who, most, text)                                                       \
    [QRY_##id] = {.name = wire,                                                                    \
                  .help = text,                                                                    \
                  .role = ROLE_##who,                                                              \
                  .limit = most,                                                                   \
                  .args = {wire, qry_##lc##_fields, ARRAY_LEN(qry_##lc##_fields) - 1,              \
                           sizeof(struct qry_##lc)},                                               \
                  .columns = qry_##lc##_columns,                                                   \
                  .n_columns = ARRAY_LEN(qry_##lc##_columns)},
#define ARG(lc, ftype, member, fpresence, text)
#define COLUMN(lc, ftype, member, text)
#define QUERY_END(lc)
#include "contract/queries.def"
#undef QUERY
#undef ARG
#undef COLUMN
#undef QUERY_END
};

enum action_id action_find(struct str name)
{
    for (int i = 0; i < ACT_COUNT; i++)
        if (str_is(name, action_table[i].name))
            return (enum action_id)i;
    return ACT_COUNT;
}

enum query_id query_find(struct str name)
{
    for (int i = 0; i < QRY_COUNT; i++)
        if (str_is(name, query_table[i].name))
            return (enum query_id)i;
    return QRY_COUNT;
}

const char *role_name(enum role r)
{
    static const char *const names[] = {"view", "chat", "operator", "admin"};
    return names[r];
}
