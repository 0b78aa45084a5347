/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of problem codes. Source: Microsoft, "Device Manager error messages" (CM_PROB_*,
 * cfg.h). The numbers are written out because this file needs no OS header.
 */
#include "loader/device_problem.h"

#include <stddef.h>

#define REINSTALL_ACTION "Run 'DriverLoader remove', then 'DriverLoader install --pnp'."
#define RESTART_ACTION   "Restart Windows."
#define SIGNATURE_ACTION                                                                           \
    "Install the signed package of a release. To develop, 'DriverLoader testsign status' says "    \
    "what keeps a test-signed driver from loading."

static const struct device_problem table[] = {
    {1, "the device has no driver", REINSTALL_ACTION},
    {10, "the driver was loaded and could not start the device",
     "If the machine is a virtual one, measure on the host. Else restart Windows; if it stays so, "
     "report it with the output of 'DriverLoader status'."},
    {14, "the device works only after a restart of Windows", RESTART_ACTION},
    {18, "the driver package must be installed again", REINSTALL_ACTION},
    {19, "its entry in the registry is damaged", REINSTALL_ACTION},
    {21, "Windows is removing the device", "Wait a moment, then run 'DriverLoader status'."},
    {DEVICE_PROBLEM_DISABLED, "the device is disabled", "Run 'DriverLoader start' to enable it."},
    {24, "the device is not there any more", REINSTALL_ACTION},
    {28, "the device has no driver", REINSTALL_ACTION},
    {31, "Windows could not attach the driver to the device",
     "Restart Windows; if it stays so, remove and install it again."},
    {32, "the driver's service is disabled", REINSTALL_ACTION},
    {37, "the driver refused to be loaded",
     "If the processor has no RAPL, or the machine is a virtual one, there is nothing to read. "
     "Else report it with the output of 'DriverLoader status'."},
    {38, "an earlier copy of the driver is still in memory", RESTART_ACTION},
    {39, "the driver file is damaged or missing", REINSTALL_ACTION},
    {40, "the service's entry in the registry is damaged", REINSTALL_ACTION},
    {41, "the driver was loaded and does not find its device", RESTART_ACTION},
    {43, "the driver reported that the device failed", RESTART_ACTION},
    {47, "the device was prepared for removal", RESTART_ACTION},
    {48, "Windows blocks this driver from loading",
     "Look in Event Viewer under Applications and Services Logs, Microsoft, Windows, "
     "CodeIntegrity, Operational for the rule."},
    {52, "Windows does not accept the driver's signature", SIGNATURE_ACTION},
    {54, "the device failed and is being reset", RESTART_ACTION},
};

#define ROW_COUNT (sizeof(table) / sizeof(table[0]))

const struct device_problem *device_problem_find(uint32_t code)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (table[i].code == code) {
            return &table[i];
        }
    }
    return NULL;
}

const struct device_problem *device_problem_row(uint32_t index)
{
    return index < ROW_COUNT ? &table[index] : NULL;
}
