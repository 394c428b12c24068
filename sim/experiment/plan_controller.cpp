// Chooses the itineraries of requests among those that were compiled from the plans. Requests that
// take variants in turn are counted for each class and device; those that draw theirs have a random
// stream for each class and device, so that another device shifts no draws.

#include "sim/experiment/plan_controller.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <map>
#include <stdexcept>
#include <utility>

#include "models/base/random.h"

namespace offcut::experiment {
namespace {

class PlansOfModels final : public engine::Controller {
 public:
  PlansOfModels(const engine::Simulation& simulation, PathTable paths)
      : itineraries_(simulation.itineraries), seed_(simulation.seed), paths_(std::move(paths)) {
    for (const engine::RequestClass& request_class : simulation.classes) {
      classes_.push_back(request_class.name);
    }
  }

  const engine::Itinerary& itinerary_of(std::size_t request_class, std::size_t device,
                                        Seconds /*now*/, std::int64_t input) override {
    const Paths& paths = paths_at(paths_[request_class], device);
    const std::vector<std::uint16_t>& ways = paths.way_of_input;
    const std::size_t variant = !ways.empty() ? ways[static_cast<std::size_t>(input) % ways.size()]
                                : paths.planned.size() > 1
                                    ? variant_of(paths, request_class, device)
                                    : 0;
    return itineraries_[paths.planned[variant]];
  }
  const engine::Itinerary& fallback_of(std::size_t request_class, std::size_t device,
                                       Seconds /*now*/) override {
    return itineraries_[paths_at(paths_[request_class], device).fallback];
  }

 private:
  using Source = std::pair<std::size_t, std::size_t>;  // Class and device.

  std::size_t variant_of(const Paths& paths, std::size_t request_class, std::size_t device) {
    using Order = partition::Deployment::Order;
    const partition::Deployment& deployment = *paths.deployment;
    const Source source(request_class, device);
    switch (deployment.order) {
      case Order::by_device:
        return deployment.sequence[device - paths.devices.first];
      case Order::at_random:
        return draw(deployment.odds, source);
      case Order::in_turn:
        break;
    }
    return deployment.sequence[turns_[source]++ % deployment.sequence.size()];
  }

  std::size_t draw(const std::vector<double>& odds, const Source& source) {
    auto stream = streams_.find(source);
    if (stream == streams_.end()) {
      const std::string name = fmt::format("variants of {}", classes_[source.first]);
      stream = streams_.emplace(source, random_stream(seed_, name, source.second)).first;
    }
    double left = boost::random::uniform_01<double>()(stream->second);
    std::size_t variant = 0;
    while (variant + 1 < odds.size() && left >= odds[variant]) {
      left -= odds[variant++];
    }
    return variant;
  }

  std::span<const engine::Itinerary> itineraries_;
  std::uint64_t seed_;
  std::vector<std::string> classes_;
  PathTable paths_;
  std::map<Source, std::uint64_t> turns_;
  std::map<Source, RandomStream> streams_;
};

}  // namespace

const Paths& paths_at(const std::vector<Paths>& ranges, std::size_t device) {
  const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const Paths& paths) {
    return paths.devices.contains(device);
  });
  if (found == ranges.end()) {
    throw std::logic_error(fmt::format("no model was prepared for device {}", device));
  }
  return *found;
}

std::unique_ptr<engine::Controller> plan_controller(const engine::Simulation& simulation,
                                                    PathTable paths) {
  return std::make_unique<PlansOfModels>(simulation, std::move(paths));
}

}  // namespace offcut::experiment
