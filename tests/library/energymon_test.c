/* SPDX-License-Identifier: Apache-2.0
 *
 * Uses the example as energymon would: every function, in order, and out of it.
 */
#include <stdio.h>
#include <string.h>

#include "energymon-rapl.h"

static int failures;

static void expect(int condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "FAILED: %s\n", what);
        failures++;
    }
}

int main(void)
{
    energymon em;
    char name[64];

    expect(energymon_get_librapl(NULL) != 0, "nothing to fill");
    expect(energymon_get_librapl(&em) == 0, "get");
    expect(em.fread(&em) == 0 && em.ffinish(&em) != 0, "not initialised");
    expect(em.finit(&em) == 0, "init");
    expect(em.finit(&em) != 0, "init twice");
    expect(em.fread(&em) == 0, "a recording whose time stands still has used nothing");
    expect(em.finterval(&em) == 1000, "interval");
    expect(em.fprecision(&em) == 0 && em.fexclusive() == 0, "precision and exclusive");
    expect(em.fsource(name, sizeof(name)) == name && strlen(name) > 5, "source");
    expect(em.ffinish(&em) == 0 && em.state == NULL, "finish");
    return failures;
}
