// Runs whole scenarios into files, and checks the contents.

#include "sim/study/comparison.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "analysis/report.h"
#include "models/base/error.h"
#include "tests/sim/study/five_phones.h"
#include "tests/temporary_folder.h"

namespace offcut::five_phones::comparison_test {
namespace {

std::string header(const std::string& text) { return text.substr(0, text.find('\n')); }

double number(const Row& row, const std::string& column) {
  REQUIRE(row.contains(column));
  return std::strtod(row.at(column).c_str(), nullptr);
}

double sum(const std::vector<Row>& all, const std::string& column) {
  double total = 0;
  for (const Row& row : all) {
    total += number(row, column);
  }
  return total;
}

/// Returns the quantile of type 7, from the sorted list.
double quantile_of(const std::vector<Row>& all, const std::string& column, double q) {
  std::vector<double> values;
  for (const Row& row : all) {
    values.push_back(number(row, column));
  }
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (position - static_cast<double>(below)) * (values[above] - values[below]);
}

}  // namespace

TEST_CASE("run: the files and their columns") {
  const Files files = run_text(kScenario);
  std::vector<std::string> names;
  for (const auto& [name, content] : files) {
    names.push_back(name);
  }
  CHECK(names == std::vector<std::string>{"classes.csv", "energy.csv", "links.csv", "plan.csv",
                                          "requests.csv", "resolved.yaml", "summary.csv",
                                          "tiers.csv"});
  CHECK(header(files.at("summary.csv")) ==
        "scenario,seed,algorithm,requests_arrived,requests_completed,requests_dropped,"
        "requests_in_flight,duration_s,throughput_per_s,latency_mean_s,latency_p50_s,latency_p90_s,"
        "latency_p95_s,latency_p99_s,latency_max_s,upload_bytes,download_bytes,accuracy,outcome,"
        "planned_latency_s,device_wait_mean_s,device_compute_mean_s,upload_wait_mean_s,"
        "upload_mean_s,server_wait_mean_s,server_compute_mean_s,download_mean_s,codec,lost_mean_s,"
        "requests_late,requests_fell_back,failures,goodput_per_s,fairness,latency_fairness,drops,"
        "verdict,bottleneck,in_flight_age_mean_s,in_flight_age_max_s,in_flight_late,"
        "device_energy_j,device_compute_j,device_idle_j,radio_energy_j,energy_per_answer_j,"
        "planned_energy_j,server_energy_j,money,battery_life_s,planned_money,batteries_empty,"
        "first_empty_s,battery_left,tier_basis,link_basis,team_mean_s,makespan_s,period_s,measure,"
        "measure_planned_s,measure_simulated_s,policies,handovers,interruption_s,handover_mean_s,"
        "taken_along,models_pulled,backbone_bytes,replans,switches,regret_mean_s,best_plan_share,"
        "probe_bytes,weight_bytes,believed_latency_s,latency_p999_s,warmup_requests,"
        "effective_requests,steady_mean_s,steady_mean_low_s,steady_mean_high_s,steady_p50_s,"
        "steady_p50_low_s,steady_p50_high_s,steady_p90_s,steady_p90_low_s,steady_p90_high_s,"
        "steady_p95_s,steady_p95_low_s,steady_p95_high_s,steady_p99_s,steady_p99_low_s,"
        "steady_p99_high_s,steady_p999_s,steady_p999_low_s,steady_p999_high_s,steady_note,"
        "training,rounds,time_to_accuracy_s,training_target,training_end,training_s,"
        "training_accuracy,"
        "training_best_accuracy,training_test_loss,training_up_bytes,training_down_bytes,"
        "training_energy_j,training_compute_s,training_communication_s,training_waiting_s,"
        "training_updates,training_late,training_lost,training_loading_s,"
        "training_loading_longest_s,training_sync_s,training_loading_up_bytes,"
        "training_loading_down_bytes,training_after_up_bytes,training_after_down_bytes,"
        "training_sites_up_bytes,training_sites_down_bytes");
  CHECK(header(files.at("requests.csv")) ==
        "request,device,outcome,arrival_s,completion_s,latency_s,device_wait_s,device_compute_s,"
        "upload_wait_s,upload_s,server_wait_s,server_compute_s,download_s,upload_bytes,"
        "download_bytes,input,label,predicted,class,lost_s,failures,fell_back,failover,"
        "device_compute_j,radio_j,device_energy_j,team_s,sent_s,cloud.wait_s,"
        "cloud.compute_s,cloud.server,device-cloud.up_s,device-cloud.down_s");
  CHECK(header(files.at("plan.csv")) ==
        "algorithm,position,layer,operator,tier,compute_s,macs,parameter_bytes,activation_bytes,"
        "crossing_bytes,crosses_to,codec,model");
  CHECK(header(files.at("tiers.csv")) ==
        "algorithm,tier,servers,requests_served,busy_s,utilisation,wait_mean_s,batches,batch_size_"
        "mean,"
        "rejected,lost,loads,loading_s,offered_s,offered_load,blocked_s,most_waiting,jobs_mean,"
        "verdict,in_flight,queues,offered_load_worst,queues_overloaded,energy_j,money,"
        "machines_mean,machines_most,machine_starts,machine_hours,cold_starts,cold_start_s");
  CHECK(header(files.at("links.csv")) ==
        "algorithm,hop,direction,links,bandwidth_bytes_per_s,latency_s,messages,bytes,utilisation,"
        "hop_lost,served_by,site_links,site_bandwidth_bytes_per_s,site_utilisation,"
        "offered_bytes,offered_load,offered_load_worst,wait_mean_s,most_messages,messages_mean,"
        "messages_left,verdict,links_overloaded,site_offered_load,site_offered_load_worst,"
        "site_most_messages,site_verdict,site_links_overloaded,service");
  CHECK(header(files.at("classes.csv")) ==
        "algorithm,class,model,requests_arrived,requests_completed,requests_dropped,"
        "requests_in_flight,requests_late,requests_fell_back,failures,goodput_per_s,"
        "planned_latency_s,latency_mean_s,latency_p50_s,latency_p90_s,latency_p95_s,latency_p99_s,"
        "latency_max_s");
}

TEST_CASE("run: the summary matches the requests") {
  const Files files = run_text(kScenario);
  const std::vector<Row> requests = rows(files.at("requests.csv"));
  const Row summary = rows(files.at("summary.csv")).front();
  REQUIRE(requests.size() == 600);
  CHECK(summary.at("scenario") == "five");
  CHECK(summary.at("seed") == "3");
  CHECK(summary.at("algorithm") == "brute-force");
  CHECK(summary.at("requests_arrived") == "600");
  CHECK(summary.at("requests_completed") == "600");
  CHECK(summary.at("requests_dropped") == "0");
  CHECK(summary.at("requests_in_flight") == "0");
  CHECK(summary.at("outcome") == "completed");
  CHECK(summary.at("accuracy") == "");
  const auto agrees = [&](const std::string& column, double expected) {
    INFO(column);
    CHECK(number(summary, column) == doctest::Approx(expected).epsilon(1e-12));
  };
  agrees("latency_mean_s", sum(requests, "latency_s") / 600);
  agrees("latency_p50_s", quantile_of(requests, "latency_s", 0.5));
  agrees("latency_p90_s", quantile_of(requests, "latency_s", 0.9));
  agrees("latency_p95_s", quantile_of(requests, "latency_s", 0.95));
  agrees("latency_p99_s", quantile_of(requests, "latency_s", 0.99));
  agrees("latency_max_s", quantile_of(requests, "latency_s", 1));
  agrees("duration_s", quantile_of(requests, "completion_s", 1));
  agrees("throughput_per_s", 600 / quantile_of(requests, "completion_s", 1));
  agrees("upload_bytes", sum(requests, "upload_bytes"));
  agrees("download_bytes", sum(requests, "download_bytes"));
  for (const std::string part : {"device_wait", "device_compute", "upload_wait", "upload",
                                 "server_wait", "server_compute", "download"}) {
    agrees(part + "_mean_s", sum(requests, part + "_s") / 600);
  }
  for (const Row& r : requests) {
    CHECK(number(r, "latency_s") ==
          doctest::Approx(number(r, "completion_s") - number(r, "arrival_s")).epsilon(1e-12));
  }
}

TEST_CASE("run: tiers and links match the requests, too") {
  const Files files = run_text(kScenario);
  const std::vector<Row> requests = rows(files.at("requests.csv"));
  const double duration = number(rows(files.at("summary.csv")).front(), "duration_s");
  const std::vector<Row> tiers = rows(files.at("tiers.csv"));
  CHECK(tiers[0].at("tier") == "device");
  CHECK(tiers[0].at("servers") == "5");
  CHECK(number(tiers[0], "busy_s") ==
        doctest::Approx(sum(requests, "device_compute_s")).epsilon(1e-12));
  CHECK(number(tiers[0], "utilisation") ==
        doctest::Approx(sum(requests, "device_compute_s") / 5 / duration).epsilon(1e-12));
  CHECK(number(tiers[1], "wait_mean_s") ==
        doctest::Approx(sum(requests, "server_wait_s") / 600).epsilon(1e-12));
  const std::vector<Row> links = rows(files.at("links.csv"));
  CHECK(links[0].at("hop") == "device-cloud");
  CHECK(links[0].at("direction") == "up");
  CHECK(links[0].at("messages") == "600");
  CHECK(number(links[0], "bandwidth_bytes_per_s") == 731250);
  CHECK(number(links[0], "utilisation") ==
        doctest::Approx(sum(requests, "upload_bytes") / 731250 / duration).epsilon(1e-12));
  CHECK(links[1].at("direction") == "down");
  CHECK(number(links[1], "bytes") == sum(requests, "download_bytes"));
  CHECK(links[0].at("site_links") == "");
  CHECK(links[1].at("site_utilisation") == "");
  CHECK(links[0].at("service") == "shared");
}

TEST_CASE("run: uplinks of sites") {
  std::string scenario = kScenario;
  const std::string shared = "shared: true";
  scenario.replace(scenario.find(shared), shared.size(),
                   "site: {devices: 2, up: 8 Mbit/s, down: 16 Mbit/s}");
  const Files files = run_text(scenario);
  const double duration = number(rows(files.at("summary.csv"))[0], "duration_s");
  const std::vector<Row> links = rows(files.at("links.csv"));
  CHECK(links[0].at("links") == "5");
  CHECK(links[0].at("service") == "one at a time");
  CHECK(links[1].at("service") == "shared");
  CHECK(links[0].at("site_links") == "3");  // For two devices, two, and one.
  CHECK(number(links[0], "site_bandwidth_bytes_per_s") == 1e6);
  CHECK(number(links[0], "site_utilisation") ==
        doctest::Approx(number(links[0], "bytes") / 3e6 / duration).epsilon(1e-12));
  CHECK(number(links[1], "site_bandwidth_bytes_per_s") == 2e6);
  CHECK(number(links[1], "site_utilisation") ==
        doctest::Approx(number(links[1], "bytes") / 6e6 / duration).epsilon(1e-12));
}

TEST_CASE("run: the plan, layer by layer, and an algorithm that declines") {
  // The best cut is after pool: 0.06 s on the phone, 20,000 B at 731,250 B/s, 35 ms each way,
  // 0.0101 s in the cloud, 40 B back.
  const Files files = run_text(kScenario);
  const std::vector<Row> plan = rows(files.at("plan.csv"));
  REQUIRE(plan.size() == 4 * 3);  // brute-force, device-only and cloud-only; fixed declines.
  CHECK(plan[0].at("tier") == "device");
  CHECK(plan[0].at("crossing_bytes") == "0");
  CHECK(plan[0].at("crosses_to") == "");
  CHECK(plan[1].at("layer") == "pool");
  CHECK(plan[1].at("operator") == "table");
  CHECK(plan[1].at("crossing_bytes") == "20000");
  CHECK(plan[1].at("crosses_to") == "cloud");
  CHECK(plan[1].at("activation_bytes") == "320000");
  CHECK(plan[2].at("tier") == "cloud");
  CHECK(plan[2].at("compute_s") == "0.01");
  CHECK(plan[2].at("parameter_bytes") == "50000");
  CHECK(plan[3].at("layer") == "label, of 10");
  CHECK(plan[4].at("algorithm") == "device-only");

  const std::vector<Row> summary = rows(files.at("summary.csv"));
  REQUIRE(summary.size() == 4);
  CHECK(number(summary[0], "planned_latency_s") ==
        doctest::Approx(0.06 + 20000 / 731250.0 + 0.07 + 0.0101 + 40 / 1720000.0));
  CHECK(summary[2].at("algorithm") == "fixed");
  CHECK(summary[2].at("outcome") ==
        "declined: it needs 'after': the layer to cut after, or 'input'");
  CHECK(summary[2].at("requests_arrived") == "");
  CHECK(summary[2].at("latency_mean_s") == "");
  // The run after it has its own results: all 150,000 B of each input go up, and the phones compute
  // nothing.
  CHECK(summary[3].at("algorithm") == "cloud-only");
  CHECK(summary[3].at("requests_completed") == "600");
  CHECK(number(summary[3], "upload_bytes") == 600 * 150000);
  CHECK(number(summary[3], "device_compute_mean_s") == 0);
  CHECK(rows(files.at("tiers.csv")).size() == 6);
  CHECK(rows(files.at("links.csv")).size() == 6);
}

TEST_CASE("run: requests in flight at the end have empty fields") {
  std::string scenario = kScenario;
  scenario.replace(scenario.find("{requests: 600}"), 15, "{after: 20 s}");
  const Files files = run_text(scenario);
  const std::vector<Row> requests = rows(files.at("requests.csv"));
  const Row summary = rows(files.at("summary.csv")).front();
  const auto in_flight = std::count_if(requests.begin(), requests.end(),
                                       [](const Row& r) { return r.at("outcome") == "in flight"; });
  CHECK(in_flight > 0);
  CHECK(number(summary, "requests_in_flight") == static_cast<double>(in_flight));
  CHECK(number(summary, "requests_arrived") == static_cast<double>(requests.size()));
  CHECK(summary.at("duration_s") == "20");
  const std::vector<Row> answered(requests.begin(), requests.end() - in_flight);
  CHECK(number(summary, "latency_mean_s") ==
        doctest::Approx(sum(answered, "latency_s") / static_cast<double>(answered.size())));
  CHECK(number(summary, "latency_max_s") == quantile_of(answered, "latency_s", 1));
  for (const Row& r : requests) {
    CHECK(r.at("arrival_s") != "");
    CHECK((r.at("outcome") == "in flight") == r.at("latency_s").empty());
    CHECK((r.at("outcome") == "in flight") == r.at("completion_s").empty());
  }
}

TEST_CASE("run: without an answer there is no latency") {
  std::string scenario = kScenario;
  scenario.replace(scenario.find("{requests: 600}"), 15, "{after: 1 us}");
  const Row summary = rows(run_text(scenario).at("summary.csv")).front();
  CHECK(summary.at("requests_completed") == "0");
  CHECK(summary.at("latency_mean_s") == "");
  CHECK(summary.at("latency_p99_s") == "");
  CHECK(summary.at("throughput_per_s") == "0");
}

TEST_CASE("run: the requests of all plans are in one file, with their algorithms") {
  std::string text = std::string(kScenario) + "output: {requests: all}\n";
  const std::string compared = "[device-only, fixed, cloud-only]";
  const std::size_t plans = text.find(compared);
  REQUIRE(plans != std::string::npos);
  text.replace(plans, compared.size(), "[device-only, cloud-only]");
  const Files files = run_text(text);
  CHECK(header(files.at("requests.csv")).ends_with(",device-cloud.down_s,algorithm"));
  std::map<std::string, std::vector<Row>> by_algorithm;
  std::vector<std::string> order;
  for (const Row& row : rows(files.at("requests.csv"))) {
    const std::string& algorithm = row.at("algorithm");
    if (order.empty() || order.back() != algorithm) {
      order.push_back(algorithm);
    }
    by_algorithm[algorithm].push_back(row);
  }
  CHECK(order == std::vector<std::string>{"brute-force", "device-only", "cloud-only"});
  const std::vector<Row> summary = rows(files.at("summary.csv"));
  REQUIRE(summary.size() == 3);
  for (const Row& run : summary) {
    const std::vector<Row>& requests = by_algorithm[run.at("algorithm")];
    REQUIRE(requests.size() == 600);
    CHECK(number(run, "latency_mean_s") ==
          doctest::Approx(sum(requests, "latency_s") / 600).epsilon(1e-12));
  }
  CHECK(sum(by_algorithm["device-only"], "cloud.compute_s") == 0);
  CHECK(by_algorithm["device-only"].front().at("cloud.server").empty());
  // The requests of the chosen plan are those of its file alone, apart from the last column.
  std::string alone = run_text(kScenario).at("requests.csv");
  const std::string all = files.at("requests.csv");
  std::size_t at = 0;
  for (std::size_t line = 0; line < 601; ++line) {
    const std::string wanted = alone.substr(0, alone.find('\n'));
    alone.erase(0, wanted.size() + 1);
    const std::size_t end = all.find('\n', at);
    CHECK(all.substr(at, end - at) == wanted + (line == 0 ? ",algorithm" : ",brute-force"));
    at = end + 1;
  }
}

TEST_CASE("run: without requests.csv, an older one is removed") {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  const std::string path = folder.write("five.yaml", kScenario);
  const std::filesystem::path results = folder.path() / "results";
  const auto run_into = [&](const std::vector<scenario::Override>& overrides) {
    const experiment::Experiment experiment =
        experiment::prepare(scenario::read_scenario(path, overrides, registries()), registries());
    OutputDirectory out = analysis::results_directory(results);
    study::run_experiment(experiment, out);
    out.commit();
  };
  run_into({});
  CHECK(std::filesystem::exists(results / "requests.csv"));
  const std::string summary = read_file(results / "summary.csv");
  run_into({{"output.requests", "false"}});
  CHECK(!std::filesystem::exists(results / "requests.csv"));
  CHECK(read_file(results / "summary.csv") == summary);
}

TEST_CASE("run: it is an error in the scenario if the chosen algorithm declines") {
  const TemporaryFolder folder;
  folder.write("net.csv", kTable);
  std::string scenario = kScenario;
  scenario.replace(scenario.find("brute-force"), 11, "multi-tier, objective: throughput");
  const std::string path = folder.write("five.yaml", scenario);
  const experiment::Experiment experiment =
      experiment::prepare(scenario::read_scenario(path, {}, registries()), registries());
  OutputDirectory out = analysis::results_directory(folder.path() / "out");
  CHECK_THROWS_WITH_AS(
      study::run_experiment(experiment, out),
      (path + ":11:19: error: plan.algorithm: 'multi-tier' declines: it minimises sums over "
              "layers and tensors; the longest stage is not such a sum")
          .c_str(),
      InputError);
}

}  // namespace offcut::five_phones::comparison_test
