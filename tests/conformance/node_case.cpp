// Runs one of ONNX's node cases: the model is prepared as an exporter would write it, imported, run
// with the reference operators, and its outputs are compared with the expected ones.

#include "tests/conformance/node_case.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <set>

#include "models/exec/segment.h"
#include "models/onnx/import.h"
#include "models/onnx/read.h"
#include "models/onnx/tensors.h"
#include "models/ops/convert.h"

namespace offcut::conformance {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 1e-5;  // Relative to the largest element.

/// The expected values of these cases are written down by hand, to four digits.
constexpr std::array<std::string_view, 2> kFourDigits = {"test_roialign_aligned_false",
                                                         "test_roialign_aligned_true"};
constexpr double kFourDigitsTolerance = 1e-4;

/// If a scale rounds the extent, ONNX's text divides by the length of the resized axis, which is an
/// integer, as ONNX Runtime and PyTorch do. Its generator divides by the unrounded product.
constexpr std::array<std::string_view, 4> kDisputed = {
    "test_castlike_BFLOAT16_to_FLOAT", "test_castlike_FLOAT_to_BFLOAT16",
    "test_resize_downsample_scales_cubic_align_corners",
    "test_resize_downsample_scales_linear_align_corners"};

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Proto>
Proto parse(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  Proto proto;
  if (!proto.ParseFromIstream(&stream)) {
    throw std::runtime_error("cannot parse " + path.string());
  }
  return proto;
}

/// Returns the worst difference, or "" if the elements agree.
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
    case DataType::float16:
    case DataType::bfloat16:
      // Computed in float32 and rounded, which may differ by a unit in the last of 8 or 11 digits.
      return compare_values<float>(ops::convert(got, DataType::float32),
                                   ops::convert(expected, DataType::float32),
                                   expected.type().type == DataType::float16 ? 0x1p-10 : 0x1p-7);
    default:
      return std::equal(got.bytes().begin(), got.bytes().end(), expected.bytes().begin())
                 ? ""
                 : "differs";
  }
}

bool is_exact(const Graph& graph) {
  static const std::set<std::string> choosers = {"Relu", "Clip", "MaxPool"};
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    const Layer& layer = graph.layer(id);
    const bool moves =
        layer.work.kind == LayerKind::data_movement || layer.work.kind == LayerKind::view;
    if (!moves && !choosers.contains(layer.op_name)) {
      return false;
    }
  }
  return true;
}

bool is_small(const ::onnx::GraphProto& graph, int index) {
  if (!graph.input(index).type().has_tensor_type()) {
    return false;
  }
  const auto& type = graph.input(index).type().tensor_type();
  const bool resizes = graph.node(0).op_type() == "Resize" || graph.node(0).op_type() == "Upsample";
  return type.shape().dim_size() == 0 ||
         (type.shape().dim_size() == 1 &&
          (resizes || type.elem_type() == ::onnx::TensorProto::INT64 ||
           type.elem_type() == ::onnx::TensorProto::BOOL));
}

/// Returns whether the output's shape, or the choice of layers, depends on the values of the first
/// input.
bool is_by_value(const ::onnx::GraphProto& graph) {
  static const std::set<std::string> operators = {"ConstantOfShape", "NonMaxSuppression", "NonZero",
                                                  "Range", "Unique"};
  const bool branches = std::any_of(graph.node().begin(), graph.node().end(), [](const auto& node) {
    return node.op_type() == "If" || node.op_type() == "Loop";
  });
  if (branches || operators.contains(graph.node(0).op_type())) {
    return true;
  }
  // The only input is an integer scalar, hence a size.
  const auto& type = graph.input_size() == 1 ? graph.input(0).type() : ::onnx::TypeProto();
  const auto element = type.tensor_type().elem_type();
  return type.has_tensor_type() && type.tensor_type().has_shape() &&
         type.tensor_type().shape().dim_size() == 0 &&
         (element == ::onnx::TensorProto::INT32 || element == ::onnx::TensorProto::INT64);
}

/// Returns a tensor of a case, of the type that the model declares. NumPy has no bfloat16, so cases
/// have its bits as uint16.
::onnx::TensorProto read_proto(const fs::path& path, const ::onnx::ValueInfoProto& declared) {
  auto tensor = parse<::onnx::TensorProto>(path);
  if (declared.type().tensor_type().elem_type() == ::onnx::TensorProto::BFLOAT16 &&
      tensor.data_type() == ::onnx::TensorProto::UINT16) {
    tensor.set_data_type(::onnx::TensorProto::BFLOAT16);
  }
  return tensor;
}

Tensor read_value(const fs::path& path, const ::onnx::ValueInfoProto& declared) {
  const ::onnx::TensorProto tensor = read_proto(path, declared);
  onnx::check_tensor(tensor);
  return onnx::decode(tensor);
}

enum class Constants { small, all_but_first };

/// Returns the model with constants where a real model has them.
::onnx::ModelProto with_constants(::onnx::ModelProto model, const fs::path& data, Constants which) {
  // Some cases carry the opset in which their operator last changed. Operators that have not
  // changed up to opset 7 can be of opset 7.
  for (auto& opset : *model.mutable_opset_import()) {
    opset.set_version(std::max<std::int64_t>(opset.version(), 7));
  }
  ::onnx::GraphProto& graph = *model.mutable_graph();
  // The first input is data, except for operators that read nothing but the output's shape.
  const bool by_value = is_by_value(graph);
  const int first = by_value ? 0 : 1;
  for (int i = first; i < graph.input_size(); ++i) {
    const bool is_tensor = graph.input(i).type().has_tensor_type();
    if (is_tensor && (by_value || which == Constants::all_but_first || is_small(graph, i))) {
      auto& tensor = *graph.add_initializer() =
          read_proto(data / fmt::format("input_{}.pb", i), graph.input(i));
      tensor.set_name(graph.input(i).name());
    }
  }
  return model;
}

exec::TensorMap read_inputs(const ::onnx::ModelProto& model, const Graph& graph,
                            const fs::path& data) {
  exec::TensorMap inputs;
  for (int i = 0; i < model.graph().input_size(); ++i) {
    const auto id = graph.find_tensor(model.graph().input(i).name());
    if (id && !graph.tensor(*id).is_parameter()) {
      inputs[*id] = read_value(data / fmt::format("input_{}.pb", i), model.graph().input(i));
    }
  }
  return inputs;
}

/// Returns the first difference, or "" if all outputs are as expected.
std::string run_data_set(const ::onnx::ModelProto& model, const Graph& graph,
                         const fs::path& data) {
  const std::string name_of_case = data.parent_path().filename().string();
  const exec::TensorMap outputs =
      exec::run(graph, exec::whole(graph), read_inputs(model, graph, data));
  const double tolerance = is_exact(graph)                       ? 0
                           : is_among(kFourDigits, name_of_case) ? kFourDigitsTolerance
                                                                 : kTolerance;
  for (int i = 0; i < model.graph().output_size(); ++i) {
    const std::string& name = model.graph().output(i).name();
    const Tensor& got = outputs.at(*graph.find_tensor(name));
    const Tensor expected =
        read_value(data / fmt::format("output_{}.pb", i), model.graph().output(i));
    if (const std::string difference = compare(got, expected, tolerance); !difference.empty()) {
      return fmt::format("output '{}' {}", name, difference);
    }
  }
  return "";
}

void run_with(Constants which, const fs::path& folder, const Registry<ops::Operator>& operators,
              CaseResult& result) {
  const auto model = parse<::onnx::ModelProto>(folder / "model.onnx");
  for (int set = 0; fs::exists(folder / fmt::format("test_data_set_{}", set)); ++set) {
    const fs::path data = folder / fmt::format("test_data_set_{}", set);
    const std::string bytes = with_constants(model, data, which).SerializeAsString();
    std::optional<Graph> graph;
    try {
      graph.emplace(onnx::import_onnx_bytes(bytes, "model.onnx", operators));
    } catch (const InputError& error) {
      result.verdict = Verdict::declined;
      result.reason = error.diagnostics().front().message;
      return;
    }
    result.verdict = is_among(kDisputed, result.name) ? Verdict::disputed : Verdict::failed;
    result.reason = run_data_set(model, *graph, data);
    if (!result.reason.empty()) {
      return;
    }
  }
  result.verdict = Verdict::passed;
}

/// Fills in the operators and the types of the model's inputs and outputs.
void describe(const ::onnx::ModelProto& model, CaseResult& result) {
  const ::onnx::GraphProto& graph = model.graph();
  std::vector<std::string> used;
  for (const auto& node : graph.node()) {
    used.push_back(node.op_type());
  }
  result.operators = fmt::format("{}", fmt::join(used, " "));
  result.op = graph.node(0).op_type();
  std::vector<::onnx::ValueInfoProto> values(graph.input().begin(), graph.input().end());
  values.insert(values.end(), graph.output().begin(), graph.output().end());
  result.known_types = true;
  for (const ::onnx::ValueInfoProto& value : values) {
    static const std::set<std::int32_t> known = {
        ::onnx::TensorProto::FLOAT, ::onnx::TensorProto::DOUBLE, ::onnx::TensorProto::UINT8,
        ::onnx::TensorProto::INT8,  ::onnx::TensorProto::INT32,  ::onnx::TensorProto::INT64,
        ::onnx::TensorProto::BOOL};
    const std::int32_t type = value.type().tensor_type().elem_type();
    result.known_types &= value.type().has_tensor_type() && known.contains(type);
    result.real |= type == ::onnx::TensorProto::FLOAT || type == ::onnx::TensorProto::DOUBLE;
  }
}

/// Returns the operator of the case that an expanded case was made of; "" for other cases.
std::string expanded_operator(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::size_t end = name.find("_expanded");
  const fs::path original = folder.parent_path() / name.substr(0, end) / "model.onnx";
  return end == std::string::npos || !fs::exists(original)
             ? ""
             : parse<::onnx::ModelProto>(original).graph().node(0).op_type();
}

}  // namespace

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::passed:
      return "passed";
    case Verdict::declined:
      return "declined";
    case Verdict::disputed:
      return "disputed";
    case Verdict::failed:
      break;
  }
  return "failed";
}

std::vector<fs::path> all_cases(const fs::path& folder) {
  std::vector<fs::path> cases;
  for (const auto& entry : fs::directory_iterator(folder)) {
    cases.push_back(entry.path());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

CaseResult run_case(const fs::path& folder, const Registry<ops::Operator>& operators) {
  CaseResult result{.name = folder.filename().string()};
  try {
    const auto model = parse<::onnx::ModelProto>(folder / "model.onnx");
    describe(model, result);
    if (const std::string op = expanded_operator(folder); !op.empty()) {
      result.op = op;
    }
    run_with(Constants::small, folder, operators, result);
    if (result.verdict == Verdict::passed && model.graph().input_size() > 1) {
      run_with(Constants::all_but_first, folder, operators, result);
    }
  } catch (const std::exception& error) {
    result.verdict = is_among(kDisputed, result.name) ? Verdict::disputed : Verdict::failed;
    result.reason = error.what();
  }
  return result;
}

}  // namespace offcut::conformance
