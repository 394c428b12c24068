// Chooses oneDNN's kernels for the layers that have one.

#include "models/train/onednn/memory.h"

namespace offcut::train {
namespace {

/// One thread, from the making of a primitive on: it is made for a number of threads, and their
/// number changes the order of sums.
struct OneThread : KernelFactory::Scope {
  exec::ThreadLimit limit{1};
};

class OneDnnKernels : public KernelFactory {
 public:
  std::unique_ptr<Scope> enter() override { return std::make_unique<OneThread>(); }

  std::unique_ptr<Kernel> make(const KernelSite& site) override {
    const Layer& layer = site.graph.layer(site.layer);
    const TensorId first = layer.inputs.empty() ? kAbsent : layer.inputs.front();
    if (first == kAbsent || site.graph.tensor(first).type.type != DataType::float32 ||
        elements(site.graph.tensor(layer.outputs.front()).type.shape) == 0) {
      return nullptr;
    }
    if (layer.op_name == "BatchNormalization" && !site.trains) {
      return nullptr;
    }
    const OneDnnSite own(site, library_);
    for (const auto make_kernel : {convolution_kernel, dense_kernel, eltwise_kernel, pooling_kernel,
                                   batch_norm_kernel, sum_kernel}) {
      try {
        if (auto kernel = make_kernel(own)) {
          return kernel;
        }
      } catch (const dnnl::error&) {
        return nullptr;  // oneDNN has no implementation for these sizes.
      }
    }
    return nullptr;
  }

 private:
  std::shared_ptr<Library> library_ = std::make_shared<Library>();
};

}  // namespace

std::unique_ptr<KernelFactory> fast_kernels() { return std::make_unique<OneDnnKernels>(); }

}  // namespace offcut::train
