// Fits the model of a hop to measured messages, figure by figure. A message that was ready before
// the last byte of the one before it had left waited for it: the difference of their last bytes is
// the time of its bytes alone. All others found the link free.

#include "sim/study/calibration/link_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/base/quantile.h"
#include "sim/study/calibration/estimates.h"

namespace offcut::study {
namespace {

constexpr double kFloor = 0.05;             // The quantile that stands for undisturbed messages.
constexpr std::size_t kFewestWaiting = 20;  // That a payload is fitted to.
constexpr double kLeastPayload = 0.3;
constexpr double kRounding = 1e-9;
// A given latency fits if the measured one differs by no more: sockets and wake-ups take as long.
constexpr double kLatencySlack = 0.5e-3, kLatencyShare = 0.02;
// Another transport must leave less than this share of the errors, and is as good as the best one
// if that leaves more than this share of its own.
constexpr double kClearlyBetter = 0.8, kNearlyAsGood = 0.9;
constexpr double kSameError = 1e-6;  // In seconds.

/// A message with the time at which its first bit could leave.
struct Sent {
  const MeasuredMessage& message;
  double begin;
  bool found_free;
  bool waited;  // For a good part of the message before it, however late that arrived.
};

/// Calls visit(Sent) with each message.
template <class Visit>
void each_sent(const MeasuredMessages& messages, double latency, Visit visit) {
  constexpr double kGoodPart = 0.25;
  double left = -std::numeric_limits<double>::infinity();  // The last bit of the one before.
  double before = left;                                    // Its first bit.
  for (const MeasuredMessage& message : messages) {
    const double begin = std::max(message.ready, left);
    visit(Sent{message, begin, message.ready >= left,
               message.ready < left - kGoodPart * (left - before)});
    left = std::max(left, message.last_byte - latency);
    before = begin;
  }
}

using Runs = std::vector<MeasuredMessages>;

/// Returns what the model does not explain of each message but the first ones of each run: how much
/// later than there its last byte arrived. A message begins when that before it has left by the
/// model, since the simulation will have it so, and the mean is then that of the measurement.
std::vector<double> rests_of(const Runs& runs, const LinkModel& link, std::size_t without = 0) {
  std::vector<double> rests;
  for (const MeasuredMessages& messages : runs) {
    LinkReplay replay(link);
    double end = -std::numeric_limits<double>::infinity();
    std::size_t number = 0;
    each_sent(messages, link.latency, [&](const Sent& sent) {
      const double begin = std::max(sent.message.ready, end);
      end = begin + replay.duration(begin, sent.message.bytes);
      if (number++ >= without) {
        rests.push_back(sent.message.last_byte - link.latency - end);
      }
    });
  }
  return rests;
}

double mean_deviation(std::vector<double> values) {
  const double median = quantile(values, 0.5);
  double sum = 0;
  for (const double value : values) {
    sum += std::abs(value - median);
  }
  return sum / static_cast<double>(values.size());
}

class HopFitter {
 public:
  HopFitter(const HopModel& given, const Runs& up, const Runs& down) : up_(up), down_(down) {
    fit_.hop = given;
    fit_.hop.burst = 0;
    for (const Runs* runs : {&up, &down}) {
      for (const MeasuredMessages& messages : *runs) {
        fit_.messages += messages.size();
      }
    }
  }

  HopFit fit() {
    if (fit_.messages == 0) {
      return std::move(fit_);
    }
    fit_payload_to_backlog();
    if (!fit_.payload) {
      fit_payload_to_sizes();
    }
    fit_latency();
    fit_transport();
    fit_fixed_time();
    const auto rests = [&](const Runs& runs, bool upwards) {
      std::vector<double> all = rests_of(runs, fit_.hop.link(upwards));
      for (double& rest : all) {
        rest = std::max(0.0, rest - fit_.hop.per_message);
      }
      return all;
    };
    fit_.up_rest = rests(up_, true);
    fit_.down_rest = rests(down_, false);
    return std::move(fit_);
  }

 private:
  void fit_latency() {
    std::vector<analysis::Interval> ways;
    for (const bool upwards : {true, false}) {
      std::vector<double> delays;
      const double rate = fit_.hop.link(upwards).rate;
      for (const MeasuredMessages& messages : upwards ? up_ : down_) {
        each_sent(messages, fit_.hop.latency, [&](const Sent& sent) {
          if (sent.found_free && !std::isnan(sent.message.first_byte)) {
            const double segment = std::min(sent.message.bytes, partition::kSegment.si());
            delays.push_back(
                std::max(0.0, sent.message.first_byte - sent.message.ready - segment / rate));
          }
        });
      }
      if (delays.size() >= kFewestMeasured) {
        ways.push_back(quantile_with_interval(delays, kFloor));
      }
    }
    if (ways.empty()) {
      return;
    }
    // The mean of both directions has no error of the clocks' offset.
    analysis::Interval found = ways.front();
    found.estimate = (ways.front().estimate + ways.back().estimate) / 2;
    found.low = (ways.front().low + ways.back().low) / 2;
    found.high = (ways.front().high + ways.back().high) / 2;
    const double slack = kLatencySlack + kLatencyShare * fit_.hop.latency;
    if (std::abs(found.estimate - fit_.hop.latency) > slack) {
      fit_.latency = found;
      fit_.hop.latency = found.estimate;
    }
  }

  void fit_payload_to_backlog() {
    std::vector<double> payloads;
    for (const bool upwards : {true, false}) {
      const double bandwidth = upwards ? fit_.hop.up : fit_.hop.down;
      for (const MeasuredMessages& messages : upwards ? up_ : down_) {
        double before = 0;
        each_sent(messages, fit_.hop.latency, [&](const Sent& sent) {
          const double between = sent.message.last_byte - before;
          if (sent.waited && between > 0) {
            payloads.push_back(sent.message.bytes / bandwidth / between);
          }
          before = sent.message.last_byte;
        });
      }
    }
    fit_.backlogged = payloads.size();
    if (payloads.size() >= kFewestWaiting) {
      set_payload(quantile_with_interval(payloads, 0.5), true);
    }
  }

  void set_payload(analysis::Interval found, bool from_backlog) {
    if (found.estimate >= kLeastPayload && found.estimate <= 1 + 1e-9) {
      found.high = std::min(found.high, 1.0);
      fit_.hop.payload = std::min(found.estimate, 1.0);
      fit_.payload = found;
      fit_.payload_from_backlog = from_backlog;
    }
  }

  /// Tries a few settings of TCP where messages can stall at all.
  void fit_transport() {
    const double largest = fit_.hop.link(true).rate * 2 * fit_.hop.latency;
    fit_.transport_shows =
        largest > partition::kSegment.si() && !(fit_.hop.tcp && fit_.hop.tcp->handshake);
    if (!fit_.transport_shows) {
      return;
    }
    const auto error = [&](const std::optional<partition::Tcp>& tcp) {
      HopModel hop = fit_.hop;
      hop.tcp = tcp;
      double sum = 0;
      for (const bool upwards : {true, false}) {
        // The connection may have been warm before the first message of a run.
        const std::vector<double> rests = rests_of(upwards ? up_ : down_, hop.link(upwards), 1);
        sum += rests.empty() ? 0 : mean_deviation(rests);
      }
      return sum;
    };
    // The given one if it explains nearly as much as the best one, or else the first that does.
    std::vector<std::optional<partition::Tcp>> others;
    for (const double window : {10.0, 2.0, 4.0, 20.0, 40.0}) {
      for (const bool idle_restart : {true, false}) {
        others.emplace_back(partition::Tcp{.initial_window = window, .idle_restart = idle_restart});
      }
    }
    others.emplace_back(std::nullopt);
    std::vector<double> errors;
    for (const auto& tcp : others) {
      errors.push_back(error(tcp));
    }
    const double least = *std::min_element(errors.begin(), errors.end());
    if (least >= error(fit_.hop.tcp) * kClearlyBetter - kSameError) {
      return;
    }
    const auto best = std::find_if(errors.begin(), errors.end(), [least](double found) {
      return found <= least / kNearlyAsGood + kSameError;
    });
    fit_.hop.tcp = others[static_cast<std::size_t>(best - errors.begin())];
    fit_.transport_changed = true;
  }

  /// The times of messages beyond those of their bytes, and the quantile that is the fixed time.
  struct FixedTimes {
    std::vector<double> values;
    double share = kFloor;

    analysis::Interval interval() const { return quantile_with_interval(values, share); }
  };

  /// Returns the times of messages that found the link free and, by the model, did not stall. Of
  /// stalls, the model is sure on average only: if nearly all messages stalled, it is the median.
  FixedTimes fixed_times(bool upwards) const {
    FixedTimes fixed;
    std::vector<double> stalled;
    const LinkModel link = fit_.hop.link(upwards);
    for (const MeasuredMessages& messages : upwards ? up_ : down_) {
      LinkReplay replay(link);
      double end = -std::numeric_limits<double>::infinity();
      each_sent(messages, link.latency, [&](const Sent& sent) {
        const double begin = std::max(sent.begin, end);
        const double duration = replay.duration(begin, sent.message.bytes);
        const bool stalls = duration > sent.message.bytes / link.rate * (1 + kRounding);
        end = begin + duration;
        if (sent.found_free && begin == sent.begin) {
          (stalls ? stalled : fixed.values)
              .push_back(sent.message.last_byte - begin - link.latency - duration);
        }
      });
    }
    if (fixed.values.size() < kFewestMeasured && stalled.size() >= kFewestMeasured) {
      return {.values = stalled, .share = 0.5};
    }
    return fixed;
  }

  /// Fits a line through the floors of messages of two sizes: those of the two directions.
  void fit_payload_to_sizes() {
    const FixedTimes up = fixed_times(true);
    const FixedTimes down = fixed_times(false);
    if (up.values.size() < kFewestWaiting || down.values.size() < kFewestWaiting) {
      return;
    }
    double sizes[2] = {0, 0};
    for (const bool upwards : {true, false}) {
      double sum = 0;
      double count = 0;
      for (const MeasuredMessages& messages : upwards ? up_ : down_) {
        for (const MeasuredMessage& message : messages) {
          sum += message.bytes / (upwards ? fit_.hop.up : fit_.hop.down);
          ++count;
        }
      }
      sizes[upwards ? 0 : 1] = sum / count;
    }
    const double apart = sizes[0] - sizes[1];
    const analysis::Interval above = up.interval();
    const analysis::Interval below = down.interval();
    // fixed_times() has taken off size / payload already.
    const auto payload_for = [&](double difference) {
      return 1 / (1 / fit_.hop.payload + difference / apart);
    };
    const double noise = above.half_width() + below.half_width();
    if (std::abs(apart) < 10 * noise || apart == 0) {
      return;
    }
    const double difference = above.estimate - below.estimate;
    set_payload({.estimate = payload_for(difference),
                 .low = payload_for(difference + noise),
                 .high = payload_for(difference - noise),
                 .confidence = kFitConfidence,
                 .values = up.values.size() + down.values.size()},
                false);
  }

  void fit_fixed_time() {
    const FixedTimes up = fixed_times(true);
    const FixedTimes down = fixed_times(false);
    if (up.values.size() < kFewestMeasured) {
      return;
    }
    const analysis::Interval fixed = up.interval();
    const double of_down =
        down.values.size() < kFewestMeasured ? fixed.estimate : down.interval().estimate;
    fit_.fixed = fixed;
    fit_.hop.per_message = std::max(0.0, std::min(fixed.estimate, of_down));
    if (fixed.estimate < 0) {
      fit_.hop.per_message = 0;
      fit_.hop.burst = -fixed.estimate * fit_.hop.link(true).rate;
    }
  }

  const Runs& up_;
  const Runs& down_;
  HopFit fit_;
};

}  // namespace

MeasuredMessages messages_of(const MeasuredRun& run, std::size_t tier, bool upwards, double bytes) {
  MeasuredMessages messages;
  for (const MeasuredRequest& request : run.requests) {
    const MeasuredStage& near = request.tiers[tier];
    const MeasuredStage& far = request.tiers[tier + 1];
    const bool goes_on = !std::isnan(far.answer_last);
    const MeasuredMessage message =
        upwards ? MeasuredMessage{near.end, far.first_byte, far.last_byte, bytes}
                : MeasuredMessage{goes_on ? far.answer_last : far.end, near.answer_first,
                                  near.answer_last, bytes};
    if (!std::isnan(message.ready) && !std::isnan(message.last_byte)) {
      messages.push_back(message);
    }
  }
  std::stable_sort(
      messages.begin(), messages.end(),
      [](const MeasuredMessage& a, const MeasuredMessage& b) { return a.ready < b.ready; });
  return messages;
}

HopFit fit_hop(const HopModel& given, const std::vector<MeasuredMessages>& up,
               const std::vector<MeasuredMessages>& down) {
  return HopFitter(given, up, down).fit();
}

}  // namespace offcut::study
