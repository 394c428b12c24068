#include "models/cost/profile.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/models/exec/net.h"
#include "tests/sim/scenario/messages.h"
#include "tests/temporary_folder.h"

namespace offcut::cost::profile_test {
namespace {

const std::string kHeader = "layer,median_s\n";

scenario::Messages messages_of_text(const std::string& text) {
  const TemporaryFolder folder;
  return scenario::messages_of([&] { read_profile(folder.write("p.csv", text)); });
}

/// Returns a network of the two layers conv and relu.
exec::Net two_layers() {
  exec::Net net;
  const TensorId x = net.build.image(3, 8, 8);
  net.graph.add_output(
      net.build.relu("relu", net.build.conv("conv", x, {.filters = 4, .kernel = 3})));
  return net;
}

Profile profile(const std::string& text) {
  const TemporaryFolder folder;
  Profile profile = read_profile(folder.write("p.csv", text));
  profile.path = "p.csv";
  return profile;
}

scenario::Messages messages_of_times(const std::string& text) {
  return scenario::messages_of([&] {
    times_from(profile(text), two_layers().graph, {"s.yaml", 3, 7}, "tiers.device.profile");
  });
}

}  // namespace

TEST_CASE("profile: a written profile is read back bit for bit") {
  const exec::Net net = two_layers();
  std::vector<ProfileRow> rows;
  for (LayerId id = 0; id < net.graph.layer_count(); ++id) {
    rows.push_back({.model = "a \"net\", odd",
                    .batch = 2,
                    .threads = 3,
                    .layer = net.graph.layer(id).name,
                    .kernel = "jit:avx2+reorder",
                    .median = 1.0 / 3 / static_cast<double>(id + 1),
                    .spread = 1e-9 / 7,
                    .features = layer_features(net.graph)[id]});
  }
  rows[1].model = "";
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "p.csv").string();
  write_profile(rows, path);
  const Profile read = read_profile(path);
  CHECK(read.path == path);
  REQUIRE(read.rows.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const ProfileRow& a = rows[i];
    const ProfileRow& b = read.rows[i];
    CHECK(b.model == a.model);
    CHECK(b.batch == a.batch);
    CHECK(b.threads == a.threads);
    CHECK(b.layer == a.layer);
    CHECK(b.kernel == a.kernel);
    CHECK(b.median == a.median);
    CHECK(b.spread == a.spread);
    CHECK(b.features.op == a.features.op);
    CHECK(b.features.follows == a.features.follows);
    CHECK(b.features.macs == a.features.macs);
    CHECK(b.features.parameter_bytes == a.features.parameter_bytes);
    CHECK(b.features.activation_bytes == a.features.activation_bytes);
    CHECK(b.features.input_channels == a.features.input_channels);
    CHECK(b.features.output_channels == a.features.output_channels);
    CHECK(b.features.output_places == a.features.output_places);
    CHECK(b.features.kernel_size == a.features.kernel_size);
    CHECK(b.features.stride == a.features.stride);
    CHECK(b.features.groups == a.features.groups);
  }
  write_profile(read.rows, path + "2");
  CHECK(read_file(path) == read_file(path + "2"));
}

TEST_CASE("profile: layers that were measured with other work than the graph's are refused") {
  const exec::Net net = two_layers();
  const double macs = layer_features(net.graph)[0].macs;
  REQUIRE(macs > 0);
  const auto text = [&](double factor) {
    return fmt::format("layer,median_s,macs\nconv,1,{}\nrelu,1,0\n", factor * macs);
  };
  CHECK(messages_of_times(text(1)).empty());
  CHECK(messages_of_times(text(1.0005)).empty());  // Written with few digits.
  CHECK(messages_of_times("layer,median_s\nconv,1\nrelu,1\n").empty());
  const scenario::Messages messages = messages_of_times(text(2));
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].starts_with("2:1 'conv' was measured with "));
}

TEST_CASE("profile: every error in a file has its line and column") {
  CHECK(messages_of_text("layer,medain_s\na,1\n") ==
        scenario::Messages{"1:7 unknown column 'medain_s'; did you mean 'median_s'?"});
  CHECK(messages_of_text("layer,model\na,b\n") ==
        scenario::Messages{"1:1 column 'median_s' is missing"});
  CHECK(messages_of_text("layer,layer,median_s\na,a,1\n") ==
        scenario::Messages{"1:7 column 'layer' appears twice"});
  CHECK(messages_of_text(kHeader + "a,1\nb\nc,-1\nd,x\n,1\na,2\ne,inf\nf,nan\n") ==
        scenario::Messages{"3:1 1 fields, expected 2",
                           "4:3 median_s: expected a number from 0 to 1e+18, got '-1'",
                           "5:3 median_s: expected a number from 0 to 1e+18, got 'x'",
                           "6:1 the layer has no name", "7:1 layer 'a' appears twice",
                           "8:3 median_s: expected a number from 0 to 1e+18, got 'inf'",
                           "9:3 median_s: expected a number from 0 to 1e+18, got 'nan'"});
  CHECK(messages_of_text("layer,median_s,batch\na,1,0\n") ==
        scenario::Messages{"2:5 batch: expected a whole number from 1 to 1e+18, got '0'"});
  CHECK(messages_of_text(kHeader) == scenario::Messages{"0:0 contains no layers"});
  CHECK(messages_of_text("") == scenario::Messages{"0:0 is empty, expected a profile (CSV)"});
  CHECK(scenario::messages_of([] { read_profile("/no/such/file.csv"); }) ==
        scenario::Messages{"0:0 does not exist"});
}

TEST_CASE("profile: times are found by layer, in any order and for any name of the model") {
  const exec::Net net = two_layers();
  const Place place{"s.yaml", 3, 7};
  const auto times = [&](const std::string& text) {
    return times_from(profile(text), net.graph, place, "p");
  };
  CHECK(times(kHeader + "relu,0.25\nconv,0.5\nother,9\n").single() ==
        std::vector<Seconds>{Seconds(0.5), Seconds(0.25)});
  CHECK(times("model,layer,median_s\nx,relu,0.25\nx,conv,0.5\n").single() ==
        std::vector<Seconds>{Seconds(0.5), Seconds(0.25)});
  // Among several models, the one with the graph's name ("test") counts.
  const MeasuredTimes test = times(
      "model,batch,layer,median_s\n"
      "x,1,conv,9\nx,1,relu,9\ntest,4,conv,3\ntest,4,relu,4\ntest,1,conv,1\ntest,1,relu,2\n");
  CHECK(test.batches() == std::vector<std::int64_t>{1, 4});
  CHECK(test.single() == std::vector<Seconds>{Seconds(1), Seconds(2)});
  CHECK(test.at(4) == std::vector<Seconds>{Seconds(3), Seconds(4)});
  CHECK_FALSE(times(kHeader + "relu,0.25\nconv,0.5\n").has_batches());
}

TEST_CASE("profile: missing layers are listed with the nearest names") {
  CHECK(messages_of_times(kHeader + "conv,1\nrelu6,2\n") ==
        scenario::Messages{
            "3:7 tiers.device.profile: p.csv has no time for 1 of the 2 layers of test: "
            "'relu' (did you mean 'relu6'?)"});
  CHECK(messages_of_times("model,layer,median_s\ntset,conv,1\nother,relu,2\n") ==
        scenario::Messages{
            "3:7 tiers.device.profile: p.csv contains several models, none of them 'test'; did "
            "you mean 'tset'?"});
  CHECK(messages_of_times("batch,layer,median_s\n2,conv,1\n2,relu,2\n") ==
        scenario::Messages{"3:7 tiers.device.profile: p.csv has no times for batch 1"});
  CHECK(messages_of_times("batch,layer,median_s\n1,conv,1\n1,relu,2\n8,conv,3\n4,rely,3\n") ==
        scenario::Messages{
            "3:7 tiers.device.profile: p.csv has no time for 2 of the 2 layers of test at batch 4: "
            "'conv', 'relu' (did you mean 'rely'?)",
            "3:7 tiers.device.profile: p.csv has no time for 1 of the 2 layers of test at batch 8: "
            "'relu'"});
}

}  // namespace offcut::cost::profile_test
