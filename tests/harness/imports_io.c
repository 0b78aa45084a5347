/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: the I/O manager.
 */
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/irp.h"
#include "tests/harness/objects.h"
#include "tests/harness/verifier.h"

static NTSTATUS do_IoCreateDevice(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                                  DEVICE_TYPE type, ULONG characteristics, BOOLEAN exclusive,
                                  PDEVICE_OBJECT *device)
{
    return device_create(driver, extension_size, name, type, characteristics, exclusive, device);
}

static VOID do_IoDeleteDevice(PDEVICE_OBJECT device)
{
    device_delete(device);
}

static NTSTATUS do_IoCreateSymbolicLink(PUNICODE_STRING name, PUNICODE_STRING target)
{
    return link_create(name, target, false);
}

static NTSTATUS do_IoDeleteSymbolicLink(PUNICODE_STRING name)
{
    return link_delete(name);
}

static VOID do_IofCompleteRequest(PIRP irp, CCHAR boost)
{
    UNREFERENCED_PARAMETER(boost);
    irp_completed(irp);
}

static NTSTATUS do_IoValidateDeviceIoControlAccess(PIRP irp, ULONG required)
{
    if (!irp_is_live(irp)) {
        verifier_report(FINDING_ARGUMENT, "IoValidateDeviceIoControlAccess: not an IRP in flight");
        return STATUS_INVALID_PARAMETER;
    }
    if ((required & ~(ULONG)(FILE_READ_ACCESS | FILE_WRITE_ACCESS)) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    const UCHAR flags = IoGetCurrentIrpStackLocation(irp)->Flags;
    if ((required & FILE_READ_ACCESS) != 0 && (flags & SL_READ_ACCESS_GRANTED) == 0) {
        return STATUS_ACCESS_DENIED;
    }
    if ((required & FILE_WRITE_ACCESS) != 0 && (flags & SL_WRITE_ACCESS_GRANTED) == 0) {
        return STATUS_ACCESS_DENIED;
    }
    return STATUS_SUCCESS;
}

static const struct import rows[] = {
    IMPORT_FUNCTION(IoCreateDevice, IMPORT_KERNEL, BUILD_2000, 0, 1, fail_no_resources),
    IMPORT_FUNCTION(IoDeleteDevice, IMPORT_KERNEL, BUILD_2000, 0, 1, NULL),
    IMPORT_FUNCTION(IoCreateSymbolicLink, IMPORT_KERNEL, BUILD_2000, 0, 0, fail_no_resources),
    IMPORT_FUNCTION(IoDeleteSymbolicLink, IMPORT_KERNEL, BUILD_2000, 0, 0, fail_not_found),
    IMPORT_FUNCTION(IofCompleteRequest, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
    IMPORT_FUNCTION(IoValidateDeviceIoControlAccess, IMPORT_KERNEL, BUILD_2003, 0, 15, fail_denied),
};

IMPORT_PART(imports_io, rows);
