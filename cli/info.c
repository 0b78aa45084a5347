/* SPDX-License-Identifier: Apache-2.0
 *
 * Gathers what `rapl info` shows.
 */
#include "cli/info.h"

#include "cli/session.h"
#include "cli/this_cpu.h"

void info_gather(struct cli *cli, struct rapl_session *session, bool opened, struct info *out)
{
    struct info info = {.session = session, .opened = opened};
    struct rapl_samples *samples;

    info.machine.size = sizeof(info.machine);
    if (opened) {
        rapl_machine_get(session, &info.machine);
        if (rapl_samples_new(session, &samples) == RAPL_OK) {
            rapl_read(session, samples); /* a domain's status is that of its last reading */
            rapl_samples_free(samples);
        }
    }
    this_cpu_of(opened ? session : NULL, &info.cpu);
    info.has_cpu = info.cpu.vendor != RAPL_VENDOR_UNKNOWN;
    info.model = info.has_cpu ? rapl_model_find(&info.cpu) : NULL;
    info.is_guest = info.cpu.hypervisor && !info.cpu.hyperv_root;
    if (cli->driver_state != NULL) {
        info.has_driver = true;
        cli->driver_state(&info.driver);
    }
    *out = info;
}

uint64_t info_lasts_s(const struct rapl_domain_info *domain, uint32_t power_mw)
{
    if (power_mw == 0 || domain->range_ticks == 0 || domain->unit_numerator == 0 ||
        domain->unit_denominator == 0) {
        return 0;
    }
    /* Seconds = ticks * unit J / (mW / 1000); ticks by parts, because 64-bit counters are wide. */
    uint64_t whole_j = domain->range_ticks / domain->unit_denominator;
    uint64_t rest = domain->range_ticks % domain->unit_denominator;

    if (whole_j > UINT64_MAX / 1000 / domain->unit_numerator - domain->unit_numerator) {
        return 0; /* longer than anyone waits */
    }
    whole_j =
        whole_j * domain->unit_numerator + rest * domain->unit_numerator / domain->unit_denominator;
    return whole_j * 1000 / power_mw;
}

uint32_t info_tdp_mw(const struct info *info, const struct rapl_domain_info *domain)
{
    struct rapl_package_info package = {.size = sizeof(package)};

    if (domain->package == RAPL_NONE || domain->domain == RAPL_DOMAIN_PSYS ||
        domain->domain == RAPL_DOMAIN_DRAM || domain->domain == RAPL_DOMAIN_METER ||
        rapl_package_get(info->session, domain->package, &package) != RAPL_OK) {
        return 0;
    }
    return package.tdp_mw;
}
