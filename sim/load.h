/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads the recording that the simulated driver plays.
 */
#ifndef RAPL_SIM_LOAD_H
#define RAPL_SIM_LOAD_H

#include <ntddk.h>

#include "recording/recording.h"

#define SIM_POOL_TAG 'miSR'

/*
 * Reads the file named by Parameters\Recording and parses it. On success `*arena` holds what
 * `*recording` points into; free it with ExFreePoolWithTag(SIM_POOL_TAG). PASSIVE_LEVEL.
 *
 * STATUS_OBJECT_NAME_NOT_FOUND: no such value or file. STATUS_INVALID_PARAMETER: the file is not a
 * recording; the line, the column and the reason go to the debugger.
 */
NTSTATUS sim_load(PUNICODE_STRING registry_path, struct recording *recording, void **arena);

#endif
