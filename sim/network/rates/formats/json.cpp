// `json` is the form of Sabre (Spiteri et al., MMSys 2018): a list of maps with a duration in
// milliseconds, a bandwidth in kbit/s and maybe a latency in milliseconds, one after the other. The
// latency is that of the link, one way.

#include <fmt/format.h>

#include <map>

#include "sim/network/placed_json.h"
#include "sim/network/rates/trace.h"

namespace offcut::network {
namespace {

/// The keys of a row, with the factor to SI.
struct Key {
  const char* name;
  double factor;
  double least, most;  // In the key's unit.
};
constexpr double kMilli = 1e-3;
constexpr double kKilobit = 1e3 / 8;
constexpr Key kKeys[] = {{"duration_ms", kMilli, 1e-3, kLatestRow / kMilli},
                         {"bandwidth_kbps", kKilobit, 0, kMostBandwidth / kKilobit},
                         {"latency_ms", kMilli, 0, kMostLatency / kMilli}};

class Rows final : public PlacedJson::Events {
 public:
  explicit Rows(const std::string& path) : json_(path, "a trace of bandwidths (JSON)") {}

  Trace read() {
    json_.read(*this);
    if (errors_.empty() && trace_.from.empty()) {
      error("expected a list with at least one map");
    }
    if (!errors_.empty()) {
      throw InputError(std::move(errors_));
    }
    trace_.down = trace_.up;
    return std::move(trace_);
  }

  bool null() override { return wrong_value("null"); }
  bool boolean(bool /*value*/) override { return wrong_value("a truth value"); }
  bool string(std::string& /*value*/) override { return wrong_value("a text"); }
  bool binary(binary_t& /*value*/) override { return wrong_value("binary data"); }
  bool number_integer(number_integer_t value) override { return number(double(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(double(value)); }
  bool number_float(number_float_t value, const std::string& /*text*/) override {
    return number(value);
  }
  bool start_array(std::size_t /*size*/) override {
    ++depth_;
    return depth_ == 1 || wrong_value("a list");
  }
  bool end_array() override {
    --depth_;
    return true;
  }
  bool start_object(std::size_t /*size*/) override {
    ++depth_;
    row_.clear();
    return depth_ == 2 || wrong_value("a map");
  }
  bool key(std::string& name) override {
    key_ = nullptr;
    std::vector<std::string> names;
    for (const Key& known : kKeys) {
      names.emplace_back(known.name);
      key_ = known.name == name ? &known : key_;
    }
    if (key_ == nullptr) {
      error(fmt::format("unknown key {}{}", in_quotes(name), suggestion(name, names)));
      row_[nearest(name, names)] = 0;  // It is not missing, too.
    } else if (row_.contains(key_->name)) {
      error(fmt::format("key {} appears twice", in_quotes(name)));
    }
    return true;
  }
  bool end_object() override {
    --depth_;
    for (const Key& known : {kKeys[0], kKeys[1]}) {
      if (!row_.contains(known.name)) {
        error(fmt::format("key '{}' is missing", known.name));
        return true;
      }
    }
    const bool has_latency = row_.contains(kKeys[2].name);
    if (!trace_.from.empty() && has_latency == trace_.latency.empty()) {
      error(fmt::format("the first row has {}latency_ms", has_latency ? "no " : "a "));
      return true;
    }
    trace_.from.push_back(trace_.end);
    trace_.end += row_[kKeys[0].name];
    trace_.up.push_back(row_[kKeys[1].name]);
    if (has_latency) {
      trace_.latency.push_back(row_[kKeys[2].name]);
    }
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::json::exception& /*exception*/) override {
    errors_.push_back({json_.syntax_error(position),
                       "is not JSON from here on, expected a list of maps with duration_ms, "
                       "bandwidth_kbps and maybe latency_ms"});
    return false;
  }

 private:
  bool number(double value) {
    if (depth_ != 2 || key_ == nullptr) {
      return depth_ == 2 || wrong_value("a number", true);
    }
    if (!(value >= key_->least && value <= key_->most)) {
      number_error(fmt::format("{}: expected a number between {} and {:.15g}, got {}", key_->name,
                               key_->least, key_->most, value));
    }
    row_[key_->name] = value * key_->factor;
    return true;
  }

  /// Notes a value of another kind than expected, and ends the reading if no row can follow.
  bool wrong_value(const char* kind, bool is_number = false) {
    const std::string message = depth_ == 2 && key_ != nullptr
                                    ? fmt::format("{}: expected a number, got {}", key_->name, kind)
                                    : fmt::format("expected a list of maps, got {}", kind);
    is_number ? number_error(message) : error(message);
    if (depth_ == 2 && key_ != nullptr) {
      row_[key_->name] = key_->least;
    }
    return depth_ == 2;
  }

  void error(std::string message) { errors_.push_back({json_.token(), std::move(message)}); }
  void number_error(std::string message) {
    errors_.push_back({json_.number(), std::move(message)});
  }

  PlacedJson json_;
  int depth_ = 0;
  const Key* key_ = nullptr;
  std::map<std::string, double> row_;  // In SI.
  Trace trace_;
  std::vector<Diagnostic> errors_;
};

}  // namespace

void register_json(Registry<TraceFormat>& registry) {
  registry.add(
      {.name = "json",
       .doc = "Sabre's list of maps with duration_ms, bandwidth_kbps and latency_ms",
       .fits = [](std::string_view line) { return line.front() == '[' || line.front() == '{'; },
       .read = [](const std::string& path) { return Rows(path).read(); }});
}

}  // namespace offcut::network
