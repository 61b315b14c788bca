/* SPDX-License-Identifier: MIT
 *
 * sessionlist: the conversations of this workspace as rows.
 */
#include "ui/vm/sessionlist.h"

#include "base/mem.h"
#include "ui/vm/toolrow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNS = 3 };

enum { COLUMN_SESSION, COLUMN_TURNS, COLUMN_AGE };

static const struct column names[] = {
    [COLUMN_SESSION] = {"SESSION", COLUMN_REST, COLUMN_REST, false},
    [COLUMN_TURNS] = {"TURNS", 5, 5, true},
    [COLUMN_AGE] = {"AGE", 4, 4, true},
};
const struct columns sessionlist_columns = {.v = names, .n = ARRAY_LEN(names), .before = SIGNS};

static bool asks(const struct snapshot *s, const char *session)
{
    const struct section *all = s->sections[REC_APPROVAL];
    for (size_t i = 0; i < all->n; i++) {
        const struct rec_approval *a = REC(all->v[i], approval);
        if (!rec_ended(all->v[i]) && strcmp(a->session, session) == 0)
            return true;
    }
    return false;
}

static bool runs(const struct snapshot *s, const char *session)
{
    const struct section *all = s->sections[REC_TURN];
    for (size_t i = 0; i < all->n; i++)
        if (!rec_ended(all->v[i]) && strcmp(REC(all->v[i], turn)->session, session) == 0)
            return true;
    return false;
}

static int newer(const void *a, const void *b)
{
    const struct rec_session *x = *(const struct rec_session *const *)a;
    const struct rec_session *y = *(const struct rec_session *const *)b;
    return x->updated_ms == y->updated_ms ? strcmp(y->id, x->id) : x->updated_ms < y->updated_ms ? 1 : -1;
}

size_t sessionlist_make(struct doc *d, const struct snapshot *s, const char *current, const char *proc,
                        int width, int64_t now_wall_ms)
{
    const struct section *all = s->sections[REC_SESSION];
    const struct rec_session **rows = mem_array(all->n + 1, sizeof(*rows));
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        if (!REC(all->v[i], session)->archived)
            rows[n++] = REC(all->v[i], session);
    qsort(rows, n, sizeof(*rows), newer);
    for (size_t i = 0; i < n; i++) {
        const struct rec_session *r = rows[i];
        char age[24], turns[24];
        doc_row(d, 1);
        doc_id(d, r->id);
        doc_puts(d, LOOK_KEY, current && strcmp(r->id, current) == 0 ? "*" : " ");
        if (asks(s, r->id))
            doc_puts(d, LOOK_FAIL, "! ");
        else
            doc_puts(d, LOOK_RUNS, runs(s, r->id) ? "> " : "  ");
        columns_put(d, &sessionlist_columns, COLUMN_SESSION, width, LOOK_TEXT, r->name);
        if (r->proc && proc && strcmp(r->proc, proc) != 0)
            doc_puts(d, LOOK_DIM, "  elsewhere");
        age_text(now_wall_ms - r->updated_ms, age, sizeof(age));
        snprintf(turns, sizeof(turns), "%" PRId64, r->turns);
        columns_put(d, &sessionlist_columns, COLUMN_TURNS, width, LOOK_DIM, turns);
        columns_put(d, &sessionlist_columns, COLUMN_AGE, width, LOOK_DIM, age);
    }
    free(rows);
    return n;
}
