// Reads arbitrary bytes as an ONNX model, from a file: for libFuzzer, and for the regression test.

#include "tests/fuzz/onnx_reader.h"

#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "models/base/memory_limit.h"
#include "models/onnx/import.h"
#include "models/onnx/light_parse.h"
#include "tests/temporary_folder.h"

namespace offcut::fuzz {
namespace {

constexpr std::int64_t kSmallBytes = 64 * 1024;

const Registry<ops::Operator>& operators() {
  static const Registry<ops::Operator> registry = [] {
    Registry<ops::Operator> filled;
    ops::register_operators(filled);
    return filled;
  }();
  return registry;
}

/// Returns a folder with a file in which models can have their weights.
const TemporaryFolder& folder() {
  static const TemporaryFolder created;
  static const std::string data = created.write("w", std::string(1024, 'w'));
  return created;
}

void make_small_parameters(const Graph& graph) {
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    const TensorNode& tensor = graph.tensor(id);
    if (tensor.is_parameter() && tensor.type.bytes() <= kSmallBytes) {
      tensor.parameter->value();
    }
  }
}

void require(bool holds, const char* claim) {
  if (!holds) {
    std::fprintf(stderr, "broken: %s\n", claim);
    std::abort();
  }
}

/// Checks that a parser which leaves large tensors in the file accepts the same files.
void check_light_parse(std::string_view bytes) {
  const google::protobuf::LogSilencer silence;
  ::onnx::ModelProto whole;
  ::onnx::ModelProto light;
  const bool is_valid = whole.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  require(onnx::parse_light(bytes, light, 8) == is_valid, "light and whole parse agree");
}

}  // namespace

void read_any_model(std::string_view bytes) {
  constexpr std::uint64_t kMostBytes = std::uint64_t{512} << 20;  // As users say it: --max-memory.
  set_memory_limit(kMostBytes);
  check_light_parse(bytes);
  const std::string path = folder().write("m.onnx", std::string(bytes));
  try {
    const Graph graph = onnx::import_onnx(path, operators());
    make_small_parameters(graph);
  } catch (const InputError&) {
    // The import refuses it.
  } catch (const std::invalid_argument&) {
    // An operator refuses it: a parameter has values that the operator does not allow.
  }
}

}  // namespace offcut::fuzz
