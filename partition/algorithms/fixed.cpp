// `fixed` makes the cut that the user names. `after` holds a layer name for each hop, nearest
// first: that layer and all layers that it depends on are on the near side; "input" leaves no layer
// there. With fewer names than hops, the last tiers stay empty. O(names * tensors).

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "models/base/error.h"
#include "partition/algorithm.h"
#include "partition/dependence.h"

namespace offcut::partition {
namespace {

constexpr const char* kAfter = "after";

std::variant<Assignment, Declined> solve_fixed(const Problem& problem,
                                               const Parameters& parameters) {
  std::istringstream names(parameters.text(kAfter));
  std::size_t tier = 0;
  Assignment tier_of(problem.layer_count(), 0);
  std::vector<bool> placed(problem.layer_count(), false);
  for (std::string name; names >> name; ++tier) {
    if (tier + 1 >= problem.tier_count()) {
      return Declined{fmt::format("'after' may name at most {} layers, one for each hop",
                                  problem.tier_count() - 1),
                      kAfter};
    }
    const auto layer = std::find(problem.layers.begin(), problem.layers.end(), name);
    if (layer == problem.layers.end() && name != "input") {
      return Declined{
          fmt::format("there is no layer '{}'{}", name, suggestion(name, problem.layers)), kAfter};
    }
    if (name != "input") {
      const auto is_near = up_to(problem, static_cast<LayerId>(layer - problem.layers.begin()));
      for (LayerId id = 0; id < problem.layer_count(); ++id) {
        placed[id] = placed[id] || is_near[id];
      }
    }
    for (LayerId id = 0; id < problem.layer_count(); ++id) {
      tier_of[id] = placed[id] ? tier_of[id] : tier + 1;
    }
  }
  if (tier == 0) {
    return Declined{"it needs 'after': the layer to cut after, or 'input'"};
  }
  return tier_of;
}

}  // namespace

void register_fixed(Registry<Algorithm>& registry) {
  registry.add({.name = "fixed",
                .doc = "the cut that the user names",
                .citation = "the user's own",
                .growth = {"names tensors"},
                .parameters = {{.name = kAfter,
                                .is_text = true,
                                .doc = "the layer to cut after, or 'input'; one for each hop",
                                .example = "pool1"}},
                .solve = solve_fixed});
}

}  // namespace offcut::partition
