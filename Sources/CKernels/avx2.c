// AVX2 forms. One weight row meets up to four activation rows at a time, so that a block of weights
// is read and unpacked once for four products. The order of additions inside one product is fixed:
// eight partial sums, block after block, then one horizontal sum.
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>

#include "kernels.h"

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

INLINE float sum8(__m256 v) {
    __m128 s = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    s = _mm_add_ps(s, _mm_movehl_ps(s, s));
    return _mm_cvtss_f32(_mm_add_ss(s, _mm_shuffle_ps(s, s, 1)));
}

// The largest of eight values that are not negative. Their order is that of their bits, and a
// not-a-number stands above all others: it is not lost.
INLINE float max8(__m256i bits) {
    __m128i s = _mm_max_epi32(_mm256_castsi256_si128(bits), _mm256_extracti128_si256(bits, 1));
    s = _mm_max_epi32(s, _mm_shuffle_epi32(s, 0x4e));
    return _mm_cvtss_f32(_mm_castsi128_ps(_mm_max_epi32(s, _mm_shuffle_epi32(s, 0xb1))));
}

TARGET static void quantize(const float *x, size_t columns, int8_t *quants, float *scales,
                            float *sums) {
    const __m256 sign = _mm256_set1_ps(-0.0f);
    for (size_t block = 0; block < columns / CK_BLOCK; block++, x += CK_BLOCK, quants += CK_BLOCK) {
        __m256 v[4];
        __m256i peaks = _mm256_setzero_si256();
        UNROLL for (int i = 0; i < 4; i++) {
            v[i] = _mm256_loadu_ps(x + 8 * i);
            const __m256i magnitudes = _mm256_castps_si256(_mm256_andnot_ps(sign, v[i]));
            peaks = _mm256_max_epi32(peaks, magnitudes);
        }
        const float peak = max8(peaks);
        const __m256 inverse = _mm256_set1_ps(peak > 0 ? 127.0f / peak : 0);
        __m256i q[4], total = _mm256_setzero_si256();
        UNROLL for (int i = 0; i < 4; i++) {
            q[i] = _mm256_cvtps_epi32(_mm256_mul_ps(v[i], inverse));
            total = _mm256_add_epi32(total, q[i]);
        }
        const __m256i low = _mm256_packs_epi32(q[0], q[1]), high = _mm256_packs_epi32(q[2], q[3]);
        const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
        _mm256_storeu_si256((__m256i *)quants, _mm256_permutevar8x32_epi32(
                                                   _mm256_packs_epi16(low, high), order));
        scales[block] = peak / 127.0f;
        sums[block] = scales[block] * sum8(_mm256_cvtepi32_ps(total));
    }
}

// Widens `blocks` binary16 scales; `out` has room for a multiple of eight.
INLINE void widen(const uint16_t *half, size_t blocks, float *out) {
    size_t i = 0;
    for (; i + 8 <= blocks; i += 8)
        _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(half + i))));
    for (; i < blocks; i++) out[i] = _cvtsh_ss(half[i]);
}

// Sum of a[i] * b[i] over unsigned a and signed b, four neighbours to a lane.
INLINE __m256 dot32(__m256i a, __m256i b) {
    const __m256i pairs = _mm256_maddubs_epi16(a, b);
    return _mm256_cvtepi32_ps(_mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

// One weight row times `count` (1 to 4, a constant at each call) activation rows.
INLINE void row_q8(int count, const uint8_t *w, const float *w_scales, const int8_t *x,
                   const float *x_scales, size_t blocks, float *y, size_t y_stride) {
    __m256 total[4];
    UNROLL for (int m = 0; m < count; m++) total[m] = _mm256_setzero_ps();
    for (size_t block = 0; block < blocks; block++) {
        const __m256i weight = _mm256_loadu_si256((const __m256i *)(w + block * CK_BLOCK));
        const __m256i magnitude = _mm256_abs_epi8(weight);
        UNROLL for (int m = 0; m < count; m++) {
            const int8_t *source = x + ((size_t)m * blocks + block) * CK_BLOCK;
            const __m256i value = _mm256_loadu_si256((const __m256i *)source);
            const __m256 product = dot32(magnitude, _mm256_sign_epi8(value, weight));
            const float scale = w_scales[block] * x_scales[(size_t)m * blocks + block];
            total[m] = _mm256_fmadd_ps(product, _mm256_set1_ps(scale), total[m]);
        }
    }
    UNROLL for (int m = 0; m < count; m++) y[(size_t)m * y_stride] = sum8(total[m]);
}

INLINE void row_q4(int count, const uint8_t *w, const float *w_scales, const float *w_mins,
                   const int8_t *x, const float *x_scales, const float *x_sums, size_t blocks,
                   float *y, size_t y_stride) {
    const __m128i nibble = _mm_set1_epi8(15);
    __m256 total[4];
    float offset[4];
    UNROLL for (int m = 0; m < count; m++) {
        total[m] = _mm256_setzero_ps();
        offset[m] = 0;
    }
    for (size_t block = 0; block < blocks; block++) {
        const __m128i packed = _mm_loadu_si128((const __m128i *)(w + block * (CK_BLOCK / 2)));
        const __m256i weight = _mm256_set_m128i(_mm_and_si128(_mm_srli_epi16(packed, 4), nibble),
                                                _mm_and_si128(packed, nibble));
        UNROLL for (int m = 0; m < count; m++) {
            const size_t place = (size_t)m * blocks + block;
            const __m256i value = _mm256_loadu_si256((const __m256i *)(x + place * CK_BLOCK));
            const __m256 product = dot32(weight, value);
            const float scale = w_scales[block] * x_scales[place];
            total[m] = _mm256_fmadd_ps(product, _mm256_set1_ps(scale), total[m]);
            offset[m] = fmaf(w_mins[block], x_sums[place], offset[m]);
        }
    }
    UNROLL for (int m = 0; m < count; m++) y[(size_t)m * y_stride] = sum8(total[m]) + offset[m];
}

TARGET static void matmul_q8(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                             const ck_activations *x, size_t count, float *y, size_t y_stride) {
    const size_t columns = w->columns, blocks = columns / CK_BLOCK;
    float scales[CK_COLUMNS_MAX / CK_BLOCK];
    for (size_t n = row_begin; n < row_end; n++) {
        const uint8_t *row = w->quants + n * columns;
        widen(w->scales + n * blocks, blocks, scales);
        size_t m = 0;
        for (; m + 4 <= count; m += 4)
            row_q8(4, row, scales, x->quants + m * columns, x->scales + m * blocks, blocks,
                   y + m * y_stride + n, y_stride);
        for (; m < count; m++)
            row_q8(1, row, scales, x->quants + m * columns, x->scales + m * blocks, blocks,
                   y + m * y_stride + n, y_stride);
    }
}

TARGET static void matmul_q4(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                             const ck_activations *x, size_t count, float *y, size_t y_stride) {
    const size_t columns = w->columns, blocks = columns / CK_BLOCK;
    float scales[CK_COLUMNS_MAX / CK_BLOCK], mins[CK_COLUMNS_MAX / CK_BLOCK];
    for (size_t n = row_begin; n < row_end; n++) {
        const uint8_t *row = w->quants + n * columns / 2;
        widen(w->scales + n * blocks, blocks, scales);
        widen(w->mins + n * blocks, blocks, mins);
        size_t m = 0;
        for (; m + 4 <= count; m += 4)
            row_q4(4, row, scales, mins, x->quants + m * columns, x->scales + m * blocks,
                   x->sums + m * blocks, blocks, y + m * y_stride + n, y_stride);
        for (; m < count; m++)
            row_q4(1, row, scales, mins, x->quants + m * columns, x->scales + m * blocks,
                   x->sums + m * blocks, blocks, y + m * y_stride + n, y_stride);
    }
}

// Eight lanes at a time; head_width is a multiple of eight (the caller of the table checks).
TARGET static void attention(const float *q, size_t heads, size_t head_width,
                             const ck_segment *segments, size_t segment_count, size_t stride,
                             float *scores, float *out) {
    size_t tokens = 0, token = 0;
    for (size_t s = 0; s < segment_count; s++) tokens += segments[s].count;
    const float scale = 1.0f / sqrtf((float)head_width);
    for (size_t s = 0; s < segment_count; s++)
        for (size_t t = 0; t < segments[s].count; t++, token++)
            for (size_t head = 0; head < heads; head++) {
                const float *key = segments[s].keys + t * stride, *query = q + head * head_width;
                __m256 sum = _mm256_setzero_ps();
                for (size_t i = 0; i < head_width; i += 8)
                    sum = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), _mm256_loadu_ps(key + i), sum);
                scores[head * tokens + token] = sum8(sum) * scale;
            }
    for (size_t head = 0; head < heads; head++) {
        float *row = scores + head * tokens;
        ck_softmax(row, tokens);
        for (size_t part = 0; part < head_width; part += 32) {
            const size_t lanes = (head_width - part < 32 ? head_width - part : 32) / 8;
            __m256 sum[4] = {_mm256_setzero_ps(), _mm256_setzero_ps(), _mm256_setzero_ps(),
                             _mm256_setzero_ps()};
            token = 0;
            for (size_t s = 0; s < segment_count; s++)
                for (size_t t = 0; t < segments[s].count; t++, token++) {
                    const float *value = segments[s].values + t * stride + part;
                    const __m256 weight = _mm256_set1_ps(row[token]);
                    for (size_t i = 0; i < lanes; i++)
                        sum[i] = _mm256_fmadd_ps(weight, _mm256_loadu_ps(value + 8 * i), sum[i]);
                }
            for (size_t i = 0; i < lanes; i++)
                _mm256_storeu_ps(out + head * head_width + part + 8 * i, sum[i]);
        }
    }
}

const ck_kernel_table ck_avx2 = {"avx2", quantize, matmul_q8, matmul_q4, attention};

#endif
