/* SPDX-License-Identifier: Apache-2.0
 *
 * DriverLoader's command line: what is accepted, with which meaning, and what is refused with which
 * words.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include <rapl/abi.h>

#include "loader/options.h"

#define ARGUMENTS_MAX 6

struct command {
    const char *arguments[ARGUMENTS_MAX]; /* without the program; ends with NULL */
};

static int count(const struct command *command, const char **argv)
{
    int argc = 1;

    argv[0] = "DriverLoader.exe";
    for (int i = 0; i < ARGUMENTS_MAX && command->arguments[i] != NULL; i++) {
        argv[argc++] = command->arguments[i];
    }
    return argc;
}

static const struct {
    struct command command;
    struct loader_options expected;
} accepted[] = {
    {{{"install"}}, {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO}},
    {{{"start"}}, {.verb = LOADER_START, .start = LOADER_START_AUTO}},
    {{{"stop"}}, {.verb = LOADER_STOP, .start = LOADER_START_AUTO}},
    {{{"remove"}}, {.verb = LOADER_REMOVE, .start = LOADER_START_AUTO}},
    {{{"status"}}, {.verb = LOADER_STATUS, .start = LOADER_START_AUTO}},
    {{{"--help"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"-h"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"/?"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"help"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"install", "--help"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"--help", "install"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"--version"}}, {.verb = LOADER_VERSION, .start = LOADER_START_AUTO}},
    {{{"install", "--access=admins"}},
     {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO, .access_given = true, .access = 0}},
    {{{"install", "--access=users"}},
     {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO, .access_given = true, .access = 1}},
    {{{"--access=unrestricted", "install"}},
     {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO, .access_given = true, .access = 2}},
    {{{"install", "--access=everyone"}},
     {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO, .access_given = true, .access = 2}},
    {{{"install", "--start=demand"}}, {.verb = LOADER_INSTALL, .start = LOADER_START_DEMAND}},
    {{{"install", "--start=auto"}}, {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO}},
    {{{"install", "--start=system"}}, {.verb = LOADER_INSTALL, .start = LOADER_START_SYSTEM}},
    {{{"install", "--simulated"}},
     {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO, .simulated = true}},
    {{{"install", "--simulated", "--recording=a=b.rec"}},
     {.verb = LOADER_INSTALL,
      .start = LOADER_START_AUTO,
      .simulated = true,
      .recording = "a=b.rec"}},
    {{{"install", "--pnp"}}, {.verb = LOADER_INSTALL, .start = LOADER_START_AUTO, .pnp = true}},
    {{{"install", "--inf=C:\\a=b.inf", "--pnp", "--simulated"}},
     {.verb = LOADER_INSTALL,
      .start = LOADER_START_AUTO,
      .pnp = true,
      .inf = "C:\\a=b.inf",
      .simulated = true}},
    {{{"testsign", "status"}}, {.verb = LOADER_TESTSIGN, .start = LOADER_START_AUTO}},
    {{{"testsign", "off", "--json"}},
     {.verb = LOADER_TESTSIGN,
      .start = LOADER_START_AUTO,
      .testsign = TESTSIGN_VERB_OFF,
      .json = true}},
    {{{"testsign", "--certificate=a.cer", "on", "--root"}},
     {.verb = LOADER_TESTSIGN,
      .start = LOADER_START_AUTO,
      .testsign = TESTSIGN_VERB_ON,
      .certificate = "a.cer",
      .root = true}},
    {{{"testsign", "--help", "on"}}, {.verb = LOADER_HELP, .start = LOADER_START_AUTO}},
    {{{"start", "--recording=x"}},
     {.verb = LOADER_START, .start = LOADER_START_AUTO, .recording = "x"}},
    {{{"stop", "--no-wait", "--quiet", "--json"}},
     {.verb = LOADER_STOP,
      .start = LOADER_START_AUTO,
      .no_wait = true,
      .quiet = true,
      .json = true}},
};

static void meanings(void **state)
{
    for (size_t i = 0; i < sizeof(accepted) / sizeof(accepted[0]); i++) {
        const struct loader_options *expected = &accepted[i].expected;
        const char *argv[ARGUMENTS_MAX + 1];
        const int argc = count(&accepted[i].command, argv);
        struct loader_options options;
        struct loader_usage_error error;

        memset(&options, 0xA5, sizeof(options));
        assert_true(options_parse(argc, argv, &options, &error));
        assert_int_equal(options.verb, expected->verb);
        assert_int_equal(options.start, expected->start);
        assert_int_equal(options.access_given, expected->access_given);
        if (expected->access_given) {
            assert_int_equal(options.access, expected->access);
        }
        assert_int_equal(options.simulated, expected->simulated);
        assert_int_equal(options.pnp, expected->pnp);
        if (expected->verb == LOADER_TESTSIGN) {
            assert_int_equal(options.testsign, expected->testsign);
        }
        assert_int_equal(options.root, expected->root);
        assert_int_equal(options.certificate == NULL, expected->certificate == NULL);
        if (expected->certificate != NULL) {
            assert_string_equal(options.certificate, expected->certificate);
        }
        assert_int_equal(options.inf == NULL, expected->inf == NULL);
        if (expected->inf != NULL) {
            assert_string_equal(options.inf, expected->inf);
        }
        assert_int_equal(options.no_wait, expected->no_wait);
        assert_int_equal(options.quiet, expected->quiet);
        assert_int_equal(options.json, expected->json);
        assert_int_equal(options.recording == NULL, expected->recording == NULL);
        if (expected->recording != NULL) {
            assert_string_equal(options.recording, expected->recording);
        }
    }
}

static const struct {
    struct command command;
    const char *problem;
    const char *argument; /* NULL: none */
    const char *action;   /* a part of it */
} refused[] = {
    {{{NULL}}, "no verb given", NULL, "install, start, stop, remove, status and testsign"},
    {{{"--quiet"}}, "no verb given", NULL, "install, start, stop, remove, status and testsign"},
    {{{""}}, "unknown verb", "", "install, start, stop, remove, status and testsign"},
    {{{"Install"}}, "unknown verb", "Install", "install, start, stop, remove, status and testsign"},
    {{{"uninstall"}}, "unknown verb", "uninstall", "remove"},
    {{{"install", "now"}}, "unknown verb", "now", "install"},
    {{{"install", "start"}}, "more than one verb", "start", "one verb"},
    {{{"start", "start"}}, "more than one verb", "start", "one verb"},
    {{{"install", "-"}}, "unknown option", "-", "--help"},
    {{{"install", "--"}}, "unknown option", "--", "--help"},
    {{{"install", "--acces=users"}}, "unknown option", "--acces=users", "--help"},
    {{{"install", "--accessory"}}, "unknown option", "--accessory", "--help"},
    {{{"install", "--access"}}, "option without its value", "--access", "--access=users"},
    {{{"install", "--access="}}, "value not understood", "--access=", "--access=admins"},
    {{{"install", "--access=Users"}}, "value not understood", "--access=Users", "--access=users"},
    {{{"install", "--start=boot"}}, "value not understood", "--start=boot", "--start=demand"},
    {{{"install", "--start=disabled"}}, "value not understood", "--start=disabled", "--start="},
    {{{"install", "--simulated=yes"}}, "option takes no value", "--simulated=yes", "--simulated"},
    {{{"install", "--simulated", "--recording="}},
     "value not understood",
     "--recording=",
     "--recording=FILE"},
    {{{"install", "--recording=a"}},
     "only the simulated driver plays a recording",
     "a",
     "--simulated"},
    {{{"testsign"}}, "testsign needs a word", "testsign", "testsign on"},
    {{{"testsign", "On"}}, "testsign does not do this", "On", "testsign on"},
    {{{"testsign", "on", "off"}}, "unknown verb", "off", "testsign"},
    {{{"testsign", "on", "--certificate="}},
     "value not understood",
     "--certificate=",
     "--certificate=FILE"},
    {{{"testsign", "off", "--certificate=a"}},
     "only 'testsign on' takes a certificate",
     "a",
     "leave it away"},
    {{{"testsign", "status", "--root"}}, "only 'testsign on' takes --root", "--root", "Leave"},
    {{{"install", "--root"}}, "option means nothing with this verb", "--root", "testsign on"},
    {{{"install", "--inf=a"}}, "only a device is installed by an INF", "a", "--pnp"},
    {{{"install", "--pnp", "--inf="}}, "value not understood", "--inf=", "--inf=FILE"},
    {{{"install", "--pnp", "--start=auto"}},
     "Windows itself starts a device",
     "--start=auto",
     "--start"},
    {{{"start", "--pnp"}}, "option means nothing with this verb", "--pnp", "install --pnp"},
    {{{"remove", "--inf=a"}}, "option means nothing with this verb", "--inf=a", "install --pnp"},
    {{{"install", "--quiet", "--quiet"}}, "option given twice", "--quiet", "once"},
    {{{"install", "--access=users", "--access=admins"}},
     "option given twice",
     "--access=admins",
     "once"},
    {{{"start", "--access=users"}},
     "option means nothing with this verb",
     "--access=users",
     "'install'"},
    {{{"remove", "--simulated"}},
     "option means nothing with this verb",
     "--simulated",
     "install --simulated"},
    {{{"start", "--no-wait"}}, "option means nothing with this verb", "--no-wait", "stop"},
    {{{"stop", "--recording=a"}}, "option means nothing with this verb", "--recording=a", "start"},
    {{{"status", "--start=auto"}},
     "option means nothing with this verb",
     "--start=auto",
     "install"},
};

static void refusals(void **state)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        const char *argv[ARGUMENTS_MAX + 1];
        const int argc = count(&refused[i].command, argv);
        struct loader_options options;
        struct loader_options untouched;
        struct loader_usage_error error = {0};

        memset(&options, 0xA5, sizeof(options));
        memcpy(&untouched, &options, sizeof(options));
        assert_false(options_parse(argc, argv, &options, &error));
        assert_memory_equal(&options, &untouched, sizeof(options));
        assert_string_equal(error.problem, refused[i].problem);
        assert_int_equal(error.argument == NULL, refused[i].argument == NULL);
        if (error.argument != NULL) {
            assert_string_equal(error.argument, refused[i].argument);
        }
        assert_non_null(strstr(error.action, refused[i].action));
    }
}

static void json_is_seen_in_a_wrong_command(void **state)
{
    const char *with[] = {"DriverLoader.exe", "bogus", "--json"};
    const char *without[] = {"DriverLoader.exe", "bogus", "--jsonx"};

    assert_true(options_want_json(3, with));
    assert_false(options_want_json(3, without));
    assert_false(options_want_json(0, without));
}

static void elevation(void **state)
{
    static const struct {
        struct loader_options options;
        bool needed;
    } rows[] = {
        {{.verb = LOADER_INSTALL}, true},
        {{.verb = LOADER_START}, true},
        {{.verb = LOADER_STOP}, true},
        {{.verb = LOADER_REMOVE}, true},
        {{.verb = LOADER_STATUS}, false},
        {{.verb = LOADER_HELP}, false},
        {{.verb = LOADER_VERSION}, false},
        {{.verb = LOADER_TESTSIGN, .testsign = TESTSIGN_VERB_STATUS}, false},
        {{.verb = LOADER_TESTSIGN, .testsign = TESTSIGN_VERB_ON}, true},
        {{.verb = LOADER_TESTSIGN, .testsign = TESTSIGN_VERB_OFF}, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(options_need_elevation(&rows[i].options), rows[i].needed);
    }
}

static void names(void **state)
{
    static const char *const verbs[] = {"install", "start",    "stop", "remove",
                                        "status",  "testsign", "help", "version"};
    static const char *const starts[] = {"boot", "system", "auto", "demand", "disabled"};

    for (unsigned i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        assert_string_equal(options_verb_name((enum loader_verb)i), verbs[i]);
    }
    assert_null(options_verb_name(LOADER_VERB_COUNT));
    assert_string_equal(options_access_name(0), "admins");
    assert_string_equal(options_access_name(1), "users");
    assert_string_equal(options_access_name(2), "unrestricted");
    assert_null(options_access_name(3));
    for (uint32_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        assert_string_equal(options_start_name(i), starts[i]);
    }
    assert_null(options_start_name(5));
}

static void usage_names_everything(void **state)
{
    static const char *const words[] = {
        "  install ", "  start ", "  stop ",     "  remove ",      "  status ",
        "--access=",  "--start=", "--simulated", "--recording=",   "--no-wait",
        "--pnp",      "--inf=",   "  testsign ", "--certificate=", "--root",
        "--json",     "--quiet",  "--help",      "--version",      "Exit codes",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_non_null(strstr(options_usage(), words[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(meanings),
        cmocka_unit_test(refusals),
        cmocka_unit_test(json_is_seen_in_a_wrong_command),
        cmocka_unit_test(elevation),
        cmocka_unit_test(names),
        cmocka_unit_test(usage_names_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
