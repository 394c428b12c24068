// `offcut train`: trains a network, epoch by epoch, and writes it as ONNX. After each epoch, a
// checkpoint beside the output is replaced; a run that was killed goes on from there.

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/base/printable.h"
#include "models/base/readable.h"
#include "models/compress/pack.h"
#include "models/dataset/open.h"
#include "models/train/default_loss.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"
#include "sim/cli/console.h"
#include "sim/cli/interruption.h"
#include "sim/cli/learning_commands.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/training_choice.h"
#include "sim/cli/training_progress.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::string checkpoint_of(const TrainArguments& arguments) { return arguments.out + ".checkpoint"; }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Networks, data and options of a run, ready to be trained.
struct Run {
  TrainableModel model;
  std::optional<Graph> teacher;
  dataset::Samples training, validation, test;
  TrainingChoice choice;
  std::vector<train::Exit> exits;
  std::size_t final_exit = 0;
  std::string setting;  // Of the command, beyond the trainer's options.

  const Graph& network() const { return model.network.graph; }
  bool has_classes() const { return !training.labels.absent(); }
  std::vector<std::string> exit_names() const {
    std::vector<std::string> names;
    for (const train::Exit& exit : exits) {
      names.push_back(exit.output);
    }
    return names;
  }
};

void check_files(const TrainArguments& arguments) {
  if (arguments.epochs == 0) {
    if (!arguments.out.empty() || !arguments.log.empty()) {
      throw InputError({arguments.out.empty() ? "--log" : "--out"},
                       "--epochs 0 only judges the model, and writes nothing");
    }
    return;
  }
  if (arguments.out.empty()) {
    throw InputError({"--out"}, "is missing: the ONNX file to write");
  }
  const std::string checkpoint = checkpoint_of(arguments);
  check_can_be_written({arguments.out, arguments.log, checkpoint});
  std::vector<std::string> inputs = dataset::files_of(arguments.dataset);
  inputs.insert(inputs.end(), {arguments.model.model, arguments.teacher});
  refuse_overwriting("--out", {arguments.out, checkpoint}, inputs);
  refuse_overwriting("--log", {arguments.log}, inputs);
  std::error_code ignored;
  if (fs::exists(checkpoint, ignored) && !arguments.resume && !arguments.restart) {
    throw InputError({checkpoint},
                     "is of an unfinished run: --resume goes on, --restart begins again");
  }
}

void choose_loss(const scenario::Registries& registries, Run& run) {
  Named& loss = run.choice.options.loss;
  if (loss.name.empty()) {
    const std::string name =
        train::default_loss(run.network(), run.training, run.teacher.has_value());
    loss = named_from(name, "loss", registries.losses);
  }
  const bool takes_teacher = registries.losses.find(loss.name)->needs_teacher;
  if (takes_teacher != run.teacher.has_value()) {
    throw InputError({"--teacher"},
                     takes_teacher ? fmt::format("is missing; the loss {} needs one", loss.name)
                                   : fmt::format("the loss {} takes no teacher", loss.name));
  }
}

/// Loads everything, and checks that network, samples and exits fit.
Run load_run(const TrainArguments& arguments, TrainingChoice choice,
             const scenario::Registries& registries) {
  Run run{.model = load_trainable(arguments, registries), .choice = std::move(choice)};
  if (!arguments.teacher.empty()) {
    run.teacher = load_math({.model = arguments.teacher}, registries);
  }
  dataset::Dataset data = open_data(arguments.dataset, registries);
  run.training = std::move(data.training);
  run.test = std::move(data.test);
  if (run.choice.validation_share > 0) {
    std::tie(run.training, run.validation) =
        dataset::set_aside(run.training, run.choice.validation_share, run.choice.options.seed);
  }
  choose_loss(registries, run);
  try {
    run.exits = train::exits_of(run.network(), run.choice.options.exits);
  } catch (const std::invalid_argument& error) {
    throw InputError({"--exits"}, error.what());
  }
  run.final_exit = train::final_exit(run.network(), run.exits);
  const Named& loss = run.choice.options.loss;
  for (const dataset::Samples* const samples : {&run.validation, &run.test}) {
    if (samples->count() > 0) {
      train::check_samples(run.network(), *samples, run.exits, *registries.losses.find(loss.name),
                           loss.parameters);
    }
  }
  run.setting = fmt::format("{} {} {}", arguments.dataset, arguments.validate,
                            arguments.patience.value_or(0));
  return run;
}

std::string loss_text(double loss) {
  return std::isfinite(loss) ? fmt::format("{:.5g}", loss) : number_text(loss);
}

std::string percentage(double share) { return fmt::format("{:.2f} %", 100 * share); }

/// Trains, prints a line per epoch and keeps the checkpoint.
class Session {
 public:
  Session(const TrainArguments& arguments, const Run& run, const scenario::Registries& registries)
      : arguments_(arguments),
        run_(run),
        libraries_(registries.training()),
        trainer_(run.network(), run.training, libraries_, options_of(run)) {}

  void resume() {
    std::ifstream file(checkpoint_of(arguments_), std::ios::binary);
    if (!file) {
      return;  // The run was killed before its first checkpoint.
    }
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    try {
      progress_ = TrainingProgress::unpacked(bytes, run_.setting, trainer_);
    } catch (const std::invalid_argument& error) {
      throw InputError({checkpoint_of(arguments_)},
                       fmt::format("can't be resumed: {}; --restart begins again", error.what()));
    }
  }

  void train() {
    first_epoch_ = trainer_.epochs_done();
    if (first_epoch_ > 0) {
      say("resumed after epoch {}\n", first_epoch_);
      announce_checkpoint();
    }
    print_header();
    try {
      while (trainer_.epochs_done() < arguments_.epochs && !is_stale()) {
        run_epoch();
      }
    } catch (const InputError&) {  // It diverged, and would do so again.
      remove_checkpoint();
      throw;
    }
    bar_.hide();
    if (!progress_.best_state.empty()) {
      trainer_.restore(progress_.best_state);
    }
  }

  void remove_checkpoint() const {
    std::error_code ignored;
    fs::remove(checkpoint_of(arguments_), ignored);
  }

  /// Returns the network for the output, in the forms that the file of the model has.
  Graph network() const {
    const compress::Network& given = run_.model.network;
    return given.rules.empty()
               ? trainer_.network()
               : compress::packed({.graph = trainer_.network(), .rules = {}, .grids = given.grids},
                                  libraries_.operators);
  }
  const TrainingProgress& progress() const { return progress_; }

  /// The figures of the network that is written.
  const EpochFigures& final_figures() const {
    return progress_.best_state.empty()
               ? progress_.epochs.back()
               : progress_.epochs[static_cast<std::size_t>(progress_.best_epoch - 1)];
  }

 private:
  static train::TrainerOptions options_of(const Run& run) {
    train::TrainerOptions options = run.choice.options;
    options.teacher = run.teacher ? &*run.teacher : nullptr;
    options.rules = run.model.network.rules;
    return options;
  }

  /// Returns whether the patience for a better epoch has ended.
  bool is_stale() const {
    return arguments_.patience &&
           trainer_.epochs_done() - progress_.best_epoch >= *arguments_.patience;
  }

  void run_epoch() {
    const Interruption interruption;
    const auto start = Clock::now();
    const auto total = static_cast<double>(arguments_.epochs - first_epoch_);
    const auto before = static_cast<double>(trainer_.epochs_done() - first_epoch_);
    const auto record = trainer_.run_epoch([&](double done) {
      interruption.check();
      show((before + done) / total);
      return true;
    });
    EpochFigures figures{.record = *record};
    const Graph now = trainer_.network();
    figures.validation = judged(now, run_.validation);
    figures.test = judged(now, run_.test);
    for (const auto& [part, judgement] :
         {std::pair("validation", &figures.validation), {"test", &figures.test}}) {
      if (*judgement) {
        train::check_judgement(run_.network(), **judgement, part, figures.record.epoch);
      }
    }
    progress_.epochs.push_back(std::move(figures));
    if (progress_.last_is_best()) {
      progress_.best_epoch = trainer_.epochs_done();
      progress_.best_state = arguments_.patience ? trainer_.save() : "";
    }
    write_beside(checkpoint_of(arguments_), [&](const std::string& path) {
      std::ofstream file(path, std::ios::binary);
      const std::string bytes = progress_.packed(trainer_, run_.setting);
      if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush()) {
        throw InputError({path}, "cannot be written");
      }
    });
    announce_checkpoint();
    bar_.hide();
    print_epoch(seconds_since(start));
  }

  std::optional<train::Judgement> judged(const Graph& network,
                                         const dataset::Samples& samples) const {
    if (samples.count() == 0) {
      return std::nullopt;
    }
    return train::judge(network, samples, libraries_, run_.choice.options.loss, run_.exits);
  }

  void announce_checkpoint() const {
    set_kept(fmt::format("{} has {}; --resume goes on", checkpoint_of(arguments_),
                         counted(trainer_.epochs_done(), "epoch")));
  }

  /// Shows the bar a few times per second: a step may take microseconds.
  void show(double done) {
    constexpr double kPause = 0.1;
    if (seconds_since(shown_) >= kPause) {
      bar_.show(done);
      shown_ = Clock::now();
    }
  }

  void print_header() const {
    say("{:>9}  {:>9}  {:>11}  {:>9}", "epoch", "rate", "loss",
        run_.has_classes() ? "accuracy" : "");
    for (const auto& [name, samples] :
         {std::pair("validation", &run_.validation), {"test", &run_.test}}) {
      if (samples->count() > 0) {
        say("  {:>10}", name);
      }
    }
    say("  {:>8}\n", "time");
  }

  void print_epoch(double seconds) const {
    const EpochFigures& figures = progress_.epochs.back();
    say("{:>9}  {:>9.3g}  {:>11.5g}  {:>9}",
        fmt::format("{}/{}", figures.record.epoch, arguments_.epochs), figures.record.rate,
        figures.record.loss, run_.has_classes() ? percentage(figures.record.accuracy) : "");
    for (const auto& judgement : {figures.validation, figures.test}) {
      if (judgement) {
        say("  {:>10}",
            run_.has_classes() ? percentage(judgement->accuracy) : loss_text(judgement->loss));
      }
    }
    say("  {:>8}\n", to_readable(Seconds(seconds)));
    flush_output();
  }

  const TrainArguments& arguments_;
  const Run& run_;
  train::Libraries libraries_;
  train::Trainer trainer_;
  TrainingProgress progress_;
  ProgressBar bar_{"training"};
  Clock::time_point shown_ = Clock::now();
  std::int64_t first_epoch_ = 0;
};

/// The ends of Wilson's interval of 95 % for a share of n.
std::pair<double, double> wilson(double share, double n) {
  constexpr double kZ = 1.959964;
  const double middle = (share + kZ * kZ / (2 * n)) / (1 + kZ * kZ / n);
  const double half =
      kZ / (1 + kZ * kZ / n) * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return {middle - half, middle + half};
}

void print_judgement(const Run& run, const train::Judgement& judgement) {
  const auto count = static_cast<double>(judgement.samples);
  if (!run.has_classes()) {
    say("loss on {}: {}\n", counted(judgement.samples, "test sample"),
        std::isfinite(judgement.loss) ? fmt::format("{:.6g}", judgement.loss)
                                      : number_text(judgement.loss));
    return;
  }
  for (std::size_t i = 0; i < run.exits.size(); ++i) {
    const double accuracy = judgement.exit_accuracies[i];
    const auto [low, high] = wilson(accuracy, count);
    say("{}: {} of {} test samples right, {} (95 % interval: {} to {})\n",
        printable_line(run.exits[i].output), std::llround(accuracy * count), judgement.samples,
        percentage(accuracy), percentage(low), percentage(high));
  }
}

void print_result(const TrainArguments& arguments, const Run& run, const Session& session,
                  double seconds) {
  const EpochFigures& figures = session.final_figures();
  say("\n{}: {} after epoch {}, {}\n", arguments.out, run.network().name(), figures.record.epoch,
      to_readable(Seconds(seconds)));
  if (figures.test) {
    print_judgement(run, *figures.test);
  }
}

/// Judges the network as it is by the test samples.
void judge_only(const TrainArguments& arguments, const Run& run,
                const scenario::Registries& registries) {
  if (run.test.count() == 0) {
    throw InputError({arguments.dataset}, "has no test samples, by which --epochs 0 judges");
  }
  const train::Judgement judgement = train::judge(run.network(), run.test, registries.training(),
                                                  run.choice.options.loss, run.exits);
  say("{}: {} loss {}\n", run.network().name(), run.choice.options.loss.name,
      loss_text(judgement.loss));
  print_judgement(run, judgement);
}

}  // namespace

int train(const TrainArguments& arguments, const scenario::Registries& registries) {
  TrainingChoice choice = training_choice(arguments, registries);
  check_files(arguments);
  const Run run = load_run(arguments, std::move(choice), registries);
  if (arguments.epochs == 0) {
    judge_only(arguments, run, registries);
    return 0;
  }
  const auto start = Clock::now();
  Session session(arguments, run, registries);
  if (arguments.resume) {
    session.resume();
  }
  say("{}: {} for training{}{}; {}, {}\n", run.network().name(),
      counted(run.training.count(), "sample"),
      run.validation.count() > 0 ? fmt::format(", {} for validation", run.validation.count()) : "",
      run.test.count() > 0 ? fmt::format(", {} for tests", run.test.count()) : "",
      run.choice.options.loss.name, run.choice.options.optimizer.name);
  say_undone(run.model.undone);
  set_kept_unchanged(arguments.out);
  session.train();
  write_model_open(session.network(), arguments.out, arguments.model.model, registries.operators,
                   arguments.external_data);
  if (!arguments.log.empty()) {
    write_beside(arguments.log, [&](const std::string& path) {
      write_epochs(session.progress(), run.exit_names(), run.final_exit, run.has_classes(), path);
    });
  }
  session.remove_checkpoint();
  print_result(arguments, run, session, seconds_since(start));
  return 0;
}

}  // namespace offcut::cli
