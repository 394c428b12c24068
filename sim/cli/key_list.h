#pragma once

#include <string>
#include <vector>

#include "sim/scenario/key_texts.h"

namespace offcut::cli {

/// For the terminal, in lines of at most 80 characters where words allow it.
std::string keys_text(const std::vector<scenario::KeyBlock>& blocks);

/// The same as sections of a Markdown document: docs/scenarios.md has them between its markers.
std::string keys_markdown(const std::vector<scenario::KeyBlock>& blocks);

}  // namespace offcut::cli
