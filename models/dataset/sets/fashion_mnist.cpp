// `fashion-mnist`: 70,000 images of clothes in ten classes, from Debian's package
// dataset-fashion-mnist, which installs the authors' files.

#include <fmt/format.h>

#include "models/base/error.h"
#include "models/dataset/readers.h"
#include "models/dataset/set.h"

namespace offcut::dataset {
namespace {

constexpr const char* kFashionFolder = "/usr/share/datasets/fashion-mnist";

Dataset load_fashion_mnist(const Parameters& parameters, const std::filesystem::path&) {
  const std::string& stated = parameters.text("folder");
  const std::filesystem::path folder = stated.empty() ? kFashionFolder : stated;
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) {
    throw InputError({"fashion-mnist"},
                     fmt::format("there is no folder '{}'; install Debian's package "
                                 "dataset-fashion-mnist, or state its folder: "
                                 "fashion-mnist:folder=DIR",
                                 folder.string()));
  }
  const auto read = [&](const std::string& part) {
    return read_idx_samples((folder / (part + "-images-idx3-ubyte.gz")).string(),
                            (folder / (part + "-labels-idx1-ubyte.gz")).string(),
                            image_form(parameters));
  };
  return {.training = read("train"), .test = read("t10k")};
}

std::vector<ParameterSpec> fashion_parameters() {
  std::vector<ParameterSpec> specs = image_parameters();
  specs.push_back({.name = "folder",
                   .is_text = true,
                   .doc = "the folder of the four files",
                   .example = "~/fashion-mnist",
                   .absent = kFashionFolder});
  return specs;
}

}  // namespace

void register_fashion_mnist(Registry<SetKind>& registry) {
  registry.add({.name = "fashion-mnist",
                .doc = "articles of clothing, 1x28x28, 10 classes: 60,000 and 10,000 images",
                .citation = "Xiao, Rasul, Vollgraf, 2017; Debian's dataset-fashion-mnist",
                .parameters = fashion_parameters(),
                .load = load_fashion_mnist});
}

}  // namespace offcut::dataset
