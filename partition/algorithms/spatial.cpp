// `spatial` runs the first layers of a network in fused tiles on several devices of the first
// tier's kind, the rest on one of them (Zhao, Barijough, Gerstlauer, DeepThings, IEEE TCAD 37(11),
// 2018). models/parallel/tile.h computes the needs of a tile, and partition/solvers/tile_schedule.h
// the schedule. The time of a layer for a tile is proportional to the tile's share of its output
// pixels. Unless `layers` is given, every number of fused layers is tried.
//
// The assignment places all layers on the device, because the others help it; the deployment is the
// team of the devices. O(layers^2 * tiles), plus the time of the schedules.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "models/parallel/tile.h"
#include "partition/algorithm.h"
#include "partition/solvers/tile_schedule.h"

namespace offcut::partition {
namespace {

constexpr double kMostTilingSteps = 1e5;  // The limit of the search for a schedule.

/// The first layers in tiles.
struct Tiled {
  LayerId last = 0;
  TileProblem tiles;
  TileSchedule schedule;
  double relative_work = 0;  // The work of the tiles, relative to that of the whole layers.
  Seconds rest;              // The remaining layers, on the first device.

  Seconds latency() const { return schedule.makespan + rest; }
};

std::size_t count_of(const Parameters& parameters, const std::string& name) {
  return static_cast<std::size_t>(parameters.at(name));
}

TileNeeds needs_of(const Problem& problem, const parallel::TileStack& stack,
                   const std::vector<parallel::Region>& regions) {
  const parallel::TileWork work = parallel::tile_work(*problem.extras.graph, stack, regions);
  TileNeeds needs{.input = Bytes(work.input_bytes),
                  .output = Bytes(work.output_bytes),
                  .memory = Bytes(work.activation_memory + work.weight_bytes)};
  for (std::size_t i = 0; i < stack.layers.size(); ++i) {
    const parallel::TiledLayer& layer = stack.layers[i];
    needs.work += problem.seconds[0][layer.layer].si() *
                  static_cast<double>(regions[i + 1].area()) /
                  static_cast<double>(layer.rows.out * layer.columns.out);
  }
  return needs;
}

/// Returns the stack in tiles; none if it has fewer pixels than the grid, or if a tile fits
/// nowhere.
std::optional<Tiled> in_tiles(const Problem& problem, const parallel::TileStack& stack,
                              const Parameters& parameters) {
  const auto rows = static_cast<std::int64_t>(parameters.at("rows"));
  const auto columns = static_cast<std::int64_t>(parameters.at("columns"));
  if (rows > stack.layers.back().rows.out || columns > stack.layers.back().columns.out) {
    return std::nullopt;
  }
  Tiled tiled{.last = stack.layers.back().layer};
  tiled.tiles.devices = std::vector<TileDevice>(
      count_of(parameters, "devices"), {.name = problem.tiers[0],
                                        .speed = 1,
                                        .bandwidth = BytesPerSecond(parameters.at("bandwidth")),
                                        .memory = Bytes(parameters.at("memory"))});
  double work = 0;
  for (const parallel::Region& tile : parallel::tile_grid(stack, rows, columns)) {
    tiled.tiles.tiles.push_back(needs_of(problem, stack, parallel::needed_regions(stack, tile)));
    work += tiled.tiles.tiles.back().work;
  }
  const auto schedule = schedule_tiles(tiled.tiles, kMostTilingSteps);
  if (!schedule) {
    return std::nullopt;
  }
  tiled.schedule = *schedule;
  const auto& seconds = problem.seconds[0];
  const Seconds all = std::accumulate(seconds.begin(), seconds.end(), Seconds(0));
  double alone = 0;
  for (const parallel::TiledLayer& layer : stack.layers) {
    alone += seconds[layer.layer].si();
  }
  tiled.relative_work = alone > 0 ? work / alone : 1;
  tiled.rest = problem.per_request_on(0) + (all - Seconds(alone));
  return tiled;
}

/// Returns the tiling of the best number of first layers; none if no number is possible.
std::optional<Tiled> best_tiling(const Problem& problem, parallel::TileStack stack,
                                 const Parameters& parameters) {
  const std::size_t wanted = count_of(parameters, "layers");
  std::optional<Tiled> best;
  for (; !stack.layers.empty(); stack.layers.pop_back()) {
    if (wanted != 0 && wanted != stack.layers.size()) {
      continue;
    }
    try {
      std::optional<Tiled> tiled = in_tiles(problem, stack, parameters);
      if (tiled && (!best || tiled->latency() < best->latency())) {
        best = std::move(tiled);
      }
    } catch (const std::invalid_argument&) {
      continue;  // A tile would consist of padding only.
    }
  }
  return best;
}

std::vector<PlanFigure> figures_of(const Problem& problem, const Tiled& tiled) {
  double memory = 0;
  for (const TileNeeds& tile : tiled.tiles.tiles) {
    memory = std::max(memory, tile.memory.si());
  }
  std::vector<PlanFigure> figures = {{"tiled_until", "", problem.layers[tiled.last]},
                                     {"latency", "s", tiled.latency().si()},
                                     {"makespan", "s", tiled.schedule.makespan.si()},
                                     {"makespan_bound", "s", tiled.schedule.bound.si()},
                                     {"work_of_untiled", "", tiled.relative_work},
                                     {"memory", "bytes", memory}};
  for (std::size_t tile = 0; tile < tiled.schedule.device_of.size(); ++tile) {
    figures.push_back({fmt::format("tile {}", tile + 1), "",
                       fmt::format("{} {}", problem.tiers[0], tiled.schedule.device_of[tile] + 1)});
  }
  return figures;
}

/// Returns the team whose devices run their tiles in order, and of which the first one then
/// computes the rest.
Team team_of(const Tiled& tiled) {
  const std::vector<TileDevice>& devices = tiled.tiles.devices;
  TeamPhase tiles(devices.size());
  for (std::size_t tile = 0; tile < tiled.tiles.tiles.size(); ++tile) {
    const TileNeeds& needs = tiled.tiles.tiles[tile];
    const std::size_t device = tiled.schedule.device_of[tile];
    TeamStrand& strand = tiles[device];
    if (device > 0) {
      strand.push_back(TeamStep::receive(device, needs.input));
    }
    strand.push_back(TeamStep::compute(device, Seconds(needs.work / devices[device].speed)));
    if (device > 0) {
      strand.push_back(TeamStep::send(device, needs.output));
    }
  }
  std::erase_if(tiles, [](const TeamStrand& strand) { return strand.empty(); });
  // Rounding can make the rest a little less than nothing.
  const TeamStrand rest = {TeamStep::compute(0, std::max(tiled.rest, Seconds(0)))};
  return {.machines = devices.size(),
          .bandwidth = devices.front().bandwidth,
          .latency = {},
          .phases = {std::move(tiles), {rest}}};
}

Answer solve_spatial(const Problem& problem, const Parameters& parameters) {
  if (problem.extras.graph == nullptr || problem.layer_count() == 0) {
    return Declined{"it needs the network, not only its costs"};
  }
  const parallel::TileStack stack = parallel::longest_tile_stack(*problem.extras.graph, 0);
  const auto tiled = best_tiling(problem, stack, parameters);
  if (!tiled) {
    return Declined{fmt::format(
        "{} first layers can be tiled, but none has {:.0f}x{:.0f} tiles that fit on a device",
        stack.layers.size(), parameters.at("rows"), parameters.at("columns"))};
  }
  Answer answer = Assignment(problem.layer_count(), 0);
  answer.figures = figures_of(problem, *tiled);
  answer.makespan = tiled->schedule.makespan;
  answer.deployment = Deployment{.team = team_of(*tiled)};
  return answer;
}

ParameterSpec tiling_parameter(std::string name, double fallback, double least, double most,
                               std::string doc) {
  return {.name = std::move(name),
          .fallback = fallback,
          .least = least,
          .most = most,
          .doc = std::move(doc)};
}

}  // namespace

void register_spatial(Registry<Algorithm>& registry) {
  registry.add(
      {.name = "spatial",
       .doc = "the first layers in fused tiles on several devices of the first tier",
       .citation = "Zhao, Barijough, Gerstlauer, DeepThings, IEEE TCAD 37(11), 2018",
       .growth = {"layers^2 tiles"},
       .takes = {.graph = true},
       .parameters = {tiling_parameter("rows", 2, 1, 32, "rows of the grid of tiles"),
                      tiling_parameter("columns", 2, 1, 32, "columns of the grid of tiles"),
                      tiling_parameter("devices", 4, 1, 100, "devices that share the tiles"),
                      tiling_parameter("layers", 0, 0, 1e6, "layers to fuse; 0: the best number"),
                      {.name = "bandwidth",
                       .dimension = Dimension::bandwidth,
                       .fallback = 12.5e6,
                       .least = 1,
                       .doc = "of each helper's link, each way"},
                      {.name = "memory",
                       .dimension = Dimension::data,
                       .fallback = 1e12,
                       .doc = "of each device, for a tile's tensors and the weights"}},
       .solve = solve_spatial,
       .branches = Branches::declined_on_device});
}

}  // namespace offcut::partition
