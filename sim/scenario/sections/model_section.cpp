#include "sim/scenario/sections/model_section.h"

#include <fmt/format.h>

#include <filesystem>

#include "sim/scenario/data_path.h"

namespace offcut {
namespace {

namespace fs = std::filesystem;

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
      model.mistake(key, "give one of 'zoo', 'onnx' and 'layers'");
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
    model.mistake("bind", "only an ONNX model has dimensions to bind");
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
    model.mistake("math", "a layer table has no math; it must be off");
  }
}

/// What computes the layers where there is math.
void read_engine(MapReader& model, ModelSection& section) {
  if (section.is_table()) {
    if (model.raw("engine") != nullptr) {
      model.mistake("engine", "a layer table has no math that an engine could run");
    }
    return;
  }
  const std::vector<std::string> engines = {"reference", "fast"};
  section.choice.engine = model.one_of("engine", "engine", engines, "reference") == "fast"
                              ? MathEngine::fast
                              : MathEngine::reference;
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

/// Inputs for a network without images. What only images have is a mistake.
void read_random(MapReader& input, ModelChoice& choice) {
  if (choice.math != ModelChoice::Math::off) {
    choice.random = input.integer("random", 64, {.least = 1, .most = 1e6});
  } else {
    input.raw("random");
  }
  input.raw("images");
  for (const char* key : {"labels", "divide"}) {
    if (input.raw(key) != nullptr) {
      input.mistake(key, "there are no 'images' that it belongs to");
    }
  }
}

void read_input(MapReader& model, const std::string& scenario, ModelSection& section) {
  MapReader input = model.map("input", false);
  if (section.is_table()) {
    if (!input.keys().empty()) {
      model.mistake("input", "a layer table says itself what its input is (the first row)");
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
    model.mistake("plan", "the scenario's own 'plan' is that of its only model: put it there");
  }
}

}  // namespace

std::string named_file(MapReader& reader, const std::string& key, const std::string& name,
                       const std::string& scenario) {
  const auto found = name.empty() ? std::nullopt : find_file(name, scenario);
  std::error_code ignored;
  if (!found) {
    reader.mistake(key, fmt::format("there is no file {}, neither beside the scenario nor in "
                                    "offcut's own data",
                                    in_quotes(name)));
  } else if (fs::is_directory(*found, ignored)) {
    reader.mistake(key, fmt::format("{} is a directory, expected a file", in_quotes(name)));
  } else if (!fs::is_regular_file(*found, ignored)) {
    reader.mistake(key, fmt::format("{} is no regular file", in_quotes(name)));
  } else {
    return found->lexically_normal().string();
  }
  return "";
}

std::string existing_file(MapReader& reader, const std::string& key, const std::string& scenario) {
  const YamlNode* node = reader.raw(key);
  const std::string name = reader.text(key);
  if (node == nullptr || node->kind != YamlNode::Kind::scalar) {
    return "";
  }
  std::string path = named_file(reader, key, name, scenario);
  if (!path.empty()) {
    reader.resolved().entries.back().value.text = fs::absolute(path).lexically_normal().string();
  }
  return path;
}

ModelSection read_model_section(MapReader& model, const std::string& scenario,
                                const Registries& registries) {
  ModelSection section;
  section.choice.section = model.what();
  read_source(model, scenario, registries, section);
  read_bindings(model, section);
  read_math(model, section);
  read_engine(model, section);
  read_input(model, scenario, section);
  read_own_plan(model, section);
  model.done();
  return section;
}

}  // namespace offcut
