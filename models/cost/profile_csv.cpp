// The profile as a CSV file (RFC 4180): a row per layer and batch size, in network order.

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <tuple>
#include <variant>

#include "models/base/csv_table.h"
#include "models/cost/foreign_profile.h"
#include "models/cost/profile.h"

namespace offcut {
namespace {

constexpr std::int64_t kMost = 1'000'000'000'000'000'000;  // more is a wrong unit

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

CsvColumns csv_columns() {
  CsvColumns names{.required = {"layer", "median_s"}};
  for (const Column& column : columns()) {
    if (std::find(names.required.begin(), names.required.end(), column.name) ==
        names.required.end()) {
      names.optional.push_back(column.name);
    }
  }
  return names;
}

ProfileRow read_row(CsvTable& table, const CsvRow& row) {
  ProfileRow result;
  for (const Column& column : columns()) {
    if (!table.has(column.name)) {
      continue;
    }
    if (const auto* text = std::get_if<Text>(&column.field)) {
      (*text)(result) = table.field(row, column.name);
    } else if (const auto* count = std::get_if<Count>(&column.field)) {
      (*count)(result) = table.whole_number(row, column.name, 1, kMost).value_or(1);
    } else {
      std::get<Number>(column.field)(result) =
          table.number(row, column.name, 0, static_cast<double>(kMost)).value_or(0);
    }
  }
  return result;
}

}  // namespace

Profile read_profile(const std::string& path) {
  if (const ProfileFormat format = format_of(path); format != ProfileFormat::offcut) {
    throw InputError(
        {path}, fmt::format("is a profile of {}; match it with the model's layers first: offcut "
                            "profile MODEL --from {} --out FILE.csv",
                            to_text(format), path));
  }
  CsvTable table(path, "a profile", csv_columns());
  Profile profile{path, {}};
  std::set<std::tuple<std::string, std::int64_t, std::string>> seen;
  for (const CsvRow& row : table.rows()) {
    if (!table.is_whole(row)) {
      continue;
    }
    const ProfileRow& read = profile.rows.emplace_back(read_row(table, row));
    if (read.layer.empty()) {
      table.mistake(row, "the layer has no name");
    } else if (!seen.insert({read.model, read.batch, read.layer}).second) {
      table.mistake(row, fmt::format("layer {} stands twice", in_quotes(read.layer)));
    }
  }
  table.stop_on_mistakes();
  if (profile.rows.empty()) {
    throw InputError({path}, "holds no layers");
  }
  return profile;
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
