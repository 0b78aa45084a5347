/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading and stopping as the I/O manager and the service manager do it. Source: Microsoft,
 * NtUnloadDriver's documented effects: new opens fail at once, DriverUnload is called when no
 * device is open any more.
 */
#include "tests/harness/lifetime.h"
#include "tests/harness/call.h"
#include "tests/harness/host.h"
#include "tests/harness/image.h"
#include "tests/harness/imports.h"
#include "tests/harness/kernel.h"
#include "tests/harness/lab.h"
#include "tests/harness/machine.h"
#include "tests/harness/objects.h"
#include "tests/harness/pnp.h"
#include "tests/harness/pool.h"
#include "tests/harness/registry.h"
#include "tests/harness/verifier.h"

#include <stdio.h>
#include <string.h>

static const uint8_t *driver_file;
static size_t driver_file_size;

static struct {
    enum lab_state state;
    struct image *image;
    PDRIVER_OBJECT driver;
} service;

void lab_driver_file(const uint8_t *file, size_t size)
{
    driver_file = file;
    driver_file_size = size;
}

bool lab_image_runs(char *why, size_t why_size)
{
    struct image *image = image_load(driver_file, driver_file_size, why, why_size);
    if (image != NULL) {
        image_unload(image);
    }
    return image != NULL;
}

const uint8_t *lab_driver_bytes(size_t *size)
{
    *size = driver_file_size;
    return driver_file;
}

enum lab_state lab_state(void)
{
    return service.state;
}

static void give_back(bool failed_load)
{
    if (failed_load && service.driver->DriverUnload != NULL) {
        verifier_report(FINDING_UNLOAD_FAILED,
                        "DriverEntry failed with DriverUnload set: it is not called then");
    }
    kernel_report_left(failed_load ? "after a DriverEntry that failed" : "after unload");
    objects_report_left(failed_load);
    pool_report_left();
    driver_object_delete(service.driver);
    image_unload(service.image);
    service.image = NULL;
    service.driver = NULL;
    service.state = LAB_STOPPED;
}

static bool is_pnp(void)
{
    return service.driver != NULL && service.driver->DriverExtension->AddDevice != NULL;
}

static bool wants_pnp(void)
{
    static const WCHAR name[] = L"Mode";
    const struct registry_value *value = registry_value(REGISTRY_PARAMETERS, name, 4);
    return value != NULL && value->type == REGISTRY_TYPE_DWORD && value->size == 4 &&
           value->data[0] == 1 && value->data[1] == 0 && value->data[2] == 0 && value->data[3] == 0;
}

static void after_entry(void)
{
    struct device *device;
    for (uint32_t i = 0; (device = device_at(i)) != NULL; i++) {
        device_check_descriptor(device, "when DriverEntry returned");
        device->object->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    }
    if (service.driver->DriverUnload == NULL) {
        verifier_report(FINDING_NO_UNLOAD, "no DriverUnload: the service cannot be stopped");
    }
    if (wants_pnp() && !import_fail_fired()) { /* or it could not read its key */
        if (service.driver->DriverExtension->AddDevice == NULL || device_at(0) != NULL) {
            verifier_report(FINDING_CHECK, "Mode=1: no AddDevice, or DriverEntry made a device");
        }
    } else if (!wants_pnp() && is_pnp()) {
        verifier_report(FINDING_NO_UNLOAD,
                        "AddDevice is set: Windows refuses to stop the service of such a driver");
    }
    image_discard_init(service.image);
    service.state = LAB_RUNNING;
}

uint32_t lab_load(void)
{
    char why[160];
    const uint64_t cpuid_before = verifier_counters.cpuid;
    verifier_add(&verifier_counters.loads);
    service.image = image_load(driver_file, driver_file_size, why, sizeof(why));
    if (service.image == NULL) {
        verifier_report(FINDING_CHECK, "the image cannot be run: %s", why);
        return LAB_INVALID_PARAMETER;
    }
    uint8_t *entry = service.image->base + service.image->entry_rva;
    service.driver =
        driver_object_create(service.image->base, (uint32_t)service.image->size, entry);

    /* On the stack's copy: the path is the caller's and gone after DriverEntry. */
    const USHORT length = (USHORT)(name_length(registry_service_path) * sizeof(WCHAR));
    UNICODE_STRING *path = pool_allocate(POOL_OBJECT, sizeof(*path) + length, 0);
    path->Buffer = (WCHAR *)(path + 1);
    path->Length = length;
    path->MaximumLength = length;
    memcpy(path->Buffer, registry_service_path, length);

    struct driver_call call = {
        .doing = "DriverEntry", .function = entry, .argument = {service.driver, path}};
    const bool returned = driver_call(&call);
    pool_free(path, POOL_OBJECT, 0);

    const NTSTATUS status = returned ? (NTSTATUS)call.result : STATUS_UNSUCCESSFUL;
    if (!NT_SUCCESS(status)) {
        give_back(true);
        return (uint32_t)status;
    }
    if (service.image->cpuid_rva != 0 && verifier_counters.cpuid == cpuid_before) {
        verifier_report(FINDING_CHECK,
                        "the bytes 0F A2 at +0x%X were rewritten and no cpuid came from there",
                        service.image->cpuid_rva);
    }
    after_entry();
    return (uint32_t)status;
}

static bool anything_open(void)
{
    const struct device *device;
    for (uint32_t i = 0; (device = device_at(i)) != NULL; i++) {
        if (device->opens != 0) {
            return true;
        }
    }
    return false;
}

static void unload(void)
{
    struct driver_call call = {.doing = "DriverUnload",
                               .function = (const void *)(ULONG_PTR)service.driver->DriverUnload,
                               .argument = {service.driver, NULL}};
    if (call.function != NULL) {
        driver_call(&call);
    }
    give_back(false);
}

/* True for the one caller who has to unload now. */
static bool may_unload(void)
{
    host_lock();
    const bool now = service.state == LAB_STOP_PENDING && !anything_open();
    if (now) {
        service.state = LAB_UNLOADING;
    }
    host_unlock();
    return now;
}

enum lab_state lab_stop(void)
{
    if (is_pnp()) {
        return service.state; /* Windows refuses: such a driver goes with its last device */
    }
    host_lock();
    if (service.state == LAB_RUNNING) {
        struct device *device;
        for (uint32_t i = 0; (device = device_at(i)) != NULL; i++) {
            device->stopping = true;
        }
        service.state = LAB_STOP_PENDING;
    }
    host_unlock();
    if (may_unload()) {
        unload();
    }
    return service.state;
}

void lifetime_handle_closed(void)
{
    if (may_unload()) {
        unload();
    }
}

PDRIVER_OBJECT lifetime_driver(void)
{
    return service.driver;
}

void lifetime_in_use(void)
{
    host_lock();
    if (service.state == LAB_STOP_PENDING) {
        service.state = LAB_RUNNING;
    }
    host_unlock();
}

void lifetime_device_removed(void)
{
    host_lock();
    const bool last = is_pnp() && service.state == LAB_RUNNING && !pnp_any_attached();
    if (last) {
        service.state = LAB_STOP_PENDING;
    }
    host_unlock();
    if (last && may_unload()) {
        unload();
    }
}

void lab_reset(void)
{
    lab_pnp_remove_all();
    pnp_settle();
    const uint32_t left_open = lab_close_all();
    if (left_open != 0) {
        verifier_report(FINDING_CHECK, "the scenario left %u handles open", left_open);
    }
    lab_stop();
    if (is_pnp() && service.state == LAB_RUNNING) {
        lifetime_device_removed(); /* it never had a device */
    }
    device_delete_foreign();
    link_clear();
    registry_reset();
    machine_clear_overrides();
}

/* ---- What the world looks like -------------------------------------------------------------- */

static WCHAR device_name[] = L"\\Device\\ScaphandreDriver";
static WCHAR link_name[] = L"\\??\\ScaphandreDriver";
static WCHAR energy_device_name[] = L"\\Device\\RaplEnergy";
static WCHAR energy_link_name[] = L"\\??\\RaplEnergy";

static void make_stale_link(const UNICODE_STRING name, const UNICODE_STRING target)
{
    link_create(&name, &target, true);
}

void lab_stale_link(void)
{
    make_stale_link((UNICODE_STRING)RTL_CONSTANT_STRING(link_name),
                    (UNICODE_STRING)RTL_CONSTANT_STRING(device_name));
}

void lab_stale_energy_link(void)
{
    make_stale_link((UNICODE_STRING)RTL_CONSTANT_STRING(energy_link_name),
                    (UNICODE_STRING)RTL_CONSTANT_STRING(energy_device_name));
}

void lab_foreign_device(bool with_link)
{
    device_create_foreign(device_name);
    if (with_link) {
        lab_stale_link();
    }
}

void lab_foreign_energy_device(bool with_link)
{
    device_create_foreign(energy_device_name);
    if (with_link) {
        lab_stale_energy_link();
    }
}

bool lab_link_exists(bool *reaches_device)
{
    bool exists;
    *reaches_device = link_follow(link_name, name_length(link_name), &exists) != NULL;
    return exists;
}

bool lab_energy_link_exists(bool *reaches_device)
{
    bool exists;
    *reaches_device = link_follow(energy_link_name, name_length(energy_link_name), &exists) != NULL;
    return exists;
}

uint32_t lab_device_count(void)
{
    uint32_t count = 0;
    while (device_at(count) != NULL) {
        count++;
    }
    return count;
}

static const uint8_t *descriptor_of(const struct device *device, size_t *size)
{
    if (device == NULL || device->descriptor == NULL) {
        return NULL;
    }
    *size = device->descriptor_size;
    return device->descriptor;
}

const uint8_t *lab_descriptor(size_t *size)
{
    return descriptor_of(device_at(0), size);
}

const uint8_t *lab_energy_descriptor(size_t *size)
{
    return descriptor_of(device_named(energy_device_name, name_length(energy_device_name)), size);
}
