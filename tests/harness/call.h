/* SPDX-License-Identifier: Apache-2.0
 *
 * Calling into the driver: on its own kernel-sized stack, with every fault accounted for.
 */
#ifndef HARNESS_CALL_H
#define HARNESS_CALL_H

#include <stdbool.h>
#include <stdint.h>

struct driver_call {
    const char *doing; /* for messages: "IRP_MJ_CREATE" */
    const void *function;
    const void *argument[4];
    uint64_t result;
    uint32_t exception; /* code of the fault that ended the call; 0: it returned */
    uint64_t exception_at;
};

/*
 * Calls the driver and compares the thread's state before and after: IRQL, affinity, regions, held
 * mutexes, stack. False if a fault ended the call, which has then been reported and the thread's
 * state put right. Inside a call of this thread (a DPC while it waits) it goes on with its stack.
 */
bool driver_call(struct driver_call *call);

/* Threads that are inside the driver. */
uint32_t driver_threads(void);

/* Installs the vectored handler that answers privileged instructions. Once, at start. */
void traps_install(void);

/*
 * Reports a fault by what lies at the address it touched. `exception_record` is an
 * EXCEPTION_RECORD, `where` the place it happened.
 */
void driver_report_fault(const void *exception_record, const char *where);

/* KeBugCheckEx: reports, and ends the driver's call. */
_Noreturn void driver_bugcheck(uint32_t code);

#endif
