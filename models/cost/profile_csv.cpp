// The profile as a CSV file (RFC 4180): a row per layer and batch size, in network order.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <set>
#include <stdexcept>
#include <variant>

#include "models/cost/foreign_profile.h"
#include "models/cost/profile.h"
#include "models/graph/csv_rows.h"

namespace offcut {
namespace {

constexpr double kMost = 1e18;  // more is a wrong unit

using Text = std::string& (*)(ProfileRow&);
using Count = std::int64_t& (*)(ProfileRow&);
using Number = double& (*)(ProfileRow&);

struct Column {
  std::string name;
  std::variant<Text, Count, Number> field;
};

/// All columns, in the order in which they are written.
const std::vector<Column>& columns() {
  using Row = ProfileRow;
  static const std::vector<Column> all = {
      {"model", Text([](Row& r) -> std::string& { return r.model; })},
      {"batch", Count([](Row& r) -> std::int64_t& { return r.batch; })},
      {"threads", Count([](Row& r) -> std::int64_t& { return r.threads; })},
      {"layer", Text([](Row& r) -> std::string& { return r.layer; })},
      {"operator", Text([](Row& r) -> std::string& { return r.features.op; })},
      {"follows", Text([](Row& r) -> std::string& { return r.features.follows; })},
      {"feeds", Text([](Row& r) -> std::string& { return r.features.feeds; })},
      {"kernel", Text([](Row& r) -> std::string& { return r.kernel; })},
      {"median_s", Number([](Row& r) -> double& { return r.median; })},
      {"spread_s", Number([](Row& r) -> double& { return r.spread; })},
      {"macs", Number([](Row& r) -> double& { return r.features.macs; })},
      {"parameter_bytes", Number([](Row& r) -> double& { return r.features.parameter_bytes; })},
      {"activation_bytes", Number([](Row& r) -> double& { return r.features.activation_bytes; })},
      {"input_channels", Number([](Row& r) -> double& { return r.features.input_channels; })},
      {"output_channels", Number([](Row& r) -> double& { return r.features.output_channels; })},
      {"output_places", Number([](Row& r) -> double& { return r.features.output_places; })},
      {"kernel_size", Number([](Row& r) -> double& { return r.features.kernel_size; })},
      {"stride", Number([](Row& r) -> double& { return r.features.stride; })},
      {"groups", Number([](Row& r) -> double& { return r.features.groups; })},
      {"model_bytes", Number([](Row& r) -> double& { return r.features.model_bytes; })},
  };
  return all;
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    return text;
  }
  std::string result = "\"";
  for (const char c : text) {
    result += c == '"' ? "\"\"" : std::string(1, c);
  }
  return result + '"';
}

/// Reads rows, and gathers what is wrong with them.
class Reader {
 public:
  Reader(std::string path, const CsvRow& header) : path_(std::move(path)) {
    std::vector<std::string> names;
    for (const Column& column : columns()) {
      names.push_back(column.name);
    }
    std::set<std::string> seen;
    std::set<std::string> misspelt;
    for (const std::string& name : header.fields) {
      const auto column = std::find(names.begin(), names.end(), name);
      if (column == names.end()) {
        mistake(header.line,
                fmt::format("unknown column {}{}", in_quotes(name), suggestion(name, names)));
        misspelt.insert(nearest(name, names));
      } else if (!seen.insert(name).second) {
        mistake(header.line, fmt::format("column {} stands twice", in_quotes(name)));
      } else {
        used_.push_back(&columns()[static_cast<std::size_t>(column - names.begin())]);
      }
    }
    for (const char* name : {"layer", "median_s"}) {
      if (!seen.contains(name) && !misspelt.contains(name)) {
        mistake(header.line, fmt::format("column '{}' is missing", name));
      }
    }
    stop_on_mistakes();
  }

  void add(const CsvRow& row) {
    if (row.fields.size() != used_.size()) {
      mistake(row.line, fmt::format("{} fields, expected {}", row.fields.size(), used_.size()));
      return;
    }
    ProfileRow result;
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const std::string& text = row.fields[i];
      if (const auto* field = std::get_if<Text>(&used_[i]->field)) {
        (*field)(result) = text;
      } else if (const auto* count = std::get_if<Count>(&used_[i]->field)) {
        (*count)(result) = read<std::int64_t>(row.line, used_[i]->name, text, 1, "a whole number");
      } else {
        std::get<Number>(used_[i]->field)(result) =
            read<double>(row.line, used_[i]->name, text, 0, "a number");
      }
    }
    if (result.layer.empty()) {
      mistake(row.line, "the layer has no name");
    } else if (!seen_.insert({result.model, result.batch, result.layer}).second) {
      mistake(row.line, fmt::format("layer {} stands twice", in_quotes(result.layer)));
    }
    rows_.push_back(std::move(result));
  }

  Profile finish() {
    stop_on_mistakes();
    if (rows_.empty()) {
      throw InputError({path_}, "holds no layers");
    }
    return {path_, std::move(rows_)};
  }

 private:
  template <class T>
  T read(int line, const std::string& column, const std::string& text, T least,
         std::string_view kind) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= least) ||
        static_cast<double>(value) > kMost) {
      mistake(line, fmt::format("{}: expected {} from {} to {}, got {}", column, kind, least, kMost,
                                in_quotes(text)));
      return least;
    }
    return value;
  }

  void mistake(int line, std::string message) {
    mistakes_.push_back({{path_, line, 1}, std::move(message)});
  }

  void stop_on_mistakes() {
    if (!mistakes_.empty()) {
      throw InputError(std::move(mistakes_));
    }
  }

  std::string path_;
  std::vector<const Column*> used_;  // as the file has them
  std::set<std::tuple<std::string, std::int64_t, std::string>> seen_;
  std::vector<ProfileRow> rows_;
  std::vector<Mistake> mistakes_;
};

}  // namespace

Profile read_profile(const std::string& path) {
  if (const ProfileFormat format = format_of(path); format != ProfileFormat::offcut) {
    throw InputError(
        {path}, fmt::format("is a profile of {}; match it with the model's layers first: offcut "
                            "profile MODEL --from {} --out FILE.csv",
                            to_text(format), path));
  }
  const std::vector<CsvRow> rows = read_csv(path, "a profile");
  Reader reader(path, rows.front());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    reader.add(rows[i]);
  }
  return reader.finish();
}

void write_profile(const std::vector<ProfileRow>& rows, const std::string& path) {
  std::string text;
  for (const Column& column : columns()) {
    text += (text.empty() ? "" : ",") + column.name;
  }
  text += '\n';
  for (ProfileRow row : rows) {
    for (const Column& column : columns()) {
      text += &column == &columns().front() ? "" : ",";
      text += std::visit(
          [&](auto field) {
            if constexpr (std::is_same_v<decltype(field), Text>) {
              return quoted(field(row));
            } else {
              return fmt::format("{}", field(row));
            }
          },
          column.field);
    }
    text += '\n';
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) {
    throw InputError({path}, "cannot be written");
  }
}

}  // namespace offcut
