/* SPDX-License-Identifier: Apache-2.0
 *
 * The test meter's habits: Parameters\Habit of its service. Each is one that was seen in the field
 * (docs/sources.md), or one a hostile driver could have.
 */
#ifndef RAPL_TESTS_EMI_HABITS_H
#define RAPL_TESTS_EMI_HABITS_H

enum emi_habit {
    EMI_INTEL,    /* one device, every package's PKG, PP0, PP1, DRAM */
    EMI_AMD,      /* a device a core, the first of each package with PKG too */
    EMI_MIRRORS,  /* three devices, each a package of its own, all the same counter */
    EMI_ERROR_50, /* GET_VERSION fails with ERROR_NOT_SUPPORTED */
    EMI_ZEROS,    /* every channel is 0, always */
    EMI_HUGE,     /* 65535 channels in 492 bytes */
    EMI_GARBAGE,  /* metadata is noise */
    EMI_LIES,     /* the metadata's size is said too small */
    EMI_V1,       /* version 1: one channel, a vendor's */
    EMI_REMOVED,  /* gone after some measurements */
    EMI_HABITS,
};

#define EMI_NAME_SIZE     100u /* bytes of every name: channels are 106 apart */
#define EMI_REMOVED_AFTER 5u   /* measurements */

#endif
