/* SPDX-License-Identifier: Apache-2.0
 *
 * What runs in the kernel besides the requests: DPCs, timers, work items and callbacks. Files that
 * see the kernel's structures include this; scenarios include activity.h.
 */
#ifndef HARNESS_KERNEL_H
#define HARNESS_KERNEL_H

#include <ntifs.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/activity.h"

/* ---- dpc.c ---------------------------------------------------------------------------------- */

/*
 * Queues a DPC. It runs at once on this thread, or when somebody waits, or on a thread of its own:
 * pseudo-randomly, but before any wait ends. False: it is queued already. `held`: it stays queued
 * until somebody waits.
 */
bool dpc_insert(KDPC *dpc, void *argument_1, void *argument_2, bool held);

/* Runs what is queued on this thread, until nothing is queued or running; `held` ones too. */
void dpc_flush(bool held);

/* Runs what is queued, on this thread: it waits. */
void dpc_run_queued(void);

/* One is queued or running; host_lock held. */
bool dpc_is_pending(void);

/* True: a queued DPC lies in that memory. */
bool dpc_is_queued_in(const void *memory, size_t size);

/* Reports DPCs queued or running and threads waiting, and forgets them. */
void dpc_report_left(const char *when);

/* ---- event.c -------------------------------------------------------------------------------- */

uint32_t event_waiters(void);

/* ---- timer.c -------------------------------------------------------------------------------- */

bool timer_is_armed_in(const void *memory, size_t size);
void timer_report_left(const char *when);

/* ---- workitem.c ----------------------------------------------------------------------------- */

/* True: a work item is queued that may run, or is running. */
bool work_is_pending(void);
/* Of a work item that has released its mutex: stays, as KERNEL_HOLD_END says. */
void work_stay(void);
/* Work items may be held from now on; and are let run, until then. */
void work_hold(void);
void work_release(void);
/* Waits until no work item is running or about to. */
void work_settle(void);
void work_report_left(const char *when);

/* ---- callback.c ----------------------------------------------------------------------------- */

/* A reference to the callback object; false: `object` is not it. */
bool callback_dereference(const void *object, LONG_PTR *left);
void callback_report_left(const char *when);

/* ---- kernel.c ------------------------------------------------------------------------------- */

/* Memory is freed: reports what is still at work in it. */
void kernel_memory_freed(const void *memory, size_t size);

/* The driver was unloaded, or failed to load: lets end what may, reports and forgets the rest. */
void kernel_report_left(const char *when);

#endif
