#pragma once

#include <array>
#include <string>
#include <vector>

#include "analysis/timeline/timeline_records.h"
#include "analysis/timeline/timeline_tracks.h"

namespace offcut::analysis {

/// The facts of a run that its trace shows.
struct TimelineAbout {
  std::string scenario;
  std::int64_t seed = 0;
  std::string plan;
  std::string kept;
};

/// The size of a trace, and the parts of it that each kind of things takes.
struct TimelineBytes {
  std::int64_t all = 0;
  std::array<std::int64_t, kTimelineOwners> by_owner{};
};

/// Writes the records of a run as a trace: see docs/timeline.md.
class TimelineTrace {
 public:
  /// Counters have at most about so many values each. The simulation and the records must outlive
  /// it.
  TimelineTrace(const engine::Simulation& simulation, const TimelineRecords& records,
                Seconds duration, std::size_t most_moments);

  /// Throws OutputError if the file can't be written. Called once.
  TimelineBytes write(const std::string& path, const TimelineAbout& about);

 private:
  /// A request or a span on its track.
  struct Item {
    TimelineTracks::Key key;
    std::int64_t begin = 0, end = 0;
    std::int64_t shown = 0;  // The begin of its span: a computation's own is after the loading.
    std::int64_t batch = 0;  // Those of one batch share a lane. Below 0: a request.
    std::size_t index = 0;   // Of the request or the span in the records.
    std::size_t lane = 0;
    char flow = ' ';  // Of the arrow of its request; blank: none.

    bool is_request() const { return batch < 0; }
  };

  std::int64_t ticks(Seconds time) const { return clock_.ticks(std::min(time, duration_)); }
  std::int64_t number_of(const Item& item) const {
    return item.is_request() ? records_.requests[item.index].number
                             : records_.spans[item.index].span.number;
  }
  bool belongs_to_request(const Item& item) const {
    return item.is_request() ||
           records_.spans[item.index].span.owner == engine::Span::Owner::request;
  }
  void make_items();
  void take_lanes();
  void draw_arrows();
  std::string name_of(const engine::Span& span) const;
  std::string class_name(std::size_t request_class) const;
  void write_request(const Item& item, TraceFile& file) const;
  void write_span(const Item& item, TraceFile& file) const;
  void write_instants(TraceFile& file) const;
  std::size_t write_counters(TraceFile& file) const;
  void write_row(const engine::SampleRow& row, TraceFile& file) const;

  const engine::Simulation& simulation_;
  const TimelineRecords& records_;
  const Seconds duration_;
  const std::size_t most_moments_;
  const TraceClock clock_;
  const std::vector<std::string> reasons_;  // For drops.
  TimelineTracks tracks_;
  std::vector<Item> items_;
  std::string plan_;
};

}  // namespace offcut::analysis
