/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a recording that say what registers hold: register, at.
 */
#include "recording/parse.h"

#include "core/msr.h"

static bool overlaps(struct recording_range a, struct recording_range b)
{
    return a.first <= b.last && b.first <= a.last;
}

static bool check_twice(struct recording_parse *parse, const struct recording_register *reg,
                        uint32_t column)
{
    for (uint32_t i = 0; i < parse->draft.register_count; i++) {
        const struct recording_register *other = &parse->registers[i];

        if (other->msr == reg->msr && overlaps(other->packages, reg->packages) &&
            overlaps(other->cores, reg->cores)) {
            return recording_fail(&parse->scan, column,
                                  "a line above already says what this register holds there");
        }
    }
    return true;
}

/* A range of cores must exist in every package it is given for. */
static bool check_cores(struct recording_parse *parse, const struct recording_register *reg,
                        uint32_t column)
{
    const struct recording *draft = &parse->draft;

    if (reg->cores.last == RECORDING_ALL) {
        return true;
    }
    for (uint32_t package = 0; package < draft->package_count; package++) {
        uint32_t wanted = reg->cores.last - reg->cores.first + 1u;

        if (package < reg->packages.first || package > reg->packages.last) {
            continue;
        }
        for (uint32_t i = 0; i < draft->processor_count; i++) {
            const struct recording_processor *at = &draft->processors[i];

            if (at->package == package && at->thread == 0 && at->core >= reg->cores.first &&
                at->core <= reg->cores.last) {
                wanted--;
            }
        }
        if (wanted > 0) {
            return recording_fail(&parse->scan, column,
                                  "that package has no such core: see the cores lines above");
        }
    }
    return true;
}

/* Which register, of which packages and cores. */
static bool parse_address(struct recording_parse *parse, struct recording_register *reg)
{
    static const struct recording_number number = {
        NULL, 0, 0xFFFFFFFF, "write the register's number here, as in `register 0x611`",
        "a register's number has 32 bits"};
    static const struct recording_number package = {
        "package", 0, RECORDING_PACKAGES_MAX - 1,
        "write the package here, as in `package 0` or `package all`",
        "a package's number is at most 15"};
    static const struct recording_number core = {
        "core", 0, 255, "write the core here, as in `core 3`, `core 0-7` or `core all`",
        "a core's number is at most 255"};
    struct recording_scan *scan = &parse->scan;
    uint32_t number_column = recording_scan_column(scan);
    uint32_t package_column, core_column;
    const char *cursor;
    uint64_t msr = 0;

    if (!recording_scan_number(scan, &number, &msr)) {
        return false;
    }
    reg->msr = (uint32_t)msr;
    package_column = recording_scan_column(scan);
    if (!recording_scan_range(scan, &package, true, &reg->packages)) {
        return false;
    }
    if (reg->packages.last != RECORDING_ALL && reg->packages.last >= parse->draft.package_count) {
        return recording_fail(
            scan, package_column,
            "there is no such package: the topology line says how many there are");
    }
    reg->cores = (struct recording_range){.first = 0, .last = RECORDING_ALL};
    core_column = recording_scan_column(scan);
    cursor = scan->cursor;
    if (recording_scan_word(scan, "core")) {
        scan->cursor = cursor;
        if (!recording_scan_range(scan, &core, true, &reg->cores)) {
            return false;
        }
    }
    return check_cores(parse, reg, core_column) && check_twice(parse, reg, number_column);
}

/* Registers need the machine they belong to. */
static bool open_registers(struct recording_parse *parse)
{
    if (!recording_parse_has(parse, RECORDING_LINE_CPU) ||
        !recording_parse_has(parse, RECORDING_LINE_TOPOLOGY) ||
        !recording_parse_has(parse, RECORDING_LINE_CORES)) {
        return recording_fail(&parse->scan, 1,
                              "the cpu, topology and cores lines must stand above the first "
                              "register");
    }
    return recording_close_topology(parse);
}

bool recording_parse_register(struct recording_parse *parse)
{
    struct recording_register reg = {0};

    if (!open_registers(parse) || !recording_close_series(parse)) {
        return false;
    }
    if (parse->draft.register_count == parse->register_capacity) {
        return recording_fail(&parse->scan, 1, "a recording has at most 4096 register lines");
    }
    if (!parse_address(parse, &reg) || !recording_parse_content(parse, &reg) ||
        !recording_parse_source_key(parse, &reg.source)) {
        return false;
    }
    parse->registers[parse->draft.register_count++] = reg;
    return true;
}

uint32_t recording_unit_msr(const struct rapl_cpu *cpu)
{
    bool amd = cpu->vendor == RAPL_VENDOR_AMD || cpu->vendor == RAPL_VENDOR_HYGON;

    return amd ? RAPL_MSR_AMD_POWER_UNIT : RAPL_MSR_POWER_UNIT;
}

bool recording_close_registers(struct recording_parse *parse)
{
    uint32_t msr = recording_unit_msr(&parse->draft.cpu);

    for (uint32_t package = 0; package < parse->draft.package_count; package++) {
        bool found = false;

        for (uint32_t i = 0; i < parse->draft.register_count && !found; i++) {
            const struct recording_register *reg = &parse->registers[i];

            found =
                reg->msr == msr && package >= reg->packages.first && package <= reg->packages.last;
        }
        if (!found) {
            return recording_fail(&parse->scan, 1,
                                  "a package has no unit register: add `register 0x606` (AMD, "
                                  "Hygon: 0xC0010299) for it, with a value or with `faults`");
        }
    }
    return true;
}
