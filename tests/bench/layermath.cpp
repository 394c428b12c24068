// Measures the speed of the layer math: each network prepared, with the reference, and in ONNX
// Runtime; one thread, batch 1, CPU time. All take turns within one run, and the least time of each
// counts, so that other work on the machine has little influence on the ratios.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

#include "models/exec/prepared.h"
#include "models/graph/random_input.h"
#include "models/onnx/export.h"
#include "models/onnx/import.h"
#include "models/zoo/network.h"
#include "tests/bench/other_runtime.h"

namespace offcut::bench {
namespace {

constexpr const char* kExample = R"(
Example:
  npm install --ignore-scripts --prefix /tmp/runtime onnxruntime-node
  build/release/tests/layermath_bench --onnxruntime /tmp/runtime --networks resnet18,vgg16
Without --onnxruntime, only offcut's own times are printed.)";

struct Options {
  std::vector<std::string> networks = {"alexnet",         "vgg16",     "resnet18",   "resnet50",
                                       "mobilenet-v2",    "googlenet", "squeezenet", "densenet121",
                                       "efficientnet-b0", "bert-base", "vit-b16"};
  std::vector<std::string> files;
  std::string onnxruntime;
  int rounds = 9;
  bool check = false;
  std::string peak;
  bool steps = false;
};

/// Returns the project's goal: offcut's time over ONNX Runtime's.
double bar_of(const std::string& network) {
  return network == "vgg16" ? 0.55 : network == "resnet18" ? 0.7 : network == "resnet50" ? 0.85 : 1;
}

double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

/// Returns the mean time of `runs` runs.
double time_of(const std::function<void()>& run, int runs) {
  const double start = cpu_milliseconds();
  for (int i = 0; i < runs; ++i) {
    run();
  }
  return (cpu_milliseconds() - start) / runs;
}

exec::TensorMap random_inputs(const Graph& graph) {
  exec::TensorMap inputs;
  for (const TensorId input : graph.inputs()) {
    inputs[input] = random_input(graph, input, random_stream(1, "bench input"));
  }
  return inputs;
}

template <class T>
double error_of(std::span<const T> found, std::span<const T> expected) {
  double largest = 0;
  double error = found.size() == expected.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
    const auto wanted = static_cast<double>(expected[i]);
    largest = std::max(largest, std::abs(wanted));
    error = std::max(error, std::abs(static_cast<double>(found[i]) - wanted));
  }
  return error == 0 ? 0 : error / largest;
}

double error_of(const Tensor& found, const Tensor& expected) {
  const auto error = [&](auto type) {
    using T = decltype(type);
    return error_of<T>(found.values<T>(), expected.values<T>());
  };
  switch (expected.type().type) {
  case DataType::float32:
    return error(float{});
  case DataType::int32:
    return error(std::int32_t{});
  case DataType::uint8:
    return error(std::uint8_t{});
  default:
    throw std::runtime_error("only outputs of float32, int32 and uint8 can be compared");
  }
}

/// A folder for the model and the input, removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "layermath-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct Result {
  double reference = 0, fast = 0, other = 0;  // Unit: ms.
  double error = 0, other_error = 0;          // Relative to the reference's largest |output|.
  double preparing = 0;                       // Unit: ms of CPU time.
  double peak = 0, other_peak = 0;            // Unit: MB. Includes reading the file and preparing.
};

/// Returns the peak memory of this process in MB. (getrusage() includes the parent's.)
double peak_megabytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kibibytes = 0;
  while (status >> word && word != "VmHWM:") {
  }
  status >> kibibytes;
  return kibibytes * 1024 / 1e6;
}

/// Prints the growth of the peak while an ONNX file is read, prepared and run. Needs a process of
/// its own.
int print_peak(const std::string& file) {
  const double before = peak_megabytes();
  Registry<ops::Operator> operators;
  ops::register_operators(operators);
  const Graph graph = onnx::import_onnx(file, operators);
  const exec::TensorMap inputs = random_inputs(graph);
  exec::prepare(graph, exec::whole(graph)).run(inputs);
  fmt::print("{:.1f}\n", peak_megabytes() - before);
  return 0;
}

double peak_of(const std::string& file) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  std::FILE* const child = popen(fmt::format("'{}' --peak '{}'", self, file).c_str(), "r");
  double megabytes = 0;
  const bool read = child != nullptr && std::fscanf(child, "%lf", &megabytes) == 1;
  if (child == nullptr || pclose(child) != 0 || !read) {
    throw std::runtime_error("the peak memory cannot be measured");
  }
  return megabytes;
}

Tensor read_tensor(const std::string& path, const TensorType& type) {
  Tensor tensor(type);
  if (std::filesystem::file_size(path) != tensor.bytes().size()) {
    throw std::runtime_error("the runtimes differ in the size of an output");
  }
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(tensor.bytes().data()),
            static_cast<std::streamsize>(tensor.bytes().size()));
  return tensor;
}

void load(OtherRuntime& other, const std::string& model, const Graph& graph,
          const exec::TensorMap& inputs, const TemporaryFolder& folder) {
  std::string command = "load " + model;
  for (const auto& [id, input] : inputs) {
    const std::string file = folder.file(fmt::format("input{}", id));
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(input.bytes().data()),
               static_cast<std::streamsize>(input.bytes().size()));
    command += fmt::format(" {} {} {} {}", graph.tensor(id).name, to_text(input.type().type), file,
                           fmt::join(input.shape(), ","));
  }
  other.ask(command);
}

/// Returns the largest error of all outputs, each relative to its largest value.
double error_of(const exec::TensorMap& found, const exec::TensorMap& expected) {
  double error = 0;
  for (const auto& [id, tensor] : expected) {
    error = std::max(error, error_of(found.at(id), tensor));
  }
  return error;
}

/// Returns the same error of the other runtime's last run.
double other_error(OtherRuntime& other, const Graph& graph, const exec::TensorMap& expected,
                   const TemporaryFolder& folder) {
  double error = 0;
  for (const auto& [id, tensor] : expected) {
    other.ask(fmt::format("write {} {}", folder.file("output"), graph.tensor(id).name));
    error = std::max(error, error_of(read_tensor(folder.file("output"), tensor.type()), tensor));
  }
  return error;
}

/// Returns how many runs a round needs for a clock of microseconds.
int runs_for(double milliseconds) {
  constexpr double kRound = 20;
  return std::clamp(static_cast<int>(kRound / milliseconds), 1, 1000);
}

void print_steps(exec::Prepared& prepared, const exec::TensorMap& inputs, int rounds) {
  const std::vector<std::string> names = prepared.steps();
  std::vector<double> least(names.size(), INFINITY);
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> seconds(names.size(), 0);
    prepared.run(inputs, seconds);
    for (std::size_t i = 0; i < names.size(); ++i) {
      least[i] = std::min(least[i], seconds[i]);
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    fmt::print("{:10.1f} us  {}\n", 1e6 * least[i], names[i]);
  }
}

/// Compares the runtimes on the graph, which the file has (or, if it has no name, will have).
Result measure(const Graph& graph, std::string file, const Options& options, OtherRuntime* other) {
  const exec::Segment all = exec::whole(graph);
  const exec::TensorMap inputs = random_inputs(graph);
  exec::TensorMap expected = exec::run(graph, all, inputs);  // Makes the parameters.
  const double start = cpu_milliseconds();
  exec::Prepared prepared = exec::prepare(graph, all);
  Result result{.preparing = cpu_milliseconds() - start};
  if (options.steps) {
    print_steps(prepared, inputs, options.rounds);
  }
  exec::TensorMap found;
  const auto reference = [&] { expected = exec::run(graph, all, inputs); };
  const auto fast = [&] { found = prepared.run(inputs); };
  result.reference = time_of(reference, 1);
  result.fast = time_of(fast, 2);
  const TemporaryFolder folder;
  if (other != nullptr) {
    if (file.empty()) {
      file = folder.file("model.onnx");
      onnx::export_onnx(graph, file);
    }
    load(*other, file, graph, inputs, folder);
    result.peak = peak_of(file);
    result.other = std::stod(other->ask("run 2"));
    result.other_error = other_error(*other, graph, expected, folder);
  }
  const int runs = runs_for(result.fast);
  for (int round = 0; round < options.rounds; ++round) {
    result.fast = std::min(result.fast, time_of(fast, runs));
    if (other != nullptr) {
      result.other = std::min(result.other, std::stod(other->ask(fmt::format("run {}", runs))));
    }
    if (round < 3) {
      result.reference = std::min(result.reference, time_of(reference, 1));
    }
  }
  if (other != nullptr) {
    result.other_peak = std::stod(other->ask("peak"));
  }
  result.error = error_of(found, expected);
  return result;
}

bool print(const std::string& name, const Result& r, bool compared) {
  const double ratio = compared ? r.fast / r.other : 0;
  const bool good = !compared || ratio <= bar_of(name);
  fmt::print(
      "{:18} {:12.3f} {:10.3f} {:12.3f} {:8.3f} {:6.2f} {:10.1e} {:12.1e} {:9.0f} {:9.0f} {:12.0f}"
      "  {}\n",
      name, r.reference, r.fast, r.other, ratio, bar_of(name), r.error, r.other_error, r.preparing,
      r.peak, r.other_peak,
      !compared ? ""
      : good    ? "met"
                : "MISSED");
  return good;
}

int bench(const Options& options) {
  Registry<ops::Operator> operators;
  Registry<zoo::Network> networks;
  ops::register_operators(operators);
  zoo::register_networks(networks);
  fmt::print("{:18} {:>12} {:>10} {:>12} {:>8} {:>6} {:>10} {:>12} {:>9} {:>9} {:>12}\n",
             "network", "reference ms", "fast ms", "ONNX Rt. ms", "ratio", "bar", "max error",
             "ORT's error", "prep. ms", "peak MB", "ORT peak MB");
  bool good = true;
  const auto compare = [&](const std::string& name, const Graph& graph, const std::string& file) {
    // Each network gets a process of its own, whose memory is that of one network.
    const auto other = options.onnxruntime.empty()
                           ? nullptr
                           : std::make_unique<OtherRuntime>(
                                 OFFCUT_SOURCE "/tests/bench/onnxruntime.mjs", options.onnxruntime);
    good = print(name, measure(graph, file, options, other.get()), other != nullptr) && good;
    std::fflush(stdout);
  };
  for (const std::string& name : options.networks) {
    const zoo::Network* network = networks.find(name);
    if (network == nullptr) {
      fmt::print(stderr, "no network '{}'{}\n", name, suggestion(name, networks.names()));
      return 2;
    }
    compare(name, network->build(operators, 1), "");
  }
  for (const std::string& file : options.files) {
    compare(std::filesystem::path(file).stem(), onnx::import_onnx(file, operators), file);
  }
  return good || !options.check ? 0 : 1;
}

}  // namespace
}  // namespace offcut::bench

int main(int argc, char** argv) {
  offcut::bench::Options options;
  CLI::App app("Times the layer math beside the reference and ONNX Runtime");
  app.footer(offcut::bench::kExample);
  app.add_option("--networks", options.networks, "Built-in networks, separated by commas")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--files", options.files, "ONNX files, separated by commas")
      ->delimiter(',')
      ->check(CLI::ExistingFile);
  app.add_option("--onnxruntime", options.onnxruntime, "Folder with node_modules/onnxruntime-node")
      ->check(CLI::ExistingDirectory);
  app.add_option("--rounds", options.rounds, "Rounds, in which all take their turn")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_flag("--steps", options.steps, "Print each kernel call with its CPU time");
  app.add_option(
      "--peak", options.peak,
      "Print the growth of the peak memory in MB while this ONNX file is read, prepared and run");
  app.add_flag("--check", options.check, "Exit with 1 if a goal is missed");
  CLI11_PARSE(app, argc, argv);
  if (!options.files.empty() && app.count("--networks") == 0) {
    options.networks.clear();
  }
  try {
    return options.peak.empty() ? offcut::bench::bench(options)
                                : offcut::bench::print_peak(options.peak);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 2;
  }
}
