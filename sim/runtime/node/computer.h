#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/runtime/node/part.h"
#include "sim/runtime/transport/loop.h"

namespace offcut::runtime {

/// Requests of one cut that a core computes together.
struct Batch {
  std::size_t cut = 0;
  std::vector<PartInput> requests;
  std::shared_ptr<const std::set<std::string>> onward;  // The names of tensors that go on.
};

struct ComputedBatch {
  std::vector<PartOutput> outputs;  // By request.
  Seconds start, end;               // On the loop's clock.
};

/// The cores of a node.
class Computer {
 public:
  virtual ~Computer() = default;
  virtual std::size_t cores() const = 0;
  /// Computes a batch and then calls `done` on the loop's thread. Called on that thread. REQUIRES:
  /// the core computes nothing.
  virtual void compute(std::size_t core, Batch batch, std::function<void(ComputedBatch)> done) = 0;
};

/// Cores that are threads, each with parts that it alone uses.
class Workers final : public Computer {
 public:
  struct Settings {
    std::size_t cores = 1;
    exec::MathEngine engine = exec::MathEngine::fast;
    std::size_t largest_batch = 1;
  };
  /// Prepares all parts on every thread, which takes a while. The loop and the codecs must outlive
  /// it. Throws what prepare() throws.
  Workers(std::vector<Part> cuts, const Settings& settings, Loop& loop,
          const Registry<codec::CodecKind>& codecs);
  ~Workers() override;  // Waits for what is computed; calls nothing back.
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  std::size_t cores() const override { return threads_.size(); }
  void compute(std::size_t core, Batch batch, std::function<void(ComputedBatch)> done) override;

  /// Returns whether batches of the cut really compute together.
  bool computes_together(std::size_t cut) const { return parts_[cut]->sizes() > 1; }
  /// Returns the time of each size of batches on this machine: the median of some runs, measured
  /// on the first core before the node begins. REQUIRES: nothing is computed.
  std::vector<std::vector<Seconds>> measure();

 private:
  struct Thread;

  Settings settings_;
  Loop& loop_;
  std::vector<std::unique_ptr<const BatchedPart>> parts_;  // By cut.
  std::vector<std::unique_ptr<Thread>> threads_;
};

}  // namespace offcut::runtime
