/* SPDX-License-Identifier: Apache-2.0
 *
 * Load, read, stop, on machines of every kind.
 */
#include "tests/harness/scenario.h"

static void whole_life(const char *machine, uint32_t unit_msr, uint32_t package_msr)
{
    uint64_t value = 0;
    if (!load_on(machine, POLICY_ADMINS)) {
        return;
    }
    struct lab_file *file = open_as(CALLER_ADMIN);
    if (file != NULL) {
        for (uint32_t cpu = 0; cpu < machine_active(); cpu++) {
            check_status("unit register", read_register(file, unit_msr, cpu, &value), LAB_SUCCESS);
            check_status("package counter", read_register(file, package_msr, cpu, &value),
                         LAB_SUCCESS);
        }
        lab_close(file);
    }
    check(lab_stop() == LAB_STOPPED, "stopped at once when nothing is open");
}

static void intel_server(void)
{
    whole_life("intel-2s", 0x606, 0x611);
}

static void amd_server(void)
{
    whole_life("amd-2s", 0xC0010299, 0xC001029B);
}

static void shipped_recordings(void)
{
    whole_life("client-intel", 0x606, 0x611);
    whole_life("haswell-ep-2s", 0x606, 0x611);
    whole_life("sapphire-rapids-2s", 0x606, 0x611);
    whole_life("zen-desktop", 0xC0010299, 0xC001029B);
    whole_life("epyc-2s", 0xC0010299, 0xC001029B);
    whole_life("vbs-client", 0x606, 0x611);
}

/* The same machine loaded again and again: nothing may add up. */
static void ten_times(void)
{
    for (uint32_t i = 0; i < 10; i++) {
        whole_life("intel-2s", 0x606, 0x611);
    }
}

const struct scenario scenarios_smoke[] = {
    {"smoke-intel-server", intel_server},
    {"smoke-amd-server", amd_server},
    {"smoke-shipped-recordings", shipped_recordings},
    {"smoke-ten-times", ten_times},
    {NULL, NULL},
};
