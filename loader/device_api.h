/* SPDX-License-Identifier: Apache-2.0
 *
 * What DriverLoader uses of setupapi.dll, newdev.dll and cfgmgr32.dll. They are loaded when they
 * are needed, from the system's folder: linked in, Windows would look for newdev.dll and
 * cfgmgr32.dll in the program's own folder first, a downloads folder perhaps.
 */
#ifndef RAPL_LOADER_DEVICE_API_H
#define RAPL_LOADER_DEVICE_API_H

#include <windows.h>
#include <setupapi.h>
#include <cfgmgr32.h>
#include <newdev.h>

#define DEVICE_API_FUNCTIONS(X)                                                                    \
    X(setupapi, SetupCloseInfFile)                                                                 \
    X(setupapi, SetupDiCallClassInstaller)                                                         \
    X(setupapi, SetupDiCreateDeviceInfoList)                                                       \
    X(setupapi, SetupDiCreateDeviceInfoW)                                                          \
    X(setupapi, SetupDiDestroyDeviceInfoList)                                                      \
    X(setupapi, SetupDiEnumDeviceInfo)                                                             \
    X(setupapi, SetupDiGetClassDevsW)                                                              \
    X(setupapi, SetupDiGetDeviceInstallParamsW)                                                    \
    X(setupapi, SetupDiGetDeviceInstanceIdW)                                                       \
    X(setupapi, SetupDiGetDevicePropertyW)                                                         \
    X(setupapi, SetupDiGetDeviceRegistryPropertyW)                                                 \
    X(setupapi, SetupDiGetINFClassW)                                                               \
    X(setupapi, SetupDiOpenDevRegKey)                                                              \
    X(setupapi, SetupDiOpenDeviceInfoW)                                                            \
    X(setupapi, SetupDiSetClassInstallParamsW)                                                     \
    X(setupapi, SetupDiSetDeviceRegistryPropertyW)                                                 \
    X(setupapi, SetupFindFirstLineW)                                                               \
    X(setupapi, SetupFindNextLine)                                                                 \
    X(setupapi, SetupGetFieldCount)                                                                \
    X(setupapi, SetupGetStringFieldW)                                                              \
    X(setupapi, SetupOpenInfFileW)                                                                 \
    X(setupapi, SetupUninstallOEMInfW)                                                             \
    X(newdev, UpdateDriverForPlugAndPlayDevicesW)                                                  \
    X(cfgmgr32, CM_Get_DevNode_Status)

struct device_api {
#define DEVICE_API_MEMBER(library, name) __typeof__(name) *(name);
    DEVICE_API_FUNCTIONS(DEVICE_API_MEMBER)
#undef DEVICE_API_MEMBER
};

/* 0, or the Windows error code that says why it is not to be had. The libraries stay loaded. */
DWORD device_api_get(const struct device_api **out);

#endif
