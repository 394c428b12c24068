// Reads measured.json and requests.csv of a measured run. Only columns that the fit needs are
// required, so that runs of other tools can be converted; times that a row lacks are NaN.

#include "sim/study/calibration/measured_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/base/csv_table.h"
#include "models/base/error.h"
#include "models/base/readable.h"

namespace offcut::study {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr double kMostTime = 1e9;
constexpr double kClockError = 1e-6;  // By which the start and the end of nothing may differ.

/// Reads measured.json into the run.
class Description {
 public:
  Description(const std::string& path, MeasuredRun& run) : path_(path), run_(run) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      throw InputError({path},
                       "cannot be read: expected a folder that offcut serve --load LOAD --out "
                       "DIR wrote, with measured.json and requests.csv");
    }
    try {
      json_ = Json::parse(file);
      read();
    } catch (const Json::exception& error) {
      throw InputError(
          {path}, fmt::format("is no description of a measured run: {}", shortened(error.what())));
    }
  }

 private:
  void read() {
    if (json_.value("format", "") != "offcut-measured" || json_.value("version", 0) != 1) {
      throw InputError({path_}, "expected \"format\": \"offcut-measured\" and \"version\": 1");
    }
    run_.model = json_.value("model", "");
    for (const Json& tier : json_.at("tiers")) {
      run_.tiers.push_back(tier.at("name").get<std::string>());
    }
    run_.load = json_.value("load", "");
    run_.is_closed = json_.value("kind", "") == "closed";
    const Json& cuts = json_.at("cuts");
    if (cuts.size() != 1 || run_.tiers.size() < 2) {
      throw InputError(
          {path_}, fmt::format("has {} on {}: expected one cut on at least two tiers",
                               counted(cuts.size(), "cut"), counted(run_.tiers.size(), "tier")));
    }
    if (!cuts[0].value("codec", "").empty()) {
      throw InputError({path_}, "was measured with a codec, which the fit does not support yet");
    }
    std::vector<std::string> lasts;
    for (const std::string& tier : run_.tiers) {
      run_.layers.push_back(cuts[0].at("layers").value(tier, std::vector<std::string>()));
      lasts.push_back(run_.layers.back().empty() ? "input" : run_.layers.back().back());
    }
    lasts.pop_back();
    run_.cut = fmt::format("{}", fmt::join(lasts, ", "));
  }

  const std::string& path_;
  MeasuredRun& run_;
  Json json_;
};

/// Reads the rows of requests.csv into the run.
class Rows {
 public:
  Rows(const std::string& path, MeasuredRun& run)
      : run_(run), table_(path, "the requests of a measured run", columns(run.tiers)) {
    for (const CsvRow& row : table_.rows()) {
      if (table_.is_whole(row)) {
        read(row);
      }
    }
    table_.stop_on_diagnostics();
  }

 private:
  static CsvColumns columns(const std::vector<std::string>& tiers) {
    CsvColumns columns{.required = {"outcome", "arrival_s", "completion_s"},
                       .optional = {"fell_back", "failures"},
                       .ignores_others = true};
    for (std::size_t tier = 0; tier < tiers.size(); ++tier) {
      for (const char* part : {"start_s", "end_s"}) {
        columns.required.push_back(fmt::format("{}.{}", tiers[tier], part));
      }
      (tier > 0 ? columns.required : columns.optional).push_back(tiers[tier] + ".last_byte_s");
      for (const char* part : {"first_byte_s", "answer_first_s", "answer_last_s", "batch"}) {
        columns.optional.push_back(fmt::format("{}.{}", tiers[tier], part));
      }
    }
    return columns;
  }

  double time(const CsvRow& row, const std::string& column, double fallback = kUnknownTime) {
    if (!table_.has(column) || table_.field(row, column).empty()) {
      return fallback;
    }
    return table_.number(row, column, -kMostTime, kMostTime).value_or(fallback);
  }

  void read(const CsvRow& row) {
    if (table_.field(row, "outcome") != "completed" || time(row, "fell_back", 0) != 0 ||
        time(row, "failures", 0) != 0) {
      ++run_.left_out;
      return;
    }
    const auto arrival = table_.number(row, "arrival_s", -kMostTime, kMostTime);
    const auto completion = table_.number(row, "completion_s", -kMostTime, kMostTime);
    if (!arrival || !completion) {
      return;
    }
    MeasuredRequest request{.arrival = *arrival, .completion = *completion};
    for (const std::string& tier : run_.tiers) {
      request.tiers.push_back({.first_byte = time(row, tier + ".first_byte_s"),
                               .last_byte = time(row, tier + ".last_byte_s"),
                               .start = time(row, tier + ".start_s"),
                               .end = time(row, tier + ".end_s"),
                               .answer_first = time(row, tier + ".answer_first_s"),
                               .answer_last = time(row, tier + ".answer_last_s"),
                               .batch = time(row, tier + ".batch", 1)});
      const MeasuredStage& stage = request.tiers.back();
      if (stage.end < stage.start - kClockError) {
        table_.error(row, tier + ".end_s", "comes before the start of the computation");
      }
    }
    request.tiers.front().first_byte = request.tiers.front().last_byte = request.arrival;
    if (std::isnan(request.tiers.front().answer_last)) {
      request.tiers.front().answer_last = request.completion;
    }
    if (request.completion < request.arrival) {
      table_.error(row, "completion_s", "expected a time after that of the arrival");
    }
    run_.requests.push_back(std::move(request));
  }

  MeasuredRun& run_;
  CsvTable table_;
};

}  // namespace

std::vector<double> MeasuredRun::latencies() const {
  std::vector<double> all;
  for (const MeasuredRequest& request : requests) {
    all.push_back(request.latency());
  }
  return all;
}

LatencyParts MeasuredRun::mean_parts() const {
  LatencyParts sums{};
  const auto add = [&](MeasuredPart part, double value) {
    sums[static_cast<std::size_t>(part)] += value / static_cast<double>(requests.size());
  };
  for (const MeasuredRequest& request : requests) {
    const MeasuredStage& device = request.tiers.front();
    add(MeasuredPart::device_wait, device.start - request.arrival);
    add(MeasuredPart::device_compute, device.end - device.start);
    double sent = device.end;
    for (std::size_t tier = 1; tier < request.tiers.size(); ++tier) {
      const MeasuredStage& stage = request.tiers[tier];
      if (std::isnan(stage.last_byte) || std::isnan(stage.end)) {
        break;
      }
      add(MeasuredPart::upload, stage.last_byte - sent);
      add(MeasuredPart::server_wait, stage.start - stage.last_byte);
      add(MeasuredPart::server_compute, stage.end - stage.start);
      sent = stage.end;
    }
    add(MeasuredPart::download, request.completion - sent);
  }
  return sums;
}

double MeasuredRun::rate() const {
  const double time = requests.back().arrival - requests.front().arrival;
  return time > 0 ? static_cast<double>(requests.size() - 1) / time : 0;
}

MeasuredRun read_measured(const std::string& folder) {
  MeasuredRun run{.folder = folder};
  if (!fs::is_directory(folder)) {
    throw InputError({folder}, "is no folder: expected one that offcut serve --out wrote");
  }
  const fs::path path = fs::path(folder).lexically_normal();
  run.name = (path.has_filename() ? path : path.parent_path()).filename().string();
  Description((fs::path(folder) / "measured.json").string(), run);
  const std::string requests = (fs::path(folder) / "requests.csv").string();
  Rows(requests, run);
  if (run.requests.size() < kFewestMeasured) {
    throw InputError(
        {requests}, fmt::format("has {}: expected at least {}",
                                counted(run.requests.size(), "answered request"), kFewestMeasured));
  }
  std::stable_sort(
      run.requests.begin(), run.requests.end(),
      [](const MeasuredRequest& a, const MeasuredRequest& b) { return a.arrival < b.arrival; });
  return run;
}

}  // namespace offcut::study
