// A lock for one writer or many readers.
//
// std::shared_mutex and pthread_rwlock_t need symbols that old systems lack (GLIBC_2.34 where this
// is built), hence one of our own: readers touch one atomic, and only wait while a writer has it.
#ifndef OPGRAFT_OPS_LOOKUP_RW_LOCK_H_
#define OPGRAFT_OPS_LOOKUP_RW_LOCK_H_

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <atomic>
#include <cstdint>

namespace opgraft {

class Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void Lock() { pthread_mutex_lock(&mutex_); }
  void Unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) : mutex_(mutex) { mutex_->Lock(); }
  ~MutexLock() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

/// Writers come first: a reader that arrives after a writer waits for it, so that a stream of
/// readers cannot keep a writer out.
class RwLock {
 public:
  void LockShared() {
    int32_t state = state_.load(std::memory_order_relaxed);
    for (;;) {
      if (state >= 0) {
        if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
          return;
        }
      } else {
        // Sleeps until the writer is done.
        MutexLock wait(&writer_);
        state = state_.load(std::memory_order_relaxed);
      }
    }
  }
  void UnlockShared() { state_.fetch_sub(1, std::memory_order_release); }

  void Lock() {
    writer_.Lock();
    state_.fetch_or(kWriter, std::memory_order_acquire);
    // Readers hold the lock for microseconds, rarely milliseconds.
    for (int i = 0; state_.load(std::memory_order_acquire) != kWriter; ++i) {
      if (i < 100) {
        sched_yield();
      } else {
        const timespec pause = {0, 50000};
        nanosleep(&pause, nullptr);
      }
    }
  }
  void Unlock() {
    state_.store(0, std::memory_order_release);
    writer_.Unlock();
  }

 private:
  static constexpr int32_t kWriter = INT32_MIN;
  std::atomic<int32_t> state_{0};  // the number of readers; the sign bit is a writer
  Mutex writer_;
};

class ReadLock {
 public:
  explicit ReadLock(RwLock* lock) : lock_(lock) { lock_->LockShared(); }
  ~ReadLock() { lock_->UnlockShared(); }
  ReadLock(const ReadLock&) = delete;
  ReadLock& operator=(const ReadLock&) = delete;

 private:
  RwLock* const lock_;
};

class WriteLock {
 public:
  explicit WriteLock(RwLock* lock) : lock_(lock) { lock_->Lock(); }
  ~WriteLock() { lock_->Unlock(); }
  WriteLock(const WriteLock&) = delete;
  WriteLock& operator=(const WriteLock&) = delete;

 private:
  RwLock* const lock_;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_RW_LOCK_H_
