// Turns the fits of tiers and hops into keys of a scenario, with values of few digits, and says
// what each rests on. A figure that the measurements do not tell stays as given, with a note.

#include "sim/study/calibration/calibration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "models/base/quantile.h"
#include "models/base/readable.h"
#include "sim/engine/tiers/noise.h"
#include "sim/study/calibration/estimates.h"

namespace offcut::study {
namespace {

constexpr int kDigits = 5;             // Of values in the scenario.
constexpr int kShownDigits = 3;        // Of values for people.
constexpr double kLeastNoise = 2e-3;   // The coefficient of variation that is noise at all.
constexpr double kLeastRest = 2e-5;    // The mean time in seconds that is jitter at all.
constexpr double kWidelyApart = 0.25;  // Between the medians of runs that should be alike.

std::string milliseconds(double seconds, int digits) {
  return significant(seconds * 1e3, digits) + " ms";
}

std::string interval_text(const analysis::Interval& interval, double unit, const char* name) {
  return fmt::format("{} to {}{}", significant(interval.low * unit, kShownDigits),
                     significant(interval.high * unit, kShownDigits), name);
}

std::string column_text(const std::string& header, const std::vector<double>& values) {
  std::string text = header + "\n";
  for (const double value : values) {
    text += fmt::format("{:.9g}\n", value);
  }
  return text;
}

double variation(const std::vector<double>& values) {
  const double center = mean_of(values);
  double squares = 0;
  for (const double value : values) {
    squares += (value / center - 1) * (value / center - 1);
  }
  return std::sqrt(squares / static_cast<double>(values.size()));
}

/// Returns so many of the values, evenly spread over their quantiles.
std::vector<double> thinned(std::vector<double> values, std::size_t count) {
  std::sort(values.begin(), values.end());
  std::vector<double> all;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at =
        static_cast<std::size_t>((static_cast<double>(i) + 0.5) *
                                 static_cast<double>(values.size()) / static_cast<double>(count));
    all.push_back(values[std::min(at, values.size() - 1)]);
  }
  return all;
}

class ScenarioFit {
 public:
  ScenarioFit(const experiment::Experiment& experiment, const std::vector<ComparableRun>& runs,
              std::string stem, std::optional<double> rate)
      : scenario_(experiment.scenario), runs_(runs), stem_(std::move(stem)), rate_(rate) {}

  Calibration fit() {
    for (std::size_t tier = 0; tier < scenario_.tiers.size(); ++tier) {
      add_tier(tier);
    }
    for (std::size_t hop = 0; hop + 1 < scenario_.tiers.size(); ++hop) {
      add_hop(hop);
    }
    for (const ComparableRun& run : runs_) {
      if (run.run->left_out > 0) {
        note(fmt::format("{}: {} without an answer in one attempt left out", run.run->name,
                         counted(run.run->left_out, "request")));
      }
    }
    return std::move(result_);
  }

 private:
  void note(std::string text) { result_.notes.push_back(std::move(text)); }

  FittedKey& add(std::vector<std::string> keys, std::string value, std::string given,
                 std::string fitted, std::string origin) {
    result_.keys.push_back({.keys = std::move(keys),
                            .value = std::move(value),
                            .given = std::move(given),
                            .fitted = std::move(fitted),
                            .interval = "",
                            .origin = std::move(origin)});
    return result_.keys.back();
  }

  void add_tier(std::size_t number) {
    const scenario::TierChoice& tier = scenario_.tiers[number];
    const std::vector<std::string> section = {"tiers", tier.name};
    const auto key = [&](const char* name) {
      return std::vector<std::string>{"tiers", tier.name, name};
    };
    std::vector<TierSample> samples;
    for (const ComparableRun& run : runs_) {
      samples.push_back({run.run, run.plan.compute[number]});
    }
    warn_of_contradictions(number, samples);
    const bool is_single = tier.servers == 1 && tier.cores == 1;
    const TierFit fit = fit_tier(number, samples, is_single);
    if (fit.scale) {
      add_scale(tier, fit, key("time-scale"));
      add_noise(tier, fit, key("noise"));
    } else {
      note(fmt::format("tiers.{}: no run has layers there, so its times stay as they are",
                       tier.name));
    }
    if (fit.per_request) {
      FittedKey& added = add(key("per-request"), milliseconds(fit.per_request->estimate, kDigits),
                             milliseconds(tier.per_request.si(), kShownDigits),
                             milliseconds(fit.per_request->estimate, kShownDigits),
                             fmt::format("median of {} requests that {}", fit.per_request->values,
                                         fit.per_request_from_queue ? "waited" : "found it idle"));
      added.interval = interval_text(*fit.per_request, 1e3, " ms");
    }
  }

  void add_scale(const scenario::TierChoice& tier, const TierFit& fit,
                 std::vector<std::string> keys) {
    std::string origin =
        fmt::format("mean of {} computations {}", fit.factors.size(),
                    fit.is_loaded ? "under load" : "one after another, not under load");
    if (fit.is_loaded && fit.idle_scale) {
      origin +=
          fmt::format("; idle {}", significant(*fit.idle_scale * tier.time_scale, kShownDigits));
    }
    if (fit.idle_share < 1) {
      origin += fmt::format("; at {} requests/s, since it grows with the load",
                            significant(rate_.value_or(fit.rate), kShownDigits));
    }
    const double unit = tier.time_scale * (rate_ ? fit.growth(*rate_) : 1);
    FittedKey& added =
        add(std::move(keys), significant(fit.scale->estimate * unit, kDigits),
            significant(tier.time_scale, kShownDigits),
            significant(fit.scale->estimate * unit, kShownDigits), std::move(origin));
    added.interval = interval_text(*fit.scale, unit, "");
    if (!fit.is_loaded) {
      note(
          fmt::format("tiers.{}: only closed loops were measured; under load, computations "
                      "usually take longer",
                      tier.name));
    }
    if (fit.cut_off > 0) {
      note(
          fmt::format("tiers.{}: {} took more than {} times the median and count as "
                      "interruptions of that length",
                      tier.name, counted(fit.cut_off, "computation"), kLongest));
    }
  }

  void add_noise(const scenario::TierChoice& tier, const TierFit& fit,
                 std::vector<std::string> keys) {
    const double cv = variation(fit.factors);
    const double given = engine::deviation(tier.noise);
    if (cv < kLeastNoise) {
      if (given > 0) {
        add(std::move(keys), "{kind: none}", "cv " + percent(given, 2), "none",
            fmt::format("the {} vary by {}", counted(fit.factors.size(), "computation"),
                        percent(cv, 1)));
      }
      return;
    }
    const std::string file = fmt::format("{}-{}.csv", stem_, tier.name);
    result_.files[file] = column_text("factor", fit.factors);
    add(std::move(keys), fmt::format("{{kind: empirical, file: '{}{}'}}", kFolder, file),
        "cv " + percent(given, 2), "cv " + percent(cv, 2),
        fmt::format("{} in {}", counted(fit.factors.size(), "computation"), file));
  }

  /// Notes runs of one kind whose computations differ more than the machine's state explains.
  void warn_of_contradictions(std::size_t tier, const std::vector<TierSample>& samples) {
    const TierSample* quickest = nullptr;
    const TierSample* slowest = nullptr;
    double least = 0;
    double most = 0;
    for (const TierSample& sample : samples) {
      const TierFit own = fit_tier(tier, {sample}, false);
      if (!own.scale) {
        continue;
      }
      const double median = quantile(own.factors, 0.5);
      if (quickest == nullptr || median < least) {
        least = median;
        quickest = &sample;
      }
      if (slowest == nullptr || median > most) {
        most = median;
        slowest = &sample;
      }
    }
    if (quickest != nullptr && most > least * (1 + kWidelyApart)) {
      note(
          fmt::format("tiers.{}: {} and {} contradict each other: against the scenario, their "
                      "computations take {} and {} times as long",
                      scenario_.tiers[tier].name, quickest->run->name, slowest->run->name,
                      significant(least, kShownDigits), significant(most, kShownDigits)));
    }
  }

  void add_hop(std::size_t number) {
    const scenario::HopChoice& hop = scenario_.hops[number];
    std::vector<MeasuredMessages> up;
    std::vector<MeasuredMessages> down;
    for (const ComparableRun& run : runs_) {
      up.push_back(messages_of(*run.run, number, true, run.plan.up_bytes[number]));
      down.push_back(messages_of(*run.run, number, false, run.plan.down_bytes[number]));
    }
    const HopModel given{.up = hop.hop.up.si(),
                         .down = hop.hop.down.si(),
                         .payload = hop.hop.payload,
                         .latency = hop.hop.latency.si(),
                         .per_message = hop.hop.per_message.si(),
                         .burst = hop.burst.si(),
                         .tcp = hop.hop.tcp};
    if (hop.site || hop.cell || hop.moving_rates.any() || hop.trace || hop.rate_model) {
      note(fmt::format("network.{}: links with a site, a cell or rates that change are not fitted",
                       hop.name));
      return;
    }
    const HopFit fit = fit_hop(given, up, down);
    if (fit.messages == 0) {
      note(fmt::format("network.{}: no message crossed it, so it stays as it is", hop.name));
      return;
    }
    add_link_keys(hop, given, fit);
    add_jitter(hop, fit);
  }

  void add_link_keys(const scenario::HopChoice& hop, const HopModel& given, const HopFit& fit) {
    const auto key = [&](const char* name) {
      return std::vector<std::string>{"network", hop.name, name};
    };
    if (fit.latency) {
      add(key("latency"), milliseconds(fit.hop.latency, kDigits),
          milliseconds(given.latency, kShownDigits), milliseconds(fit.hop.latency, kShownDigits),
          fmt::format("first bytes of {} messages on a free link", fit.latency->values))
          .interval = interval_text(*fit.latency, 1e3, " ms");
    }
    if (fit.payload) {
      add(key("payload"), significant(fit.hop.payload, kDigits),
          significant(given.payload, kShownDigits), significant(fit.hop.payload, kShownDigits),
          fit.payload_from_backlog
              ? fmt::format("median of {} messages that followed each other", fit.backlogged)
              : fmt::format("fastest of {} messages of two sizes", fit.payload->values))
          .interval = interval_text(*fit.payload, 1, "");
    } else {
      note(
          fmt::format("network.{}.payload: too few messages followed each other ({}), so that it "
                      "stays {}",
                      hop.name, fit.backlogged, significant(given.payload, kShownDigits)));
    }
    if (fit.fixed) {
      const std::string origin =
          fmt::format("fastest of {} messages on a free link", fit.fixed->values);
      add(key("per-message"), milliseconds(fit.hop.per_message, kDigits),
          milliseconds(given.per_message, kShownDigits),
          milliseconds(fit.hop.per_message, kShownDigits), origin);
      if (fit.hop.burst >= 1 || given.burst > 0) {
        add(key("burst"), fmt::format("{:.0f} B", fit.hop.burst),
            fmt::format("{:.0f} B", given.burst), fmt::format("{:.0f} B", fit.hop.burst),
            origin + ", which take less than their bytes");
      }
    }
    if (fit.transport_changed) {
      add(key("transport"), transport_value(fit.hop.tcp), transport_text(given.tcp),
          transport_text(fit.hop.tcp), "the stalls of messages fit best, of those tried");
    } else if (!fit.transport_shows) {
      note(
          fmt::format("network.{}.transport: no message is long enough for its round trip to "
                      "stall, so that it stays {}",
                      hop.name, transport_text(given.tcp)));
    }
  }

  static std::string transport_value(const std::optional<partition::Tcp>& tcp) {
    return tcp ? fmt::format("{{tcp: {{initial-window: {:.0f}, idle-restart: {}}}}}",
                             tcp->initial_window, tcp->idle_restart)
               : "none";
  }
  static std::string transport_text(const std::optional<partition::Tcp>& tcp) {
    return tcp ? fmt::format("tcp {:.0f}{}", tcp->initial_window,
                             tcp->idle_restart ? ", idle restart" : "")
               : "none";
  }

  void add_jitter(const scenario::HopChoice& hop, const HopFit& fit) {
    const std::vector<std::string> key = {"network", hop.name, "jitter"};
    const double given = hop.jitter ? hop.jitter->mean.si() : 0;
    const double found = (mean_of(fit.up_rest) + mean_of(fit.down_rest)) / 2;
    if (found < kLeastRest) {
      if (given > 0) {
        add(key, "{mean: 0 s}", milliseconds(given, kShownDigits), "none",
            "messages take what the link's other figures say");
      }
      return;
    }
    const std::string file = fmt::format("{}-{}.csv", stem_, hop.name);
    const std::size_t rows = std::max(fit.up_rest.size(), fit.down_rest.size());
    const std::vector<double> none(1, 0.0);
    // The columns have as many rows: the shorter one repeats its quantiles.
    const std::vector<double> up = thinned(fit.up_rest.empty() ? none : fit.up_rest, rows);
    const std::vector<double> down = thinned(fit.down_rest.empty() ? none : fit.down_rest, rows);
    std::string text = "up_s,down_s\n";
    for (std::size_t i = 0; i < rows; ++i) {
      text += fmt::format("{:.9g},{:.9g}\n", up[i], down[i]);
    }
    result_.files[file] = text;
    add(key,
        fmt::format("{{kind: empirical, file: '{}{}', up: up_s, down: down_s}}", kFolder, file),
        fmt::format("mean {}", milliseconds(given, kShownDigits)),
        fmt::format("mean {}", milliseconds(found, kShownDigits)),
        fmt::format("rest of {} messages, in {}", fit.up_rest.size() + fit.down_rest.size(), file));
  }

  const scenario::Scenario& scenario_;
  const std::vector<ComparableRun>& runs_;
  std::string stem_;
  std::optional<double> rate_;
  Calibration result_;
};

}  // namespace

std::string FittedKey::path() const { return fmt::format("{}", fmt::join(keys, ".")); }

std::string FittedKey::value_in(const std::string& folder) const {
  std::string text = value;
  const std::size_t at = text.find(kFolder);
  if (at != std::string::npos) {
    text.replace(at, std::string_view(kFolder).size(), folder.empty() ? "" : folder + "/");
  }
  return text;
}

std::string FittedKey::comment() const {
  return fmt::format("was {}; {}{}", given, origin,
                     interval.empty() ? "" : fmt::format("; 95 %: {}", interval));
}

Calibration fit_scenario(const experiment::Experiment& experiment,
                         const std::vector<ComparableRun>& runs, const std::string& stem,
                         std::optional<double> rate) {
  return ScenarioFit(experiment, runs, stem, rate).fit();
}

}  // namespace offcut::study
