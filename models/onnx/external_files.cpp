// Collects the locations of a model's tensors: initialisers, and tensors in attributes, also those
// of nested graphs. Nothing is checked here, as the import does that.

#include "models/onnx/external_files.h"

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <set>

#include "models/base/error.h"
#include "models/onnx/read.h"

namespace offcut::onnx {
namespace {

namespace fs = std::filesystem;

class Locations {
 public:
  void add(const ::onnx::GraphProto& graph) {
    for (const ::onnx::TensorProto& tensor : graph.initializer()) {
      add(tensor);
    }
    for (const ::onnx::SparseTensorProto& tensor : graph.sparse_initializer()) {
      add(tensor);
    }
    for (const ::onnx::NodeProto& node : graph.node()) {
      for (const ::onnx::AttributeProto& attribute : node.attribute()) {
        add(attribute);
      }
    }
  }

  const std::set<std::string>& found() const { return found_; }

 private:
  void add(const ::onnx::TensorProto& tensor) {
    for (const ::onnx::StringStringEntryProto& entry : tensor.external_data()) {
      if (entry.key() == "location") {
        found_.insert(entry.value());
      }
    }
  }

  void add(const ::onnx::SparseTensorProto& tensor) {
    add(tensor.values());
    add(tensor.indices());
  }

  void add(const ::onnx::AttributeProto& attribute) {
    add(attribute.t());
    add(attribute.sparse_tensor());
    for (const ::onnx::TensorProto& tensor : attribute.tensors()) {
      add(tensor);
    }
    for (const ::onnx::SparseTensorProto& tensor : attribute.sparse_tensors()) {
      add(tensor);
    }
    if (attribute.has_g()) {
      add(attribute.g());
    }
    for (const ::onnx::GraphProto& graph : attribute.graphs()) {
      add(graph);
    }
  }

  std::set<std::string> found_;
};

}  // namespace

std::vector<std::string> external_files(const std::string& model) {
  Locations locations;
  try {
    locations.add(read_model(model).proto->graph());
  } catch (const InputError&) {
    return {};
  }
  std::vector<std::string> files;
  std::error_code error;
  const fs::path real = fs::weakly_canonical(model, error);
  for (const std::string& location : locations.found()) {
    files.push_back((fs::path(model).parent_path() / location).string());
    if (!error && fs::is_symlink(model, error)) {
      files.push_back((real.parent_path() / location).string());
    }
  }
  return files;
}

}  // namespace offcut::onnx
