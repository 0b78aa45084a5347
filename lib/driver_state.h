/* SPDX-License-Identifier: Apache-2.0
 *
 * What Windows says of the installed driver: the service, its file, and whether it is the simulated
 * one. Needs no rights beyond those every user has.
 */
#ifndef RAPL_LIB_DRIVER_STATE_H
#define RAPL_LIB_DRIVER_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An answer that can be missing. Never taken for "no". */
enum rapl_truth {
    RAPL_TRUTH_UNKNOWN,
    RAPL_TRUTH_NO,
    RAPL_TRUTH_YES,
};

enum rapl_service_state {
    RAPL_SERVICE_UNKNOWN, /* the service manager did not answer: `error` */
    RAPL_SERVICE_ABSENT,
    RAPL_SERVICE_STOPPED,
    RAPL_SERVICE_STARTING,
    RAPL_SERVICE_STOPPING,
    RAPL_SERVICE_RUNNING,
};

/* All text is UTF-8, "" when not known; longer text is cut at the end of a character. */
struct rapl_driver_state {
    uint8_t service;   /* enum rapl_service_state */
    uint8_t simulated; /* enum rapl_truth */
    uint32_t error;    /* Windows code of the question that was not answered; 0 otherwise */
    char display_name[256];
    char image_path[1024];     /* the file that the service means */
    char file_version[32];     /* "1.0.0.0" */
    char recording_path[1024]; /* what a simulated driver plays */
};

/* "running", "not installed"...; for display. */
const char *rapl_service_state_name(uint32_t state);

/*
 * Decides from what was found: `display_name` of the service and the image's SpecialBuild string,
 * each NULL if it could not be read ("" means: read, and there is none).
 */
enum rapl_truth rapl_driver_is_simulated(const char *display_name, const char *special_build);

/* Win32 only: fills the whole of `*out`. */
void rapl_driver_state_query(struct rapl_driver_state *out);

#endif
