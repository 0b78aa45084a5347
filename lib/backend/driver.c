/* SPDX-License-Identifier: Apache-2.0
 *
 * This project's driver, through \\.\RaplEnergy: every counter of the machine in one request, in
 * 64 bits, each with the time of its own read.
 *
 * Limits: the driver counts on between readings and after the last handle is closed for a while
 * (LingerMinutes), so nothing has to be read in between. A coarse caller gets values that are
 * renewed every CoarseMs for all of them together, no cores and no raw values. Cores are 2048 at
 * most. Times are the driver's performance counter, which is this process' QueryPerformanceCounter.
 */
#include "lib/backend/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/backend/all.h"
#include "lib/backend/windows_error.h"

struct driver {
    struct energy_client client; /* first: energy_client_* take this for one */
    struct driver_link link;
    int error; /* of the last reading */
    char recording[128];
};

static void explain_answer(struct backend_report *report, int error)
{
    report->system_error = 0;
    snprintf(report->reason, sizeof(report->reason), "\\\\.\\RaplEnergy: %s",
             rapl_error_message(error));
    if (error == RAPL_ERROR_VERSION || error == RAPL_ERROR_GARBAGE) {
        snprintf(report->remedy, sizeof(report->remedy),
                 "`DriverLoader status` shows which driver is loaded; this library and the driver "
                 "should be of the same release.");
    }
}

static void explain(const struct energy_client *client, int error, struct backend_report *report)
{
    if (client->system_error != 0) {
        windows_explain(RAPL_OPERATION_SNAPSHOT, client->system_error, report);
    } else {
        explain_answer(report, error);
    }
}

static void close_link(const struct driver_link *link)
{
    if (link->close != NULL) {
        link->close(link->channel.context);
    }
}

static int driver_start(const struct driver_link *link, const struct backend_options *options,
                        struct backend_report *report, void **state)
{
    struct driver *const driver = calloc(1, sizeof(*driver));
    int error;

    if (driver == NULL) {
        close_link(link);
        return RAPL_ERROR_MEMORY;
    }
    driver->link = *link;
    error = energy_client_open(&driver->client, &link->channel, options->flags);
    if (error != RAPL_OK) {
        explain(&driver->client, error, report);
        close_link(link);
        free(driver);
        return error;
    }
    const struct rapl_capabilities *const of = &driver->client.capabilities;
    energy_client_report(&driver->client, report);
    if ((of->flags & RAPL_CAP_SIMULATED) != 0 && link->recording != NULL) {
        link->recording(driver->recording, sizeof(driver->recording));
    }
    snprintf(report->title, sizeof(report->title), "ScaphandreDrv %u.%u.%u%s", of->driver_major,
             of->driver_minor, of->driver_patch,
             (of->flags & RAPL_CAP_SIMULATED) != 0 ? " (SIMULATED)" : "");
    *state = driver;
    return RAPL_OK;
}

static void driver_close(void *state)
{
    struct driver *const driver = state;

    energy_client_close(&driver->client);
    close_link(&driver->link);
    free(driver);
}

static int driver_read(void *state, struct backend_reading *readings)
{
    struct driver *const driver = state;

    driver->error = energy_client_read(state, readings);
    return driver->error;
}

static void driver_explain(void *state, struct backend_report *report)
{
    const struct driver *const driver = state;

    explain(&driver->client, driver->error, report);
}

static int driver_machine(void *state, struct rapl_machine_info *out)
{
    const struct driver *const driver = state;

    snprintf(out->recording, sizeof(out->recording), "%s", driver->recording);
    return energy_client_machine(state, out);
}

static int driver_open(const struct backend_options *options, struct backend_report *report,
                       void **state)
{
    struct driver_link link;
    const uint32_t code = driver_link_open(&link);

    if (code != 0) {
        windows_explain(RAPL_OPERATION_OPEN_ENERGY, code, report);
        return windows_open_error(code);
    }
    return driver_start(&link, options, report, state);
}

const struct backend backend_driver = {
    .name = "driver",
    .kind = RAPL_SOURCE_DRIVER,
    .open = driver_open,
    .close = driver_close,
    .domain_count = energy_client_domain_count,
    .domain = energy_client_domain,
    .read = driver_read,
    .peek = energy_client_peek,
    .explain = driver_explain,
    .machine = driver_machine,
    .package = energy_client_package,
};
