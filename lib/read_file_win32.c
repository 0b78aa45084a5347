/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a file whole, by its UTF-8 name.
 */
#include "lib/read_file.h"

#include <windows.h>

#include <stdlib.h>

#include "lib/file.h"
#include "lib/service_path.h"
#include "lib/utf.h"

uint32_t file_text_read(const char *path, size_t size_max, struct file_text *out)
{
    wchar_t wide[RAPL_PATH_CHARS];
    struct rapl_file file;

    if (!rapl_wide_from_utf8(path, wide, RAPL_PATH_CHARS)) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    const uint32_t error = rapl_file_open(wide, (uint32_t)size_max, &file);
    if (error != 0) {
        return error;
    }
    /* The bytes are the caller's from here on. */
    *out = (struct file_text){.bytes = (char *)file.bytes, .size = file.size};
    CloseHandle(file.handle);
    return 0;
}

void file_text_free(struct file_text *text)
{
    free(text->bytes);
    *text = (struct file_text){.bytes = NULL};
}
