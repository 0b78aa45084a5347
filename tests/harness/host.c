/* SPDX-License-Identifier: Apache-2.0
 *
 * The harness's own needs, from the Windows API.
 */
#include "tests/harness/host.h"

#include <windows.h>
#include <bcrypt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void host_fatal(const char *format, ...)
{
    va_list arguments;
    fflush(stdout);
    fputs("harness: ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    fflush(stderr);
    ExitProcess(2);
}

void *host_reserve(size_t size)
{
    return VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_NOACCESS);
}

void host_release(void *reserved)
{
    VirtualFree(reserved, 0, MEM_RELEASE);
}

void host_commit(void *at, size_t size)
{
    if (VirtualAlloc(at, size, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        host_fatal("out of memory: %zu bytes, Windows error %lu", size, GetLastError());
    }
}

void host_decommit(void *at, size_t size)
{
    if (!VirtualFree(at, size, MEM_DECOMMIT)) {
        host_fatal("VirtualFree(%p) failed, Windows error %lu", at, GetLastError());
    }
}

bool host_protect(void *at, size_t size, enum host_access access)
{
    static const DWORD flags[] = {
        [HOST_NO_ACCESS] = PAGE_NOACCESS,
        [HOST_READ] = PAGE_READONLY,
        [HOST_READ_WRITE] = PAGE_READWRITE,
        [HOST_READ_EXECUTE] = PAGE_EXECUTE_READ,
        [HOST_READ_WRITE_EXECUTE] = PAGE_EXECUTE_READWRITE,
    };
    DWORD old;
    return VirtualProtect(at, size, flags[access], &old) != 0;
}

/* Initialised on first use: the vectored handler may be the first to need it. */
static CRITICAL_SECTION *the_lock(void)
{
    static CRITICAL_SECTION section;
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    BOOL pending;
    if (InitOnceBeginInitialize(&once, 0, &pending, NULL) && pending) {
        InitializeCriticalSection(&section);
        InitOnceComplete(&once, 0, NULL);
    }
    return &section;
}

static _Thread_local uint32_t lock_depth;

uint32_t host_lock_depth(void)
{
    return lock_depth;
}

void host_lock(void)
{
    EnterCriticalSection(the_lock());
    lock_depth++;
}

void host_unlock(void)
{
    lock_depth--;
    LeaveCriticalSection(the_lock());
}

static CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;

void host_wait(uint32_t ms)
{
    SleepConditionVariableCS(&changed, the_lock(), ms);
}

void host_wake(void)
{
    WakeAllConditionVariable(&changed);
}

void host_yield(void)
{
    SwitchToThread();
}

uint32_t host_tick_ms(void)
{
    return GetTickCount();
}

struct host_thread {
    HANDLE handle;
    void (*function)(void *);
    void *argument;
};

static DWORD WINAPI thread_main(void *parameter)
{
    const struct host_thread *thread = parameter;
    thread->function(thread->argument);
    return 0;
}

struct host_thread *host_thread_start(void (*function)(void *argument), void *argument)
{
    struct host_thread *thread = malloc(sizeof(*thread));
    if (thread == NULL) {
        host_fatal("out of memory for a thread");
    }
    thread->function = function;
    thread->argument = argument;
    thread->handle = CreateThread(NULL, 0, thread_main, thread, 0, NULL);
    if (thread->handle == NULL) {
        host_fatal("CreateThread failed, Windows error %lu", GetLastError());
    }
    return thread;
}

void host_thread_join(struct host_thread *thread)
{
    WaitForSingleObject(thread->handle, INFINITE);
    CloseHandle(thread->handle);
    free(thread);
}

uint8_t *host_file_read(const wchar_t *path, size_t *size)
{
    LARGE_INTEGER length;
    DWORD done = 0;
    uint8_t *bytes = NULL;
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "harness: cannot open %ls: Windows error %lu\n", path, GetLastError());
        return NULL;
    }
    if (GetFileSizeEx(file, &length) && length.QuadPart > 0 && length.QuadPart < (64 << 20)) {
        bytes = malloc((size_t)length.QuadPart);
    }
    if (bytes != NULL && ReadFile(file, bytes, (DWORD)length.QuadPart, &done, NULL) &&
        done == (DWORD)length.QuadPart) {
        *size = done;
    } else {
        fprintf(stderr, "harness: cannot read %ls (empty, or over 64 MiB?)\n", path);
        free(bytes);
        bytes = NULL;
    }
    CloseHandle(file);
    return bytes;
}

bool host_sha256(const void *data, size_t size, char hex[65])
{
    BCRYPT_ALG_HANDLE algorithm = NULL;
    BCRYPT_HASH_HANDLE hash = NULL;
    UCHAR digest[32];
    bool ok = BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0) >= 0 &&
              BCryptCreateHash(algorithm, &hash, NULL, 0, NULL, 0, 0) >= 0 &&
              BCryptHashData(hash, (PUCHAR)(uintptr_t)data, (ULONG)size, 0) >= 0 &&
              BCryptFinishHash(hash, digest, sizeof(digest), 0) >= 0;
    if (hash != NULL) {
        BCryptDestroyHash(hash);
    }
    if (algorithm != NULL) {
        BCryptCloseAlgorithmProvider(algorithm, 0);
    }
    for (size_t i = 0; ok && i < sizeof(digest); i++) {
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    return ok;
}
