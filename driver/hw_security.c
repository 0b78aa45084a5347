/* SPDX-License-Identifier: Apache-2.0
 *
 * Platform table, production: who may open the device, and how much a caller may see.
 *
 * The descriptors are constants in self-relative form: nothing is built or converted at run time.
 * Their rights are file rights spelled out (FILE_ALL_ACCESS, FILE_GENERIC_READ | _WRITE), which is
 * what GA and GRGW map to on a device, so no generic bit is left for anyone to map.
 */
#include <ntifs.h>

#include "driver/hw.h"

#include <rapl/abi.h>

/* MinGW-w64 10 does not declare it; ntoskrnl exports the pointer. */
extern __declspec(dllimport) POBJECT_TYPE IoDeviceObjectType;

#define RIGHTS_ALL        0x001F01FFu /* FILE_ALL_ACCESS */
#define RIGHTS_READ_WRITE 0x0012019Fu /* FILE_GENERIC_READ | FILE_GENERIC_WRITE */

/* S-1-x-a and S-1-x-a-b, as they lie in memory. */
struct sid_1 {
    UCHAR revision, count, authority[6];
    ULONG sub[1];
};
struct sid_2 {
    UCHAR revision, count, authority[6];
    ULONG sub[2];
};
struct ace_1 {
    ACE_HEADER header;
    ACCESS_MASK mask;
    struct sid_1 sid;
};
struct ace_2 {
    ACE_HEADER header;
    ACCESS_MASK mask;
    struct sid_2 sid;
};
C_ASSERT(sizeof(struct ace_1) == 20);
C_ASSERT(sizeof(struct ace_2) == 24);

#define ALLOW(ace_type) {.AceType = ACCESS_ALLOWED_ACE_TYPE, .AceSize = sizeof(struct ace_type)}
#define SID_SYSTEM      {1, 1, {0, 0, 0, 0, 0, 5}, {18}}
#define SID_EVERYONE    {1, 1, {0, 0, 0, 0, 0, 1}, {0}}
#define SID_BUILTIN(rid)                                                                           \
    {                                                                                              \
        1, 2, {0, 0, 0, 0, 0, 5},                                                                  \
        {                                                                                          \
            32, (rid)                                                                              \
        }                                                                                          \
    }
#define RID_ADMINISTRATORS        544
#define RID_USERS                 545
#define RID_PERFORMANCE_LOG_USERS 559

#define HEADER(type, ace_count)                                                                    \
    .sd = {.Revision = SECURITY_DESCRIPTOR_REVISION,                                               \
           .Control = SE_SELF_RELATIVE | SE_DACL_PRESENT | SE_DACL_PROTECTED,                      \
           .Dacl = FIELD_OFFSET(struct type, acl)},                                                \
    .acl = {.AclRevision = ACL_REVISION,                                                           \
            .AclSize = sizeof(struct type) - FIELD_OFFSET(struct type, acl),                       \
            .AceCount = (ace_count)}

struct descriptor_admins {
    SECURITY_DESCRIPTOR_RELATIVE sd;
    ACL acl;
    struct ace_1 system;
    struct ace_2 admins;
};

struct descriptor_users {
    SECURITY_DESCRIPTOR_RELATIVE sd;
    ACL acl;
    struct ace_1 system;
    struct ace_2 admins;
    struct ace_2 users;
};

struct descriptor_unrestricted {
    SECURITY_DESCRIPTOR_RELATIVE sd;
    ACL acl;
    struct ace_1 system;
    struct ace_2 admins;
    struct ace_1 everyone;
};

struct descriptor_fresh {
    SECURITY_DESCRIPTOR_RELATIVE sd;
    ACL acl;
    struct ace_1 system;
    struct ace_2 admins;
    struct ace_2 performance_log_users;
    struct sid_1 owner;
};

/* D:P(A;;GA;;;SY)(A;;GA;;;BA) */
static const struct descriptor_admins descriptor_admins = {
    HEADER(descriptor_admins, 2),
    .system = {ALLOW(ace_1), RIGHTS_ALL, SID_SYSTEM},
    .admins = {ALLOW(ace_2), RIGHTS_ALL, SID_BUILTIN(RID_ADMINISTRATORS)},
};

/* D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GRGW;;;BU) */
static const struct descriptor_users descriptor_users = {
    HEADER(descriptor_users, 3),
    .system = {ALLOW(ace_1), RIGHTS_ALL, SID_SYSTEM},
    .admins = {ALLOW(ace_2), RIGHTS_ALL, SID_BUILTIN(RID_ADMINISTRATORS)},
    .users = {ALLOW(ace_2), RIGHTS_READ_WRITE, SID_BUILTIN(RID_USERS)},
};

/* D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GRGW;;;WD) */
static const struct descriptor_unrestricted descriptor_unrestricted = {
    HEADER(descriptor_unrestricted, 3),
    .system = {ALLOW(ace_1), RIGHTS_ALL, SID_SYSTEM},
    .admins = {ALLOW(ace_2), RIGHTS_ALL, SID_BUILTIN(RID_ADMINISTRATORS)},
    .everyone = {ALLOW(ace_1), RIGHTS_READ_WRITE, SID_EVERYONE},
};

/* O:SYG:SYD:P, FILE_READ_DATA to SY, BA and Performance Log Users: the test for "fresh". */
static const struct descriptor_fresh descriptor_fresh = {
    .sd = {.Revision = SECURITY_DESCRIPTOR_REVISION,
           .Control = SE_SELF_RELATIVE | SE_DACL_PRESENT | SE_DACL_PROTECTED,
           .Owner = FIELD_OFFSET(struct descriptor_fresh, owner),
           .Group = FIELD_OFFSET(struct descriptor_fresh, owner),
           .Dacl = FIELD_OFFSET(struct descriptor_fresh, acl)},
    .acl = {.AclRevision = ACL_REVISION,
            .AclSize = FIELD_OFFSET(struct descriptor_fresh, owner) -
                       FIELD_OFFSET(struct descriptor_fresh, acl),
            .AceCount = 3},
    .system = {ALLOW(ace_1), FILE_READ_DATA, SID_SYSTEM},
    .admins = {ALLOW(ace_2), FILE_READ_DATA, SID_BUILTIN(RID_ADMINISTRATORS)},
    .performance_log_users = {ALLOW(ace_2), FILE_READ_DATA, SID_BUILTIN(RID_PERFORMANCE_LOG_USERS)},
    .owner = SID_SYSTEM,
};

static const void *descriptor_of(ULONG policy)
{
    switch (policy) {
    case RAPL_ACCESS_USERS:
        return &descriptor_users;
    case RAPL_ACCESS_UNRESTRICTED:
        return &descriptor_unrestricted;
    default:
        return &descriptor_admins;
    }
}

NTSTATUS hw_protect(PDEVICE_OBJECT device, ULONG policy)
{
    HANDLE handle;
    NTSTATUS status = ObOpenObjectByPointer(device, OBJ_KERNEL_HANDLE, NULL, WRITE_DAC,
                                            IoDeviceObjectType, KernelMode, &handle);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    /* the routine copies the descriptor and does not write to it */
    status = ZwSetSecurityObject(handle, DACL_SECURITY_INFORMATION,
                                 (PSECURITY_DESCRIPTOR)(ULONG_PTR)descriptor_of(policy));
    ZwClose(handle);
    return status;
}

BOOLEAN hw_caller_is_fresh(PIRP irp, PIO_STACK_LOCATION stack)
{
    static const GENERIC_MAPPING mapping = {
        .GenericRead = FILE_GENERIC_READ,
        .GenericWrite = FILE_GENERIC_WRITE,
        .GenericExecute = FILE_GENERIC_EXECUTE,
        .GenericAll = FILE_ALL_ACCESS,
    };

    if (irp->RequestorMode == KernelMode && (stack->Flags & SL_FORCE_ACCESS_CHECK) == 0) {
        return TRUE;
    }
    PIO_SECURITY_CONTEXT context = stack->Parameters.Create.SecurityContext;
    if (context == NULL || context->AccessState == NULL) {
        return FALSE;
    }

    ACCESS_MASK granted;
    NTSTATUS status;
    return SeAccessCheck((PSECURITY_DESCRIPTOR)(ULONG_PTR)&descriptor_fresh,
                         &context->AccessState->SubjectSecurityContext, FALSE, FILE_READ_DATA, 0,
                         NULL, (PGENERIC_MAPPING)(ULONG_PTR)&mapping, UserMode, &granted, &status);
}

BOOLEAN hw_caller_can_read(PIRP irp)
{
    /* codes such as 0 and 0x222000 say FILE_ANY_ACCESS, so the I/O manager has not looked */
    return NT_SUCCESS(IoValidateDeviceIoControlAccess(irp, FILE_READ_ACCESS));
}
