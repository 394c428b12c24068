#include "sim/study/under_load/cut.h"

#include <algorithm>
#include <span>

#include "sim/experiment/compile.h"

namespace offcut::study {

std::optional<Cut::Message> Cut::message(std::size_t hop, bool up) const {
  const std::size_t hops = itinerary.crossings.size() - long_legs.size();
  for (std::size_t leg = 0; leg < itinerary.crossings.size(); ++leg) {
    const engine::Crossing& crossing = itinerary.crossings[leg];
    if (!(up ? crossing.goes_up : crossing.comes_down)) {
      continue;
    }
    const std::span<const std::size_t> crossed =
        leg < hops ? std::span<const std::size_t>(&leg, 1) : long_legs[leg - hops];
    if (std::find(crossed.begin(), crossed.end(), hop) != crossed.end()) {
      return Message{up ? crossing.up_bytes : crossing.down_bytes,
                     {crossed.begin(), crossed.end()}};
    }
  }
  return std::nullopt;
}

Cut cut_of(const experiment::PreparedModel& model, const partition::Plan& plan) {
  Cut cut{.plan = plan};
  cut.itinerary = experiment::itinerary_of(model, plan, cut.long_legs);
  return cut;
}

}  // namespace offcut::study
