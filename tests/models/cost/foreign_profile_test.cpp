#include "models/cost/foreign_profile.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>

#include "models/cost/profile.h"
#include "tests/models/zoo/built.h"
#include "tests/paths.h"
#include "tests/sim/scenario/messages.h"
#include "tests/temporary_folder.h"

namespace offcut::cost::foreign_profile_test {
namespace {

const std::string kOnnxRuntime = source_path("tests/models/cost/data/lenet5_onnxruntime.json");

// The format is that of benchmark_model; the names are made up to match the zoo's LeNet-5.
const std::string kTflite =
    "\n\nOperator-wise Profiling Info for Initialization:\n"
    "============================== Run Order ==============================\n"
    "node type, first, avg_ms, %, cdf%, mem KB, times called, name\n"
    "AllocateTensors, 0.03, 0.03, 100%, 100%, 0, 1, AllocateTensors/0\n"
    "\n"
    "Operator-wise Profiling Info for Regular Benchmark Runs:\n"
    "============================== Run Order ==============================\n"
    "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n"
    "CONV_2D, 0, 0.11, 0.5, 44%, 44%, 0, 1, [net/tanh1/Tanh;net/conv1/Conv2D]:0\n"
    "AVERAGE_POOL_2D, 0.1, 0.03, 0.25, 14%, 60%, 0, 1, [net/pool1/AvgPool]:1\n"
    "SOFTMAX, 0.2, 0.03, 0.125, 14%, 100%, 0, 1, [StatefulPartitionedCall:0]:2\n"
    "\n"
    "============================== Top by Computation Time ==============================\n"
    "node type, start, first, avg_ms, %, cdf%, mem KB, times called, name\n"
    "CONV_2D, 0, 0.11, 0.5, 44%, 44%, 0, 1, [net/tanh1/Tanh;net/conv1/Conv2D]:0\n";

const std::string kTensorRt =
    "[\n{ \"count\" : 7 }\n"
    ", { \"name\" : \"Reformatting CopyNode for Input Tensor 0 to conv1 + tanh1\", \"timeMs\" : 7, "
    "\"averageMs\" : 1, \"percentage\" : 1 }\n"
    ", { \"name\" : \"conv1 + tanh1\", \"timeMs\" : 14, \"averageMs\" : 2, \"percentage\" : 2 }\n"
    ", { \"name\" : \"PWN(tanh2)\", \"timeMs\" : 28, \"averageMs\" : 9, \"medianMs\" : 4, "
    "\"percentage\" : 4 }\n"
    ", { \"name\" : \"{ForeignNode[fc4...prob]}\", \"timeMs\" : 56, \"averageMs\" : 8, "
    "\"percentage\" : 8 }\n"
    ", { \"name\" : \"copied\", \"timeMs\" : 112, \"averageMs\" : 16, \"percentage\" : 16 }\n]\n";

/// Returns the times by layer, without those of 0.
std::map<std::string, double> times_of(const ProfileMatch& match, const Graph& graph) {
  std::map<std::string, double> times;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    if (match.seconds[id] > 0) {
      times[graph.layer(id).name] = match.seconds[id];
    }
  }
  return times;
}

std::vector<ForeignEntry> entries_of(const std::string& text) {
  const TemporaryFolder folder;
  const std::string path = folder.write("profile", text);
  return read_foreign_profile(path, format_of(path));
}

scenario::Messages messages_of_text(const std::string& text) {
  return scenario::messages_of([&] { entries_of(text); });
}

}  // namespace

TEST_CASE("foreign profile: the format is recognised by the content") {
  const TemporaryFolder folder;
  CHECK(format_of(kOnnxRuntime) == ProfileFormat::onnx_runtime);
  CHECK(format_of(folder.write("a", kTensorRt)) == ProfileFormat::tensorrt);
  CHECK(format_of(folder.write("b", kTflite)) == ProfileFormat::tflite);
  CHECK(format_of(folder.write("c", "layer,median_s\na,1\n")) == ProfileFormat::offcut);
  CHECK(format_of(folder.write("d", "")) == ProfileFormat::offcut);
  CHECK(scenario::messages_of([] { format_of("/no/such"); }) ==
        scenario::Messages{"0:0 does not exist"});
}

TEST_CASE("foreign profile: ONNX Runtime's profile of LeNet-5") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const auto entries = read_foreign_profile(kOnnxRuntime, ProfileFormat::onnx_runtime);
  REQUIRE(entries.size() == 11);
  CHECK(entries[0].name == "tanh1_nchwc");
  CHECK(entries[0].op == "Conv");
  CHECK(entries[0].seconds > 0);
  const ProfileMatch match = match_layers(entries, graph);
  CHECK(match.unmatched.empty());
  double all = 0;
  for (const ForeignEntry& entry : entries) {
    all += entry.seconds;
  }
  CHECK(match.matched_seconds() == doctest::Approx(all));
  const auto times = times_of(match, graph);
  // Convolutions were fused with the next layer under its name, but the time is theirs.
  CHECK(times.at("conv1") == entries[0].seconds);
  CHECK_FALSE(times.contains("tanh1"));
  // The change of layout belongs to pool1, which reads it.
  CHECK(times.at("pool1") == doctest::Approx(entries[1].seconds + entries[2].seconds));
  CHECK(times.contains("fc4"));  // The entry is named "fused fc4".
  // A layer without a time was fused into one with a time.
  std::vector<std::string> without;
  for (const LayerId id : match.without) {
    without.push_back(graph.layer(id).name);
  }
  CHECK(without == std::vector<std::string>{"tanh4"});
  CHECK(match.missing.empty());
}

TEST_CASE("foreign profile: the spread over ONNX Runtime's runs, without the warm-up") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const auto entries = read_foreign_profile(kOnnxRuntime, ProfileFormat::onnx_runtime);
  const ProfileMatch match = match_layers(entries, graph);
  const auto spread = [&](const char* layer) { return match.spreads[*graph.find_layer(layer)]; };
  CHECK(spread("conv1") == doctest::Approx(2.5e-6));  // Of 14 and 9 us.
  CHECK(spread("fc5") == 0);                          // Of 2 and 2 us.
  // Two entries of 0.5 us each.
  CHECK(spread("pool1") == doctest::Approx(std::sqrt(0.5) * 1e-6));
}

TEST_CASE("foreign profile: ONNX Runtime's first run counts only if it is alone") {
  const auto run = [](int microseconds) {
    return fmt::format("{{\"cat\":\"Node\",\"dur\":{},\"name\":\"a_kernel_time\",\"args\":{{}}}}",
                       microseconds);
  };
  const auto seconds = [](const std::string& events) {
    const TemporaryFolder folder;
    return read_foreign_profile(folder.write("p.json", events), ProfileFormat::onnx_runtime)
        .at(0)
        .seconds;
  };
  CHECK(seconds(fmt::format("[{}]", run(100))) == doctest::Approx(100e-6));
  CHECK(seconds(fmt::format("[{},{}]", run(100), run(10))) == doctest::Approx(10e-6));
}

TEST_CASE("foreign profile: layers that multiply and have no entry are missing") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  auto entries = read_foreign_profile(kOnnxRuntime, ProfileFormat::onnx_runtime);
  std::erase_if(entries, [](const ForeignEntry& entry) {
    return entry.name == "fc5" || entry.name == "tanh1_nchwc" || entry.name == "pool2_nchwc";
  });
  const ProfileMatch match = match_layers(entries, graph);
  CHECK(match.missing ==
        std::vector<LayerId>{*graph.find_layer("conv1"), *graph.find_layer("fc5")});
}

TEST_CASE("foreign profile: the last layer of a range of TensorRT belongs to it") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const ProfileMatch match =
      match_layers(entries_of("[\n{ \"count\" : 1 }\n, { \"name\" : \"{ForeignNode[fc4...fc5]}\", "
                              "\"timeMs\" : 13, \"averageMs\" : 13, \"percentage\" : 100 }\n]\n"),
                   graph);
  CHECK(match.unmatched.empty());
  CHECK(match.seconds[*graph.find_layer("fc4")] > 0);
  CHECK(match.seconds[*graph.find_layer("fc5")] > 0);
  CHECK(match.seconds[*graph.find_layer("fc5") + 1] == 0);
  CHECK(match.matched_seconds() == doctest::Approx(13e-3));
}

TEST_CASE("foreign profile: TensorRT's names several layers, ranges and readers") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const ProfileMatch match = match_layers(entries_of(kTensorRt), graph);
  const auto times = times_of(match, graph);
  CHECK(times.at("conv1") == doctest::Approx(3e-3));  // Includes the change of layout before it.
  CHECK(times.at("tanh2") == doctest::Approx(4e-3));  // The median, which this entry has.
  double tail = 0;
  for (LayerId id = *graph.find_layer("fc4"); id < graph.layer_count(); ++id) {
    tail += match.seconds[id];
  }
  CHECK(tail == doctest::Approx(8e-3));
  REQUIRE(match.unmatched.size() == 1);
  CHECK(match.unmatched[0].name == "copied");
  CHECK(match.unmatched_seconds() == doctest::Approx(16e-3));
}

TEST_CASE("foreign profile: the run order of TFLite's regular runs") {
  const zoo::Zoo zoo;
  const Graph graph = zoo.build("lenet5");
  const auto entries = entries_of(kTflite);
  REQUIRE(entries.size() == 3);
  const ProfileMatch match = match_layers(entries, graph);
  CHECK(times_of(match, graph) ==
        std::map<std::string, double>{{"conv1", 0.5e-3}, {"pool1", 0.25e-3}});
  REQUIRE(match.unmatched.size() == 1);
  CHECK(match.unmatched[0].name == "[StatefulPartitionedCall:0]:2");
}

TEST_CASE("foreign profile: errors in damaged files have places") {
  CHECK(messages_of_text("[\n  {\"cat\": \"Node\"") ==
        scenario::Messages{"2:17 the JSON ends too early: did the profiling run finish?"});
  CHECK(messages_of_text("[\n  {cat}]") == scenario::Messages{"2:4 not JSON"});
  CHECK(messages_of_text("{\"a\": 1}") ==
        scenario::Messages{"0:0 expected a JSON array of events"});
  CHECK(messages_of_text("[]") ==
        scenario::Messages{"0:0 contains no layers, expected a profile of ONNX Runtime"});
  CHECK(messages_of_text("[{\"cat\": \"Node\", \"name\": \"a_kernel_time\", \"dur\": -1}]") ==
        scenario::Messages{"0:0 event 1: expected a name and a duration ('dur') of at least 0"});
  CHECK(messages_of_text("[{\"cat\": 5}]") ==
        scenario::Messages{"0:0 contains no layers, expected a profile of ONNX Runtime"});
  CHECK(messages_of_text("[{\"count\": 1}, {\"name\": \"a\", \"averageMs\": \"x\"}]") ==
        scenario::Messages{"0:0 entry 2: expected a name and a time ('averageMs') of at least 0"});
  CHECK(
      messages_of_text(
          "== Run Order ==\n=====Run Order=====\nnode type, avg_ms, name\nA, x, a\n") ==
      scenario::Messages{"4:1 expected 3 fields as in the header, with a time of at least 0 under "
                         "'avg_ms', got 'A, x, a'"});
}

TEST_CASE("foreign profile: the error where offcut's own is expected says how to get one") {
  CHECK(scenario::messages_of([] { read_profile(kOnnxRuntime); }) ==
        scenario::Messages{
            "0:0 is a profile of ONNX Runtime; match it with the model's layers first: offcut "
            "profile MODEL --from " +
            kOnnxRuntime + " --out FILE.csv"});
}

}  // namespace offcut::cost::foreign_profile_test
