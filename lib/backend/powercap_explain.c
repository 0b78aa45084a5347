/* SPDX-License-Identifier: Apache-2.0
 *
 * Why there is no energy, and the one thing to do about it. docs/sources.md has the long form.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/backend/powercap.h"
#include "core/compiler.h"
#include "lib/backend/powercap_state.h"

COMPILER_PRINTF(3, 4) static void say(char *out, size_t size, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(out, size, format, arguments);
    va_end(arguments);
}

#define REASON(report, ...) say((report)->reason, sizeof((report)->reason), __VA_ARGS__)
#define REMEDY(report, ...) say((report)->remedy, sizeof((report)->remedy), __VA_ARGS__)

static bool is_default(const char *root)
{
    return strcmp(root, POWERCAP_ROOT) == 0;
}

static void no_zones(const char *root, bool guest, struct backend_report *report)
{
    if (!is_default(root)) {
        REASON(report, "%.150s has no folder intel-rapl:0", root);
        REMEDY(report, "name the folder that has intel-rapl:0 in it, as " POWERCAP_ROOT " does");
    } else if (guest) {
        REASON(report, "this is a virtual machine, and its host gives it no energy counters");
        REMEDY(report, "measure on the host");
    } else {
        REASON(report, "the kernel has no intel-rapl zone in " POWERCAP_ROOT
                       ": its module is not loaded, or it does not know this CPU");
        REMEDY(report, "sudo modprobe intel_rapl_msr (AMD too; needs Linux 3.13, for AMD 5.11)");
    }
}

int powercap_explain_root(const char *root, int error, bool guest, struct backend_report *report)
{
    report->system_error = (uint32_t)error;
    if (error == ENOENT && is_default(root)) {
        no_zones(root, guest, report);
        return RAPL_ERROR_NOT_HERE;
    }
    if (error == ENOENT || error == ENOTDIR) {
        REASON(report, "%.150s is not a folder", root);
        REMEDY(report, "name the folder that has intel-rapl:0 in it, as " POWERCAP_ROOT " does");
        return RAPL_ERROR_NOT_HERE;
    }
    if (error == EACCES || error == EPERM) {
        REASON(report, "%.150s may not be opened", root);
        REMEDY(report, "run it with sudo");
        return RAPL_ERROR_DENIED;
    }
    REASON(report, "%.150s cannot be opened: %s", root, strerror(error));
    return error == ENOMEM ? RAPL_ERROR_MEMORY : RAPL_ERROR_SYSTEM;
}

int powercap_explain_zones(const char *root, const struct powercap_problem *problem, bool guest,
                           struct backend_report *report)
{
    report->system_error = (uint32_t)-problem->error;
    if (problem->masked) {
        REASON(report, "zones are named in %.120s, but there is nothing behind them: a container",
               root);
        REMEDY(report, "measure outside, or let it in: docker run --security-opt "
                       "systempaths=unconfined, podman run --security-opt "
                       "unmask=/sys/devices/virtual/powercap");
        return RAPL_ERROR_NOT_HERE;
    }
    if (problem->path[0] == '\0') {
        if (problem->error != 0) {
            return powercap_explain_root(root, -problem->error, guest, report);
        }
        no_zones(root, guest, report);
        return RAPL_ERROR_NOT_HERE;
    }
    if (problem->garbage) {
        REASON(report, "%.90s/%.100s does not have what the kernel writes there", root,
               problem->path);
        REMEDY(report, "look at that file; in sysfs, please report it with its content");
        return RAPL_ERROR_GARBAGE;
    }
    REASON(report, "%.90s/%.100s: %.40s", root, problem->path, strerror(-problem->error));
    if (powercap_error_of(problem->error) == RAPL_ERROR_DENIED) {
        REMEDY(report, "run it with sudo");
    }
    return powercap_error_of(problem->error);
}

int powercap_explain_reading(const char *root, const struct powercap_zone *zone, int error,
                             uint32_t system_error, struct backend_report *report)
{
    report->system_error = system_error;
    switch (error) {
    case RAPL_ERROR_DENIED:
        REASON(report,
               "only root may read %.90s/%.40s/energy_uj: since Linux 5.10, because power reveals "
               "other users' secrets (CVE-2020-8694)",
               root, zone->path);
        REMEDY(report,
               "sudo, or let every local user see power until the next boot: sudo chmod a+r "
               "%.90s/intel-rapl*:*/energy_uj (to keep it, a udev rule: docs/sources.md)",
               root);
        break;
    case RAPL_ERROR_GARBAGE:
        REASON(report, "%.90s/%.60s/energy_uj is not a number of its range", root, zone->path);
        REMEDY(report, "look at that file; in sysfs, please report it with its content");
        break;
    case RAPL_ERROR_DEAD:
        REASON(report, "every energy_uj in %.150s reads 0", root);
        REMEDY(report, "in a virtual machine measure on the host");
        break;
    case RAPL_ERROR_FAULTS:
        REASON(report, "the kernel cannot read the register behind %.90s/%.60s/energy_uj", root,
               zone->path);
        REMEDY(report, "in a virtual machine measure on the host; else see dmesg");
        break;
    default:
        REASON(report, "%.90s/%.60s/energy_uj: %.60s", root, zone->path,
               strerror((int)system_error));
        REMEDY(report, "start it again; if it stays, see dmesg");
        break;
    }
    return error;
}
