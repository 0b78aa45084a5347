/* SPDX-License-Identifier: Apache-2.0
 *
 * A stand-in for energymon's own header, written for this test from its public interface: the same
 * names and types, as far as a backend needs them. It shows that the example compiles and runs
 * against that shape, not that energymon accepts it.
 */
#ifndef STAND_IN_ENERGYMON_H
#define STAND_IN_ENERGYMON_H

#include <stddef.h>
#include <stdint.h>

typedef struct energymon energymon;

struct energymon {
    int (*finit)(energymon *);
    uint64_t (*fread)(const energymon *); /* microjoules */
    int (*ffinish)(energymon *);
    char *(*fsource)(char *, size_t);
    uint64_t (*finterval)(const energymon *);  /* microseconds */
    uint64_t (*fprecision)(const energymon *); /* microjoules */
    int (*fexclusive)(void);
    void *state;
};

#endif
