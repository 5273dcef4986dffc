// The plain form of every dispatched operation: any CPU, and the specification of the fast forms.
#include <math.h>

#include "kernels.h"

static void quantize(const float *x, size_t columns, int8_t *quants, float *scales, float *sums) {
    for (size_t block = 0; block < columns / CK_BLOCK; block++, x += CK_BLOCK, quants += CK_BLOCK) {
        float peak = 0;
        // A not-a-number stays the peak: the scale keeps it.
        for (int i = 0; i < CK_BLOCK; i++)
            if (fabsf(x[i]) > peak || x[i] != x[i]) peak = fabsf(x[i]);
        const float inverse = peak > 0 ? 127.0f / peak : 0;
        int32_t sum = 0;
        for (int i = 0; i < CK_BLOCK; i++) {
            quants[i] = (int8_t)lrintf(x[i] * inverse);
            sum += quants[i];
        }
        scales[block] = peak / 127.0f;
        sums[block] = scales[block] * (float)sum;
    }
}

static float dot_q8(const uint8_t *w, const uint16_t *scales, const int8_t *x, const float *x_scales,
                    size_t blocks) {
    float total = 0;
    for (size_t block = 0; block < blocks; block++) {
        int32_t sum = 0;
        for (int i = 0; i < CK_BLOCK; i++)
            sum += (int32_t)(int8_t)w[block * CK_BLOCK + i] * x[block * CK_BLOCK + i];
        total += ck_half_to_float(scales[block]) * x_scales[block] * (float)sum;
    }
    return total;
}

static float dot_q4(const uint8_t *w, const uint16_t *scales, const uint16_t *mins, const int8_t *x,
                    const float *x_scales, const float *x_sums, size_t blocks) {
    float total = 0;
    for (size_t block = 0; block < blocks; block++, w += CK_BLOCK / 2, x += CK_BLOCK) {
        int32_t sum = 0;
        for (int i = 0; i < CK_BLOCK / 2; i++)
            sum += (w[i] & 15) * x[i] + (w[i] >> 4) * x[i + CK_BLOCK / 2];
        total += ck_half_to_float(scales[block]) * x_scales[block] * (float)sum +
                 ck_half_to_float(mins[block]) * x_sums[block];
    }
    return total;
}

static void matmul_q8(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                      const ck_activations *x, size_t count, float *y, size_t y_stride) {
    const size_t columns = w->columns, blocks = columns / CK_BLOCK;
    for (size_t n = row_begin; n < row_end; n++)
        for (size_t m = 0; m < count; m++)
            y[m * y_stride + n] = dot_q8(w->quants + n * columns, w->scales + n * blocks,
                                         x->quants + m * columns, x->scales + m * blocks, blocks);
}

static void matmul_q4(const ck_block_matrix *w, size_t row_begin, size_t row_end,
                      const ck_activations *x, size_t count, float *y, size_t y_stride) {
    const size_t columns = w->columns, blocks = columns / CK_BLOCK;
    for (size_t n = row_begin; n < row_end; n++)
        for (size_t m = 0; m < count; m++)
            y[m * y_stride + n] =
                dot_q4(w->quants + n * columns / 2, w->scales + n * blocks, w->mins + n * blocks,
                       x->quants + m * columns, x->scales + m * blocks, x->sums + m * blocks, blocks);
}

static void attention(const float *q, size_t heads, size_t head_width, const ck_segment *segments,
                      size_t segment_count, size_t stride, float *scores, float *out) {
    size_t tokens = 0;
    for (size_t s = 0; s < segment_count; s++) tokens += segments[s].count;
    const float scale = 1.0f / sqrtf((float)head_width);
    for (size_t head = 0; head < heads; head++) {
        float *row = scores + head * tokens, *result = out + head * head_width;
        size_t token = 0;
        for (size_t s = 0; s < segment_count; s++)
            for (size_t t = 0; t < segments[s].count; t++, token++) {
                float sum = 0;
                for (size_t i = 0; i < head_width; i++)
                    sum += q[head * head_width + i] * segments[s].keys[t * stride + i];
                row[token] = sum * scale;
            }
        ck_softmax(row, tokens);
        for (size_t i = 0; i < head_width; i++) result[i] = 0;
        token = 0;
        for (size_t s = 0; s < segment_count; s++)
            for (size_t t = 0; t < segments[s].count; t++, token++)
                for (size_t i = 0; i < head_width; i++)
                    result[i] += row[token] * segments[s].values[t * stride + i];
    }
}

const ck_kernel_table ck_portable = {"portable", quantize, matmul_q8, matmul_q4, attention};
