// FakeContext: a step without a runtime.
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "ops/kernel/testing.h"

namespace opgraft {
namespace testing {
namespace {

/// A file whose contents are in memory.
class FakeFile final : public File {
 public:
  explicit FakeFile(std::string contents) : contents_(std::move(contents)) {}
  Status Read(uint64_t offset, size_t size, char* buffer, size_t* read) override {
    *read = offset >= contents_.size() ? 0 : std::min<size_t>(size, contents_.size() - offset);
    if (*read > 0) std::memcpy(buffer, contents_.data() + offset, *read);
    return Status();
  }

 private:
  const std::string contents_;
};

}  // namespace

FakeContext& FakeContext::Input(TestTensor tensor) {
  inputs_.emplace_back(new TestTensor(std::move(tensor)));
  views_.push_back(inputs_.back()->view());
  tables_.push_back(nullptr);
  refs_.push_back(Ref::kNone);
  return *this;
}

FakeContext& FakeContext::InputTable(Table* table) {
  Input(TestTensor(DT_RESOURCE, {}));
  tables_.back() = table;
  return *this;
}

FakeContext& FakeContext::InputRef(TestTensor value) {
  Input(std::move(value));
  refs_.back() = Ref::kInitialized;
  return *this;
}

FakeContext& FakeContext::InputUninitializedRef(DataType dtype, std::vector<int64_t> dims) {
  Input(TestTensor(dtype, std::move(dims)));
  refs_.back() = Ref::kUninitialized;
  return *this;
}

FakeContext& FakeContext::AddFile(const std::string& path, const std::string& contents) {
  files_[path] = contents;
  return *this;
}

FakeContext& FakeContext::Parallel(int64_t range, int threads) {
  range_ = range;
  threads_ = threads;
  return *this;
}

const TestTensor& FakeContext::variable(int i) const {
  const auto resource = resource_variables_.find(i);
  if (resource != resource_variables_.end()) return resource->second;
  CheckRef(i);
  if (refs_[i] == Ref::kUninitialized) Die("variable " + std::to_string(i) + " has no value");
  return *inputs_[i];
}

const TensorView& FakeContext::input(int i) {
  if (refs_.at(i) != Ref::kNone) Die("input " + std::to_string(i) + " is a Ref");
  return views_[i];
}

void FakeContext::CheckRef(int i) const {
  if (refs_.at(i) == Ref::kNone) Die("input " + std::to_string(i) + " is no Ref");
}

const TestTensor& FakeContext::output(size_t i) const {
  const auto ref = ref_outputs_.find(i);
  if (ref != ref_outputs_.end()) return variable(ref->second);
  if (!has_output(i)) Die("output " + std::to_string(i) + " was not allocated");
  return *outputs_[i];
}

Status FakeContext::AllocateOutput(int i, int rank, const int64_t* dims, TensorView* output) {
  if (static_cast<size_t>(i) >= output_dtypes.size())
    Die("no dtype of output " + std::to_string(i));
  int64_t count = 1;
  for (int d = 0; d < rank; ++d) {
    if (dims[d] < 0) Die("negative dimension");
    if (__builtin_mul_overflow(count, dims[d], &count)) {
      return InvalidArgument("a shape of more than 2^63 elements");
    }
  }
  if (allocation_limit_ >= 0 && count > allocation_limit_) {
    return Error(Code::kResourceExhausted, "OOM when allocating tensor");
  }
  if (outputs_.size() < output_dtypes.size()) outputs_.resize(output_dtypes.size());
  outputs_[i].reset(new TestTensor(output_dtypes[i], std::vector<int64_t>(dims, dims + rank)));
  // What a kernel does not write must show.
  std::fill(outputs_[i]->bytes_.begin(), outputs_[i]->bytes_.end(), filler_);
  *output = outputs_[i]->view();
  return Status();
}

Status FakeContext::ForwardInputOrAllocateOutput(const int* inputs, int num_inputs, int i, int rank,
                                                 const int64_t* dims, TensorView* output) {
  OPGRAFT_RETURN_IF_ERROR(AllocateOutput(i, rank, dims, output));
  for (int k = 0; forwarding_ && k < num_inputs; ++k) {
    const TensorView& input = views_.at(inputs[k]);
    if (input.dtype == output->dtype && SameShape(input, *output)) {
      TestTensor* const owner = static_cast<TestTensor*>(output->handle);
      *owner = *inputs_[inputs[k]];
      // The input's buffer is the output's from now on.
      views_[inputs[k]].data = owner->view().data;
      views_[inputs[k]].handle = owner;
      *output = owner->view();
      break;
    }
  }
  return Status();
}

void FakeContext::ReadStrings(const TensorView& tensor, int64_t begin, int64_t n,
                              StringView* strings) {
  const TestTensor& owner = *static_cast<const TestTensor*>(tensor.handle);
  if (owner.dtype() != DT_STRING || begin < 0 || n < 0 || begin + n > owner.count()) {
    Die("ReadStrings of other than strings or out of range");
  }
  for (int64_t i = 0; i < n; ++i) {
    strings[i] = {owner.strings_[begin + i].data(), owner.strings_[begin + i].size()};
  }
}

void FakeContext::WriteString(const TensorView& tensor, int64_t i, StringView value) {
  TestTensor& owner = *static_cast<TestTensor*>(tensor.handle);
  if (owner.dtype() != DT_STRING || i < 0 || i >= owner.count()) {
    Die("WriteString of other than strings or out of range");
  }
  owner.strings_[i].assign(value.data == nullptr ? "" : value.data, value.size);
}

void FakeContext::CopyStrings(const TensorView& from, const int64_t* indices, int64_t n,
                              const TensorView& to, int64_t begin) {
  for (int64_t i = 0; i < n; ++i) {
    StringView text;
    ReadStrings(from, indices[i], 1, &text);
    WriteString(to, begin + i, text);
  }
}

Status FakeContext::ReadObject(const TensorView& tensor, int64_t i, Object** object) {
  const TestTensor& owner = *static_cast<const TestTensor*>(tensor.handle);
  *object = new FakeObject(owner.objects_.at(i));
  return Status();
}

void FakeContext::WriteObject(const TensorView& tensor, int64_t i, const Object& object) {
  static_cast<TestTensor*>(tensor.handle)->objects_.at(i) =
      static_cast<const FakeObject&>(object).number;
}

Status FakeContext::MutableInput(int i, TensorView* variable) {
  CheckRef(i);
  if (refs_[i] == Ref::kUninitialized) {
    return FailedPrecondition("Attempting to use uninitialized value of input %d", i);
  }
  *variable = views_[i];
  return Status();
}

Status FakeContext::InitializeInput(int i, TensorView* variable) {
  CheckRef(i);
  if (refs_[i] == Ref::kInitialized) {
    return InvalidArgument("input is already initialized");
  }
  refs_[i] = Ref::kInitialized;
  // What a kernel does not write must show.
  std::fill(inputs_[i]->bytes_.begin(), inputs_[i]->bytes_.end(), filler_);
  *variable = views_[i];
  return Status();
}

Status FakeContext::ZeroVariable(int input, DataType dtype, int rank, const int64_t* dims) {
  if (resource_variables_.count(input) > 0) return InvalidArgument("input is already initialized");
  resource_variables_.emplace(input, TestTensor(dtype, {dims, dims + rank}));
  return Status();
}

Status FakeContext::ForwardRef(int input, int i) {
  CheckRef(input);
  ref_outputs_[i] = input;
  return Status();
}

Status FakeContext::GetTable(int input, Table** table) {
  *table = tables_.at(input);
  if (*table == nullptr) return NotFound("input %d is not the handle of a table", input);
  return Status();
}

Status FakeContext::OpenFile(StringView path, File** file) {
  const std::string name(path.data, path.size);
  const auto found = files_.find(name);
  if (found != files_.end()) {
    *file = new FakeFile(found->second);
    return Status();
  }
  struct stat info;
  if (stat(name.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    return FailedPrecondition("%s; Is a directory", name.c_str());
  }
  std::ifstream in(name, std::ios::binary);
  if (!in) return NotFound("%s; No such file or directory", name.c_str());
  std::stringstream contents;
  contents << in.rdbuf();
  *file = new FakeFile(contents.str());
  return Status();
}

void FakeContext::ParallelFor(int64_t n, int64_t, void (*fn)(void* arg, int64_t begin, int64_t end),
                              void* arg) {
  if (n <= 0) return;
  const int64_t range = range_ > 0 ? range_ : n;
  std::atomic<int64_t> next(0);
  const auto work = [&] {
    for (int64_t begin; (begin = next.fetch_add(range)) < n;) {
      fn(arg, begin, std::min(begin + range, n));
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < threads_; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
}

}  // namespace testing
}  // namespace opgraft
