/* SPDX-License-Identifier: Apache-2.0
 *
 * Sessions over sources made up for the purpose: which one serves, how they are merged, and every
 * argument that is refused.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/lib_fake_sources.h"

/* ---- Which source serves -------------------------------------------------------------------- */

static void test_the_first_serves(void **state)
{
    struct rapl_session *const session = open_session(NULL);

    assert_int_equal(rapl_source_count(session),
                     2); /* one with its own time is only for the asking */
    expect_source(session, 0, "first", RAPL_OK);
    expect_source(session, 1, "second", RAPL_ERROR_SKIPPED);
    assert_int_equal(second.reads, 0);
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_ARGUMENT);
    rapl_session_free(session);
    assert_int_equal(first.open_count, 0);
}

static void test_the_next_serves(void **state)
{
    struct rapl_session *session;
    struct rapl_source_info info = {.size = sizeof(info)};

    first.open_status = RAPL_ERROR_DENIED;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_DENIED);
    expect_source(session, 1, "second", RAPL_OK);
    assert_int_equal(rapl_source_get(session, 0, &info), RAPL_OK);
    assert_string_equal(info.reason, "because");
    assert_string_equal(info.remedy, "Do something.");
    assert_int_equal(info.system_error, 77);
    rapl_session_free(session);
}

/* One that opens and has nothing to read does not serve; one that may wake up does. */
static void test_what_serving_takes(void **state)
{
    struct rapl_session *session;

    first.readings[0].status = RAPL_ERROR_DENIED;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_DENIED);
    assert_int_equal(first.open_count, 0);
    rapl_session_free(session);

    first.readings[0].status = RAPL_ERROR_DEAD;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_OK);
    rapl_session_free(session);

    first.read_status = RAPL_ERROR_GARBAGE;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_GARBAGE);
    rapl_session_free(session);

    first.count = 0;
    first.read_status = RAPL_OK;
    session = open_session(NULL);
    expect_source(session, 0, "first", RAPL_ERROR_UNSUPPORTED);
    rapl_session_free(session);
}

static void test_none_serves(void **state)
{
    struct rapl_session *session = make(NULL);

    first.open_status = RAPL_ERROR_NOT_HERE;
    second.open_status = RAPL_ERROR_DENIED;
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_NO_SOURCE);
    expect_source(session, 0, "first", RAPL_ERROR_NOT_HERE);
    expect_source(session, 1, "second", RAPL_ERROR_DENIED);
    rapl_session_free(session);

    session = make("second");
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_DENIED);
    assert_int_equal(rapl_source_count(session), 1);
    assert_int_equal(rapl_domain_count(session), 0);
    assert_int_equal(rapl_wait_until(session, 0), RAPL_ERROR_ARGUMENT);
    rapl_session_free(session);

    session = make("first+second");
    assert_int_equal(rapl_session_open(session), RAPL_ERROR_NO_SOURCE);
    rapl_session_free(session);
}

/* ---- Merging -------------------------------------------------------------------------------- */

static void test_merging(void **state)
{
    struct rapl_session *session;

    add(&first, RAPL_DOMAIN_DRAM, 0, RAPL_ERROR_FAULTS);
    add(&first, RAPL_DOMAIN_PSYS, 0, RAPL_ERROR_FAULTS);
    add(&second, RAPL_DOMAIN_DRAM, 0, RAPL_OK);
    add(&second, RAPL_DOMAIN_PP0, 0, RAPL_OK);
    add(&second, RAPL_DOMAIN_PSYS, 0, RAPL_ERROR_DENIED);
    session = open_session("first+second");
    /* package of the first; dram of the second, which can read it; psys of the first: no one can */
    assert_int_equal(rapl_domain_count(session), 4);
    assert_int_equal(domain_of(session, 0).domain, RAPL_DOMAIN_PACKAGE);
    assert_int_equal(domain_of(session, 0).source, 0);
    assert_int_equal(domain_of(session, 1).domain, RAPL_DOMAIN_PSYS);
    assert_int_equal(domain_of(session, 1).source, 0);
    assert_int_equal(domain_of(session, 1).status, RAPL_ERROR_FAULTS);
    assert_int_equal(domain_of(session, 2).domain, RAPL_DOMAIN_PP0);
    assert_int_equal(domain_of(session, 2).source, 1);
    assert_int_equal(domain_of(session, 3).domain, RAPL_DOMAIN_DRAM);
    assert_int_equal(domain_of(session, 3).source, 1);
    rapl_session_free(session);

    session = open_session("first");
    assert_int_equal(rapl_domain_count(session), 3);
    rapl_session_free(session);
}

static void test_meters_are_never_merged(void **state)
{
    struct rapl_session *session;

    add(&first, RAPL_DOMAIN_METER, RAPL_NONE, RAPL_OK);
    add(&second, RAPL_DOMAIN_METER, RAPL_NONE, RAPL_OK);
    add(&second, RAPL_DOMAIN_METER, RAPL_NONE, RAPL_OK);
    session = open_session("first+second");
    assert_int_equal(rapl_domain_count(session), 4);
    rapl_session_free(session);
}

/* ---- Arguments ------------------------------------------------------------------------------ */

static void test_refused_options(void **state)
{
    static const char *const names[] = {"nobody",       "",      "first+",       "+first",
                                        "first+first",  "First", "first second", "first+timed",
                                        "timed+second", "fir"};
    struct rapl_session *session = (struct rapl_session *)&session;
    struct rapl_session *const untouched = session;
    struct rapl_options options = {.size = sizeof(options)};
    struct {
        struct rapl_options known;
        uint64_t more;
    } newer = {.known = {.size = sizeof(newer)}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        options.source = names[i];
        assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    }
    options = (struct rapl_options){.size = sizeof(options), .flags = 2};
    assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    options = (struct rapl_options){.size = sizeof(options), .reserved = 1};
    assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    options = (struct rapl_options){.size = 4};
    assert_int_equal(rapl_session_new(&options, &session), RAPL_ERROR_ARGUMENT);
    newer.more = 1; /* something this library does not know */
    assert_int_equal(rapl_session_new(&newer.known, &session), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_session_new(NULL, NULL), RAPL_ERROR_ARGUMENT);
    assert_ptr_equal(session, untouched);
    newer.more = 0;
    assert_int_equal(rapl_session_new(&newer.known, &session), RAPL_OK);
    rapl_session_free(session);
    rapl_session_free(NULL);
}

static void test_refused_calls(void **state)
{
    struct rapl_session *const closed = make(NULL);
    struct rapl_session *const session = open_session(NULL);
    struct rapl_session *const other = open_session(NULL);
    struct rapl_samples *const samples = samples_of(session);
    struct rapl_samples *const others = samples_of(other);
    struct rapl_samples *none = NULL;
    struct rapl_sample sample = {.size = sizeof(sample)};
    struct rapl_difference difference = {.size = sizeof(difference)};
    struct rapl_source_info source = {.size = 0};
    struct rapl_machine_info machine = {.size = sizeof(machine)};
    struct rapl_package_info package = {.size = sizeof(package)};

    assert_int_equal(rapl_samples_new(closed, &none), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_machine_get(closed, &machine), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_package_get(closed, 0, &package), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_read(session, others), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_read(session, NULL), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_difference(samples, others, 0, &difference), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_sample_get(samples, 1, &sample), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_sample_get(samples, 0, NULL), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_source_get(session, 0, &source), RAPL_ERROR_ARGUMENT); /* size 0 */
    source.size = sizeof(source);
    assert_int_equal(rapl_source_get(session, 2, &source), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_package_get(session, 1, &package), RAPL_ERROR_ARGUMENT);
    assert_int_equal(rapl_package_get(session, 0, &package), RAPL_OK);
    assert_int_equal(rapl_machine_get(session, &machine), RAPL_OK);
    assert_int_equal(machine.package_count, 1); /* as the domains say */
    assert_int_equal(rapl_source_count(NULL), 0);
    assert_int_equal(rapl_domain_count(NULL), 0);
    assert_int_equal(rapl_session_open(NULL), RAPL_ERROR_ARGUMENT);
    rapl_samples_free(NULL);
    rapl_samples_free(samples);
    rapl_samples_free(others);
    rapl_session_free(closed);
    rapl_session_free(session);
    rapl_session_free(other);
}

static void test_errors_have_texts(void **state)
{
    for (int i = -1; i <= RAPL_ERROR_COUNT; i++) {
        const char *const message = rapl_error_message(i);

        assert_memory_equal(rapl_error_name(i), "RAPL_", 5);
        assert_true(strlen(message) > 5);
        assert_true(message[strlen(message) - 1] != '.');
    }
    assert_string_equal(rapl_error_name(RAPL_ERROR_GONE), "RAPL_ERROR_GONE");
    assert_string_equal(rapl_source_name(1), "second");
    assert_null(rapl_source_name(3));
    assert_null(rapl_source_name(1000000));
    assert_true(rapl_library_version() >= 0x10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_the_first_serves, reset),
        cmocka_unit_test_setup(test_the_next_serves, reset),
        cmocka_unit_test_setup(test_what_serving_takes, reset),
        cmocka_unit_test_setup(test_none_serves, reset),
        cmocka_unit_test_setup(test_merging, reset),
        cmocka_unit_test_setup(test_meters_are_never_merged, reset),
        cmocka_unit_test_setup(test_refused_options, reset),
        cmocka_unit_test_setup(test_refused_calls, reset),
        cmocka_unit_test_setup(test_errors_have_texts, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
