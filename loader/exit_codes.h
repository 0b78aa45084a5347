/* SPDX-License-Identifier: Apache-2.0
 *
 * DriverLoader's exit codes. 0 to 9 are the predecessor's, in its order: scripts test for them.
 */
#ifndef RAPL_LOADER_EXIT_CODES_H
#define RAPL_LOADER_EXIT_CODES_H

enum loader_exit {
    LOADER_OK = 0,
    LOADER_SCM_FAILED = 1,    /* the service manager could not be opened */
    LOADER_CREATE_FAILED = 2, /* copying the driver or registering the service failed */
    LOADER_START_FAILED = 3,  /* `status`: the service is installed but does not run */
    LOADER_STOP_FAILED = 4,   /* also: still stopping after the wait */
    LOADER_REMOVE_FAILED = 5,
    LOADER_UNAVAILABLE = 6, /* the service is not installed, or may not be opened */
    LOADER_EXISTS = 7,      /* another kind of service has the driver's name */
    LOADER_NOT_ELEVATED = 8,
    LOADER_FILE_NOT_FOUND = 9, /* the driver file or the recording */

    LOADER_USAGE = 64,           /* unknown or missing verb or option */
    LOADER_BAD_FILE = 65,        /* not the driver that was asked for, or not a recording */
    LOADER_TESTSIGN_FAILED = 66, /* Windows does not let test signing be changed */
};

#endif
