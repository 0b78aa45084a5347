/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening a session, and saying what is wrong with it.
 */
#include "cli/session.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* A wait is cut into pieces of this real time, so that Ctrl-C is seen. */
#define WAIT_PIECE_NS UINT64_C(100000000)

int cli_session_try(struct cli *cli, const char *source, struct rapl_session **out)
{
    const struct rapl_options options = {
        .size = sizeof(options),
        .flags = cli->common.cores ? RAPL_OPEN_CORES : 0,
        .source = source,
        .path = cli->common.path,
        .replay_speed_milli = cli->common.speed_milli,
    };
    int error = rapl_session_new(&options, out);

    if (error != RAPL_OK) {
        *out = NULL;
        return error;
    }
    return rapl_session_open(*out);
}

int cli_session_open(struct cli *cli, struct rapl_session **out)
{
    struct rapl_session *session;
    int error = cli_session_try(cli, cli->common.source, &session);
    int code;

    if (error == RAPL_OK) {
        *out = session;
        return EXIT_CODE_OK;
    }
    code = cli_session_complain_open(cli, session, error);
    rapl_session_free(session);
    return code;
}

int cli_session_exit_code(int error)
{
    switch (error) {
    case RAPL_OK:
        return EXIT_CODE_OK;
    case RAPL_ERROR_ARGUMENT:
        return EXIT_CODE_USAGE;
    case RAPL_ERROR_FILE:
        return EXIT_CODE_DATA;
    case RAPL_ERROR_MEMORY:
        return EXIT_CODE_OS;
    case RAPL_ERROR_DENIED:
        return EXIT_CODE_DENIED;
    case RAPL_ERROR_NO_SOURCE:
    case RAPL_ERROR_NOT_HERE:
    case RAPL_ERROR_SKIPPED:
    case RAPL_ERROR_UNSUPPORTED:
    case RAPL_ERROR_VERSION:
        return EXIT_CODE_UNAVAILABLE;
    default:
        return EXIT_CODE_IO;
    }
}

struct rapl_source_info cli_session_source(struct rapl_session *session, uint32_t index)
{
    struct rapl_source_info info = {.size = sizeof(info)};

    if (rapl_source_get(session, index, &info) != RAPL_OK) {
        memset(&info, 0, sizeof(info));
        info.status = RAPL_ERROR_NOT_HERE;
    }
    return info;
}

bool cli_session_serves(struct rapl_session *session, uint32_t index, struct rapl_source_info *out)
{
    bool serves;

    *out = cli_session_source(session, index);
    serves = out->status == RAPL_OK;
    for (uint32_t i = 0; !serves && i < rapl_domain_count(session); i++) {
        struct rapl_domain_info domain = {.size = sizeof(domain)};

        serves = rapl_domain_get(session, i, &domain) == RAPL_OK && domain.source == index;
    }
    return serves;
}

static void list_names(struct text *out)
{
    const char *name;

    for (uint32_t i = 0; (name = rapl_source_name(i)) != NULL; i++) {
        text_printf(out, "%s%s", i != 0 ? ", " : "", name);
    }
}

static int complain_argument(struct cli *cli)
{
    if (cli->common.source == NULL) {
        cli_complain(cli, "%s.", rapl_error_message(RAPL_ERROR_ARGUMENT));
        return EXIT_CODE_USAGE;
    }
    if (strcmp(cli->common.source, "replay") == 0 && cli->common.path == NULL) {
        cli_complain(cli, "the source replay takes a recording: write --replay FILE.");
        return EXIT_CODE_USAGE;
    }
    cli_complain(cli, "--source \"%s\": this build has ", cli->common.source);
    cli->err.size -= 1; /* the newline: the sentence goes on */
    list_names(&cli->err);
    text_add(&cli->err, "; several are joined by +.\n");
    return EXIT_CODE_USAGE;
}

/* The remedy to try first: a source's that is there and refused, else the first there is. */
static int find_next_step(struct rapl_session *session, struct rapl_source_info *out)
{
    int found = -1;

    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info = cli_session_source(session, i);

        if (info.remedy[0] == '\0' || info.status == RAPL_OK) {
            continue;
        }
        if (found < 0 || (out->status == RAPL_ERROR_NOT_HERE && info.status != out->status)) {
            *out = info;
            found = (int)i;
        }
    }
    return found;
}

/* The source's own error if it was named alone, or if it is there and refuses. */
static int worst_error(struct rapl_session *session, int error)
{
    for (uint32_t i = 0; error == RAPL_ERROR_NO_SOURCE && i < rapl_source_count(session); i++) {
        if (cli_session_source(session, i).status == RAPL_ERROR_DENIED) {
            return RAPL_ERROR_DENIED;
        }
    }
    return error;
}

int cli_session_complain_open(struct cli *cli, struct rapl_session *session, int error)
{
    struct rapl_source_info next = {.status = RAPL_OK};
    uint32_t count = session != NULL ? rapl_source_count(session) : 0;

    if (error == RAPL_ERROR_ARGUMENT || (error == RAPL_ERROR_FILE && cli->common.path == NULL)) {
        return complain_argument(cli);
    }
    if (count == 0) {
        cli_complain(cli, "%s.", rapl_error_message(error));
        return cli_session_exit_code(error);
    }
    if (count == 1) {
        struct rapl_source_info only = cli_session_source(session, 0);

        cli_complain(cli, "the source %s cannot be read: %s.", only.name,
                     only.reason[0] != '\0' ? only.reason : rapl_error_message(only.status));
    } else {
        cli_complain(cli, "no source of energy can be read on this machine. Tried:");
        for (uint32_t i = 0; i < count; i++) {
            struct rapl_source_info info = cli_session_source(session, i);

            text_printf(&cli->err, "  %-9s %s\n", info.name,
                        info.reason[0] != '\0' ? info.reason : rapl_error_message(info.status));
        }
    }
    if (find_next_step(session, &next) >= 0) {
        text_printf(&cli->err, "Next: %s%s\n", next.remedy,
                    next.remedy[strlen(next.remedy) - 1] == '.' ? "" : ".");
    }
    return cli_session_exit_code(worst_error(session, error));
}

/* The system's code behind the first domain's error, if it gave one. */
static void add_system_error(struct cli *cli, struct rapl_session *session)
{
    struct rapl_domain_info info = {.size = sizeof(info)};

    if (rapl_domain_get(session, 0, &info) == RAPL_OK && info.system_error != 0) {
        text_printf(&cli->err, "The system's error is %u.\n", (unsigned)info.system_error);
    }
    text_add(&cli->err, "`rapl list` tries every source.\n");
}

int cli_session_complain_read(struct cli *cli, struct rapl_session *session, int error)
{
    cli_complain(cli, "no energy counter can be read: %s.", rapl_error_message(error));
    add_system_error(cli, session);
    return cli_session_exit_code(error);
}

int cli_session_complain_lost(struct cli *cli, struct rapl_session *session, int error)
{
    /* A driver that is stopped may answer anything to those who still hold it. */
    cli_complain(cli,
                 "the source no longer answers: its driver was stopped or its device removed (%s).",
                 rapl_error_message(error));
    add_system_error(cli, session);
    return EXIT_CODE_IO;
}

bool cli_session_has_flag(struct rapl_session *session, uint32_t flag)
{
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info;

        if (cli_session_serves(session, i, &info) && (info.flags & flag) != 0) {
            return true;
        }
    }
    return false;
}

bool cli_session_is_replay(struct rapl_session *session)
{
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info;

        if (cli_session_serves(session, i, &info) && info.kind == RAPL_SOURCE_REPLAY) {
            return true;
        }
    }
    return false;
}

bool cli_session_wait(struct cli *cli, struct rapl_session *session, uint64_t until_ns)
{
    uint64_t piece_ns = WAIT_PIECE_NS;

    if (cli_session_is_replay(session)) {
        piece_ns = cli->common.speed_milli == 0
                       ? UINT64_MAX
                       : WAIT_PIECE_NS / 1000 * cli->common.speed_milli + 1;
    }
    for (;;) {
        uint64_t now_ns = rapl_now_ns(session);

        if (cli_interrupted(cli)) {
            return false;
        }
        if (now_ns >= until_ns) {
            return true;
        }
        rapl_wait_until(session, until_ns - now_ns > piece_ns ? now_ns + piece_ns : until_ns);
    }
}

void cli_session_label(struct text *out, struct rapl_session *session)
{
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    bool simulated = cli_session_has_flag(session, RAPL_FLAG_SIMULATED);

    /* First: a narrow terminal cuts off what comes last. */
    text_add(out, simulated ? ", simulated" : "");
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info;

        if (cli_session_serves(session, i, &info)) {
            text_printf(out, ", %s", info.title[0] != '\0' ? info.title : info.name);
        }
    }
    if (simulated && !cli_session_is_replay(session) &&
        rapl_machine_get(session, &machine) == RAPL_OK && machine.recording[0] != '\0') {
        text_printf(out, ", plays \"%s\"", machine.recording);
    }
}

void cli_session_pace(struct text *out, const struct rapl_source_info *info)
{
    bool coarse = (info->flags & RAPL_FLAG_COARSE) != 0;

    text_add(out, coarse ? ", coarse" : "");
    if (info->resolution_us != 0 && coarse) {
        text_printf(out, ": new values every %" PRIu32 " ms", info->resolution_us / 1000);
    } else if (info->resolution_us != 0) {
        text_printf(out, ", new values every %" PRIu32 " us", info->resolution_us);
    }
}

void cli_index_json(struct json *json, const char *key, uint32_t value)
{
    if (value == RAPL_NONE) {
        json_null(json, key);
    } else {
        json_unsigned(json, key, value);
    }
}

void cli_session_json(struct json *json, struct rapl_session *session)
{
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    bool known = rapl_machine_get(session, &machine) == RAPL_OK && machine.recording[0] != '\0';

    json_bool(json, "simulated", cli_session_has_flag(session, RAPL_FLAG_SIMULATED));
    json_string(json, "recording", known ? machine.recording : NULL);
    json_begin_array(json, "sources");
    for (uint32_t i = 0; i < rapl_source_count(session); i++) {
        struct rapl_source_info info;

        if (cli_session_serves(session, i, &info)) {
            json_string(json, NULL, info.name);
        }
    }
    json_end_array(json);
}

void cli_session_status(int status, char out[CLI_STATUS_SIZE])
{
    static const char prefix[] = "RAPL_ERROR_";
    const char *name = rapl_error_name(status);
    size_t size = 0;

    if (status == RAPL_OK) {
        name = "OK";
    } else if (strncmp(name, prefix, sizeof(prefix) - 1) == 0) {
        name += sizeof(prefix) - 1;
    }
    for (; name[size] != '\0' && size + 1 < CLI_STATUS_SIZE; size++) {
        out[size] = (char)(name[size] == '_' ? '-' : tolower((unsigned char)name[size]));
    }
    out[size] = '\0';
}
