/* SPDX-License-Identifier: Apache-2.0
 *
 * The service's whole key is copied, so that nothing of another version's settings is lost.
 */
#include "package/msi/msi_action.h"

#include "lib/last_error.h"
#include "loader/service.h"
#include "loader/text.h"

#define SAVED_KEY_FORMAT L"SOFTWARE\\windows-rapl-driver-rollback\\%ls"
#define SAVED_PARENT_KEY L"SOFTWARE\\windows-rapl-driver-rollback"
#define SAVED_SERVICE    L"Service"
#define SAVED_RUNNING    L"Running"
#define SAVED_FILE       L"File"

struct names {
    wchar_t key[256];
    wchar_t file[MAX_PATH];   /* of the driver, in the drivers folder */
    wchar_t backup[MAX_PATH]; /* beside it */
};

static void find_names(const wchar_t *product, struct names *out)
{
    wchar_t folder[MAX_PATH] = L"";

    GetSystemDirectoryW(folder, TEXT_CHARS(folder));
    text_format(out->key, TEXT_CHARS(out->key), SAVED_KEY_FORMAT, product);
    text_format(out->file, TEXT_CHARS(out->file), L"%ls\\drivers\\" RAPL_DRIVER_FILE_NAME, folder);
    text_format(out->backup, TEXT_CHARS(out->backup), L"%ls.%ls", out->file, product);
}

/* ERROR_SUCCESS also when there is nothing to copy; `*copied` tells. */
static DWORD copy_file(const wchar_t *from, const wchar_t *to, DWORD *copied)
{
    *copied = CopyFileW(from, to, FALSE) != FALSE;
    if (*copied) {
        return ERROR_SUCCESS;
    }
    const DWORD error = last_error();
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ? ERROR_SUCCESS : error;
}

static DWORD copy_tree(HKEY from, const wchar_t *name, HKEY to)
{
    HKEY key;

    LSTATUS error = RegOpenKeyExW(from, name, 0, KEY_READ, &key);
    if (error != ERROR_SUCCESS) {
        return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : (DWORD)error;
    }
    error = RegCopyTreeW(key, NULL, to);
    RegCloseKey(key);
    return (DWORD)error;
}

static DWORD save_number(HKEY key, const wchar_t *name, DWORD value)
{
    return (DWORD)RegSetValueExW(key, name, 0, REG_DWORD, (const BYTE *)&value, sizeof(value));
}

/* Opens the service if there is one; `service->handle` is NULL if there is none. */
static DWORD open_service(struct service *service)
{
    DWORD error = service_open_manager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE, service);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    error = service_open(service, SERVICE_ALL_ACCESS);
    if (error == ERROR_SERVICE_DOES_NOT_EXIST) {
        return ERROR_SUCCESS;
    }
    if (error != ERROR_SUCCESS) {
        service_close(service);
    }
    return error;
}

static DWORD save_service(HKEY key)
{
    struct service service = {0};
    DWORD state = SERVICE_STOPPED;
    HKEY copy;

    DWORD error = open_service(&service);
    if (error != ERROR_SUCCESS || service.handle == NULL) {
        service_close(&service);
        return error;
    }
    error = service_read_state(service.handle, &state);
    service_close(&service);
    if (error == ERROR_SUCCESS) {
        error = save_number(key, SAVED_RUNNING, state == SERVICE_RUNNING);
    }
    if (error == ERROR_SUCCESS) {
        error = (DWORD)RegCreateKeyExW(key, SAVED_SERVICE, 0, NULL, REG_OPTION_NON_VOLATILE,
                                       KEY_ALL_ACCESS, NULL, &copy, NULL);
    }
    if (error == ERROR_SUCCESS) {
        error = copy_tree(HKEY_LOCAL_MACHINE, RAPL_SERVICE_KEY, copy);
        RegCloseKey(copy);
    }
    return error;
}

DWORD saved_state_take(MSIHANDLE install, const wchar_t *product)
{
    struct names names;
    DWORD copied = 0;
    HKEY key;

    saved_state_forget(product); /* of an installation that was cut off */
    find_names(product, &names);
    DWORD error = (DWORD)RegCreateKeyExW(HKEY_LOCAL_MACHINE, names.key, 0, NULL,
                                         REG_OPTION_NON_VOLATILE, KEY_ALL_ACCESS, NULL, &key, NULL);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    error = save_service(key);
    if (error == ERROR_SUCCESS) {
        error = copy_file(names.file, names.backup, &copied);
    }
    if (error == ERROR_SUCCESS) {
        error = save_number(key, SAVED_FILE, copied);
    }
    RegCloseKey(key);
    action_log(install, L"Kept for a rollback: %ls", copied ? names.backup : L"no driver file");
    return error;
}

static DWORD read_number(HKEY key, const wchar_t *name)
{
    DWORD value = 0;
    DWORD size = sizeof(value);

    return RegGetValueW(key, NULL, name, RRF_RT_REG_DWORD, NULL, &value, &size) == ERROR_SUCCESS
               ? value
               : 0;
}

static DWORD read_config(HKEY saved, struct rapl_service_config *out)
{
    DWORD size = sizeof(out->image);

    out->type = read_number(saved, L"Type");
    out->start = read_number(saved, L"Start");
    out->error_control = read_number(saved, L"ErrorControl");
    LSTATUS error =
        RegGetValueW(saved, NULL, L"ImagePath", RRF_RT_ANY | RRF_NOEXPAND, NULL, out->image, &size);
    size = sizeof(out->display_name);
    if (error == ERROR_SUCCESS) {
        error = RegGetValueW(saved, NULL, L"DisplayName", RRF_RT_ANY | RRF_NOEXPAND, NULL,
                             out->display_name, &size);
    }
    return (DWORD)error;
}

/* The settings as they were: values that are new since then go, too. */
static DWORD put_key_back(HKEY saved)
{
    HKEY key;

    LSTATUS error = RegOpenKeyExW(HKEY_LOCAL_MACHINE, RAPL_SERVICE_KEY, 0, KEY_ALL_ACCESS, &key);
    if (error != ERROR_SUCCESS) {
        return (DWORD)error;
    }
    error = RegDeleteTreeW(key, RAPL_PARAMETERS_KEY_NAME);
    if (error == ERROR_SUCCESS || error == ERROR_FILE_NOT_FOUND) {
        error = RegCopyTreeW(saved, NULL, key);
    }
    RegCloseKey(key);
    return (DWORD)error;
}

static DWORD put_service_back(struct service *service, HKEY saved)
{
    static struct rapl_service_config config; /* too large for the stack */

    DWORD error = read_config(saved, &config);
    if (error == ERROR_SUCCESS) {
        error = service->handle != NULL ? service_change(service->handle, &config)
                                        : service_create(service, &config);
    }
    return error == ERROR_SUCCESS ? put_key_back(saved) : error;
}

static DWORD put_file_back(const struct names *names, DWORD existed)
{
    const BOOL done = existed ? MoveFileExW(names->backup, names->file,
                                            MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)
                              : DeleteFileW(names->file);
    const DWORD error = done ? ERROR_SUCCESS : last_error();

    return !existed && (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND)
               ? ERROR_SUCCESS
               : error;
}

/* Stopped, since its file is about to be exchanged. */
static DWORD stop(struct service *service)
{
    DWORD state = SERVICE_STOPPED;

    if (service->handle == NULL) {
        return ERROR_SUCCESS;
    }
    const DWORD error = service_stop(service->handle, SERVICE_STOP_WAIT_MS, &state);
    return error == ERROR_SUCCESS && state != SERVICE_STOPPED ? ERROR_BUSY : error;
}

DWORD driver_remove(void)
{
    struct names names;
    struct service service = {0};

    find_names(L"", &names);
    DWORD error = open_service(&service);
    if (error == ERROR_SUCCESS) {
        error = stop(&service);
    }
    if (error == ERROR_SUCCESS && service.handle != NULL && !DeleteService(service.handle)) {
        error = last_error();
    }
    service_close(&service);
    return error == ERROR_SUCCESS ? put_file_back(&names, false) : error;
}

static DWORD restore(HKEY key, const struct names *names)
{
    struct service service = {0};
    HKEY saved = NULL;

    DWORD error = open_service(&service);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    const bool existed = RegOpenKeyExW(key, SAVED_SERVICE, 0, KEY_READ, &saved) == ERROR_SUCCESS;
    error = stop(&service);
    if (!existed && service.handle != NULL && !DeleteService(service.handle)) {
        error = last_error();
    }
    const DWORD file_error = put_file_back(names, read_number(key, SAVED_FILE));
    error = error != ERROR_SUCCESS ? error : file_error;
    if (existed) {
        const DWORD service_error = put_service_back(&service, saved);
        error = error != ERROR_SUCCESS ? error : service_error;
        RegCloseKey(saved);
    }
    if (error == ERROR_SUCCESS && existed && read_number(key, SAVED_RUNNING) != 0) {
        error = service_start(service.handle);
    }
    service_close(&service);
    return error;
}

DWORD saved_state_restore(MSIHANDLE install, const wchar_t *product)
{
    struct names names;
    HKEY key;

    find_names(product, &names);
    LSTATUS opened = RegOpenKeyExW(HKEY_LOCAL_MACHINE, names.key, 0, KEY_READ, &key);
    if (opened == ERROR_FILE_NOT_FOUND) {
        return ERROR_SUCCESS; /* nothing was changed yet */
    }
    if (opened != ERROR_SUCCESS) {
        return (DWORD)opened;
    }
    const DWORD error = restore(key, &names);
    RegCloseKey(key);
    if (error == ERROR_SUCCESS) {
        action_log(install, L"The driver's service, settings and file are as they were.");
        saved_state_forget(product);
    }
    return error;
}

void saved_state_forget(const wchar_t *product)
{
    struct names names;

    find_names(product, &names);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, names.key);
    RegDeleteKeyW(HKEY_LOCAL_MACHINE, SAVED_PARENT_KEY); /* fails while another is in it */
    DeleteFileW(names.backup);
}
