/* SPDX-License-Identifier: Apache-2.0
 *
 * Files on Linux.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"

struct file {
    int descriptor;
    bool regular;
    off_t size; /* of what was written in full */
};

static int open_path(const char *path, bool replace)
{
    int how = O_WRONLY | O_CLOEXEC | O_NOCTTY;
    struct stat status;

    /* A device or a pipe is neither created nor replaced. */
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return open(path, how);
    }
    return open(path, how | O_CREAT | (replace ? O_TRUNC : O_EXCL), 0666);
}

enum file_created file_create(const char *path, bool replace, struct file **out,
                              uint32_t *system_error)
{
    struct file *file = calloc(1, sizeof(*file));
    struct stat status;

    if (file == NULL) {
        *system_error = ENOMEM;
        return FILE_FAILED;
    }
    file->descriptor = open_path(path, replace);
    if (file->descriptor < 0) {
        bool exists = errno == EEXIST;

        *system_error = (uint32_t)errno;
        free(file);
        return exists ? FILE_EXISTS : FILE_FAILED;
    }
    file->regular = fstat(file->descriptor, &status) == 0 && S_ISREG(status.st_mode);
    *out = file;
    return FILE_CREATED;
}

static enum cli_written meaning(int error)
{
    switch (error) {
    case EPIPE:
        return CLI_WRITE_CLOSED;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return CLI_WRITE_FULL;
    default:
        return CLI_WRITE_FAILED;
    }
}

enum cli_written file_write(struct file *file, const char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t written = write(file->descriptor, bytes + done, size - done);

        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            enum cli_written result = meaning(written < 0 ? errno : EIO);

            if (file->regular && done != 0 && ftruncate(file->descriptor, file->size) == 0) {
                lseek(file->descriptor, file->size, SEEK_SET);
            }
            return result;
        }
        done += (size_t)written;
    }
    file->size += (off_t)size;
    return CLI_WRITTEN;
}

enum cli_written file_close(struct file *file)
{
    int error = close(file->descriptor) == 0 || errno == EINTR ? 0 : errno;

    free(file);
    return error == 0 ? CLI_WRITTEN : meaning(error);
}

void file_error_text(uint32_t system_error, struct text *out)
{
    text_add(out, strerror((int)system_error));
}
