// `fixed` makes the cut that the user names. `after` holds a layer name for each hop, nearest
// first: that layer and all layers that it depends on are on the near side; "input" leaves no layer
// there. With fewer names than hops, the last tiers stay empty. A list has a name in each line;
// other texts may have blanks or commas between names. O(names * tensors).

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "models/base/error.h"
#include "models/base/readable.h"
#include "partition/algorithm.h"
#include "partition/dependence.h"

namespace offcut::partition {
namespace {

constexpr const char* kAfter = "after";

std::vector<std::string> names_in(const std::string& after, const Problem& problem) {
  const bool is_name =
      std::find(problem.layers.begin(), problem.layers.end(), after) != problem.layers.end();
  const std::string_view between = is_name || after.find('\n') != std::string::npos ? "\n" : " \t,";
  std::vector<std::string> names;
  for (std::size_t begin = 0; begin < after.size();) {
    const std::size_t end = std::min(after.find_first_of(between, begin), after.size());
    if (end > begin) {
      names.push_back(after.substr(begin, end - begin));
    }
    begin = end + 1;
  }
  return names;
}

std::variant<Assignment, Declined> solve_fixed(const Problem& problem,
                                               const Parameters& parameters) {
  std::size_t tier = 0;
  Assignment tier_of(problem.layer_count(), 0);
  std::vector<bool> placed(problem.layer_count(), false);
  std::string previous;
  for (const std::string& name : names_in(parameters.text(kAfter), problem)) {
    if (tier + 1 >= problem.tier_count()) {
      return Declined{fmt::format("'after' may name at most {}, one for each hop",
                                  counted(problem.tier_count() - 1, "layer")),
                      kAfter};
    }
    const auto layer = std::find(problem.layers.begin(), problem.layers.end(), name);
    if (layer == problem.layers.end() && name != "input") {
      return Declined{
          fmt::format("there is no layer '{}'{}", name, suggestion(name, problem.layers)), kAfter};
    }
    const std::vector<bool> before = placed;
    if (name != "input") {
      const auto is_near = up_to(problem, static_cast<LayerId>(layer - problem.layers.begin()));
      for (LayerId id = 0; id < problem.layer_count(); ++id) {
        placed[id] = placed[id] || is_near[id];
      }
    }
    if (tier > 0 && placed == before && name != previous && name != "input") {
      return Declined{fmt::format("'{}' comes before '{}': name the layers from the device on, and "
                                  "'input' for a tier without layers",
                                  name, previous),
                      kAfter};
    }
    previous = name;
    for (LayerId id = 0; id < problem.layer_count(); ++id) {
      tier_of[id] = placed[id] ? tier_of[id] : tier + 1;
    }
    ++tier;
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
                                .is_list = true,
                                .is_text = true,
                                .doc = "the layer to cut after, or `input` for none before it; "
                                       "with several hops, a list of them, as in `[input, pool1]`, "
                                       "one for each hop from the device on",
                                .example = "pool1"}},
                .solve = solve_fixed});
}

}  // namespace offcut::partition
