/* SPDX-License-Identifier: Apache-2.0
 *
 * metric-provider-binary: a provider for Green Metrics Tool.
 */
#include "cli/program.h"

int program_main(struct cli *cli, int argc, char **argv)
{
    return cli_run(cli, "metric-provider-binary", program_gmt_provider.run, argc, argv);
}
