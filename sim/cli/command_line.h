#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "sim/cli/answer_commands.h"
#include "sim/cli/calibrate_command.h"
#include "sim/cli/commands.h"
#include "sim/cli/editing_commands.h"
#include "sim/cli/learning_commands.h"
#include "sim/cli/man_pages.h"
#include "sim/cli/page_command.h"
#include "sim/cli/plot_command.h"
#include "sim/cli/probe_command.h"
#include "sim/cli/serve_command.h"
#include "sim/cli/sweep_commands.h"

namespace offcut::cli {

/// The commands with their options. parse() reads the arguments, run() runs the command.
class CommandLine {
 public:
  CommandLine();

  /// Throws CLI::ParseError, also to show help, and InputError.
  void parse(int argc, char** argv);
  /// Prints the help that was asked for, or the error. Returns the exit code.
  int explain(const CLI::ParseError& error);
  /// Without a command, prints the help of the program. Returns the exit code.
  int run(const scenario::Registries& registries);

 private:
  using Action = std::function<int(const scenario::Registries&)>;

  CLI::App* add_command(const std::string& name, const std::string& description,
                        const std::string& examples, Action action);
  void add_quiet(CLI::App* command);
  void add_json(CLI::App* command);
  void add_max_memory(CLI::App* command);
  void add_model(CLI::App* command, ModelArgument& model, const std::string& help);
  void add_run();
  void add_sweep();
  void add_answer_options(CLI::App* command, AnswerArguments& common,
                          const std::string& replications, const std::string& out);
  void add_compare();
  void add_size();
  void add_recommend();
  void add_screen();
  void add_plot();
  void add_page();
  void add_plan();
  void add_validate();
  void add_inspect();
  void add_infer();
  void add_codecs();
  void add_export();
  void add_split();
  void add_serve();
  void add_profile();
  void add_fit();
  void add_calibrate();
  void add_predict();
  void add_probe();
  void add_list();
  void add_init();
  void add_schema();
  void add_completion();
  void add_man();
  void add_train();
  void add_compress();
  void begin_json_if_given(const std::vector<std::string>& arguments);
  std::string unexpected_text() const;
  void check_command(const std::string& given) const;
  void refuse_empty() const;

  CLI::App app_;
  RunOptions run_;
  SweepArguments sweep_;
  CompareArguments compare_;
  SizeArguments size_;
  RecommendArguments recommend_;
  ScreenArguments screen_;
  PlotArguments plot_;
  PageArguments page_;
  PlanOptions plan_;
  InferOptions infer_;
  CodecsOptions codecs_;
  ExportArguments export_;
  SplitOptions split_;
  ServeArguments serve_;
  ProfileOptions profile_;
  FitOptions fit_;
  CalibrateArguments calibrate_;
  PredictOptions predict_;
  ProbeArguments probe_;
  ModelArgument model_;
  std::string out_;  // Of inspect.
  std::vector<std::string> scenarios_;
  ScenarioChanges changes_;  // Of validate.
  ListOptions list_;
  InitArguments init_;
  std::string schema_ = "scenario";
  std::string shell_;  // Of completion.
  ManOptions man_;
  TrainArguments train_;
  CompressArguments compress_;
  bool quiet_ = false;
  bool json_ = false;
  std::string max_memory_;
  Action action_;
};

}  // namespace offcut::cli
