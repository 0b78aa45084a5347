/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows: release and code integrity, the driver's service and settings.
 */
#include "lib/doctor/facts.h"

#include <windows.h>
#include <winternl.h>

#include <string.h>

#include <rapl/abi.h>

#include "lib/cpuid_here.h"
#include "lib/doctor/facts_win32.h"
#include "lib/doctor/hash.h"
#include "lib/doctor/signature.h"
#include "lib/service_read.h"

/* ntddk.h, "SYSTEM_CODEINTEGRITY_INFORMATION" (Microsoft Learn, NtQuerySystemInformation). */
#define CODE_INTEGRITY_CLASS     103
#define CODE_INTEGRITY_TEST_SIGN 0x002u
#define CODE_INTEGRITY_HVCI      0x400u

struct code_integrity {
    ULONG length;
    ULONG options;
};

typedef NTSTATUS(NTAPI *query_function)(int, void *, ULONG, ULONG *);
typedef NTSTATUS(NTAPI *version_function)(OSVERSIONINFOEXW *);

static uint8_t truth(bool yes)
{
    return yes ? RAPL_TRUTH_YES : RAPL_TRUTH_NO;
}

/* UNKNOWN without such a value. */
static uint8_t registry_truth(const wchar_t *key, const wchar_t *name)
{
    DWORD value;
    DWORD size = sizeof(value);

    return RegGetValueW(HKEY_LOCAL_MACHINE, key, name, RRF_RT_REG_DWORD, NULL, &value, &size) ==
                   ERROR_SUCCESS
               ? truth(value != 0)
               : RAPL_TRUTH_UNKNOWN;
}

/* Not GetVersionEx: it tells each program what its manifest wants to hear. */
static void gather_release(HMODULE ntdll, struct doctor_windows *out)
{
    const version_function get =
        (version_function)(void (*)(void))GetProcAddress(ntdll, "RtlGetVersion");
    OSVERSIONINFOEXW version = {.dwOSVersionInfoSize = sizeof(version)};

    if (get != NULL && get(&version) == 0) {
        out->major = version.dwMajorVersion;
        out->minor = version.dwMinorVersion;
        out->build = version.dwBuildNumber;
        out->is_server = truth(version.wProductType != VER_NT_WORKSTATION);
    }
}

static void gather_code_integrity(HMODULE ntdll, struct doctor_windows *out)
{
    const query_function query =
        (query_function)(void (*)(void))GetProcAddress(ntdll, "NtQuerySystemInformation");
    struct code_integrity integrity = {.length = sizeof(integrity)};

    if (query != NULL && query(CODE_INTEGRITY_CLASS, &integrity, sizeof(integrity), NULL) == 0) {
        out->test_signing = truth((integrity.options & CODE_INTEGRITY_TEST_SIGN) != 0);
        out->hvci = truth((integrity.options & CODE_INTEGRITY_HVCI) != 0);
    }
    out->secure_boot = registry_truth(L"SYSTEM\\CurrentControlSet\\Control\\SecureBoot\\State",
                                      L"UEFISecureBootEnabled");
    out->blocklist = registry_truth(L"SYSTEM\\CurrentControlSet\\Control\\CI\\Config",
                                    L"VulnerableDriverBlocklistEnable");
}

/* Windows code of the last start that failed: 0 if there is none, or it never was started. */
static void gather_exit_code(SC_HANDLE service, struct doctor_driver *out)
{
    SERVICE_STATUS status;

    if (QueryServiceStatus(service, &status) && status.dwCurrentState == SERVICE_STOPPED &&
        status.dwWin32ExitCode != ERROR_SERVICE_NEVER_STARTED) {
        out->exit_code = status.dwWin32ExitCode;
    }
}

static void gather_file(SC_HANDLE service, struct doctor_driver *out)
{
    static const wchar_t target[] = L"\\System32\\drivers\\" RAPL_DRIVER_FILE_NAME;
    struct rapl_service_config config;
    wchar_t path[RAPL_PATH_CHARS];
    wchar_t installed[RAPL_PATH_CHARS];

    if (rapl_service_config_read(service, &config) != ERROR_SUCCESS ||
        rapl_service_image_path(config.image, path) != ERROR_SUCCESS) {
        return;
    }
    const UINT length = GetSystemWindowsDirectoryW(installed, RAPL_PATH_CHARS);
    if (length == 0 || length + wcslen(target) >= RAPL_PATH_CHARS) {
        return;
    }
    wcscat(installed, target);
    out->file_missing =
        GetFileAttributesW(path) == INVALID_FILE_ATTRIBUTES &&
        (GetLastError() == ERROR_FILE_NOT_FOUND || GetLastError() == ERROR_PATH_NOT_FOUND);
    if (!out->file_missing) {
        out->place = (uint8_t)rapl_driver_place(path, installed);
        out->signature = (uint8_t)doctor_signature_of(path);
        (void)doctor_hash_file(path, out->sha256);
    }
}

static void gather_settings(struct doctor_driver *out)
{
    DWORD policy;
    DWORD size = sizeof(policy);
    const LSTATUS error =
        RegGetValueW(HKEY_LOCAL_MACHINE, RAPL_PARAMETERS_KEY, RAPL_ACCESS_VALUE_NAME,
                     RRF_RT_REG_DWORD, NULL, &policy, &size);

    if (error == ERROR_SUCCESS && policy <= RAPL_ACCESS_UNRESTRICTED) {
        out->has_policy = RAPL_TRUTH_YES;
        out->policy = policy;
    } else if (error == ERROR_SUCCESS || error == ERROR_FILE_NOT_FOUND) {
        out->has_policy = RAPL_TRUTH_NO;
    }
    out->is_pnp = registry_truth(RAPL_PARAMETERS_KEY, L"Mode");
}

static void gather_driver(struct doctor_driver *out)
{
    rapl_driver_state_query(&out->state);
    if (out->state.file_version[0] != '\0') {
        out->is_predecessor = truth(strncmp(out->state.file_version, "0.", 2) == 0);
    }
    gather_settings(out);

    const SC_HANDLE manager = OpenSCManagerW(NULL, NULL, SC_MANAGER_CONNECT);
    if (manager == NULL) {
        return;
    }
    const SC_HANDLE service =
        OpenServiceW(manager, RAPL_SERVICE_NAME, SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS);
    if (service != NULL) {
        gather_exit_code(service, out);
        gather_file(service, out);
        CloseServiceHandle(service);
    }
    CloseServiceHandle(manager);
}

static void gather_program(struct doctor_facts *out)
{
    wchar_t path[RAPL_PATH_CHARS];
    const DWORD length = GetModuleFileNameW(NULL, path, RAPL_PATH_CHARS);

    if (length != 0 && length < RAPL_PATH_CHARS) {
        (void)doctor_hash_file(path, out->program_sha256);
    }
}

void doctor_facts_system(struct doctor_facts *out)
{
    const struct rapl_cpuid cpuid = rapl_cpuid_here();
    const HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");

    out->system = DOCTOR_SYSTEM_WINDOWS;
    out->is_x86 = RAPL_TRUTH_YES;
    rapl_cpu_identify(&cpuid, &out->cpu);
    rapl_cpu_brand(&cpuid, out->brand);
    if (ntdll != NULL) {
        gather_release(ntdll, &out->windows);
        gather_code_integrity(ntdll, &out->windows);
    }
    gather_driver(&out->driver);
    doctor_facts_caller(&out->caller);
    doctor_facts_conflicts(out);
    gather_program(out);
}
