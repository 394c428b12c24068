#include "analysis/request_log.h"

namespace offcut {
namespace {

/// What leaves and reaches the device; what tiers send on among themselves stands in links.csv.
/// Nothing is said of a request that fell back: it may have been sent any number of times.
void write_bytes(CsvWriter& row, const RequestRecord& request) {
  if (request.fell_back) {
    row.empty().empty();
    return;
  }
  row.number(request.upload_bytes).number(request.download_bytes);
}

}  // namespace

RequestLog::RequestLog(const std::string& path, const Simulation& simulation,
                       std::vector<Inference*> inference)
    : simulation_(simulation),
      inference_(std::move(inference)),
      latencies_(simulation.classes.size()) {
  inference_.resize(simulation.classes.size());
  for (const std::string& reason : drop_reasons(simulation)) {
    dropped_.push_back("dropped: " + reason);
  }
  if (!path.empty()) {
    file_ = std::make_unique<CsvWriter>(
        path, std::vector<std::string>{
                  "request",       "device",       "outcome",        "arrival_s",
                  "completion_s",  "latency_s",    "device_wait_s",  "device_compute_s",
                  "upload_wait_s", "upload_s",     "server_wait_s",  "server_compute_s",
                  "download_s",    "upload_bytes", "download_bytes", "input",
                  "label",         "predicted",    "class",          "lost_s",
                  "failures",      "fell_back"});
  }
}

void RequestLog::add(const RequestRecord& request) {
  std::optional<Prediction> prediction;
  if (request.completed()) {
    latencies_[request.request_class].add(request);
    prediction = predict(request);
  }
  if (file_) {
    write(request, prediction);
  }
}

std::optional<Prediction> RequestLog::predict(const RequestRecord& request) {
  Inference* inference = inference_[request.request_class];
  // What the device computed alone was not encoded, and may have come out otherwise.
  if (inference == nullptr || (request.fell_back && inference->encodes())) {
    return std::nullopt;
  }
  std::optional<Prediction> prediction = inference->of_request(request.request);
  if (prediction && prediction->label) {
    ++labelled_;
    correct_ += prediction->predicted == *prediction->label ? 1 : 0;
  }
  return prediction;
}

void RequestLog::write(const RequestRecord& request, const std::optional<Prediction>& prediction) {
  CsvWriter& row = *file_;
  row.integer(request.request).integer(static_cast<std::int64_t>(request.device));
  row.text(request.completed()                   ? "completed"
           : request.ending == Ending::in_flight ? "in flight"
                                                 : dropped_[request.reason]);
  row.number(request.arrival);
  request.ending == Ending::in_flight ? row.empty() : row.number(request.completion);
  if (request.completed()) {
    row.number(request.latency());
    row.number(request.device_wait).number(request.device_compute).number(request.upload_wait);
    row.number(request.upload).number(request.server_wait).number(request.server_compute);
    row.number(request.download);
    write_bytes(row, request);
  } else {
    for (int i = 0; i < 10; ++i) {
      row.empty();
    }
  }
  if (prediction) {
    row.integer(prediction->input);
    prediction->label ? row.integer(*prediction->label) : row.empty();
    row.integer(prediction->predicted);
  } else {
    row.empty().empty().empty();
  }
  row.text(simulation_.classes[request.request_class].name).number(request.lost);
  row.integer(request.failures).integer(request.fell_back ? 1 : 0);
  row.end_row();
}

void RequestLog::finish(RunSummary& summary) {
  if (file_) {
    file_->close();
  }
  LatencyStatistics all;
  for (LatencyStatistics& latencies : latencies_) {
    summary.class_latency.push_back(latencies.summary());
    all.take(latencies);
  }
  summary.latency = latencies_.size() == 1 ? summary.class_latency.front() : all.summary();
  summary.labelled = labelled_;
  summary.correct = correct_;
}

}  // namespace offcut
