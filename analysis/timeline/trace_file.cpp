// Writes the events of a trace as JSON, one per line. Names come from scenarios, so they may have
// any characters: they are escaped to ASCII, and bytes that are no UTF-8 are replaced.

#include "analysis/timeline/trace_file.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/base/output_error.h"

namespace offcut::analysis {
namespace {

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::int64_t TraceClock::ticks(Seconds time) const {
  return std::llround(time.si() * (of_nanoseconds_ ? 1e9 : 1e6));
}

std::string TraceClock::microseconds(std::int64_t ticks) const {
  if (!of_nanoseconds_) {
    return fmt::format("{}", ticks);
  }
  double value = static_cast<double>(ticks) / 1000;
  while (static_cast<std::int64_t>(value * 1000) < ticks) {
    value = std::nextafter(value, std::numeric_limits<double>::infinity());
  }
  return fmt::format("{}", value);
}

TraceArguments& TraceArguments::add(std::string_view name, std::string_view text) {
  text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, quoted(text));
  return *this;
}

TraceArguments& TraceArguments::add(std::string_view name, std::int64_t number) {
  text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, number);
  return *this;
}

TraceArguments& TraceArguments::add(std::string_view name, Seconds time) {
  text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "" : ",", name, time.si());
  return *this;
}

TraceFile::TraceFile(const std::string& path, TraceClock clock)
    : path_(path), clock_(clock) {
  if (!path_.empty()) {
    file_.open(path_, std::ios::binary);
    if (!file_) {
      throw OutputError({path_}, "cannot be written");
    }
  }
  write("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[");
}

void TraceFile::write(std::string_view text) {
  if (!path_.empty()) {
    file_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  bytes_ += static_cast<std::int64_t>(text.size());
}

void TraceFile::event(std::string_view json) {
  write(std::exchange(is_first_, false) ? "\n" : ",\n");
  write(json);
}

void TraceFile::process(std::int64_t process, std::string_view name, std::int64_t position) {
  event(fmt::format(R"({{"ph":"M","name":"process_name","pid":{},"args":{{"name":{}}}}})", process,
                    quoted(name)));
  event(fmt::format(
      R"({{"ph":"M","name":"process_sort_index","pid":{},"args":{{"sort_index":{}}}}})", process,
      position));
}

void TraceFile::thread(Track track, std::string_view name, std::int64_t position) {
  event(fmt::format(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}}}})",
                    track.process, track.thread, quoted(name)));
  event(fmt::format(
      R"({{"ph":"M","name":"thread_sort_index","pid":{},"tid":{},"args":{{"sort_index":{}}}}})",
      track.process, track.thread, position));
}

void TraceFile::span(Track track, std::int64_t begin, std::int64_t end, std::string_view name,
                     std::string_view category, const TraceArguments& arguments) {
  event(fmt::format(
      R"({{"ph":"X","name":{},"cat":"{}","pid":{},"tid":{},"ts":{},"dur":{},"args":{{{}}}}})",
      quoted(name), category, track.process, track.thread, clock_.microseconds(begin),
      clock_.microseconds(end - begin), arguments.text()));
}

void TraceFile::instant(Track track, std::int64_t time, std::string_view name,
                        std::string_view category, const TraceArguments& arguments) {
  event(fmt::format(
      R"({{"ph":"i","s":"t","name":{},"cat":"{}","pid":{},"tid":{},"ts":{},"args":{{{}}}}})",
      quoted(name), category, track.process, track.thread, clock_.microseconds(time),
      arguments.text()));
}

void TraceFile::counter(std::int64_t process, std::int64_t time, std::string_view name,
                        double value) {
  event(fmt::format(R"({{"ph":"C","name":{},"pid":{},"ts":{},"args":{{"value":{}}}}})",
                    quoted(name), process, clock_.microseconds(time), value));
}

void TraceFile::flow(Track track, std::int64_t time, char phase, std::int64_t number) {
  event(fmt::format(
      R"({{"ph":"{}","name":"request","cat":"request","id":{},"pid":{},"tid":{},"ts":{}{}}})",
      phase, number, track.process, track.thread, clock_.microseconds(time),
      phase == 's' ? "" : R"(,"bp":"e")"));
}

void TraceFile::close(const TraceArguments& about) {
  write(fmt::format("\n],\"otherData\":{{{}}}}}\n", about.text()));
  if (!path_.empty()) {
    file_.close();
    if (!file_) {
      throw OutputError({path_}, "cannot be written (is the disk full?)");
    }
  }
}

}  // namespace offcut::analysis
