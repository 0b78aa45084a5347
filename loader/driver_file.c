/* SPDX-License-Identifier: Apache-2.0
 *
 * Version resources over version.dll, which is loaded when it is needed.
 */
#include "loader/driver_file.h"

#include <stdbool.h>
#include <string.h>

#include "loader/last_error.h"
#include "loader/text.h"

#define RESOURCE_SIZE_MAX (64u * 1024u)

/*
 * version.dll is not among the libraries that Windows always takes from its own folder. Linked, a
 * file of that name beside DriverLoader.exe, say in a downloads folder, would run elevated.
 */
struct version_library {
    HMODULE module;
    DWORD(WINAPI *get_size)(LPCWSTR path, LPDWORD unused);
    BOOL(WINAPI *get)(LPCWSTR path, DWORD unused, DWORD size, LPVOID resource);
    BOOL(WINAPI *query)(LPCVOID resource, LPCWSTR name, LPVOID *value, PUINT size);
};

static DWORD load_library(struct version_library *out)
{
    const HMODULE module = LoadLibraryExW(L"version.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (module == NULL) {
        return last_error();
    }

    struct version_library library = {.module = module};
    library.get_size = (void *)GetProcAddress(module, "GetFileVersionInfoSizeW");
    library.get = (void *)GetProcAddress(module, "GetFileVersionInfoW");
    library.query = (void *)GetProcAddress(module, "VerQueryValueW");
    if (library.get_size == NULL || library.get == NULL || library.query == NULL) {
        FreeLibrary(module);
        return ERROR_PROC_NOT_FOUND;
    }
    *out = library;
    return ERROR_SUCCESS;
}

/* A string of the first language that the resource names; NULL if there is none. */
static const wchar_t *find_string(const struct version_library *library, const void *resource,
                                  const wchar_t *name)
{
    struct {
        WORD language;
        WORD code_page;
    } *translation;
    wchar_t path[64];
    void *value;
    UINT size;

    if (!library->query(resource, L"\\VarFileInfo\\Translation", (void **)&translation, &size) ||
        size < sizeof(*translation)) {
        return NULL;
    }
    text_format(path, TEXT_CHARS(path), L"\\StringFileInfo\\%04x%04x\\%ls", translation->language,
                translation->code_page, name);
    return library->query(resource, path, &value, &size) && size > 0 ? value : NULL;
}

static enum driver_kind find_kind(const VS_FIXEDFILEINFO *fixed, const wchar_t *special_build)
{
    const bool flagged = (fixed->dwFileFlags & fixed->dwFileFlagsMask & VS_FF_SPECIALBUILD) != 0;
    const bool named = special_build != NULL && wcscmp(special_build, L"SIMULATED") == 0;

    if (flagged && named) {
        return DRIVER_SIMULATED;
    }
    return flagged || special_build != NULL ? DRIVER_UNCLEAR : DRIVER_PRODUCTION;
}

static DWORD read_resource(const struct version_library *library, const void *resource,
                           struct driver_facts *out)
{
    VS_FIXEDFILEINFO *fixed;
    UINT size;

    if (!library->query(resource, L"\\", (void **)&fixed, &size) || size < sizeof(*fixed)) {
        return ERROR_RESOURCE_DATA_NOT_FOUND;
    }

    out->kind = find_kind(fixed, find_string(library, resource, L"SpecialBuild"));
    text_format(out->version, TEXT_CHARS(out->version), L"%u.%u.%u.%u",
                HIWORD(fixed->dwFileVersionMS), LOWORD(fixed->dwFileVersionMS),
                HIWORD(fixed->dwFileVersionLS), LOWORD(fixed->dwFileVersionLS));
    return ERROR_SUCCESS;
}

static DWORD read_file(const struct version_library *library, const wchar_t *path,
                       struct driver_facts *out)
{
    DWORD unused;
    const DWORD size = library->get_size(path, &unused);

    if (size == 0) {
        return last_error();
    }
    if (size > RESOURCE_SIZE_MAX) {
        return ERROR_RESOURCE_DATA_NOT_FOUND;
    }
    void *resource = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
    if (resource == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    const DWORD error = library->get(path, 0, size, resource)
                            ? read_resource(library, resource, out)
                            : last_error();
    HeapFree(GetProcessHeap(), 0, resource);
    return error;
}

DWORD driver_file_read(const wchar_t *path, struct driver_facts *out)
{
    struct version_library library;

    DWORD error = load_library(&library);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    error = read_file(&library, path, out);
    FreeLibrary(library.module);
    return error;
}
