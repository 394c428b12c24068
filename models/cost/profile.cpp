// Looks up the layers of a graph in a profile, by name. Every layer must have a time at each batch
// size that was measured; if some have none, the error names them with the nearest names.
#include "models/cost/profile.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "models/base/readable.h"

namespace offcut::cost {
namespace {

constexpr std::size_t kMostNamed = 5;  // The most missing layers in a message.

/// Returns the rows for the graph's model.
std::vector<const ProfileRow*> rows_for(const Profile& profile, const Graph& graph) {
  std::set<std::string> models;
  for (const ProfileRow& row : profile.rows) {
    models.insert(row.model);
  }
  std::vector<const ProfileRow*> rows;
  for (const ProfileRow& row : profile.rows) {
    if (models.size() == 1 || row.model == graph.name()) {
      rows.push_back(&row);
    }
  }
  return rows;
}

std::string missing_text(const std::vector<std::string>& missing,
                         const std::vector<std::string>& known) {
  std::string text;
  for (std::size_t i = 0; i < std::min(missing.size(), kMostNamed); ++i) {
    const std::string near = nearest(missing[i], known);
    text += fmt::format("{}{}{}", i == 0 ? "" : ", ", in_quotes(missing[i]),
                        near.empty() ? "" : fmt::format(" (did you mean {}?)", in_quotes(near)));
  }
  if (missing.size() > kMostNamed) {
    text += fmt::format(" and {} more", missing.size() - kMostNamed);
  }
  return text;
}

/// The layers of a graph in the rows of one batch size.
struct BatchLookup {
  std::vector<Seconds> layers;
  std::vector<std::string> missing;  // The names of layers without a row.
  std::vector<std::string> known;    // The names in the rows.
};

BatchLookup look_up(const std::vector<const ProfileRow*>& rows, const Graph& graph) {
  BatchLookup result;
  std::map<std::string, double> seconds;
  for (const ProfileRow* row : rows) {
    seconds.emplace(row->layer, row->median);
    result.known.push_back(row->layer);
  }
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const auto found = seconds.find(graph.layer(id).name);
    result.layers.emplace_back(found == seconds.end() ? 0 : found->second);
    if (found == seconds.end()) {
      result.missing.push_back(graph.layer(id).name);
    }
  }
  return result;
}

/// Adds an error if the rows of batch 1 are of a network whose layers do other work than the
/// graph's, such as the same one with a longer input. Profiles without work are believed.
void check_work(const std::vector<const ProfileRow*>& rows, const Graph& graph,
                std::vector<Diagnostic>& diagnostics) {
  constexpr double kRounding = 1e-3;  // Of other tools, which write few digits.
  const ProfileRow* first = nullptr;
  double macs = 0;
  std::size_t count = 0;
  for (const ProfileRow* row : rows) {
    const std::optional<LayerId> layer = graph.find_layer(row->layer);
    if (!layer || row->features.macs == 0) {
      continue;
    }
    const double own = graph.layer(*layer).work.macs;
    if (std::abs(own - row->features.macs) > kRounding * std::max(own, row->features.macs)) {
      macs = first == nullptr ? own : macs;
      first = first == nullptr ? row : first;
      ++count;
    }
  }
  if (first != nullptr) {
    diagnostics.push_back(
        {first->place,
         fmt::format("{} was measured with {} M MACs, but has {} M in {}{}: measure the network "
                     "with inputs of this size",
                     in_quotes(first->layer), significant(first->features.macs / 1e6, 4),
                     significant(macs / 1e6, 4), graph.name(),
                     count == 1 ? "" : fmt::format(" (so do {} other layers)", count - 1))});
  }
}

}  // namespace

std::vector<ProfileRow> profile_rows(const Graph& graph, std::int64_t batch, std::int64_t threads) {
  std::vector<ProfileRow> rows;
  const std::vector<LayerFeatures> features = layer_features(graph);
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    rows.push_back({.model = graph.name(),
                    .batch = batch,
                    .threads = threads,
                    .layer = graph.layer(id).name,
                    .features = features[id]});
  }
  return rows;
}

MeasuredTimes times_from(const Profile& profile, const Graph& graph, const Place& place,
                         const std::string& key) {
  const std::vector<const ProfileRow*> rows = rows_for(profile, graph);
  if (rows.empty()) {
    std::vector<std::string> models;
    for (const ProfileRow& row : profile.rows) {
      if (std::find(models.begin(), models.end(), row.model) == models.end()) {
        models.push_back(row.model);
      }
    }
    throw InputError(
        place, fmt::format("{}: {} contains several models, none of them {}{}", key, profile.path,
                           in_quotes(graph.name()), suggestion(graph.name(), models)));
  }
  std::map<std::int64_t, std::vector<const ProfileRow*>> by_batch;
  for (const ProfileRow* row : rows) {
    by_batch[row->batch].push_back(row);
  }
  if (!by_batch.contains(1)) {
    throw InputError(place, fmt::format("{}: {} has no times for batch 1", key, profile.path));
  }
  MeasuredTimes times;
  std::vector<Diagnostic> diagnostics;
  for (const auto& [batch, measured] : by_batch) {
    BatchLookup found = look_up(measured, graph);
    if (!found.missing.empty()) {
      diagnostics.push_back(
          {place, fmt::format("{}: {} has no time for {} of the {} of {}{}: {}", key, profile.path,
                              found.missing.size(), counted(graph.layer_count(), "layer"),
                              graph.name(), batch == 1 ? "" : fmt::format(" at batch {}", batch),
                              missing_text(found.missing, found.known))});
    }
    times.add(batch, std::move(found.layers));
  }
  check_work(by_batch.at(1), graph, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return times;
}

}  // namespace offcut::cost
