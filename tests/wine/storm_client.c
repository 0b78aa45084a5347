/* SPDX-License-Identifier: Apache-2.0
 *
 * 16 clients of \\.\RaplEnergy that read all counters at random intervals, on a machine whose
 * counters wrap all the time. The counters are AMD's, so a fresh caller gets all 64 bits of the
 * register beside the energy that the driver made of the lower 32: both must move alike.
 *
 *   storm_client SECONDS SEED       prints what was asked and how often counters wrapped
 *
 * Exit status: 0, or 1 with what was wrong on standard error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include "lib/energy_reply.h"

#define CLIENTS         16u
#define ITEMS_MAX       512u
#define REPLY_MAX       (ITEMS_MAX * 64u + 4096u)
#define INTERVAL_MAX_MS 40u

/* An item's first answer. Written before the clients start. */
struct start {
    uint64_t energy, raw;
    uint32_t reset_count, gap_count;
};

struct client {
    HANDLE device;
    uint32_t number;
    uint32_t random;
    uint32_t requests;
    uint32_t item_count;
    uint64_t energy[ITEMS_MAX]; /* of the last answer */
    uint64_t raw[ITEMS_MAX];
    bool failed;
    unsigned char reply[REPLY_MAX];
};

static struct start start[ITEMS_MAX];
static ULONGLONG until_ms;

static bool open_device(struct client *client)
{
    client->device = CreateFileW(RAPL_ENERGY_WIN32_NAME, GENERIC_READ,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (client->device == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "client %u: cannot open the device: error %lu\n", client->number,
                GetLastError());
    }
    return client->device != INVALID_HANDLE_VALUE;
}

/* False, and said, if it lost something since the start, or went back. */
static bool check_item(struct client *client, const struct rapl_snapshot_item *item, uint32_t i)
{
    const struct start *first = &start[i];
    const bool good = item->status == RAPL_ITEM_OK && item->energy_ticks >= client->energy[i] &&
                      item->energy_ticks - first->energy == item->raw - first->raw &&
                      item->reset_count == first->reset_count &&
                      item->gap_count == first->gap_count;

    if (!good) {
        fprintf(stderr,
                "client %u, item %u: status %u, %llu ticks and %llu in the register since the "
                "start, %u resets, %u gaps\n",
                client->number, i, item->status,
                (unsigned long long)(item->energy_ticks - first->energy),
                (unsigned long long)(item->raw - first->raw),
                item->reset_count - first->reset_count, item->gap_count - first->gap_count);
    }
    client->energy[i] = item->energy_ticks;
    client->raw[i] = item->raw;
    return good;
}

/* One snapshot; the first of all is what the others are compared with. */
static bool ask(struct client *client, bool first)
{
    struct rapl_get_snapshot request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_SNAPSHOT},
        .domain_mask = RAPL_WIRE_DOMAIN_MASK,
        .scope_mask = RAPL_SCOPE_PACKAGES | RAPL_SCOPE_CORES,
    };
    struct rapl_snapshot found;
    DWORD bytes = 0;

    if (!DeviceIoControl(client->device, RAPL_IOCTL_GET_SNAPSHOT, &request, sizeof(request),
                         client->reply, REPLY_MAX, &bytes, NULL) ||
        rapl_reply_snapshot(client->reply, bytes, &found) != RAPL_REPLY_OK ||
        found.item_count > ITEMS_MAX) {
        fprintf(stderr, "client %u: no snapshot: error %lu, %lu bytes\n", client->number,
                GetLastError(), bytes);
        return false;
    }
    client->requests++;
    client->item_count = found.item_count;
    for (uint32_t i = 0; i < found.item_count; i++) {
        struct rapl_snapshot_item item;

        if (rapl_reply_item(client->reply, &found, i, &item) != RAPL_REPLY_OK) {
            fprintf(stderr, "client %u: item %u is refused\n", client->number, i);
            return false;
        }
        if (first) {
            start[i] =
                (struct start){item.energy_ticks, item.raw, item.reset_count, item.gap_count};
        }
        if (!check_item(client, &item, i)) {
            return false;
        }
    }
    return true;
}

static uint32_t next_random(struct client *client)
{
    client->random = client->random * 1664525u + 1013904223u;
    return client->random >> 8;
}

static DWORD WINAPI live(void *argument)
{
    struct client *client = argument;
    bool good = open_device(client);

    while (good && GetTickCount64() < until_ms) {
        good = ask(client, false);
        Sleep(next_random(client) % INTERVAL_MAX_MS);
        if (good && next_random(client) % 32 == 0) {
            CloseHandle(client->device);
            good = open_device(client);
        }
    }
    if (client->device != INVALID_HANDLE_VALUE) {
        CloseHandle(client->device);
    }
    client->failed = !good;
    return 0;
}

/* Lets all of them run to the end. */
static bool run_clients(struct client *clients, uint32_t seed, uint64_t *requests)
{
    HANDLE thread[CLIENTS];
    bool good = true;

    for (uint32_t i = 0; i < CLIENTS; i++) {
        clients[i].number = i;
        clients[i].random = seed * 31 + i;
        thread[i] = CreateThread(NULL, 0, live, &clients[i], 0, NULL);
        if (thread[i] == NULL) {
            fprintf(stderr, "no thread: error %lu\n", GetLastError());
            exit(1);
        }
    }
    for (uint32_t i = 0; i < CLIENTS; i++) {
        WaitForSingleObject(thread[i], INFINITE);
        CloseHandle(thread[i]);
        *requests += clients[i].requests;
        good = good && !clients[i].failed && clients[i].requests != 0;
    }
    return good;
}

int main(int argc, char **argv)
{
    static struct client clients[CLIENTS], all;
    const uint32_t seconds = argc == 3 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    const uint32_t seed = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    uint64_t requests = 0, wraps = 0;

    if (seconds == 0) {
        fputs("usage: storm_client SECONDS SEED\n", stderr);
        return 1;
    }
    all.number = CLIENTS;
    if (!open_device(&all) || !ask(&all, true)) {
        return 1;
    }
    until_ms = GetTickCount64() + seconds * 1000ull;
    const bool good = run_clients(clients, seed, &requests) && ask(&all, false);
    for (uint32_t i = 0; i < all.item_count; i++) {
        wraps += (all.raw[i] >> 32) - (start[i].raw >> 32);
    }
    printf("seed %u: %llu requests from %u clients in %u s, %llu wraps of %u counters%s\n", seed,
           (unsigned long long)requests, CLIENTS, seconds, (unsigned long long)wraps,
           all.item_count, good ? ", not one tick lost" : "");
    return good ? 0 : 1;
}
