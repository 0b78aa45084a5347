/* SPDX-License-Identifier: Apache-2.0
 *
 * Files on Windows.
 */
#include <windows.h>

#include <stdlib.h>

#include "cli/file.h"
#include "lib/utf.h"

#define PATH_MAX_CHARACTERS 32768u

struct file {
    HANDLE handle;
    bool regular;
    LONGLONG size; /* of what was written in full */
};

static HANDLE open_path(const char *path, bool replace)
{
    wchar_t *wide = calloc(PATH_MAX_CHARACTERS, sizeof(*wide));
    HANDLE handle = INVALID_HANDLE_VALUE;

    if (wide == NULL || !rapl_wide_from_utf8(path, wide, PATH_MAX_CHARACTERS)) {
        SetLastError(wide == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_FILENAME_EXCED_RANGE);
    } else {
        /* Others may read along, as one does with a log. */
        handle = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                             replace ? CREATE_ALWAYS : CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    }
    free(wide);
    return handle;
}

enum file_created file_create(const char *path, bool replace, struct file **out,
                              uint32_t *system_error)
{
    struct file *file = calloc(1, sizeof(*file));

    if (file == NULL) {
        *system_error = ERROR_NOT_ENOUGH_MEMORY;
        return FILE_FAILED;
    }
    file->handle = open_path(path, replace);
    if (file->handle == INVALID_HANDLE_VALUE) {
        *system_error = GetLastError();
        free(file);
        return *system_error == ERROR_FILE_EXISTS || *system_error == ERROR_ALREADY_EXISTS
                   ? FILE_EXISTS
                   : FILE_FAILED;
    }
    file->regular = GetFileType(file->handle) == FILE_TYPE_DISK;
    *out = file;
    return FILE_CREATED;
}

static enum cli_written meaning(DWORD error)
{
    switch (error) {
    case ERROR_NO_DATA:
    case ERROR_BROKEN_PIPE:
        return CLI_WRITE_CLOSED;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return CLI_WRITE_FULL;
    default:
        return CLI_WRITE_FAILED;
    }
}

static void take_back(const struct file *file)
{
    LARGE_INTEGER size = {.QuadPart = file->size};

    if (file->regular && SetFilePointerEx(file->handle, size, NULL, FILE_BEGIN)) {
        SetEndOfFile(file->handle);
    }
}

enum cli_written file_write(struct file *file, const char *bytes, size_t size)
{
    size_t done = 0;

    while (done < size) {
        DWORD piece = size - done < (1u << 20) ? (DWORD)(size - done) : 1u << 20;
        DWORD written = 0;

        if (!WriteFile(file->handle, bytes + done, piece, &written, NULL) || written == 0) {
            DWORD error = GetLastError();

            take_back(file);
            return meaning(error);
        }
        done += written;
    }
    file->size += (LONGLONG)size;
    return CLI_WRITTEN;
}

enum cli_written file_close(struct file *file)
{
    bool closed = CloseHandle(file->handle);

    free(file);
    return closed ? CLI_WRITTEN : CLI_WRITE_FAILED;
}

void file_error_text(uint32_t system_error, struct text *out)
{
    wchar_t wide[256];
    char utf8[768];
    DWORD length =
        FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
                       system_error, 0, wide, (DWORD)(sizeof(wide) / sizeof(wide[0])), NULL);

    while (length != 0 && (wide[length - 1] <= L' ' || wide[length - 1] == L'.')) {
        length--;
    }
    wide[length] = L'\0';
    if (length != 0 && rapl_utf8_from_wide(wide, utf8, sizeof(utf8))) {
        text_printf(out, "%s (Windows error %u)", utf8, (unsigned)system_error);
    } else {
        text_printf(out, "Windows error %u", (unsigned)system_error);
    }
}
