// A fork-join pool of compute threads. A worker looks for work for a short while and then sleeps:
// an idle daemon uses no CPU.
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "ckernels.h"

#define SPINS 4000

struct ck_pool {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    size_t worker_count;
    pthread_t *workers;
    bool stopping;
    // The current job. `round` changes when a job is posted; `next` hands out tasks; `busy` counts
    // the workers that have not yet left the job.
    atomic_size_t round, next, busy;
    size_t task_count;
    void (*body)(void *, size_t);
    void *context;
};

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void work(ck_pool *pool) {
    for (;;) {
        const size_t task = atomic_fetch_add(&pool->next, 1);
        if (task >= pool->task_count) return;
        pool->body(pool->context, task);
    }
}

// Waits until `round` differs from `seen`; false if the pool stops.
static bool wait_for_round(ck_pool *pool, size_t seen) {
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&pool->round) != seen) return true;
        pause_briefly();
    }
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->round) == seen && !pool->stopping)
        pthread_cond_wait(&pool->wake, &pool->mutex);
    const bool found = atomic_load(&pool->round) != seen;
    pthread_mutex_unlock(&pool->mutex);
    return found;
}

static void *worker(void *argument) {
    ck_pool *pool = argument;
    size_t seen = 0;
    while (wait_for_round(pool, seen)) {
        seen++;
        work(pool);
        atomic_fetch_sub(&pool->busy, 1);
    }
    return NULL;
}

ck_pool *ck_pool_create(size_t thread_count) {
    ck_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pool->workers = calloc(thread_count, sizeof *pool->workers);
    for (size_t i = 0; pool->workers && i + 1 < thread_count; i++) {
        if (pthread_create(&pool->workers[i], NULL, worker, pool)) break;
        pool->worker_count++;
    }
    if (pool->worker_count + 1 == thread_count) return pool;
    ck_pool_destroy(pool);
    return NULL;
}

void ck_pool_destroy(ck_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < pool->worker_count; i++) pthread_join(pool->workers[i], NULL);
    pthread_mutex_destroy(&pool->mutex);
    pthread_cond_destroy(&pool->wake);
    free(pool->workers);
    free(pool);
}

void ck_pool_run(ck_pool *pool, size_t task_count, void (*body)(void *, size_t), void *context) {
    pool->task_count = task_count;
    pool->body = body;
    pool->context = context;
    atomic_store(&pool->next, 0);
    if (pool->worker_count && task_count > 1) {
        atomic_store(&pool->busy, pool->worker_count);
        pthread_mutex_lock(&pool->mutex);
        atomic_fetch_add(&pool->round, 1);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->mutex);
        work(pool);
        while (atomic_load(&pool->busy)) pause_briefly();
    } else {
        work(pool);
    }
}
