#pragma once

#include <boost/random/uniform_01.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>

#include "random_simulation.h"

namespace offcut::engine {

/// The registered kinds, which must outlive the simulations.
struct RandomSimulation::Registries {
  Registry<workload::ArrivalKind> arrivals;
  Registry<scheduling::QueueKind> queues;
  Registry<scheduling::BatchingKind> batching;
  Registry<scheduling::DispatchKind> dispatch;
  Registry<scheduling::AdmissionKind> admission;
  Registry<scheduling::AutoscalingKind> autoscaling;

  Registries() {
    Registry<workload::ArrivalKind> all;
    workload::register_arrivals(all);
    for (const auto& [name, kind] : all) {
      if (name != "none") {
        arrivals.add(kind);
      }
    }
    scheduling::register_queues(queues);
    scheduling::register_batching(batching);
    scheduling::register_dispatch(dispatch);
    scheduling::register_admission(admission);
    scheduling::register_autoscaling(autoscaling);
  }
  static const Registries& all() {
    static const Registries registries;
    return registries;
  }
};

/// Draws the parts of a random simulation.
class Draws {
 public:
  explicit Draws(std::uint64_t seed, std::string_view name = "a random simulation")
      : stream_(random_stream(seed, name)) {}

  std::size_t below(std::size_t count) {
    return boost::random::uniform_int_distribution<std::size_t>(0, count - 1)(stream_);
  }
  std::size_t from_one_to(std::size_t most) { return 1 + below(most); }
  bool one_in(std::size_t count) { return below(count) == 0; }
  /// Draws a value whose logarithm is uniform.
  double between(double least, double most) {
    return least * std::pow(most / least, boost::random::uniform_01<double>()(stream_));
  }
  Seconds seconds(double least, double most) { return Seconds(between(least, most)); }
  BytesPerSecond rate(double least, double most) { return BytesPerSecond(between(least, most)); }

  template <class Kind>
  const Kind* kind(const Registry<Kind>& registry) {
    auto entry = registry.begin();
    std::advance(entry, static_cast<std::ptrdiff_t>(below(registry.size())));
    return &entry->second;
  }
  /// Draws values around one, within bounds.
  Parameters parameters(const std::vector<ParameterSpec>& specs) {
    Parameters values = defaults(specs);
    for (const ParameterSpec& spec : specs) {
      if (spec.is_text || spec.is_list || !spec.instead_of.empty()) {
        continue;
      }
      if (!spec.fallback || one_in(2)) {
        double value = between(0.2, 5);
        value = spec.is_whole ? std::ceil(value) : value;
        values.set(spec.name, std::clamp(value, spec.least, spec.most));
      }
    }
    return values;
  }
  template <class Kind>
  scheduling::Choice<Kind> choice(const Registry<Kind>& registry) {
    const Kind* chosen = kind(registry);
    return {chosen, parameters(chosen->parameters)};
  }

 private:
  RandomStream stream_;
};

network::Faults random_faults(Draws& draws, std::size_t count);
Noise random_noise(Draws& draws);
Link random_link(Draws& draws, std::size_t number, std::size_t devices);
cost::Radio random_radio(Draws& draws);
/// Gives the devices batteries, some of which are empty before the run ends.
void add_batteries(Draws& draws, Tier& devices);

}  // namespace offcut::engine
