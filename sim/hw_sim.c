/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, simulated: a recording instead of hardware, and only what Wine's kernel has.
 *
 * Not shown by this side: access control and tiers (Wine hands drivers no token; the tier is a line
 * of the recording), affinity (every "processor" answers on the calling thread).
 */
#include "driver/hw.h"
#include "sim/load.h"

const char hw_label[] = " (SIMULATED)";

static struct {
    struct recording recording;
    void *arena;
    ULONGLONG ticks_per_s;
    volatile LONG64 clock_start; /* performance counter; 0 until the clock runs */
    ULONG running_on;            /* hw_run_on is used while the driver loads only: one thread */
    BOOLEAN published;           /* the device can be opened: reads are a client's from now on */
} sim;

static ULONGLONG ticks_now(void)
{
    LARGE_INTEGER frequency;
    return (ULONGLONG)KeQueryPerformanceCounter(&frequency).QuadPart;
}

static uint64_t ticks_to(uint64_t units_per_s, uint64_t ticks)
{
    return ticks / sim.ticks_per_s * units_per_s +
           ticks % sim.ticks_per_s * units_per_s / sim.ticks_per_s;
}

NTSTATUS hw_enter(PUNICODE_STRING registry_path)
{
    LARGE_INTEGER frequency;
    KeQueryPerformanceCounter(&frequency);
    sim.ticks_per_s = (ULONGLONG)frequency.QuadPart;
    return sim_load(registry_path, &sim.recording, &sim.arena);
}

void hw_exit(void)
{
    ExFreePoolWithTag(sim.arena, SIM_POOL_TAG);
}

ULONG hw_processors_active(void)
{
    return sim.recording.processor_count;
}

BOOLEAN hw_run_on(ULONG processor, void (*run)(void *context), void *context)
{
    sim.running_on = processor;
    run(context);
    return TRUE;
}

void hw_cpuid(uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out)
{
    recording_cpuid(&sim.recording, sim.running_on, leaf, subleaf, out);
}

/*
 * The first read of a moving register by a client starts the recording, so that no part of a trace
 * is played to nobody. Reads made while the driver loads see its first values.
 */
static uint64_t elapsed_us(ULONG processor, uint32_t msr)
{
    if (sim.clock_start == 0) {
        if (!sim.published || !recording_is_timed(&sim.recording, processor, msr)) {
            return 0;
        }
        InterlockedCompareExchange64(&sim.clock_start, (LONG64)ticks_now(), 0);
    }
    return ticks_to(1000000, ticks_now() - (ULONGLONG)sim.clock_start);
}

void hw_read(ULONG processor, struct rapl_reading *readings, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        uint64_t value = 0;
        readings[i].ok = recording_read(&sim.recording, processor, readings[i].msr,
                                        elapsed_us(processor, readings[i].msr), &value);
        readings[i].value = value;
        readings[i].time_100ns = hw_now(&readings[i].ticks);
    }
}

BOOLEAN hw_processor_number(ULONG processor, USHORT *group, UCHAR *number)
{
    *group = sim.recording.processors[processor].group;
    *number = (UCHAR)sim.recording.processors[processor].number;
    return TRUE;
}

NTSTATUS hw_jobs_create(ULONG count_max)
{
    UNREFERENCED_PARAMETER(count_max);
    return STATUS_SUCCESS;
}

void hw_jobs_delete(void)
{
}

void hw_read_all(struct rapl_job *jobs, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        hw_read(jobs[i].processor, jobs[i].readings, jobs[i].count);
    }
}

uint64_t hw_now(uint64_t *ticks)
{
    *ticks = ticks_now();
    return ticks_to(10000000, *ticks);
}

uint64_t hw_ticks_per_s(void)
{
    return sim.ticks_per_s;
}

/* Wine has no coalescable timers. */
void hw_set_timer(PKTIMER timer, ULONG delay_ms, ULONG tolerance_ms, PKDPC dpc)
{
    const LARGE_INTEGER due = {.QuadPart = -(LONGLONG)delay_ms * 10000};
    UNREFERENCED_PARAMETER(tolerance_ms);
    KeSetTimerEx(timer, due, 0, dpc);
}

/* A recorded machine does not sleep. */
NTSTATUS hw_power_watch(void (*changed)(void *context, BOOLEAN leaving), void *context)
{
    UNREFERENCED_PARAMETER(changed);
    UNREFERENCED_PARAMETER(context);
    return STATUS_SUCCESS;
}

void hw_power_unwatch(void)
{
}

NTSTATUS hw_protect(PDEVICE_OBJECT device, ULONG policy)
{
    UNREFERENCED_PARAMETER(device);
    UNREFERENCED_PARAMETER(policy);
    sim.published = TRUE;
    return STATUS_SUCCESS;
}

BOOLEAN hw_caller_is_fresh(PIRP irp, PIO_STACK_LOCATION stack)
{
    UNREFERENCED_PARAMETER(irp);
    UNREFERENCED_PARAMETER(stack);
    return !sim.recording.coarse_caller;
}

BOOLEAN hw_caller_can_read(PIRP irp)
{
    UNREFERENCED_PARAMETER(irp);
    return TRUE;
}
