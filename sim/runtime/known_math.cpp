#include "sim/runtime/known_math.h"

#include <nlohmann/json.hpp>

namespace offcut::runtime {

using Json = nlohmann::json;

const InputMath* KnownMath::find(const std::string& key, std::size_t input) const {
  const auto of_key = known_.find(key);
  if (of_key == known_.end()) {
    return nullptr;
  }
  const auto found = of_key->second.find(input);
  return found == of_key->second.end() ? nullptr : &found->second;
}

void KnownMath::add(const std::string& key, std::size_t input, InputMath math) {
  if (known_[key].emplace(input, std::move(math)).second) {
    added_.emplace_back(key, input);
  }
}

std::string KnownMath::take_added() {
  if (added_.empty()) {
    return "";
  }
  Json all = Json::object();
  for (const auto& [key, input] : added_) {
    const InputMath& math = known_.at(key).at(input);
    Json readings = Json::array(), bytes = Json::array();
    for (const OutputReading& reading : math.readings) {
      readings.push_back({reading.predicted, reading.probability, reading.entropy});
    }
    for (const Bytes hop : math.up_bytes) {
      bytes.push_back(hop.si());
    }
    all[key].push_back({input, std::move(readings), std::move(bytes)});
  }
  added_.clear();
  return all.dump();
}

void KnownMath::merge(const std::string& added) {
  if (added.empty()) {
    return;
  }
  for (const auto& [key, inputs] : Json::parse(added).items()) {
    for (const Json& input : inputs) {
      InputMath math;
      for (const Json& reading : input.at(1)) {
        math.readings.push_back({reading.at(0), reading.at(1), reading.at(2)});
      }
      for (const Json& bytes : input.at(2)) {
        math.up_bytes.emplace_back(bytes.get<double>());
      }
      known_[key].emplace(input.at(0).get<std::size_t>(), std::move(math));
    }
  }
}

}  // namespace offcut::runtime
