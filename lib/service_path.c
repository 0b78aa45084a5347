/* SPDX-License-Identifier: Apache-2.0
 *
 * The ways a driver's path is written.
 */
#include "lib/service_path.h"

#include <string.h>

#include <rapl/abi.h>

static wchar_t fold(wchar_t character)
{
    return character >= L'A' && character <= L'Z' ? (wchar_t)(character - L'A' + L'a') : character;
}

static bool starts_with(const wchar_t *text, const wchar_t *prefix)
{
    while (*prefix != L'\0') {
        if (fold(*text++) != fold(*prefix++)) {
            return false;
        }
    }
    return true;
}

/* How the Windows folder is written, and the name space of full paths. */
static const struct {
    const wchar_t *written;
    bool below_windows;
} prefixes[] = {
    {L"\\SystemRoot\\", true},
    {L"%SystemRoot%\\", true},
    {L"%windir%\\", true},
    {L"\\??\\", false},
};

static bool is_relative(const wchar_t *path, size_t length)
{
    return path[0] != L'\\' && (length < 2 || path[1] != L':');
}

bool rapl_service_path_resolve(const wchar_t *image, const wchar_t *windows, wchar_t *out,
                               size_t size)
{
    const wchar_t *lead = L"";
    const wchar_t *separator = L"";
    size_t length = wcslen(image);
    bool below_windows;

    if (length >= 2 && image[0] == L'"' && image[length - 1] == L'"') {
        image++;
        length -= 2;
    }
    if (length == 0) {
        image = L"System32\\drivers\\" RAPL_DRIVER_FILE_NAME;
        length = wcslen(image);
    }
    below_windows = is_relative(image, length);
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (starts_with(image, prefixes[i].written)) {
            image += wcslen(prefixes[i].written);
            length -= wcslen(prefixes[i].written);
            below_windows = prefixes[i].below_windows;
            break;
        }
    }
    if (below_windows) {
        lead = windows;
        separator = L"\\";
    }

    const size_t lead_length = wcslen(lead);
    const size_t separator_length = wcslen(separator);
    if (lead_length + separator_length + length >= size) {
        return false;
    }
    wmemcpy(out, lead, lead_length);
    wmemcpy(out + lead_length, separator, separator_length);
    wmemcpy(out + lead_length + separator_length, image, length);
    out[lead_length + separator_length + length] = L'\0';
    return true;
}

bool rapl_service_path_equal(const wchar_t *a, const wchar_t *b)
{
    return starts_with(a, b) && wcslen(a) == wcslen(b);
}

bool rapl_service_path_has_part(const wchar_t *path, const wchar_t *part)
{
    const size_t length = wcslen(part);

    for (const wchar_t *at = path; at != NULL; at = wcschr(at, L'\\')) {
        if (*at == L'\\') {
            at++;
        }
        if (starts_with(at, part) && (at[length] == L'\\' || at[length] == L'\0')) {
            return true;
        }
    }
    return false;
}

const wchar_t *rapl_service_path_file(const wchar_t *path)
{
    const wchar_t *last = wcsrchr(path, L'\\');
    return last != NULL ? last + 1 : path;
}
