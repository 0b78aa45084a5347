/* SPDX-License-Identifier: Apache-2.0
 *
 * testsign: test mode and the certificate of a test-signed driver, on, off and as they are.
 */
#include "loader/verbs.h"

#include "lib/utf.h"
#include "loader/certificates.h"
#include "loader/files.h"
#include "loader/process.h"
#include "loader/system.h"
#include "loader/testsign.h"
#include "loader/testsign_notes.h"
#include "loader/text.h"

#define BCDEDIT_WAIT_MS 30000u

struct testsign {
    struct report *report;
    struct certificate certificate;
    struct process_result bcdedit;
};

static uint32_t set_boot_option(void *context, bool on)
{
    struct testsign *testsign = context;

    const DWORD error =
        process_run(L"bcdedit.exe", on ? L"/set testsigning on" : L"/set testsigning off",
                    BCDEDIT_WAIT_MS, &testsign->bcdedit);
    if (error != ERROR_SUCCESS) {
        return error;
    }
    return testsign->bcdedit.exit_code == 0 ? ERROR_SUCCESS : ERROR_FUNCTION_FAILED;
}

static uint32_t add(void *context, enum testsign_store store, bool *had)
{
    struct testsign *testsign = context;

    return certificate_add(&testsign->certificate, store, had);
}

static uint32_t take_out(void *context, enum testsign_store store, const char *thumbprint)
{
    struct testsign *testsign = context;

    const DWORD error = certificate_remove(store, thumbprint);
    if (error == ERROR_SUCCESS) {
        report_note(testsign->report,
                    L"Certificate %hs is not in the machine's %ls store any more.", thumbprint,
                    certificate_store_name(store));
    }
    return error;
}

static uint32_t remember(void *context, enum testsign_store store, const char *thumbprint)
{
    (void)context;
    return testsign_note(store, thumbprint);
}

static uint32_t forget(void *context, enum testsign_store store, const char *thumbprint)
{
    (void)context;
    return testsign_unnote(store, thumbprint);
}

static bool remembers(void *context, enum testsign_store store, const char *thumbprint)
{
    (void)context;
    return testsign_noted(store, thumbprint);
}

static struct testsign_system windows(struct testsign *testsign)
{
    return (struct testsign_system){
        .context = testsign,
        .set_boot_option = set_boot_option,
        .add = add,
        .remove = take_out,
        .remember = remember,
        .forget = forget,
        .remembers = remembers,
    };
}

static struct testsign_facts facts_of(const struct system_signing *signing)
{
    return (struct testsign_facts){
        .secure_boot = signing->secure_boot,
        .test_signing = signing->test_signing,
        .hvci = signing->hvci,
    };
}

/* Reads the file that --certificate names. */
static int open_certificate(struct testsign *testsign, const char *file)
{
    struct loader_path path;

    DWORD error = files_full_path(file, &path);
    if (error == ERROR_SUCCESS) {
        error = files_check_readable(path.text);
    }
    if (error != ERROR_SUCCESS) {
        return report_error(testsign->report,
                            error == ERROR_FILE_NOT_FOUND ? LOADER_FILE_NOT_FOUND : LOADER_BAD_FILE,
                            STEP_CERTIFICATE, error, L"cannot read the certificate %hs", file);
    }
    error = certificate_open(path.text, &testsign->certificate);
    if (error != ERROR_SUCCESS) {
        return report_error(testsign->report, LOADER_BAD_FILE, STEP_CERTIFICATE, error,
                            L"cannot read the certificate %ls", path.text);
    }
    report_note(testsign->report, L"Certificate %hs of %ls.",
                testsign->certificate.facts.thumbprint, testsign->certificate.name);
    return LOADER_OK;
}

static int report_failed(struct testsign *testsign, const struct testsign_result *result)
{
    static const wchar_t *const what[] = {
        [TESTSIGN_NONE] = L"",
        [TESTSIGN_CERTIFICATE] = L"cannot change the machine's certificate store",
        [TESTSIGN_NOTES] = L"cannot write down in the registry what was done",
        [TESTSIGN_BOOT] = L"cannot run bcdedit.exe",
    };

    if (result->failed == TESTSIGN_BOOT && testsign->bcdedit.exit_code != 0) {
        return report_refusal(
            testsign->report, LOADER_TESTSIGN_FAILED,
            "Where it speaks of Secure Boot, turn that off in the firmware setup. "
            "Else look at the boot entry with: bcdedit /enum {current}.",
            L"bcdedit.exe ended with %lu: %ls", (unsigned long)testsign->bcdedit.exit_code,
            testsign->bcdedit.said);
    }
    return report_error(testsign->report, LOADER_TESTSIGN_FAILED, STEP_CERTIFICATE, result->error,
                        L"%ls", what[result->failed]);
}

static void explain_on(struct report *report, const struct system_signing *signing)
{
    report_note(report,
                L"From the next start, Windows loads drivers that anybody signed for tests, "
                L"shows \"Test Mode\" on the desktop, and some games refuse to run.");
    if (signing->hvci) {
        report_warning(report,
                       L"memory integrity (HVCI) is on: it checks drivers too, and this one "
                       L"was not tried with it");
    }
    report_flag(report, "restart_needed", !signing->test_signing);
}

static void explain_added(struct testsign *testsign, const struct testsign_result *result)
{
    for (unsigned store = 0; store < TESTSIGN_STORE_COUNT; store++) {
        if (result->added[store]) {
            report_note(testsign->report,
                        L"Put it into the machine's %ls store; 'DriverLoader testsign off' takes "
                        L"it out again.",
                        certificate_store_name((enum testsign_store)store));
        }
    }
}

static int turn_on(struct testsign *testsign, const struct loader_options *options)
{
    const struct testsign_system system = windows(testsign);
    const bool given = testsign->certificate.context != NULL;
    const struct testsign_request request = {given ? &testsign->certificate.facts : NULL,
                                             options->root};
    struct system_signing signing;
    struct testsign_result result;

    system_signing_read(&signing);
    const struct testsign_facts facts = facts_of(&signing);
    const struct testsign_refusal *refusal = testsign_refuse(&facts, &request);
    if (refusal != NULL) {
        return report_refusal(testsign->report,
                              facts.secure_boot ? LOADER_TESTSIGN_FAILED : LOADER_BAD_FILE,
                              refusal->action, L"%hs; nothing was changed", refusal->problem);
    }
    testsign_on(&system, &request, &result);
    if (result.failed != TESTSIGN_NONE) {
        return report_failed(testsign, &result);
    }
    explain_added(testsign, &result);
    explain_on(testsign->report, &signing);
    report_next(testsign->report,
                signing.test_signing ? "DriverLoader install" : "restart Windows");
    return report_ok(testsign->report, LOADER_OK,
                     signing.test_signing ? L"Test signing is on."
                                          : L"Test signing is on after a restart.");
}

static int turn_off(struct testsign *testsign)
{
    const struct testsign_system system = windows(testsign);
    struct testsign_note notes[TESTSIGN_NOTES_MAX];
    struct system_signing signing;
    struct testsign_result result;
    uint32_t count = 0;

    const DWORD error = testsign_notes_read(notes, &count);
    if (error != ERROR_SUCCESS) {
        return report_error(testsign->report, LOADER_TESTSIGN_FAILED, STEP_ANY, error,
                            L"cannot read what 'testsign on' did");
    }
    testsign_off(&system, notes, count, &result);
    if (result.failed != TESTSIGN_NONE) {
        return report_failed(testsign, &result);
    }
    system_signing_read(&signing);
    report_flag(testsign->report, "restart_needed", signing.test_signing);
    report_next(testsign->report, signing.test_signing ? "restart Windows" : NULL);
    return report_ok(testsign->report, LOADER_OK,
                     signing.test_signing ? L"Test signing is off after a restart."
                                          : L"Test signing is off.");
}

static void show_notes(struct report *report)
{
    struct testsign_note notes[TESTSIGN_NOTES_MAX];
    uint32_t count = 0;

    (void)testsign_notes_read(notes, &count);
    report_row(report, "certificates", L"certificates",
               count == 0 ? L"none put in by testsign on" : L"%lu put in by testsign on",
               (unsigned long)count);
    for (uint32_t i = 0; i < count; i++) {
        bool there = false;
        const DWORD error = certificate_is_there(notes[i].store, notes[i].thumbprint, &there);
        report_note(report, L"%hs in %ls%ls", notes[i].thumbprint,
                    certificate_store_name(notes[i].store),
                    error == ERROR_SUCCESS && !there ? L" (taken out by somebody else)" : L"");
    }
}

static int show(struct report *report)
{
    struct system_signing signing;

    system_signing_read(&signing);
    if (signing.secure_boot_known) {
        report_row_flag(report, "secure_boot", L"Secure Boot", signing.secure_boot);
    } else {
        report_row(report, "secure_boot", L"Secure Boot", L"not on this machine");
    }
    if (signing.integrity_known) {
        report_row_flag(report, "test_signing", L"test mode", signing.test_signing);
        report_row_flag(report, "hvci", L"HVCI", signing.hvci);
    } else {
        report_row(report, "test_signing", L"test mode", L"unknown");
    }
    show_notes(report);
    if (signing.secure_boot) {
        report_warning(report, L"under Secure Boot, test signing cannot be used");
    }
    return report_ok(report, LOADER_OK, L"");
}

int verb_testsign(const struct loader_options *options, struct report *report)
{
    struct testsign testsign = {.report = report};
    int code = LOADER_OK;

    if (options->testsign == TESTSIGN_VERB_STATUS) {
        return show(report);
    }
    if (options->certificate != NULL) {
        code = open_certificate(&testsign, options->certificate);
    }
    if (code == LOADER_OK) {
        code = options->testsign == TESTSIGN_VERB_ON ? turn_on(&testsign, options)
                                                     : turn_off(&testsign);
    }
    certificate_close(&testsign.certificate);
    return code;
}
