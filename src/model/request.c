/* SPDX-License-Identifier: MIT
 *
 * request: a scanner over the canonical JSON of a request. It trusts nothing: on any bytes it ends
 * after one pass, inside the text. It does not check what it passes over; whoever parses a message
 * does.
 */
#include "model/request.h"

#include <stdlib.h>
#include <string.h>

struct scan {
    struct str text;
    size_t at;
};

static void skip_blanks(struct scan *s)
{
    while (s->at < s->text.n && strchr(" \t\r\n", s->text.p[s->at]) && s->text.p[s->at])
        s->at++;
}

static bool take(struct scan *s, char c)
{
    skip_blanks(s);
    if (s->at == s->text.n || s->text.p[s->at] != c)
        return false;
    s->at++;
    return true;
}

/* A string with its quotes taken off; escapes stay as they are. */
static bool take_string(struct scan *s, struct str *ret_inside)
{
    if (!take(s, '"'))
        return false;
    size_t from = s->at;
    while (s->at < s->text.n) {
        char c = s->text.p[s->at++];
        if (c == '"') {
            *ret_inside = str_sub(s->text, from, s->at - 1 - from);
            return true;
        }
        if (c == '\\')
            s->at++;
    }
    s->at = s->text.n;
    return false;
}

/* Any value: a string, a nested one up to its closing bracket, or a word up to what ends it. */
static bool skip_value(struct scan *s)
{
    struct str inside;
    size_t depth = 0;
    skip_blanks(s);
    size_t from = s->at;
    while (s->at < s->text.n) {
        char c = s->text.p[s->at];
        if (c == '"') {
            if (!take_string(s, &inside))
                return false;
        } else if (c == '{' || c == '[') {
            depth++;
            s->at++;
        } else if ((c == '}' || c == ']') && depth > 0) {
            depth--;
            s->at++;
        } else if (depth == 0 && strchr(",]}", c)) {
            return s->at > from;
        } else {
            s->at++;
            continue;
        }
        if (depth == 0)
            return true;
    }
    return false;
}

/* The next key of an open object. False at its end, or when there is none: *ret_bad tells. */
static bool next_key(struct scan *s, bool *first, struct str *ret_key, bool *ret_bad)
{
    *ret_bad = false;
    if (take(s, '}'))
        return false;
    *ret_bad = !(*first || take(s, ',')) || !take_string(s, ret_key) || !take(s, ':');
    *first = false;
    return !*ret_bad;
}

static enum request_role role_of(struct str word)
{
    return str_is(word, "user")        ? REQUEST_USER
           : str_is(word, "assistant") ? REQUEST_ASSISTANT
           : str_is(word, "tool")      ? REQUEST_TOOL
                                       : REQUEST_OTHER;
}

static bool take_message(struct scan *s, struct request_message *ret)
{
    struct str key, word;
    bool first = true, bad;
    skip_blanks(s);
    size_t from = s->at;
    if (!take(s, '{'))
        return false;
    ret->role = REQUEST_OTHER;
    while (next_key(s, &first, &key, &bad)) {
        if (str_is(key, "role")) {
            if (!take_string(s, &word))
                return false;
            ret->role = role_of(word);
        } else if (!skip_value(s)) {
            return false;
        }
    }
    ret->json = str_sub(s->text, from, s->at - from);
    return !bad;
}

static bool take_messages(struct scan *s, struct request *r)
{
    if (!take(s, '['))
        return false;
    if (take(s, ']'))
        return true;
    do {
        struct request_message m;
        if (!take_message(s, &m))
            return false;
        r->n_assistant += m.role == REQUEST_ASSISTANT;
        VEC_PUSH(&r->messages, m);
    } while (take(s, ','));
    return take(s, ']');
}

bool request_scan(struct request *r, struct str body, struct err *e)
{
    struct scan s = {.text = body};
    struct str key;
    bool first = true, bad = true, found = false;
    *r = (struct request){0};
    if (take(&s, '{')) {
        while (!found && next_key(&s, &first, &key, &bad)) {
            bool ok = str_is(key, "messages") ? (found = take_messages(&s, r)) : skip_value(&s);
            if (!ok) {
                bad = true;
                break;
            }
        }
    }
    if (found && !bad)
        return true;
    return err_set(e, ERR_INVALID, "the request has no list of messages (byte %zu)", s.at);
}

void request_free(struct request *r)
{
    free(r->messages.v);
    *r = (struct request){0};
}
