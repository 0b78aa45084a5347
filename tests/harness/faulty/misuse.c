/* SPDX-License-Identifier: Apache-2.0
 *
 * faulty.sys: what it does wrong besides reading registers.
 */
#include "tests/harness/faulty/faulty.h"

static volatile UCHAR some_data[16] = {0xC3};

static void misuse_pool(void)
{
    const POOL_TYPE type = has(FAULT_POOL_EXECUTABLE) ? NonPagedPool : NonPagedPoolNx;
    volatile UCHAR *memory = ExAllocatePoolWithTag(type, 30, FAULTY_TAG);
    if (memory == NULL) {
        return;
    }
    if (has(FAULT_POOL_OVERRUN)) {
        memory[30] = 1;
    }
    if (has(FAULT_POOL_FAR_OVERRUN)) {
        memory[PAGE_SIZE] = 1;
    }
    ExFreePoolWithTag((PVOID)memory, has(FAULT_POOL_TAG) ? 'rehO' : FAULTY_TAG);
    if (has(FAULT_POOL_TWICE)) {
        ExFreePoolWithTag((PVOID)memory, FAULTY_TAG);
    }
    if (has(FAULT_POOL_TOUCHED)) {
        (void)memory[3];
    }
}

static void open_nothing(ULONG attributes)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Registry\\Nothing");
    OBJECT_ATTRIBUTES object;
    HANDLE key;
    InitializeObjectAttributes(&object, &name, attributes, NULL, NULL);
    if (NT_SUCCESS(ZwOpenKey(&key, KEY_READ, &object))) {
        ZwClose(key);
    }
}

static void misuse_irql(void)
{
    KIRQL irql;
    if (has(FAULT_IRQL)) {
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
        open_nothing(OBJ_KERNEL_HANDLE);
        KeLowerIrql(irql);
    }
    if (has(FAULT_IRQL_LEFT)) {
        KeRaiseIrql(APC_LEVEL, &irql);
    }
    if (has(FAULT_REGION_LEFT)) {
        KeEnterCriticalRegion();
    }
}

static void misuse_mutex(void)
{
    ExAcquireFastMutex(&faulty->mutex);
    if (has(FAULT_MUTEX_TWICE)) {
        ExAcquireFastMutex(&faulty->mutex);
    }
    if (!has(FAULT_MUTEX_LEFT)) {
        ExReleaseFastMutex(&faulty->mutex);
    }
}

/* Each level's buffer is used by the next: no compiler makes a loop of it. */
/* NOLINTNEXTLINE(misc-no-recursion): that is the fault */
__attribute__((noinline)) static ULONG recurse(ULONG depth, volatile const UCHAR *above)
{
    volatile UCHAR buffer[512];
    for (ULONG i = 0; i < sizeof(buffer); i++) {
        buffer[i] = (UCHAR)(above[i % 8] + depth);
    }
    const ULONG below = depth == 0 ? 0 : recurse(depth - 1, buffer);
    return below + buffer[0] + above[0];
}

__attribute__((noinline)) static void some_code(void)
{
    __asm__ volatile("nop; nop; nop; nop");
}

static void misuse_image(void)
{
    void (*volatile routine)(void) = some_code;
    if (has(FAULT_INIT_LATER)) {
        faulty_misuse_discarded();
    }
    if (has(FAULT_WRITES_CODE)) {
        *(volatile UCHAR *)(ULONG_PTR)routine = 0xC3;
    }
    if (has(FAULT_RUNS_DATA)) {
        /* Past the guard, which would stop it first. */
        void *target = (void *)(ULONG_PTR)some_data;
        __asm__ volatile("call *%0" : : "r"(target) : "memory");
    }
    if (has(FAULT_GUARD)) {
        routine = (void (*)(void))((ULONG_PTR)routine + 1);
    }
    routine();
}

static KDEFERRED_ROUTINE nothing_to_do;
static CALLBACK_FUNCTION nothing_happens;

static void nothing_to_do(PKDPC dpc, PVOID context, PVOID argument_1, PVOID argument_2)
{
    UNREFERENCED_PARAMETER(dpc);
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(argument_1);
    UNREFERENCED_PARAMETER(argument_2);
}

static void nothing_happens(PVOID context, PVOID argument_1, PVOID argument_2)
{
    UNREFERENCED_PARAMETER(context);
    UNREFERENCED_PARAMETER(argument_1);
    UNREFERENCED_PARAMETER(argument_2);
}

static void misuse_wait(void)
{
    static KEVENT event;
    KIRQL irql;
    KeInitializeEvent(&event, SynchronizationEvent, FALSE);
    if (has(FAULT_WAITS_FOREVER)) {
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
    }
    if (has(FAULT_WAITS_RAISED)) {
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
        KeLowerIrql(irql);
    }
}

static void misuse_timer(void)
{
    static KTIMER timer;
    static KDPC dpc;
    const LARGE_INTEGER due = {.QuadPart = -600000000};
    PKTIMER freed;
    KeInitializeTimerEx(&timer, NotificationTimer);
    KeInitializeDpc(&dpc, nothing_to_do, NULL);
    KeSetCoalescableTimer(&timer, due, 0, 0, &dpc);
    if (!has(FAULT_TIMER_LEFT)) {
        KeCancelTimer(&timer);
    }
    if (has(FAULT_TIMER_FREED)) {
        freed = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*freed), FAULTY_TAG);
        if (freed != NULL) {
            KeInitializeTimerEx(freed, NotificationTimer);
            KeSetCoalescableTimer(freed, due, 0, 0, NULL);
            ExFreePoolWithTag(freed, FAULTY_TAG);
        }
    }
}

static void misuse_callback(void)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\Callback\\PowerState");
    OBJECT_ATTRIBUTES attributes;
    PCALLBACK_OBJECT object;
    PVOID registration;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (!NT_SUCCESS(ExCreateCallback(&object, &attributes, FALSE, TRUE))) {
        return;
    }
    registration = ExRegisterCallback(object, nothing_happens, NULL);
    if (registration != NULL && !has(FAULT_CALLBACK_LEFT)) {
        ExUnregisterCallback(registration);
    }
    ObDereferenceObject(object);
}

/* Last in the driver's life: nobody flushes. */
void faulty_misuse_at_stop(void)
{
    static KDPC dpc[32];
    KIRQL irql;
    if (!has(FAULT_DPC_LEFT)) {
        return;
    }
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    for (ULONG i = 0; i < 32; i++) {
        KeInitializeDpc(&dpc[i], nothing_to_do, NULL);
        KeInsertQueueDpc(&dpc[i], NULL, NULL);
    }
    KeLowerIrql(irql);
}

void faulty_misuse(void)
{
    misuse_wait();
    misuse_timer();
    misuse_callback();
    PIO_WORKITEM work = IoAllocateWorkItem(faulty->device);
    if (work != NULL && !has(FAULT_WORK_LEFT)) {
        IoFreeWorkItem(work);
    }
    misuse_pool();
    misuse_irql();
    misuse_mutex();
    misuse_image();
    if (has(FAULT_HANDLE_USER)) {
        open_nothing(0);
    }
    if (has(FAULT_STACK)) {
        recurse(56, some_data);
    }
    if (has(FAULT_BUGCHECK)) {
        KeBugCheckEx(0xDEADDEAD, 0, 0, 0, 0);
    }
}
