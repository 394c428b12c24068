// `offcut compress`: applies passes to a network, trains it between them, and writes the result as
// ONNX. Sizes and accuracy are measured after every step; nothing is written before all is done.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "models/base/error.h"
#include "models/base/printable.h"
#include "models/base/readable.h"
#include "models/base/units.h"
#include "models/compress/pack.h"
#include "models/dataset/open.h"
#include "models/train/default_loss.h"
#include "models/train/sample_checks.h"
#include "models/train/step_plan.h"
#include "sim/cli/compression_tables.h"
#include "sim/cli/console.h"
#include "sim/cli/interruption.h"
#include "sim/cli/learning_commands.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/training_choice.h"
#include "sim/cli/written_model.h"

namespace offcut::cli {
namespace {

constexpr double kUsualValidation = 0.1;  // Of the training samples, on which studies judge.

/// The arguments, read and checked as far as that needs neither network nor data.
struct CompressionChoice {
  std::vector<compress::ChosenPass> passes;
  TrainingChoice training;
  std::optional<double> most_loss;
  std::int64_t epochs = 0;
};

void read_passes(const CompressArguments& arguments, const scenario::Registries& registries,
                 CompressionChoice& choice, std::vector<Diagnostic>& errors) {
  const bool has_data = !arguments.training.dataset.empty();
  for (const std::string& text : arguments.passes) {
    try {
      choice.passes.push_back(compress::make_pass(text, registries.passes));
      const compress::Pass& pass = *choice.passes.back().pass;
      if (pass.needs_samples && !has_data) {
        errors.push_back({{"--pass " + text}, "needs samples: --dataset"});
      }
      if (!arguments.search.empty() || !arguments.sensitivity.empty()) {
        compress::levels_of(choice.passes.back());
      }
    } catch (const std::invalid_argument& error) {
      errors.push_back({{"--pass " + text}, error.what()});
    }
  }
  if (arguments.passes.empty()) {
    errors.push_back({{"--pass"}, "is missing; offcut list passes has them"});
  }
}

/// Refuses options that nothing would read.
void check_training_options(const TrainArguments& training, std::vector<Diagnostic>& errors) {
  std::vector<std::string> unread;
  if (training.epochs == 0) {
    unread = training.step_options;
    if (!training.teacher.empty()) {
      unread.push_back("--teacher");
    }
  }
  if (!unread.empty()) {
    errors.push_back({{fmt::format("{}", fmt::join(unread, ", "))},
                      "needs --fine-tune, the epochs of training after each pass"});
  }
  if (!training.loss.empty() && training.dataset.empty()) {
    errors.push_back({{"--loss"}, "needs samples: --dataset"});
  }
}

void check_options(const CompressArguments& arguments, CompressionChoice& choice,
                   std::vector<Diagnostic>& errors) {
  const TrainArguments& training = arguments.training;
  for (const auto& [option, is_given] : {std::pair("--fine-tune", training.epochs != 0),
                                         {"--search", !arguments.search.empty()},
                                         {"--sensitivity", !arguments.sensitivity.empty()}}) {
    if (is_given && training.dataset.empty()) {
      errors.push_back({{option}, "needs samples: --dataset"});
    }
  }
  check_training_options(training, errors);
  if (!training.validate.empty() && arguments.search.empty() && arguments.sensitivity.empty()) {
    errors.push_back(
        {{"--validate"}, "needs --search or --sensitivity, which judge on its samples"});
  }
  if (training.epochs < 0) {
    errors.push_back({{"--fine-tune"}, fmt::format("expected 0 or more, got {}", training.epochs)});
  }
  if (training.out.empty() && arguments.sensitivity.empty()) {
    errors.push_back({{"--out"}, "is missing"});
  }
  if (!arguments.search.empty()) {
    try {
      choice.most_loss = parse_quantity(arguments.search, Dimension::number);
    } catch (const std::invalid_argument&) {
    }
    if (!choice.most_loss || !(*choice.most_loss >= 0 && *choice.most_loss <= 1)) {
      errors.push_back({{"--search"},
                        fmt::format("expected an accuracy such as '0.5 %', got {}",
                                    in_quotes(arguments.search))});
    }
  }
}

CompressionChoice read_choice(const CompressArguments& arguments,
                              const scenario::Registries& registries) {
  CompressionChoice choice;
  std::vector<Diagnostic> errors;
  read_passes(arguments, registries, choice, errors);
  check_options(arguments, choice, errors);
  TrainArguments training = arguments.training;
  choice.epochs = training.epochs;
  training.epochs = std::max<std::int64_t>(1, training.epochs);
  try {
    choice.training = training_choice(training, registries);
  } catch (const InputError& error) {
    errors.insert(errors.end(), error.diagnostics().begin(), error.diagnostics().end());
  }
  if (!errors.empty()) {
    throw InputError(std::move(errors));
  }
  const TrainArguments& files = arguments.training;
  const std::vector<std::string> outputs = {files.out, files.log, arguments.layers,
                                            arguments.sensitivity};
  check_can_be_written(outputs);
  std::vector<std::string> inputs = dataset::files_of(files.dataset);
  inputs.insert(inputs.end(), {files.model.model, files.teacher});
  refuse_overwriting("--out", outputs, inputs);
  return choice;
}

/// The samples, in parts, and the loss.
struct CompressionData {
  dataset::Samples training, validation, test;
  std::optional<Graph> teacher;
  Named loss;
  std::vector<train::Exit> exits;

  bool has_classes() const { return !training.labels.absent(); }
};

CompressionData load_data(const CompressArguments& arguments, const CompressionChoice& choice,
                          const Graph& network, const scenario::Registries& registries) {
  dataset::Dataset all = open_data(arguments.training.dataset, registries);
  CompressionData data{.training = std::move(all.training), .test = std::move(all.test)};
  if (!arguments.search.empty() || !arguments.sensitivity.empty()) {
    const double share = choice.training.validation_share;
    std::tie(data.training, data.validation) = dataset::set_aside(
        data.training, share > 0 ? share : kUsualValidation, choice.training.options.seed);
  }
  if (!arguments.training.teacher.empty()) {
    data.teacher = load_math({.model = arguments.training.teacher}, registries);
  }
  data.loss = choice.training.options.loss;
  if (data.loss.name.empty()) {
    data.loss = named_from(train::default_loss(network, data.training, data.teacher.has_value()),
                           "loss", registries.losses);
  }
  const train::Loss& loss = *registries.losses.find(data.loss.name);
  if (loss.needs_teacher != data.teacher.has_value()) {
    throw InputError({"--teacher"},
                     loss.needs_teacher
                         ? fmt::format("is missing; the loss {} needs one", loss.name)
                         : fmt::format("the loss {} takes no teacher", loss.name));
  }
  data.exits = train::exits_of(network, {});
  for (const dataset::Samples* samples : {&data.training, &data.validation, &data.test}) {
    if (samples->count() > 0) {
      train::check_samples(network, *samples, data.exits, loss, data.loss.parameters);
    }
  }
  return data;
}

/// Applies, trains and measures.
class Compression {
 public:
  Compression(const CompressArguments& arguments, const CompressionChoice& choice,
              const std::optional<CompressionData>& data, TrainableModel model,
              const scenario::Registries& registries)
      : arguments_(arguments.training),
        choice_(choice),
        data_(data),
        libraries_(registries.training()),
        network_(std::move(model.network)),
        given_bytes_(model.file_bytes) {
    for (const auto& [parameter, rule] : network_.rules) {
      formed_.insert(parameter);
    }
  }

  void measure_given() { measure("given", 0, given_bytes_); }

  /// Adds a row about the network. Without the bytes of its file, those of the file that would be
  /// written.
  void measure(const std::string& step, std::int64_t epochs = 0,
               std::optional<std::uintmax_t> file_bytes = std::nullopt) {
    bar_.hide();
    CompressionRow row{
        .step = step,
        .epochs = epochs,
        .size = compress::size_of(network_),
        .file_bytes = static_cast<std::size_t>(
            file_bytes ? *file_bytes
                       : open_model_bytes(packed(), arguments_.out, arguments_.model.model,
                                          libraries_.operators, arguments_.external_data))};
    if (data_ && data_->test.count() > 0) {
      const train::Judgement judged = judge(network_.graph, data_->test);
      row.loss = judged.loss;
      if (data_->has_classes()) {
        row.accuracy = judged.accuracy;
      }
    }
    rows_.push_back(std::move(row));
  }

  void apply_all() {
    for (const compress::ChosenPass& chosen : choice_.passes) {
      const std::vector<Parameters> rounds = compress::rounds_of(chosen);
      for (std::size_t i = 0; i < rounds.size(); ++i) {
        interruption_.check();
        network_ = compress::apply_pass(*chosen.pass, rounds[i], network_, material());
        for (const auto& [parameter, grid] : network_.grids) {
          formed_.insert(parameter);
        }
        const std::string round =
            rounds.size() > 1 ? fmt::format(" ({}/{})", i + 1, rounds.size()) : "";
        measure(chosen.text + round);
        fine_tune();
      }
    }
  }

  std::vector<compress::SensitivityRow> study() {
    std::vector<compress::SensitivityRow> rows;
    for (const compress::ChosenPass& chosen : choice_.passes) {
      for (compress::SensitivityRow& row : compress::sensitivity(
               network_, chosen, material(), judge_on_validation(), show("sensitivity"))) {
        rows.push_back(std::move(row));
      }
    }
    bar_.hide();
    return rows;
  }

  std::vector<compress::SensitivityRow> search() {
    compress::Found found =
        compress::smallest_within(network_, choice_.passes, *choice_.most_loss, material(),
                                  judge_on_validation(), show("search"));
    network_ = std::move(found.network);
    measure("search");
    fine_tune();
    return std::move(found.choices);
  }

  const std::vector<CompressionRow>& rows() const { return rows_; }
  const compress::Network& network() const { return network_; }
  Graph packed() const { return compress::packed(network_, libraries_.operators); }

  /// Returns a text about each weight that had integers or a codebook, in the file or after a pass,
  /// and has none in the file that is written.
  std::vector<std::string> undone(const Graph& written) const {
    std::vector<std::string> texts;
    for (const std::string& name : formed_) {
      const auto id = written.find_tensor(name);
      if (id && written.tensor(*id).is_parameter() && !network_.grids.contains(name)) {
        texts.push_back(
            fmt::format("weight {} had integers or a codebook, but is written as "
                        "floats: the layer can't read what the last pass made of it "
                        "in fewer bits",
                        in_quotes(name)));
      }
    }
    return texts;
  }

 private:
  compress::Material material() const {
    return {.libraries = libraries_,
            .samples = data_ ? &data_->training : nullptr,
            .seed = choice_.training.options.seed};
  }

  train::Judgement judge(const Graph& graph, const dataset::Samples& samples) const {
    return train::judge(graph, samples, libraries_, data_->loss, data_->exits);
  }

  compress::Judge judge_on_validation() const {
    return [this](const Graph& graph) {
      interruption_.check();
      const train::Judgement judged = judge(graph, data_->validation);
      return data_->has_classes() ? judged.accuracy : -judged.loss;
    };
  }

  compress::Progress show(const std::string& title) {
    bar_.set_title(title);
    return [this](double done) { bar_.show(done); };
  }

  void fine_tune() {
    if (choice_.epochs == 0) {
      return;
    }
    train::TrainerOptions options = choice_.training.options;
    options.loss = data_->loss;
    options.rules = network_.rules;
    options.exits = data_->exits;
    options.teacher = data_->teacher ? &*data_->teacher : nullptr;
    train::Trainer trainer(network_.graph, data_->training, libraries_, std::move(options));
    const compress::Progress bar = show("fine-tuning");
    for (std::int64_t epoch = 0; epoch < choice_.epochs; ++epoch) {
      trainer.run_epoch([&](double done) {
        interruption_.check();
        bar((static_cast<double>(epoch) + done) / static_cast<double>(choice_.epochs));
        return true;
      });
    }
    network_.graph = trainer.network();
    measure("  fine-tuned", choice_.epochs);
    if (rows_.back().loss) {
      train::check_judgement(network_.graph, {.loss = *rows_.back().loss}, "test", choice_.epochs);
    }
  }

  const TrainArguments& arguments_;
  const CompressionChoice& choice_;
  const std::optional<CompressionData>& data_;
  train::Libraries libraries_;
  compress::Network network_;
  std::optional<std::uintmax_t> given_bytes_;  // Of the model's own file.
  std::set<std::string> formed_;               // Parameters that the file or a pass gave a form.
  std::vector<CompressionRow> rows_;
  ProgressBar bar_{"compressing"};
  Interruption interruption_;
};

template <class Row>
void write_rows(const std::vector<Row>& rows, const ColumnTable<Row>& table,
                const std::string& path) {
  if (path.empty()) {
    return;
  }
  write_beside(path, [&](const std::string& beside) {
    TableWriter<Row> file(beside, table.columns);
    for (const Row& row : rows) {
      file.add(row);
    }
    file.close();
  });
}

void print_choices(const std::vector<compress::SensitivityRow>& choices) {
  for (const compress::SensitivityRow& row : choices) {
    say("{}: {} {}\n", printable_line(row.layer), row.pass, row.setting);
  }
  say("\n");
}

std::string samples_text(const CompressionData& data) {
  return fmt::format(
      "{} for training{}, {} for tests", counted(data.training.count(), "sample"),
      data.validation.count() > 0 ? fmt::format(", {} for choices", data.validation.count()) : "",
      data.test.count());
}

}  // namespace

int compress(const CompressArguments& arguments, const scenario::Registries& registries) {
  const CompressionChoice choice = read_choice(arguments, registries);
  const TrainArguments& training = arguments.training;
  TrainableModel model = load_trainable(training, registries);
  std::optional<CompressionData> data;
  if (!training.dataset.empty()) {
    data = load_data(arguments, choice, model.network.graph, registries);
  }
  say("{}: {}\n", model.network.graph.name(), data ? samples_text(*data) : "no samples");
  say_undone(model.undone);
  say("\n");
  Compression session(arguments, choice, data, std::move(model), registries);
  std::vector<compress::SensitivityRow> sensitivity;
  try {
    session.measure_given();
    if (!arguments.sensitivity.empty()) {
      sensitivity = session.study();
      say("{}", sensitivity_text(sensitivity));
    }
    if (choice.most_loss) {
      print_choices(session.search());
    } else if (!training.out.empty()) {
      session.apply_all();
    }
  } catch (const std::invalid_argument& error) {
    throw InputError({training.model.model}, error.what());
  }
  const compress::Network& result = session.network();
  std::vector<std::string> undone;
  if (!training.out.empty()) {
    const Graph written = session.packed();
    undone = session.undone(written);
    write_model_open(written, training.out, training.model.model, registries.operators,
                     training.external_data);
  }
  const std::vector<compress::LayerSize> layers = compress::layer_sizes(result);
  write_rows(sensitivity, sensitivity_table(), arguments.sensitivity);
  write_rows(session.rows(), compression_table(), training.log);
  write_rows(layers, layer_size_table(), arguments.layers);
  if (!training.out.empty()) {
    say("{}\n{}", compression_text(session.rows()), layer_sizes_text(layers));
    say_undone(undone);
  }
  return 0;
}

}  // namespace offcut::cli
