// Reads a network from a table of its layers. CsvTable checks the columns and numbers; here, each
// row becomes a layer that reads earlier rows. All errors are collected, and a row that refers to
// an unreadable one causes no error of its own.
#include "models/graph/layer_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/csv_table.h"

namespace offcut {
namespace {

/// Builds the table row by row and collects the errors.
class Builder {
 public:
  explicit Builder(const std::string& path)
      : path_(path),
        csv_(path, "a layer table",
             {.required = {"layer", "inputs", "output_bytes", "param_bytes", "macs"},
              .suffix = std::string(kTimes),
              .has_numbers = true}),
        table_{Graph(std::filesystem::path(path).stem().string()), {}} {
    for (const std::string& header : csv_.columns()) {
      add_column(header);
    }
    for (const auto& [key, column] : columns_) {
      const auto& [name, batch] = key;
      if (batch > 1 && !columns_.contains({name, 1})) {
        csv_.error(csv_.header(), column.header,
                   fmt::format("column {} needs '{}{}', the times of single requests",
                               in_quotes(column.header), name, kTimes));
      }
    }
  }

  LayerTable read() {
    for (const CsvRow& row : csv_.rows()) {
      add(row);
    }
    return finish();
  }

 private:
  /// A column of times.
  struct TimeColumn {
    std::string header;
    std::vector<Seconds> layers;
  };

  static constexpr std::string_view kTimes = "_s";
  static constexpr double kMost = 1e18;  // More is a wrong unit, and sums could become infinite.
  static constexpr double kMostBytes = 0x1p53;  // All whole numbers up to it are exact.

  /// Adds the column if it has times: "edge_s", or "edge_s@8" for batches of 8.
  void add_column(const std::string& header) {
    const std::size_t at = header.find_last_of('@');
    const bool has_number = !header.ends_with(kTimes) && at != std::string::npos;
    const std::string times = has_number ? header.substr(0, at) : header;
    if (!times.ends_with(kTimes)) {
      return;
    }
    std::int64_t batch = 1;
    if (has_number) {
      const char* const digits = header.data() + at + 1;
      const auto read = std::from_chars(digits, header.data() + header.size(), batch);
      if (read.ec != std::errc() || *digits == '0' || batch < 2 || batch > kLargestTableBatch) {
        csv_.error(csv_.header(), header,
                   fmt::format("column {}: expected a batch of 2 to {} after '@'; '{}' has the "
                               "times of single requests",
                               in_quotes(header), kLargestTableBatch, times));
        return;
      }
    }
    columns_[{times.substr(0, times.size() - kTimes.size()), batch}] = {header, {}};
  }

  void add(const CsvRow& row) {
    const bool is_input = std::exchange(at_input_, false);
    const std::string& name = csv_.field(row, "layer");
    if (!csv_.is_whole(row)) {
      broken_.insert(name);
    } else if (name.empty()) {
      csv_.error(row, "layer", "the layer has no name");
    } else if (table_.graph.find_tensor(name)) {
      csv_.error(row, "layer", fmt::format("layer '{}' appears twice", name));
    } else if (is_input) {
      add_input(row, name);
    } else {
      add_layer(row, name);
    }
  }

  LayerTable finish() {
    csv_.stop_on_diagnostics();
    if (table_.graph.layer_count() == 0) {
      throw InputError({path_}, "contains no layers (the first row is the input)");
    }
    for (LayerId id = 0; id < table_.graph.layer_count(); ++id) {
      const TensorId output = table_.graph.layer(id).outputs.front();
      if (table_.graph.tensor(output).consumers.empty()) {
        table_.graph.add_output(output);
      }
    }
    for (auto& [key, column] : columns_) {
      table_.columns[key.first].add(key.second, std::move(column.layers));
    }
    return std::move(table_);
  }

  double number(const CsvRow& row, const std::string& column) {
    return csv_.number(row, column, 0, kMost).value_or(0);
  }

  TensorType bytes_type(const CsvRow& row) {
    const double bytes = number(row, "output_bytes");
    if (bytes != std::floor(bytes) || bytes > kMostBytes) {
      csv_.error(row, "output_bytes",
                 fmt::format("output_bytes: expected a whole number{}, got '{}'",
                             bytes > kMostBytes ? " of at most 2^53" : "",
                             csv_.field(row, "output_bytes")));
      return {DataType::uint8, {0}};
    }
    all_bytes_ += bytes;
    if (all_bytes_ > kMostBytes && all_bytes_ - bytes <= kMostBytes) {  // In the first such row.
      csv_.error(row, "output_bytes",
                 fmt::format("output_bytes: expected a sum over all rows of at most 2^53, got {:g}",
                             all_bytes_));
    }
    return {DataType::uint8, {static_cast<std::int64_t>(bytes)}};
  }

  void add_input(const CsvRow& row, const std::string& name) {
    const auto must_be_zero = [&](const std::string& column, std::string_view reason) {
      if (number(row, column) != 0) {
        csv_.error(
            row, column,
            fmt::format("the first row is the input and {}, but {} is not 0", reason, column));
      }
    };
    if (!csv_.field(row, "inputs").empty()) {
      csv_.error(row, "inputs",
                 fmt::format("the first row is the input and reads nothing, but inputs is '{}'",
                             csv_.field(row, "inputs")));
    }
    must_be_zero("param_bytes", "has no weights");
    must_be_zero("macs", "computes nothing");
    for (const auto& [key, column] : columns_) {
      must_be_zero(column.header, "takes no time");
    }
    table_.graph.add_input(name, bytes_type(row), DataType::uint8);
    names_.push_back(name);
  }

  /// The message that a layer reads something that is no earlier row. Earlier rows with a comma or
  /// the like between them are several, and need blanks in its place.
  std::string unknown_input(const std::string& input) const {
    std::string apart = input;
    std::replace_if(
        apart.begin(), apart.end(),
        [](char c) { return std::string_view(",;+|").find(c) != std::string_view::npos; }, ' ');
    std::istringstream words(apart);
    const std::vector<std::string> parts{std::istream_iterator<std::string>(words), {}};
    const bool are_rows =
        apart != input && std::all_of(parts.begin(), parts.end(), [&](const auto& name) {
          return table_.graph.find_tensor(name).has_value();
        });
    return fmt::format(
        "input {} is not an earlier row{}", in_quotes(input),
        are_rows ? fmt::format("; names are separated by blanks, as in '{}'", fmt::join(parts, " "))
                 : suggestion(input, names_));
  }

  void add_layer(const CsvRow& row, const std::string& name) {
    Layer layer{.name = name, .op_name = "table"};
    std::istringstream names(csv_.field(row, "inputs"));
    bool reads = false;
    for (std::string input; names >> input; reads = true) {
      if (const auto id = table_.graph.find_tensor(input)) {
        layer.inputs.push_back(*id);
      } else if (!broken_.contains(input)) {
        csv_.error(row, "inputs", unknown_input(input));
      }
    }
    if (!reads) {
      csv_.error(row, "inputs", fmt::format("layer '{}' has no inputs", name));
    }
    layer.work = {.kind = LayerKind::table,
                  .macs = number(row, "macs"),
                  .parameter_bytes = number(row, "param_bytes")};
    const TensorType type = bytes_type(row);
    layer.work.activation_bytes = static_cast<double>(type.bytes());
    for (const TensorId input : layer.inputs) {
      layer.work.activation_bytes += static_cast<double>(table_.graph.tensor(input).type.bytes());
    }
    for (auto& [key, column] : columns_) {
      column.layers.emplace_back(number(row, column.header));
    }
    table_.graph.add_layer(std::move(layer), {{.name = name, .type = type}});
    names_.push_back(name);
  }

  std::string path_;
  CsvTable csv_;
  LayerTable table_;
  std::map<std::pair<std::string, std::int64_t>, TimeColumn> columns_;  // By name and batch.
  double all_bytes_ = 0;            // A message holds at most all tensors.
  bool at_input_ = true;            // The next row is the first one.
  std::vector<std::string> names_;  // The names of the rows so far.
  std::set<std::string> broken_;    // The names of unreadable rows, which have an error already.
};

}  // namespace

LayerTable read_layer_table(const std::string& path) { return Builder(path).read(); }

}  // namespace offcut
