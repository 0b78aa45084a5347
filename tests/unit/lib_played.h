/* SPDX-License-Identifier: Apache-2.0
 *
 * A source for the tests of lib: a shipped recording read through a device that answers as
 * the driver does, over a clock that the test moves. Include after cmocka.h.
 */
#ifndef RAPL_TESTS_LIB_PLAYED_H
#define RAPL_TESTS_LIB_PLAYED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/allow.h"
#include "lib/error_text.h"
#include "lib/source.h"
#include "recording/recording.h"

#define PLAYED_DIR RAPL_SOURCE_DIR "/recordings/"

/* Every read takes this long: a request through Wine costs about as much. */
#define PLAYED_READ_100NS 4000u

struct played {
    char *text;
    size_t size;
    void *arena;
    struct recording recording;
    const struct rapl_model *model;
    uint64_t now_100ns;
    bool shows_zero;     /* a dead counter reads 0, as with the predecessor, instead of failing */
    bool coarse;         /* the caller is coarse */
    uint32_t refuse_msr; /* this one is refused with refuse_error, from refuse_from on */
    uint32_t refuse_error;
    uint64_t refuse_from_100ns;
    uint32_t reads;
};

static inline uint32_t played_read(void *context, uint32_t msr, uint32_t processor,
                                   struct rapl_register_value *out)
{
    struct played *played = context;
    const struct rapl_register *reg = rapl_allow(played->model, msr);
    uint64_t value;

    played->reads++;
    played->now_100ns += PLAYED_READ_100NS;
    if (msr == played->refuse_msr && played->now_100ns >= played->refuse_from_100ns) {
        return played->refuse_error;
    }
    if (reg == NULL) {
        return RAPL_ERROR_INVALID_FUNCTION;
    }
    if (played->coarse && !rapl_allow_coarse(reg)) {
        return RAPL_ERROR_ACCESS_DENIED;
    }
    if (!recording_read(&played->recording, processor, msr, played->now_100ns / 10, &value)) {
        return RAPL_ERROR_IO_DEVICE;
    }
    if (reg->kind == RAPL_REGISTER_ENERGY && value == 0 && !played->shows_zero) {
        return RAPL_ERROR_IO_DEVICE;
    }
    out->value = value;
    out->time_100ns = played->now_100ns;
    return 0;
}

static inline uint64_t played_now(void *context)
{
    return ((struct played *)context)->now_100ns;
}

static inline void played_sleep(void *context, uint64_t duration_100ns)
{
    ((struct played *)context)->now_100ns += duration_100ns;
}

static inline char *played_file(const char *name, size_t *size)
{
    char path[512];
    FILE *file;
    char *text = malloc(RECORDING_TEXT_MAX);

    assert_non_null(text);
    snprintf(path, sizeof(path), PLAYED_DIR "%s", name);
    file = fopen(path, "rb");
    assert_non_null(file);
    *size = fread(text, 1, RECORDING_TEXT_MAX, file);
    fclose(file);
    return text;
}

/* A source that plays a shipped recording: what Windows and the simulated driver give. */
static inline void played_open(const char *name, struct played *played, struct rapl_source *source)
{
    struct recording_error error;

    *played = (struct played){.now_100ns = 1000000};
    played->text = played_file(name, &played->size);
    played->arena = malloc(recording_arena_size(played->size));
    assert_non_null(played->arena);
    assert_true(recording_parse(played->text, played->size, played->arena,
                                recording_arena_size(played->size), &played->recording, &error));
    *source = (struct rapl_source){.speed = 1};
    rapl_source_play(source, played->text, played->size, name);
    assert_string_equal(source->problem, "");
    played->model = source->host.model;
    source->driver = (struct rapl_driver_state){
        .service = RAPL_SERVICE_RUNNING,
        .simulated = RAPL_TRUTH_YES,
        .display_name = "Scaphandre Driver Service (SIMULATED)",
        .image_path = "C:\\Windows\\System32\\drivers\\ScaphandreDrv.sys",
        .file_version = "1.0.0.0",
    };
    snprintf(source->driver.recording_path, sizeof(source->driver.recording_path), "C:\\%s", name);
    source->device_state = RAPL_DEVICE_OPEN;
    source->device = (struct rapl_device){.context = played, .read = played_read};
    source->clock = (struct rapl_clock){
        .context = played, .now_100ns = played_now, .sleep_100ns = played_sleep};
}

static inline void played_close(struct played *played, struct rapl_source *source)
{
    rapl_host_free(&source->host);
    free(played->arena);
    free(played->text);
}

#endif
