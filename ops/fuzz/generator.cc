#include "ops/fuzz/generator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "ops/fuzz/numbers.h"
#include "ops/kernel/testing_spec.h"

namespace opgraft {
namespace fuzz {
namespace {

using testing::ArgumentSpec;
using testing::AttrSpec;
using testing::TestTensor;

constexpr int64_t kMostElements = 20000;
constexpr int64_t kHugeSizes[] = {INT32_MAX, int64_t{1} << 31, int64_t{1} << 32, int64_t{1} << 40,
                                  int64_t{1} << 62};
constexpr DataType kAllTypes[] = {DT_FLOAT,    DT_DOUBLE, DT_INT32,  DT_UINT8,      DT_INT16,
                                  DT_INT8,     DT_STRING, DT_INT64,  DT_BOOL,       DT_QINT8,
                                  DT_QUINT8,   DT_QINT32, DT_UINT16, DT_COMPLEX64,  DT_HALF,
                                  DT_BFLOAT16, DT_UINT32, DT_UINT64, DT_COMPLEX128, DT_VARIANT};
constexpr DataType kCommonTypes[] = {DT_STRING, DT_INT64, DT_INT32, DT_FLOAT, DT_DOUBLE};

constexpr int64_t kTooMany = -1;

/// The number of elements, unknown sizes left out.
int64_t CountOf(const std::vector<int64_t>& dims) {
  int64_t count = 1;
  for (int64_t dim : dims) {
    if (dim >= 0 && __builtin_mul_overflow(count, dim, &count)) return kTooMany;
  }
  return count;
}

/// "A|B"
std::vector<std::string> Words(const Item& item) {
  std::vector<std::string> words;
  std::stringstream in(item.values);
  for (std::string word; std::getline(in, word, '|');) words.push_back(word);
  return words;
}

}  // namespace

Generator::Generator(Random* random) : random_(random), common_size_(1 + random->Below(4)) {}

int64_t Generator::Size(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter == '?') return -1;
  const bool of_part = letter >= 'A' && letter <= 'Z';
  const std::pair<char, int> key(letter, of_part ? part_ : 0);
  const auto found = sizes_.find(key);
  if (found != sizes_.end()) return found->second;
  static constexpr int64_t kSizes[] = {1, 1, 2, 3, 4, 5, 8, 17};
  const int64_t kind = random_->Below(100);
  return sizes_[key] = kind < 45   ? common_size_
                       : kind < 50 ? 0
                       : kind < 54 ? 20 + random_->Below(80)
                                   : random_->Pick(kSizes);
}

std::vector<int64_t> Generator::Sizes(const std::string& letters) {
  std::vector<int64_t> sizes;
  for (char letter : letters) sizes.push_back(Size(letter));
  return sizes;
}

const Item* Generator::Find(const std::string& name) const {
  for (const Item& item : recipe_) {
    if (item.name == name) return &item;
  }
  return nullptr;
}

Case Generator::Make(const OpDefinition& op, const Table* table) {
  case_ = Case();
  case_.op = &op;
  table_ = table;
  types_.clear();
  type_lists_.clear();
  ints_.clear();
  const std::vector<std::vector<Item>> recipes = RecipesOf(op.name);
  const bool random_shapes = recipes.empty() || random_->Chance(5);
  recipe_ = random_shapes ? std::vector<Item>() : random_->Pick(recipes);
  spoil_attrs_ = random_->Chance(15);
  if (op.num_kernels > 0 && !random_->Chance(3)) {
    const KernelDefinition& kernel = op.kernels[random_->Below(op.num_kernels)];
    for (const TypeConstraint& constraint : kernel.constraints) {
      if (constraint.attr != nullptr) SetType(constraint.attr, constraint.dtype);
    }
  }
  for (int i = 0; i < OpDefinition::kMaxStrings && op.attrs[i] != nullptr; ++i) {
    MakeAttr(op.attrs[i]);
  }
  for (int i = 0; i < OpDefinition::kMaxStrings && op.inputs[i] != nullptr; ++i) {
    MakeInputs(op.inputs[i]);
  }
  for (int i = 0; i < OpDefinition::kMaxStrings && op.outputs[i] != nullptr; ++i) {
    AddOutputs(op.outputs[i]);
  }
  if (!case_.inputs.empty() && random_->Chance(50)) {
    for (int64_t n = random_->Chance(70) ? 1 : 3; n > 0; --n) Spoil();
  }
  Describe();
  return std::move(case_);
}

void Generator::SetType(const std::string& name, DataType dtype) {
  types_[name] = dtype;
  case_.attrs.Type(name.c_str(), dtype);
  case_.text += "\n  " + name + " = " + DataTypeName(dtype);
}

void Generator::SetInt(const std::string& name, int64_t value) {
  ints_[name] = value;
  case_.attrs.Int(name.c_str(), value);
  case_.text += "\n  " + name + " = " + std::to_string(value);
}

void Generator::MakeAttr(const std::string& text) {
  const AttrSpec spec(text);
  const char* const name = spec.name.c_str();
  const Item* const item = Find(spec.name);
  if (types_.count(spec.name) > 0) return;  // the kernel's
  // Two seeds of 0 mean a seed from the system, but a case has to be the same each time.
  const bool seed = spec.name == "seed";
  const bool needed = spec.type == "type" || spec.type == "shape" || seed || item != nullptr;
  if (spec.has_default && !needed && random_->Chance(50)) return;
  if (spec.type == "type") {
    std::vector<DataType> types = spec.types;
    if (types.empty() && random_->Chance(70)) {
      types.assign(std::begin(kCommonTypes), std::end(kCommonTypes));
    } else if (types.empty()) {
      types.assign(std::begin(kAllTypes), std::end(kAllTypes));
    }
    DataType type = random_->Pick(types);
    if (table_ != nullptr && !random_->Chance(5)) {
      const bool key = spec.name == "Tin" || spec.name == "Tkey" || spec.name == "Tkeys";
      type = key ? table_->key_dtype() : table_->value_dtype();
    }
    SetType(spec.name, type);
  } else if (spec.type == "int") {
    int64_t value = random_->Below(6) - 1;
    if (item != nullptr && !item->values.empty()) value = Sizes(item->values)[0];
    if (spec.name == "N") value = random_->Below(4);
    if (spoil_attrs_ && spec.name != "N") value = HostileInteger(random_);
    SetInt(spec.name, std::max(value, seed ? 1 : spec.minimum));
  } else if (spec.type == "float") {
    const float value =
        spoil_attrs_ ? HostileFloat(random_) : static_cast<float>(random_->Unit() * 2);
    case_.attrs.Float(name, value);
    case_.text += "\n  " + spec.name + " = " + std::to_string(value);
  } else if (spec.type == "bool") {
    const bool value = random_->Chance(50);
    case_.attrs.Bool(name, value);
    case_.text += "\n  " + spec.name + " = " + (value ? "true" : "false");
  } else if (spec.type == "string") {
    const std::vector<std::string> words = item != nullptr ? Words(*item) : spec.words;
    const bool hostile = words.empty() || (spoil_attrs_ && spec.words.empty());
    const std::string value = hostile ? HostileString(random_) : random_->Pick(words);
    case_.attrs.String(name, value);
    case_.text += "\n  " + spec.name + " = \"" + value + "\"";
  } else if (spec.type == "shape") {
    std::vector<int64_t> dims;
    if (item != nullptr && !random_->Chance(spec.has_default ? 50 : 0)) dims = Sizes(item->shape);
    if (item == nullptr) dims = Sizes(std::string("abc?").substr(random_->Below(5)));
    if (spoil_attrs_ && !dims.empty()) {
      dims[random_->Below(static_cast<int64_t>(dims.size()))] = std::max<int64_t>(
          -1, random_->Chance(50) ? random_->Below(4) - 1 : random_->Pick(kHugeSizes));
    }
    if (CountOf(dims) == kTooMany) dims.clear();  // TensorFlow has no such shape
    case_.attrs.Shape(name, dims);
    if (spoil_attrs_ && random_->Chance(10)) case_.attrs.UnknownShape(name);
    case_.text +=
        "\n  " + spec.name + " = " + ShapeText(static_cast<int>(dims.size()), dims.data()).c_str();
  } else if (spec.type == "list(int)") {
    std::vector<int64_t> values(random_->Below(5), 1);
    if (item != nullptr) values = Sizes(item->values);
    case_.text += "\n  " + spec.name + " =";
    for (int64_t& value : values) {
      if (item == nullptr) value = random_->Below(4);
      if (spoil_attrs_ && random_->Chance(30)) value = HostileInteger(random_);
      case_.text += " " + std::to_string(value);
    }
    case_.attrs.IntList(name, values);
  } else if (spec.type == "list(type)") {
    // The types of values go with N, the number of the other parts of a list input.
    std::vector<DataType> types(ints_.count("N") > 0 && type_lists_.empty() ? ints_["N"]
                                                                            : random_->Below(3));
    for (DataType& type : types) {
      type = spec.types.empty() ? random_->Pick(kCommonTypes) : random_->Pick(spec.types);
    }
    type_lists_[spec.name] = types;
    case_.attrs.TypeList(name, types);
  } else {
    std::fprintf(stderr, "ops/fuzz: the attr \"%s\" is of a kind that is not known\n",
                 text.c_str());
    std::abort();
  }
}

std::vector<DataType> Generator::TypesOf(const ArgumentSpec& argument) {
  if (type_lists_.count(argument.type) > 0) return type_lists_[argument.type];
  const int64_t n = argument.number.empty() ? 1 : ints_[argument.number];
  const auto attr = types_.find(argument.type);
  return std::vector<DataType>(
      n, attr != types_.end() ? attr->second : testing::TypeNamed(argument.type));
}

void Generator::AddOutputs(const std::string& spec) {
  for (DataType dtype : TypesOf(ArgumentSpec(spec))) case_.output_dtypes.push_back(dtype);
}

void Generator::MakeInputs(const std::string& spec) {
  const ArgumentSpec argument(spec);
  part_ = 0;
  for (DataType dtype : TypesOf(argument)) {
    CaseInput input{argument.name, CaseInput::kTensor, TestTensor()};
    if (argument.name == "table_handle") {
      input.kind = CaseInput::kTable;
      input.tensor = TestTensor(DT_STRING, std::vector<int64_t>(argument.is_ref ? 1 : 0, 2));
    } else {
      if (argument.is_ref) {
        const bool without = case_.op->takes_uninitialized && random_->Chance(60);
        input.kind = without ? CaseInput::kUninitialized : CaseInput::kVariable;
      }
      FillInput(&input, dtype);
    }
    case_.inputs.push_back(std::move(input));
    ++part_;
  }
}

void Generator::FillInput(CaseInput* input, DataType dtype) {
  const Item* const item = Find(input->name);
  std::vector<int64_t> dims =
      Sizes(item != nullptr ? item->shape : std::string("abcd").substr(random_->Below(5)));
  if (dtype == DT_RESOURCE) dims.clear();
  while (CountOf(dims) > kMostElements) *std::max_element(dims.begin(), dims.end()) /= 2;
  input->tensor = MakeTensor(random_, dtype, dims);
  if (item != nullptr) FillFromRecipe(*item, &input->tensor);
}

void Generator::FillFromRecipe(const Item& item, TestTensor* tensor) {
  const bool integers = tensor->dtype() == DT_INT32 || tensor->dtype() == DT_INT64;
  if (tensor->dtype() == DT_STRING && !item.values.empty()) {
    std::vector<std::string> strings(tensor->count());
    for (std::string& text : strings) text = random_->Pick(Words(item));
    *tensor = TestTensor(tensor->dims(), strings);
  } else if (!item.values.empty()) {
    const std::vector<int64_t> values = Sizes(item.values);
    for (int64_t i = 0; i < tensor->count(); ++i) {
      const int64_t value = values[i % values.size()];
      SetNumber(*tensor, i, value, static_cast<double>(value));
    }
  } else if (!item.bounds.empty() && integers) {
    const std::vector<int64_t> bounds = Sizes(item.bounds);
    const int64_t columns = static_cast<int64_t>(bounds.size()), rows = tensor->count() / columns;
    std::vector<std::vector<int64_t>> values(rows, bounds);
    for (std::vector<int64_t>& row : values) {
      for (int64_t& value : row) value = random_->Below(std::max<int64_t>(value, 1));
    }
    if (random_->Chance(60)) std::sort(values.begin(), values.end());
    for (int64_t i = 0; i < rows * columns; ++i) {
      SetNumber(*tensor, i, values[i / columns][i % columns], 0);
    }
  }
}

void Generator::Spoil() {
  CaseInput& input = case_.inputs[random_->Below(static_cast<int64_t>(case_.inputs.size()))];
  // Handles come from the runtime.
  if (input.kind == CaseInput::kTable || input.tensor.dtype() == DT_RESOURCE) return;
  if (random_->Chance(40)) {
    SpoilShape(&input);
  } else {
    SpoilElements(random_, &input.tensor);
  }
}

void Generator::SpoilShape(CaseInput* input) {
  std::vector<int64_t> dims = input->tensor.dims();
  const int64_t rank = static_cast<int64_t>(dims.size());
  const int64_t kind = random_->Below(6);
  if (rank == 0 || kind == 0) {
    dims.insert(dims.begin() + random_->Below(rank + 1), random_->Below(4));
  } else if (kind == 1) {
    dims.erase(dims.begin() + random_->Below(rank));
  } else if (kind == 2) {
    dims.clear();
  } else if (kind == 3) {
    dims[random_->Below(rank)] = random_->Below(2);
  } else if (kind == 4) {
    dims[random_->Below(rank)] = 1 + random_->Below(6);
  } else {
    // No elements, yet sizes whose product does not fit. The zero comes first, else TensorFlow
    // has no such tensor.
    for (int64_t& dim : dims) {
      if (random_->Chance(60)) dim = random_->Pick(kHugeSizes);
    }
    dims[random_->Chance(50) ? 0 : random_->Below(rank)] = 0;
  }
  const int64_t count = CountOf(dims);
  if (count == kTooMany || count > kMostElements) return;
  input->tensor = MakeTensor(random_, input->tensor.dtype(), dims);
}

void Generator::Describe() {
  for (const CaseInput& input : case_.inputs) {
    std::ostringstream out;
    static constexpr const char* kKinds[] = {"", "variable ", "uninitialized ", "table"};
    out << "\n  " << input.name << ": " << kKinds[input.kind];
    if (input.kind != CaseInput::kTable) out << input.tensor;
    case_.text += out.str();
  }
  case_.text = case_.op->name + case_.text;
}

}  // namespace fuzz
}  // namespace opgraft
