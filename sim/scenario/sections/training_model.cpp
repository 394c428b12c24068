// Reads the network of a training job: a model of the scenario, a network of the zoo, an ONNX file,
// or a joint network that devices with different features train together. Files are only looked
// for here: sim/experiment loads them.

#include "sim/scenario/sections/training_model.h"

#include <fmt/format.h>

#include <charconv>
#include <span>

#include "sim/scenario/data_path.h"
#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kJoint[] = {
    {.name = "hidden",
     .kind = ValueKind::text,
     .lists = Lists::also,
     .absent = "none",
     .doc = "The units of the hidden layers on each device.",
     .example = "joint: {hidden: [32]}"},
    {.name = "embedding",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .fallback = "16",
     .doc = "The numbers that each device hands to the server for a sample.",
     .example = "joint: {embedding: 8}"},
    {.name = "head",
     .kind = ValueKind::text,
     .lists = Lists::also,
     .absent = "none",
     .doc = "The units of the hidden layers on the server.",
     .example = "joint: {head: [64]}"},
};

/// Reads a single text or a list of them.
std::vector<std::string> read_texts(MapReader& reader, const std::string& key) {
  std::vector<std::string> texts;
  const YamlNode* node = reader.raw(key);
  if (node == nullptr) {
    return texts;
  }
  const bool is_list = node->kind == YamlNode::Kind::sequence;
  if (is_list && node->items.empty()) {
    reader.error(key, "expected at least one");
  }
  for (const YamlNode& item : is_list ? std::span(node->items) : std::span(node, 1)) {
    if (item.kind == YamlNode::Kind::scalar) {
      texts.push_back(item.text);
    } else {
      reader.diagnostics().push_back({item.place, fmt::format("{}.{}: expected a text, got {}",
                                                              reader.path(), key, describe(item))});
    }
  }
  reader.resolved().add(key, *node);
  return texts;
}

/// Finds the network that the text names: a model of the scenario, a network of the zoo, or a file.
void find_network(MapReader& training, const std::string& text, const ReadSoFar& so_far,
                  TrainingChoice& choice) {
  const std::vector<ModelChoice>& models = so_far.scenario.models;
  std::vector<std::string> names = so_far.registries.networks.names();
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models[i].name.empty()) {
      continue;
    }
    names.push_back(models[i].name);
    if (models[i].name == text) {
      choice.model = i;
      return;
    }
  }
  if (so_far.registries.networks.find(text) != nullptr) {
    choice.network = text;
  } else if (text.ends_with(".onnx") || text.find('/') != std::string::npos) {
    choice.onnx = named_file(training, "model", text, so_far.scenario.path);
    if (!choice.onnx.empty()) {
      training.resolved().entries.back().value = resolved_file_name(choice.onnx);
    }
  } else {
    training.error("model", fmt::format("there is no model, network or ONNX file {}{}",
                                        in_quotes(text), suggestion(text, names)));
  }
}

/// Reads the numbers of units of hidden layers, in their order.
std::vector<std::int64_t> read_units(MapReader& joint, const std::string& key) {
  constexpr std::int64_t kMostUnits = 1'000'000;
  std::vector<std::int64_t> units;
  for (const std::string& text : read_texts(joint, key)) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 ||
        value > kMostUnits) {
      joint.error(key, fmt::format("expected whole numbers from 1 to {}, got {}", kMostUnits,
                                   in_quotes(text)));
      break;
    }
    units.push_back(value);
  }
  return units;
}

}  // namespace

constinit const KeyTable kJointKeys{
    .doc =
        "A network that reads on each device the features that it holds, and joins the results "
        "on the server.",
    .keys = kJoint};

void add_trained_model(MapReader& top, ReadSoFar& so_far) {
  const YamlNode* training = top.raw("training");
  const YamlNode* model = training->find("model");
  ModelChoice choice{.section = "training"};
  if (training->find("joint") != nullptr) {
    so_far.sources_known = true;
  } else if (model == nullptr) {
    top.missing({"model", "models"}, "'model' is missing: 'training' names none, either");
  } else if (model->kind == YamlNode::Kind::scalar) {
    if (so_far.registries.networks.find(model->text) != nullptr) {
      choice.source_name = model->text;
    } else if (const auto file = find_file(model->text, so_far.scenario.path)) {
      choice.source = ModelChoice::Source::onnx;
      choice.source_name = file->string();
    }  // read_training() reports any other text.
    so_far.sources_known = !choice.source_name.empty();
  }
  so_far.scenario.models.push_back(std::move(choice));
  so_far.own_plans.emplace_back();
}

void read_trained_model(MapReader& training, bool is_only_model, const ReadSoFar& so_far,
                        TrainingChoice& choice) {
  choice.model_place = training.place("model");
  const bool has_joint = training.has("joint");
  if (training.raw("model") == nullptr) {
    if (has_joint) {
      return;
    }
    if (so_far.scenario.models.size() == 1) {
      choice.model = 0;
    } else {
      training.missing({"model"}, fmt::format("'{}.model' is missing: there are several models",
                                              training.path()));
    }
    return;
  }
  if (has_joint) {
    training.error("model", "give 'model' or 'joint', not both");
  }
  const std::string text = training.text("model");
  if (training.has_scalar("model")) {
    find_network(training, text, so_far, choice);
  }
  if (is_only_model) {  // It is the scenario's, too, which read_models() found.
    choice.model = 0;
  }
}

void read_trained_weights(MapReader& training, TrainingChoice& choice) {
  choice.weights.only = read_texts(training, "only");
  choice.weights.freeze = read_texts(training, "freeze");
  choice.weights_place = training.place(training.has("only") ? "only" : "freeze");
}

void read_joint(MapReader& training, TrainingChoice& choice) {
  if (training.raw("joint") == nullptr) {
    return;
  }
  JointNetwork network;
  MapReader joint = training.map("joint");
  network.hidden = read_units(joint, "hidden");
  network.embedding = joint.integer("embedding");
  network.head = read_units(joint, "head");
  joint.done();
  if (choice.strategy != nullptr && !choice.strategy->by_feature) {
    training.error("joint", fmt::format("'{}' trains networks whose devices hold whole samples",
                                        choice.method()));
  }
  choice.joint = std::move(network);
}

}  // namespace offcut::scenario
