// The OpKernels that make our tables.
#ifndef OPGRAFT_OPS_RUNTIME_CC_TABLE_KERNEL_H_
#define OPGRAFT_OPS_RUNTIME_CC_TABLE_KERNEL_H_

#include <pthread.h>

#include <atomic>
#include <memory>
#include <string>

#include "ops/kernel/op.h"
#include "ops/runtime/cc_attrs.h"
#include "ops/runtime/cc_table.h"
#include "ops/runtime/cc_tensorflow.h"

namespace opgraft {

/// What the kernels of all kinds of table have in common.
class CcTableKernel : public tf::OpKernel {
 protected:
  CcTableKernel(tf::OpKernelConstruction* construction, const KernelDefinition& definition)
      : tf::OpKernel(construction) {
    const Status status = CatchExceptions([&] {
      CcAttrs attrs(construction);
      OPGRAFT_RETURN_IF_ERROR(attrs.Type("key_dtype", &key_dtype_));
      OPGRAFT_RETURN_IF_ERROR(attrs.Type("value_dtype", &value_dtype_));
      TableFactory* factory = nullptr;
      Status created = definition.create_table(&attrs, &factory);
      factory_.reset(factory);
      return created;
    });
    if (!status.ok()) construction->SetStatus(ToTf(status));
  }

  Status NewTable(tf::OpKernelContext* context, tf::lookup::LookupInterface** resource) const {
    return CatchExceptions([&] {
      CcTableContext c(context);
      Table* table = nullptr;
      OPGRAFT_RETURN_IF_ERROR(factory_->Create(&c, &table));
      *resource = new TableResource(std::unique_ptr<Table>(table));
      return Status();
    });
  }

  /// A handle tensor. `handle` is what the runtime's own ops look the table up with.
  static Status PutHandle(tf::OpKernelContext* context, const std::string& container,
                          const std::string& name, tf::Tensor* out);

  DataType key_dtype_ = DT_INVALID, value_dtype_ = DT_INVALID;
  std::unique_ptr<TableFactory> factory_;
};

inline Status CcTableKernel::PutHandle(tf::OpKernelContext* context, const std::string& container,
                                       const std::string& name, tf::Tensor* out) {
#if OPGRAFT_TF < 10300
  // 1.0-1.2 export no protobuf symbols, so the setters that ResourceHandle inlines cannot link.
  // The message is small: write its wire format and let TensorFlow's exported parser read it.
  std::string wire;
  auto put_varint = [&wire](unsigned long long value) {
    for (; value >= 128; value >>= 7) wire += static_cast<char>(value | 128);
    wire += static_cast<char>(value);
  };
  auto put_string = [&](int field, const std::string& value) {
    put_varint(field << 3 | 2);
    put_varint(value.size());
    wire += value;
  };
  const tf::TypeIndex type = tf::MakeTypeIndex<tf::lookup::LookupInterface>();
  put_string(1, context->device()->attributes().name());
  put_string(2, container.empty() ? context->resource_manager()->default_container() : container);
  put_string(3, name);
  put_varint(4 << 3);
  put_varint(type.hash_code());
  put_string(5, type.name());
  tf::ResourceHandle* handle = &out->scalar<tf::ResourceHandle>()();
  if (!tf::ParseProtoUnlimited(handle, wire.data(), wire.size())) {
    return Status(Code::kInternal, "cannot write a resource handle");
  }
#else
  out->scalar<tf::ResourceHandle>()() =
      tf::MakeResourceHandle<tf::lookup::LookupInterface>(context, container, name);
#endif
  return Status();
}

/// HashTable, HashTableV2 and the like: one table per name, found again by every execution.
class CcNamedTable final : public CcTableKernel {
 public:
  CcNamedTable(tf::OpKernelConstruction* construction, const KernelDefinition& definition,
               bool ref_output)
      : CcTableKernel(construction, definition), ref_output_(ref_output) {
    const TfStatus status = construction->GetAttr("use_node_name_sharing", &use_node_name_sharing_);
    if (!status.ok()) construction->SetStatus(status);
    pthread_mutex_init(&mutex_, nullptr);
  }

  ~CcNamedTable() override {
    if (initialized_ && container_.resource_is_private_to_kernel()) {
      // Fails only if somebody has deleted the table already.
      const TfStatus status =
          container_.resource_manager()->template Delete<tf::lookup::LookupInterface>(
              container_.container(), container_.name());
      (void)status.ok();
    }
    pthread_mutex_destroy(&mutex_);
  }

  void Compute(tf::OpKernelContext* context) override {
    pthread_mutex_lock(&mutex_);
    const Status status = CatchExceptions([&] { return ComputeLocked(context); });
    pthread_mutex_unlock(&mutex_);
    if (!status.ok()) context->SetStatus(ToTf(status));
  }

 private:
  Status ComputeLocked(tf::OpKernelContext* context) {
    if (!initialized_) {
      OPGRAFT_RETURN_IF_ERROR(
          FromTf(container_.Init(context->resource_manager(), def(), use_node_name_sharing_)));
    }
    tf::lookup::LookupInterface* table = nullptr;
    OPGRAFT_RETURN_IF_ERROR(
        FromTf(container_.resource_manager()->template LookupOrCreate<tf::lookup::LookupInterface>(
            container_.container(), container_.name(), &table,
            [this, context](tf::lookup::LookupInterface** resource) {
              return ToTf(NewTable(context, resource));
            })));
    const DataType key = FromTf(table->key_dtype()), value = FromTf(table->value_dtype());
    table->Unref();
    if (key != key_dtype_ || value != value_dtype_) {
      return InvalidArgument("Conflicting key/value dtypes %s->%s with %s-%s for table %s",
                             DataTypeName(key_dtype_), DataTypeName(value_dtype_),
                             DataTypeName(key), DataTypeName(value), container_.name().c_str());
    }
    OPGRAFT_RETURN_IF_ERROR(ref_output_ ? PutRef(context) : PutResource(context));
    initialized_ = true;
    return Status();
  }

  Status PutRef(tf::OpKernelContext* context) {
    if (!initialized_) {
      ref_ = tf::Tensor(tf::DT_STRING, tf::TensorShape({2}));
      const std::string container = container_.container(), name = container_.name();
      ref_.flat<TfString>()(0).assign(container.data(), container.size());
      ref_.flat<TfString>()(1).assign(name.data(), name.size());
    }
    context->set_output_ref(0, &ref_mutex_, &ref_);
    return Status();
  }

  Status PutResource(tf::OpKernelContext* context) {
    tf::Tensor* out = nullptr;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context->allocate_output(0, tf::TensorShape({}), &out)));
    return PutHandle(context, container_.container(), container_.name(), out);
  }

  const bool ref_output_;
  bool use_node_name_sharing_ = false;
  pthread_mutex_t mutex_;  // guards what follows
  bool initialized_ = false;
  tf::ContainerInfo container_;
  tf::mutex ref_mutex_;
  tf::Tensor ref_;
};

/// AnonymousHashTable and the like: a table per execution.
class CcAnonymousTable final : public CcTableKernel {
 public:
  CcAnonymousTable(tf::OpKernelConstruction* construction, const KernelDefinition& definition)
      : CcTableKernel(construction, definition) {}

  void Compute(tf::OpKernelContext* context) override {
    const Status status = CatchExceptions([&] { return ComputeStatus(context); });
    if (!status.ok()) context->SetStatus(ToTf(status));
  }

 private:
  Status ComputeStatus(tf::OpKernelContext* context) {
    tf::lookup::LookupInterface* table = nullptr;
    OPGRAFT_RETURN_IF_ERROR(NewTable(context, &table));
    tf::Tensor* out = nullptr;
    OPGRAFT_RETURN_IF_ERROR(FromTf(context->allocate_output(0, tf::TensorShape({}), &out)));
#if OPGRAFT_TF >= 20700
    // The handle owns the table.
    out->scalar<tf::ResourceHandle>()() =
        tf::ResourceHandle::MakeRefCountingHandle(table, context->device()->name());
    return Status();
#else
    // Before 2.7 handles own nothing. In a session the table lives as long as the step, which is
    // as long as a handle can be used there; in eager execution, as long as the runtime.
    static std::atomic<int64_t> count(0);
    const std::string name = "opgraft_anonymous_table_" + std::to_string(count++);
    std::string container = context->resource_manager()->default_container();
#if OPGRAFT_TF >= 10000 && OPGRAFT_TF < 20000
    if (context->step_container() != nullptr) container = context->step_container()->name();
#endif
    OPGRAFT_RETURN_IF_ERROR(FromTf(context->resource_manager()->Create(container, name, table)));
    return PutHandle(context, container, name, out);
#endif
  }
};

}  // namespace opgraft

#endif  // OPGRAFT_OPS_RUNTIME_CC_TABLE_KERNEL_H_
