/* SPDX-License-Identifier: Apache-2.0
 *
 * What a Windows error code means at a step of DriverLoader's, and what to do about it. Pure C.
 */
#ifndef RAPL_LOADER_ERROR_TEXT_H
#define RAPL_LOADER_ERROR_TEXT_H

#include <stdint.h>

/* What DriverLoader was doing. The same code means different things at different steps. */
enum loader_step {
    STEP_ANY,
    STEP_MANAGER,   /* opening the service manager */
    STEP_OPEN,      /* opening the driver's service */
    STEP_FIND,      /* finding and reading ScaphandreDrv.sys beside DriverLoader.exe */
    STEP_FIND_INF,  /* finding and reading the INF */
    STEP_RECORDING, /* finding the recording */
    STEP_COPY,      /* putting the file into the drivers folder */
    STEP_REGISTER,  /* creating or changing the service, or its settings */
    STEP_START,
    STEP_START_SIMULATED,
    STEP_STOP,
    STEP_REMOVE,
    STEP_CERTIFICATE, /* reading a certificate, changing a store */
    STEP_DEVICE,      /* SetupAPI: making, changing or removing the device or its driver package */
    STEP_COUNT
};

/* ERROR_ELEVATION_REQUIRED: DriverLoader's own finding, under the code that Windows has for it. */
#define ERROR_TEXT_NOT_ELEVATED 740u

struct error_text {
    uint32_t code;
    enum loader_step step;
    const char *meaning; /* one sentence, without a full stop */
    const char *action;  /* one or more sentences */
};

/*
 * The text for that step; else for any step; else NULL. STEP_START_SIMULATED falls back to
 * STEP_START before that.
 */
const struct error_text *error_text_find(uint32_t code, enum loader_step step);

/* The action for a code that is not in the table. */
const char *error_text_unknown_action(void);

/* Row `index` of the table, NULL past the end: for the tests and the documentation. */
const struct error_text *error_text_row(uint32_t index);

#endif
