// Status: the outcome of an operation, with TensorFlow's error codes.
#ifndef OPGRAFT_OPS_KERNEL_STATUS_H_
#define OPGRAFT_OPS_KERNEL_STATUS_H_

#include <cstdlib>
#include <exception>

namespace opgraft {

/// Values are those of tensorflow.error.Code.
enum class Code {
  kOk = 0,
  kInvalidArgument = 3,
  kNotFound = 5,
  kAlreadyExists = 6,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kAborted = 10,
  kOutOfRange = 11,
  kUnimplemented = 12,
  kInternal = 13,
  kDataLoss = 15,
};

/// Move-only. Two words and no std::string, so that it may cross from a kernel
/// to an adapter that was built with another libstdc++ ABI.
class Status {
 public:
  Status() : code_(Code::kOk), message_(nullptr) {}
  Status(Code code, const char* message);
  Status(Status&& other) : code_(other.code_), message_(other.message_) {
    other.code_ = Code::kOk;
    other.message_ = nullptr;
  }
  Status& operator=(Status&& other) {
    const Code code = code_;
    char* const message = message_;
    code_ = other.code_;
    message_ = other.message_;
    other.code_ = code;
    other.message_ = message;
    return *this;
  }
  Status(const Status&) = delete;
  Status& operator=(const Status&) = delete;
  ~Status() {
    if (message_ != nullptr) std::free(message_);
  }

  bool ok() const { return code_ == Code::kOk; }
  Code code() const { return code_; }
  const char* message() const { return message_ == nullptr ? "" : message_; }

 private:
  Code code_;
  char* message_;  // from malloc; null when empty or out of memory
};

/// An error whose message is formatted as printf does.
/// The name of the thing at fault and its value belong in the message.
__attribute__((format(printf, 2, 3))) Status Error(Code code, const char* format, ...);
__attribute__((format(printf, 1, 2))) Status InvalidArgument(const char* format, ...);
__attribute__((format(printf, 1, 2))) Status FailedPrecondition(const char* format, ...);
__attribute__((format(printf, 1, 2))) Status NotFound(const char* format, ...);
__attribute__((format(printf, 1, 2))) Status Unimplemented(const char* format, ...);

/// What the exception that is being handled amounts to.
Status CaughtException();

/// Runs f, which returns a Status and may run out of memory. No exception may pass through
/// TensorFlow, so adapters call all of ours by it.
template <class F>
Status CatchExceptions(const F& f) {
  try {
    return f();
  } catch (const std::exception&) {
    return CaughtException();
  }
}

}  // namespace opgraft

#define OPGRAFT_RETURN_IF_ERROR(expression)        \
  do {                                             \
    ::opgraft::Status opgraft_status = expression; \
    if (!opgraft_status.ok()) {                    \
      return opgraft_status;                       \
    }                                              \
  } while (false)

#endif  // OPGRAFT_OPS_KERNEL_STATUS_H_
