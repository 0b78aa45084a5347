/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of device errors. The codes of a read are those of rapl/abi.h; those of an open are
 * what the I/O manager makes of the driver's state.
 */
#include "lib/error_text.h"

#include <stddef.h>

static const struct rapl_error_text texts[] = {
    {RAPL_OPERATION_OPEN, RAPL_ERROR_FILE_NOT_FOUND,
     "there is no \\\\.\\ScaphandreDriver: the driver is not running",
     "In an elevated prompt run `DriverLoader install` once, then `DriverLoader start`; "
     "`DriverLoader status` says what is wrong if that fails."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_PATH_NOT_FOUND,
     "there is no \\\\.\\ScaphandreDriver: the driver is not running",
     "In an elevated prompt run `DriverLoader install` once, then `DriverLoader start`; "
     "`DriverLoader status` says what is wrong if that fails."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_ACCESS_DENIED,
     "the driver's access policy does not let this user open it",
     "Run this from an elevated prompt, or let an administrator run `DriverLoader install "
     "--access=users` and start the driver again; `DriverLoader status` shows the policy in "
     "force."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_SHARING_VIOLATION,
     "another program holds the device for itself",
     "Close the other program that reads energy. This project's driver never refuses a second "
     "opener, so look at which driver is loaded: `DriverLoader status`."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_NOT_ENOUGH_MEMORY, "Windows is out of memory",
     "Close something and try again."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_NO_SYSTEM_RESOURCES, "Windows is out of kernel memory",
     "Close something, or restart, and try again."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_GEN_FAILURE, "the driver's device does not work",
     "Restart the driver: `DriverLoader stop`, then `DriverLoader start`."},
    {RAPL_OPERATION_OPEN, RAPL_ERROR_DEVICE_NOT_CONNECTED, "the driver is being stopped",
     "Wait for that, then `DriverLoader start`."},

    {RAPL_OPERATION_READ, RAPL_ERROR_INVALID_FUNCTION,
     "the driver does not read this register on this CPU", NULL},
    {RAPL_OPERATION_READ, RAPL_ERROR_IO_DEVICE, "the register faults: this CPU has none", NULL},
    {RAPL_OPERATION_READ_ENERGY, RAPL_ERROR_IO_DEVICE,
     "the register faults, or has read 0 since the driver was loaded", NULL},
    {RAPL_OPERATION_READ, RAPL_ERROR_ACCESS_DENIED,
     "access denied: only for administrators and Performance Log Users",
     "Run this from an elevated prompt, or have this user added to the group Performance Log "
     "Users and sign in again."},
    {RAPL_OPERATION_READ, RAPL_ERROR_INVALID_HANDLE, "the device was closed", NULL},
    {RAPL_OPERATION_READ, RAPL_ERROR_INVALID_PARAMETER,
     "the driver does not take requests of 8 bytes",
     "Another driver, or a very old one, answers to this name: `DriverLoader status` shows which."},
    {RAPL_OPERATION_READ, RAPL_ERROR_INSUFFICIENT_BUFFER, "the driver wants a longer answer buffer",
     "Another program's driver answers to this name: `DriverLoader status` shows which."},
    {RAPL_OPERATION_READ, RAPL_ERROR_DEVICE_NOT_CONNECTED, "the driver was stopped",
     "`DriverLoader start` in an elevated prompt."},
    {RAPL_OPERATION_READ, RAPL_ERROR_NO_SYSTEM_RESOURCES, "Windows is out of kernel memory",
     "Close something, or restart, and try again."},

    {RAPL_OPERATION_OPEN_ENERGY, RAPL_ERROR_FILE_NOT_FOUND,
     "there is no \\\\.\\RaplEnergy: this project's driver is not running",
     "In an elevated prompt run `DriverLoader install` once, then `DriverLoader start`; "
     "`DriverLoader status` says what is wrong if that fails."},
    {RAPL_OPERATION_OPEN_ENERGY, RAPL_ERROR_PATH_NOT_FOUND,
     "there is no \\\\.\\RaplEnergy: this project's driver is not running",
     "In an elevated prompt run `DriverLoader install` once, then `DriverLoader start`; "
     "`DriverLoader status` says what is wrong if that fails."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_ACCESS_DENIED,
     "the driver was stopped, or no longer lets this user read",
     "`DriverLoader status` says which; `DriverLoader start` in an elevated prompt starts it."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_NOT_READY, "the machine is suspending",
     "Read again once it has resumed."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_REVISION_MISMATCH,
     "the driver speaks another version than this library",
     "Install driver and library of the same release; `DriverLoader status` shows the driver's."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_INVALID_FUNCTION, "the driver does not know this request",
     "Install driver and library of the same release; `DriverLoader status` shows the driver's."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_FILE_NOT_FOUND, "the driver was stopped",
     "`DriverLoader start` in an elevated prompt, then run this again."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_DEVICE_NOT_EXIST, "the driver was stopped",
     "`DriverLoader start` in an elevated prompt, then run this again."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_NO_SUCH_DEVICE, "the driver's device was removed",
     "`DriverLoader start` in an elevated prompt, then run this again."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_OPERATION_ABORTED, "the driver was stopped",
     "`DriverLoader start` in an elevated prompt, then run this again."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_DEVICE_NOT_CONNECTED, "the driver was stopped",
     "`DriverLoader start` in an elevated prompt, then run this again."},
    {RAPL_OPERATION_SNAPSHOT, RAPL_ERROR_DEVICE_REMOVED, "the driver's device was removed",
     "`DriverLoader start` in an elevated prompt, then run this again."},
};

static const struct rapl_error_text general[] = {
    {RAPL_OPERATION_OPEN, 0, "the driver's device could not be opened",
     "`DriverLoader status` says which driver is installed and in what state."},
    {RAPL_OPERATION_READ, 0, "the driver refused the read",
     "`DriverLoader status` says which driver is installed and in what state."},
};

static const struct rapl_error_text *find(enum rapl_operation operation, uint32_t code)
{
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].operation == operation && texts[i].code == code) {
            return &texts[i];
        }
    }
    return NULL;
}

/* Whose text serves where an operation has none of its own. */
static const enum rapl_operation plainer[] = {
    [RAPL_OPERATION_OPEN] = RAPL_OPERATION_OPEN,
    [RAPL_OPERATION_READ] = RAPL_OPERATION_READ,
    [RAPL_OPERATION_READ_ENERGY] = RAPL_OPERATION_READ,
    [RAPL_OPERATION_OPEN_ENERGY] = RAPL_OPERATION_OPEN,
    [RAPL_OPERATION_SNAPSHOT] = RAPL_OPERATION_READ,
};

const struct rapl_error_text *rapl_error_text(enum rapl_operation operation, uint32_t code)
{
    const struct rapl_error_text *text = find(operation, code);

    if (text == NULL) {
        text = find(plainer[operation], code);
    }
    if (text == NULL) {
        text = &general[plainer[operation] == RAPL_OPERATION_OPEN ? 0 : 1];
    }
    return text;
}
