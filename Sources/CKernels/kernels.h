// The table that run-time dispatch fills: one entry an operation that has more than one form.
#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "ckernels.h"

typedef void ck_matmul_function(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                                const ck_activations *x, size_t count, float *y, size_t y_stride);

typedef struct {
    const char *name;
    void (*quantize)(const float *, size_t, int8_t *, float *, float *);
    ck_matmul_function *matmul_q8;
    ck_matmul_function *matmul_q4;
    void (*attention)(const float *, size_t, size_t, const ck_segment *, size_t, size_t, float *,
                      float *);
} ck_kernel_table;

extern const ck_kernel_table ck_portable;
#if defined(__x86_64__)
extern const ck_kernel_table ck_avx2;
#endif

// exp(x - max) in place of the scores of one head, divided by their sum. Returns nothing that
// depends on how the tokens are cut into segments.
void ck_softmax(float *scores, size_t count);

#endif
