#include "sim/runtime/codec_calibration.h"

#include <doctest/doctest.h>

#include <fstream>

#include "../../temporary_folder.h"
#include "models/codec/choose.h"
#include "sim/scenario/scenario.h"

namespace offcut::runtime::codec_calibration_test {
namespace {

struct Lenet {
  scenario::Registries registries;
  Graph graph = registries.networks.find("lenet5")->build(registries.operators, 1);
  Dataset data = random_dataset(graph, 6, 1);
  std::vector<StudiedCut> cuts = *studied_cuts(graph, 100);

  std::vector<codec::NamedCodec> codecs(const std::vector<std::string>& texts) const {
    std::vector<codec::NamedCodec> all;
    for (const std::string& text : texts) {
      all.push_back({text, codec::make_codec(text, registries.codecs)});
    }
    return all;
  }
};

}  // namespace

TEST_CASE("codec calibration: measured once, then read; missing measures are added") {
  const Lenet net;
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path();
  const auto first = calibrate_codecs(
      net.graph, net.cuts, net.codecs({"int8", "mixed:integers=0,0"}), net.data, {}, path);
  CHECK(first.measures().size() == 2 * net.cuts.size());
  const auto again =
      calibrate_codecs(net.graph, net.cuts, net.codecs({"int8"}), net.data, {}, path);
  REQUIRE(again.measures().size() == first.measures().size());
  for (std::size_t i = 0; i < first.measures().size(); ++i) {
    // A second measurement would give other times.
    CHECK(again.measures()[i].encode_s == first.measures()[i].encode_s);
    CHECK(again.measures()[i].error_rms == first.measures()[i].error_rms);
    CHECK(again.measures()[i].cut == first.measures()[i].cut);
    CHECK(again.measures()[i].accuracy == first.measures()[i].accuracy);
  }
  const auto more =
      calibrate_codecs(net.graph, {net.cuts[2]}, net.codecs({"fp16"}), net.data, {}, path);
  CHECK(more.measures().size() == first.measures().size() + 1);

  const std::vector<TensorId> crossing = {*net.graph.find_tensor(more.measures().back().tensors)};
  REQUIRE(more.find(net.graph, crossing, "fp16") != nullptr);
  CHECK(more.find(net.graph, crossing, "fp16")->cut == net.cuts[2].name);
  CHECK(more.find(net.graph, crossing, "int8")->codec == "int8");
  CHECK(more.find(net.graph, crossing, "int4") == nullptr);
  CHECK(more.find(net.graph, {}, "int8") == nullptr);
}

TEST_CASE("codec calibration: the key depends on the content alone") {
  const Lenet net;
  const std::string key = calibration_key(net.graph, net.data, {});
  CHECK(calibration_key(Lenet().graph, Lenet().data, {}) == key);
  const Graph other = net.registries.networks.find("lenet5")->build(net.registries.operators, 2);
  CHECK(calibration_key(other, net.data, {}) != key);
  CHECK(calibration_key(net.graph, random_dataset(net.graph, 6, 2), {}) != key);
  CHECK(calibration_key(net.graph, net.data, {.samples = 3}) != key);
}

TEST_CASE("codec calibration: studies of one network share its hash and its own answers") {
  const Lenet net;
  const TemporaryFolder alone;
  const TemporaryFolder together;
  CodecStudyOptions options;
  options.computed = [&](const partition::Assignment& tier_of) {
    return ComputedNetwork{net.graph, tier_of};
  };
  CodecStudyOptions sharing = options;
  sharing.memory = std::make_shared<StudyMemory>();
  for (const std::size_t cut : {1U, 2U}) {
    const auto expected = calibrate_codecs(net.graph, {net.cuts[cut]}, net.codecs({"int4"}),
                                           net.data, options, alone.path());
    const auto found = calibrate_codecs(net.graph, {net.cuts[cut]}, net.codecs({"int4"}), net.data,
                                        sharing, together.path());
    CHECK(found.measures().back().agreement == expected.measures().back().agreement);
    CHECK(found.measures().back().error_rms == expected.measures().back().error_rms);
  }
  CHECK(calibration_key(net.graph, net.data, sharing) ==
        calibration_key(net.graph, net.data, options));
  // Both are known by now.
  const auto again = []() -> StudyMemory::Answers { throw std::logic_error("computed again"); };
  const StudyMemory::Answers answers = sharing.memory->answers(again);
  CHECK(answers.size() == net.data.images.size());
  CHECK_NOTHROW(
      sharing.memory->content([]() -> ContentHash { throw std::logic_error("computed again"); }));
  // They are what the next study is compared with: other answers would be other agreements.
  CodecStudyOptions other = options;
  other.memory = std::make_shared<StudyMemory>();
  other.memory->answers([&] { return StudyMemory::Answers(answers.size(), -1); });
  CHECK(study_codecs(net.graph, {net.cuts[1]}, net.codecs({"int8"}), net.data, other)
            .front()
            .agreement == 0);
}

TEST_CASE("codec calibration: a damaged file is measured again") {
  const Lenet net;
  const TemporaryFolder folder;
  const std::filesystem::path path = folder.path();
  std::ofstream(path / ("codecs-" + calibration_key(net.graph, net.data, {}) + ".csv"))
      << "cut,\n1";
  const auto rows =
      calibrate_codecs(net.graph, {net.cuts[1]}, net.codecs({"int8"}), net.data, {}, path);
  CHECK(rows.measures().size() == 1);
}

}  // namespace offcut::runtime::codec_calibration_test
