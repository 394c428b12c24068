// Writes policies back into the form in which a scenario has them, and for people.

#include "sim/scenario/policy_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace offcut::scenario {
namespace {

constexpr const char* kFifo = "fifo";

/// Returns the parameter's values, each as `format` writes it.
template <class Format>
std::vector<std::string> values_of(const ParameterSpec& spec, const Parameters& parameters,
                                   Format format) {
  if (spec.is_text) {
    return {parameters.text(spec.name)};
  }
  const std::vector<double> numbers =
      spec.is_list ? parameters.list(spec.name) : std::vector{parameters.at(spec.name)};
  std::vector<std::string> texts;
  for (const double number : numbers) {
    texts.push_back(format(number, spec.dimension));
  }
  return texts;
}

YamlNode value_node(const ParameterSpec& spec, const Parameters& parameters) {
  YamlNode list{.kind = YamlNode::Kind::sequence};
  for (std::string& text :
       values_of(spec, parameters, [](double si, Dimension d) { return to_text(si, d); })) {
    list.items.push_back(YamlNode::scalar(std::move(text)));
  }
  return spec.is_list ? list : list.items.front();
}

}  // namespace

template <class Kind>
YamlNode policy_node(const scheduling::Choice<Kind>& choice, const std::string& none) {
  if (!choice || choice.kind->parameters.empty()) {
    return YamlNode::scalar(choice ? choice.kind->name : none);
  }
  YamlNode map{.kind = YamlNode::Kind::map};
  map.add("policy", YamlNode::scalar(choice.kind->name));
  for (const ParameterSpec& spec : choice.kind->parameters) {
    map.add(spec.name, value_node(spec, choice.parameters));
  }
  return map;
}

template <class Kind>
std::string policy_text(const scheduling::Choice<Kind>& choice, const std::string& none) {
  if (!choice) {
    return none;
  }
  std::vector<std::string> values;
  for (const ParameterSpec& spec : choice.kind->parameters) {
    const std::vector<std::string> texts =
        values_of(spec, choice.parameters, [](double si, Dimension d) {
          return d == Dimension::number ? fmt::format("{:g}", si) : to_readable(si, d);
        });
    if (!texts.empty()) {
      values.push_back(fmt::format("{} {}", spec.name, fmt::join(texts, " ")));
    }
  }
  return values.empty() ? choice.kind->name
                        : fmt::format("{} ({})", choice.kind->name, fmt::join(values, ", "));
}

template YamlNode policy_node(const scheduling::Choice<scheduling::QueueKind>&, const std::string&);
template YamlNode policy_node(const scheduling::Choice<scheduling::BatchingKind>&,
                              const std::string&);
template YamlNode policy_node(const scheduling::Choice<scheduling::DispatchKind>&,
                              const std::string&);
template YamlNode policy_node(const scheduling::Choice<scheduling::AdmissionKind>&,
                              const std::string&);
template std::string policy_text(const scheduling::Choice<scheduling::QueueKind>&,
                                 const std::string&);
template std::string policy_text(const scheduling::Choice<scheduling::BatchingKind>&,
                                 const std::string&);
template std::string policy_text(const scheduling::Choice<scheduling::DispatchKind>&,
                                 const std::string&);
template std::string policy_text(const scheduling::Choice<scheduling::AdmissionKind>&,
                                 const std::string&);

YamlNode policies_node(const scheduling::Scheduling& policies) {
  YamlNode map{.kind = YamlNode::Kind::map};
  map.add("queue", policy_node(policies.queue, kFifo));
  map.add("batch", policy_node(policies.batching));
  map.add("dispatch", policy_node(policies.dispatch));
  map.add("admission", policy_node(policies.admission, "all"));
  return map;
}

std::string policies_text(const scheduling::Scheduling& policies) {
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const auto& choice) {
    if (choice && choice.kind->name != kFifo) {
      parts.push_back(fmt::format("{} {}", name, policy_text(choice)));
    }
  };
  add("queue", policies.queue);
  add("batch", policies.batching);
  add("dispatch", policies.dispatch);
  add("admission", policies.admission);
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace offcut::scenario
