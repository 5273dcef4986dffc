// Scaled dot-product attention for a few rows that share what they see, in integers.
//
//   queries [rows x group][width]     keys      [tokens]         values [tokens][width]
//                |                      |                            |
//                +--- scores [rows x group][tokens] --- softmax --- mix --- outputs
//
// Queries are rounded to 12 bits, keys and values to 13, the weights to 15; products of pairs are
// added in 32 bits, where nothing is lost: a sum is the same in any order. A row's largest score
// and the sums of its weights run over the whole row by position. So nothing depends on where
// segments begin and end. A shared segment is read once for all rows.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H

#include "kernels.h"
#include "lanes.h"

#define CK_QUERY_MAX 2047.0f
#define CK_KEY_MAX 4095.0f
#define CK_WEIGHT_MAX 32767.0f
// What the weights of a row add up to at most: 2^18 * 4,095 < 2^31, with room for their rounding.
#define CK_WEIGHT_SUM_MAX 262144.0f
// Tokens whose values stay in the first-level cache while all rows take them up; even.
#define CK_MIX_TOKENS 64

// Rounds `width` numbers to whole ones of at most `most`; returns their scale, which is not a number
// if one of them is not finite.
CK_INLINE float round_to(float most, const float *x, size_t width, int16_t *rounded) {
    lanes largest = lanes_of(0), nothing = lanes_of(0);
    for (size_t i = 0; i < width; i += CK_LANES) {
        const lanes v = lanes_load(x + i);
        largest = lanes_max(largest, lanes_max(v, -v));
        nothing += v - v;
    }
    const float peak = lanes_largest(largest);
    const lanes inverse = lanes_of(peak > 0x1p-100f ? most / peak : 0);
    const lanes magic = lanes_of(0x1.8p23f);
    for (size_t i = 0; i < width; i += CK_LANES) {
        const lanes shifted = lanes_fma(lanes_load(x + i), inverse, magic);
        const int_lanes whole = (int_lanes)shifted - (int_lanes)magic;
        *(short_lanes *)(rounded + i) = __builtin_convertvector(whole, short_lanes);
    }
    return peak / most + lanes_sum(nothing);
}

// A key's or a value's row.
static float round_row(const float *x, size_t width, int16_t *rounded) {
    return round_to(CK_KEY_MAX, x, width, rounded);
}

// Products of `count` queries (a constant at each call) with sixteen keys.
CK_INLINE void score_tile(int count, const int16_t *queries, const float *query_scales, size_t width,
                          const int16_t *keys, lanes key_scales, float *scores, size_t stride) {
    int_lanes sums[CK_TILE_ROWS];
    CK_UNROLL for (int r = 0; r < count; r++) sums[r] = (int_lanes){0};
    for (size_t i = 0; i < width; i += 2) {
        const pair_lanes key = *(const pair_lanes *)(keys + i * CK_KEY_GROUP);
        CK_UNROLL for (int r = 0; r < count; r++) {
            const pair_lanes query = lanes_of_pair(queries + (size_t)r * width + i);
            sums[r] = lanes_add_pairs(sums[r], key, query);
        }
    }
    CK_UNROLL for (int r = 0; r < count; r++) {
        const lanes scale = key_scales * lanes_of(query_scales[r]);
        const lanes sum = __builtin_convertvector(sums[r], lanes);
        lanes_store(scores + (size_t)r * stride, sum * scale);
    }
}

// Scores of `count` queries with a segment. Up to fifteen places behind the segment's are written
// too; what comes there is written later.
static void score(const int16_t *queries, const float *query_scales, size_t count, size_t width,
                  const ck_segment *segment, float *scores, size_t stride) {
    for (size_t token = 0; token < segment->count; token += CK_KEY_GROUP) {
        const int16_t *keys = segment->keys + token * width;
        const size_t left = segment->count - token;
        const lanes scales = left < CK_KEY_GROUP
                                 ? lanes_load_some(segment->key_scales + token, left, 0)
                                 : lanes_load(segment->key_scales + token);
        float *to = scores + token;
        size_t r = 0;
        for (; r + CK_TILE_ROWS <= count; r += CK_TILE_ROWS)
            score_tile(CK_TILE_ROWS, queries + r * width, query_scales + r, width, keys, scales,
                       to + r * stride, stride);
        for (; CK_TILE_ROWS > 3 && r + 3 <= count; r += 3)
            score_tile(3, queries + r * width, query_scales + r, width, keys, scales,
                       to + r * stride, stride);
        for (; r < count; r++)
            score_tile(1, queries + r * width, query_scales + r, width, keys, scales,
                       to + r * stride, stride);
    }
}

// Makes weights of a row's first `tokens` scores, in their place, as whole numbers: the softmax times
// the scale of the token's values. The rest up to `room`, a multiple of 16, becomes 0. Returns what
// the sum of weights and values is to be multiplied by; not a number if a score is not.
static float weigh_row(float *scores, const float *value_scales, size_t tokens, size_t room) {
    for (size_t i = tokens; i < room; i++) scores[i] = -INFINITY;
    lanes largest = lanes_of(-INFINITY);
    for (size_t i = 0; i < tokens; i += CK_LANES)
        largest = lanes_max(largest, lanes_load(scores + i));
    const lanes top = lanes_of(lanes_largest(largest));
    lanes sum = lanes_of(0), total = lanes_of(0);
    largest = lanes_of(0);
    for (size_t i = 0; i < room; i += CK_LANES) {
        const lanes weight = lanes_exp(lanes_load(scores + i) - top);
        const lanes scaled = weight * lanes_load(value_scales + i);
        lanes_store(scores + i, scaled);
        sum += weight;
        total += scaled;
        largest = lanes_max(largest, scaled);
    }
    const float peak = lanes_largest(largest), whole = lanes_sum(total);
    // Zero for a finite sum, and not a number for any other.
    const float nothing = whole - whole;
    if (!(peak > 0x1p-100f) || nothing != 0) {
        memset(scores, 0, room * sizeof *scores);
        return nothing;
    }
    const float by_peak = CK_WEIGHT_MAX / peak, by_sum = CK_WEIGHT_SUM_MAX / whole;
    const float scale = by_peak < by_sum ? by_peak : by_sum;
    const lanes magic = lanes_of(0x1.8p23f);
    int16_t *weights = (int16_t *)scores;
    for (size_t i = 0; i < room; i += CK_LANES) {
        const lanes shifted = lanes_fma(lanes_load(scores + i), lanes_of(scale), magic);
        const int_lanes rounded = (int_lanes)shifted - (int_lanes)magic;
        const short_lanes narrow = __builtin_convertvector(rounded, short_lanes);
        memcpy(weights + i, &narrow, sizeof narrow);
    }
    return 1.0f / (scale * lanes_sum(sum));
}

// Adds sixteen columns of `tokens` values to the sums of `count` rows, by their weights.
CK_INLINE void mix_tile(int count, const int16_t *weights, size_t stride, const int16_t *values,
                        size_t tokens, size_t width, int32_t *outputs) {
    int_lanes sums[CK_TILE_ROWS];
    CK_UNROLL for (int r = 0; r < count; r++)
        sums[r] = *(const int_lanes *)(outputs + (size_t)r * width);
    size_t t = 0;
    for (; t + 2 <= tokens; t += 2) {
        const pair_lanes value = *(const pair_lanes *)(values + t * width);
        CK_UNROLL for (int r = 0; r < count; r++)
            sums[r] = lanes_add_pairs(sums[r], value, lanes_of_pair(weights + (size_t)r * stride + t));
    }
    if (t < tokens) {
        // The other one of the pair is of nobody: its weight is zero.
        const pair_lanes value = *(const pair_lanes *)(values + t * width);
        CK_UNROLL for (int r = 0; r < count; r++) {
            const int16_t pair[2] = {weights[(size_t)r * stride + t], 0};
            sums[r] = lanes_add_pairs(sums[r], value, lanes_of_pair(pair));
        }
    }
    CK_UNROLL for (int r = 0; r < count; r++)
        *(int_lanes *)(outputs + (size_t)r * width) = sums[r];
}

// Adds a segment's values to the sums of `count` rows, by their weights.
static void mix(const int16_t *weights, size_t count, size_t stride, const ck_segment *segment,
                size_t width, int32_t *outputs) {
    for (size_t token = 0; token < segment->count; token += CK_MIX_TOKENS) {
        const size_t left = segment->count - token;
        const size_t tokens = left < CK_MIX_TOKENS ? left : CK_MIX_TOKENS;
        for (size_t column = 0; column < width; column += CK_LANES) {
            const int16_t *values = segment->values + token * width + 2 * column;
            const int16_t *w = weights + token;
            int32_t *out = outputs + column;
            size_t r = 0;
            for (; r + CK_TILE_ROWS <= count; r += CK_TILE_ROWS)
                mix_tile(CK_TILE_ROWS, w + r * stride, stride, values, tokens, width,
                         out + r * width);
            for (; CK_TILE_ROWS > 3 && r + 3 <= count; r += 3)
                mix_tile(3, w + r * stride, stride, values, tokens, width, out + r * width);
            for (; r < count; r++)
                mix_tile(1, w + r * stride, stride, values, tokens, width, out + r * width);
        }
    }
}

// Where the numbers of a task lie in its scratch; ck_attention_scratch says how many they are.
typedef struct {
    size_t count;  // queries
    size_t shared; // tokens
    size_t last;   // the row that sees most
    size_t stride; // floats from a query's scores to the next one's
    float *scores, *value_scales, *query_scales, *factors;
    int32_t *outputs;
    int16_t *queries;
} attention_plan;

static attention_plan plan_attention(const ck_attention *task) {
    attention_plan plan = {.count = task->rows * task->group};
    for (size_t s = 0; s < task->shared_count; s++) plan.shared += task->shared[s].count;
    for (size_t i = 1; i < task->rows; i++)
        if (task->own[i].count > task->own[plan.last].count) plan.last = i;
    const size_t longest = plan.shared + task->own[plan.last].count;
    plan.stride = (longest + 2 * CK_LANES - 1) / CK_LANES * CK_LANES;
    plan.scores = task->scratch;
    plan.value_scales = plan.scores + plan.count * plan.stride;
    plan.query_scales = plan.value_scales + plan.stride;
    plan.factors = plan.query_scales + plan.count;
    plan.outputs = (int32_t *)(plan.factors + plan.count);
    plan.queries = (int16_t *)(plan.outputs + plan.count * task->width);
    return plan;
}

static void score_all(const ck_attention *task, const attention_plan *plan) {
    const size_t width = task->width, group = task->group;
    const float root = 1.0f / sqrtf((float)width);
    for (size_t i = 0; i < plan->count; i++) {
        const float *query = task->queries[i / group] + i % group * width;
        const float scale = round_to(CK_QUERY_MAX, query, width, plan->queries + i * width);
        plan->query_scales[i] = scale * root;
    }
    float *scores = plan->scores;
    for (size_t s = 0; s < task->shared_count; scores += task->shared[s++].count)
        score(plan->queries, plan->query_scales, plan->count, width, task->shared + s, scores,
              plan->stride);
    if (task->own_is_one) {
        score(plan->queries, plan->query_scales, plan->count, width, task->own + plan->last, scores,
              plan->stride);
        return;
    }
    for (size_t i = 0; i < task->rows; i++)
        score(plan->queries + i * group * width, plan->query_scales + i * group, group, width,
              task->own + i, scores + i * group * plan->stride, plan->stride);
}

static void weigh_all(const ck_attention *task, const attention_plan *plan) {
    const size_t room = plan->stride - CK_LANES, group = task->group;
    float *scales = plan->value_scales;
    for (size_t s = 0; s < task->shared_count; scales += task->shared[s++].count)
        memcpy(scales, task->shared[s].value_scales, task->shared[s].count * sizeof *scales);
    for (size_t i = 0; i < task->rows; i++) {
        const size_t own = task->own[i].count;
        memcpy(scales, task->own[i].value_scales, own * sizeof *scales);
        for (size_t t = plan->shared + own; t < room; t++) plan->value_scales[t] = 0;
        for (size_t g = i * group; g < (i + 1) * group; g++)
            plan->factors[g] = weigh_row(plan->scores + g * plan->stride, plan->value_scales,
                                         plan->shared + own, room);
    }
}

static void mix_all(const ck_attention *task, const attention_plan *plan) {
    const size_t width = task->width, group = task->group, stride = 2 * plan->stride;
    const int16_t *weights = (const int16_t *)plan->scores;
    memset(plan->outputs, 0, plan->count * width * sizeof *plan->outputs);
    for (size_t s = 0; s < task->shared_count; weights += task->shared[s++].count)
        mix(weights, plan->count, stride, task->shared + s, width, plan->outputs);
    if (task->own_is_one)
        mix(weights, plan->count, stride, task->own + plan->last, width, plan->outputs);
    else
        for (size_t i = 0; i < task->rows; i++)
            mix(weights + i * group * stride, group, stride, task->own + i, width,
                plan->outputs + i * group * width);
    for (size_t i = 0; i < plan->count; i++) {
        float *output = task->outputs[i / group] + i % group * width;
        for (size_t j = 0; j < width; j++)
            output[j] = (float)plan->outputs[i * width + j] * plan->factors[i];
    }
}

static void attend(const ck_attention *task) {
    const attention_plan plan = plan_attention(task);
    score_all(task, &plan);
    weigh_all(task, &plan);
    mix_all(task, &plan);
}

#endif
