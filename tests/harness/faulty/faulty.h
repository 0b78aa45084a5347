/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of faulty.sys share.
 */
#ifndef FAULTY_FAULTY_H
#define FAULTY_FAULTY_H

#include <ntifs.h>

#include "tests/harness/faulty/faults.h"

_Static_assert(FAULT_COUNT <= 64, "one bit a fault");

#define FAULTY_TAG  'tluF'
#define FAULTY_INIT __attribute__((section("INIT")))

/* 0x610 is answered by misuse.c: it carries out what is not about reading a register. */
#define FAULTY_MISUSE_REGISTER 0x610u

struct faulty {
    ULONG64 faults;
    PDEVICE_OBJECT device;
    FAST_MUTEX mutex;
};

struct faulty_request {
    ULONG msr;
    ULONG cpu;
};

extern struct faulty *faulty;

static inline BOOLEAN has(enum fault fault)
{
    return (faulty->faults >> fault & 1) != 0;
}

/* read.c: one register on one processor; FALSE when it faults. */
BOOLEAN faulty_read(const struct faulty_request *request, ULONG64 *value);

/* misuse.c: does what the selected faults say, during a request. */
void faulty_misuse(void);
/* The same in DriverUnload. */
void faulty_misuse_at_stop(void);

/* init.c: the registry, the device, its descriptor and its link. */
NTSTATUS faulty_start(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path);
void faulty_misuse_discarded(void);
void faulty_stop(void);

#endif
