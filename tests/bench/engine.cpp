// Measures the cost of the engine per request: requests are computed on a device, uploaded,
// computed on a server and answered; the math is off. Devices have uplinks of their own; in the
// case `sites`, a hundred devices share a second uplink after them. Each run is a process of its
// own, as in `offcut run`, with the statistics that `offcut run` keeps; the operating system
// reports its CPU time and its peak of memory. In the case `moving`, each device's own links have
// bandwidths of their own that change every second, with the means of the case `private`.
//
// Two references run in the same call, on the same system: a bare event heap in C++ (bare_heap.h;
// private links only, for each number of devices) and, with fewer requests, a plain SimPy model
// (engine_simpy.py). Their mean latencies must agree with the engine's within five standard errors.
//
// Bytes per device are the difference of two peaks of memory over the difference of their devices:
// they include the requests that a device has under way, about two in the long run.
//
// Instructions per request are the difference of two lengths, which excludes the building of the
// platform: valgrind --tool=callgrind bench_engine --in-process --cases private --devices 100
// --requests 20000, and the same with 10000.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "../sim/engine/one_class.h"
#include "analysis/request_log.h"
#include "bare_heap.h"
#include "sim/network/rates/stepped.h"
#include "sim/study/isolate.h"

namespace offcut::bench {
namespace {

struct Options {
  std::int64_t requests = 1'000'000;
  std::int64_t reference_requests = 100'000;
  std::vector<std::size_t> devices = {100, 1'000, 10'000, 100'000};
  std::vector<std::string> cases = {"sites", "private"};
  double load = 0.5;
  double link_load = 0.05;
  bool simgrid_links = false;
  bool in_process = false;
};

constexpr double kRate = 1;  // Requests per second and device.
constexpr double kUpBytes = 100'000;
constexpr double kDownBytes = 1'000;
constexpr double kLatency = 0.01;
constexpr std::size_t kSite = 100;  // Devices per site.

/// Returns the system in plain numbers, as the references take it. Devices, servers and uplinks of
/// sites are busy for `load` of the time, each device's own uplink for `link_load`; computing times
/// are exponential.
BareSystem system_of(const Options& options, std::size_t devices) {
  constexpr double kServerSeconds = 0.005;  // Or a little less, for a whole number of servers.
  const auto count = static_cast<double>(devices);
  const double servers = std::ceil(count * kServerSeconds * kRate / options.load);
  return {.devices = devices,
          .servers = static_cast<std::size_t>(servers),
          .rate = kRate,
          .device_seconds = options.load / kRate,
          .server_seconds = options.load * servers / count / kRate,
          .up_seconds = options.link_load / kRate,
          .down_seconds = options.link_load / kRate * kDownBytes / kUpBytes / 2,
          .latency = kLatency};
}

/// Returns rates that change every second, for each device another course from 0.5 to 1.5 times
/// the bandwidth, which is their mean.
network::Rates moving_rates(std::size_t devices, BytesPerSecond bandwidth) {
  constexpr int kSteps = 1'000;
  std::vector<network::Rate> rates;
  for (std::size_t device = 0; device < devices; ++device) {
    std::vector<double> from, values;
    for (int step = 0; step < kSteps; ++step) {
      const auto place = (static_cast<std::size_t>(step) * 7919 + device * 104'729) % kSteps;
      from.push_back(step);
      values.push_back(bandwidth.si() * (0.5 + (static_cast<double>(place) + 0.5) / kSteps));
    }
    rates.emplace_back(std::make_shared<network::Stepped>(
        std::make_shared<network::Steps>(std::move(from), std::move(values), kSteps),
        network::Stepped::AtEnd::repeat));
  }
  return network::Rates(std::move(rates));
}

/// Returns the same system for the engine. A site's downlink is as wide as those of its devices
/// together.
engine::Simulation simulation_of(const Options& options, const BareSystem& system,
                                 const std::string& name, std::int64_t requests,
                                 const workload::Arrivals& arrivals) {
  const bool sites = name == "sites";
  const engine::Noise exponential{engine::Noise::Kind::exponential};
  const BytesPerSecond up(kUpBytes / system.up_seconds);
  engine::Simulation simulation =
      engine::OneClass{.tiers = {{.name = "device",
                                  .servers = system.devices,
                                  .used = true,
                                  .service = Seconds(system.device_seconds),
                                  .noise = exponential},
                                 {.name = "cloud",
                                  .servers = system.servers,
                                  .used = true,
                                  .service = Seconds(system.server_seconds),
                                  .noise = exponential}},
                       .hops = {{.name = "device-cloud",
                                 .hop = {up, up * 2, Seconds(system.latency)},
                                 .goes_up = true,
                                 .up_bytes = Bytes(kUpBytes),
                                 .comes_down = true,
                                 .down_bytes = Bytes(kDownBytes)}},
                       .arrivals = &arrivals,
                       .stop = {.requests = requests}};
  if (sites) {
    const double all = kUpBytes * kRate * kSite;
    simulation.hops[0].site = engine::Link::Uplink{
        .devices = kSite, .up = BytesPerSecond(all / options.load), .down = up * 2 * kSite};
  }
  if (name == "moving") {
    simulation.hops[0].moving_rates = {moving_rates(system.devices, up),
                                       moving_rates(system.devices, up * 2)};
  }
  simulation.own_links = !options.simgrid_links;
  return simulation;
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Measured {
  double cpu_seconds = 0;
  double peak_megabytes = 0;
  double latency = 0;  // The mean.
  double error = 0;    // The standard error of the mean.
};

/// Runs the simulation in this process. An empty `requests_file` means no file.
Measured run_here(const engine::Simulation& simulation, const std::string& requests_file,
                  const engine::ProgressSink& progress = {}) {
  analysis::RequestLog log(requests_file, simulation);
  DeviceMeans means(simulation.tiers[0].servers);
  analysis::RunSummary summary;
  const auto add = [&](const engine::RequestRecord& request, const engine::RequestParts& parts) {
    log.add(request, parts);
    means.add(request.device, request.latency().si());
  };
  engine::Observers observers{.progress = progress};
  if (requests_file.empty()) {
    observers.request = [&](const engine::RequestRecord& request) { add(request, {}); };
  } else {
    observers.request_parts = add;
  }
  summary.record = engine::simulate(simulation, observers);
  log.finish(summary);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {cpu_seconds(), static_cast<double>(usage.ru_maxrss) * 1024 / 1e6, summary.latency->mean,
          means.standard_error()};
}

Measured isolated(const std::function<Measured(const engine::ProgressSink&)>& run) {
  const study::IsolatedJob job = [&](const engine::ProgressSink& progress) {
    const Measured m = run(progress);
    return nlohmann::json{m.cpu_seconds, m.peak_megabytes, m.latency, m.error}.dump();
  };
  const nlohmann::json result = nlohmann::json::parse(study::run_isolated({job}, 1).front());
  return {result[0], result[1], result[2], result[3]};
}

Measured measure(const engine::Simulation& simulation, const std::string& requests_file) {
  return isolated([&](const engine::ProgressSink& progress) {
    return run_here(simulation, requests_file, progress);
  });
}

Measured bare_heap(const BareSystem& system, std::int64_t requests) {
  return isolated([&](const engine::ProgressSink&) {
    const double before = cpu_seconds();
    const BareResult result = run_bare(system, requests);
    return Measured{cpu_seconds() - before, 0, result.mean, result.standard_error};
  });
}

/// Runs the SimPy model, which reports its time without the start of Python, in JSON.
Measured simpy(const BareSystem& system, std::int64_t requests, double site_seconds) {
  const std::string command =
      fmt::format("{} {}/tests/bench/engine_simpy.py '{}'", OFFCUT_PYTHON, OFFCUT_SOURCE,
                  nlohmann::json{{"devices", system.devices},
                                 {"servers", system.servers},
                                 {"rate", system.rate},
                                 {"device_seconds", system.device_seconds},
                                 {"server_seconds", system.server_seconds},
                                 {"up_seconds", system.up_seconds},
                                 {"down_seconds", system.down_seconds},
                                 {"latency", system.latency},
                                 {"site_seconds", site_seconds},
                                 {"site_devices", kSite},
                                 {"requests", requests}}
                      .dump());
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe)) != EOF;) {
    text += static_cast<char>(c);
  }
  if (pipe == nullptr || pclose(pipe) != 0) {
    throw std::runtime_error("engine_simpy.py failed; is python3-simpy3 installed?");
  }
  const nlohmann::json result = nlohmann::json::parse(text);
  return {result["cpu_seconds"], 0, result["mean"], result["standard_error"]};
}

void check_agreement(const std::string& name, const Measured& reference, const Measured& ours) {
  if (std::abs(reference.latency - ours.latency) > 5 * std::hypot(reference.error, ours.error)) {
    throw std::logic_error(name + " disagrees with the engine: one of them is wrong");
  }
}

/// Returns the ratio as text, or "-" if there is none.
std::string ratio_text(double part, double whole) {
  return whole > 0 ? fmt::format("{:.2f}", part / whole) : "-";
}

void print_costs(const Options& options, const std::string& name,
                 const workload::Arrivals& arrivals) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("offcut-bench-{}.csv", getpid());
  fmt::print("{:<8} {:>7} {:>6} {:>7} {:>6} {:>8} {:>7} | {:>23} {:>4}\n", name, "devices", "CPU s",
             "us/req.", "x heap", "peak MB", "B/dev.", "requests.csv: CPU s", "MB");
  std::optional<Measured> first;
  for (const std::size_t devices : options.devices) {
    const BareSystem system = system_of(options, devices);
    const engine::Simulation simulation =
        simulation_of(options, system, name, options.requests, arrivals);
    const Measured without = measure(simulation, "");
    Measured heap;
    if (name == "private" && options.reference_requests > 0) {
      heap = bare_heap(system, options.requests);
      check_agreement("bare heap", heap, without);
    }
    const Measured with = measure(simulation, file.string());
    const auto bytes = static_cast<double>(std::filesystem::file_size(file));
    std::filesystem::remove(file);
    first = first.value_or(without);
    const double more_devices =
        static_cast<double>(devices) - static_cast<double>(options.devices.front());
    fmt::print(
        "{:<8} {:>7} {:>6.2f} {:>7.2f} {:>6} {:>8.0f} {:>7} | {:>14.2f} + {:>4.0f} % {:>4.0f}\n",
        "", devices, without.cpu_seconds,
        without.cpu_seconds * 1e6 / static_cast<double>(options.requests),
        ratio_text(without.cpu_seconds, heap.cpu_seconds), without.peak_megabytes,
        more_devices > 0 ? fmt::format("{:.0f}", (without.peak_megabytes - first->peak_megabytes) *
                                                     1e6 / more_devices)
                         : "-",
        with.cpu_seconds, (with.cpu_seconds / without.cpu_seconds - 1) * 100, bytes / 1e6);
    std::fflush(stdout);
    if (without.latency != with.latency) {
      throw std::logic_error("writing requests.csv changed the simulation");
    }
  }
}

/// Compares the engine with the references on one system.
void compare(const Options& options, const std::string& name, const workload::Arrivals& arrivals) {
  const bool sites = name == "sites";
  const BareSystem system = system_of(options, options.devices.front());
  const std::int64_t requests = options.reference_requests;
  std::vector<std::pair<std::string, Measured>> all = {
      {"offcut", measure(simulation_of(options, system, name, requests, arrivals), "")}};
  if (!sites) {
    all.emplace_back("bare heap", bare_heap(system, requests));
  }
  all.emplace_back("SimPy", simpy(system, requests, sites ? options.load / kRate / kSite : 0));
  fmt::print("\n{:<10} {:>11} {:>9}   {:<}\n", fmt::format("{} x {}", requests, system.devices),
             "us/request", "offcut's", "mean latency");
  for (const auto& [simulator, measured] : all) {
    const Measured& ours = all.front().second;
    fmt::print("{:<10} {:>11.2f} {:>7.2f} x   {:.5f} +- {:.5f} s\n", simulator,
               measured.cpu_seconds * 1e6 / static_cast<double>(requests),
               measured.cpu_seconds / ours.cpu_seconds, measured.latency, measured.error);
    check_agreement(simulator, measured, ours);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

void run_all(const Options& options) {
  Registry<workload::ArrivalKind> registry;
  workload::register_arrivals(registry);
  Parameters rate;
  rate.set("rate", kRate);
  const auto arrivals = registry.find("poisson")->make(rate);
  if (options.in_process) {
    const Measured here =
        run_here(simulation_of(options, system_of(options, options.devices.front()),
                               options.cases.front(), options.requests, *arrivals),
                 "");
    fmt::print("{} s of CPU time\n", here.cpu_seconds);
    return;
  }
  fmt::print(
      "{} requests; devices, servers and sites' uplinks busy for {}, devices' uplinks for {}; "
      "CPU time of one core\n\n",
      options.requests, options.load, options.link_load);
  for (const std::string& name : options.cases) {
    print_costs(options, name, *arrivals);
    if (options.reference_requests > 0 && name != "moving") {
      compare(options, name, *arrivals);
    }
  }
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  offcut::bench::Options options;
  CLI::App app("Measures the engine's cost per request, beside a bare event heap and SimPy");
  app.add_option("--requests", options.requests, "Requests per run")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
  app.add_option("--reference-requests", options.reference_requests,
                 "Requests of the references, and of the engine beside them (0: no references)")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000}));
  app.add_option("--devices", options.devices,
                 "Numbers of devices, one run for each; SimPy takes the first")
      ->capture_default_str()
      ->delimiter(',')
      ->check(CLI::Range(1, 10'000'000));
  app.add_option(
         "--cases", options.cases,
         "sites (a hundred devices share an uplink), private (they do not), moving (private "
         "links whose bandwidths change every second)")
      ->capture_default_str()
      ->delimiter(',')
      ->check(CLI::IsMember({"sites", "private", "moving"}));
  app.add_option("--load", options.load, "Busy share of devices, servers and sites' uplinks")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.99));
  app.add_option("--link-load", options.link_load, "Busy share of each device's uplink")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 0.99));
  app.add_flag("--simgrid-links", options.simgrid_links, "Let SimGrid serve all links");
  app.add_flag("--in-process", options.in_process,
               "Run only the first case, in this process: for callgrind");
  app.footer("Example: bench_engine --requests 100000 --devices 100,1000");
  CLI11_PARSE(app, argc, argv);
  try {
    offcut::bench::run_all(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
