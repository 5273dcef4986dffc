// AVX-512 with VNNI. vpdpbusd takes four neighbouring bytes without a sign and four with one, and
// adds their products to a sum of 32 bits: eight of them make the sums of a block for sixteen rows.
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(                                                                      \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))),        \
    apply_to = function)

#define CK_FORM_AVX512
#define CK_TILE_ROWS 12
#include "operations.h"

// A panel's 32 rows of weights, two registers, meet up to TILE rows of activations: 12 sums of a
// block and 12 totals leave eight registers for weights, activations and constants.
#define TILE 6
#define WIDTH 2

CK_INLINE __m512i broadcast4(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, sizeof four);
    return _mm512_set1_epi32(four);
}

// Four columns of sixteen rows.
CK_INLINE __m512i weights4(const uint8_t *quants, int group, int i) {
    return _mm512_load_si512(quants + group * CK_PANEL * 4 + 64 * i);
}

// Columns 8 * pair + 0...3 and 4...7 of sixteen rows, without a sign: 128 is added to those of q8.
CK_INLINE void weights8(int is_q4, const uint8_t *quants, int pair, int i, __m512i *low,
                        __m512i *high) {
    if (is_q4) {
        const __m512i nibble = _mm512_set1_epi8(15), both = weights4(quants, pair, i);
        *low = _mm512_and_si512(both, nibble);
        *high = _mm512_and_si512(_mm512_srli_epi16(both, 4), nibble);
    } else {
        const __m512i sign = _mm512_set1_epi8(-128);
        *low = _mm512_xor_si512(weights4(quants, 2 * pair, i), sign);
        *high = _mm512_xor_si512(weights4(quants, 2 * pair + 1, i), sign);
    }
}

// Adds the products of one block for `count` rows of activations and the panel's rows of weights.
CK_INLINE void add_block(int is_q4, int count, const uint8_t *quants, const int8_t *x,
                         size_t columns, __m512i sums[TILE][WIDTH]) {
    CK_UNROLL for (int pair = 0; pair < 4; pair++) {
        __m512i low[WIDTH], high[WIDTH];
        CK_UNROLL for (int i = 0; i < WIDTH; i++)
            weights8(is_q4, quants, pair, i, low + i, high + i);
        CK_UNROLL for (int m = 0; m < count; m++) {
            const int8_t *at = x + (size_t)m * columns + 8 * pair;
            CK_UNROLL for (int i = 0; i < WIDTH; i++) {
                sums[m][i] = _mm512_dpbusd_epi32(sums[m][i], low[i], broadcast4(at));
                sums[m][i] = _mm512_dpbusd_epi32(sums[m][i], high[i], broadcast4(at + 4));
                // Else the compiler goes row by row and spills totals to hold a block's weights.
                __asm__ volatile("" : "+v"(sums[m][i]));
            }
        }
    }
}

// Sixteen of the 32 scales or mins of a record.
CK_INLINE __m512 halves(const uint8_t *record, int i) {
    return _mm512_cvtph_ps(_mm256_load_si256((const __m256i *)(record + 32 * i)));
}

// A panel times `count` rows of activations. `is_q4` and `count` are constants at each call.
CK_INLINE void tile(int is_q4, int count, const uint8_t *record, size_t blocks,
                    const ck_activations *x, size_t m0, float *y, size_t y_stride) {
    const size_t columns = blocks * CK_BLOCK;
    const int8_t *quants = x->quants + m0 * columns;
    const float *scales = x->scales + m0 * blocks, *x_sums = x->sums + m0 * blocks;
    const int32_t *totals = x->totals + m0 * blocks;
    __m512 total[TILE][WIDTH];
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int i = 0; i < WIDTH; i++) total[m][i] = _mm512_setzero_ps();
    for (size_t block = 0; block < blocks; block++) {
        __m512i sums[TILE][WIDTH];
        // For q8 at what the added 128 make too much: 128 times the total of the activations.
        CK_UNROLL for (int m = 0; m < count; m++)
            sums[m][0] = sums[m][1] =
                is_q4 ? _mm512_setzero_si512()
                      : _mm512_set1_epi32(-128 * totals[(size_t)m * blocks + block]);
        add_block(is_q4, count, record + (is_q4 ? 4 : 2) * CK_PANEL, quants, columns, sums);
        CK_UNROLL for (int i = 0; i < WIDTH; i++) {
            const __m512 scale = halves(record, i);
            CK_UNROLL for (int m = 0; m < count; m++) {
                const __m512 product =
                    _mm512_mul_ps(scale, _mm512_set1_ps(scales[m * blocks + block]));
                total[m][i] =
                    _mm512_fmadd_ps(product, _mm512_cvtepi32_ps(sums[m][i]), total[m][i]);
            }
            if (!is_q4) continue;
            const __m512 min = halves(record + 2 * CK_PANEL, i);
            CK_UNROLL for (int m = 0; m < count; m++) {
                const __m512 sum = _mm512_set1_ps(x_sums[m * blocks + block]);
                total[m][i] = _mm512_fmadd_ps(min, sum, total[m][i]);
            }
        }
        record += is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8;
        quants += CK_BLOCK;
    }
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int i = 0; i < WIDTH; i++)
            _mm512_storeu_ps(y + (m0 + m) * y_stride + 16 * i, total[m][i]);
}

// A panel's records stay in the first-level cache while the rows of activations go by.
CK_INLINE void panel(int is_q4, const uint8_t *records, size_t blocks, const ck_activations *x,
                     size_t count, float *y, size_t y_stride) {
    size_t m = 0;
    for (; m + TILE <= count; m += TILE) tile(is_q4, TILE, records, blocks, x, m, y, y_stride);
    switch (count - m) {
    case 5: tile(is_q4, 5, records, blocks, x, m, y, y_stride); break;
    case 4: tile(is_q4, 4, records, blocks, x, m, y, y_stride); break;
    case 3: tile(is_q4, 3, records, blocks, x, m, y, y_stride); break;
    case 2: tile(is_q4, 2, records, blocks, x, m, y, y_stride); break;
    case 1: tile(is_q4, 1, records, blocks, x, m, y, y_stride); break;
    }
}

#include "panels.h"

const ck_kernel_table ck_avx512 = {
    .name = "avx512", .matmul_q8 = matmul_q8, .matmul_q4 = matmul_q4, CK_OPERATIONS};

#pragma clang attribute pop

#endif
