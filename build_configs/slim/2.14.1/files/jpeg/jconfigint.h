#define BUILD ""
#define PACKAGE_NAME "libjpeg-turbo"
#define VERSION "2.1.5"
#define INLINE inline __attribute__((always_inline))
#define THREAD_LOCAL __thread
#define FALLTHROUGH __attribute__((fallthrough));
#define SIZEOF_SIZE_T 8
#define HAVE_BUILTIN_CTZL
