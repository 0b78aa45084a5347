/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines of a recording that say what the machine is: cpu, amd-rapl, hypervisor, topology,
 * cores.
 */
#include "recording/parse.h"

#define CORES_MAX   256u
#define THREADS_MAX 8u
#define DIES_MAX    16u
#define APIC_MAX    0x7FFFFFFFu

static bool parse_identity(struct recording_parse *parse, struct rapl_cpu *cpu)
{
    static const struct recording_number family = {
        "family", 4, 0x10E, "write the family here, as in `family 0x6`", "a family is 4 to 0x10E"};
    static const struct recording_number model = {
        "model", 0, 0xFF, "write the model here, as in `model 0x9E`", "a model is at most 0xFF"};
    static const struct recording_number stepping = {"stepping", 0, 15,
                                                     "write the stepping here, as in `stepping 10`",
                                                     "a stepping is at most 15"};
    uint64_t family_value = 0, model_value = 0, stepping_value = 0;
    uint32_t column;

    if (!recording_scan_number(&parse->scan, &family, &family_value)) {
        return false;
    }
    column = recording_scan_column(&parse->scan);
    if (!recording_scan_number(&parse->scan, &model, &model_value) ||
        !recording_scan_number(&parse->scan, &stepping, &stepping_value)) {
        return false;
    }
    /* The extended model exists from family 0xF on; Intel has it in family 6 too. */
    if (model_value > 15 && family_value < 15 &&
        !(family_value == 6 && cpu->vendor == RAPL_VENDOR_INTEL)) {
        return recording_fail(&parse->scan, column,
                              "CPUID cannot say this: a model over 15 exists from family 0xF on, "
                              "and in Intel's family 6");
    }
    cpu->family = (uint16_t)family_value;
    cpu->model = (uint16_t)model_value;
    cpu->stepping = (uint8_t)stepping_value;
    return true;
}

bool recording_parse_cpu(struct recording_parse *parse)
{
    static const char *const vendors[] = {"intel", "amd", "hygon", "other"};
    static const uint8_t values[] = {RAPL_VENDOR_INTEL, RAPL_VENDOR_AMD, RAPL_VENDOR_HYGON,
                                     RAPL_VENDOR_UNKNOWN};
    uint32_t vendor = 0;

    if (!recording_scan_choice(&parse->scan, vendors, 4,
                               "write the vendor here: intel, amd, hygon or other", &vendor)) {
        return false;
    }
    parse->draft.cpu.vendor = values[vendor];
    return parse_identity(parse, &parse->draft.cpu) && recording_parse_source_key(parse, NULL);
}

bool recording_parse_amd_rapl(struct recording_parse *parse)
{
    static const char *const answers[] = {"no", "yes"};
    uint32_t answer = 0;

    if (!recording_scan_choice(&parse->scan, answers, 2,
                               "write `yes` or `no`: whether CPUID Fn8000_0007 EDX[14] is set",
                               &answer)) {
        return false;
    }
    parse->draft.cpu.amd_rapl = answer == 1;
    return recording_parse_source_key(parse, NULL);
}

bool recording_parse_hypervisor(struct recording_parse *parse)
{
    static const char *const kinds[] = {"none", "hyperv-root", "hyperv-guest", "other-guest"};
    uint32_t kind = 0;

    if (!recording_scan_choice(&parse->scan, kinds, 4,
                               "write `none`, `hyperv-root` (VBS), `hyperv-guest` or `other-guest`",
                               &kind)) {
        return false;
    }
    parse->draft.hypervisor = (uint8_t)kind;
    parse->draft.cpu.hypervisor = kind != RECORDING_BARE;
    parse->draft.cpu.hyperv_root = kind == RECORDING_HYPERV_ROOT;
    return recording_parse_source_key(parse, NULL);
}

/* The sizes of the groups, as many as there are numbers. */
static bool parse_groups(struct recording_parse *parse)
{
    static const struct recording_number size = {NULL, 1, RECORDING_GROUP_SIZE_MAX,
                                                 "write how many processors each group has",
                                                 "a processor group holds 1 to 64 processors"};
    struct recording *draft = &parse->draft;
    uint64_t value = 0, sum = 0;
    uint32_t column = recording_scan_column(&parse->scan);

    if (!recording_scan_word(&parse->scan, "groups")) {
        return recording_fail(&parse->scan, column,
                              "write the sizes of the groups here, as in `groups 36 36`");
    }
    do {
        column = recording_scan_column(&parse->scan);
        if (draft->group_count == RECORDING_GROUPS_MAX) {
            return recording_fail(&parse->scan, column, "a recording has at most 4 groups");
        }
        if (!recording_scan_number(&parse->scan, &size, &value)) {
            return false;
        }
        draft->group_size[draft->group_count++] = (uint32_t)value;
        sum += value;
    } while (!recording_scan_at_key(&parse->scan));
    if (sum != parse->processors_stated) {
        return recording_fail(&parse->scan, column,
                              "the sizes of the groups do not add up to the number of processors");
    }
    return true;
}

bool recording_parse_topology(struct recording_parse *parse)
{
    static const struct recording_number packages = {
        "packages", 1, RECORDING_PACKAGES_MAX, "write the number of packages, as in `packages 2`",
        "a recording has 1 to 16 packages"};
    static const struct recording_number processors = {
        "processors", 1, RECORDING_PROCESSORS_MAX,
        "write the number of logical processors, as in `processors 72`",
        "a recording has 1 to 256 processors"};
    uint64_t package_count = 0, processor_count = 0;

    if (!recording_scan_number(&parse->scan, &packages, &package_count) ||
        !recording_scan_number(&parse->scan, &processors, &processor_count)) {
        return false;
    }
    parse->draft.package_count = (uint32_t)package_count;
    parse->processors_stated = (uint32_t)processor_count;
    return parse_groups(parse) && recording_parse_source_key(parse, NULL);
}

/* One `cores` line: alike cores of one die, all in one group. */
struct core_run {
    struct recording_range cores;
    uint64_t package, die, threads, group, apic, step;
    uint32_t package_column, group_column, apic_column;
};

static bool parse_core_run(struct recording_parse *parse, struct core_run *run)
{
    static const struct recording_number cores = {
        NULL, 0, CORES_MAX - 1, "write the cores here, as in `cores 0-7` or `cores 3`",
        "a core's number is at most 255"};
    static const struct recording_number package = {"package", 0, RECORDING_PACKAGES_MAX - 1,
                                                    "write the package here, as in `package 0`",
                                                    "a package's number is at most 15"};
    static const struct recording_number die = {"die", 0, DIES_MAX - 1,
                                                "write the die's number after `die`",
                                                "a die's number is at most 15"};
    static const struct recording_number threads = {
        "threads", 1, THREADS_MAX, "write the threads of each core, as in `threads 2`",
        "a core has 1 to 8 threads"};
    static const struct recording_number group = {"group", 0, RECORDING_GROUPS_MAX - 1,
                                                  "write the processor group here, as in `group 0`",
                                                  "a group's number is at most 3"};
    static const struct recording_number apic = {
        "apic", 0, APIC_MAX, "write the APIC id of the first thread here, as in `apic 0x10`",
        "an APIC id is at most 0x7FFFFFFF"};
    static const struct recording_number step = {
        "step", 1, 0xFFFF, "write the distance of the cores' APIC ids after `step`",
        "the step between cores is 1 to 0xFFFF"};
    struct recording_scan *scan = &parse->scan;

    if (!recording_scan_range(scan, &cores, false, &run->cores)) {
        return false;
    }
    run->package_column = recording_scan_column(scan);
    if (!recording_scan_number(scan, &package, &run->package) ||
        !recording_scan_optional(scan, &die, &run->die) ||
        !recording_scan_number(scan, &threads, &run->threads)) {
        return false;
    }
    run->group_column = recording_scan_column(scan);
    if (!recording_scan_number(scan, &group, &run->group)) {
        return false;
    }
    run->apic_column = recording_scan_column(scan);
    run->step = run->threads;
    return recording_scan_number(scan, &apic, &run->apic) &&
           recording_scan_optional(scan, &step, &run->step);
}

static bool core_is_known(const struct recording_parse *parse, uint64_t package, uint32_t core)
{
    for (uint32_t i = 0; i < parse->draft.processor_count; i++) {
        if (parse->processors[i].package == package && parse->processors[i].core == core) {
            return true;
        }
    }
    return false;
}

static bool apic_id_is_known(const struct recording_parse *parse, uint64_t apic_id)
{
    for (uint32_t i = 0; i < parse->draft.processor_count; i++) {
        if (parse->processors[i].apic_id == apic_id) {
            return true;
        }
    }
    return false;
}

static bool check_run(struct recording_parse *parse, const struct core_run *run)
{
    const struct recording *draft = &parse->draft;
    struct recording_scan *scan = &parse->scan;
    uint64_t count = (run->cores.last - run->cores.first + 1u) * run->threads;

    if (run->package >= draft->package_count) {
        return recording_fail(
            scan, run->package_column,
            "there is no such package: the topology line says how many there are");
    }
    if (run->group >= draft->group_count) {
        return recording_fail(scan, run->group_column,
                              "there is no such group: the topology line gives the size of each");
    }
    if (draft->processor_count > 0 &&
        run->group < parse->processors[draft->processor_count - 1].group) {
        return recording_fail(scan, run->group_column,
                              "groups must come in order: Windows numbers group 0 first, then "
                              "group 1; move this line up");
    }
    if (count > draft->group_size[run->group] - parse->group_used[run->group]) {
        return recording_fail(scan, run->group_column,
                              "more processors than the topology line gives this group");
    }
    for (uint32_t core = run->cores.first; core <= run->cores.last; core++) {
        if (core_is_known(parse, run->package, core)) {
            return recording_fail(scan, run->package_column,
                                  "this package has a core of that number already");
        }
    }
    return true;
}

static bool add_processor(struct recording_parse *parse, const struct core_run *run, uint32_t core,
                          uint32_t thread)
{
    uint64_t apic_id = run->apic + (core - run->cores.first) * run->step + thread;
    uint32_t index = parse->draft.processor_count;

    if (apic_id > APIC_MAX) {
        return recording_fail(&parse->scan, run->apic_column, "an APIC id is at most 0x7FFFFFFF");
    }
    if (apic_id_is_known(parse, apic_id)) {
        return recording_fail(&parse->scan, run->apic_column,
                              "an APIC id would be given twice: choose another apic or step");
    }
    parse->place[index] = (struct recording_place){parse->scan.line, run->apic_column};
    parse->processors[index] = (struct recording_processor){
        .group = (uint16_t)run->group,
        .number = (uint16_t)parse->group_used[run->group]++,
        .package = (uint16_t)run->package,
        .core = (uint16_t)core,
        .die = (uint16_t)run->die,
        .thread = (uint16_t)thread,
        .apic_id = (uint32_t)apic_id,
    };
    parse->draft.processor_count++;
    return true;
}

bool recording_parse_cores(struct recording_parse *parse)
{
    struct core_run run = {0};

    if (!recording_parse_has(parse, RECORDING_LINE_TOPOLOGY)) {
        return recording_fail(&parse->scan, 1, "the topology line must stand above this one");
    }
    if (parse->topology_closed) {
        return recording_fail(&parse->scan, 1, "cores must stand above the first register");
    }
    if (!parse_core_run(parse, &run) || !check_run(parse, &run)) {
        return false;
    }
    for (uint32_t core = run.cores.first; core <= run.cores.last; core++) {
        for (uint32_t thread = 0; thread < run.threads; thread++) {
            if (!add_processor(parse, &run, core, thread)) {
                return false;
            }
        }
    }
    return recording_parse_source_key(parse, NULL);
}
