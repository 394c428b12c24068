// Measures the cost of loading an ONNX model until each weight can be used, as one file and with
// the weights in a data file.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "models/base/cpu_time.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "models/zoo/network.h"

namespace offcut::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kMega = 1e6;
constexpr double kKibi = 1024;

template <class T>
Registry<T> filled(void (*fill)(Registry<T>&)) {
  Registry<T> registry;
  fill(registry);
  return registry;
}

/// Calls f in a child process, since a process has one peak of memory.
template <class F>
void apart(F f) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    try {
      f();
    } catch (const std::exception& error) {
      fmt::print(stderr, "error: {}\n", error.what());
      _exit(1);
    }
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
    throw std::runtime_error("a measurement failed");
  }
}

void write(const std::string& name, const fs::path& path, const onnx::ExportOptions& options) {
  const auto networks = filled(zoo::register_networks);
  const auto operators = filled(ops::register_operators);
  const zoo::Network* network = networks.find(name);
  if (network == nullptr) {
    throw std::invalid_argument("no network " + name + suggestion(name, networks.names()));
  }
  onnx::export_onnx(network->build(operators, 1), path.string(), options);
}

void load(const std::string& name, const std::string& layout, const fs::path& path) {
  const auto operators = filled(ops::register_operators);
  const double start = thread_seconds();
  const Graph graph = onnx::import_onnx(path.string(), operators);
  double bytes = 0;
  for (TensorId id = 0; id < graph.tensor_count(); ++id) {
    if (graph.tensor(id).is_parameter()) {
      bytes += static_cast<double>(graph.tensor(id).parameter->value().bytes().size());
    }
  }
  const double seconds = thread_seconds() - start;
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const double peak = static_cast<double>(use.ru_maxrss) * kKibi;
  fmt::print("{:<16} {:<14} {:>10.1f} {:>8.3f} {:>9.1f} {:>8.3f}\n", name, layout, bytes / kMega,
             seconds, peak / kMega, peak / bytes);
}

void measure(const std::string& name, const fs::path& folder) {
  const fs::path path = folder / (name + ".onnx");
  for (const bool external : {false, true}) {
    apart([&] { write(name, path, {.external_data = external}); });
    apart([&] { load(name, external ? "external data" : "one file", path); });
  }
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  std::vector<std::string> networks = {"vgg16"};
  CLI::App app("Measures CPU time and peak memory of loading ONNX models");
  app.add_option("--networks", networks, "Built-in networks, separated by commas")
      ->capture_default_str()
      ->delimiter(',');
  app.footer("Example: bench_load --networks lenet5,vgg16");
  CLI11_PARSE(app, argc, argv);
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("offcut-bench-load-{}", getpid());
  int code = 0;
  try {
    std::filesystem::create_directories(folder);
    fmt::print("{:<16} {:<14} {:>10} {:>8} {:>9} {:>8}\n", "network", "weights", "weights MB",
               "CPU s", "peak MB", "x size");
    for (const std::string& name : networks) {
      offcut::bench::measure(name, folder);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    code = 1;
  }
  std::filesystem::remove_all(folder);
  return code;
}
