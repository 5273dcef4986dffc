// Compares every form of the kernels that this machine runs with the portable one, bit for bit.
//
// Prints a line for each operation and form: the form, the operation, a digest of all its results.
// The digests of two machines can be compared too: inputs are made without rounding that depends on
// the machine. Ends with 1 if a form differs.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckernels.h"

// Random numbers: each trial of an operation begins with a state of its own.
static uint64_t state;

static uint32_t next(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}
static size_t below(size_t bound) { return next() % bound; }
static size_t between(size_t low, size_t high) { return low + below(high - low + 1); }
static int one_in(size_t count) { return below(count) == 0; }
// A float of any size up to 2^range, of either sign.
static float any_float(int range) {
    const float fraction = (float)(int32_t)(next() >> 8) * 0x1p-24f + 1;
    return ldexpf(one_in(2) ? fraction : -fraction, (int)below(2 * (size_t)range) - range);
}

// The digest of a trial's results. All that are not a number count as one.
static uint64_t digest;

static void take_bytes(const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        digest ^= ((const uint8_t *)bytes)[i];
        digest *= 0x100000001b3;
    }
}
static void take_floats(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, values + i, sizeof bits);
        if (values[i] != values[i]) bits = 0x7fc00000;
        take_bytes(&bits, sizeof bits);
    }
}

// Memory of a trial: blocks of exactly the size asked for, so that a sanitizer sees each end.
#define BLOCKS_MAX 128
static void *blocks[BLOCKS_MAX];
static size_t block_count;

static void *get(size_t bytes) {
    void *block = malloc(bytes);
    if (!block || block_count == BLOCKS_MAX) abort();
    memset(block, 0x5a, bytes);
    return blocks[block_count++] = block;
}
static void *get_aligned(size_t bytes) {
    void *block = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!block || block_count == BLOCKS_MAX) abort();
    return blocks[block_count++] = block;
}
static float *get_floats(size_t count, int range) {
    float *values = get(count * sizeof *values);
    for (size_t i = 0; i < count; i++) values[i] = any_float(range);
    return values;
}
// Finite ones; some are subnormal.
static uint16_t any_half(void) {
    return (uint16_t)(one_in(50) ? next() & 0x83ff : (next() & 0x8fff) | 0x2000);
}

static ck_activations some_activations(size_t count, size_t columns, int is_extreme) {
    const size_t places = count * columns / CK_BLOCK;
    int8_t *quants = get(count * columns);
    float *scales = get_floats(places, 8), *sums = get(places * sizeof *sums);
    int32_t *totals = get(places * sizeof *totals);
    for (size_t place = 0; place < places; place++) {
        totals[place] = 0;
        for (size_t i = place * CK_BLOCK; i < (place + 1) * CK_BLOCK; i++) {
            quants[i] = (int8_t)(is_extreme ? 127 : (int)below(255) - 127);
            if (is_extreme && place % 3 == 1) quants[i] = -127;
            totals[place] += quants[i];
        }
        sums[place] = scales[place] * (float)totals[place];
    }
    return (ck_activations){quants, scales, sums, totals};
}

static void matmul(int is_q4) {
    const size_t rows = between(1, 100), columns = between(1, 6) * CK_BLOCK;
    const size_t panels = (rows + CK_PANEL - 1) / CK_PANEL, records = panels * columns / CK_BLOCK;
    const size_t record = is_q4 ? CK_RECORD_Q4 : CK_RECORD_Q8, halves = (is_q4 ? 2 : 1) * CK_PANEL;
    const int is_extreme = one_in(8);
    uint8_t *weights = get_aligned(records * record);
    for (size_t i = 0; i < records * record; i++)
        weights[i] = (uint8_t)(is_extreme ? (is_q4 ? 0xff : i % 7 == 3 ? 0x7f : 0x80) : next());
    for (size_t i = 0; i < records; i++)
        for (size_t j = 0; j < halves; j++) {
            const uint16_t half = any_half();
            memcpy(weights + i * record + 2 * j, &half, sizeof half);
        }
    const ck_block_matrix w = {weights, rows, columns};
    const size_t count = between(1, 40), stride = rows + below(3);
    const ck_activations x = some_activations(count, columns, is_extreme);
    const size_t begin = below(panels), end = between(begin + 1, panels);
    float *y = get(((count - 1) * stride + rows) * sizeof *y);
    (is_q4 ? ck_matmul_q4 : ck_matmul_q8)(&w, begin, end, &x, count, y, stride);
    take_floats(y, (count - 1) * stride + rows);
}
static void matmul_q8(void) { matmul(0); }
static void matmul_q4(void) { matmul(1); }

static void matmul_bf16(void) {
    const size_t rows = between(1, 100), columns = between(1, 600);
    const size_t panels = (rows + CK_PANEL - 1) / CK_PANEL;
    const size_t values = panels * ((columns + 1) / 2 * 2) * CK_PANEL;
    uint16_t *weights = get_aligned(values * sizeof *weights);
    for (size_t i = 0; i < values; i++)
        weights[i] = (uint16_t)(0x3800 + below(0x0800) + (one_in(2) ? 0x8000 : 0));
    const ck_dense_matrix w = {weights, rows, columns};
    const size_t count = between(1, 40), stride = rows + below(3);
    const size_t begin = below(panels), end = between(begin + 1, panels);
    const float *x = get_floats(count * columns, 4);
    float *y = get(((count - 1) * stride + rows) * sizeof *y);
    ck_matmul_bf16(&w, begin, end, x, count, y, stride);
    take_floats(y, (count - 1) * stride + rows);
}

// Now and then a value that no model should produce.
static void spoil(float *values, size_t count) {
    static const float odd[] = {INFINITY, -INFINITY, NAN, 0x1p127f, 0x1p-140f, -0.0f, 0.0f, 88.5f};
    if (one_in(4)) values[below(count)] = odd[below(sizeof odd / sizeof *odd)];
}

static void quantize(void) {
    const size_t columns = between(1, 8) * CK_BLOCK, places = columns / CK_BLOCK;
    float *x = get_floats(columns, 6), *scales = get(places * 4), *sums = get(places * 4);
    int8_t *quants = get(columns);
    int32_t *totals = get(places * sizeof *totals);
    if (one_in(6)) memset(x, 0, CK_BLOCK * sizeof *x);
    spoil(x, columns);
    ck_quantize(x, columns, quants, scales, sums, totals);
    take_floats(scales, places);
    // A block with a scale that is no finite number has nothing else to speak of.
    for (size_t i = 0; i < places; i++)
        if (isfinite(scales[i])) {
            take_floats(sums + i, 1);
            take_bytes(quants + i * CK_BLOCK, CK_BLOCK);
            take_bytes(totals + i, sizeof *totals);
        }
}

// Whole numbers that a rounded row may hold.
static int16_t *get_rounded(size_t count) {
    int16_t *values = get(count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = (int16_t)(one_in(20) ? (one_in(2) ? 4095 : -4095) : (int)below(8191) - 4095);
    return values;
}

static ck_segment some_segment(size_t width, size_t count) {
    const size_t room = (count + CK_KEY_GROUP - 1) / CK_KEY_GROUP * CK_KEY_GROUP;
    const int16_t *keys = get_rounded(room * width);
    const int16_t *values = get_rounded((count + 1) / 2 * 2 * width);
    float *key_scales = get_floats(count, 3), *value_scales = get_floats(count, 3);
    for (size_t i = 0; i < count; i++) {
        key_scales[i] = fabsf(key_scales[i]) * 0x1p-12f;
        value_scales[i] = fabsf(value_scales[i]) * 0x1p-12f;
    }
    if (one_in(40)) key_scales[below(count)] = NAN;
    if (one_in(40)) value_scales[below(count)] = NAN;
    return (ck_segment){keys, key_scales, values, value_scales, count};
}

static void attend(void) {
    const size_t width = between(1, 5) * 16, group = between(1, 4), rows = between(1, 9);
    const size_t shared_count = below(4);
    ck_segment shared[4], own[9];
    float *queries[9], *outputs[9];
    size_t tokens = 0, longest = 0;
    for (size_t i = 0; i < shared_count; i++) {
        shared[i] = some_segment(width, between(1, 70));
        tokens += shared[i].count;
    }
    const int is_one = one_in(2);
    const ck_segment whole = some_segment(width, between(rows, 40));
    for (size_t i = 0; i < rows; i++) {
        own[i] = is_one ? whole : some_segment(width, between(1, 40));
        if (is_one) own[i].count = whole.count - rows + i + 1;
        longest = own[i].count > longest ? own[i].count : longest;
        queries[i] = get_floats(group * width, 3);
        outputs[i] = get(group * width * sizeof(float));
    }
    const size_t scratch = ck_attention_scratch(rows, group, width, tokens + longest);
    const ck_attention task = {.width = width, .group = group, .rows = rows,
                               .queries = (const float *const *)queries, .outputs = outputs,
                               .shared = shared, .shared_count = shared_count, .own = own,
                               .own_is_one = is_one, .scratch = get(scratch * sizeof(float))};
    ck_attend(&task);
    for (size_t i = 0; i < rows; i++) take_floats(outputs[i], group * width);
}

static void store_token(void) {
    const size_t width = between(1, 6) * 16, tokens = 2 * CK_KEY_GROUP, token = below(tokens);
    float *x = get_floats(width, 26), scales[2 * CK_KEY_GROUP] = {0};
    const size_t bytes = tokens * width * sizeof(int16_t);
    int16_t *keys = get(bytes), *values = get(bytes);
    if (one_in(6)) memset(x, 0, width * sizeof *x);
    spoil(x, width);
    ck_store_key(x, width, keys, scales, token);
    take_floats(scales + token, 1);
    const int is_finite = isfinite(scales[token]);
    ck_store_value(x, width, values, scales, token);
    take_floats(scales + token, 1);
    // A row with a scale that is no finite number has nothing else to speak of.
    if (is_finite) {
        take_bytes(keys, bytes);
        take_bytes(values, bytes);
    }
}

static void rms_norm(void) {
    const size_t width = between(1, 300);
    float *x = get_floats(width, 6), *gain = get_floats(width, 2), *y = get(width * sizeof *y);
    spoil(x, width);
    ck_rms_norm(x, gain, width, 1e-5f, y);
    take_floats(y, width);
}

static void rotate_halves(void) {
    const size_t half = between(1, 70), heads = between(1, 5);
    float *x = get_floats(heads * 2 * half, 4);
    const float *cosines = get_floats(half, 1), *sines = get_floats(half, 1);
    ck_rotate_halves(x, heads, 2 * half, cosines, sines);
    take_floats(x, heads * 2 * half);
}

static void silu_multiply(void) {
    const size_t count = between(1, 200);
    float *gate = get_floats(count, 8), *up = get_floats(count, 8);
    spoil(gate, count);
    ck_silu_multiply(gate, up, count);
    take_floats(gate, count);
}

static void add(void) {
    const size_t count = between(1, 200);
    float *x = get_floats(count, 8), *y = get_floats(count, 8);
    ck_add(x, y, count);
    take_floats(x, count);
}

static void draw_token(void) {
    const size_t count = between(1, 9000), room = (count + 15) / 16 * 16;
    float *logits = get_floats(count, 4);
    uint32_t excluded[8];
    size_t excluded_count = 0;
    for (size_t i = 0; i < 8 && count > 100; i++) {
        const size_t from = i ? excluded[i - 1] + 1 : 0;
        if (from + 1 < count / 2) excluded[excluded_count++] = (uint32_t)between(from, count / 2);
        if (excluded_count <= i) break;
    }
    if (one_in(3)) spoil(logits, count);
    const ck_draw draw = {.logits = logits, .count = count, .excluded = excluded,
                          .excluded_count = excluded_count,
                          .temperature = one_in(5) ? 0 : fabsf(any_float(2)),
                          .share = one_in(2) ? 1 : (float)below(1000) * 0x1p-10f,
                          .uniform = (double)next() * 0x1p-32,
                          .weights = get(2 * room * sizeof(float)),
                          .tokens = get(room * sizeof(uint32_t))};
    const uint32_t token = ck_draw_token(&draw);
    take_bytes(&token, sizeof token);
}

static const struct {
    const char *name;
    void (*run)(void);
} operations[] = {
    {"matmul_q8", matmul_q8},
    {"matmul_q4", matmul_q4},
    {"matmul_bf16", matmul_bf16},
    {"quantize", quantize},
    {"attend", attend},
    {"store_token", store_token},
    {"rms_norm", rms_norm},
    {"rotate_halves", rotate_halves},
    {"silu_multiply", silu_multiply},
    {"add", add},
    {"draw_token", draw_token},
};

static uint64_t run(size_t operation, size_t form, size_t trial) {
    state = (trial + 1) * 0x9e3779b97f4a7c15;
    digest = 0xcbf29ce484222325;
    ck_force_form((int)form);
    operations[operation].run();
    while (block_count > 0) free(blocks[--block_count]);
    return digest;
}

// Digests of the portable form.
#define TRIALS_MAX 1000
static uint64_t portable[sizeof operations / sizeof *operations][TRIALS_MAX];

int main(int argument_count, char **arguments) {
    size_t trials = argument_count > 1 ? (size_t)atoi(arguments[1]) : 300;
    if (trials > TRIALS_MAX) trials = TRIALS_MAX;
    int has_failed = 0;
    for (size_t form = 0; form < ck_form_count(); form++)
        for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
            uint64_t all = 0;
            for (size_t trial = 0; trial < trials; trial++) {
                const uint64_t found = run(i, form, trial);
                all = all * 0x9e3779b97f4a7c15 + found;
                if (form == 0) portable[i][trial] = found;
                if (found == portable[i][trial]) continue;
                printf("%s %s differs from portable in trial %d\n", ck_form_name(form),
                       operations[i].name, (int)trial);
                has_failed = 1;
                break;
            }
            printf("%s %s %08x%08x\n", ck_form_name(form), operations[i].name,
                   (unsigned)(all >> 32), (unsigned)all);
            fflush(stdout);
        }
    return has_failed;
}
