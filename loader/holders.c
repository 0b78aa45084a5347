/* SPDX-License-Identifier: Apache-2.0
 *
 * Goes through all handles of the machine, as Process Explorer and its like do: Windows has no call
 * that answers the question for a device.
 *
 * Asking a handle for its name can hang for ever if it is a pipe with a read outstanding, and
 * nothing tells such a handle beforehand. So the question is put by a thread of its own, which is
 * given up if it does not answer.
 */
#include "loader/holders.h"

#include <stdbool.h>
#include <string.h>

#include <windows.h>
#include <winternl.h>

#include <rapl/abi.h>

#include "lib/service_path.h"
#include "loader/text.h"

/* Both are in every Windows since XP, but not in MinGW's headers. */
#define EXTENDED_HANDLE_INFORMATION ((SYSTEM_INFORMATION_CLASS)64)
#define OBJECT_NAME_INFORMATION     ((OBJECT_INFORMATION_CLASS)1)

struct handle_entry {
    void *object;
    ULONG_PTR process_id;
    ULONG_PTR handle;
    ULONG access;
    USHORT creator;
    USHORT type;
    ULONG attributes;
    ULONG reserved;
};

struct handle_list {
    ULONG_PTR count;
    ULONG_PTR reserved;
    struct handle_entry entry[];
};

#define LIST_SIZE_FIRST (4u << 20)
#define LIST_SIZE_MAX   (256u << 20)
#define SEARCH_MS       3000u
#define ANSWER_MS       100u

static const wchar_t *const device_names[] = {RAPL_LEGACY_DEVICE_NAME};

/* The thread that asks. */
struct asker {
    HANDLE thread;
    HANDLE question_ready;
    HANDLE answer_ready;
    HANDLE handle;  /* the question */
    bool is_driver; /* the answer */
};

static bool name_is_driver(HANDLE handle)
{
    union {
        UNICODE_STRING name;
        BYTE room[1024]; /* a longer name is not ours: the call then fails */
    } buffer;
    ULONG needed;

    if (NtQueryObject(handle, OBJECT_NAME_INFORMATION, &buffer, sizeof(buffer), &needed) < 0 ||
        buffer.name.Buffer == NULL) {
        return false;
    }
    for (size_t i = 0; i < TEXT_CHARS(device_names); i++) {
        const size_t length = wcslen(device_names[i]);
        if (buffer.name.Length == length * sizeof(wchar_t) &&
            wmemcmp(buffer.name.Buffer, device_names[i], length) == 0) {
            return true;
        }
    }
    return false;
}

static DWORD WINAPI answer_questions(void *context)
{
    struct asker *asker = context;

    while (WaitForSingleObject(asker->question_ready, INFINITE) == WAIT_OBJECT_0) {
        asker->is_driver = name_is_driver(asker->handle);
        SetEvent(asker->answer_ready);
    }
    return 0;
}

static bool asker_start(struct asker *asker)
{
    asker->question_ready = CreateEventW(NULL, FALSE, FALSE, NULL);
    asker->answer_ready = CreateEventW(NULL, FALSE, FALSE, NULL);
    asker->thread = NULL;
    if (asker->question_ready != NULL && asker->answer_ready != NULL) {
        asker->thread = CreateThread(NULL, 0, answer_questions, asker, 0, NULL);
    }
    return asker->thread != NULL;
}

static void asker_stop(struct asker *asker)
{
    if (asker->thread != NULL) {
        TerminateThread(asker->thread, 0);
        CloseHandle(asker->thread);
    }
    if (asker->question_ready != NULL) {
        CloseHandle(asker->question_ready);
    }
    if (asker->answer_ready != NULL) {
        CloseHandle(asker->answer_ready);
    }
    *asker = (struct asker){0};
}

static bool ask(struct asker *asker, HANDLE handle)
{
    if (asker->thread == NULL && !asker_start(asker)) {
        return false;
    }
    asker->handle = handle;
    SetEvent(asker->question_ready);
    if (WaitForSingleObject(asker->answer_ready, ANSWER_MS) == WAIT_OBJECT_0) {
        return asker->is_driver;
    }
    asker_stop(asker);
    return false;
}

static struct handle_list *list_handles(void)
{
    for (ULONG size = LIST_SIZE_FIRST; size <= LIST_SIZE_MAX; size *= 2) {
        struct handle_list *list = HeapAlloc(GetProcessHeap(), 0, size);
        ULONG needed;
        if (list == NULL) {
            return NULL;
        }
        /* NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): MinGW's enum lacks it */
        if (NtQuerySystemInformation(EXTENDED_HANDLE_INFORMATION, list, size, &needed) >= 0) {
            return list;
        }
        HeapFree(GetProcessHeap(), 0, list);
    }
    return NULL;
}

/* Lets an administrator look into the processes of services. Without it fewer are found. */
static void enable_debug_privilege(void)
{
    TOKEN_PRIVILEGES privileges = {.PrivilegeCount = 1};
    HANDLE token;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token)) {
        return;
    }
    privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    if (LookupPrivilegeValueW(NULL, L"SeDebugPrivilege", &privileges.Privileges[0].Luid)) {
        AdjustTokenPrivileges(token, FALSE, &privileges, 0, NULL, NULL);
    }
    CloseHandle(token);
}

static void add_holder(struct holders *out, DWORD process_id, HANDLE process)
{
    wchar_t path[1024];
    DWORD size = TEXT_CHARS(path);

    if (out->count == HOLDERS_MAX) {
        return;
    }
    struct holder *holder = &out->holder[out->count++];
    holder->process_id = process_id;
    holder->program[0] = L'\0';
    if (QueryFullProcessImageNameW(process, 0, path, &size)) {
        text_format(holder->program, TEXT_CHARS(holder->program), L"%ls",
                    rapl_service_path_file(path));
    }
}

/* The type number of a file object differs between Windows versions: look at one of our own. */
static bool find_file_type(const struct handle_list *list, HANDLE own_file, USHORT *type)
{
    for (ULONG_PTR i = 0; i < list->count; i++) {
        if (list->entry[i].process_id == GetCurrentProcessId() &&
            list->entry[i].handle == (ULONG_PTR)own_file) {
            *type = list->entry[i].type;
            return true;
        }
    }
    return false;
}

static bool holds_driver(struct asker *asker, HANDLE process, ULONG_PTR handle)
{
    HANDLE copy;

    if (!DuplicateHandle(process, (HANDLE)handle, GetCurrentProcess(), &copy, 0, FALSE,
                         DUPLICATE_SAME_ACCESS)) {
        return false;
    }
    const bool holds = ask(asker, copy);
    /* Closing one that hangs would hang too: the thread that was given up stands in it. */
    if (asker->thread != NULL) {
        CloseHandle(copy);
    }
    return holds;
}

static void search(const struct handle_list *list, USHORT file_type, struct holders *out)
{
    const ULONGLONG end_ms = GetTickCount64() + SEARCH_MS;
    struct asker asker = {0};
    HANDLE process = NULL;
    ULONG_PTR process_id = 0;
    bool found = true; /* of this process: nothing more to learn, or nothing to be had */

    for (ULONG_PTR i = 0; i < list->count && GetTickCount64() < end_ms; i++) {
        const struct handle_entry *entry = &list->entry[i];
        if (entry->process_id != process_id) {
            if (process != NULL) {
                CloseHandle(process);
            }
            process_id = entry->process_id;
            process = process_id == GetCurrentProcessId()
                          ? NULL
                          : OpenProcess(PROCESS_DUP_HANDLE | PROCESS_QUERY_LIMITED_INFORMATION,
                                        FALSE, (DWORD)process_id);
            found = process == NULL;
        }
        if (found || entry->type != file_type || !holds_driver(&asker, process, entry->handle)) {
            continue;
        }
        add_holder(out, (DWORD)process_id, process);
        found = true;
    }
    if (process != NULL) {
        CloseHandle(process);
    }
    asker_stop(&asker);
}

void holders_find(struct holders *out)
{
    USHORT file_type;

    out->count = 0;
    const HANDLE own_file = CreateFileW(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                        NULL, OPEN_EXISTING, 0, NULL);
    if (own_file == INVALID_HANDLE_VALUE) {
        return;
    }
    enable_debug_privilege();
    struct handle_list *list = list_handles();
    if (list != NULL && find_file_type(list, own_file, &file_type)) {
        search(list, file_type, out);
    }
    if (list != NULL) {
        HeapFree(GetProcessHeap(), 0, list);
    }
    CloseHandle(own_file);
}

void holders_describe(const struct holders *holders, wchar_t *out, size_t size)
{
    wchar_t one[128];

    if (holders->count == 0) {
        text_format(out, size, L"a program that could not be found out");
        return;
    }
    out[0] = L'\0';
    for (unsigned i = 0; i < holders->count; i++) {
        const struct holder *holder = &holders->holder[i];
        text_format(one, TEXT_CHARS(one), L"%ls%ls (process %lu)", i == 0 ? L"" : L", ",
                    holder->program[0] != L'\0' ? holder->program : L"?", holder->process_id);
        if (wcslen(out) + wcslen(one) < size) {
            wcscat(out, one);
        }
    }
}
