/* SPDX-License-Identifier: Apache-2.0
 *
 * Fuzzes everything that is concluded from CPUID: whatever it answers, looking ends, and what may
 * then be read is a safe list: this vendor's known read-only registers, or nothing.
 */
#include "fuzz_machine.h"

#include <rapl/energy.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LEAVES_MAX  32u
#define LEAVES_READ 300u /* more than any processor needs */

struct leaf {
    uint32_t number, subleaf;
    struct rapl_cpuid_regs regs;
};

/* A few leaves, and one answer for all others; processors differ in what is added to EDX. */
struct cpuid {
    struct leaf leaves[LEAVES_MAX];
    uint32_t count;
    struct rapl_cpuid_regs other;
    uint32_t processor;
    uint32_t reads;
};

static void execute(void *context, uint32_t number, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    struct cpuid *const cpuid = context;

    require(++cpuid->reads < LEAVES_READ);
    *out = cpuid->other;
    for (uint32_t i = 0; i < cpuid->count; i++) {
        const struct leaf *const leaf = &cpuid->leaves[i];

        if (leaf->number == number && leaf->subleaf == subleaf) {
            *out = leaf->regs;
        }
    }
    out->edx += number == 0xB || number == 0x1F || number == 0x80000026 ? cpuid->processor : 0;
    out->ebx += number == 1 ? cpuid->processor << 24 : 0;
}

static struct rapl_cpuid_regs take_regs(struct input *input)
{
    struct rapl_cpuid_regs regs;

    regs.eax = (uint32_t)take(input, 4);
    regs.ebx = (uint32_t)take(input, 4);
    regs.ecx = (uint32_t)take(input, 4);
    regs.edx = (uint32_t)take(input, 4);
    return regs;
}

static void take_cpuid(struct input *input, struct cpuid *cpuid)
{
    static const uint32_t numbers[] = {0x00000000, 0x00000001, 0x00000004, 0x00000007, 0x0000000B,
                                       0x0000001F, 0x40000000, 0x40000001, 0x40000003, 0x80000000,
                                       0x80000001, 0x80000002, 0x80000004, 0x80000007, 0x80000008,
                                       0x8000001E, 0x80000026};
    static const struct rapl_cpuid_regs vendors[] = {
        {0x20, 0x756E6547, 0x6C65746E, 0x49656E69}, /* GenuineIntel */
        {0x20, 0x68747541, 0x444D4163, 0x69746E65}, /* AuthenticAMD */
        {0x20, 0x6F677948, 0x656E6975, 0x6E65476E}, /* HygonGenuine */
    };
    const uint64_t vendor = take(input, 1);

    if (vendor % 4 != 3) {
        cpuid->leaves[cpuid->count++] = (struct leaf){.regs = vendors[vendor % 4]};
    }
    cpuid->other = take_regs(input);
    while (cpuid->count < LEAVES_MAX && input->size != 0) {
        const uint64_t which = take(input, 1);

        cpuid->leaves[cpuid->count++] =
            (struct leaf){numbers[which % (sizeof(numbers) / sizeof(numbers[0]))],
                          (uint32_t)(which >> 5), take_regs(input)};
    }
}

/* The registers of each vendor, in this test's own words. */
static bool is_known(uint8_t vendor, uint32_t msr)
{
    static const uint32_t intel[] = {0x606, 0x610, 0x611, 0x613, 0x614, 0x618, 0x619,
                                     0x61B, 0x61C, 0x638, 0x639, 0x63A, 0x63B, 0x640,
                                     0x641, 0x642, 0x64D, 0x65C, 0x66E};

    if (vendor != RAPL_VENDOR_INTEL) {
        return msr >= 0xC0010299 && msr <= 0xC001029B;
    }
    for (size_t i = 0; i < sizeof(intel) / sizeof(intel[0]); i++) {
        if (intel[i] == msr) {
            return true;
        }
    }
    return false;
}

static void check_list(const struct rapl_cpu *cpu, const struct rapl_model *model)
{
    static const uint32_t ranges[][2] = {
        {0, 0x700}, {0xC0000080, 0xC0000100}, {0xC0010280, 0xC0010300}, {0xFFFFFFF0, 0xFFFFFFFF}};

    require(model != NULL || rapl_allow(model, 0x606) == NULL);
    require(cpu->vendor != RAPL_VENDOR_UNKNOWN || model == NULL);
    require(cpu->vendor == RAPL_VENDOR_INTEL || cpu->amd_rapl || model == NULL);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        for (uint32_t msr = ranges[i][0]; msr < ranges[i][1]; msr++) {
            require(rapl_allow(model, msr) == NULL || is_known(cpu->vendor, msr));
        }
    }
}

/* Eight processors of it: leads are leads, and the inventory is made and answers. */
static void check_machine(struct cpuid *cpuid, const struct rapl_cpu *cpu)
{
    const struct rapl_cpuid reader = {cpuid, execute};
    const struct rapl_inventory_settings settings = {
        .coarse_ms = 50, .has_arch_capabilities = rapl_cpu_has_arch_capabilities(&reader)};
    struct fuzz_machine fuzz = {.probing = true};
    struct rapl_processor *const processors = fuzz.processors;
    struct rapl_energy_device device = {.inventory = &fuzz.inventory};
    const struct rapl_get_topology request = {.header = {sizeof(request), 1, RAPL_KIND_TOPOLOGY}};
    uint8_t out[8192];
    const struct rapl_call call = {
        RAPL_IOCTL_GET_TOPOLOGY, &request, sizeof(request), out, sizeof(out), true, false, 0};
    size_t written;

    fuzz.machine = (struct rapl_machine){
        {&fuzz, &fuzz_ops, 1}, *cpu, rapl_model_find(cpu), processors, FUZZ_PROCESSORS};
    for (uint32_t i = 0; i < FUZZ_PROCESSORS; i++) {
        cpuid->processor = i;
        cpuid->reads = 0;
        rapl_topology_locate(cpu, &reader, &processors[i].location);
    }
    rapl_topology_link(processors, FUZZ_PROCESSORS, cpu->stepping % 2 != 0);
    for (uint32_t i = 0; i < FUZZ_PROCESSORS; i++) {
        require(processors[i].package_lead <= i && processors[i].core_lead <= i);
        require(processors[processors[i].package_lead].package_lead == processors[i].package_lead);
        require(processors[processors[i].core_lead].core_lead == processors[i].core_lead);
    }
    if (fuzz.machine.model == NULL) {
        require(rapl_machine_gate(&fuzz.machine) == RAPL_GATE_UNKNOWN_CPU);
        return;
    }
    fuzz.memory = malloc(rapl_inventory_size(&fuzz.machine));
    require(fuzz.memory != NULL);
    rapl_inventory_init(&fuzz.inventory, &fuzz.machine, fuzz.memory, &settings);
    rapl_inventory_probe(&fuzz.inventory);
    cpuid->reads = 0;
    rapl_cpu_brand(&reader, device.brand);
    require(memchr(device.brand, 0, sizeof(device.brand)) != NULL);
    require(rapl_energy_answer(&device, &call, &written) == RAPL_ENERGY_OK);
    fuzz_end(&fuzz);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct cpuid cpuid = {.count = 0};
    const struct rapl_cpuid reader = {&cpuid, execute};
    struct rapl_cpu cpu;

    take_cpuid(&input, &cpuid);
    rapl_cpu_identify(&reader, &cpu);
    check_list(&cpu, rapl_model_find(&cpu));
    check_machine(&cpuid, &cpu);
    return 0;
}
