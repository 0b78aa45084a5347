/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver's inventory over a function that reads registers.
 */
#include "lib/backend/registers.h"

#include <stdlib.h>
#include <string.h>

#include <rapl/abi.h>

#include "lib/error_text.h"
#include "rapl_version.h"

#define NS_PER_S     UINT64_C(1000000000)
#define NS_PER_100NS 100u

/* ---- The platform --------------------------------------------------------------------------- */

static void platform_read(void *context, uint32_t processor, struct rapl_reading *readings,
                          uint32_t count)
{
    const struct registers *const registers = context;
    const struct register_reader *const reader = &registers->reader;

    for (uint32_t i = 0; i < count; i++) {
        uint64_t value = 0;
        uint64_t time_ns = 0;

        readings[i].ok =
            reader->read(reader->context, processor, readings[i].msr, &value, &time_ns);
        readings[i].value = value;
        readings[i].ticks = readings[i].ok ? time_ns : reader->now_ns(reader->context);
        readings[i].time_100ns = readings[i].ticks / NS_PER_100NS;
    }
}

static void platform_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        platform_read(context, jobs[i].processor, jobs[i].readings, jobs[i].count);
    }
}

static uint64_t now_ns(void *context)
{
    const struct registers *const registers = context;

    return registers->reader.now_ns(registers->reader.context);
}

static uint64_t platform_now(void *context, uint64_t *ticks)
{
    *ticks = now_ns(context);
    return *ticks / NS_PER_100NS;
}

/* The session's lock is held around every call of a backend. */
static void platform_lock(void *context)
{
    (void)context;
}

static const struct rapl_platform_ops platform_ops = {
    .read = platform_read,
    .read_all = platform_read_all,
    .now = platform_now,
    .lock = platform_lock,
    .unlock = platform_lock,
};

/* ---- Opening -------------------------------------------------------------------------------- */

static void describe(struct registers *registers, const struct rapl_host *host, bool simulated)
{
    static const uint16_t version[] = {RAPL_VERSION_NUMBERS};

    registers->device = (struct rapl_energy_device){
        .inventory = &registers->inventory,
        .driver_major = version[0],
        .driver_minor = version[1],
        .driver_patch = version[2],
        .simulated = simulated,
        .access_policy = RAPL_ACCESS_UNRESTRICTED,
    };
    memcpy(registers->device.brand, host->brand, sizeof(host->brand));
}

int registers_open(struct registers *registers, const struct rapl_host *host,
                   const struct register_reader *reader, const struct registers_settings *settings,
                   enum rapl_gate *gate)
{
    const struct rapl_inventory_settings inventory_settings = {
        .coarse_ms = RAPL_COARSE_MS_DEFAULT,
        .has_arch_capabilities = host->has_arch_capabilities,
    };

    registers->reader = *reader;
    registers->coarse = settings->coarse;
    registers->machine = (struct rapl_machine){
        .platform = {.context = registers, .ops = &platform_ops, .ticks_per_s = NS_PER_S},
        .cpu = host->cpu,
        .model = host->model,
        .processors = host->processors,
        .processor_count = host->processor_count,
    };
    *gate = rapl_machine_gate(&registers->machine);
    if (*gate != RAPL_GATE_OPEN) {
        return RAPL_ERROR_UNSUPPORTED;
    }
    const size_t size = rapl_inventory_size(&registers->machine);
    if (size == 0) {
        return RAPL_ERROR_UNSUPPORTED;
    }
    registers->memory = malloc(size);
    if (registers->memory == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    rapl_inventory_init(&registers->inventory, &registers->machine, registers->memory,
                        &inventory_settings);
    rapl_inventory_probe(&registers->inventory);
    describe(registers, host, settings->simulated);
    return RAPL_OK;
}

void registers_close(struct registers *registers)
{
    free(registers->memory);
    registers->memory = NULL;
}

uint32_t registers_period_ms(const struct registers *registers)
{
    return rapl_inventory_period_ms(&registers->inventory);
}

const char *registers_gate_text(enum rapl_gate gate)
{
    switch (gate) {
    case RAPL_GATE_UNKNOWN_CPU:
        return "no RAPL is known for this CPU";
    case RAPL_GATE_NO_MSR:
        return "this CPU has no RAPL registers that a driver could read";
    case RAPL_GATE_NO_UNIT:
        return "the unit register cannot be read or holds no unit";
    case RAPL_GATE_GUEST:
        return "this is a virtual machine whose hypervisor does not let it count energy";
    case RAPL_GATE_OPEN:
        break;
    }
    return "this machine has more processors than this library can count";
}

/* ---- Requests ------------------------------------------------------------------------------- */

static uint32_t windows_code(enum rapl_energy_status status)
{
    switch (status) {
    case RAPL_ENERGY_OK:
        return 0;
    case RAPL_ENERGY_MORE:
        return RAPL_ERROR_MORE_DATA;
    case RAPL_ENERGY_UNKNOWN_CODE:
        return RAPL_ERROR_INVALID_FUNCTION;
    case RAPL_ENERGY_ACCESS_DENIED:
        return RAPL_ERROR_ACCESS_DENIED;
    case RAPL_ENERGY_BAD_REQUEST:
        return RAPL_ERROR_INVALID_PARAMETER;
    case RAPL_ENERGY_SHORT_OUTPUT:
        return RAPL_ERROR_INSUFFICIENT_BUFFER;
    case RAPL_ENERGY_BAD_VERSION:
        return RAPL_ERROR_REVISION_MISMATCH;
    case RAPL_ENERGY_NOT_READY:
        return RAPL_ERROR_NOT_READY;
    }
    return RAPL_ERROR_GEN_FAILURE;
}

static uint32_t answer(void *context, uint32_t control_code, const void *in, size_t in_size,
                       void *out, size_t out_size, size_t *written)
{
    const struct registers *const registers = context;
    const struct rapl_call call = {
        .control_code = control_code,
        .in = in,
        .in_size = in_size,
        .out = out,
        .out_size = out_size,
        .can_read = true,
        .coarse = registers->coarse,
    };

    return windows_code(rapl_energy_answer(&registers->device, &call, written));
}

struct energy_channel registers_channel(struct registers *registers)
{
    return (struct energy_channel){.context = registers, .call = answer, .now_ns = now_ns};
}
