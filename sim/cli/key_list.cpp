// Shows the keys of scenarios: for the terminal, and as the tables of docs/scenarios.md. The texts
// come from the declarations by which the reader reads them.

#include "sim/cli/key_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "sim/cli/terminal.h"

namespace offcut::cli {
namespace {

using scenario::KeyBlock;
using scenario::KeyText;

constexpr std::size_t kLeastKeyWidth = 40;
constexpr const char* kDocument = "The document";  // The map without a path.

/// Returns the width of the lines on a terminal.
std::size_t line_width() { return std::max(text_columns(), kLeastKeyWidth); }

/// Breaks a text into lines of at most `width` columns where its words allow it, each after
/// `indent` blanks.
std::string paragraph(std::string_view text, std::size_t width, std::size_t indent) {
  return std::string(indent, ' ') + wrapped(text, width - indent, indent) + '\n';
}

std::string title_of(const KeyBlock& block) {
  return block.paths.front().empty() ? kDocument : block.paths.front();
}

/// The heading of a block: the map, or the title of its further keys.
std::string heading_of(const KeyBlock& block) {
  return block.title.empty() ? title_of(block) : block.title;
}

/// The other maps that have the keys.
std::vector<std::string> other_paths(const KeyBlock& block) {
  return {block.paths.begin() + 1, block.paths.end()};
}

// For the terminal.

std::string without_code(std::string text) {
  std::erase(text, '`');
  return text;
}

std::string key_lines(const KeyText& key, const std::string& name) {
  constexpr std::size_t kDeep = 6;
  std::string facts = key.type;
  facts += key.bounds.empty() ? "" : ", " + key.bounds;
  facts += (key.fallback.starts_with("required") ? "; " : "; default: ") + key.fallback;
  return fmt::format("{}{}\n{}{}{}", kIndent, name,
                     paragraph(without_code(facts), line_width(), kDeep),
                     paragraph(without_code(key.doc), line_width(), kDeep),
                     paragraph("Example: " + key.example, line_width(), kDeep));
}

std::string block_text(const KeyBlock& block) {
  std::string text =
      title_of(block) + (block.title.empty() ? "" : ", " + without_code(block.title));
  text += '\n';
  if (!block.doc.empty()) {
    text += paragraph(without_code(block.doc), line_width(), kIndent.size());
  }
  if (const auto others = other_paths(block); !others.empty()) {
    text += paragraph(fmt::format("Also in {}.", fmt::join(others, ", ")), line_width(),
                      kIndent.size());
  }
  for (const KeyText& key : block.keys) {
    text += '\n' + key_lines(key, key.owner.empty() ? key.name
                                                    : fmt::format("{} ({}: {})", key.name,
                                                                  block.owner, key.owner));
  }
  return text;
}

// As Markdown.

/// The anchor that GitHub gives a heading.
std::string anchor(std::string_view heading) {
  std::string anchor = "#";
  for (const char c : heading) {
    const auto code = static_cast<unsigned char>(c);
    if (std::isalnum(code) != 0 || c == '-' || c == '_') {
      anchor += static_cast<char>(std::tolower(code));
    } else if (c == ' ') {
      anchor += '-';
    }
  }
  return anchor;
}

std::string code_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", text);
  }
  return list;
}

std::string markdown_heading(const KeyBlock& block) {
  return block.title.empty() && !block.paths.front().empty()
             ? fmt::format("### `{}`", block.paths.front())
             : fmt::format("{} {}", block.title.empty() ? "###" : "####", heading_of(block));
}

/// Links to the blocks of other maps whose keys belong to this one, too.
std::string references(const std::vector<KeyBlock>& blocks, const std::string& path) {
  std::string links;
  for (const KeyBlock& block : blocks) {
    const auto others = other_paths(block);
    if (block.owner.empty() && std::find(others.begin(), others.end(), path) != others.end()) {
      links += fmt::format("{}[{}]({})", links.empty() ? "" : ", ", heading_of(block),
                           anchor(heading_of(block)));
    }
  }
  return links.empty() ? ""
                       : paragraph("It also has the keys of " + links + ".", kMarkdownWidth, 0);
}

std::string markdown_row(const KeyText& key, const std::string& anchor_below) {
  const std::string name = anchor_below.empty() ? fmt::format("`{}`", key.name)
                                                : fmt::format("[`{}`]({})", key.name, anchor_below);
  return fmt::format("| {}{} | {} | {} | {} | {} | `{}` |\n",
                     key.owner.empty() ? "" : fmt::format("`{}` | ", key.owner), name, key.type,
                     key.bounds, key.fallback, key.doc, key.example);
}

/// The anchor of the block with the keys below; empty if there is none.
std::string anchor_below(const std::vector<KeyBlock>& blocks, const KeyBlock& block,
                         const KeyText& key) {
  const std::string& above = block.paths.front();
  const std::string path = above.empty() ? key.name : above + "." + key.name;
  auto found = std::find_if(blocks.begin(), blocks.end(),
                            [&](const KeyBlock& other) { return other.paths.front() == path; });
  if (found == blocks.end()) {
    found = std::find_if(blocks.begin(), blocks.end(), [&](const KeyBlock& other) {
      return std::find(other.paths.begin(), other.paths.end(), path) != other.paths.end();
    });
  }
  return key.is_map && found != blocks.end() ? anchor(heading_of(*found)) : "";
}

std::string block_markdown(const std::vector<KeyBlock>& blocks, const KeyBlock& block) {
  std::string text = markdown_heading(block) + "\n\n" + paragraph(block.doc, kMarkdownWidth, 0);
  if (const auto others = other_paths(block); !others.empty()) {
    text += paragraph("Also in " + code_list(others) + ".", kMarkdownWidth, 0);
  }
  if (block.title.empty()) {
    text += references(blocks, block.paths.front());
  }
  text += fmt::format("\n| {}key | type | bounds | default | meaning | example |\n",
                      block.owner.empty() ? "" : fmt::format("`{}` | ", block.owner));
  text +=
      fmt::format("| {}--- | --- | --- | --- | --- | --- |\n", block.owner.empty() ? "" : "--- | ");
  for (const KeyText& key : block.keys) {
    text += markdown_row(key, anchor_below(blocks, block, key));
  }
  return text;
}

}  // namespace

std::vector<KeyBlock> key_blocks_of(const std::string& path,
                                    const scenario::Registries& registries) {
  try {
    return path.empty() ? scenario::key_blocks(registries)
                        : scenario::key_blocks_at(path, registries);
  } catch (const std::invalid_argument& error) {
    throw InputError({"offcut list keys"}, error.what());
  }
}

std::string keys_text(const std::vector<KeyBlock>& blocks) {
  std::string text;
  for (const KeyBlock& block : blocks) {
    text += (text.empty() ? "" : "\n") + block_text(block);
  }
  return text;
}

std::string keys_markdown(const std::vector<KeyBlock>& blocks) {
  std::string text;
  for (const KeyBlock& block : blocks) {
    text += (text.empty() ? "" : "\n") + block_markdown(blocks, block);
  }
  return text;
}

}  // namespace offcut::cli
