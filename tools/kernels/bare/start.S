// Starts forms.c on a bare x86-64 machine: loaded by a multiboot loader in 32-bit mode, it maps the
// first gigabyte onto itself, switches the vector registers and 64-bit mode on, and calls `run`.
.set magic, 0x1badb002
.set flags, 0x00010000 // the addresses below hold

.section .start, "ax"
.code32
header:
    .long magic, flags, -(magic + flags)
    .long header, header, data_end, bss_end, entry

    .global entry
entry:
    mov $stack_end, %esp
    movl $level3 + 3, level4
    movl $level2 + 3, level3
    xor %ecx, %ecx
1:  mov %ecx, %eax
    shl $21, %eax
    or $0x83, %eax // present, writable, 2 MiB
    mov %eax, level2(, %ecx, 8)
    inc %ecx
    cmp $512, %ecx
    jne 1b

    mov $0x40620, %eax // OSXSAVE, OSXMMEXCPT, OSFXSR, PAE
    mov %eax, %cr4
    mov $7, %eax
    xor %ecx, %ecx
    cpuid
    mov $0xe7, %eax // x87, xmm, ymm; masks, zmm
    test $0x10000, %ebx // AVX-512
    jnz 2f
    mov $7, %eax
2:  xor %ecx, %ecx
    xor %edx, %edx
    xsetbv
    mov $level4, %eax
    mov %eax, %cr3
    mov $0xc0000080, %ecx // EFER: long mode
    rdmsr
    or $0x100, %eax
    wrmsr
    mov $0x80000023, %eax // paging, numeric errors, monitor, protection
    mov %eax, %cr0
    lgdt descriptors_pointer
    ljmp $8, $long_mode

.code64
long_mode:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    mov $0xc0000100, %ecx // FS points to the end of the thread's variables
    mov $thread_end, %eax
    xor %edx, %edx
    wrmsr
    fninit // masks the exceptions of x87
    mov $stack_end, %rsp
    call run
3:  hlt
    jmp 3b

.balign 8
descriptors:
    .quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
descriptors_pointer:
    .word descriptors_pointer - descriptors - 1
    .long descriptors

.bss
.balign 4096
level4: .skip 4096
level3: .skip 4096
level2: .skip 4096
        .skip 1048576
stack_end:
        .skip 4096
thread_end:
        .skip 64
