// Rules with parts. A rule that Changes made is recognised by its type, so that a later pass can
// add to it or replace its projection; a rule of other origin counts as a limit.

#include "models/compress/rules.h"

#include <utility>

#include "models/graph/parameter_value.h"
#include "models/graph/replace.h"

namespace offcut::compress {
namespace {

struct ComposedRule {
  std::vector<train::WeightRule> limits;
  train::WeightRule projection;  // May be empty.

  Tensor operator()(const Tensor& master) const {
    Tensor value = master;
    for (const train::WeightRule& limit : limits) {
      value = limit(value);
    }
    return projection ? projection(value) : value;
  }
};

ComposedRule composed(const train::WeightRule& rule) {
  if (const ComposedRule* const known = rule.target<ComposedRule>()) {
    return *known;
  }
  return {.limits = rule ? std::vector{rule} : std::vector<train::WeightRule>(), .projection = {}};
}

train::WeightRule rule_of(const Network& network,
                          const std::map<std::string, train::WeightRule>& changed,
                          const std::string& parameter) {
  if (const auto it = changed.find(parameter); it != changed.end()) {
    return it->second;
  }
  const auto it = network.rules.find(parameter);
  return it == network.rules.end() ? train::WeightRule() : it->second;
}

}  // namespace

void Changes::limit(const std::string& parameter, train::WeightRule rule) {
  ComposedRule whole = composed(rule_of(network_, rules_, parameter));
  whole.limits.push_back(std::move(rule));
  rules_[parameter] = std::move(whole);
}

void Changes::project(const std::string& parameter, train::WeightRule rule,
                      std::optional<Grid> grid) {
  ComposedRule whole = composed(rule_of(network_, rules_, parameter));
  whole.projection = std::move(rule);
  rules_[parameter] = std::move(whole);
  grids_[parameter] = std::move(grid);
}

Network Changes::network() const {
  Network result{
      .graph = with_parameters(network_.graph,
                               [&](const TensorNode& tensor) -> std::optional<Tensor> {
                                 const auto rule = rules_.find(tensor.name);
                                 return rule == rules_.end()
                                            ? std::nullopt
                                            : std::optional(rule->second(read_parameter(tensor)));
                               }),
      .rules = network_.rules,
      .grids = network_.grids};
  for (const auto& [parameter, rule] : rules_) {
    result.rules[parameter] = rule;
  }
  for (const auto& [parameter, grid] : grids_) {
    result.grids.erase(parameter);
    if (grid) {
      result.grids.emplace(parameter, *grid);
    }
  }
  return result;
}

train::WeightRule mask(std::vector<bool> keep) {
  return [keep = std::move(keep)](const Tensor& master) {
    Tensor result(master.type());
    const auto from = master.values<float>();
    const auto to = result.values<float>();
    for (std::size_t i = 0; i < keep.size(); ++i) {
      to[i] = keep[i] ? from[i] : 0.0F;
    }
    return result;
  };
}

Tensor mapped(const Tensor& values, const std::function<float(float)>& change) {
  Tensor result(values.type());
  const auto from = values.values<float>();
  std::transform(from.begin(), from.end(), result.values<float>().begin(), change);
  return result;
}

}  // namespace offcut::compress
