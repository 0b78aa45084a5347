/* SPDX-License-Identifier: Apache-2.0
 *
 * What user programs and the driver agree on: names, the legacy request, the settings.
 *
 * Any change to a number or an offset in this file breaks programs that are already installed and
 * needs a page in docs/decisions/. All integers are little-endian. No OS header is needed.
 */
#ifndef RAPL_ABI_H
#define RAPL_ABI_H

#include <stddef.h>
#include <stdint.h>

/* ---- Names ---------------------------------------------------------------------------------- */

#define RAPL_SERVICE_NAME         L"ScaphandreDrv"
#define RAPL_SERVICE_DISPLAY_NAME L"Scaphandre Driver Service"
#define RAPL_DRIVER_FILE_NAME     L"ScaphandreDrv.sys"

#define RAPL_LEGACY_DEVICE_NAME L"\\Device\\ScaphandreDriver"
#define RAPL_LEGACY_LINK_NAME   L"\\DosDevices\\ScaphandreDriver"
#define RAPL_LEGACY_WIN32_NAME  L"\\\\.\\ScaphandreDriver"

/* Of the root device that the driver package (ScaphandreDrv.inf) is for. */
#define RAPL_HARDWARE_ID L"ROOT\\SCAPHANDREDRV"

/* ---- Settings: values under HKLM\SYSTEM\CurrentControlSet\Services\ScaphandreDrv\Parameters -- */

#define RAPL_PARAMETERS_KEY_NAME L"Parameters"

/* REG_DWORD, one of RAPL_ACCESS_*. Absent or anything else: RAPL_ACCESS_ADMINS. */
#define RAPL_ACCESS_VALUE_NAME L"AccessPolicy"

#define RAPL_ACCESS_ADMINS       0u /* SYSTEM and Administrators only */
#define RAPL_ACCESS_USERS        1u /* Users too; coarse unless a Performance Log User */
#define RAPL_ACCESS_UNRESTRICTED 2u /* everyone, fresh values (what the predecessor did) */

/* REG_DWORD, one of RAPL_MODE_*: who starts it. Absent or anything else: RAPL_MODE_SERVICE. */
#define RAPL_MODE_VALUE_NAME L"Mode"

#define RAPL_MODE_SERVICE 0u /* the service manager */
#define RAPL_MODE_DEVICE  1u /* Plug and Play, for the device RAPL_HARDWARE_ID */

/* REG_DWORD, milliseconds: how old the coarse callers' copy may become. Out of range: default. */
#define RAPL_COARSE_MS_VALUE_NAME L"CoarseMs"
#define RAPL_COARSE_MS_DEFAULT    50u
#define RAPL_COARSE_MS_MIN        10u
#define RAPL_COARSE_MS_MAX        1000u

/*
 * REG_DWORD, minutes: how long counters are followed after the last handle of the energy device is
 * closed, so that programs that open per read see no gap. Out of range: default.
 */
#define RAPL_LINGER_MINUTES_VALUE_NAME L"LingerMinutes"
#define RAPL_LINGER_MINUTES_DEFAULT    10u
#define RAPL_LINGER_MINUTES_MAX        10080u

/* REG_DWORD, 1: counters are followed as long as the driver is loaded. Anything else: 0. */
#define RAPL_ACCUMULATE_VALUE_NAME L"Accumulate"

/* REG_SZ, full Win32 path: what the simulated driver plays. The production driver ignores it. */
#define RAPL_RECORDING_VALUE_NAME L"Recording"

/* ---- Legacy device: one register a request -------------------------------------------------- */

/*
 * Any control code whose two method bits are METHOD_BUFFERED (0) is a read: the programs in use
 * send seven different ones. Input: this struct, exactly. Output: the register, 8 bytes; a caller
 * that asks for 4 to 7 bytes gets that many low bytes.
 *
 * Windows errors: 1 (register not on this CPU's list, or a method that is not buffered), 5 (handle
 * without read access, or a register that coarse callers may not read), 87 (input is not 8 bytes),
 * 122 (output shorter than 4), 1117 (the register faults, or is an energy counter that has read 0
 * since the driver was loaded).
 */
struct rapl_legacy_request {
    uint32_t msr; /* register number */
    uint32_t cpu; /* processor, counted over all groups; too large means the last one */
};

#define RAPL_LEGACY_REQUEST_SIZE    8u
#define RAPL_LEGACY_OUTPUT_SIZE     8u
#define RAPL_LEGACY_OUTPUT_SIZE_MIN 4u

_Static_assert(sizeof(struct rapl_legacy_request) == RAPL_LEGACY_REQUEST_SIZE, "wire size");
_Static_assert(offsetof(struct rapl_legacy_request, msr) == 0, "wire offset");
_Static_assert(offsetof(struct rapl_legacy_request, cpu) == 4, "wire offset");

#endif
