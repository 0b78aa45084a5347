/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and masks of RAPL domains.
 */
#ifndef RAPL_CORE_DOMAIN_H
#define RAPL_CORE_DOMAIN_H

#include <stdint.h>

#include <rapl/domain.h>

#define RAPL_DOMAIN_BIT(domain) (1u << (domain))

/* "package", "pp0", "pp1", "dram", "psys", "core"; NULL outside the enum. */
const char *rapl_domain_name(uint32_t domain);

#endif
