// Keeps the values that shells offer with the options: as checks of CLI11 that accept everything.

#include "sim/cli/offers.h"

#include <algorithm>
#include <utility>

namespace offcut::cli {
namespace {

/// A check that accepts every value.
class OfferedValues : public CLI::Validator {
 public:
  explicit OfferedValues(std::string name)
      : Validator([](std::string& /*value*/) { return std::string(); }, "", std::move(name)) {}
};

constexpr char kSeparator = '\n';

std::string to_name(const Offer& offer) {
  std::string name = std::to_string(static_cast<int>(offer.source)) + kSeparator + offer.prefix;
  for (const std::string& word : offer.words) {
    name += kSeparator + word;
  }
  return name;
}

Offer from_name(const std::string& name) {
  std::vector<std::string> parts = CLI::detail::split(name, kSeparator);
  parts.resize(std::max<std::size_t>(parts.size(), 2));
  return {.source = static_cast<Offer::Source>(std::stoi(parts[0])),
          .words = {parts.begin() + 2, parts.end()},
          .prefix = parts[1]};
}

const Offer kBuiltIn = {.source = Offer::Source::list, .words = {"models"}, .prefix = "zoo:"};

/// A placeholder means the same in all commands.
std::vector<Offer> of_placeholder(const std::string& placeholder) {
  if (placeholder.ends_with("FILE")) {
    return {{.source = Offer::Source::files}};
  }
  if (placeholder == "DIR") {
    return {{.source = Offer::Source::folders}};
  }
  if (placeholder == "SCENARIO" || placeholder == "SIDE") {
    return {{.source = Offer::Source::files, .words = {".yaml", ".yml"}}};
  }
  if (placeholder == "RESULTS") {
    return {{.source = Offer::Source::files, .words = {".csv"}}};
  }
  if (placeholder == "MODEL") {
    return {kBuiltIn, {.source = Offer::Source::files, .words = {".onnx"}}};
  }
  if (placeholder == "DEVICE") {
    return {{.source = Offer::Source::list, .words = {"devices"}}};
  }
  if (placeholder == "FIGURE") {
    return {{.source = Offer::Source::figures}};
  }
  if (placeholder.starts_with("KEY=") || placeholder.starts_with("PATH=")) {
    return {{.source = Offer::Source::keys}};
  }
  return {};
}

}  // namespace

CLI::Option* offer(CLI::Option* option, Offer offer) {
  return option->check(OfferedValues(to_name(offer)));
}

CLI::Option* offer_choices(CLI::Option* option, std::vector<std::string> words) {
  return offer(option, {.source = Offer::Source::choices, .words = std::move(words)});
}

CLI::Option* offer_list(CLI::Option* option, const std::string& kind) {
  return offer(option, {.source = Offer::Source::list, .words = {kind}});
}

CLI::Option* offer_files(CLI::Option* option, std::vector<std::string> endings) {
  return offer(option, {.source = Offer::Source::files, .words = std::move(endings)});
}

CLI::Option* offer_models(CLI::Option* option, std::vector<std::string> endings) {
  offer(option, kBuiltIn);
  return offer_files(option, std::move(endings));
}

std::vector<Offer> offers_of(CLI::Option* option) {
  std::vector<Offer> offers;
  try {
    for (int i = 0;; ++i) {
      offers.push_back(from_name(option->get_validator(i)->get_name()));
    }
  } catch (const CLI::OptionNotFound&) {  // There are no more.
  }
  if (!offers.empty()) {
    return offers;
  }
  return of_placeholder(option->get_positional() ? option->get_name(true)
                                                 : option->get_type_name());
}

}  // namespace offcut::cli
