// Drawing a token from the logits of a vocabulary, and what a given token had of it.
//
//   logits --- exp((logit - largest) / temperature) ---> weights    one float a token
//   weights --- sums of up to CK_PARTS parts ---> the part, then the token, where the running sum
//                                                 passes uniform * total
//
// Weights are rounded to f32 and added in f64, in an order that depends on their number only. With
// a share below 1, the weights of the likeliest tokens are first moved to the front:
//
//   weights  [ kept, by id | 0 .. 0 ]        tokens  [ their ids | ]
#ifndef CK_SAMPLING_H
#define CK_SAMPLING_H

#include "kernels.h"
#include "lanes.h"

#define CK_PARTS 256

typedef double double_lanes __attribute__((vector_size(8 * CK_LANES)));

CK_INLINE double double_sum(double_lanes v) {
    double half[8];
    for (int i = 0; i < 8; i++) half[i] = v[i] + v[i + 8];
    for (int i = 0; i < 4; i++) half[i] += half[i + 4];
    return (half[0] + half[2]) + (half[1] + half[3]);
}

// The sum of the weights that are `least` or more. The order of floats that are not negative is
// that of their bits. `count` is a multiple of CK_LANES here and below.
CK_INLINE double sum_from(const float *weights, size_t count, int32_t least) {
    double_lanes sum = {0};
    for (size_t i = 0; i < count; i += CK_LANES) {
        const int_lanes bits = (int_lanes)lanes_load(weights + i);
        sum += __builtin_convertvector((lanes)(bits & (bits >= least)), double_lanes);
    }
    return double_sum(sum);
}

CK_INLINE int32_t bits_of(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

// Weights in one part: as few lanes as make at most CK_PARTS parts.
CK_INLINE size_t part_length(size_t count) {
    return (count / CK_LANES + CK_PARTS - 1) / CK_PARTS * CK_LANES;
}

// Tokens that may be drawn lie in gaps between those that may not. The end of gap `index`:
CK_INLINE size_t gap_end(const ck_draw *draw, size_t index) {
    return index < draw->excluded_count ? draw->excluded[index] : draw->count;
}

// The largest of `count` values, or a not-a-number if one is not finite.
CK_INLINE float largest_finite(const float *x, size_t count) {
    lanes peak = lanes_of(-FLT_MAX);
    int_lanes magnitude = {0};
    size_t i = 0;
    for (; i < count; i += CK_LANES) {
        const lanes v = count - i < CK_LANES ? lanes_load_some(x + i, count - i, -FLT_MAX)
                                             : lanes_load(x + i);
        peak = lanes_max(peak, v);
        magnitude = __builtin_elementwise_max(magnitude, (int_lanes)v & INT32_MAX);
    }
    const int is_finite = __builtin_reduce_max(magnitude) < bits_of(INFINITY);
    return is_finite ? lanes_largest(peak) : NAN;
}

static float draw_peak(const ck_draw *draw) {
    float peak = -FLT_MAX;
    for (size_t gap = 0, begin = 0; gap <= draw->excluded_count; gap++) {
        const size_t end = gap_end(draw, gap);
        const float found = largest_finite(draw->logits + begin, end - begin);
        if (!(found <= FLT_MAX)) return found;
        peak = found > peak ? found : peak;
        begin = end + 1;
    }
    return peak;
}

// The first token that may be drawn whose logit is `peak`.
static uint32_t first_with(const ck_draw *draw, float peak) {
    for (size_t gap = 0, token = 0; gap <= draw->excluded_count; gap++, token++) {
        const size_t end = gap_end(draw, gap);
        while (token + CK_LANES <= end &&
               !__builtin_reduce_or(lanes_load(draw->logits + token) == peak))
            token += CK_LANES;
        for (; token < end; token++)
            if (draw->logits[token] == peak) return (uint32_t)token;
    }
    return CK_NO_TOKEN;
}

// Writes the weights, 0 for what may not be drawn and up to `count`, and the sum of each part.
// Returns the total.
static double weigh(const ck_draw *draw, float largest, size_t count, double *sums) {
    // Neither 0 nor infinity: either, times the other, would be no number.
    const float inverse = fminf(fmaxf(1.0f / draw->temperature, FLT_MIN), FLT_MAX);
    const lanes peak = lanes_of(largest), scale = lanes_of(inverse);
    const size_t length = part_length(count);
    float *weights = draw->weights;
    double total = 0;
    for (size_t begin = 0, next = 0; begin < count; begin += length) {
        const size_t end = begin + length < count ? begin + length : count;
        for (size_t i = begin; i < end; i += CK_LANES) {
            const size_t left = draw->count - i;
            const lanes v = left < CK_LANES ? lanes_load_some(draw->logits + i, left, -INFINITY)
                                            : lanes_load(draw->logits + i);
            lanes_store(weights + i, lanes_exp((v - peak) * scale));
        }
        for (; next < draw->excluded_count && draw->excluded[next] < end; next++)
            weights[draw->excluded[next]] = 0;
        *sums = sum_from(weights + begin, end - begin, 0);
        total += *sums++;
    }
    return total;
}

// Where the running sum passes `target`; the last weight that is not 0 if rounding keeps it below.
static size_t passing(const float *weights, size_t count, const double *sums, double target) {
    const size_t length = part_length(count);
    double sum = 0, before = 0;
    size_t begin = 0, found = 0;
    for (size_t part = 0; part * length < count && sum <= target; part++) {
        if (sums[part] == 0) continue;
        begin = part * length;
        before = sum;
        sum += sums[part];
    }
    const size_t end = begin + length < count ? begin + length : count;
    sum = before;
    for (size_t i = begin; i < end && sum <= target; i++) {
        if (weights[i] == 0) continue;
        found = i;
        sum += weights[i];
    }
    return found;
}

// A bound such that the weights from it on reach `target`: the largest of a few, so that not many
// others are above it. The largest weight is 1; the smallest but 0 is above FLT_MIN.
//
// The sum of a part is f32 here, with an error below 2^-14 of it for up to 2^22 weights.
static float rough_bound(const float *weights, size_t count, double target) {
    static const float bounds[4] = {0x1p-4f, 0x1p-8f, 0x1p-12f, 0x1p-16f};
    const size_t length = part_length(count);
    double totals[4] = {0};
    for (size_t begin = 0; begin < count; begin += length) {
        const size_t end = begin + length < count ? begin + length : count;
        lanes sums[4] = {{0}};
        for (size_t i = begin; i < end; i += CK_LANES) {
            const lanes v = lanes_load(weights + i);
            CK_UNROLL for (int k = 0; k < 4; k++)
                sums[k] += (lanes)((int_lanes)v & (v >= bounds[k]));
        }
        CK_UNROLL for (int k = 0; k < 4; k++) totals[k] += (double)lanes_sum(sums[k]);
    }
    for (int k = 0; k < 4; k++)
        if (totals[k] * (1 - 0x1p-14) >= target) return bounds[k];
    return FLT_MIN;
}

// Moves the weights from `bound` on to the front and fills up with zeros; returns the new count.
static size_t gather(float *weights, size_t count, float bound, uint32_t *tokens) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i += CK_LANES) {
        if (!__builtin_reduce_or(lanes_load(weights + i) >= bound)) continue;
        for (size_t token = i; token < i + CK_LANES; token++) {
            const float weight = weights[token];
            weights[kept] = weight;
            tokens[kept] = (uint32_t)token;
            kept += weight >= bound;
        }
    }
    for (; kept % CK_LANES; kept++) weights[kept] = 0;
    return kept;
}

// Copies the weights from `least` to below `beyond` and fills up with zeros; returns their count.
static size_t copy_between(const float *weights, size_t count, int32_t least, int32_t beyond,
                           float *copies) {
    size_t copied = 0;
    for (size_t i = 0; i < count; i += CK_LANES) {
        const int_lanes bits = (int_lanes)lanes_load(weights + i);
        if (!__builtin_reduce_or((bits >= least) & (bits < beyond))) continue;
        for (size_t place = i; place < i + CK_LANES; place++) {
            const int32_t one = bits_of(weights[place]);
            copies[copied] = weights[place];
            copied += one >= least && one < beyond;
        }
    }
    for (; copied % CK_LANES; copied++) copies[copied] = 0;
    return copied;
}

// Halves the range of bits in which the smallest weight of the nucleus lies until it is `width`
// wide: the sum from a bound on falls as the bound rises. `above` is the sum of other weights.
CK_INLINE void narrow(const float *weights, size_t count, double above, double target,
                      int32_t width, int32_t *least, int32_t *beyond) {
    while (*beyond - *least > width) {
        const int32_t middle = *least + (*beyond - *least) / 2;
        if (above + sum_from(weights, count, middle) >= target)
            *least = middle;
        else
            *beyond = middle;
    }
}

// Sets weights below `least` to 0, and those equal to it once `sum`, of those above, has reached
// the target with the help of the first.
static void cut(float *weights, size_t count, int32_t least, double sum, double target) {
    for (size_t i = 0; i < count; i += CK_LANES) {
        const int_lanes bits = (int_lanes)lanes_load(weights + i);
        lanes_store(weights + i, (lanes)(bits & (bits >= least)));
        if (!__builtin_reduce_or(bits == least)) continue;
        for (size_t place = i; place < i + CK_LANES; place++) {
            if (bits_of(weights[place]) != least) continue;
            if (sum >= target && sum > 0)
                weights[place] = 0;
            else
                sum += weights[place];
        }
    }
}

// Keeps the smallest set of largest weights that reaches `target`, the first of equal ones. Returns
// how many weights now stand in front. Few are left in the range after some halvings: they are
// copied behind the others, and the rest of the search looks at them only.
static size_t keep_nucleus(const ck_draw *draw, size_t count, double target) {
    float *weights = draw->weights, *copies = draw->weights + count;
    const float bound = rough_bound(weights, count, target);
    const size_t kept = gather(weights, count, bound, draw->tokens);
    int32_t least = bits_of(bound), beyond = bits_of(1.0f) + 1;
    narrow(weights, kept, 0, target, 1 << 18, &least, &beyond);
    const size_t copied = copy_between(weights, kept, least, beyond, copies);
    const double above = sum_from(weights, kept, beyond);
    narrow(copies, copied, above, target, 1, &least, &beyond);
    cut(weights, kept, least, above + sum_from(copies, copied, beyond), target);
    return kept;
}

static uint32_t draw_token(const ck_draw *draw) {
    const float peak = draw_peak(draw);
    if (!(peak <= FLT_MAX)) return CK_NO_TOKEN;
    if (!(draw->temperature > 0)) return first_with(draw, peak);
    double sums[CK_PARTS];
    const size_t count = (draw->count + CK_LANES - 1) / CK_LANES * CK_LANES;
    const double total = weigh(draw, peak, count, sums);
    if (!(draw->share < 1))
        return (uint32_t)passing(draw->weights, count, sums, draw->uniform * total);
    const size_t kept = keep_nucleus(draw, count, (double)draw->share * total);
    const size_t length = part_length(kept);
    double left = 0;
    for (size_t begin = 0, part = 0; begin < kept; begin += length, part++) {
        const size_t end = begin + length < kept ? begin + length : kept;
        sums[part] = sum_from(draw->weights + begin, end - begin, 0);
        left += sums[part];
    }
    return draw->tokens[passing(draw->weights, kept, sums, draw->uniform * left)];
}

static double log_sum_exp(const float *x, size_t count) {
    const float peak = largest_finite(x, count);
    if (!(peak <= FLT_MAX)) return NAN;
    double_lanes sum = {0};
    for (size_t i = 0; i < count; i += CK_LANES) {
        const lanes v = count - i < CK_LANES ? lanes_load_some(x + i, count - i, -INFINITY)
                                             : lanes_load(x + i);
        sum += __builtin_convertvector(lanes_exp(v - lanes_of(peak)), double_lanes);
    }
    return (double)peak + log(double_sum(sum));
}

#endif
