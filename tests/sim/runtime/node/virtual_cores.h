#pragma once

#include <vector>

#include "sim/runtime/node/computer.h"

namespace offcut::runtime {

/// Cores that take given times, by cut and size of the batch, and make an empty tensor of every
/// output that goes on.
class VirtualCores final : public Computer {
 public:
  VirtualCores(Loop& loop, std::size_t cores, std::vector<std::vector<double>> service)
      : loop_(loop), cores_(cores), service_(std::move(service)) {}

  std::size_t cores() const override { return cores_; }
  void compute(std::size_t /*core*/, Batch batch,
               std::function<void(ComputedBatch)> done) override {
    const std::size_t size = batch.requests.size();
    const Seconds start = loop_.now();
    const Seconds end = start + Seconds(service_[batch.cut][size - 1]);
    ComputedBatch computed{.outputs = std::vector<PartOutput>(size), .start = start, .end = end};
    for (PartOutput& output : computed.outputs) {
      for (const std::string& name : *batch.onward) {
        output.onward.push_back({name, Tensor(TensorType{DataType::float32, {}}), nullptr});
      }
    }
    loop_.at(end, [done = std::move(done), computed = std::move(computed)]() mutable {
      done(std::move(computed));
    });
  }

 private:
  Loop& loop_;
  std::size_t cores_;
  std::vector<std::vector<double>> service_;
};

}  // namespace offcut::runtime
