// Reads and writes a profile as a CSV file (RFC 4180) with a row per layer and batch size, in
// network order. One table has all columns: the same accessor reads and writes a field.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>
#include <variant>

#include "models/base/csv_table.h"
#include "models/cost/foreign_profile.h"
#include "models/cost/profile.h"

namespace offcut::cost {
namespace {

constexpr std::int64_t kMost = 1'000'000'000'000'000'000;  // More is a wrong unit.

using Text = std::string& (*)(ProfileRow&);
using Count = std::int64_t& (*)(ProfileRow&);
using Number = double& (*)(ProfileRow&);

/// A column whose accessor gives a reference to its field in a row, both to read and to write it.
struct ProfileColumn : Column<ProfileRow> {
  std::variant<Text, Count, Number> field;

  template <class Field>
  constexpr ProfileColumn(std::string_view name_, std::string_view unit_, std::string_view doc_,
                          Field accessor)
      : Column(name_, unit_, doc_, [](const ProfileRow& row) { return Field{}(row); }),
        field(static_cast<decltype(Field{}(std::declval<ProfileRow&>())) (*)(ProfileRow&)>(
            accessor)) {}
};

constexpr auto kProfileColumns = std::to_array<ProfileColumn>({
    {"model", "", "The model that the layer belongs to.",
     [](auto& r) -> decltype(auto) { return (r.model); }},
    {"batch", "",
     "The number of inputs that were computed together; 1 in a profile without this column.",
     [](auto& r) -> decltype(auto) { return (r.batch); }},
    {"threads", "",
     "The number of threads that computed the layer; 1 in a profile without this column.",
     [](auto& r) -> decltype(auto) { return (r.threads); }},
    {"layer", "", "The layer's name. Rows are in network order.",
     [](auto& r) -> decltype(auto) { return (r.layer); }},
    {"operator", "", "ONNX's name of the layer's operator.",
     [](auto& r) -> decltype(auto) { return (r.features.op); }},
    {"follows", "",
     "The operators before the layer that it may be fused with, the nearest first, at most two, "
     "joined by `<`. Empty if there is none.",
     [](auto& r) -> decltype(auto) { return (r.features.follows); }},
    {"feeds", "",
     "The first operator that reads the layer's result and may be fused after it. Empty if there "
     "is none.",
     [](auto& r) -> decltype(auto) { return (r.features.feeds); }},
    {"kernel", "", "The kernel that computed the layer, as the measuring tool names it.",
     [](auto& r) -> decltype(auto) { return (r.kernel); }},
    {"median_s", "s",
     "The layer's time: the median over rounds. The time of a fused kernel is split among its "
     "layers in proportion to their multiply-accumulates, or to their bytes if they have none.",
     [](auto& r) -> decltype(auto) { return (r.median); }},
    {"spread_s", "s", "The interquartile range of the time over rounds.",
     [](auto& r) -> decltype(auto) { return (r.spread); }},
    {"macs", "", "Multiply-accumulate operations of the layer.",
     [](auto& r) -> decltype(auto) { return (r.features.macs); }},
    {"parameter_bytes", "bytes", "The size of the parameters that the layer reads.",
     [](auto& r) -> decltype(auto) { return (r.features.parameter_bytes); }},
    {"activation_bytes", "bytes",
     "The size of the tensors that the layer reads and writes, without parameters.",
     [](auto& r) -> decltype(auto) { return (r.features.activation_bytes); }},
    {"input_channels", "", "Channels of the first input; the depth of a matrix product.",
     [](auto& r) -> decltype(auto) { return (r.features.input_channels); }},
    {"output_channels", "", "Channels of the output; the columns of a matrix product.",
     [](auto& r) -> decltype(auto) { return (r.features.output_channels); }},
    {"output_places", "", "The number of elements of each output channel, over the whole batch.",
     [](auto& r) -> decltype(auto) { return (r.features.output_places); }},
    {"kernel_size", "", "The number of elements of the layer's window; 1 without a window.",
     [](auto& r) -> decltype(auto) { return (r.features.kernel_size); }},
    {"stride", "", "Input positions per output position: the product of the strides.",
     [](auto& r) -> decltype(auto) { return (r.features.stride); }},
    {"groups", "", "Groups of a convolution; 1 for other layers.",
     [](auto& r) -> decltype(auto) { return (r.features.groups); }},
    {"model_bytes", "bytes", "The size of the parameters of the whole model.",
     [](auto& r) -> decltype(auto) { return (r.features.model_bytes); }},
});

CsvColumns csv_columns() {
  CsvColumns names{.required = {"layer", "median_s"}};
  for (const ProfileColumn& column : kProfileColumns) {
    if (std::find(names.required.begin(), names.required.end(), column.name) ==
        names.required.end()) {
      names.optional.emplace_back(column.name);
    }
  }
  return names;
}

ProfileRow read_row(CsvTable& table, const CsvRow& row) {
  ProfileRow result{.place = table.place_of(row, "layer")};
  for (const ProfileColumn& column : kProfileColumns) {
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
      table.error(row, "layer", "the layer has no name");
    } else if (!seen.insert({read.model, read.batch, read.layer}).second) {
      table.error(row, "layer", fmt::format("layer {} appears twice", in_quotes(read.layer)));
    }
  }
  table.stop_on_diagnostics();
  if (profile.rows.empty()) {
    throw InputError({path}, "contains no layers");
  }
  return profile;
}

void write_profile(const std::vector<ProfileRow>& rows, const std::string& path) {
  const std::vector<Column<ProfileRow>> columns(kProfileColumns.begin(), kProfileColumns.end());
  try {
    TableWriter<ProfileRow> file(path, columns);
    for (const ProfileRow& row : rows) {
      file.add(row);
    }
    file.close();
  } catch (const std::runtime_error&) {
    throw InputError({path}, "cannot be written");
  }
}

TableText profile_table_text() {
  return {"profile.csv",
          "A row per model, batch size and layer, written by `offcut profile --out FILE`.",
          {kProfileColumns.begin(), kProfileColumns.end()},
          "`models/cost/profile_csv.cpp`. Layers are timed in `models/exec/layer_times.cpp`, their "
          "features read in `models/cost/layer_features.cpp`."};
}

}  // namespace offcut::cost
