#include "models/graph/layer_table.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

#include "models/base/error.h"
#include "models/graph/csv_rows.h"

namespace offcut {
namespace {

/// Builds the table row by row, and gathers what is wrong.
class Builder {
 public:
  Builder(const std::string& path, const CsvRow& header)
      : path_(path), table_{Graph(std::filesystem::path(path).stem().string()), {}} {
    const std::vector<std::string> known = {"layer", "inputs", "output_bytes", "param_bytes",
                                            "macs"};
    std::set<std::string> misspelt;  // those are not missing too
    for (std::size_t i = 0; i < header.fields.size(); ++i) {
      const std::string& name = header.fields[i];
      const bool timed = name.size() > 2 && name.ends_with("_s");
      if (!timed && std::find(known.begin(), known.end(), name) == known.end()) {
        mistake(header.line, fmt::format("unknown column '{}'{}", name, suggestion(name, known)));
        misspelt.insert(nearest(name, known));
      } else if (!column_.emplace(name, i).second) {
        mistake(header.line, fmt::format("column '{}' stands twice", name));
      }
      if (timed) {
        table_.columns[name.substr(0, name.size() - 2)];
      }
    }
    for (const std::string& name : known) {
      if (!column_.contains(name) && !misspelt.contains(name)) {
        mistake(header.line, fmt::format("column '{}' is missing", name));
      }
    }
    stop_on_mistakes();
  }

  void add(const CsvRow& row) {
    const bool is_input = std::exchange(at_input_, false);
    if (row.fields.size() != column_.size()) {
      mistake(row.line, fmt::format("{} fields, expected {}", row.fields.size(), column_.size()));
      if (column_.at("layer") < row.fields.size()) {
        broken_.insert(field(row, "layer"));
      }
      return;
    }
    const std::string& name = field(row, "layer");
    if (name.empty()) {
      mistake(row.line, "the layer has no name");
    } else if (table_.graph.find_tensor(name)) {
      mistake(row.line, fmt::format("layer '{}' stands twice", name));
    } else if (is_input) {
      add_input(row, name);
    } else {
      add_layer(row, name);
    }
  }

  LayerTable finish() {
    stop_on_mistakes();
    if (table_.graph.layer_count() == 0) {
      throw InputError({path_}, "holds no layers (the first row is the input)");
    }
    for (LayerId id = 0; id < table_.graph.layer_count(); ++id) {
      const TensorId output = table_.graph.layer(id).outputs.front();
      if (table_.graph.tensor(output).consumers.empty()) {
        table_.graph.add_output(output);
      }
    }
    return std::move(table_);
  }

 private:
  void mistake(int line, std::string message) {
    mistakes_.push_back({{path_, line, 1}, std::move(message)});
  }

  void stop_on_mistakes() {
    if (!mistakes_.empty()) {
      throw InputError(std::move(mistakes_));
    }
  }

  const std::string& field(const CsvRow& row, const std::string& column) const {
    return row.fields[column_.at(column)];
  }

  static constexpr double kMost = 1e18;  // more is a wrong unit, and sums would not stay finite

  double number(const CsvRow& row, const std::string& column) {
    const std::string& text = field(row, column);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value) ||
        value < 0) {
      mistake(row.line, fmt::format("{}: expected a number of at least 0, got '{}'", column, text));
      return 0;
    }
    if (value > kMost) {
      mistake(row.line,
              fmt::format("{}: expected a number of at most {}, got '{}'", column, kMost, text));
      return 0;
    }
    return value;
  }

  static constexpr double kMostBytes = 0x1p53;  // all whole numbers up to it are exact

  TensorType bytes_type(const CsvRow& row) {
    const double bytes = number(row, "output_bytes");
    if (bytes != std::floor(bytes) || bytes > kMostBytes) {
      mistake(row.line, fmt::format("output_bytes: expected a whole number{}, got '{}'",
                                    bytes > kMostBytes ? " of at most 2^53" : "",
                                    field(row, "output_bytes")));
      return {DataType::uint8, {0}};
    }
    return {DataType::uint8, {static_cast<std::int64_t>(bytes)}};
  }

  void add_input(const CsvRow& row, const std::string& name) {
    const auto must_be_zero = [&](const std::string& column, std::string_view does) {
      if (number(row, column) != 0) {
        mistake(row.line,
                fmt::format("the first row is the input and {}, but {} is not 0", does, column));
      }
    };
    if (!field(row, "inputs").empty()) {
      mistake(row.line,
              fmt::format("the first row is the input and reads nothing, but inputs is '{}'",
                          field(row, "inputs")));
    }
    must_be_zero("param_bytes", "has no weights");
    must_be_zero("macs", "computes nothing");
    for (const auto& [column, times] : table_.columns) {
      must_be_zero(column + "_s", "takes no time");
    }
    table_.graph.add_input(name, bytes_type(row), DataType::uint8);
    names_.push_back(name);
  }

  void add_layer(const CsvRow& row, const std::string& name) {
    Layer layer{.name = name, .op_name = "table"};
    std::istringstream names(field(row, "inputs"));
    bool reads = false;
    for (std::string input; names >> input; reads = true) {
      if (const auto id = table_.graph.find_tensor(input)) {
        layer.inputs.push_back(*id);
      } else if (!broken_.contains(input)) {
        mistake(row.line,
                fmt::format("input '{}' is no row above{}", input, suggestion(input, names_)));
      }
    }
    if (!reads) {
      mistake(row.line, fmt::format("layer '{}' has no inputs", name));
    }
    layer.work = {.kind = LayerKind::table,
                  .macs = number(row, "macs"),
                  .parameter_bytes = number(row, "param_bytes")};
    const TensorType type = bytes_type(row);
    layer.work.activation_bytes = static_cast<double>(type.bytes());
    for (const TensorId input : layer.inputs) {
      layer.work.activation_bytes += static_cast<double>(table_.graph.tensor(input).type.bytes());
    }
    for (auto& [column, times] : table_.columns) {
      times.emplace_back(number(row, column + "_s"));
    }
    table_.graph.add_layer(std::move(layer), {{.name = name, .type = type}});
    names_.push_back(name);
  }

  std::string path_;
  LayerTable table_;
  std::map<std::string, std::size_t> column_;
  bool at_input_ = true;            // the next row is the first one
  std::vector<std::string> names_;  // of the rows above
  std::set<std::string> broken_;    // of those that could not be read: a mistake was noted there
  std::vector<Mistake> mistakes_;
};

}  // namespace

LayerTable read_layer_table(const std::string& path) {
  const std::vector<CsvRow> rows = read_csv(path, "a layer table");
  Builder builder(path, rows.front());
  for (std::size_t i = 1; i < rows.size(); ++i) {
    builder.add(rows[i]);
  }
  return builder.finish();
}

}  // namespace offcut
