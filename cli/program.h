/* SPDX-License-Identifier: Apache-2.0
 *
 * What main_posix.c and main_win32.c call once streams, arguments and signals are set up: each
 * program of this folder has its own.
 */
#ifndef RAPL_CLI_PROGRAM_H
#define RAPL_CLI_PROGRAM_H

#include "cli/cli.h"

/* argv[0] is the first argument after the program's name. Returns the exit code. */
int program_main(struct cli *cli, int argc, char **argv);

#endif
