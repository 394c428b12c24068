// Draws a random rate block by block. A block is drawn from its state at its beginning and from the
// stream with its number, so that it is the same whenever it is drawn.

#include "sim/network/rates/generated.h"

#include <algorithm>
#include <utility>

namespace offcut::network {

Generated::Generated(std::shared_ptr<const RateProcess> process, double bandwidth,
                     std::uint64_t key)
    : process_(std::move(process)), bandwidth_(bandwidth), key_(key) {
  RandomStream stream = random_stream(key_, "start");
  blocks_.push_back({.state = process_->first(stream)});
  draw(0);
}

void Generated::draw(std::size_t block) const {
  RandomStream stream = random_stream(key_, "block", block);
  RateProcess::State state = blocks_[block].state;
  double time = blocks_[block].from;
  double integral = blocks_[block].before;
  for (Step& step : steps_) {
    const RateProcess::Step drawn = process_->next(state, stream);
    step = {time, time + drawn.lasts, bandwidth_ * drawn.factor};
    time = step.until;
    integral += (step.until - step.from) * step.rate;
  }
  present_ = block;
  last_ = 0;
  if (blocks_.size() == block + 1) {
    blocks_.push_back({state, time, integral});
  }
}

/// Returns the number of the block with this time, of those that were drawn or are drawn now.
std::size_t Generated::block_of(double time) const {
  while (blocks_.back().from <= time) {
    draw(blocks_.size() - 1);
  }
  const auto after = std::upper_bound(blocks_.begin(), blocks_.end(), time,
                                      [](double t, const Block& block) { return t < block.from; });
  return static_cast<std::size_t>(after - blocks_.begin()) - 1;
}

std::size_t Generated::find(double time) const {
  if (time < steps_.front().from || time >= steps_.back().until) {
    if (const std::size_t block = block_of(time); block != present_) {
      draw(block);
    }
  }
  if (time < steps_[last_].from) {
    last_ = 0;
  }
  while (time >= steps_[last_].until) {
    ++last_;
  }
  return last_;
}

double Generated::integral(double from, double to) const {
  const std::size_t first = block_of(from), last = block_of(to);
  if (last - first < 2) {
    return integral_over(*this, from, to);
  }
  // The whole blocks between the first and the last one.
  return integral_over(*this, from, blocks_[first + 1].from) +
         (blocks_[last].before - blocks_[first + 1].before) +
         integral_over(*this, blocks_[last].from, to);
}

}  // namespace offcut::network
