/* SPDX-License-Identifier: Apache-2.0
 *
 * rapl.
 */
#include "cli/program.h"

int program_main(struct cli *cli, int argc, char **argv)
{
    return cli_main(cli, argc, argv);
}
