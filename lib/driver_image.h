/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's image file: where the service points, and what its version resource says.
 * Win32 only.
 */
#ifndef RAPL_LIB_DRIVER_IMAGE_H
#define RAPL_LIB_DRIVER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#define RAPL_IMAGE_PATH_MAX 1024u /* characters, the NUL included */

/*
 * The file behind a service's ImagePath in any of the forms Windows accepts: empty, relative to the
 * Windows folder, \SystemRoot\..., \??\C:\..., %SystemRoot%\..., or plain. False if it is too long.
 */
bool rapl_image_path_resolve(const wchar_t *image_path, wchar_t out[RAPL_IMAGE_PATH_MAX]);

struct rapl_image_version {
    char file_version[32];  /* "1.0.0.0", "" where the file has none */
    char special_build[64]; /* the SpecialBuild string, "" where there is none */
};

/*
 * 0, or the Windows code that kept the file from being read. A file without a version resource is
 * not an error: both texts are "".
 */
uint32_t rapl_image_version_read(const wchar_t *path, struct rapl_image_version *out);

#endif
