#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ops/kernel/testing.h"

namespace opgraft {
namespace {

using testing::FakeAttrs;
using testing::FakeContext;
using testing::InferShape;
using testing::RunOp;
using testing::TestTensor;
using Strings = std::vector<std::string>;

Strings Lower(const char* encoding, const Strings& texts) {
  FakeContext context;
  context.Parallel(3, 2).Input(TestTensor({static_cast<int64_t>(texts.size())}, texts));
  EXPECT_OK(RunOp("StringLower", FakeAttrs().String("encoding", encoding), &context));
  return context.output(0).strings();
}

TEST(StringLowerTest, WithoutEncodingLowersBytes) {
  EXPECT_EQ(Lower("", {"AbC", "", u8"ÀZ", "@[`{", std::string("A\0B\xff", 4)}),
            (Strings{"abc", "", u8"Àz", "@[`{", std::string("a\0b\xff", 4)}));
}

TEST(StringLowerTest, Utf8LowersCharacters) {
  EXPECT_EQ(Lower("utf-8", {"AbC", "", u8"ÀZ", "\xff"}), (Strings{"abc", "", u8"àz", u8"\ufffd"}));
}

TEST(StringLowerTest, LargeTensorsKeepTheirShape) {
  const Strings texts(1000, "Some Longer Text Than Fits Into A Small String");
  FakeContext context;
  context.Parallel(7, 3).Input(TestTensor({10, 100}, texts));
  ASSERT_OK(RunOp("StringLower", FakeAttrs(), &context));
  EXPECT_EQ(context.output(0).dims(), (std::vector<int64_t>{10, 100}));
  EXPECT_EQ(context.output(0).strings(),
            Strings(1000, "some longer text than fits into a small string"));
}

TEST(StringLowerTest, RejectsOtherEncodings) {
  for (const char* encoding : {"utf-16", "UTF-8", "utf8", "ascii"}) {
    FakeContext context;
    context.Input(TestTensor({1}, Strings{"A"}));
    EXPECT_ERROR(RunOp("StringLower", FakeAttrs().String("encoding", encoding), &context),
                 Code::kInvalidArgument,
                 std::string("only utf-8 or '' (no encoding) is supported, received ") + encoding);
  }
}

TEST(StringLowerTest, Shapes) {
  EXPECT_EQ(InferShape("StringLower", FakeAttrs(), {"[2,?]"}), "[2,?]");
  EXPECT_EQ(InferShape("StringLower", FakeAttrs(), {"?"}), "?");
}

}  // namespace
}  // namespace opgraft
