// The walk over the panels of a block matrix. The file of a form defines `panel`, one panel times
// all rows of activations, and includes this.
#ifndef CK_PANELS_H
#define CK_PANELS_H

#include "kernels.h"
#include "lanes.h"

// The last panel may be filled up: its products go to scratch, the true rows of them to the output.
#define CK_PARTIAL_ROWS 16

CK_INLINE void partial_panel(int is_q4, const uint8_t *records, size_t blocks,
                             const ck_activations *x, size_t count, size_t rows, float *y,
                             size_t y_stride) {
    float scratch[CK_PARTIAL_ROWS * CK_PANEL];
    for (size_t m = 0; m < count; m += CK_PARTIAL_ROWS) {
        const size_t some = count - m < CK_PARTIAL_ROWS ? count - m : CK_PARTIAL_ROWS;
        const ck_activations part = {x->quants + m * blocks * CK_BLOCK, x->scales + m * blocks,
                                     x->sums + m * blocks, x->totals + m * blocks};
        panel(is_q4, records, blocks, &part, some, scratch, CK_PANEL);
        for (size_t i = 0; i < some; i++)
            memcpy(y + (m + i) * y_stride, scratch + i * CK_PANEL, rows * sizeof *y);
    }
}

CK_INLINE void matmul(int is_q4, const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                      const ck_activations *x, size_t count, float *y, size_t y_stride) {
    const size_t blocks = w->columns / CK_BLOCK;
    const size_t bytes = blocks * (is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8);
    for (size_t p = panel_begin; p < panel_end; p++) {
        const size_t first = p * CK_PANEL;
        if (first + CK_PANEL <= w->rows)
            panel(is_q4, w->records + p * bytes, blocks, x, count, y + first, y_stride);
        else
            partial_panel(is_q4, w->records + p * bytes, blocks, x, count, w->rows - first,
                          y + first, y_stride);
    }
}

static void matmul_q8(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                      const ck_activations *x, size_t count, float *y, size_t y_stride) {
    matmul(0, w, panel_begin, panel_end, x, count, y, y_stride);
}

static void matmul_q4(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                      const ck_activations *x, size_t count, float *y, size_t y_stride) {
    matmul(1, w, panel_begin, panel_end, x, count, y, y_stride);
}

#endif
