/* SPDX-License-Identifier: Apache-2.0
 *
 * The I/O manager's side of CreateFile, CloseHandle and DeviceIoControl.
 *
 * Sources: Microsoft, "Controlling Device Access", "Defining I/O Control Codes" (access bits),
 * "IRP_MJ_CREATE", "IRP_MJ_CLEANUP", "Buffer Descriptions for I/O Control Codes".
 */
#include "tests/harness/host.h"
#include "tests/harness/irp.h"
#include "tests/harness/lab.h"
#include "tests/harness/lifetime.h"
#include "tests/harness/objects.h"
#include "tests/harness/pool.h"
#include "tests/harness/registry.h"
#include "tests/harness/verifier.h"

#include <stdlib.h>
#include <string.h>

struct lab_file {
    struct lab_file *next; /* of all that are open */
    FILE_OBJECT *object;
    struct device *device;
    uint32_t access;
    KPROCESSOR_MODE mode;
    WCHAR *name;
};

static struct lab_file *open_files;

struct create_context {
    IO_SECURITY_CONTEXT security;
    ACCESS_STATE state;
    SECURITY_QUALITY_OF_SERVICE quality;
};

static struct create_context *make_context(const struct lab_open *how, uint32_t access)
{
    struct create_context *context = pool_allocate(POOL_OBJECT, sizeof(*context), 0);
    SECURITY_SUBJECT_CONTEXT *subject = &context->state.SubjectSecurityContext;
    context->security.SecurityQos = &context->quality;
    context->security.AccessState = &context->state;
    context->security.DesiredAccess = access;
    context->state.OriginalDesiredAccess = access;
    context->state.PreviouslyGrantedAccess = access;
    subject->PrimaryToken = (PACCESS_TOKEN)(ULONG_PTR)token_object(how->token);
    if (how->impersonating) {
        subject->ClientToken = (PACCESS_TOKEN)(ULONG_PTR)token_object(how->client);
        subject->ImpersonationLevel =
            how->identification_only ? SecurityIdentification : SecurityImpersonation;
    }
    return context;
}

static bool access_allowed(const struct lab_open *how, const struct device *device, uint32_t access)
{
    if (how->kernel && !how->force_access_check) {
        return true;
    }
    /* Without FILE_DEVICE_SECURE_OPEN a name behind the device's own is the driver's to check. */
    if (how->suffix != NULL && (device->object->Characteristics & FILE_DEVICE_SECURE_OPEN) == 0) {
        return true;
    }
    if (how->impersonating && how->identification_only) {
        return false;
    }
    size_t size = device->descriptor_size;
    const uint8_t *descriptor = device->descriptor;
    if (descriptor == NULL) {
        descriptor = descriptor_default_device(&size);
    }
    return descriptor_grants(descriptor, size, how->impersonating ? how->client : how->token,
                             access);
}

static FILE_OBJECT *make_file_object(const struct lab_open *how, const struct device *device,
                                     WCHAR **name)
{
    FILE_OBJECT *object = pool_allocate(POOL_OBJECT, sizeof(*object), 0);
    object->Type = IO_TYPE_FILE;
    object->Size = sizeof(*object);
    object->DeviceObject = device->object;
    object->Flags = how->overlapped ? 0 : FO_SYNCHRONOUS_IO;
    object->ReadAccess = TRUE;
    *name = NULL;
    if (how->suffix != NULL) {
        const size_t length = strlen(how->suffix);
        *name = pool_allocate(POOL_OBJECT, (length + 1) * sizeof(WCHAR), 0);
        for (size_t i = 0; i < length; i++) {
            (*name)[i] = (WCHAR)how->suffix[i];
        }
        object->FileName.Buffer = *name;
        object->FileName.Length = (USHORT)(length * sizeof(WCHAR));
        object->FileName.MaximumLength = object->FileName.Length;
    }
    return object;
}

/* One open less; the last one may be what a stop waits for. */
static void release_device(struct device *device)
{
    host_lock();
    device->opens--;
    device->object->ReferenceCount = (LONG)device->opens;
    device_settle(device);
    host_unlock();
    lifetime_handle_closed();
}

static void list_file(struct lab_file *file)
{
    host_lock();
    file->next = open_files;
    open_files = file;
    host_unlock();
}

static void unlist_file(struct lab_file *file)
{
    host_lock();
    struct lab_file **at = &open_files;
    while (*at != NULL && *at != file) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = file->next;
    }
    host_unlock();
}

static void free_file(struct lab_file *file)
{
    pool_free(file->object, POOL_OBJECT, 0);
    if (file->name != NULL) {
        pool_free(file->name, POOL_OBJECT, 0);
    }
    free(file);
}

static uint32_t create(const struct lab_open *how, struct device *device, uint32_t access,
                       struct lab_file **out)
{
    struct lab_file *file = malloc(sizeof(*file));
    if (file == NULL) {
        host_fatal("out of memory for a file");
    }
    *file = (struct lab_file){
        .device = device, .access = access, .mode = how->kernel ? KernelMode : UserMode};
    file->object = make_file_object(how, device, &file->name);
    struct create_context *context = make_context(how, access);
    struct request request = {
        .device = device,
        .file = file->object,
        .major = IRP_MJ_CREATE,
        .flags = how->kernel && how->force_access_check ? SL_FORCE_ACCESS_CHECK : 0,
        .mode = file->mode,
        .security = &context->security,
        .share = (USHORT)how->share,
    };
    request_run(&request);
    pool_free(context, POOL_OBJECT, 0);
    if (NT_SUCCESS(request.status)) {
        list_file(file);
        *out = file;
        return (uint32_t)request.status;
    }
    /* A file that was not opened is neither cleaned up nor closed. */
    free_file(file);
    release_device(device);
    return (uint32_t)request.status;
}

/* What the object manager decides before the driver is asked; counts the open on success. */
static uint32_t acquire_device(const struct lab_open *how, uint32_t access, struct device **out)
{
    static const WCHAR legacy[] = L"\\??\\ScaphandreDriver", energy[] = L"\\??\\RaplEnergy";
    const WCHAR *link = how->energy ? energy : legacy;
    bool exists;
    struct device *device = link_follow(link, name_length(link), &exists);
    if (device == NULL || device->foreign) {
        return LAB_OBJECT_NAME_NOT_FOUND;
    }
    if (device->stopping || (device->object->Flags & DO_DEVICE_INITIALIZING) != 0) {
        return LAB_NO_SUCH_DEVICE;
    }
    if ((device->object->Flags & DO_EXCLUSIVE) != 0 && device->opens != 0) {
        return LAB_ACCESS_DENIED;
    }
    if (!access_allowed(how, device, access)) {
        return LAB_ACCESS_DENIED;
    }
    device->opens++;
    device->object->ReferenceCount = (LONG)device->opens;
    *out = device;
    return LAB_SUCCESS;
}

uint32_t lab_open(const struct lab_open *how, struct lab_file **file)
{
    struct device *device = NULL;
    const uint32_t access = map_generic(how->access, &file_mapping);
    host_lock();
    const uint32_t status = acquire_device(how, access, &device);
    host_unlock();
    return status == LAB_SUCCESS ? create(how, device, access, file) : status;
}

uint32_t lab_open_as(enum caller token, struct lab_file **file)
{
    const struct lab_open how = {.token = token, .access = LAB_GENERIC_READ | LAB_GENERIC_WRITE};
    return lab_open(&how, file);
}

static void send_plain(struct lab_file *file, UCHAR major)
{
    struct request request = {
        .device = file->device, .file = file->object, .major = major, .mode = file->mode};
    request_run(&request);
    if (!NT_SUCCESS(request.status)) {
        verifier_report(FINDING_STATUS, "%s failed with 0x%08lX; nobody can act on that",
                        request.doing, request.status);
    }
}

void lab_close(struct lab_file *file)
{
    struct device *device = file->device;
    unlist_file(file);
    send_plain(file, IRP_MJ_CLEANUP);
    send_plain(file, IRP_MJ_CLOSE);
    free_file(file);
    release_device(device);
}

uint32_t lab_close_all(void)
{
    uint32_t count = 0;
    for (; open_files != NULL; count++) {
        lab_close(open_files);
    }
    return count;
}

/* The flags IoValidateDeviceIoControlAccess looks at. */
static UCHAR granted_flags(uint32_t access)
{
    return (UCHAR)(((access & FILE_READ_DATA) != 0 ? SL_READ_ACCESS_GRANTED : 0) |
                   ((access & FILE_WRITE_DATA) != 0 ? SL_WRITE_ACCESS_GRANTED : 0));
}

void lab_control(struct lab_file *file, const struct lab_control *control,
                 struct lab_answer *answer)
{
    const uint32_t wanted = control->code >> 14 & 3;
    uint32_t held = 0;
    memset(answer, 0, sizeof(*answer));
    memset(answer->out, 0xEE, sizeof(answer->out));
    if ((file->access & FILE_READ_DATA) != 0) {
        held |= FILE_READ_ACCESS;
    }
    if ((file->access & FILE_WRITE_DATA) != 0) {
        held |= FILE_WRITE_ACCESS;
    }
    if (file->mode == UserMode && (held & wanted) != wanted) {
        answer->status = LAB_ACCESS_DENIED;
        return;
    }
    struct request request = {
        .device = file->device,
        .file = file->object,
        .major = IRP_MJ_DEVICE_CONTROL,
        .flags = granted_flags(file->access),
        .mode = file->mode,
        .irql = (KIRQL)control->irql,
        .code = control->code,
        .in = control->in,
        .in_size = control->in_size,
        .out = control->out != NULL ? control->out : answer->out,
        .out_size = control->out_size,
    };
    request_run(&request);
    answer->dispatched = true;
    answer->status = (uint32_t)request.status;
    answer->returned = (uint32_t)request.information;
}

void lab_close_stranger(struct lab_file *file)
{
    FILE_OBJECT stranger = *file->object;
    struct request request = {
        .device = file->device, .file = &stranger, .major = IRP_MJ_CLOSE, .mode = KernelMode};
    stranger.FsContext = NULL;
    request_run(&request);
}

uint32_t lab_major(struct lab_file *file, uint8_t major, uint8_t minor)
{
    struct request request = {.device = file->device,
                              .file = file->object,
                              .major = major,
                              .minor = minor,
                              .mode = KernelMode};
    request_run(&request);
    return (uint32_t)request.status;
}
