#include "ops/lookup/rw_lock.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace opgraft {
namespace {

TEST(RwLock, WritersAreAloneAndReadersSeeTheirWrites) {
  RwLock lock;
  int64_t a = 0, b = 0;  // equal outside of a write
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) {
        WriteLock write(&lock);
        ++a;
        ++b;
      }
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        ReadLock read(&lock);
        ASSERT_EQ(a, b);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(a, 6000);
  EXPECT_EQ(b, 6000);
}

TEST(RwLock, ReadersShare) {
  RwLock lock;
  ReadLock one(&lock);
  std::thread([&] { ReadLock two(&lock); }).join();
}

TEST(RwLock, AWriterWaitsForReaders) {
  RwLock lock;
  std::atomic<bool> written(false);
  lock.LockShared();
  std::thread writer([&] {
    WriteLock write(&lock);
    written = true;
  });
  for (int i = 0; i < 1000; ++i) sched_yield();
  EXPECT_FALSE(written);
  lock.UnlockShared();
  writer.join();
  EXPECT_TRUE(written);
}

TEST(RwLock, ReadersDoNotKeepAWriterOut) {
  RwLock lock;
  std::atomic<bool> written(false);
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      while (!written) {
        ReadLock read(&lock);
        sched_yield();
      }
    });
  }
  {
    WriteLock write(&lock);
    written = true;
  }
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace opgraft
