#include "sim/runtime/service/service_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace offcut::runtime {
namespace {

constexpr std::array kOutcomes = {Outcome::answered,    Outcome::invalid,   Outcome::overloaded,
                                  Outcome::unavailable, Outcome::timed_out, Outcome::error};

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered:
      return "answered";
    case Outcome::invalid:
      return "invalid";
    case Outcome::overloaded:
      return "overloaded";
    case Outcome::unavailable:
      return "unavailable";
    case Outcome::timed_out:
      return "timed_out";
    case Outcome::error:
      break;
  }
  return "error";
}

/// Returns the value of a label, with its quotes.
std::string label(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
      continue;
    }
    text += c == '"' || c == '\\' ? "\\" : "";
    text += c;
  }
  return text + '"';
}

class Writer {
 public:
  void family(const std::string& name, const char* type, const char* help) {
    name_ = name;
    text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  template <class T>
  void sample(T value, const std::string& labels = {}, const char* suffix = "") {
    text_ += fmt::format("{}{}{}{}{} {}\n", name_, suffix, labels.empty() ? "" : "{", labels,
                         labels.empty() ? "" : "}", value);
  }
  template <class T>
  void single(const std::string& name, const char* type, const char* help, T value) {
    family(name, type, help);
    sample(value);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string name_;
  std::string text_;
};

}  // namespace

void ServiceMetrics::call_ended(Outcome outcome, Seconds duration) {
  ++outcomes_[outcome];
  if (outcome == Outcome::answered) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), duration.si());
    ++answered_[static_cast<std::size_t>(bound - kBounds.begin())];
    answered_seconds_ += duration.si();
  }
}

std::string ServiceMetrics::text(const Now& now) const {
  Writer out;
  const std::string model = "model=" + label(now.model);
  out.family("offcut_build_info", "gauge", "The program's version.");
  out.sample(1, "version=" + label(now.version));
  out.family("offcut_model_ready", "gauge", "Whether the model would compute a request now.");
  out.sample(now.ready ? 1 : 0, model);
  out.family("offcut_http_requests_total", "counter", "Answers by path and status.");
  for (const auto& [key, count] : replies_) {
    const auto& [route, status] = key;
    out.sample(count, fmt::format("path=\"{}\",code=\"{}\"",
                                  route ? runtime::to_text(*route) : "other", status));
  }
  out.family("offcut_inference_requests_total", "counter", "Inference requests by their end.");
  for (const Outcome outcome : kOutcomes) {
    const auto found = outcomes_.find(outcome);
    out.sample(found == outcomes_.end() ? 0 : found->second,
               fmt::format("{},outcome=\"{}\"", model, to_text(outcome)));
  }
  out.family("offcut_inference_duration_seconds", "histogram",
             "Time from the last byte of an answered request to its answer.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < answered_.size(); ++i) {
    below += answered_[i];
    out.sample(below,
               fmt::format("{},le=\"{}\"", model,
                           i < kBounds.size() ? fmt::format("{}", kBounds[i]) : "+Inf"),
               "_bucket");
  }
  out.sample(answered_seconds_, model, "_sum");
  out.sample(below, model, "_count");
  out.single("offcut_inference_queued", "gauge",
             "Requests that are read and not yet handed to the model.", queued_);
  out.single("offcut_inference_in_flight", "gauge", "Requests that the model has.", in_flight_);
  out.single("offcut_http_body_bytes", "gauge", "Bytes of request bodies in memory.",
             now.body_bytes);
  out.single("offcut_http_received_bytes_total", "counter", "Bytes of requests.", received_bytes_);
  out.single("offcut_http_sent_bytes_total", "counter", "Bytes of answers.", sent_bytes_);
  out.single("offcut_http_connections", "gauge", "Open connections.", opened_ - closed_);
  out.single("offcut_http_connections_total", "counter", "Connections that were accepted.",
             opened_);
  out.single("offcut_http_connections_refused_total", "counter",
             "Connections that were refused, since there were too many.", refused_);
  out.single("offcut_http_connections_evicted_total", "counter",
             "Connections that were closed in favour of new ones.", evicted_);
  return std::move(out).text();
}

}  // namespace offcut::runtime
