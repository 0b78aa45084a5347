/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzes the recording parser, and what it lets through: every register is read at several times,
 * and CPUID of every processor, read back by core/topology.c, must give the topology described.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/topology.h"
#include "recording/recording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_error(const struct recording_error *error, size_t size)
{
    require(error->line >= 1 && error->line <= size + 1);
    require(error->column >= 1 && error->column <= RECORDING_LINE_MAX + 1);
    require(error->message != NULL && error->message[0] != '\0');
}

/* Whatever wraps stays within its width; a register that faults leaves the value alone. */
static void read_register(const struct recording *recording, uint32_t processor,
                          const struct recording_register *reg)
{
    static const uint64_t times_us[] = {0, 1, 999, 1000000, 86400000000, UINT64_MAX};
    const bool timed = recording_is_timed(recording, processor, reg->msr);

    for (size_t i = 0; i < sizeof(times_us) / sizeof(times_us[0]); i++) {
        uint64_t value = 0x5EED;
        const bool ok = recording_read(recording, processor, reg->msr, times_us[i], &value);

        require(ok || (value == 0x5EED && !timed));
    }
}

/* The processor that reads this line, if there is one. */
static uint32_t reader_of(const struct recording *recording, const struct recording_register *reg)
{
    uint32_t i = 0;

    while (i < recording->processor_count &&
           (recording->processors[i].package < reg->packages.first ||
            recording->processors[i].package > reg->packages.last ||
            recording->processors[i].core < reg->cores.first ||
            recording->processors[i].core > reg->cores.last)) {
        i++;
    }
    return i;
}

/* Every line has a reader, who sees a value of the line's width, or a fault. */
static void read_line(const struct recording *recording, const struct recording_register *reg)
{
    const uint32_t reader = reader_of(recording, reg);
    uint64_t value = 0;

    require(reader < recording->processor_count);
    require(recording_read(recording, reader, reg->msr, 123456789, &value) ==
            (reg->kind != RECORDING_FAULTS));
    require(reg->width != 32 || value <= UINT32_MAX);
    require(reg->kind != RECORDING_FIXED || value == reg->value);
}

static void read_registers(const struct recording *recording)
{
    const uint32_t processors[] = {0, recording->processor_count / 2,
                                   recording->processor_count - 1, recording->processor_count};

    for (uint32_t i = 0; i < recording->register_count; i++) {
        read_line(recording, &recording->registers[i]);
        for (size_t j = 0; j < sizeof(processors) / sizeof(processors[0]); j++) {
            read_register(recording, processors[j], &recording->registers[i]);
        }
    }
    (void)recording_duration_us(recording);
}

struct executing {
    const struct recording *recording;
    uint32_t processor;
};

static void execute(void *context, uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    const struct executing *const at = context;

    recording_cpuid(at->recording, at->processor, leaf, subleaf, out);
}

/* Processors share a core or a package as described, and only then. */
static void check_pair(const struct recording *recording, const struct rapl_location *found,
                       uint32_t i, uint32_t j)
{
    const struct recording_processor *const a = &recording->processors[i];
    const struct recording_processor *const b = &recording->processors[j];
    const bool package = a->package == b->package;

    require((found[i].package == found[j].package) == package);
    require((found[i].core == found[j].core) == (package && a->core == b->core));
    require((found[i].die == found[j].die) == (package && a->die == b->die));
}

static bool same_cpu(const struct rapl_cpu *a, const struct rapl_cpu *b)
{
    return a->vendor == b->vendor && a->family == b->family && a->model == b->model &&
           a->stepping == b->stepping && a->hypervisor == b->hypervisor &&
           a->hyperv_root == b->hyperv_root && a->amd_rapl == b->amd_rapl;
}

static void check_cpuid(const struct recording *recording)
{
    static struct rapl_location found[RECORDING_PROCESSORS_MAX];
    struct rapl_cpu cpu = {0};

    for (uint32_t i = 0; i < recording->processor_count; i++) {
        struct executing at = {recording, i};
        const struct rapl_cpuid cpuid = {&at, execute};

        rapl_cpu_identify(&cpuid, &cpu);
        require(same_cpu(&cpu, &recording->cpu));
        rapl_topology_locate(&cpu, &cpuid, &found[i]);
    }
    for (uint32_t i = 0; i < recording->processor_count && cpu.vendor != RAPL_VENDOR_UNKNOWN; i++) {
        for (uint32_t j = 0; j < recording->processor_count; j++) {
            check_pair(recording, found, i, j);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t arena_size = recording_arena_size(size);
    struct recording_error error = {0};
    struct recording recording;
    void *const arena = malloc(arena_size);
    char *const text = malloc(size > 0 ? size : 1);

    require(arena != NULL && text != NULL);
    memcpy(text, data, size);
    if (recording_parse(text, size, arena, arena_size, &recording, &error)) {
        read_registers(&recording);
        check_cpuid(&recording);
    } else {
        check_error(&error, size);
    }
    free(text);
    free(arena);
    return 0;
}
