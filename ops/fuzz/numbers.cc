#include "ops/fuzz/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/kernel/half.h"

namespace opgraft {
namespace fuzz {
namespace {

using testing::TestTensor;

constexpr int64_t kIntegers[] = {0,
                                 1,
                                 -1,
                                 2,
                                 -2,
                                 7,
                                 127,
                                 255,
                                 256,
                                 -128,
                                 32767,
                                 65535,
                                 INT32_MAX,
                                 INT32_MAX - 1,
                                 INT32_MIN,
                                 int64_t{1} << 31,
                                 int64_t{1} << 32,
                                 (int64_t{1} << 32) + 1,
                                 int64_t{1} << 53,
                                 int64_t{1} << 62,
                                 INT64_MAX,
                                 INT64_MIN};
constexpr double kReals[] = {0.0,     -0.0,  0.5,       -0.5,      -1.0,    1e-45,  1e-310,
                             65504.,  65520, 16777217., 0x1p31,    -0x1p31, 0x1p32, 0x1p63,
                             -0x1p63, 1e30,  -1e30,     3.4028e38, -3.4e38, 1e300,  -1e300,
                             NAN,     NAN,   INFINITY,  -INFINITY};
constexpr const char* kWords[] = {"a",
                                  "b",
                                  "the",
                                  "quick",
                                  "fox",
                                  "A_X_B",
                                  "\xC3\x84"
                                  "B",
                                  "0",
                                  "1"};
constexpr const char* kPieces[] = {" ",
                                   ":",
                                   "\t",
                                   "\n",
                                   "-",
                                   "+",
                                   ".",
                                   "e",
                                   "nan",
                                   "-inf",
                                   "1",
                                   "0",
                                   "17",
                                   "1:2",
                                   "::",
                                   "-1:1",
                                   "1e",
                                   "1e999",
                                   "#",
                                   "\xff\xfe",
                                   "\xF0\x9F",
                                   "0x1p3",
                                   ",",
                                   "99999999999999999999",
                                   "18446744073709551616:1",
                                   "9223372036854775807:3",
                                   "\xE2\x84\xAA"};

template <class T>
void Put(const TestTensor& tensor, int64_t i, T value) {
  tensor.view().flat<T>()[i] = value;
}

std::string Digits(Random* random) { return std::to_string(random->Below(10)); }

std::string Record(Random* random) {  // of LIBSVM
  std::string line = Digits(random);
  for (int64_t n = random->Below(4), i = 0; n > 0; --n) {
    i += random->Below(3);
    line += " " + std::to_string(i++) + ":" + (random->Chance(20) ? "-" : "") + Digits(random);
    if (random->Chance(20)) line += "." + Digits(random);
  }
  return line;
}

}  // namespace

void SetNumber(const TestTensor& tensor, int64_t i, int64_t whole, double real) {
  switch (tensor.dtype()) {
    case DT_FLOAT:
      return Put(tensor, i, static_cast<float>(real));
    case DT_DOUBLE:
      return Put(tensor, i, real);
    case DT_HALF:
      return Put(tensor, i, ToHalf(static_cast<float>(real)));
    case DT_BFLOAT16:
      return Put(tensor, i, ToBFloat16(static_cast<float>(real)));
    case DT_COMPLEX64:
      return Put(tensor, i,
                 std::complex<float>(static_cast<float>(real), static_cast<float>(whole)));
    case DT_COMPLEX128:
      return Put(tensor, i, std::complex<double>(real, static_cast<double>(whole)));
    case DT_BOOL:
      return Put(tensor, i, (whole & 1) != 0);
    default:
      break;
  }
  switch (DataTypeSize(tensor.dtype())) {
    case 1:
      return Put(tensor, i, static_cast<int8_t>(whole));
    case 2:
      return Put(tensor, i, static_cast<int16_t>(whole));
    case 4:
      return Put(tensor, i, static_cast<int32_t>(whole));
    case 8:
      return Put(tensor, i, whole);
    default:
      return;  // objects
  }
}

std::vector<int64_t> Integers(const TestTensor& tensor) {
  if (tensor.dtype() == DT_INT64) return tensor.values<int64_t>();
  const std::vector<int32_t> values = tensor.values<int32_t>();
  return std::vector<int64_t>(values.begin(), values.end());
}

std::string Line(Random* random) {
  switch (random->Below(4)) {
    case 0:
      return Record(random);
    case 1:
      return Digits(random);
    case 2:
      return random->Pick(kWords);
    default:
      return std::string(random->Pick(kWords)) + (random->Chance(50) ? "\t" : ",") + Digits(random);
  }
}

std::string HostileString(Random* random) {
  if (random->Chance(10)) return std::string(random->Below(100), '\0');
  std::string text;
  for (int64_t n = random->Below(8); n > 0; --n) text += random->Pick(kPieces);
  if (random->Chance(5)) text.append(random->Below(300), '7');
  return text;
}

int64_t HostileInteger(Random* random) {
  return random->Chance(10) ? static_cast<int64_t>(random->Next()) : random->Pick(kIntegers);
}

float HostileFloat(Random* random) { return static_cast<float>(random->Pick(kReals)); }

TestTensor MakeTensor(Random* random, DataType dtype, const std::vector<int64_t>& dims) {
  if (dtype == DT_STRING) {
    std::vector<std::string> strings(TestTensor(DT_STRING, dims).count());
    const int kind = static_cast<int>(random->Below(4));
    for (std::string& text : strings) {
      text = kind == 0   ? Record(random)
             : kind == 1 ? Digits(random)
             : kind == 2 ? random->Pick(kWords)
                         : Line(random);
    }
    return TestTensor(dims, strings);
  }
  if (dtype == DT_VARIANT || dtype == DT_RESOURCE) {
    return TestTensor::Objects(dtype, dims, std::vector<int64_t>(TestTensor(dtype, dims).count()));
  }
  TestTensor tensor(dtype, dims);
  const int kind = static_cast<int>(random->Below(5));
  const int64_t offset = kind == 0 ? -3 : 0, range = kind == 1 ? 100 : kind == 2 ? 2 : 5;
  double ascending = 0;
  for (int64_t i = 0; i < tensor.count(); ++i) {
    const int64_t whole = offset + random->Below(range);
    ascending += random->Unit();
    const double real = kind == 3 ? ascending : kind == 4 ? random->Unit() : whole + random->Unit();
    SetNumber(tensor, i, kind == 3 ? i : whole, kind == 2 ? static_cast<double>(whole) : real);
  }
  return tensor;
}

void SpoilElements(Random* random, TestTensor* tensor) {
  if (tensor->count() == 0) return;
  const bool all = random->Chance(20);
  const int64_t one = random->Below(tensor->count());
  std::vector<std::string> strings = tensor->strings();
  const int64_t same = HostileInteger(random);
  for (int64_t i = all ? 0 : one; i < (all ? tensor->count() : one + 1); ++i) {
    if (tensor->dtype() == DT_STRING) {
      strings[i] = HostileString(random);
    } else {
      const int64_t whole = all && (same & 1) != 0 ? same : HostileInteger(random);
      SetNumber(*tensor, i, whole, random->Pick(kReals));
    }
  }
  if (tensor->dtype() == DT_STRING) *tensor = TestTensor(tensor->dims(), strings);
}

}  // namespace fuzz
}  // namespace opgraft
