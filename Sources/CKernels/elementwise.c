// Operations with one form: cheap beside the matrix products, left to the compiler.
#include <math.h>
#include <string.h>

#include "kernels.h"

void ck_softmax(float *scores, size_t count) {
    float peak = -INFINITY, sum = 0;
    for (size_t i = 0; i < count; i++) peak = scores[i] > peak ? scores[i] : peak;
    for (size_t i = 0; i < count; i++) {
        scores[i] = expf(scores[i] - peak);
        sum += scores[i];
    }
    for (size_t i = 0; i < count; i++) scores[i] /= sum;
}

void ck_rms_norm(const float *x, const float *gain, size_t width, float epsilon, float *y) {
    double sum = 0;
    for (size_t i = 0; i < width; i++) sum += (double)x[i] * x[i];
    const float scale = 1.0f / sqrtf((float)(sum / (double)width) + epsilon);
    for (size_t i = 0; i < width; i++) y[i] = x[i] * scale * gain[i];
}

// The angle is a 32-bit product, as it was when the models were trained; its sine is exact.
void ck_rotary_table(size_t head_width, size_t position_count, float base, float *cosines,
                     float *sines) {
    for (size_t i = 0; i < head_width / 2; i++) {
        const float frequency = 1.0f / powf(base, (float)(2 * i) / (float)head_width);
        for (size_t position = 0; position < position_count; position++) {
            const float angle = (float)position * frequency;
            cosines[position * (head_width / 2) + i] = (float)cos((double)angle);
            sines[position * (head_width / 2) + i] = (float)sin((double)angle);
        }
    }
}

void ck_rotate_pairs(float *x, size_t heads, size_t head_width, const float *cosines,
                     const float *sines) {
    for (size_t head = 0; head < heads; head++, x += head_width)
        for (size_t i = 0; i < head_width / 2; i++) {
            const float a = x[2 * i], b = x[2 * i + 1];
            x[2 * i] = a * cosines[i] - b * sines[i];
            x[2 * i + 1] = a * sines[i] + b * cosines[i];
        }
}

void ck_silu_multiply(float *gate, const float *up, size_t count) {
    for (size_t i = 0; i < count; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

void ck_add(float *x, const float *y, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += y[i];
}

int ck_all_finite(const float *x, size_t count) {
    // x - x is 0 for finite x and not-a-number otherwise; the sum keeps it.
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] - x[i];
    return sum == 0;
}

float ck_half_to_float(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31;
    const uint32_t fraction = half & 1023;
    uint32_t bits;
    if (exponent == 0) {
        const float small = (float)fraction * 0x1p-24f;
        memcpy(&bits, &small, sizeof bits);
    } else {
        bits = (exponent == 31 ? 255u : exponent + 112) << 23 | fraction << 13;
    }
    bits |= sign;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint16_t ck_float_to_half(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    const float magnitude = fabsf(value);
    if (!(magnitude < 65520.0f)) return sign | (magnitude == magnitude ? 0x7c00 : 0x7e00);
    if (magnitude < 0x1p-14f) return sign | (uint16_t)lrintf(magnitude * 0x1p24f);
    // Round to nearest, ties to even, on the 13 bits that go.
    bits = (bits & 0x7fffffff) - (112u << 23);
    return sign | (uint16_t)((bits + 0xfff + (bits >> 13 & 1)) >> 13);
}

void ck_bfloat_to_float(const uint16_t *x, size_t count, float *y) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t bits = (uint32_t)x[i] << 16;
        memcpy(y + i, &bits, sizeof bits);
    }
}

void ck_dequantize_q8(const ck_block_matrix *w, size_t row, float *out) {
    const size_t columns = w->columns, blocks = columns / CK_BLOCK;
    const int8_t *quants = (const int8_t *)w->quants + row * columns;
    for (size_t i = 0; i < columns; i++)
        out[i] = ck_half_to_float(w->scales[row * blocks + i / CK_BLOCK]) * (float)quants[i];
}

void ck_dequantize_q4(const ck_block_matrix *w, size_t row, float *out) {
    const size_t columns = w->columns, blocks = columns / CK_BLOCK;
    for (size_t block = 0; block < blocks; block++) {
        const uint8_t *quants = w->quants + (row * columns + block * CK_BLOCK) / 2;
        const float scale = ck_half_to_float(w->scales[row * blocks + block]);
        const float min = ck_half_to_float(w->mins[row * blocks + block]);
        for (size_t i = 0; i < CK_BLOCK; i++) {
            const int nibble = i < CK_BLOCK / 2 ? quants[i] & 15 : quants[i - CK_BLOCK / 2] >> 4;
            out[block * CK_BLOCK + i] = (float)nibble * scale + min;
        }
    }
}
