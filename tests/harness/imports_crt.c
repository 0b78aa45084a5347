/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: what the compiler calls by itself, and the handler of __try.
 */
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/verifier.h"

#include <string.h>

#define do_memcpy  memcpy
#define do_memmove memmove
#define do_memset  memset
#define do_memcmp  memcmp

/*
 * The system's own does the work. Its second visit, with the target of the unwind, is the moment
 * the driver's __except block is about to run.
 */
static EXCEPTION_DISPOSITION do___C_specific_handler(PEXCEPTION_RECORD record, PVOID frame,
                                                     PCONTEXT context,
                                                     struct _DISPATCHER_CONTEXT *dispatcher)
{
    const ULONG target_unwind = 0x20;
    if ((record->ExceptionFlags & target_unwind) != 0) {
        verifier_add(&verifier_counters.faults_handled);
    }
    return __C_specific_handler(record, frame, context, dispatcher);
}

static const struct import rows[] = {
    IMPORT_FUNCTION(memcpy, IMPORT_KERNEL, BUILD_2003, 0, 15, NULL),
    IMPORT_FUNCTION(memmove, IMPORT_KERNEL, BUILD_2003, 0, 15, NULL),
    IMPORT_FUNCTION(memset, IMPORT_KERNEL, BUILD_2003, 0, 15, NULL),
    IMPORT_FUNCTION(memcmp, IMPORT_KERNEL, BUILD_2003, 0, 15, NULL),
    IMPORT_FUNCTION(__C_specific_handler, IMPORT_KERNEL, BUILD_2003, 0, 15, NULL),
};

IMPORT_PART(imports_crt, rows);
