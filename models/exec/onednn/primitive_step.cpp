#include "models/exec/onednn/primitive_step.h"

#include <omp.h>

namespace offcut {

ThreadLimit::ThreadLimit(int threads) : before_(omp_get_max_threads()) {
  omp_set_num_threads(threads);
}

ThreadLimit::~ThreadLimit() { omp_set_num_threads(before_); }

void PrimitiveStep::add(int argument, BufferId buffer, const dnnl::memory::desc& layout) {
  memories_[argument] = dnnl::memory(layout, onednn_->engine, DNNL_MEMORY_NONE);
  bindings_.push_back({argument, buffer, nullptr});
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
}

}  // namespace offcut
