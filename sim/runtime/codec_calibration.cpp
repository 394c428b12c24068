// Keeps the results of study_codecs() in a CSV file whose name is a hash of the network, the data
// and the options, so that a changed network never finds the measures of another one. The file has
// the columns of codec_table() except input_share, and is replaced as a whole.

#include "sim/runtime/codec_calibration.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>
#include <tuple>

#include "models/base/content_hash.h"
#include "models/base/csv_rows.h"
#include "models/base/error.h"
#include "models/base/output_error.h"
#include "sim/runtime/codec_table.h"

namespace offcut::runtime {
namespace {

namespace fs = std::filesystem;

struct AttributeText {
  template <class T>
  std::string operator()(const T& value) const {
    return fmt::format("{}", value);
  }
  std::string operator()(const Tensor& tensor) const {
    ContentHash hash;
    hash.add(tensor.bytes());
    return to_text(tensor.type()) + hash.text();
  }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    std::string text;
    for (const T& value : values) {
      text += fmt::format("{},", value);
    }
    return text;
  }
};

void add_graph(const Graph& graph, ContentHash& hash) {
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    hash.add(fmt::format("{} {} {}", layer.name, layer.op_name, layer.opset));
    for (const auto& [name, value] : layer.attributes) {
      hash.add(name);
      hash.add(std::visit(AttributeText{}, value));
    }
    for (const TensorId input : layer.inputs) {
      hash.add(input == kAbsent ? std::string("absent") : graph.tensor(input).name);
    }
  }
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    hash.add(tensor.name + " " + to_text(tensor.type));
    if (tensor.is_parameter()) {
      hash.add(tensor.parameter->value().bytes());
    }
  }
  for (const TensorId id : graph.inputs()) {
    hash.add(std::string(to_text(graph.wire_type(id))));
  }
}

double number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) {
    throw InputError({text}, "expected a number");
  }
  return value;
}

void read_value(const std::string& field, std::string& value) { value = field; }
void read_value(const std::string& field, double& value) { value = number(field); }
void read_value(const std::string& field, std::int64_t& value) {
  value = static_cast<std::int64_t>(number(field));
}
void read_value(const std::string& field, std::optional<double>& value) {
  value = field.empty() ? std::nullopt : std::optional(number(field));
}

/// A column of codec_table() that is kept, and the function that reads its field.
struct KeptColumn {
  std::string name;
  void (*read)(const std::string& field, CodecMeasure& measure);
};

template <auto kMember>
void read_member(const std::string& field, CodecMeasure& measure) {
  read_value(field, measure.*kMember);
}

/// Returns the columns in the order of the file.
const std::vector<KeptColumn>& kept_columns() {
  using M = CodecMeasure;
  static const std::vector<KeptColumn> columns = {
      {"cut", read_member<&M::cut>},
      {"tensors", read_member<&M::tensors>},
      {"codec", read_member<&M::codec>},
      {"inputs", read_member<&M::inputs>},
      {"bytes_mean", read_member<&M::bytes_mean>},
      {"bytes_max", read_member<&M::bytes_max>},
      {"bytes_bound", read_member<&M::bytes_bound>},
      {"error_max", read_member<&M::error_max>},
      {"error_rms", read_member<&M::error_rms>},
      {"error_bound", read_member<&M::error_bound>},
      {"accuracy", read_member<&M::accuracy>},
      {"accuracy_loss", read_member<&M::accuracy_loss>},
      {"agreement", read_member<&M::agreement>},
      {"encode_s", read_member<&M::encode_s>},
      {"decode_s", read_member<&M::decode_s>},
  };
  return columns;
}

std::vector<std::string> kept_names() {
  std::vector<std::string> names;
  for (const KeptColumn& column : kept_columns()) {
    names.push_back(column.name);
  }
  return names;
}

/// Returns the measures of the file; none if it does not exist, or if offcut has not written it.
std::vector<CodecMeasure> read(const fs::path& path) {
  try {
    const std::vector<CsvRow> rows = read_csv(path.string(), "a table of codecs").rows;
    if (rows.front().fields != kept_names()) {
      return {};
    }
    std::vector<CodecMeasure> measures;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      const std::vector<std::string>& fields = rows[i].fields;
      if (fields.size() != kept_columns().size()) {
        return {};
      }
      CodecMeasure& measure = measures.emplace_back();
      for (std::size_t column = 0; column < fields.size(); ++column) {
        kept_columns()[column].read(fields[column], measure);
      }
    }
    return measures;
  } catch (const InputError&) {
    return {};
  }
}

/// Writes a file beside `path` and moves it into place, since another process may read or write it
/// at the same time.
void write(const std::vector<CodecMeasure>& measures, const fs::path& path) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const fs::path beside = path.string() + fmt::format(".{}", getpid());
  try {
    TableWriter<CodecRow> file(beside.string(), codec_table().chosen(kept_names()),
                               CsvQuotes::every_text);
    for (const CodecMeasure& measure : measures) {
      file.add({.measure = measure});
    }
    file.close();
    fs::rename(beside, path);
  } catch (const OutputError&) {
    fs::remove(beside, error);
    throw OutputError({path.string()}, "cannot be written (is the disk full?)");
  } catch (const std::runtime_error&) {
    fs::remove(beside, error);
    throw InputError({path.string()}, "cannot be written");
  }
}

}  // namespace

const CodecMeasure* CodecCalibration::at(const std::string& cut, const std::string& codec) const {
  const auto it = std::find_if(measures_.begin(), measures_.end(), [&](const CodecMeasure& m) {
    return m.cut == cut && m.codec == codec;
  });
  return it == measures_.end() ? nullptr : &*it;
}

const CodecMeasure* CodecCalibration::find(const Graph& graph,
                                           const std::vector<TensorId>& crossing,
                                           const std::string& codec) const {
  std::set<std::string> names;
  for (const TensorId id : crossing) {
    names.insert(graph.tensor(id).name);
  }
  const auto same_tensors = [&](const std::string& text) {
    std::set<std::string> theirs;
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t blank = std::min(text.find(' ', from), text.size());
      theirs.insert(text.substr(from, blank - from));
      from = blank + 1;
    }
    return theirs == names;
  };
  const auto it = std::find_if(measures_.begin(), measures_.end(), [&](const CodecMeasure& m) {
    return m.codec == codec && same_tensors(m.tensors);
  });
  return it == measures_.end() ? nullptr : &*it;
}

std::string calibration_key(const Graph& graph, const Dataset& data,
                            const CodecStudyOptions& options) {
  const auto of_content = [&] {
    ContentHash hash;
    add_graph(graph, hash);
    for (const auto& image : data.images) {
      hash.add(std::as_bytes(std::span(image)));
    }
    hash.add(std::as_bytes(std::span(data.labels)));
    return hash;
  };
  ContentHash hash = options.memory ? options.memory->content(of_content) : of_content();
  hash.add(fmt::format("{} {} {}{}", options.engine == exec::MathEngine::fast, options.divide,
                       options.samples, options.precisions));
  return hash.text();
}

CodecCalibration calibrate_codecs(const Graph& graph, const std::vector<StudiedCut>& cuts,
                                  const std::vector<codec::NamedCodec>& codecs, const Dataset& data,
                                  const CodecStudyOptions& options, const fs::path& folder,
                                  const std::function<void(double done)>& progress) {
  const fs::path path =
      folder / fmt::format("codecs-{}.csv", calibration_key(graph, data, options));
  std::vector<CodecMeasure> known = read(path);
  std::set<std::pair<std::string, std::string>> have;
  for (const CodecMeasure& measure : known) {
    have.insert({measure.cut, measure.codec});
  }
  for (std::size_t i = 0; i < cuts.size(); ++i) {
    std::vector<codec::NamedCodec> missing;
    std::copy_if(codecs.begin(), codecs.end(), std::back_inserter(missing),
                 [&](const codec::NamedCodec& codec) {
                   return !have.contains({cuts[i].name, codec.text});
                 });
    if (!missing.empty()) {
      const auto measured =
          study_codecs(graph, {cuts[i]}, missing, data, options, [&](double done) {
            if (progress) {
              progress((static_cast<double>(i) + done) / static_cast<double>(cuts.size()));
            }
          });
      known.insert(known.end(), measured.begin(), measured.end());
      write(known, path);  // After each cut, so that an interrupted study keeps its measures.
    }
    if (progress) {
      progress(static_cast<double>(i + 1) / static_cast<double>(cuts.size()));
    }
  }
  return CodecCalibration(std::move(known));
}

}  // namespace offcut::runtime
