// Finds the parameters that stand as keys beside the name of an entry of a registry.

#include "sim/scenario/parameter_keys.h"

namespace offcut::scenario {

bool are_keys(const KeySpec& spec) { return spec.registry != "codecs"; }

std::vector<ParameterOwner> owners_in(std::string_view registry, const Registries& registries) {
  std::vector<ParameterOwner> owners;
  registries.visit(registry, [&](const auto& entries) {
    for (const auto& [name, entry] : entries) {
      if constexpr (requires { entry.parameters; }) {
        if (!entry.parameters.empty()) {
          owners.push_back({name, &entry.parameters});
        }
      }
    }
  });
  return owners;
}

std::vector<ParameterOwner> owners_of(const KeySpec& spec, const Registries& registries) {
  if (are_keys(spec) && (spec.below != nullptr || spec.lists != Lists::none)) {
    return {};
  }
  return owners_in(spec.registry, registries);
}

bool is_required(const ParameterSpec& spec) {
  return !spec.fallback && (!spec.is_list || spec.is_text) && spec.one_of.empty() &&
         spec.instead_of.empty() && spec.absent.empty();
}

}  // namespace offcut::scenario
