// Draws a plan as a Graphviz digraph: the layers of each tier in one colour, and each tensor that
// crosses, or comes back, as a note between its producer and its readers.

#include "partition/drawing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace offcut::partition {
namespace {

// ColorBrewer's Pastel1: most people with a colour vision deficiency can tell these colours apart,
// and black text is legible on them.
constexpr std::array kColours = {"#ccebc5", "#b3cde3", "#fbb4ae", "#decbe4", "#fed9a6", "#ffffcc"};

/// Returns a string of the DOT language, where a backslash escapes quotes.
std::string dot_string(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' || c == '\\' ? "\\" : "";
    quoted += c;
  }
  return quoted + "\"";
}

class Drawing {
 public:
  Drawing(const CostTable& costs, const Assignment& tier_of) : costs_(costs), tier_of_(tier_of) {}

  std::string text() {
    draw_layers();
    for (std::size_t i = 0; i < costs_.tensors.size(); ++i) {
      draw_tensor(i);
    }
    return "digraph plan {\n  node [shape=box, style=\"filled,rounded\", fontname=Helvetica];\n"
           "  edge [fontname=Helvetica];\n" +
           text_ + "}\n";
  }

 private:
  void draw_layers() {
    for (std::size_t tier = 0; tier < costs_.tier_count(); ++tier) {
      const char* colour = kColours.at(tier % kColours.size());
      text_ +=
          fmt::format("  tier{} [label={}, shape=plaintext, style=filled, fillcolor=\"{}\"];\n",
                      tier, dot_string(costs_.tiers[tier]), colour);
      for (LayerId layer = 0; layer < costs_.layer_count(); ++layer) {
        if (tier_of_[layer] == tier) {
          text_ += fmt::format("  layer{} [label={}, fillcolor=\"{}\"];\n", layer,
                               dot_string(costs_.layers[layer]), colour);
        }
      }
    }
  }

  void draw_note(const std::string& node, const CrossingTensor& tensor, Bytes bytes) {
    text_ += fmt::format("  {} [label={}, shape=note, style=\"\"];\n", node,
                         dot_string(tensor.name + ", " + to_readable(bytes)));
  }

  /// Draws the tensor's way from its producer to each reader.
  void draw_tensor(std::size_t i) {
    const CrossingTensor& tensor = costs_.tensors[i];
    const std::size_t home = tensor.producer ? tier_of_[*tensor.producer] : 0;
    const std::string maker =
        tensor.producer ? fmt::format("layer{}", *tensor.producer) : fmt::format("input{}", i);
    if (!tensor.producer) {
      text_ += fmt::format("  {} [label={}, shape=ellipse, fillcolor=\"{}\"];\n", maker,
                           dot_string(tensor.name), kColours.front());
    }
    const auto crosses = [&](LayerId reader) { return tier_of_[reader] > home; };
    const auto comes_back = [&](LayerId reader) { return tier_of_[reader] < home; };
    const auto& readers = tensor.consumers;
    const std::string note = fmt::format("tensor{}", i);
    if (std::any_of(readers.begin(), readers.end(), crosses)) {
      draw_note(note, tensor, tensor.outward_bytes());
      text_ += fmt::format("  {} -> {} [style=bold, arrowhead=none];\n", maker, note);
    }
    for (const LayerId reader : readers) {
      if (!comes_back(reader)) {
        text_ += fmt::format("  {} -> layer{}{};\n", crosses(reader) ? note : maker, reader,
                             crosses(reader) ? " [style=bold]" : "");
      }
    }
    draw_answer(i, home, maker);
  }

  /// Draws the way back to the device, of outputs and of tensors that the tail reads.
  void draw_answer(std::size_t i, std::size_t home, const std::string& maker) {
    const CrossingTensor& tensor = costs_.tensors[i];
    const std::string note = fmt::format("answer{}", i);
    const bool is_away = home > 0;
    const auto comes_back = [&](LayerId reader) { return tier_of_[reader] < home; };
    const bool is_read_there =
        std::any_of(tensor.consumers.begin(), tensor.consumers.end(), comes_back);
    if (!tensor.is_output && !is_read_there) {
      return;
    }
    if (is_away) {
      draw_note(note, tensor, tensor.bytes);
    } else {
      text_ += fmt::format("  {} [label={}, shape=ellipse, fillcolor=\"{}\"];\n", note,
                           dot_string(tensor.name), kColours.front());
    }
    text_ += fmt::format("  {} -> {}{};\n", maker, note, is_away ? " [style=dashed]" : "");
    for (const LayerId reader : tensor.consumers) {
      if (comes_back(reader)) {
        text_ += fmt::format("  {} -> layer{} [style=dashed];\n", note, reader);
      }
    }
  }

  const CostTable& costs_;
  const Assignment& tier_of_;
  std::string text_;
};

}  // namespace

std::string draw_plan(const CostTable& costs, const Assignment& tier_of) {
  return Drawing(costs, tier_of).text();
}

}  // namespace offcut::partition
