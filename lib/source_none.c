/* SPDX-License-Identifier: Apache-2.0
 *
 * Systems without a driver to read through: everything but Windows, for now.
 */
#include "lib/source.h"

bool rapl_source_open(struct rapl_source *out)
{
    (void)out;
    return false;
}

bool rapl_source_identify(struct rapl_source *out)
{
    (void)out;
    return false;
}

void rapl_source_close(struct rapl_source *source)
{
    rapl_host_free(&source->host);
}
