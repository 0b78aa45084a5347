/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds core's picture of the machine from the platform table, at load.
 */
#include "driver/driver.h"
#include "driver/hw.h"

struct cpuid_context {
    ULONG processor;
};

DRIVER_INIT static void cpuid_on(void *context, uint32_t leaf, uint32_t subleaf,
                                 struct rapl_cpuid_regs *out)
{
    hw_cpuid(((struct cpuid_context *)context)->processor, leaf, subleaf, out);
}

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

DRIVER_INIT static void locate_processors(struct rapl_machine *machine)
{
    struct cpuid_context context = {0};
    const struct rapl_cpuid cpuid = {&context, cpuid_on};

    rapl_cpu_identify(&cpuid, &machine->cpu);
    machine->model = rapl_model_find(&machine->cpu);
    for (ULONG i = 0; i < machine->processor_count; i++) {
        context.processor = i;
        rapl_topology_locate(&machine->cpu, &cpuid, &machine->processors[i].location);
    }
    const bool per_die =
        machine->model != NULL && (machine->model->flags & RAPL_MODEL_PER_DIE) != 0;
    rapl_topology_link(machine->processors, machine->processor_count, per_die);
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

    locate_processors(machine);
    NTSTATUS status = STATUS_NOT_SUPPORTED;
    if (rapl_machine_gate(machine) == RAPL_GATE_OPEN) {
        status = create_coarse(driver);
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
