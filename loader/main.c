/* SPDX-License-Identifier: Apache-2.0
 *
 * DriverLoader.exe: the command line in, one verb, an exit code out.
 */
#include <windows.h>

#include <rapl_version.h>

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

struct verb {
    int (*run)(const struct loader_options *options, struct report *report);
    bool changes_services;
};

static const struct verb verbs[LOADER_VERB_COUNT] = {
    [LOADER_INSTALL] = {verb_install, true},   [LOADER_START] = {verb_start, true},
    [LOADER_STOP] = {verb_stop, true},         [LOADER_REMOVE] = {verb_remove, true},
    [LOADER_STATUS] = {verb_status, false},    [LOADER_HELP] = {print_help, false},
    [LOADER_VERSION] = {print_version, false},
};

/* The arguments as UTF-8, in one block of memory; NULL if there is none to be had. */
static const char **narrow_arguments(int argc, wchar_t *const argv[])
{
    size_t size = (size_t)argc * sizeof(char *);
    for (int i = 0; i < argc; i++) {
        size += wcslen(argv[i]) * 3 + 1;
    }

    const char **arguments = (const char **)HeapAlloc(GetProcessHeap(), 0, size);
    if (arguments == NULL) {
        return NULL;
    }
    char *at = (char *)(arguments + argc);
    for (int i = 0; i < argc; i++) {
        const size_t room = wcslen(argv[i]) * 3 + 1;
        text_to_utf8(argv[i], at, room);
        arguments[i] = at;
        at += room;
    }
    return arguments;
}

static int refuse_usage(struct report *report, const struct loader_usage_error *error)
{
    wchar_t argument[512] = L"";

    if (error->argument == NULL) { /* nothing was asked for: show what can be */
        report_plain(report, options_usage(), false);
        return report_refusal(report, LOADER_USAGE, error->action, L"%hs", error->problem);
    }
    text_to_wide(error->argument, argument, TEXT_CHARS(argument));
    return report_refusal(report, LOADER_USAGE, error->action, L"%hs: %ls", error->problem,
                          argument);
}

static int run(int argc, const char *const argv[], struct report *report)
{
    struct loader_options options;
    struct loader_usage_error error;

    if (!options_parse(argc, argv, &options, &error)) {
        report_begin(report, NULL, options_want_json(argc, argv), false);
        return refuse_usage(report, &error);
    }
    const struct verb *verb = &verbs[options.verb];
    report_begin(report, options_verb_name(options.verb), options.json, options.quiet);
    if (verb->changes_services && !system_is_elevated()) {
        return report_error(report, LOADER_NOT_ELEVATED, STEP_ANY, ERROR_TEXT_NOT_ELEVATED,
                            L"cannot %hs", options_verb_name(options.verb));
    }
    return verb->run(&options, report);
}

int wmain(int argc, wchar_t *argv[])
{
    static struct report report; /* too large for the stack */

    /* No library is ever taken from the folder of the program: it may be a downloads folder. */
    SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32);
    const char **arguments = narrow_arguments(argc, argv);
    if (arguments == NULL) {
        return LOADER_CREATE_FAILED;
    }
    const int code = run(argc, arguments, &report);
    HeapFree(GetProcessHeap(), 0, (void *)arguments);
    return code;
}
