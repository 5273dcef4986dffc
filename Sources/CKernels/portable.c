// The plain form of every dispatched operation: any CPU, and the specification of the fast forms.
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CK_TILE_ROWS 1
#include "operations.h"

// The sum of the 32 products of one row's block.
static int32_t block_sum(int is_q4, const uint8_t *record, size_t row, const int8_t *x) {
    int32_t sum = 0;
    for (size_t column = 0; column < CK_BLOCK; column++) {
        int32_t quant;
        if (is_q4) {
            const size_t at = 4 * CK_PANEL + (column / 8 * CK_PANEL + row) * 4 + column % 4;
            quant = column % 8 < 4 ? record[at] & 15 : record[at] >> 4;
        } else {
            quant = (int8_t)record[2 * CK_PANEL + (column / 4 * CK_PANEL + row) * 4 + column % 4];
        }
        sum += quant * x[column];
    }
    return sum;
}

static float half_at(const uint8_t *record, size_t index) {
    uint16_t half;
    memcpy(&half, record + 2 * index, sizeof half);
    return ck_half_to_float(half);
}

static float dot(int is_q4, const uint8_t *record, size_t row, size_t blocks,
                 const ck_activations *x, size_t m) {
    float total = 0;
    for (size_t block = 0; block < blocks; block++) {
        const size_t place = m * blocks + block;
        const int32_t sum = block_sum(is_q4, record, row, x->quants + place * CK_BLOCK);
        total = fmaf(half_at(record, row) * x->scales[place], (float)sum, total);
        if (is_q4) total = fmaf(half_at(record, CK_PANEL + row), x->sums[place], total);
        record += is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8;
    }
    return total;
}

static void panel(int is_q4, const uint8_t *records, size_t blocks, const ck_activations *x,
                  size_t count, float *y, size_t y_stride) {
    for (size_t m = 0; m < count; m++)
        for (size_t row = 0; row < CK_PANEL; row++)
            y[m * y_stride + row] = dot(is_q4, records, row, blocks, x, m);
}

#include "panels.h"

const ck_kernel_table ck_portable = {
    .name = "portable", .matmul_q8 = matmul_q8, .matmul_q4 = matmul_q4, CK_OPERATIONS};
