#ifndef TENSORFLOW_SLIM_KERNEL_H_
#define TENSORFLOW_SLIM_KERNEL_H_

namespace tensorflow {
class KernelDef;
class OpKernel;
class OpKernelConstruction;
}  // namespace tensorflow

namespace slim {

// A kernel, as a library tells of it when it is loaded. What the registry knows of a kernel is made
// when a graph has its op: a model has few of the kernels, and to make all takes longer than to
// load a small model.
struct Kernel {
  const char* op;
  const char* class_name;
  const tensorflow::KernelDef* (*build)();  // the caller's
  tensorflow::OpKernel* (*create)(tensorflow::OpKernelConstruction*);
  const Kernel* next;
};

inline const Kernel* kernels = nullptr;  // initializers add to it

}  // namespace slim

#endif  // TENSORFLOW_SLIM_KERNEL_H_
