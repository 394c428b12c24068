// A scenario that several tests run whole, and what they read of its results.

#include "tests/sim/study/five_phones.h"

#include <csv.h>
#include <doctest/doctest.h>

#include "analysis/report.h"
#include "sim/study/comparison.h"
#include "tests/temporary_folder.h"

namespace offcut::five_phones {

const std::string kTable =
    "layer,inputs,output_bytes,param_bytes,macs,phone_s,server_s\n"
    "image,,150000,0,0,0,0\n"
    "conv,image,300000,1000,2000,0.05,0.004\n"
    "pool,conv,20000,0,300,0.01,0.001\n"
    "dense,pool,4000,50000,4000,0.2,0.01\n"
    "\"label, of 10\",dense,40,0,10,0.001,0.0001\n";

const std::string kScenario =
    "offcut: 1\n"
    "name: five phones\n"
    "seed: 3\n"
    "stop: {requests: 600}\n"
    "model: {layers: net.csv}\n"
    "tiers:\n"
    "  device: {is: column:phone, count: 5, noise: {kind: lognormal, cv: 0.2}}\n"
    "  cloud: {is: column:server, count: 2, noise: {kind: exponential}}\n"
    "network:\n"
    "  device-cloud: {up: 5.85 Mbit/s, down: 13.76 Mbit/s, latency: 35 ms, shared: true}\n"
    "plan: {algorithm: brute-force, compare: [device-only, fixed, cloud-only]}\n"
    "workload: {arrivals: poisson, rate: 1.5 /s}\n";

const scenario::Registries& registries() {
  static const scenario::Registries all;
  return all;
}

Files run(const std::string& scenario, const std::vector<scenario::Override>& overrides) {
  const TemporaryFolder folder;
  const experiment::Experiment experiment =
      experiment::read_experiment(scenario, overrides, registries());
  {
    OutputDirectory out = analysis::results_directory(folder.path() / "out");
    study::run_experiment(experiment, out);
    out.commit();
  }
  return contents(folder.path() / "out");
}

Files run_text(const std::string& scenario) {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  return run(folder.write("five.yaml", scenario));
}

std::vector<Row> rows(const std::string& text) {
  using Lines = std::vector<std::vector<std::string>>;
  Lines lines(1);
  csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  csv_parse(
      &parser, text.data(), text.size(),
      [](void* field, std::size_t size, void* into) {
        static_cast<Lines*>(into)->back().emplace_back(static_cast<const char*>(field), size);
      },
      [](int, void* into) { static_cast<Lines*>(into)->emplace_back(); }, &lines);
  csv_free(&parser);
  lines.pop_back();
  std::vector<Row> all;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    Row row;
    REQUIRE(lines[i].size() == lines[0].size());
    for (std::size_t j = 0; j < lines[0].size(); ++j) {
      row[lines[0][j]] = lines[i][j];
    }
    all.push_back(std::move(row));
  }
  return all;
}

}  // namespace offcut::five_phones
