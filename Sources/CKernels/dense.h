// Products with a matrix of bfloat16.
//
//   matrix [rows][columns]     panel = CK_PANEL rows, [2][columns / 2, rounded up][16][2]
//
//   lane of 32 bits     | column 2i + 1 | column 2i |     of one of sixteen rows
//
// A shift makes floats of the even columns, a mask of the odd ones. Every output is one sum of fma
// in the order of the columns. It waits in y while a strip of columns, which fits in the
// first-level cache, meets all rows of activations.
#ifndef CK_DENSE_H
#define CK_DENSE_H

#include "kernels.h"
#include "lanes.h"

// Columns of a strip, even.
#define CK_DENSE_COLUMNS 256

// Adds the products of one column.
CK_INLINE void dense_column(int is_odd, int width, int count, const uint16_t *weights, size_t half,
                            const float *x, size_t x_stride, lanes sums[CK_TILE_ROWS][2]) {
    lanes weight[2];
    CK_UNROLL for (int i = 0; i < width; i++) {
        const int_lanes both = *(const int_lanes *)(weights + i * half);
        weight[i] = (lanes)(is_odd ? both & -65536 : both << 16);
    }
    CK_UNROLL for (int m = 0; m < count; m++) {
        const lanes value = lanes_of(x[(size_t)m * x_stride]);
        CK_UNROLL for (int i = 0; i < width; i++)
            sums[m][i] = lanes_fma(weight[i], value, sums[m][i]);
    }
    // So that weights are read again for the odd column: the registers are needed for sums.
    __asm__ volatile("" ::: "memory");
}

// Adds the products of a strip of `width` times sixteen rows with `count` rows of activations.
// `half` values lie from the first sixteen to the others. `width` and `count` are constants at each
// call.
CK_INLINE void dense_tile(int width, int count, const uint16_t *weights, size_t half,
                          size_t columns, const float *x, size_t x_stride, int is_first, float *y,
                          size_t y_stride) {
    lanes sums[CK_TILE_ROWS][2];
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int i = 0; i < width; i++) {
            const float *from = y + (size_t)m * y_stride + i * CK_LANES;
            sums[m][i] = is_first ? lanes_of(0) : lanes_load(from);
        }
    for (size_t pair = 0; pair < columns / 2; pair++, weights += 2 * CK_LANES, x += 2) {
        dense_column(0, width, count, weights, half, x, x_stride, sums);
        dense_column(1, width, count, weights, half, x + 1, x_stride, sums);
    }
    if (columns % 2) dense_column(0, width, count, weights, half, x, x_stride, sums);
    CK_UNROLL for (int m = 0; m < count; m++)
        CK_UNROLL for (int i = 0; i < width; i++)
            lanes_store(y + (size_t)m * y_stride + i * CK_LANES, sums[m][i]);
}

// A strip of a panel, with all rows of activations. Few of them leave room for the whole width.
static void dense_strip(const uint16_t *weights, size_t half, size_t columns, const float *x,
                        size_t x_stride, size_t count, int is_first, float *y, size_t y_stride) {
    size_t m = 0;
    for (; CK_TILE_ROWS > 1 && m + CK_TILE_ROWS <= count; m += CK_TILE_ROWS)
        for (size_t i = 0; i < 2; i++)
            dense_tile(1, CK_TILE_ROWS, weights + i * half, half, columns, x + m * x_stride,
                       x_stride, is_first, y + m * y_stride + i * CK_LANES, y_stride);
    for (; CK_TILE_ROWS > 2 && m + 2 <= count; m += 2)
        dense_tile(2, 2, weights, half, columns, x + m * x_stride, x_stride, is_first,
                   y + m * y_stride, y_stride);
    for (; m < count; m++)
        dense_tile(2, 1, weights, half, columns, x + m * x_stride, x_stride, is_first,
                   y + m * y_stride, y_stride);
}

static void dense_panel(const uint16_t *weights, size_t columns, const float *x, size_t count,
                        float *y, size_t y_stride) {
    const size_t half = (columns + 1) / 2 * 2 * CK_LANES;
    for (size_t column = 0; column < columns; column += CK_DENSE_COLUMNS) {
        const size_t left = columns - column;
        dense_strip(weights + column * CK_LANES, half,
                    left < CK_DENSE_COLUMNS ? left : CK_DENSE_COLUMNS, x + column, columns, count,
                    column == 0, y, y_stride);
    }
}

// The last panel may be filled up: its products go to scratch, the true rows of them to the output.
static void dense_partial(const uint16_t *weights, size_t rows, size_t columns, const float *x,
                          size_t count, float *y, size_t y_stride) {
    float scratch[16 * CK_PANEL];
    for (size_t m = 0; m < count; m += 16) {
        const size_t some = count - m < 16 ? count - m : 16;
        dense_panel(weights, columns, x + m * columns, some, scratch, CK_PANEL);
        for (size_t i = 0; i < some; i++)
            memcpy(y + (m + i) * y_stride, scratch + i * CK_PANEL, rows * sizeof *y);
    }
}

static void matmul_bf16(const ck_dense_matrix *w, size_t panel_begin, size_t panel_end,
                        const float *x, size_t count, float *y, size_t y_stride) {
    const size_t columns = w->columns, panel_size = (columns + 1) / 2 * 2 * CK_PANEL;
    for (size_t p = panel_begin; p < panel_end; p++) {
        const size_t first = p * CK_PANEL, rows = w->rows - first;
        const uint16_t *weights = w->values + p * panel_size;
        if (rows < CK_PANEL)
            dense_partial(weights, rows, columns, x, count, y + first, y_stride);
        else
            dense_panel(weights, columns, x, count, y + first, y_stride);
    }
}

#endif
