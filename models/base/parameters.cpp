#include "models/base/parameters.h"

#include <stdexcept>

#include "models/base/error.h"

namespace offcut {
namespace {

template <class Value>
const Value& find_parameter(const std::map<std::string, Value>& values, const std::string& type,
                            const std::string& name) {
  const auto it = values.find(name);
  if (it == values.end()) {
    std::vector<std::string> names;
    for (const auto& [declared, value] : values) {
      names.push_back(declared);
    }
    throw std::out_of_range("there is no parameter " + in_quotes(name) + " of type " + type +
                            suggestion(name, names));
  }
  return it->second;
}

}  // namespace

double Parameters::at(const std::string& name) const {
  return find_parameter(values_, "number", name);
}

const std::string& Parameters::text(const std::string& name) const {
  return find_parameter(texts_, "text", name);
}

const std::vector<double>& Parameters::list(const std::string& name) const {
  return find_parameter(lists_, "list", name);
}

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
