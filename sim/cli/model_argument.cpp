#include "sim/cli/model_argument.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <filesystem>

#include "models/base/comma_list.h"
#include "sim/experiment/load_model.h"

namespace offcut::cli {
namespace {

constexpr std::int64_t kLargestExtent = 1'000'000'000;

/// Adds one NAME=N. The name may contain a '='.
void parse_binding(const std::string& text, Bindings& bindings,
                   std::vector<Diagnostic>& diagnostics) {
  const std::size_t equals = text.rfind('=');
  const auto note = [&](std::string message) {
    diagnostics.push_back({{"--bind " + shortened(text)}, std::move(message)});
  };
  if (equals == std::string::npos || equals == 0) {
    note("expected NAME=N such as batch=1");
    return;
  }
  const std::string number = text.substr(equals + 1);
  std::int64_t extent = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), extent);
  if (error != std::errc() || end != number.data() + number.size() || extent < 1 ||
      extent > kLargestExtent) {
    note(fmt::format("expected a whole number from 1 to {}, got {}", kLargestExtent,
                     in_quotes(number)));
  } else if (!bindings.emplace(text.substr(0, equals), extent).second) {
    note(fmt::format("dimension {} is bound twice", in_quotes(text.substr(0, equals))));
  }
}

/// Adds one NAME=VALUE. The name may contain a '='.
void parse_fixed_value(const std::string& text, std::map<std::string, double>& fixed,
                       std::vector<Diagnostic>& diagnostics) {
  const std::size_t equals = text.rfind('=');
  const auto note = [&](std::string message) {
    diagnostics.push_back({{"--fix " + shortened(text)}, std::move(message)});
  };
  if (equals == std::string::npos || equals == 0) {
    note("expected NAME=VALUE such as sr=16000");
    return;
  }
  const std::string number = text.substr(equals + 1);
  double value = number == "true" ? 1 : 0;
  if (number != "true" && number != "false") {
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error != std::errc() || end != number.data() + number.size() || !std::isfinite(value)) {
      note(fmt::format("expected a number, true or false, got {}", in_quotes(number)));
      return;
    }
  }
  if (!fixed.emplace(text.substr(0, equals), value).second) {
    note(fmt::format("input {} is fixed twice", in_quotes(text.substr(0, equals))));
  }
}

/// Calls add(part, diagnostics) for each part between commas; throws InputError with all errors.
template <class Add>
void for_each_part(const std::vector<std::string>& texts, Add add) {
  std::vector<Diagnostic> diagnostics;
  for (const std::string& text : texts) {
    for (const std::string& part : comma_list(text)) {
      add(part, diagnostics);
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

/// Returns what was expected in place of a model that does not exist: for the name of a built-in
/// network, the network itself.
std::string expected_model(const std::string& model, const scenario::Registries& registries) {
  const std::filesystem::path path(model);
  const bool is_name =
      !path.has_parent_path() && path.extension() != ".onnx" && path.extension() != ".csv";
  const std::string network = nearest(model, registries.networks.names());
  return is_name && !network.empty() ? fmt::format("did you mean 'zoo:{}'?", network)
                                     : "expected zoo:NAME, an ONNX file or a layer table (.csv)";
}

}  // namespace

Bindings parse_bindings(const std::vector<std::string>& texts) {
  Bindings bindings;
  for_each_part(texts, [&](const std::string& part, std::vector<Diagnostic>& diagnostics) {
    parse_binding(part, bindings, diagnostics);
  });
  return bindings;
}

std::map<std::string, double> parse_fixed(const std::vector<std::string>& texts) {
  std::map<std::string, double> fixed;
  for_each_part(texts, [&](const std::string& part, std::vector<Diagnostic>& diagnostics) {
    parse_fixed_value(part, fixed, diagnostics);
  });
  return fixed;
}

scenario::ModelChoice choice_of(const ModelArgument& argument,
                                const scenario::Registries& registries) {
  const std::string& model = argument.model;
  const Bindings bind = parse_bindings(argument.bind);
  const std::map<std::string, double> fixed = parse_fixed(argument.fix);
  const std::string prefix = "zoo:";
  const bool is_zoo = model.starts_with(prefix);
  const bool table = !is_zoo && std::filesystem::path(model).extension() == ".csv";
  if (is_zoo) {
    const std::string name = model.substr(prefix.size());
    if (registries.networks.find(name) == nullptr) {
      throw InputError({model}, fmt::format("unknown network '{}'{}", name,
                                            suggestion(name, registries.networks.names())));
    }
  } else if (!std::filesystem::exists(model)) {
    throw InputError({model}, "does not exist; " + expected_model(model, registries));
  }
  if (!bind.empty() && table) {
    throw InputError({"--bind " + shortened(argument.bind.front())},
                     "a layer table has no dimensions to bind");
  }
  if (is_zoo) {
    const zoo::Network& network = *registries.networks.find(model.substr(prefix.size()));
    if (const std::string error = zoo::binding_error(network, bind); !error.empty()) {
      throw InputError({"--bind " + shortened(argument.bind.front())}, error);
    }
  }
  if (!fixed.empty() && (is_zoo || table)) {
    throw InputError({"--fix " + shortened(argument.fix.front())},
                     "only an ONNX model has inputs to fix");
  }
  return {.source = is_zoo  ? scenario::ModelChoice::Source::zoo
                    : table ? scenario::ModelChoice::Source::layers
                            : scenario::ModelChoice::Source::onnx,
          .source_name = is_zoo ? model.substr(prefix.size()) : model,
          .bind = bind,
          .fix = fixed};
}

Graph load_math(const ModelArgument& argument, const scenario::Registries& registries) {
  const scenario::ModelChoice choice = choice_of(argument, registries);
  if (choice.source == scenario::ModelChoice::Source::layers) {
    throw InputError({argument.model},
                     "is a layer table, which has no math; expected zoo:NAME or "
                     "an ONNX file");
  }
  experiment::LayerColumns unused;
  return experiment::load_model(choice, registries, 1, unused);
}

}  // namespace offcut::cli
