// Included ahead of every source (-include): keeps out of the libraries what manylinux_2_17 does
// not have, GLIBC above 2.17 and GLIBCXX above 3.4.19. ops/runtime/compat.cc defines the rest.
#ifndef OPGRAFT_OPS_KERNEL_PORTABLE_H_
#define OPGRAFT_OPS_KERNEL_PORTABLE_H_

#include <cstddef>  // defines the macros below

#if defined(__GLIBCXX__) && _GLIBCXX_USE_CXX11_ABI
// The strings and string streams of the CXX11 ABI came with GLIBCXX_3.4.21: instantiate them here
// instead of importing them. The streams' bases and the locales stay libstdc++'s own.
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE -1
#include <istream>
#include <ostream>
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 0
#include <sstream>
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE -1
#elif defined(__GLIBCXX__)
// Of the older ABI, the default constructor of stringstream alone is new (GLIBCXX_3.4.26).
#include <istream>
#include <ostream>
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 0
#include <sstream>
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 1
#endif

#if defined(__GLIBC__) && defined(__x86_64__)
// These moved or changed in a newer glibc, which still has the versions of 2002.
#define OPGRAFT_OLD_GLIBC(name) __asm__(".symver " #name ", " #name "@GLIBC_2.2.5")
OPGRAFT_OLD_GLIBC(dlclose);
OPGRAFT_OLD_GLIBC(dlopen);
OPGRAFT_OLD_GLIBC(dlsym);
OPGRAFT_OLD_GLIBC(exp);
OPGRAFT_OLD_GLIBC(log);
OPGRAFT_OLD_GLIBC(pow);
OPGRAFT_OLD_GLIBC(pthread_create);
OPGRAFT_OLD_GLIBC(pthread_join);
OPGRAFT_OLD_GLIBC(pthread_rwlock_destroy);
OPGRAFT_OLD_GLIBC(pthread_rwlock_init);
OPGRAFT_OLD_GLIBC(pthread_rwlock_rdlock);
OPGRAFT_OLD_GLIBC(pthread_rwlock_unlock);
OPGRAFT_OLD_GLIBC(pthread_rwlock_wrlock);
#undef OPGRAFT_OLD_GLIBC
#endif

#endif  // OPGRAFT_OPS_KERNEL_PORTABLE_H_
