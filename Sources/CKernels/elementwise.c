// Operations with one form: exact in any order, or far from the hot path.
#include <math.h>
#include <string.h>

#include "kernels.h"

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

// A value whose exponent is all ones is infinite or not a number.
int ck_all_finite(const float *x, size_t count) {
    uint32_t largest = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffff;
        largest = bits > largest ? bits : largest;
    }
    return largest < 0x7f800000;
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

static float half_at(const uint8_t *record, size_t index) {
    uint16_t half;
    memcpy(&half, record + 2 * index, sizeof half);
    return ck_half_to_float(half);
}

// The four quants of a row in one group of columns stand at (group * CK_PANEL + row) * 4.
void ck_dequantize_q8(const ck_block_matrix *w, size_t row, float *out) {
    const size_t blocks = w->columns / CK_BLOCK, place = row % CK_PANEL;
    const uint8_t *record = w->records + row / CK_PANEL * blocks * CK_RECORD_Q8;
    for (size_t block = 0; block < blocks; block++, record += CK_RECORD_Q8) {
        const float scale = half_at(record, place);
        const int8_t *quants = (const int8_t *)record + 2 * CK_PANEL + place * 4;
        for (size_t i = 0; i < CK_BLOCK; i++)
            *out++ = scale * (float)quants[i / 4 * CK_PANEL * 4 + i % 4];
    }
}

// Four bits times the eleven of a binary16 are exact: only the sum rounds.
void ck_dequantize_q4(const ck_block_matrix *w, size_t row, float *out) {
    const size_t blocks = w->columns / CK_BLOCK, place = row % CK_PANEL;
    const uint8_t *record = w->records + row / CK_PANEL * blocks * CK_RECORD_Q4;
    for (size_t block = 0; block < blocks; block++, record += CK_RECORD_Q4) {
        const float scale = half_at(record, place), min = half_at(record, CK_PANEL + place);
        const uint8_t *quants = record + 4 * CK_PANEL + place * 4;
        for (size_t i = 0; i < CK_BLOCK; i++) {
            const uint8_t both = quants[i / 8 * CK_PANEL * 4 + i % 4];
            *out++ = (float)(i % 8 < 4 ? both & 15 : both >> 4) * scale + min;
        }
    }
}

void ck_dequantize_bf16(const ck_dense_matrix *w, size_t row, float *out) {
    const size_t half = CK_PANEL / 2, pairs = (w->columns + 1) / 2;
    const uint16_t *values = w->values + (row / half * pairs * half + row % half) * 2;
    for (size_t i = 0; i < w->columns; i++) {
        const uint32_t bits = (uint32_t)values[i / 2 * half * 2 + i % 2] << 16;
        memcpy(out + i, &bits, sizeof bits);
    }
}
