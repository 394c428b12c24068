#include "models/exec/onednn/primitive_step.h"

#include <omp.h>

#include <cfenv>

#include "models/exec/finite.h"

namespace offcut::exec {

ThreadLimit::ThreadLimit(int threads)
    : before_(omp_get_max_threads()), was_dynamic_(omp_get_dynamic()) {
  omp_set_num_threads(threads);
  omp_set_dynamic(0);
}

ThreadLimit::~ThreadLimit() {
  omp_set_dynamic(was_dynamic_);
  omp_set_num_threads(before_);
}

Constant::Constant(const dnnl::memory::desc& layout, const dnnl::engine& engine)
    : storage({DataType::uint8, {static_cast<std::int64_t>(layout.get_size())}}),
      memory(layout, engine, storage.bytes().data()) {}

Constant::Constant(const dnnl::memory::desc& layout, const dnnl::engine& engine, Tensor bytes)
    : storage(std::move(bytes)), memory(layout, engine, storage.bytes().data()) {}

void PrimitiveStep::add(int argument, BufferId buffer, const dnnl::memory::desc& layout) {
  memories_[argument] = dnnl::memory(layout, onednn_->engine, DNNL_MEMORY_NONE);
  bindings_.push_back({argument, buffer, nullptr});
}

void PrimitiveStep::add(int argument, const Constant& constant) {
  memories_[argument] = constant.memory;
  constants_.push_back(constant.storage);
}

void PrimitiveStep::operator()(BufferTable& buffers) {
  const ThreadLimit limit(onednn_->threads);
  for (Binding& binding : bindings_) {
    void* const data = buffers.data(binding.buffer);
    if (data != binding.bound) {
      memories_.at(binding.argument).set_data_handle(data);
      binding.bound = data;
    }
  }
  primitive_.execute(onednn_->stream, memories_);
  keep_worker_flags(onednn_->threads);
}

void keep_worker_flags(int threads) {
  // The next kernel may end threads. Two of them last until the end of the run, as a kernel for one
  // thread runs on the calling one.
  constexpr int kThreadsThatLast = 2;
  if (threads > kThreadsThatLast) {
    std::feraiseexcept(take_worker_flags(threads));
  }
}

}  // namespace offcut::exec
