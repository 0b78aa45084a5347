/* SPDX-License-Identifier: Apache-2.0
 *
 * Machines the driver must refuse to load on, and those it must not refuse. What a refused load
 * leaves behind is looked for by the harness itself.
 */
#include "tests/harness/debug_print.h"
#include "tests/harness/scenario.h"

static void expect_load(const char *what, uint32_t status)
{
    check_status(what, lab_load(), status);
    if (lab_state() != LAB_STOPPED) {
        lab_stop();
    } else {
        check(lab_device_count() == 0, "a refused load leaves no device");
    }
}

static void unknown_vendor(void)
{
    machine_select("unknown-vendor");
    expect_load("unknown vendor", LAB_NOT_SUPPORTED);
}

static void no_unit(void)
{
    machine_select("intel-2s");
    machine_set(MACHINE_ANY_PACKAGE, 0x606, 0);
    expect_load("unit register 0", LAB_NOT_SUPPORTED);
    machine_set_faulting(MACHINE_ANY_PACKAGE, 0x606);
    expect_load("unit register faults", LAB_NOT_SUPPORTED);
    machine_select("amd-2s");
    machine_set(MACHINE_ANY_PACKAGE, 0xC0010299, 0);
    expect_load("AMD unit register 0", LAB_NOT_SUPPORTED);
    machine_set_faulting(MACHINE_ANY_PACKAGE, 0xC0010299);
    expect_load("AMD unit register faults", LAB_NOT_SUPPORTED);
}

static void one_package_without(void)
{
    machine_select("intel-2s");
    machine_set_faulting(0, 0x606);
    expect_load("unit register faults on one of two packages", LAB_SUCCESS);
}

static void guests(void)
{
    machine_select("guest");
    expect_load("guest with a package counter of 0", LAB_NOT_SUPPORTED);
    machine_set_faulting(MACHINE_ANY_PACKAGE, 0x611);
    expect_load("guest whose package counter faults", LAB_NOT_SUPPORTED);
    machine_set(MACHINE_ANY_PACKAGE, 0x611, 0x1234);
    expect_load("guest with a package counter that has moved", LAB_SUCCESS);
    machine_select("guest-no-rapl");
    expect_load("guest without a unit register", LAB_NOT_SUPPORTED);
}

/* Windows 11 sets the hypervisor bit on bare metal: the bit alone is no reason. */
static void vbs_root(void)
{
    machine_select("vbs-client");
    expect_load("Windows 11 with VBS", LAB_SUCCESS);
    machine_set(MACHINE_ANY_PACKAGE, 0x611, 0);
    expect_load("VBS, package counter still 0", LAB_SUCCESS);
}

static void bare_metal_counter_at_zero(void)
{
    machine_select("intel-2s");
    machine_set(MACHINE_ANY_PACKAGE, 0x611, 0);
    expect_load("bare metal, package counters still 0", LAB_SUCCESS);
}

const struct scenario scenarios_load[] = {
    {"load-unknown-vendor", unknown_vendor},
    {"load-no-unit", no_unit},
    {"load-one-package-without-unit", one_package_without},
    {"load-guests", guests},
    {"load-vbs-root", vbs_root},
    {"load-bare-metal-counter-at-zero", bare_metal_counter_at_zero},
    {NULL, NULL},
};
