#include "analysis/request_log.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "../temporary_folder.h"
#include "models/codec/choose.h"
#include "models/zoo/builder.h"

namespace offcut::analysis::request_log_test {
namespace {

engine::Simulation two_classes() {
  return {.tiers = {{.name = "device", .servers = 3}, {.name = "cloud"}},
          .hops = {{.name = "device-cloud", .faults = {.outages = {{0, Seconds(0), Seconds(1)}}}}},
          .classes = {{.name = "urgent", .failures = {.then = network::FailurePolicy::Then::drop}},
                      {.name = "other"}}};
}

engine::RequestRecord answered(std::int64_t request, std::size_t request_class, double latency) {
  return {.request = request,
          .device = 2,
          .request_class = request_class,
          .ending = engine::Ending::completed,
          .arrival = Seconds(static_cast<double>(request)),
          .completion = Seconds(static_cast<double>(request) + latency),
          .device_compute = Seconds(latency)};
}

/// A network whose answer is the position of the largest pixel, on two tiers.
struct LargestPixel {
  Registry<ops::Operator> operators;
  Registry<codec::CodecKind> codecs;
  Graph graph{"largest-pixel"};

  LargestPixel() {
    ops::register_operators(operators);
    codec::register_codecs(codecs);
    zoo::NetworkBuilder build(graph, operators, 1);
    const TensorId first = build.relu("first", build.image(1, 1, 4));
    graph.add_output(build.relu("second", first));
  }

  runtime::Inference math(const std::string& codec) const {
    runtime::Dataset data = runtime::random_dataset(graph, 4, 7);
    data.labels.assign(4, 0);
    codec::WireCodecs wire;
    if (!codec.empty()) {
      wire = codec::every_tensor(graph, codec::make_codec(codec, codecs));
    }
    return {graph, {0, 1}, std::move(data), 255, 1, exec::MathEngine::reference, std::move(wire)};
  }
};

/// Returns how many of the requests have a prediction in the summary.
std::int64_t predicted(runtime::Inference& math, std::vector<engine::RequestRecord> requests) {
  const engine::Simulation simulation = two_classes();
  RequestLog log("", simulation, [&](const engine::RequestRecord&) { return &math; });
  for (engine::RequestRecord& request : requests) {
    request.input = request.request;
    log.add(request);
  }
  RunSummary summary;
  log.finish(summary);
  return summary.labelled;
}

}  // namespace

TEST_CASE("request log: a request that left its plan has no prediction if tensors were encoded") {
  const LargestPixel network;
  runtime::Inference plain = network.math("");
  runtime::Inference encoded = network.math("int8");
  engine::RequestRecord other_site = answered(1, 0, 1);
  other_site.failover = engine::Failover::other_site;
  engine::RequestRecord next_tier = answered(2, 0, 1);
  next_tier.failover = engine::Failover::next_tier;
  engine::RequestRecord alone = answered(3, 0, 1);
  alone.fell_back = true;
  CHECK(predicted(plain, {answered(0, 0, 1), other_site, next_tier, alone}) == 4);
  CHECK(predicted(encoded, {answered(0, 0, 1), other_site, next_tier, alone}) == 2);
  CHECK(predicted(encoded, {next_tier}) == 0);
  CHECK(predicted(encoded, {alone}) == 0);
}

TEST_CASE("request log: a row for each kind of ending") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "requests.csv";
  const engine::Simulation simulation = two_classes();
  REQUIRE(!engine::drop_reasons(simulation).empty());
  RequestLog log(path, simulation);
  const std::vector<engine::TierPart> tiers = {{}, {Seconds(16), Seconds(32), 3}};
  const std::vector<engine::HopPart> hops = {{Seconds(8), Seconds(64)}};
  log.add({.request = 4,
           .device = 1,
           .request_class = 1,
           .ending = engine::Ending::completed,
           .failures = 3,
           .failover = engine::Failover::other_site,
           .arrival = Seconds(1),
           .completion = Seconds(256),
           .device_wait = Seconds(1),
           .device_compute = Seconds(2),
           .upload_wait = Seconds(4),
           .upload = Seconds(8),
           .server_wait = Seconds(16),
           .server_compute = Seconds(32),
           .download = Seconds(64),
           .lost = Seconds(128),
           .upload_bytes = Bytes(7),
           .download_bytes = Bytes(5)},
          {tiers, hops});
  engine::RequestRecord alone = answered(5, 0, 1);
  alone.fell_back = true;
  alone.upload_bytes = Bytes(7);  // Its message was lost.
  log.add(alone);
  log.add({.request = 6,
           .ending = engine::Ending::dropped,
           .reason = 0,
           .failures = 1,
           .arrival = Seconds(2),
           .completion = Seconds(2.5),
           .device_wait = Seconds(0.25),
           .lost = Seconds(0.125)});
  log.add({.request = 7, .arrival = Seconds(3)});
  RunSummary summary;
  log.finish(summary);
  CHECK(read_file(path) ==
        "request,device,outcome,arrival_s,completion_s,latency_s,device_wait_s,device_compute_s,"
        "upload_wait_s,upload_s,server_wait_s,server_compute_s,download_s,upload_bytes,"
        "download_bytes,input,label,predicted,class,lost_s,failures,fell_back,failover,"
        "device_compute_j,radio_j,device_energy_j,team_s,sent_s,cloud.wait_s,"
        "cloud.compute_s,cloud.server,device-cloud.up_s,device-cloud.down_s\n"
        "4,1,completed,1,256,255,1,2,4,8,16,32,64,7,5,,,,other,128,3,0,other-site,,,,0,,16,32,3,8,"
        "64\n"
        "5,2,completed,5,6,1,0,1,0,0,0,0,0,,,,,,urgent,0,0,1,,,,,0,,0,0,,0,0\n"
        "6,0,dropped: " +
            engine::drop_reasons(simulation).front() +
            ",2,2.5,,,,,,,,,,,,,,urgent,0.125,1,0,,,0,,,,,,,,\n"
            "7,0,in flight,3,,,,,,,,,,,,,,,urgent,0,0,0,,,0,,,,,,,,\n");
}

TEST_CASE("request log: the algorithm is the last column if it is given") {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "requests.csv";
  const engine::Simulation simulation = two_classes();
  RequestLog log(path, simulation, {}, "greedy");
  log.add(answered(5, 0, 1));
  RunSummary summary;
  log.finish(summary);
  const std::string text = read_file(path);
  CHECK(text.find(",device-cloud.down_s,algorithm\n") != std::string::npos);
  CHECK(text.ends_with(",0,0,,0,0,greedy\n"));
}

TEST_CASE("request log: latencies by class and in total, without a file") {
  const engine::Simulation simulation = two_classes();
  RequestLog log("", simulation);
  for (std::int64_t i = 0; i < 3; ++i) {
    log.add(answered(i, 0, static_cast<double>(1 + i)));
  }
  log.add(answered(3, 1, 10));
  log.add({.request = 4, .request_class = 1, .ending = engine::Ending::dropped});
  RunSummary summary;
  log.finish(summary);
  REQUIRE(summary.class_latency.size() == 2);
  CHECK(summary.class_latency[0]->mean == 2);
  CHECK(summary.class_latency[0]->max == 3);
  CHECK(summary.class_latency[1]->mean == 10);
  CHECK(summary.latency->mean == 4);
  CHECK(summary.latency->p50 == 2.5);  // The median of 1, 2, 3, 10.
  CHECK(summary.latency->device_compute == 4);
}

TEST_CASE("request log: a class without an answer has no latency") {
  const engine::Simulation simulation = two_classes();
  RequestLog log("", simulation);
  log.add(answered(0, 1, 10));
  RunSummary summary;
  log.finish(summary);
  CHECK(!summary.class_latency[0]);
  CHECK(summary.latency->max == 10);
}

}  // namespace offcut::analysis::request_log_test
