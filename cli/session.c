/* SPDX-License-Identifier: Apache-2.0
 *
 * The way to the driver, and the words for what is missing on it.
 */
#include "cli/session.h"

#include <inttypes.h>

#include "cli/cpu_id.h"
#include "lib/decode.h"

int session_open(struct cli *cli, struct rapl_source *source)
{
    if (cli->source_open(source)) {
        return EXIT_CODE_OK;
    }
    cli_complain(cli, "reading energy takes the Windows driver, and this is not Windows.");
    text_add(&cli->err, "`rapl decode` works here.\n");
    return EXIT_CODE_UNAVAILABLE;
}

/* Where the driver refuses to load, and why. */
static void mention_guest(struct cli *cli, const struct rapl_source *source)
{
    if (source->host.cpu.hypervisor && !source->host.cpu.hyperv_root) {
        text_add(&cli->err,
                 "This is a virtual machine: hypervisors seldom let a guest count energy, "
                 "and the driver loads only where it counts.\n");
    }
}

int session_check(struct cli *cli, const struct rapl_source *source)
{
    char id[CPU_ID_SIZE];

    if (source->host.processor_count == 0) {
        cli_complain(cli, "%s.", source->problem);
        if (source->driver.simulated != RAPL_TRUTH_YES) {
            return EXIT_CODE_OS;
        }
        text_add(&cli->err,
                 "Name a readable recording: `DriverLoader stop`, then `DriverLoader start "
                 "--recording=FILE`.\n");
        return EXIT_CODE_CONFIG;
    }
    cpu_id_format(&source->host.cpu, id);
    if (source->host.model == NULL) {
        cli_complain(cli, "no RAPL is known for this CPU, %s %s.",
                     rapl_vendor_name(source->host.cpu.vendor), id);
        mention_guest(cli, source);
        return EXIT_CODE_UNAVAILABLE;
    }
    if (source->host.model->domains == 0) {
        cli_complain(cli, "this CPU, %s %s, has no RAPL registers that a driver could read.",
                     rapl_vendor_name(source->host.cpu.vendor), id);
        return EXIT_CODE_UNAVAILABLE;
    }
    if (source->device_state == RAPL_DEVICE_FAILED) {
        int code = cli_device_error(cli, RAPL_OPERATION_OPEN, source->device_error);

        mention_guest(cli, source);
        return code;
    }
    return EXIT_CODE_OK;
}

/* A package without a unit: neither joules nor watts. */
static int complain_no_unit(struct cli *cli, const struct rapl_package *package)
{
    if (package->unit_error != 0) {
        cli_complain(cli, "the unit register cannot be read.");
        return cli_device_error(cli, RAPL_OPERATION_READ, package->unit_error);
    }
    cli_complain(cli,
                 "the unit register reads 0x%" PRIX64
                 ": there is no energy unit. Hypervisors answer this to their guests.",
                 package->unit_raw);
    return EXIT_CODE_UNAVAILABLE;
}

int session_check_meters(struct cli *cli, const struct rapl_sampler *sampler, bool may_wake)
{
    const struct rapl_meter *first = NULL;

    for (uint32_t i = 0; i < sampler->meter_count; i++) {
        uint32_t state = sampler->meters[i].state;

        if (state == RAPL_METER_COUNTS || (state == RAPL_METER_ZERO && may_wake)) {
            return EXIT_CODE_OK;
        }
        if (first == NULL && state != RAPL_METER_NOT_ON_MODEL) {
            first = &sampler->meters[i];
        }
    }
    if (first != NULL && first->state == RAPL_METER_NO_UNIT) {
        return complain_no_unit(cli, &sampler->packages[first->package]);
    }
    if (first != NULL && first->state == RAPL_METER_REFUSED) {
        cli_complain(cli, "no energy counter can be read.");
        return cli_device_error(cli, RAPL_OPERATION_READ_ENERGY, first->error);
    }
    cli_complain(cli, "every energy counter reads 0: this looks like a virtual machine.");
    return EXIT_CODE_IO;
}

void session_label(struct text *out, const struct rapl_source *source)
{
    switch (source->driver.simulated) {
    case RAPL_TRUTH_YES:
        text_add(out, ", simulated");
        if (source->speed > 1) {
            text_printf(out, " %" PRIu32 " times as fast", source->speed);
        }
        break;
    case RAPL_TRUTH_NO:
        break;
    default:
        text_add(out, ", simulated: unknown");
        break;
    }
}

void session_json(struct json *json, const struct rapl_source *source)
{
    json_truth(json, "simulated", source->driver.simulated);
    if (source->driver.simulated != RAPL_TRUTH_YES) {
        return;
    }
    json_string(json, "recording", source->recording_title);
    json_unsigned(json, "speed", source->speed);
}

void session_reason(struct text *out, const struct rapl_sampler *sampler,
                    const struct rapl_meter *meter)
{
    const struct rapl_package *package = &sampler->packages[meter->package];

    switch (meter->state) {
    case RAPL_METER_NOT_ON_MODEL:
        text_add(out, "not on this model");
        break;
    case RAPL_METER_NO_UNIT:
        if (package->unit_error != 0) {
            text_printf(out, "no unit: %s (Windows error %u)",
                        rapl_error_text(RAPL_OPERATION_READ, package->unit_error)->meaning,
                        (unsigned)package->unit_error);
        } else {
            text_printf(out, "no unit: the unit register reads 0x%" PRIX64, package->unit_raw);
        }
        break;
    case RAPL_METER_REFUSED:
        text_printf(out, "%s (Windows error %u)",
                    rapl_error_text(RAPL_OPERATION_READ_ENERGY, meter->error)->meaning,
                    (unsigned)meter->error);
        break;
    case RAPL_METER_ZERO:
        text_add(out, "reads 0: not wired on this machine, or asleep");
        break;
    default:
        break;
    }
}
