// The commands that tell what there is: lists, completion, manual pages.

#include "sim/cli/command_line.h"
#include "sim/cli/common_options.h"
#include "sim/cli/completion.h"
#include "sim/cli/offers.h"

namespace offcut::cli {

void CommandLine::add_list() {
  CLI::App* command = add_command(
      "list", "List what scenarios can name, their keys, the columns of result files, and plots",
      "Example: offcut list devices\n         offcut list columns summary.csv\n"
      "         offcut list keys tiers.edge.cores",
      [this](const auto& registries) { return cli::list(list_, registries); });
  offer_choices(
      command->add_option(
          "KIND", list_.kind,
          "devices, links, models, algorithms, arrivals, operators, codecs, queues, "
          "batching, dispatch, admission, autoscaling, estimators, loads, replanning, "
          "mobility, rates, trace-formats, datasets, augmentations, losses, optimizers, "
          "schedules, gradients, passes, strategies, "
          "aggregators, selections, splits, plots, columns or keys"),
      kLists)
      ->required();
  offer(command->add_option("NAME", list_.file,
                            "With columns: the CSV file, such as summary.csv (default: all "
                            "files). With keys: the path, such as tiers.edge (default: all keys)"),
        {.source = Offer::Source::list_name});
  command->add_flag("--markdown", list_.markdown, "With columns and keys: format them as in docs/");
  add_json(command);
}

void CommandLine::add_completion() {
  CLI::App* command = add_command(
      "completion", "Print a script by which a shell completes offcut's command line",
      "The script asks offcut itself what fits: commands, options, the names of lists, and the "
      "keys of the scenario on the line. Installed packages have it in its place.\n\n"
      "Example: offcut completion bash > ~/.local/share/bash-completion/completions/offcut\n"
      "         offcut completion zsh > ~/.zfunc/_offcut\n"
      "         offcut completion fish > ~/.config/fish/completions/offcut.fish",
      [this](const auto& /*registries*/) { return print_completion_script(shell_); });
  offer_choices(command->add_option("SHELL", shell_, "bash, zsh or fish"), shells())->required();
}

void CommandLine::add_man() {
  CLI::App* command = add_command(
      "man", "Print the manual page of offcut, or of a command, as man reads it",
      "'scenario' in place of a command stands for the page of scenario files.\n\n"
      "Example: offcut man run | man -l -\n"
      "         offcut man --out man",
      [this](const auto& registries) { return man(app_, man_, registries); });
  offer(command->add_option("COMMAND", man_.page,
                            "The command (default: none, the page of offcut)"),
        {.source = Offer::Source::commands});
  add_text(command, "--out", man_.out, "DIR", "Write all pages, in the folders man1 and man5");
}

}  // namespace offcut::cli
