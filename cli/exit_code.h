/* SPDX-License-Identifier: Apache-2.0
 *
 * Exit codes of `rapl`, after BSD's sysexits. Documented in docs/cli.md; scripts rely on them.
 */
#ifndef RAPL_CLI_EXIT_CODE_H
#define RAPL_CLI_EXIT_CODE_H

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_USAGE = 64,       /* EX_USAGE: unknown option, malformed value or pair */
    EXIT_CODE_DATA = 65,        /* EX_DATAERR: decode: something could not be decoded in full */
    EXIT_CODE_UNAVAILABLE = 69, /* EX_UNAVAILABLE: no driver, no RAPL, or not on this system */
    EXIT_CODE_OS = 71,          /* EX_OSERR: out of memory */
    EXIT_CODE_IO = 74,          /* EX_IOERR: no counter could be read, or output not written */
    EXIT_CODE_DENIED = 77,      /* EX_NOPERM: the access policy says no */
    EXIT_CODE_CONFIG = 78,      /* EX_CONFIG: the simulated driver's recording is unusable */
};

#endif
