/* SPDX-License-Identifier: Apache-2.0
 *
 * A service's ImagePath in all its spellings.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <wchar.h>

#include "lib/service_path.h"

#define WINDOWS L"D:\\Win"

static const struct {
    const wchar_t *image;
    const wchar_t *path;
} rows[] = {
    {L"", L"D:\\Win\\System32\\drivers\\ScaphandreDrv.sys"},
    {L"\"\"", L"D:\\Win\\System32\\drivers\\ScaphandreDrv.sys"},
    {L"\\SystemRoot\\System32\\drivers\\a.sys", L"D:\\Win\\System32\\drivers\\a.sys"},
    {L"\\systemroot\\x.sys", L"D:\\Win\\x.sys"},
    {L"%SystemRoot%\\system32\\DRIVERS\\a.sys", L"D:\\Win\\system32\\DRIVERS\\a.sys"},
    {L"System32\\drivers\\a.sys", L"D:\\Win\\System32\\drivers\\a.sys"},
    {L"\\??\\C:\\Users\\me\\Temp\\a.sys", L"C:\\Users\\me\\Temp\\a.sys"},
    {L"C:\\drivers\\a.sys", L"C:\\drivers\\a.sys"},
    {L"\"C:\\two words\\a.sys\"", L"C:\\two words\\a.sys"},
    {L"\"", L"D:\\Win\\\""},
    {L"drivers\\a.sys", L"D:\\Win\\drivers\\a.sys"},
    {L"a", L"D:\\Win\\a"},
    {L"\\", L"\\"},
    {L"%windir%\\a.sys", L"D:\\Win\\a.sys"},
    {L"\\Device\\HarddiskVolume1\\a.sys", L"\\Device\\HarddiskVolume1\\a.sys"},
    {L"\\SystemRootX\\a.sys", L"\\SystemRootX\\a.sys"},
};

static void spellings(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        wchar_t out[128];

        assert_true(rapl_service_path_resolve(rows[i].image, WINDOWS, out, 128));
        assert_int_equal(wcscmp(out, rows[i].path), 0);
    }
}

static void exactly_fitting_or_not_at_all(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const size_t needed = wcslen(rows[i].path) + 1;
        wchar_t out[129];

        wmemset(out, L'?', 129);
        assert_false(rapl_service_path_resolve(rows[i].image, WINDOWS, out, needed - 1));
        for (size_t j = 0; j < 129; j++) {
            assert_int_equal(out[j], L'?');
        }
        assert_true(rapl_service_path_resolve(rows[i].image, WINDOWS, out, needed));
        assert_int_equal(out[needed], L'?');
    }
}

static void comparison(void **state)
{
    assert_true(rapl_service_path_equal(L"C:\\WINDOWS\\a.SYS", L"c:\\windows\\A.sys"));
    assert_true(rapl_service_path_equal(L"", L""));
    assert_false(rapl_service_path_equal(L"C:\\a", L"C:\\ab"));
    assert_false(rapl_service_path_equal(L"C:\\ab", L"C:\\a"));
    assert_false(rapl_service_path_equal(L"C:\\a[", L"C:\\a{"));
}

static void parts(void **state)
{
    assert_true(
        rapl_service_path_has_part(L"C:\\Users\\me\\AppData\\Local\\TEMP\\x\\a.sys", L"Temp"));
    assert_true(rapl_service_path_has_part(L"temp\\a.sys", L"Temp"));
    assert_true(rapl_service_path_has_part(L"C:\\x\\temp", L"Temp"));
    assert_false(rapl_service_path_has_part(L"C:\\Templates\\a.sys", L"Temp"));
    assert_false(rapl_service_path_has_part(L"C:\\MyTemp\\a.sys", L"Temp"));
    assert_false(rapl_service_path_has_part(L"", L"Temp"));
}

static void file_names(void **state)
{
    assert_int_equal(wcscmp(rapl_service_path_file(L"C:\\x\\a.sys"), L"a.sys"), 0);
    assert_int_equal(wcscmp(rapl_service_path_file(L"a.sys"), L"a.sys"), 0);
    assert_int_equal(wcscmp(rapl_service_path_file(L"C:\\x\\"), L""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),  cmocka_unit_test(exactly_fitting_or_not_at_all),
        cmocka_unit_test(comparison), cmocka_unit_test(parts),
        cmocka_unit_test(file_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
