// The operations on rows of activations, written once in lanes; operations.h says how a form takes
// them. A row's last lanes may be past its end: they are filled with zeros and not stored.
#ifndef CK_ELEMENTWISE_H
#define CK_ELEMENTWISE_H

#include "kernels.h"
#include "lanes.h"

typedef int8_t byte_lanes __attribute__((vector_size(CK_LANES), aligned(1)));

// One block. The largest magnitude is found among the bits without their sign: the order of such
// bits is that of the values, and a not-a-number stands above all others, so it is not lost.
//
// Adding 1.5 * 2^23 rounds to the nearest whole number, ties to even, and leaves it in the low
// bits. A peak so small that its inverse is infinite counts as zero.
CK_INLINE void quantize_block(const float *x, int8_t *quants, float *scale, float *sum,
                              int32_t *total) {
    const lanes low = lanes_load(x), high = lanes_load(x + CK_LANES);
    const int_lanes a = (int_lanes)low & INT32_MAX, b = (int_lanes)high & INT32_MAX;
    const int32_t largest = __builtin_reduce_max(__builtin_elementwise_max(a, b));
    float peak;
    memcpy(&peak, &largest, sizeof peak);
    const lanes inverse = lanes_of(peak > 0x1p-119f ? 127.0f / peak : 0);
    const lanes magic = lanes_of(0x1.8p23f);
    const int_lanes p = (int_lanes)(low * inverse + magic) - (int_lanes)magic;
    const int_lanes q = (int_lanes)(high * inverse + magic) - (int_lanes)magic;
    *(byte_lanes *)quants = __builtin_convertvector(p, byte_lanes);
    *(byte_lanes *)(quants + CK_LANES) = __builtin_convertvector(q, byte_lanes);
    *total = __builtin_reduce_add(p + q);
    *scale = peak / 127.0f;
    *sum = *scale * (float)*total;
}

static void quantize(const float *x, size_t columns, int8_t *quants, float *scales, float *sums,
                     int32_t *totals) {
    for (size_t block = 0; block < columns / CK_BLOCK; block++)
        quantize_block(x + block * CK_BLOCK, quants + block * CK_BLOCK, scales + block,
                       sums + block, totals + block);
}

// Four sums side by side, so that one addition need not wait for the other.
CK_INLINE float sum_of_squares(const float *x, size_t width) {
    lanes sums[4] = {{0}};
    size_t i = 0;
    for (; i + 4 * CK_LANES <= width; i += 4 * CK_LANES)
        CK_UNROLL for (size_t k = 0; k < 4; k++) {
            const lanes v = lanes_load(x + i + k * CK_LANES);
            sums[k] = lanes_fma(v, v, sums[k]);
        }
    for (; i < width; i += CK_LANES) {
        const lanes v = width - i < CK_LANES ? lanes_load_some(x + i, width - i, 0)
                                             : lanes_load(x + i);
        sums[0] = lanes_fma(v, v, sums[0]);
    }
    return lanes_sum((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

static void rms_norm(const float *x, const float *gain, size_t width, float epsilon, float *y) {
    const float mean = sum_of_squares(x, width) / (float)width;
    const lanes scale = lanes_of(1.0f / sqrtf(mean + epsilon));
    size_t i = 0;
    for (; i + CK_LANES <= width; i += CK_LANES)
        lanes_store(y + i, lanes_load(x + i) * scale * lanes_load(gain + i));
    for (; i < width; i++) y[i] = x[i] * scale[0] * gain[i];
}

CK_INLINE void rotate_lanes(float *x, size_t half, lanes cosine, lanes sine, size_t count) {
    const int is_whole = count == CK_LANES;
    const lanes a = is_whole ? lanes_load(x) : lanes_load_some(x, count, 0);
    const lanes b = is_whole ? lanes_load(x + half) : lanes_load_some(x + half, count, 0);
    const lanes turned_a = lanes_fma(a, cosine, -(b * sine));
    const lanes turned_b = lanes_fma(a, sine, b * cosine);
    if (is_whole) {
        lanes_store(x, turned_a);
        lanes_store(x + half, turned_b);
    } else {
        lanes_store_some(x, count, turned_a);
        lanes_store_some(x + half, count, turned_b);
    }
}

// The angles are read once for all heads.
static void rotate_halves(float *x, size_t heads, size_t head_width, const float *cosines,
                          const float *sines) {
    const size_t half = head_width / 2;
    size_t i = 0;
    for (; i + CK_LANES <= half; i += CK_LANES) {
        const lanes cosine = lanes_load(cosines + i), sine = lanes_load(sines + i);
        for (size_t head = 0; head < heads; head++)
            rotate_lanes(x + head * head_width + i, half, cosine, sine, CK_LANES);
    }
    if (i == half) return;
    const lanes cosine = lanes_load_some(cosines + i, half - i, 0);
    const lanes sine = lanes_load_some(sines + i, half - i, 0);
    for (size_t head = 0; head < heads; head++)
        rotate_lanes(x + head * head_width + i, half, cosine, sine, half - i);
}

CK_INLINE lanes silu_product(lanes gate, lanes up) { return gate / (lanes_exp(-gate) + 1) * up; }

static void silu_multiply(float *gate, const float *up, size_t count) {
    size_t i = 0;
    for (; i + CK_LANES <= count; i += CK_LANES)
        lanes_store(gate + i, silu_product(lanes_load(gate + i), lanes_load(up + i)));
    if (i == count) return;
    const lanes some = silu_product(lanes_load_some(gate + i, count - i, 0),
                                    lanes_load_some(up + i, count - i, 0));
    lanes_store_some(gate + i, count - i, some);
}

static void add(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

#endif
