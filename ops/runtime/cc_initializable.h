// Lets the runtime's own InitializeTable ops initialize our tables.
//
// They do not go through LookupInterface but through its subclass InitializableLookupTable, whose
// code lives in TensorFlow's kernels: its header is not in every wheel, its functions are not
// visible to op libraries. But all that its one non-virtual function, Initialize(), needs of an
// object is a table of virtual functions and a few members, in an order that changed four times:
//   0.12  DoPrepare, DoInsert, DoFind; a mutex, a flag
//   1.8   DoLazyPrepare comes after DoPrepare
//   1.15  AreEntriesSame comes last
//   2.5   an optional function, from 2.6 on a pointer, comes before the flag
// Read out of the headers of 2.2 to 2.21 and, for what is older, out of the machine code of
// InitializableLookupTable::Initialize in the wheels. A class with that layout is made here.
#ifndef OPGRAFT_OPS_RUNTIME_CC_INITIALIZABLE_H_
#define OPGRAFT_OPS_RUNTIME_CC_INITIALIZABLE_H_

#include <atomic>
#include <functional>
#include <memory>

#include "ops/runtime/cc_tensorflow.h"
#if OPGRAFT_TF >= 20500 && OPGRAFT_TF < 20600
#include "absl/types/optional.h"
#endif

namespace opgraft {

class InitializableLayout : public tf::lookup::LookupInterface {
 protected:
  /// InitializableLookupTable::InitTableIterator.
  class Iterator {
   public:
    virtual ~Iterator() = default;
    virtual void Next() = 0;
    virtual bool Valid() const = 0;
    virtual const tf::Tensor& keys() const = 0;
    virtual const tf::Tensor& values() const = 0;
    virtual TfStatus status() const = 0;
    virtual TfInt64 total_size() const = 0;
  };

  tf::lookup::InitializableLookupTable* AsInitializable() {
    return reinterpret_cast<tf::lookup::InitializableLookupTable*>(this);
  }
  bool runtime_initialized() const { return is_initialized_; }
  void set_runtime_initialized() { is_initialized_ = true; }

  // From here on, the order is TensorFlow's.
  virtual TfStatus DoPrepare(size_t expected_size) = 0;
#if OPGRAFT_TF >= 10800
  virtual TfStatus DoLazyPrepare(std::function<TfInt64()> get_expected_size) {
    const TfInt64 size = get_expected_size();
    if (size < 0) {
      return ToTf(Code::kFailedPrecondition, "the size of the table's initializer is unknown");
    }
    return DoPrepare(static_cast<size_t>(size));
  }
#endif
  virtual TfStatus DoInsert(const tf::Tensor& keys, const tf::Tensor& values) = 0;
  virtual TfStatus DoFind(const tf::Tensor&, tf::Tensor*, const tf::Tensor&) {
    return ToTf(Code::kInternal, "DoFind is for InitializableLookupTable::Find, which is not used");
  }
#if OPGRAFT_TF >= 11500
  virtual TfStatus AreEntriesSame(const Iterator& iterator, bool* result) {
    *result = static_cast<size_t>(iterator.total_size()) == size();
    return TfStatus();
  }
#endif

 private:
#if OPGRAFT_TF >= 20600
  struct Serializer {
    ~Serializer() { cleanup(); }
    std::function<void()> serialize;  // of another signature; never called
    std::function<void()> cleanup;
  };
#endif

  tf::mutex mutex_;
#if OPGRAFT_TF >= 20600
  std::unique_ptr<Serializer> serializer_;
#elif OPGRAFT_TF >= 20500
  absl::optional<std::function<void()>> serializer_;
#endif
#if OPGRAFT_TF >= 11500
  std::atomic<bool> is_initialized_{false};
#else
  volatile bool is_initialized_ = false;
#endif
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_INITIALIZABLE_H_
