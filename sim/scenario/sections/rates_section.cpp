// Reads the kind by which the bandwidths of a hop move, with its parameters.

#include "sim/scenario/sections/rates_section.h"

#include <fmt/format.h>

#include <stdexcept>

namespace offcut::scenario {
namespace {

constexpr KeySpec kRates[] = {
    {.name = "kind",
     .kind = ValueKind::name,
     .noun = "kind of rates",
     .registry = "rates",
     .doc = "The kind. Its parameters stand beside it.",
     .example = "rates: {kind: markov, preset: lte}"},
};

/// Notes an error of the form "NAME: message" at the parameter of that name.
void note(MapReader& reader, const std::string& error) {
  const std::size_t colon = error.find(": ");
  const std::string name = error.substr(0, colon);
  reader.has(name) ? reader.error(name, error.substr(colon + 2)) : reader.error("kind", error);
}

}  // namespace

constinit const KeyTable kRatesKeys{
    .doc =
        "Bandwidths that move around the link's `up` and `down`, which are their means except "
        "under `steps`: planners count with the means. Random kinds have streams of their own "
        "for each device; both directions rise and fall together.",
    .keys = kRates,
    .title = "Moving rates"};

std::shared_ptr<const network::RateModel> read_rate_model(MapReader& reader, ReadSoFar& so_far) {
  if (reader.raw("rates") == nullptr) {
    return nullptr;
  }
  const std::size_t before = so_far.diagnostics.size();
  MapReader map = reader.map("rates");
  const Registry<network::RateKind>& kinds = so_far.registries.rates;
  const auto name = map.one_of("kind", kinds.names());
  const network::RateKind* kind = name ? kinds.find(*name) : nullptr;
  if (kind == nullptr) {
    map.ignore_rest();
    map.done();
    return nullptr;
  }
  const Parameters parameters = map.parameters(kind->parameters);
  map.done();
  if (reader.has("trace")) {
    reader.error("rates", "give 'trace' or 'rates', not both");
  }
  if (so_far.diagnostics.size() != before) {
    return nullptr;
  }
  try {
    return kind->make(parameters);
  } catch (const std::invalid_argument& error) {
    note(map, error.what());
    return nullptr;
  }
}

}  // namespace offcut::scenario
