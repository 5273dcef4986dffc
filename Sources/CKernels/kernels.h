// The table that run-time dispatch fills: one entry an operation that has more than one form.
#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "ckernels.h"

typedef void ck_matmul_function(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                                const ck_activations *x, size_t count, float *y, size_t y_stride);

typedef struct {
    const char *name;
    ck_matmul_function *matmul_q8;
    ck_matmul_function *matmul_q4;
    void (*matmul_bf16)(const ck_dense_matrix *, size_t, size_t, const float *, size_t, float *,
                        size_t);
    void (*quantize)(const float *, size_t, int8_t *, float *, float *, int32_t *);
    void (*attend)(const ck_attention *);
    float (*round_row)(const float *, size_t, int16_t *);
    void (*rms_norm)(const float *, const float *, size_t, float, float *);
    void (*rotate_halves)(float *, size_t, size_t, const float *, const float *);
    void (*silu_multiply)(float *, const float *, size_t);
    void (*add)(float *, const float *, size_t);
    uint32_t (*draw_token)(const ck_draw *);
    double (*log_sum_exp)(const float *, size_t);
} ck_kernel_table;

extern const ck_kernel_table ck_portable;
#if defined(__x86_64__)
extern const ck_kernel_table ck_avx2, ck_avxvnni, ck_avx512;
#elif defined(__aarch64__)
extern const ck_kernel_table ck_neon;
#endif

#endif
