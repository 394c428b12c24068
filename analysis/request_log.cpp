#include "analysis/request_log.h"

namespace offcut {

RequestLog::RequestLog(const std::string& path, const Plan& plan, Inference* inference)
    : inference_(inference) {
  if (!path.empty()) {
    file_ = std::make_unique<CsvWriter>(
        path,
        std::vector<std::string>{"request", "device", "outcome", "arrival_s", "completion_s",
                                 "latency_s", "device_wait_s", "device_compute_s", "upload_wait_s",
                                 "upload_s", "server_wait_s", "server_compute_s", "download_s",
                                 "upload_bytes", "download_bytes", "input", "label", "predicted"});
  }
  // What leaves and reaches the device; what tiers send on among themselves stands in links.csv.
  upload_ = plan.cost.up_bytes.empty() ? Bytes(0) : plan.cost.up_bytes.front();
  download_ = plan.cost.down_bytes.empty() ? Bytes(0) : plan.cost.down_bytes.front();
}

void RequestLog::add(const RequestRecord& request) {
  std::optional<Prediction> prediction;
  if (request.completed) {
    latencies_.add(request);
    if (inference_ != nullptr) {
      prediction = inference_->of_request(request.request);
    }
    if (prediction && prediction->label) {
      ++labelled_;
      correct_ += prediction->predicted == *prediction->label ? 1 : 0;
    }
  }
  if (file_) {
    write(request, prediction);
  }
}

Bytes RequestLog::upload_of(const RequestRecord& request) const {
  return inference_ != nullptr && inference_->encodes() && upload_ > Bytes(0)
             ? inference_->up_bytes(request.request % inference_->input_count(), 0)
             : upload_;
}

void RequestLog::write(const RequestRecord& request, const std::optional<Prediction>& prediction) {
  CsvWriter& row = *file_;
  row.integer(request.request).integer(static_cast<std::int64_t>(request.device));
  row.text(request.completed ? "completed" : "in flight").number(request.arrival);
  if (request.completed) {
    row.number(request.completion).number(request.latency());
    row.number(request.device_wait).number(request.device_compute).number(request.upload_wait);
    row.number(request.upload).number(request.server_wait).number(request.server_compute);
    row.number(request.download).number(upload_of(request)).number(download_);
  } else {
    for (int i = 0; i < 11; ++i) {
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
  row.end_row();
}

void RequestLog::finish(RunSummary& summary) {
  if (file_) {
    file_->close();
  }
  summary.latency = latencies_.summary();
  summary.labelled = labelled_;
  summary.correct = correct_;
}

}  // namespace offcut
