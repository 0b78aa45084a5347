/* SPDX-License-Identifier: Apache-2.0
 *
 * Which CPU the numbers are of.
 */
#ifndef RAPL_CLI_THIS_CPU_H
#define RAPL_CLI_THIS_CPU_H

#include <rapl/rapl.h>

#include "core/cpu.h"

/*
 * As the session's source says; where it does not, or `session` is NULL or did not open, as this
 * machine's CPUID says.
 */
void this_cpu_of(struct rapl_session *session, struct rapl_cpu *out);

#endif
