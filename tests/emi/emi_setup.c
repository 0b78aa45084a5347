/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the test meters' devices under Wine.
 *
 *   emi_setup INF COUNT
 *
 * Registers COUNT devices and installs the INF's driver for them. Exit status 0, or 1 with what
 * failed on standard error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>

#include <newdev.h>
#include <setupapi.h>

#define HARDWARE_ID L"ROOT\\RAPLTESTMETER"

static int fails(const char *what)
{
    fprintf(stderr, "emi_setup: %s: error %lu\n", what, GetLastError());
    return 1;
}

static BOOL register_device(HDEVINFO list, const GUID *class, const WCHAR *class_name)
{
    static const WCHAR ids[] = HARDWARE_ID L"\0"; /* and the one every literal ends with */
    SP_DEVINFO_DATA device = {.cbSize = sizeof(device)};

    return SetupDiCreateDeviceInfoW(list, class_name, class, NULL, NULL, DICD_GENERATE_ID,
                                    &device) &&
           SetupDiSetDeviceRegistryPropertyW(list, &device, SPDRP_HARDWAREID, (const BYTE *)ids,
                                             sizeof(ids)) &&
           SetupDiCallClassInstaller(DIF_REGISTERDEVICE, list, &device);
}

int wmain(int argc, wchar_t **argv)
{
    WCHAR path[MAX_PATH];
    WCHAR class_name[64];
    GUID class;
    BOOL restart = FALSE;

    if (argc != 3 || GetFullPathNameW(argv[1], MAX_PATH, path, NULL) == 0) {
        fprintf(stderr, "usage: emi_setup INF COUNT\n");
        return 2;
    }
    if (!SetupDiGetINFClassW(path, &class, class_name, 64, NULL)) {
        return fails("the INF's class");
    }
    HDEVINFO list = SetupDiCreateDeviceInfoList(&class, NULL);
    if (list == INVALID_HANDLE_VALUE) {
        return fails("a list of devices");
    }
    for (unsigned long left = wcstoul(argv[2], NULL, 10); left > 0; left--) {
        if (!register_device(list, &class, class_name)) {
            return fails("registering a device");
        }
    }
    SetupDiDestroyDeviceInfoList(list);
    if (!UpdateDriverForPlugAndPlayDevicesW(NULL, HARDWARE_ID, path, 0, &restart)) {
        return fails("installing the driver");
    }
    return 0;
}
