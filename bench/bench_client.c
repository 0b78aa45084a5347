/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads all energy of the machine over and over, each way a program can, and says what one such
 * reading costs: the mean of ROUNDS rounds, of which the middle one of RUNS runs is printed.
 *
 *   bench_client ROUNDS    on stdout `wine key=value...`, a line a way, after the sizes of the
 *                          driver's own structures: `driver key=value...`
 *
 * Every answer is checked: a cheap failure would look like a fast read. Exit status: 0, or 1 when
 * the driver cannot be opened or an answer is not what was asked for.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "bench/driver_sizes.h"
#include <rapl/abi.h>
#include <rapl/energy.h>

#define RUNS          5
#define REGISTERS_MAX 80u
#define REPLY_MAX     65536u
#define DOMAIN_COUNT  5u

/* Scaphandre's own: any code with METHOD_BUFFERED reads. */
#define LEGACY_CODE 0x0022D844u

/* MSR numbers by domain: Intel SDM volume 4, "MSRs supporting RAPL". */
static const uint32_t energy_msr[DOMAIN_COUNT] = {0x611, 0x639, 0x641, 0x619, 0x64D};

static const struct rapl_get_snapshot snapshot_request = {
    .header = {sizeof(snapshot_request), RAPL_ENERGY_VERSION, RAPL_KIND_SNAPSHOT},
    .domain_mask = (1u << DOMAIN_COUNT) - 1,
    .scope_mask = RAPL_SCOPE_PACKAGES,
};

/* What one reading of everything is on this machine, and what the one under way took. */
static struct {
    struct rapl_legacy_request registers[REGISTERS_MAX];
    uint32_t register_count;
    uint32_t package_count;
    uint64_t opens;
    uint64_t requests;
    uint64_t in_bytes;
    uint64_t out_bytes;
    uint64_t last_sequence;
} bench;

static uint8_t reply[REPLY_MAX];

static bool fail(const char *what)
{
    fprintf(stderr, "bench_client: %s: error %lu\n", what, GetLastError());
    return false;
}

static bool open_device(const wchar_t *name, HANDLE *device)
{
    *device = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                          NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
    bench.opens++;
    return *device != INVALID_HANDLE_VALUE || fail("the device cannot be opened");
}

static bool ask(HANDLE device, DWORD code, const void *in, DWORD in_size, DWORD out_size,
                DWORD *written)
{
    if (!DeviceIoControl(device, code, (void *)(uintptr_t)in, in_size, reply, out_size, written,
                         NULL)) {
        return fail("a request failed");
    }
    bench.requests++;
    bench.in_bytes += in_size;
    bench.out_bytes += *written;
    return true;
}

/* ---- The ways ------------------------------------------------------------------------------- */

static bool read_register(HANDLE device, const struct rapl_legacy_request *request)
{
    DWORD written;

    return ask(device, LEGACY_CODE, request, sizeof(*request), RAPL_LEGACY_OUTPUT_SIZE, &written) &&
           (written == RAPL_LEGACY_OUTPUT_SIZE || fail("a register is not 8 bytes"));
}

static bool legacy_held(HANDLE device)
{
    bool good = true;

    for (uint32_t i = 0; good && i < bench.register_count; i++) {
        good = read_register(device, &bench.registers[i]);
    }
    return good;
}

static bool legacy_open(HANDLE unused)
{
    bool good = true;

    (void)unused;
    for (uint32_t i = 0; good && i < bench.register_count; i++) {
        HANDLE device;

        good = open_device(RAPL_LEGACY_WIN32_NAME, &device);
        if (good) {
            good = read_register(device, &bench.registers[i]);
            CloseHandle(device);
        }
    }
    return good;
}

/* All items, all read well, and not the reading before. */
static bool is_whole(DWORD written)
{
    struct rapl_snapshot head;

    if (written < sizeof(head)) {
        return false;
    }
    memcpy(&head, reply, sizeof(head));
    if (head.item_count != bench.register_count || head.sequence == bench.last_sequence ||
        head.item_offset + (uint64_t)head.item_count * head.item_size != written) {
        return false;
    }
    bench.last_sequence = head.sequence;
    for (uint32_t i = 0; i < head.item_count; i++) {
        struct rapl_snapshot_item item;

        memcpy(&item, reply + head.item_offset + (size_t)i * head.item_size, sizeof(item));
        if (item.status != RAPL_ITEM_OK) {
            return false;
        }
    }
    return true;
}

/* Room for what this machine answers, as a client has once it has seen the topology. */
static DWORD snapshot_room(void)
{
    return (DWORD)(sizeof(struct rapl_snapshot) +
                   bench.register_count * sizeof(struct rapl_snapshot_item));
}

static bool snapshot_held(HANDLE device)
{
    DWORD written;

    return ask(device, RAPL_IOCTL_GET_SNAPSHOT, &snapshot_request, sizeof(snapshot_request),
               snapshot_room(), &written) &&
           (is_whole(written) || fail("a snapshot is not whole"));
}

static bool snapshot_open(HANDLE unused)
{
    HANDLE device;

    (void)unused;
    if (!open_device(RAPL_ENERGY_WIN32_NAME, &device)) {
        return false;
    }
    const bool good = snapshot_held(device);
    CloseHandle(device);
    return good;
}

struct way {
    const char *name;
    const wchar_t *device; /* one handle of it is held for all rounds; NULL: none */
    bool (*read)(HANDLE device);
};

static const struct way ways[] = {
    {"legacy-open-per-read", NULL, legacy_open},
    {"legacy-held", RAPL_LEGACY_WIN32_NAME, legacy_held},
    {"snapshot-open-per-read", NULL, snapshot_open},
    {"snapshot-held", RAPL_ENERGY_WIN32_NAME, snapshot_held},
};

#define WAY_COUNT (sizeof(ways) / sizeof(ways[0]))

/* ---- The machine ---------------------------------------------------------------------------- */

static bool add_package(const struct rapl_topology_package *package)
{
    for (uint32_t i = 0; i < DOMAIN_COUNT; i++) {
        if ((package->domains & 1u << i) == 0) {
            continue;
        }
        if (bench.register_count == REGISTERS_MAX) {
            return fail("more domains than this program has room for");
        }
        bench.registers[bench.register_count] =
            (struct rapl_legacy_request){.msr = energy_msr[i], .cpu = package->processor};
        bench.register_count++;
    }
    return true;
}

static bool learn_machine(void)
{
    const struct rapl_get_topology request = {
        .header = {sizeof(request), RAPL_ENERGY_VERSION, RAPL_KIND_TOPOLOGY}};
    struct rapl_topology head;
    HANDLE device;
    DWORD written;

    if (!open_device(RAPL_ENERGY_WIN32_NAME, &device)) {
        return false;
    }
    bool good =
        ask(device, RAPL_IOCTL_GET_TOPOLOGY, &request, sizeof(request), sizeof(reply), &written);
    CloseHandle(device);
    if (!good || written < sizeof(head)) {
        return false;
    }
    memcpy(&head, reply, sizeof(head));
    bench.package_count = head.package_count;
    if (head.package_offset + (uint64_t)head.package_count * head.package_size > written) {
        return fail("the topology is cut off");
    }
    for (uint32_t i = 0; good && i < head.package_count; i++) {
        struct rapl_topology_package package;

        memcpy(&package, reply + head.package_offset + (size_t)i * head.package_size,
               sizeof(package));
        good = add_package(&package);
    }
    return good && (bench.register_count != 0 || fail("the machine has no domain"));
}

/* ---- Measuring ------------------------------------------------------------------------------ */

/* What was counted in the last run is the same in every run. */
struct result {
    HANDLE device;
    LONGLONG ticks; /* of the run under way */
    double us[RUNS];
    uint64_t opens, requests, in_bytes, out_bytes;
};

static struct result results[WAY_COUNT];

static LONGLONG ticks_now(void)
{
    LARGE_INTEGER now;

    QueryPerformanceCounter(&now);
    return now.QuadPart;
}

static bool read_once(const struct way *way, struct result *result)
{
    const LONGLONG begin = ticks_now();

    bench.opens = bench.requests = bench.in_bytes = bench.out_bytes = 0;
    const bool good = way->read(result->device);
    result->ticks += ticks_now() - begin;
    result->opens += bench.opens;
    result->requests += bench.requests;
    result->in_bytes += bench.in_bytes;
    result->out_bytes += bench.out_bytes;
    return good;
}

/* One reading of everything each way, in turn: what else the machine does then hits all ways. */
static bool run(int index, uint32_t rounds)
{
    LARGE_INTEGER frequency;

    for (size_t j = 0; j < WAY_COUNT; j++) {
        results[j].ticks = 0;
        results[j].opens = results[j].requests = results[j].in_bytes = results[j].out_bytes = 0;
    }
    for (uint32_t i = 0; i < rounds; i++) {
        for (size_t j = 0; j < WAY_COUNT; j++) {
            if (!read_once(&ways[j], &results[j])) {
                return false;
            }
        }
    }
    QueryPerformanceFrequency(&frequency);
    for (size_t j = 0; j < WAY_COUNT; j++) {
        results[j].us[index] = (double)results[j].ticks * 1e6 / (double)frequency.QuadPart / rounds;
    }
    return true;
}

static int by_size(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void print(const struct way *way, uint32_t rounds, struct result *result)
{
    qsort(result->us, RUNS, sizeof(result->us[0]), by_size);
    printf("wine packages=%u domains=%u way=%s opens=%llu requests=%llu in_bytes=%llu "
           "out_bytes=%llu us=%.2f us_min=%.2f us_max=%.2f runs=%d rounds=%u\n",
           bench.package_count, bench.register_count / bench.package_count, way->name,
           (unsigned long long)(result->opens / rounds),
           (unsigned long long)(result->requests / rounds),
           (unsigned long long)(result->in_bytes / rounds),
           (unsigned long long)(result->out_bytes / rounds), result->us[RUNS / 2], result->us[0],
           result->us[RUNS - 1], RUNS, rounds);
}

/* Reads each way once, untimed: the first reading pays for what the later ones find ready. */
static bool prepare(void)
{
    for (size_t j = 0; j < WAY_COUNT; j++) {
        results[j].device = INVALID_HANDLE_VALUE;
        if (ways[j].device != NULL && !open_device(ways[j].device, &results[j].device)) {
            return false;
        }
        if (!ways[j].read(results[j].device)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc == 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;

    if (rounds == 0) {
        fputs("usage: bench_client ROUNDS\n", stderr);
        return 1;
    }
    if (!learn_machine() || !prepare()) {
        return 1;
    }
    for (int i = 0; i < RUNS; i++) {
        if (!run(i, rounds)) {
            return 1;
        }
    }
    printf("driver driver_bytes=%u slot_bytes=%u slots_max=%u\n", bench_driver_bytes,
           bench_slot_bytes, bench_slots_max);
    for (size_t j = 0; j < WAY_COUNT; j++) {
        print(&ways[j], rounds, &results[j]);
        if (results[j].device != INVALID_HANDLE_VALUE) {
            CloseHandle(results[j].device);
        }
    }
    return 0;
}
