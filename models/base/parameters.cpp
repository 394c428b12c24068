#include "models/base/parameters.h"

namespace offcut {

Parameters defaults(const std::vector<ParameterSpec>& specs) {
  Parameters values;
  for (const ParameterSpec& spec : specs) {
    values.set(spec.name, spec.fallback.value());
  }
  return values;
}

}  // namespace offcut
