// The hot arithmetic of grmd. Every function is pure, single-threaded over the slice it is given,
// and computes each output row in an order that depends on nothing but the row itself: the result
// for one row of a batch is the same bits whatever else is in the batch.
//
// Shapes are row-major. "count" rows of activations, "rows" x "columns" weights, columns a multiple
// of CK_BLOCK. Half-precision scales are IEEE binary16.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Elements that share one scale.
#define CK_BLOCK 32
// Most columns of a quantised matrix; bounds the scratch on the stack.
#define CK_COLUMNS_MAX 65536

// Name of the instruction set in use: "avx2" or "portable".
const char *ck_isa(void);
// Uses the portable code on this thread from now on if `portable` is not 0 (tests compare the two).
void ck_force_portable(int portable);

// Activations rounded to int8 per block: x ~ quants * scales[block].
typedef struct {
    const int8_t *quants; // [count][columns]
    const float *scales;  // [count][columns / CK_BLOCK]
    const float *sums;    // [count][columns / CK_BLOCK], scale * sum of quants
} ck_activations;

// A 4-bit or 8-bit block matrix: three planes, each row-major.
//   q8: value = scale * int8           quants: [rows][columns]
//   q4: value = scale * nibble + min   quants: [rows][columns / 2]; byte j of a block holds element
//                                      j in its low half and element j + 16 in its high half
typedef struct {
    const uint8_t *quants;
    const uint16_t *scales; // [rows][columns / CK_BLOCK], binary16
    const uint16_t *mins;   // the same; NULL for q8
    size_t columns;
} ck_block_matrix;

// Rounds one row of `columns` values to int8 blocks. The scale of a block that holds a not-a-number
// is one, so that a product with it is one too.
void ck_quantize(const float *x, size_t columns, int8_t *quants, float *scales, float *sums);

// y[m * y_stride + n] = dot(row n of w, row m of x), for n in row_begin..<row_end, m in 0..<count.
void ck_matmul_q8(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride);
void ck_matmul_q4(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride);

// Writes row `row` of the matrix as floats.
void ck_dequantize_q8(const ck_block_matrix *w, size_t row, float *out);
void ck_dequantize_q4(const ck_block_matrix *w, size_t row, float *out);

// One piece of a sequence's keys and values: `count` tokens, `stride` floats from token to token.
typedef struct {
    const float *keys;
    const float *values;
    size_t count;
} ck_segment;

// Scaled dot-product attention of `heads` query heads that share one key-value head.
//   q, out: [heads][head_width]; segments in order of position; scores: scratch of heads * tokens.
void ck_attention(const float *q, size_t heads, size_t head_width, const ck_segment *segments,
                  size_t segment_count, size_t stride, float *scores, float *out);

// y = x / sqrt(mean(x^2) + epsilon) * gain
void ck_rms_norm(const float *x, const float *gain, size_t width, float epsilon, float *y);
// Cosines and sines of position * base^(-2i / head_width), each [position_count][head_width / 2].
void ck_rotary_table(size_t head_width, size_t position_count, float base, float *cosines,
                     float *sines);
// Rotates the pairs (2i, 2i + 1) of each head by the angles of one position.
void ck_rotate_pairs(float *x, size_t heads, size_t head_width, const float *cosines,
                     const float *sines);
// gate = silu(gate) * up
void ck_silu_multiply(float *gate, const float *up, size_t count);
// x += y
void ck_add(float *x, const float *y, size_t count);
// 1 if every value is finite, else 0.
int ck_all_finite(const float *x, size_t count);
// Turns binary16 and bfloat16 into floats.
float ck_half_to_float(uint16_t half);
uint16_t ck_float_to_half(float value);
void ck_bfloat_to_float(const uint16_t *x, size_t count, float *y);

// A fork-join pool: the calling thread and `thread_count - 1` others share the tasks.
typedef struct ck_pool ck_pool;
// NULL if a thread could not be started.
ck_pool *ck_pool_create(size_t thread_count);
void ck_pool_destroy(ck_pool *pool);
// Calls body(context, task) once for every task in 0..<task_count and returns when all are done.
void ck_pool_run(ck_pool *pool, size_t task_count, void (*body)(void *context, size_t task),
                 void *context);

#endif
