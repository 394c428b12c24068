// Looks up the layers of a graph in a profile, by name. Every layer must have a time; if some have
// none, the error names them with the nearest names in the profile.
#include "models/cost/profile.h"

#include <fmt/format.h>

#include <map>
#include <set>

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

std::vector<Seconds> times_from(const Profile& profile, const Graph& graph, const Place& place,
                                const std::string& key) {
  const std::vector<const ProfileRow*> rows = rows_for(profile, graph);
  if (rows.empty()) {
    std::vector<std::string> models;
    for (const ProfileRow& row : profile.rows) {
      models.push_back(row.model);
    }
    throw InputError(
        place, fmt::format("{}: {} contains several models, none of them {}{}", key, profile.path,
                           in_quotes(graph.name()), suggestion(graph.name(), models)));
  }
  std::map<std::string, double> seconds;
  std::vector<std::string> known;
  for (const ProfileRow* row : rows) {
    if (row->batch == 1) {
      seconds.emplace(row->layer, row->median);
      known.push_back(row->layer);
    }
  }
  if (known.empty()) {
    throw InputError(place, fmt::format("{}: {} has no times for batch 1", key, profile.path));
  }
  std::vector<Seconds> times;
  std::vector<std::string> missing;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const auto found = seconds.find(graph.layer(id).name);
    times.emplace_back(found == seconds.end() ? 0 : found->second);
    if (found == seconds.end()) {
      missing.push_back(graph.layer(id).name);
    }
  }
  if (!missing.empty()) {
    throw InputError(place, fmt::format("{}: {} has no time for {} of the {} layers of {}: {}", key,
                                        profile.path, missing.size(), graph.layer_count(),
                                        graph.name(), missing_text(missing, known)));
  }
  return times;
}

}  // namespace offcut::cost
