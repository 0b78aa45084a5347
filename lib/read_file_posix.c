/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a file whole.
 */
#include "lib/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* One byte more than is allowed shows that there is more, also in pipes: their size is unknown. */
static uint32_t read_all(int file, size_t size_max, struct file_text *out)
{
    struct file_text text = {.bytes = malloc(size_max + 1)};
    ssize_t got = 1;

    if (text.bytes == NULL) {
        return ENOMEM;
    }
    while (text.size <= size_max && got != 0) {
        got = read(file, text.bytes + text.size, size_max + 1 - text.size);
        if (got > 0) {
            text.size += (size_t)got;
        } else if (got < 0 && errno != EINTR) {
            const uint32_t error = (uint32_t)errno;

            free(text.bytes);
            return error;
        }
    }
    if (text.size > size_max) {
        free(text.bytes);
        return EFBIG;
    }
    *out = text;
    return 0;
}

uint32_t file_text_read(const char *path, size_t size_max, struct file_text *out)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    uint32_t error;

    if (file < 0) {
        return (uint32_t)errno;
    }
    error = read_all(file, size_max, out);
    close(file);
    return error;
}

void file_text_free(struct file_text *text)
{
    free(text->bytes);
    *text = (struct file_text){.bytes = NULL};
}
