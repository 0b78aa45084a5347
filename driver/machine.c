/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds core's picture of the machine from the platform table, at load.
 */
#include "driver/driver.h"
#include "driver/hw.h"

#include <rapl_version.h>

static void platform_read(void *context, uint32_t processor, struct rapl_reading *readings,
                          uint32_t count)
{
    UNREFERENCED_PARAMETER(context);
    hw_read(processor, readings, count);
}

static void platform_read_all(void *context, struct rapl_job *jobs, uint32_t count)
{
    UNREFERENCED_PARAMETER(context);
    hw_read_all(jobs, count);
}

static uint64_t platform_now(void *context, uint64_t *ticks)
{
    UNREFERENCED_PARAMETER(context);
    return hw_now(ticks);
}

static void platform_lock(void *context)
{
    driver_lock(context);
}

static void platform_unlock(void *context)
{
    driver_unlock(context);
}

static const struct rapl_platform_ops platform_ops = {
    .read = platform_read,
    .read_all = platform_read_all,
    .now = platform_now,
    .lock = platform_lock,
    .unlock = platform_unlock,
};

/* What looking at the machine's processors fills, one processor after the other. */
struct look {
    struct driver *driver;
    ULONG processor;
    bool has_arch_capabilities;
};

DRIVER_INIT static void cpuid_here(void *context, uint32_t leaf, uint32_t subleaf,
                                   struct rapl_cpuid_regs *out)
{
    UNREFERENCED_PARAMETER(context);
    hw_cpuid(leaf, subleaf, out);
}

DRIVER_INIT static void identify_here(void *context)
{
    const struct rapl_cpuid cpuid = {NULL, cpuid_here};
    struct look *look = context;
    struct rapl_machine *machine = &look->driver->machine;

    rapl_cpu_identify(&cpuid, &machine->cpu);
    rapl_cpu_brand(&cpuid, look->driver->energy.brand);
    look->has_arch_capabilities = rapl_cpu_has_arch_capabilities(&cpuid);
}

DRIVER_INIT static void locate_here(void *context)
{
    const struct rapl_cpuid cpuid = {NULL, cpuid_here};
    const struct look *look = context;
    struct rapl_machine *machine = &look->driver->machine;

    rapl_topology_locate(&machine->cpu, &cpuid, &machine->processors[look->processor].location);
}

/* A processor that cannot be looked at would be counted to the wrong package: no picture then. */
DRIVER_INIT static NTSTATUS look_at_processors(struct look *look)
{
    struct rapl_machine *machine = &look->driver->machine;

    if (!hw_run_on(0, identify_here, look)) {
        return STATUS_DEVICE_NOT_READY;
    }
    machine->model = rapl_model_find(&machine->cpu);
    for (ULONG i = 0; i < machine->processor_count; i++) {
        struct rapl_processor *processor = &machine->processors[i];
        look->processor = i;
        if (!hw_run_on(i, locate_here, look) ||
            !hw_processor_number(i, &processor->group, &processor->number)) {
            return STATUS_DEVICE_NOT_READY;
        }
    }
    const bool per_die =
        machine->model != NULL && (machine->model->flags & RAPL_MODEL_PER_DIE) != 0;
    rapl_topology_link(machine->processors, machine->processor_count, per_die);
    return STATUS_SUCCESS;
}

void machine_apply_settings(struct driver *driver)
{
    driver->energy.access_policy = driver->settings.access_policy;
    driver->energy.linger_minutes = driver->settings.linger_minutes;
    driver->inventory.settings.coarse_ms = driver->settings.coarse_ms;
    driver->inventory.settings.cores_always = driver->settings.accumulate;
}

DRIVER_INIT static void describe(struct driver *driver)
{
    static const USHORT version[] = {RAPL_VERSION_NUMBERS};

    driver->energy.inventory = &driver->inventory;
    driver->energy.driver_major = version[0];
    driver->energy.driver_minor = version[1];
    driver->energy.driver_patch = version[2];
    driver->energy.simulated = hw_label[0] != '\0';
    machine_apply_settings(driver);
}

DRIVER_INIT static NTSTATUS create_inventory(const struct look *look)
{
    struct driver *driver = look->driver;
    const struct rapl_inventory_settings settings = {
        .has_arch_capabilities = look->has_arch_capabilities,
    };
    const size_t size = rapl_inventory_size(&driver->machine);

    if (size == 0) {
        return STATUS_NOT_SUPPORTED;
    }
    driver->inventory_memory = ExAllocatePoolWithTag(NonPagedPoolNx, size, DRIVER_POOL_TAG);
    if (driver->inventory_memory == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    const NTSTATUS status = hw_jobs_create(rapl_inventory_jobs_max(&driver->machine));
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(driver->inventory_memory, DRIVER_POOL_TAG);
        return status;
    }
    rapl_inventory_init(&driver->inventory, &driver->machine, driver->inventory_memory, &settings);
    driver_lock(driver);
    rapl_inventory_probe(&driver->inventory);
    driver_unlock(driver);
    return STATUS_SUCCESS;
}

DRIVER_INIT NTSTATUS machine_create(struct driver *driver)
{
    struct rapl_machine *machine = &driver->machine;
    struct look look = {.driver = driver};

    machine->platform = (struct rapl_platform){
        .context = driver, .ops = &platform_ops, .ticks_per_s = hw_ticks_per_s()};
    machine->processor_count = hw_processors_active();
    const SIZE_T size = machine->processor_count * sizeof(*machine->processors);
    machine->processors = ExAllocatePoolWithTag(NonPagedPoolNx, size, DRIVER_POOL_TAG);
    if (machine->processors == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(machine->processors, size);

    NTSTATUS status = look_at_processors(&look);
    if (NT_SUCCESS(status) && rapl_machine_gate(machine) != RAPL_GATE_OPEN) {
        status = STATUS_NOT_SUPPORTED;
    }
    if (NT_SUCCESS(status)) {
        status = create_inventory(&look);
    }
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(machine->processors, DRIVER_POOL_TAG);
        return status;
    }
    describe(driver);
    return STATUS_SUCCESS;
}

void machine_release(struct driver *driver)
{
    hw_jobs_delete();
    ExFreePoolWithTag(driver->inventory_memory, DRIVER_POOL_TAG);
    ExFreePoolWithTag(driver->machine.processors, DRIVER_POOL_TAG);
}
