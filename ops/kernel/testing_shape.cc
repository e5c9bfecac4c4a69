// InferShape: shape functions without a TensorFlow.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "ops/kernel/testing.h"

namespace opgraft {
namespace testing {
namespace {

std::vector<int64_t> ParseDims(const std::string& text) {  // "[2,?]"
  std::vector<int64_t> dims;
  std::stringstream in(text.substr(1, text.size() - 2));
  for (std::string dim; std::getline(in, dim, ',');) {
    dims.push_back(dim == "?" ? -1 : std::atoll(dim.c_str()));
  }
  return dims;
}

/// Shapes as TensorFlow's inference has them, except that unknown dimensions have no identity
/// beyond their handle: merging two does not make either known later.
class FakeShapeContext final : public ShapeContext {
 public:
  explicit FakeShapeContext(FakeAttrs* attrs) : attrs_(attrs) {}

  struct ShapeValue {
    bool known_rank;
    std::vector<Dimension> dims;
  };

  opgraft::Shape Parse(const std::string& text) {
    if (text.empty() || text == "?") return UnknownShape();
    std::vector<Dimension> dims;
    for (int64_t value : ParseDims(text)) dims.push_back(MakeDim(value));
    return MakeShape(static_cast<int>(dims.size()), dims.data());
  }
  std::string Text(opgraft::Shape shape) {
    if (Rank(shape) < 0) return "?";
    std::string text;
    for (Dimension dim : shapes_[shape.id].dims) {
      text += text.empty() ? "" : ",";
      text += Value(dim) < 0 ? "?" : std::to_string(Value(dim));
    }
    return "[" + text + "]";
  }

  int num_inputs() override { return static_cast<int>(inputs.size()); }
  opgraft::Shape input(int i) override { return inputs.at(i); }
  void set_output(int i, opgraft::Shape shape) override { outputs[i] = shape; }
  int Rank(opgraft::Shape shape) override {
    const ShapeValue& value = shapes_.at(shape.id);
    return value.known_rank ? static_cast<int>(value.dims.size()) : -1;
  }
  Dimension Dim(opgraft::Shape shape, int i) override {
    const int rank = Rank(shape);
    return shapes_.at(shape.id).dims.at(i < 0 ? i + rank : i);
  }
  int64_t Value(Dimension dimension) override { return dims_.at(dimension.id); }
  opgraft::Shape UnknownShape() override { return Add({false, {}}); }
  opgraft::Shape MakeShape(int rank, const Dimension* dims) override {
    return Add({true, std::vector<Dimension>(dims, dims + rank)});
  }
  Dimension MakeDim(int64_t value) override {
    dims_.push_back(value);
    return {static_cast<int>(dims_.size()) - 1};
  }

  Status WithRank(opgraft::Shape shape, int rank, opgraft::Shape* out) override {
    *out = shape;
    if (Rank(shape) < 0) {
      std::vector<Dimension> dims;
      for (int i = 0; i < rank; ++i) dims.push_back(MakeDim(-1));
      *out = MakeShape(rank, dims.data());
    } else if (Rank(shape) != rank) {
      return InvalidArgument("Shape must be rank %d but is rank %d", rank, Rank(shape));
    }
    return Status();
  }
  Status WithRankAtLeast(opgraft::Shape shape, int rank, opgraft::Shape* out) override {
    *out = shape;
    if (Rank(shape) >= 0 && Rank(shape) < rank) {
      return InvalidArgument("Shape must be at least rank %d but is rank %d", rank, Rank(shape));
    }
    return Status();
  }
  Status Merge(opgraft::Shape a, opgraft::Shape b, opgraft::Shape* out) override {
    *out = Rank(a) < 0 ? b : a;
    if (Rank(a) < 0 || Rank(b) < 0) return Status();
    if (Rank(a) != Rank(b)) {
      return InvalidArgument("Shapes must be equal rank, but are %d and %d", Rank(a), Rank(b));
    }
    std::vector<Dimension> dims(Rank(a));
    for (int i = 0; i < Rank(a); ++i) {
      OPGRAFT_RETURN_IF_ERROR(MergeDim(Dim(a, i), Dim(b, i), &dims[i]));
    }
    *out = MakeShape(Rank(a), dims.data());
    return Status();
  }
  Status MergeDim(Dimension a, Dimension b, Dimension* out) override {
    *out = Value(a) < 0 ? b : a;
    if (Value(a) >= 0 && Value(b) >= 0 && Value(a) != Value(b)) {
      return InvalidArgument("Dimensions must be equal, but are %s and %s",
                             std::to_string(Value(a)).c_str(), std::to_string(Value(b)).c_str());
    }
    return Status();
  }
  Status ReplaceDim(opgraft::Shape shape, int i, Dimension dimension,
                    opgraft::Shape* out) override {
    if (Rank(shape) < 0) return *out = UnknownShape(), Status();
    std::vector<Dimension> dims = shapes_.at(shape.id).dims;
    dims.at(i < 0 ? i + dims.size() : i) = dimension;
    *out = MakeShape(static_cast<int>(dims.size()), dims.data());
    return Status();
  }
  Status Concatenate(opgraft::Shape a, opgraft::Shape b, opgraft::Shape* out) override {
    if (Rank(a) < 0 || Rank(b) < 0) return *out = UnknownShape(), Status();
    std::vector<Dimension> dims = shapes_.at(a.id).dims;
    for (int i = 0; i < Rank(b); ++i) dims.push_back(Dim(b, i));
    *out = MakeShape(static_cast<int>(dims.size()), dims.data());
    return Status();
  }

  Status TypeAttr(const char* name, DataType* value) override { return attrs_->Type(name, value); }
  Status IntAttr(const char* name, int64_t* value) override { return attrs_->Int(name, value); }
  Status IntListAttr(const char* name, const int64_t** values, int* n) override {
    return attrs_->IntList(name, values, n);
  }
  Status StringAttr(const char* name, StringView* value) override {
    return attrs_->String(name, value);
  }
  bool ConstantInput(int i, int n, int64_t* values) override {
    const auto known = input_values.find(i);
    if (known == input_values.end() || known->second.size() != static_cast<size_t>(n)) return false;
    std::copy_n(known->second.begin(), n, values);
    return true;
  }
  Status ShapeAttr(const char* name, opgraft::Shape* value) override {
    int rank = 0;
    const int64_t* dims = nullptr;
    OPGRAFT_RETURN_IF_ERROR(attrs_->Shape(name, &rank, &dims));
    if (rank < 0) return *value = UnknownShape(), Status();
    std::vector<Dimension> parts;
    for (int i = 0; i < rank; ++i) parts.push_back(MakeDim(dims[i]));
    *value = MakeShape(rank, parts.data());
    return Status();
  }

  void set_output_table(int i, DataType key, opgraft::Shape key_shape, DataType value,
                        opgraft::Shape value_shape) override {
    output_tables[i] = {key, Text(key_shape), value, Text(value_shape)};
  }
  bool input_table(int i, DataType* key, opgraft::Shape* key_shape, DataType* value,
                   opgraft::Shape* value_shape) override {
    const auto found = input_tables.find(i);
    if (found == input_tables.end()) return false;
    *key = found->second.key;
    *key_shape = Parse(found->second.key_shape);
    *value = found->second.value;
    *value_shape = Parse(found->second.value_shape);
    return true;
  }

  std::vector<opgraft::Shape> inputs;
  std::map<int, opgraft::Shape> outputs;
  std::map<int, TableInfo> input_tables, output_tables;
  InputValues input_values;

 private:
  opgraft::Shape Add(ShapeValue value) {
    shapes_.push_back(std::move(value));
    return {static_cast<int>(shapes_.size()) - 1};
  }

  FakeAttrs* const attrs_;
  std::vector<ShapeValue> shapes_;
  std::vector<int64_t> dims_;
};

}  // namespace

Status InferShapes(const std::string& op, FakeAttrs attrs, const std::vector<std::string>& inputs,
                   std::vector<std::string>* outputs, const std::map<int, TableInfo>& input_tables,
                   std::map<int, TableInfo>* output_tables, const InputValues& input_values) {
  const OpDefinition& definition = FindOp(op);
  attrs.Defaults(definition);
  FakeShapeContext context(&attrs);
  for (const std::string& input : inputs) context.inputs.push_back(context.Parse(input));
  context.input_tables = input_tables;
  context.input_values = input_values;
  outputs->clear();
  OPGRAFT_RETURN_IF_ERROR(definition.shape(&context));
  for (const auto& output : context.outputs) {
    outputs->resize(std::max<size_t>(outputs->size(), output.first + 1), "?");
    (*outputs)[output.first] = context.Text(output.second);
  }
  if (output_tables != nullptr) *output_tables = context.output_tables;
  return Status();
}

std::string InferShape(const std::string& op, FakeAttrs attrs,
                       const std::vector<std::string>& inputs, const InputValues& input_values) {
  std::vector<std::string> outputs;
  const Status status = InferShapes(op, attrs, inputs, &outputs, {}, nullptr, input_values);
  return !status.ok() ? status.message() : outputs.empty() ? "?" : outputs[0];
}

}  // namespace testing
}  // namespace opgraft
