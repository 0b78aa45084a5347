/* SPDX-License-Identifier: Apache-2.0
 *
 * Is this file a whole driver for x64? Pure C; the bytes are not trusted.
 */
#ifndef RAPL_LOADER_DRIVER_IMAGE_H
#define RAPL_LOADER_DRIVER_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* NULL if it is; else what is wrong, as constant text that follows "the file ". */
const char *driver_image_fault(const uint8_t *bytes, size_t size);

#endif
