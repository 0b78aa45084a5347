/* SPDX-License-Identifier: Apache-2.0
 *
 * Any driver behind \\.\ScaphandreDriver, the predecessor's included: one register a request,
 * followed by the driver's own code (registers.h).
 *
 * Limits
 * - Registers are read one after the other, each timed in the middle of its request. Programs of
 *   this project take turns; others may read in between.
 * - Nobody counts between two readings: they must come at least every read_interval_ms.
 * - A counter that fails with ERROR_IO_DEVICE faults, or has read 0 ever since the driver was
 *   loaded: the request does not say which. It is shown as DEAD and asked again each time.
 * - A coarse caller is told by what is denied; how coarse is not known.
 * - Of the predecessor (0.x) only units and energy are read, and nothing but the package of a CPU
 *   whose model is not known: some of its builds stop Windows when a register faults. They do not
 *   move to the processor they are asked for either, so this thread goes there. Its signed build
 *   (0.0.4) reads no AMD processor.
 */
#include "lib/backend/all.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/msr.h"
#include "lib/backend/registers.h"
#include "lib/backend/windows_error.h"
#include "lib/source.h"

struct legacy {
    struct energy_client client; /* first: energy_client_* take this for one */
    struct registers registers;
    struct rapl_source source;
    uint32_t energy_error[RAPL_DOMAIN_COUNT]; /* of its last read that failed; 0: it did not */
    uint32_t read_count;                      /* of the reading being taken, as is the next */
    uint32_t failed_count;
    uint32_t last_error;
    uint32_t gone_error; /* of a read that a driver which went away refuses; 0: none */
    bool denied;         /* something was, so the caller is coarse */
    int error;           /* of the last reading */
};

/* ---- Registers ------------------------------------------------------------------------------ */

/* What is safe to ask of a driver that may stop Windows when a register faults. */
static bool is_safe(const struct legacy *legacy, const struct rapl_register *reg)
{
    if (!legacy->source.predecessor) {
        return true;
    }
    if (reg->kind != RAPL_REGISTER_UNIT && reg->kind != RAPL_REGISTER_ENERGY) {
        return false;
    }
    return reg->domain == RAPL_DOMAIN_PACKAGE ||
           (legacy->source.host.model->flags & RAPL_MODEL_GENERIC) == 0;
}

static void note_failure(struct legacy *legacy, const struct rapl_register *reg, uint32_t error)
{
    if (reg->kind == RAPL_REGISTER_ENERGY) {
        legacy->energy_error[reg->domain] = error;
    }
    legacy->denied |= error == RAPL_ERROR_ACCESS_DENIED;
    legacy->failed_count++;
    legacy->last_error = error;
    /* Denied, as well: Windows says that of a device that is being deleted. */
    if (windows_is_gone(error) || error == RAPL_ERROR_ACCESS_DENIED) {
        legacy->gone_error = error;
    }
}

static bool legacy_register(void *context, uint32_t processor, uint32_t msr, uint64_t *value,
                            uint64_t *time_ns)
{
    struct legacy *const legacy = context;
    const struct rapl_device *const device = &legacy->source.device;
    const struct rapl_register *const reg = rapl_register_find(msr);
    struct rapl_register_value out;

    if (reg == NULL || !is_safe(legacy, reg)) {
        return false;
    }
    legacy->read_count++;
    const uint32_t error = device->read(device->context, msr, processor, &out);
    if (error == 0) {
        *value = out.value;
        *time_ns = out.time_100ns * 100;
        return true;
    }
    note_failure(legacy, reg, error);
    if (error == RAPL_ERROR_IO_DEVICE && reg->kind == RAPL_REGISTER_ENERGY) {
        *value = 0; /* it may wake up */
        *time_ns = legacy->registers.reader.now_ns(context);
        return true;
    }
    return false;
}

static uint64_t legacy_now_ns(void *context)
{
    const struct legacy *const legacy = context;
    const struct rapl_clock *const clock = &legacy->source.clock;

    return clock->now_100ns(clock->context) * 100;
}

static void begin(struct legacy *legacy)
{
    legacy->read_count = 0;
    legacy->failed_count = 0;
    legacy->gone_error = 0;
    if (legacy->source.device.begin != NULL) {
        legacy->source.device.begin(legacy->source.device.context);
    }
}

static void end(const struct legacy *legacy)
{
    if (legacy->source.device.end != NULL) {
        legacy->source.device.end(legacy->source.device.context);
    }
}

/* ---- Reading -------------------------------------------------------------------------------- */

static int error_of(uint32_t code)
{
    switch (code) {
    case RAPL_ERROR_ACCESS_DENIED:
        return RAPL_ERROR_DENIED;
    case RAPL_ERROR_INVALID_FUNCTION:
        return RAPL_ERROR_UNSUPPORTED;
    default:
        return windows_is_gone(code) ? RAPL_ERROR_GONE : RAPL_ERROR_SYSTEM;
    }
}

/* What the requests said of a domain that gave no energy. */
static void say_why(const struct legacy *legacy, uint32_t index, struct backend_reading *reading)
{
    const uint32_t domain = legacy->client.domains[index].domain;
    const uint32_t code = legacy->energy_error[domain];

    if (reading->status == RAPL_OK || code == 0) {
        return;
    }
    reading->system_error = code;
    if (reading->status == RAPL_ERROR_FAULTS) {
        reading->status = error_of(code);
    }
}

static int legacy_read(void *state, struct backend_reading *readings)
{
    struct legacy *const legacy = state;

    begin(legacy);
    legacy->error = energy_client_read(state, readings);
    end(legacy);
    if (legacy->error != RAPL_OK) {
        return legacy->error;
    }
    for (uint32_t i = 0; i < legacy->client.domain_count; i++) {
        say_why(legacy, i, &readings[i]);
        if (legacy->denied) {
            readings[i].flags |= RAPL_FLAG_COARSE;
        }
    }
    if (legacy->gone_error != 0 && legacy->failed_count == legacy->read_count) {
        legacy->error = RAPL_ERROR_GONE;
    }
    return legacy->error;
}

static int legacy_peek(void *state, uint32_t index, struct backend_reading *reading)
{
    struct legacy *const legacy = state;
    int error;

    begin(legacy);
    error = energy_client_peek(state, index, reading);
    end(legacy);
    if (error == RAPL_OK) {
        say_why(legacy, index, reading);
    }
    return error;
}

/* ---- Texts ---------------------------------------------------------------------------------- */

static void legacy_explain(void *state, struct backend_report *report)
{
    const struct legacy *const legacy = state;

    if (legacy->error == RAPL_ERROR_GONE) {
        windows_explain(RAPL_OPERATION_SNAPSHOT, legacy->gone_error, report);
    }
}

static void explain_gate(const struct legacy *legacy, enum rapl_gate gate,
                         struct backend_report *report)
{
    snprintf(report->reason, sizeof(report->reason), "%s", registers_gate_text(gate));
    if (gate != RAPL_GATE_NO_UNIT) {
        return;
    }
    report->system_error = legacy->last_error;
    if (legacy->source.predecessor && legacy->source.host.cpu.vendor != RAPL_VENDOR_INTEL) {
        snprintf(report->remedy, sizeof(report->remedy),
                 "The predecessor's driver %s does not read this CPU: install this project's with "
                 "`DriverLoader install`.",
                 legacy->source.driver.file_version);
    }
}

/* ---- Opening -------------------------------------------------------------------------------- */

static void legacy_close(void *state)
{
    struct legacy *const legacy = state;

    energy_client_close(&legacy->client);
    registers_close(&legacy->registers);
    rapl_source_close(&legacy->source);
    free(legacy);
}

static void set_title(const struct legacy *legacy, struct backend_report *report)
{
    const struct rapl_driver_state *const driver = &legacy->source.driver;
    const char *const version =
        driver->file_version[0] != '\0' ? driver->file_version : "of unknown version";

    snprintf(report->title, sizeof(report->title), "\\\\.\\ScaphandreDriver, driver %s%s", version,
             driver->simulated == RAPL_TRUTH_YES ? " (SIMULATED)" : "");
}

/* The device is open. */
static int start(struct legacy *legacy, const struct backend_options *options,
                 struct backend_report *report)
{
    const struct register_reader reader = {
        .context = legacy, .read = legacy_register, .now_ns = legacy_now_ns};
    const struct registers_settings settings = {.simulated = legacy->source.driver.simulated ==
                                                             RAPL_TRUTH_YES};
    enum rapl_gate gate;
    int error;

    begin(legacy);
    error = registers_open(&legacy->registers, &legacy->source.host, &reader, &settings, &gate);
    if (error == RAPL_ERROR_UNSUPPORTED) {
        explain_gate(legacy, gate, report);
    }
    if (error == RAPL_OK) {
        const struct energy_channel channel = registers_channel(&legacy->registers);

        error = energy_client_open(&legacy->client, &channel, options->flags);
    }
    end(legacy);
    return error;
}

static int open_source(struct legacy *legacy, const struct backend_options *options,
                       struct backend_report *report)
{
    struct rapl_source *const source = &legacy->source;
    int error;

    if (!rapl_source_open(source)) {
        return RAPL_ERROR_UNSUPPORTED;
    }
    if (source->device_state == RAPL_DEVICE_FAILED) {
        windows_explain(RAPL_OPERATION_OPEN, source->device_error, report);
        return windows_open_error(source->device_error);
    }
    if (source->host.processor_count == 0) {
        snprintf(report->reason, sizeof(report->reason), "%.*s", (int)sizeof(report->reason) - 1,
                 source->problem);
        return source->driver.simulated == RAPL_TRUTH_YES ? RAPL_ERROR_FILE : RAPL_ERROR_SYSTEM;
    }
    set_title(legacy, report);
    error = start(legacy, options, report);
    if (error == RAPL_OK) {
        energy_client_report(&legacy->client, report);
        report->flags |= legacy->denied ? RAPL_FLAG_COARSE : 0;
    }
    return error;
}

static int legacy_open(const struct backend_options *options, struct backend_report *report,
                       void **state)
{
    struct legacy *const legacy = calloc(1, sizeof(*legacy));
    int error;

    if (legacy == NULL) {
        return RAPL_ERROR_MEMORY;
    }
    error = open_source(legacy, options, report);
    if (error != RAPL_OK) {
        legacy_close(legacy);
        return error;
    }
    *state = legacy;
    return RAPL_OK;
}

static int legacy_machine(void *state, struct rapl_machine_info *out)
{
    const struct legacy *const legacy = state;

    snprintf(out->recording, sizeof(out->recording), "%s", legacy->source.recording_title);
    return energy_client_machine(state, out);
}

static uint32_t legacy_read_interval_ms(void *state)
{
    const struct legacy *const legacy = state;

    return registers_period_ms(&legacy->registers);
}

const struct backend backend_legacy = {
    .name = "legacy",
    .kind = RAPL_SOURCE_LEGACY,
    .open = legacy_open,
    .close = legacy_close,
    .domain_count = energy_client_domain_count,
    .domain = energy_client_domain,
    .read = legacy_read,
    .peek = legacy_peek,
    .explain = legacy_explain,
    .machine = legacy_machine,
    .package = energy_client_package,
    .read_interval_ms = legacy_read_interval_ms,
};
