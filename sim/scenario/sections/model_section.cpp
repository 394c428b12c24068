#include "sim/scenario/sections/model_section.h"

#include <fmt/format.h>

#include "sim/scenario/sections/named_file.h"

namespace offcut::scenario {
namespace {

/// What `model`, or one of `models`, says.
struct ModelSection {
  ModelChoice choice;
  bool source_known = false;      // one of zoo, onnx and layers is given, right or wrong
  std::optional<MapReader> plan;  // its own, to be read once the tiers are; none: the scenario's
  bool is_table() const { return source_known && choice.source == ModelChoice::Source::layers; }
};

void read_source(MapReader& model, const std::string& scenario, const Registries& registries,
                 ModelSection& section) {
  using Source = ModelChoice::Source;
  int given = 0;
  for (const auto& [key, source] :
       {std::pair("zoo", Source::zoo), {"onnx", Source::onnx}, {"layers", Source::layers}}) {
    if (!model.has(key)) {
      model.raw(key);
      continue;
    }
    if (++given > 1) {
      model.error(key, "give one of 'zoo', 'onnx' and 'layers'");
    }
    section.choice.source = source;
    section.choice.source_name =
        source == Source::zoo
            ? model.one_of(key, "network", registries.networks.names()).value_or("")
            : existing_file(model, key, scenario);
  }
  if (given == 0) {
    model.missing({"zoo", "onnx", "layers"},
                  model.what() + ": 'zoo', 'onnx' or 'layers' is missing");
  }
  section.source_known = given == 1;
  if (given != 1) {
    section.choice.source_name.clear();
  }
}

void read_bindings(MapReader& model, ModelSection& section) {
  MapReader bind = model.map("bind", false);
  const std::vector<std::string> names = bind.keys();
  if (!names.empty() && section.source_known &&
      section.choice.source != ModelChoice::Source::onnx) {
    model.error("bind", "only an ONNX model has dimensions to bind");
  }
  for (const std::string& name : names) {
    section.choice.bind[name] = bind.integer(name, {}, {.least = 1, .most = 1e9});
  }
}

void read_math(MapReader& model, ModelSection& section) {
  using Math = ModelChoice::Math;
  const std::vector<std::string> modes = {"off", "sampled", "every"};
  const std::string mode = model.one_of("math", "mode", modes, "off").value_or("off");
  ModelChoice& choice = section.choice;
  choice.math = mode == "off" ? Math::off : mode == "every" ? Math::every : Math::sampled;
  if (choice.math == Math::sampled) {
    choice.samples = model.integer("samples", 100, {.least = 1, .most = 1e9});
  } else {
    model.raw("samples");
  }
  if (choice.math != Math::off && section.is_table()) {
    model.error("math", "a layer table has no math; it must be off");
  }
}

/// What computes the layers where there is math.
void read_engine(MapReader& model, ModelSection& section) {
  if (section.is_table()) {
    if (model.raw("engine") != nullptr) {
      model.error("engine", "a layer table has no math that an engine could run");
    }
    return;
  }
  const std::vector<std::string> engines = {"reference", "fast"};
  section.choice.engine = model.one_of("engine", "engine", engines, "reference") == "fast"
                              ? exec::MathEngine::fast
                              : exec::MathEngine::reference;
}

void read_images(MapReader& input, const std::string& scenario, ModelChoice& choice) {
  choice.images = existing_file(input, "images", scenario);
  choice.divide = input.number("divide", Dimension::number, 255, {.least = 1e-9, .most = 1e9});
  if (input.has("labels")) {
    choice.labels = existing_file(input, "labels", scenario);
  } else {
    input.raw("labels");
  }
  input.raw("random");
}

/// Inputs for a network without images. What only images have is an error.
void read_random(MapReader& input, ModelChoice& choice) {
  if (choice.math != ModelChoice::Math::off) {
    choice.random = input.integer("random", 64, {.least = 1, .most = 1e6});
  } else {
    input.raw("random");
  }
  input.raw("images");
  for (const char* key : {"labels", "divide"}) {
    if (input.raw(key) != nullptr) {
      input.error(key, "there are no 'images' that it belongs to");
    }
  }
}

void read_input(MapReader& model, const std::string& scenario, ModelSection& section) {
  MapReader input = model.map("input", false);
  if (section.is_table()) {
    if (!input.keys().empty()) {
      model.error("input", "a layer table says itself what its input is (the first row)");
    }
    return;
  }
  if (input.has("wire")) {
    const std::vector<std::string> types = {"uint8", "float32"};
    section.choice.wire =
        input.one_of("wire", "type", types) == "uint8" ? DataType::uint8 : DataType::float32;
  } else {
    input.raw("wire");
  }
  section.choice.input_place = input.place(input.has("images") ? "images" : "random");
  if (input.has("images")) {
    read_images(input, scenario, section.choice);
  } else {
    read_random(input, section.choice);
  }
  input.done();
}

/// One of several models may have one.
void read_own_plan(MapReader& model, ModelSection& section) {
  if (model.what() != "model") {
    if (model.raw("plan") != nullptr) {
      section.plan = model.map("plan", true);
    }
  } else if (model.has("plan")) {  // else it is not among the valid keys
    model.raw("plan");
    model.error("plan", "the scenario's own 'plan' is that of its only model: put it there");
  }
}

ModelSection read_model(MapReader& model, const ReadSoFar& so_far) {
  const std::string& path = so_far.scenario.path;
  ModelSection section;
  section.choice.section = model.what();
  read_source(model, path, so_far.registries, section);
  read_bindings(model, section);
  read_math(model, section);
  read_engine(model, section);
  read_input(model, path, section);
  read_own_plan(model, section);
  model.done();
  return section;
}

/// The only one, or one of several. A tier's times come from tables or from networks, for all.
void add_model(MapReader& model, const std::string& name, ReadSoFar& so_far) {
  std::vector<ModelChoice>& choices = so_far.scenario.models;
  const bool is_first = choices.empty();
  ModelSection section = read_model(model, so_far);
  so_far.sources_known = (is_first || so_far.sources_known) && section.source_known;
  so_far.own_plans.push_back(std::move(section.plan));
  if (is_first) {
    so_far.is_table = section.is_table();
  } else if (so_far.sources_known && so_far.is_table != section.is_table()) {
    so_far.diagnostics.push_back(
        {model.place(""), model.what() + ": either all models are layer tables, or none is"});
  }
  choices.push_back(std::move(section.choice));
  choices.back().name = name;
}

}  // namespace

void read_models(MapReader& top, ReadSoFar& so_far) {
  if (top.raw("models") == nullptr) {
    MapReader model = top.map("model", true);
    add_model(model, "", so_far);
    return;
  }
  if (top.raw("model") != nullptr) {
    top.error("models", "give 'model' or 'models', not both");
  }
  MapReader models = top.map("models", true);
  for (const std::string& name : models.names("model")) {
    MapReader model = models.map(name, true);
    add_model(model, name, so_far);
  }
  if (models.keys().empty()) {
    so_far.scenario.models.push_back({.section = "models"});  // that any name may mean
    so_far.own_plans.emplace_back();
    if (models.present()) {
      top.error("models", "expected at least one");
    }
  }
}

}  // namespace offcut::scenario
