/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel objects a driver makes or touches: its driver object, devices, links, handles. Files
 * that see the kernel's structures include this; the rest of the harness includes lab.h.
 */
#ifndef HARNESS_OBJECTS_H
#define HARNESS_OBJECTS_H

#include <ntifs.h>

#include <stdbool.h>
#include <stdint.h>

#define OBJECT_NAME_MAX 96u

struct device {
    DEVICE_OBJECT *object; /* NULL: the slot is free */
    WCHAR name[OBJECT_NAME_MAX];
    bool named;    /* IoDeleteDevice takes the name away at once */
    bool foreign;  /* another driver's, for collisions */
    bool deleted;  /* gone once opens and references are */
    bool stopping; /* the driver is being unloaded: no new opens */
    bool reported; /* missing descriptor reported */
    uint32_t opens;
    uint32_t references;
    uint8_t *descriptor; /* what the driver put on it; NULL: the default one */
    size_t descriptor_size;
};

/* ---- Driver object -------------------------------------------------------------------------- */

/* A driver object as the I/O manager makes it: every major function refuses. */
PDRIVER_OBJECT driver_object_create(void *start, uint32_t size, void *entry);
void driver_object_delete(PDRIVER_OBJECT driver);

/* ---- Devices -------------------------------------------------------------------------------- */

NTSTATUS device_create(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                       DEVICE_TYPE type, ULONG characteristics, BOOLEAN exclusive,
                       PDEVICE_OBJECT *out);
void device_delete(PDEVICE_OBJECT object);

/* NULL: not a live device. */
struct device *device_of(const void *object);
/* By name, normalised; NULL: there is none. */
struct device *device_named(const WCHAR *name, size_t length);
/* Devices of the driver, deleted ones that are still open included; NULL past the last. */
struct device *device_at(uint32_t index);

/* Frees a deleted device nobody holds any more. */
void device_settle(struct device *device);

/* Reports a device that can be opened by name with the default descriptor. */
void device_check_descriptor(struct device *device, const char *when);

/* Copies a self-relative descriptor onto the device, generic rights mapped. False: malformed. */
bool device_set_descriptor(struct device *device, const void *descriptor);

/* The other driver that has a name, for scenarios. */
void device_create_foreign(const WCHAR *name);
void device_delete_foreign(void);

/* ---- Links ---------------------------------------------------------------------------------- */

NTSTATUS link_create(const UNICODE_STRING *name, const UNICODE_STRING *target, bool foreign);
NTSTATUS link_delete(const UNICODE_STRING *name);
/* The device a link leads to, NULL if there is no such link; `*exists` tells the difference. */
struct device *link_follow(const WCHAR *name, size_t length, bool *exists);
/* Takes every link away without a word; a scenario's clean-up. */
void link_clear(void);

/* ---- Handles and references ----------------------------------------------------------------- */

enum handle_kind {
    HANDLE_FREE,
    HANDLE_DEVICE,
    HANDLE_KEY,
};

struct handle {
    uint8_t kind; /* enum handle_kind */
    ACCESS_MASK access;
    struct device *device;
    uint32_t key; /* enum registry_key */
};

HANDLE handle_create(struct handle handle);
/* NULL, and reported, if it is not open, of another kind or lacks `access`. */
struct handle *handle_of(HANDLE value, enum handle_kind kind, ACCESS_MASK access, const char *who);
bool handle_close(HANDLE value);

/*
 * Reports what the driver should have given back: pool is not among it. `failed_load`: the same
 * after a DriverEntry that failed.
 */
void objects_report_left(bool failed_load);

#endif
