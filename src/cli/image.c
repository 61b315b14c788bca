/* SPDX-License-Identifier: MIT
 *
 * image: told by its first bytes (PNG, section 5.2; JPEG, ITU T.81 B.1.1.3; GIF89a, section 17;
 * WebP, RFC 9649, section 2.4).
 */
#include "cli/image.h"

#include "base/fs.h"
#include "store/blob.h"
#include "text/utf8.h"
#include "json/jsonw.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 255 };

static const struct {
    const char *media_type;
    const char *bytes;
    size_t at, n;
    const char *then; /* at 8; NULL: nothing more */
} fronts[] = {
    {"image/png", "\x89PNG\r\n\x1a\n", 0, 8, NULL},
    {"image/jpeg", "\xff\xd8\xff", 0, 3, NULL},
    {"image/gif", "GIF87a", 0, 6, NULL},
    {"image/gif", "GIF89a", 0, 6, NULL},
    {"image/webp", "RIFF", 0, 4, "WEBP"},
};

const char *image_type(struct str front)
{
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++)
        if (front.n >= fronts[i].n && memcmp(front.p, fronts[i].bytes, fronts[i].n) == 0 &&
            (!fronts[i].then || (front.n >= IMAGE_FRONT && memcmp(front.p + 8, fronts[i].then, 4) == 0)))
            return fronts[i].media_type;
    return NULL;
}

/* The last part of the path, as much as a name may have. */
static struct str name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct str name = utf8_clip(str_of(slash && slash[1] ? slash + 1 : path), NAME_MAX_BYTES);
    return utf8_valid(name) ? name : STR("image");
}

static bool look(int fd, const char *path, const char **ret_type, struct err *e)
{
    struct stat st;
    char front[IMAGE_FRONT];
    if (fstat(fd, &st) < 0)
        return err_sys(e, ERR_IO, errno, "%s", path);
    if (!S_ISREG(st.st_mode))
        return err_set(e, S_ISDIR(st.st_mode) ? ERR_IS_DIRECTORY : ERR_NOT_REGULAR,
                       "%s: not a regular file", path);
    if (st.st_size > IMAGE_BYTES_MAX)
        return err_set(e, ERR_TOO_LARGE, "%s: the image is larger than %d MiB", path,
                       IMAGE_BYTES_MAX >> 20);
    ssize_t n = pread(fd, front, sizeof(front), 0);
    if (n < 0)
        return err_sys(e, ERR_IO, errno, "%s", path);
    *ret_type = image_type(str_make(front, (size_t)n));
    return *ret_type || err_set(e, ERR_UNSUPPORTED, "%s: not an image that models take", path) ||
           err_hint(e, n == 0 ? "the file is empty" : "png, jpeg, gif and webp are");
}

bool image_keep(const char *store_dir, const char *path, struct buf *out, struct err *e)
{
    char sha[DIGEST_HEX];
    int64_t bytes;
    const char *type = NULL;
    CLEANUP(fd_close_p) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return err_sys(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s", path);
    if (!look(fd, path, &type, e) || !blob_from_fd(store_dir, fd, sha, &bytes, e))
        return false;
    struct jsonw w = JSONW(out);
    jsonw_begin_object(&w);
    jsonw_put_cstr(&w, "media_type", type);
    jsonw_put_cstr(&w, "sha256", sha);
    jsonw_put_i64(&w, "bytes", bytes);
    jsonw_put_str(&w, "name", name_of(path));
    jsonw_end_object(&w);
    return true;
}
