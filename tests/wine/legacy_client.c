/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs that already talk to \\.\ScaphandreDriver, reduced to their calls: control code, rights,
 * share mode, overlapped handle without an OVERLAPPED, output size, registers and processors. Each
 * row follows what that program's published source does; none of their code is here.
 *
 *   legacy_client list
 *   legacy_client NAME      one program's calls; a line a read: NAME MSR cpu=N ok|error ... value
 *   legacy_client read MSR CPU [MSR CPU ...]   these registers on these processors
 *   legacy_client sum MSR   follows one counter until it has stood still for a second of reading,
 *                           extends its wraps, prints the counts gained
 *   legacy_client twice     two exclusive handles (share 0) at once, as two harnesses would
 *
 * Exit status: 0, or 1 when the device cannot be opened or a call breaks the contract.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include <rapl/abi.h>

#define READ_WRITE      (GENERIC_READ | GENERIC_WRITE)
#define FILE_READ_WRITE (FILE_GENERIC_READ | FILE_GENERIC_WRITE)
#define SHARE_BOTH      (FILE_SHARE_READ | FILE_SHARE_WRITE)

#define STEPS_MAX 8

struct step {
    DWORD control_code;
    uint32_t msr;
    uint32_t cpu;
};

struct client {
    const char *name;
    DWORD access;
    DWORD share;
    DWORD flags;
    bool open_per_read;
    DWORD out_size;
    struct step steps[STEPS_MAX]; /* ends at an msr of 0 */
};

static const struct client clients[] = {
    {"scaphandre",
     FILE_READ_WRITE,
     SHARE_BOTH,
     FILE_FLAG_OVERLAPPED,
     true,
     8,
     {{0x22D818, 0x606, 1},
      {0x22D844, 0x611, 1},
      {0x22D844, 0x619, 1},
      {0x22D844, 0x639, 1},
      {0x22D844, 0x641, 1},
      {0x22D844, 0x64D, 1},
      {0x22D844, 0x611, 4000}}},
    {"scaphandre-2022",
     FILE_READ_WRITE,
     SHARE_BOTH,
     FILE_FLAG_OVERLAPPED,
     true,
     8,
     {{0x22E004, 0x606, 0}, {0x22E004, 0x611, 0}}},
    {"winpowermonitor",
     READ_WRITE,
     SHARE_BOTH,
     FILE_FLAG_OVERLAPPED,
     false,
     8,
     {{0x22D818, 0x606, 0}, {0x22D818, 0x64D, 0}, {0x22D818, 0x611, 0}, {0x22D818, 0x619, 0}}},
    {"winpowermonitor-x86",
     READ_WRITE,
     SHARE_BOTH,
     FILE_FLAG_OVERLAPPED,
     false,
     4,
     {{0x22D818, 0x606, 0}, {0x22D818, 0x64D, 0}, {0x22D818, 0x611, 0}, {0x22D818, 0x619, 0}}},
    {"joular-core",
     FILE_READ_WRITE,
     SHARE_BOTH,
     0,
     false,
     8,
     {{0x22D818, 0x606, 0}, {0x22D844, 0x611, 0}}},
    {"joular-core-amd",
     FILE_READ_WRITE,
     SHARE_BOTH,
     0,
     false,
     8,
     {{0x22CA64, 0xC0010299, 0}, {0x22CA6C, 0xC001029B, 0}}},
    {"scaphandre-driver-rs",
     FILE_READ_WRITE,
     SHARE_BOTH,
     0,
     false,
     8,
     {{0, 0x606, 0}, {0, 0x611, 0}}},
    {"green-metrics-tool",
     READ_WRITE,
     0,
     0,
     false,
     8,
     {{0x222000, 0x606, 0},
      {0x222000, 0xC0010299, 0},
      {0x222000, 0x611, 0},
      {0x222000, 0x639, 0},
      {0x222000, 0x641, 0},
      {0x222000, 0x619, 0},
      {0x222000, 0x64D, 0}}},
    {"watt-wiser",
     FILE_READ_WRITE,
     SHARE_BOTH,
     FILE_FLAG_OVERLAPPED,
     false,
     8,
     {{0x22D818, 0x606, 0},
      {0x22D818, 0xC0010299, 0},
      {0x22D818, 0x611, 0},
      {0x22D818, 0xC001029B, 0}}},
    {"demeter",
     READ_WRITE,
     0,
     0,
     false,
     8,
     {{0x22D818, 0x606, 0},
      {0x22D818, 0x611, 0},
      {0x22D818, 0x619, 0},
      {0x22D818, 0x639, 0},
      {0x22D818, 0x641, 0},
      {0x22D818, 0x64D, 0}}},
    {"demeter-x86", READ_WRITE, 0, 0, false, 4, {{0x22D818, 0x606, 0}, {0x22D818, 0x611, 0}}},
};

#define CLIENT_COUNT (sizeof(clients) / sizeof(clients[0]))

static HANDLE open_device(const struct client *client)
{
    HANDLE device = CreateFileW(RAPL_LEGACY_WIN32_NAME, client->access, client->share, NULL,
                                OPEN_EXISTING, client->flags, NULL);
    if (device == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "%s: cannot open the device: error %lu\n", client->name, GetLastError());
    }
    return device;
}

/* One read; false if the driver broke the contract. A refusal is an answer. */
static bool read_step(HANDLE device, const struct client *client, const struct step *step)
{
    const struct rapl_legacy_request request = {.msr = step->msr, .cpu = step->cpu};
    unsigned char out[16];
    memset(out, 0xEE, sizeof(out));
    DWORD bytes = 0;

    if (!DeviceIoControl(device, step->control_code, (void *)(uintptr_t)&request, sizeof(request),
                         out, client->out_size, &bytes, NULL)) {
        printf("%s 0x%X cpu=%u error %lu\n", client->name, step->msr, step->cpu, GetLastError());
        return true;
    }
    uint64_t value = 0;
    memcpy(&value, out, client->out_size);
    printf("%s 0x%X cpu=%u ok bytes=%lu 0x%llX\n", client->name, step->msr, step->cpu, bytes,
           (unsigned long long)value);
    for (size_t i = client->out_size; i < sizeof(out); i++) {
        if (out[i] != 0xEE) {
            fprintf(stderr, "%s: byte %zu past the output was written\n", client->name, i);
            return false;
        }
    }
    return bytes == client->out_size;
}

static bool run_client(const struct client *client)
{
    HANDLE device = open_device(client);
    bool good = device != INVALID_HANDLE_VALUE;

    for (size_t i = 0; good && i < STEPS_MAX && client->steps[i].msr != 0; i++) {
        good = read_step(device, client, &client->steps[i]);
        if (good && client->open_per_read) {
            CloseHandle(device);
            device = open_device(client);
            good = device != INVALID_HANDLE_VALUE;
        }
    }
    if (device != INVALID_HANDLE_VALUE) {
        CloseHandle(device);
    }
    return good;
}

static bool read_counter(HANDLE device, uint32_t msr, uint32_t *value)
{
    const struct rapl_legacy_request request = {.msr = msr};
    uint64_t out = 0;
    DWORD bytes = 0;
    const BOOL ok = DeviceIoControl(device, 0x222000, (void *)(uintptr_t)&request, sizeof(request),
                                    &out, sizeof(out), &bytes, NULL);
    *value = (uint32_t)out;
    return ok && bytes == sizeof(out);
}

static bool sum_counter(uint32_t msr)
{
    const struct client client = {.name = "sum", .access = READ_WRITE, .share = SHARE_BOTH};
    HANDLE device = open_device(&client);
    if (device == INVALID_HANDLE_VALUE) {
        return false;
    }
    uint32_t last;
    bool good = read_counter(device, msr, &last);
    uint64_t gained = 0;
    ULONGLONG moved_ms = GetTickCount64();

    while (good && GetTickCount64() - moved_ms < 1000) {
        uint32_t now;
        good = read_counter(device, msr, &now);
        if (good && now != last) {
            gained += now - last; /* modulo 2^32: a wrap is extended */
            last = now;
            moved_ms = GetTickCount64();
        }
        Sleep(1);
    }
    CloseHandle(device);
    if (!good) {
        fprintf(stderr, "sum: the driver refused 0x%X\n", msr);
        return false;
    }
    printf("%llu\n", (unsigned long long)gained);
    return true;
}

static bool read_list(int count, char **pairs)
{
    const struct client client = {
        .name = "read", .access = READ_WRITE, .share = SHARE_BOTH, .out_size = 8};
    HANDLE device = open_device(&client);
    bool good = device != INVALID_HANDLE_VALUE;

    for (int i = 0; good && i + 1 < count; i += 2) {
        const struct step step = {.control_code = 0x222000,
                                  .msr = (uint32_t)strtoul(pairs[i], NULL, 0),
                                  .cpu = (uint32_t)strtoul(pairs[i + 1], NULL, 0)};
        good = read_step(device, &client, &step);
    }
    if (device != INVALID_HANDLE_VALUE) {
        CloseHandle(device);
    }
    return good;
}

static bool open_twice(void)
{
    const struct client client = {.name = "twice", .access = READ_WRITE, .share = 0};
    HANDLE first = open_device(&client);
    HANDLE second = open_device(&client);
    const bool good = first != INVALID_HANDLE_VALUE && second != INVALID_HANDLE_VALUE;
    uint32_t a, b;
    const bool both = good && read_counter(first, 0x606, &a) && read_counter(second, 0x606, &b);

    if (first != INVALID_HANDLE_VALUE) {
        CloseHandle(first);
    }
    if (second != INVALID_HANDLE_VALUE) {
        CloseHandle(second);
    }
    printf("twice %s\n", both ? "ok" : "refused");
    return both;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    if (strcmp(verb, "list") == 0) {
        for (size_t i = 0; i < CLIENT_COUNT; i++) {
            puts(clients[i].name);
        }
        return 0;
    }
    if (strcmp(verb, "read") == 0 && argc >= 4) {
        return read_list(argc - 2, argv + 2) ? 0 : 1;
    }
    if (strcmp(verb, "sum") == 0 && argc == 3) {
        return sum_counter((uint32_t)strtoul(argv[2], NULL, 0)) ? 0 : 1;
    }
    if (strcmp(verb, "twice") == 0) {
        return open_twice() ? 0 : 1;
    }
    for (size_t i = 0; i < CLIENT_COUNT; i++) {
        if (strcmp(verb, clients[i].name) == 0) {
            return run_client(&clients[i]) ? 0 : 1;
        }
    }
    fputs("usage: legacy_client list | NAME | read MSR CPU... | sum MSR | twice\n", stderr);
    return 1;
}
