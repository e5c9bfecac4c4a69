#include "ops/runtime/c_api_functions.h"

#include <dlfcn.h>
#include <link.h>

#include <string>
#include <vector>

namespace opgraft {

CApi c_api;

namespace {

/// Handles of everything that is loaded, in load order; the program itself comes first.
std::vector<void*> LoadedLibraries() {
  std::vector<std::string> paths;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* arg) {
        static_cast<std::vector<std::string>*>(arg)->push_back(info->dlpi_name);
        return 0;
      },
      &paths);
  std::vector<void*> handles;
  handles.push_back(dlopen(nullptr, RTLD_LAZY));
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    void* const handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD);
    if (handle != nullptr) handles.push_back(handle);
  }
  return handles;
}

template <class F>
bool Find(const std::vector<void*>& libraries, const char* name, F* function) {
  *function = nullptr;
  for (void* library : libraries) {
    void* const symbol = dlsym(library, name);
    if (symbol != nullptr) {
      *function = reinterpret_cast<F>(symbol);
      return true;
    }
  }
  return false;
}

}  // namespace

const char* FindCApi() {
  const std::vector<void*> libraries = LoadedLibraries();
  const char* missing = nullptr;
#define OPGRAFT_FIND(result, name, arguments) \
  if (!Find(libraries, #name, &c_api.name) && missing == nullptr) missing = #name;
  OPGRAFT_C_API_REQUIRED(OPGRAFT_FIND)
#undef OPGRAFT_FIND
#define OPGRAFT_FIND(result, name, arguments) Find(libraries, #name, &c_api.name);
  OPGRAFT_C_API_OPTIONAL(OPGRAFT_FIND)
#undef OPGRAFT_FIND
  for (void* library : libraries) dlclose(library);
  return missing;
}

}  // namespace opgraft
