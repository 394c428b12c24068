// `schedule` moves devices at the times that the scenario lists. It relies on the reader for the
// form of the rows, and checks their order, devices and sites.

#include <fmt/format.h>

#include "sim/network/listed_moves.h"

namespace offcut::network {
namespace {

std::unique_ptr<Movement> make_schedule(const MobilityInput& input) {
  auto movement = std::make_unique<ListedMoves>();
  std::vector<Diagnostic> diagnostics;
  Seconds last;
  for (const StatedMove& move : input.moves) {
    if (move.time < last) {
      diagnostics.push_back(
          {move.time_at, fmt::format("at: {} is before the move above ({}); expected moves in "
                                     "order of time",
                                     to_text(move.time), to_text(last))});
    }
    last = std::max(last, move.time);
    if (const std::string reason = reason_no_device(input.groups, move.device); !reason.empty()) {
      diagnostics.push_back({move.device_at, "device: " + reason});
    } else if (const std::string wrong = reason_no_place(input.groups, move.device, move.place);
               !wrong.empty()) {
      diagnostics.push_back({move.place_at, "to: " + wrong});
    } else {
      movement->add(move.device, {move.time, move.place});
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return movement;
}

}  // namespace

void register_schedule(Registry<MobilityKind>& registry) {
  registry.add({.name = "schedule",
                .doc = "moves at the times that the scenario lists",
                .parameters = {},
                .takes_moves = true,
                .make = make_schedule});
}

}  // namespace offcut::network
