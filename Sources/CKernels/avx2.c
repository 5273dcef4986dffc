// AVX2 without VNNI. vpmaddubsw multiplies bytes and adds neighbours in 16 bits; a block's sum is
// kept there as long as it cannot overflow.
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define CK_FORM_AVX2
#define CK_TILE_ROWS 6
#include "operations.h"

// A tile is HALVES(form) registers of eight rows of weights and up to TILE rows of activations.
#define TILE 4
#define HALVES(is_q4) ((is_q4) ? 2 : 1)

typedef __m256i tile_sums[2][TILE];

CK_INLINE __m256i broadcast4(const int8_t *x) {
    int32_t four;
    memcpy(&four, x, sizeof four);
    return _mm256_set1_epi32(four);
}

// The sums of one block for `count` rows of activations and sixteen rows of weights.
//
// A half byte times an int8, twice, eight times over: at most 16 * 15 * 127 = 30,480. All of a
// block's products fit in 16 bits.
CK_INLINE void block_q4(int count, const uint8_t *quants, const int8_t *x, size_t columns,
                        tile_sums sums) {
    const __m256i nibble = _mm256_set1_epi8(15);
    CK_UNROLL for (int m = 0; m < count; m++) sums[0][m] = sums[1][m] = _mm256_setzero_si256();
    CK_UNROLL for (int pair = 0; pair < 4; pair++) {
        __m256i low[2], high[2];
        CK_UNROLL for (int h = 0; h < 2; h++) {
            const uint8_t *at = quants + pair * CK_PANEL * 4 + 32 * h;
            const __m256i both = _mm256_load_si256((const __m256i *)at);
            low[h] = _mm256_and_si256(both, nibble);
            high[h] = _mm256_and_si256(_mm256_srli_epi16(both, 4), nibble);
        }
        CK_UNROLL for (int m = 0; m < count; m++) {
            const int8_t *at = x + (size_t)m * columns + 8 * pair;
            const __m256i first = broadcast4(at), second = broadcast4(at + 4);
            CK_UNROLL for (int h = 0; h < 2; h++) {
                const __m256i a = _mm256_maddubs_epi16(low[h], first);
                const __m256i b = _mm256_maddubs_epi16(high[h], second);
                sums[h][m] = _mm256_add_epi16(sums[h][m], _mm256_add_epi16(a, b));
            }
        }
        // Without this the compiler goes row by row and spills the unpacked weights: 30% slower.
        CK_UNROLL for (int m = 0; m < count; m++)
            __asm__ volatile("" : "+x"(sums[0][m]), "+x"(sums[1][m]));
    }
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int h = 0; h < 2; h++)
            sums[h][m] = _mm256_madd_epi16(sums[h][m], _mm256_set1_epi16(1));
}

// The same for eight rows of weights.
//
// Two products of int8 fit in 16 bits, four do not: each is widened at once. The instruction takes
// one operand without a sign: the weight's goes over to the activation.
CK_INLINE void block_q8(int count, const uint8_t *quants, const int8_t *x, size_t columns,
                        tile_sums sums) {
    const __m256i ones = _mm256_set1_epi16(1);
    CK_UNROLL for (int group = 0; group < 8; group++) {
        const __m256i weight = _mm256_load_si256((const __m256i *)(quants + group * CK_PANEL * 4));
        const __m256i magnitude = _mm256_abs_epi8(weight);
        CK_UNROLL for (int m = 0; m < count; m++) {
            const __m256i value = broadcast4(x + (size_t)m * columns + 4 * group);
            const __m256i two = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(value, weight));
            const __m256i four = _mm256_madd_epi16(two, ones);
            sums[0][m] = group ? _mm256_add_epi32(sums[0][m], four) : four;
        }
    }
}

CK_INLINE __m256 halves_at(const uint8_t *at) {
    return _mm256_cvtph_ps(_mm_load_si128((const __m128i *)at));
}

// Rows of weights, `first` of the panel on, times `count` rows of activations. `is_q4` and `count`
// are constants at each call.
CK_INLINE void tile(int is_q4, int count, const uint8_t *record, size_t first, size_t blocks,
                    ck_activations x, float *y, size_t y_stride) {
    const int halves = HALVES(is_q4);
    const size_t columns = blocks * CK_BLOCK;
    __m256 total[2][TILE];
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int h = 0; h < halves; h++) total[h][m] = _mm256_setzero_ps();
    for (size_t block = 0; block < blocks; block++) {
        const uint8_t *scales = record + 2 * first, *mins = scales + 2 * CK_PANEL;
        tile_sums sums;
        if (is_q4)
            block_q4(count, record + 4 * CK_PANEL + 4 * first, x.quants, columns, sums);
        else
            block_q8(count, record + 2 * CK_PANEL + 4 * first, x.quants, columns, sums);
        CK_UNROLL for (int m = 0; m < count; m++) {
            const __m256 x_scale = _mm256_set1_ps(x.scales[m * blocks + block]);
            CK_UNROLL for (int h = 0; h < halves; h++) {
                const __m256 scale = _mm256_mul_ps(halves_at(scales + 16 * h), x_scale);
                const __m256 sum = _mm256_cvtepi32_ps(sums[h][m]);
                total[h][m] = _mm256_fmadd_ps(scale, sum, total[h][m]);
            }
            if (!is_q4) continue;
            const __m256 x_sum = _mm256_set1_ps(x.sums[m * blocks + block]);
            CK_UNROLL for (int h = 0; h < halves; h++)
                total[h][m] = _mm256_fmadd_ps(halves_at(mins + 16 * h), x_sum, total[h][m]);
        }
        record += is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8;
        x.quants += CK_BLOCK;
    }
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int h = 0; h < halves; h++)
            _mm256_storeu_ps(y + m * y_stride + 8 * h, total[h][m]);
}

// A function of its own for each shape: the compiler then has all registers for one tile.
#define TILE_OF(NAME, IS_Q4, COUNT)                                                                    static __attribute__((noinline)) void NAME(const uint8_t *records, size_t first, size_t blocks,                                                ck_activations x, float *y, size_t y_stride) {              tile(IS_Q4, COUNT, records, first, blocks, x, y, y_stride);                                    }
TILE_OF(tile_q4_1, 1, 1)
TILE_OF(tile_q4_2, 1, 2)
TILE_OF(tile_q4_3, 1, 3)
TILE_OF(tile_q4_4, 1, 4)
TILE_OF(tile_q8_1, 0, 1)
TILE_OF(tile_q8_2, 0, 2)
TILE_OF(tile_q8_3, 0, 3)
TILE_OF(tile_q8_4, 0, 4)

typedef void tile_function(const uint8_t *, size_t, size_t, ck_activations, float *, size_t);
static tile_function *const tiles[2][TILE] = {{tile_q8_1, tile_q8_2, tile_q8_3, tile_q8_4},
                                              {tile_q4_1, tile_q4_2, tile_q4_3, tile_q4_4}};

// A panel's records stay in the first-level cache while the rows of activations go by.
CK_INLINE void panel(int is_q4, const uint8_t *records, size_t blocks, const ck_activations *x,
                     size_t count, float *y, size_t y_stride) {
    for (size_t m = 0; m < count; m += TILE) {
        const size_t some = count - m < TILE ? count - m : TILE;
        const ck_activations part = {x->quants + m * blocks * CK_BLOCK, x->scales + m * blocks,
                                     x->sums + m * blocks, x->totals + m * blocks};
        for (size_t first = 0; first < CK_PANEL; first += 8 * HALVES(is_q4))
            tiles[is_q4][some - 1](records, first, blocks, part, y + m * y_stride + first,
                                   y_stride);
    }
}

#include "panels.h"

const ck_kernel_table ck_avx2 = {
    .name = "avx2", .matmul_q8 = matmul_q8, .matmul_q4 = matmul_q4, CK_OPERATIONS};

#pragma clang attribute pop

#endif
