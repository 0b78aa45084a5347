/* SPDX-License-Identifier: Apache-2.0
 *
 * RAPL domains: the parts of a processor that have an energy counter of their own.
 */
#ifndef RAPL_DOMAIN_H
#define RAPL_DOMAIN_H

enum rapl_domain {
    RAPL_DOMAIN_PACKAGE,
    RAPL_DOMAIN_PP0,  /* all cores of a package (Intel) */
    RAPL_DOMAIN_PP1,  /* uncore, in practice the integrated GPU (Intel client) */
    RAPL_DOMAIN_DRAM, /* memory attached to the package */
    RAPL_DOMAIN_PSYS, /* the whole platform, where the board is wired for it */
    RAPL_DOMAIN_CORE, /* one physical core (AMD, Hygon) */
    RAPL_DOMAIN_COUNT,
};

#endif
