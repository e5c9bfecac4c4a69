// Runs kernels, tables and shape functions in tests, without a TensorFlow.
//
//   FakeContext context;
//   context.Input(Vector<float>({1, 2})).Input(Scalar<float>(3));
//   ASSERT_OK(RunOp("AddV2", FakeAttrs().Type("T", DT_FLOAT), &context));
//   EXPECT_EQ(context.output(0).values<float>(), (std::vector<float>{4, 5}));
#ifndef OPGRAFT_OPS_KERNEL_TESTING_H_
#define OPGRAFT_OPS_KERNEL_TESTING_H_

#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "ops/kernel/op.h"

namespace opgraft {

/// For gtest's messages.
std::ostream& operator<<(std::ostream& out, const Status& status);
inline std::ostream& operator<<(std::ostream& out, Code code) {
  return out << static_cast<int>(code);
}

namespace testing {

/// A mistake in a test.
[[noreturn]] void Die(const std::string& message);

/// An object as variants and resources hold it; equal numbers stand for equal objects.
struct FakeObject final : Object {
  explicit FakeObject(int64_t n) : number(n) {}
  int64_t number;
};

/// A tensor that owns its elements. T is a type that DataTypeOf knows, or std::string.
class TestTensor {
 public:
  TestTensor() : TestTensor(DT_INVALID, {0}) {}
  /// Zeros or empty strings.
  TestTensor(DataType dtype, std::vector<int64_t> dims);
  template <class T>
  TestTensor(std::vector<int64_t> dims, const std::vector<T>& values)
      : TestTensor(DataTypeOf<T>::value, std::move(dims)) {
    CheckCount(values.size());
    for (size_t i = 0; i < values.size(); ++i) Element<T>(i) = values[i];
  }
  TestTensor(std::vector<int64_t> dims, const std::vector<std::string>& values)
      : TestTensor(DT_STRING, std::move(dims)) {
    CheckCount(values.size());
    strings_ = values;
  }
  /// Variants or resources: one FakeObject for each number.
  static TestTensor Objects(DataType dtype, std::vector<int64_t> dims,
                            const std::vector<int64_t>& numbers);

  DataType dtype() const { return dtype_; }
  const std::vector<int64_t>& dims() const { return dims_; }
  int64_t count() const { return count_; }
  TensorView view() const;

  template <class T>
  std::vector<T> values() const {
    std::vector<T> result;
    CheckType(DataTypeOf<T>::value);
    for (int64_t i = 0; i < count_; ++i) result.push_back(Element<T>(i));
    return result;
  }
  const std::vector<std::string>& strings() const { return strings_; }
  /// One element as text: a number, a string or an object's number.
  std::string Text(int64_t i) const;
  const std::vector<int64_t>& objects() const { return objects_; }

 private:
  friend class FakeContext;
  friend bool operator==(const TestTensor& a, const TestTensor& b);
  template <class T>
  T& Element(size_t i) const {
    return reinterpret_cast<T*>(const_cast<char*>(bytes_.data()))[i];
  }
  void CheckCount(size_t count) const;
  void CheckType(DataType dtype) const;

  DataType dtype_;
  std::vector<int64_t> dims_;
  int64_t count_;
  std::vector<char> bytes_;  // exact size, so that a sanitizer sees what lies outside
  std::vector<std::string> strings_;
  std::vector<int64_t> objects_;
};

/// Type, shape and elements, bit by bit.
bool operator==(const TestTensor& a, const TestTensor& b);
/// "int64[2]{1, 2}"
std::ostream& operator<<(std::ostream& out, const TestTensor& tensor);

template <class T>
TestTensor Scalar(T value) {
  return TestTensor(std::vector<int64_t>(), std::vector<T>{std::move(value)});
}
template <class T>
TestTensor Vector(const std::vector<T>& values) {
  return TestTensor({static_cast<int64_t>(values.size())}, values);
}

/// Attrs of a node.
class FakeAttrs final : public Attrs {
 public:
  FakeAttrs& Int(const char* name, int64_t value) { return ints_[name] = value, *this; }
  FakeAttrs& Float(const char* name, float value) { return floats_[name] = value, *this; }
  FakeAttrs& Bool(const char* name, bool value) { return bools_[name] = value, *this; }
  FakeAttrs& Type(const char* name, DataType value) { return types_[name] = value, *this; }
  FakeAttrs& String(const char* name, std::string value) {
    return strings_[name] = std::move(value), *this;
  }
  FakeAttrs& Shape(const char* name, std::vector<int64_t> dims) {
    return shapes_[name] = std::move(dims), unknown_shapes_.erase(name), *this;
  }
  FakeAttrs& UnknownShape(const char* name) {
    return shapes_[name] = {}, unknown_shapes_[name] = true, *this;
  }
  FakeAttrs& IntList(const char* name, std::vector<int64_t> values) {
    return int_lists_[name] = std::move(values), *this;
  }
  FakeAttrs& TypeList(const char* name, std::vector<DataType> values) {
    return type_lists_[name] = std::move(values), *this;
  }
  /// Adds the default of every attr of `op` that has one and is not set.
  FakeAttrs& Defaults(const OpDefinition& op);

  Status Int(const char* name, int64_t* value) override;
  Status Float(const char* name, float* value) override;
  Status Bool(const char* name, bool* value) override;
  Status Type(const char* name, DataType* value) override;
  Status String(const char* name, StringView* value) override;
  Status Shape(const char* name, int* rank, const int64_t** dims) override;
  Status IntList(const char* name, const int64_t** values, int* n) override;
  Status TypeList(const char* name, const DataType** values, int* n) override;

 private:
  bool Has(const std::string& name) const;

  std::map<std::string, int64_t> ints_;
  std::map<std::string, float> floats_;
  std::map<std::string, bool> bools_;
  std::map<std::string, DataType> types_;
  std::map<std::string, std::string> strings_;
  std::map<std::string, std::vector<int64_t>> shapes_;
  std::map<std::string, bool> unknown_shapes_;
  std::map<std::string, std::vector<int64_t>> int_lists_;
  std::map<std::string, std::vector<DataType>> type_lists_;
};

/// One step of one kernel: inputs in, outputs out.
class FakeContext final : public KernelContext {
 public:
  FakeContext& Input(TestTensor tensor);
  /// An input that is the handle of `table`; not owned.
  FakeContext& InputTable(Table* table);
  /// A Ref input: a variable with a value, or one that was only declared.
  FakeContext& InputRef(TestTensor value);
  FakeContext& InputUninitializedRef(DataType dtype, std::vector<int64_t> dims);
  /// The handle of a resource variable without a value.
  FakeContext& InputVariable() { return Input(TestTensor(DT_RESOURCE, {})); }
  /// A file in memory. A path that is not in memory is read from disk.
  FakeContext& AddFile(const std::string& path, const std::string& contents);
  /// ParallelFor splits into ranges of at most `range` units, on `threads` threads besides this.
  FakeContext& Parallel(int64_t range, int threads);
  /// AllocateOutput of more elements than this fails.
  FakeContext& AllocationLimit(int64_t elements) { return allocation_limit_ = elements, *this; }
  /// ForwardInputOrAllocateOutput forwards if it can.
  FakeContext& Forwarding(bool on) { return forwarding_ = on, *this; }
  /// What new outputs are full of: two runs with different ones show what a kernel left out.
  FakeContext& Filler(char filler) { return filler_ = filler, *this; }

  bool has_output(size_t i) const {
    return ref_outputs_.count(i) > 0 || (i < outputs_.size() && outputs_[i] != nullptr);
  }
  /// Aborts if the output was not allocated. A Ref output is the variable.
  const TestTensor& output(size_t i) const;
  /// The variable behind Ref or resource input `i` now. Aborts if it is none or has no value.
  const TestTensor& variable(int i) const;
  /// The dtype of any input; kernels may not ask for the Tensor of a Ref input.
  DataType input_dtype(int i) const { return views_.at(i).dtype; }
  /// What was logged.
  const std::vector<std::string>& messages() const { return messages_; }

  int num_inputs() override { return static_cast<int>(inputs_.size()); }
  /// Aborts if it is a Ref input, as TensorFlow does.
  const TensorView& input(int i) override;
  Status AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) override;
  Status ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i, int rank,
                                      const int64_t* dims, TensorView* output) override;
  void ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                   StringView* strings) override;
  void WriteString(const TensorView& tensor, int64_t i, StringView value) override;
  void CopyStrings(const TensorView& from, const int64_t* indices, int64_t n, const TensorView& to,
                   int64_t begin) override;
  Status ReadObject(const TensorView& tensor, int64_t i, Object** object) override;
  void WriteObject(const TensorView& tensor, int64_t i, const Object& object) override;
  Status MutableInput(int i, TensorView* variable) override;
  Status InitializeInput(int i, TensorView* variable) override;
  Status ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) override;
  Status ForwardRef(int input, int i) override;
  Status GetTable(int input, Table** table) override;
  Status OpenFile(StringView path, File** file) override;
  void Log(const char* message) override { messages_.push_back(message); }
  void ParallelFor(int64_t n, int64_t cost, void (*fn)(void* arg, int64_t begin, int64_t end),
                   void* arg) override;
  using KernelContext::ParallelFor;

  /// Dtypes of outputs, if they are not those that RunOp finds in the op's definition.
  std::vector<DataType> output_dtypes;

 private:
  enum class Ref { kNone, kUninitialized, kInitialized };
  void CheckRef(int i) const;

  std::vector<std::unique_ptr<TestTensor>> inputs_;
  std::vector<TensorView> views_;
  std::vector<Table*> tables_;
  std::vector<Ref> refs_;  // of inputs
  std::vector<std::unique_ptr<TestTensor>> outputs_;
  std::map<size_t, int> ref_outputs_;  // output -> Ref input
  std::map<int, TestTensor> resource_variables_;
  std::map<std::string, std::string> files_;
  std::vector<std::string> messages_;
  int64_t range_ = 0;
  int threads_ = 0;
  int64_t allocation_limit_ = -1;
  bool forwarding_ = false;
  char filler_ = '\xA5';
};

/// Every op that is linked into this test.
std::vector<const OpDefinition*> AllOps();
/// Aborts if there is none of that name.
const OpDefinition& FindOp(const std::string& name);

/// NotFound if no kernel of the op fits the type attrs. Adds the op's defaults to `attrs`.
Status MakeKernel(const std::string& op, FakeAttrs attrs, std::unique_ptr<Kernel>* kernel);
Status MakeTableFactory(const std::string& op, FakeAttrs attrs,
                        std::unique_ptr<TableFactory>* factory);

/// Makes the kernel and computes once. Type attrs that are not set come from the inputs.
Status RunOp(const std::string& op, FakeAttrs attrs, FakeContext* context);
/// Makes the factory and creates one table; the context holds the op's inputs.
Status MakeTable(const std::string& op, FakeAttrs attrs, FakeContext* context,
                 std::unique_ptr<Table>* table);

struct TableInfo {
  DataType key = DT_INVALID;
  std::string key_shape;
  DataType value = DT_INVALID;
  std::string value_shape;
};
/// Values of inputs that are known while the graph is built, by input; an unknown one is -1.
using InputValues = std::map<int, std::vector<int64_t>>;
/// Runs the op's shape function on shapes like "[2,?]", "[]" or "?" (unknown rank).
/// `outputs` gets texts of the same form; one that was not set is "?".
Status InferShapes(const std::string& op, FakeAttrs attrs, const std::vector<std::string>& inputs,
                   std::vector<std::string>* outputs,
                   const std::map<int, TableInfo>& input_tables = {},
                   std::map<int, TableInfo>* output_tables = nullptr,
                   const InputValues& input_values = {});

/// The first output's shape, or the error's message.
std::string InferShape(const std::string& op, FakeAttrs attrs,
                       const std::vector<std::string>& inputs,
                       const InputValues& input_values = {});

}  // namespace testing
}  // namespace opgraft

#define ASSERT_OK(expression)                                     \
  do {                                                            \
    const ::opgraft::Status opgraft_test_status = (expression);   \
    ASSERT_TRUE(opgraft_test_status.ok()) << opgraft_test_status; \
  } while (false)
#define EXPECT_OK(expression)                                     \
  do {                                                            \
    const ::opgraft::Status opgraft_test_status = (expression);   \
    EXPECT_TRUE(opgraft_test_status.ok()) << opgraft_test_status; \
  } while (false)
/// The error's code, and a part of its message.
#define EXPECT_ERROR(expression, error_code, text)                                          \
  do {                                                                                      \
    const ::opgraft::Status opgraft_test_status = (expression);                             \
    EXPECT_EQ(opgraft_test_status.code(), error_code) << opgraft_test_status;               \
    EXPECT_NE(::std::string(opgraft_test_status.message()).find(text), ::std::string::npos) \
        << "no \"" << text << "\" in: " << opgraft_test_status;                             \
  } while (false)

#endif  // OPGRAFT_OPS_KERNEL_TESTING_H_
