// Expected results are those of tf.contrib.layers.sparse_feature_cross in TensorFlow 1.15.5.
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShapes;
using testing::MakeKernel;
using testing::TestTensor;
using testing::Vector;
using Longs = std::vector<int64_t>;
using Strings = std::vector<std::string>;

/// A column; dense ones have no indices.
struct Column {
  TestTensor values, indices, shape;
  bool dense = false;
};

Column Dense(TestTensor values) { return {std::move(values), TestTensor(), TestTensor(), true}; }

/// A sparse column of rows, whose entries have the batch numbers `batches`.
Column Sparse(TestTensor values, const Longs& batches, int64_t batch_size) {
  Longs indices;
  for (const int64_t batch : batches) indices.insert(indices.end(), {batch, 0});
  return {std::move(values), TestTensor({static_cast<int64_t>(batches.size()), 2}, indices),
          Vector<int64_t>({batch_size, 1})};
}

Column Sparse(const Strings& values, const Longs& batches, int64_t batch_size) {
  return Sparse(TestTensor({static_cast<int64_t>(values.size())}, values), batches, batch_size);
}

struct Kind {
  DataType out = DT_STRING, internal = DT_STRING;
  int64_t buckets = 0;
  bool has_key = false;
  int64_t key = 0;
};

Status Cross(const std::vector<Column>& columns, const Kind& kind, FakeContext* context) {
  int64_t sparse = 0;
  for (const Column& column : columns) sparse += !column.dense;
  for (const TestTensor Column::* part : {&Column::indices, &Column::values, &Column::shape}) {
    for (const Column& column : columns) {
      if (!column.dense) context->Input(column.*part);
    }
  }
  for (const Column& column : columns) {
    if (column.dense) context->Input(column.values);
  }
  context->output_dtypes = {DT_INT64, kind.out, DT_INT64};
  context->Parallel(2, 2);
  FakeAttrs attrs;
  attrs.Int("N", sparse)
      .Int("num_buckets", kind.buckets)
      .Type("out_type", kind.out)
      .Type("internal_type", kind.internal);
  if (kind.has_key) attrs.Int("hash_key", kind.key);
  std::unique_ptr<Kernel> kernel;
  OPGRAFT_RETURN_IF_ERROR(
      MakeKernel(kind.has_key ? "SparseFeatureCrossV2" : "SparseFeatureCross", attrs, &kernel));
  return kernel->Compute(context);
}

Strings Texts(const std::vector<Column>& columns, DataType internal = DT_STRING) {
  FakeContext context;
  EXPECT_OK(Cross(columns, {DT_STRING, internal}, &context));
  return context.output(1).strings();
}

Longs Hashes(const std::vector<Column>& columns, Kind kind) {
  kind.out = DT_INT64;
  FakeContext context;
  EXPECT_OK(Cross(columns, kind, &context));
  return context.output(1).values<int64_t>();
}

TEST(SparseFeatureCrossTest, TheExampleOfTheDocumentation) {
  FakeContext context;
  ASSERT_OK(Cross({Sparse({"a", "b", "c"}, {0, 1, 1}, 2), Sparse({"d", "e"}, {0, 1}, 2),
                   Dense(TestTensor({2, 1}, Strings{"f", "g"}))},
                  {}, &context));
  EXPECT_EQ(context.output(0), TestTensor({3, 2}, Longs{0, 0, 1, 0, 1, 1}));
  EXPECT_EQ(context.output(1), TestTensor({3}, Strings{"a_X_d_X_f", "b_X_e_X_g", "c_X_e_X_g"}));
  EXPECT_EQ(context.output(2), Vector<int64_t>({2, 2}));
}

TEST(SparseFeatureCrossTest, TheLastColumnChangesFastest) {
  EXPECT_EQ(Texts({Sparse({"a", "b"}, {0, 0}, 1), Sparse({"", "d"}, {0, 0}, 1),
                   Dense(TestTensor({1, 2}, Strings{"e", "f"}))}),
            (Strings{"a_X__X_e", "a_X__X_f", "a_X_d_X_e", "a_X_d_X_f", "b_X__X_e", "b_X__X_f",
                     "b_X_d_X_e", "b_X_d_X_f"}));
}

TEST(SparseFeatureCrossTest, Numbers) {
  EXPECT_EQ(Texts({Sparse(Vector<int64_t>({INT64_MIN, 7}), {0, 1}, 2),
                   Dense(TestTensor({2, 1}, Strings{"x", "y"}))},
                  DT_INT64),
            (Strings{"-9223372036854775808_X_x", "7_X_y"}));
}

TEST(SparseFeatureCrossTest, RowsWithoutAFeature) {
  const Column all = Sparse({"a", "b", "c", "d"}, {0, 1, 2, 3}, 4);
  const Column some = Sparse({"x", "y", "z"}, {1, 1, 3}, 4);
  EXPECT_EQ(Texts({all, some}), (Strings{"b_X_x", "b_X_y", "d_X_z"}));
  EXPECT_EQ(Texts({some, all}), (Strings{"x_X_b", "y_X_b", "z_X_d"}));
  EXPECT_EQ(Texts({all, Sparse(Strings{}, {}, 4)}), Strings());
  EXPECT_EQ(Texts({all, Dense(TestTensor(DT_STRING, {4, 0}))}), Strings());
}

TEST(SparseFeatureCrossTest, NothingAtAll) {
  FakeContext context;
  ASSERT_OK(Cross({}, {}, &context));
  EXPECT_EQ(context.output(0), TestTensor(DT_INT64, {0, 2}));
  EXPECT_EQ(context.output(1), TestTensor(DT_STRING, {0}));
  EXPECT_EQ(context.output(2), Vector<int64_t>({0, 0}));
}

TEST(SparseFeatureCrossTest, RowsOutOfOrderOrOutOfTheBatchEndTheColumn) {
  EXPECT_EQ(Texts({Sparse({"a", "b", "c"}, {1, 0, 2}, 3)}), (Strings{"a"}));
  EXPECT_EQ(Texts({Sparse({"a", "b", "c"}, {0, 3, 1}, 3)}), (Strings{"a"}));
  EXPECT_EQ(Texts({Sparse({"a", "b"}, {-1, 0}, 3)}), Strings());
  EXPECT_EQ(Texts({Sparse({"a", "b", "c"}, {0, 2, 0}, 3)}), (Strings{"a", "b"}));
}

TEST(SparseFeatureCrossTest, AHugeBatchCostsNothing) {
  FakeContext context;
  ASSERT_OK(Cross({Sparse({"a"}, {INT64_MAX - 1}, INT64_MAX)}, {}, &context));
  EXPECT_EQ(context.output(0), TestTensor({1, 2}, Longs{INT64_MAX - 1, 0}));
  EXPECT_EQ(context.output(2), Vector<int64_t>({INT64_MAX, 1}));
  FakeContext dense;
  ASSERT_OK(Cross({Dense(TestTensor(DT_STRING, {int64_t{1} << 40, 0}))}, {}, &dense));
  EXPECT_EQ(dense.output(2), Vector<int64_t>({int64_t{1} << 40, 0}));
}

TEST(SparseFeatureCrossTest, Hashes) {
  const std::vector<Column> texts = {Sparse({"a", "b"}, {0, 0}, 1), Sparse({"x", "y"}, {0, 0}, 1)};
  const std::vector<Column> numbers = {Sparse(Vector<int64_t>({1, -2}), {0, 0}, 1),
                                       Sparse(Vector<int64_t>({5, int64_t{1} << 62}), {0, 0}, 1)};
  EXPECT_EQ(
      Hashes(texts, {DT_INT64, DT_STRING, 0}),
      (Longs{3759571025081777903, 7157023685957598110, 6395431864264165291, 2864180611071903013}));
  EXPECT_EQ(
      Hashes(numbers, {DT_INT64, DT_STRING, 0}),
      (Longs{2148546192418819498, 6760232210846207409, 2148546192418830422, 6760232210846218323}));
  EXPECT_EQ(Hashes(texts, {DT_INT64, DT_STRING, 100}), (Longs{3, 10, 91, 20}));
  EXPECT_EQ(Hashes(numbers, {DT_INT64, DT_STRING, 100}), (Longs{98, 9, 22, 23}));
  EXPECT_EQ(
      Hashes(texts, {DT_INT64, DT_STRING, 0, true, 0xdecafcaffe}),
      (Longs{1484974617627318892, 3920818148696658747, 3552177129620670004, 5470948523078679805}));
  EXPECT_EQ(
      Hashes(numbers, {DT_INT64, DT_STRING, 0, true, 0xdecafcaffe}),
      (Longs{6135528351060340733, 2014635399825469523, 6243880976384436079, 6066155007596500351}));
  EXPECT_EQ(Hashes(texts, {DT_INT64, DT_STRING, 100, true, 0xdecafcaffe}), (Longs{92, 47, 4, 5}));
  EXPECT_EQ(Hashes(numbers, {DT_INT64, DT_STRING, 100, true, 0xdecafcaffe}),
            (Longs{33, 23, 79, 51}));
  EXPECT_EQ(
      Hashes(texts, {DT_INT64, DT_STRING, 0, true, 0x1}),
      (Longs{4587187218450306006, 5435880559309135994, 3050726035604380138, 9019820504788768345}));
  EXPECT_EQ(
      Hashes(numbers, {DT_INT64, DT_STRING, 0, true, 0x1}),
      (Longs{2886301951196426944, 1301564561409782422, 386751243741490653, 4630495822778306367}));
  EXPECT_EQ(Hashes(texts, {DT_INT64, DT_STRING, 100, true, 0x1}), (Longs{6, 94, 45, 45}));
  EXPECT_EQ(Hashes(numbers, {DT_INT64, DT_STRING, 100, true, 0x1}), (Longs{51, 22, 60, 67}));
}

TEST(SparseFeatureCrossTest, BadColumns) {
  const Column good = Sparse({"a"}, {0}, 1);
  const auto expect = [&](Column bad, const char* text) {
    FakeContext context;
    EXPECT_ERROR(Cross({good, bad}, {}, &context), Code::kInvalidArgument, text);
  };
  const auto with = [&](auto part, TestTensor tensor) {
    Column bad = good;
    bad.*part = std::move(tensor);
    return bad;
  };
  expect(with(&Column::indices, Vector<int64_t>({0, 0})),
         "Input indices should be a matrix but received shape [2] at position 1");
  expect(with(&Column::indices, TestTensor({1, 3}, Longs{0, 0, 0})),
         "Expected D2 of index to be 2 got 3 at position 1");
  expect(with(&Column::values, TestTensor({1, 1}, Strings{"a"})),
         "Input values should be a vector but received shape [1,1] at position 1");
  expect(with(&Column::values, TestTensor({2}, Strings{"a", "b"})),
         "Expected size of values to be 1 got 2 at position 1");
  expect(with(&Column::shape, testing::Scalar<int64_t>(1)),
         "Input shapes should be a vector but received shape [] at position 1");
  expect(with(&Column::shape, Vector<int64_t>({1, 1, 1})),
         "shape should imply a 2D tensor, but got [3] at position 1");
  expect(with(&Column::shape, Vector<int64_t>({2, 1})),
         "Expected batch size 1 got 2 at position 1");
  expect(with(&Column::shape, Vector<int64_t>({-1, 1})),
         "batch size must be >= 0, is -1 at position 1");
  expect(Dense(TestTensor({1}, Strings{"a"})),
         "Dense inputs should be a matrix but received shape [1] at position 0");
  expect(Dense(TestTensor({2, 1}, Strings{"a", "b"})),
         "Expected batch size 1 got 2 at dense tensor 0");
  expect(Sparse(Vector<int64_t>({1}), {0}, 1),
         "internal_type string needs strings, but feature column 1 is int64");
}

TEST(SparseFeatureCrossTest, TooManyCrosses) {
  const Column wide = Dense(TestTensor({1, 10000}, Strings(10000)));
  FakeContext context;
  EXPECT_ERROR(Cross(std::vector<Column>(5, wide), {}, &context), Code::kInvalidArgument,
               "row 0 has more than 576460752303423487 crosses");
}

TEST(SparseFeatureCrossTest, AllocationFails) {
  FakeContext context;
  context.AllocationLimit(8);
  const Column column = Sparse({"a", "b", "c"}, {0, 0, 0}, 1);
  EXPECT_ERROR(Cross({column, column}, {}, &context), Code::kResourceExhausted, "OOM");
}

TEST(SparseFeatureCrossTest, Shapes) {
  for (const char* op : {"SparseFeatureCross", "SparseFeatureCrossV2"}) {
    Strings shapes;
    ASSERT_OK(InferShapes(op, FakeAttrs().Int("N", 1), {"[3,2]", "[3]", "[2]"}, &shapes));
    EXPECT_EQ(shapes, (Strings{"[?,2]", "[?]", "[2]"}));
  }
}

}  // namespace
}  // namespace opgraft
