/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows' facts that have a file of their own. Win32 only.
 */
#ifndef RAPL_LIB_DOCTOR_FACTS_WIN32_H
#define RAPL_LIB_DOCTOR_FACTS_WIN32_H

#include "lib/doctor/facts.h"

/* caller_win32.c: this process' own token. */
void doctor_facts_caller(struct doctor_caller *out);

/* conflicts_win32.c: running drivers that reach the same registers. */
void doctor_facts_conflicts(struct doctor_facts *out);

#endif
