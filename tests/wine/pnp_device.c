/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers a device of ROOT\SCAPHANDREDRV whose driver is the service ScaphandreDrv, as an INF
 * would, or removes it.
 *
 *   pnp_device add | remove
 *
 * Exit status: 0; 1 and the Windows error if something failed; 2 for wrong usage.
 */
#define UNICODE
#include <windows.h>
#include <initguid.h>
#include <setupapi.h>
#include <stdio.h>
#include <string.h>

static const GUID class_software_device = {
    0x62f9c741, 0xb25a, 0x46ce, {0xb5, 0x4c, 0x9b, 0xcc, 0xce, 0x08, 0xb6, 0xf2}};
static const WCHAR hardware_id[] = L"ROOT\\SCAPHANDREDRV\0"; /* a list: two zeros at its end */
static const WCHAR service[] = L"ScaphandreDrv";

static int failed(const char *what)
{
    printf("%s: error %lu\n", what, GetLastError());
    return 1;
}

static int add(void)
{
    HDEVINFO set = SetupDiCreateDeviceInfoList(&class_software_device, NULL);
    SP_DEVINFO_DATA device = {.cbSize = sizeof(device)};
    int result = 0;

    if (set == INVALID_HANDLE_VALUE) {
        return failed("SetupDiCreateDeviceInfoList");
    }
    if (!SetupDiCreateDeviceInfo(set, L"ScaphandreDrv", &class_software_device, NULL, NULL,
                                 DICD_GENERATE_ID, &device)) {
        result = failed("SetupDiCreateDeviceInfo");
    } else if (!SetupDiSetDeviceRegistryProperty(set, &device, SPDRP_HARDWAREID,
                                                 (const BYTE *)hardware_id, sizeof(hardware_id)) ||
               !SetupDiSetDeviceRegistryProperty(set, &device, SPDRP_SERVICE, (const BYTE *)service,
                                                 sizeof(service))) {
        result = failed("SetupDiSetDeviceRegistryProperty");
    } else if (!SetupDiCallClassInstaller(DIF_REGISTERDEVICE, set, &device)) {
        result = failed("DIF_REGISTERDEVICE");
    }
    SetupDiDestroyDeviceInfoList(set);
    return result;
}

static int remove_all(void)
{
    HDEVINFO set = SetupDiGetClassDevs(&class_software_device, L"ROOT", NULL, 0);
    SP_DEVINFO_DATA device = {.cbSize = sizeof(device)};
    int result = 0;

    if (set == INVALID_HANDLE_VALUE) {
        return failed("SetupDiGetClassDevs");
    }
    for (DWORD i = 0; SetupDiEnumDeviceInfo(set, i, &device); i++) {
        WCHAR found[64] = L"";

        if (SetupDiGetDeviceRegistryProperty(set, &device, SPDRP_SERVICE, NULL, (BYTE *)found,
                                             sizeof(found) - sizeof(WCHAR), NULL) &&
            wcscmp(found, service) == 0 && !SetupDiCallClassInstaller(DIF_REMOVE, set, &device)) {
            result = failed("DIF_REMOVE");
        }
    }
    SetupDiDestroyDeviceInfoList(set);
    return result;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "add") == 0) {
        return add();
    }
    if (argc == 2 && strcmp(argv[1], "remove") == 0) {
        return remove_all();
    }
    fputs("usage: pnp_device add | remove\n", stderr);
    return 2;
}
