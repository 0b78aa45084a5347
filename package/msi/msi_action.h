/* SPDX-License-Identifier: Apache-2.0
 *
 * The MSI's custom actions: what Windows Installer cannot do itself, it cannot install drivers.
 * They run in a process of its own, as SYSTEM; the immediate one as the user who installs.
 *
 * Data of a deferred action ("CustomActionData") is one text:
 *   RaplInstall, RaplStart, RaplRemove   <path of DriverLoader.exe>|<arguments>
 *   RaplSave, RaplRestore, RaplForget    <product code>
 */
#ifndef RAPL_PACKAGE_MSI_ACTION_H
#define RAPL_PACKAGE_MSI_ACTION_H

#include <stdbool.h>

#include <windows.h>
#include <msi.h>

#define ACTION_TEXT_CHARS 2048

/* The property's value; L"" if it is not set. False if it is longer than `chars`. */
bool action_property(MSIHANDLE install, const wchar_t *name, wchar_t *out, DWORD chars);

/* A line in the log (msiexec /l*v FILE). */
void action_log(MSIHANDLE install, const wchar_t *format, ...);

/* The reason for a failure: into the log, and shown unless the installation is silent. */
void action_error(MSIHANDLE install, const wchar_t *format, ...);

enum loader_result {
    LOADER_RAN,    /* and exited with 0 */
    LOADER_FAILED, /* action_error() was called with what it said */
    LOADER_ABSENT, /* it could not be run: the log says why */
};

/* Runs DriverLoader as `data` says and puts each line it prints into the log. */
enum loader_result run_loader(MSIHANDLE install, const wchar_t *data);

/*
 * What the machine has of the driver before anything is changed: its service with all settings,
 * whether it runs, and the file in the drivers folder. Kept under HKLM\SOFTWARE, in a key that only
 * administrators may change, and beside the file, both named by `product`. Windows error codes.
 */
DWORD saved_state_take(MSIHANDLE install, const wchar_t *product);
DWORD saved_state_restore(MSIHANDLE install, const wchar_t *product); /* and forgets it */
void saved_state_forget(const wchar_t *product);

/* Stops and deletes the service, and deletes the file: for when DriverLoader is not there to. */
DWORD driver_remove(void);

#endif
