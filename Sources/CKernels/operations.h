// The operations that are written once for every instruction set. The file of a form switches its
// instructions on, includes this one, and names the operations in its table.
#ifndef CK_OPERATIONS_H
#define CK_OPERATIONS_H

#include "attention.h"
#include "dense.h"
#include "elementwise.h"
#include "kernels.h"
#include "lanes.h"
#include "sampling.h"

#define CK_OPERATIONS                                                                              \
    .matmul_bf16 = matmul_bf16, .quantize = quantize, .attend = attend,                            \
    .round_row = round_row, .rms_norm = rms_norm, .rotate_halves = rotate_halves,                  \
    .silu_multiply = silu_multiply, .add = add, .draw_token = draw_token,           \
    .log_sum_exp = log_sum_exp

#endif
