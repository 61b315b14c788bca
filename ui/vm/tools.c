/* SPDX-License-Identifier: MIT
 *
 * tools: the calls of a session as rows.
 */
#include "ui/vm/tools.h"

#include "ui/vm/toolrow.h"

#include <string.h>

static const struct rec_approval *question_of(const struct snapshot *s, const struct rec_tool *t)
{
    const struct rec *r = t->approval ? snapshot_find(s, REC_APPROVAL, t->approval) : NULL;
    return r ? REC(r, approval) : NULL;
}

void tools_make(struct doc *d, const struct snapshot *s, const char *session, int width,
                struct tools_count *ret)
{
    const struct section *all = s->sections[REC_TOOL];
    *ret = (struct tools_count){0};
    for (size_t i = all->n; session && i > 0; i--) {
        const struct rec_tool *t = REC(all->v[i - 1], tool);
        if (strcmp(t->session, session) != 0)
            continue;
        const struct rec_approval *a = question_of(s, t);
        ret->all++;
        ret->open += !rec_ended(all->v[i - 1]);
        ret->asks += a && strcmp(a->status, "requested") == 0;
        toolrow_put(d, &(struct toolrow){.tool = t, .approval = a, .width = width});
        doc_id(d, t->id);
    }
}

void tools_show(struct doc *d, const struct snapshot *s, const char *call, int width, enum diff_style diff)
{
    const struct rec *r = snapshot_find(s, REC_TOOL, call);
    if (!r)
        return;
    const struct rec_tool *t = REC(r, tool);
    toolrow_make(d, &(struct toolrow){.tool = t, .approval = question_of(s, t), .width = width, .diff = diff});
}
