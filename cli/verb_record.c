/* SPDX-License-Identifier: Apache-2.0
 *
 * `rapl record`: this machine's energy registers as a recording, for bug reports and tests.
 */
#include <inttypes.h>

#include "cli/cli.h"
#include "cli/msr.h"
#include "cli/output.h"
#include "cli/recorder.h"

#define SLICE_100NS UINT64_C(1000000) /* a wait is cut into pieces, so that Ctrl-C is seen */

struct request {
    uint64_t interval_ms;
    uint64_t duration_ms;
    const char *title;
    struct output_options output;
};

enum { OPTION_INTERVAL = 1, OPTION_DURATION, OPTION_OUTPUT, OPTION_TITLE, OPTION_OVERWRITE };

static int take_option(struct cli *cli, void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_INTERVAL:
        return cli_take_duration(cli, "record", "--interval", value, &request->interval_ms);
    case OPTION_DURATION:
        return cli_take_duration(cli, "record", "--duration", value, &request->duration_ms);
    case OPTION_OUTPUT:
        request->output.path = value;
        return EXIT_CODE_OK;
    case OPTION_TITLE:
        request->title = value;
        return EXIT_CODE_OK;
    default: /* OPTION_OVERWRITE */
        request->output.replace = true;
        return EXIT_CODE_OK;
    }
}

/* False: interrupted. */
static bool wait_until(struct cli *cli, const struct rapl_clock *clock, uint64_t until_100ns)
{
    for (;;) {
        uint64_t now_100ns = clock->now_100ns(clock->context);

        if (cli_interrupted(cli)) {
            return false;
        }
        if (now_100ns >= until_100ns) {
            return true;
        }
        clock->sleep_100ns(clock->context, until_100ns - now_100ns > SLICE_100NS
                                               ? SLICE_100NS
                                               : until_100ns - now_100ns);
    }
}

/* The exit code: what was recorded until something ends it is kept. */
static int sample(struct cli *cli, const struct request *request, const struct msr *msr,
                  struct recorder *recorder)
{
    uint64_t next_100ns = msr->clock.now_100ns(msr->clock.context);
    uint64_t end_100ns = next_100ns + request->duration_ms * 10000;

    while (next_100ns < end_100ns) {
        next_100ns += request->interval_ms * 10000;
        if (!wait_until(cli, &msr->clock, next_100ns)) {
            cli_complain(cli, "interrupted: the recording ends here.");
            return EXIT_CODE_OK;
        }
        switch (recorder_sample(recorder)) {
        case RECORDER_SAMPLED:
            break;
        case RECORDER_FULL:
            cli_complain(cli, "a recording has room for no more points: it ends here. A longer "
                              "--interval takes less.");
            return EXIT_CODE_OK;
        case RECORDER_LOST:
            cli_complain(cli, "the counters can no longer be read: their driver was stopped or "
                              "its device removed. The recording ends here.");
            return EXIT_CODE_IO;
        }
    }
    return EXIT_CODE_OK;
}

static int complain(struct cli *cli, enum recorder_result result, const struct msr *msr)
{
    switch (result) {
    case RECORDER_NO_RAPL:
        cli_complain(cli, "this CPU has no energy register that can be read: there is nothing to "
                          "record.");
        return EXIT_CODE_UNAVAILABLE;
    case RECORDER_TOO_MANY:
        cli_complain(cli, "a recording has room for 256 processors; this machine has %" PRIu32 ".",
                     msr->host.processor_count);
        return EXIT_CODE_UNAVAILABLE;
    default:
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
}

static int record(struct cli *cli, const struct request *request, const struct msr *msr)
{
    const char *title = request->title;
    struct recorder *recorder;
    struct output output;
    enum recorder_result result = recorder_new(&msr->host, &msr->device, &recorder);
    int code;

    if (result != RECORDER_OK) {
        return complain(cli, result, msr);
    }
    if (title == NULL) {
        title = msr->host.brand[0] != '\0' ? msr->host.brand : "A machine";
    }
    /* First, so that ten seconds are not for nothing. */
    code = output_open(cli, &request->output, 0, &output);
    if (code == EXIT_CODE_OK) {
        int sampled = sample(cli, request, msr, recorder);
        int closed;

        recorder_write(recorder, title, msr->simulated, &cli->out);
        code = output_write(&output);
        closed = output_close(&output);
        code = code == EXIT_CODE_OK ? closed : code;
        code = code == EXIT_CODE_OK ? sampled : code;
    }
    if (code == EXIT_CODE_OK && request->output.path != NULL) {
        text_printf(&cli->err,
                    "Recorded%s. Look at it before you share it: it is text, and holds "
                    "the CPU's name, its topology and its energy registers.\n",
                    msr->simulated ? ", from a simulated driver" : "");
    }
    recorder_free(recorder);
    return code;
}

static int run(struct cli *cli, int argc, char **argv)
{
    struct request request = {.interval_ms = 10, .duration_ms = 10000};
    struct msr msr;
    bool helped;
    int code = cli_parse(cli, &verb_record, argc, argv, &request, &helped);

    if (code != EXIT_CODE_OK || helped) {
        return code;
    }
    code = msr_open(cli, &msr);
    if (code == EXIT_CODE_OK) {
        code = record(cli, &request, &msr);
        msr_close(&msr);
    }
    return code;
}

static const struct option option_table[] = {
    {'o', "output", "FILE", NULL, OPTION_OUTPUT, "write to this file; default: standard output"},
    {'d', "duration", "DURATION", NULL, OPTION_DURATION, "how long; default 10s"},
    {'i', "interval", "DURATION", NULL, OPTION_INTERVAL,
     "read the energy counters this often; default 10ms"},
    {'\0', "title", "TEXT", NULL, OPTION_TITLE, "name of the recording; default: the CPU's"},
    {'\0', "overwrite", NULL, NULL, OPTION_OVERWRITE, "replace the file if it is there"},
};

static const struct verb_example examples[] = {
    {"rapl record -o machine.rec", "ten seconds of this machine's energy registers"},
    {"rapl record -d 1m -i 100ms --title \"Idle desktop\" -o idle.rec", "a minute, more coarsely"},
};

static const struct verb_exit exits[] = {
    {EXIT_CODE_UNAVAILABLE, "no driver, no /dev/cpu/N/msr, or a CPU without energy registers"},
    {EXIT_CODE_CREATE, "the file is there already, or cannot be made"},
    {EXIT_CODE_IO,
     "the counters could no longer be read (what was recorded is kept), or the output "
     "could not be written"},
    {EXIT_CODE_DENIED, "this user may not read registers"},
};

const struct verb_syntax verb_record = {
    .name = "record",
    .summary = "record this machine's energy registers, for bug reports and tests",
    .examples = examples,
    .example_count = COUNT_OF(examples),
    .operands = "",
    .description =
        "Reads the registers that this project allows on this CPU, the energy counters again and "
        "again, and writes them as a recording (docs/recording-format.md) that `rapl replay` and "
        "the simulated driver play. On Windows it reads through the driver, on Linux through "
        "/dev/cpu/N/msr (module msr, root). It writes no register.\n\n"
        "A recording holds the CPU's identity and topology and the registers' values, and nothing "
        "that names the machine or its user. A counter stands still after the last point.",
    .options = option_table,
    .option_count = COUNT_OF(option_table),
    .exits = exits,
    .exit_count = COUNT_OF(exits),
    .take = take_option,
    .run = run,
};
