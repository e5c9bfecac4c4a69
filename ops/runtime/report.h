// What a library did while it loaded, for opgraft.load() and `python -m opgraft doctor`.
#ifndef OPGRAFT_OPS_RUNTIME_REPORT_H_
#define OPGRAFT_OPS_RUNTIME_REPORT_H_

namespace opgraft {

/// op_registered: the op was missing and is now ours. kernels_added: kernels of ours for it.
/// note: why something was left out, or "".
void ReportOp(const char* name, bool op_registered, int kernels_added, const char* note);

/// Nothing was registered, and why: one line, also printed to stderr.
void ReportProblem(const char* message);

}  // namespace opgraft

extern "C" {

/// The one symbol that a library exports: JSON in UTF-8, valid while the library is loaded:
///   {"library": "lookup", "built_for": "2.14.1", "problem": "",
///    "ops": [{"name": "HashTableV2", "op": true, "kernels": 15, "note": ""}, ...]}
/// built_for is "c_api" for the C API build.
__attribute__((visibility("default"))) const char* opgraft_library_info(void);
}

#endif  // OPGRAFT_OPS_RUNTIME_REPORT_H_
