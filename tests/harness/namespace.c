/* SPDX-License-Identifier: Apache-2.0
 *
 * Symbolic links, handles, and what is left of all objects at unload.
 */
#include "tests/harness/objects.h"
#include "tests/harness/host.h"
#include "tests/harness/registry.h"
#include "tests/harness/verifier.h"

#include <string.h>

#define LINKS_MAX   8u
#define HANDLES_MAX 64u

/* Kernel handles have the sign bit set. */
#define HANDLE_BASE 0xFFFFFFFF80000000u

struct link {
    bool live;
    bool foreign;
    WCHAR name[OBJECT_NAME_MAX];
    WCHAR target[OBJECT_NAME_MAX];
};

static struct link links[LINKS_MAX];
static struct handle handles[HANDLES_MAX];

/* \DosDevices is itself a link to \??. */
static size_t normalise(WCHAR out[OBJECT_NAME_MAX], const WCHAR *name, size_t length)
{
    static const WCHAR dos[] = L"\\DosDevices\\";
    static const WCHAR global[] = L"\\??\\";
    const size_t dos_length = name_length(dos);
    const size_t global_length = name_length(global);
    size_t used = 0;
    if (length > dos_length && names_equal(name, dos_length, dos, dos_length)) {
        memcpy(out, global, global_length * sizeof(WCHAR));
        used = global_length;
        name += dos_length;
        length -= dos_length;
    }
    if (used + length >= OBJECT_NAME_MAX) {
        length = OBJECT_NAME_MAX - 1 - used;
    }
    memcpy(out + used, name, length * sizeof(WCHAR));
    out[used + length] = 0;
    return used + length;
}

static struct link *find_link(const WCHAR *name, size_t length)
{
    WCHAR wanted[OBJECT_NAME_MAX];
    const size_t wanted_length = normalise(wanted, name, length);
    for (uint32_t i = 0; i < LINKS_MAX; i++) {
        if (links[i].live &&
            names_equal(links[i].name, name_length(links[i].name), wanted, wanted_length)) {
            return &links[i];
        }
    }
    return NULL;
}

static struct link *free_link(void)
{
    for (uint32_t i = 0; i < LINKS_MAX; i++) {
        if (!links[i].live) {
            return &links[i];
        }
    }
    host_fatal("more than %u links", LINKS_MAX);
}

NTSTATUS link_create(const UNICODE_STRING *name, const UNICODE_STRING *target, bool foreign)
{
    struct link made = {.live = true, .foreign = foreign};
    normalise(made.name, name->Buffer, name->Length / sizeof(WCHAR));
    normalise(made.target, target->Buffer, target->Length / sizeof(WCHAR));
    host_lock();
    const bool exists = find_link(made.name, name_length(made.name)) != NULL;
    if (!exists) {
        *free_link() = made;
        struct device *device = device_named(made.target, name_length(made.target));
        if (device != NULL) {
            device_check_descriptor(device, "when its link was made");
        }
    }
    host_unlock();
    return exists ? STATUS_OBJECT_NAME_COLLISION : STATUS_SUCCESS;
}

NTSTATUS link_delete(const UNICODE_STRING *name)
{
    WCHAR wanted[OBJECT_NAME_MAX];
    const size_t length = normalise(wanted, name->Buffer, name->Length / sizeof(WCHAR));
    host_lock();
    struct link *link = find_link(wanted, length);
    if (link != NULL) {
        link->live = false;
    }
    host_unlock();
    if (link != NULL) {
        return STATUS_SUCCESS;
    }
    verifier_report(FINDING_LINK_DELETE, "IoDeleteSymbolicLink(%ls): there is no such link",
                    wanted);
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

struct device *link_follow(const WCHAR *name, size_t length, bool *exists)
{
    const struct link *link = find_link(name, length);
    *exists = link != NULL;
    return link == NULL ? NULL : device_named(link->target, name_length(link->target));
}

void link_clear(void)
{
    for (uint32_t i = 0; i < LINKS_MAX; i++) {
        links[i].live = false;
    }
}

/* ---- Handles -------------------------------------------------------------------------------- */

HANDLE handle_create(struct handle handle)
{
    for (uint32_t i = 0; i < HANDLES_MAX; i++) {
        if (handles[i].kind == HANDLE_FREE) {
            handles[i] = handle;
            if (handle.device != NULL) {
                handle.device->references++;
            }
            return (HANDLE)(ULONG_PTR)(HANDLE_BASE + 4ull * (i + 1));
        }
    }
    host_fatal("more than %u handles", HANDLES_MAX);
}

static struct handle *find_handle(HANDLE value)
{
    const uint64_t number = (uint64_t)(ULONG_PTR)value - HANDLE_BASE;
    if (number == 0 || number % 4 != 0 || number / 4 > HANDLES_MAX) {
        return NULL;
    }
    struct handle *handle = &handles[number / 4 - 1];
    return handle->kind == HANDLE_FREE ? NULL : handle;
}

struct handle *handle_of(HANDLE value, enum handle_kind kind, ACCESS_MASK access, const char *who)
{
    struct handle *handle = find_handle(value);
    if (handle == NULL || handle->kind != kind) {
        verifier_report(FINDING_HANDLE, "%s: %p is not an open handle of that kind", who, value);
        return NULL;
    }
    if ((handle->access & access) != access) {
        verifier_report(FINDING_HANDLE, "%s: handle opened with 0x%lX, needs 0x%lX", who,
                        handle->access, access);
        return NULL;
    }
    return handle;
}

bool handle_close(HANDLE value)
{
    struct handle *handle = find_handle(value);
    if (handle == NULL) {
        verifier_report(FINDING_HANDLE, "ZwClose: %p is not an open handle", value);
        return false;
    }
    handle->kind = HANDLE_FREE;
    if (handle->device != NULL) {
        handle->device->references--;
        device_settle(handle->device);
    }
    return true;
}

/* ---- What is left --------------------------------------------------------------------------- */

void objects_report_left(bool failed_load)
{
    const char *when = failed_load ? "after a DriverEntry that failed" : "after unload";
    for (uint32_t i = 0; i < HANDLES_MAX; i++) {
        if (handles[i].kind == HANDLE_FREE) {
            continue;
        }
        verifier_report(FINDING_HANDLE_LEFT, "%s: a handle to a %s is open", when,
                        handles[i].kind == HANDLE_KEY ? "key" : "device");
        handle_close((HANDLE)(ULONG_PTR)(HANDLE_BASE + 4ull * (i + 1)));
    }
    for (uint32_t i = 0; i < LINKS_MAX; i++) {
        if (links[i].live && !links[i].foreign) {
            verifier_report(FINDING_LINK_LEFT, "%s: link %ls is left", when, links[i].name);
        }
        links[i].foreign = links[i].live;
    }
    struct device *device;
    while ((device = device_at(0)) != NULL) {
        if (device->references != 0) {
            verifier_report(FINDING_REFERENCE_LEFT, "%s: %u references to a device are left", when,
                            device->references);
        } else {
            verifier_report(FINDING_DEVICE_LEFT, "%s: device %ls is left", when, device->name);
        }
        device->references = 0;
        device->opens = 0;
        if (!device->deleted) {
            device_delete(device->object);
        } else {
            device_settle(device);
        }
    }
}
