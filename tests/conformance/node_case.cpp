#include "tests/conformance/node_case.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>

#include "models/exec/segment.h"
#include "models/onnx/import.h"
#include "models/onnx/read.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-5;  // of the largest element

template <class Proto>
Proto parse(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  Proto proto;
  if (!proto.ParseFromIstream(&stream)) {
    throw std::runtime_error("cannot parse " + path.string());
  }
  return proto;
}

/// "" where the elements are the same, else what the worst difference is.
template <class T>
std::string compare_values(const Tensor& got, const Tensor& expected, double tolerance) {
  double largest = 0;
  double worst = 0;
  const auto a = got.values<T>();
  const auto b = expected.values<T>();
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    if (x == y || (std::isnan(x) && std::isnan(y))) {
      continue;
    }
    worst = std::max(worst, std::isfinite(x) && std::isfinite(y) ? std::abs(x - y) : INFINITY);
  }
  for (const T y : b) {
    largest = std::max(largest, std::abs(static_cast<double>(y)));
  }
  return worst <= tolerance * largest
             ? ""
             : fmt::format("differs by {:.3g}, the largest element is {:.3g}", worst, largest);
}

std::string compare(const Tensor& got, const Tensor& expected, double tolerance) {
  if (got.type() != expected.type()) {
    return fmt::format("is {}, expected {}", to_text(got.type()), to_text(expected.type()));
  }
  switch (expected.type().type) {
    case DataType::float32:
      return compare_values<float>(got, expected, tolerance);
    case DataType::float64:
      return compare_values<double>(got, expected, tolerance);
    default:
      return std::equal(got.bytes().begin(), got.bytes().end(), expected.bytes().begin())
                 ? ""
                 : "differs";
  }
}

bool is_exact(const Graph& graph) {
  static const std::set<std::string> choose = {"Relu", "Clip", "MaxPool"};
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    const bool moves =
        layer.work.kind == LayerKind::data_movement || layer.work.kind == LayerKind::view;
    if (!moves && !choose.contains(layer.op_name)) {
      return false;
    }
  }
  return true;
}

bool is_small(const onnx::GraphProto& graph, int index) {
  const auto& type = graph.input(index).type().tensor_type();
  const bool resizes = graph.node(0).op_type() == "Resize" || graph.node(0).op_type() == "Upsample";
  return type.shape().dim_size() == 0 ||
         (type.shape().dim_size() == 1 &&
          (resizes || type.elem_type() == onnx::TensorProto::INT64));
}

enum class Constants { small, all_but_first };

/// The model as a real one would have it.
onnx::ModelProto with_constants(onnx::ModelProto model, const fs::path& data, Constants which) {
  // Some cases carry the opset in which their operator last changed; all that 7 has unchanged can
  // be called 7.
  for (auto& opset : *model.mutable_opset_import()) {
    opset.set_version(std::max<std::int64_t>(opset.version(), 7));
  }
  onnx::GraphProto& graph = *model.mutable_graph();
  // The first input is data, but for operators that read nothing but what the shape depends on.
  const std::string& op = graph.node(0).op_type();
  const bool by_value = op == "ConstantOfShape" || op == "Range";
  const int first = by_value ? 0 : 1;
  for (int i = first; i < graph.input_size(); ++i) {
    if (which == Constants::all_but_first || is_small(graph, i)) {
      auto& tensor = *graph.add_initializer() =
          parse<onnx::TensorProto>(data / fmt::format("input_{}.pb", i));
      tensor.set_name(graph.input(i).name());
    }
  }
  return model;
}

TensorMap read_inputs(const onnx::ModelProto& model, const Graph& graph, const fs::path& data) {
  TensorMap inputs;
  for (int i = 0; i < model.graph().input_size(); ++i) {
    const auto id = graph.find_tensor(model.graph().input(i).name());
    if (id && !graph.tensor(*id).is_parameter()) {
      inputs[*id] = read_tensor_pb(data / fmt::format("input_{}.pb", i));
    }
  }
  return inputs;
}

/// "" where all outputs are as expected.
std::string run_data_set(const onnx::ModelProto& model, const Graph& graph, const fs::path& data) {
  const TensorMap outputs = run(graph, whole(graph), read_inputs(model, graph, data));
  const double tolerance = is_exact(graph) ? 0 : kTolerance;
  for (int i = 0; i < model.graph().output_size(); ++i) {
    const std::string& name = model.graph().output(i).name();
    const Tensor& got = outputs.at(*graph.find_tensor(name));
    const Tensor expected = read_tensor_pb(data / fmt::format("output_{}.pb", i));
    if (const std::string why = compare(got, expected, tolerance); !why.empty()) {
      return fmt::format("output '{}' {}", name, why);
    }
  }
  return "";
}

void run_with(Constants which, const fs::path& folder, const Registry<Operator>& operators,
              CaseResult& result) {
  const auto model = parse<onnx::ModelProto>(folder / "model.onnx");
  for (int set = 0; fs::exists(folder / fmt::format("test_data_set_{}", set)); ++set) {
    const fs::path data = folder / fmt::format("test_data_set_{}", set);
    const std::string bytes = with_constants(model, data, which).SerializeAsString();
    std::optional<Graph> graph;
    try {
      graph.emplace(import_onnx_bytes(bytes, "model.onnx", operators));
    } catch (const InputError& error) {
      result.verdict = Verdict::declined;
      result.reason = error.mistakes().front().message;
      return;
    }
    result.verdict = Verdict::failed;
    result.reason = run_data_set(model, *graph, data);
    if (!result.reason.empty()) {
      return;
    }
  }
  result.verdict = Verdict::passed;
}

bool is_supported(const onnx::NodeProto& node, const Registry<Operator>& operators) {
  return node.domain().empty() && (node.op_type() == "Constant" || operators.find(node.op_type()));
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::declined:
      return "declined";
    case Verdict::failed:
      break;
  }
  return "failed";
}

std::vector<fs::path> supported_cases(const fs::path& folder, const Registry<Operator>& operators) {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto model = parse<onnx::ModelProto>(entry.path() / "model.onnx");
    const auto& nodes = model.graph().node();
    if (std::all_of(nodes.begin(), nodes.end(),
                    [&](const auto& node) { return is_supported(node, operators); })) {
      cases.push_back(entry.path());
    }
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

CaseResult run_case(const fs::path& folder, const Registry<Operator>& operators) {
  CaseResult result{.name = folder.filename().string()};
  try {
    const auto model = parse<onnx::ModelProto>(folder / "model.onnx");
    std::vector<std::string> used;
    for (const auto& node : model.graph().node()) {
      used.push_back(node.op_type());
    }
    result.operators = fmt::format("{}", fmt::join(used, " "));
    run_with(Constants::small, folder, operators, result);
    if (result.verdict == Verdict::passed && model.graph().input_size() > 1) {
      run_with(Constants::all_but_first, folder, operators, result);
    }
  } catch (const std::exception& error) {
    result.verdict = Verdict::failed;
    result.reason = error.what();
  }
  return result;
}

}  // namespace offcut
