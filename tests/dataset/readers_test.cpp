// Readers of samples: what they give, and one clear error for each kind of bad file.

#include "models/dataset/readers.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <limits>

#include "models/base/error.h"
#include "models/dataset/idx.h"
#include "models/files/npy.h"
#include "tests/temporary_folder.h"

namespace offcut::dataset::readers_test {
namespace {

/// Returns an IDX file with the bytes 0, 1, 2 and so on.
std::string idx(const std::vector<unsigned>& extents) {
  std::string bytes("\0\0\x08", 3);
  bytes += static_cast<char>(extents.size());
  std::size_t count = 1;
  for (const unsigned extent : extents) {
    bytes += std::string("\0\0\0", 3) + static_cast<char>(extent);
    count *= extent;
  }
  for (std::size_t i = 0; i < count; ++i) {
    bytes += static_cast<char>(i);
  }
  return bytes;
}

std::string zstd_packed(const std::string& bytes) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), 3));
  return packed;
}

std::string gzip_packed(const std::string& bytes) {
  std::string packed(bytes.size() + 100, '\0');
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  const std::size_t size = stream.total_out;
  deflateEnd(&stream);
  return packed.substr(0, size);
}

/// Returns the errors of `read`, one per line, without the folder.
template <class F>
std::string errors_of(const TemporaryFolder& folder, F read) {
  try {
    read();
  } catch (const InputError& error) {
    std::string text = error.what();
    const std::string path = folder.path().string() + "/";
    for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) {
      text.erase(at, path.size());
    }
    return text;
  }
  return "";
}

}  // namespace

TEST_CASE("IDX: plain, zstd and gzip files hold the same tensor") {
  const TemporaryFolder folder;
  const std::string bytes = idx({2, 3, 4});
  for (const std::string& content :
       {bytes, zstd_packed(bytes), gzip_packed(bytes),
        gzip_packed(bytes.substr(0, 20)) + gzip_packed(bytes.substr(20))}) {
    const Tensor tensor = read_idx(folder.write("a", content));
    CHECK(tensor.type() == TensorType{DataType::uint8, {2, 3, 4}});
    CHECK(tensor.values<std::uint8_t>()[23] == 23);
  }
}

TEST_CASE("IDX: errors") {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& content) {
    return errors_of(folder, [&] { read_idx(folder.write("a", content)); });
  };
  CHECK(error("hello") ==
        "a: error: is no IDX file of unsigned bytes: expected the bytes 00 00 08 and the number of "
        "dimensions at offset 0, got 68 65 6C 6C");
  CHECK(error("").ends_with("at offset 0, got nothing"));
  CHECK(error(idx({2, 3}).substr(0, 17)) ==
        "a: error: has 5 bytes from offset 12 on; its header states 2x3, 6 bytes");
  CHECK(error(idx({2, 3}).substr(0, 10)) ==
        "a: error: ends within its header, at offset 10; expected 12 bytes: 4, and 4 for each of 2 "
        "dimensions");
  const std::string packed = gzip_packed(idx({200}));
  CHECK(error(packed.substr(0, packed.size() - 9)) ==
        "a: error: cannot be unpacked: it ends too early");
  CHECK(error(packed + "more").starts_with("a: error: cannot be unpacked: "));
  std::string broken = packed;
  broken[broken.size() - 6] = static_cast<char>(broken[broken.size() - 6] + 1);
  CHECK(error(broken) == "a: error: cannot be unpacked: incorrect data check");
  CHECK(errors_of(folder, [&] { read_idx(folder.path().string() + "/none"); }) ==
        "none: error: cannot be read");
}

TEST_CASE("images: pixels are divided by 255, padded and repeated") {
  const TemporaryFolder folder;
  const std::string images = folder.write("images", idx({2, 2, 2}));
  const std::string labels = folder.write("labels", idx({2}));
  const Samples plain = read_idx_samples(images, labels);
  CHECK(plain.inputs.shape() == Shape{2, 1, 2, 2});
  CHECK(plain.inputs.values<float>()[7] == 7.0F / 255);
  CHECK(plain.labels.values<std::int64_t>()[1] == 1);
  CHECK(plain.source == images);
  CHECK(plain.labels_from() == labels);
  CHECK(plain.part(0, 1).labels_from() == labels);
  const Samples padded = read_idx_samples(images, labels, {.pad = 1, .channels = 3});
  REQUIRE(padded.inputs.shape() == Shape{2, 3, 4, 4});
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const auto plane = padded.inputs.values<float>().subspan(48 + channel * 16, 16);
    CHECK(plane[5] == 4.0F / 255);
    CHECK(plane[10] == 7.0F / 255);
    CHECK(plane[0] == 0);
    CHECK(plane[15] == 0);
  }
}

TEST_CASE("images: errors") {
  const TemporaryFolder folder;
  const std::string images = folder.write("images", idx({2, 2, 2}));
  CHECK(errors_of(folder, [&] { read_idx_samples(images, folder.write("l", idx({3}))); }) ==
        "l: error: holds 3 labels, expected one for each of 2 images");
  CHECK(errors_of(folder, [&] {
          read_idx_samples(folder.write("i", idx({0, 2, 2})), images);
        }) == "i: error: holds no images");
  CHECK(errors_of(folder, [&] { read_idx_samples(folder.write("i", idx({4})), images); }) ==
        "i: error: has the shape 4, expected images: count x height x width, or count x channels x "
        "height x width");
}

TEST_CASE("CSV: features with a label, or with targets") {
  const TemporaryFolder folder;
  const Samples classes =
      read_csv_samples(folder.write("c.csv", "x,label,y\n1,2,0.5\n-3e1,0,.25\n"));
  CHECK(classes.inputs.shape() == Shape{2, 2});
  CHECK(classes.inputs.values<float>()[2] == -30);
  CHECK(classes.inputs.values<float>()[3] == 0.25);
  CHECK(classes.classes() == 3);
  CHECK(classes.targets.absent());
  const Samples numbers =
      read_csv_samples(folder.write("r.csv", "target_1,x,target2,targets\n1,2,3,4\n"));
  CHECK(numbers.inputs.shape() == Shape{1, 2});
  CHECK(numbers.targets.shape() == Shape{1, 2});
  CHECK(numbers.targets.values<float>()[1] == 3);
  CHECK(numbers.labels.absent());
}

TEST_CASE("CSV: errors have their places, and all are reported") {
  const TemporaryFolder folder;
  const auto error = [&](const std::string& content) {
    return errors_of(folder, [&] { read_csv_samples(folder.write("a.csv", content)); });
  };
  CHECK(error("x,label\n1,2.5\nnan,0\n1\n") ==
        "a.csv:2:3: error: label: expected a class from 0 to 1000000, got '2.5'\n"
        "a.csv:3:1: error: x: expected a number from -3e+38 to 3e+38, got 'nan'\n"
        "a.csv:4:1: error: 1 fields, expected 2");
  CHECK(error("x,y\n1,2\n") ==
        "a.csv:1:1: error: there is no column 'label' of classes, nor 'target' of a regression");
  CHECK(error("x,labels\n1,2\n") ==
        "a.csv:1:1: error: there is no column 'label' of classes, nor 'target' of a regression; is "
        "it 'labels'?");
  CHECK(error("label\n1\n") == "a.csv:1:1: error: there is no column of a feature");
  CHECK(error("x,label,target\n1,2,3\n") ==
        "a.csv:1:1: error: has a label and targets; expected one or the other");
  CHECK(error("x,label\n") == "a.csv: error: holds no samples");
  CHECK(error("x,x,label\n1,2,3\n") == "a.csv:1:3: error: column 'x' appears twice");
}

TEST_CASE("NPY: whole numbers are classes, floats are targets") {
  const TemporaryFolder folder;
  const auto file = [&](const std::string& name, const Tensor& tensor) {
    const std::string path = (folder.path() / name).string();
    files::write_npy(tensor, path);
    return path;
  };
  const std::vector<double> numbers = {1, 2, 3, 4};
  const std::vector<std::int32_t> classes = {1, 0};
  const std::string inputs = file("x.npy", Tensor(Shape{2, 2}, std::span(std::as_const(numbers))));
  const Samples samples =
      read_npy_samples(inputs, file("y.npy", Tensor(Shape{2}, std::span(std::as_const(classes)))));
  CHECK(samples.inputs.values<float>()[3] == 4);
  CHECK(samples.labels.values<std::int64_t>()[0] == 1);
  const Samples regression = read_npy_samples(
      inputs, file("t.npy", Tensor(Shape{2}, std::span(std::as_const(numbers)).first(2))));
  CHECK(regression.targets.shape() == Shape{2, 1});
  CHECK(errors_of(folder, [&] {
          read_npy_samples(inputs,
                           file("z.npy", Tensor(Shape{4}, std::span(std::as_const(numbers)))));
        }) == "z.npy: error: has the shape 4, expected 2 rows: one for each sample of x.npy");
  const std::vector<double> bad = {1, 2, 3, std::numeric_limits<double>::infinity()};
  CHECK(errors_of(folder,
                  [&] {
                    read_npy_samples(
                        file("b.npy", Tensor(Shape{2, 2}, std::span(std::as_const(bad)))), inputs);
                  }) ==
        "b.npy: error: row 1, element 1 (both counted from 0): infinity; expected a number that a "
        "float32 can hold");
  const std::vector<double> odd = {1, -std::numeric_limits<double>::quiet_NaN(), 3, 4};
  CHECK(errors_of(folder,
                  [&] {
                    read_npy_samples(
                        file("n.npy", Tensor(Shape{2, 2}, std::span(std::as_const(odd)))), inputs);
                  }) ==
        "n.npy: error: row 0, element 1 (both counted from 0): NaN; expected a number that a "
        "float32 can hold");
}

}  // namespace offcut::dataset::readers_test
