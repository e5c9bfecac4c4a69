// Table: a lookup table as ops see it. Ours implement it; the runtime's own are wrapped in it.
#ifndef OPGRAFT_OPS_KERNEL_TABLE_H_
#define OPGRAFT_OPS_KERNEL_TABLE_H_

#include "ops/kernel/kernel.h"

namespace opgraft {

/// Yields the entries of an initializer in batches.
class TableIterator {
 public:
  /// Sets *done, or the next batch of keys and values: vectors of the same length.
  virtual Status Next(KernelContext* context, bool* done, TensorView* keys, TensorView* values) = 0;
  /// Expected number of entries; -1 if unknown.
  virtual int64_t total_size() = 0;

 protected:
  ~TableIterator() {}
};

/// All methods may be called from several threads at once. Arguments have been checked for dtype
/// and shape by the ops (ops/lookup/table_ops.cc) or by the runtime's own ops.
class Table {
 public:
  virtual ~Table() {}

  virtual DataType key_dtype() const = 0;
  virtual DataType value_dtype() const = 0;
  /// Shape of one key and of one value; rank 0 for scalars.
  virtual int key_rank() const { return 0; }
  virtual const int64_t* key_dims() const { return nullptr; }
  virtual int value_rank() const { return 0; }
  virtual const int64_t* value_dims() const { return nullptr; }
  virtual int64_t size() const = 0;
  virtual int64_t memory_used() const { return 0; }

  /// values[i] = the value of keys[i], or default_value where the key is absent.
  virtual Status Find(KernelContext* context, const TensorView& keys,
                      const TensorView& default_value, const TensorView& values) = 0;
  virtual Status Insert(KernelContext* context, const TensorView& keys,
                        const TensorView& values) = 0;
  virtual Status Remove(KernelContext* context, const TensorView& keys) = 0;
  /// Replaces the contents.
  virtual Status Import(KernelContext* context, const TensorView& keys,
                        const TensorView& values) = 0;
  /// Allocates outputs 0 (keys) and 1 (values) and fills them.
  virtual Status Export(KernelContext* context) = 0;

  /// Whether Initialize is allowed: HashTable and its V2 and anonymous forms.
  virtual bool is_initializable() const { return false; }
  virtual bool is_initialized() const { return true; }
  virtual Status Initialize(KernelContext*, TableIterator*) {
    return Unimplemented("this kind of table has no initializer");
  }

  /// Initialize in steps, for a runtime whose own initializer hands over one batch after another.
  /// Until EndInitialize the table is as it was; BeginInitialize drops what an attempt that broke
  /// off has left. EndInitialize without a beginning does nothing; if it fails, the table stays
  /// uninitialized and Find says why.
  virtual Status BeginInitialize(int64_t /*expected_size, or -1*/) {
    return Unimplemented("this kind of table has no initializer");
  }
  virtual Status AddEntries(KernelContext*, const TensorView& /*keys*/,
                            const TensorView& /*values*/) {
    return Unimplemented("this kind of table has no initializer");
  }
  virtual void EndInitialize(KernelContext*) {}
};

/// Makes the tables of one node, from its attrs and, at run time, its inputs.
class TableFactory {
 public:
  virtual ~TableFactory() {}
  virtual Status Init(Attrs* attrs) = 0;
  /// Called once per table, not per step. The caller deletes the table.
  virtual Status Create(KernelContext* context, Table** table) = 0;
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_KERNEL_TABLE_H_
