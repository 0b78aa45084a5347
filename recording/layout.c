/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks a topology as a whole and finds how its APIC ids divide into thread, die and package.
 *
 * CPUID reports topology as numbers of low bits of the APIC id (Intel SDM volume 3A, "Hierarchical
 * Mapping"): a recording is only possible if such numbers exist for it.
 */
#include "recording/parse.h"

static bool fail_at(struct recording_parse *parse, uint32_t processor, const char *message)
{
    parse->scan.line = parse->place[processor].line;
    return recording_fail(&parse->scan, parse->place[processor].column, message);
}

/* What two processors share. */
enum level { LEVEL_CORE, LEVEL_DIE, LEVEL_PACKAGE };

static bool together(const struct recording_processor *a, const struct recording_processor *b,
                     enum level level)
{
    if (a->package != b->package) {
        return false;
    }
    return level == LEVEL_PACKAGE || (level == LEVEL_DIE && a->die == b->die) ||
           (level == LEVEL_CORE && a->core == b->core);
}

/* The fewest low bits that must be dropped for processors of one level to be equal. */
static uint8_t bits_of(const struct recording *draft, enum level level, uint8_t bits)
{
    for (uint32_t i = 0; i < draft->processor_count; i++) {
        const struct recording_processor *a = &draft->processors[i];

        for (uint32_t j = i + 1; j < draft->processor_count; j++) {
            const struct recording_processor *b = &draft->processors[j];

            while (together(a, b, level) && a->apic_id >> bits != b->apic_id >> bits) {
                bits++;
            }
        }
    }
    return bits;
}

/* Processors of different cores (dies, packages) must stay different without those bits. */
static bool check_apart(struct recording_parse *parse, enum level level, uint8_t bits,
                        const char *message)
{
    const struct recording *draft = &parse->draft;

    for (uint32_t i = 0; i < draft->processor_count; i++) {
        const struct recording_processor *a = &draft->processors[i];

        for (uint32_t j = i + 1; j < draft->processor_count; j++) {
            const struct recording_processor *b = &draft->processors[j];

            if (!together(a, b, level) && a->apic_id >> bits == b->apic_id >> bits) {
                return fail_at(parse, j, message);
            }
        }
    }
    return true;
}

static bool has_dies(const struct recording *draft)
{
    for (uint32_t i = 0; i < draft->processor_count; i++) {
        for (uint32_t j = i + 1; j < draft->processor_count; j++) {
            if (draft->processors[i].package == draft->processors[j].package &&
                draft->processors[i].die != draft->processors[j].die) {
                return true;
            }
        }
    }
    return false;
}

bool recording_lay_out_apic(struct recording_parse *parse)
{
    struct recording *draft = &parse->draft;
    struct recording_apic_layout *apic = &draft->apic;

    apic->thread_bits = bits_of(draft, LEVEL_CORE, 0);
    apic->dies = has_dies(draft);
    apic->die_bits = bits_of(draft, LEVEL_DIE, apic->thread_bits);
    apic->package_bits = bits_of(draft, LEVEL_PACKAGE, apic->die_bits);
    if (!apic->dies) {
        apic->die_bits = apic->package_bits;
    }
    if (!check_apart(parse, LEVEL_CORE, apic->thread_bits,
                     "these APIC ids fall into another core: leave each core a power of two of "
                     "ids, as many as the widest core needs, and begin at a multiple of it") ||
        !check_apart(parse, LEVEL_PACKAGE, apic->package_bits,
                     "these APIC ids fall into another package: leave each package a power of two "
                     "of ids, as many as the widest needs, and begin at a multiple of it")) {
        return false;
    }
    if (apic->dies && !check_apart(parse, LEVEL_DIE, apic->die_bits,
                                   "these APIC ids fall into another die: leave each die a power "
                                   "of two of ids, and begin at a multiple of it")) {
        return false;
    }
    return true;
}

/*
 * Fn8000_0008 ECX[15:12] has four bits for the size of a package's ids, Fn8000_001E EBX[15:8] has
 * eight for the threads of a core.
 */
static bool check_amd(struct recording_parse *parse)
{
    const struct recording *draft = &parse->draft;
    bool amd = draft->cpu.vendor == RAPL_VENDOR_AMD || draft->cpu.vendor == RAPL_VENDOR_HYGON;

    if (amd && !recording_parse_has(parse, RECORDING_LINE_AMD_RAPL)) {
        return recording_fail(
            &parse->scan, 1,
            "add `amd-rapl yes|no @key` above: whether CPUID says that this CPU has RAPL");
    }
    if (!amd && recording_parse_has(parse, RECORDING_LINE_AMD_RAPL)) {
        return recording_fail(
            &parse->scan, 1,
            "amd-rapl stands above, but the CPU is neither AMD nor Hygon: remove it");
    }
    if (amd && draft->apic.package_bits > 15) {
        return fail_at(
            parse, draft->processor_count - 1,
            "the APIC ids of an AMD package differ in at most 15 low bits: move them together");
    }
    if (amd && draft->apic.thread_bits > 8) {
        return fail_at(parse, draft->processor_count - 1,
                       "the APIC ids of an AMD core differ in at most 8 low bits: begin each core "
                       "at a multiple of its threads");
    }
    return true;
}

bool recording_close_topology(struct recording_parse *parse)
{
    const struct recording *draft = &parse->draft;
    uint32_t packages = 0;

    if (parse->topology_closed) {
        return true;
    }
    parse->topology_closed = true;
    if (draft->processor_count < parse->processors_stated) {
        return recording_fail(&parse->scan, 1,
                              "the cores above have fewer processors than the topology line says");
    }
    for (uint32_t i = 0; i < draft->processor_count; i++) {
        packages |= 1u << draft->processors[i].package;
    }
    if (packages != (1u << draft->package_count) - 1u) {
        return recording_fail(&parse->scan, 1,
                              "a package has no cores: the topology line says how many there are");
    }
    return recording_lay_out_apic(parse) && check_amd(parse);
}
