/* SPDX-License-Identifier: Apache-2.0
 *
 * What --help prints.
 */
#include "loader/options.h"

const char *options_usage(void)
{
    return "DriverLoader installs, starts, stops and removes the RAPL driver ScaphandreDrv.sys.\n"
           "\n"
           "Usage: DriverLoader VERB [OPTION...]\n"
           "\n"
           "  install   copy the ScaphandreDrv.sys that lies beside DriverLoader.exe to the\n"
           "            system's drivers folder and register it; run again to update or repair\n"
           "  start     load the driver now\n"
           "  stop      unload it; waits up to 5 s for programs that hold it open\n"
           "  remove    stop it, delete the service, its settings and the installed file\n"
           "  status    state, path, version, start type and access policy\n"
           "  testsign on|off|status   test mode of Windows, for drivers signed for tests, and\n"
           "            the certificate of such a driver\n"
           "\n"
           "  --access=admins|users|unrestricted   install: who may read the counters. Default:\n"
           "            what is installed; else users on Windows 10 and 11, admins on Server\n"
           "  --start=demand|auto|system   install: when Windows starts it (default auto)\n"
           "  --pnp              install: as a device, by the package's INF, not as a service;\n"
           "            start and stop then enable and disable the device\n"
           "  --inf=FILE         install --pnp: the INF (default ScaphandreDrv.inf beside\n"
           "            DriverLoader.exe)\n"
           "  --simulated        install: the driver beside is the simulated one\n"
           "  --recording=FILE   install --simulated, start: the recording to play (default\n"
           "            recordings\\client-intel.rec beside DriverLoader.exe)\n"
           "  --certificate=FILE testsign on: trust the publisher of this public certificate\n"
           "            on this machine; off takes it out again\n"
           "  --root             testsign on --certificate: trust it as a root, too\n"
           "  --no-wait          stop: ask, and do not wait\n"
           "  --json             one JSON object on standard output, and nothing else\n"
           "  --quiet            print errors only\n"
           "  --help, --version\n"
           "\n"
           "Everything but status and testsign status needs an elevated (\"Run as administrator\") "
           "prompt.\n"
           "\n"
           "Exit codes: 0 done; 1 service manager; 2 install failed; 3 start failed, or\n"
           "(status) installed but not running; 4 stop failed or still stopping; 5 remove\n"
           "failed; 6 service not installed or not accessible; 7 the name belongs to another\n"
           "kind of service; 8 not elevated; 9 driver or recording file not found; 64 wrong\n"
           "usage; 65 not the kind of driver file, recording or certificate that was asked for;\n"
           "66 test signing could not be changed.\n";
}
