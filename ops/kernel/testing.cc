#include "ops/kernel/testing.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "ops/kernel/half.h"
#include "ops/kernel/testing_spec.h"

// The section that OPGRAFT_REGISTER_OP fills; null if nothing did.
extern "C" {
extern const opgraft::OpDefinition* const __start_opgraft_ops[]
    __attribute__((weak, visibility("hidden")));
extern const opgraft::OpDefinition* const __stop_opgraft_ops[]
    __attribute__((weak, visibility("hidden")));
}

namespace opgraft {

std::ostream& operator<<(std::ostream& out, const Status& status) {
  return out << "status " << status.code() << " \"" << status.message() << "\"";
}

namespace testing {

void Die(const std::string& message) {
  std::fprintf(stderr, "ops/kernel/testing: %s\n", message.c_str());
  std::abort();
}

namespace {

const KernelDefinition* FindKernel(const OpDefinition& op, FakeAttrs* attrs) {
  for (int i = 0; i < op.num_kernels; ++i) {
    bool fits = true;
    for (const TypeConstraint& constraint : op.kernels[i].constraints) {
      DataType dtype = DT_INVALID;
      if (constraint.attr == nullptr) break;
      attrs->Type(constraint.attr, &dtype);
      fits = fits && dtype == constraint.dtype;
    }
    if (fits) return &op.kernels[i];
  }
  return nullptr;
}

template <class T>
Status Make(const std::string& name, FakeAttrs* attrs,
            Status (*KernelDefinition::*create)(Attrs*, T**), std::unique_ptr<T>* out) {
  const OpDefinition& op = FindOp(name);
  attrs->Defaults(op);
  const KernelDefinition* const kernel = FindKernel(op, attrs);
  if (kernel == nullptr) return NotFound("%s has no kernel for these types", name.c_str());
  if (kernel->*create == nullptr) Die(name + " makes the other kind of object");
  T* object = nullptr;
  Status status = (kernel->*create)(attrs, &object);
  if (status.ok() != (object != nullptr)) Die(name + ": status and object disagree");
  out->reset(object);
  return status;
}

/// Sets the type attrs that `context`'s inputs determine, and the dtypes of its outputs.
void InferTypes(const OpDefinition& op, FakeAttrs* attrs, FakeContext* context) {
  int input = 0;
  for (int i = 0; i < OpDefinition::kMaxStrings && op.inputs[i] != nullptr; ++i) {
    const ArgumentSpec argument(op.inputs[i]);
    int64_t n = 1;
    if (!argument.number.empty()) attrs->Int(argument.number.c_str(), &n);
    for (; n > 0; --n, ++input) {
      if (input >= context->num_inputs()) Die(std::string(op.name) + ": too few inputs");
      const DataType dtype = context->input_dtype(input);
      DataType expected = TypeNamed(argument.type);
      if (dtype == DT_RESOURCE && expected == DT_STRING) continue;  // a table's Ref(string)
      if (expected == DT_INVALID && !attrs->Type(argument.type.c_str(), &expected).ok()) {
        attrs->Type(argument.type.c_str(), expected = dtype);
      }
      if (dtype != expected) {
        Die(std::string(op.name) + ": input " + argument.name + " is " + DataTypeName(dtype) +
            ", not " + DataTypeName(expected));
      }
    }
  }
  if (input != context->num_inputs()) Die(std::string(op.name) + ": too many inputs");
  if (!context->output_dtypes.empty()) return;
  for (int i = 0; i < OpDefinition::kMaxStrings && op.outputs[i] != nullptr; ++i) {
    const ArgumentSpec argument(op.outputs[i]);
    int64_t n = 1;
    if (!argument.number.empty()) attrs->Int(argument.number.c_str(), &n);
    DataType dtype = TypeNamed(argument.type);
    if (dtype == DT_INVALID) attrs->Type(argument.type.c_str(), &dtype);
    for (; n > 0; --n) context->output_dtypes.push_back(dtype);
  }
}

}  // namespace

TestTensor::TestTensor(DataType dtype, std::vector<int64_t> dims)
    : dtype_(dtype), dims_(std::move(dims)), count_(1) {
  for (int64_t dim : dims_) count_ *= dim;
  bytes_.resize(count_ * DataTypeSize(dtype));
  if (dtype == DT_STRING) strings_.resize(count_);
  if (dtype == DT_VARIANT || dtype == DT_RESOURCE) objects_.resize(count_);
}

TestTensor TestTensor::Objects(DataType dtype, std::vector<int64_t> dims,
                               const std::vector<int64_t>& numbers) {
  TestTensor tensor(dtype, std::move(dims));
  tensor.CheckCount(numbers.size());
  tensor.objects_ = numbers;
  return tensor;
}

TensorView TestTensor::view() const {
  TestTensor* const self = const_cast<TestTensor*>(this);
  void* const data = bytes_.empty() ? nullptr : self->bytes_.data();
  return {dtype_, static_cast<int>(dims_.size()), dims_.data(), count_, data, self};
}

void TestTensor::CheckCount(size_t count) const {
  if (count != static_cast<size_t>(count_)) {
    Die(std::to_string(count) + " values for the shape " +
        ShapeText(static_cast<int>(dims_.size()), dims_.data()).c_str());
  }
}

void TestTensor::CheckType(DataType dtype) const {
  if (dtype != dtype_) {
    Die(std::string(DataTypeName(dtype)) + " values of a tensor of " + DataTypeName(dtype_));
  }
}

std::string TestTensor::Text(int64_t i) const {
  switch (dtype_) {
    case DT_STRING:
      return strings_.at(i);
    case DT_VARIANT:
    case DT_RESOURCE:
      return std::to_string(objects_.at(i));
    case DT_BOOL:
    case DT_UINT8:
    case DT_QUINT8:
      return std::to_string(Element<uint8_t>(i));
    case DT_INT8:
    case DT_QINT8:
      return std::to_string(Element<int8_t>(i));
    case DT_INT16:
      return std::to_string(Element<int16_t>(i));
    case DT_UINT16:
      return std::to_string(Element<uint16_t>(i));
    case DT_INT32:
    case DT_QINT32:
      return std::to_string(Element<int32_t>(i));
    case DT_UINT32:
      return std::to_string(Element<uint32_t>(i));
    case DT_INT64:
      return std::to_string(Element<int64_t>(i));
    case DT_UINT64:
      return std::to_string(Element<uint64_t>(i));
    case DT_HALF:
      return std::to_string(ToFloat(Element<Half>(i)));
    case DT_BFLOAT16:
      return std::to_string(ToFloat(Element<BFloat16>(i)));
    case DT_FLOAT:
      return std::to_string(Element<float>(i));
    case DT_DOUBLE:
      return std::to_string(Element<double>(i));
    default:
      return "?";
  }
}

bool operator==(const TestTensor& a, const TestTensor& b) {
  return a.dtype_ == b.dtype_ && a.dims_ == b.dims_ && a.bytes_ == b.bytes_ &&
         a.strings_ == b.strings_ && a.objects_ == b.objects_;
}

std::ostream& operator<<(std::ostream& out, const TestTensor& tensor) {
  out << DataTypeName(tensor.dtype())
      << ShapeText(static_cast<int>(tensor.dims().size()), tensor.dims().data()).c_str() << "{";
  for (int64_t i = 0; i < tensor.count() && i < 100; ++i) {
    out << (i == 0 ? "" : ", ") << tensor.Text(i);
  }
  return out << "}";
}

bool FakeAttrs::Has(const std::string& name) const {
  return ints_.count(name) + floats_.count(name) + bools_.count(name) + types_.count(name) +
             strings_.count(name) + shapes_.count(name) + int_lists_.count(name) +
             type_lists_.count(name) >
         0;
}

FakeAttrs& FakeAttrs::Defaults(const OpDefinition& op) {
  for (int i = 0; i < OpDefinition::kMaxStrings && op.attrs[i] != nullptr; ++i) {
    const AttrSpec spec(op.attrs[i]);
    const std::string &name = spec.name, &type = spec.type, &value = spec.value;
    if (!spec.has_default || Has(name)) continue;
    if (type == "list(int)") {
      IntList(name.c_str(), {});
      std::stringstream in(value.substr(1, value.size() - 2));
      for (std::string item; std::getline(in, item, ',');) {
        int_lists_[name].push_back(std::atoll(item.c_str()));
      }
    } else if (type.compare(0, 4, "list") == 0) {
      if (value != "[]") Die("default list " + value + " of " + name);
      TypeList(name.c_str(), {});
    } else if (type == "int") {
      Int(name.c_str(), std::atoll(value.c_str()));
    } else if (type == "float") {
      Float(name.c_str(), std::strtof(value.c_str(), nullptr));
    } else if (type == "bool") {
      Bool(name.c_str(), value == "true");
    } else if (type == "shape") {
      if (value != "{}") Die("default shape " + value + " of " + name);
      Shape(name.c_str(), {});
    } else if (type == "string") {
      String(name.c_str(), value.substr(1, value.size() - 2));
    } else if (value.compare(0, 3, "DT_") == 0) {
      std::string lower = value.substr(3);
      for (char& c : lower) c = static_cast<char>(std::tolower(c));
      Type(name.c_str(), TypeNamed(lower));
    }
  }
  return *this;
}

#define OPGRAFT_FAKE_ATTR(Name, T, map)                                \
  Status FakeAttrs::Name(const char* name, T* value) {                 \
    const auto found = map.find(name);                                 \
    if (found == map.end()) return NotFound("No attr named %s", name); \
    *value = found->second;                                            \
    return Status();                                                   \
  }
OPGRAFT_FAKE_ATTR(Int, int64_t, ints_)
OPGRAFT_FAKE_ATTR(Float, float, floats_)
OPGRAFT_FAKE_ATTR(Bool, bool, bools_)
OPGRAFT_FAKE_ATTR(Type, DataType, types_)
#undef OPGRAFT_FAKE_ATTR

Status FakeAttrs::String(const char* name, StringView* value) {
  const auto found = strings_.find(name);
  if (found == strings_.end()) return NotFound("No attr named %s", name);
  *value = {found->second.data(), found->second.size()};
  return Status();
}

Status FakeAttrs::Shape(const char* name, int* rank, const int64_t** dims) {
  const auto found = shapes_.find(name);
  if (found == shapes_.end()) return NotFound("No attr named %s", name);
  *rank = unknown_shapes_.count(name) ? -1 : static_cast<int>(found->second.size());
  *dims = found->second.data();
  return Status();
}

Status FakeAttrs::IntList(const char* name, const int64_t** values, int* n) {
  const auto found = int_lists_.find(name);
  if (found == int_lists_.end()) return NotFound("No attr named %s", name);
  *values = found->second.data();
  *n = static_cast<int>(found->second.size());
  return Status();
}

Status FakeAttrs::TypeList(const char* name, const DataType** values, int* n) {
  const auto found = type_lists_.find(name);
  if (found == type_lists_.end()) return NotFound("No attr named %s", name);
  *values = found->second.data();
  *n = static_cast<int>(found->second.size());
  return Status();
}

std::vector<const OpDefinition*> AllOps() {
  return std::vector<const OpDefinition*>(__start_opgraft_ops, __stop_opgraft_ops);
}

const OpDefinition& FindOp(const std::string& name) {
  for (const OpDefinition* op : AllOps()) {
    if (name == op->name) return *op;
  }
  Die("no op named " + name);
}

Status MakeKernel(const std::string& op, FakeAttrs attrs, std::unique_ptr<Kernel>* kernel) {
  return Make(op, &attrs, &KernelDefinition::create, kernel);
}

Status MakeTableFactory(const std::string& op, FakeAttrs attrs,
                        std::unique_ptr<TableFactory>* factory) {
  return Make(op, &attrs, &KernelDefinition::create_table, factory);
}

Status RunOp(const std::string& op, FakeAttrs attrs, FakeContext* context) {
  InferTypes(FindOp(op), &attrs, context);
  std::unique_ptr<Kernel> kernel;
  OPGRAFT_RETURN_IF_ERROR(MakeKernel(op, attrs, &kernel));
  return kernel->Compute(context);
}

Status MakeTable(const std::string& op, FakeAttrs attrs, FakeContext* context,
                 std::unique_ptr<Table>* table) {
  InferTypes(FindOp(op), &attrs, context);
  std::unique_ptr<TableFactory> factory;
  OPGRAFT_RETURN_IF_ERROR(MakeTableFactory(op, attrs, &factory));
  Table* made = nullptr;
  Status status = factory->Create(context, &made);
  if (status.ok() != (made != nullptr)) Die(op + ": status and table disagree");
  table->reset(made);
  return status;
}

}  // namespace testing
}  // namespace opgraft
