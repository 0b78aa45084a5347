/* SPDX-License-Identifier: Apache-2.0
 *
 * Builds IRPs as the I/O manager does, and checks what becomes of them.
 */
#include "tests/harness/irp.h"
#include "tests/harness/call.h"
#include "tests/harness/host.h"
#include "tests/harness/pool.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNDEFINED_BYTE 0xCD

static struct request *in_flight;

/* Where user buffers would be: nothing may be touched there. */
static void *poison(void)
{
    static UCHAR *page;
    if (page == NULL) {
        page = host_reserve(HOST_PAGE_SIZE);
    }
    if (page == NULL) {
        host_fatal("no address space for a poisoned page");
    }
    return page + 64;
}

static void describe(struct request *request)
{
    static const char *const names[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
        [IRP_MJ_CREATE] = "CREATE",
        [IRP_MJ_CLOSE] = "CLOSE",
        [IRP_MJ_READ] = "READ",
        [IRP_MJ_WRITE] = "WRITE",
        [IRP_MJ_DEVICE_CONTROL] = "DEVICE_CONTROL",
        [IRP_MJ_INTERNAL_DEVICE_CONTROL] = "INTERNAL_DEVICE_CONTROL",
        [IRP_MJ_SHUTDOWN] = "SHUTDOWN",
        [IRP_MJ_CLEANUP] = "CLEANUP",
        [IRP_MJ_POWER] = "POWER",
        [IRP_MJ_SYSTEM_CONTROL] = "SYSTEM_CONTROL",
        [IRP_MJ_PNP] = "PNP",
    };
    const char *name = names[request->major];
    if (request->major == IRP_MJ_DEVICE_CONTROL) {
        snprintf(request->doing, sizeof(request->doing),
                 "IRP_MJ_DEVICE_CONTROL 0x%lX in %lu out %lu", request->code, request->in_size,
                 request->out_size);
    } else {
        snprintf(request->doing, sizeof(request->doing), "IRP_MJ_%s (%u)",
                 name != NULL ? name : "?", request->major);
    }
}

/* METHOD_BUFFERED: one buffer for both ways. The direct methods have one for the input. */
static void make_buffer(struct request *request)
{
    const ULONG method = request->code & 3;
    request->buffer_size = request->in_size;
    if (method == METHOD_BUFFERED && request->out_size > request->in_size) {
        request->buffer_size = request->out_size;
    }
    if (method == METHOD_NEITHER || request->buffer_size == 0) {
        request->buffer_size = 0;
    }
    if (request->buffer_size == 0) {
        return;
    }
    request->buffer = pool_allocate(POOL_BUFFER, request->buffer_size, 0);
    memset(request->buffer, UNDEFINED_BYTE, request->buffer_size);
    if (request->in_size != 0) {
        memcpy(request->buffer, request->in, request->in_size);
    }
    request->original = malloc(request->buffer_size);
    if (request->original == NULL) {
        host_fatal("out of memory for a request");
    }
    memcpy(request->original, request->buffer, request->buffer_size);
}

static void fill_control(struct request *request, PIO_STACK_LOCATION stack)
{
    const ULONG method = request->code & 3;
    make_buffer(request);
    stack->Parameters.DeviceIoControl.IoControlCode = request->code;
    stack->Parameters.DeviceIoControl.InputBufferLength = request->in_size;
    stack->Parameters.DeviceIoControl.OutputBufferLength = request->out_size;
    stack->Parameters.DeviceIoControl.Type3InputBuffer = poison();
    request->irp->AssociatedIrp.SystemBuffer = request->buffer;
    request->irp->UserBuffer = poison();
    if (method == METHOD_IN_DIRECT || method == METHOD_OUT_DIRECT) {
        request->irp->MdlAddress = poison();
    }
}

static void make_irp(struct request *request)
{
    const CHAR count = request->device->object->StackSize;
    const size_t size = sizeof(IRP) + (size_t)count * sizeof(IO_STACK_LOCATION);
    PIRP irp = pool_allocate(POOL_IRP, size, 0);
    PIO_STACK_LOCATION stack = (PIO_STACK_LOCATION)(irp + 1) + count - 1;
    request->irp = irp;
    irp->Type = IO_TYPE_IRP;
    irp->Size = (USHORT)size;
    irp->StackCount = count;
    irp->CurrentLocation = count;
    irp->RequestorMode = request->mode;
    irp->Tail.Overlay.CurrentStackLocation = stack;
    irp->Tail.Overlay.Thread = poison();
    irp->Tail.Overlay.OriginalFileObject = request->file;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED; /* as PnP and power requests start */

    stack->MajorFunction = request->major;
    stack->MinorFunction = request->minor;
    stack->Flags = request->flags;
    stack->DeviceObject = request->device->object;
    stack->FileObject = request->file;
    if (request->major == IRP_MJ_CREATE) {
        stack->Parameters.Create.SecurityContext = request->security;
        stack->Parameters.Create.Options = FILE_OPEN << 24;
        stack->Parameters.Create.ShareAccess = request->share;
    } else if (request->major == IRP_MJ_DEVICE_CONTROL) {
        fill_control(request, stack);
    }
}

static struct request *find(const void *irp)
{
    struct request *request = in_flight;
    while (request != NULL && request->irp != irp) {
        request = request->next;
    }
    return request;
}

bool irp_is_live(const void *irp)
{
    host_lock();
    const struct request *request = find(irp);
    const bool live = request != NULL && !request->completed;
    host_unlock();
    return live;
}

static void check_output(struct request *request)
{
    for (ULONG i = request->out_size; i < request->buffer_size; i++) {
        if (request->buffer[i] != request->original[i]) {
            verifier_report(FINDING_BUFFER_OVERRUN,
                            "byte %lu of the buffer was written, the output is %lu long", i,
                            request->out_size);
            break;
        }
    }
    /* A warning may bring bytes; an error must not. */
    if (NT_ERROR(request->status) && request->information != 0) {
        verifier_report(FINDING_INFORMATION, "Information %llu with status 0x%08lX",
                        request->information, request->status);
    }
    if (request->information > request->out_size) {
        verifier_report(FINDING_INFORMATION,
                        "Information %llu for an output of %lu: the caller's memory is overwritten",
                        request->information, request->out_size);
        request->information = request->out_size;
    }
    /* Copied back for success and warnings, not for errors. */
    if (!NT_ERROR(request->status) && request->buffer != NULL && request->out != NULL &&
        (request->code & 3) == METHOD_BUFFERED) {
        memcpy(request->out, request->buffer,
               min(request->information, (ULONG_PTR)request->buffer_size));
    }
}

void irp_seen_below(PIRP irp)
{
    host_lock();
    find(irp)->seen_below = true;
    host_unlock();
}

void irp_pended_below(PIRP irp)
{
    host_lock();
    struct request *request = find(irp);
    request->pended_below = true;
    request->kept_below = true;
    host_unlock();
}

void irp_completed_below(PIRP irp)
{
    host_lock();
    find(irp)->kept_below = false;
    host_unlock();
    irp_completed(irp);
}

/* Source: Microsoft, "Passing IRPs down the Driver Stack": passed on, an IRP is the lower one's. */
static bool is_kept_below(PIRP irp)
{
    host_lock();
    const struct request *request = find(irp);
    const bool kept = request != NULL && request->kept_below;
    host_unlock();
    return kept;
}

/*
 * Up the stack, each completion routine in its turn; false when one wants the IRP back. Source:
 * Microsoft, "Using IRP Completion Routines".
 */
static bool go_up(PIRP irp)
{
    while (irp->CurrentLocation <= irp->StackCount) {
        PIO_STACK_LOCATION stack = irp->Tail.Overlay.CurrentStackLocation++;
        const UCHAR wanted =
            NT_SUCCESS(irp->IoStatus.Status) ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR;
        irp->CurrentLocation++;
        irp->PendingReturned = (stack->Control & SL_PENDING_RETURNED) != 0;
        if (stack->CompletionRoutine == NULL || (stack->Control & wanted) == 0) {
            continue;
        }
        struct driver_call call = {.doing = "completion routine",
                                   .function = (const void *)(ULONG_PTR)stack->CompletionRoutine,
                                   .argument = {NULL, irp, stack->Context}};
        stack->CompletionRoutine = NULL;
        driver_call(&call);
        if ((NTSTATUS)call.result == STATUS_MORE_PROCESSING_REQUIRED) {
            return false;
        }
    }
    return true;
}

void irp_completed(PIRP irp)
{
    if (is_kept_below(irp)) {
        verifier_report(FINDING_IRP_NOT_OWNED, "IoCompleteRequest(%p): the bus driver has it",
                        (void *)irp);
        return;
    }
    if (irp_is_live(irp) && !go_up(irp)) {
        return;
    }
    host_lock();
    struct request *request = find(irp);
    if (request == NULL || request->completed) {
        verifier_report(FINDING_IRP_TWICE, "IoCompleteRequest(%p): %s", (void *)irp,
                        request == NULL ? "no such IRP in flight" : "completed before");
        host_unlock();
        return;
    }
    request->completed = true;
    request->status = irp->IoStatus.Status;
    request->information = irp->IoStatus.Information;
    if (request->status == STATUS_PENDING) {
        verifier_report(FINDING_IRP_PENDING, "completed with STATUS_PENDING");
    }
    if (irp->CancelRoutine != NULL) {
        verifier_report(FINDING_ARGUMENT, "completed with a cancel routine set");
    }
    if (request->major == IRP_MJ_DEVICE_CONTROL) {
        check_output(request);
    } else if (!NT_SUCCESS(request->status) && request->information != 0) {
        verifier_report(FINDING_INFORMATION, "Information %llu with status 0x%08lX",
                        request->information, request->status);
    }
    pool_free(irp, POOL_IRP, 0);
    if (request->buffer != NULL) {
        pool_free(request->buffer, POOL_BUFFER, 0);
    }
    host_unlock();
}

/* The bus driver's thread may be at it still. */
static void await_bus(const struct request *request)
{
    const uint32_t start_ms = host_tick_ms();
    host_lock();
    while (!request->completed && host_tick_ms() - start_ms < 10000) {
        host_wait(5);
    }
    host_unlock();
}

static void finish(struct request *request, const struct driver_call *call)
{
    const NTSTATUS returned = (NTSTATUS)call->result;
    const bool later = request->pended_below && returned == STATUS_PENDING;
    if (!request->completed) {
        if (call->exception == 0) {
            verifier_report(returned == STATUS_PENDING ? FINDING_IRP_PENDING : FINDING_IRP_LOST,
                            "%s: not completed when the dispatch routine returned 0x%08lX",
                            request->doing, returned);
        }
        pool_free(request->irp, POOL_IRP, 0);
        if (request->buffer != NULL) {
            pool_free(request->buffer, POOL_BUFFER, 0);
        }
        request->status = STATUS_UNSUCCESSFUL;
        request->information = 0;
    } else if (call->exception == 0 && returned != request->status && !later) {
        verifier_report(FINDING_IRP_STATUS, "%s: completed with 0x%08lX, returned 0x%08lX",
                        request->doing, request->status, returned);
    }
}

static void remove_request(struct request *request)
{
    host_lock();
    struct request **at = &in_flight;
    while (*at != request) {
        at = &(*at)->next;
    }
    *at = request->next;
    host_unlock();
}

void request_run(struct request *request)
{
    struct thread *thread = thread_current();
    const uint32_t irql = thread->irql;

    verifier_add(&verifier_counters.requests);
    describe(request);
    request->completed = false;
    request->seen_below = false;
    request->pended_below = false;
    request->kept_below = false;
    request->buffer = NULL;
    request->original = NULL;
    request->buffer_size = 0;
    make_irp(request);
    host_lock();
    request->next = in_flight;
    in_flight = request;
    host_unlock();

    struct driver_call call = {
        .doing = request->doing,
        .function = request->device->object->DriverObject->MajorFunction[request->major],
        .argument = {request->device->object, request->irp},
    };
    thread_set_irql(thread, request->irql);
    driver_call(&call);
    thread_set_irql(thread, irql);
    if (request->pended_below) {
        await_bus(request);
    }
    remove_request(request);
    finish(request, &call);
    free(request->original);
}
