/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of error texts. The numbers are Windows' (winerror.h; SetupAPI's in setupapi.h),
 * written out because this file needs no OS header. What a driver's NTSTATUS becomes by the time
 * StartService returns is RtlNtStatusToDosError's doing, for example STATUS_NOT_SUPPORTED 50,
 * STATUS_OBJECT_NAME_COLLISION 183, STATUS_INVALID_IMAGE_HASH 577.
 */
#include "loader/error_text.h"

#include <stddef.h>

#define TOO_OLD_MEANING                                                                            \
    "the driver needs a function that this Windows kernel does not have: Windows is too old"
#define TOO_OLD_ACTION                                                                             \
    "The driver needs Windows 10 version 1607 or Windows Server 2016 (build 14393), or later. "    \
    "'winver' shows what this is."

#define NAME_TAKEN_MEANING "another driver already owns the device name \\Device\\ScaphandreDriver"
#define NAME_TAKEN_ACTION                                                                          \
    "Find it with: driverquery /v | findstr /i scaph. Stop it with: sc stop NAME. If nothing is "  \
    "listed, restart Windows."

#define WRONG_IMAGE_MEANING "the file is damaged, or not a driver for this processor (x64)"
#define WRONG_IMAGE_ACTION                                                                         \
    "Unpack the release again and run 'DriverLoader install'. On 64-bit ARM there is no RAPL."

#define REINSTALL_ACTION                                                                           \
    "Run 'DriverLoader install' to put it back; 'DriverLoader status' shows the path."

#define BLOCKED_ACTION                                                                             \
    "Look in Event Viewer under Applications and Services Logs, Microsoft, Windows, "              \
    "CodeIntegrity, Operational for the rule. "

#define HOLDERS_ACTION                                                                             \
    "Close the programs that read the driver (Sysinternals 'handle64 -a Scaphandre' or Resource "  \
    "Monitor's handle search find them), then try again."

#define PACKAGE_ACTION                                                                             \
    "Unpack the release again: the INF, the catalog and the driver belong together. Windows' own " \
    "account is at the end of %SystemRoot%\\INF\\setupapi.dev.log."

#define BROKEN_INF_MEANING "the INF is damaged, or not one for this Windows"

#define UNTRUSTED_MEANING                                                                          \
    "the driver package is signed with a certificate that this machine does not trust"
#define UNTRUSTED_ACTION                                                                           \
    "Install the signed package of a release. A test certificate must be in the machine's Root "   \
    "and TrustedPublisher stores ('DriverLoader testsign on --certificate=FILE --root'). Without " \
    "that, 'DriverLoader install' without --pnp installs the driver as a service."

#define SETUPAPI(code) (0xE0000000u | (code))

static const struct error_text table[] = {
    {2, STEP_ANY, "a file or setting that this needs does not exist",
     "Run 'DriverLoader status', then 'DriverLoader install'."},
    {2, STEP_FIND, "ScaphandreDrv.sys is not in the folder of DriverLoader.exe",
     "Keep the two files of the release in one folder and run DriverLoader from there."},
    {2, STEP_FIND_INF, "the INF of the driver package is not there",
     "Keep ScaphandreDrv.inf, .cat and .sys in one folder with DriverLoader.exe, or give "
     "--inf=FILE."},
    {2, STEP_DEVICE, "a file that the INF names is missing", PACKAGE_ACTION},
    {2, STEP_CERTIFICATE, "a file is not there: the certificate, or bcdedit.exe in System32",
     "Give the public certificate (.cer) that comes with a test-signed driver."},
    {2, STEP_RECORDING, "there is no recording at that path",
     "Give an existing file with --recording=FILE."},
    {2, STEP_START, "ScaphandreDrv.sys is not where the service says it is", REINSTALL_ACTION},
    {2, STEP_START_SIMULATED,
     "the driver file, or the recording it is to play, is not where the settings say",
     "'DriverLoader status' shows both paths. Run 'DriverLoader install --simulated', or "
     "'DriverLoader start --recording=FILE'."},
    {3, STEP_ANY, "a folder on the path does not exist", "Check the path."},
    {3, STEP_RECORDING, "the folder of the recording does not exist",
     "Give an existing file with --recording=FILE."},
    {3, STEP_START, "the folder that the service names does not exist", REINSTALL_ACTION},
    {5, STEP_ANY, "Windows refused access",
     "Use an elevated prompt of an administrator. If it was one, security software or a group "
     "policy is in the way."},
    {5, STEP_FIND, "this account may not read ScaphandreDrv.sys beside DriverLoader.exe",
     "Copy the release to a folder of your own and run it from there."},
    {5, STEP_RECORDING, "this account may not read the recording",
     "Copy it to a folder that you may read."},
    {5, STEP_COPY,
     "the installed file may not be replaced: a loaded driver or security software holds it",
     "Run 'DriverLoader stop' first. If that does not help, restart Windows and install again."},
    {5, STEP_START, "Windows was not allowed to load the driver file",
     "Check that SYSTEM may read the file that 'DriverLoader status' shows, and the log of your "
     "security software."},
    {5, STEP_REMOVE, "the service or its file may not be deleted",
     "Use an elevated prompt of an administrator. If it was one, restart Windows and try again."},
    {13, STEP_START_SIMULATED, "the driver could not read its recording",
     "Run 'DriverLoader start --recording=FILE': it says which line is wrong."},
    {31, STEP_ANY, "a device attached to the system does not work", "Restart Windows."},
    {31, STEP_START, "the driver was loaded and then failed to set itself up",
     "Restart Windows and try again. If it stays so, report it with the output of "
     "'DriverLoader status'."},
    {32, STEP_ANY, "another program has the file open",
     "Close the program (often an antivirus scan or an editor) and try again."},
    {50, STEP_ANY, "Windows does not support this here", "Use a local NTFS disk."},
    {50, STEP_START,
     "this machine has no RAPL energy counters that the driver can read: the processor is not an "
     "Intel, AMD or Hygon one with RAPL, or this is a virtual machine whose host hides them",
     "In a virtual machine, measure on the host. On real hardware, compare the processor with "
     "the list in docs/, and report it if it is there."},
    {50, STEP_START_SIMULATED,
     "the machine in the recording has no RAPL counters that the driver can read, or its "
     "recording says so on purpose",
     "Choose another with 'DriverLoader start --recording=FILE'."},
    {80, STEP_ANY, "a file of that name exists already", "Delete it and try again."},
    {80, STEP_START, NAME_TAKEN_MEANING, NAME_TAKEN_ACTION},
    {87, STEP_ANY, "Windows did not accept a parameter",
     "Report it with the command line and the output of 'DriverLoader status'."},
    {87, STEP_START_SIMULATED, "the driver did not accept its recording",
     "Run 'DriverLoader start --recording=FILE': it says which line is wrong."},
    {112, STEP_ANY, "the disk is full", "Free some space on the system disk and try again."},
    {126, STEP_START, TOO_OLD_MEANING, TOO_OLD_ACTION},
    {127, STEP_ANY, TOO_OLD_MEANING, TOO_OLD_ACTION},
    {182, STEP_START, TOO_OLD_MEANING, TOO_OLD_ACTION},
    {183, STEP_ANY, "something of that name exists already", "Delete it and try again."},
    {183, STEP_START, NAME_TAKEN_MEANING, NAME_TAKEN_ACTION},
    {193, STEP_ANY, WRONG_IMAGE_MEANING, WRONG_IMAGE_ACTION},
    {206, STEP_ANY, "the path is too long", "Use a folder with a shorter path."},
    {216, STEP_ANY, WRONG_IMAGE_MEANING, WRONG_IMAGE_ACTION},
    {577, STEP_ANY,
     "Windows does not accept the driver's signature: it is unsigned, test-signed, or was altered",
     "Install the signed driver of a release. To develop, turn Secure Boot off, run "
     "'bcdedit /set testsigning on' and restart."},
    {654, STEP_START, "an earlier copy of the driver did not unload cleanly", "Restart Windows."},
    {ERROR_TEXT_NOT_ELEVATED, STEP_ANY,
     "this prompt is not elevated: changing drivers takes an administrator",
     "Right-click Command Prompt or Terminal in the Start menu and choose 'Run as "
     "administrator', or type in PowerShell: Start-Process cmd -Verb RunAs. Then run the command "
     "again."},
    {1003, STEP_ANY, TOO_OLD_MEANING, TOO_OLD_ACTION},
    {1051, STEP_ANY, "another service depends on this one and is running",
     "List it with: sc enumdepend ScaphandreDrv. Stop it first."},
    {1052, STEP_ANY, "the service does not take this request",
     "Run 'DriverLoader status' to see its state."},
    {1052, STEP_STOP,
     "Windows does not let this driver be stopped: it was installed as a device, or it cannot "
     "unload",
     "In Device Manager, disable the device 'Scaphandre' under Software devices or System "
     "devices; without such a device, restart Windows."},
    {1053, STEP_ANY, "the service manager did not get an answer in time",
     "Try again; if it stays so, restart Windows."},
    {1055, STEP_ANY, "another program is changing services right now",
     "Wait a minute (an installer or Windows Update may run) and try again."},
    {1056, STEP_ANY, "the driver is already running",
     "To start it with other settings, run 'DriverLoader stop' first."},
    {1056, STEP_START,
     "an earlier start is still there: the driver runs, or is unloading while a program holds it",
     HOLDERS_ACTION},
    {1058, STEP_ANY, "the service is disabled",
     "Run 'DriverLoader install', which enables it again, then 'DriverLoader start'."},
    {1060, STEP_ANY, "the driver is not installed", "Run 'DriverLoader install' first."},
    {1061, STEP_ANY, "the service is busy starting or stopping",
     "Wait a moment, then look with 'DriverLoader status'."},
    {1061, STEP_STOP, "the driver is already stopping and waits for programs that hold it open",
     HOLDERS_ACTION},
    {1062, STEP_ANY, "the driver is not running", "Run 'DriverLoader start' first."},
    {1072, STEP_ANY,
     "the service is deleted already and waits for the last program to let go of it",
     "Close Services, Task Manager, Computer Management and every program that reads the driver, "
     "then try again. If that does not help, restart Windows."},
    {1073, STEP_ANY, "a service of this name exists already",
     "Run 'DriverLoader remove', then 'DriverLoader install'."},
    {1078, STEP_ANY, "another service already shows the name 'Scaphandre Driver Service'",
     "Find it with: sc getkeyname \"Scaphandre Driver Service\". Remove it with: sc delete NAME."},
    {1115, STEP_ANY, "Windows is shutting down", "Try again after the restart."},
    {1117, STEP_START, "the driver could not read the energy registers",
     "Restart Windows and try again. If it stays so, report it with the output of "
     "'DriverLoader status'."},
    {1224, STEP_ANY, "the installed file is in use by the loaded driver",
     "Run 'DriverLoader stop' first. If that does not help, restart Windows."},
    {1260, STEP_ANY, "a group policy forbids it", "Ask whoever administers this machine."},
    {1275, STEP_ANY, "Windows blocks this driver from loading",
     BLOCKED_ACTION "The predecessor's or an altered file is blocked on purpose: install the "
                    "signed driver of a release."},
    {1450, STEP_ANY, "Windows ran out of memory for it", "Close programs or restart Windows."},
    {4551, STEP_ANY, "a code integrity policy (App Control, Smart App Control or S mode) blocks it",
     BLOCKED_ACTION "Whoever administers this machine can allow the driver's publisher or hash."},
    {120, STEP_DEVICE, "this Windows cannot change devices in this way",
     "Use Device Manager, or 'DriverLoader remove' and 'DriverLoader install' without --pnp."},
    {259, STEP_DEVICE, "the device has a better driver already",
     "Run 'DriverLoader remove', then 'DriverLoader install --pnp'."},
    {SETUPAPI(0x100), STEP_ANY, BROKEN_INF_MEANING, PACKAGE_ACTION},
    {SETUPAPI(0x101), STEP_ANY, BROKEN_INF_MEANING, PACKAGE_ACTION},
    {SETUPAPI(0x102), STEP_ANY, BROKEN_INF_MEANING, PACKAGE_ACTION},
    {SETUPAPI(0x203), STEP_ANY, "no driver in the package fits the device", PACKAGE_ACTION},
    {SETUPAPI(0x20B), STEP_ANY, "the device does not exist (any more)",
     "Run 'DriverLoader status', then 'DriverLoader install --pnp'."},
    {SETUPAPI(0x217), STEP_ANY, "the INF's part for the service is wrong", PACKAGE_ACTION},
    {SETUPAPI(0x219), STEP_ANY, "the INF names no service for the device", PACKAGE_ACTION},
    {SETUPAPI(0x228), STEP_ANY, "no driver in the package fits the device and this Windows",
     PACKAGE_ACTION},
    {SETUPAPI(0x22F), STEP_ANY, "the driver package has no catalog", PACKAGE_ACTION},
    {SETUPAPI(0x231), STEP_ANY, "the device cannot be disabled now",
     "Run 'DriverLoader remove', or restart Windows."},
    {SETUPAPI(0x232), STEP_ANY, "Windows needs the device and does not remove it",
     "Restart Windows and try again."},
    {SETUPAPI(0x235), STEP_ANY, "a 32-bit program may not install devices here",
     "Use the DriverLoader.exe of the release: it is an x64 program."},
    {SETUPAPI(0x23C), STEP_ANY, "Windows has no driver package of that name (any more)",
     "Run 'DriverLoader status'."},
    {SETUPAPI(0x23D), STEP_ANY, "a device still uses the driver package",
     "Restart Windows, then run 'DriverLoader remove' again."},
    {SETUPAPI(0x23F), STEP_ANY, "the driver package has no signed catalog", PACKAGE_ACTION},
    {SETUPAPI(0x240), STEP_ANY, "a policy forbids signatures that are not Microsoft's",
     "Ask whoever administers this machine, or install a package signed by Microsoft."},
    {SETUPAPI(0x241), STEP_ANY, UNTRUSTED_MEANING, UNTRUSTED_ACTION},
    {SETUPAPI(0x242), STEP_ANY, UNTRUSTED_MEANING, UNTRUSTED_ACTION},
    {SETUPAPI(0x243), STEP_ANY, "the publisher of the driver package is marked as not trusted",
     UNTRUSTED_ACTION},
    {SETUPAPI(0x244), STEP_ANY, "the catalog is not for this version of Windows", PACKAGE_ACTION},
    {SETUPAPI(0x246), STEP_ANY, "Windows is still setting up devices",
     "Wait a minute and try again."},
    {SETUPAPI(0x247), STEP_ANY,
     "Windows did not take the package into its driver store: most often because it does not "
     "trust the signature and may not ask",
     UNTRUSTED_ACTION " %SystemRoot%\\INF\\setupapi.dev.log says why."},
    {SETUPAPI(0x248), STEP_ANY, "a policy forbids installing this device",
     "Ask whoever administers this machine."},
    {SETUPAPI(0x249), STEP_ANY, "Windows blocks this driver",
     BLOCKED_ACTION "Install the signed package of a release."},
    {SETUPAPI(0x24B), STEP_ANY,
     "a file of the driver package is not the one its catalog was made for", PACKAGE_ACTION},
    {SETUPAPI(0x24C), STEP_ANY, "Windows could not delete the package from its driver store",
     "Restart Windows, then run 'DriverLoader remove' again."},
    {0x800B0100u, STEP_ANY, "the file has no signature", PACKAGE_ACTION},
    {0x800B0101u, STEP_ANY, "the certificate that signed the driver has expired",
     "Install the newest release, or make a new test certificate and sign again."},
    {0x800B0109u, STEP_DEVICE, UNTRUSTED_MEANING, UNTRUSTED_ACTION},
    {0x800F0242u, STEP_ANY, UNTRUSTED_MEANING, UNTRUSTED_ACTION},
    {0x800F0244u, STEP_ANY, "the catalog is not for this version of Windows", PACKAGE_ACTION},
    {0x800F024Bu, STEP_ANY, "a file of the driver package is not the one its catalog was made for",
     PACKAGE_ACTION},
    {0x80092009u, STEP_ANY, "the file is not a certificate",
     "Give the public certificate (.cer, DER or PEM); a .pfx or .p12 holds a private key, which "
     "must not be put on other machines."},
    {0x80096010u, STEP_ANY, "the file was altered after it was signed", PACKAGE_ACTION},
    {0x800B0109u, STEP_ANY,
     "the driver is signed with a certificate that this machine does not trust",
     "Install the signed driver of a release. A test certificate must be in the machine's Root "
     "and TrustedPublisher stores, with test signing on."},
    {0x800B010Cu, STEP_ANY, "the certificate that signed the driver was revoked",
     "Install the newest release."},
};

#define ROW_COUNT (sizeof(table) / sizeof(table[0]))

static const struct error_text *find_exact(uint32_t code, enum loader_step step)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (table[i].code == code && table[i].step == step) {
            return &table[i];
        }
    }
    return NULL;
}

const struct error_text *error_text_find(uint32_t code, enum loader_step step)
{
    const struct error_text *row = find_exact(code, step);

    if (row == NULL && step == STEP_START_SIMULATED) {
        row = find_exact(code, STEP_START);
    }
    return row != NULL ? row : find_exact(code, STEP_ANY);
}

const char *error_text_unknown_action(void)
{
    return "Please report it: the command line, the code above, the output of "
           "'DriverLoader status' and the Windows version ('winver').";
}

const struct error_text *error_text_row(uint32_t index)
{
    return index < ROW_COUNT ? &table[index] : NULL;
}
