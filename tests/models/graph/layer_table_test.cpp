#include "models/graph/layer_table.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "../../temporary_folder.h"
#include "models/base/error.h"

namespace offcut::layer_table_test {
namespace {

const std::string kHeader = "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n";

LayerTable read(const std::string& content) {
  const TemporaryFolder folder;
  return read_layer_table(folder.write("my_model.csv", content));
}

/// Returns the reader's errors in a file, one per line, without the path: ":2:1: error: ...".
std::string complaint_of(const std::string& path) {
  try {
    read_layer_table(path);
  } catch (const InputError& error) {
    std::string all;
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      const std::string text = to_text(diagnostic);
      REQUIRE(text.substr(0, path.size()) == path);
      all += (all.empty() ? "" : "\n") + text.substr(path.size());
    }
    return all;
  }
  return "";
}

std::string complaint(const std::string& content) {
  const TemporaryFolder folder;
  return complaint_of(folder.write("my_model.csv", content));
}

/// Returns the errors in `row`, which is line 4, after a valid header, the input (line 2) and the
/// layer `a` (line 3).
std::string complaint_of_row(const std::string& row) {
  return complaint(kHeader + "image,,100,0,0,0,0\na,image,50,8,9,0.5,0.25\n" + row + "\n");
}

std::vector<Seconds> seconds(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("layer table: a valid table") {
  const LayerTable table = read(kHeader +
                                "image,,154587,0,0,0,0\n"
                                "conv1,image,1161600,139776,105415200,0.0121,0.0004\n"
                                "left,conv1,10,4,5,1e-3,0\n"
                                "right,conv1,20,0,0,2,3\n"
                                "join,left right,7,0,1,1,1\n");
  const Graph& graph = table.graph;
  CHECK(graph.name() == "my_model");
  CHECK(graph.layer_count() == 4);
  CHECK(graph.layer(0).name == "conv1");
  CHECK(graph.layer(0).work.macs == 105415200);
  CHECK(graph.layer(0).work.parameter_bytes == 139776);
  CHECK(graph.layer(0).work.kind == LayerKind::table);
  CHECK(graph.layer(0).op == nullptr);
  // The input crosses a cut with the bytes given in the table.
  REQUIRE(graph.inputs().size() == 1);
  CHECK(graph.tensor(graph.inputs().front()).name == "image");
  CHECK(graph.wire_bytes(graph.inputs().front()) == 154587);
  CHECK(graph.wire_bytes(graph.find_tensor("conv1").value()) == 1161600);
  // A layer whose output no layer reads is an output.
  REQUIRE(graph.outputs().size() == 1);
  CHECK(graph.tensor(graph.outputs().front()).name == "join");
  CHECK(graph.tensor(graph.find_tensor("conv1").value()).consumers == std::vector<LayerId>{1, 2});
  CHECK(graph.layer(3).inputs.size() == 2);
  // The layer join reads 10 + 20 B and writes 7 B.
  CHECK(graph.layer(3).work.activation_bytes == 37);
  // The times exclude the input's row.
  REQUIRE(table.columns.size() == 2);
  CHECK(table.columns.at("phone").single() == seconds({0.0121, 1e-3, 2, 1}));
  CHECK(table.columns.at("server").single() == seconds({0.0004, 0, 3, 1}));
}

TEST_CASE("layer table: any order of columns, no times, several outputs") {
  const LayerTable table = read(
      "macs,param_bytes,layer,output_bytes,inputs\n"
      "0,0,x,8,\n"
      "1,2,a,4,x\n"
      "3,4,b,2,x\n");
  CHECK(table.columns.empty());
  CHECK(table.graph.layer(1).name == "b");
  CHECK(table.graph.layer(1).work.macs == 3);
  CHECK(table.graph.outputs().size() == 2);
}

TEST_CASE("layer table: quotes, CRLF, empty lines, a byte order mark and no final line feed") {
  const LayerTable table = read(
      "\xEF\xBB\xBF\"layer\",inputs,output_bytes,param_bytes,macs,\"the \"\"big\"\" one_s\"\r\n"
      "\r\n"
      "image,,8,0,0,0\r\n"
      "\"conv, first\",\"image\",4,0,0,\"0.5\"\r\n"
      "last,image,4,0,0,0.25");
  CHECK(table.graph.layer_count() == 2);
  CHECK(table.graph.layer(0).name == "conv, first");
  CHECK(table.columns.at("the \"big\" one").single() == seconds({0.5, 0.25}));
}

TEST_CASE("layer table: times of batches") {
  const LayerTable table = read(
      "layer,inputs,output_bytes,param_bytes,macs,edge_s@8,edge_s,phone_s,a@2_s,edge_s@2\n"
      "image,,8,0,0,0,0,0,0,0\n"
      "a,image,4,0,0,8,1,3,7,2\n"
      "b,a,4,0,0,0.8,0.1,0.3,0.7,0.2\n");
  REQUIRE(table.columns.size() == 3);
  const MeasuredTimes& edge = table.columns.at("edge");
  CHECK(edge.batches() == std::vector<std::int64_t>{1, 2, 8});
  CHECK(edge.single() == seconds({1, 0.1}));
  CHECK(edge.at(2) == seconds({2, 0.2}));
  CHECK(edge.at(8) == seconds({8, 0.8}));
  CHECK_FALSE(table.columns.at("phone").has_batches());
  CHECK(table.columns.at("a@2").single() == seconds({7, 0.7}));  // The name of a machine.
}

TEST_CASE("layer table: errors in the header of times of batches") {
  const std::string start = "layer,inputs,output_bytes,param_bytes,macs,a_s,";
  CHECK(complaint(start + "b_s@4\n") ==
        ":1:48: error: column 'b_s@4' needs 'b_s', the times of single requests");
  CHECK(complaint(start + "a_s@1\n") ==
        ":1:48: error: column 'a_s@1': expected a batch of 2 to 65536 after '@'; 'a_s' has the "
        "times of single requests");
  CHECK(complaint(start + "a_s@02,a_s@65537,a_s@99999999999999999999\n") ==
        ":1:48: error: column 'a_s@02': expected a batch of 2 to 65536 after '@'; 'a_s' has the "
        "times of single requests\n"
        ":1:55: error: column 'a_s@65537': expected a batch of 2 to 65536 after '@'; 'a_s' has the "
        "times of single requests\n"
        ":1:65: error: column 'a_s@99999999999999999999': expected a batch of 2 to 65536 after "
        "'@'; 'a_s' has the times of single requests");
  CHECK(complaint(start + "a_s@4,a_s@4\n") == ":1:54: error: column 'a_s@4' appears twice");
  CHECK(complaint(start + "a_s@x,@4\n") ==
        ":1:48: error: unknown column 'a_s@x'; valid: layer, inputs, output_bytes, param_bytes, "
        "macs\n:1:54: error: unknown column '@4'");
  CHECK(complaint(start + "a_s@4\nx,,1,0,0,0,5\ny,x,1,0,0,1,z\n") ==
        ":2:12: error: the first row is the input and takes no time, but a_s@4 is not 0\n"
        ":3:13: error: a_s@4: expected a number from 0 to 1e+18, got 'z'");
}

TEST_CASE("layer table: errors in the header") {
  CHECK(complaint("layer,inputs,output_bytes,param_bytes\nx,,1,0\n") ==
        ":1:1: error: column 'macs' is missing");
  CHECK(complaint("layer,inputs,output_bytes,param_byte,macs\nx,,1,0,0\n") ==
        ":1:27: error: unknown column 'param_byte'; did you mean 'param_bytes'?");
  CHECK(complaint("layer,inputs,output_bytes,param_bytes,macs,macs\n") ==
        ":1:44: error: column 'macs' appears twice");
  CHECK(complaint("layer,inputs,output_bytes,param_bytes,macs,a_s,a_s\n") ==
        ":1:48: error: column 'a_s' appears twice");
  CHECK(complaint("layer,inputs,output_bytes,param_bytes,macs,\n") ==
        ":1:44: error: unknown column ''; valid: layer, inputs, output_bytes, param_bytes, macs");
  CHECK(complaint("layer,inputs,output_bytes,param_bytes,macs,_s\n") ==
        ":1:44: error: unknown column '_s'; valid: layer, inputs, output_bytes, param_bytes, macs");
  CHECK(
      complaint("layer;inputs;output_bytes;param_bytes;macs\n")
          .starts_with(":1:1: error: unknown column 'layer;inputs;output_bytes;param_bytes;macs'"));
}

TEST_CASE("layer table: errors in a row") {
  CHECK(complaint_of_row("b,a,5,0,0,1,1") == "");
  CHECK(complaint_of_row("b,a,5,0,0,1") == ":4:1: error: 6 fields, expected 7");
  CHECK(complaint_of_row("b,a,5,0,0,1,1,") == ":4:1: error: 8 fields, expected 7");
  CHECK(complaint_of_row(",a,5,0,0,1,1") == ":4:1: error: the layer has no name");
  CHECK(complaint_of_row("a,image,5,0,0,1,1") == ":4:1: error: layer 'a' appears twice");
  CHECK(complaint_of_row("image,a,5,0,0,1,1") == ":4:1: error: layer 'image' appears twice");
  CHECK(complaint_of_row("b,,5,0,0,1,1") == ":4:3: error: layer 'b' has no inputs");
  CHECK(complaint_of_row("b,\"  \",5,0,0,1,1") == ":4:3: error: layer 'b' has no inputs");
}

TEST_CASE("layer table: inputs must be earlier rows, and the error suggests the nearest name") {
  CHECK(complaint_of_row("b,A,5,0,0,1,1") ==
        ":4:3: error: input 'A' is not an earlier row; did you mean 'a'?");
  CHECK(complaint_of_row("b,imag,5,0,0,1,1") ==
        ":4:3: error: input 'imag' is not an earlier row; did you mean 'image'?");
  CHECK(complaint_of_row("b,b,5,0,0,1,1") ==
        ":4:3: error: input 'b' is not an earlier row; did you mean 'a'?");
  CHECK(complaint_of_row("b,a far,5,0,0,1,1") ==
        ":4:3: error: input 'far' is not an earlier row; valid: image, a");
  CHECK(complaint_of_row("b,\"image,a\",5,0,0,1,1") ==
        ":4:3: error: input 'image,a' is not an earlier row; names are separated by blanks, as in "
        "'image a'");
  CHECK(complaint_of_row("b,image; a,5,0,0,1,1") ==
        ":4:3: error: input 'image;' is not an earlier row; names are separated by blanks, as in "
        "'image'");
  CHECK(complaint_of_row("b,image;far,5,0,0,1,1") ==
        ":4:3: error: input 'image;far' is not an earlier row; valid: image, a");
  CHECK(complaint(kHeader + "image,,1,0,0,0,0\nb,c,1,0,0,0,0\nc,image,1,0,0,0,0\n") ==
        ":3:3: error: input 'c' is not an earlier row; valid: image");
}

TEST_CASE("layer table: invalid numbers") {
  const std::string expected = "expected a number from 0 to 1e+18, got ";
  CHECK(complaint_of_row("b,a,5,0,0,-1,1") == ":4:11: error: phone_s: " + expected + "'-1'");
  CHECK(complaint_of_row("b,a,5,0,0,1,fast") == ":4:13: error: server_s: " + expected + "'fast'");
  CHECK(complaint_of_row("b,a,5,0,0,1,") == ":4:13: error: server_s: " + expected + "''");
  CHECK(complaint_of_row("b,a,5,0,0,1 ms,1") == ":4:11: error: phone_s: " + expected + "'1 ms'");
  CHECK(complaint_of_row("b,a,5,0,0,inf,1") == ":4:11: error: phone_s: " + expected + "'inf'");
  CHECK(complaint_of_row("b,a,5,0,0,nan,1") == ":4:11: error: phone_s: " + expected + "'nan'");
  CHECK(complaint_of_row("b,a,5,0,0,1e999,1") == ":4:11: error: phone_s: " + expected + "'1e999'");
  CHECK(complaint_of_row("b,a,5,0,0,\"1,5\",1") == ":4:11: error: phone_s: " + expected + "'1,5'");
  CHECK(complaint_of_row("b,a,5,0,x,1,1") == ":4:9: error: macs: " + expected + "'x'");
  CHECK(complaint_of_row("b,a,5,x,0,1,1") == ":4:7: error: param_bytes: " + expected + "'x'");
  CHECK(complaint_of_row("b,a,x,0,0,1,1") == ":4:5: error: output_bytes: " + expected + "'x'");
  CHECK(complaint_of_row("b,a,5.5,0,0,1,1") ==
        ":4:5: error: output_bytes: expected a whole number, got '5.5'");
  CHECK(complaint_of_row("b,a,1e17,0,0,1,1") ==
        ":4:5: error: output_bytes: expected a whole number of at most 2^53, got '1e17'");
  CHECK(complaint_of_row("b,a,5e0,0,0,1,1") == "");
  CHECK(complaint_of_row("b,a,5,0,0,1e308,1") == ":4:11: error: phone_s: " + expected + "'1e308'");
}

TEST_CASE("layer table: the first row is the input, which has no work") {
  const std::string layer = "a,image,1,0,0,1,1\n";
  CHECK(complaint(kHeader + "image,,1,0,0,0.5,0\n" + layer) ==
        ":2:14: error: the first row is the input and takes no time, but phone_s is not 0");
  CHECK(complaint(kHeader + "image,camera,1,0,0,0,0\n" + layer) ==
        ":2:7: error: the first row is the input and reads nothing, but inputs is 'camera'");
  CHECK(complaint(kHeader + "image,,1,4,0,0,0\n" + layer) ==
        ":2:10: error: the first row is the input and has no weights, but param_bytes is not 0");
  CHECK(complaint(kHeader + "image,,1,0,4,0,0\n" + layer) ==
        ":2:12: error: the first row is the input and computes nothing, but macs is not 0");
  CHECK(complaint(kHeader + "image,,many,0,0,0,0\n" + layer) ==
        ":2:8: error: output_bytes: expected a number from 0 to 1e+18, got 'many'");
}

TEST_CASE("layer table: all errors are reported at once, with their lines") {
  CHECK(complaint(kHeader + "image,,1,0,0,0,0\n"
                            "\n"
                            "a,image,1,0,0,-1,x\n"
                            "a,image,1\n"
                            "b,c,1,0,0,0,0") ==
        ":4:15: error: phone_s: expected a number from 0 to 1e+18, got '-1'\n"
        ":4:18: error: server_s: expected a number from 0 to 1e+18, got 'x'\n"
        ":5:1: error: 3 fields, expected 7\n"
        ":6:3: error: input 'c' is not an earlier row; did you mean 'a'?");
}

TEST_CASE("layer table: an invalid first row is still the input and hides no later error") {
  CHECK(complaint(kHeader + "image,,1\na,image,1,0,0,1,1\nb,a,1,0,0,1,-1\n") ==
        ":2:1: error: 3 fields, expected 7\n"
        ":4:13: error: server_s: expected a number from 0 to 1e+18, got '-1'");
}

TEST_CASE("layer table: a field of a row over several lines has the line on which it is") {
  CHECK(complaint(kHeader + "image,,1,0,0,0,0\n\"a\nb\",image,1,0,0,1,-1\n") ==
        ":4:18: error: server_s: expected a number from 0 to 1e+18, got '-1'");
}

TEST_CASE("layer table: not CSV") {
  CHECK(
      complaint(kHeader + "image,,1,0,0,0,0\na\"b,image,1,0,0,1,1\n") ==
      ":3:2: error: not a CSV file: a quote within a field: expected the field between quotes, and "
      "its own doubled");
  CHECK(complaint(kHeader + "image,,1,0,0,0,0\n\"a,image,1,0,0,1,1\n") ==
        ":3:1: error: not a CSV file: a quote is not closed");
}

TEST_CASE("layer table: an empty table") {
  CHECK(complaint("") == ": error: is empty, expected a layer table (CSV)");
  CHECK(complaint("\n\n") == ": error: is empty, expected a layer table (CSV)");
  CHECK(complaint(kHeader) == ": error: contains no layers (the first row is the input)");
  CHECK(complaint(kHeader + "image,,1,0,0,0,0\n") ==
        ": error: contains no layers (the first row is the input)");
}

TEST_CASE("layer table: not a text file") {
  CHECK(complaint_of("/nowhere/at/all.csv") == ": error: does not exist");
  CHECK(complaint_of("/proc/self/mem") == ": error: can't be read");
  CHECK(complaint_of(std::filesystem::temp_directory_path().string()) ==
        ": error: is a directory, expected a layer table (CSV)");
  std::string junk(
      "\x7F"
      "ELF\x02\x01\x01\0\0\0\0\0\xFF\xFE,\"\n\"\0",
      20);
  CHECK(complaint(junk) == ": error: is a binary file, expected a layer table (CSV)");
}

}  // namespace offcut::layer_table_test
