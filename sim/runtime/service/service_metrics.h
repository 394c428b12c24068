#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "models/base/units.h"
#include "sim/runtime/service/routes.h"

namespace offcut::runtime {

/// How an inference request ended.
enum class Outcome {
  answered,
  invalid,      // The request itself, or its inputs.
  overloaded,   // The service, or the model's admission.
  unavailable,  // No tier could compute it.
  timed_out,    // Its computation took too long.
  error         // Ours.
};

/// The counts of a service, in the text format of Prometheus. Not safe for use by several threads.
class ServiceMetrics {
 public:
  void reply(std::optional<Route> route, unsigned status) { ++replies_[{route, status}]; }
  /// `duration` is from the request's last byte to its answer.
  void call_ended(Outcome outcome, Seconds duration);
  void received(std::size_t bytes) { received_bytes_ += bytes; }
  void sent(std::size_t bytes) { sent_bytes_ += bytes; }
  void connection_opened() { ++opened_; }
  void connection_closed() { ++closed_; }
  void connection_refused() { ++refused_; }
  void connection_evicted() { ++evicted_; }
  void call_queued() { ++queued_; }
  void call_started() { --queued_, ++in_flight_; }
  void call_finished() { --in_flight_; }
  /// A call that is refused by what its request says.
  void call_refused() { --queued_; }

  std::int64_t calls() const { return queued_ + in_flight_; }

  /// The figures that others know at the time of the answer.
  struct Now {
    std::string model;
    std::string version;
    bool ready = false;
    std::size_t body_bytes = 0;
  };
  std::string text(const Now& now) const;

 private:
  static constexpr std::array kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                         0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

  std::map<std::pair<std::optional<Route>, unsigned>, std::uint64_t> replies_;
  std::map<Outcome, std::uint64_t> outcomes_;
  std::array<std::uint64_t, kBounds.size() + 1> answered_ = {};  // By bound; the last one: above.
  double answered_seconds_ = 0;
  std::uint64_t received_bytes_ = 0;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t closed_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t evicted_ = 0;
  std::int64_t queued_ = 0;
  std::int64_t in_flight_ = 0;
};

}  // namespace offcut::runtime
