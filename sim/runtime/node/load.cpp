// Draws the arrivals of one device from a generator of sim/workload, and lets its node answer them.

#include "sim/runtime/node/load.h"

#include <cmath>

#include "models/base/random.h"

namespace offcut::runtime {

Load::Load(Node& node, const LoadSettings& settings, const Inputs& inputs,
           std::function<std::size_t()> choose_cut, std::function<void(LoadedCall)> ended,
           std::function<void()> over)
    : node_(node),
      loop_(node.transport().loop()),
      settings_(settings),
      inputs_(inputs),
      choose_cut_(std::move(choose_cut)),
      ended_(std::move(ended)),
      over_(std::move(over)),
      source_{.number = 0, .stream = random_stream(settings.seed, "arrivals", 0)} {}

Load::~Load() {
  if (next_ != 0) {
    loop_.cancel(next_);
  }
}

void Load::begin() {
  start_ = loop_.now();
  schedule(Seconds(0));
}

/// Schedules the request after the one at that time of the run.
void Load::schedule(Seconds after) {
  const bool enough = settings_.requests && asked_ >= *settings_.requests;
  const Seconds arrival = asks_ && !enough ? settings_.arrivals->next(after, source_)
                                           : Seconds(std::numeric_limits<double>::infinity());
  if (!std::isfinite(arrival.si()) || (settings_.duration && arrival > *settings_.duration)) {
    asks_ = false;
    end_if_over();
    return;
  }
  next_ = loop_.at(start_ + arrival, [this, arrival] {
    next_ = 0;
    ask(arrival);
  });
}

void Load::ask(Seconds arrival) {
  const std::int64_t number = asked_++;
  std::int64_t input = number;
  if (settings_.arrivals->has_details()) {
    input = settings_.arrivals->detail(source_).input.value_or(number);
  }
  ++under_way_;
  if (!settings_.closed_loop) {
    schedule(arrival);
  }
  Call call{.inputs = inputs_[static_cast<std::size_t>(input) % inputs_.size()],
            .cut = choose_cut_ ? choose_cut_() : 0,
            .arrival = start_ + arrival};
  node_.call(std::move(call), [this, number, input](CallEnd end) {
    --under_way_;
    const Seconds now = end.times.completion - start_;
    ended_({number, input, std::move(end)});
    if (settings_.closed_loop && asks_) {
      schedule(now);
    }
    end_if_over();
  });
}

void Load::stop_asking() {
  asks_ = false;
  if (next_ != 0) {
    loop_.cancel(next_);
    next_ = 0;
  }
  end_if_over();
}

void Load::end_if_over() {
  if (!asks_ && under_way_ == 0 && !is_over_ && next_ == 0) {
    is_over_ = true;
    over_();
  }
}

}  // namespace offcut::runtime
