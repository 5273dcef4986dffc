// What forms.c needs of a C library, for a machine without a system: Bochs shows what is written to
// port 0xe9 and ends at a word on port 0x8900.
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argument_count, char **arguments);

static void put(uint16_t port, char byte) {
    __asm__ volatile("outb %0, %1" : : "a"(byte), "Nd"(port));
}
static void put_text(uint16_t port, const char *text) {
    while (*text) put(port, *text++);
}

static void put_number(unsigned value, unsigned base, int digits) {
    if (value >= base || digits > 1) put_number(value / base, base, digits - 1);
    put(0xe9, "0123456789abcdef"[value % base]);
}

// %s, %d and %08x.
int printf(const char *format, ...) {
    va_list list;
    va_start(list, format);
    for (; *format; format++) {
        if (*format != '%') {
            put(0xe9, *format);
        } else if (*++format == 's') {
            put_text(0xe9, va_arg(list, const char *));
        } else if (*format == 'd') {
            put_number(va_arg(list, unsigned), 10, 1);
        } else {
            put_number(va_arg(list, unsigned), 16, 8);
            format += 2;
        }
    }
    va_end(list);
    return 0;
}

FILE *stdout;
int fflush(FILE *file) { return file != stdout; }

_Noreturn void abort(void) {
    put_text(0xe9, "aborted\n");
    put_text(0x8900, "Shutdown");
    for (;;) __asm__ volatile("hlt");
}

long strtol(const char *restrict text, char **restrict end, int base) {
    long value = 0;
    (void)end;
    for (; *text; text++) value = base * value + *text - '0';
    return value;
}

// The heap begins anew when all of it is free.
static char heap[64 << 20] __attribute__((aligned(64)));
static size_t heap_used, heap_blocks;

void *malloc(size_t bytes) {
    if (bytes > sizeof heap - heap_used) abort();
    void *block = heap + heap_used;
    heap_used += (bytes + 63) / 64 * 64;
    heap_blocks++;
    return block;
}
void *aligned_alloc(size_t alignment, size_t bytes) {
    if (alignment > 64) abort();
    return malloc(bytes);
}
void free(void *block) {
    if (block && --heap_blocks == 0) heap_used = 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
    for (size_t i = 0; i < count; i++) ((volatile char *)to)[i] = ((const char *)from)[i];
    return to;
}
void *memset(void *to, int byte, size_t count) {
    for (size_t i = 0; i < count; i++) ((volatile char *)to)[i] = (char)byte;
    return to;
}

// The machine has the instructions.
float fmaf(float a, float b, float c) {
    __asm__("vfmadd231ss %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
    return c;
}
float sqrtf(float x) {
    __asm__("sqrtss %0, %0" : "+x"(x));
    return x;
}
float fminf(float a, float b) { return a < b ? a : b; }
float fmaxf(float a, float b) { return a > b ? a : b; }
float ldexpf(float x, int exponent) {
    for (; exponent > 0; exponent--) x *= 2;
    for (; exponent < 0; exponent++) x *= 0.5f;
    return x;
}

int pthread_once(pthread_once_t *once, void (*body)(void)) {
    if (!*once) {
        *once = 1;
        body();
    }
    return 0;
}

void run(void) {
    char name[] = "forms", trials[] = TRIALS;
    char *arguments[] = {name, trials, NULL};
    put_text(0xe9, main(2, arguments) == 0 ? "passed\n" : "failed\n");
    put_text(0x8900, "Shutdown");
}
