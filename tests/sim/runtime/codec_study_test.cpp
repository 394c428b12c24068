#include "sim/runtime/codec_study.h"

#include <doctest/doctest.h>

#include "models/codec/choose.h"
#include "models/onnx/import.h"
#include "sim/runtime/inference.h"
#include "sim/scenario/scenario.h"
#include "tests/paths.h"

namespace offcut::runtime::codec_study_test {
namespace {

struct Digits {
  scenario::Registries registries;
  Graph graph =
      onnx::import_onnx(source_path("models/data/digits/digits_cnn.onnx"), registries.operators);
  Dataset data = read_dataset(source_path("models/data/digits/test-images.idx3-ubyte.zst"),
                              source_path("models/data/digits/test-labels.idx1-ubyte.zst"));

  codec::NamedCodec codec(const std::string& text) const {
    return {text, codec::make_codec(text, registries.codecs)};
  }
};

}  // namespace

TEST_CASE("codec study: the legal cuts of a chain, from the input to the last layer but one") {
  const Digits digits;
  const auto cuts = studied_cuts(digits.graph, 100);
  REQUIRE(cuts.has_value());
  CHECK(cuts->size() == digits.graph.layer_count());
  CHECK(cuts->front().name == "input");
  CHECK(cuts->back().name == "fc2");
  CHECK(!studied_cuts(digits.graph, 5).has_value());
}

TEST_CASE("codec study: a lossless codec changes nothing; bytes and errors stay within bounds") {
  const Digits digits;
  const auto cuts = *studied_cuts(digits.graph, 100);
  const std::vector<codec::NamedCodec> codecs = {digits.codec("fp32"), digits.codec("int8"),
                                                 digits.codec("power-of-two:bits=3+zstd")};
  const std::vector<StudiedCut> some = {cuts.front(), cuts[14], cuts.back()};
  REQUIRE(some[1].name == "relu4");
  const auto rows = study_codecs(digits.graph, some, codecs, digits.data, {.samples = 40});
  REQUIRE(rows.size() == 9);
  for (const CodecMeasure& row : rows) {
    CAPTURE(row.cut);
    CAPTURE(row.codec);
    CHECK(row.inputs == 40);
    CHECK(row.error_max <= row.error_bound);
    CHECK(row.error_rms <= row.error_max);
    CHECK(row.bytes_mean <= row.bytes_max);
    CHECK(row.bytes_max <= row.bytes_bound);
    if (row.codec == "fp32") {
      CHECK(row.error_max == 0);
      CHECK(row.agreement == 1);
      CHECK(row.accuracy_loss == 0.0);
    }
  }
  CHECK(rows[0].bytes_mean == 784);  // The image's own bytes are fewer than its floats.
  CHECK(rows[1].bytes_mean == 784);  // They are fewer than int8 with its range, too.
  CHECK(rows[2].bytes_mean < 784);
  CHECK(rows[4].tensors == "relu4");
  CHECK(rows[4].bytes_mean == 6 + 8 + 128);
}

TEST_CASE("split pass: tensors arrive as the codec decodes them, and bytes are counted") {
  const Digits digits;
  partition::Assignment tier_of(digits.graph.layer_count(), 1);
  std::fill_n(tier_of.begin(), 14, 0);  // Up to relu4.
  Inference math(digits.graph, tier_of, digits.data, 255, 10, exec::MathEngine::reference,
                 codec::every_tensor(digits.graph, digits.codec("int8+zstd").codec));
  SplitPass pass(digits.graph, tier_of, exec::MathEngine::reference, {},
                 codec::every_tensor(digits.graph, digits.codec("int8").codec));
  const exec::TensorMap outputs = pass.run(math.inputs(0));
  REQUIRE(pass.sent().size() == 1);
  const codec::SentTensor& sent = pass.sent().front();
  CHECK(sent.bytes == 142);
  CHECK(codec::largest_error(sent) > 0);
  // The tail alone gives the same bits on the tensors that arrived.
  std::vector<LayerId> layers;
  for (LayerId id = 14; id < digits.graph.layer_count(); ++id) {
    layers.push_back(id);
  }
  const exec::TensorMap tail =
      exec::run(digits.graph, exec::segment_of(digits.graph, layers), {{sent.id, sent.arrived}});
  const TensorId output = digits.graph.outputs().front();
  CHECK(std::ranges::equal(outputs.at(output).bytes(), tail.at(output).bytes()));

  CHECK(math.up_bytes(0, 0) <= Bytes(143));
  CHECK(math.up_bytes(7, 0) == math.up_bytes(0, 0));  // Input 7 is not in the sample.
  CHECK(math.up_bytes(0, 1) == Bytes(0));
}

}  // namespace offcut::runtime::codec_study_test
