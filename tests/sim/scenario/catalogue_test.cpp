#include "sim/scenario/catalogue.h"

#include <doctest/doctest.h>

#include "../../temporary_folder.h"
#include "messages.h"
#include "sim/scenario/sections/device_choice.h"

namespace offcut::scenario::catalogue_test {
namespace {

const std::string kDevice =
    "{peak: 2 GFLOP/s, memory-bandwidth: 4 GB/s, memory: 1 GB, efficiency: {convolution: 0.5, "
    "depthwise-convolution: 0.25, dense: 0.125, memory: 1}, layer-overhead: 5 us}";

YamlNode parse(const std::string& text) {
  const TemporaryFolder folder;
  std::vector<Diagnostic> none;
  return read_yaml(folder.write("a.yaml", text), none);
}

/// Checks that a precision without measurements has the shares and overheads of another.
void check_borrowed(const cost::Device& own, const cost::Device& lender) {
  CHECK(own.peak > lender.peak);
  CHECK(own.efficiency.convolution == lender.efficiency.convolution);
  CHECK(own.efficiency.convolution_3x3 == lender.efficiency.convolution_3x3);
  CHECK(own.efficiency.dense == lender.efficiency.dense);
  CHECK(own.efficiency.memory == lender.efficiency.memory);
  CHECK(own.layer_overhead == lender.layer_overhead);
  CHECK(own.step.convolution == lender.step.convolution);
  CHECK(!own.calibration);
}

}  // namespace

TEST_CASE("catalogue: offcut's own is complete, and names the sources of its figures") {
  const Catalogue catalogue = read_catalogue();
  CHECK(catalogue.devices.size() >= 30);
  CHECK(catalogue.networks.size() >= 5);
  CHECK(catalogue.device_names().size() == catalogue.devices.size());
  for (const auto& [name, device] : catalogue.devices) {
    CAPTURE(name);
    CHECK(device.name == name);
    CHECK(!device.source.empty());
    CHECK(!device.about.empty());
    CHECK(device.peak > FlopsPerSecond(0));
    REQUIRE(device.idle);
    REQUIRE(device.busy);
    CHECK(*device.idle > Watts(0));
    CHECK(*device.busy > *device.idle);
  }
  for (const auto& [name, network] : catalogue.networks) {
    CAPTURE(name);
    CHECK(!network.source.empty());
    CHECK(network.hop.up > BytesPerSecond(0));
  }
}

TEST_CASE("catalogue: a device of the user's own joins it, or replaces one") {
  Catalogue catalogue = read_catalogue();
  const std::size_t before = catalogue.devices.size();
  std::vector<Diagnostic> diagnostics;
  add_devices(parse("mine: " + kDevice + "\nt4: " + kDevice + "\n"), catalogue, diagnostics);
  CHECK(messages(diagnostics).empty());
  CHECK(catalogue.devices.size() == before + 1);
  const cost::Device& mine = catalogue.devices.at("mine");
  CHECK(mine.peak == FlopsPerSecond(2e9));
  CHECK(mine.efficiency.dense == 0.125);
  CHECK(mine.layer_overhead == Seconds(5e-6));
  CHECK(!mine.busy);  // Unknown, and not 0 W.
  CHECK(catalogue.devices.at("t4").peak == FlopsPerSecond(2e9));
}

TEST_CASE("catalogue: a device needs all figures, one that is based on another none") {
  std::vector<Diagnostic> diagnostics;
  YamlNode resolved;
  const YamlNode empty = parse("peak: 1 GFLOP/s\n");
  MapReader alone(empty, "d", kDeviceKeys, diagnostics, resolved);
  read_device(alone, nullptr);
  alone.done();
  CHECK(messages(diagnostics) ==
        Messages{"1:1 'd.memory-bandwidth' is missing", "1:1 'd.memory' is missing",
                 "1:1 'd.efficiency' is missing", "1:1 'd.layer-overhead' is missing"});
  diagnostics.clear();
  const Catalogue catalogue = read_catalogue();
  const cost::Device& base = catalogue.devices.at("t4");
  MapReader based(empty, "d", kDeviceKeys, diagnostics, resolved);
  const cost::Device device = read_device(based, &base);
  based.done();
  CHECK(messages(diagnostics).empty());
  CHECK(device.peak == FlopsPerSecond(1e9));
  CHECK(device.memory == base.memory);
  CHECK(device.efficiency.convolution == base.efficiency.convolution);
}

TEST_CASE("catalogue: figures that not every device has") {
  Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  std::string text = kDevice;
  text.insert(text.size() - 1,
              ", launch: 9 us, on-chip: {memory: 8 MB, link: 4 MB/s, weight: 1 B}, calibration: "
              "{models: 2, median-error: 20 %}, frequencies: {1 GHz: {peak: 50 %, busy: 3 W}}");
  add_devices(parse("mine: " + text + "\nplain: " + kDevice + "\n"), catalogue, diagnostics);
  CHECK(messages(diagnostics).empty());
  const cost::Device& mine = catalogue.devices.at("mine");
  CHECK(mine.launch == Seconds(9e-6));
  REQUIRE(mine.on_chip);
  CHECK(mine.on_chip->size == Bytes(8e6));
  CHECK(mine.on_chip->link == BytesPerSecond(4e6));
  REQUIRE(mine.calibration);
  CHECK(mine.calibration->models == 2);
  CHECK(mine.calibration->median_error == 0.2);
  CHECK(!mine.calibration->worst_error);
  const cost::Device& plain = catalogue.devices.at("plain");
  CHECK(plain.launch == Seconds(0));
  CHECK(!plain.on_chip);
  CHECK(!plain.calibration);
  CHECK(plain.frequencies.empty());
  CHECK(plain.efficiency.convolution_3x3 == plain.efficiency.convolution);

  YamlNode resolved;
  const YamlNode slower = parse("frequency: 1 GHz\n");
  MapReader reader(slower, "d", kDeviceChoiceKeys, diagnostics, resolved);
  cost::Device device = read_device(reader, &mine);
  set_frequency(reader, device);
  reader.done();
  CHECK(messages(diagnostics).empty());
  CHECK(device.peak == FlopsPerSecond(1e9));
  CHECK(device.busy == Watts(3));

  // The resolved device is the same, and not slowed down twice.
  YamlNode again;
  MapReader reread(resolved, "d", kDeviceChoiceKeys, diagnostics, again);
  cost::Device second = read_device(reread, &mine);
  set_frequency(reread, second);
  reread.done();
  CHECK(messages(diagnostics).empty());
  CHECK(second.peak == device.peak);
  CHECK(second.busy == device.busy);
  CHECK(second.on_chip->link == mine.on_chip->link);
}

namespace {

const std::string kTwoPrecisions =
    "mine: {peak: 2 GFLOP/s, memory-bandwidth: 1 GB/s, memory: 1 GB, efficiency: {convolution: "
    "0.5, "
    "depthwise-convolution: 0.25, dense: 0.125, memory: 0.5, pooling: 0.25}, layer-overhead: 5 us, "
    "runtime: graph, fuses: nothing, composites: merged, invocation: 7 us, step: {convolution: 3 "
    "ns}, runtimes: {eager: {issue: 9 us}}, precisions: {fp16: {peak: 8 GFLOP/s, step: "
    "{convolution: 1 ns}, overheads: {pooling: 6 us}}}}\n";

cost::Device based_on(const cost::Device& base, const std::string& text, Messages& found,
                      YamlNode& resolved) {
  std::vector<Diagnostic> diagnostics;
  const YamlNode node = parse(text);
  MapReader reader(node, "d", kDeviceKeys, diagnostics, resolved);
  cost::Device device = read_device(reader, &base);
  reader.done();
  found = messages(diagnostics);
  return device;
}

}  // namespace

TEST_CASE("catalogue: a tier chooses among a device's precisions and runtimes") {
  Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  add_devices(parse(kTwoPrecisions), catalogue, diagnostics);
  REQUIRE(messages(diagnostics).empty());
  const cost::Device& mine = catalogue.devices.at("mine");
  CHECK(cost::precision_names(mine) == std::vector<std::string>{"fp32", "fp16"});
  CHECK(mine.runtime.merges_composites);
  CHECK(mine.efficiency.pooling == 0.25);

  Messages found;
  YamlNode resolved;
  const cost::Device half =
      based_on(mine, "precision: fp16\nruntime: eager\npeak: 4 GFLOP/s\n", found, resolved);
  CHECK(found.empty());
  CHECK(half.precision == "fp16");
  CHECK(half.element == 2);
  CHECK(half.peak == FlopsPerSecond(4e9));  // The value of the tier counts, not the 8 of fp16.
  CHECK(half.step.convolution == Seconds(1e-9));
  CHECK(half.overheads.pooling == Seconds(6e-6));
  CHECK(half.runtime.issue == Seconds(9e-6));
  CHECK(half.runtime.invocation == Seconds(7e-6));
  CHECK(half.runtime.fuses == cost::Fusion::nothing);

  // The resolved device names no other device, and is the same.
  YamlNode again;
  MapReader reread(resolved, "d", kDeviceKeys, diagnostics, again);
  const cost::Device second = read_device(reread, nullptr);
  reread.done();
  CHECK(messages(diagnostics).empty());
  CHECK(second.precision == "fp16");
  CHECK(second.element == 2);
  CHECK(second.peak == half.peak);
  CHECK(second.step.convolution == half.step.convolution);
  CHECK(second.runtime.name == "eager");
  CHECK(second.runtime.issue == half.runtime.issue);
  CHECK(second.runtime.merges_composites);
}

TEST_CASE("catalogue: a precision or runtime that a device does not have") {
  Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  add_devices(parse(kTwoPrecisions + "plain: " + kDevice + "\n"), catalogue, diagnostics);
  REQUIRE(messages(diagnostics).empty());
  Messages found;
  YamlNode resolved;
  based_on(catalogue.devices.at("mine"), "precision: fp61\nruntime: lazy\n", found, resolved);
  REQUIRE(found.size() == 2);
  CHECK(found[0].find("unknown precision 'fp61'") != std::string::npos);
  CHECK(found[0].find("fp16") != std::string::npos);
  CHECK(found[1].find("unknown runtime 'lazy'") != std::string::npos);
  based_on(catalogue.devices.at("plain"), "runtime: eager\n", found, resolved);
  CHECK(found == Messages{"1:10 d.runtime: this device states no runtime"});
  add_devices(parse("odd: {" + kDevice.substr(1, kDevice.size() - 2) +
                    ", precisions: {fp17: {peak: 1 GFLOP/s}}}\n"),
              catalogue, diagnostics);
  REQUIRE(messages(diagnostics).size() == 1);
  CHECK(messages(diagnostics)[0].find("unknown precision 'fp17'") != std::string::npos);
}

TEST_CASE("catalogue: a runtime has its own errors") {
  Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  const std::string errors =
      "calibration: {models: 9, median-error: 8 %, range: {least-macs: 3e8, most-macs: 4e9, "
      "least-batch: 1, most-batch: 8}, runtimes: {eager: {models: 7, median-error: 12 %}}}";
  const auto with = [&](const std::string& text) {
    return "mine: {" + kDevice.substr(1, kDevice.size() - 2) + ", fuses: biases, runtime: graph, " +
           "runtimes: {eager: {issue: 9 us}}, " + text + "}\n";
  };
  add_devices(parse(with(errors)), catalogue, diagnostics);
  REQUIRE(messages(diagnostics).empty());
  const cost::Device& mine = catalogue.devices.at("mine");
  CHECK(mine.runtime.fuses == cost::Fusion::biases);
  CHECK(mine.calibration->median_error == 0.08);
  CHECK(mine.calibration->range->most_macs == 4e9);
  const cost::Device eager = cost::with_runtime(mine, "eager");
  CHECK(eager.calibration->models == 7);
  CHECK(eager.calibration->median_error == 0.12);
  CHECK(cost::with_runtime(mine, "graph").calibration->median_error == 0.08);

  add_devices(parse(with("calibration: {models: 9, runtimes: {eagre: {models: 9}}}")), catalogue,
              diagnostics);
  REQUIRE(messages(diagnostics).size() == 1);
  CHECK(messages(diagnostics)[0].find("unknown runtime 'eagre'; did you mean 'eager'?") !=
        std::string::npos);
}

TEST_CASE("catalogue: server GPUs state their runtimes and precisions") {
  const Catalogue catalogue = read_catalogue();
  for (const char* name : {"h100", "a100", "l4"}) {
    CAPTURE(name);
    const cost::Device& device = catalogue.devices.at(name);
    CHECK(cost::precision_names(device) ==
          std::vector<std::string>{"fp32", "tf32", "fp16", "int8"});
    CHECK(cost::runtime_names(device) == std::vector<std::string>{"graph", "eager"});
    CHECK(cost::in_precision(device, "fp16").element == 2);
    CHECK(cost::in_precision(device, "tf32").element == 4);
    check_borrowed(cost::in_precision(device, "int8"), cost::in_precision(device, "fp16"));
    CHECK(cost::in_precision(device, "int8").element == 1);
  }
  check_borrowed(cost::in_precision(catalogue.devices.at("t4"), "int8"),
                 catalogue.devices.at("t4-amp"));
}

TEST_CASE("catalogue: processors in int8 have the rest of their figures from the entry") {
  const Catalogue catalogue = read_catalogue();
  const cost::Device& plain = catalogue.devices.at("raspberry-pi-4b");
  CHECK(cost::precision_names(plain) == std::vector<std::string>{"fp32", "int8"});
  const cost::Device quantised = cost::in_precision(plain, "int8");
  CHECK(quantised.element == 4);  // Dense layers and sums of the measured networks are in float.
  CHECK(quantised.peak == plain.peak);
  CHECK(quantised.efficiency.memory == plain.efficiency.memory);
  CHECK(quantised.efficiency.dense == plain.efficiency.dense);
  CHECK(quantised.efficiency.pooling == plain.efficiency.pooling);
  CHECK(quantised.step.convolution == plain.step.convolution);
  CHECK(quantised.narrow == plain.narrow);
  CHECK(quantised.efficiency.convolution > plain.efficiency.convolution);
  CHECK(quantised.layer_overhead > plain.layer_overhead);
}

TEST_CASE("catalogue: links use TCP, and state their share of payload with its source") {
  const Catalogue catalogue = read_catalogue();
  for (const auto& [name, network] : catalogue.networks) {
    CAPTURE(name);
    CHECK(network.hop.tcp);
    CHECK(network.source.find("payload: ") != std::string::npos);
  }
  const auto payload = [&](const char* name) { return catalogue.networks.at(name).hop.payload; };
  CHECK(payload("ethernet-1g") == doctest::Approx(1448.0 / 1538).epsilon(1e-4));
  CHECK(payload("wan-100m") == doctest::Approx(1448.0 / 1514).epsilon(1e-3));
  CHECK(payload("lte") == 1);
}

TEST_CASE("catalogue: the energy of a link's radio") {
  // 1 MB at 5.85 Mbit/s takes 1.3675 s at 438.39 * 5.85 + 1288.04 mW.
  const Catalogue catalogue = read_catalogue();
  const NetworkKind& lte = catalogue.networks.at("lte");
  REQUIRE(lte.radio);
  CHECK(cost::upload_energy(*lte.radio, Bytes(1e6), lte.hop.up).si() ==
        doctest::Approx(5.2685).epsilon(1e-5));
  CHECK(cost::wake_energy(*lte.radio).si() == doctest::Approx(0.26 * 1.2107 + 11.576 * 1.06));
  CHECK(!catalogue.networks.at("wan-1g").radio);
}

TEST_CASE(
    "catalogue: a radio needs all figures but its promotion and tail, or changes another one") {
  std::vector<Diagnostic> diagnostics;
  YamlNode resolved;
  const YamlNode partly = parse("radio: {base: 2 W}\n");
  MapReader alone(partly, "n", kLinkKeys, diagnostics, resolved);
  read_radio(alone, std::nullopt);
  CHECK(messages(diagnostics) ==
        Messages{"1:8 'n.radio.per-mbit-up' is missing", "1:8 'n.radio.per-mbit-down' is missing"});
  diagnostics.clear();
  const std::optional<cost::Radio> base = read_catalogue().networks.at("3g").radio;
  YamlNode filled;
  MapReader based(partly, "n", kLinkKeys, diagnostics, filled);
  const std::optional<cost::Radio> radio = read_radio(based, base);
  CHECK(messages(diagnostics).empty());
  REQUIRE(radio);
  CHECK(radio->base == Watts(2));
  CHECK(radio->up / base->up == doctest::Approx(1));
  REQUIRE(radio->tails.size() == 2);  // DCH and FACH (Huang et al., table 3).
  CHECK(radio->tails[0].time == Seconds(8.088));
  CHECK(radio->tails[1].power == Watts(0.601));
  CHECK(radio->promotion.time == base->promotion.time);

  // The resolved radio is the same; a map replaces both tails, and one without a time is none.
  YamlNode again;
  MapReader reread(filled, "n", kLinkKeys, diagnostics, again);
  CHECK(cost::wake_energy(*read_radio(reread, base)) == cost::wake_energy(*radio));
  for (const auto& [text, tails] :
       {std::pair("radio: {tail: {time: 1 s, power: 2 W}}\n", std::size_t{1}),
        std::pair("radio: {tail: {power: 2 W}}\n", std::size_t{0}),
        std::pair("radio: {tail: []}\n", std::size_t{0})}) {
    CAPTURE(text);
    YamlNode unused;
    const YamlNode changed = parse(text);
    MapReader reader(changed, "n", kLinkKeys, diagnostics, unused);
    CHECK(read_radio(reader, base)->tails.size() == tails);
  }
  CHECK(messages(diagnostics).empty());
}

TEST_CASE("catalogue: errors in devices and networks") {
  Catalogue catalogue;
  std::vector<Diagnostic> diagnostics;
  add_devices(parse("fast: {peek: 1 GFLOP/s}\n").entries.front().value, catalogue, diagnostics);
  add_networks(parse("n: {up: 0 bit/s, down: 1 Mbit/s, latency: 20}\n"), catalogue, diagnostics);
  const Messages wrong = messages(diagnostics);
  REQUIRE(wrong.size() >= 3);
  CHECK(wrong[0].ends_with("devices.peek: expected a map, got '1 GFLOP/s'"));
  CHECK(wrong[1] == "1:9 networks.n.up: must be between 0.001 B/s and 1e+21 B/s, got '0 bit/s'");
  CHECK(wrong[2].starts_with("1:43 networks.n.latency: "));
  add_devices(YamlNode::scalar("x"), catalogue, diagnostics);
  CHECK(diagnostics.back().message ==
        "devices: expected a map of names, or the name of a file, got 'x'");
}

}  // namespace offcut::scenario::catalogue_test
