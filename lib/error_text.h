/* SPDX-License-Identifier: Apache-2.0
 *
 * What a Windows error code means when it comes from the driver's device, and what to do about it.
 */
#ifndef RAPL_LIB_ERROR_TEXT_H
#define RAPL_LIB_ERROR_TEXT_H

#include <stdint.h>

/* Windows error codes by number: portable code meets them too. Values: winerror.h. */
#define RAPL_ERROR_INVALID_FUNCTION     1u
#define RAPL_ERROR_FILE_NOT_FOUND       2u
#define RAPL_ERROR_PATH_NOT_FOUND       3u
#define RAPL_ERROR_ACCESS_DENIED        5u
#define RAPL_ERROR_INVALID_HANDLE       6u
#define RAPL_ERROR_NOT_ENOUGH_MEMORY    8u
#define RAPL_ERROR_NOT_READY            21u
#define RAPL_ERROR_GEN_FAILURE          31u
#define RAPL_ERROR_SHARING_VIOLATION    32u
#define RAPL_ERROR_DEVICE_NOT_EXIST     55u
#define RAPL_ERROR_INVALID_PARAMETER    87u
#define RAPL_ERROR_INSUFFICIENT_BUFFER  122u
#define RAPL_ERROR_MORE_DATA            234u
#define RAPL_ERROR_NO_SUCH_DEVICE       433u
#define RAPL_ERROR_OPERATION_ABORTED    995u
#define RAPL_ERROR_IO_DEVICE            1117u
#define RAPL_ERROR_DEVICE_NOT_CONNECTED 1167u
#define RAPL_ERROR_REVISION_MISMATCH    1306u
#define RAPL_ERROR_NO_SYSTEM_RESOURCES  1450u
#define RAPL_ERROR_DEVICE_REMOVED       1617u

enum rapl_operation {
    RAPL_OPERATION_OPEN,        /* opening \\.\ScaphandreDriver */
    RAPL_OPERATION_READ,        /* reading a register through it */
    RAPL_OPERATION_READ_ENERGY, /* the same, of an energy counter */
    RAPL_OPERATION_OPEN_ENERGY, /* opening \\.\RaplEnergy */
    RAPL_OPERATION_SNAPSHOT,    /* a request through it */
};

struct rapl_error_text {
    uint8_t operation; /* enum rapl_operation */
    uint32_t code;
    const char *meaning; /* one clause, no full stop */
    const char *remedy;  /* what to do next: one or two sentences; NULL: nothing to do */
};

/*
 * Never NULL: a code without a text of its own gets that of the plainer operation (of any read, of
 * opening the other device), a code that is not in the table the general text of its operation.
 */
const struct rapl_error_text *rapl_error_text(enum rapl_operation operation, uint32_t code);

#endif
