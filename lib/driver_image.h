/* SPDX-License-Identifier: Apache-2.0
 *
 * A driver's file: is it a whole driver for x64, and what does its version resource say? Pure C but
 * for the last function; the bytes are not trusted. Windows' own reader is in version.dll, which a
 * program would take from its own folder, a downloads folder perhaps: hence this one.
 *
 * Sources: Microsoft, "PE Format"; "VS_VERSIONINFO", "StringFileInfo", "VS_FIXEDFILEINFO".
 */
#ifndef RAPL_LIB_DRIVER_IMAGE_H
#define RAPL_LIB_DRIVER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/* NULL if it is; else what is wrong, as constant text that follows "the file ". */
const char *rapl_image_fault(const uint8_t *bytes, size_t size);

struct rapl_image_version {
    char file_version[32];  /* "1.0.0.0", "" where the file has none */
    char special_build[64]; /* the SpecialBuild string, "" where there is none */
    bool special_flag;      /* VS_FF_SPECIALBUILD */
};

/*
 * False, `*out` untouched, if it is not a whole image for x64: what it would say cannot be told. A
 * file without a version resource is no error: it says nothing.
 */
bool rapl_image_version(const uint8_t *bytes, size_t size, struct rapl_image_version *out);

enum rapl_image_kind {
    RAPL_IMAGE_UNCLEAR, /* no version, or one of the simulated driver's marks without the other */
    RAPL_IMAGE_PRODUCTION, /* neither mark */
    RAPL_IMAGE_SIMULATED,  /* VS_FF_SPECIALBUILD and SpecialBuild "SIMULATED" */
};

enum rapl_image_kind rapl_image_kind(const struct rapl_image_version *version);

/* Larger files are not read: ERROR_FILE_TOO_LARGE. */
#define RAPL_IMAGE_SIZE_MAX (16u << 20)

/*
 * Win32 only. 0, or `*out` untouched and the Windows code that kept the file from being read;
 * ERROR_BAD_EXE_FORMAT where rapl_image_version is false.
 */
uint32_t rapl_image_version_read(const wchar_t *path, struct rapl_image_version *out);

#endif
