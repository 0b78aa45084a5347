/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: reading on many processors at the same time. One DPC a job, targeted
 * at its processor; the caller waits once, for the last of them. Callers are serialised, so one set
 * of DPCs is enough.
 *
 * There are at most DPCS_MAX of them. With more jobs than that, a DPC that has done its job goes on
 * to the next one that nobody has taken: 256 cores take four steps, and a quarter of the memory.
 */
#include "driver/hw.h"
#include "driver/hw_read.h"

#define PARALLEL_POOL_TAG 'plaR'
#define DPCS_MAX          64u

static struct {
    PKDPC dpcs;
    ULONG dpc_count;
    struct rapl_job *jobs; /* of the reading under way */
    ULONG job_count;
    volatile LONG taken;   /* jobs that somebody has taken */
    volatile LONG pending; /* jobs that are not done, and one for the caller until all are queued */
    KEVENT done;
} parallel;

static KDEFERRED_ROUTINE job_dpc;

/* The event is touched by the last one only, and by nobody after it. */
static void finish_one(void)
{
    if (InterlockedDecrement(&parallel.pending) == 0) {
        KeSetEvent(&parallel.done, IO_NO_INCREMENT, FALSE);
    }
}

/* FALSE: the job was not queued, and nothing will be done for it. */
static BOOLEAN queue(PKDPC dpc, struct rapl_job *job)
{
    PROCESSOR_NUMBER number;

    return NT_SUCCESS(KeGetProcessorNumberFromIndex(job->processor, &number)) &&
           NT_SUCCESS(KeSetTargetProcessorDpcEx(dpc, &number)) && KeInsertQueueDpc(dpc, job, NULL);
}

/* Gives the DPC, which is not queued, the next job; it is that job's processor's afterwards. */
static void queue_next(PKDPC dpc)
{
    for (;;) {
        const ULONG i = (ULONG)InterlockedIncrement(&parallel.taken) - 1;

        if (i >= parallel.job_count || queue(dpc, &parallel.jobs[i])) {
            return;
        }
        hw_read_nothing(parallel.jobs[i].readings, parallel.jobs[i].count);
        finish_one();
    }
}

static void job_dpc(PKDPC dpc, PVOID context, PVOID argument_1, PVOID argument_2)
{
    const struct rapl_job *job = argument_1;
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(argument_2);

    hw_read_here(job->readings, job->count);
    queue_next(dpc);
    finish_one();
}

NTSTATUS hw_jobs_create(ULONG count_max)
{
    const ULONG count = count_max < DPCS_MAX ? count_max : DPCS_MAX;
    PKDPC dpcs = ExAllocatePoolWithTag(NonPagedPoolNx, count * sizeof(*dpcs), PARALLEL_POOL_TAG);
    if (dpcs == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    for (ULONG i = 0; i < count; i++) {
        KeInitializeDpc(&dpcs[i], job_dpc, NULL);
        /* A DPC of medium importance waits on another processor until that has more to do. */
        KeSetImportanceDpc(&dpcs[i], HighImportance);
    }
    KeInitializeEvent(&parallel.done, SynchronizationEvent, FALSE);
    parallel.dpcs = dpcs;
    parallel.dpc_count = count;
    return STATUS_SUCCESS;
}

void hw_jobs_delete(void)
{
    /* The last DPC has signalled, and may still be on its way out. */
    KeFlushQueuedDpcs();
    ExFreePoolWithTag(parallel.dpcs, PARALLEL_POOL_TAG);
    parallel.dpcs = NULL;
    parallel.dpc_count = 0;
}

void hw_read_all(struct rapl_job *jobs, ULONG count)
{
    parallel.jobs = jobs;
    parallel.job_count = count;
    parallel.taken = 0;
    parallel.pending = (LONG)count + 1;
    for (ULONG i = 0; i < parallel.dpc_count; i++) {
        queue_next(&parallel.dpcs[i]);
    }
    finish_one();
    KeWaitForSingleObject(&parallel.done, Executive, KernelMode, FALSE, NULL);
}
