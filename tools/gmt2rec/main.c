/* SPDX-License-Identifier: Apache-2.0
 *
 * gmt2rec: options, files and exit codes.
 */
#include "tools/gmt2rec/gmt2rec.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "recording/recording.h"

enum { EXIT_OK = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_FILE = 3 };

static const char usage[] =
    "gmt2rec LOG > FILE.rec\n"
    "gmt2rec --cpu 06_9E --unit 0xA0E03 --speed 20 -o FILE.rec LOG\n"
    "\n"
    "Converts a log of Green Metrics Tool's RAPL provider (lines `timestamp_us energy_uj name`,\n"
    "energy since the previous line of that name) into a recording. LOG may be - for stdin.\n"
    "\n"
    "  -o, --output FILE    write there instead of stdout\n"
    "      --cpu FF_MM[_S]  family, model, stepping in hex, as 06_9E or 19_61_2 (06_9E)\n"
    "      --unit N         unit register, 0x606 or 0xC0010299 (0xA0E03)\n"
    "      --start-raw N    what every counter holds at time 0 (0x1000000)\n"
    "      --speed N        played this many times faster, 1 to 1000 (1)\n"
    "      --cores N        cores of each package, 1 to 256 (4)\n"
    "      --threads N      threads of each core, 1 to 8 (2)\n"
    "      --loop           go on counting from the start at the end, instead of holding\n"
    "      --title TEXT     name of the machine\n"
    "      --source TEXT    where the log comes from\n"
    "      --help           this text\n"
    "\n"
    "Exit codes: 0 done, 1 log refused (line and column on stderr), 2 usage, 3 file error.\n";

enum option_id {
    OPTION_CPU = 256,
    OPTION_UNIT,
    OPTION_START_RAW,
    OPTION_SPEED,
    OPTION_CORES,
    OPTION_THREADS,
    OPTION_LOOP,
    OPTION_TITLE,
    OPTION_SOURCE,
    OPTION_HELP,
};

struct arguments {
    struct gmt_options options;
    const char *input;
    const char *output; /* NULL: stdout */
};

static bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    char *end = NULL;
    uint64_t number;

    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    errno = 0;
    number = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
    if (errno != 0 || *end != '\0' || number < min || number > max) {
        return false;
    }
    *value = number;
    return true;
}

static bool parse_small(const char *text, uint32_t max, uint32_t *value)
{
    uint64_t number = 0;

    if (!parse_number(text, 1, max, &number)) {
        return false;
    }
    *value = (uint32_t)number;
    return true;
}

/* The vendor follows from the family: they share no family that has RAPL. */
static uint8_t vendor_of(unsigned family)
{
    switch (family) {
    case 0x17:
    case 0x19:
    case 0x1A:
        return RAPL_VENDOR_AMD;
    case 0x18:
        return RAPL_VENDOR_HYGON;
    default:
        return RAPL_VENDOR_INTEL;
    }
}

/* The hex digits at `*text`, one or two and at most `digits_max`; moves `*text` past them. */
static bool take_hex(const char **text, size_t digits_max, unsigned *value)
{
    const size_t there = strspn(*text, "0123456789abcdefABCDEF");
    const size_t count = there < digits_max ? there : digits_max;
    char digits[3] = {0};

    if (count == 0 || count >= sizeof(digits)) {
        return false;
    }
    memcpy(digits, *text, count);
    *text += count;
    *value = (unsigned)strtoul(digits, NULL, 16);
    return true;
}

static bool take_underscore(const char **text)
{
    const bool there = **text == '_';

    *text += there ? 1 : 0;
    return there;
}

static bool parse_cpu(const char *text, struct rapl_cpu *cpu)
{
    unsigned family = 0, model = 0, stepping = 0;

    if (!take_hex(&text, 2, &family) || !take_underscore(&text) || !take_hex(&text, 2, &model)) {
        return false;
    }
    if (take_underscore(&text) && !take_hex(&text, 1, &stepping)) {
        return false;
    }
    if (*text != '\0') {
        return false;
    }
    *cpu = (struct rapl_cpu){.vendor = vendor_of(family),
                             .family = (uint16_t)family,
                             .model = (uint16_t)model,
                             .stepping = (uint8_t)stepping};
    cpu->amd_rapl = cpu->vendor != RAPL_VENDOR_INTEL;
    return true;
}

/* A string of the recording: no quotes, no control bytes, and its line must not become too long. */
static bool parse_text(const char *text, const char **value)
{
    size_t size = strlen(text);

    if (size == 0 || size > RECORDING_LINE_MAX - 64) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"' || (unsigned char)text[i] < 0x20 || text[i] == 0x7F) {
            return false;
        }
    }
    *value = text;
    return true;
}

static bool parse_option(int id, const char *text, struct arguments *arguments)
{
    struct gmt_options *options = &arguments->options;

    switch (id) {
    case 'o':
        arguments->output = text;
        return true;
    case OPTION_CPU:
        return parse_cpu(text, &options->cpu);
    case OPTION_UNIT:
        return parse_number(text, 0, UINT64_MAX, &options->unit_raw);
    case OPTION_START_RAW:
        return parse_number(text, 0, UINT64_MAX, &options->start_raw);
    case OPTION_SPEED:
        return parse_small(text, RECORDING_SPEED_MAX, &options->speed);
    case OPTION_CORES:
        return parse_small(text, 256, &options->cores);
    case OPTION_THREADS:
        return parse_small(text, 8, &options->threads);
    case OPTION_LOOP:
        options->loop = true;
        return true;
    case OPTION_TITLE:
        return parse_text(text, &options->title);
    case OPTION_SOURCE:
        return parse_text(text, &options->source);
    default:
        return false;
    }
}

/* Returns an exit code, or -1 to go on. */
static int parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"cpu", required_argument, NULL, OPTION_CPU},
        {"unit", required_argument, NULL, OPTION_UNIT},
        {"start-raw", required_argument, NULL, OPTION_START_RAW},
        {"speed", required_argument, NULL, OPTION_SPEED},
        {"cores", required_argument, NULL, OPTION_CORES},
        {"threads", required_argument, NULL, OPTION_THREADS},
        {"loop", no_argument, NULL, OPTION_LOOP},
        {"title", required_argument, NULL, OPTION_TITLE},
        {"source", required_argument, NULL, OPTION_SOURCE},
        {"help", no_argument, NULL, OPTION_HELP},
        {NULL, 0, NULL, 0},
    };
    int id;

    while ((id = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (id == OPTION_HELP) {
            fputs(usage, stdout);
            return EXIT_OK;
        }
        if (id == '?') {
            return EXIT_USAGE;
        }
        if (!parse_option(id, optarg, arguments)) {
            fprintf(stderr, "gmt2rec: cannot use `%s` here: gmt2rec --help says what fits\n",
                    optarg);
            return EXIT_USAGE;
        }
    }
    if (optind + 1 != argc) {
        fputs("gmt2rec: give one LOG (or - for stdin): gmt2rec --help\n", stderr);
        return EXIT_USAGE;
    }
    arguments->input = argv[optind];
    return -1;
}

static int file_error(const char *what, const char *path)
{
    fprintf(stderr, "gmt2rec: cannot %s %s: error %d (%s)\n", what, path, errno, strerror(errno));
    return EXIT_FILE;
}

static int refuse(const char *path, const struct gmt_complaint *complaint)
{
    if (complaint->line > 0) {
        fprintf(stderr, "%s:%" PRIu32 ":%" PRIu32 ": %s\n", path, complaint->line,
                complaint->column, complaint->message);
    } else {
        fprintf(stderr, "%s: %s\n", path, complaint->message);
    }
    return EXIT_REFUSED;
}

static int write_output(const char *path, const char *text, size_t size)
{
    FILE *file = path ? fopen(path, "wb") : stdout;
    bool ok;

    if (!file) {
        return file_error("write", path);
    }
    ok = fwrite(text, 1, size, file) == size && fflush(file) == 0;
    if (path) {
        ok = fclose(file) == 0 && ok;
    }
    return ok ? EXIT_OK : file_error("write", path ? path : "stdout");
}

static int convert(FILE *file, const struct arguments *arguments)
{
    struct gmt_complaint complaint;
    struct gmt_log log = {0};
    size_t size = 0;
    char *text = NULL;
    int code;

    if (gmt_log_read(file, &log, &complaint)) {
        text = gmt_write_recording(&log, &arguments->options, &size, &complaint);
    }
    gmt_log_free(&log);
    if (ferror(file)) {
        code = file_error("read", arguments->input);
    } else if (!text) {
        code = refuse(arguments->input, &complaint);
    } else {
        code = write_output(arguments->output, text, size);
    }
    free(text);
    return code;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {
        .options = {.cpu = {.vendor = RAPL_VENDOR_INTEL, .family = 6, .model = 0x9E},
                    .unit_raw = 0xA0E03,
                    .start_raw = 0x1000000,
                    .speed = 1,
                    .cores = 4,
                    .threads = 2,
                    .title = "a machine recorded with Green Metrics Tool",
                    .source = "a log of Green Metrics Tool's RAPL provider"},
    };
    int code = parse_arguments(argc, argv, &arguments);
    FILE *file;

    if (code >= 0) {
        return code;
    }
    file = strcmp(arguments.input, "-") == 0 ? stdin : fopen(arguments.input, "rb");
    if (!file) {
        return file_error("read", arguments.input);
    }
    code = convert(file, &arguments);
    if (file != stdin) {
        fclose(file);
    }
    return code;
}
