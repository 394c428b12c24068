// Recognises the format of a profile by its content and calls the parser for it. Each tool's format
// has its own file.
#include "models/cost/foreign_profile.h"

#include <fmt/format.h>

#include "models/base/error.h"
#include "models/base/text_file.h"

namespace offcut::cost {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

ProfileFormat format_of_text(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first != std::string_view::npos && (text[first] == '[' || text[first] == '{')) {
    return text.find("\"averageMs\"") != std::string_view::npos ? ProfileFormat::tensorrt
                                                                : ProfileFormat::onnx_runtime;
  }
  return text.find("node type,") != std::string_view::npos ? ProfileFormat::tflite
                                                           : ProfileFormat::offcut;
}

}  // namespace

std::string_view to_text(ProfileFormat format) {
  switch (format) {
    case ProfileFormat::offcut:
      return "offcut";
    case ProfileFormat::onnx_runtime:
      return "ONNX Runtime";
    case ProfileFormat::tensorrt:
      return "TensorRT";
    case ProfileFormat::tflite:
      break;
  }
  return "TFLite";
}

ProfileFormat format_of(const std::string& path) {
  return format_of_text(read_text_file(path, "a profile"));
}

std::vector<ForeignEntry> read_foreign_profile(const std::string& path, ProfileFormat format) {
  const std::string text = read_text_file(path, "a profile");
  std::vector<ForeignEntry> entries = format == ProfileFormat::tflite ? parse_tflite(path, text)
                                      : format == ProfileFormat::tensorrt
                                          ? parse_tensorrt(path, text)
                                          : parse_onnx_runtime(path, text);
  if (entries.empty()) {
    throw InputError({path},
                     fmt::format("contains no layers, expected a profile of {}", to_text(format)));
  }
  return entries;
}

}  // namespace offcut::cost
