/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a file whole.
 */
#include "lib/file.h"

#include <windows.h>

#include <stdlib.h>

#include "lib/last_error.h"

static uint32_t read_whole(HANDLE handle, uint32_t size_max, struct rapl_file *out)
{
    LARGE_INTEGER size;
    DWORD done;

    if (!GetFileSizeEx(handle, &size)) {
        return last_error();
    }
    if (size.QuadPart > (LONGLONG)size_max) {
        return ERROR_FILE_TOO_LARGE;
    }

    const DWORD count = (DWORD)size.QuadPart;
    uint8_t *bytes = malloc((size_t)count + 1); /* an empty file has bytes too */
    if (bytes == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    DWORD error = ReadFile(handle, bytes, count, &done, NULL) ? ERROR_SUCCESS : last_error();
    if (error == ERROR_SUCCESS && done != count) {
        error = ERROR_HANDLE_EOF;
    }
    if (error != ERROR_SUCCESS) {
        free(bytes);
        return error;
    }
    *out = (struct rapl_file){handle, bytes, count};
    return ERROR_SUCCESS;
}

uint32_t rapl_file_open(const wchar_t *path, uint32_t size_max, struct rapl_file *out)
{
    const HANDLE handle = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                                      FILE_ATTRIBUTE_NORMAL, NULL);
    if (handle == INVALID_HANDLE_VALUE) {
        return last_error();
    }

    const uint32_t error = read_whole(handle, size_max, out);
    if (error != ERROR_SUCCESS) {
        CloseHandle(handle);
    }
    return error;
}

void rapl_file_close(struct rapl_file *file)
{
    if (file->bytes == NULL) {
        return;
    }
    free(file->bytes);
    CloseHandle(file->handle);
    *file = (struct rapl_file){0};
}
