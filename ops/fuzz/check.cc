#include "ops/fuzz/check.h"

#include <cstdlib>
#include <exception>
#include <limits>
#include <new>
#include <sstream>
#include <stdexcept>
#include <type_traits>

#include "ops/fuzz/numbers.h"

namespace opgraft {
namespace fuzz {
namespace {

using testing::FakeContext;
using testing::InputValues;
using testing::TestTensor;

constexpr int64_t kMostOutputs = 1 << 18;

void AddInputs(const Case& step, Table* table, FakeContext* context) {
  context->output_dtypes = step.output_dtypes;
  context->AllocationLimit(kMostOutputs);
  context->AddFile("a", "a\t1\nb\t2\nthe\t3\n").AddFile("b", "1,2\r\n\n,\n").AddFile("0", "");
  for (const CaseInput& input : step.inputs) {
    switch (input.kind) {
      case CaseInput::kTensor:
        context->Input(input.tensor);
        break;
      case CaseInput::kVariable:
        context->InputRef(input.tensor);
        break;
      case CaseInput::kUninitialized:
        context->InputUninitializedRef(input.tensor.dtype(), input.tensor.dims());
        break;
      case CaseInput::kTable:
        context->InputTable(table);
        break;
    }
  }
}

/// Runs f. Adapters make ResourceExhausted of an exception that means too little memory; no other
/// may leave a kernel.
template <class F>
Code Call(const F& f, std::string* finding) {
  try {
    const Status status = f();
    if (!status.ok() && *status.message() == '\0') *finding = "an error without a message";
    return status.code();
  } catch (const std::bad_alloc&) {
    return Code::kResourceExhausted;
  } catch (const std::length_error&) {
    return Code::kResourceExhausted;
  } catch (const std::exception& error) {
    *finding = std::string("an exception: ") + error.what();
    return Code::kInternal;
  }
}

Code Compute(const Case& step, FakeContext* context, std::string* finding) {
  std::srand(1);  // stereograms take their dots from the C library
  return Call(
      [&] {
        std::unique_ptr<Kernel> kernel;
        OPGRAFT_RETURN_IF_ERROR(testing::MakeKernel(step.op->name, step.attrs, &kernel));
        return kernel->Compute(context);
      },
      finding);
}

std::string ShapeOf(const TestTensor& tensor, Random* random, bool whole) {
  if (!whole && random->Chance(10)) return "?";
  std::string text;
  for (int64_t dim : tensor.dims()) {
    text += text.empty() ? "" : ",";
    text += !whole && random->Chance(20) ? "?" : std::to_string(dim);
  }
  return "[" + text + "]";
}

/// Whether "[2,?]" or "?" fits a tensor.
bool Fits(const std::string& shape, const TestTensor& tensor) {
  if (shape == "?") return true;
  std::stringstream in(shape.substr(1, shape.size() - 2));
  size_t i = 0;
  for (std::string dim; std::getline(in, dim, ','); ++i) {
    if (i >= tensor.dims().size()) return false;
    if (dim != "?" && dim != std::to_string(tensor.dims()[i])) return false;
  }
  return i == tensor.dims().size();
}

/// What the shape function gets wrong. `outputs` is null if the kernel failed.
std::string CheckShapes(const Case& step, const Table* table, const FakeContext* outputs,
                        Random* random, bool whole) {
  std::vector<std::string> inputs, inferred;
  InputValues values;
  std::map<int, testing::TableInfo> tables;
  for (const CaseInput& input : step.inputs) {
    const int i = static_cast<int>(inputs.size());
    const bool integer = input.tensor.dtype() == DT_INT32 || input.tensor.dtype() == DT_INT64;
    inputs.push_back(ShapeOf(input.tensor, random, whole));
    if (integer && input.tensor.dims().size() < 2 && (whole || random->Chance(50))) {
      inputs.back() = ShapeOf(input.tensor, random, true);  // a known value has a known shape
      values[i] = Integers(input.tensor);
    }
    if (table != nullptr && input.kind == CaseInput::kTable) {
      tables[i] = {table->key_dtype(), ShapeText(table->key_rank(), table->key_dims()).c_str(),
                   table->value_dtype(),
                   ShapeText(table->value_rank(), table->value_dims()).c_str()};
    }
  }
  std::string finding;
  const Code code = Call(
      [&] {
        return testing::InferShapes(step.op->name, step.attrs, inputs, &inferred, tables, nullptr,
                                    values);
      },
      &finding);
  if (!finding.empty()) return "shape function: " + finding;
  // Some kernels take a shape that their shape functions refuse, as TensorFlow's do.
  if (outputs == nullptr || code != Code::kOk) return "";
  std::string given;
  for (const std::string& input : inputs) given += " " + input;
  for (size_t i = 0; i < step.output_dtypes.size() && i < inferred.size(); ++i) {
    if (!outputs->has_output(i)) return "output " + std::to_string(i) + " was not allocated";
    if (!Fits(inferred[i], outputs->output(i))) {
      std::ostringstream out;
      out << "output " << i << " is " << outputs->output(i) << ", not " << inferred[i]
          << " as inferred from" << given;
      return out.str();
    }
  }
  return "";
}

/// The tensor with one bit pattern for what is not a number: the sign of a NaN depends on the order
/// of operands, which a compiler may choose anew for every copy of a loop.
TestTensor PlainNans(TestTensor tensor) {
  const TensorView view = tensor.view();
  const auto replace = [](auto* values, int64_t n) {
    using Float = std::decay_t<decltype(*values)>;
    for (int64_t i = 0; i < n; ++i) {
      if (values[i] != values[i]) values[i] = std::numeric_limits<Float>::quiet_NaN();
    }
  };
  if (view.dtype == DT_FLOAT) replace(view.flat<float>(), view.count);
  if (view.dtype == DT_DOUBLE) replace(view.flat<double>(), view.count);
  if (view.dtype == DT_COMPLEX64) replace(view.flat<float>(), 2 * view.count);
  if (view.dtype == DT_COMPLEX128) replace(view.flat<double>(), 2 * view.count);
  // 16 bits: all of the exponent, and something of the mantissa.
  const uint16_t exponent = view.dtype == DT_HALF ? 0x7c00 : 0x7f80;
  for (int64_t i = 0; i < view.count && (view.dtype == DT_HALF || view.dtype == DT_BFLOAT16); ++i) {
    uint16_t* const bits = view.flat<uint16_t>() + i;
    if ((*bits & 0x7fff) > exponent) *bits = 0x7fff;
  }
  return tensor;
}

/// Where two runs of a kernel differ.
std::string Difference(const FakeContext& a, const FakeContext& b, size_t num_outputs) {
  for (size_t i = 0; i < num_outputs; ++i) {
    if (a.has_output(i) != b.has_output(i)) return "output " + std::to_string(i) + " came once";
    if (a.has_output(i) && !(PlainNans(a.output(i)) == PlainNans(b.output(i)))) {
      std::ostringstream out;
      out << "output " << i << " is " << a.output(i) << " or " << b.output(i);
      return out.str();
    }
  }
  return "";
}

}  // namespace

Outcome Check(const Case& step, Table* table, Random* random) {
  Outcome outcome;
  FakeContext context;
  AddInputs(step, table, &context);
  outcome.code = Compute(step, &context, &outcome.finding);
  if (outcome.finding.empty() && table == nullptr) {
    FakeContext again;
    again.Parallel(1 + random->Below(5), random->Chance(2) ? 1 : 0).Filler('\x3C').Forwarding(true);
    AddInputs(step, table, &again);
    const Code code = Compute(step, &again, &outcome.finding);
    if (code != outcome.code) {
      outcome.finding = "once " + std::to_string(static_cast<int>(outcome.code)) + ", once " +
                        std::to_string(static_cast<int>(code));
    } else if (code == Code::kOk) {
      outcome.finding = Difference(context, again, step.output_dtypes.size());
    }
  }
  const FakeContext* const outputs = outcome.code == Code::kOk ? &context : nullptr;
  for (int i = 0; i < 3 && outcome.finding.empty(); ++i) {
    outcome.finding = CheckShapes(step, table, outputs, random, /*whole=*/i == 0);
  }
  return outcome;
}

std::unique_ptr<Table> CheckTable(const Case& step, Outcome* outcome) {
  std::unique_ptr<Table> table;
  FakeContext context;
  AddInputs(step, nullptr, &context);
  outcome->code = Call(
      [&] {
        std::unique_ptr<TableFactory> factory;
        OPGRAFT_RETURN_IF_ERROR(testing::MakeTableFactory(step.op->name, step.attrs, &factory));
        Table* made = nullptr;
        Status status = factory->Create(&context, &made);
        table.reset(made);
        return status;
      },
      &outcome->finding);
  return table;
}

}  // namespace fuzz
}  // namespace opgraft
