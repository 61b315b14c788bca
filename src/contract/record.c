/* SPDX-License-Identifier: MIT
 *
 * record: one row of the snapshot.
 */
#include "contract/record.h"

#include "base/mem.h"
#include "contract/states.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define RECORD(id, lc, sec, most, text) static const struct field lc##_fields[] = {
#define FIELD(lc, ftype, member, fpresence, text)                                                  \
    {.name = #member,                                                                              \
     .type = FIELD_##ftype,                                                                        \
     .presence = FIELD_##fpresence,                                                                \
     .offset = offsetof(struct rec_##lc, member),                                                  \
     .doc = text},
#define RECORD_END(lc)                                                                             \
    }                                                                                              \
    ;
#include "contract/records.def"
#undef RECORD
#undef FIELD
#undef RECORD_END

#define SESSION_OF(lc) SESSION_##lc
#define STATUS_OF(lc) STATUS_##lc
#define SESSION_session -1
#define SESSION_turn offsetof(struct rec_turn, session)
#define SESSION_entry offsetof(struct rec_entry, session)
#define SESSION_message offsetof(struct rec_message, session)
#define SESSION_branch offsetof(struct rec_branch, session)
#define SESSION_mark offsetof(struct rec_mark, session)
#define SESSION_tool offsetof(struct rec_tool, session)
#define SESSION_approval offsetof(struct rec_approval, session)
#define SESSION_artifact offsetof(struct rec_artifact, session)
#define SESSION_job offsetof(struct rec_job, session)
#define SESSION_task -1
#define SESSION_memory -1
#define SESSION_safety -1
#define SESSION_error -1
#define STATUS_session -1
#define STATUS_turn offsetof(struct rec_turn, status)
#define STATUS_entry -1
#define STATUS_message -1
#define STATUS_branch -1
#define STATUS_mark -1
#define STATUS_tool offsetof(struct rec_tool, status)
#define STATUS_approval offsetof(struct rec_approval, status)
#define STATUS_artifact -1
#define STATUS_job offsetof(struct rec_job, status)
#define STATUS_task offsetof(struct rec_task, status)
#define STATUS_memory -1
#define STATUS_safety -1
#define STATUS_error -1

const struct rec_desc rec_table[REC_COUNT] = {
#define RECORD(id, lc, sec, most, text) \
    [REC_##id] = {.section = sec,                                                                  \
                  .keep = most,                                                                    \
                  .doc = text,                                                                     \
                  .set = {.name = #lc,                                                             \
                          .fields = lc##_fields,                                                   \
                          .n = ARRAY_LEN(lc##_fields),                                             \
                          .size = sizeof(struct rec_##lc)},                                        \
                  .session = SESSION_OF(lc),                                                       \
                  .status = STATUS_OF(lc)},
#define FIELD(lc, ftype, member, fpresence, text)
#define RECORD_END(lc)
#include "contract/records.def"
#undef RECORD
#undef FIELD
#undef RECORD_END
};

static const enum machine machine_of[REC_COUNT] = {
    [REC_TURN] = MACHINE_TURN,
    [REC_TOOL] = MACHINE_TOOL,
    [REC_APPROVAL] = MACHINE_APPROVAL,
    [REC_JOB] = MACHINE_JOB,
    [REC_TASK] = MACHINE_TASK,
};

struct rec_box {
    struct rec rec; /* first, so that the two addresses are one */
    atomic_int refs;
    struct arena arena;
};

struct rec *rec_new(enum rec_kind kind, const void *fields)
{
    const struct field_set *set = &rec_table[kind].set;
    struct rec_box *box = NEW(struct rec_box);
    atomic_init(&box->refs, 1);
    arena_reserve(&box->arena, arena_size(set->size) + field_bytes(set, fields));
    void *u = arena_new(&box->arena, set->size);
    field_copy(set, &box->arena, u, fields);
    box->rec = (struct rec){kind, u};
    return &box->rec;
}

struct rec *rec_ref(const struct rec *r)
{
    struct rec_box *box = CONTAINER_OF(r, struct rec_box, rec);
    atomic_fetch_add_explicit(&box->refs, 1, memory_order_relaxed);
    return &box->rec;
}

void rec_unref(const struct rec *r)
{
    if (!r)
        return;
    struct rec_box *box = CONTAINER_OF(r, struct rec_box, rec);
    if (atomic_fetch_sub_explicit(&box->refs, 1, memory_order_acq_rel) != 1)
        return;
    /* The struct is ours again; only its own box says it is const. */
    field_drop(&rec_table[r->kind].set, (void *)(uintptr_t)r->u);
    arena_free(&box->arena);
    free(box);
}

static const char *member(const struct rec *r, ssize_t offset)
{
    return offset < 0 ? NULL : *(const char *const *)(const void *)((const char *)r->u + offset);
}

const char *rec_key(const struct rec *r)
{
    return member(r, 0);
}

const char *rec_session(const struct rec *r)
{
    return member(r, rec_table[r->kind].session);
}

bool rec_ended(const struct rec *r)
{
    const char *status = member(r, rec_table[r->kind].status);
    if (status)
        return state_ended(state_find(machine_of[r->kind], status));
    if (r->kind == REC_ENTRY)
        return !REC(r, entry)->open;
    if (r->kind == REC_SESSION)
        return REC(r, session)->proc == NULL;
    return true;
}

bool rec_equal(const struct rec *a, const struct rec *b)
{
    return a->kind == b->kind && field_equal(&rec_table[a->kind].set, a->u, b->u);
}
