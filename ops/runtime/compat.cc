// Definitions of our own for what a new compiler would import from a libstdc++ or glibc that is
// newer than manylinux_2_17's (GLIBCXX_3.4.19, GLIBC_2.17). Hidden, so they serve this library
// only. See also ops/kernel/portable.h.
#include <cstdarg>
#include <cstdio>
#include <new>
#include <stdexcept>

namespace std {

// GLIBCXX_3.4.29. Thrown by `new T[n]` for an impossible n.
__attribute__((noreturn)) void __throw_bad_array_new_length() { throw bad_alloc(); }

// GLIBCXX_3.4.20. Thrown by std::string::at, substr and the like.
__attribute__((noreturn)) void __throw_out_of_range_fmt(const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  __throw_out_of_range(text);
}

}  // namespace std

// CXXABI_1.3.8. The same of `new T[n]` where the compiler checks n. Under a name of ours, because
// the compiler has one of its own for this function.
__attribute__((noreturn)) void ThrowBadArrayNewLength() __asm__("__cxa_throw_bad_array_new_length");
void ThrowBadArrayNewLength() { throw std::bad_alloc(); }

// GLIBC_2.32. Says to std::shared_ptr that there is one thread; never true in a runtime.
extern "C" {
char __libc_single_threaded = 0;
}
