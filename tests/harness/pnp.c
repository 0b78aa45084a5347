/* SPDX-License-Identifier: Apache-2.0
 *
 * Physical devices and the root bus driver; imports that attach to them and call them.
 */
#include "tests/harness/pnp.h"
#include "tests/harness/call.h"
#include "tests/harness/failing.h"
#include "tests/harness/host.h"
#include "tests/harness/imports.h"
#include "tests/harness/irp.h"
#include "tests/harness/lab.h"
#include "tests/harness/lifetime.h"
#include "tests/harness/thread.h"
#include "tests/harness/verifier.h"

#include <string.h>

#define LATER_MAX 32u

static DEVICE_OBJECT physical[LAB_INSTANCES];
static struct lab_bus bus = {.start_status = LAB_SUCCESS};
static struct host_thread *later[LATER_MAX];
static uint32_t later_count;

void lab_bus_behaves(const struct lab_bus *how)
{
    bus = *how;
}

/* ---- The stack ------------------------------------------------------------------------------ */

static PDEVICE_OBJECT physical_of(const void *device)
{
    for (uint32_t i = 0; i < LAB_INSTANCES; i++) {
        if (device == &physical[i]) {
            return &physical[i];
        }
    }
    return NULL;
}

PDEVICE_OBJECT pnp_attached(const void *device)
{
    const DEVICE_OBJECT *found = physical_of(device);
    return found != NULL ? found->AttachedDevice : NULL;
}

bool pnp_is_attached(const void *device)
{
    for (uint32_t i = 0; i < LAB_INSTANCES; i++) {
        if (device != NULL && physical[i].AttachedDevice == device) {
            return true;
        }
    }
    return false;
}

bool pnp_any_attached(void)
{
    for (uint32_t i = 0; i < LAB_INSTANCES; i++) {
        if (physical[i].AttachedDevice != NULL) {
            return true;
        }
    }
    return false;
}

static PDEVICE_OBJECT do_IoAttachDeviceToDeviceStack(PDEVICE_OBJECT source, PDEVICE_OBJECT target)
{
    PDEVICE_OBJECT lower = physical_of(target);
    if (lower == NULL || device_of(source) == NULL) {
        verifier_report(FINDING_ARGUMENT, "IoAttachDeviceToDeviceStack: %s",
                        lower == NULL ? "not a physical device" : "not a device of the driver");
        return NULL;
    }
    if (lower->AttachedDevice != NULL) {
        verifier_report(FINDING_ARGUMENT, "IoAttachDeviceToDeviceStack: attached twice");
        return NULL;
    }
    lower->AttachedDevice = source;
    source->StackSize = (CCHAR)(lower->StackSize + 1);
    source->AlignmentRequirement = lower->AlignmentRequirement;
    return lower;
}

static VOID do_IoDetachDevice(PDEVICE_OBJECT target)
{
    PDEVICE_OBJECT lower = physical_of(target);
    if (lower == NULL || lower->AttachedDevice == NULL) {
        verifier_report(FINDING_ARGUMENT, "IoDetachDevice: nothing is attached to that");
        return;
    }
    lower->AttachedDevice = NULL;
}

/* ---- The bus driver ------------------------------------------------------------------------- */

/* Those a function driver must have set to success before it passes them on. */
static bool is_told(UCHAR minor)
{
    return minor == IRP_MN_QUERY_STOP_DEVICE || minor == IRP_MN_STOP_DEVICE ||
           minor == IRP_MN_CANCEL_STOP_DEVICE || minor == IRP_MN_QUERY_REMOVE_DEVICE ||
           minor == IRP_MN_CANCEL_REMOVE_DEVICE || minor == IRP_MN_REMOVE_DEVICE ||
           minor == IRP_MN_SURPRISE_REMOVAL;
}

static void check_status_below(const PIRP irp, const IO_STACK_LOCATION *stack)
{
    const NTSTATUS expected = stack->MajorFunction == IRP_MJ_PNP && is_told(stack->MinorFunction)
                                  ? STATUS_SUCCESS
                                  : STATUS_NOT_SUPPORTED;
    if (irp->IoStatus.Status != expected) {
        verifier_report(FINDING_IRP_STATUS,
                        "major %u minor %u passed down with 0x%08lX, not 0x%08lX",
                        stack->MajorFunction, stack->MinorFunction, irp->IoStatus.Status, expected);
    }
}

static void handle(PIRP irp, const IO_STACK_LOCATION *stack)
{
    if (stack->MajorFunction == IRP_MJ_POWER) {
        irp->IoStatus.Status = STATUS_SUCCESS;
    } else if (stack->MajorFunction == IRP_MJ_PNP &&
               (is_told(stack->MinorFunction) || stack->MinorFunction == IRP_MN_START_DEVICE)) {
        irp->IoStatus.Status = stack->MinorFunction == IRP_MN_START_DEVICE
                                   ? (NTSTATUS)bus.start_status
                                   : STATUS_SUCCESS;
    }
}

/* Late enough for a driver that does not wait to have gone on. */
#define LATER_MS 20u

static void complete_later(void *argument)
{
    PIRP irp = argument;
    struct thread *thread = thread_current();
    const uint32_t begin_ms = host_tick_ms();

    host_lock();
    while (host_tick_ms() - begin_ms < LATER_MS) {
        host_wait(LATER_MS);
    }
    host_unlock();
    thread_set_irql(thread, THREAD_DISPATCH_LEVEL);
    handle(irp, IoGetCurrentIrpStackLocation(irp));
    irp_completed_below(irp);
    thread_set_irql(thread, THREAD_PASSIVE_LEVEL);
    thread_end();
}

void pnp_settle(void)
{
    for (uint32_t i = 0; i < later_count; i++) {
        host_thread_join(later[i]);
    }
    later_count = 0;
}

static NTSTATUS do_IofCallDriver(PDEVICE_OBJECT device, PIRP irp)
{
    if (physical_of(device) == NULL || !irp_is_live(irp)) {
        verifier_report(FINDING_ARGUMENT, "IoCallDriver: %s",
                        physical_of(device) == NULL ? "not the lower device" : "not a live IRP");
        return STATUS_INVALID_PARAMETER;
    }
    if (--irp->CurrentLocation <= 0) {
        verifier_report(FINDING_ARGUMENT, "IoCallDriver: no stack location is left");
        irp->CurrentLocation++;
        return STATUS_INVALID_PARAMETER;
    }
    PIO_STACK_LOCATION stack = --irp->Tail.Overlay.CurrentStackLocation;
    stack->DeviceObject = device;
    irp_seen_below(irp);
    check_status_below(irp, stack);
    if (bus.completes_later && later_count < LATER_MAX) {
        stack->Control |= SL_PENDING_RETURNED;
        irp_pended_below(irp);
        host_lock();
        later[later_count++] = host_thread_start(complete_later, irp);
        host_unlock();
        return STATUS_PENDING;
    }
    handle(irp, stack);
    const NTSTATUS status = irp->IoStatus.Status;
    irp_completed(irp);
    return status;
}

/* ---- The Plug and Play manager -------------------------------------------------------------- */

static void check_function_device(PDEVICE_OBJECT device, ULONG power_flags)
{
    if ((device->Flags & DO_DEVICE_INITIALIZING) != 0) {
        verifier_report(FINDING_CHECK, "AddDevice left DO_DEVICE_INITIALIZING set");
    }
    if ((device->Flags & (DO_POWER_PAGABLE | DO_POWER_INRUSH)) != power_flags) {
        verifier_report(FINDING_CHECK, "the power flags are not the bus driver's");
    }
}

uint32_t lab_pnp_add(uint32_t instance)
{
    PDRIVER_OBJECT driver = lifetime_driver();
    PDEVICE_OBJECT device = &physical[instance];
    if (driver == NULL || driver->DriverExtension->AddDevice == NULL) {
        return LAB_NO_SUCH_DEVICE;
    }
    memset(device, 0, sizeof(*device));
    device->Type = IO_TYPE_DEVICE;
    device->StackSize = 1;
    device->Flags = bus.pageable ? DO_POWER_PAGABLE : 0;
    lifetime_in_use();
    struct driver_call call = {.doing = "AddDevice",
                               .function =
                                   (const void *)(ULONG_PTR)driver->DriverExtension->AddDevice,
                               .argument = {driver, device}};
    const NTSTATUS status = driver_call(&call) ? (NTSTATUS)call.result : STATUS_UNSUCCESSFUL;
    if (NT_SUCCESS(status) != (device->AttachedDevice != NULL)) {
        verifier_report(FINDING_CHECK, "AddDevice: 0x%08lX, and %s attached", status,
                        device->AttachedDevice != NULL ? "something is" : "nothing is");
    }
    if (device->AttachedDevice != NULL) {
        check_function_device(device->AttachedDevice, device->Flags & DO_POWER_PAGABLE);
    } else {
        lifetime_device_removed();
    }
    return (uint32_t)status;
}

static uint32_t send(uint32_t instance, UCHAR major, UCHAR minor, uint32_t irql)
{
    const bool goes_down =
        major == IRP_MJ_PNP || major == IRP_MJ_POWER || major == IRP_MJ_SYSTEM_CONTROL;
    struct device *top = device_of(physical[instance].AttachedDevice);
    if (top == NULL) {
        return LAB_NO_SUCH_DEVICE;
    }
    struct request request = {
        .device = top, .major = major, .minor = minor, .mode = KernelMode, .irql = (KIRQL)irql};
    request_run(&request);
    if (request.seen_below != goes_down) {
        verifier_report(FINDING_CHECK, "%s minor %u %s the bus driver", request.doing, minor,
                        goes_down ? "did not reach" : "reached");
    }
    return (uint32_t)request.status;
}

uint32_t lab_pnp(uint32_t instance, uint8_t minor)
{
    const uint32_t status = send(instance, IRP_MJ_PNP, minor, PASSIVE_LEVEL);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        if (physical[instance].AttachedDevice != NULL) {
            verifier_report(FINDING_DEVICE_LEFT, "removed, and still attached");
            physical[instance].AttachedDevice = NULL;
        }
        lifetime_device_removed();
    }
    return status;
}

uint32_t lab_power(uint32_t instance, uint8_t minor, uint32_t irql)
{
    return send(instance, IRP_MJ_POWER, minor, irql);
}

uint32_t lab_wmi(uint32_t instance, uint8_t minor)
{
    return send(instance, IRP_MJ_SYSTEM_CONTROL, minor, PASSIVE_LEVEL);
}

uint32_t lab_function_major(uint32_t instance, uint8_t major)
{
    return send(instance, major, 0, PASSIVE_LEVEL);
}

void lab_pnp_remove_all(void)
{
    bus = (struct lab_bus){.start_status = LAB_SUCCESS};
    for (uint32_t i = 0; i < LAB_INSTANCES; i++) {
        if (device_of(physical[i].AttachedDevice) != NULL) {
            lab_pnp(i, IRP_MN_REMOVE_DEVICE);
        }
    }
}

static const struct import rows[] = {
    IMPORT_FUNCTION(IoAttachDeviceToDeviceStack, IMPORT_KERNEL, BUILD_2000, 0, 2, fail_null),
    IMPORT_FUNCTION(IoDetachDevice, IMPORT_KERNEL, BUILD_2000, 0, 0, NULL),
    IMPORT_FUNCTION(IofCallDriver, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
};

IMPORT_PART(imports_pnp, rows);
