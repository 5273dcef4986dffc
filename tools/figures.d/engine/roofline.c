/* What this machine can do at most, measured: int8 multiply-add, f32 fused multiply-add, and reading
 * from the last cache and from memory. One JSON object on the standard output.
 *
 *   roofline THREADS L3BYTES      threads are pinned to the first processors
 *
 * Rates are over the time that a thread ran, so that other work on the machine does not hide what it
 * can do. Built with -O3 -march=native: the best instruction that the compiler may use here is the
 * one that is measured, and its name is in the output. An operation is a multiplication or an
 * addition. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

enum { CHAINS = 12, ROUNDS = 1 << 16 }; /* enough independent sums to hide the latency */
static const double PART_SECONDS = 0.25;

/* A loop of ROUNDS rounds over CHAINS accumulators, the operations that it does, and its name. The
 * empty assembly keeps the compiler from computing a product once for all chains. */
#if defined(__AVX512VNNI__)
#define INT8_NAME "avx512 vpdpbusd"
#define INT8_OPERATIONS 128.0
typedef __m512i ints;
static inline ints int8_step(ints sum, ints a, ints b) { return _mm512_dpbusd_epi32(sum, a, b); }
#elif defined(__AVXVNNI__)
#define INT8_NAME "avx vpdpbusd"
#define INT8_OPERATIONS 64.0
typedef __m256i ints;
static inline ints int8_step(ints sum, ints a, ints b) { return _mm256_dpbusd_avx_epi32(sum, a, b); }
#elif defined(__AVX2__)
#define INT8_NAME "avx2 vpmaddubsw + vpmaddwd + vpaddd"
#define INT8_OPERATIONS 64.0
typedef __m256i ints;
static inline ints int8_step(ints sum, ints a, ints b) {
    __m256i pairs = _mm256_maddubs_epi16(a, b);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
#elif defined(__ARM_FEATURE_DOTPROD)
#define INT8_NAME "neon sdot"
#define INT8_OPERATIONS 32.0
typedef int32x4_t ints;
static inline ints int8_step(ints sum, ints a, ints b) {
    return vdotq_s32(sum, vreinterpretq_s8_s32(a), vreinterpretq_s8_s32(b));
}
#else
#define INT8_NAME "scalar"
#define INT8_OPERATIONS 2.0
typedef int32_t ints;
static inline ints int8_step(ints sum, ints a, ints b) { return sum + (int8_t)a * (int8_t)b; }
#endif

#if defined(__AVX512F__)
#define F32_NAME "avx512 fma"
#define F32_OPERATIONS 32.0
typedef __m512 floats;
static inline floats f32_step(floats sum, floats a, floats b) { return _mm512_fmadd_ps(a, b, sum); }
#elif defined(__FMA__)
#define F32_NAME "avx2 fma"
#define F32_OPERATIONS 16.0
typedef __m256 floats;
static inline floats f32_step(floats sum, floats a, floats b) { return _mm256_fmadd_ps(a, b, sum); }
#elif defined(__ARM_NEON)
#define F32_NAME "neon fma"
#define F32_OPERATIONS 8.0
typedef float32x4_t floats;
static inline floats f32_step(floats sum, floats a, floats b) { return vfmaq_f32(sum, a, b); }
#else
#define F32_NAME "scalar"
#define F32_OPERATIONS 2.0
typedef float floats;
static inline floats f32_step(floats sum, floats a, floats b) { return sum + a * b; }
#endif

#if defined(__x86_64__) || defined(__ARM_NEON)
#define KEEP(value) __asm__ volatile("" : "+" REGISTER(value))
#if defined(__x86_64__)
#define REGISTER(value) "v"(value)
#if !defined(__AVX512F__)
#undef REGISTER
#define REGISTER(value) "x"(value)
#endif
#else
#define REGISTER(value) "w"(value)
#endif
#else
#define KEEP(value) __asm__ volatile("" : "+m"(value))
#endif

typedef struct {
    int thread, work;            /* work: 0 int8, 1 f32, 2 reading */
    size_t bytes;                /* of the buffer that is read */
    pthread_barrier_t *barrier;
    double amount, begin, end;   /* operations or bytes; when it ran */
} task;

/* Seconds that the calling thread has run. */
static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double multiply_int8(void) {
    ints sums[CHAINS], a, b;
    memset(sums, 0, sizeof sums);
    memset(&a, 1, sizeof a);
    memset(&b, 2, sizeof b);
    for (int round = 0; round < ROUNDS; round++) {
        for (int chain = 0; chain < CHAINS; chain++) {
            KEEP(a);
            sums[chain] = int8_step(sums[chain], a, b);
        }
    }
    for (int chain = 0; chain < CHAINS; chain++) KEEP(sums[chain]);
    return INT8_OPERATIONS * CHAINS * ROUNDS;
}

static double multiply_f32(void) {
    floats sums[CHAINS], a, b;
    memset(sums, 0, sizeof sums);
    memset(&a, 0, sizeof a);
    memset(&b, 0, sizeof b);
    for (int round = 0; round < ROUNDS; round++) {
        for (int chain = 0; chain < CHAINS; chain++) {
            KEEP(a);
            sums[chain] = f32_step(sums[chain], a, b);
        }
    }
    for (int chain = 0; chain < CHAINS; chain++) KEEP(sums[chain]);
    return F32_OPERATIONS * CHAINS * ROUNDS;
}

/* Reads the whole buffer, four cache lines at a time. */
typedef uint64_t line __attribute__((vector_size(64)));
static double read_buffer(const line *lines, size_t bytes) {
    line sums[4] = {{0}};
    for (size_t at = 0; at + 4 <= bytes / sizeof(line); at += 4)
        for (int chain = 0; chain < 4; chain++) sums[chain] ^= lines[at + (size_t)chain];
    line all = sums[0] ^ sums[1] ^ sums[2] ^ sums[3];
    volatile uint64_t seen = all[0] ^ all[1] ^ all[2] ^ all[3] ^ all[4] ^ all[5] ^ all[6] ^ all[7];
    (void)seen;
    return (double)bytes;
}

static void *run(void *argument) {
    task *mine = argument;
    cpu_set_t processors;
    CPU_ZERO(&processors);
    CPU_SET(mine->thread, &processors);
    pthread_setaffinity_np(pthread_self(), sizeof processors, &processors);
    line *buffer = NULL;
    if (mine->work == 2 && posix_memalign((void **)&buffer, 1 << 21, mine->bytes) != 0) abort();
    if (buffer != NULL) memset(buffer, mine->thread + 1, mine->bytes);
    if (buffer != NULL) read_buffer(buffer, mine->bytes);
    pthread_barrier_wait(mine->barrier);
    mine->begin = now();
    do {
        mine->amount += mine->work == 0   ? multiply_int8()
                        : mine->work == 1 ? multiply_f32()
                                          : read_buffer(buffer, mine->bytes);
        mine->end = now();
    } while (mine->end - mine->begin < PART_SECONDS);
    free(buffer);
    return NULL;
}

/* The best of three rounds, in 10^9 a second: what disturbs a machine only ever slows it. */
static double measure(int work, size_t bytes, int threads) {
    double best = 0;
    for (int round = 0; round < 3; round++) {
        pthread_barrier_t barrier;
        pthread_barrier_init(&barrier, NULL, (unsigned)threads);
        pthread_t ids[64];
        task tasks[64] = {0};
        for (int thread = 0; thread < threads; thread++) {
            tasks[thread] = (task){thread, work, bytes / (size_t)threads, &barrier, 0, 0, 0};
            if (pthread_create(&ids[thread], NULL, run, &tasks[thread]) != 0) abort();
        }
        double rate = 0;
        for (int thread = 0; thread < threads; thread++) {
            pthread_join(ids[thread], NULL);
            rate += tasks[thread].amount / (tasks[thread].end - tasks[thread].begin);
        }
        pthread_barrier_destroy(&barrier);
        if (rate > best) best = rate;
    }
    return best * 1e-9;
}

int main(int count, char **arguments) {
    int threads = count > 1 ? atoi(arguments[1]) : 1;
    size_t cache = count > 2 ? (size_t)atoll(arguments[2]) : (size_t)16 << 20;
    if (threads < 1 || threads > 64 || cache < 1 << 20) {
        fprintf(stderr, "roofline: expected 1 to 64 threads and a cache of at least 1 MiB\n");
        return 2;
    }
    size_t memory = cache * 8 > (size_t)256 << 20 ? cache * 8 : (size_t)256 << 20;
    printf("{\"threads\": %d, \"int8_name\": \"%s\", \"f32_name\": \"%s\", ", threads, INT8_NAME,
           F32_NAME);
    printf("\"int8_gops\": %.1f, ", measure(0, 0, threads));
    printf("\"f32_gflops\": %.1f, ", measure(1, 0, threads));
    printf("\"cache_gbs\": %.1f, ", measure(2, cache / 2, threads));
    printf("\"memory_gbs\": %.1f}\n", measure(2, memory, threads));
    return 0;
}
