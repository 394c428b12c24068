#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::runtime {

/// An input or output of a model as its callers see it.
struct TensorSpec {
  std::string name;
  TensorType type;
};

struct ModelSpec {
  std::string name;
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
};

/// The end of a call.
struct CallResult {
  enum class Status {
    answered,
    overloaded,   // Refused by admission, or a queue is full.
    unavailable,  // No tier that could compute it is there, or it took too long.
    failed        // Its computation failed: the inputs can't be computed.
  };
  Status status = Status::answered;
  std::string reason;                     // Unless answered.
  std::map<std::string, Tensor> outputs;  // If answered.
};

/// A model that can be called, be it whole or split over tiers.
class Answerer {
 public:
  virtual ~Answerer() = default;
  virtual const ModelSpec& spec() const = 0;
  /// Returns whether a call would be computed now.
  virtual bool is_ready() const = 0;
  /// Starts a call. `done` is called exactly once, on any thread, maybe before this returns.
  /// REQUIRES: the inputs are those of the spec, with its types. Safe on any thread.
  virtual void infer(std::map<std::string, Tensor> inputs,
                     std::function<void(CallResult)> done) = 0;
};

}  // namespace offcut::runtime
