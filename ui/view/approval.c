/* SPDX-License-Identifier: MIT
 *
 * approval: the line that asks. It shows what would be done, its risk and the rule that decided to
 * ask; after a letter what that letter would do. Never more than a line, so it hides nothing.
 */
#include "ui/view/view.h"

#include "base/buf.h"
#include "text/width.h"

#include <stdio.h>
#include <string.h>

enum { RISK_CELLS = 8 }; /* "  risky  " but for a blank */

static const char *scope_rule(const struct approval_view *a)
{
    const char *rule =
        a->machine->scope == APPROVE_SESSION ? a->approval->session_rule : a->approval->prefix_rule;
    return rule ? rule : "";
}

static void say(const struct approval_view *a, struct buf *out)
{
    const struct rec_approval *q = a->approval;
    switch (a->machine->state) {
    case APPROVE_HOLDS:
        buf_printf(out, "%c ...  %s", (char)a->machine->held, q->action);
        return;
    case APPROVE_SCOPE:
        buf_printf(out, "allow %s: %s ?  Enter yes, Esc back",
                   a->machine->scope == APPROVE_ONCE      ? "once"
                   : a->machine->scope == APPROVE_SESSION ? "for this session"
                                                          : "always",
                   a->machine->scope == APPROVE_ONCE ? q->action : scope_rule(a));
        return;
    case APPROVE_WORD:
        buf_printf(out, "risky: write yes to do it: %s", q->action);
        return;
    case APPROVE_REASON:
        buf_printf(out, "no, because (Enter says no): %s", q->action);
        return;
    case APPROVE_ARGUMENTS:
        buf_printf(out, "run with these arguments instead: %s", q->action);
        return;
    case APPROVE_SENT:
        buf_printf(out, "answered: %s", q->action);
        return;
    case APPROVE_IDLE:
    case APPROVE_ASKS:
        buf_puts(out, q->action);
        return;
    }
}

void view_approval(struct canvas *c, struct rect r, const struct approval_view *a)
{
    bool risky = a->machine->risky;
    enum look look = risky ? LOOK_ASK_RISKY : LOOK_ASK;
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    CLEANUP(buf_free) struct buf tail = BUF_OWN;
    CLEANUP(buf_free) struct buf clean = BUF_OWN;
    bool plain = a->machine->state == APPROVE_ASKS || a->machine->state == APPROVE_SENT;
    say(a, &text);
    if (plain) {
        buf_printf(&tail, "  %s  rule: %s", a->approval->risk, a->approval->rule);
        if (a->n > 1)
            buf_printf(&tail, "  1 of %zu", a->n);
        if (a->elsewhere)
            buf_puts(&tail, "  (another session)");
    }
    width_sanitize(&clean, buf_view(&tail));
    /* What would be done comes first; of the rest at least the risk is always there. */
    int needs = width_str(buf_view(&text)) + 5;
    int right = MIN(width_str(buf_view(&clean)), MAX(r.w - needs, RISK_CELLS));
    right = plain ? right : 0;
    struct rect was = canvas_clip(c, r);
    canvas_fill(c, r, look, ' ');
    canvas_put(c, r.x + 1, r.y, look, 0, STR("! "));
    canvas_put(c, r.x + r.w - right - 1, r.y, look, 0, buf_view(&clean));
    canvas_clip(c, (struct rect){r.x, r.y, MAX(0, r.w - right - 1), 1});
    canvas_put_raw(c, r.x + 3, r.y, look, 0, buf_view(&text));
    canvas_unclip(c, was);
}
