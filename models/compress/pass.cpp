// Chooses and applies passes. The contract that every pass keeps (inputs and outputs stay) is
// checked after each of them, since what follows relies on it.

#include "models/compress/pass.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

template class offcut::Registry<offcut::compress::Pass>;

namespace offcut::compress {
namespace {

bool has_parameter(const Pass& pass, const std::string& name) {
  return std::any_of(pass.parameters.begin(), pass.parameters.end(),
                     [&](const ParameterSpec& spec) { return spec.name == name; });
}

void check_same(const Graph& before, const std::vector<TensorId>& were, const Graph& after,
                const std::vector<TensorId>& are, const std::string& pass) {
  const auto is_same = [&](TensorId was, TensorId now) {
    return before.tensor(was).name == after.tensor(now).name &&
           before.tensor(was).type == after.tensor(now).type;
  };
  if (!std::equal(were.begin(), were.end(), are.begin(), are.end(), is_same)) {
    throw std::logic_error(fmt::format("pass {} changed the inputs or outputs", pass));
  }
}

/// Throws std::invalid_argument for parameters of a rate without a rate.
void check_rate(const Pass& pass, const NamedText& given) {
  const auto is_given = [&](const std::string& name) {
    return std::any_of(given.values.begin(), given.values.end(),
                       [&](const auto& value) { return value.first == name; });
  };
  if (!has_parameter(pass, "steps") || is_given("rate")) {
    return;
  }
  for (const std::string name : {"scope", "steps"}) {
    if (is_given(name)) {
      throw std::invalid_argument(
          fmt::format("{}: {} needs rate, the share that it is about", pass.name, name));
    }
  }
}

}  // namespace

ChosenPass make_pass(const std::string& text, const Registry<Pass>& registry) {
  Named named = named_from(text, "pass", registry);
  const Pass* const pass = registry.find(named.name);
  check_rate(*pass, parse_named(text));
  return {text, pass, std::move(named.parameters)};
}

double gradual_rate(double initial, double final, int step, int steps) {
  const double rest = 1 - static_cast<double>(step) / steps;
  return final + (initial - final) * rest * rest * rest;
}

std::vector<Parameters> rounds_of(const ChosenPass& chosen) {
  const bool is_gradual =
      has_parameter(*chosen.pass, "steps") && has_parameter(*chosen.pass, "rate");
  const int steps = is_gradual ? static_cast<int>(chosen.parameters.at("steps")) : 1;
  std::vector<Parameters> rounds;
  for (int step = 1; step <= steps; ++step) {
    rounds.push_back(chosen.parameters);
    if (steps > 1) {
      rounds.back().set("rate", gradual_rate(0, chosen.parameters.at("rate"), step, steps));
    }
  }
  return rounds;
}

Network apply_pass(const Pass& pass, const Parameters& parameters, const Network& network,
                   const Material& material) {
  if (pass.needs_samples && material.samples == nullptr) {
    throw std::invalid_argument(fmt::format("{} needs samples: a data set", pass.name));
  }
  try {
    Network result = pass.apply(network, parameters, material);
    check_same(network.graph, network.graph.inputs(), result.graph, result.graph.inputs(),
               pass.name);
    check_same(network.graph, network.graph.outputs(), result.graph, result.graph.outputs(),
               pass.name);
    return result;
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", pass.name, error.what()));
  }
}

Network apply_passes(Network network, std::span<const ChosenPass> passes,
                     const Material& material) {
  for (const ChosenPass& chosen : passes) {
    network = apply_pass(*chosen.pass, chosen.parameters, network, material);
  }
  return network;
}

}  // namespace offcut::compress
