// Deals traces to links. Links that follow the same file share its steps, each with an offset of
// its own; if all links of a hop follow one file from one offset on, they have one rate in common.

#include "sim/scenario/moving_rates.h"

#include <algorithm>
#include <boost/random/uniform_01.hpp>

#include "models/base/random.h"

namespace offcut::scenario {
namespace {

using StepsOf = std::shared_ptr<const network::Steps> (*)(const network::Trace&, bool upwards,
                                                          const TraceChoice&, double payload);

std::shared_ptr<const network::Steps> rates_of(const network::Trace& trace, bool upwards,
                                               const TraceChoice& choice, double payload) {
  return network::rate_steps(trace, upwards, choice.scale, payload);
}

std::shared_ptr<const network::Steps> latencies_of(const network::Trace& trace, bool /*upwards*/,
                                                   const TraceChoice& /*choice*/,
                                                   double /*payload*/) {
  return trace.latency.empty() ? nullptr : trace.latency_steps();
}

/// The traces of the links of one hop.
class Dealer {
 public:
  Dealer(const TraceChoice& choice, std::size_t links, double payload, std::uint64_t seed,
         const std::string& name)
      : choice_(choice), links_(links), payload_(payload) {
    for (std::size_t link = 0; link < (is_common() ? 1 : links); ++link) {
      RandomStream stream = random_stream(seed, "trace offset " + name, link);
      shares_.push_back(choice.draws_offset ? boost::random::uniform_01<double>()(stream) : 0);
    }
  }

  network::OverTime rates() const { return {dealt(true, rates_of), dealt(false, rates_of)}; }
  network::OverTime latencies() const {
    return {dealt(true, latencies_of), dealt(false, latencies_of)};
  }
  /// Returns when the trace of a link, up or down, first ends in the run.
  Seconds end(std::size_t link) const {
    Seconds end = engine::kNever;
    for (const bool up : {true, false}) {
      if (const TraceChoice::Files& files = choice_.files(up); !files.empty()) {
        const network::Trace& trace = *files[link % files.size()];
        end = std::min(end, Seconds(trace.end - offset(trace, link)));
      }
    }
    return std::max(end, Seconds(0));
  }

 private:
  bool is_common() const {
    return choice_.up.size() <= 1 && choice_.down.size() <= 1 && choice_.offsets.size() == 1 &&
           !choice_.draws_offset;
  }
  double offset(const network::Trace& trace, std::size_t link) const {
    return choice_.draws_offset ? shares_[link] * trace.end
                                : choice_.offsets[link % choice_.offsets.size()].si();
  }

  std::optional<network::Rates> dealt(bool upwards, StepsOf steps_of) const {
    const TraceChoice::Files& files = choice_.files(upwards);
    std::vector<std::shared_ptr<const network::Steps>> steps;
    for (const auto& trace : files) {
      steps.push_back(steps_of(*trace, upwards, choice_, payload_));
      if (steps.back() == nullptr) {
        return std::nullopt;  // No file has it, see read_trace_choice().
      }
    }
    if (files.empty()) {
      return std::nullopt;
    }
    std::vector<network::Rate> rates;
    for (std::size_t link = 0; link < (is_common() ? 1 : links_); ++link) {
      const std::size_t file = link % files.size();
      rates.emplace_back(std::make_shared<network::Stepped>(
          steps[file],
          // A link that goes down at the end never uses what follows.
          choice_.loop == TraceChoice::Loop::hold ? network::Stepped::AtEnd::hold
                                                  : network::Stepped::AtEnd::repeat,
          offset(*files[file], link)));
    }
    return is_common() ? network::Rates(rates.front()) : network::Rates(std::move(rates));
  }

  const TraceChoice& choice_;
  std::size_t links_;
  double payload_;
  std::vector<double> shares_;  // Of the trace's length, that offsets are.
};

}  // namespace

std::optional<BytesPerSecond> TraceChoice::mean(bool upwards) const {
  double sum = 0;
  for (const auto& trace : files(upwards)) {
    sum += network::rate_steps(*trace, upwards, scale, 1)->mean();
  }
  const auto count = static_cast<double>(files(upwards).size());
  return count > 0 ? std::optional(BytesPerSecond(sum / count)) : std::nullopt;
}

std::optional<Seconds> TraceChoice::mean_latency() const {
  double sum = 0, count = 0;
  for (const bool upwards : {true, false}) {
    for (const auto& trace : files(upwards)) {
      if (!trace->latency.empty()) {
        sum += trace->latency_steps()->mean();
        ++count;
      }
    }
  }
  return count > 0 ? std::optional(Seconds(sum / count)) : std::nullopt;
}

namespace {

/// Gives links the rates of a model, and sets their bandwidths to the means.
void set_rates(const network::RateModel& model, std::size_t links, std::uint64_t seed,
               const std::string& name, double payload, BytesPerSecond& up, BytesPerSecond& down,
               network::OverTime& moving) {
  const auto rates = [&](bool upwards, BytesPerSecond bandwidth) {
    std::vector<network::Rate> all;
    for (std::size_t link = 0; link < (model.is_common() ? 1 : links); ++link) {
      const std::uint64_t key = random_stream(seed, "rates " + name, link)();
      all.push_back(model.rate({upwards, bandwidth.si(), payload, key}));
    }
    return model.is_common() ? network::Rates(all.front()) : network::Rates(std::move(all));
  };
  moving = {rates(true, up), rates(false, down)};
  up = BytesPerSecond(model.mean(true, up.si()));
  down = BytesPerSecond(model.mean(false, down.si()));
}

}  // namespace

void set_moving_rates(MapReader& /*top*/, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  for (std::size_t number = 0; number < scenario.hops.size(); ++number) {
    HopChoice& hop = scenario.hops[number];
    const std::size_t devices = scenario.tiers[number < scenario.groups ? number : 0].servers;
    const std::size_t links = hop.shared ? 1 : devices;
    if (hop.trace) {
      const Dealer dealer(*hop.trace, links, hop.hop.payload, scenario.seed, hop.name);
      hop.moving_rates = dealer.rates();
      hop.moving_latency = dealer.latencies();
      for (std::size_t link = 0; link < links; ++link) {
        const Seconds end = dealer.end(link);
        hop.trace_ends = std::min(hop.trace_ends, end);
        if (hop.trace->loop == TraceChoice::Loop::end) {
          hop.faults.outages.push_back({link, end, engine::kNever});
        }
      }
    }
    if (hop.rate_model) {
      set_rates(*hop.rate_model, links, scenario.seed, hop.name, hop.hop.payload, hop.hop.up,
                hop.hop.down, hop.moving_rates);
    }
    const std::size_t uplinks = hop.site ? hop.site->number(devices) : 0;
    if (hop.site && hop.site_rates) {
      set_rates(*hop.site_rates, uplinks, scenario.seed, hop.name + " site", hop.hop.payload,
                hop.site->up, hop.site->down, hop.site->moving_rates);
    }
    if (hop.site && hop.site_trace) {
      const Dealer dealer(*hop.site_trace, uplinks, hop.hop.payload, scenario.seed,
                          hop.name + " site");
      hop.site->moving_rates = dealer.rates();
      for (std::size_t link = 0; link < uplinks; ++link) {
        hop.site_trace_ends = std::min(hop.site_trace_ends, dealer.end(link));
      }
    }
  }
}

}  // namespace offcut::scenario
