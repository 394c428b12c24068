// The options of the commands that run a scenario many times.

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/offers.h"

namespace offcut::cli {

void CommandLine::add_sweep() {
  CLI::App* command = add_command(
      "sweep", "Run a scenario at many points, with replications, on all processors",
      "The folder of results gets sweep.csv (a row per run), points.csv (means over replications, "
      "with their intervals) and, with variants, differences.csv. Its journal has every finished "
      "run: after an interruption, --resume does only what is missing.\n\n"
      "Example: offcut sweep scenarios/sweeps/bandwidths.yaml -j 8\n"
      "         offcut sweep scenarios/quickstart.yaml --replications 5 \\\n"
      "           --vary network.device-edge.up='[1, 2, 5, 10] Mbit/s'\n"
      "         offcut sweep --merge part-* --out results/all",
      [this](const auto& registries) { return cli::sweep(sweep_, registries); });
  offer_files(command->add_option("FILE", sweep_.files,
                                  "Sweep (YAML with the key 'base') or scenario (YAML); with "
                                  "--merge, the folders to join"),
              {".yaml", ".yml"})
      ->required();
  add_repeated(command, "--vary", sweep_.vary, "PATH=VALUES",
               "Vary a value of the scenario: a list, a range 1..64 of whole numbers, or "
               "{from: 1, to: 100, points: 5, scale: log}");
  command
      ->add_option("--replications", sweep_.replications,
                   "Run each point N times, with the scenario's seed and those after it")
      ->type_name("N");
  add_text(command, "--precision", sweep_.precision, "PRECISION",
           "Replicate each point until the interval of a figure is so narrow, as in '2 % of "
           "latency_p95_s'");
  command
      ->add_option("-j,--jobs", sweep_.jobs,
                   "Run N at the same time (default: the number of processors)")
      ->type_name("N");
  add_text(command, "--out", sweep_.out, "DIR",
           "Folder for the results (default: results/, and the name of the sweep)");
  command->add_flag("--resume", sweep_.resume,
                    "Keep the finished runs that the folder has, and do the others");
  command->add_flag("--restart", sweep_.restart, "Begin again, whatever the folder has");
  add_text(command, "--shard", sweep_.shard, "K/N",
           "Run only every Nth point, from the Kth; --merge joins the shards");
  command->add_flag("--merge", sweep_.merge, "Join the folders of all shards in --out");
  command->add_flag("--html", sweep_.html,
                    "Also write report.html, a page with charts and tables");
  command->add_flag("--dry-run", sweep_.dry_run,
                    "List the points, and estimate the time from a run of the first one");
  add_text(command, "--seed", sweep_.changes.seed, "N", "Seed of the first replication");
  add_text(command, "--budget", sweep_.budget, "TIME",
           "Time of each run for the search of a plan under load, as it is estimated")
      ->capture_default_str();
  add_changes(command, sweep_.changes);
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_answer_options(CLI::App* command, AnswerArguments& common,
                                     const std::string& replications, const std::string& out) {
  add_text(command, "--confidence", common.confidence, "PERCENT",
           "Confidence level of intervals and tests")
      ->capture_default_str();
  command->add_option("--replications", common.replications, replications)->type_name("N");
  add_text(command, "--out", common.out, "FILE", out);
  command
      ->add_option("-j,--jobs", common.jobs,
                   "Run N at the same time (default: the number of processors)")
      ->type_name("N");
  add_text(command, "--seed", common.changes.seed, "N", "Seed of the first replication");
  add_text(command, "--budget", common.budget, "TIME",
           "Time of each run for the search of a plan under load, as it is estimated")
      ->capture_default_str();
  add_changes(command, common.changes);
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_compare() {
  CLI::App* command = add_command(
      "compare", "Say which of several results or scenarios is better, and by how much",
      "Runs with the same seed are pairs: both have the same arrivals. Each side is compared with "
      "the first one. Scenarios are run here; folders have their runs.\n\n"
      "Example: offcut compare results/one results/two\n"
      "         offcut compare one.yaml two.yaml --replications 20 --out d.csv\n"
      "         offcut compare results/sweep-with-variants --figure latency_p99_s",
      [this](const auto& registries) { return cli::compare(compare_, registries); });
  command
      ->add_option("SIDE", compare_.sides,
                   "Folders with results of 'run' or 'sweep', or scenarios (YAML)")
      ->required();
  add_repeated(command, "--figure", compare_.figures, "FIGURE",
               "Compare this column of summary.csv (default: latencies, rates, energy, money, "
               "accuracy)");
  add_answer_options(command, compare_.common,
                     "Run each scenario N times, with the first one's seed and those after it "
                     "(default: 10)",
                     "CSV file for the comparison");
}

void CommandLine::add_size() {
  CLI::App* command = add_command(
      "size", "Find the smallest or cheapest value for which conditions hold",
      "A condition holds if it does over the whole interval of the replications' mean, and all "
      "replications are stable.\n\n"
      "Example: offcut size scenarios/traffic-cameras.yaml \\\n"
      "           --vary tiers.cloud.count=1..64 --until 'latency_p99_s < 0.1'\n"
      "         offcut size FILE --vary tiers.edge.count=1..16 --cost money \\\n"
      "           --until 'latency_p95_s < 100 ms and requests_dropped <= 0'",
      [this](const auto& registries) { return cli::size(size_, registries); });
  command->add_option("SCENARIO", size_.scenario, "Scenario (YAML)")->required();
  add_repeated(command, "--vary", size_.vary, "PATH=VALUES",
               "The values, as for 'sweep': 1..64, a list, or {from: 1, to: 100, points: 5}")
      ->required();
  add_text(command, "--until", size_.until, "CONDITION",
           "FIGURE < VALUE, also with <=, > or >=; several joined by 'and'")
      ->required();
  add_text(command, "--cost", size_.cost, "FIGURE",
           "Find the value with the least mean of this figure, such as money");
  add_text(command, "--write", size_.write, "FILE", "Write the scenario with the answer filled in");
  add_answer_options(command, size_.common,
                     "Run each value N times, with the scenario's seed and those after it "
                     "(default: 10)",
                     "CSV file for the values that were tried");
}

void CommandLine::add_recommend() {
  CLI::App* command = add_command(
      "recommend", "Choose plans, policies and values that are best for a figure",
      "All configurations are predicted; the most promising ones are simulated under the same "
      "random numbers, and leave when intervals over replications say that they are worse.\n\n"
      "Example: offcut recommend scenarios/quickstart.yaml \\\n"
      "           --over plan,tiers.edge.count=1..8 --minimise latency_p95_s \\\n"
      "           --within 'energy_per_answer_j < 2'\n"
      "         offcut recommend FILE --over scheduling --maximise goodput_per_s",
      [this](const auto& registries) { return cli::recommend(recommend_, registries); });
  command->add_option("SCENARIO", recommend_.scenario, "Scenario (YAML)")->required();
  CLI::Option* over =
      add_repeated(command, "--over", recommend_.over, "CHOICE[,CHOICE]",
                   "Choose among these: plan (the plans of all models), scheduling (the policies "
                   "of all tiers), PATH=VALUES (as for 'sweep')")
          ->required();
  offer_choices(over, {"plan", "scheduling"});
  offer(over, {.source = Offer::Source::keys});
  add_text(command, "--minimise", recommend_.minimise, "FIGURE",
           "Find the least mean of this column of summary.csv");
  add_text(command, "--maximise", recommend_.maximise, "FIGURE", "Find the greatest mean instead");
  add_repeated(command, "--within", recommend_.within, "CONDITION",
               "Keep FIGURE < VALUE, also with <=, > or >=; several joined by 'and'");
  add_text(command, "--write", recommend_.write, "FILE",
           "Write the scenario with the choice filled in");
  add_answer_options(command, recommend_.common,
                     "Run a configuration at most N times, with the scenario's seed and those "
                     "after it (default: 32)",
                     "CSV file for all configurations");
}

void CommandLine::add_screen() {
  CLI::App* command = add_command(
      "screen", "Say which parameters of a scenario matter for a figure",
      "Morris' method compares points along random trajectories through the ranges; it takes "
      "trajectories x (parameters + 1) runs. Sobol's splits the variance among the parameters; it "
      "takes samples x (parameters + 2) runs.\n\n"
      "Example: offcut screen scenarios/quickstart.yaml --figure latency_p95_s \\\n"
      "           --over tiers.device.count=1..40 --over 'workload.rate=1..5 /s' \\\n"
      "           --over 'network.device-edge.up={from: 1 MB/s, to: 9 MB/s}'",
      [this](const auto& registries) { return cli::screen(screen_, registries); });
  command->add_option("SCENARIO", screen_.scenario, "Scenario (YAML)")->required();
  add_repeated(command, "--over", screen_.over, "PATH=RANGE",
               "A parameter and its range: 1..64 for whole numbers, 1..100 Mbit/s, a map with "
               "from, to and scale, or a list")
      ->required();
  add_repeated(command, "--figure", screen_.figures, "FIGURE",
               "The column of summary.csv that matters")
      ->required();
  offer_choices(add_text(command, "--method", screen_.method, "NAME", "morris or sobol"),
                kScreenMethods)
      ->capture_default_str();
  command
      ->add_option("--trajectories", screen_.trajectories,
                   "Trajectories of Morris' method (default: 10)")
      ->type_name("N");
  command
      ->add_option("--samples", screen_.samples,
                   "Samples of Sobol's method, best a power of two (default: 64)")
      ->type_name("N");
  add_text(command, "--design-seed", screen_.design_seed, "N",
           "Seed of the trajectories, or of the bootstrap")
      ->capture_default_str();
  add_answer_options(command, screen_.common,
                     "Run each point N times, and take the mean (default: 1)",
                     "CSV file for the sensitivities");
}

void CommandLine::add_plot() {
  CLI::App* command = add_command(
      "plot", "Draw results as pictures for a paper",
      "The pictures are drawn from the CSV files alone. They need Debian's packages "
      "python3-matplotlib and python3-pandas; OFFCUT_PYTHON in the environment names another Python "
      "than /usr/bin/python3.\n\n"
      "Example: offcut plot results/quickstart --format pdf\n"
      "         offcut plot results/one results/two --kind latency-cdf --out figures\n"
      "         offcut plot results/evaluation --kind sweep-lines \\\n"
      "           --figure latency_p99_s --width double",
      [this](const auto& /*registries*/) { return cli::plot(plot_); });
  command
      ->add_option("RESULTS", plot_.results,
                   "Folders with results of 'run', 'sweep' or 'plan', or CSV files of 'codecs' or "
                   "'compress'")
      ->required();
  offer_list(add_repeated(command, "--kind", plot_.kinds, "KIND",
                          "Draw this kind of 'offcut list plots' (default: all that apply)"),
             "plots");
  add_repeated(command, "--figure", plot_.figures, "FIGURE",
               "Of sweeps, draw this column of summary.csv (default: latencies, accuracy)");
  offer_choices(add_repeated(command, "--format", plot_.formats, "FORMAT",
                             "svg, png or pdf (default: svg)"),
                kPlotFormats);
  offer_choices(
      add_text(command, "--width", plot_.width, "WIDTH",
               "single (3.5 in) or double (7.16 in): the columns of a page that a picture takes"),
      kPlotWidths)
      ->capture_default_str();
  add_text(command, "--out", plot_.out, "DIR",
           "Folder for the pictures (default: 'plots' in the folder of results; results/plots for "
           "several)");
  add_quiet(command);
}

void CommandLine::add_page() {
  CLI::App* command = add_command(
      "page", "Make the page of results: charts, the network, tables",
      "The page is one file, report.html in the folder of results, and opens in any browser without "
      "a network. `offcut run --html` and `offcut sweep --html` make it at once.\n\n"
      "Example: offcut page results/quickstart\n"
      "         offcut page results/evaluation --out evaluation.html",
      [this](const auto& registries) { return cli::page(page_, registries); });
  command->add_option("RESULTS", page_.results, "Folder with results of 'run' or 'sweep'")
      ->required();
  add_text(command, "--out", page_.out, "FILE",
           "File for the page (default: report.html in the folder)");
  add_quiet(command);
}

}  // namespace offcut::cli
