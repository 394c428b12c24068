// Reads the models: their networks and the inputs of their math. A layer table can't have
// math, inputs or an engine: those are errors. Files are only looked for here; sim/experiment reads
// them.

#include "sim/scenario/sections/model_section.h"

#include <fmt/format.h>

#include "sim/scenario/sections/compress_section.h"
#include "sim/scenario/sections/named_file.h"
#include "sim/scenario/sections/plan_section.h"
#include "sim/scenario/sections/training_model.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kBind[] = {
    {.name = "DIMENSION",
     .kind = ValueKind::whole,
     .bounds = {1, 1e9},
     .doc = "The extent of the dimension of this name, which the ONNX file leaves open; one "
            "without a name is INPUT:AXIS (axes count from 0). Networks of the zoo have `size` "
            "or `tokens`. The option `--bind` sets it, too.",
     .example = "model: {onnx: models/data/digits/digits_cnn.onnx, bind: {batch: 1}}"},
};
constexpr KeyTable kBindKeys{.doc = "The extents of a model's open dimensions.", .keys = kBind};

constexpr KeySpec kFix[] = {
    {.name = "INPUT",
     .kind = ValueKind::number,
     .bounds = {-1e15, 1e15},
     .doc = "The value of the input of this name, which becomes a constant of the network: a "
            "sample rate that chooses a branch, or a number of passes. All elements get it.",
     .example = "model: {onnx: vad.onnx, fix: {sr: 16000}}"},
};
constexpr KeyTable kFixKeys{.doc = "The values of an ONNX model's inputs that decide its layers.",
                            .keys = kFix};

constexpr KeySpec kInput[] = {
    {.name = "wire",
     .kind = ValueKind::choice,
     .choices = "uint8, float32",
     .noun = "type",
     .absent = "the model's own type",
     .doc = "The type in which an input crosses a link: a byte per value, or four.",
     .example = "wire: float32"},
    {.name = "images",
     .kind = ValueKind::file,
     .absent = "inputs are drawn from the seed",
     .doc = "An IDX file of the images on which the real math runs, also compressed by zstd.",
     .example = "images: models/data/digits/test-images.idx3-ubyte.zst"},
    {.name = "labels",
     .kind = ValueKind::file,
     .absent = "no accuracy is measured",
     .doc = "An IDX file of the right answers to the `images`.",
     .example = "input: {images: models/data/digits/test-images.idx3-ubyte.zst, labels: "
                "models/data/digits/test-labels.idx1-ubyte.zst}"},
    {.name = "divide",
     .kind = ValueKind::number,
     .bounds = {1e-9, 1e9},
     .fallback = "255",
     .doc = "The network reads a byte b of the `images` as the value b / `divide`.",
     .example = "input: {images: models/data/digits/test-images.idx3-ubyte.zst, divide: 128}"},
    {.name = "random",
     .kind = ValueKind::whole,
     .bounds = {1, 1e6},
     .fallback = "64",
     .doc = "The number of inputs that are drawn from the seed where the math runs without "
            "`images`. They are used in turn.",
     .example = "model: {zoo: lenet5, math: sampled, input: {random: 16}}"},
};
constexpr KeyTable kInputKeys{
    .doc = "The inputs of the requests, for their size on the wire and for the real math.",
    .keys = kInput};

constexpr KeySpec kModel[] = {
    {.name = "zoo",
     .kind = ValueKind::name,
     .noun = "network",
     .registry = "models",
     .absent = "required without `onnx` and `layers`",
     .doc = "A built-in network, with weights from a fixed seed.",
     .example = "model: {zoo: alexnet}"},
    {.name = "onnx",
     .kind = ValueKind::file,
     .absent = "required without `zoo` and `layers`",
     .doc = "An ONNX file.",
     .example = "model: {onnx: models/data/digits/digits_cnn.onnx}"},
    {.name = "layers",
     .kind = ValueKind::file,
     .absent = "required without `zoo` and `onnx`",
     .doc =
         "A CSV file of layers with their times (docs/scenarios.md, \"Layer tables\"). Every tier "
         "then takes its times from a column.",
     .example = "model: {layers: layers.csv}"},
    {.name = "bind",
     .below = &kBindKeys,
     .absent = "none",
     .doc = "The extents of a model's open dimensions.",
     .example = "model: {onnx: models/data/digits/digits_cnn.onnx, bind: {batch: 1}}"},
    {.name = "fix",
     .below = &kFixKeys,
     .absent = "none",
     .doc = "The values of an ONNX model's inputs that decide its layers. The option `--fix` of "
            "commands on a model does the same.",
     .example = "model: {onnx: vad.onnx, fix: {sr: 16000}}"},
    {.name = "math",
     .kind = ValueKind::choice,
     .choices = "off, sampled, every",
     .noun = "mode",
     .fallback = "off",
     .doc = "Runs the real math of the layers: for no input, for about `samples` of them, evenly "
            "spread, or for every input. Bytes, predictions and accuracy are then measured.",
     .example = "math: every"},
    {.name = "samples",
     .kind = ValueKind::whole,
     .bounds = {1, 1e9},
     .fallback = "100",
     .doc = "The number of inputs that sampled math computes.",
     .example = "model: {zoo: lenet5, math: sampled, samples: 10}"},
    {.name = "engine",
     .kind = ValueKind::choice,
     .choices = "reference, fast",
     .noun = "engine",
     .fallback = "reference",
     .doc = "The kernels of the math: `reference` gives the same bits wherever the network is cut, "
            "`fast` is within 1e-5 of the largest output.",
     .example = "engine: fast"},
    {.name = "compress",
     .kind = ValueKind::text,
     .registry = "passes",
     .lists = Lists::only,
     .absent = "the network as it is",
     .doc = "The passes that make the network smaller before it is planned, one after the other, "
            "as `offcut compress --pass` takes them, without training (docs/compression.md).",
     .example = "model: {zoo: lenet5, compress: [\"magnitude:rate=0.5\"]}"},
    {.name = "calibrate-on",
     .kind = ValueKind::text,
     .absent = "up to 200 inputs of the math",
     .doc = "The data set on whose training samples passes and tiers of int8 are calibrated: one "
            "of `offcut list datasets`, or a file or folder (docs/training.md).",
     .example = "model: {onnx: models/data/digits/digits_cnn.onnx, calibrate-on: digits}"},
    {.name = "input",
     .below = &kInputKeys,
     .absent = "all of its defaults",
     .doc = "The inputs of the requests.",
     .example = "input: {wire: uint8, random: 16}"},
};

constexpr KeySpec kNamedModel[] = {
    {.name = "plan",
     .below = &kModelPlanKeys,
     .absent = "the scenario's `plan`",
     .doc = "A plan of this model's own. It has all keys of `plan` except `compare`, and takes "
            "nothing from the scenario's.",
     .example = "plan: {algorithm: exact, codec: int8}"},
};
constexpr KeyTable kNamedModelKeys{
    .doc = "One of several models.", .keys = kNamedModel, .more = &kModelKeys};
constexpr KeySpec kModels[] = {
    {.name = "MODEL",
     .below = &kNamedModelKeys,
     .doc = "A model, which classes of the workload name.",
     .example = "models: {detector: {zoo: alexnet}, reader: {zoo: lenet5}}"},
};

/// The contents of `model`, or of one of `models`.
struct ModelSection {
  ModelChoice choice;
  bool source_known = false;      // One of zoo, onnx and layers is given, valid or not.
  std::optional<MapReader> plan;  // Its own, read after the tiers; none: the scenario's.
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
    section.choice.source_name = source == Source::zoo
                                     ? model.one_of(key, registries.networks.names()).value_or("")
                                     : existing_file(model, key, scenario);
  }
  if (given == 0) {
    model.missing(split_list(kModelKeys.exactly_one),
                  model.path() + ": 'zoo', 'onnx' or 'layers' is missing");
  }
  section.source_known = given == 1;
  if (given != 1) {
    section.choice.source_name.clear();
  }
}

void read_bindings(MapReader& model, const Registries& registries, ModelSection& section) {
  MapReader bind = model.map("bind");
  const std::vector<std::string> names = bind.keys();
  if (!names.empty() && section.source_known &&
      section.choice.source == ModelChoice::Source::layers) {
    model.error("bind", "a layer table has no dimensions to bind");
  }
  for (const std::string& name : names) {
    section.choice.bind[name] = bind.integer(name);
  }
  if (const zoo::Network* network =
          section.source_known && section.choice.source == ModelChoice::Source::zoo
              ? registries.networks.find(section.choice.source_name)
              : nullptr) {
    if (const std::string error = zoo::binding_error(*network, section.choice.bind);
        !error.empty()) {
      model.error("bind", error);
      section.choice.bind.clear();  // The network is built all the same, to find other errors.
    }
  }
}

void read_fixed(MapReader& model, ModelSection& section) {
  MapReader fix = model.map("fix");
  const std::vector<std::string> names = fix.keys();
  if (!names.empty() && section.source_known &&
      section.choice.source != ModelChoice::Source::onnx) {
    model.error("fix", "only an ONNX model has inputs to fix");
  }
  for (const std::string& name : names) {
    section.choice.fix[name] = fix.number(name);
  }
}

void read_math(MapReader& model, ModelSection& section) {
  using Math = ModelChoice::Math;
  const std::string mode = model.choice("math").value_or("off");
  ModelChoice& choice = section.choice;
  choice.math = mode == "off" ? Math::off : mode == "every" ? Math::every : Math::sampled;
  if (choice.math == Math::sampled) {
    choice.samples = model.integer("samples");
  } else {
    model.raw("samples");
  }
  if (choice.math != Math::off && section.is_table()) {
    model.error("math", "a layer table has no math; it must be off");
  }
}

/// Reads which kernels compute the math.
void read_engine(MapReader& model, ModelSection& section) {
  if (section.is_table()) {
    if (model.raw("engine") != nullptr) {
      model.error("engine", "a layer table has no math that an engine could run");
    }
    return;
  }
  section.choice.engine =
      model.choice("engine") == "fast" ? exec::MathEngine::fast : exec::MathEngine::reference;
}

void read_images(MapReader& input, const std::string& scenario, ModelChoice& choice) {
  choice.images = existing_file(input, "images", scenario);
  choice.divide = input.number("divide");
  if (input.has("labels")) {
    choice.labels = existing_file(input, "labels", scenario);
  } else {
    input.raw("labels");
  }
  input.raw("random");
}

/// Reads the number of drawn inputs. A key that needs `images` is an error.
void read_random(MapReader& input, ModelChoice& choice) {
  if (choice.math != ModelChoice::Math::off) {
    choice.random = input.integer("random");
  } else {
    input.raw("random");
  }
  input.raw("images");
  for (const char* key : {"labels", "divide"}) {
    if (input.raw(key) != nullptr) {
      input.error(key, "needs 'images'");
    }
  }
}

void read_input(MapReader& model, const std::string& scenario, ModelSection& section) {
  MapReader input = model.map("input");
  if (section.is_table()) {
    if (!input.keys().empty()) {
      model.error("input", "the first row of a layer table describes its input");
    }
    return;
  }
  if (input.has("wire")) {
    section.choice.wire = input.choice("wire") == "uint8" ? DataType::uint8 : DataType::float32;
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

/// Keeps the plan that one of several models may have.
void read_own_plan(MapReader& model, ModelSection& section) {
  if (model.path() != "model") {
    if (model.raw("plan") != nullptr) {
      section.plan = model.map("plan");
    }
  } else {
    model.reject("plan", "the plan of an only model is the scenario's 'plan': put it there");
  }
}

ModelSection read_model(MapReader& model, const ReadSoFar& so_far) {
  const std::string& path = so_far.scenario.path;
  ModelSection section;
  section.choice.section = model.path();
  read_source(model, path, so_far.registries, section);
  read_bindings(model, so_far.registries, section);
  read_fixed(model, section);
  read_math(model, section);
  read_engine(model, section);
  read_compression(model, so_far, section.is_table(), section.choice);
  read_input(model, path, section);
  read_own_plan(model, section);
  model.done();
  return section;
}

/// Adds the only model, or one of several. The times of tiers come from tables for all models, or
/// for none.
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
        {model.place(""), model.path() + ": either all models are layer tables, or none is"});
  }
  choices.push_back(std::move(section.choice));
  choices.back().name = name;
}

}  // namespace

constinit const KeyTable kModelKeys{
    .doc = "The network, the inputs of its real math, and what computes that.",
    .keys = kModel,
    .title = "Model",
    .exactly_one = "zoo, onnx, layers"};
constinit const KeyTable kModelsKeys{
    .doc =
        "Several models by name, each planned by itself. All are networks, or all are layer "
        "tables.",
    .keys = kModels,
    .names_are_chosen = true,
    .names_are_plain = true};

void read_models(MapReader& top, ReadSoFar& so_far) {
  if (top.raw("models") == nullptr && top.raw("model") == nullptr && top.has("training")) {
    add_trained_model(top, so_far);
    return;
  }
  if (top.raw("models") == nullptr) {
    MapReader model = top.map("model", true);
    add_model(model, "", so_far);
    return;
  }
  if (top.raw("model") != nullptr) {
    top.error("models", "give 'model' or 'models', not both");
  }
  MapReader models = top.map("models");
  for (const std::string& name : models.names("model")) {
    MapReader model = models.map(name);
    add_model(model, name, so_far);
  }
  if (models.keys().empty()) {
    so_far.scenario.models.push_back({.section = "models"});  // Any name may mean it.
    so_far.own_plans.emplace_back();
    if (models.present()) {
      top.error("models", "expected at least one");
    }
  }
}

}  // namespace offcut::scenario
