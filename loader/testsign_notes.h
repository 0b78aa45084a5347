/* SPDX-License-Identifier: Apache-2.0
 *
 * What `testsign on` put into certificate stores, so that `testsign off` takes out exactly that:
 * values under HKLM\SOFTWARE\windows-rapl-driver\TestSigning, named by thumbprint, one bit a store.
 * Functions return a Windows error code.
 */
#ifndef RAPL_LOADER_TESTSIGN_NOTES_H
#define RAPL_LOADER_TESTSIGN_NOTES_H

#include <stdbool.h>

#include <windows.h>

#include "loader/testsign.h"

#define TESTSIGN_NOTES_MAX 16u

/* `*count` of them; more are not looked at. */
DWORD testsign_notes_read(struct testsign_note out[TESTSIGN_NOTES_MAX], uint32_t *count);

bool testsign_noted(enum testsign_store store, const char *thumbprint);
DWORD testsign_note(enum testsign_store store, const char *thumbprint);
/* The keys go with the last note. ERROR_SUCCESS also if there was no such note. */
DWORD testsign_unnote(enum testsign_store store, const char *thumbprint);

#endif
