/* SPDX-License-Identifier: Apache-2.0
 *
 * A file's signature, as this machine's own trust judges it. Win32 only.
 *
 * What this says is Windows' user-mode trust (certificates of this machine), not the kernel's code
 * integrity, which asks for Microsoft's signature on drivers beside.
 */
#ifndef RAPL_LIB_DOCTOR_SIGNATURE_H
#define RAPL_LIB_DOCTOR_SIGNATURE_H

#include <wchar.h>

#include "lib/doctor/facts.h"

enum doctor_signature doctor_signature_of(const wchar_t *path);

#endif
