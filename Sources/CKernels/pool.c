// A fork-join pool of compute threads. A worker looks for work for a short while and then sleeps:
// an idle daemon uses no CPU.
//
// The caller waits for tasks, not for threads: it takes tasks itself until none is left, and a
// worker that the system has put aside delays nothing but the task it is in the middle of.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ckernels.h"

#define SPINS 4000

// What there is to take, in one word, so that a task is taken from the job that was looked at or not
// at all: number of the job, its tasks, the next one of them.
typedef uint64_t ticket;
#define TASK_BITS 20
#define TASKS_MAX ((1u << TASK_BITS) - 1)

static ticket make_ticket(uint64_t job, uint64_t count) {
    return job << 2 * TASK_BITS | count << TASK_BITS;
}
static size_t next_task(ticket t) { return t & TASKS_MAX; }
static size_t task_count(ticket t) { return t >> TASK_BITS & TASKS_MAX; }
static bool has_task(ticket t) { return next_task(t) < task_count(t); }

typedef void task_body(void *context, size_t task, size_t thread);

typedef struct {
    ck_pool *pool;
    size_t number;
    pthread_t thread;
} ck_worker;

struct ck_pool {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    size_t worker_count;
    ck_worker *workers;
    atomic_bool stopping;
    atomic_int sleeper_count;
    // The job. Written before its ticket, and read after it.
    uint64_t job_number;
    _Atomic(task_body *) body;
    _Atomic(void *) context;
    _Alignas(64) _Atomic ticket ticket;
    _Alignas(64) atomic_size_t done_count;
};

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

// Takes tasks and does them until none is left.
static void work(ck_pool *pool, size_t thread) {
    ticket current = atomic_load(&pool->ticket);
    while (has_task(current)) {
        // If these belong to a later job, its ticket is another and the exchange fails.
        task_body *body = atomic_load_explicit(&pool->body, memory_order_relaxed);
        void *context = atomic_load_explicit(&pool->context, memory_order_relaxed);
        if (!atomic_compare_exchange_weak(&pool->ticket, &current, current + 1)) continue;
        body(context, next_task(current), thread);
        atomic_fetch_add(&pool->done_count, 1);
        current = atomic_load(&pool->ticket);
    }
}

// Waits for a task; false if the pool stops.
static bool wait_for_task(ck_pool *pool) {
    for (int i = 0; i < SPINS; i++) {
        if (has_task(atomic_load_explicit(&pool->ticket, memory_order_acquire))) return true;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    // The caller posts, then looks for sleepers; a sleeper is counted, then looks for a task.
    atomic_fetch_add(&pool->sleeper_count, 1);
    while (!has_task(atomic_load(&pool->ticket)) && !atomic_load(&pool->stopping))
        pthread_cond_wait(&pool->wake, &pool->mutex);
    atomic_fetch_sub(&pool->sleeper_count, 1);
    pthread_mutex_unlock(&pool->mutex);
    return !atomic_load(&pool->stopping);
}

static void *worker(void *argument) {
    const ck_worker *self = argument;
    while (wait_for_task(self->pool)) work(self->pool, self->number);
    return NULL;
}

static void wake_all(ck_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
}

ck_pool *ck_pool_create(size_t thread_count) {
    ck_pool *pool = aligned_alloc(64, sizeof *pool);
    if (!pool) return NULL;
    *pool = (ck_pool){0};
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->workers = calloc(thread_count, sizeof *pool->workers);
    for (size_t i = 0; pool->workers && i + 1 < thread_count; i++) {
        ck_worker *self = pool->workers + i;
        *self = (ck_worker){.pool = pool, .number = i + 1};
        if (pthread_create(&self->thread, NULL, worker, self)) break;
        pool->worker_count++;
    }
    if (pool->worker_count + 1 == thread_count) return pool;
    ck_pool_destroy(pool);
    return NULL;
}

void ck_pool_destroy(ck_pool *pool) {
    atomic_store(&pool->stopping, true);
    wake_all(pool);
    for (size_t i = 0; i < pool->worker_count; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->wake);
    free(pool->workers);
    free(pool);
}

void ck_pool_run(ck_pool *pool, size_t task_count, task_body *body, void *context) {
    if (!pool->worker_count || task_count < 2) {
        for (size_t task = 0; task < task_count; task++) body(context, task, 0);
        return;
    }
    atomic_store_explicit(&pool->body, body, memory_order_relaxed);
    atomic_store_explicit(&pool->context, context, memory_order_relaxed);
    atomic_store(&pool->done_count, 0);
    atomic_store(&pool->ticket, make_ticket(++pool->job_number, task_count));
    if (atomic_load(&pool->sleeper_count)) wake_all(pool);
    work(pool, 0);
    // A worker that is in the middle of a task may have been put aside: then it needs our CPU.
    for (int i = 0; atomic_load(&pool->done_count) < task_count; i++)
        if (i < SPINS)
            pause_briefly();
        else
            sched_yield();
}
