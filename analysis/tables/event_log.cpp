#include "analysis/tables/event_log.h"

namespace offcut {
namespace {

const char* to_text(RunEvent::Kind kind) {
  switch (kind) {
    case RunEvent::Kind::machine_down:
      return "machine down";
    case RunEvent::Kind::machine_up:
      return "machine up";
    case RunEvent::Kind::link_down:
      return "link down";
    case RunEvent::Kind::link_up:
      return "link up";
    case RunEvent::Kind::model_loading:
      return "model loading";
    case RunEvent::Kind::model_evicted:
      return "model evicted";
  }
  return "";
}

}  // namespace

void EventLog::add(const RunEvent& event) {
  if (path_.empty()) {
    return;
  }
  if (!file_) {
    file_ = std::make_unique<CsvWriter>(
        path_, std::vector<std::string>{"time_s", "event", "where", "which", "class"});
  }
  const bool is_link =
      event.kind == RunEvent::Kind::link_down || event.kind == RunEvent::Kind::link_up;
  const bool is_model =
      event.kind == RunEvent::Kind::model_loading || event.kind == RunEvent::Kind::model_evicted;
  CsvWriter& row = *file_;
  row.number(event.time).text(to_text(event.kind));
  row.text(is_link ? simulation_.hops[event.where].name : simulation_.tiers[event.where].name);
  row.integer(static_cast<std::int64_t>(event.which));
  is_model ? row.text(simulation_.classes[event.request_class].name) : row.empty();
  row.end_row();
}

void EventLog::close() {
  if (file_) {
    file_->close();
  }
}

}  // namespace offcut
