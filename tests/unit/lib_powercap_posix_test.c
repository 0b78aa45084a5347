/* SPDX-License-Identifier: Apache-2.0
 *
 * A powercap tree in real files: what a file system can do to a reader.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/backend/powercap.h"

#define ZONE "intel-rapl:0"

static char root[64];

static void at(const char *name, char *path, size_t size)
{
    (void)snprintf(path, size, "%s/%s", root, name);
}

static void put(const char *name, const char *text)
{
    char path[128];

    at(name, path, sizeof(path));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int set_up(void **unused)
{
    char path[128];

    (void)snprintf(root, sizeof(root), "/tmp/rapl-powercap-XXXXXX");
    if (mkdtemp(root) == NULL) {
        return -1;
    }
    at(ZONE, path, sizeof(path));
    assert_int_equal(mkdir(path, 0700), 0);
    put(ZONE "/name", "package-0\n");
    put(ZONE "/max_energy_range_uj", "262143328850\n");
    put(ZONE "/energy_uj", "1000\n");
    return 0;
}

static int tear_down(void **unused)
{
    static const char *const names[] = {ZONE "/name", ZONE "/max_energy_range_uj",
                                        ZONE "/energy_uj", ZONE, ""};
    char path[128];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        at(names[i], path, sizeof(path));
        (void)remove(path);
    }
    return 0;
}

static int open_root(void **state, struct backend_report *report)
{
    const struct backend_options options = {.path = root};

    return backend_powercap.open(&options, report, state);
}

static void energy_is_read_again_from_the_same_file(void **unused)
{
    struct backend_report report = {0};
    struct backend_reading reading;
    void *state = NULL;

    assert_int_equal(open_root(&state, &report), RAPL_OK);
    assert_int_equal(report.flags, RAPL_FLAG_SIMULATED);
    put(ZONE "/energy_uj", "1500\n");
    assert_int_equal(backend_powercap.read(state, &reading), RAPL_OK);
    assert_int_equal(reading.energy_ticks, 500);
    assert_true(reading.time_ns != 0);
    backend_powercap.close(state);
}

static void a_deleted_file_is_gone(void **unused)
{
    struct backend_report report = {0};
    struct backend_reading reading;
    void *state = NULL;
    char path[128];

    assert_int_equal(open_root(&state, &report), RAPL_OK);
    at(ZONE "/energy_uj", path, sizeof(path));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(backend_powercap.read(state, &reading), RAPL_ERROR_GONE);
    assert_int_equal(reading.status, RAPL_ERROR_GONE);
    backend_powercap.close(state);
}

/* Neither a folder nor a pipe can be read, and opening a pipe that nobody writes must not wait. */
static void what_is_no_file_is_refused(void **unused)
{
    char path[128];

    at(ZONE "/energy_uj", path, sizeof(path));
    for (int i = 0; i < 2; i++) {
        struct backend_report report = {0};
        void *state = NULL;
        assert_int_equal(remove(path), 0);
        assert_int_equal(i == 0 ? mkdir(path, 0700) : mkfifo(path, 0600), 0);
        assert_int_equal(open_root(&state, &report),
                         i == 0 ? RAPL_ERROR_GARBAGE : RAPL_ERROR_SYSTEM);
        assert_non_null(strstr(report.reason, ZONE "/energy_uj"));
        assert_null(state);
    }
}

/* sudo makes every file readable: that it cannot be opened is shown by the end-to-end test. */
static void a_root_that_is_a_file_is_refused(void **unused)
{
    const struct backend_options options = {.path = "/proc/self/status"};
    struct backend_report report = {0};
    void *state = NULL;

    assert_int_equal(backend_powercap.open(&options, &report, &state), RAPL_ERROR_NOT_HERE);
    assert_string_equal(report.reason, "/proc/self/status is not a folder");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(energy_is_read_again_from_the_same_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deleted_file_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, set_up, tear_down),
        cmocka_unit_test(a_root_that_is_a_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
