// AVX2 with VNNI. vpdpbusd takes four neighbouring bytes without a sign and four with one, and adds
// their products to a sum of 32 bits: eight of them make the sums of a block for eight rows.
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)

#define CK_FORM_AVX2
#define CK_TILE_ROWS 6
#include "operations.h"

// Eight rows of weights meet up to TILE rows of activations: 5 sums of a block and 5 totals leave
// six of sixteen registers for weights, activations and constants.
#define TILE 5

CK_INLINE __m256i broadcast4(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, sizeof four);
    return _mm256_set1_epi32(four);
}

// Four columns of eight rows.
CK_INLINE __m256i weights4(const uint8_t *quants, int group) {
    return _mm256_load_si256((const __m256i *)(quants + group * CK_PANEL * 4));
}

// Eight of the 32 scales or mins of a record.
CK_INLINE __m256 halves(const uint8_t *from) {
    return _mm256_cvtph_ps(_mm_load_si128((const __m128i *)from));
}

// Columns 8 * pair + 0...3 and 4...7 of eight rows, without a sign: 128 is added to those of q8.
CK_INLINE void weights8(int is_q4, const uint8_t *quants, int pair, __m256i *low, __m256i *high) {
    if (is_q4) {
        const __m256i nibble = _mm256_set1_epi8(15), both = weights4(quants, pair);
        *low = _mm256_and_si256(both, nibble);
        *high = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
    } else {
        const __m256i sign = _mm256_set1_epi8(-128);
        *low = _mm256_xor_si256(weights4(quants, 2 * pair), sign);
        *high = _mm256_xor_si256(weights4(quants, 2 * pair + 1), sign);
    }
}

// Sums of q8 begin at what the added 128 make too much: 128 times the total of the activations.
CK_INLINE void block_sums(int is_q4, int count, const uint8_t *quants, const int8_t *x,
                          size_t columns, const int32_t *totals, __m256i sums[TILE]) {
    CK_UNROLL for (int m = 0; m < count; m++) {
        const int32_t begin = is_q4 ? 0 : -128 * totals[(size_t)m * (columns / CK_BLOCK)];
        sums[m] = _mm256_set1_epi32(begin);
    }
    CK_UNROLL for (int pair = 0; pair < 4; pair++) {
        __m256i low, high;
        weights8(is_q4, quants, pair, &low, &high);
        CK_UNROLL for (int m = 0; m < count; m++) {
            const int8_t *at = x + (size_t)m * columns + 8 * pair;
            sums[m] = _mm256_dpbusd_avx_epi32(sums[m], low, broadcast4(at));
            sums[m] = _mm256_dpbusd_avx_epi32(sums[m], high, broadcast4(at + 4));
            // Else the compiler goes row by row and spills totals to hold a block's weights.
            __asm__ volatile("" : "+x"(sums[m]));
        }
    }
}

// Eight rows of weights, `first` of the panel on, times `count` rows of activations. `is_q4` and
// `count` are constants at each call.
CK_INLINE void tile(int is_q4, int count, const uint8_t *record, size_t first, size_t blocks,
                    const ck_activations *x, size_t m0, float *y, size_t y_stride) {
    const size_t columns = blocks * CK_BLOCK;
    const int8_t *quants = x->quants + m0 * columns;
    const float *scales = x->scales + m0 * blocks, *x_sums = x->sums + m0 * blocks;
    const int32_t *totals = x->totals + m0 * blocks;
    __m256 total[TILE];
    CK_UNROLL for (int m = 0; m < count; m++) total[m] = _mm256_setzero_ps();
    for (size_t block = 0; block < blocks; block++) {
        __m256i sums[TILE];
        block_sums(is_q4, count, record + (is_q4 ? 4 : 2) * CK_PANEL + 4 * first,
                   quants + block * CK_BLOCK, columns, totals + block, sums);
        const __m256 scale = halves(record + 2 * first);
        CK_UNROLL for (int m = 0; m < count; m++) {
            const __m256 product = _mm256_mul_ps(scale, _mm256_set1_ps(scales[m * blocks + block]));
            total[m] = _mm256_fmadd_ps(product, _mm256_cvtepi32_ps(sums[m]), total[m]);
        }
        if (is_q4) {
            const __m256 min = halves(record + 2 * CK_PANEL + 2 * first);
            CK_UNROLL for (int m = 0; m < count; m++) {
                const __m256 sum = _mm256_set1_ps(x_sums[m * blocks + block]);
                total[m] = _mm256_fmadd_ps(min, sum, total[m]);
            }
        }
        record += is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8;
    }
    CK_UNROLL for (int m = 0; m < count; m++) _mm256_storeu_ps(y + (m0 + m) * y_stride, total[m]);
}

CK_INLINE void rows(int is_q4, int count, const uint8_t *records, size_t blocks,
                    const ck_activations *x, size_t m, float *y, size_t y_stride) {
    for (size_t first = 0; first < CK_PANEL; first += 8)
        tile(is_q4, count, records, first, blocks, x, m, y + first, y_stride);
}

// A panel's records stay in the first-level cache while the rows of activations go by.
CK_INLINE void panel(int is_q4, const uint8_t *records, size_t blocks, const ck_activations *x,
                     size_t count, float *y, size_t y_stride) {
    size_t m = 0;
    for (; m + TILE <= count; m += TILE) rows(is_q4, TILE, records, blocks, x, m, y, y_stride);
    switch (count - m) {
    case 4: rows(is_q4, 4, records, blocks, x, m, y, y_stride); break;
    case 3: rows(is_q4, 3, records, blocks, x, m, y, y_stride); break;
    case 2: rows(is_q4, 2, records, blocks, x, m, y, y_stride); break;
    case 1: rows(is_q4, 1, records, blocks, x, m, y, y_stride); break;
    }
}

#include "panels.h"

const ck_kernel_table ck_avxvnni = {
    .name = "avxvnni", .matmul_q8 = matmul_q8, .matmul_q4 = matmul_q4, CK_OPERATIONS};

#pragma clang attribute pop

#endif
