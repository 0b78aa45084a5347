/* SPDX-License-Identifier: Apache-2.0
 *
 * Paths and files over Win32.
 */
#include "loader/files.h"

#include <string.h>

#include <rapl/abi.h>

#include "lib/last_error.h"
#include "lib/utf.h"
#include "loader/text.h"

static DWORD join(const wchar_t *folder, const wchar_t *name, struct loader_path *out)
{
    if (wcslen(folder) + wcslen(name) >= LOADER_PATH_CHARS) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    wcscpy(out->text, folder);
    wcscat(out->text, name);
    return ERROR_SUCCESS;
}

/* GetSystemDirectory and its like: the length, 0 for an error, or the size they would need. */
static DWORD check_length(DWORD length)
{
    if (length == 0) {
        return last_error();
    }
    return length < LOADER_PATH_CHARS ? ERROR_SUCCESS : ERROR_FILENAME_EXCED_RANGE;
}

DWORD files_beside(const wchar_t *path, const wchar_t *name, struct loader_path *out)
{
    struct loader_path folder;

    const DWORD error = join(path, L"", &folder);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    wchar_t *last = wcsrchr(folder.text, L'\\');
    if (last == NULL) {
        return ERROR_PATH_NOT_FOUND;
    }
    last[1] = L'\0';
    return join(folder.text, name, out);
}

DWORD files_beside_program(const wchar_t *name, struct loader_path *out)
{
    struct loader_path program;
    const DWORD error = check_length(GetModuleFileNameW(NULL, program.text, LOADER_PATH_CHARS));
    if (error != ERROR_SUCCESS) {
        return error;
    }

    return files_beside(program.text, name, out);
}

DWORD files_installed_driver(struct loader_path *out)
{
    struct loader_path folder;
    const DWORD error = check_length(GetSystemDirectoryW(folder.text, LOADER_PATH_CHARS));
    if (error != ERROR_SUCCESS) {
        return error;
    }
    return join(folder.text, L"\\drivers\\" RAPL_DRIVER_FILE_NAME, out);
}

DWORD files_full_path(const char *path, struct loader_path *out)
{
    struct loader_path given;
    struct loader_path full;

    if (!rapl_wide_from_utf8(path, given.text, LOADER_PATH_CHARS)) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    const DWORD error =
        check_length(GetFullPathNameW(given.text, LOADER_PATH_CHARS, full.text, NULL));
    if (error == ERROR_SUCCESS) {
        *out = full;
    }
    return error;
}

DWORD files_check_readable(const wchar_t *path)
{
    const DWORD attributes = GetFileAttributesW(path);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
        return ERROR_FILE_NOT_FOUND;
    }

    const HANDLE file =
        CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return last_error();
    }
    CloseHandle(file);
    return ERROR_SUCCESS;
}

bool files_equal(const wchar_t *path, const struct rapl_file *file)
{
    struct rapl_file other;
    if (rapl_file_open(path, file->size, &other) != ERROR_SUCCESS) {
        return false;
    }

    const bool equal =
        other.size == file->size && memcmp(other.bytes, file->bytes, file->size) == 0;
    rapl_file_close(&other);
    return equal;
}

/* A name beside `path` that no other run of this program uses. */
static DWORD name_beside(const wchar_t *path, const wchar_t *ending, struct loader_path *out)
{
    wchar_t tail[48];
    text_format(tail, TEXT_CHARS(tail), L".%lu-%lx.%ls", GetCurrentProcessId(), GetTickCount(),
                ending);
    return join(path, tail, out);
}

static DWORD write_new(const wchar_t *path, const struct rapl_file *content)
{
    DWORD done = 0;
    const HANDLE file =
        CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        return last_error();
    }

    DWORD error = ERROR_SUCCESS;
    if (!WriteFile(file, content->bytes, content->size, &done, NULL) || !FlushFileBuffers(file)) {
        error = last_error();
    } else if (done != content->size) {
        error = ERROR_DISK_FULL;
    }
    CloseHandle(file);
    if (error != ERROR_SUCCESS) {
        DeleteFileW(path);
    }
    return error;
}

/* Saves what is at the target, if anything is. */
static DWORD save_target(struct file_undo *undo)
{
    undo->saved.text[0] = L'\0';
    if (GetFileAttributesW(undo->target.text) == INVALID_FILE_ATTRIBUTES) {
        const DWORD error = last_error();
        return error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
    }

    struct loader_path saved;
    const DWORD error = name_beside(undo->target.text, L"old", &saved);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    if (!CopyFileW(undo->target.text, saved.text, TRUE)) {
        return last_error();
    }
    undo->saved = saved;
    return ERROR_SUCCESS;
}

DWORD files_replace(const wchar_t *target, const struct rapl_file *file, struct file_undo *out)
{
    struct file_undo undo = {.replaced = true};
    struct loader_path fresh;

    DWORD error = join(target, L"", &undo.target);
    if (error == ERROR_SUCCESS) {
        error = name_beside(target, L"new", &fresh);
    }
    if (error == ERROR_SUCCESS) {
        error = save_target(&undo);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }

    error = write_new(fresh.text, file);
    if (error == ERROR_SUCCESS &&
        !MoveFileExW(fresh.text, target, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
        error = last_error();
        DeleteFileW(fresh.text);
    }
    if (error != ERROR_SUCCESS) {
        files_keep(&undo);
        return error;
    }
    *out = undo;
    return ERROR_SUCCESS;
}

DWORD files_undo(struct file_undo *undo)
{
    BOOL done = TRUE;

    if (!undo->replaced) {
        return ERROR_SUCCESS;
    }
    if (undo->saved.text[0] == L'\0') {
        done = DeleteFileW(undo->target.text);
    } else {
        done = MoveFileExW(undo->saved.text, undo->target.text,
                           MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH);
    }
    undo->replaced = false;
    return done ? ERROR_SUCCESS : last_error();
}

void files_keep(struct file_undo *undo)
{
    if (undo->replaced && undo->saved.text[0] != L'\0') {
        DeleteFileW(undo->saved.text);
    }
    undo->replaced = false;
}

DWORD files_delete(const wchar_t *path, bool *at_restart)
{
    struct loader_path aside;

    if (DeleteFileW(path)) {
        *at_restart = false;
        return ERROR_SUCCESS;
    }
    const DWORD error = last_error();
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) {
        return error;
    }
    /* Deleting this name at the restart would take a newer installation with it. */
    if (name_beside(path, L"old", &aside) != ERROR_SUCCESS ||
        !MoveFileExW(path, aside.text, MOVEFILE_WRITE_THROUGH)) {
        return error;
    }
    MoveFileExW(aside.text, NULL, MOVEFILE_DELAY_UNTIL_REBOOT);
    *at_restart = true;
    return ERROR_SUCCESS;
}
