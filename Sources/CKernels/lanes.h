// Sixteen floats side by side, in the compiler's own vectors: one zmm register, two ymm or four of
// NEON. An operation written with them is written once, compiled for every instruction set, and
// gives the same bits on each: the lanes, the order of additions and every rounding are spelled out.
#ifndef CK_LANES_H
#define CK_LANES_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// No product and sum is fused but where fma is written: else the bits would depend on the target.
#pragma STDC FP_CONTRACT OFF
// Vectors are passed between inlined functions of one file only, so that no ABI is at stake.
#pragma clang diagnostic ignored "-Wpsabi"

#define CK_LANES 16
#define CK_INLINE static inline __attribute__((always_inline))
#define CK_UNROLL _Pragma("clang loop unroll(full)")

typedef float lanes __attribute__((vector_size(4 * CK_LANES), aligned(4)));
typedef int32_t int_lanes __attribute__((vector_size(4 * CK_LANES), aligned(4), may_alias));
// Sixteen pairs of 16-bit integers.
typedef int16_t pair_lanes __attribute__((vector_size(4 * CK_LANES), aligned(2), may_alias));
typedef int16_t short_lanes __attribute__((vector_size(2 * CK_LANES), aligned(2), may_alias));

CK_INLINE lanes lanes_of(float value) { return value - (lanes){0}; }
CK_INLINE lanes lanes_load(const float *from) { return *(const lanes *)from; }
CK_INLINE void lanes_store(float *to, lanes values) { *(lanes *)to = values; }
CK_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }
// Where a lane of `mask` is -1 `yes`, where it is 0 `no`.
CK_INLINE lanes lanes_pick(int_lanes mask, lanes yes, lanes no) {
    return (lanes)(((int_lanes)yes & mask) | ((int_lanes)no & ~mask));
}
CK_INLINE lanes lanes_max(lanes a, lanes b) { return lanes_pick(a > b, a, b); }

// sum + a[2i] * b[2i] + a[2i + 1] * b[2i + 1] in each lane, exact as long as 32 bits hold it.
CK_INLINE int_lanes lanes_add_pairs(int_lanes sum, pair_lanes a, pair_lanes b) {
#if defined(CK_FORM_AVX512)
    return (int_lanes)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)a, (__m512i)b);
#elif defined(CK_FORM_NEON)
    int16x8_t x[4], y[4];
    int32x4_t products[4];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    for (int q = 0; q < 4; q++)
        products[q] = vpaddq_s32(vmull_s16(vget_low_s16(x[q]), vget_low_s16(y[q])),
                                 vmull_high_s16(x[q], y[q]));
    int_lanes all;
    memcpy(&all, products, sizeof all);
    return sum + all;
#elif defined(CK_FORM_AVX2)
    __m256i x[2], y[2], products[2];
    memcpy(x, &a, sizeof x);
    memcpy(y, &b, sizeof y);
    for (int h = 0; h < 2; h++) products[h] = _mm256_madd_epi16(x[h], y[h]);
    int_lanes both;
    memcpy(&both, products, sizeof both);
    return sum + both;
#else
    // Without a sign: what lies behind the last token may overflow, and is not looked at.
    for (int i = 0; i < CK_LANES; i++) {
        const uint32_t first = (uint32_t)(a[2 * i] * b[2 * i]);
        const uint32_t second = (uint32_t)(a[2 * i + 1] * b[2 * i + 1]);
        sum[i] = (int32_t)((uint32_t)sum[i] + first + second);
    }
    return sum;
#endif
}

// The same pair in every lane.
CK_INLINE pair_lanes lanes_of_pair(const int16_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return (pair_lanes)(bits - (int_lanes){0});
}

// Reads the first `count` of sixteen values; the others are `rest`.
CK_INLINE lanes lanes_load_some(const float *from, size_t count, float rest) {
    float values[CK_LANES];
    for (size_t i = 0; i < CK_LANES; i++) values[i] = i < count ? from[i] : rest;
    return lanes_load(values);
}
CK_INLINE void lanes_store_some(float *to, size_t count, lanes values) {
    for (size_t i = 0; i < count; i++) to[i] = values[i];
}

// The sum of the lanes: halves are added to halves, as a tree.
CK_INLINE float lanes_sum(lanes v) {
    float half[8];
    for (int i = 0; i < 8; i++) half[i] = v[i] + v[i + 8];
    for (int i = 0; i < 4; i++) half[i] += half[i + 4];
    return (half[0] + half[2]) + (half[1] + half[3]);
}
CK_INLINE float lanes_largest(lanes v) {
    float largest = v[0];
    for (int i = 1; i < CK_LANES; i++) largest = v[i] > largest ? v[i] : largest;
    return largest;
}

// exp(x): at most 1.1 units in the last place off between -87 and 88; below it is 0, above
// infinity, and what is not a number stays so.
//
// x = n ln 2 + r with |r| <= ln 2 / 2; ln 2 is split in two so that r is exact but for one rounding
// (Cody and Waite). exp(r) = 1 + r + r^2 P(r), where P of degree four makes the relative error
// smallest: 2^-28. The terms of P are paired, which shortens the wait of one for the other.
CK_INLINE lanes lanes_exp(lanes x) {
    const lanes magic = lanes_of(0x1.8p23f);
    const lanes shifted = lanes_fma(x, lanes_of(0x1.715476p0f), magic);
    const lanes n = shifted - magic;
    lanes r = lanes_fma(n, lanes_of(-0x1.62e4p-1f), x);
    r = lanes_fma(n, lanes_of(-0x1.7f7d1cp-20f), r);
    const lanes square = r * r;
    const lanes first = lanes_fma(r, lanes_of(0x1.555492p-3f), lanes_of(0x1.fffffcp-2f));
    lanes p = lanes_fma(r, lanes_of(0x1.1239ep-7f), lanes_of(0x1.5558f2p-5f));
    p = lanes_fma(square, lanes_of(0x1.6a243ap-10f), p);
    p = lanes_fma(square, p, first);
    p = lanes_fma(square, p, r);
    // 2^n by the exponent's bits; n lies in the low bits of `shifted`.
    const lanes power = (lanes)(((int_lanes)shifted + 127) << 23);
    const lanes y = lanes_fma(p, power, power);
    const lanes low = lanes_pick(x < -87.0f, lanes_of(0), y);
    return lanes_pick(x > 88.0f, lanes_of(INFINITY), low);
}

#endif
