// The grids of weights, as several passes lay them.

#include "models/compress/grids.h"

#include "models/graph/parameter_value.h"

namespace offcut::compress {

void project_to_grid(const Target& target, const Grid& grid, Changes& changes) {
  changes.project(
      target.name, [grid](const Tensor& master) { return rounded_to(grid, master); }, grid);
}

void project_to_grid(const Network& network, const Target& target, const GridChoice& choice,
                     Changes& changes) {
  const Tensor weights = read_parameter(network.graph.tensor(target.tensor));
  project_to_grid(target, grid_for(weights, choice), changes);
}

ParameterSpec bits_parameter(int fallback, const std::string& doc) {
  return {
      .name = "bits", .is_whole = true, .fallback = fallback, .least = 2, .most = 8, .doc = doc};
}

}  // namespace offcut::compress
