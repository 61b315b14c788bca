/* SPDX-License-Identifier: MIT
 *
 * images: what is sent with a question. A face keeps the bytes in the store and names them by
 * digest, so that nothing large goes through an action, and nobody has core read a file.
 */
#include "base/digest.h"
#include "base/fs.h"
#include "core/internal.h"
#include "model/provider.h"
#include "store/blob.h"
#include "json/json.h"

#include <string.h>

enum { IMAGES_MAX = 16, IMAGE_NAME_MAX = 255 };

static bool is_known(const char *media_type)
{
    static const char *const types[] = {"image/png", "image/jpeg", "image/gif", "image/webp"};
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (strcmp(types[i], media_type) == 0)
            return true;
    return false;
}

static bool is_digest(struct str s)
{
    bool ok = s.n == DIGEST_HEX - 1;
    for (size_t i = 0; ok && i < s.n; i++)
        ok = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f');
    return ok;
}

static bool check_one(const char *store_dir, const struct json *image, size_t i, struct err *e)
{
    const char *type = json_cstr(json_get(image, "media_type"), "");
    struct str sha = json_str(json_get(image, "sha256"));
    struct str name = json_str(json_get(image, "name"));
    if (!is_known(type))
        return err_set(e, ERR_INVALID,
                       "images[%zu].media_type: expected image/png, image/jpeg, image/gif or "
                       "image/webp, got '%.40s'",
                       i, type);
    if (!is_digest(sha))
        return err_set(e, ERR_INVALID, "images[%zu].sha256: expected 64 hexadecimal digits", i);
    if (name.n == 0 || name.n > IMAGE_NAME_MAX)
        return err_set(e, ERR_INVALID, "images[%zu].name: expected 1 to %d bytes", i,
                       IMAGE_NAME_MAX);
    if (json_i64(json_get(image, "bytes"), 0) <= 0)
        return err_set(e, ERR_INVALID, "images[%zu].bytes: expected its size", i);
    CLEANUP(fd_close_p) int fd = blob_open(store_dir, json_cstr(json_get(image, "sha256"), ""), e);
    return fd >= 0 || err_wrap(e, "images[%zu]", i);
}

bool images_check(struct core *c, const struct provider *p, const char *model, const char *images,
                  struct err *e)
{
    if (!images)
        return true;
    CLEANUP(json_free_p) struct json *list = json_parse(str_of(images), e);
    if (!list)
        return err_wrap(e, "images");
    if (json_type(list) != JSON_ARRAY)
        return err_set(e, ERR_INVALID, "images: expected a list");
    if (json_len(list) > IMAGES_MAX)
        return err_set(e, ERR_TOO_LARGE, "images: more than %d", IMAGES_MAX);
    size_t i = 0;
    for (const struct json *image = json_first(list); image; image = json_next(image))
        if (!check_one(c->store_dir, image, i++, e))
            return false;
    if (i > 0 && !provider_takes_images(p, model))
        return err_set(e, ERR_UNSUPPORTED, "%s/%s does not look at images", p->name, model) ||
               err_hint(e, "choose a model that does, see tau model show; or leave the image out (:image alone)");
    return true;
}
