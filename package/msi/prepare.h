/* SPDX-License-Identifier: Apache-2.0
 *
 * The immediate action.
 */
#ifndef RAPL_PACKAGE_MSI_PREPARE_H
#define RAPL_PACKAGE_MSI_PREPARE_H

#include "package/msi/msi_action.h"

/*
 * Checks ACCESS (admins, users, unrestricted) and START (0, 1), fills in what was not given, and
 * sets the data of every deferred action. False if the installation cannot be: action_error() said
 * why.
 */
bool prepare(MSIHANDLE install);

#endif
