#pragma once

#include <string>
#include <vector>

#include "sim/scenario/key_texts.h"

namespace offcut::cli {

/// Returns all keys, or those at a path. Throws InputError if there is no such path.
std::vector<scenario::KeyBlock> key_blocks_of(const std::string& path,
                                              const scenario::Registries& registries);

/// Formats the keys for people, in lines as wide as text_columns() says where words allow it.
std::string keys_text(const std::vector<scenario::KeyBlock>& blocks);

/// The same as sections of a Markdown document: docs/scenarios.md has them between its markers.
std::string keys_markdown(const std::vector<scenario::KeyBlock>& blocks);

}  // namespace offcut::cli
