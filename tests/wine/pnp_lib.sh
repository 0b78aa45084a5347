# shellcheck shell=bash
# Driver packages for the tests of `install --pnp`. The production INF is package/'s; these are made
# here, for the simulated driver, which is in no package. Wine's SetupAPI reads the undecorated
# models section only.

# make_inf FILE PROVIDER: an INF of our hardware id by PROVIDER.
make_inf() {
    cat >"$1" <<INF
; Made by tests/wine/pnp_lib.sh: the simulated driver, for Wine.
[Version]
Signature = "\$Windows NT\$"
Class = SoftwareDevice
ClassGuid = {62f9c741-b25a-46ce-b54c-9bccce08b6f2}
Provider = %Provider%
DriverVer = 01/01/2026,1.0.0.0

[Manufacturer]
%Provider% = Models

[Models]
%Description% = Install, ROOT\\SCAPHANDREDRV

[DestinationDirs]
DefaultDestDir = 12

[SourceDisksNames]
1 = %Description%

[SourceDisksFiles]
ScaphandreDrv.sys = 1

[Install]
CopyFiles = Files

[Files]
ScaphandreDrv.sys

[Install.Services]
AddService = ScaphandreDrv, 2, Service

[Service]
DisplayName = %Display%
ServiceType = 1
StartType = 3
ErrorControl = 1
ServiceBinary = %12%\\ScaphandreDrv.sys
AddReg = Parameters

[Parameters]
HKR, Parameters, Mode, 0x00010001, 1
HKR, Parameters, AccessPolicy, 0x00010003, 0

[Strings]
Provider = "$2"
Description = "Scaphandre RAPL driver (SIMULATED)"
Display = "Scaphandre Driver Service (SIMULATED)"
INF
}
