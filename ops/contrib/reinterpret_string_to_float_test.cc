#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/contrib/murmur.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShape;
using testing::RunOp;
using testing::TestTensor;

constexpr char kOp[] = "ReinterpretStringToFloat";

TEST(ReinterpretStringToFloatTest, HashesEachString) {
  std::vector<std::string> texts;
  for (int i = 0; i < 1500; ++i) texts.push_back(std::string(i % 40, static_cast<char>(i)));
  FakeContext context;
  context.Parallel(400, 2).Input(TestTensor({3, 500}, texts));
  ASSERT_OK(RunOp(kOp, FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (std::vector<int64_t>{3, 500}));
  const std::vector<float> values = context.output(0).values<float>();
  for (int i = 0; i < 1500; ++i) {
    EXPECT_EQ(values[i], static_cast<float>(StdHash({texts[i].data(), texts[i].size()}))) << i;
  }
}

TEST(ReinterpretStringToFloatTest, AsTensorFlow) {
  FakeContext context;
  context.Input(TestTensor({2}, std::vector<std::string>{"", "abc"}));
  ASSERT_OK(RunOp(kOp, FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).values<float>(),
            (std::vector<float>{6.14250912e+18f, 3.66372668e+18f}));
}

TEST(ReinterpretStringToFloatTest, Shapes) {
  FakeContext context;
  context.Input(TestTensor(DT_STRING, {2, 0}));
  ASSERT_OK(RunOp(kOp, FakeAttrs(), &context));
  EXPECT_EQ(context.output(0), TestTensor(DT_FLOAT, {2, 0}));
  EXPECT_EQ(InferShape(kOp, FakeAttrs(), {"[?,3]"}), "[?,3]");
  EXPECT_EQ(InferShape(kOp, FakeAttrs(), {"?"}), "?");
}

}  // namespace
}  // namespace opgraft
