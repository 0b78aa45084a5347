/* SPDX-License-Identifier: Apache-2.0
 *
 * The version resource of a file on disk.
 */
#include "lib/driver_image.h"

#include <windows.h>

#include "lib/file.h"

uint32_t rapl_image_version_read(const wchar_t *path, struct rapl_image_version *out)
{
    struct rapl_file file;
    const uint32_t error = rapl_file_open(path, RAPL_IMAGE_SIZE_MAX, &file);

    if (error != 0) {
        return error;
    }
    const bool known = rapl_image_version(file.bytes, file.size, out);

    rapl_file_close(&file);
    return known ? 0 : ERROR_BAD_EXE_FORMAT;
}
