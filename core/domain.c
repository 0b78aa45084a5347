/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of the RAPL domains.
 */
#include "core/domain.h"

#include <stddef.h>

const char *rapl_domain_name(uint32_t domain)
{
    static const char *const names[RAPL_DOMAIN_COUNT] = {
        [RAPL_DOMAIN_PACKAGE] = "package", [RAPL_DOMAIN_PP0] = "pp0",   [RAPL_DOMAIN_PP1] = "pp1",
        [RAPL_DOMAIN_DRAM] = "dram",       [RAPL_DOMAIN_PSYS] = "psys", [RAPL_DOMAIN_CORE] = "core",
    };

    return domain < RAPL_DOMAIN_COUNT ? names[domain] : NULL;
}
