/* SPDX-License-Identifier: Apache-2.0
 *
 * The faults of faulty.sys, each of which harness.exe --faulty must find. The driver is told which
 * ones to have by the value `Faults` (REG_QWORD, one bit a fault) of its Parameters key.
 */
#ifndef FAULTY_FAULTS_H
#define FAULTY_FAULTS_H

/* clang-format off */

/*
 * FAULT(symbol, name, kind of finding). The first eight are faults of the predecessor's published
 * drivers; the others are one for each rule of the harness that these leave without a proof.
 */
#define FAULTS(FAULT) \
    FAULT(INDEX_AS_MASK,      "index-used-as-mask",        WRONG_CPU) \
    FAULT(OUTPUT_UNCHECKED,   "output-length-unchecked",   INFORMATION) \
    FAULT(AFFINITY_ON_FAULT,  "affinity-left-on-fault",    AFFINITY_LEFT) \
    FAULT(WRONG_LINK,         "wrong-link-deleted",        LINK_LEFT) \
    FAULT(NO_DESCRIPTOR,      "no-descriptor",             NO_DESCRIPTOR) \
    FAULT(STALE_LINK,         "stale-link-not-replaced",   STATUS) \
    FAULT(NO_HANDLER,         "no-handler-around-rdmsr",   EXCEPTION) \
    FAULT(INPUT_UNCHECKED,    "input-length-unchecked",    BUFFER_OVERRUN) \
    FAULT(WRITES_PAST_OUTPUT, "writes-past-output",        BUFFER_OVERRUN) \
    FAULT(SUCCESS_ON_FAULT,   "success-when-it-faults",    STATUS) \
    FAULT(WRITE_MSR,          "writes-a-register",         WRITE_MSR) \
    FAULT(AFFINITY_INVALID,   "affinity-of-no-processor",  AFFINITY_INVALID) \
    FAULT(IRP_TWICE,          "completes-twice",           IRP_TWICE) \
    FAULT(IRP_LOST,           "loses-a-request",           IRP_LOST) \
    FAULT(IRP_PENDING,        "pends-a-request",           IRP_PENDING) \
    FAULT(IRP_STATUS,         "returns-another-status",    IRP_STATUS) \
    FAULT(IRP_TOUCHED,        "touches-a-completed-irp",   IRP_TOUCHED) \
    FAULT(INFORMATION_ERROR,  "information-with-an-error", INFORMATION) \
    FAULT(POOL_EXECUTABLE,    "executable-pool",           POOL_TYPE) \
    FAULT(POOL_TAG,           "frees-with-another-tag",    POOL_TAG) \
    FAULT(POOL_TWICE,         "frees-twice",               POOL_FREE) \
    FAULT(POOL_OVERRUN,       "writes-past-an-allocation", POOL_OVERRUN) \
    FAULT(POOL_FAR_OVERRUN,   "writes-far-past-one",       POOL_OVERRUN) \
    FAULT(POOL_TOUCHED,       "uses-freed-pool",           POOL_TOUCHED) \
    FAULT(POOL_LEFT,          "leaks-pool",                POOL_LEFT) \
    FAULT(DEVICE_LEFT,        "leaks-the-device",          DEVICE_LEFT) \
    FAULT(DEVICE_TWICE,       "deletes-the-device-twice",  DEVICE_DELETE) \
    FAULT(HANDLE_LEFT,        "leaks-a-handle",            HANDLE_LEFT) \
    FAULT(HANDLE_USER,        "user-handle",               HANDLE) \
    FAULT(REFERENCE_LEFT,     "leaks-a-reference",         REFERENCE_LEFT) \
    FAULT(IRQL,               "calls-at-raised-irql",      IRQL) \
    FAULT(IRQL_LEFT,          "leaves-irql-raised",        IRQL_LEFT) \
    FAULT(REGION_LEFT,        "stays-in-a-region",         REGION_LEFT) \
    FAULT(MUTEX_LEFT,         "keeps-a-mutex",             MUTEX_LEFT) \
    FAULT(MUTEX_TWICE,        "takes-a-mutex-twice",       MUTEX) \
    FAULT(INIT_LATER,         "runs-discarded-code",       EXCEPTION) \
    FAULT(WRITES_CODE,        "writes-to-code",            EXCEPTION) \
    FAULT(RUNS_DATA,          "executes-data",             EXCEPTION) \
    FAULT(GUARD,              "calls-past-the-guard",      GUARD) \
    FAULT(BUGCHECK,           "bug-check",                 BUGCHECK) \
    FAULT(STACK,              "stack-overflow",            STACK) \
    FAULT(NO_UNLOAD,          "cannot-be-unloaded",        NO_UNLOAD) \
    FAULT(FAILS_HALF_BUILT,   "fails-half-built",          DEVICE_LEFT) \
    FAULT(FAILS_WITH_UNLOAD,  "fails-with-unload-set",     UNLOAD_FAILED) \
    FAULT(WAITS_FOREVER,      "waits-for-nothing",         WAIT) \
    FAULT(WAITS_RAISED,       "waits-at-raised-irql",      IRQL) \
    FAULT(TIMER_LEFT,         "leaves-a-timer-set",        TIMER_LEFT) \
    FAULT(DPC_LEFT,           "leaves-a-dpc-queued",       DPC_LEFT) \
    FAULT(WORK_LEFT,          "leaks-a-work-item",         WORK_LEFT) \
    FAULT(CALLBACK_LEFT,      "leaves-a-callback",         CALLBACK_LEFT) \
    FAULT(TIMER_FREED,        "frees-a-timer-that-is-set", ACTIVE_FREED) \
    FAULT(CLOCK_TEARS,        "half-a-clock",              VALUE) \
    FAULT(DESCRIPTOR_OPEN,    "descriptor-for-everyone",   OPENED)

/* clang-format on */

#define FAULT_SYMBOL(symbol, name, kind) FAULT_##symbol,
enum fault {
    FAULTS(FAULT_SYMBOL) FAULT_COUNT,
};
#undef FAULT_SYMBOL

#endif
