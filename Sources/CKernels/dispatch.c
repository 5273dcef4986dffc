// Picks the best form of the operations once, by what the CPU says it can do.
#include <pthread.h>
#include <string.h>
#if defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "kernels.h"

#define FORMS_MAX 4

static const ck_kernel_table *forms[FORMS_MAX];
static size_t form_count;
static pthread_once_t looked_up = PTHREAD_ONCE_INIT;
// Of one thread, so that a comparison on one disturbs no other.
static _Thread_local const ck_kernel_table *forced;

// The forms that this machine can run, the best one last.
static void look_up(void) {
    forms[form_count++] = &ck_portable;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c"))
        forms[form_count++] = &ck_avx2;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c") && __builtin_cpu_supports("avxvnni"))
        forms[form_count++] = &ck_avxvnni;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
        __builtin_cpu_supports("f16c") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni"))
        forms[form_count++] = &ck_avx512;
#elif defined(__aarch64__)
    if (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) forms[form_count++] = &ck_neon;
#endif
}

static const ck_kernel_table *table(void) {
    if (forced) return forced;
    pthread_once(&looked_up, look_up);
    return forms[form_count - 1];
}

size_t ck_form_count(void) {
    table();
    return form_count;
}

const char *ck_form_name(size_t form) { return form < ck_form_count() ? forms[form]->name : ""; }

void ck_force_form(int form) {
    forced = form >= 0 && (size_t)form < ck_form_count() ? forms[form] : NULL;
}

const char *ck_isa(void) { return table()->name; }

void ck_quantize(const float *x, size_t columns, int8_t *quants, float *scales, float *sums,
                 int32_t *totals) {
    table()->quantize(x, columns, quants, scales, sums, totals);
}

void ck_matmul_q8(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride) {
    table()->matmul_q8(w, panel_begin, panel_end, x, count, y, y_stride);
}

void ck_matmul_q4(const ck_block_matrix *w, size_t panel_begin, size_t panel_end,
                  const ck_activations *x, size_t count, float *y, size_t y_stride) {
    table()->matmul_q4(w, panel_begin, panel_end, x, count, y, y_stride);
}

void ck_matmul_bf16(const ck_dense_matrix *w, size_t panel_begin, size_t panel_end, const float *x,
                    size_t count, float *y, size_t y_stride) {
    table()->matmul_bf16(w, panel_begin, panel_end, x, count, y, y_stride);
}

size_t ck_attention_scratch(size_t rows, size_t group, size_t width, size_t tokens) {
    const size_t count = rows * group, stride = tokens + 2 * CK_KEY_GROUP;
    return (count + 1) * stride + 2 * count + count * width + (count * width + 1) / 2;
}

void ck_attend(const ck_attention *task) { table()->attend(task); }

void ck_store_key(const float *key, size_t width, int16_t *keys, float *scales, size_t token) {
    int16_t rounded[CK_HEAD_WIDTH_MAX];
    scales[token] = table()->round_row(key, width, rounded);
    keys += token / CK_KEY_GROUP * CK_KEY_GROUP * width + token % CK_KEY_GROUP * 2;
    for (size_t i = 0; i < width; i += 2)
        memcpy(keys + i * CK_KEY_GROUP, rounded + i, 2 * sizeof *keys);
}

void ck_store_value(const float *value, size_t width, int16_t *values, float *scales,
                    size_t token) {
    int16_t rounded[CK_HEAD_WIDTH_MAX];
    scales[token] = table()->round_row(value, width, rounded);
    values += token / 2 * 2 * width + token % 2;
    for (size_t i = 0; i < width; i++) values[2 * i] = rounded[i];
}

void ck_rms_norm(const float *x, const float *gain, size_t width, float epsilon, float *y) {
    table()->rms_norm(x, gain, width, epsilon, y);
}

void ck_rotate_halves(float *x, size_t heads, size_t head_width, const float *cosines,
                      const float *sines) {
    table()->rotate_halves(x, heads, head_width, cosines, sines);
}

void ck_silu_multiply(float *gate, const float *up, size_t count) {
    table()->silu_multiply(gate, up, count);
}

void ck_add(float *x, const float *y, size_t count) { table()->add(x, y, count); }

uint32_t ck_draw_token(const ck_draw *draw) { return table()->draw_token(draw); }

double ck_log_sum_exp(const float *x, size_t count) { return table()->log_sum_exp(x, count); }
