/* SPDX-License-Identifier: Apache-2.0
 *
 * Exit codes of `rapl`, after BSD's sysexits. Documented in docs/cli.md; scripts rely on them.
 */
#ifndef RAPL_CLI_EXIT_CODE_H
#define RAPL_CLI_EXIT_CODE_H

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_USAGE = 64,       /* EX_USAGE: unknown option, malformed value or pair */
    EXIT_CODE_DATA = 65,        /* EX_DATAERR: a malformed recording; decode: not decoded in full */
    EXIT_CODE_UNAVAILABLE = 69, /* EX_UNAVAILABLE: no source of energy on this machine */
    EXIT_CODE_OS = 71,          /* EX_OSERR: out of memory */
    EXIT_CODE_CREATE = 73, /* EX_CANTCREAT: a file to write is there already or cannot be made */
    EXIT_CODE_IO = 74,     /* EX_IOERR: no counter could be read, or output not written */
    EXIT_CODE_DENIED = 77, /* EX_NOPERM: this user may not read the source */
    EXIT_CODE_CONFIG = 78, /* EX_CONFIG: simulated numbers in a format that cannot say so */
};

#endif
