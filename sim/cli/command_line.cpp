// The commands, their options and their help. CLI11 reads the arguments; its messages are replaced
// where it does not know enough, and its help is laid out by HelpFormat.

#include "sim/cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "models/base/printable.h"
#include "sim/cli/common_options.h"
#include "sim/cli/completion.h"
#include "sim/cli/console.h"
#include "sim/cli/exit_codes.h"
#include "sim/cli/help_format.h"
#include "sim/cli/json_document.h"
#include "sim/cli/memory_option.h"
#include "sim/cli/offers.h"
#include "sim/cli/option_text.h"
#include "sim/cli/set_arguments.h"
#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

constexpr const char* kCutHelp =
    "Cut after these layers. Layers of which none depends on another are one cut, through parallel "
    "branches; a layer that depends on another one of the list is a further cut, after which the "
    "next tier begins";
constexpr const char* kCodecType = "NAME[:KEY=VALUE[,...]][+zstd[:level=N]]";

/// Returns "Exit codes: 0 done; 1 ...".
std::string exit_codes_text() {
  std::string text;
  for (const auto& [code, meaning] : kExitCodes) {
    text += fmt::format("{} {} {}", text.empty() ? "Exit codes:" : ";", int{code}, meaning);
  }
  return text + '.';
}

void add_external_data(CLI::App* command, bool& external_data) {
  command->add_flag("--external-data", external_data,
                    "Write the weights into a file of their own, FILE.data for FILE, as is done "
                    "anyway if they take more than 2 GB");
}

void add_engine(CLI::App* command, std::string& engine, const std::string& help) {
  offer_choices(add_text(command, "--engine", engine, "NAME", help), kEngines)
      ->capture_default_str();
}

}  // namespace

CommandLine::CommandLine()
    : app_("Simulate split inference over device, edge and cloud, with the real layer math.",
           "offcut") {
  app_.formatter(std::make_shared<HelpFormat>(text_columns()));
  app_.require_subcommand(0, 1);
  app_.set_version_flag("--version", "offcut " OFFCUT_VERSION "\nwith " OFFCUT_LIBRARIES,
                        "Print the versions of offcut and its main libraries, and exit");
  app_.set_help_flag("-h,--help", "Print this help, and exit");
  app_.set_help_all_flag("--help-all", "Print the help of all commands, and exit");
  app_.footer(
      fmt::format("`offcut COMMAND --help` explains a command.\n\n{}\n\nExample: offcut run "
                  "scenarios/quickstart.yaml",
                  exit_codes_text()));
  add_run();
  add_sweep();
  add_compare();
  add_size();
  add_recommend();
  add_screen();
  add_plot();
  add_page();
  add_plan();
  add_validate();
  add_inspect();
  add_infer();
  add_codecs();
  add_train();
  add_compress();
  add_export();
  add_split();
  add_serve();
  add_profile();
  add_fit();
  add_predict();
  add_probe();
  add_calibrate();
  add_list();
  add_init();
  add_schema();
  add_completion();
  add_man();
}

void CommandLine::parse(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (argc > 1 && arguments[1] == kCompleteCommand) {
    action_ = [this, words = std::vector(arguments.begin() + 2, arguments.end())](
                  const auto& registries) { return print_completions(app_, words, registries); };
    return;
  }
  check_command(argc > 1 ? arguments[1] : "");
  begin_json_if_given(arguments);
  check_set_arguments(arguments, false);
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    check_set_arguments(arguments, true);
    throw CLI::ParseError(unexpected_text(), kBadInput);
  }
  refuse_empty();
  set_quiet(quiet_);
  set_max_memory(max_memory_);
}

/// Describes the arguments that the command does not take, in their order. CLI11 prints them in
/// reverse, and has no suggestion.
std::string CommandLine::unexpected_text() const {
  const std::vector<std::string> rest = app_.remaining(true);
  const auto option = std::find_if(rest.begin(), rest.end(),
                                   [](const std::string& text) { return text.starts_with('-'); });
  if (option == rest.end()) {
    return fmt::format("The following argument{} not expected: {}",
                       rest.size() == 1 ? " was" : "s were", fmt::join(rest, " "));
  }
  std::vector<std::string> names;
  for (const CLI::App* command : app_.get_subcommands()) {
    for (const CLI::Option* known : command->get_options()) {
      for (const std::string& name : known->get_lnames()) {
        names.push_back("--" + name);
      }
    }
  }
  return fmt::format("unknown option {}{}", in_quotes(*option), suggestion(*option, names));
}

/// Begins the document before the arguments are parsed, so that it also has their errors.
void CommandLine::begin_json_if_given(const std::vector<std::string>& arguments) {
  const auto end = std::find(arguments.begin(), arguments.end(), "--");
  if (std::find(arguments.begin(), end, "--json") == end) {
    return;
  }
  const CLI::App* command = find_command(app_, arguments[1]);
  if (command != nullptr && command->get_option_no_throw("--json") != nullptr) {
    begin_json(arguments[1]);
  }
}

int CommandLine::explain(const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    std::ostringstream help;
    app_.exit(error, help, help);
    write_document(printable(help.str()));  // Also beside --json, which silences all other text.
    flush_output();
    return 0;
  }
  std::string command = "offcut";
  for (const CLI::App* chosen : app_.get_subcommands()) {
    command += " " + chosen->get_name();
  }
  fmt::print(stderr, "{}: error: {} (see {} --help)\n", command, printable(error.what()), command);
  print_json_errors({{{command}, error.what()}});
  return kBadInput;
}

int CommandLine::run(const scenario::Registries& registries) {
  int code = 0;
  if (action_) {
    code = action_(registries);
  } else {
    say("{}", app_.help());
  }
  flush_output();
  return code;
}

/// For an unknown command, CLI11 has no suggestion.
void CommandLine::check_command(const std::string& given) const {
  std::vector<std::string> names;
  for (const CLI::App* command : commands_of(app_)) {
    names.push_back(command->get_name());
  }
  if (!given.empty() && given.front() != '-' &&
      std::find(names.begin(), names.end(), given) == names.end()) {
    throw InputError({"offcut"}, fmt::format("unknown command {}{}", in_quotes(given),
                                             suggestion(given, names)));
  }
}

/// An option with one value, '', would otherwise look like one that was not given. Options that may
/// be repeated check their values themselves.
void CommandLine::refuse_empty() const {
  std::vector<Diagnostic> diagnostics;
  for (const CLI::App* command : app_.get_subcommands()) {
    for (const CLI::Option* option : command->get_options()) {
      if (option->nonpositional() && option->get_items_expected_max() == 1 && option->count() > 0 &&
          option->as<std::string>().empty()) {
        diagnostics.push_back({Place{option->get_name()}, "expected a value, got ''"});
      }
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

CLI::App* CommandLine::add_command(const std::string& name, const std::string& description,
                                   const std::string& examples, Action action) {
  CLI::App* command = app_.add_subcommand(name, description);
  command->group("Commands");
  command->footer(examples);
  command->callback([this, action = std::move(action)] { action_ = action; });
  return command;
}

void CommandLine::add_quiet(CLI::App* command) {
  command->add_flag("-q,--quiet", quiet_, "Print errors only, and no progress");
}

void CommandLine::add_json(CLI::App* command) {
  command->add_flag("--json", json_,
                    "Print one JSON document in place of all text, errors included");
}

void CommandLine::add_max_memory(CLI::App* command) {
  add_text(command, "--max-memory", max_memory_, "SIZE",
           "Refuse tensors that together take more, as in '4 GB' (default: the memory that the "
           "machine has available)");
}

void CommandLine::add_model(CLI::App* command, ModelArgument& model, const std::string& help) {
  command->add_option("MODEL", model.model, help)->required();
  add_bind(command, model.bind);
  add_fix(command, model.fix);
}

void CommandLine::add_run() {
  CLI::App* command =
      add_command("run", "Plan and simulate a scenario, and write the results as CSV",
                  "Example: offcut run scenarios/quickstart.yaml --seed 2 --out /tmp/q \\\n"
                  "           --set network.device-edge.up='10 Mbit/s'",
                  [this](const auto& registries) { return cli::run(run_, registries); });
  command->add_option("SCENARIO", run_.scenario, "Scenario (YAML)")->required();
  add_text(command, "--out", run_.out, "DIR",
           "Folder for the results (default: results/, and the name of the scenario)");
  add_text(command, "--decisions", run_.decisions, "FILE",
           "Write each dispatch and admission of the chosen plan, with the servers that there were "
           "to choose from (CSV)");
  add_text(command, "--timeline", run_.timeline, "FILE",
           "Write what devices, links and servers do over time in the run of the chosen plan, as a "
           "trace for https://ui.perfetto.dev (JSON)");
  command->add_flag("--html", run_.html,
                    "Also write report.html, a page with charts, the network and all tables");
  add_text(command, "--seed", run_.changes.seed, "N",
           "Seed of all random numbers; the same as --set seed=N");
  add_text(command, "--budget", run_.budget, "TIME",
           "Time for the search of a plan under load, as it is estimated")
      ->capture_default_str();
  add_changes(command, run_.changes);
  add_json(command);
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_plan() {
  CLI::App* command = add_command(
      "plan", "Compare the plans of all algorithms, without simulating",
      "Example: offcut plan scenarios/neurosurgeon-alexnet.yaml --explain \\\n"
      "           --set network.device-cloud.up='1 Mbit/s' \\\n"
      "           --sensitivity 'up=0.1..100 Mbit/s'\n"
      "         offcut plan scenarios/traffic-cameras.yaml --model detector \\\n"
      "         --set models.detector.plan='{algorithm: exact, limits: {pin-first: 2}}'",
      [this](const auto& registries) { return cli::plan(plan_, registries); });
  command->add_option("SCENARIO", plan_.scenario, "Scenario (YAML)")->required();
  add_text(command, "--model", plan_.model, "NAME",
           "Plan only this one of the scenario's models (default: all)");
  add_text(command, "--out", plan_.out, "DIR",
           "Folder for plans.csv (a row per algorithm), plan.csv (the layers of the plans), and "
           "sensitivity.csv and pareto.csv if these studies are asked for");
  command->add_flag(
      "--explain", plan_.explain,
      "Compare the best plan with the next best one, and name the deciding term; under "
      "load, also say what the choice of cuts and of each kind of policy brings");
  add_text(command, "--sensitivity", plan_.sensitivity, "[NAME.]PARAMETER=FROM..TO",
           "Find the values at which the best plan changes. PARAMETER is bandwidth (both ways, in "
           "proportion), up, down or latency of a hop (default: the first), load of a tier (which "
           "multiplies its times; default: all tiers but the device) or speed of a tier (default: "
           "the device)");
  offer(add_text(command, "--pareto", plan_.pareto, "NAME,NAME[,NAME]",
                 "Find the plans that no other plan beats in all of these: two or more of "
                 "latency, energy, money, throughput, and accuracy if codecs were measured"),
        {.source = Offer::Source::axes});
  add_text(command, "--dot", plan_.dot, "FILE",
           "Draw the scenario's own plan in the language of Graphviz. Of several models, each has "
           "a drawing: plan-NAME.dot for plan.dot");
  add_text(command, "--budget", plan_.budget, "TIME",
           "Leave out algorithms that would take longer for a model, by their growth (see offcut "
           "list algorithms); also the time for the search under load")
      ->capture_default_str();
  add_changes(command, plan_.changes);
  add_json(command);
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_validate() {
  CLI::App* command = add_command(
      "validate", "Check scenarios, and report every error",
      "Example: offcut validate scenarios/*.yaml",
      [this](const auto& registries) { return cli::validate(scenarios_, changes_, registries); });
  command->add_option("SCENARIO", scenarios_, "Scenarios (YAML)")->required();
  add_changes(command, changes_);
  add_json(command);
  add_quiet(command);
}

void CommandLine::add_inspect() {
  CLI::App* command = add_command(
      "inspect", "Show a model's layers, shapes, work, bytes and legal cuts",
      "Example: offcut inspect zoo:alexnet",
      [this](const auto& registries) { return cli::inspect(model_, out_, registries); });
  add_model(command, model_, "zoo:NAME, an ONNX file, or a layer table (.csv)");
  offer_models(command->get_option("MODEL"), {".onnx", ".csv"});
  add_text(command, "--out", out_, "FILE",
           "Write the figures that a device's time for each layer depends on (CSV)");
  add_json(command);
  add_quiet(command);
}

void CommandLine::add_infer() {
  CLI::App* command = add_command(
      "infer", "Run a model on arrays from files, whole or cut, and write its outputs",
      "Example: offcut infer zoo:lenet5 --input image.npy --cut pool1 --out /tmp/answer",
      [this](const auto& registries) { return cli::infer(infer_, registries); });
  add_model(command, infer_.model, kMathModel);
  add_repeated(command, "--input", infer_.inputs, "[NAME=]FILE",
               "Read an input from a NumPy array (.npy) or an ONNX tensor (.pb). A single input "
               "needs no NAME");
  add_repeated(command, "--cut", infer_.cut, "LAYER[,LAYER]", kCutHelp);
  offer_list(add_text(command, "--codec", infer_.codec, kCodecType,
                      "Encode the tensors that cross the cut; see offcut list codecs"),
             "codecs");
  add_engine(command, infer_.engine,
             "reference: the same bits however the model is cut; fast: prepared kernels, within "
             "1e-5 of the largest output");
  command->add_option("--threads", infer_.threads, "Threads of the fast engine")
      ->type_name("N")
      ->capture_default_str();
  add_text(command, "--labels", infer_.labels, "FILE",
           "Text file with the name of a class per line");
  offer_choices(
      add_text(command, "--format", infer_.format, "NAME", "Format of the outputs: npy or pb"),
      kTensorFormats)
      ->capture_default_str();
  add_text(command, "--out", infer_.out, "DIR", "Folder for the outputs, a file each")->required();
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_codecs() {
  CLI::App* command = add_command(
      "codecs", "Measure the bytes, error, accuracy and time of codecs at a model's cuts",
      "Example: offcut codecs models/data/digits/digits_cnn.onnx --cut relu4 \\\n"
      "           --dataset digits --engine fast",
      [this](const auto& registries) { return cli::codecs(codecs_, registries); });
  add_model(command, codecs_.model, kMathModel);
  add_repeated(command, "--cut", codecs_.cut, "LAYER[,LAYER]",
               "Cut after these layers, through parallel branches; all: every legal cut");
  offer_list(add_repeated(command, "--codec", codecs_.codecs, kCodecType,
                          "Measure this codec (default: every kind, with zstd and without); see "
                          "offcut list codecs"),
             "codecs");
  add_text(command, "--dataset", codecs_.dataset, "DIR",
           "Folder with IDX files of images and labels, or the name of one that offcut ships "
           "(digits). Without it, inputs are drawn at random");
  command
      ->add_option("--samples", codecs_.samples,
                   "Use N of the inputs, evenly spread (default: all of a data set, or 20)")
      ->type_name("N");
  command
      ->add_option("--divide", codecs_.divide,
                   "Divide the bytes of an image by this to get the values of the input")
      ->type_name("NUMBER")
      ->capture_default_str();
  add_engine(command, codecs_.engine, "reference or fast");
  add_text(command, "--out", codecs_.out, "FILE", "Write the table, with all its columns (CSV)");
  add_text(command, "--cache", codecs_.cache, "DIR",
           "Keep the measures in this folder (codecs-<content>.csv), and reuse those that it has. "
           "plan.cache of a scenario reads it, too");
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_export() {
  CLI::App* command = add_command(
      "export", "Write a model with its weights as ONNX",
      "Example: offcut export zoo:alexnet --out alexnet.onnx",
      [this](const auto& registries) { return cli::export_model(export_, registries); });
  add_model(command, export_.model, kMathModel);
  add_external_data(command, export_.external_data);
  add_text(command, "--out", export_.out, "FILE", "The ONNX file to write")->required();
  add_max_memory(command);
  add_quiet(command);
}

void CommandLine::add_split() {
  CLI::App* command = add_command(
      "split", "Write one ONNX file per tier, to be run one after the other",
      "The inputs of a file are the model's inputs that its layers read and the tensors that cross "
      "to it; its outputs are the tensors that cross from it and the model's outputs. All keep "
      "their names.\n\nExample: offcut split zoo:alexnet --cut pool5 --out /tmp/alexnet",
      [this](const auto& registries) { return cli::split(split_, registries); });
  add_model(command, split_.model, kMathModel);
  add_repeated(command, "--cut", split_.cut, "LAYER[,LAYER]", kCutHelp);
  offer_files(add_text(command, "--plan", split_.plan, "FILE",
                       "Cut as in a plan.csv of offcut run or plan"),
              {".csv"});
  offer_list(add_text(command, "--algorithm", split_.algorithm, "NAME",
                      "Take this algorithm's plan of plan.csv (default: the first)"),
             "algorithms");
  add_text(command, "--plan-model", split_.plan_model, "NAME",
           "Take this model's plan, by its name in the scenario, if plan.csv has several");
  offer_list(
      add_text(command, "--codec", split_.codec, kCodecType,
               "Write a codec into the files as ONNX operators: each tensor that crosses is "
               "encoded after the layer that makes it, and decoded before those that read it; "
               "fp32: none (default: as in the plan); see offcut list codecs"),
      "codecs");
  add_external_data(command, split_.external_data);
  add_text(command, "--out", split_.out, "DIR", "Folder for the files: 0-device.onnx, 1-cloud.onnx")
      ->required();
  add_max_memory(command);
  add_quiet(command);
}

}  // namespace offcut::cli
