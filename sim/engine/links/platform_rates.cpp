// One event at a time is scheduled for each link: its next change. SimGrid shares the new bandwidth
// among the flows under way, which keep what they have sent.

#include "sim/engine/links/platform_rates.h"

#include <limits>
#include <simgrid/s4u.hpp>

namespace offcut::engine {

void PlatformRates::start() {
  for (std::uint32_t number = 0; number < links_.size(); ++number) {
    rates_[links_[number].link] = &links_[number].rate;
    expect(number, 0);
  }
}

void PlatformRates::start_flow(simgrid::s4u::Comm& flow, const simgrid::s4u::Host* from,
                               const simgrid::s4u::Host* to) {
  std::vector<simgrid::s4u::Link*> changing;
  if (!rates_.empty()) {
    from->route_to(to, changing, nullptr);
    std::erase_if(changing, [this](const auto* link) { return !rates_.contains(link); });
  }
  for (simgrid::s4u::Link* link : changing) {
    link->set_bandwidth(bandwidth_of(rates_[link]->most()));
  }
  flow.start();
  for (simgrid::s4u::Link* link : changing) {
    link->set_bandwidth(bandwidth_of(rates_[link]->at(events_.now())));
  }
}

void PlatformRates::expect(std::uint32_t number, double now) {
  const double next = links_[number].rate.next_change(now);
  if (next < std::numeric_limits<double>::infinity()) {
    events_.schedule_in_background(next, *this, 0, number);
  }
}

void PlatformRates::handle(std::uint32_t /*kind*/, std::uint32_t number, void* /*subject*/) {
  links_[number].link->set_bandwidth(bandwidth_of(links_[number].rate.at(events_.now())));
  expect(number, events_.now());
}

}  // namespace offcut::engine
