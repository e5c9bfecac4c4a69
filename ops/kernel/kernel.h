// The interface between a kernel and the runtime that executes it.
//
// Kernels implement Kernel (or are plain functions, see op.h) and call the
// abstract classes here; ops/runtime implements those for each TensorFlow.
// Everything in this header crosses between objects that were compiled with
// different language standards and libstdc++ ABIs: no std::string, no
// containers, nothing beyond C++11.
#ifndef OPGRAFT_OPS_KERNEL_KERNEL_H_
#define OPGRAFT_OPS_KERNEL_KERNEL_H_

#include <atomic>
#include <cstdint>
#include <exception>
#include <new>

#include "ops/kernel/status.h"
#include "ops/kernel/tensor.h"
#include "ops/kernel/types.h"

namespace opgraft {

class Table;

/// Attrs of a node, read while its kernel is constructed.
/// A pointer that a call returns stays valid until construction ends.
class Attrs {
 public:
  virtual Status Int(const char* name, int64_t* value) = 0;
  virtual Status Float(const char* name, float* value) = 0;
  virtual Status Bool(const char* name, bool* value) = 0;
  virtual Status Type(const char* name, DataType* value) = 0;
  virtual Status String(const char* name, StringView* value) = 0;
  /// rank is -1 if it is unknown; an unknown dimension is -1.
  virtual Status Shape(const char* name, int* rank, const int64_t** dims) = 0;
  virtual Status IntList(const char* name, const int64_t** values, int* n) = 0;
  virtual Status TypeList(const char* name, const DataType** values, int* n) = 0;

 protected:
  ~Attrs() {}
};

/// A file on any file system that the runtime knows (local, gs://, hdfs://, ...).
class File {
 public:
  virtual ~File() {}
  /// Reads up to `size` bytes at `offset`; fewer (0 at the end) are no error.
  virtual Status Read(uint64_t offset, size_t size, char* buffer, size_t* read) = 0;
};

/// A copy of one element of a type that only the runtime understands (variant, resource).
class Object {
 public:
  virtual ~Object() {}
};

/// What a kernel sees of the step that it computes in.
class KernelContext {
 public:
  virtual int num_inputs() = 0;
  /// `i` counts tensors, so the parts of a list input count one by one.
  virtual const TensorView& input(int i) = 0;

  virtual Status AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) = 0;
  /// As AllocateOutput, but may reuse the buffer of one of `inputs` (indices) if nothing else
  /// needs it: output.data may then equal input.data.
  virtual Status ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i, int rank,
                                              const int64_t* dims, TensorView* output) = 0;

  /// Borrows the strings [begin, begin + n) of a string tensor. Safe from several threads.
  virtual void ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                           StringView* strings) = 0;
  /// Sets one string of an output. Safe from several threads, one per element.
  virtual void WriteString(const TensorView& tensor, int64_t i, StringView value) = 0;
  /// Sets n strings of an output from `begin` on to those of an input that `indices` names. Faster
  /// than reading and writing them: where a runtime's strings can share their text, copies do.
  virtual void CopyStrings(const TensorView& from, const int64_t* indices, int64_t n,
                           const TensorView& to, int64_t begin) = 0;

  /// Copies one element of a variant or resource tensor; the caller deletes it.
  virtual Status ReadObject(const TensorView& tensor, int64_t i, Object** object) = 0;
  virtual void WriteObject(const TensorView& tensor, int64_t i, const Object& object) = 0;

  /// The variable behind a Ref input, to be changed in place; FailedPrecondition if it has no
  /// value.
  virtual Status MutableInput(int i, TensorView* variable) = 0;
  /// Gives the variable behind a Ref input a new value of the shape that it was declared with, to
  /// be filled in; InvalidArgument if it has a value.
  virtual Status InitializeInput(int i, TensorView* variable) = 0;
  /// Gives the resource variable behind a handle zeros for its first value; InvalidArgument if it
  /// has a value.
  virtual Status ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) = 0;
  /// Makes output `i` the variable behind a Ref input.
  virtual Status ForwardRef(int input, int i) = 0;

  /// The table behind a resource or Ref(string) handle; owned by the context.
  virtual Status GetTable(int input, Table** table) = 0;

  /// Opens a file for reading; the caller deletes it.
  virtual Status OpenFile(StringView path, File** file) = 0;

  /// Adds an INFO line to the runtime's log, if a library can reach it.
  virtual void Log(const char* message) = 0;

  /// Calls fn(arg, begin, end) for disjoint ranges that cover [0, n), on the runtime's own
  /// threads if the work pays for it, and returns when all are done.
  /// cost: nanoseconds per unit, roughly. fn must not throw.
  virtual void ParallelFor(int64_t n, int64_t cost,
                           void (*fn)(void* arg, int64_t begin, int64_t end), void* arg) = 0;

  /// The same for any callable of (int64_t begin, int64_t end). If it throws, out of memory as it
  /// is then, so does this, when all are done.
  template <class F>
  void ParallelFor(int64_t n, int64_t cost, const F& f) {
    struct Work {
      const F& f;
      std::atomic<bool> failed;
      static void Run(void* arg, int64_t begin, int64_t end) {
        Work* const work = static_cast<Work*>(arg);
        try {
          work->f(begin, end);
        } catch (const std::exception&) {
          work->failed = true;
        }
      }
    } work{f, {false}};
    ParallelFor(n, cost, Work::Run, &work);
    if (work.failed) throw std::bad_alloc();
  }

 protected:
  ~KernelContext() {}
};

/// A kernel with state that comes from attrs. Compute may run on several threads at once.
class Kernel {
 public:
  virtual ~Kernel() {}
  virtual Status Init(Attrs*) { return Status(); }
  virtual Status Compute(KernelContext* context) = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_KERNEL_H_
