#include "ops/runtime/report.h"

#include <cstdio>
#include <string>

#include "ops/runtime/library.h"

namespace opgraft {
namespace {

struct Report {
  std::string problem;
  std::string ops;
  std::string json;
};

// Constructed on first use, which is before any static of this file could be.
Report& GetReport() {
  static Report& report = *new Report;
  return report;
}

void AppendQuoted(const char* text, std::string* json) {
  *json += '"';
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c == '"' || *c == '\\') {
      *json += '\\';
      *json += *c;
    } else if (static_cast<unsigned char>(*c) < 0x20) {
      *json += ' ';
    } else {
      *json += *c;
    }
  }
  *json += '"';
}

}  // namespace

void ReportOp(const char* name, bool op_registered, int kernels_added, const char* note) {
  std::string& ops = GetReport().ops;
  if (!ops.empty()) ops += ", ";
  ops += "{\"name\": ";
  AppendQuoted(name, &ops);
  ops += op_registered ? ", \"op\": true" : ", \"op\": false";
  ops += ", \"kernels\": " + std::to_string(kernels_added) + ", \"note\": ";
  AppendQuoted(note, &ops);
  ops += "}";
}

void ReportProblem(const char* message) {
  GetReport().problem = message;
  std::fprintf(stderr, "opgraft: libopgraft_%s.so: %s\n", kLibraryName, message);
}

}  // namespace opgraft

const char* opgraft_library_info(void) {
  using opgraft::AppendQuoted;
  opgraft::Report& report = opgraft::GetReport();
  if (report.json.empty()) {
    std::string json = "{\"library\": ";
    AppendQuoted(opgraft::kLibraryName, &json);
    json += ", \"built_for\": ";
    AppendQuoted(opgraft::kBuiltFor, &json);
    json += ", \"problem\": ";
    AppendQuoted(report.problem.c_str(), &json);
    json += ", \"ops\": [" + report.ops + "]}";
    report.json = json;
  }
  return report.json.c_str();
}
