// Reads the options of training: names from registries with their parameters, exits, seeds and
// shares. Errors collect, so that all of them are reported at once.

#include "sim/cli/training_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <set>
#include <stdexcept>

#include "models/base/comma_list.h"
#include "models/base/error.h"
#include "models/base/number_text.h"
#include "models/base/units.h"
#include "models/compress/stored_forms.h"
#include "models/dataset/open.h"
#include "models/onnx/external_files.h"
#include "models/onnx/import.h"
#include "models/train/initial_weights.h"
#include "sim/cli/console.h"
#include "sim/scenario/data_path.h"

namespace offcut::cli {
namespace {

/// Returns the parts between commas.
std::vector<std::string> parts_of(const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    for (std::string& part : comma_list(text)) {
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

class ArgumentReader {
 public:
  /// Reads NAME:PARAMETER=VALUE.
  template <class T>
  Named named(const std::string& option, const std::string& text, std::string_view kind,
              const Registry<T>& registry) {
    try {
      return named_from(text, kind, registry);
    } catch (const std::invalid_argument& error) {
      note(option, error.what());
      return {};
    }
  }

  template <class T>
  std::vector<Named> all_named(const std::string& option, const std::vector<std::string>& texts,
                               std::string_view kind, const Registry<T>& registry) {
    std::vector<Named> all;
    for (const std::string& text : texts) {
      all.push_back(named(option, text, kind, registry));
    }
    return all;
  }

  std::uint64_t seed(const std::string& option, const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
      note(option, fmt::format("expected a whole number from 0 on, got {}", in_quotes(text)));
    }
    return value;
  }

  void whole(const std::string& option, std::int64_t value, std::int64_t most) {
    if (value < 1 || value > most) {
      note(option, fmt::format("expected 1 to {}, got {}", most, value));
    }
  }

  void positive(const std::string& option, double value) {
    constexpr double kMost = 1e6;
    if (!(value > 0 && value <= kMost)) {
      note(option,
           fmt::format("expected a number above 0, up to {:g}, got {}", kMost, number_text(value)));
    }
  }

  /// Reads a share such as "10 %"; 0 for an empty text.
  double share(const std::string& option, const std::string& text) {
    constexpr double kMost = 0.9;
    if (text.empty()) {
      return 0;
    }
    double value = 0;
    try {
      value = parse_quantity(text, Dimension::number);
    } catch (const std::invalid_argument&) {
    }
    if (!(value > 0 && value <= kMost)) {
      note(option, fmt::format("expected a share up to 90 %, got {}", in_quotes(text)));
    }
    return value;
  }

  std::vector<train::Exit> exits(const std::vector<std::string>& texts) {
    std::vector<train::Exit> all;
    for (const std::string& text : parts_of(texts)) {
      const std::size_t equals = text.rfind('=');
      train::Exit exit{.output = text.substr(0, equals)};
      if (equals != std::string::npos) {
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, exit.weight);
        if (error != std::errc() || stop != end || !(exit.weight >= 0) ||
            !std::isfinite(exit.weight)) {
          note("--exits", fmt::format("expected OUTPUT=WEIGHT with a weight from 0 on, got {}",
                                      in_quotes(text)));
        }
      }
      all.push_back(exit);
    }
    return all;
  }

  void note(const std::string& option, std::string message) {
    diagnostics_.push_back({{option}, std::move(message)});
  }

  void stop_on_errors() {
    if (!diagnostics_.empty()) {
      throw InputError(std::move(diagnostics_));
    }
  }

 private:
  std::vector<Diagnostic> diagnostics_;
};

void read_decay(const TrainArguments& arguments, const scenario::Registries& registries,
                Named& optimizer, ArgumentReader& reader) {
  const auto* const kind = registries.optimizers.find(optimizer.name);
  if (!arguments.decay || kind == nullptr) {
    return;
  }
  const NamedText text = parse_named(arguments.optimizer);
  for (const auto& [name, value] : text.values) {
    if (name == "decay") {
      reader.note("--decay", "is stated by --optimizer, too");
    }
  }
  if (!(*arguments.decay >= 0 && *arguments.decay <= 1)) {
    reader.note("--decay", fmt::format("expected 0 to 1, got {}", number_text(*arguments.decay)));
  }
  optimizer.parameters.set("decay", *arguments.decay);
}

/// Checks the options that belong together.
void check_pairs(const TrainArguments& arguments, ArgumentReader& reader) {
  if (arguments.patience && arguments.validate.empty()) {
    reader.note("--patience", "needs --validate, the share of samples that it watches");
  }
  if (arguments.resume && arguments.restart) {
    reader.note("--resume", "expected either this or --restart");
  }
}

}  // namespace

TrainingChoice training_choice(const TrainArguments& arguments,
                               const scenario::Registries& registries) {
  constexpr std::int64_t kMostEpochs = 1'000'000;
  constexpr std::int64_t kMostBatch = 1'000'000;
  ArgumentReader reader;
  TrainingChoice choice;
  train::TrainerOptions& options = choice.options;
  options.epochs = arguments.epochs;
  if (arguments.epochs != 0) {  // It only judges.
    reader.whole("--epochs", arguments.epochs, kMostEpochs);
  }
  options.batch = arguments.batch;
  reader.whole("--batch", arguments.batch, kMostBatch);
  options.rate = arguments.rate;
  reader.positive("--rate", arguments.rate);
  if (!arguments.loss.empty()) {
    options.loss = reader.named("--loss", arguments.loss, "loss", registries.losses);
  }
  options.optimizer =
      reader.named("--optimizer", arguments.optimizer, "optimiser", registries.optimizers);
  read_decay(arguments, registries, options.optimizer, reader);
  options.schedules =
      reader.all_named("--schedule", arguments.schedules, "schedule", registries.schedules);
  options.augmentations = reader.all_named("--augment", arguments.augmentations, "augmentation",
                                           registries.augmentations);
  options.clip = arguments.clip;
  if (arguments.clip) {
    reader.positive("--clip", *arguments.clip);
  }
  options.seed = reader.seed("--seed", arguments.seed);
  if (!arguments.init.empty()) {
    reader.seed("--init", arguments.init);
  }
  options.weights = {.only = parts_of(arguments.only), .freeze = parts_of(arguments.freeze)};
  options.exits = reader.exits(arguments.exits);
  options.checkpoints = arguments.checkpoints;
  reader.whole("--checkpoints", arguments.checkpoints, kMostEpochs);
  options.allow_missing_classes = arguments.allow_missing_classes;
  if (arguments.patience) {
    reader.whole("--patience", *arguments.patience, kMostEpochs);
  }
  choice.validation_share = reader.share("--validate", arguments.validate);
  check_pairs(arguments, reader);
  reader.stop_on_errors();
  return choice;
}

namespace {

/// Throws InputError if a weight is NaN or infinite.
void check_weights(const Graph& network, const std::string& file) {
  for (TensorId id = 0; id < network.tensor_count(); ++id) {
    const TensorNode& node = network.tensor(id);
    if (!node.is_parameter() || node.type.type != DataType::float32) {
      continue;
    }
    const Tensor value = node.parameter->read();
    const auto values = value.values<float>();
    const auto odd = std::find_if(values.begin(), values.end(),
                                  [](float element) { return !std::isfinite(element); });
    if (odd != values.end()) {
      throw InputError({file},
                       fmt::format("weight {} has {} as its element {}; expected numbers",
                                   in_quotes(node.name), number_text(*odd), odd - values.begin()));
    }
  }
}

std::string undone_text(const std::string& parameter, const std::string& reason) {
  return fmt::format("weight {} is stored as integers or in a codebook, but read as floats: {}",
                     in_quotes(parameter), reason);
}

/// Says of all weights with a form why it is undone.
std::vector<std::string> undone_texts(const compress::StoredForms& forms,
                                      const std::string& reason) {
  std::vector<std::string> texts;
  for (const auto& [parameter, rule] : forms.network.rules) {
    texts.push_back(undone_text(parameter, reason));
  }
  return texts;
}

TrainableModel as_stored(Graph graph, const onnx::ConstantLayers& constant_layers,
                         const TrainArguments& arguments) {
  check_weights(graph, arguments.model.model);
  compress::StoredForms forms = compress::with_stored_forms(std::move(graph), constant_layers);
  if (arguments.floats) {
    return {.network = {.graph = forms.network.graph}, .undone = undone_texts(forms, "--floats")};
  }
  TrainableModel model{.network = std::move(forms.network)};
  for (const compress::UndoneForm& undone : forms.undone) {
    model.undone.push_back(undone_text(undone.parameter, undone.reason));
  }
  return model;
}

TrainableModel with_fresh_weights(const Graph& graph, const onnx::ConstantLayers& constant_layers,
                                  const TrainArguments& arguments,
                                  const scenario::Registries& registries) {
  ArgumentReader reader;
  try {
    return {.network = {.graph = train::with_initial_weights(
                            graph, registries.gradients, reader.seed("--init", arguments.init))},
            .undone = undone_texts(compress::with_stored_forms(graph, constant_layers),
                                   "--init gives it fresh weights")};
  } catch (const std::invalid_argument& error) {
    throw InputError({arguments.model.model}, error.what());
  }
}

/// Returns the bytes of a model's file and of its data files.
std::uintmax_t bytes_on_disk(const std::string& path) {
  std::set<std::filesystem::path> files = {std::filesystem::weakly_canonical(path)};
  for (const std::string& file : onnx::external_files(path)) {
    files.insert(std::filesystem::weakly_canonical(file));
  }
  std::uintmax_t bytes = 0;
  for (const std::filesystem::path& file : files) {
    std::error_code missing;
    const std::uintmax_t own = std::filesystem::file_size(file, missing);
    bytes += missing ? 0 : own;
  }
  return bytes;
}

}  // namespace

TrainableModel load_trainable(const TrainArguments& arguments,
                              const scenario::Registries& registries) {
  const scenario::ModelChoice choice = choice_of(arguments.model, registries);
  ArgumentReader reader;
  const std::uint64_t seed =
      reader.seed("--init", arguments.init.empty() ? arguments.seed : arguments.init);
  switch (choice.source) {
    case scenario::ModelChoice::Source::layers:
      throw InputError({arguments.model.model},
                       "is a layer table, which has no math; expected zoo:NAME or an ONNX file");
    case scenario::ModelChoice::Source::zoo:
      return {.network = {.graph = zoo::build_network(*registries.networks.find(choice.source_name),
                                                      registries.operators, seed, choice.bind)}};
    case scenario::ModelChoice::Source::onnx:
      break;
  }
  onnx::ConstantLayers constant_layers;
  Graph graph = onnx::import_onnx(choice.source_name, registries.operators,
                                  {.bind = choice.bind,
                                   .fix = choice.fix,
                                   .untie = !arguments.tie,
                                   .constant_layers = &constant_layers});
  TrainableModel model = arguments.init.empty()
                             ? as_stored(std::move(graph), constant_layers, arguments)
                             : with_fresh_weights(graph, constant_layers, arguments, registries);
  model.file_bytes = bytes_on_disk(choice.source_name);
  return model;
}

void say_undone(const std::vector<std::string>& undone) {
  constexpr std::size_t kMostShown = 10;
  const std::size_t shown = std::min(undone.size(), kMostShown);
  for (std::size_t i = 0; i < shown; ++i) {
    say("note: {}\n", undone[i]);
  }
  if (shown < undone.size()) {
    say("note: so are {} more weights\n", undone.size() - shown);
  }
}

dataset::Dataset open_data(const std::string& text, const scenario::Registries& registries) {
  return dataset::open_dataset(text, registries.datasets, scenario::data_root() / "models" / "data",
                               "--dataset");
}

}  // namespace offcut::cli
