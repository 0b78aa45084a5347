/* SPDX-License-Identifier: Apache-2.0
 *
 * The places where control passes between the driver and the harness below the level of C: import
 * calls, Control Flow Guard's two routines, and the switch to the driver's own stack.
 */
    .text
    .intel_syntax noprefix

/*
 * import_gate: every import thunk jumps here with the import's number in eax. Asks import_enter
 * (number, address of the return address) where to go on, and goes there with the caller's
 * arguments. The four register arguments are kept in the caller's home space.
 */
    .globl import_gate
    .def import_gate; .scl 2; .type 32; .endef
    .seh_proc import_gate
import_gate:
    mov [rsp + 8], rcx
    mov [rsp + 16], rdx
    mov [rsp + 24], r8
    mov [rsp + 32], r9
    sub rsp, 40
    .seh_stackalloc 40
    .seh_endprologue
    mov ecx, eax
    lea rdx, [rsp + 40]
    call import_enter
    add rsp, 40
    mov rcx, [rsp + 8]
    mov rdx, [rsp + 16]
    mov r8, [rsp + 24]
    mov r9, [rsp + 32]
    jmp rax
    .seh_endproc

/*
 * Control Flow Guard's routines. The check form has the target in rcx and keeps every argument
 * register; the dispatch form has it in rax and ends in the target.
 */
    .macro guard_verify_keeping target
    push rax
    .seh_pushreg rax
    push rcx
    .seh_pushreg rcx
    push rdx
    .seh_pushreg rdx
    push r8
    .seh_pushreg r8
    push r9
    .seh_pushreg r9
    push r10
    .seh_pushreg r10
    push r11
    .seh_pushreg r11
    sub rsp, 32
    .seh_stackalloc 32
    .seh_endprologue
    mov rdx, [rsp + 88]
    mov rcx, \target
    call guard_verify
    add rsp, 32
    pop r11
    pop r10
    pop r9
    pop r8
    pop rdx
    pop rcx
    pop rax
    .endm

    .globl guard_check_gate
    .def guard_check_gate; .scl 2; .type 32; .endef
    .seh_proc guard_check_gate
guard_check_gate:
    guard_verify_keeping rcx
    ret
    .seh_endproc

    .globl guard_dispatch_gate
    .def guard_dispatch_gate; .scl 2; .type 32; .endef
    .seh_proc guard_dispatch_gate
guard_dispatch_gate:
    guard_verify_keeping rax
    jmp rax
    .seh_endproc

/*
 * void stack_switch(void (*function)(void *), void *argument, uintptr_t top, uintptr_t bottom)
 *
 * Calls function(argument) on another stack. The thread's own idea of its stack (in the TEB:
 * StackBase, StackLimit, DeallocationStack) follows, or exceptions would not be dispatched there.
 * ExceptionList is ended as for a new fiber: Wine keeps frames of its own in it and would take
 * those of the old stack for nearer than the driver's.
 */
    .globl stack_switch
    .def stack_switch; .scl 2; .type 32; .endef
    .seh_proc stack_switch
stack_switch:
    push rbp
    .seh_pushreg rbp
    push rbx
    .seh_pushreg rbx
    push rsi
    .seh_pushreg rsi
    push rdi
    .seh_pushreg rdi
    push r12
    .seh_pushreg r12
    sub rsp, 32
    .seh_stackalloc 32
    mov rbp, rsp
    .seh_setframe rbp, 0
    .seh_endprologue
    mov r12, gs:[0x00]
    mov rbx, gs:[0x08]
    mov rsi, gs:[0x10]
    mov rdi, gs:[0x1478]
    mov gs:[0x1478], r9
    mov gs:[0x10], r9
    mov gs:[0x08], r8
    mov qword ptr gs:[0x00], -1
    lea rsp, [r8 - 32]
    mov rax, rcx
    mov rcx, rdx
    call rax
    mov rsp, rbp
    mov gs:[0x00], r12
    mov gs:[0x08], rbx
    mov gs:[0x10], rsi
    mov gs:[0x1478], rdi
    add rsp, 32
    pop r12
    pop rdi
    pop rsi
    pop rbx
    pop rbp
    ret
    .seh_endproc
