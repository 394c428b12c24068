#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "sim/runtime/service/answerer.h"

namespace offcut::runtime {

/// The model "small": "y" is half of "x" (FP32 2x3), and "big" says where x is above 1. Held calls
/// end when release() says so.
class SmallModel : public Answerer {
 public:
  SmallModel() {
    spec_.name = "small";
    spec_.inputs = {{"x", {DataType::float32, {2, 3}}}};
    spec_.outputs = {{"y", {DataType::float32, {2, 3}}}, {"big", {DataType::boolean, {2, 3}}}};
  }

  const ModelSpec& spec() const override { return spec_; }
  bool is_ready() const override { return ready; }
  void infer(std::map<std::string, Tensor> inputs, std::function<void(CallResult)> done) override {
    CallResult result = refusal;
    if (result.status == CallResult::Status::answered) {
      result.outputs = outputs(inputs.at("x"));
    }
    if (!hold) {
      return done(std::move(result));
    }
    const std::lock_guard lock(mutex_);
    held_.push_back([done, result] { done(result); });
  }
  void release() {
    const std::lock_guard lock(mutex_);
    for (const auto& end : held_) {
      end();
    }
    held_.clear();
  }
  std::size_t held() {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }

  // Set before the service begins.
  bool ready = true;
  bool hold = false;
  CallResult refusal;

 private:
  static std::map<std::string, Tensor> outputs(const Tensor& x) {
    Tensor y(x.type());
    Tensor big({DataType::boolean, x.shape()});
    for (std::size_t i = 0; i < 6; ++i) {
      y.values<float>()[i] = x.values<float>()[i] / 2;
      big.values<bool>()[i] = x.values<float>()[i] > 1;
    }
    return {{"y", y}, {"big", big}};
  }

  ModelSpec spec_;
  std::mutex mutex_;
  std::vector<std::function<void()>> held_;
};

}  // namespace offcut::runtime
