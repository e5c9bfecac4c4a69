// Runs every op on generated inputs, good and hostile, and stops at the first one that crashes,
// runs away or breaks what check.h asks for. Built with sanitizers by `nox -s fuzz`.
//
//   fuzz [--seed N] [--inputs N] [--op NAME] [--case N]
//
// A finding prints the case and the arguments that run it alone.
#include <malloc.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "ops/fuzz/check.h"
#include "ops/fuzz/generator.h"

extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

constexpr size_t kMostMemory = size_t{1} << 28;
constexpr unsigned kMostSeconds = 20;
std::atomic<size_t> memory_used(0);

}  // namespace

// The limit on a case's memory. All forms, for a sanitizer brings its own of those that are not
// here.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  void* const memory = memory_used + size > kMostMemory ? nullptr : std::malloc(size);
  if (memory != nullptr) memory_used += malloc_usable_size(memory);
  return memory;
}
void* operator new(size_t size) {
  void* const memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t size) { return operator new(size); }
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}
void operator delete(void* memory) noexcept {
  if (memory != nullptr) memory_used -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { operator delete(memory); }
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete[](void* memory, size_t) noexcept { operator delete(memory); }

namespace opgraft {
namespace fuzz {
namespace {

struct Options {
  uint64_t seed = 1;
  int64_t inputs = 20000;
  int64_t first = 0;
  std::string op;
};

struct Count {
  int64_t cases = 0, ok = 0;
};

// Of the case that runs, for the report of its death.
std::string current;

void Report() {
  // Nothing that allocates: this may run in a signal handler.
  const char text[] = "\nfuzz: the case that did not come to its end is\n";
  if (write(2, text, sizeof(text) - 1) < 0 || write(2, current.data(), current.size()) < 0) return;
}

}  // namespace
}  // namespace fuzz
}  // namespace opgraft

// UndefinedBehaviorSanitizer calls this for each of its reports.
extern "C" __attribute__((visibility("default"))) void __ubsan_on_report() {
  opgraft::fuzz::Report();
}

namespace opgraft {
namespace fuzz {
namespace {

void OnSignal(int signal_number) {
  Report();
  std::fprintf(stderr, "signal %d%s\n", signal_number,
               signal_number == SIGALRM ? ": no end within the limit" : "");
  _exit(1);
}

void CatchDeath() {
  signal(SIGALRM, OnSignal);
  signal(SIGABRT, OnSignal);
  if (&__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(Report);
  } else {
    for (int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) signal(number, OnSignal);
  }
}

bool TakesTable(const OpDefinition& op) {
  return op.inputs[0] != nullptr && std::strncmp(op.inputs[0], "table_handle", 12) == 0;
}

bool IsOlderForm(const OpDefinition& op) {
  for (const char* const spec : {op.inputs[0], op.outputs[0]}) {
    if (spec != nullptr && std::strcmp(spec, "table_handle: Ref(string)") == 0) return true;
  }
  return false;
}

class Fuzzer {
 public:
  explicit Fuzzer(Options options) : options_(std::move(options)) {
    for (const OpDefinition* op : testing::AllOps()) {
      // BytesInUse has no kernel. The older forms of table ops share the newer ones'.
      if (op->num_kernels == 0 || IsOlderForm(*op)) continue;
      (TakesTable(*op)                          ? table_ops_
       : op->table_output != TableOutput::kNone ? makers_
                                                : plain_)
          .push_back(op);
      if (options_.op.empty() || options_.op == op->name) chosen_.push_back(op);
    }
    const auto by_name = [](const OpDefinition* a, const OpDefinition* b) {
      return std::strcmp(a->name, b->name) < 0;
    };
    for (auto* list : {&plain_, &table_ops_, &makers_, &chosen_}) {
      std::sort(list->begin(), list->end(), by_name);
    }
  }

  int Run() {
    if (chosen_.empty()) {
      std::fprintf(stderr, "fuzz: there is no op %s\n", options_.op.c_str());
      return 2;
    }
    const int64_t end = options_.first + options_.inputs;
    for (int64_t i = options_.first; i < end; ++i) {
      const OpDefinition& op = *chosen_[i % chosen_.size()];
      alarm(kMostSeconds);
      const std::string finding = RunCase(op, i);
      if (!finding.empty()) {
        std::fprintf(stderr, "%s\nfuzz: %s\n", current.c_str(), finding.c_str());
        return 1;
      }
    }
    alarm(0);
    return Summarize();
  }

 private:
  /// Before a step: what to print if it fails.
  void Note(const Case& step) {
    current += step.text + "\n";
    if (options_.inputs == 1) std::fprintf(stderr, "%s\n", step.text.c_str());
  }

  std::string RunCase(const OpDefinition& op, int64_t number) {
    Random random(options_.seed, static_cast<uint64_t>(number));
    Generator generator(&random);
    current = std::string("--op ") + op.name + " --seed " + std::to_string(options_.seed) +
              " --case " + std::to_string(number) + "\n";
    if (TakesTable(op) || op.table_output != TableOutput::kNone) {
      return RunOnTable(op, &generator, &random);
    }
    const Case step = generator.Make(op, nullptr);
    Note(step);
    return Finish(op, Check(step, nullptr, &random));
  }

  /// Some steps on one table, the last of them the op in question.
  std::string RunOnTable(const OpDefinition& op, Generator* generator, Random* random) {
    const bool makes = op.table_output != TableOutput::kNone;
    const Case maker = generator->Make(makes ? op : *random->Pick(makers_), nullptr);
    Note(maker);
    Outcome outcome;
    const std::unique_ptr<Table> table = CheckTable(maker, &outcome);
    if (makes || !outcome.finding.empty()) return Finish(op, outcome);
    if (table == nullptr) return "";
    for (int64_t n = random->Below(4); n >= 0; --n) {
      const OpDefinition& next = n == 0 ? op : *random->Pick(table_ops_);
      const Case step = generator->Make(next, table.get());
      Note(step);
      outcome = Check(step, table.get(), random);
      if (!outcome.finding.empty()) break;
    }
    return Finish(op, outcome);
  }

  std::string Finish(const OpDefinition& op, const Outcome& outcome) {
    Count& count = counts_[op.name];
    ++count.cases;
    count.ok += outcome.code == Code::kOk ? 1 : 0;
    return outcome.finding;
  }

  /// An op none of whose cases worked was not tried at all.
  int Summarize() {
    int result = 0;
    Count all;
    for (const auto& entry : counts_) {
      const Count& count = entry.second;
      all.cases += count.cases;
      all.ok += count.ok;
      const bool untried = count.cases >= 100 && count.ok == 0;
      if (untried) result = 1;
      std::printf("%-34s %8lld inputs, %8lld taken%s\n", entry.first.c_str(),
                  static_cast<long long>(count.cases), static_cast<long long>(count.ok),
                  untried ? ": it needs a recipe in ops/fuzz/recipes.cc" : "");
    }
    std::printf("%-34s %8lld inputs, %8lld taken, no finding (seed %llu)\n", "all",
                static_cast<long long>(all.cases), static_cast<long long>(all.ok),
                static_cast<unsigned long long>(options_.seed));
    return result;
  }

  const Options options_;
  std::vector<const OpDefinition*> plain_, table_ops_, makers_, chosen_;
  std::map<std::string, Count> counts_;
};

int Main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string name = argv[i], value = i + 1 < argc ? argv[i + 1] : "";
    if (name == "--op" && !value.empty()) {
      options.op = value;
      continue;
    }
    char* end = nullptr;
    const unsigned long long number = std::strtoull(value.c_str(), &end, 10);
    const bool good = !value.empty() && *end == '\0';
    if (good && name == "--seed") {
      options.seed = number;
    } else if (good && name == "--inputs" && number > 0) {
      options.inputs = static_cast<int64_t>(number);
    } else if (good && name == "--case") {
      options.first = static_cast<int64_t>(number);
      options.inputs = 1;
    } else {
      std::fprintf(stderr, "usage: fuzz [--seed N] [--inputs N] [--op NAME] [--case N]\n");
      return 2;
    }
  }
  CatchDeath();
  return Fuzzer(options).Run();
}

}  // namespace
}  // namespace fuzz
}  // namespace opgraft

int main(int argc, char** argv) { return opgraft::fuzz::Main(argc, argv); }
