/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows: the legacy device, and the machine or recording behind it.
 */
#include "lib/source.h"

#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/legacy.h"
#include "lib/machine.h"
#include "lib/service_read.h"
#include "recording/recording.h"

/* A recording's processors are not this machine's. */
static enum rapl_legacy_way way_of(const struct rapl_source *source)
{
    if (source->driver.simulated == RAPL_TRUTH_YES) {
        return RAPL_LEGACY_BY_INDEX;
    }
    return source->predecessor ? RAPL_LEGACY_PINNED_ONLY : RAPL_LEGACY_PINNED;
}

static void open_device(struct rapl_source *source)
{
    bool read_only;
    struct rapl_legacy *legacy = rapl_legacy_open(&read_only, &source->device_error);

    if (legacy == NULL) {
        return;
    }
    source->device = rapl_legacy_device(legacy, way_of(source));
    source->device_state = read_only ? RAPL_DEVICE_OPEN_READ : RAPL_DEVICE_OPEN;
}

static void host_of_recording(struct rapl_source *source)
{
    wchar_t path[RAPL_PATH_CHARS];
    struct rapl_file file;
    uint32_t error = rapl_service_recording_path(path);

    if (error != 0) {
        snprintf(source->problem, sizeof(source->problem),
                 "the simulated driver has no readable Recording value under its Parameters key "
                 "(Windows error %u)",
                 (unsigned)error);
        return;
    }
    error = rapl_file_open(path, RECORDING_TEXT_MAX, &file);
    if (error != 0) {
        snprintf(source->problem, sizeof(source->problem),
                 "%s: the recording that the simulated driver plays cannot be read (Windows error "
                 "%u)",
                 source->driver.recording_path, (unsigned)error);
        return;
    }
    rapl_source_play(source, (const char *)file.bytes, file.size, source->driver.recording_path);
    rapl_file_close(&file);
}

static void host_of_machine(struct rapl_source *source)
{
    uint32_t error;

    if (!rapl_machine_host(&source->host, &error)) {
        snprintf(source->problem, sizeof(source->problem),
                 "this machine's processors cannot be asked who they are (Windows error %u)",
                 (unsigned)error);
    }
}

bool rapl_source_identify(struct rapl_source *out)
{
    memset(out, 0, sizeof(*out));
    out->speed = 1;
    out->clock = rapl_legacy_clock();
    rapl_driver_state_query(&out->driver);
    /* This project's versions begin with 1.0.0. */
    out->predecessor = strncmp(out->driver.file_version, "0.", 2) == 0;
    if (out->driver.simulated == RAPL_TRUTH_YES) {
        host_of_recording(out);
    } else {
        host_of_machine(out);
    }
    return true;
}

bool rapl_source_open(struct rapl_source *out)
{
    rapl_source_identify(out);
    open_device(out);
    return true;
}

void rapl_source_close(struct rapl_source *source)
{
    rapl_host_free(&source->host);
    if (source->device_state != RAPL_DEVICE_FAILED) {
        rapl_legacy_close(source->device.context);
    }
    memset(source, 0, sizeof(*source));
}
