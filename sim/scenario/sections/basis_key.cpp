#include "sim/scenario/sections/basis_key.h"

namespace offcut::scenario {

Basis read_basis(MapReader& reader, Basis derived) {
  if (reader.raw("basis") == nullptr) {
    reader.resolved().add("basis", YamlNode::scalar(std::string(to_text(derived))));
    return derived;
  }
  const std::optional<std::string> name = reader.choice("basis");
  return name ? basis_named(*name) : derived;
}

}  // namespace offcut::scenario
