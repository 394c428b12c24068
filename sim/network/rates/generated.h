#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/base/random.h"
#include "sim/network/rate.h"

namespace offcut::network {

/// A random process in steps, each of which has a factor and lasts for a time.
class RateProcess {
 public:
  /// All that a next step depends on.
  struct State {
    double value = 0;
    std::size_t phase = 0;
  };
  struct Step {
    double lasts;   // In seconds. Above 0.
    double factor;  // Finite and not negative; of mean 1 over time.
  };

  virtual ~RateProcess() = default;
  /// Draws the state at the start, as the process has it in the long run.
  virtual State first(RandomStream& stream) const = 0;
  /// Draws the next step, and moves the state on.
  virtual Step next(State& state, RandomStream& stream) const = 0;
  /// Return bounds of the factors.
  virtual double least() const = 0;
  virtual double most() const = 0;
};

/// A bandwidth times the factors of a process, which has no end: steps are drawn, block by block,
/// as far as anyone looks. Each block has a random stream of its own, and is drawn again when
/// somebody looks back, so that the memory is one block, and some bytes for each one before it.
class Generated final : public Rate::Changing {
 public:
  Generated(std::shared_ptr<const RateProcess> process, double bandwidth, std::uint64_t key);

  double at(double time) const override { return steps_[find(time)].rate; }
  double next_change(double time) const override { return steps_[find(time)].until; }
  double least() const override { return bandwidth_ * process_->least(); }
  double most() const override { return bandwidth_ * process_->most(); }
  double integral(double from, double to) const override;

 private:
  static constexpr std::size_t kSteps = 64;  // Of a block.
  struct Step {
    double from, until, rate;
  };
  /// The beginning of a block.
  struct Block {
    RateProcess::State state;
    double from = 0;
    double before = 0;  // The integral until then.
  };

  std::size_t find(double time) const;
  std::size_t block_of(double time) const;
  void draw(std::size_t block) const;

  std::shared_ptr<const RateProcess> process_;
  double bandwidth_;
  std::uint64_t key_;
  // The draws so far depend on nothing but the process and the key.
  mutable std::vector<Block> blocks_;            // One more than were drawn.
  mutable std::array<Step, kSteps> steps_ = {};  // Of the present block.
  mutable std::size_t present_ = 0;              // Its number.
  mutable std::size_t last_ = 0;                 // The step that was found last.
};

}  // namespace offcut::network
