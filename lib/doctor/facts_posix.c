/* SPDX-License-Identifier: Apache-2.0
 *
 * Linux: the kernel's release, powercap's folder, the container marks. Other systems say nothing.
 */
#include "lib/doctor/facts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/cpuid_here.h"

#define POWERCAP_FOLDER "/sys/class/powercap"
#define FIRST_ZONE      POWERCAP_FOLDER "/intel-rapl:0"

static uint8_t truth(bool yes)
{
    return yes ? RAPL_TRUTH_YES : RAPL_TRUTH_NO;
}

static bool exists(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0;
}

/* Docker and Podman leave these marks; systemd-nspawn and LXC set `container` for process 1. */
static bool is_container(void)
{
    return exists("/.dockerenv") || exists("/run/.containerenv") ||
           exists("/run/systemd/container");
}

/* "6.1.0-18-amd64": its first two numbers; left alone if there are none. */
static void parse_release(const char *release, struct doctor_linux *out)
{
    char *end;
    const unsigned long major = strtoul(release, &end, 10);

    if (end == release || *end != '.') {
        return;
    }
    const char *const rest = end + 1;
    const unsigned long minor = strtoul(rest, &end, 10);
    if (end != rest) {
        out->major = (uint32_t)major;
        out->minor = (uint32_t)minor;
    }
}

static void gather_linux(const struct utsname *name, struct doctor_linux *out)
{
    struct stat status;

    parse_release(name->release, out);
    out->container = truth(is_container());
    out->powercap = truth(exists(POWERCAP_FOLDER));
    out->zones = truth(exists(FIRST_ZONE));
    out->rapl_module =
        truth(exists("/sys/module/intel_rapl_msr") || exists("/sys/module/intel_rapl"));
    if (stat(FIRST_ZONE "/energy_uj", &status) == 0) {
        out->world_readable = truth((status.st_mode & S_IROTH) != 0);
    }
}

void doctor_facts_system(struct doctor_facts *out)
{
    struct utsname name;

    out->caller.elevated = truth(geteuid() == 0);
    if (uname(&name) == 0 && strcmp(name.sysname, "Linux") == 0) {
        out->system = DOCTOR_SYSTEM_LINUX;
        gather_linux(&name, &out->linux_);
    }
#if RAPL_HAS_CPUID
    const struct rapl_cpuid cpuid = rapl_cpuid_here();

    out->is_x86 = RAPL_TRUTH_YES;
    rapl_cpu_identify(&cpuid, &out->cpu);
    rapl_cpu_brand(&cpuid, out->brand);
#else
    out->is_x86 = RAPL_TRUTH_NO;
#endif
}
