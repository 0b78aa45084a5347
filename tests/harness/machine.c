/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulated machine and its clock.
 */
#include "tests/harness/machine.h"
#include "tests/harness/activity.h"
#include "tests/harness/host.h"
#include "tests/harness/verifier.h"
#include "recording/recording.h"

#include <stdlib.h>
#include <string.h>

#define OVERRIDES_MAX 64u

struct override {
    uint32_t package;
    uint32_t msr;
    bool faults;
    uint64_t value;
};

static struct {
    const char *name;
    struct recording recording;
    void *arena;
    uint32_t active;
    uint64_t started_100ns;
    uint32_t override_count;
    struct override override[OVERRIDES_MAX];
} machine;

/* Ten days after boot: well past 2^32 units of 100 ns, so a reader that takes half is seen. */
static uint64_t now_100ns = 10ull * 24 * 3600 * 10000000;

void machine_use(const char *name, const char *text, size_t size)
{
    struct recording_error error;
    const size_t arena_size = recording_arena_size(size);
    void *arena = malloc(arena_size);
    if (arena == NULL) {
        host_fatal("out of memory for recording %s", name);
    }
    if (!recording_parse(text, size, arena, arena_size, &machine.recording, &error)) {
        host_fatal("recording %s, line %u column %u: %s", name, error.line, error.column,
                   error.message);
    }
    free(machine.arena);
    machine.arena = arena;
    machine.name = name;
    machine.active = machine.recording.processor_count;
    machine.started_100ns = now_100ns;
    machine.override_count = 0;
}

const char *machine_name(void)
{
    return machine.name;
}

void machine_activate(uint32_t count)
{
    machine.active = count;
}

uint32_t machine_active(void)
{
    return machine.active;
}

uint32_t machine_maximum(void)
{
    return machine.recording.processor_count;
}

uint32_t machine_groups(void)
{
    return machine.recording.group_count;
}

uint32_t machine_packages(void)
{
    return machine.recording.package_count;
}

uint64_t machine_group_mask(uint32_t group, bool active_only)
{
    uint64_t mask = 0;
    const uint32_t count = active_only ? machine.active : machine.recording.processor_count;
    for (uint32_t i = 0; i < count; i++) {
        if (machine.recording.processors[i].group == group) {
            mask |= 1ull << machine.recording.processors[i].number;
        }
    }
    return mask;
}

bool machine_number(uint32_t index, uint16_t *group, uint8_t *number)
{
    if (index >= machine.recording.processor_count) {
        return false;
    }
    *group = machine.recording.processors[index].group;
    *number = (uint8_t)machine.recording.processors[index].number;
    return true;
}

uint32_t machine_package(uint32_t index)
{
    return machine.recording.processors[index].package;
}

uint32_t machine_core(uint32_t index)
{
    return machine.recording.processors[index].core;
}

static const struct override *find_override(uint32_t index, uint32_t msr)
{
    /* Later ones win. */
    for (uint32_t i = machine.override_count; i-- > 0;) {
        const struct override *override = &machine.override[i];
        if (override->msr == msr && (override->package == MACHINE_ANY_PACKAGE ||
                                     override->package == machine_package(index))) {
            return override;
        }
    }
    return NULL;
}

bool machine_rdmsr(uint32_t index, uint32_t msr, uint64_t *value)
{
    host_lock();
    const struct override *override = find_override(index, msr);
    bool ok;
    if (override != NULL) {
        ok = !override->faults;
        *value = override->value;
    } else {
        const uint64_t elapsed_us = (now_100ns - machine.started_100ns) / 10;
        ok = recording_read(&machine.recording, index, msr, elapsed_us, value);
    }
    host_unlock();
    return ok;
}

void machine_cpuid(uint32_t index, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    recording_cpuid(&machine.recording, index, leaf, subleaf, out);
}

static void add_override(struct override override)
{
    host_lock();
    for (uint32_t i = 0; i < machine.override_count; i++) {
        struct override *old = &machine.override[i];
        if (old->msr == override.msr && old->package == override.package) {
            *old = override;
            host_unlock();
            return;
        }
    }
    if (machine.override_count == OVERRIDES_MAX) {
        host_fatal("more than %u register overrides", OVERRIDES_MAX);
    }
    machine.override[machine.override_count++] = override;
    host_unlock();
}

void machine_set(uint32_t package, uint32_t msr, uint64_t value)
{
    add_override((struct override){.package = package, .msr = msr, .value = value});
}

void machine_set_faulting(uint32_t package, uint32_t msr)
{
    add_override((struct override){.package = package, .msr = msr, .faults = true});
}

void machine_clear_overrides(void)
{
    machine.override_count = 0;
}

/* ---- The clock ------------------------------------------------------------------------------ */

#define CLOCK_TICK_100NS    156250ull
#define CLOCK_BOOT_FILETIME 0x01DB000000000000ull

uint64_t clock_now_100ns(void)
{
    return __atomic_load_n(&now_100ns, __ATOMIC_RELAXED);
}

void clock_raise_to(uint64_t to_100ns)
{
    verifier_raise_to(&now_100ns, to_100ns);
}

void clock_advance_us(uint64_t us)
{
    const uint64_t to_100ns = clock_now_100ns() + us * 10;
    timers_run(to_100ns);
    clock_raise_to(to_100ns);
}

void clock_sleep_us(uint64_t us)
{
    clock_raise_to(clock_now_100ns() + us * 10);
}

/* A KSYSTEM_TIME: low, high, and high again, so that 32-bit readers notice a torn value. */
static void put_system_time(uint8_t *at, uint64_t value)
{
    const uint32_t words[3] = {(uint32_t)value, (uint32_t)(value >> 32), (uint32_t)(value >> 32)};
    memcpy(at, words, sizeof(words));
}

/* Offsets: KUSER_SHARED_DATA in ntddk.h. */
bool clock_shared_page(uint32_t offset, uint64_t *value)
{
    const uint64_t now = clock_now_100ns();
    uint8_t times[0x20 + sizeof(uint64_t)] = {0};
    uint8_t ticks[0x0C + sizeof(uint64_t)] = {0};
    put_system_time(times + 0x08, now);
    put_system_time(times + 0x14, CLOCK_BOOT_FILETIME + now);
    put_system_time(ticks, now / CLOCK_TICK_100NS);
    if (offset >= 0x08 && offset < 0x20) {
        memcpy(value, times + offset, sizeof(*value));
    } else if (offset >= 0x320 && offset < 0x32C) {
        memcpy(value, ticks + (offset - 0x320), sizeof(*value));
    } else {
        return false;
    }
    return true;
}
