// The command line. The only file that turns errors into messages and exit codes: 0 done, 2 the
// input is wrong, 1 offcut is.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>

#include "sim/cli/commands.h"
#include "sim/cli/interruption.h"

namespace {

using offcut::cli::RunOptions;

constexpr int kBadInput = 2;
constexpr int kFailure = 1;

constexpr const char* kCutHelp =
    "LAYER[,LAYER]: cut behind these layers. Layers of which none depends on another are one cut, "
    "through parallel branches; a layer that depends on another one of the list is a further cut, "
    "behind which the next tier begins";

constexpr const char* kCodecHelp =
    "NAME[:PARAMETER=VALUE[,PARAMETER=VALUE]][+zstd[:level=N]], see offcut list codecs";

/// The subcommands, with what they take. `action` is set to the one that was called.
class CommandLine {
 public:
  CommandLine()
      : app_(
            "offcut: simulates split inference over device, edge and cloud, with the real layer "
            "math") {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "offcut " OFFCUT_VERSION);
    app_.set_help_all_flag("--help-all", "Help of all commands");
    app_.footer("Example: offcut run scenarios/quickstart.yaml");
    add_run();
    add_plan();
    add_validate();
    add_inspect();
    add_infer();
    add_codecs();
    add_export();
    add_split();
    add_profile();
    add_fit();
    add_list();
  }

  /// Throws CLI::ParseError, also to print help, and InputError.
  void parse(int argc, char** argv) {
    check_command(argc > 1 ? argv[1] : "");
    app_.parse(argc, argv);
    refuse_empty();
  }
  /// Prints the help that was asked for, or what is wrong. Returns the exit code.
  int explain(const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app_.exit(error);
    }
    std::string command = "offcut";
    for (const CLI::App* chosen : app_.get_subcommands()) {
      command += " " + chosen->get_name();
    }
    fmt::print(stderr, "{}: error: {} (see {} --help)\n", command, error.what(), command);
    return kBadInput;
  }
  int act(const offcut::scenario::Registries& registries) { return action_(registries); }

 private:
  /// A command that does not exist gets a better answer than CLI11's.
  void check_command(const std::string& given) const {
    std::vector<std::string> names;
    for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
    }
    if (!given.empty() && given.front() != '-' &&
        std::find(names.begin(), names.end(), given) == names.end()) {
      throw offcut::InputError({"offcut"},
                               fmt::format("unknown command {}{}", offcut::in_quotes(given),
                                           offcut::suggestion(given, names)));
    }
  }

  /// An option that takes one value and gets '' would pass for one that was not given. (Those that
  /// may stand several times check their values themselves.)
  void refuse_empty() const {
    std::vector<offcut::Diagnostic> diagnostics;
    for (const CLI::App* command : app_.get_subcommands()) {
      for (const CLI::Option* option : command->get_options()) {
        if (option->nonpositional() && option->get_items_expected_max() == 1 &&
            option->count() > 0 && option->as<std::string>().empty()) {
          const offcut::Place place{option->get_name()};
          diagnostics.push_back({place, "expected a value, got ''"});
        }
      }
    }
    if (!diagnostics.empty()) {
      throw offcut::InputError(std::move(diagnostics));
    }
  }

  /// An option that may stand several times, with one value each time.
  static void add_repeated(CLI::App* command, const std::string& name,
                           std::vector<std::string>& values, const std::string& help) {
    command->add_option(name, values, help)->allow_extra_args(false);
  }

  static void add_changes(CLI::App* command, offcut::cli::ScenarioChanges& changes) {
    add_repeated(command, "--set", changes.set,
                 "Change a value of the scenario: path=value, as often as you like");
    add_bind(command, changes.bind);
  }

  void add_set(CLI::App* command) { add_changes(command, run_.changes); }

  static void add_bind(CLI::App* command, std::vector<std::string>& bind) {
    add_repeated(command, "--bind", bind,
                 "NAME=N[,NAME=N]: extents of an ONNX model's named dimensions");
  }

  static void add_model(CLI::App* command, offcut::cli::ModelArgument& model,
                        const std::string& help) {
    command->add_option("model", model.model, help)->required();
    add_bind(command, model.bind);
  }

  void add_run() {
    CLI::App* command = app_.add_subcommand("run", "Plan, simulate, and write the results as CSV");
    command->add_option("scenario", run_.scenario, "Scenario (YAML)")->required();
    command->add_option("--out", run_.out, "Folder for the results (default: results/<scenario>)");
    command->add_option("--decisions", run_.decisions,
                        "File for each dispatch and admission of the chosen plan, with the servers "
                        "that it was decided between (CSV)");
    add_set(command);
    command->footer(
        "Example: offcut run scenarios/quickstart.yaml --set network.device-edge.up='10 Mbit/s' "
        "--out /tmp/q");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::run(run_, registries);
      };
    });
  }

  void add_plan() {
    CLI::App* command = app_.add_subcommand(
        "plan", "Set the plans of all algorithms side by side, without simulating");
    command->add_option("scenario", plan_.scenario, "Scenario (YAML)")->required();
    command->add_option("--model", plan_.model,
                        "One of the scenario's models, by its name (default: each of them)");
    command->add_option("--out", plan_.out,
                        "Folder for plans.csv (a row per algorithm), plan.csv (the plans' layers), "
                        "and sensitivity.csv and pareto.csv where they are asked for");
    command->add_flag("--explain", plan_.explain,
                      "What the next best plan costs, and which term decides");
    command->add_option("--sensitivity", plan_.sensitivity,
                        "[NAME.]WHAT=FROM..TO: the values at which the best plan changes. WHAT is "
                        "bandwidth (both ways, in proportion), up, down or latency of a hop "
                        "(default: the first), load of tiers (their times that much longer; "
                        "default: all but the device) or speed of a tier (default: the device)");
    command->add_option("--pareto", plan_.pareto,
                        "Plans that nothing beats in all of these: two or more of latency, energy, "
                        "money, throughput, and accuracy where codecs were measured, with "
                        "commas between");
    command->add_option(
        "--dot", plan_.dot,
        "Write the scenario's own plan as a graph in Graphviz's language; of several "
        "models each one's, plan.dot as plan-NAME.dot");
    add_changes(command, plan_.changes);
    command->footer(
        "Example: offcut plan scenarios/neurosurgeon-alexnet.yaml --set network.device-cloud.up='1 "
        "Mbit/s' --explain --sensitivity 'up=0.1..100 Mbit/s'\n"
        "         offcut plan scenarios/traffic-cameras.yaml --model detector --explain --set "
        "models.detector.plan='{algorithm: exact, limits: {pin-first: 2}}'");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::plan(plan_, registries);
      };
    });
  }

  void add_validate() {
    CLI::App* command = app_.add_subcommand("validate", "Check scenarios and report every error");
    command->add_option("scenario", scenarios_, "Scenarios (YAML)")->required();
    add_set(command);
    command->footer("Example: offcut validate scenarios/*.yaml");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::validate(scenarios_, run_.changes, registries);
      };
    });
  }

  void add_inspect() {
    CLI::App* command =
        app_.add_subcommand("inspect", "Show a model's layers, shapes, work, bytes and legal cuts");
    add_model(command, model_, "zoo:NAME, an ONNX file, or a layer table (.csv)");
    command->add_option("--out", run_.out,
                        "A CSV file: what a device's time for each layer depends on");
    command->footer("Example: offcut inspect zoo:alexnet");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::inspect(model_, run_.out, registries);
      };
    });
  }

  void add_infer() {
    CLI::App* command = app_.add_subcommand(
        "infer", "Run a model on arrays from files, whole or cut, and write what it answers");
    add_model(command, infer_.model, "zoo:NAME or an ONNX file");
    add_repeated(command, "--input", infer_.inputs,
                 "NAME=FILE: an input from a NumPy array (.npy) or an ONNX tensor (.pb); NAME= can "
                 "be left out where there is one input");
    add_repeated(command, "--cut", infer_.cut, kCutHelp);
    command->add_option("--codec", infer_.codec,
                        std::string("Of the tensors that cross the cut: ") + kCodecHelp);
    command
        ->add_option("--engine", infer_.engine,
                     "reference: the same bits however the model is cut; fast: prepared "
                     "kernels, within 1e-5 of the largest output")
        ->capture_default_str();
    command->add_option("--threads", infer_.threads, "Threads of the fast engine")
        ->capture_default_str();
    command->add_option("--labels", infer_.labels, "Text file with the name of a class per line");
    command->add_option("--format", infer_.format, "Of the outputs: npy or pb")
        ->capture_default_str();
    command->add_option("--out", infer_.out, "Folder for the outputs, a file each")->required();
    command->footer(
        "Example: offcut infer zoo:lenet5 --input image.npy --cut pool1 --out /tmp/answer");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::infer(infer_, registries);
      };
    });
  }

  void add_codecs() {
    CLI::App* command = app_.add_subcommand(
        "codecs", "Measure what codecs do to a model at a cut: bytes, error, accuracy, time");
    add_model(command, codecs_.model, "zoo:NAME or an ONNX file");
    add_repeated(command, "--cut", codecs_.cut,
                 "LAYER[,LAYER]: the cut behind these layers, through parallel branches; all: "
                 "every legal cut");
    add_repeated(command, "--codec", codecs_.codecs, kCodecHelp);
    command->add_option("--dataset", codecs_.dataset,
                        "Folder with IDX files of images and labels, or the name of one that "
                        "offcut ships (digits); without it, inputs are drawn");
    command->add_option("--samples", codecs_.samples,
                        "So many of the inputs, evenly spread (default: all of a data set, or 20)");
    command->add_option("--divide", codecs_.divide, "A byte b of an image is the value b / divide")
        ->capture_default_str();
    command->add_option("--engine", codecs_.engine, "reference or fast")->capture_default_str();
    command->add_option("--out", codecs_.out, "Write the table as CSV too, with all its columns");
    command->add_option("--cache", codecs_.cache,
                        "Folder in which measures are kept (codecs-<content>.csv): those that are "
                        "there are not measured again; plan.cache of a scenario reads it too");
    command->footer(
        "Example: offcut codecs models/data/digits/digits_cnn.onnx --cut relu4 --dataset digits "
        "--engine fast");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::codecs(codecs_, registries);
      };
    });
  }

  void add_export() {
    CLI::App* command = app_.add_subcommand("export", "Write a model with its weights as ONNX");
    add_model(command, model_, "zoo:NAME or an ONNX file");
    command->add_option("--out", run_.out, "The ONNX file to write")->required();
    command->footer("Example: offcut export zoo:alexnet --out alexnet.onnx");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::export_model(model_, run_.out, registries);
      };
    });
  }

  void add_split() {
    CLI::App* command =
        app_.add_subcommand("split", "Write one ONNX file per tier, to be run one after the other");
    add_model(command, split_.model, "zoo:NAME or an ONNX file");
    add_repeated(command, "--cut", split_.cut, kCutHelp);
    command->add_option("--plan", split_.plan, "Instead of --cut: a plan.csv of offcut run");
    command->add_option("--algorithm", split_.algorithm,
                        "Whose plan of plan.csv (default: its first)");
    command->add_option("--plan-model", split_.plan_model,
                        "Which model's, by its name in the scenario, where plan.csv has several");
    command->add_option("--codec", split_.codec,
                        "Written into the files as ONNX operators: each tensor that crosses is "
                        "encoded behind the layers that make it and decoded before those that "
                        "read it; see offcut list codecs. Left out: as the plan says; fp32: as it "
                        "is");
    command->add_option("--out", split_.out, "Folder for the files: 0-device.onnx, 1-cloud.onnx")
        ->required();
    command->footer(
        "A file takes the model's inputs that its layers read and the tensors that cross to it, by "
        "name, and gives the tensors that cross from it and the model's outputs.\n"
        "Example: offcut split zoo:alexnet --cut pool5 --out /tmp/alexnet");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::split(split_, registries);
      };
    });
  }

  void add_profile() {
    CLI::App* command = app_.add_subcommand(
        "profile",
        "Measure each layer of models on this machine, and write the times as one CSV file");
    command->add_option("models", profile_.models, "zoo:NAME or ONNX files")->required();
    add_bind(command, profile_.bind);
    std::vector<CLI::Option*> measured = {
        command->add_option("--threads", profile_.threads, "Threads of the fast engine"),
        command->add_option("--batch", profile_.batch, "Batch sizes, with commas between: 1,2,4,8"),
        command->add_option("--engine", profile_.engine, "fast or reference"),
        command->add_option("--rounds", profile_.rounds,
                            "How often a layer is measured; its time is the median")};
    CLI::Option* from = command->add_option(
        "--from", profile_.from,
        "Don't measure, but read another tool's profile: ONNX Runtime's (JSON), TensorRT's "
        "(trtexec "
        "--exportProfile, JSON) or TFLite's (benchmark_model --enable_op_profiling, CSV)");
    for (CLI::Option* option : measured) {
      option->capture_default_str();
      option->excludes(from);
    }
    command->add_option("--out", profile_.out, "The CSV file to write")->required();
    command->footer(
        "With one thread times are CPU time, which other work on the machine disturbs less. "
        "Several "
        "models take turns, round by round, so that the same happens to all of them; they are all "
        "in "
        "memory. A fused kernel's time is shared among its layers in proportion to their MACs.\n"
        "A scenario takes the file with tiers: {device: {profile: resnet50.csv}}.\n"
        "Example: offcut profile zoo:resnet50 --out resnet50.csv\n"
        "         offcut profile zoo:resnet18 zoo:vgg16 zoo:mobilenet-v2 --out device.csv\n"
        "         offcut profile zoo:resnet50 --from onnxruntime.json --out theirs.csv");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return profile_.from.empty() ? offcut::cli::profile(profile_, registries)
                                     : offcut::cli::import_profile(profile_, registries);
      };
    });
  }

  void add_fit() {
    CLI::App* command = app_.add_subcommand(
        "fit", "Fit a device to profiles of a few models, so that it is known for any other");
    command->add_option("profiles", fit_.profiles, "Files of offcut profile, from one device")
        ->required();
    command->add_option("--out", fit_.out, "The device to write (YAML)")->required();
    command->footer(
        "Prints how well each model is predicted from the others. A scenario takes the file with "
        "tiers: {device: {fitted: device.yaml}}.\n"
        "Example: offcut fit device.csv --out device.yaml");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries&) { return offcut::cli::fit(fit_); };
    });
  }

  void add_list() {
    CLI::App* command = app_.add_subcommand(
        "list", "List what scenarios can name, their keys, and columns of results");
    command
        ->add_option("kind", list_.what,
                     "devices, networks, models, algorithms, arrivals, operators, codecs, queues, "
                     "batching, dispatch, admission, columns or keys")
        ->required();
    command->add_option(
        "file", list_.file,
        "Of columns: the CSV file, such as summary.csv (default: all files). Of keys: "
        "the path, such as tiers.edge (default: all keys)");
    command->add_flag("--markdown", list_.markdown, "Of columns and keys: as docs/ has them");
    command->footer(
        "Example: offcut list devices\n         offcut list columns summary.csv\n         "
        "offcut list keys tiers.edge.cores");
    command->callback([this] {
      action_ = [this](const offcut::scenario::Registries& registries) {
        return offcut::cli::list(list_, registries);
      };
    });
  }

  CLI::App app_;
  RunOptions run_;
  offcut::cli::PlanOptions plan_;
  offcut::cli::InferOptions infer_;
  offcut::cli::CodecsOptions codecs_;
  offcut::cli::SplitOptions split_;
  offcut::cli::ProfileOptions profile_;
  offcut::cli::FitOptions fit_;
  offcut::cli::ModelArgument model_;
  std::vector<std::string> scenarios_;
  offcut::cli::ListOptions list_;
  std::function<int(const offcut::scenario::Registries&)> action_;
};

void print_diagnostics(const std::vector<offcut::Diagnostic>& diagnostics) {
  constexpr std::size_t kMostShown = 100;  // more say that the file is something else altogether
  for (std::size_t i = 0; i < std::min(diagnostics.size(), kMostShown); ++i) {
    fmt::print(stderr, "{}\n", to_text(diagnostics[i]));
  }
  if (diagnostics.size() > kMostShown) {
    fmt::print(stderr, "... and {} more\n", diagnostics.size() - kMostShown);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CommandLine line;
  try {
    line.parse(argc, argv);
    return line.act(offcut::scenario::Registries());
  } catch (const CLI::ParseError& error) {
    return line.explain(error);
  } catch (const offcut::InputError& error) {
    print_diagnostics(error.diagnostics());
    return kBadInput;
  } catch (const offcut::cli::Interrupted& interrupted) {
    std::raise(interrupted.signal);
    return kFailure;  // not reached
  } catch (const std::exception& error) {
    fmt::print(stderr, "offcut failed: {}\n", error.what());
    return kFailure;
  }
}
