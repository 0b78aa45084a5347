/* SPDX-License-Identifier: Apache-2.0
 *
 * The portable part of a source: the machine that a recording describes.
 */
#include "lib/source.h"

#include <stdio.h>
#include <stdlib.h>

#include "recording/recording.h"

void rapl_source_play(struct rapl_source *source, const char *text, size_t size, const char *path)
{
    size_t arena_size = recording_arena_size(size);
    void *arena = malloc(arena_size);
    struct recording recording;
    struct recording_error error;

    if (arena == NULL) {
        snprintf(source->problem, sizeof(source->problem), "out of memory while reading %s", path);
        return;
    }
    if (!recording_parse(text, size, arena, arena_size, &recording, &error)) {
        snprintf(source->problem, sizeof(source->problem), "%s:%u:%u: %s", path,
                 (unsigned)error.line, (unsigned)error.column, error.message);
    } else if (!rapl_host_from_recording(&recording, &source->host)) {
        snprintf(source->problem, sizeof(source->problem), "out of memory while reading %s", path);
    } else {
        source->speed = recording.speed;
        snprintf(source->recording_title, sizeof(source->recording_title), "%s", recording.title);
    }
    free(arena);
}
