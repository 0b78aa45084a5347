/* SPDX-License-Identifier: Apache-2.0
 *
 * What scenarios do to a driver: load it, open it, send requests, stop it. No kernel and no Windows
 * header is needed. Statuses are NTSTATUS values.
 */
#ifndef HARNESS_LAB_H
#define HARNESS_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/harness/security.h"
#include "tests/harness/thread.h"

#define LAB_SUCCESS                0x00000000u
#define LAB_BUFFER_OVERFLOW        0x80000005u
#define LAB_REVISION_MISMATCH      0xC0000059u
#define LAB_DEVICE_NOT_READY       0xC00000A3u
#define LAB_ACCESS_DENIED          0xC0000022u
#define LAB_INVALID_PARAMETER      0xC000000Du
#define LAB_NO_SUCH_DEVICE         0xC000000Eu
#define LAB_INVALID_DEVICE_REQUEST 0xC0000010u
#define LAB_BUFFER_TOO_SMALL       0xC0000023u
#define LAB_OBJECT_NAME_NOT_FOUND  0xC0000034u
#define LAB_OBJECT_NAME_COLLISION  0xC0000035u
#define LAB_ALREADY_ATTACHED       0xC0000038u
#define LAB_NOT_CONNECTED          0xC000009Du
#define LAB_INSUFFICIENT_RESOURCES 0xC000009Au
#define LAB_NOT_SUPPORTED          0xC00000BBu
#define LAB_INVALID_DEVICE_STATE   0xC0000184u
#define LAB_IO_DEVICE_ERROR        0xC0000185u

#define LAB_FILE_READ_DATA       0x00000001u
#define LAB_FILE_WRITE_DATA      0x00000002u
#define LAB_FILE_READ_ATTRIBUTES 0x00000080u
#define LAB_SYNCHRONIZE          0x00100000u
#define LAB_GENERIC_READ         0x80000000u
#define LAB_GENERIC_WRITE        0x40000000u

/* Which .sys the driver_* functions load: the whole file, kept by the caller. */
void lab_driver_file(const uint8_t *file, size_t size);
const uint8_t *lab_driver_bytes(size_t *size);

/* Maps the image and lets it go again. False, and why, when it cannot run here. */
bool lab_image_runs(char *why, size_t why_size);

/* ---- Loading and stopping ------------------------------------------------------------------- */

enum lab_state {
    LAB_STOPPED,
    LAB_RUNNING,
    LAB_STOP_PENDING, /* stopped, but handles are open */
    LAB_UNLOADING,    /* the last handle was closed, DriverUnload runs */
};

/*
 * Maps the image and calls its DriverEntry as the service manager would. A status other than
 * LAB_SUCCESS leaves nothing behind, or that is reported.
 */
uint32_t lab_load(void);

/* Asks for the driver to be unloaded: now, or when the last handle closes. */
enum lab_state lab_stop(void);
enum lab_state lab_state(void);

/* Leaves a clean world for the next scenario: closes, stops, forgets links and settings. */
void lab_reset(void);

/* ---- Plug and Play -------------------------------------------------------------------------- */

/*
 * With Mode=1 lab_load calls DriverEntry alone; then the functions below play the Plug and Play
 * manager, and lab_stop is refused: the driver is unloaded when its last device has been removed
 * and no handle is open. Instances are devices of ROOT\SCAPHANDREDRV, from 0.
 */
#define LAB_INSTANCES 2u

#define LAB_START         0x00u
#define LAB_QUERY_REMOVE  0x01u
#define LAB_REMOVE        0x02u
#define LAB_CANCEL_REMOVE 0x03u
#define LAB_STOP_DEVICE   0x04u
#define LAB_QUERY_STOP    0x05u
#define LAB_CANCEL_STOP   0x06u
#define LAB_SURPRISE      0x17u
#define LAB_SET_POWER     0x02u
#define LAB_QUERY_POWER   0x03u

/* AddDevice on a fresh physical device; its status. */
uint32_t lab_pnp_add(uint32_t instance);
/* One IRP_MJ_PNP, IRP_MJ_POWER or IRP_MJ_SYSTEM_CONTROL to the top of the stack; its status. */
uint32_t lab_pnp(uint32_t instance, uint8_t minor);
uint32_t lab_power(uint32_t instance, uint8_t minor, uint32_t irql);
uint32_t lab_wmi(uint32_t instance, uint8_t minor);
/* Any other major function, to the function device. */
uint32_t lab_function_major(uint32_t instance, uint8_t major);
/* The bus driver behaves again, and every device is removed. */
void lab_pnp_remove_all(void);

/* What the bus driver below does; lab_reset makes it {.start_status = LAB_SUCCESS}. */
struct lab_bus {
    uint32_t start_status; /* of IRP_MN_START_DEVICE */
    bool completes_later;  /* on another thread, at DISPATCH_LEVEL */
    bool pageable;         /* DO_POWER_PAGABLE: power requests come at PASSIVE_LEVEL only */
};
void lab_bus_behaves(const struct lab_bus *how);

/* ---- Files ---------------------------------------------------------------------------------- */

struct lab_file;

struct lab_open {
    enum caller token;
    bool impersonating; /* the thread impersonates `client` */
    enum caller client;
    bool identification_only; /* at SecurityIdentification: may not be used to open */
    bool kernel;              /* opened by kernel code */
    bool force_access_check;  /* by kernel code for a user: SL_FORCE_ACCESS_CHECK */
    uint32_t access;          /* FILE_* and GENERIC_* */
    uint32_t share;           /* FILE_SHARE_*: must not matter */
    bool overlapped;
    bool energy;        /* \\.\RaplEnergy instead of the legacy device */
    const char *suffix; /* "\\name" after the device's, or NULL */
};

/*
 * Opens \\.\ScaphandreDriver. LAB_OBJECT_NAME_NOT_FOUND: no such link or no device behind it. On
 * success `*file` is for lab_close.
 */
uint32_t lab_open(const struct lab_open *how, struct lab_file **file);
void lab_close(struct lab_file *file);

/*
 * The close of a file object on the same device that was never opened through the driver, as kernel
 * code makes one with IoCreateStreamFileObject.
 */
void lab_close_stranger(struct lab_file *file);

/* Closes what is still open; how many that were. No other thread may be at work. */
uint32_t lab_close_all(void);

/* The usual client: GENERIC_READ and GENERIC_WRITE. */
uint32_t lab_open_as(enum caller token, struct lab_file **file);

/* ---- Requests ------------------------------------------------------------------------------- */

struct lab_control {
    uint32_t code;
    const void *in;
    uint32_t in_size;
    uint32_t out_size;
    uint32_t irql; /* of the caller; THREAD_PASSIVE_LEVEL from user mode */
    void *out;     /* NULL: lab_answer.out */
};

#define LAB_OUTPUT_MAX 256u

struct lab_answer {
    uint32_t status;
    bool dispatched;   /* false: the I/O manager refused it before the driver */
    uint32_t returned; /* bytes: Information, after success */
    uint8_t out[LAB_OUTPUT_MAX];
};

/* DeviceIoControl. `control->out_size` at most LAB_OUTPUT_MAX, unless `control->out` is given. */
void lab_control(struct lab_file *file, const struct lab_control *control,
                 struct lab_answer *answer);

/* Any other major function, with no parameters; the IRP's status. */
uint32_t lab_major(struct lab_file *file, uint8_t major, uint8_t minor);

/* ---- What the world looks like -------------------------------------------------------------- */

/* Another driver owns \Device\ScaphandreDriver (and its link), until lab_reset. */
void lab_foreign_device(bool with_link);
/* A link without a device, as the predecessor leaves it. */
void lab_stale_link(void);
/* The link exists; `*reaches_device`: and leads to a device. */
bool lab_link_exists(bool *reaches_device);
/* The same of \\.\RaplEnergy. */
void lab_foreign_energy_device(bool with_link);
void lab_stale_energy_link(void);
bool lab_energy_link_exists(bool *reaches_device);
/* Devices of the driver that exist now. */
uint32_t lab_device_count(void);

/* The descriptor the driver put on its first device; NULL: none. Generic rights are mapped. */
const uint8_t *lab_descriptor(size_t *size);
/* That of the energy device. */
const uint8_t *lab_energy_descriptor(size_t *size);

#endif
