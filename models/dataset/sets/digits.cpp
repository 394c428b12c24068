// `digits`: the handwritten digits that offcut ships: 8,000 images of MNIST for training, and 2,000
// others for tests.

#include "models/dataset/readers.h"
#include "models/dataset/set.h"

namespace offcut::dataset {
namespace {

Dataset load_digits(const Parameters& parameters, const std::filesystem::path& shipped) {
  const std::filesystem::path folder = shipped / "digits";
  const auto read = [&](const std::string& part) {
    return read_idx_samples((folder / (part + "-images.idx3-ubyte.zst")).string(),
                            (folder / (part + "-labels.idx1-ubyte.zst")).string(),
                            image_form(parameters));
  };
  return {.training = read("training"), .test = read("test")};
}

}  // namespace

void register_digits(Registry<SetKind>& registry) {
  registry.add({.name = "digits",
                .doc = "handwritten digits, 1x28x28, 10 classes: 8,000 and 2,000 images of MNIST",
                .citation = "LeCun, Cortes, Burges, MNIST; models/data/digits/README.md",
                .parameters = image_parameters(),
                .load = load_digits});
}

}  // namespace offcut::dataset
