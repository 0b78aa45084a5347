/* SPDX-License-Identifier: Apache-2.0
 *
 * PowerMonitor: the helper that JoularJX starts.
 */
#include "cli/program.h"

int program_main(struct cli *cli, int argc, char **argv)
{
    return cli_run(cli, "PowerMonitor", program_power_monitor.run, argc, argv);
}
