// Expected results are those of TensorFlow 2.21. That all of Unicode agrees with it is checked by
// make_unicode_lower.py --check and by the conformance tests.
#include "ops/core/unicode_lower.h"

#include <string>

#include "gtest/gtest.h"

namespace opgraft {
namespace {

std::string Lower(const std::string& text) {
  std::string lower = "not cleared";
  LowerUtf8(StringView{text.data(), text.size()}, &lower);
  return lower;
}

TEST(LowerUtf8Test, Maps) {
  EXPECT_EQ(Lower(""), "");
  EXPECT_EQ(Lower("AZ[az]@"), "az[az]@");
  EXPECT_EQ(Lower(u8"ÀÖ×ØÞß"), u8"àö×øþß");
  EXPECT_EQ(Lower(u8"\u0100\u0101\u0139\u013a"), u8"\u0101\u0101\u013a\u013a");
  EXPECT_EQ(Lower(u8"\u01c4\u01c5"), u8"\u01c6\u01c6");
  EXPECT_EQ(Lower(u8"\u1e9e\u2126\u2160"), u8"\u00df\u03c9\u2170");
  EXPECT_EQ(Lower(u8"\U00010400\U0001e921"), u8"\U00010428\U0001e943");
  EXPECT_EQ(Lower(u8"\u2c2f\U00010570"), u8"\u2c2f\U00010570");  // capitals since Unicode 14
  EXPECT_EQ(Lower(u8"\u0130"), u8"i\u0307");
}

TEST(LowerUtf8Test, FinalSigma) {
  EXPECT_EQ(Lower(u8"Σ"), u8"σ");
  EXPECT_EQ(Lower(u8"ΑΣ"), u8"ας");
  EXPECT_EQ(Lower(u8"ΑΣΑ"), u8"ασα");
  EXPECT_EQ(Lower(u8"ΑΣ Σ"), u8"ας σ");
  EXPECT_EQ(Lower(u8"ΑΣΣ"), u8"ασς");
  EXPECT_EQ(Lower(u8"Α.Σ"), u8"α.ς");
  EXPECT_EQ(Lower(u8"ΑΣ.Β"), u8"ασ.β");
  EXPECT_EQ(Lower(u8"\u0345Σ"), u8"\u0345σ");
  EXPECT_EQ(Lower(u8"A\u0301Σ\u0301"), u8"a\u0301ς\u0301");
  EXPECT_EQ(Lower("A\xce\xa3\xff"), u8"aς\ufffd");
  EXPECT_EQ(Lower("A\xff\xce\xa3"), u8"a\ufffdσ");
}

TEST(LowerUtf8Test, ReplacesInvalidSequences) {
  const std::string bad = u8"\ufffd";
  EXPECT_EQ(Lower("A\xff"
                  "B"),
            "a" + bad + "b");
  EXPECT_EQ(Lower("\xc3"), bad);
  EXPECT_EQ(Lower("\xc3"
                  "A"),
            bad + "a");
  EXPECT_EQ(Lower("\xe2\x82"
                  "A"),
            bad + "a");  // a truncated character is one
  EXPECT_EQ(Lower("\xe0\x9f"
                  "A"),
            bad + bad + "a");  // overlong
  EXPECT_EQ(Lower("\xc0\x80"), bad + bad);
  EXPECT_EQ(Lower("\xed\xa0\x80"), bad + bad + bad);            // a surrogate
  EXPECT_EQ(Lower("\xf4\x90\x80\x80"), bad + bad + bad + bad);  // above U+10FFFF
  EXPECT_EQ(Lower("\xf0\x9f\x98"), bad);
  EXPECT_EQ(Lower("A\xf0\x90\xf0\x90"), "a" + bad + bad);
}

TEST(LowerUtf8Test, EndsAtAZeroByte) { EXPECT_EQ(Lower(std::string("A\0B", 3)), "a"); }

}  // namespace
}  // namespace opgraft
