// Expected values are those of tf.fingerprint and tf.contrib's ops in TensorFlow 1.15.5.
#include "ops/contrib/fingerprint.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "ops/contrib/murmur.h"

namespace opgraft {
namespace {

StringView View(const std::string& text) { return {text.data(), text.size()}; }

/// Bytes that are not text, different for each length.
std::string Bytes(int n) {
  std::string bytes;
  for (int i = 0; i < n; ++i) bytes.push_back(static_cast<char>(i * 37 + n));
  return bytes;
}

struct Expected {
  int size;
  uint64_t fingerprint;
  float hash;
};

// All lengths at which another formula begins, and blocks of 64 with and without a rest.
const Expected kExpected[] = {
    {0, 0x9ae16a3b2f90404f, 6.14250912e+18f},   {1, 0x47a24c13b17e583e, 4.33467286e+18f},
    {2, 0x02fc9608ba44d8f4, 8.88940418e+18f},   {3, 0x122fe5ab4ecfb1e6, 1.69611774e+19f},
    {4, 0xa287078f860b7e33, 3.45325211e+18f},   {5, 0xc7592692fa158a82, 1.57877467e+19f},
    {7, 0x9973b8199e43c7cc, 1.04416617e+19f},   {8, 0xd3d2fd5846306608, 1.19864992e+18f},
    {9, 0xd7190c16bcedd521, 2.63002714e+18f},   {15, 0xe98025ce297b1f04, 7.65755973e+18f},
    {16, 0x3c36c4e2d1fceef4, 4.99565616e+17f},  {17, 0x26bc0468c6bb6bd5, 5.48833928e+18f},
    {24, 0x3f44c18287098d79, 1.9455112e+18f},   {31, 0xe7fa81df2ec95e48, 1.75855299e+18f},
    {32, 0xd8a8e27ed9bd6ce8, 1.57423567e+19f},  {33, 0x204bad37461d76d5, 7.75338546e+18f},
    {48, 0xc85b4c98bec2da9c, 8.46255232e+18f},  {63, 0xf22d9051783b57e0, 6.38403334e+18f},
    {64, 0xf96c26fdfe6f54af, 1.17861566e+19f},  {65, 0xebc047182c187656, 8.7775756e+18f},
    {100, 0xc9ef698f26dde197, 5.82236102e+18f}, {127, 0xf093962a5a048b5c, 8.22289397e+18f},
    {128, 0xf795d5f230985ece, 1.62988657e+19f}, {129, 0x57c74ec6ef753e58, 1.11679573e+19f},
    {191, 0xbd57edab5523e9c2, 8.59784283e+18f}, {192, 0x73eec7dde3cbc9ec, 8.62642518e+18f},
    {193, 0x219e6969e72632c4, 9.22872446e+18f}, {1000, 0x6fc3e94085f7b4b3, 9.92474281e+18f},
};

TEST(FingerprintTest, AsTensorFlow) {
  for (const Expected& expected : kExpected) {
    EXPECT_EQ(Fingerprint64(View(Bytes(expected.size))), expected.fingerprint) << expected.size;
  }
}

TEST(FingerprintTest, Nothing) {
  EXPECT_EQ(Fingerprint64({nullptr, 0}), Fingerprint64({"", 0}));
  EXPECT_EQ(StdHash({nullptr, 0}), StdHash({"", 0}));
}

TEST(FingerprintTest, Combines) {
  const uint64_t hello = Fingerprint64({"Hello", 5}), world = Fingerprint64({"World", 5});
  EXPECT_EQ(hello, 15404698994557526151u);
  EXPECT_EQ(FingerprintCat64(hello, world), 16877292868973613377u);
  EXPECT_EQ(FingerprintCat64(world, hello), 7158413233176775252u);
}

TEST(FingerprintTest, StdHashAsTensorFlow) {
  for (const Expected& expected : kExpected) {
    EXPECT_EQ(static_cast<float>(StdHash(View(Bytes(expected.size)))), expected.hash)
        << expected.size;
  }
}

#ifdef __GLIBCXX__
TEST(FingerprintTest, StdHashAsThisLibrary) {
  for (int n = 0; n < 200; ++n) {
    EXPECT_EQ(StdHash(View(Bytes(n))), std::hash<std::string>()(Bytes(n))) << n;
  }
}
#endif

}  // namespace
}  // namespace opgraft
