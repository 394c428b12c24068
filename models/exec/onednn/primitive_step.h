#pragma once

#include <functional>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

#include "models/exec/schedule.h"

namespace offcut::exec {

/// oneDNN's engine and stream, and the number of threads of its kernels.
struct OneDnn {
  int threads = 1;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

/// Sets the number of OpenMP threads of the calling thread while it lives, whatever the machine's
/// load is. With 1, oneDNN starts none.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads);
  ~ThreadLimit();
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

 private:
  int before_;
  int was_dynamic_;
};

/// Calls part(thread, first, last) for ranges that cover 0 to `count`, each on a thread of its own,
/// as oneDNN's kernels run. REQUIRES: part throws nothing.
void in_parts(int threads, std::int64_t count,
              const std::function<void(std::size_t, std::int64_t, std::int64_t)>& part);

/// Keeps the floating-point flags of the kernels' threads, after each kernel.
void keep_worker_flags(int threads);

/// Weights laid out for a primitive.
struct Constant {
  Tensor storage;  // The bytes.
  dnnl::memory memory;

  Constant(const dnnl::memory::desc& layout, const dnnl::engine& engine);
  /// REQUIRES: `bytes` has the size of the layout.
  Constant(const dnnl::memory::desc& layout, const dnnl::engine& engine, Tensor bytes);
};

/// One call of a oneDNN primitive on the schedule's buffers.
class PrimitiveStep {
 public:
  PrimitiveStep(std::shared_ptr<OneDnn> onednn, dnnl::primitive primitive)
      : onednn_(std::move(onednn)), primitive_(std::move(primitive)) {}

  void add(int argument, BufferId buffer, const dnnl::memory::desc& layout);
  void add(int argument, const Constant& constant);

  void operator()(BufferTable& buffers);

 private:
  struct Binding {
    int argument;
    BufferId buffer;
    void* bound;  // The address that the argument's memory points to.
  };
  std::shared_ptr<OneDnn> onednn_;
  dnnl::primitive primitive_;
  std::vector<Binding> bindings_;
  std::vector<Tensor> constants_;  // The storage that constant arguments point to.
  std::unordered_map<int, dnnl::memory> memories_;
};

}  // namespace offcut::exec
