/* SPDX-License-Identifier: Apache-2.0
 *
 * What the harness found wrong, by kind, and what it counted.
 */
#ifndef HARNESS_VERIFIER_H
#define HARNESS_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One kind a rule. The names are in verifier.c. */
enum finding {
    FINDING_IRQL,             /* an import called outside its documented IRQL range */
    FINDING_IRQL_LEFT,        /* IRQL not as it was on entry */
    FINDING_AFFINITY_INVALID, /* an affinity that names no processor: Windows ignores it */
    FINDING_AFFINITY_LEFT,    /* the caller's affinity not restored */
    FINDING_REGION_LEFT,      /* critical or guarded region not left */
    FINDING_MUTEX,            /* taken twice, or released by a thread that does not hold it */
    FINDING_MUTEX_LEFT,       /* held when the driver returned */
    FINDING_IRP_TWICE,        /* completed a second time */
    FINDING_IRP_NOT_OWNED,    /* completed while a lower driver has it */
    FINDING_IRP_LOST,         /* not completed when the dispatch routine returned */
    FINDING_IRP_PENDING,      /* STATUS_PENDING: clients pass a NULL OVERLAPPED */
    FINDING_IRP_STATUS,       /* returned status is not the completed one */
    FINDING_IRP_TOUCHED,      /* used after it was completed */
    FINDING_INFORMATION,      /* Information larger than the output, or not 0 with an error */
    FINDING_BUFFER_OVERRUN,   /* written past the output length */
    FINDING_POOL_TYPE,        /* executable pool, no tag, no size */
    FINDING_POOL_TAG,         /* freed with another tag */
    FINDING_POOL_FREE,        /* freed twice, or never allocated */
    FINDING_POOL_OVERRUN,     /* written outside an allocation */
    FINDING_POOL_TOUCHED,     /* used after it was freed */
    FINDING_POOL_LEFT,        /* not freed at unload */
    FINDING_NO_DESCRIPTOR,    /* a device that can be opened has the default descriptor */
    FINDING_LINK_DELETE,      /* a link deleted that does not exist */
    FINDING_LINK_LEFT,
    FINDING_DEVICE_DELETE, /* a device deleted twice, or not the driver's */
    FINDING_DEVICE_LEFT,
    FINDING_HANDLE, /* a handle that is not open, not for this, or not a kernel handle */
    FINDING_HANDLE_LEFT,
    FINDING_REFERENCE_LEFT,
    FINDING_NO_UNLOAD,     /* loaded, but cannot be unloaded */
    FINDING_UNLOAD_FAILED, /* DriverUnload set although DriverEntry failed to clean up */
    FINDING_EXCEPTION,     /* a fault in the driver that is not a register read */
    FINDING_BUGCHECK,      /* KeBugCheckEx */
    FINDING_GUARD,         /* an indirect call to what Control Flow Guard does not list */
    FINDING_STACK,         /* more stack than a kernel thread has to spare */
    FINDING_WRITE_MSR,     /* wrmsr */
    FINDING_ARGUMENT,      /* an import called with what its documentation forbids */
    FINDING_WAIT,          /* a wait that nothing can end */
    FINDING_ACTIVE_FREED,  /* freed with a timer set, or a DPC or work queued in it */
    FINDING_TIMER_LEFT,    /* still set at unload */
    FINDING_DPC_LEFT,
    FINDING_WORK_LEFT,
    FINDING_CALLBACK_LEFT,
    FINDING_STATUS,    /* the scenario expected another status */
    FINDING_VALUE,     /* the scenario expected other bytes */
    FINDING_WRONG_CPU, /* the value of another processor */
    FINDING_OPENED,    /* an open succeeded that the policy forbids, or the reverse */
    FINDING_CHECK,     /* any other expectation of a scenario */
    FINDING_COUNT,
};

const char *finding_name(enum finding kind);

/* Records one finding of the scenario that runs. Any thread, also from inside the driver. */
void verifier_report(enum finding kind, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Findings since the last verifier_clear. */
void verifier_clear(void);
uint32_t verifier_total(void);

/* Takes findings of one kind back: the scenario brought them about itself. Returns how many. */
uint32_t verifier_forgive(enum finding kind);
uint32_t verifier_count(enum finding kind);

/* Text of the first findings of each kind; NULL when `index` is past the last kept. */
const char *verifier_text(uint32_t index, enum finding *kind);

/* Adds the findings since the last verifier_clear to the counters of the whole run. */
void verifier_keep(void);

/* What happened in the whole run. */
struct verifier_counters {
    uint64_t loads;
    uint64_t requests; /* IRPs of every major function */
    uint64_t rdmsr;    /* executed, faulting ones included */
    uint64_t rdmsr_faulted;
    uint64_t faults_handled; /* by the driver's own __except */
    uint64_t moves;          /* of a thread to a processor */
    uint64_t dpcs;
    uint64_t waits;  /* that had to wait or could have: with a timeout of 0 they are not counted */
    uint64_t timers; /* fired */
    uint64_t work_items;
    uint64_t callbacks;
    uint64_t cpuid;
    uint64_t cr8;
    uint64_t clock_reads;
    uint64_t import_calls;
    uint64_t imports_failed; /* on purpose */
    uint64_t guard_checks;   /* indirect calls that Control Flow Guard looked at */
    uint64_t findings;
    uint64_t leaks; /* findings of pool, links, devices, handles and references that were left */
    uint64_t stack_own; /* bytes, deepest call out of the driver or trap in it */
    uint64_t stack_all; /* bytes, with the harness's own frames on top of them */
};

extern struct verifier_counters verifier_counters;

void verifier_add(uint64_t *counter);
void verifier_raise_to(uint64_t *maximum, uint64_t value);

#endif
