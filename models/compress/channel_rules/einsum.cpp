// Einsum: axes under the same letter are one axis. Letters that the result lacks are summed over.
#include <map>

#include "models/compress/channel_rule.h"

namespace offcut::compress {
namespace {

void tie_einsum(LayerAxes& axes) {
  std::string equation;
  for (const char c : axes.layer().attributes.text("equation", "")) {
    if (c != ' ') {
      equation += c;
    }
  }
  const std::size_t arrow = equation.find("->");
  if (arrow == std::string::npos || equation.find('.') != std::string::npos) {
    return;
  }
  std::map<char, Axis> axis_of;
  std::size_t axis = 0;
  for (const char c : equation.substr(arrow + 2)) {
    axis_of.emplace(c, axes.out(0, axis++));
  }
  std::size_t input = 0;
  axis = 0;
  for (const char c : equation.substr(0, arrow)) {
    if (c == ',') {
      ++input;
      axis = 0;
      continue;
    }
    const Axis here = axes.in(input, axis++);
    const bool summed = equation.find(c, arrow) == std::string::npos;
    const auto [known, is_new] = axis_of.emplace(c, here);
    if (!is_new) {
      summed ? axes.tie_summed(known->second, here) : axes.tie(known->second, here);
    }
  }
}

}  // namespace

void register_einsum(Registry<ChannelRule>& registry) {
  registry.add({.name = "einsum",
                .doc = "axes under the same letter",
                .operators = {"Einsum"},
                .tie = tie_einsum});
}

}  // namespace offcut::compress
