// NEON with the dot product. sdot multiplies sixteen bytes by four, over and over, and adds four
// neighbouring products to a sum of 32 bits: eight of them make the sums of a block for four rows.
#if defined(__aarch64__)

#include <arm_neon.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)

#define CK_FORM_NEON
#define CK_TILE_ROWS 6
#include "operations.h"

// Eight rows of weights, two registers, meet up to TILE rows of activations: 12 sums of a block and
// 12 totals leave eight registers for weights, activations and constants.
#define TILE 6
#define WIDTH 2

// Four columns of four rows.
CK_INLINE uint8x16_t weights4(const uint8_t *quants, int group, int i) {
    return vld1q_u8(quants + group * CK_PANEL * 4 + 16 * i);
}

// Columns 8 * pair + 0...3 and 4...7 of four rows.
CK_INLINE void weights8(int is_q4, const uint8_t *quants, int pair, int i, int8x16_t *low,
                        int8x16_t *high) {
    if (is_q4) {
        const uint8x16_t both = weights4(quants, pair, i);
        *low = vreinterpretq_s8_u8(vandq_u8(both, vdupq_n_u8(15)));
        *high = vreinterpretq_s8_u8(vshrq_n_u8(both, 4));
    } else {
        *low = vreinterpretq_s8_u8(weights4(quants, 2 * pair, i));
        *high = vreinterpretq_s8_u8(weights4(quants, 2 * pair + 1, i));
    }
}

// Adds the products of one block for `count` rows of activations and eight rows of weights. Eight
// columns of activations lie in one register, from which the instruction picks four.
CK_INLINE void add_block(int is_q4, int count, const uint8_t *quants, const int8_t *x,
                         size_t columns, int32x4_t sums[TILE][WIDTH]) {
    CK_UNROLL for (int pair = 0; pair < 4; pair++) {
        int8x16_t low[WIDTH], high[WIDTH];
        CK_UNROLL for (int i = 0; i < WIDTH; i++)
            weights8(is_q4, quants, pair, i, low + i, high + i);
        CK_UNROLL for (int m = 0; m < count; m++) {
            const int8x8_t values = vld1_s8(x + (size_t)m * columns + 8 * pair);
            CK_UNROLL for (int i = 0; i < WIDTH; i++) {
                sums[m][i] = vdotq_lane_s32(sums[m][i], low[i], values, 0);
                sums[m][i] = vdotq_lane_s32(sums[m][i], high[i], values, 1);
                // Else the compiler goes row by row and spills totals to hold a block's weights.
                __asm__ volatile("" : "+w"(sums[m][i]));
            }
        }
    }
}

// Four of the scales or mins of a record.
CK_INLINE float32x4_t halves(const uint8_t *from, int i) {
    return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(from + 8 * i)));
}

// Eight rows of weights, `first` of the panel on, times `count` rows of activations. `is_q4` and
// `count` are constants at each call.
CK_INLINE void tile(int is_q4, int count, const uint8_t *record, size_t first, size_t blocks,
                    const ck_activations *x, size_t m0, float *y, size_t y_stride) {
    const size_t columns = blocks * CK_BLOCK;
    const int8_t *quants = x->quants + m0 * columns;
    const float *scales = x->scales + m0 * blocks, *x_sums = x->sums + m0 * blocks;
    float32x4_t total[TILE][WIDTH];
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int i = 0; i < WIDTH; i++) total[m][i] = vdupq_n_f32(0);
    for (size_t block = 0; block < blocks; block++) {
        int32x4_t sums[TILE][WIDTH];
        CK_UNROLL for (int m = 0; m < count; m++)
            CK_UNROLL for (int i = 0; i < WIDTH; i++) sums[m][i] = vdupq_n_s32(0);
        add_block(is_q4, count, record + (is_q4 ? 4 : 2) * CK_PANEL + 4 * first, quants, columns,
                  sums);
        const uint8_t *at = record + 2 * first;
        CK_UNROLL for (int i = 0; i < WIDTH; i++) {
            const float32x4_t scale = halves(at, i);
            CK_UNROLL for (int m = 0; m < count; m++) {
                const float32x4_t product = vmulq_n_f32(scale, scales[m * blocks + block]);
                total[m][i] = vfmaq_f32(total[m][i], product, vcvtq_f32_s32(sums[m][i]));
            }
            if (!is_q4) continue;
            const float32x4_t min = halves(at + 2 * CK_PANEL, i);
            CK_UNROLL for (int m = 0; m < count; m++)
                total[m][i] = vfmaq_n_f32(total[m][i], min, x_sums[m * blocks + block]);
        }
        record += is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8;
        quants += CK_BLOCK;
    }
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int i = 0; i < WIDTH; i++)
            vst1q_f32(y + (m0 + m) * y_stride + 4 * i, total[m][i]);
}

CK_INLINE void rows(int is_q4, int count, const uint8_t *records, size_t blocks,
                    const ck_activations *x, size_t m, float *y, size_t y_stride) {
    for (size_t first = 0; first < CK_PANEL; first += 4 * WIDTH)
        tile(is_q4, count, records, first, blocks, x, m, y + first, y_stride);
}

// A panel's records stay in the first-level cache while the rows of activations go by.
CK_INLINE void panel(int is_q4, const uint8_t *records, size_t blocks, const ck_activations *x,
                     size_t count, float *y, size_t y_stride) {
    size_t m = 0;
    for (; m + TILE <= count; m += TILE) rows(is_q4, TILE, records, blocks, x, m, y, y_stride);
    switch (count - m) {
    case 5: rows(is_q4, 5, records, blocks, x, m, y, y_stride); break;
    case 4: rows(is_q4, 4, records, blocks, x, m, y, y_stride); break;
    case 3: rows(is_q4, 3, records, blocks, x, m, y, y_stride); break;
    case 2: rows(is_q4, 2, records, blocks, x, m, y, y_stride); break;
    case 1: rows(is_q4, 1, records, blocks, x, m, y, y_stride); break;
    }
}

#include "panels.h"

const ck_kernel_table ck_neon = {
    .name = "neon", .matmul_q8 = matmul_q8, .matmul_q4 = matmul_q4, CK_OPERATIONS};

#pragma clang attribute pop

#endif
