/* SPDX-License-Identifier: Apache-2.0
 *
 * Properties and messages.
 */
#include "package/msi/msi_action.h"

#include <stdarg.h>

#include <msiquery.h>

#include "loader/text.h"

bool action_property(MSIHANDLE install, const wchar_t *name, wchar_t *out, DWORD chars)
{
    DWORD length = chars;

    return MsiGetPropertyW(install, name, out, &length) == ERROR_SUCCESS;
}

static void send(MSIHANDLE install, INSTALLMESSAGE kind, const wchar_t *format, va_list arguments)
{
    wchar_t text[ACTION_TEXT_CHARS];
    const MSIHANDLE record = MsiCreateRecord(1);

    text_format_list(text, TEXT_CHARS(text), format, arguments);
    if (record == 0) {
        return;
    }
    /* The text is a field, not the template: brackets in it mean nothing. */
    MsiRecordSetStringW(record, 0, L"[1]");
    MsiRecordSetStringW(record, 1, text);
    MsiProcessMessage(install, kind, record);
    MsiCloseHandle(record);
}

void action_log(MSIHANDLE install, const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    send(install, INSTALLMESSAGE_INFO, format, arguments);
    va_end(arguments);
}

void action_error(MSIHANDLE install, const wchar_t *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    send(install, INSTALLMESSAGE_ERROR, format, arguments);
    va_end(arguments);
}
