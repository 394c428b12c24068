#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "models/base/units.h"

namespace offcut::analysis {

/// The instants of a trace, as whole numbers of its smallest step: rounding keeps the order of
/// times, so that spans nest in the trace as they do in the run.
class TraceClock {
 public:
  /// The step is a nanosecond, or for traces beyond 10^6 s a microsecond: viewers read a time as a
  /// floating-point number of microseconds, which has no more digits.
  explicit TraceClock(Seconds duration) : of_nanoseconds_(duration < Seconds(1e6)) {}

  std::int64_t ticks(Seconds time) const;
  /// Returns the microseconds of an instant. A viewer that multiplies them by 1000 and drops what
  /// is left of a nanosecond has the instant again.
  std::string microseconds(std::int64_t ticks) const;

 private:
  bool of_nanoseconds_;
};

/// The arguments of an event, as the JSON of an object.
class TraceArguments {
 public:
  TraceArguments& add(std::string_view name, std::string_view text);
  TraceArguments& add(std::string_view name, const char* text) {
    return add(name, std::string_view(text));
  }
  TraceArguments& add(std::string_view name, std::int64_t number);
  TraceArguments& add(std::string_view name, Seconds time);  // All digits.
  const std::string& text() const { return text_; }

 private:
  std::string text_;  // Without braces.
};

/// Writes a trace as JSON in Chrome's trace event format, event by event: chrome://tracing and
/// Perfetto read it. Keeps no events.
/// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
class TraceFile {
 public:
  /// A row of a viewer: a thread of a process.
  struct Track {
    std::int64_t process = 0;
    std::int64_t thread = 0;
  };

  /// An empty path means no file: then it only counts. Throws OutputError if the file can't be
  /// opened.
  TraceFile(const std::string& path, TraceClock clock);

  /// Names a process or a thread; `position` is that among the others.
  void process(std::int64_t process, std::string_view name, std::int64_t position);
  void thread(Track track, std::string_view name, std::int64_t position);
  /// A complete span. Spans of one track must be nested or apart.
  void span(Track track, std::int64_t begin, std::int64_t end, std::string_view name,
            std::string_view category, const TraceArguments& arguments);
  void instant(Track track, std::int64_t time, std::string_view name, std::string_view category,
               const TraceArguments& arguments);
  void counter(std::int64_t process, std::int64_t time, std::string_view name, double value);
  /// A point of an arrow: 's' begins it, 't' goes on, 'f' ends it. It belongs to the last span that
  /// was written for the track.
  void flow(Track track, std::int64_t time, char phase, std::int64_t number);

  std::int64_t bytes() const { return bytes_; }
  /// Ends the trace with what there is to say of it as a whole. Throws OutputError if the file
  /// can't be written.
  void close(const TraceArguments& about);

 private:
  void event(std::string_view json);
  void write(std::string_view text);

  std::string path_;
  TraceClock clock_;
  std::ofstream file_;
  std::int64_t bytes_ = 0;
  bool is_first_ = true;
};

}  // namespace offcut::analysis
