/* SPDX-License-Identifier: Apache-2.0
 *
 * Service image paths and version resources.
 */
#include "lib/driver_image.h"

#include <windows.h>
#include <winver.h>

#include <stdio.h>
#include <stdlib.h>

#include "lib/win32_text.h"

#define SYSTEM_ROOT L"\\SystemRoot\\"
#define DOS_DEVICES L"\\??\\"
#define DEFAULT     L"System32\\drivers\\ScaphandreDrv.sys"

static bool starts_with(const wchar_t *text, const wchar_t *start)
{
    return _wcsnicmp(text, start, wcslen(start)) == 0;
}

static bool in_windows_folder(const wchar_t *relative, wchar_t out[RAPL_IMAGE_PATH_MAX])
{
    wchar_t folder[MAX_PATH];
    UINT length = GetSystemWindowsDirectoryW(folder, MAX_PATH);

    if (length == 0 || length >= MAX_PATH ||
        length + 1 + wcslen(relative) + 1 > RAPL_IMAGE_PATH_MAX) {
        return false;
    }
    wcscpy(out, folder);
    wcscat(out, L"\\");
    wcscat(out, relative);
    return true;
}

bool rapl_image_path_resolve(const wchar_t *image_path, wchar_t out[RAPL_IMAGE_PATH_MAX])
{
    wchar_t expanded[RAPL_IMAGE_PATH_MAX];
    DWORD length = ExpandEnvironmentStringsW(image_path, expanded, RAPL_IMAGE_PATH_MAX);
    const wchar_t *path = expanded;

    if (length == 0 || length > RAPL_IMAGE_PATH_MAX) {
        return false;
    }
    if (path[0] == L'\0') {
        return in_windows_folder(DEFAULT, out);
    }
    if (starts_with(path, SYSTEM_ROOT)) {
        return in_windows_folder(path + wcslen(SYSTEM_ROOT), out);
    }
    if (starts_with(path, DOS_DEVICES)) {
        path += wcslen(DOS_DEVICES);
    } else if (path[0] != L'\\' && path[1] != L':') {
        return in_windows_folder(path, out);
    }
    wcscpy(out, path);
    return true;
}

/* Codes that say "the file is fine, it has no version resource". */
static bool means_no_resource(DWORD error)
{
    return error == ERROR_RESOURCE_DATA_NOT_FOUND || error == ERROR_RESOURCE_TYPE_NOT_FOUND ||
           error == ERROR_RESOURCE_NAME_NOT_FOUND || error == ERROR_RESOURCE_LANG_NOT_FOUND;
}

static void read_fixed(const void *block, struct rapl_image_version *out)
{
    VS_FIXEDFILEINFO *fixed;
    UINT size;

    if (!VerQueryValueW(block, L"\\", (void **)&fixed, &size) || size < sizeof(*fixed)) {
        return;
    }
    snprintf(out->file_version, sizeof(out->file_version), "%u.%u.%u.%u",
             (unsigned)HIWORD(fixed->dwFileVersionMS), (unsigned)LOWORD(fixed->dwFileVersionMS),
             (unsigned)HIWORD(fixed->dwFileVersionLS), (unsigned)LOWORD(fixed->dwFileVersionLS));
}

static void read_special_build(const void *block, struct rapl_image_version *out)
{
    const struct {
        WORD language;
        WORD code_page;
    } *translation;
    wchar_t key[64];
    wchar_t *text;
    UINT size;

    if (!VerQueryValueW(block, L"\\VarFileInfo\\Translation", (void **)&translation, &size) ||
        size < sizeof(*translation)) {
        return;
    }
    _snwprintf(key, sizeof(key) / sizeof(key[0]), L"\\StringFileInfo\\%04x%04x\\SpecialBuild",
               (unsigned)translation->language, (unsigned)translation->code_page);
    if (VerQueryValueW(block, key, (void **)&text, &size) && size > 0) {
        rapl_utf8_from_wide(text, out->special_build, sizeof(out->special_build));
    }
}

uint32_t rapl_image_version_read(const wchar_t *path, struct rapl_image_version *out)
{
    struct rapl_image_version version = {.file_version = ""};
    DWORD handle;
    DWORD size = GetFileVersionInfoSizeW(path, &handle);
    DWORD error = 0;
    void *block;

    if (size == 0) {
        error = GetLastError();
        if (!means_no_resource(error)) {
            return error != 0 ? error : ERROR_FILE_INVALID;
        }
        *out = version;
        return 0;
    }
    block = malloc(size);
    if (block == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    if (GetFileVersionInfoW(path, 0, size, block)) {
        read_fixed(block, &version);
        read_special_build(block, &version);
        *out = version;
    } else {
        error = GetLastError();
    }
    free(block);
    return error;
}
