// Reads the version of ONNX's own operator set from a model. A model that does not import the set
// gets ONNX Runtime's choice, and versions that offcut does not know become an error beside those
// of the model's layers.
#include "models/onnx/opset.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <utility>

namespace offcut::onnx {
namespace {

/// Before this version of the file format, models did not import operator sets.
constexpr std::int64_t kFirstIrWithOpsets = 3;

std::int64_t imported_opset(const ::onnx::ModelProto& model) {
  for (const auto& set : model.opset_import()) {
    if (set.domain().empty() || set.domain() == "ai.onnx") {
      return set.version();
    }
  }
  const bool old = model.opset_import().empty() && model.ir_version() < kFirstIrWithOpsets;
  return old ? kOldestOpset : kNewestOpset;
}

}  // namespace

int opset_of(const ::onnx::ModelProto& model) {
  return static_cast<int>(
      std::clamp<std::int64_t>(imported_opset(model), kOldestOpset, kNewestOpset));
}

std::string opset_error(const ::onnx::ModelProto& model) {
  const std::int64_t opset = imported_opset(model);
  return opset >= kOldestOpset && opset <= kNewestOpset
             ? ""
             : fmt::format("opset {} is not supported; expected {} to {}", opset, kOldestOpset,
                           kNewestOpset);
}

int ir_version_of(int opset) {
  // Source: the table of released versions in ONNX's Versioning.md.
  constexpr std::array<std::pair<int, int>, 6> kSince = {
      {{25, 13}, {24, 12}, {23, 11}, {21, 10}, {19, 9}, {1, 8}}};
  return std::find_if(kSince.begin(), kSince.end(),
                      [&](const auto& row) { return opset >= row.first; })
      ->second;
}

}  // namespace offcut::onnx
