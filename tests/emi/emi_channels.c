/* SPDX-License-Identifier: Apache-2.0
 *
 * Channels and their energy, from a recording's registers.
 */
#include "tests/emi/emi_meter.h"

#include <rapl/emi_wire.h>

#include "core/msr.h"
#include "tests/emi/emi_habits.h"

static void add_text(char *to, const char *text)
{
    while (*to != '\0') {
        to++;
    }
    while (*text != '\0') {
        *to++ = *text++;
    }
    *to = '\0';
}

static void add_number(char *to, ULONG number)
{
    char digits[12] = {0};
    ULONG at = sizeof(digits) - 1;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    add_text(to, digits + at);
}

static uint64_t read_register(ULONG processor, ULONG msr, uint64_t elapsed_us)
{
    uint64_t value = 0;

    return recording_read(&meter.recording, processor, msr, elapsed_us, &value) ? value : 0;
}

static void add_channel(ULONG device, ULONG package, ULONG core, const char *what, ULONG processor,
                        ULONG msr, ULONG domain)
{
    const BOOLEAN amd = meter.recording.cpu.vendor != RAPL_VENDOR_INTEL;
    const ULONG unit_msr = amd ? RAPL_MSR_AMD_POWER_UNIT : RAPL_MSR_POWER_UNIT;
    struct channel *channel = &meter.channels[meter.channel_count];
    struct rapl_units units;

    if (meter.channel_count == CHANNELS_MAX ||
        !rapl_units_decode(meter.model, read_register(processor, unit_msr, 0), &units)) {
        return;
    }
    RtlZeroMemory(channel, sizeof(*channel));
    add_text(channel->name, "RAPL_Package");
    add_number(channel->name, package);
    if (core != RAPL_MODEL_ANY) {
        add_text(channel->name, "_Core");
        add_number(channel->name, core);
    }
    add_text(channel->name, what);
    channel->device = device;
    channel->processor = processor;
    channel->msr = msr;
    channel->unit = units.energy_j[domain];
    meter.channel_count++;
}

static ULONG first_processor(ULONG package)
{
    ULONG i = 0;

    while (i + 1 < meter.recording.processor_count &&
           meter.recording.processors[i].package != package) {
        i++;
    }
    return i;
}

static void make_intel(void)
{
    for (ULONG package = 0; package < meter.recording.package_count; package++) {
        const ULONG processor = first_processor(package);
        add_channel(0, package, RAPL_MODEL_ANY, "_PKG", processor, RAPL_MSR_PKG_ENERGY,
                    RAPL_DOMAIN_PACKAGE);
        add_channel(0, package, RAPL_MODEL_ANY, "_PP0", processor, RAPL_MSR_PP0_ENERGY,
                    RAPL_DOMAIN_PP0);
        add_channel(0, package, RAPL_MODEL_ANY, "_PP1", processor, RAPL_MSR_PP1_ENERGY,
                    RAPL_DOMAIN_PP1);
        add_channel(0, package, RAPL_MODEL_ANY, "_DRAM", processor, RAPL_MSR_DRAM_ENERGY,
                    RAPL_DOMAIN_DRAM);
    }
}

static void make_amd(void)
{
    ULONG device = 0;
    ULONG last_package = MAXULONG;

    for (ULONG i = 0; i < meter.recording.processor_count; i++) {
        const struct recording_processor *processor = &meter.recording.processors[i];
        if (processor->thread != 0) {
            continue;
        }
        if (processor->package != last_package) {
            last_package = processor->package;
            add_channel(device, last_package, RAPL_MODEL_ANY, "_PKG", i, RAPL_MSR_AMD_PKG_ENERGY,
                        RAPL_DOMAIN_PACKAGE);
        }
        add_channel(device, last_package, processor->core, "_CORE", i, RAPL_MSR_AMD_CORE_ENERGY,
                    RAPL_DOMAIN_CORE);
        device++;
    }
}

static void make_mirrors(void)
{
    const BOOLEAN amd = meter.recording.cpu.vendor != RAPL_VENDOR_INTEL;

    for (ULONG i = 0; i < 3; i++) {
        add_channel(i, i, RAPL_MODEL_ANY, "_PKG", 0,
                    amd ? RAPL_MSR_AMD_PKG_ENERGY : RAPL_MSR_PKG_ENERGY, RAPL_DOMAIN_PACKAGE);
    }
}

uint64_t channels_elapsed_us(void)
{
    LARGE_INTEGER frequency;
    const LARGE_INTEGER now = KeQueryPerformanceCounter(&frequency);

    if (meter.clock_start.QuadPart == 0) {
        meter.clock_start = now;
    }
    return (uint64_t)(now.QuadPart - meter.clock_start.QuadPart) * 1000000 /
           (uint64_t)frequency.QuadPart;
}

/* counts * unit in pWh, rounded down: 2.5 * 10^9 / 9 pWh are a joule. */
static ULONGLONG pwh(ULONGLONG counts, struct rapl_fraction unit)
{
    const ULONGLONG divisor = (ULONGLONG)unit.denominator * RAPL_EMI_PWH_NUMERATOR;
    const ULONGLONG factor = (ULONGLONG)unit.numerator * RAPL_EMI_PWH_DENOMINATOR;

    return counts / divisor * factor + counts % divisor * factor / divisor;
}

ULONGLONG channels_measure(struct channel *channel, uint64_t now_us)
{
    const uint32_t raw = (uint32_t)read_register(channel->processor, channel->msr, now_us);

    if (!channel->started) {
        channel->started = TRUE;
        channel->counts = channel->last = raw;
    }
    channel->counts += (uint32_t)(raw - channel->last);
    channel->last = raw;
    return meter.habit == EMI_ZEROS ? 0 : pwh(channel->counts, channel->unit);
}

void channels_make(void)
{
    meter.channel_count = 0;
    if (meter.habit == EMI_AMD) {
        make_amd();
    } else if (meter.habit == EMI_MIRRORS) {
        make_mirrors();
    } else {
        make_intel();
    }
}
