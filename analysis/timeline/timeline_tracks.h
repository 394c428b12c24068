#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/timeline/lanes.h"
#include "analysis/timeline/timeline_records.h"
#include "analysis/timeline/trace_file.h"
#include "sim/engine/core/legs.h"
#include "sim/network/attachment.h"

namespace offcut::analysis {

/// The processes and threads of a trace: the requests of each group of devices, by device; the
/// devices and the machines of each later tier; the links of each leg, by direction. Tracks on
/// which spans overlap have several lanes, each a thread.
class TimelineTracks {
 public:
  /// The place of a track: its process, and its position there.
  struct Key {
    std::size_t process = 0;
    std::size_t position = 0;
    auto operator<=>(const Key&) const = default;
  };

  /// The simulation must outlive it.
  explicit TimelineTracks(const engine::Simulation& simulation);

  Key of_run() const { return {0, 0}; }
  Key of_requests(std::size_t device) const;
  Key of_machine(std::size_t tier, std::size_t machine) const { return {tiers_[tier], machine}; }
  Key of_device(std::size_t device) const;
  Key of_link(std::size_t leg, std::size_t link, bool up) const {
    return {legs_of_[leg], 2 * link + (up ? 0 : 1)};
  }
  Key of_span(const engine::Span& span) const;
  Key of_event(const engine::RunEvent& event) const;

  /// Makes a track, unless there is one, and returns the lane of a span on it: see Lanes.
  std::size_t take_lane(const Key& key, std::int64_t begin, std::int64_t end) {
    return tracks_[key].lanes.take(begin, end);
  }
  void make(const Key& key) { tracks_[key]; }
  /// Numbers the threads and writes the names of all processes and threads. REQUIRES: the lanes of
  /// all spans are taken.
  void write(TraceFile& file);
  /// Returns the thread of a lane. REQUIRES: write().
  TraceFile::Track thread(const Key& key, std::size_t lane = 0) const;
  static std::int64_t process(const Key& key) {
    return static_cast<std::int64_t>(key.process) + 1;
  }

 private:
  struct Track {
    Lanes lanes = {};
    std::int64_t first_thread = 0;
  };

  std::string name_of(const Key& key) const;
  std::string machine_name(std::size_t tier, std::size_t machine) const;
  std::string link_name(std::size_t hop, std::size_t link) const;

  const engine::Simulation& simulation_;
  const network::Attachment attachment_;
  const engine::Legs legs_;
  std::vector<std::string> processes_;  // Their names.
  // The processes of requests by group, of tiers, of legs, and of links within teams.
  std::vector<std::size_t> requests_, tiers_, legs_of_;
  std::size_t teams_ = 0;
  std::map<Key, Track> tracks_;
};

}  // namespace offcut::analysis
