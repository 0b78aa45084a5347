/* SPDX-License-Identifier: Apache-2.0
 *
 * One request to the driver: its IRP, and the rules it is held to.
 */
#ifndef HARNESS_IRP_H
#define HARNESS_IRP_H

#include "tests/harness/objects.h"

struct request {
    /* set by the caller of request_run */
    struct device *device;
    FILE_OBJECT *file;
    UCHAR major;
    UCHAR minor;
    UCHAR flags; /* SL_* */
    KPROCESSOR_MODE mode;
    KIRQL irql;
    PIO_SECURITY_CONTEXT security; /* IRP_MJ_CREATE */
    USHORT share;
    ULONG code; /* IRP_MJ_DEVICE_CONTROL */
    const void *in;
    ULONG in_size;
    void *out;
    ULONG out_size;

    /* filled by it */
    NTSTATUS status;
    ULONG_PTR information; /* as completed, after the rules were applied: never over out_size */
    bool completed;
    bool seen_below;   /* it was passed to the bus driver */
    bool pended_below; /* which completes it later, on another thread */
    bool kept_below;   /* and has not yet: it is not the driver's to complete */

    /* its own */
    PIRP irp;
    PDRIVER_OBJECT driver;
    UCHAR *buffer;
    UCHAR *original; /* what `buffer` held before the driver saw it */
    ULONG buffer_size;
    struct request *next;
    char doing[64];
};

/*
 * Sends the request to the driver's dispatch routine and checks it: completed once, synchronously
 * (unless the bus driver below completes it later), with the status that was returned, Information
 * and buffers in bounds. A request the driver lost gets STATUS_UNSUCCESSFUL.
 */
void request_run(struct request *request);

/* IofCompleteRequest: calls the completion routines of the drivers above first. */
void irp_completed(PIRP irp);

/* The bus driver has it; keeps it, to complete it later; completes it now, on another thread. */
void irp_seen_below(PIRP irp);
void irp_pended_below(PIRP irp);
void irp_completed_below(PIRP irp);

/* True for an IRP that was sent and is not completed. */
bool irp_is_live(const void *irp);

#endif
