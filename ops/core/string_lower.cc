// StringLower: lowercases the bytes A-Z, or with encoding 'utf-8' every character of Unicode.
#include <algorithm>
#include <string>

#include "ops/core/unicode_lower.h"
#include "ops/kernel/op_builder.h"

namespace opgraft {
namespace {

void LowerAscii(StringView text, std::string* lower) {
  lower->resize(text.size);
  std::transform(text.data, text.data + text.size, &(*lower)[0],
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
}

class StringLower final : public Kernel {
 public:
  Status Init(Attrs* attrs) override {
    StringView encoding;
    OPGRAFT_RETURN_IF_ERROR(attrs->String("encoding", &encoding));
    if (encoding.size == 0) {
      lower_ = LowerAscii;
    } else if (encoding == StringView{"utf-8", 5}) {
      lower_ = LowerUtf8;
    } else {
      return InvalidArgument("only utf-8 or '' (no encoding) is supported, received %.*s",
                             static_cast<int>(std::min<size_t>(encoding.size, 100)), encoding.data);
    }
    return Status();
  }

  Status Compute(KernelContext* context) override {
    const TensorView& input = context->input(0);
    TensorView output;
    OPGRAFT_RETURN_IF_ERROR(context->AllocateOutput(0, input.rank, input.dims, &output));
    context->ParallelFor(input.count, /*cost=*/100, [&](int64_t begin, int64_t end) {
      constexpr int64_t kBatch = 64;
      StringView texts[kBatch];
      std::string lower;
      while (begin < end) {
        const int64_t n = std::min(kBatch, end - begin);
        context->ReadStrings(input, begin, n, texts);
        for (int64_t i = 0; i < n; ++i) {
          lower_(texts[i], &lower);
          context->WriteString(output, begin + i, StringView{lower.data(), lower.size()});
        }
        begin += n;
      }
    });
    return Status();
  }

 private:
  void (*lower_)(StringView text, std::string* lower);
};

Status UnchangedShape(ShapeContext* context) {
  context->set_output(0, context->input(0));
  return Status();
}

constexpr KernelDefinition kKernels[] = {ClassKernel<StringLower>()};

OPGRAFT_REGISTER_OP(string_lower, OpBuilder("StringLower")
                                      .Input("input: string")
                                      .Output("output: string")
                                      .Attr("encoding: string = ''")
                                      .Shape(UnchangedShape)
                                      .Kernels(kKernels));

}  // namespace
}  // namespace opgraft
