// Reads the traces of a hop: one file for both directions, or one for each, or lists of files that
// are dealt to the devices. The errors of all files are collected.

#include "sim/scenario/sections/trace_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr std::string_view kTraceExample =
    "trace: {file: [bus.csv, tram.csv], loop: hold, offset: random, scale: 0.5}";
constexpr KeySpec kTrace[] = {
    {.name = "file",
     .kind = ValueKind::file,
     .lists = Lists::also,
     .absent = "required without `up` and `down`",
     .doc = "The file of both directions, or a list of files that are dealt to the devices in "
            "turn. networks.md describes the formats.",
     .example = kTraceExample},
    {.name = "up",
     .kind = ValueKind::file,
     .lists = Lists::also,
     .absent = "the link's `up`, unless `file` has it",
     .doc = "The file, or list of files, of the direction away from the devices.",
     .example = "trace: {up: uplink.csv, down: downlink.csv}"},
    {.name = "down",
     .kind = ValueKind::file,
     .lists = Lists::also,
     .absent = "the link's `down`, unless `file` has it",
     .doc = "The file, or list of files, of the direction towards the devices.",
     .example = "trace: {up: uplink.csv, down: downlink.csv}"},
    {.name = "format",
     .kind = ValueKind::name,
     .noun = "format",
     .registry = "trace-formats",
     .absent = "the format that the file's first line fits",
     .doc = "The format of the files.",
     .example = "trace: {file: uplink.txt, format: mahimahi}"},
    {.name = "loop",
     .kind = ValueKind::choice,
     .choices = "true, hold, end",
     .noun = "loop",
     .fallback = "true",
     .doc = "The end of a trace. `true`: it begins again. `hold`: the last row holds for good. "
            "`end`: the link goes down for good, both ways, and `on-failure` decides about its "
            "messages.",
     .example = kTraceExample},
    {.name = "offset",
     .kind = ValueKind::text,
     .lists = Lists::also,
     .absent = "`0 s`",
     .doc = "The time within the trace at which the run begins: one for all devices, a list that "
            "is dealt to them in turn, or `random`, which draws one for each device within the "
            "length of its trace.",
     .example = "trace: {file: city.csv, offset: [0 s, 30 s]}"},
    {.name = "scale",
     .kind = ValueKind::number,
     .bounds = {1e-6, 1e6},
     .fallback = "1",
     .doc = "A factor of all bandwidths.",
     .example = kTraceExample},
    {.name = "clip",
     .kind = ValueKind::text,
     .lists = Lists::only,
     .absent = "no bounds",
     .doc = "The least and the greatest bandwidth, which bound all others after `scale`.",
     .example = "trace: {file: city.csv, clip: [0.5 Mbit/s, 50 Mbit/s]}"},
};

/// Reads one trace after the other.
class TraceChoiceReader {
 public:
  TraceChoiceReader(MapReader& reader, ReadSoFar& so_far) : reader_(reader), so_far_(so_far) {}

  TraceChoice read(bool may_end) {
    TraceChoice choice{.path = reader_.path(), .place = reader_.place("")};
    const std::size_t before = so_far_.diagnostics.size();
    const network::TraceFormat* format = read_format();
    const bool format_known = so_far_.diagnostics.size() == before;
    read_scale(choice);
    read_offset(choice);
    const auto loop = reader_.choice("loop");
    choice.loop = loop == "hold"  ? TraceChoice::Loop::hold
                  : loop == "end" ? TraceChoice::Loop::end
                                  : TraceChoice::Loop::repeat;
    if (choice.loop == TraceChoice::Loop::end && !may_end) {
      reader_.error("loop", "an uplink does not go down: expected true or hold");
    }
    read_files(choice, format, format_known);
    if (so_far_.diagnostics.size() == before) {
      check(choice);
    }
    if (so_far_.diagnostics.size() != before) {
      choice.up.clear();
      choice.down.clear();
    }
    return choice;
  }

 private:
  const network::TraceFormat* read_format() {
    if (reader_.raw("format") == nullptr) {
      return nullptr;
    }
    const auto& formats = so_far_.registries.trace_formats;
    return formats.find(reader_.one_of("format", formats.names()).value_or(""));
  }

  void read_files(TraceChoice& choice, const network::TraceFormat* format, bool format_known) {
    const bool one = reader_.has("file");
    for (const char* key : {"up", "down"}) {
      if (one && reader_.raw(key) != nullptr) {
        reader_.error(key, "give 'file' for both directions, or 'up' and 'down'");
        reader_.ignore_rest();
        return;
      }
    }
    if (!format_known) {
      for (const char* key : {"file", "up", "down"}) {
        static_cast<void>(reader_.raw(key));
      }
      return;
    }
    if (!one && !reader_.has("up") && !reader_.has("down")) {
      reader_.missing({"file", "up", "down"}, fmt::format("'{}.file' is missing", reader_.path()));
    }
    const TraceChoice::Files both = read_list("file", format);
    choice.up = one ? with_rates(both, true) : read_list("up", format);
    choice.down = one ? with_rates(both, false) : read_list("down", format);
    for (const bool up : {true, false}) {
      const char* key = up ? "up" : "down";
      const TraceChoice::Files& files = choice.files(up);
      if (!one && with_rates(files, up).size() != files.size()) {
        reader_.error(key, fmt::format("a file has no bandwidths {}", key));
      }
    }
  }

  static TraceChoice::Files with_rates(const TraceChoice::Files& files, bool upwards) {
    TraceChoice::Files with;
    std::copy_if(files.begin(), files.end(), std::back_inserter(with),
                 [upwards](const auto& trace) { return trace->has_rates(upwards); });
    return with;
  }

  TraceChoice::Files read_list(const std::string& key, const network::TraceFormat* format) {
    TraceChoice::Files files;
    const YamlNode* value = reader_.raw(key);
    if (value == nullptr) {
      return files;
    }
    const bool is_list = value->kind == YamlNode::Kind::sequence;
    YamlNode resolved{.kind = is_list ? YamlNode::Kind::sequence : YamlNode::Kind::scalar};
    const std::vector<YamlNode> items = is_list ? value->items : std::vector{*value};
    for (const YamlNode& item : items) {
      if (item.kind != YamlNode::Kind::scalar) {
        so_far_.diagnostics.push_back(
            {item.place, fmt::format("{}.{}: expected the name of a file, got {}", reader_.path(),
                                     key, describe(item))});
        continue;
      }
      const std::string path =
          named_file(so_far_.diagnostics, item.place, fmt::format("{}.{}", reader_.path(), key),
                     item.text, so_far_.scenario.path);
      YamlNode name = path.empty() ? item : resolved_file_name(path);
      is_list ? resolved.items.push_back(name) : (void)(resolved = name);
      if (path.empty()) {
        continue;
      }
      try {
        files.push_back(so_far_.traces.read(path, format, so_far_.registries.trace_formats));
      } catch (const InputError& error) {
        so_far_.add(error);
      }
    }
    if (items.empty()) {
      reader_.error(key, "expected at least one file");
    }
    reader_.resolved().add(key, std::move(resolved));
    return files;
  }

  void read_scale(TraceChoice& choice) {
    choice.scale.factor = reader_.number("scale");
    const YamlNode* clip = reader_.raw("clip");
    if (clip == nullptr) {
      return;
    }
    if (clip->kind != YamlNode::Kind::sequence || clip->items.size() != 2) {
      reader_.error("clip",
                    "expected the least and the greatest bandwidth in a list: "
                    "[0.5 Mbit/s, 50 Mbit/s]");
      return;
    }
    choice.scale.least = value_of(clip->items[0], "clip", Dimension::bandwidth);
    choice.scale.most = value_of(clip->items[1], "clip", Dimension::bandwidth);
    if (choice.scale.least > choice.scale.most || choice.scale.most <= 0) {
      reader_.error("clip", "the greatest bandwidth must be above 0, and the least not above it");
    }
    reader_.resolved().add("clip", *clip);
  }

  void read_offset(TraceChoice& choice) {
    const YamlNode* offset = reader_.raw("offset");
    reader_.resolved().add("offset", offset != nullptr ? *offset : YamlNode::scalar("0 s"));
    if (offset == nullptr) {
      return;
    }
    if (offset->kind == YamlNode::Kind::scalar && offset->text == "random") {
      choice.draws_offset = true;
      return;
    }
    const bool is_list = offset->kind == YamlNode::Kind::sequence;
    choice.offsets.clear();
    for (const YamlNode& item : is_list ? offset->items : std::vector{*offset}) {
      choice.offsets.emplace_back(value_of(item, "offset", Dimension::time));
    }
    if (choice.offsets.empty()) {
      reader_.error("offset", "expected a time, a list of times, or random");
      choice.offsets.emplace_back(0);
    }
  }

  double value_of(const YamlNode& item, const std::string& key, Dimension dimension) {
    const Bounds bounds = finite({}, dimension);
    std::string problem;
    try {
      const double value = item.kind == YamlNode::Kind::scalar
                               ? parse_quantity(item.text, dimension)
                               : throw std::invalid_argument("expected a single value");
      if (value >= bounds.least && value <= bounds.most) {
        return value;
      }
      problem =
          fmt::format("must be {}, got {}", bounds_text(bounds, dimension), in_quotes(item.text));
    } catch (const std::invalid_argument& error) {
      problem = fmt::format("{}{}", error.what(), key == "offset" ? ", or 'random'" : "");
    }
    so_far_.diagnostics.push_back(
        {item.place, fmt::format("{}.{}: {}", reader_.path(), key, problem)});
    return bounds.least;
  }

  /// Checks that no message would wait for ever.
  void check(const TraceChoice& choice) {
    for (const bool up : {true, false}) {
      for (const auto& trace : choice.files(up)) {
        const auto steps = network::rate_steps(*trace, up, choice.scale, 1);
        if (steps->most() <= 0) {
          reader_.error(reader_.has("file") ? "file"
                        : up                ? "up"
                                            : "down",
                        "all bandwidths of a trace are 0: no message would ever be through");
          return;
        }
        if (choice.loop == TraceChoice::Loop::hold && steps->value(steps->count() - 1) <= 0) {
          reader_.error("loop",
                        "a trace ends with a bandwidth of 0, which would hold for good: expected "
                        "true or end");
          return;
        }
      }
    }
    check_latencies(choice);
  }

  void check_latencies(const TraceChoice& choice) {
    for (const bool up : {true, false}) {
      const TraceChoice::Files& files = choice.files(up);
      const auto with = std::count_if(files.begin(), files.end(),
                                      [](const auto& trace) { return !trace->latency.empty(); });
      if (with > 0 && with < std::ssize(files)) {
        reader_.error(reader_.has("file") ? "file"
                      : up                ? "up"
                                          : "down",
                      "some of the files have latencies, and others have none");
        return;
      }
    }
  }

  MapReader& reader_;
  ReadSoFar& so_far_;
};

}  // namespace

constinit const KeyTable kTraceKeys{
    .doc =
        "Bandwidths that change over time, from files. They replace the link's `up` and `down`, "
        "and if the files have latencies, its `latency`, whose default is then the mean over "
        "the trace: planners count with it. While a bandwidth is 0, messages wait.",
    .keys = kTrace,
    .title = "Traces"};

std::optional<TraceChoice> read_trace_choice(MapReader& reader, bool may_end, ReadSoFar& so_far) {
  const YamlNode* value = reader.raw("trace");
  if (value == nullptr) {
    return std::nullopt;
  }
  YamlNode map{.kind = YamlNode::Kind::map, .place = value->place};
  const bool is_short = value->kind != YamlNode::Kind::map;
  if (is_short) {
    map.add("file", *value);
  }
  YamlNode resolved;
  std::optional<TraceChoice> choice;
  {
    MapReader trace = reader.map_from(is_short ? map : *value, "trace", resolved);
    choice = TraceChoiceReader(trace, so_far).read(may_end);
    trace.done();
  }
  reader.resolved().add("trace", std::move(resolved));
  return choice;
}

MeanFigures means_of(const std::optional<TraceChoice>& trace) {
  if (!trace) {
    return {};
  }
  if (trace->up.empty() && trace->down.empty()) {
    return {.up = BytesPerSecond(1), .down = BytesPerSecond(1)};
  }
  return {.up = trace->mean(true), .down = trace->mean(false), .latency = trace->mean_latency()};
}

}  // namespace offcut::scenario
