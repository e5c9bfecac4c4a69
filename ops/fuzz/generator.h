// Generated inputs for any registered op, from its definition and a recipe (recipes.h).
#ifndef OPGRAFT_OPS_FUZZ_GENERATOR_H_
#define OPGRAFT_OPS_FUZZ_GENERATOR_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ops/fuzz/random.h"
#include "ops/fuzz/recipes.h"
#include "ops/kernel/testing.h"
#include "ops/kernel/testing_spec.h"

namespace opgraft {
namespace fuzz {

struct CaseInput {
  enum Kind { kTensor, kVariable, kUninitialized, kTable };
  std::string name;
  Kind kind;
  testing::TestTensor tensor;  // a table: the shape of its handle
};

/// One step of one op.
struct Case {
  const OpDefinition* op;
  testing::FakeAttrs attrs;
  std::vector<CaseInput> inputs;
  std::vector<DataType> output_dtypes;
  std::string text;  // attrs and inputs, for a report
};

/// Makes the steps of one case: they share the sizes that recipes name by letters.
class Generator {
 public:
  explicit Generator(Random* random);
  /// `table` is what the op works on if it takes a table; may be null.
  Case Make(const OpDefinition& op, const Table* table);

 private:
  int64_t Size(char letter);
  std::vector<int64_t> Sizes(const std::string& letters);
  const Item* Find(const std::string& name) const;

  void MakeAttr(const std::string& spec);
  void SetType(const std::string& name, DataType dtype);
  void SetInt(const std::string& name, int64_t value);
  void MakeInputs(const std::string& spec);
  void FillInput(CaseInput* input, DataType dtype);
  void FillFromRecipe(const Item& item, testing::TestTensor* tensor);
  void AddOutputs(const std::string& spec);
  /// The types and the number of tensors that "name: N * type" stands for.
  std::vector<DataType> TypesOf(const testing::ArgumentSpec& argument);

  void Spoil();
  void SpoilShape(CaseInput* input);
  void Describe();

  Random* const random_;
  std::map<std::pair<char, int>, int64_t> sizes_;  // of letters; of capitals for each part
  int part_ = 0;
  const int64_t common_size_;
  std::vector<Item> recipe_;
  bool spoil_attrs_ = false;
  const Table* table_ = nullptr;
  Case case_;
  std::map<std::string, DataType> types_;
  std::map<std::string, std::vector<DataType>> type_lists_;
  std::map<std::string, int64_t> ints_;
};

}  // namespace fuzz
}  // namespace opgraft

#endif  // OPGRAFT_OPS_FUZZ_GENERATOR_H_
