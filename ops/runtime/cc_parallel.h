// Parallel loops over the runtime's own threads.
#ifndef OPGRAFT_OPS_RUNTIME_CC_PARALLEL_H_
#define OPGRAFT_OPS_RUNTIME_CC_PARALLEL_H_

#include <pthread.h>

#include <algorithm>

#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

#if OPGRAFT_TF >= 11500

inline void RunParallel(tf::OpKernelContext* context, int64_t n, int64_t cost,
                        void (*fn)(void*, int64_t, int64_t), void* arg) {
  if (n <= 0) return;
  constexpr double kOneThread = 10000;  // nanoseconds for which Shard() does not wake another one
  if (static_cast<double>(n) * static_cast<double>(cost) < kOneThread) return fn(arg, 0, n);
  auto* threads = context == nullptr ? nullptr : context->device()->tensorflow_cpu_worker_threads();
  if (threads == nullptr) return fn(arg, 0, n);
  tf::Shard(threads->num_threads, threads->workers, n, std::max<int64_t>(cost, 1),
            [fn, arg](TfInt64 begin, TfInt64 end) { fn(arg, begin, end); });
}

#else

// Up to 1.14 TensorFlow was compiled by gcc 4.8, which calls a std::function's arguments by value
// where newer compilers expect references: Shard() would crash. A function without arguments is
// safe, so ranges are handed to the pool one by one.
class Countdown {
 public:
  explicit Countdown(int64_t left) : left_(left) {
    pthread_mutex_init(&mutex_, nullptr);
    pthread_cond_init(&done_, nullptr);
  }
  ~Countdown() {
    pthread_cond_destroy(&done_);
    pthread_mutex_destroy(&mutex_);
  }
  void Decrement() {
    pthread_mutex_lock(&mutex_);
    if (--left_ == 0) pthread_cond_broadcast(&done_);
    pthread_mutex_unlock(&mutex_);
  }
  void Wait() {
    pthread_mutex_lock(&mutex_);
    while (left_ > 0) pthread_cond_wait(&done_, &mutex_);
    pthread_mutex_unlock(&mutex_);
  }

 private:
  pthread_mutex_t mutex_;
  pthread_cond_t done_;
  int64_t left_;
};

inline void RunParallel(tf::OpKernelContext* context, int64_t n, int64_t cost,
                        void (*fn)(void*, int64_t, int64_t), void* arg) {
  if (n <= 0) return;
  auto* threads = context == nullptr ? nullptr : context->device()->tensorflow_cpu_worker_threads();
  const int64_t kNanosecondsPerPart = 10000;
  int64_t parts = 1;
  if (threads != nullptr) {
    parts = std::min<int64_t>(
        n, n / std::max<int64_t>(1, kNanosecondsPerPart / std::max<int64_t>(cost, 1)));
    parts = std::max<int64_t>(1, std::min<int64_t>(parts, threads->num_threads * 4));
  }
  if (parts == 1) return fn(arg, 0, n);
  auto begin = [n, parts](int64_t part) {
    return n / parts * part + std::min<int64_t>(part, n % parts);
  };
  Countdown countdown(parts - 1);
  Countdown* const done = &countdown;
  for (int64_t part = 1; part < parts; ++part) {
    const int64_t from = begin(part), to = begin(part + 1);
    threads->workers->Schedule([done, fn, arg, from, to]() {
      fn(arg, from, to);
      done->Decrement();
    });
  }
  fn(arg, 0, begin(1));
  countdown.Wait();
}

#endif

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_PARALLEL_H_
