#include "sim/experiment/model_cache.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace offcut::experiment {
namespace {

/// Returns a text that is equal for equal models. The weights of a network of the zoo are drawn
/// from the seed.
std::string key_of(const scenario::ModelChoice& model, std::uint64_t seed) {
  const bool is_drawn = model.source == scenario::ModelChoice::Source::zoo;
  std::string key = fmt::format("{} {} {} {} {}", static_cast<int>(model.source), model.source_name,
                                model.bind, model.fix, is_drawn ? seed : 0);
  if (!model.passes.empty()) {  // They may draw from the seed, and read the inputs of the math.
    key += fmt::format(" {} {} {} {} {} {}", seed, model.calibrate_on, model.images, model.labels,
                       model.divide, model.random);
  }
  for (const compress::ChosenPass& chosen : model.passes) {
    key += " " + chosen.text;
  }
  return key;
}

}  // namespace

Graph ModelCache::load(const scenario::ModelChoice& model, const scenario::Registries& registries,
                       std::uint64_t seed, LayerColumns& columns) {
  const std::string key = key_of(model, seed);
  auto found = loaded_.find(key);
  if (found == loaded_.end()) {
    LayerColumns own;
    Graph graph = load_model(model, registries, seed, own);
    found = loaded_.emplace(key, Loaded{std::move(graph), std::move(own)}).first;
  }
  columns = found->second.columns;
  return found->second.graph;
}

std::shared_ptr<runtime::StudyMemory> ModelCache::study_memory(const scenario::ModelChoice& model,
                                                               std::uint64_t seed) {
  const std::string key =
      fmt::format("{} {} {} {} {} {} {} {} {}", key_of(model, seed), model.images, model.labels,
                  model.random, seed, model.divide, static_cast<int>(model.engine),
                  static_cast<int>(model.math), model.samples);
  std::shared_ptr<runtime::StudyMemory>& memory = studies_[key];
  if (memory == nullptr) {
    memory = std::make_shared<runtime::StudyMemory>();
  }
  return memory;
}

std::string math_key(const scenario::ModelChoice& model, std::uint64_t seed,
                     const partition::Plan& plan) {
  const bool draws_inputs = model.images.empty();
  return fmt::format("{} {} {} {} {} {} {} {} {} {}", key_of(model, seed), model.images,
                     draws_inputs ? model.random : 0, draws_inputs ? seed : 0, model.divide,
                     static_cast<int>(model.engine), plan.tier_of, plan.codecs,
                     model.plan.exits.empty(), model.wire ? to_text(*model.wire) : "");
}

}  // namespace offcut::experiment
