/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps that both ways of installing share. Each returns LOADER_OK, or has undone what was done
 * so far, reported, and returns the exit code.
 */
#ifndef RAPL_LOADER_INSTALL_H
#define RAPL_LOADER_INSTALL_H

#include "lib/driver_image.h"
#include "loader/device.h"
#include "loader/files.h"
#include "loader/installed.h"
#include "loader/options.h"
#include "loader/packages.h"
#include "loader/report.h"
#include "loader/service.h"
#include "loader/settings.h"

struct install {
    const struct loader_options *options;
    struct report *report;

    struct loader_path source;
    struct loader_path target; /* of the service: System32\drivers\ScaphandreDrv.sys */
    struct rapl_file file;
    struct rapl_image_version version;

    struct service service;
    bool existed; /* the two below are filled */
    struct installed before;
    struct settings settings_before;
    struct settings settings;
    struct devices devices;   /* before anything was done */
    struct packages packages; /* likewise */

    /* For a device only. */
    struct loader_path inf;
    struct package package; /* what is in the INF */
    struct device device;   /* the one that is there, or was made */

    /* What has been done so far. */
    bool was_running; /* and was stopped */
    bool keeps_running;
    struct file_undo undo;
    bool registered;
    bool made_device;
    bool tried_driver; /* what it brought with it is to go if it failed */
    bool restart_needed;
};

int install_fail(struct install *install, enum loader_exit code, enum loader_step step, DWORD error,
                 const wchar_t *what, const wchar_t *path);

/* Reads and checks the driver at `source`. */
int install_read_driver(struct install *install);
int install_find_recording(struct install *install);
/* Opens the service, and finds devices and packages. */
int install_look(struct install *install);
/* Stops what runs; a service that runs this very file already keeps running. */
int install_stop_service(struct install *install);
/* Chooses and writes; `is_device` of the settings has been set. */
int install_write_settings(struct install *install);
void install_warn_about_windows(struct install *install);
/* The fields of the object that both ways have. */
void install_report_fields(struct install *install, const wchar_t *path);

/* The two lists of steps. */
int install_as_service(struct install *install);
int install_as_device(struct install *install);

#endif
