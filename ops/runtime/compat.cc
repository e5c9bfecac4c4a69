// Definitions of our own for what a new compiler would import from a libstdc++ or glibc that is
// newer than manylinux_2_17's (GLIBCXX_3.4.19, GLIBC_2.17). Hidden, so they serve this library only.
#include <new>

namespace std {

// GLIBCXX_3.4.29. Thrown by `new T[n]` for an impossible n.
__attribute__((visibility("hidden"), noreturn)) void __throw_bad_array_new_length() {
  throw std::bad_alloc();
}

}  // namespace std

extern "C" {

// GLIBC_2.32. Says to std::shared_ptr that there is one thread; never true in a runtime.
__attribute__((visibility("hidden"))) char __libc_single_threaded = 0;
}
