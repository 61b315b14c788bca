/* SPDX-License-Identifier: MIT
 *
 * verb_model: which models there are, where they live, and what is known of one. Nothing is asked
 * over the network.
 */
#include "cli/verb.h"

#include "base/mem.h"
#include "model/catalog.h"
#include "model/endpoint.h"
#include "json/jsonw.h"
#include "text/fuzzy.h"

#include <stdlib.h>
#include <string.h>

enum { MODELS_SHOWN = 50 /* when no limit is said */, PROVIDERS_MAX = 64 };

/* What there is to say of the key, in a word for programs and in one for people. */
static const struct {
    const char *name, *text;
} key_states[] = {{"set", "is set"},
                  {"not_set", "is not set"},
                  {"not_needed", "is not needed"},
                  {"unusable", "can not be used"}};

static size_t key_state(const struct endpoint *p)
{
    return p->wrong == p->key_env ? 3 : p->key ? 0 : p->wants_key && !p->moved ? 1 : 2;
}

/* The settings of the model at the start hold for its endpoint. With a core they were applied
 * before its threads began. */
static bool apply_settings(struct verb *v, const char *model, struct err *e)
{
    const char *chosen = config_str(&v->app->config, SET_MODEL);
    struct app a = *v->app;
    if (a.core || endpoint_find(chosen) != endpoint_find(model) ||
        endpoint_find(model) == ENDPOINT_COUNT)
        return true;
    return app_endpoint(&a, e);
}

/* ---- all ---- */

static void list_row(struct verb *v, const struct provider *row)
{
    char name[PROVIDER_NAME_MAX];
    enum endpoint_id id = endpoint_find(row->name);
    const struct endpoint *p = id == ENDPOINT_COUNT ? NULL : endpoint(id);
    provider_full_name(row, name, sizeof(name));
    if (v->json) {
        struct jsonw w = JSONW(v->out);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "model", name);
        jsonw_put_cstr(&w, "about", row->doc);
        if (p) {
            jsonw_put_cstr(&w, "address", p->base);
            jsonw_put_cstr(&w, "address_variable", p->base_env);
            jsonw_put_cstr(&w, "key_variable", p->key_env);
            jsonw_put_cstr(&w, "key", key_states[key_state(p)].name);
        }
        jsonw_end_object(&w);
        buf_putc(v->out, '\n');
        return;
    }
    buf_printf(v->out, "%-18s %s\n", name, row->doc);
    if (!p)
        return;
    if (p->wrong == p->base_env)
        buf_printf(v->out, "%-18s no address, %s can not be used\n", "", p->base_env);
    else
        buf_printf(v->out, "%-18s %s, %s %s\n", "", p->base, p->key_env,
                   key_states[key_state(p)].text);
}

/* What is known of a model by its name; the caller has the object open. */
static void put_known(struct jsonw *w, const struct catalog_model *known)
{
    jsonw_key(w, "price");
    jsonw_begin_object(w);
    jsonw_key(w, "input");
    jsonw_f64(w, known->input);
    jsonw_key(w, "cached");
    jsonw_f64(w, known->cached);
    jsonw_key(w, "output");
    jsonw_f64(w, known->output);
    jsonw_end_object(w);
    jsonw_put_bool(w, "images", known->images);
    jsonw_put_bool(w, "reasoning", known->reasoning);
}

/* What a list is asked for. */
struct wanted {
    const char *match, *provider;
    bool tools, images, reasoning;
};

static void list_providers(struct verb *v, const struct wanted *w)
{
    for (size_t i = 0; i < provider_table_n; i++) {
        const struct provider *row = provider_table[i];
        bool fits = (!w->match || strcasestr(row->name, w->match) || strcasestr(row->doc, w->match)) &&
                    (!w->provider || strcmp(row->name, w->provider) == 0);
        if (fits)
            list_row(v, row);
    }
}

static bool model_fits(const struct wanted *w, const struct catalog_model *m, const char *name)
{
    /* All of the catalog call tools; what does not is no model for tau. */
    return (!w->match || strcasestr(name, w->match)) && (!w->provider || strcmp(m->provider, w->provider) == 0) &&
           (!w->images || m->images) && (!w->reasoning || m->reasoning);
}

static void model_row(struct verb *v, const struct catalog_model *m, const char *name)
{
    if (v->json) {
        struct jsonw w = JSONW(v->out);
        jsonw_begin_object(&w);
        jsonw_put_cstr(&w, "model", name);
        jsonw_put_i64(&w, "window", m->window);
        put_known(&w, m);
        jsonw_put_bool(&w, "tools", true);
        jsonw_end_object(&w);
        buf_putc(v->out, '\n');
        return;
    }
    buf_printf(v->out, "%-22s %8lld tokens  %6g in %6g out%s%s\n", name, (long long)m->window, m->input, m->output,
               m->images ? "  images" : "", m->reasoning ? "  thinks" : "");
}

static bool list_models(struct verb *v, const struct wanted *w, struct err *e)
{
    const struct catalog_model *m;
    int64_t limit = MODELS_SHOWN, n = 0, all = 0;
    if (!verb_number(v, OPT_LIMIT, &limit, e))
        return false;
    for (size_t i = 0; (m = catalog_row(i)) != NULL; i++) {
        CLEANUP(mem_free_p) char *name = mem_printf("%s/%s", m->provider, m->pattern);
        if (!model_fits(w, m, name))
            continue;
        if (all++ >= limit)
            continue;
        if (n++ == 0 && !v->json && v->out->len > 0)
            buf_putc(v->out, '\n');
        model_row(v, m, name);
    }
    if (all > 0 && !v->json)
        buf_printf(v->out, "models: shown=%lld matches=%lld source=built-in; dollars for a million tokens; "
                           "* stands for any end, and of other models the server decides\n",
                   (long long)n, (long long)all);
    return true;
}

static bool provider_is_there(const char *name, struct err *e)
{
    const char *names[PROVIDERS_MAX];
    size_t n = 0;
    for (; n < MIN(provider_table_n, (size_t)PROVIDERS_MAX); n++) {
        names[n] = provider_table[n]->name;
        if (strcmp(names[n], name) == 0)
            return true;
    }
    err_set(e, ERR_NOT_FOUND, "there is no provider '%.60s'", name);
    return fuzzy_hint(e, str_of(name), names, n, "", "tau model list lists them");
}

bool verb_model_list(struct verb *v, struct err *e)
{
    const char *const *value = v->options->value;
    struct wanted w = {.match = verb_arg(v, 0),
                       .provider = value[OPT_PROVIDER],
                       .tools = value[OPT_TOOLS],
                       .images = value[OPT_MULTIMODAL],
                       .reasoning = value[OPT_REASONING]};
    struct err lost = ERR_INIT;
    if (w.provider && !provider_is_there(w.provider, e))
        return false;
    bool ok = apply_settings(v, config_str(&v->app->config, SET_MODEL), e);
    if (!w.tools && !w.images && !w.reasoning)
        list_providers(v, &w);
    return list_models(v, &w, ok ? e : &lost) && ok; /* the list is whole all the same */
}

/* ---- one ---- */

static void show_json(struct verb *v, const struct provider *p, const char *model,
                      const struct endpoint *at, const struct catalog_model *known)
{
    struct jsonw w = JSONW(v->out);
    CLEANUP(mem_free_p) char *name = mem_printf("%s/%s", p->name, model);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "model", name);
    jsonw_put_cstr(&w, "about", p->doc);
    if (at) {
        jsonw_put_cstr(&w, "address", at->base);
        jsonw_put_cstr(&w, "address_variable", at->base_env);
        jsonw_put_cstr(&w, "key_variable", at->key_env);
        jsonw_put_cstr(&w, "key", key_states[key_state(at)].name);
    }
    jsonw_put_bool(&w, "known", known != NULL || !at);
    jsonw_put_i64(&w, "window", provider_window(p, model));
    if (known) {
        put_known(&w, known);
    }
    jsonw_put_bool(&w, "tools", true);
    jsonw_end_object(&w);
    buf_putc(v->out, '\n');
}

static void show_text(struct verb *v, const struct provider *p, const char *model,
                      const struct endpoint *at, const struct catalog_model *known)
{
    buf_printf(v->out, "%s/%s\n%s\n", p->name, model, p->doc);
    if (at) {
        bool wrong = at->wrong == at->base_env;
        buf_printf(v->out, "address  %s (another one: %s, or --api-base)\n",
                   wrong ? "none, the variable holds no address" : at->base, at->base_env);
        buf_printf(v->out, "key      %s %s\n", at->key_env, key_states[key_state(at)].text);
    }
    buf_printf(v->out, "window   %lld tokens%s\n", (long long)provider_window(p, model),
               at && at->window ? ", as model.window says"
               : known || !at   ? ""
                                : ", taken for granted: say more with model.window");
    if (known)
        buf_printf(v->out,
                   "price    dollars for a million tokens: %g in, %g in from the cache, %g out\n",
                   known->input, known->cached, known->output);
    else
        buf_printf(v->out, "price    %s\n",
                   at ? "not known, but for what the server says" : "none");
    if (!at)
        buf_puts(v->out, "takes    text, tools\n");
    else if (!known)
        buf_puts(v->out, "takes    text, tools; images and thinking as the server can\n");
    else
        buf_printf(v->out, "takes    text, tools%s%s\n", known->images ? ", images" : "",
                   known->reasoning ? "; thinks before it answers" : "");
}

bool verb_model_show(struct verb *v, struct err *e)
{
    const char *name = verb_arg(v, 0) ? verb_arg(v, 0) : config_str(&v->app->config, SET_MODEL);
    const char *model;
    const struct provider *p = provider_find(name, &model, e);
    if (!p || !apply_settings(v, name, e))
        return false;
    enum endpoint_id id = endpoint_find(p->name);
    const struct endpoint *at = id == ENDPOINT_COUNT ? NULL : endpoint(id);
    (v->json ? show_json : show_text)(v, p, model, at, catalog_find(p->name, model));
    return true;
}
