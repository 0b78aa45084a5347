/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading INF files as Windows does: [Manufacturer] names the models sections, and their lines the
 * hardware ids. Source: Microsoft, "INF Manufacturer Section", "INF Models Section".
 */
#include "loader/packages.h"

#include <wchar.h>

#include <rapl/abi.h>

#include "lib/last_error.h"
#include "lib/service_path.h"
#include "loader/device_api.h"
#include "loader/files.h"
#include "loader/text.h"

#define FIELD_CHARS 256u

struct inf {
    const struct device_api *api;
    HINF handle;
};

static bool read_field(const struct inf *inf, INFCONTEXT *line, DWORD field,
                       wchar_t out[FIELD_CHARS])
{
    return inf->api->SetupGetStringFieldW(line, field, out, FIELD_CHARS, NULL) != FALSE;
}

/* A line is "description = install section, hardware id, compatible id..." */
static bool models_name_device(const struct inf *inf, const wchar_t *section)
{
    wchar_t text[FIELD_CHARS];
    INFCONTEXT line;

    BOOL more = inf->api->SetupFindFirstLineW(inf->handle, section, NULL, &line);
    for (; more; more = inf->api->SetupFindNextLine(&line, &line)) {
        const DWORD count = inf->api->SetupGetFieldCount(&line);
        for (DWORD field = 2; field <= count; field++) {
            if (read_field(inf, &line, field, text) &&
                rapl_service_path_equal(text, RAPL_HARDWARE_ID)) {
                return true;
            }
        }
    }
    return false;
}

/* A line is "manufacturer = models section, decoration..." */
static bool manufacturer_names_device(const struct inf *inf, INFCONTEXT *line)
{
    const DWORD count = inf->api->SetupGetFieldCount(line);
    wchar_t base[FIELD_CHARS];
    wchar_t decoration[FIELD_CHARS];
    wchar_t section[2 * FIELD_CHARS + 1];

    if (!read_field(inf, line, 1, base)) {
        return false;
    }
    bool found = models_name_device(inf, base);
    for (DWORD field = 2; field <= count && !found; field++) {
        if (read_field(inf, line, field, decoration)) {
            text_format(section, TEXT_CHARS(section), L"%ls.%ls", base, decoration);
            found = models_name_device(inf, section);
        }
    }
    return found;
}

static bool names_device(const struct inf *inf)
{
    INFCONTEXT line;

    BOOL more = inf->api->SetupFindFirstLineW(inf->handle, L"Manufacturer", NULL, &line);
    for (; more; more = inf->api->SetupFindNextLine(&line, &line)) {
        if (manufacturer_names_device(inf, &line)) {
            return true;
        }
    }
    return false;
}

static void read_provider(const struct inf *inf, wchar_t out[128])
{
    INFCONTEXT line;

    if (!inf->api->SetupFindFirstLineW(inf->handle, L"Version", L"Provider", &line) ||
        !inf->api->SetupGetStringFieldW(&line, 1, out, 128, NULL)) {
        out[0] = L'\0';
    }
}

DWORD package_read(const wchar_t *path, struct package *out)
{
    struct inf inf;

    DWORD error = device_api_get(&inf.api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    inf.handle = inf.api->SetupOpenInfFileW(path, NULL, INF_STYLE_WIN4, NULL);
    if (inf.handle == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    error = names_device(&inf) ? ERROR_SUCCESS : ERROR_INVALID_DATA;
    if (error == ERROR_SUCCESS) {
        out->name[0] = L'\0';
        read_provider(&inf, out->provider);
    }
    inf.api->SetupCloseInfFile(inf.handle);
    return error;
}

static bool folder_of_packages(struct loader_path *out)
{
    const UINT length = GetSystemWindowsDirectoryW(out->text, LOADER_PATH_CHARS);
    if (length == 0 || length + wcslen(L"\\INF\\oem*.inf") >= LOADER_PATH_CHARS) {
        return false;
    }
    wcscat(out->text, L"\\INF\\");
    return true;
}

static void add_package(const struct loader_path *folder, const wchar_t *name,
                        struct packages *packages)
{
    struct package *package = &packages->package[packages->count];
    wchar_t path[LOADER_PATH_CHARS];

    if (packages->count == PACKAGES_MAX || wcslen(name) >= TEXT_CHARS(package->name)) {
        return;
    }
    text_format(path, TEXT_CHARS(path), L"%ls%ls", folder->text, name);
    if (package_read(path, package) == ERROR_SUCCESS) {
        text_format(package->name, TEXT_CHARS(package->name), L"%ls", name);
        packages->count++;
    }
}

static DWORD find_matching(const struct loader_path *folder, const wchar_t *pattern,
                           struct packages *packages)
{
    wchar_t path[LOADER_PATH_CHARS];
    WIN32_FIND_DATAW found;

    text_format(path, TEXT_CHARS(path), L"%ls%ls", folder->text, pattern);
    const HANDLE search = FindFirstFileW(path, &found);
    if (search == INVALID_HANDLE_VALUE) {
        const DWORD error = last_error();
        return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
    }
    do {
        add_package(folder, found.cFileName, packages);
    } while (FindNextFileW(search, &found));
    FindClose(search);
    return ERROR_SUCCESS;
}

DWORD packages_find(struct packages *out)
{
    const struct device_api *api;
    struct packages packages = {0};
    struct loader_path folder;

    DWORD error = device_api_get(&api);
    if (error == ERROR_SUCCESS && !folder_of_packages(&folder)) {
        error = ERROR_FILENAME_EXCED_RANGE;
    }
    if (error == ERROR_SUCCESS) {
        error = find_matching(&folder, L"oem*.inf", &packages);
    }
    if (error == ERROR_SUCCESS) { /* Wine lets the first package keep its name */
        error = find_matching(&folder, L"ScaphandreDrv.inf", &packages);
    }
    if (error == ERROR_SUCCESS) {
        *out = packages;
    }
    return error;
}

DWORD package_uninstall(const wchar_t *name)
{
    const struct device_api *api;

    const DWORD error = device_api_get(&api);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    /* Force has no effect on packages that run from the driver store: devices go first. */
    return api->SetupUninstallOEMInfW(name, SUOI_FORCEDELETE, NULL) ? ERROR_SUCCESS : last_error();
}
