/* SPDX-License-Identifier: MIT
 *
 * show: the whole policy as JSON.
 */
#include "policy/state.h"
#include "json/jsonw.h"

static void show_limits(struct jsonw *w, const struct policy_limits *l)
{
    jsonw_key(w, "limits");
    jsonw_begin_object(w);
    jsonw_put_i64(w, "max_file_read_bytes", l->max_file_read_bytes);
    jsonw_put_i64(w, "max_file_write_bytes", l->max_file_write_bytes);
    jsonw_put_i64(w, "max_command_output_bytes", l->max_command_output_bytes);
    jsonw_put_i64(w, "bash_timeout_ms", l->bash_timeout_ms);
    jsonw_put_i64(w, "max_command_length", l->max_command_length);
    jsonw_put_bool(w, "allow_command_newlines", l->allow_command_newlines);
    jsonw_put_bool(w, "regular_files_only", l->regular_files_only);
    jsonw_put_i64(w, "rate_per_minute", l->rate_per_minute);
    jsonw_put_bool(w, "needs_sandbox", l->needs_sandbox);
    jsonw_end_object(w);
}

static void show_list(struct jsonw *w, const char *key, const char *const *list)
{
    jsonw_key(w, key);
    jsonw_begin_array(w);
    for (; list && *list; list++)
        jsonw_cstr(w, *list);
    jsonw_end_array(w);
}

static void show_sandbox(struct jsonw *w, struct policy *p)
{
    struct sandbox_profile profile;
    enum sandbox_level level = SANDBOX_NONE;
    struct err e = ERR_INIT;
    const struct sandbox_caps *caps = sandbox_probe();
    char badge[128] = "";
    policy_sandbox(p, &profile);
    bool ok = sandbox_choose(&profile, &level, &e);
    if (ok)
        sandbox_badge(&profile, level, badge, sizeof(badge));
    jsonw_key(w, "sandbox");
    jsonw_begin_object(w);
    jsonw_put_cstr(w, "wanted", sandbox_level_name(profile.level));
    jsonw_put_cstr(w, "level", ok ? sandbox_level_name(level) : NULL);
    jsonw_put_cstr(w, "badge", badge);
    jsonw_opt_cstr(w, "why_not", ok ? NULL : e.message);
    jsonw_opt_cstr(w, "why_not_bwrap", caps->why_not_bwrap[0] ? caps->why_not_bwrap : NULL);
    jsonw_put_bool(w, "root", caps->root);
    jsonw_put_bool(w, "network", profile.network);
    show_list(w, "read", profile.read);
    show_list(w, "protect", profile.protect);
    jsonw_end_object(w);
}

static void show_rules(struct jsonw *w, const struct rules *set)
{
    for (size_t i = 0; set && i < set->list.n; i++) {
        struct buf text = BUF_INIT(RULE_BYTES_MAX + 64);
        rule_text(&set->list.v[i], &text);
        jsonw_begin_object(w);
        jsonw_put_str(w, "rule", buf_view(&text));
        jsonw_put_cstr(w, "from", set->list.v[i].from);
        jsonw_end_object(w);
        buf_free(&text);
    }
}

static void show_all_rules(struct jsonw *w, struct policy *p)
{
    size_t at = 0;
    const char *session;
    void *rules;
    pthread_mutex_lock(&p->lock);
    jsonw_key(w, "rules");
    jsonw_begin_array(w);
    show_rules(w, &p->builtin[p->preset]);
    show_rules(w, &p->user);
    show_rules(w, &p->kept);
    jsonw_end_array(w);
    jsonw_key(w, "sessions");
    jsonw_begin_object(w);
    while (map_next(&p->sessions, &at, &session, &rules)) {
        jsonw_key(w, session);
        jsonw_begin_array(w);
        show_rules(w, rules);
        jsonw_end_array(w);
    }
    jsonw_end_object(w);
    pthread_mutex_unlock(&p->lock);
}

void policy_show(struct policy *p, struct buf *out)
{
    struct jsonw w = JSONW(out);
    struct policy_limits limits = policy_limits(p);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "workspace", p->root.path);
    jsonw_put_cstr(&w, "preset", policy_preset_name(policy_preset(p)));
    jsonw_put_cstr(&w, "mode", policy_mode_name(policy_mode(p)));
    jsonw_put_bool(&w, "trusted", policy_trusted(p));
    jsonw_put_bool(&w, "interactive", p->interactive);
    show_limits(&w, &limits);
    jsonw_put_cstr(&w, "protected", p->protected_paths);
    show_sandbox(&w, p);
    show_all_rules(&w, p);
    jsonw_end_object(&w);
}
