// Picks the best form of each operation once, by what the CPU says it can do.
#include <stdatomic.h>

#include "kernels.h"

static _Atomic(const ck_kernel_table *) chosen;
// Of one thread, so that a comparison on one disturbs no other.
static _Thread_local int is_portable;

static const ck_kernel_table *best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c"))
        return &ck_avx2;
#endif
    return &ck_portable;
}

static const ck_kernel_table *table(void) {
    if (is_portable) return &ck_portable;
    const ck_kernel_table *current = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (current) return current;
    current = best();
    atomic_store_explicit(&chosen, current, memory_order_relaxed);
    return current;
}

const char *ck_isa(void) { return table()->name; }

void ck_force_portable(int portable) { is_portable = portable; }

void ck_quantize(const float *x, size_t columns, int8_t *quants, float *scales, float *sums) {
    table()->quantize(x, columns, quants, scales, sums);
}

void ck_matmul_q8(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride) {
    table()->matmul_q8(w, row_begin, row_end, x, count, y, y_stride);
}

void ck_matmul_q4(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride) {
    table()->matmul_q4(w, row_begin, row_end, x, count, y, y_stride);
}

void ck_attention(const float *q, size_t heads, size_t head_width, const ck_segment *segments,
                  size_t segment_count, size_t stride, float *scores, float *out) {
    const ck_kernel_table *kernels = head_width % 8 == 0 ? table() : &ck_portable;
    kernels->attention(q, heads, head_width, segments, segment_count, stride, scores, out);
}
