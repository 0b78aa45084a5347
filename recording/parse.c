/* SPDX-License-Identifier: Apache-2.0
 *
 * Parses a recording: the order of lines, their sources, and the lines that stand alone.
 */
#include "recording/parse.h"

#include <string.h>

/* `register 1 package 0 faults @k`, its line end included, is the shortest register line. */
#define REGISTER_LINE_MIN 31u
/* `at 0 0 @k` and its line end. */
#define POINT_LINE_MIN 10u

static const char message_arena[] = "the arena is too small for this text";

static bool parse_source(struct recording_parse *parse);
static bool parse_title(struct recording_parse *parse);
static bool parse_caller(struct recording_parse *parse);
static bool parse_speed(struct recording_parse *parse);
static bool parse_end(struct recording_parse *parse);

static const struct keyword {
    const char *word;
    bool many; /* may stand more than once */
    bool (*parse)(struct recording_parse *parse);
} keywords[RECORDING_LINE_COUNT] = {
    [RECORDING_LINE_SOURCE] = {"source", true, parse_source},
    [RECORDING_LINE_TITLE] = {"title", false, parse_title},
    [RECORDING_LINE_CPU] = {"cpu", false, recording_parse_cpu},
    [RECORDING_LINE_AMD_RAPL] = {"amd-rapl", false, recording_parse_amd_rapl},
    [RECORDING_LINE_HYPERVISOR] = {"hypervisor", false, recording_parse_hypervisor},
    [RECORDING_LINE_CALLER] = {"caller", false, parse_caller},
    [RECORDING_LINE_SPEED] = {"speed", false, parse_speed},
    [RECORDING_LINE_TOPOLOGY] = {"topology", false, recording_parse_topology},
    [RECORDING_LINE_CORES] = {"cores", true, recording_parse_cores},
    [RECORDING_LINE_REGISTER] = {"register", true, recording_parse_register},
    [RECORDING_LINE_AT] = {"at", true, recording_parse_at},
    [RECORDING_LINE_END] = {"end", false, parse_end},
};

bool recording_parse_has(const struct recording_parse *parse, enum recording_line line)
{
    return (parse->seen >> line & 1u) != 0;
}

/* Copies text into the arena, which has room for the text of the whole recording. */
static bool keep_text(struct recording_parse *parse, const struct recording_token *token,
                      const char **kept)
{
    char *copy = parse->text + parse->text_used;

    if (parse->text_capacity - parse->text_used <= token->size) {
        return recording_fail(&parse->scan, token->column, message_arena);
    }
    memcpy(copy, token->text, token->size);
    copy[token->size] = '\0';
    parse->text_used += token->size + 1u;
    *kept = copy;
    return true;
}

static const struct recording_source *find_source(const struct recording_parse *parse,
                                                  const struct recording_token *key)
{
    for (uint32_t i = 0; i < parse->draft.source_count; i++) {
        if (recording_token_is(key, parse->sources[i].key)) {
            return &parse->sources[i];
        }
    }
    return NULL;
}

static bool parse_line_end(struct recording_parse *parse)
{
    struct recording_token token;

    if (!recording_scan_token(&parse->scan, &token)) {
        return true;
    }
    return recording_fail(&parse->scan, token.column,
                          "nothing may follow here: the line is complete before this word");
}

bool recording_parse_source_key(struct recording_parse *parse,
                                const struct recording_source **source)
{
    const struct recording_source *found;
    struct recording_token token;

    if (!recording_scan_token(&parse->scan, &token) || token.string || token.text[0] != '@') {
        return recording_fail(&parse->scan, token.column,
                              "unknown word, or no source: the line ends with @ and the key of a "
                              "source line, as in @sdm");
    }
    token.text++;
    token.size--;
    found = find_source(parse, &token);
    if (!found) {
        return recording_fail(&parse->scan, token.column,
                              "no source line with this key stands above: add "
                              "`source KEY published|composed \"where it comes from\"`");
    }
    if (source) {
        *source = found;
    }
    return parse_line_end(parse);
}

static bool parse_source(struct recording_parse *parse)
{
    static const char *const origins[] = {"published", "composed"};
    struct recording_source source = {0};
    struct recording_token key, text;
    uint32_t origin = 0;

    if (!recording_scan_token(&parse->scan, &key) || key.string || key.text[0] == '@') {
        return recording_fail(&parse->scan, key.column,
                              "write the source's key here, without @, as in "
                              "`source sdm published \"Intel SDM volume 4\"`");
    }
    if (find_source(parse, &key)) {
        return recording_fail(&parse->scan, key.column,
                              "this key is taken by a source line above: choose another");
    }
    if (!recording_scan_choice(&parse->scan, origins, 2, "write `published` or `composed` here",
                               &origin) ||
        !recording_scan_string(&parse->scan, "say in \"quotes\" where this comes from", &text)) {
        return false;
    }
    if (text.size == 0) {
        return recording_fail(&parse->scan, text.column, "say in \"quotes\" where this comes from");
    }
    if (parse->draft.source_count == RECORDING_SOURCES_MAX) {
        return recording_fail(&parse->scan, 1, "a recording has at most 64 source lines");
    }
    if (!keep_text(parse, &key, &source.key) || !keep_text(parse, &text, &source.text)) {
        return false;
    }
    source.published = origin == 0;
    parse->sources[parse->draft.source_count++] = source;
    return parse_line_end(parse);
}

static bool parse_title(struct recording_parse *parse)
{
    struct recording_token text;

    if (!recording_scan_string(&parse->scan, "write the title in \"quotes\"", &text)) {
        return false;
    }
    if (text.size == 0) {
        return recording_fail(&parse->scan, text.column, "the title is empty: name the machine");
    }
    return keep_text(parse, &text, &parse->draft.title) && recording_parse_source_key(parse, NULL);
}

static bool parse_caller(struct recording_parse *parse)
{
    static const char *const tiers[] = {"fresh", "coarse"};
    uint32_t tier = 0;

    if (!recording_scan_choice(&parse->scan, tiers, 2,
                               "write `fresh` or `coarse`: what every caller of the simulated "
                               "driver is",
                               &tier)) {
        return false;
    }
    parse->draft.coarse_caller = tier == 1;
    return recording_parse_source_key(parse, NULL);
}

static bool parse_speed(struct recording_parse *parse)
{
    static const struct recording_number factor = {
        NULL, 1, RECORDING_SPEED_MAX,
        "write how many times faster than the clock, as in `speed 20`", "the speed is 1 to 1000"};
    uint64_t speed = 0;

    if (!recording_scan_number(&parse->scan, &factor, &speed)) {
        return false;
    }
    parse->draft.speed = (uint32_t)speed;
    return recording_parse_source_key(parse, NULL);
}

/* What a recording cannot do without, with what to say if it is not there. */
static bool check_parts(struct recording_parse *parse)
{
    static const struct {
        enum recording_line line;
        const char *message;
    } parts[] = {
        {RECORDING_LINE_TITLE, "no title: add `title \"NAME OF THE MACHINE\" @key` above"},
        {RECORDING_LINE_CPU,
         "no CPU: add `cpu intel|amd|hygon|other family N model N stepping N @key` above"},
        {RECORDING_LINE_HYPERVISOR,
         "no hypervisor line: add `hypervisor none|hyperv-root|hyperv-guest|other-guest @key` "
         "above"},
        {RECORDING_LINE_TOPOLOGY,
         "no topology: add `topology packages N processors N groups SIZE... @key` above"},
        {RECORDING_LINE_CORES,
         "no package has a core: add `cores 0-N package 0 threads N group 0 apic N @key` above"},
    };

    for (uint32_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!recording_parse_has(parse, parts[i].line)) {
            return recording_fail(&parse->scan, 1, parts[i].message);
        }
    }
    return true;
}

static bool parse_end(struct recording_parse *parse)
{
    return parse_line_end(parse) && check_parts(parse) && recording_close_topology(parse) &&
           recording_close_series(parse) && recording_close_registers(parse);
}

/* Points at the line that should stand where the text ends. */
static bool fail_at_end(struct recording_parse *parse, const char *message)
{
    parse->scan.line++;
    return recording_fail(&parse->scan, 1, message);
}

/* The first line says what this is. */
static bool parse_header(struct recording_parse *parse)
{
    static const char what[] = "not a recording: the first line is `rapl-recording 1`";
    static const char version[] =
        "this version of the format is not known here: the first line is `rapl-recording 1`";
    struct recording_token token;

    if (!recording_scan_line(&parse->scan)) {
        return fail_at_end(parse, what);
    }
    if (!recording_scan_word(&parse->scan, "rapl-recording")) {
        return recording_fail(&parse->scan, 1, what);
    }
    if (!recording_scan_token(&parse->scan, &token) || !recording_token_is(&token, "1")) {
        return recording_fail(&parse->scan, token.column, version);
    }
    return parse_line_end(parse);
}

static bool parse_keyword(struct recording_parse *parse)
{
    struct recording_token token;
    uint32_t line = 0;

    (void)recording_scan_token(&parse->scan, &token);
    while (line < RECORDING_LINE_COUNT && !recording_token_is(&token, keywords[line].word)) {
        line++;
    }
    if (line == RECORDING_LINE_COUNT) {
        return recording_fail(&parse->scan, token.column,
                              "unknown word: a line begins with source, title, cpu, amd-rapl, "
                              "hypervisor, caller, speed, topology, cores, register, at or end");
    }
    if (recording_parse_has(parse, RECORDING_LINE_END)) {
        return recording_fail(&parse->scan, token.column,
                              "only comments may follow the `end` line");
    }
    if (recording_parse_has(parse, (enum recording_line)line) && !keywords[line].many) {
        return recording_fail(&parse->scan, token.column,
                              "this line stands above already: it may be there only once");
    }
    if (!keywords[line].parse(parse)) {
        return false;
    }
    parse->seen |= 1u << line;
    return true;
}

static bool parse_text(struct recording_parse *parse)
{
    if (!parse_header(parse)) {
        return false;
    }
    while (recording_scan_line(&parse->scan)) {
        if (!parse_keyword(parse)) {
            return false;
        }
    }
    if (parse->scan.error.message) {
        return false;
    }
    if (recording_parse_has(parse, RECORDING_LINE_END)) {
        return true;
    }
    return fail_at_end(parse,
                       "the recording is truncated: its last line is `end`, and it is not here");
}

static uint32_t register_capacity(size_t text_size)
{
    size_t lines = text_size / REGISTER_LINE_MIN + 1u;

    return (uint32_t)(lines < RECORDING_REGISTERS_MAX ? lines : RECORDING_REGISTERS_MAX);
}

static uint32_t point_capacity(size_t text_size)
{
    return (uint32_t)(text_size / POINT_LINE_MIN + 1u);
}

size_t recording_arena_size(size_t text_size)
{
    size_t size = text_size < RECORDING_TEXT_MAX ? text_size : RECORDING_TEXT_MAX;

    /* Every kept string loses at least a quote or an @ and gains a NUL: it never grows. */
    return sizeof(struct recording_parse) +
           register_capacity(size) * sizeof(struct recording_register) +
           point_capacity(size) * sizeof(struct recording_point) + size + 1u;
}

static struct recording_parse *lay_out_arena(void *arena, size_t text_size)
{
    struct recording_parse *parse = arena;

    memset(parse, 0, sizeof(*parse));
    parse->register_capacity = register_capacity(text_size);
    parse->registers = (struct recording_register *)(parse + 1);
    parse->point_capacity = point_capacity(text_size);
    parse->points = (struct recording_point *)(parse->registers + parse->register_capacity);
    parse->text = (char *)(parse->points + parse->point_capacity);
    parse->text_capacity = text_size + 1u;
    parse->draft.speed = 1;
    parse->draft.processors = parse->processors;
    parse->draft.registers = parse->registers;
    parse->draft.sources = parse->sources;
    return parse;
}

bool recording_parse(const char *text, size_t text_size, void *arena, size_t arena_size,
                     struct recording *out, struct recording_error *error)
{
    struct recording_parse *parse;

    if (text_size > RECORDING_TEXT_MAX) {
        *error = (struct recording_error){1, 1, "the recording is larger than 4 MiB: shorten it"};
        return false;
    }
    if (arena_size < recording_arena_size(text_size)) {
        *error = (struct recording_error){1, 1, message_arena};
        return false;
    }
    parse = lay_out_arena(arena, text_size);
    recording_scan_start(&parse->scan, text, text_size);
    if (!parse_text(parse)) {
        *error = parse->scan.error;
        return false;
    }
    *out = parse->draft;
    return true;
}
