// Finds the elements of tensors in files. Locations, offsets and lengths come from the model and
// are checked: a file must be in the model's folder, also when all symbolic links are resolved, and
// must be large enough.
#include "models/onnx/weights.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "models/base/error.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> entry(const ::onnx::TensorProto& proto, std::string_view key) {
  for (const auto& pair : proto.external_data()) {
    if (pair.key() == key) {
      return pair.value();
    }
  }
  return std::nullopt;
}

std::uint64_t number(const ::onnx::TensorProto& proto, std::string_view key,
                     std::uint64_t fallback) {
  const std::optional<std::string> text = entry(proto, key);
  if (!text) {
    return fallback;
  }
  std::uint64_t value = 0;
  const char* const end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end) {
    throw std::invalid_argument(fmt::format(
        "the {} of its data in another file is '{}', which is not a number of bytes", key, *text));
  }
  return value;
}

/// Rejects locations outside the model's folder: a downloaded model must not read other files.
void check_location(const std::string& location) {
  const fs::path path(location);
  if (location.empty() || path.is_absolute() || location.find('\0') != std::string::npos ||
      std::find(path.begin(), path.end(), "..") != path.end()) {
    throw std::invalid_argument(fmt::format(
        "its data is in '{}', which is not a path to a file in the model's folder", location));
  }
}

bool is_in_folder(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

/// Returns the path without symbolic links of a data file. It must be in the folder of the model's
/// path, or, if that is a symbolic link itself, in the folder of the file that it names: caches of
/// downloaded models link both files into a folder of their own. Throws std::invalid_argument.
std::string resolved_data_file(const std::string& model, const std::string& location) {
  std::error_code error;
  const auto folder_of = [&](const fs::path& path) {
    return fs::weakly_canonical(path.has_parent_path() ? path.parent_path() : ".", error);
  };
  const fs::path named = folder_of(model);
  const fs::path real = folder_of(fs::weakly_canonical(model, error));
  const fs::path beside = fs::exists(named / location, error) ? named : real;
  const fs::path file = fs::weakly_canonical(beside / location, error);
  if (error) {
    throw std::invalid_argument(fmt::format("its data is in '{}': {}", location, error.message()));
  }
  if (!is_in_folder(file, named) && !is_in_folder(file, real)) {
    throw std::invalid_argument(fmt::format(
        "its data is in '{}', which is a symbolic link out of the model's folder", location));
  }
  return file.string();
}

}  // namespace

bool lies_in_file(const ::onnx::TensorProto& proto) {
  return proto.data_location() == ::onnx::TensorProto::EXTERNAL || proto.external_data_size() > 0;
}

const std::shared_ptr<const DataFile>& Weights::open(const std::string& location) {
  auto& file = files_[location];
  if (!file) {
    const std::string path = resolved_data_file(model_->path(), location);
    try {
      file = std::make_shared<const DataFile>(path);
    } catch (const InputError& error) {
      throw std::invalid_argument(
          fmt::format("its data is in '{}': {}", location, error.diagnostics().front().message));
    }
  }
  return file;
}

FilePart Weights::find(const ::onnx::TensorProto& proto) {
  if (!model_) {
    throw std::invalid_argument("its data is in another file, but the model itself is not a file");
  }
  if (proto.has_segment() || proto.has_raw_data()) {
    throw std::invalid_argument("its data is in another file, but some of it is in this one");
  }
  const std::optional<std::string> location = entry(proto, "location");
  if (location) {
    check_location(*location);
  }
  const std::shared_ptr<const DataFile> file = location ? open(*location) : model_;
  const TensorType type = tensor_type(proto);
  const auto bytes = static_cast<std::uint64_t>(type.bytes());
  const std::uint64_t offset = number(proto, "offset", 0);
  if (const std::uint64_t length = number(proto, "length", bytes); length != bytes) {
    throw std::invalid_argument(
        fmt::format("{} takes {} bytes, the file has {}", to_text(type), bytes, length));
  }
  if (offset > file->size() || bytes > file->size() - offset) {
    throw std::invalid_argument(
        fmt::format("its {} bytes should begin at byte {} of '{}', which has {} bytes", bytes,
                    offset, location.value_or(file->path()), file->size()));
  }
  return {file, offset};
}

Tensor read_elements(const TensorType& type, const FilePart& part) {
  Tensor tensor(type);
  part.file->read(part.offset, tensor.bytes());
  normalise_booleans(tensor);
  return tensor;
}

}  // namespace offcut::onnx
