// The hot arithmetic of grmd. Every function is pure, single-threaded over the slice it is given,
// and computes each output row in an order that depends on nothing but the row itself: the result
// for one row of a batch is the same bits whatever else is in the batch, and on every instruction
// set.
//
// Activations are row-major floats, or the same rounded to int8 blocks. Weights lie in panels:
//
//   matrix [rows][columns]         panel = CK_PANEL rows, block = CK_BLOCK columns
//
//              block 0   block 1   ...
//   panel 0  [ record ][ record ][ ... ]     one record after the other: a product reads its
//   panel 1  [ record ][ record ][ ... ]     weights as one sequential stream
//
//   record of q8:  scales f16[32] | quants int8 [8][32][4]       1,088 bytes
//   record of q4:  scales f16[32] | mins f16[32] | quants [4][32][4], two a byte    640 bytes
//
//   q8: quants[g][row][i] is column 4g + i of the block;            value = scale * quant
//   q4: quants[p][row][i] is column 8p + i in its low half
//       and column 8p + 4 + i in its high half;                     value = scale * quant + min
//
// Four columns of eight rows fill a ymm register, of sixteen rows a zmm register: the operand that
// the byte-product instructions take. The last panel is filled up with rows of zeros.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Columns that share one scale.
#define CK_BLOCK 32
// Rows that lie side by side.
#define CK_PANEL 32
// Bytes of one record.
#define CK_RECORD_Q8 (CK_PANEL * 2 + CK_PANEL * CK_BLOCK)
#define CK_RECORD_Q4 (CK_PANEL * 4 + CK_PANEL * CK_BLOCK / 2)
// Tokens whose keys lie side by side.
#define CK_KEY_GROUP 16
// The widest head whose products fit in 32 bits: 256 * 2,047 * 4,095 < 2^31.
#define CK_HEAD_WIDTH_MAX 256

// Name of the instruction set in use, such as "avx2" or "portable".
const char *ck_isa(void);
// How many forms this machine can run, the portable one first, and the name of each.
size_t ck_form_count(void);
const char *ck_form_name(size_t form);
// Uses one form on this thread from now on; -1 goes back to the best one (tests compare them).
void ck_force_form(int form);

// Activations rounded to int8 per block: x ~ quants * scales[block].
typedef struct {
    const int8_t *quants;  // [count][columns]
    const float *scales;   // [count][columns / CK_BLOCK]
    const float *sums;     // [count][columns / CK_BLOCK], scale * total
    const int32_t *totals; // [count][columns / CK_BLOCK], sum of the quants
} ck_activations;

// A block matrix in panels, 64-byte aligned.
typedef struct {
    const uint8_t *records; // [panels][columns / CK_BLOCK] records
    size_t rows;
    size_t columns;
} ck_block_matrix;

// Rounds one row of `columns` values to int8 blocks. The scale of a block that holds a not-a-number
// is one, so that a product with it is one too.
void ck_quantize(const float *x, size_t columns, int8_t *quants, float *scales, float *sums,
                 int32_t *totals);

// y[m * y_stride + n] = dot(row n of w, row m of x), for every row n of the panels
// panel_begin..<panel_end and m in 0..<count. For each block in turn, the sum of the 32 integer
// products is exact, and the total becomes fma(scale_w * scale_x, sum, total); for q4 then
// fma(min_w, sum_x, total).
void ck_matmul_q8(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride);
void ck_matmul_q4(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride);

// A matrix of bfloat16 in panels of CK_PANEL rows, 64-byte aligned, filled up with zeros:
// [panels][2][columns / 2, rounded up][16][2]. Row 16h + r of a panel has its column 2i + j at
// [h][i][r][j].
typedef struct {
    const uint16_t *values;
    size_t rows;
    size_t columns;
} ck_dense_matrix;

// y[m * y_stride + n] = dot(row n of w, row m of x), for every row n of the panels
// panel_begin..<panel_end and m in 0..<count. x is [count][columns]. For each column in turn, the
// total becomes fma(w, x, total).
void ck_matmul_bf16(const ck_dense_matrix *w, size_t panel_begin, size_t panel_end, const float *x,
                    size_t count, float *y, size_t y_stride);

// Writes row `row` of the matrix as floats.
void ck_dequantize_q8(const ck_block_matrix *w, size_t row, float *out);
void ck_dequantize_q4(const ck_block_matrix *w, size_t row, float *out);
void ck_dequantize_bf16(const ck_dense_matrix *w, size_t row, float *out);

// One head of a piece of a sequence's keys and values: each token's are rounded to 13 bits of its
// largest one. Two neighbours lie side by side, as the products of pairs take them: of the width
// for the keys, where one register holds a pair of sixteen tokens, and of the tokens for the
// values.
typedef struct {
    const int16_t *keys;       // [count / CK_KEY_GROUP, rounded up][width / 2][CK_KEY_GROUP][2]
    const float *key_scales;   // [count]
    const int16_t *values;     // [count / 2, rounded up][width][2]
    const float *value_scales; // [count]
    size_t count;
} ck_segment;

// A few rows that attend together: all see the shared segments, then each its own one.
typedef struct {
    size_t width;  // of a head, a multiple of 16, at most CK_HEAD_WIDTH_MAX
    size_t group;  // query heads that share this key-value head
    size_t rows;   // tokens; each has `group` query heads side by side
    const float *const *queries; // [rows] -> [group][width]
    float *const *outputs;       // [rows] -> [group][width]
    const ck_segment *shared;    // [shared_count], in order of position
    size_t shared_count;
    const ck_segment *own; // [rows], after the shared ones; none is empty
    int own_is_one;        // the own segments are beginnings of one segment
    float *scratch;        // ck_attention_scratch(...) floats
} ck_attention;

// Floats of scratch for rows that see at most `tokens` tokens.
size_t ck_attention_scratch(size_t rows, size_t group, size_t width, size_t tokens);

// Scaled dot-product attention. A row's result depends on its query and on the tokens it sees in
// their order, not on how they are cut into segments, nor on the other rows.
void ck_attend(const ck_attention *task);

// Rounds one token's keys and values of one head and puts them in their place. A scale is not a
// number if one of them is not finite.
void ck_store_key(const float *key, size_t width, int16_t *keys, float *scales, size_t token);
void ck_store_value(const float *value, size_t width, int16_t *values, float *scales, size_t token);

// y = x / sqrt(mean(x^2) + epsilon) * gain
void ck_rms_norm(const float *x, const float *gain, size_t width, float epsilon, float *y);
// Cosines and sines of position * base^(-2i / head_width), each [position_count][head_width / 2].
void ck_rotary_table(size_t head_width, size_t position_count, float base, float *cosines,
                     float *sines);
// Rotates the pairs (i, i + head_width / 2) of each head by the angles of one position.
void ck_rotate_halves(float *x, size_t heads, size_t head_width, const float *cosines,
                      const float *sines);
// gate = silu(gate) * up
void ck_silu_multiply(float *gate, const float *up, size_t count);
// x += y
void ck_add(float *x, const float *y, size_t count);

// One draw of a token from logits.
typedef struct {
    const float *logits; // [count]
    size_t count;
    const uint32_t *excluded; // tokens that may not be drawn, ascending; not all
    size_t excluded_count;
    float temperature; // 0 takes the first of the largest logits
    float share;       // what the likeliest tokens must reach to be drawn from; 1 is all
    double uniform;    // in [0, 1)
    float *weights;    // scratch, [2][count, rounded up to a multiple of 16]
    uint32_t *tokens;  // scratch, [count, rounded up to a multiple of 16]
} ck_draw;

// What is drawn where a logit that may be drawn is not finite.
#define CK_NO_TOKEN UINT32_MAX

// Draws token t with probability exp(logits[t] / temperature) / total. With a share below 1, from
// the smallest set of likeliest tokens that reaches it; of equally likely ones, the first.
uint32_t ck_draw_token(const ck_draw *draw);

// log(sum of exp(x)), terms rounded to f32 and added in f64; not a number if one value is not finite.
double ck_log_sum_exp(const float *x, size_t count);

// 1 if every value is finite, else 0.
int ck_all_finite(const float *x, size_t count);

// Turns binary16 into floats and floats into binary16.
float ck_half_to_float(uint16_t half);
uint16_t ck_float_to_half(float value);

// A fork-join pool: the calling thread and `thread_count - 1` others share the tasks.
typedef struct ck_pool ck_pool;
// NULL if a thread could not be started.
ck_pool *ck_pool_create(size_t thread_count);
void ck_pool_destroy(ck_pool *pool);
// Calls body(context, task, thread) once for every task in 0..<task_count, fewer than 2^20, and
// returns when all are done; `thread` is in 0..<thread_count, and 0 is the caller.
void ck_pool_run(ck_pool *pool, size_t task_count,
                 void (*body)(void *context, size_t task, size_t thread), void *context);

#endif
