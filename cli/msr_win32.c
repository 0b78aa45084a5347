/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers on Windows: through \\.\ScaphandreDriver, this project's or its predecessor's.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/msr.h"
#include "lib/error_text.h"
#include "lib/source.h"

static int refuse(struct cli *cli, const struct rapl_source *source)
{
    const struct rapl_error_text *text;

    if (source->host.processor_count == 0) {
        cli_complain(cli, "%s.", source->problem);
        return EXIT_CODE_OS;
    }
    text = rapl_error_text(RAPL_OPERATION_OPEN, source->device_error);
    cli_complain(cli, "Windows error %u: %s.", (unsigned)source->device_error, text->meaning);
    if (text->remedy != NULL) {
        text_printf(&cli->err, "%s\n", text->remedy);
    }
    return source->device_error == RAPL_ERROR_ACCESS_DENIED ? EXIT_CODE_DENIED
                                                            : EXIT_CODE_UNAVAILABLE;
}

int msr_open(struct cli *cli, struct msr *out)
{
    struct rapl_source *source = calloc(1, sizeof(*source));

    if (source == NULL || !rapl_source_open(source)) {
        free(source);
        cli_complain(cli, "out of memory.");
        return EXIT_CODE_OS;
    }
    if (source->host.processor_count == 0 || source->device_state == RAPL_DEVICE_FAILED) {
        int code = refuse(cli, source);

        rapl_source_close(source);
        free(source);
        return code;
    }
    *out = (struct msr){
        .host = source->host,
        .device = source->device,
        .clock = source->clock,
        .simulated = source->driver.simulated != RAPL_TRUTH_NO,
        .state = source,
    };
    return EXIT_CODE_OK;
}

void msr_close(struct msr *msr)
{
    rapl_source_close(msr->state); /* the host is its own */
    free(msr->state);
    memset(msr, 0, sizeof(*msr));
}
