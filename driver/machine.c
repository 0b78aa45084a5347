/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds core's picture of the machine from the platform table, at load.
 */
#include "driver/driver.h"
#include "driver/hw.h"

DRIVER_INIT static void cpuid_here(void *context, uint32_t leaf, uint32_t subleaf,
                                   struct rapl_cpuid_regs *out)
{
    UNREFERENCED_PARAMETER(context);
    hw_cpuid(leaf, subleaf, out);
}

static const struct rapl_cpuid cpuid = {NULL, cpuid_here};

static void platform_read(void *context, uint32_t processor, struct rapl_reading *readings,
                          uint32_t count)
{
    UNREFERENCED_PARAMETER(context);
    hw_read(processor, readings, count);
}

static uint64_t platform_now(void *context)
{
    UNREFERENCED_PARAMETER(context);
    return hw_now_100ns();
}

static void platform_lock(void *context)
{
    ExAcquireFastMutex(&((struct driver *)context)->coarse_mutex);
}

static void platform_unlock(void *context)
{
    ExReleaseFastMutex(&((struct driver *)context)->coarse_mutex);
}

struct locate {
    struct rapl_machine *machine;
    ULONG processor;
};

DRIVER_INIT static void identify_here(void *context)
{
    struct rapl_machine *machine = context;
    rapl_cpu_identify(&cpuid, &machine->cpu);
}

DRIVER_INIT static void locate_here(void *context)
{
    const struct locate *locate = context;
    struct rapl_machine *machine = locate->machine;
    rapl_topology_locate(&machine->cpu, &cpuid, &machine->processors[locate->processor].location);
}

/* A processor that cannot be looked at would be counted to the wrong package: no picture then. */
DRIVER_INIT static NTSTATUS locate_processors(struct rapl_machine *machine)
{
    if (!hw_run_on(0, identify_here, machine)) {
        return STATUS_DEVICE_NOT_READY;
    }
    machine->model = rapl_model_find(&machine->cpu);
    for (ULONG i = 0; i < machine->processor_count; i++) {
        struct locate locate = {machine, i};
        if (!hw_run_on(i, locate_here, &locate)) {
            return STATUS_DEVICE_NOT_READY;
        }
    }
    const bool per_die =
        machine->model != NULL && (machine->model->flags & RAPL_MODEL_PER_DIE) != 0;
    rapl_topology_link(machine->processors, machine->processor_count, per_die);
    return STATUS_SUCCESS;
}

DRIVER_INIT static NTSTATUS create_coarse(struct driver *driver)
{
    const ULONG count = rapl_coarse_package_count(&driver->machine);
    struct rapl_coarse_package *packages =
        ExAllocatePoolWithTag(NonPagedPoolNx, count * sizeof(*packages), DRIVER_POOL_TAG);
    if (packages == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    rapl_coarse_init(&driver->coarse, &driver->machine, packages, count,
                     driver->settings.coarse_ms);
    return STATUS_SUCCESS;
}

DRIVER_INIT NTSTATUS machine_create(struct driver *driver)
{
    struct rapl_machine *machine = &driver->machine;

    ExInitializeFastMutex(&driver->coarse_mutex);
    machine->platform = (struct rapl_platform){.context = driver,
                                               .read = platform_read,
                                               .now_100ns = platform_now,
                                               .lock = platform_lock,
                                               .unlock = platform_unlock};
    machine->processor_count = hw_processors_active();
    const SIZE_T size = machine->processor_count * sizeof(*machine->processors);
    machine->processors = ExAllocatePoolWithTag(NonPagedPoolNx, size, DRIVER_POOL_TAG);
    if (machine->processors == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    RtlZeroMemory(machine->processors, size);

    NTSTATUS status = locate_processors(machine);
    if (NT_SUCCESS(status)) {
        status = rapl_machine_gate(machine) == RAPL_GATE_OPEN ? create_coarse(driver)
                                                              : STATUS_NOT_SUPPORTED;
    }
    if (!NT_SUCCESS(status)) {
        ExFreePoolWithTag(machine->processors, DRIVER_POOL_TAG);
    }
    return status;
}

void machine_release(struct driver *driver)
{
    ExFreePoolWithTag(driver->coarse.package, DRIVER_POOL_TAG);
    ExFreePoolWithTag(driver->machine.processors, DRIVER_POOL_TAG);
}
