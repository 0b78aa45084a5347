/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: strings and debug output.
 */
#include "tests/harness/debug_print.h"
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#include <stdarg.h>
#include <string.h>

static VOID do_RtlInitUnicodeString(PUNICODE_STRING out, PCWSTR text)
{
    const size_t length = text == NULL ? 0 : wcslen(text);
    out->Buffer = (PWCH)(ULONG_PTR)text;
    out->Length = (USHORT)(length * sizeof(WCHAR));
    out->MaximumLength = text == NULL ? 0 : (USHORT)(out->Length + sizeof(WCHAR));
}

static VOID do_RtlCopyUnicodeString(PUNICODE_STRING out, PCUNICODE_STRING from)
{
    const USHORT length = from == NULL ? 0 : min(from->Length, out->MaximumLength);
    if (length != 0) {
        memcpy(out->Buffer, from->Buffer, length);
    }
    out->Length = length;
}

static BOOLEAN do_RtlEqualUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN fold)
{
    return a->Length == b->Length &&
           (fold ? _wcsnicmp(a->Buffer, b->Buffer, a->Length / sizeof(WCHAR)) == 0
                 : memcmp(a->Buffer, b->Buffer, a->Length) == 0);
}

/* Wide conversions need code page tables, which are paged: documented for PASSIVE_LEVEL only. */
static void check_format(PCSTR format)
{
    static const char *const wide[] = {"%w", "%S", "%C", "%ls", "%lc"};
    for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++) {
        if (strstr(format, wide[i]) != NULL && thread_current()->irql > PASSIVE_LEVEL) {
            verifier_report(FINDING_IRQL, "DbgPrint of a wide string at IRQL %u",
                            thread_current()->irql);
        }
    }
}

static ULONG do_DbgPrint(PCSTR format, ...)
{
    va_list arguments;
    check_format(format);
    va_start(arguments, format);
    debug_print(format, arguments);
    va_end(arguments);
    return STATUS_SUCCESS;
}

static ULONG do_DbgPrintEx(ULONG component, ULONG level, PCSTR format, ...)
{
    va_list arguments;
    UNREFERENCED_PARAMETER(component);
    UNREFERENCED_PARAMETER(level);
    check_format(format);
    va_start(arguments, format);
    debug_print(format, arguments);
    va_end(arguments);
    return STATUS_SUCCESS;
}

static const struct import rows[] = {
    IMPORT_FUNCTION(RtlInitUnicodeString, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(RtlCopyUnicodeString, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(RtlEqualUnicodeString, IMPORT_KERNEL, BUILD_2000, 0, 0, NULL),
    IMPORT_FUNCTION(DbgPrint, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
    IMPORT_FUNCTION(DbgPrintEx, IMPORT_KERNEL, BUILD_2000, 0, 15, NULL),
};

IMPORT_PART(imports_rtl, rows);
