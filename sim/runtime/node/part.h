#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/base/registry.h"
#include "models/codec/codec.h"
#include "models/exec/math_engine.h"
#include "models/exec/prepared.h"
#include "models/graph/graph.h"
#include "sim/runtime/service/answerer.h"
#include "sim/runtime/transport/message.h"

namespace offcut::runtime {

/// Tensors by name, as parts of one network know them.
using NamedTensors = std::map<std::string, Tensor>;

/// The work of a tier under one cut: some layers of a network.
struct Part {
  std::shared_ptr<const Graph> graph;  // Null: the tier has no layers, and relays.
  /// Those of its outputs that are outputs of the whole network. None: those that no later tier
  /// needs.
  std::optional<std::set<std::string>> results;
  /// The codecs with which its tensors go on; the others go on as they are.
  std::map<std::string, std::shared_ptr<const codec::Codec>> codecs;
  /// Makes the graph for a batch; throws InputError or std::invalid_argument if it can't. Null: it
  /// is made for a batch of one.
  std::function<Graph(std::int64_t)> in_batches;

  std::vector<TensorSpec> inputs() const;
  std::vector<TensorSpec> outputs() const;
  std::vector<std::string> layers() const;
};

/// The tensors that a request brings to a computation.
using PartInput = std::vector<MessageTensor>;

/// The result of a computation on them.
struct PartOutput {
  NamedTensors made;
  std::vector<MessageTensor> onward;  // Those of them that go on, encoded if they have a codec.
  std::string error;                  // Not empty: the part can't compute these tensors.
};

/// A part for each size of batches, shared by the threads that compute it.
class BatchedPart {
 public:
  /// Throws InputError or std::invalid_argument if the part itself is invalid.
  BatchedPart(Part part, std::size_t largest_batch);

  const Part& part() const { return part_; }
  /// Returns the number of sizes that really compute together: 1 if the batch is fixed, else the
  /// largest batch.
  std::size_t sizes() const { return graphs_.size(); }
  /// Returns the graph of a batch. REQUIRES: the part has a graph, and 1 <= size <= sizes().
  const Graph& graph(std::size_t size) const { return *graphs_[size - 1]; }

 private:
  Part part_;
  std::vector<std::shared_ptr<const Graph>> graphs_;  // By size.
};

/// A part made ready for one thread.
class ReadyPart {
 public:
  /// `part` and `codecs` must outlive it. Prepares all sizes for the fast engine. Throws
  /// std::invalid_argument for layers without math.
  ReadyPart(const BatchedPart& part, exec::MathEngine engine,
            const Registry<codec::CodecKind>& codecs);

  /// Computes the requests together, or one after the other if the part's batch is fixed, or if one
  /// of them is invalid: that one alone has an error then. Tensors named in `onward` go on.
  std::vector<PartOutput> run(std::span<const PartInput> requests,
                              const std::set<std::string>& onward);

 private:
  NamedTensors decoded(const PartInput& input) const;
  std::vector<NamedTensors> compute(const std::vector<NamedTensors>& inputs);
  void send_on(const std::set<std::string>& onward, PartOutput& output) const;

  const BatchedPart& part_;
  exec::MathEngine engine_;
  const Registry<codec::CodecKind>& codecs_;
  std::vector<exec::Segment> segments_;                  // By size.
  std::vector<std::optional<exec::Prepared>> prepared_;  // The same. None: the reference engine.
};

}  // namespace offcut::runtime
