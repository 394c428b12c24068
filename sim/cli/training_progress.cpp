// The figures of a training run by epoch: in its checkpoint, and as epochs.csv. Times are in
// neither, so that the same run gives the same bytes.

#include "sim/cli/training_progress.h"

#include <array>
#include <stdexcept>

#include "models/base/printable.h"
#include "models/train/run_state.h"

namespace offcut::cli {
namespace {

constexpr const char* kForm = "offcut train 2";

void write_numbers(train::StateWriter& out, const std::vector<double>& numbers) {
  out.integer(static_cast<std::int64_t>(numbers.size()));
  for (const double number : numbers) {
    out.number(number);
  }
}

std::vector<double> read_numbers(train::StateReader& in) {
  std::vector<double> numbers;
  for (std::int64_t i = in.integer(); i > 0; --i) {
    numbers.push_back(in.number());
  }
  return numbers;
}

void write_judgement(train::StateWriter& out, const std::optional<train::Judgement>& judgement) {
  out.integer(judgement ? 1 : 0);
  if (judgement) {
    out.number(judgement->loss);
    out.number(judgement->accuracy);
    out.integer(judgement->samples);
    write_numbers(out, judgement->exit_losses);
    write_numbers(out, judgement->exit_accuracies);
  }
}

std::optional<train::Judgement> read_judgement(train::StateReader& in) {
  if (in.integer() == 0) {
    return std::nullopt;
  }
  train::Judgement judgement{.loss = in.number(), .accuracy = in.number(), .samples = in.integer()};
  judgement.exit_losses = read_numbers(in);
  judgement.exit_accuracies = read_numbers(in);
  return judgement;
}

bool is_better(const train::Judgement& a, const train::Judgement& b) {
  return a.accuracy != b.accuracy ? a.accuracy > b.accuracy : a.loss < b.loss;
}

using Judged = std::optional<train::Judgement>;

std::optional<double> loss_of(const EpochRow& row, const Judged& judged) {
  return judged ? std::optional(judged->exit_losses[row.number]) : std::nullopt;
}

std::optional<double> accuracy_of(const EpochRow& row, const Judged& judged) {
  return judged && row.has_classes ? std::optional(judged->exit_accuracies[row.number])
                                   : std::nullopt;
}

constexpr auto kEpochColumns = std::to_array<Column<EpochRow>>({
    {"epoch", "", "The number of the epoch, from 1 on.",
     [](const EpochRow& row) { return row.figures.record.epoch; }},
    {"exit", "", "The network's output.",
     [](const EpochRow& row) { return printable_line(row.exit); }},
    {"steps", "", "The steps since the beginning of the run.",
     [](const EpochRow& row) { return row.figures.record.steps; }},
    {"rate", "", "The learning rate of the epoch's last step.",
     [](const EpochRow& row) { return row.figures.record.rate; }},
    {"training_loss", "",
     "The exit's own mean loss on the training samples while the weights changed, without its "
     "weight.",
     [](const EpochRow& row) { return row.figures.record.exit_losses[row.number]; }},
    {"training_accuracy", "",
     "The share of right answers of the exit that most layers lead to, meanwhile. Empty for the "
     "other exits, and for a regression.",
     [](const EpochRow& row) {
       return row.is_final && row.has_classes ? std::optional(row.figures.record.accuracy)
                                              : std::nullopt;
     }},
    {"validation_loss", "",
     "The exit's own loss on the samples that `--validate` sets aside, after the epoch. Empty "
     "without them.",
     [](const EpochRow& row) { return loss_of(row, row.figures.validation); }},
    {"validation_accuracy", "",
     "The share of right answers among them. Empty without them, and for a regression.",
     [](const EpochRow& row) { return accuracy_of(row, row.figures.validation); }},
    {"test_loss", "",
     "The exit's own loss on the test samples, after the epoch. Empty if the data set has none.",
     [](const EpochRow& row) { return loss_of(row, row.figures.test); }},
    {"test_accuracy", "",
     "The share of right answers among them. Empty without them, and for a regression.",
     [](const EpochRow& row) { return accuracy_of(row, row.figures.test); }},
});

constexpr ColumnTable<EpochRow> kEpochTable{
    "epochs.csv",
    "A row per epoch and exit, written by `offcut train --log FILE`. Losses on validation and test "
    "samples are without a teacher's part.",
    kEpochColumns,
    "`sim/cli/training_progress.cpp`. The figures are computed in `models/train/trainer.cpp` and "
    "`models/train/evaluation.cpp`."};

}  // namespace

bool TrainingProgress::last_is_best() const {
  const Judged& last = epochs.back().validation;
  if (!last) {
    return false;
  }
  return best_epoch == 0 ||
         is_better(*last, *epochs[static_cast<std::size_t>(best_epoch - 1)].validation);
}

std::string TrainingProgress::packed(const train::Trainer& trainer,
                                     const std::string& setting) const {
  train::StateWriter out;
  out.text(kForm);
  out.text(setting);
  out.text(trainer.save());
  out.integer(best_epoch);
  out.text(best_state);
  out.integer(static_cast<std::int64_t>(epochs.size()));
  for (const EpochFigures& figures : epochs) {
    out.integer(figures.record.epoch);
    out.integer(figures.record.steps);
    out.number(figures.record.rate);
    out.number(figures.record.loss);
    out.number(figures.record.accuracy);
    write_numbers(out, figures.record.exit_losses);
    write_judgement(out, figures.validation);
    write_judgement(out, figures.test);
  }
  return out.finished();
}

TrainingProgress TrainingProgress::unpacked(const std::string& bytes, const std::string& setting,
                                            train::Trainer& trainer) {
  train::StateReader in(bytes);
  if (in.text() != kForm || in.text() != setting) {
    throw std::invalid_argument("the state is of another run: network, data or options differ");
  }
  trainer.restore(in.text());
  TrainingProgress progress{.best_epoch = in.integer(), .best_state = in.text()};
  for (std::int64_t i = in.integer(); i > 0; --i) {
    EpochFigures figures;
    figures.record = {.epoch = in.integer(),
                      .steps = in.integer(),
                      .rate = in.number(),
                      .loss = in.number(),
                      .accuracy = in.number(),
                      .exit_losses = read_numbers(in)};
    figures.validation = read_judgement(in);
    figures.test = read_judgement(in);
    progress.epochs.push_back(std::move(figures));
  }
  return progress;
}

const ColumnTable<EpochRow>& epoch_table() { return kEpochTable; }

void write_epochs(const TrainingProgress& progress, const std::vector<std::string>& exits,
                  std::size_t final_exit, bool has_classes, const std::string& path) {
  TableWriter<EpochRow> file(path, kEpochColumns);
  for (const EpochFigures& figures : progress.epochs) {
    for (std::size_t i = 0; i < exits.size(); ++i) {
      file.add({figures, exits[i], i, i == final_exit, has_classes});
    }
  }
  file.close();
}

}  // namespace offcut::cli
