#include "models/base/parameters.h"

namespace offcut {

Parameters defaults(const std::vector<ParameterSpec>& specs) {
  Parameters values;
  for (const ParameterSpec& spec : specs) {
    if (spec.is_text) {
      values.set(spec.name, spec.one_of.empty() ? std::string() : spec.one_of.front());
    } else if (spec.is_list) {
      values.set(spec.name, std::vector<double>());
    } else {
      values.set(spec.name, spec.fallback.value_or(0));
    }
  }
  return values;
}

}  // namespace offcut
