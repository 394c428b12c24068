// How much the engine costs: requests that are computed on a device, uploaded, computed on a server
// and answered; math off. Each run is a process of its own, as in `offcut run`, with the statistics
// that `offcut run` keeps; its CPU time and its largest memory are what the system says of it.

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "analysis/request_log.h"
#include "sim/engine/isolate.h"

namespace offcut {
namespace {

struct Options {
  std::int64_t requests = 1'000'000;
  std::vector<std::size_t> devices = {100, 1'000, 10'000};
  double load = 0.5;
  double link_load = 0.05;
};

/// A request per second and device, with exponential computing times. Devices and servers are busy
/// for `load` of the time, each device's own uplink for `link_load`.
Simulation simulation_of(const Options& options, std::size_t devices, const Arrivals& arrivals) {
  constexpr double kServerSeconds = 0.005;
  const Noise exponential{Noise::Kind::exponential};
  const double servers = std::ceil(static_cast<double>(devices) * kServerSeconds / options.load);
  const double server_seconds = options.load * servers / static_cast<double>(devices);
  constexpr double kUpBytes = 100'000;
  const BytesPerSecond up(kUpBytes / options.link_load);
  return {.seed = 1,
          .tiers = {{.name = "device",
                     .servers = devices,
                     .used = true,
                     .service = Seconds(options.load),
                     .noise = exponential},
                    {.name = "cloud",
                     .servers = static_cast<std::size_t>(servers),
                     .used = true,
                     .service = Seconds(server_seconds),
                     .noise = exponential}},
          .hops = {{.name = "device-cloud",
                    .hop = {up, up * 2, Seconds(0.01)},
                    .goes_up = true,
                    .up_bytes = Bytes(kUpBytes),
                    .comes_down = true,
                    .down_bytes = Bytes(1'000)}},
          .arrivals = &arrivals,
          .stop = {.requests = options.requests}};
}

struct Measured {
  double cpu_seconds = 0;
  double peak_megabytes = 0;
  double latency = 0;  // mean
};

/// `requests_file`: empty for none.
Measured measure(const Simulation& simulation, const std::string& requests_file) {
  const IsolatedJob job = [&](const ProgressSink& progress) {
    const Plan plan;
    RequestLog log(requests_file, plan, nullptr);
    RunSummary summary;
    summary.record = simulate(
        simulation, [&](const RequestRecord& request) { log.add(request); }, progress);
    log.finish(summary);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
    };
    return nlohmann::json{seconds(usage.ru_utime) + seconds(usage.ru_stime),
                          static_cast<double>(usage.ru_maxrss) * 1024 / 1e6, summary.latency->mean}
        .dump();
  };
  const nlohmann::json said = nlohmann::json::parse(run_isolated({job}, 1).front());
  return {said[0], said[1], said[2]};
}

void print_costs(const Options& options) {
  Registry<ArrivalKind> registry;
  register_arrivals(registry);
  Parameters rate;
  rate.set("rate", 1);
  const auto arrivals = registry.find("poisson")->make(rate);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / fmt::format("offcut-bench-{}.csv", getpid());
  fmt::print("{} requests, compute load {}, uplink load {}; CPU time of one core\n\n",
             options.requests, options.load, options.link_load);
  fmt::print("{:>8} {:>9} {:>11} {:>8} | {:>26} {:>8} {:>8}\n", "devices", "CPU s", "us/request",
             "peak MB", "with requests.csv: CPU s", "peak MB", "file MB");
  const auto per_request = [&](double seconds) {
    return seconds * 1e6 / static_cast<double>(options.requests);
  };
  for (const std::size_t devices : options.devices) {
    const Simulation simulation = simulation_of(options, devices, *arrivals);
    const Measured without = measure(simulation, "");
    const Measured with = measure(simulation, file.string());
    const auto bytes = static_cast<double>(std::filesystem::file_size(file));
    std::filesystem::remove(file);
    fmt::print("{:>8} {:>9.2f} {:>11.2f} {:>8.0f} | {:>26.2f} {:>8.0f} {:>8.0f}\n", devices,
               without.cpu_seconds, per_request(without.cpu_seconds), without.peak_megabytes,
               with.cpu_seconds, with.peak_megabytes, bytes / 1e6);
    std::fflush(stdout);
    if (without.latency != with.latency) {
      throw std::logic_error("writing requests.csv changed the simulation");
    }
  }
}

}  // namespace
}  // namespace offcut

int main(int argc, char** argv) {
  offcut::Options options;
  CLI::App app("Measures what the engine costs per request, with and without requests.csv");
  app.add_option("--requests", options.requests, "How many requests a run has")
      ->capture_default_str()
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000'000}));
  app.add_option("--devices", options.devices, "How many devices, one run for each number")
      ->capture_default_str()
      ->delimiter(',')
      ->check(CLI::Range(1, 10'000'000));
  app.add_option("--load", options.load, "Busy share of devices and servers")
      ->capture_default_str()
      ->check(CLI::Range(0.01, 0.99));
  app.add_option("--link-load", options.link_load, "Busy share of each device's uplink")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 0.99));
  app.footer("Example: bench_engine --requests 100000 --devices 100,1000");
  CLI11_PARSE(app, argc, argv);
  try {
    offcut::print_costs(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 1;
  }
  return 0;
}
