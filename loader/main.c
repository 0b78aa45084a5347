/* SPDX-License-Identifier: Apache-2.0
 *
 * DriverLoader.exe: the command line in, one verb, an exit code out.
 */
#include <windows.h>

#include <stdlib.h>

#include <rapl_version.h>

#include "lib/utf.h"
#include "loader/system.h"
#include "loader/text.h"
#include "loader/verbs.h"

static int print_help(const struct loader_options *options, struct report *report)
{
    (void)options;
    report_plain(report, options_usage(), true);
    return report_ok(report, LOADER_OK, L"");
}

static int print_version(const struct loader_options *options, struct report *report)
{
    (void)options;
    json_string(&report->object, "version", RAPL_VERSION_STRING);
    report_plain(report, "DriverLoader " RAPL_VERSION_STRING "\n", true);
    return report_ok(report, LOADER_OK, L"");
}

typedef int run_verb(const struct loader_options *options, struct report *report);

static run_verb *const verbs[LOADER_VERB_COUNT] = {
    [LOADER_INSTALL] = verb_install, [LOADER_START] = verb_start,
    [LOADER_STOP] = verb_stop,       [LOADER_REMOVE] = verb_remove,
    [LOADER_STATUS] = verb_status,   [LOADER_TESTSIGN] = verb_testsign,
    [LOADER_HELP] = print_help,      [LOADER_VERSION] = print_version,
};

static int refuse_usage(struct report *report, const struct loader_usage_error *error)
{
    wchar_t argument[512] = L"";

    if (error->argument == NULL) { /* nothing was asked for: show what can be */
        report_plain(report, options_usage(), false);
        return report_refusal(report, LOADER_USAGE, error->action, L"%hs", error->problem);
    }
    (void)rapl_wide_from_utf8(error->argument, argument, TEXT_CHARS(argument));
    return report_refusal(report, LOADER_USAGE, error->action, L"%hs: %ls", error->problem,
                          argument);
}

static int run(int argc, char *argv[], struct report *report)
{
    struct loader_options options;
    struct loader_usage_error error;

    if (!options_parse(argc, (const char *const *)argv, &options, &error)) {
        report_begin(report, NULL, options_want_json(argc, (const char *const *)argv), false);
        return refuse_usage(report, &error);
    }
    report_begin(report, options_verb_name(options.verb), options.json, options.quiet);
    if (options_need_elevation(&options) && !system_is_elevated()) {
        return report_error(report, LOADER_NOT_ELEVATED, STEP_ANY, ERROR_TEXT_NOT_ELEVATED,
                            L"cannot %hs", options_verb_name(options.verb));
    }
    return verbs[options.verb](&options, report);
}

int wmain(int argc, wchar_t *argv[])
{
    static struct report report; /* too large for the stack */

    /* No library is ever taken from the folder of the program: it may be a downloads folder. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    char **arguments = rapl_utf8_arguments(argc, argv);
    if (arguments == NULL) {
        return LOADER_CREATE_FAILED;
    }
    const int code = run(argc, arguments, &report);
    free(arguments);
    return code;
}
