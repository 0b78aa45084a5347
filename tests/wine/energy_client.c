/* SPDX-License-Identifier: Apache-2.0
 *
 * A client of \\.\RaplEnergy for the end-to-end runs; replies are checked by lib/energy_reply.h.
 *
 *   energy_client capabilities       flags, CPU and counts
 *   energy_client snapshot [cores]   a line an item: SCOPE INDEX DOMAIN STATUS FLAGS TICKS
 *   energy_client sum                package 0's energy until it has stood still for a second, in
 *                                    ticks since load; each read on a handle of its own
 *
 * Exit status: 0, or 1 with what failed on standard error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <windows.h>

#include "lib/energy_reply.h"

#define REPLY_MAX (1u << 20)

static unsigned char reply[REPLY_MAX];

static HANDLE open_device(void)
{
    HANDLE device = CreateFileW(RAPL_ENERGY_WIN32_NAME, GENERIC_READ,
                                FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (device == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "energy_client: cannot open the device: error %lu\n", GetLastError());
    }
    return device;
}

/* The number of bytes in `reply`, 0 if the request failed. */
static DWORD ask(HANDLE device, DWORD code, void *request, DWORD size)
{
    DWORD bytes = 0;
    if (!DeviceIoControl(device, code, request, size, reply, sizeof(reply), &bytes, NULL)) {
        fprintf(stderr, "energy_client: request 0x%lX: error %lu\n", code, GetLastError());
        return 0;
    }
    return bytes;
}

static bool take_snapshot(HANDLE device, uint32_t scopes, struct rapl_snapshot *snapshot)
{
    struct rapl_get_snapshot request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_SNAPSHOT},
        .domain_mask = RAPL_WIRE_DOMAIN_MASK,
        .scope_mask = scopes,
    };
    const DWORD bytes = ask(device, RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request));
    if (bytes == 0) {
        return false;
    }
    const enum rapl_reply_result result = rapl_reply_snapshot(reply, bytes, snapshot);
    if (result != RAPL_REPLY_OK) {
        fprintf(stderr, "energy_client: the reply is refused (%d)\n", (int)result);
    }
    return result == RAPL_REPLY_OK;
}

static bool show_capabilities(HANDLE device)
{
    struct rapl_get_capabilities request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_CAPABILITIES}};
    struct rapl_capabilities found;
    const DWORD bytes = ask(device, RAPL_IOCTL_GET_CAPABILITIES, &request, sizeof(request));
    if (bytes == 0 || rapl_reply_capabilities(reply, bytes, &found) != RAPL_REPLY_OK) {
        return false;
    }
    printf("flags 0x%X vendor %u family 0x%X model 0x%X sockets %u cores %u processors %u "
           "groups %u\n",
           found.flags, found.vendor, found.family, found.model, found.socket_count,
           found.core_count, found.processor_count, found.group_count);
    return true;
}

static bool show_snapshot(HANDLE device, uint32_t scopes)
{
    struct rapl_snapshot snapshot;
    if (!take_snapshot(device, scopes, &snapshot)) {
        return false;
    }
    for (uint32_t i = 0; i < snapshot.item_count; i++) {
        struct rapl_snapshot_item item;
        if (rapl_reply_item(reply, &snapshot, i, &item) != RAPL_REPLY_OK) {
            fprintf(stderr, "energy_client: item %u is refused\n", i);
            return false;
        }
        printf("%u %u %u %u 0x%X %llu\n", item.scope, item.index, item.domain, item.status,
               item.flags, (unsigned long long)item.energy_ticks);
    }
    return true;
}

static bool read_package_0(uint64_t *ticks)
{
    HANDLE device = open_device();
    struct rapl_snapshot snapshot;
    struct rapl_snapshot_item item;
    const bool good = device != INVALID_HANDLE_VALUE &&
                      take_snapshot(device, RAPL_SCOPE_PACKAGES, &snapshot) &&
                      rapl_reply_item(reply, &snapshot, 0, &item) == RAPL_REPLY_OK;
    if (device != INVALID_HANDLE_VALUE) {
        CloseHandle(device);
    }
    if (good) {
        *ticks = item.energy_ticks;
    }
    return good;
}

static bool sum(void)
{
    uint64_t last;
    bool good = read_package_0(&last);
    ULONGLONG moved_ms = GetTickCount64();

    while (good && GetTickCount64() - moved_ms < 1000) {
        uint64_t now = last;
        good = read_package_0(&now);
        if (now != last) {
            last = now;
            moved_ms = GetTickCount64();
        }
        Sleep(1);
    }
    if (good) {
        printf("%llu\n", (unsigned long long)last);
    }
    return good;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";

    if (strcmp(verb, "sum") == 0) {
        return sum() ? 0 : 1;
    }
    HANDLE device = open_device();
    if (device == INVALID_HANDLE_VALUE) {
        return 1;
    }
    bool good = false;
    if (strcmp(verb, "capabilities") == 0) {
        good = show_capabilities(device);
    } else if (strcmp(verb, "snapshot") == 0) {
        good = show_snapshot(device, argc > 2 ? RAPL_SCOPE_PACKAGES | RAPL_SCOPE_CORES
                                              : RAPL_SCOPE_PACKAGES);
    } else {
        fputs("usage: energy_client capabilities | snapshot [cores] | sum\n", stderr);
    }
    CloseHandle(device);
    return good ? 0 : 1;
}
