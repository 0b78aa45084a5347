/* SPDX-License-Identifier: Apache-2.0
 *
 * The platform table: everything the driver takes from the hardware or from parts of the kernel
 * that Wine does not have. driver/hw_*.c is the production side, sim/ the simulated one; nothing
 * else differs between the two images (a test compares them function by function).
 *
 * The linker chooses: these functions are not called through pointers that could be changed.
 */
#ifndef RAPL_DRIVER_HW_H
#define RAPL_DRIVER_HW_H

#include <ntddk.h>

#include "core/cpu.h"
#include "core/machine.h"

/*
 * Called first, at PASSIVE_LEVEL from DriverEntry; whatever it holds is given back by hw_exit. A
 * failure fails the load. Production: nothing to do.
 */
NTSTATUS hw_enter(PUNICODE_STRING registry_path);
void hw_exit(void);

/* "" in production, " (SIMULATED)" in the simulated driver. */
extern const char hw_label[];

/* Processors in all groups, now: processors may be added while Windows runs. IRQL: any. */
ULONG hw_processors_active(void);

/*
 * Runs `run` with the calling thread on `processor`, and moves it back. FALSE, and `run` is not
 * called, if that processor cannot be used. IRQL: at most APC_LEVEL. Not nested.
 */
BOOLEAN hw_run_on(ULONG processor, void (*run)(void *context), void *context);

/* CPUID of the processor that runs this: call it under hw_run_on. */
void hw_cpuid(uint32_t leaf, uint32_t subleaf, struct rapl_cpuid_regs *out);

/* Where a processor is. FALSE, outputs untouched, if there is none of that number. IRQL: any. */
BOOLEAN hw_processor_number(ULONG processor, USHORT *group, UCHAR *number);

/*
 * Moves the calling thread to `processor`, reads every register guarded, moves it back. Every
 * reading is filled: a register that faults, or a processor that cannot be used, gives ok = false.
 * IRQL: at most APC_LEVEL. The thread's affinity is as before on every path.
 */
void hw_read(ULONG processor, struct rapl_reading *readings, ULONG count);

/*
 * Room for the most jobs that hw_read_all will get. PASSIVE_LEVEL. After hw_jobs_delete no code of
 * a job runs any more.
 */
NTSTATUS hw_jobs_create(ULONG count_max);
void hw_jobs_delete(void);

/*
 * Does every job on its processor, all at the same time, and waits for all of them once. Every
 * reading is filled as by hw_read. Not called twice at once. `jobs` and readings are nonpaged.
 * IRQL: at most APC_LEVEL.
 */
void hw_read_all(struct rapl_job *jobs, ULONG count);

/*
 * 100 ns units since boot, time asleep included; `*ticks` is the performance counter at that very
 * moment, hw_ticks_per_s of them a second. IRQL: any.
 */
uint64_t hw_now(uint64_t *ticks);
uint64_t hw_ticks_per_s(void);

/*
 * Sets a timer that fires once, in delay_ms, or up to tolerance_ms later if that saves a wake-up.
 * IRQL: at most DISPATCH_LEVEL.
 */
void hw_set_timer(PKTIMER timer, ULONG delay_ms, ULONG tolerance_ms, PKDPC dpc);

/*
 * Reports each departure from the working state, before it is final, and each return to it, at any
 * IRQL to DISPATCH_LEVEL, until hw_power_unwatch has returned. PASSIVE_LEVEL.
 */
NTSTATUS hw_power_watch(void (*changed)(void *context, BOOLEAN leaving), void *context);
void hw_power_unwatch(void);

/*
 * Puts the descriptor of `policy` (RAPL_ACCESS_*) on a device before anyone can open it.
 * PASSIVE_LEVEL.
 */
NTSTATUS hw_protect(PDEVICE_OBJECT device, ULONG policy);

/*
 * True if the opener of this IRP_MJ_CREATE has SYSTEM, Administrators or Performance Log Users
 * enabled in its token, or is the kernel. False whenever that cannot be told. PASSIVE_LEVEL.
 */
BOOLEAN hw_caller_is_fresh(PIRP irp, PIO_STACK_LOCATION stack);

/* The handle was opened with FILE_READ_DATA. */
BOOLEAN hw_caller_can_read(PIRP irp);

#endif
