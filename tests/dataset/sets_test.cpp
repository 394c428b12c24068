// Named sets, folders, orders, splits and augmentations.

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "models/base/error.h"
#include "models/dataset/augmentation.h"
#include "models/dataset/open.h"
#include "tests/paths.h"
#include "tests/temporary_folder.h"

namespace offcut::dataset::sets_test {
namespace {

const Registry<SetKind>& sets() {
  static const Registry<SetKind> registry = [] {
    Registry<SetKind> filled;
    register_sets(filled);
    return filled;
  }();
  return registry;
}

const Registry<Augmentation>& augmentations() {
  static const Registry<Augmentation> registry = [] {
    Registry<Augmentation> filled;
    register_augmentations(filled);
    return filled;
  }();
  return registry;
}

Dataset open(const std::string& text) {
  return open_dataset(text, sets(), source_path("models/data"), "--dataset");
}

std::string error_of(const std::string& text) {
  try {
    open(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool same(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

/// Returns a batch of equal images with one bright pixel.
Tensor dot_images(std::int64_t count) {
  Tensor images({DataType::float32, {count, 1, 9, 9}});
  for (std::int64_t i = 0; i < count; ++i) {
    images.values<float>()[static_cast<std::size_t>(i * 81 + 40)] = 1;
  }
  return images;
}

Tensor augmented(const std::string& text, std::vector<std::int64_t> numbers, std::uint64_t draw) {
  Tensor images = dot_images(static_cast<std::int64_t>(numbers.size()));
  augment(images, numbers, {named_from(text, "augmentation", augmentations())}, augmentations(), 1,
          draw);
  return images;
}

}  // namespace

TEST_CASE("digits: no image of the test is among those for training") {
  const Dataset digits = open("digits");
  CHECK(digits.training.inputs.shape() == Shape{8000, 1, 28, 28});
  CHECK(digits.test.inputs.shape() == Shape{2000, 1, 28, 28});
  std::set<std::vector<float>> seen;
  for (const Samples* const part : {&digits.training, &digits.test}) {
    CHECK(part->classes() == 10);
    const auto pixels = part->inputs.values<float>();
    for (std::size_t i = 0; i < static_cast<std::size_t>(part->count()); ++i) {
      seen.insert({pixels.begin() + static_cast<std::ptrdiff_t>(i * 784),
                   pixels.begin() + static_cast<std::ptrdiff_t>((i + 1) * 784)});
    }
  }
  CHECK(seen.size() == 10'000);
}

TEST_CASE("drawn sets depend on their seed, and tests not on the number of training samples") {
  for (const std::string name : {"blobs", "spirals", "linear-teacher"}) {
    const Dataset one = open(name);
    CHECK(one.training.count() == 1000);
    CHECK(same(one.training.inputs, open(name + ":seed=1").training.inputs));
    CHECK_FALSE(same(one.training.inputs, open(name + ":seed=2").training.inputs));
    CHECK_FALSE(same(one.training.inputs, one.test.inputs));
    CHECK(same(one.test.inputs, open(name + ":samples=10").test.inputs));
  }
  CHECK(open("blobs:classes=5,features=7").training.inputs.shape() == Shape{1000, 7});
  CHECK(open("blobs:classes=5").training.classes() == 5);
}

TEST_CASE("sets: errors") {
  CHECK(error_of("digit") ==
        "--dataset: error: there is no data set, folder or CSV file 'digit'; did you mean "
        "'digits'?");
  CHECK(error_of("blobs:class=2") ==
        "--dataset: error: blobs has no parameter 'class'; did you mean 'classes'?");
  CHECK(error_of("blobs:classes=1.5") ==
        "--dataset: error: classes: expected 2 to 100000, got '1.5'");
  CHECK(error_of("blobs:classes=2.5") ==
        "--dataset: error: classes: expected a whole number, got '2.5'");
  CHECK(error_of("fashion-mnist:folder=/nowhere") ==
        "fashion-mnist: error: there is no folder '/nowhere'; install Debian's package "
        "dataset-fashion-mnist, or state its folder: fashion-mnist:folder=DIR");
}

TEST_CASE("a folder of CSV files, with and without a test") {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  CHECK(error_of(path).find("holds no training samples") != std::string::npos);
  folder.write("training.csv", "x,label\n1,0\n2,1\n");
  CHECK(open(path).training.count() == 2);
  CHECK(open(path).test.count() == 0);
  folder.write("test.csv", "x,label\n1,0\n");
  CHECK(open(path).test.count() == 1);
  folder.write("train-more.csv", "x,label\n1,0\n");
  CHECK(error_of(path) ==
        path + ": error: holds 'train-more.csv' and 'training.csv'; expected one of them");
}

TEST_CASE("orders have each number once; splits keep the classes' shares") {
  auto order = shuffled(100, 1, 2);
  CHECK(order == shuffled(100, 1, 2));
  CHECK(order != shuffled(100, 1, 3));
  CHECK(order != shuffled(100, 2, 2));
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> numbers(100);
  std::iota(numbers.begin(), numbers.end(), 0);
  CHECK(order == numbers);

  const Samples all = open("blobs:samples=300").training;
  const auto [stay, aside] = set_aside(all, 0.1, 4);
  CHECK(stay.count() == 270);
  CHECK(aside.count() == 30);
  const auto labels = aside.labels.values<std::int64_t>();
  for (std::int64_t label = 0; label < 3; ++label) {
    CHECK(std::count(labels.begin(), labels.end(), label) == 10);
  }
  CHECK(same(aside.inputs, set_aside(all, 0.1, 4).second.inputs));
  CHECK(set_aside(open("linear-teacher").training, 0.25, 4).second.targets.shape() ==
        Shape{250, 1});
}

TEST_CASE("augmentation: a sample's image depends on its number and the epoch alone") {
  for (const auto& [name, entry] : augmentations()) {
    const Tensor pair = augmented(name, {7, 8}, 3);
    const Tensor alone = augmented(name, {8}, 3);
    CHECK_MESSAGE(
        std::equal(alone.bytes().begin(), alone.bytes().end(), pair.bytes().begin() + 81 * 4),
        name);
    bool changes = false;
    for (std::uint64_t draw = 0; draw < 8 && name != "flip"; ++draw) {
      changes = changes || !same(augmented(name, {8}, draw), dot_images(1));
    }
    CHECK_MESSAGE((changes || name == "flip"), name);  // A flip leaves the middle where it is.
  }
}

TEST_CASE("augmentation: shifts by whole pixels, mirrors, and nothing at 0") {
  CHECK(same(augmented("affine:rotate=0,slant=0,stretch=0,shift=0", {1}, 1), dot_images(1)));
  CHECK(same(augmented("bend:pixels=0", {1}, 1), dot_images(1)));
  const std::vector<float> row = {1, 2, 3, 4, 5, 6};
  Tensor image(Shape{1, 2, 1, 3}, std::span(row));
  const std::vector<std::int64_t> number = {0};
  augment(image, number, {named_from("flip:probability=1", "augmentation", augmentations())},
          augmentations(), 1, 1);
  const std::vector<float> mirrored = {3, 2, 1, 6, 5, 4};
  CHECK(same(image, Tensor(Shape{1, 2, 1, 3}, std::span(mirrored))));
  std::vector<float> moved = row;
  warp({2, 1, 3, moved}, [](double y, double x) { return std::pair(y, x + 1.5); });
  CHECK(moved == std::vector<float>{2.5, 1.5, 0, 5.5, 3, 0});
  Tensor flat(TensorType{DataType::float32, {1, 6}});
  CHECK_THROWS_AS(augment(flat, number, {}, augmentations(), 1, 1), std::invalid_argument);
}

}  // namespace offcut::dataset::sets_test
