/* SPDX-License-Identifier: Apache-2.0
 *
 * Imports: the security reference monitor.
 */
#include "tests/harness/failing.h"
#include "tests/harness/imports.h"
#include "tests/harness/security.h"
#include "tests/harness/verifier.h"

static BOOLEAN refuse(PNTSTATUS status, NTSTATUS why, PACCESS_MASK granted)
{
    *status = why;
    *granted = 0;
    return FALSE;
}

/* NOLINTNEXTLINE(readability-function-size): its ten parameters are the kernel's */
static BOOLEAN do_SeAccessCheck(PSECURITY_DESCRIPTOR descriptor, PSECURITY_SUBJECT_CONTEXT subject,
                                BOOLEAN locked, ACCESS_MASK desired, ACCESS_MASK previously,
                                PPRIVILEGE_SET *privileges, PGENERIC_MAPPING mapping,
                                KPROCESSOR_MODE mode, PACCESS_MASK granted, PNTSTATUS status)
{
    UNREFERENCED_PARAMETER(locked);
    UNREFERENCED_PARAMETER(mapping);
    if (privileges != NULL) {
        *privileges = NULL;
    }
    if (mode == KernelMode) {
        *granted = desired | previously;
        *status = STATUS_SUCCESS;
        return TRUE;
    }
    if ((desired & 0xF0000000u) != 0 || desired == 0) {
        verifier_report(FINDING_ARGUMENT, "SeAccessCheck: desired access 0x%lX is generic or empty",
                        desired);
    }
    const size_t size = descriptor == NULL ? 0 : descriptor_size(descriptor, 4096);
    if (size == 0) {
        verifier_report(FINDING_ARGUMENT, "SeAccessCheck: malformed descriptor");
        return refuse(status, STATUS_ACCESS_DENIED, granted);
    }
    if (subject->ClientToken != NULL && subject->ImpersonationLevel < SecurityImpersonation) {
        return refuse(status, STATUS_BAD_IMPERSONATION_LEVEL, granted);
    }
    const enum caller token =
        token_of(subject->ClientToken != NULL ? subject->ClientToken : subject->PrimaryToken);
    if (token == CALLER_COUNT) {
        verifier_report(FINDING_ARGUMENT, "SeAccessCheck: the subject has no token");
        return refuse(status, STATUS_ACCESS_DENIED, granted);
    }
    if (!descriptor_grants(descriptor, size, token, desired & ~previously)) {
        return refuse(status, STATUS_ACCESS_DENIED, granted);
    }
    *granted = desired | previously;
    *status = STATUS_SUCCESS;
    return TRUE;
}

/* NOLINTNEXTLINE(readability-function-size): as above */
static BOOLEAN fail_SeAccessCheck(PSECURITY_DESCRIPTOR descriptor,
                                  PSECURITY_SUBJECT_CONTEXT subject, BOOLEAN locked,
                                  ACCESS_MASK desired, ACCESS_MASK previously,
                                  PPRIVILEGE_SET *privileges, PGENERIC_MAPPING mapping,
                                  KPROCESSOR_MODE mode, PACCESS_MASK granted, PNTSTATUS status)
{
    UNREFERENCED_PARAMETER(descriptor);
    UNREFERENCED_PARAMETER(subject);
    UNREFERENCED_PARAMETER(locked);
    UNREFERENCED_PARAMETER(desired);
    UNREFERENCED_PARAMETER(previously);
    UNREFERENCED_PARAMETER(mapping);
    UNREFERENCED_PARAMETER(mode);
    if (privileges != NULL) {
        *privileges = NULL;
    }
    return refuse(status, STATUS_NO_TOKEN, granted);
}

static VOID do_SeLockSubjectContext(PSECURITY_SUBJECT_CONTEXT subject)
{
    UNREFERENCED_PARAMETER(subject);
}

static VOID do_SeUnlockSubjectContext(PSECURITY_SUBJECT_CONTEXT subject)
{
    UNREFERENCED_PARAMETER(subject);
}

static PGENERIC_MAPPING do_IoGetFileObjectGenericMapping(void)
{
    static GENERIC_MAPPING mapping;
    mapping = (GENERIC_MAPPING){file_mapping.read, file_mapping.write, file_mapping.execute,
                                file_mapping.all};
    return &mapping;
}

static const struct import rows[] = {
    IMPORT_FUNCTION(SeAccessCheck, IMPORT_KERNEL, BUILD_2000, 0, 0, fail_SeAccessCheck),
    IMPORT_FUNCTION(SeLockSubjectContext, IMPORT_KERNEL, BUILD_2000, 0, 0, NULL),
    IMPORT_FUNCTION(SeUnlockSubjectContext, IMPORT_KERNEL, BUILD_2000, 0, 0, NULL),
    IMPORT_FUNCTION(IoGetFileObjectGenericMapping, IMPORT_KERNEL, BUILD_2000, 0, 2, NULL),
};

IMPORT_PART(imports_se, rows);
