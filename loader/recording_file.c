/* SPDX-License-Identifier: Apache-2.0
 *
 * Finds and parses a recording.
 */
#include "loader/recording_file.h"

#include "recording/recording.h"

#define DEFAULT_RECORDING L"recordings\\client-intel.rec"

/* The driver puts a prefix before it and has room for 1024 characters in all. */
#define RECORDING_PATH_MAX 1000u

static bool is_missing(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

/* ERROR_INVALID_DATA: it is not a recording, `*fault` says why. */
static DWORD parse(const struct rapl_file *file, struct recording_error *fault)
{
    struct recording recording;
    const size_t arena_size = recording_arena_size(file->size);
    void *arena = HeapAlloc(GetProcessHeap(), 0, arena_size);

    if (arena == NULL) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    const bool good = recording_parse((const char *)file->bytes, file->size, arena, arena_size,
                                      &recording, fault);
    HeapFree(GetProcessHeap(), 0, arena);
    return good ? ERROR_SUCCESS : ERROR_INVALID_DATA;
}

static DWORD read(const wchar_t *path, struct recording_error *fault)
{
    struct rapl_file file;

    if (wcslen(path) > RECORDING_PATH_MAX) {
        return ERROR_FILENAME_EXCED_RANGE;
    }
    DWORD error = files_check_readable(path);
    if (error == ERROR_SUCCESS) {
        error = rapl_file_open(path, RECORDING_TEXT_MAX, &file);
    }
    if (error != ERROR_SUCCESS) {
        return error;
    }
    error = parse(&file, fault);
    rapl_file_close(&file);
    return error;
}

static int report_unreadable(struct report *report, DWORD error, const wchar_t *path)
{
    return report_error(report, is_missing(error) ? LOADER_FILE_NOT_FOUND : LOADER_BAD_FILE,
                        STEP_RECORDING, error, L"cannot read the recording %ls", path);
}

bool recording_file_check(const struct loader_path *path, struct report *report, int *code)
{
    struct recording_error fault = {.message = NULL};
    const DWORD error = read(path->text, &fault);

    if (fault.message != NULL) {
        *code =
            report_refusal(report, LOADER_BAD_FILE,
                           "Correct the recording or choose another; nothing was changed.",
                           L"%ls:%u:%u: %hs", path->text, fault.line, fault.column, fault.message);
    } else if (error == ERROR_FILE_TOO_LARGE) {
        *code = report_refusal(report, LOADER_BAD_FILE, "Choose a recording of at most 4 MiB.",
                               L"the file is too large for a recording: %ls", path->text);
    } else if (error != ERROR_SUCCESS) {
        *code = report_unreadable(report, error, path->text);
    }
    return error == ERROR_SUCCESS;
}

bool recording_file_find(const struct loader_options *options, struct report *report,
                         struct loader_path *out, int *code)
{
    struct loader_path path = {{0}};
    const DWORD error = options->recording != NULL ? files_full_path(options->recording, &path)
                                                   : files_beside_program(DEFAULT_RECORDING, &path);

    if (error != ERROR_SUCCESS) {
        *code = report_unreadable(report, error, path.text);
        return false;
    }
    if (!recording_file_check(&path, report, code)) {
        return false;
    }
    *out = path;
    return true;
}
