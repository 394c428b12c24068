#include "models/files/npy.h"

#include <doctest/doctest.h>

#include <cstring>

#include "../../temporary_folder.h"
#include "models/base/error.h"
#include "models/files/npy_header.h"
#include "models/files/tensor_file.h"

namespace offcut::files::npy_test {
namespace {

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.type() == b.type() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

/// Returns a file of version 1 with this header and these elements.
std::string npy(const std::string& header, const std::string& elements) {
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(header.size()) + '\0' + header +
         elements;
}

std::string header(const std::string& descr, const std::string& shape,
                   const std::string& fortran = "False") {
  return fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n", descr, fortran,
                     shape);
}

/// Returns the error in a file with this content, without its path.
std::string refusal(const std::string& content) {
  const TemporaryFolder folder;
  try {
    read_npy(folder.write("a.npy", content));
  } catch (const InputError& error) {
    CHECK(error.diagnostics().front().place.file.ends_with("/a.npy"));
    return error.diagnostics().front().message;
  }
  return "";
}

Tensor read(const std::string& content) {
  const TemporaryFolder folder;
  return read_npy(folder.write("a.npy", content));
}

}  // namespace

TEST_CASE("npy: tensors of all types and shapes are read back unchanged") {
  const TemporaryFolder folder;
  for (const DataType type :
       {DataType::float32, DataType::float64, DataType::uint8, DataType::int8, DataType::int32,
        DataType::int64, DataType::boolean, DataType::float16, DataType::bfloat16}) {
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3, 4}, Shape{0, 3}}) {
      Tensor tensor(TensorType{type, shape});
      for (std::size_t i = 0; i < tensor.bytes().size(); ++i) {
        tensor.bytes()[i] = static_cast<std::byte>(type == DataType::boolean ? i % 2 : i * 7);
      }
      for (const char* name : {"t.npy", "t.pb"}) {
        CAPTURE(name);
        CAPTURE(to_text(tensor.type()));
        const std::string path = (folder.path() / name).string();
        write_tensor(tensor, "t", path);
        CHECK(same_bits(read_tensor(path), tensor));
      }
    }
  }
}

TEST_CASE("npy: a written file has the bytes that NumPy writes") {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "a.npy").string();
  const std::vector<float> values = {1, 2};
  write_npy(Tensor({2}, std::span<const float>(values)), path);
  const std::string text = read_file(path);
  // NumPy 1.25 wrote these bytes: numpy.save(file, numpy.array([1, 2], 'f4')). The elements begin
  // at byte 128.
  CHECK(text.substr(0, 10) == std::string("\x93NUMPY\1\0\x76\0", 10));
  CHECK(text.substr(10, 62) == "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }     ");
  CHECK(text.size() == 128 + 8);
  CHECK(text[127] == '\n');
  CHECK(text.substr(128) == std::string("\0\0\x80\x3f\0\0\0\x40", 8));
}

TEST_CASE("npy: both byte orders") {
  const Tensor big = read(npy(header(">i4", "(2,)"), std::string("\0\0\1\2\xff\xff\xff\xfe", 8)));
  CHECK(big.values<std::int32_t>()[0] == 258);
  CHECK(big.values<std::int32_t>()[1] == -2);
  const Tensor little = read(npy(header("<i4", "(1,)"), std::string("\2\1\0\0", 4)));
  CHECK(little.values<std::int32_t>()[0] == 258);
}

TEST_CASE("npy: Fortran order becomes C order") {
  // [[1, 2, 3], [4, 5, 6]], columns first.
  const Tensor tensor = read(npy(header("|u1", "(2, 3)", "True"), "\1\4\2\5\3\6"));
  CHECK(tensor.shape() == Shape{2, 3});
  const auto values = tensor.values<std::uint8_t>();
  CHECK(std::vector<int>(values.begin(), values.end()) == std::vector<int>{1, 2, 3, 4, 5, 6});
}

TEST_CASE("npy: longer headers of versions 2 and 3") {
  const std::string text = header("|i1", "(1,)");
  for (const char version : {'\2', '\3'}) {
    const std::string file = std::string("\x93NUMPY") + version + '\0' +
                             static_cast<char>(text.size()) + std::string(3, '\0') + text + "\x7f";
    CHECK(read(file).values<std::int8_t>()[0] == 127);
  }
}

TEST_CASE("npy: a byte that is not 0 is true") {
  const Tensor tensor = read(npy(header("|b1", "(3,)"), std::string("\0\2\xff", 3)));
  CHECK(tensor.bytes()[1] == std::byte{1});
  CHECK(tensor.bytes()[2] == std::byte{1});
}

TEST_CASE("npy: other spellings of the same header") {
  for (const char* text : {"{'shape':(2,3),'descr':\"<f4\",'fortran_order':False}",
                           "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L)}  \n",
                           " { 'fortran_order' : False, 'descr' : '<f4', 'shape' : (2, 3,), } "}) {
    const NpyHeader parsed = parse_npy_header(text);
    CHECK(parsed.descr == "<f4");
    CHECK(!parsed.fortran_order);
    CHECK(parsed.shape == Shape{2, 3});
  }
  CHECK(parse_npy_header("{'descr': '<f4', 'fortran_order': True, 'shape': ()}").shape.empty());
}

TEST_CASE("npy: invalid headers") {
  for (const char* text :
       {"", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}",
        "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4' 'fortran_order': False 'shape': (1,)}"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_npy_header(text), std::invalid_argument);
  }
}

TEST_CASE("npy: errors in files") {
  CHECK(refusal("") == "is not a NumPy array file (.npy)");
  CHECK(refusal("PK\3\4 an archive") == "is not a NumPy array file (.npy)");
  CHECK(refusal(std::string("\x93NUMPY\4\0\1\0\0\0 ", 13)) ==
        "is a NumPy array file of version 4; expected 1, 2 or 3");
  CHECK(refusal(std::string("\x93NUMPY\1\0\x40\0 ", 11)) == "is truncated in its header");
  CHECK(refusal(npy(header("<f4", "(2,)"), "1234567")) ==
        "is truncated: float32 2 takes 8 bytes, the file has 7");
  CHECK(refusal(npy(header("<f4", "(1,)"), "12345")) ==
        "has bytes after its elements: float32 1 takes 4 bytes, the file has 5");
  CHECK(refusal(npy(header("<c8", "(1,)"), "12345678")) ==
        "has elements of type '<c8'; expected one of float32, float64, uint8, int8, int32, int64, "
        "bool, float16, bfloat16");
  CHECK(refusal(npy(header("O", "(1,)"), "12")).starts_with("has elements of type 'O'"));
  CHECK(refusal(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "1234")) ==
        "contains records of several fields; expected plain numbers");
  CHECK(refusal(npy(header("<f4", "(4000000000, 4000000000)"), "")) ==
        "a tensor of shape 4000000000x4000000000 has no valid size");
}

TEST_CASE("npy: paths without a readable file") {
  const TemporaryFolder folder;
  const auto message = [](const std::string& path) -> std::string {
    try {
      read_tensor(path);
    } catch (const InputError& error) {
      return error.diagnostics().front().message;
    }
    return "";
  };
  CHECK(message((folder.path() / "none.npy").string()) == "does not exist");
  CHECK(message(folder.write("a.txt", "")) ==
        "expected a NumPy array (.npy) or an ONNX tensor (.pb)");
  std::filesystem::create_directory(folder.path() / "d.npy");
  CHECK(message((folder.path() / "d.npy").string()) ==
        "is a directory, expected a NumPy array file (.npy)");
  CHECK_THROWS_AS(write_npy(Tensor(TensorType{DataType::int8, {1}}), "/proc/none/a.npy"),
                  InputError);
}

}  // namespace offcut::files::npy_test
