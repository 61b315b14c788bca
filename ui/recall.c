/* SPDX-License-Identifier: MIT
 *
 * recall: what is remembered, on its way.
 */
#include "ui/recall.h"

#include "base/buf.h"
#include "base/fs.h"
#include "contract/action.h"

#include <stdlib.h>
#include <sys/eventfd.h>

static bool add_row(void *arg, struct str text)
{
    struct recall *r = arg;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(text, &e);
    if (j) /* one row that can not be read is no reason to show none */
        memory_add(&r->rows, j);
    return true;
}

static bool add_count(void *arg, struct str text)
{
    struct recall *r = arg;
    struct err e = ERR_INIT;
    CLEANUP(json_free_p) struct json *j = json_parse(text, &e);
    r->rows.entries += json_i64(json_get(j, "entries"), 0);
    r->rows.pinned += json_i64(json_get(j, "pinned"), 0);
    return true;
}

static bool ask(struct recall *r, enum query_id id, const void *args,
                bool (*row)(void *arg, struct str text))
{
    CLEANUP(buf_free) struct buf text = BUF_OWN;
    struct jsonw w = JSONW(&text);
    int64_t seq;
    field_write_object(&query_table[id].args, &w, args);
    return r->reader->query(r->reader->ctx, query_table[id].name, buf_view(&text), r->cancel, row, r,
                            &seq, &r->err);
}

static void run(void *arg)
{
    struct recall *r = arg;
    r->ok = !r->count || ask(r, QRY_MEMORY_TYPES, &(struct qry_memory_types){0}, add_count);
    if (r->ok && r->find)
        r->ok = ask(r, QRY_MEMORY_SEARCH,
                    &(struct qry_memory_search){.query = r->find, .limit = RECALL_ROWS}, add_row);
    else if (r->ok)
        r->ok =
            ask(r, QRY_MEMORY_LIST,
                &(struct qry_memory_list){.forgotten = r->forgotten, .limit = RECALL_ROWS}, add_row);
    int rc = eventfd_write(r->fd, 1);
    (void)rc; /* its counter is 0: this can not fail */
}

bool recall_start(struct recall *r, const struct reader *reader, const char *find, bool forgotten,
                  bool count)
{
    if (r->thread.running || !reader->query)
        return false;
    if (r->fd < 0)
        r->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!r->cancel)
        r->cancel = cancel_new(NULL);
    if (r->fd < 0)
        return false;
    memory_clear(&r->rows);
    free(r->find);
    r->find = mem_strdup(find);
    r->forgotten = forgotten;
    r->count = count;
    r->reader = reader;
    r->err = ERR_INIT;
    return thread_start(&r->thread, "tau-recall", 0, run, r, &r->err);
}

bool recall_take(struct recall *r)
{
    eventfd_t n;
    if (r->fd < 0 || eventfd_read(r->fd, &n) != 0)
        return false;
    thread_join(&r->thread);
    return true;
}

void recall_done(struct recall *r)
{
    if (r->cancel)
        cancel_fire(r->cancel);
    thread_join(&r->thread);
    cancel_unref(r->cancel);
    memory_clear(&r->rows);
    free(r->find);
    fd_close_p(&r->fd);
}
