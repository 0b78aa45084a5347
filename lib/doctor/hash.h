/* SPDX-License-Identifier: Apache-2.0
 *
 * A file's SHA-256, to tell builds apart in a report. Win32 only: it is Windows' own (bcrypt.dll).
 */
#ifndef RAPL_LIB_DOCTOR_HASH_H
#define RAPL_LIB_DOCTOR_HASH_H

#include <stdbool.h>
#include <wchar.h>

#include "lib/doctor/facts.h"

/* Lower-case digits. False, `hex` untouched: the file cannot be read, or is over 64 MiB. */
bool doctor_hash_file(const wchar_t *path, char hex[DOCTOR_HASH_CHARS]);

#endif
