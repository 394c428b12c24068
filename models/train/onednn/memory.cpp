// Tensors in oneDNN's layouts while a step runs. Their buffers come from a pool, since memory that
// is new to the process costs a page fault per 4 KiB.

#include "models/train/onednn/memory.h"

#include <cstdlib>
#include <new>

namespace offcut::train {

using dnnl::memory;

BufferPool::~BufferPool() {
  for (auto& [bytes, buffers] : free_) {
    for (float* buffer : buffers) {
      std::free(buffer);
    }
  }
}

std::shared_ptr<float> BufferPool::take(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64;
  const std::size_t size = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  std::vector<float*>& buffers = free_[size];
  float* buffer = nullptr;
  if (buffers.empty()) {
    buffer = static_cast<float*>(std::aligned_alloc(kAlignment, std::max(size, kAlignment)));
    if (buffer == nullptr) {
      throw std::bad_alloc();
    }
  } else {
    buffer = buffers.back();
    buffers.pop_back();
  }
  return {buffer,
          [pool = shared_from_this(), size](float* freed) { pool->free_[size].push_back(freed); }};
}

void Library::execute(const dnnl::primitive& primitive,
                      const std::unordered_map<int, memory>& arguments) {
  primitive.execute(onednn.stream, arguments);
  onednn.stream.wait();
}

Held new_memory(Library& library, const memory::desc& layout) {
  std::shared_ptr<float> buffer = library.pool->take(layout.get_size());
  return {memory(layout, library.onednn.engine, buffer.get()), buffer};
}

Held reordered(Library& library, const Held& from, const memory::desc& layout) {
  if (from.memory.get_desc() == layout) {
    return from;
  }
  Held to = new_memory(library, layout);
  library.execute(dnnl::reorder(from.memory, to.memory),
                  {{DNNL_ARG_FROM, from.memory}, {DNNL_ARG_TO, to.memory}});
  return to;
}

Tensor tensor_of(Library& library, const Held& from, const memory::desc& row_major,
                 const Shape& shape) {
  Tensor tensor(TensorType{DataType::float32, shape});
  memory to(row_major, library.onednn.engine, tensor.bytes().data());
  library.execute(dnnl::reorder(from.memory, to),
                  {{DNNL_ARG_FROM, from.memory}, {DNNL_ARG_TO, to}});
  return tensor;
}

OneDnnValue::OneDnnValue(std::shared_ptr<Library> library, Shape shape, const memory::desc& layout)
    : library_(std::move(library)),
      shape_(std::move(shape)),
      held_(new_memory(*library_, layout)) {}

Tensor OneDnnValue::row_major() const {
  return tensor_of(*library_, held_, exec::plain_layout(shape_), shape_);
}

std::shared_ptr<const LaidOut> OneDnnValue::plus(const LaidOut& other) const {
  const auto* const right = dynamic_cast<const OneDnnValue*>(&other);
  if (right == nullptr || right->shape_ != shape_) {
    return nullptr;
  }
  const Held same = reordered(*library_, right->held_, layout());
  auto sum = std::make_shared<OneDnnValue>(library_, shape_, layout());
  const auto* const a = static_cast<const float*>(held_.memory.get_data_handle());
  const auto* const b = static_cast<const float*>(same.memory.get_data_handle());
  auto* const c = static_cast<float*>(sum->held_.memory.get_data_handle());
  const std::size_t count = bytes() / sizeof(float);
  for (std::size_t i = 0; i < count; ++i) {
    c[i] = a[i] + b[i];
  }
  return sum;
}

Held memory_of(Library& library, const Value& value, const Shape& shape) {
  if (const auto* const laid_out = dynamic_cast<const OneDnnValue*>(value.laid_out())) {
    return laid_out->held();
  }
  const auto tensor = std::make_shared<const Tensor>(value.tensor());
  // oneDNN takes no constant memory, and writes to no input.
  auto* const data = const_cast<std::byte*>(tensor->bytes().data());
  return {memory(exec::plain_layout(shape), library.onednn.engine, data), tensor};
}

Held memory_in(Library& library, const Value& value, const Shape& shape,
               const memory::desc& layout) {
  return reordered(library, memory_of(library, value, shape), layout);
}

OneDnnSite::OneDnnSite(KernelSite site, std::shared_ptr<Library> library)
    : graph_(site.graph),
      layer_(site.graph.layer(site.layer)),
      library_(std::move(library)),
      wanted_(std::move(site.wanted)) {
  for (const TensorId input : layer_.inputs) {
    types_.push_back(input == kAbsent ? TensorType{} : graph_.tensor(input).type);
    known_.push_back(input == kAbsent ? nullptr : graph_.tensor(input).parameter.get());
  }
}

}  // namespace offcut::train
