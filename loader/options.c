/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line: one table of verbs, one of options, one of each option's values.
 */
#include "loader/options.h"

#include <stddef.h>
#include <string.h>

#include <rapl/abi.h>

struct named_value {
    const char *name;
    uint32_t value;
};

static const struct named_value access_values[] = {
    {"admins", RAPL_ACCESS_ADMINS},
    {"users", RAPL_ACCESS_USERS},
    {"unrestricted", RAPL_ACCESS_UNRESTRICTED},
    {"everyone", RAPL_ACCESS_UNRESTRICTED},
};

static const struct named_value start_values[] = {
    {"demand", LOADER_START_DEMAND},
    {"auto", LOADER_START_AUTO},
    {"system", LOADER_START_SYSTEM},
    /* Never asked for, but `status` may meet them. */
    {"boot", 0},
    {"disabled", 4},
};

#define START_VALUES_TO_CHOOSE 3u

static const char *const verb_names[LOADER_VERB_COUNT] = {
    [LOADER_INSTALL] = "install", [LOADER_START] = "start",     [LOADER_STOP] = "stop",
    [LOADER_REMOVE] = "remove",   [LOADER_STATUS] = "status",   [LOADER_TESTSIGN] = "testsign",
    [LOADER_HELP] = "help",       [LOADER_VERSION] = "version",
};

static bool find_value(const struct named_value *values, size_t count, const char *name,
                       uint32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(values[i].name, name) == 0) {
            *out = values[i].value;
            return true;
        }
    }
    return false;
}

static const char *find_name(const struct named_value *values, size_t count, uint32_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].value == value) {
            return values[i].name;
        }
    }
    return NULL;
}

static bool set_access(struct loader_options *options, const char *value)
{
    options->access_given = true;
    return find_value(access_values, sizeof(access_values) / sizeof(access_values[0]), value,
                      &options->access);
}

static bool set_start(struct loader_options *options, const char *value)
{
    uint32_t start;
    if (!find_value(start_values, START_VALUES_TO_CHOOSE, value, &start)) {
        return false;
    }
    options->start = (enum loader_start)start;
    return true;
}

static bool set_recording(struct loader_options *options, const char *value)
{
    options->recording = value;
    return value[0] != '\0';
}

static bool set_inf(struct loader_options *options, const char *value)
{
    options->inf = value;
    return value[0] != '\0';
}

static bool set_certificate(struct loader_options *options, const char *value)
{
    options->certificate = value;
    return value[0] != '\0';
}

static bool set_help(struct loader_options *options, const char *value)
{
    (void)value;
    options->verb = LOADER_HELP;
    return true;
}

static bool set_version(struct loader_options *options, const char *value)
{
    (void)value;
    options->verb = LOADER_VERSION;
    return true;
}

#define WITH(verb) (1u << (verb))
#define WITH_ANY   ((1u << LOADER_VERB_COUNT) - 1u)

struct option {
    const char *name;
    bool takes_value;
    unsigned verbs; /* bit by enum loader_verb: where it means something */
    bool (*set)(struct loader_options *options, const char *value); /* NULL: sets `flag` */
    size_t flag;        /* offset of a bool in struct loader_options */
    const char *action; /* how it is written */
};

static const struct option option_table[] = {
    {"--access", true, WITH(LOADER_INSTALL), set_access, 0,
     "Write 'install' with --access=admins, --access=users or --access=unrestricted."},
    {"--start", true, WITH(LOADER_INSTALL), set_start, 0,
     "Write 'install' with --start=demand, --start=auto or --start=system."},
    {"--simulated", false, WITH(LOADER_INSTALL), NULL, offsetof(struct loader_options, simulated),
     "Write 'install --simulated'; the other verbs see by themselves what is installed."},
    {"--recording", true, WITH(LOADER_INSTALL) | WITH(LOADER_START), set_recording, 0,
     "Write 'install --simulated' or 'start' with --recording=FILE."},
    {"--pnp", false, WITH(LOADER_INSTALL), NULL, offsetof(struct loader_options, pnp),
     "Write 'install --pnp'; the other verbs see by themselves how it is installed."},
    {"--inf", true, WITH(LOADER_INSTALL), set_inf, 0,
     "Write 'install --pnp' with --inf=FILE, the INF of the driver package."},
    {"--certificate", true, WITH(LOADER_TESTSIGN), set_certificate, 0,
     "Write 'testsign on' with --certificate=FILE."},
    {"--root", false, WITH(LOADER_TESTSIGN), NULL, offsetof(struct loader_options, root),
     "Write 'testsign on --certificate=FILE --root'."},
    {"--no-wait", false, WITH(LOADER_STOP), NULL, offsetof(struct loader_options, no_wait),
     "Write 'stop --no-wait'."},
    {"--json", false, WITH_ANY, NULL, offsetof(struct loader_options, json),
     "Write --json without a value."},
    {"--quiet", false, WITH_ANY, NULL, offsetof(struct loader_options, quiet),
     "Write --quiet without a value."},
    {"--help", false, WITH_ANY, set_help, 0, "Write --help without a value."},
    {"-h", false, WITH_ANY, set_help, 0, "Write -h without a value."},
    {"/?", false, WITH_ANY, set_help, 0, "Write /? without a value."},
    {"--version", false, WITH_ANY, set_version, 0, "Write --version without a value."},
};

#define OPTION_COUNT (sizeof(option_table) / sizeof(option_table[0]))

struct parsing {
    struct loader_options options;
    const char *verb_argument;                 /* NULL until there was one */
    bool wants_word;                           /* testsign needs on, off or status */
    const char *option_argument[OPTION_COUNT]; /* as written; NULL if not given */
    struct loader_usage_error error;
};

static bool refuse(struct parsing *parsing, const char *problem, const char *argument,
                   const char *action)
{
    parsing->error = (struct loader_usage_error){problem, argument, action};
    return false;
}

/* The option whose name is `argument` up to its '=' or end; OPTION_COUNT if there is none. */
static size_t find_option(const char *argument)
{
    const size_t length = strcspn(argument, "=");
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strlen(option_table[i].name) == length &&
            memcmp(option_table[i].name, argument, length) == 0) {
            return i;
        }
    }
    return OPTION_COUNT;
}

static bool take_option(struct parsing *parsing, const char *argument)
{
    const size_t index = find_option(argument);
    if (index == OPTION_COUNT) {
        return refuse(parsing, "unknown option", argument,
                      "'DriverLoader --help' lists the options.");
    }

    const struct option *option = &option_table[index];
    const char *equals = strchr(argument, '=');
    if (parsing->option_argument[index] != NULL) {
        return refuse(parsing, "option given twice", argument, "Give it once.");
    }
    if (option->takes_value && equals == NULL) {
        return refuse(parsing, "option without its value", argument, option->action);
    }
    if (!option->takes_value && equals != NULL) {
        return refuse(parsing, "option takes no value", argument, option->action);
    }
    if (option->set == NULL) {
        *(bool *)((char *)&parsing->options + option->flag) = true;
    } else if (!option->set(&parsing->options, equals != NULL ? equals + 1 : NULL)) {
        return refuse(parsing, "value not understood", argument, option->action);
    }
    parsing->option_argument[index] = argument;
    return true;
}

#define TESTSIGN_ACTION "Write 'testsign on', 'testsign off' or 'testsign status'."

static bool take_word(struct parsing *parsing, const char *argument)
{
    static const char *const words[] = {
        [TESTSIGN_VERB_STATUS] = "status",
        [TESTSIGN_VERB_ON] = "on",
        [TESTSIGN_VERB_OFF] = "off",
    };

    for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], argument) == 0) {
            parsing->options.testsign = (enum loader_testsign)i;
            parsing->wants_word = false;
            return true;
        }
    }
    return refuse(parsing, "testsign does not do this", argument, TESTSIGN_ACTION);
}

static bool take_verb(struct parsing *parsing, const char *argument)
{
    if (parsing->wants_word) {
        return take_word(parsing, argument);
    }
    for (unsigned i = 0; i < LOADER_VERB_COUNT; i++) {
        if (strcmp(verb_names[i], argument) != 0) {
            continue;
        }
        if (parsing->verb_argument != NULL) {
            return refuse(parsing, "more than one verb", argument, "Give one verb a command.");
        }
        parsing->verb_argument = argument;
        parsing->wants_word = i == LOADER_TESTSIGN;
        if (parsing->options.verb == LOADER_VERB_COUNT) {
            parsing->options.verb = (enum loader_verb)i;
        }
        return true;
    }
    return refuse(parsing, "unknown verb", argument,
                  "The verbs are install, start, stop, remove, status and testsign.");
}

/* What was written of the option `name`; NULL if it was not given. */
static const char *given(const struct parsing *parsing, const char *name)
{
    return parsing->option_argument[find_option(name)];
}

static bool check_install(struct parsing *parsing)
{
    const struct loader_options *options = &parsing->options;

    if (options->recording != NULL && !options->simulated) {
        return refuse(parsing, "only the simulated driver plays a recording", options->recording,
                      "Add --simulated, or leave --recording away.");
    }
    if (options->inf != NULL && !options->pnp) {
        return refuse(parsing, "only a device is installed by an INF", options->inf,
                      "Add --pnp, or leave --inf away.");
    }
    if (options->pnp && given(parsing, "--start") != NULL) {
        return refuse(parsing, "Windows itself starts a device", given(parsing, "--start"),
                      "Leave --start away, or leave --pnp away.");
    }
    return true;
}

static bool check_testsign(struct parsing *parsing)
{
    const struct loader_options *options = &parsing->options;

    if (parsing->wants_word) {
        return refuse(parsing, "testsign needs a word", "testsign", TESTSIGN_ACTION);
    }
    if (options->testsign == TESTSIGN_VERB_ON) {
        return true;
    }
    if (options->certificate != NULL) {
        return refuse(parsing, "only 'testsign on' takes a certificate", options->certificate,
                      "'testsign off' takes out what 'testsign on' put in; leave it away.");
    }
    if (options->root) {
        return refuse(parsing, "only 'testsign on' takes --root", "--root", "Leave it away.");
    }
    return true;
}

static bool check_together(struct parsing *parsing)
{
    const struct loader_options *options = &parsing->options;

    if (options->verb == LOADER_VERB_COUNT) {
        return refuse(parsing, "no verb given", NULL,
                      "Give one of install, start, stop, remove, status and testsign.");
    }
    if (options->verb == LOADER_HELP || options->verb == LOADER_VERSION) {
        return true;
    }
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (parsing->option_argument[i] != NULL &&
            (option_table[i].verbs & WITH(options->verb)) == 0) {
            return refuse(parsing, "option means nothing with this verb",
                          parsing->option_argument[i], option_table[i].action);
        }
    }
    if (options->verb == LOADER_TESTSIGN) {
        return check_testsign(parsing);
    }
    return options->verb != LOADER_INSTALL || check_install(parsing);
}

bool options_parse(int argc, const char *const argv[], struct loader_options *out,
                   struct loader_usage_error *error)
{
    struct parsing parsing = {
        .options = {.verb = LOADER_VERB_COUNT, .start = LOADER_START_AUTO},
    };
    bool good = true;

    for (int i = 1; i < argc && good; i++) {
        const bool is_option = argv[i][0] == '-' || strcmp(argv[i], "/?") == 0;
        good = is_option ? take_option(&parsing, argv[i]) : take_verb(&parsing, argv[i]);
    }
    if (good && check_together(&parsing)) {
        *out = parsing.options;
        return true;
    }
    *error = parsing.error;
    return false;
}

bool options_want_json(int argc, const char *const argv[])
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            return true;
        }
    }
    return false;
}

bool options_need_elevation(const struct loader_options *options)
{
    switch (options->verb) {
    case LOADER_INSTALL:
    case LOADER_START:
    case LOADER_STOP:
    case LOADER_REMOVE:
        return true;
    case LOADER_TESTSIGN:
        return options->testsign != TESTSIGN_VERB_STATUS;
    default:
        return false;
    }
}

const char *options_verb_name(enum loader_verb verb)
{
    return verb < LOADER_VERB_COUNT ? verb_names[verb] : NULL;
}

const char *options_access_name(uint32_t access)
{
    return find_name(access_values, sizeof(access_values) / sizeof(access_values[0]), access);
}

const char *options_start_name(uint32_t start)
{
    return find_name(start_values, sizeof(start_values) / sizeof(start_values[0]), start);
}
