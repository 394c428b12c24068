// Shortens the logs that grow with a run, requests.csv and series.csv, to what a chart can show.
// The files are read once; of the requests, only latencies are kept.

#include "analysis/page/page_logs.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "analysis/page/csv_stream.h"
#include "analysis/page/page_table.h"

namespace offcut::analysis {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::span<const std::string_view>;

constexpr std::size_t kBodyPoints = 600, kTailPoints = 200;  // Of a distribution.
constexpr double kTail = 0.99;                               // It begins at this share.
constexpr std::size_t kSeriesPoints = 1000;

std::optional<std::size_t> position_in(Fields header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? std::nullopt
                               : std::optional(static_cast<std::size_t>(found - header.begin()));
}

struct PlanLatencies {
  std::string plan;
  std::vector<double> seconds;
};

/// Returns the ranks of a distribution's points among so many answers, ascending.
std::vector<std::size_t> ranks_of(std::size_t count) {
  std::vector<std::size_t> ranks;
  if (count <= kBodyPoints + kTailPoints) {
    for (std::size_t i = 0; i < count; ++i) {
      ranks.push_back(i);
    }
    return ranks;
  }
  const auto add = [&](double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(count - 1));
    if (ranks.empty() || rank > ranks.back()) {
      ranks.push_back(rank);
    }
  };
  for (std::size_t i = 0; i < kBodyPoints; ++i) {
    add(kTail * static_cast<double>(i) / kBodyPoints);
  }
  for (std::size_t i = 0; i <= kTailPoints; ++i) {
    add(kTail + (1 - kTail) * static_cast<double>(i) / kTailPoints);
  }
  return ranks;
}

Json distribution_of(PlanLatencies& plan) {
  std::sort(plan.seconds.begin(), plan.seconds.end());
  Json shares = Json::array(), latencies = Json::array();
  for (const std::size_t rank : ranks_of(plan.seconds.size())) {
    shares.push_back(static_cast<double>(rank + 1) / static_cast<double>(plan.seconds.size()));
    latencies.push_back(plan.seconds[rank]);
  }
  return {{"plan", plan.plan},
          {"answers", plan.seconds.size()},
          {"share", std::move(shares)},
          {"latency_s", std::move(latencies)}};
}

struct PlaceSamples {
  std::string where;
  std::vector<std::vector<double>> values;  // By column; NaN where the field is empty.
};

/// Returns the mean and the greatest of the known values in a range; null if there are none.
std::pair<Json, Json> mean_and_most(const std::vector<double>& values, std::size_t begin,
                                    std::size_t end) {
  double sum = 0, most = 0, count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (!std::isnan(values[i])) {
      most = count == 0 ? values[i] : std::max(most, values[i]);
      sum += values[i];
      ++count;
    }
  }
  return count == 0 ? std::pair(Json(), Json()) : std::pair(Json(sum / count), Json(most));
}

Json place_json(const PlaceSamples& place, const std::vector<std::string>& names) {
  const std::size_t samples = place.values.front().size();
  const std::size_t group = (samples + kSeriesPoints - 1) / kSeriesPoints;
  Json columns = Json::object();
  for (std::size_t column = 0; column < names.size(); ++column) {
    const std::vector<double>& values = place.values[column];
    if (std::all_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
      continue;
    }
    const bool has_most = group > 1 && (names[column] == "present" || names[column] == "waiting");
    Json means = Json::array(), mosts = Json::array();
    for (std::size_t begin = 0; begin < samples; begin += group) {
      auto [mean, most] = mean_and_most(values, begin, std::min(begin + group, samples));
      means.push_back(std::move(mean));
      mosts.push_back(std::move(most));
    }
    columns[names[column]]["mean"] = std::move(means);
    if (has_most) {
      columns[names[column]]["most"] = std::move(mosts);
    }
  }
  return {{"where", place.where},
          {"samples", samples},
          {"group", group},
          {"columns", std::move(columns)}};
}

}  // namespace

Json page_latencies(const std::string& path, const std::string& plan) {
  std::vector<PlanLatencies> plans;
  std::optional<std::size_t> latency, algorithm;
  bool is_header = true;
  for_each_row(path, [&](Fields fields) {
    if (is_header) {
      is_header = false;
      latency = position_in(fields, "latency_s");
      algorithm = position_in(fields, "algorithm");
      return;
    }
    const Json seconds = latency ? number_or_null(fields[*latency]) : Json();
    if (seconds.is_null()) {
      return;  // Not answered.
    }
    const std::string_view name = algorithm ? fields[*algorithm] : std::string_view(plan);
    auto own = std::find_if(plans.begin(), plans.end(),
                            [&](const PlanLatencies& p) { return p.plan == name; });
    if (own == plans.end()) {
      plans.push_back({.plan = std::string(name), .seconds = {}});
      own = plans.end() - 1;
    }
    own->seconds.push_back(seconds.get<double>());
  });
  Json all = Json::array();
  for (PlanLatencies& own : plans) {
    all.push_back(distribution_of(own));
  }
  return all;
}

Json page_series(const std::string& path) {
  std::vector<PlaceSamples> places;
  std::vector<std::string> names;
  std::vector<std::size_t> positions;
  std::optional<std::size_t> where;
  bool is_header = true;
  for_each_row(path, [&](Fields fields) {
    if (is_header) {
      is_header = false;
      where = position_in(fields, "where");
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i != where) {
          names.emplace_back(fields[i]);
          positions.push_back(i);
        }
      }
      return;
    }
    const std::string_view name = where ? fields[*where] : std::string_view();
    auto place = std::find_if(places.begin(), places.end(),
                              [&](const PlaceSamples& p) { return p.where == name; });
    if (place == places.end()) {
      places.push_back({std::string(name), std::vector<std::vector<double>>(names.size())});
      place = places.end() - 1;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Json value = number_or_null(fields[positions[i]]);
      place->values[i].push_back(value.is_null() ? std::nan("") : value.get<double>());
    }
  });
  Json all = Json::array();
  for (const PlaceSamples& place : places) {
    all.push_back(place_json(place, names));
  }
  return all;
}

}  // namespace offcut::analysis
