/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands in for an import that is made to fail: nothing is done, the documented failure is
 * returned.
 */
#ifndef HARNESS_FAILING_H
#define HARNESS_FAILING_H

#include <ntifs.h>

/* Each imports_*.c takes the address of those it needs. */
__attribute__((unused)) static NTSTATUS fail_no_resources(void)
{
    return STATUS_INSUFFICIENT_RESOURCES;
}

__attribute__((unused)) static NTSTATUS fail_denied(void)
{
    return STATUS_ACCESS_DENIED;
}

__attribute__((unused)) static NTSTATUS fail_parameter(void)
{
    return STATUS_INVALID_PARAMETER;
}

__attribute__((unused)) static NTSTATUS fail_not_found(void)
{
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

__attribute__((unused)) static void *fail_null(void)
{
    return NULL;
}

/* A row of the import table for a function; its implementation is named with `do_`. */
#define IMPORT_FUNCTION(name_, dll_, build_, irql_min_, irql_max_, failing_)                       \
    {.name = #name_,                                                                               \
     .dll = (dll_),                                                                                \
     .function = (const void *)(ULONG_PTR)do_##name_,                                              \
     .failing = (const void *)(ULONG_PTR)(failing_),                                               \
     .first_build = (build_),                                                                      \
     .irql_min = (irql_min_),                                                                      \
     .irql_max = (irql_max_)}

#define IMPORT_KERNEL "ntoskrnl.exe"
#define IMPORT_HAL    "hal.dll"

/*
 * Windows builds: 2000, XP, Server 2003, Vista, 7, 8.1, 10 2004. These and the IRQLs of the rows
 * are those of tests/image/imports.txt, which names the page of each; a test compares them.
 */
#define BUILD_2000 2195u
#define BUILD_XP   2600u
#define BUILD_2003 3790u
#define BUILD_6_0  6000u
#define BUILD_7    7600u
#define BUILD_8_1  9600u
#define BUILD_2004 19041u

#define IMPORT_PART(part_, rows_)                                                                  \
    const struct import_part part_ = {rows_, sizeof(rows_) / sizeof((rows_)[0])}

#endif
