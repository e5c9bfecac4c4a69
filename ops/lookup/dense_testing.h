// What the tests of dense tables share.
#ifndef OPGRAFT_OPS_LOOKUP_DENSE_TESTING_H_
#define OPGRAFT_OPS_LOOKUP_DENSE_TESTING_H_

#include <memory>
#include <vector>

#include "ops/lookup/testing.h"

namespace opgraft {
namespace testing {

inline TestTensor W(const Strings& words) { return Vector<std::string>(words); }
inline TestTensor N(const Ints& numbers) { return Vector<int64_t>(numbers); }
inline TestTensor One(int64_t number) { return Scalar<int64_t>(number); }

struct DenseAttrs {
  std::vector<int64_t> value_shape;
  int64_t buckets = 8;
  float load = 0.8f;
  DataType value = DT_INT64;
};

inline Status NewDense(const TestTensor& empty_key, const TestTensor& deleted_key,
                       const DenseAttrs& options, std::unique_ptr<Table>* table,
                       const char* op = "MutableDenseHashTableV2") {
  FakeContext context;
  context.Input(empty_key).Input(deleted_key);
  return MakeTable(op,
                   FakeAttrs()
                       .Type("value_dtype", options.value)
                       .Shape("value_shape", options.value_shape)
                       .Int("initial_num_buckets", options.buckets)
                       .Float("max_load_factor", options.load),
                   &context, table);
}

inline std::unique_ptr<Table> Dense(const TestTensor& empty_key, const TestTensor& deleted_key,
                                    const DenseAttrs& options = DenseAttrs()) {
  std::unique_ptr<Table> table;
  EXPECT_OK(NewDense(empty_key, deleted_key, options, &table));
  return table;
}
inline std::unique_ptr<Table> IntTable(int64_t buckets = 8, float load = 0.8f) {
  return Dense(One(-1), One(-2), {{}, buckets, load, DT_INT64});
}

/// The keys of an export, flat.
inline Ints Buckets(Table* table, Ints* values = nullptr) {
  TestTensor k, v;
  EXPECT_OK(Export(table, DT_INT64, DT_INT64, &k, &v));
  if (values != nullptr) *values = v.values<int64_t>();
  return k.values<int64_t>();
}

}  // namespace testing
}  // namespace opgraft

#endif  // OPGRAFT_OPS_LOOKUP_DENSE_TESTING_H_
